"""The visibility floor of antennas over a grid: per antenna four sectors, each split into fans, distributed over threads."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION, WGS84
from closedsky.physics.floor import DOUBLINGS, LATTICE, Sector, Sight, floor_fan
from closedsky.physics.geodesy import sight_plane
from closedsky.threads import executor

Singles = npt.NDArray[np.float32]
Reals = npt.NDArray[np.float64]

_DENSITY = 0.6
"""Rays per node of the last line of a sector."""
_LEAST_RAYS = 96
"""Least number of rays of a sector at the antenna; range is interpolated linearly between two of them."""
_FAN = 768
"""Rays per fan: the part of a line that they touch stays in the processor's cache."""
_LEAST_FANS, _FANS_A_TURN = 12, 64.0
"""Least number of fans per sector, and number per radian of meridian convergence across it: in a narrow fan rays diverge evenly, as
`floor_fan` assumes.
"""
_PAST, _PAST_A_TURN = 4, 32.0
"""Number of rays by which a sector extends beyond its edges, and more per radian of meridian convergence: where lines are curved, two
sectors do not meet exactly at a node.
"""
_ON_NODE = 1e-4
"""An antenna closer than this to a line, in nodes, is taken to be on it, which avoids a first step of zero length."""


class Antenna(NamedTuple):
    """An antenna: latitude and longitude in rad, real row and column of the grid, height above ground in m."""

    lat_rad: float
    lon_rad: float
    row: float
    column: float
    height_m: float


def visibility_floor(
    grid: Singles,
    lat_rad: Reals,
    lon_rad: Reals,
    antennas: Sequence[Antenna],
    k: float = K_REFRACTION,
    reach_m: float = math.inf,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Singles:
    """Lowest altitude in line of sight of any of the antennas at each node, m above sea, never below the ground; NaN out of range.

    grid       altitude of the nodes, m above sea, (rows, columns); bilinear between them
    lat_rad    latitude of every `LATTICE`-th node, up to or past the last, rad; `lon_rad` longitude, continuous
    k          effective Earth radius factor
    reach_m    greatest ground range, m
    progress   called with the number of antennas done and their total

    Memory is that of the result, and with several antennas twice that of the terrain in range of one. The result does not depend on
    the number of threads.
    """
    lowest: Singles | None = None
    with executor(threads) as pool:
        for done, antenna in enumerate(antennas, 1):
            rows, columns, found = floor_in_reach(pool, grid, lat_rad, lon_rad, antenna, k, reach_m)
            if lowest is None and found.shape == grid.shape:
                lowest = found
            else:
                lowest = np.full(grid.shape, np.nan, np.float32) if lowest is None else lowest
                np.fmin(lowest[rows, columns], found, out=lowest[rows, columns])
            if progress is not None:
                progress(done, len(antennas))
    return np.full(grid.shape, np.nan, np.float32) if lowest is None else lowest


def floor_in_reach(
    pool: Executor, grid: Singles, lat_rad: Reals, lon_rad: Reals, antenna: Antenna, k: float, reach_m: float
) -> tuple[slice, slice, Singles]:
    """The floor of one antenna over the rows and columns in range, and these; arguments as of `visibility_floor`."""
    radius_m = k * EARTH_RADIUS_M
    east_m, north_m = np.empty_like(lat_rad), np.empty_like(lat_rad)
    sight_plane(lat_rad, lon_rad, antenna.lat_rad, antenna.lon_rad, k, WGS84, east_m, north_m)
    s_reach_m = radius_m * math.sin(min(reach_m / radius_m, 0.5 * math.pi))
    i, j = _in_reach(east_m, north_m, s_reach_m) if math.isfinite(reach_m) else (slice(None), slice(None))
    rows, columns = _nodes(i, grid.shape[0]), _nodes(j, grid.shape[1])
    ground = np.ascontiguousarray(grid[rows, columns])
    out = np.empty(ground.shape, np.float32)
    list(pool.map(lambda part: part.fill(np.nan), np.array_split(out, 16)))  # page faults are slow: in parallel
    row, column = (round(x) if abs(x - round(x)) < _ON_NODE else x for x in (antenna.row, antenna.column))
    row, column = row - rows.start, column - columns.start
    altitude_m = _bilinear(ground, row, column)[0] + antenna.height_m
    sight = Sight(altitude_m, radius_m, s_reach_m if math.isfinite(reach_m) else math.inf)
    west, east, north, south = _sectors(ground.shape, float(row), float(column), east_m[i, j], north_m[i, j])
    # Rounding may assign a node near a diagonal to the other sector: east and west overlap it, north and south are written last.
    for pair, past in (((west, east), True), ((north, south), False)):
        fans = [fan for sector in pair for fan in _fans(ground, out, sector, sight, antenna.lat_rad, past)]
        list(pool.map(lambda fan: fan(), fans))
    if row == int(row) and column == int(column):
        out[int(row), int(column)] = ground[int(row), int(column)]
    return rows, columns, out


def _in_reach(east_m: Reals, north_m: Reals, s_reach_m: float) -> tuple[slice, slice]:
    """Rows and columns of the lattice in range of the antenna, and one more on either side."""
    # A disc may pass between points of the lattice: it is enlarged by their distance on either side.
    apart_m = sum(np.hypot(np.diff(east_m, axis=axis), np.diff(north_m, axis=axis)).max(initial=0.0) for axis in (0, 1))
    near = east_m**2 + north_m**2 <= (s_reach_m + apart_m) ** 2
    closest = int(np.argmin(east_m**2 + north_m**2))
    near[np.unravel_index(closest, near.shape)] = True
    lattice_rows, lattice_columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
    return slice(max(lattice_rows[0] - 1, 0), lattice_rows[-1] + 2), slice(
        max(lattice_columns[0] - 1, 0), lattice_columns[-1] + 2
    )


def _nodes(lattice: slice, nodes: int) -> slice:
    """The nodes from the first to the last point of a part of the lattice, inclusive."""
    start = (lattice.start or 0) * LATTICE
    return slice(start, nodes if lattice.stop is None else min(nodes, (lattice.stop - 1) * LATTICE + 1))


def _sectors(shape: tuple[int, ...], row: float, column: float, east_m: Reals, north_m: Reals) -> list[Sector]:
    """The sides of the grid as seen from an antenna: west, east, north, south.

    Lattice points are transformed from metres east and north to the local rows and columns at the antenna.
    """
    rows, columns = shape
    east_m, east_row_m, east_column_m = _from_antenna(row, column, east_m)
    north_m, north_row_m, north_column_m = _from_antenna(row, column, north_m)
    area = east_row_m * north_column_m - east_column_m * north_row_m
    down = (east_m * north_column_m - north_m * east_column_m) / area
    right = (north_m * east_row_m - east_m * north_row_m) / area
    rr = east_row_m**2 + north_row_m**2
    rc = east_row_m * east_column_m + north_row_m * north_column_m
    cc = east_column_m**2 + north_column_m**2
    down_t, right_t = np.ascontiguousarray(down.T), np.ascontiguousarray(right.T)
    sides = []
    for onward in (-1, 1):
        along, reach = onward * right_t, _slopes(onward * right_t, down_t, rows, onward)
        sides.append(
            Sector(columns, rows, 1, columns, column, row, int(row), onward, along, down_t, (cc, onward * rc, rr), *reach)
        )
    for onward in (-1, 1):
        along, reach = onward * down, _slopes(onward * down, right, columns, onward)
        sides.append(
            Sector(rows, columns, columns, 1, row, column, int(column), onward, along, right, (rr, onward * rc, cc), *reach)
        )
    return sides


def _slopes(along: Reals, across: Reals, nodes: int, onward: int) -> tuple[Reals, Reals]:
    """Least and greatest slope of a ray that cuts a line of the lattice, or a later line of the sweep, within its nodes."""
    at = (nodes - 1) / LATTICE
    j = min(int(at), along.shape[1] - 2)
    ends = [(z[:, 0], z[:, j] + (at - j) * (z[:, j + 1] - z[:, j])) for z in (across, along)]
    with np.errstate(divide="ignore", invalid="ignore"):
        first, last = (np.where(u > 0.0, v / u, sign * np.inf) for v, u, sign in zip(*ends, (-1.0, 1.0), strict=True))
    step = -onward
    least, most = np.minimum.accumulate(first[::step])[::step], np.maximum.accumulate(last[::step])[::step]
    return np.ascontiguousarray(least), np.ascontiguousarray(most)


def _from_antenna(row: float, column: float, metres: Reals) -> tuple[Reals, float, float]:
    """A coordinate of the lattice relative to the antenna, and its derivatives by row and column there: bilinear."""
    here, per_row, per_column = _bilinear(metres, row / LATTICE, column / LATTICE)
    return metres - here, per_row / LATTICE, per_column / LATTICE


def _bilinear(values: Singles | Reals, row: float, column: float) -> tuple[float, float, float]:
    """A bilinear value between nodes, and its derivatives by row and column."""
    i, j = min(int(row), values.shape[0] - 2), min(int(column), values.shape[1] - 2)
    down, right = row - i, column - j
    (a, b), (c, d) = values[i : i + 2, j : j + 2].astype(float).tolist()
    here = (1.0 - down) * ((1.0 - right) * a + right * b) + down * ((1.0 - right) * c + right * d)
    return here, (1.0 - right) * (c - a) + right * (d - b), (1.0 - down) * (b - a) + down * (d - c)


def _fans(grid: Singles, out: Singles, sector: Sector, sight: Sight, lat_rad: float, past: bool) -> Iterator[Callable[[], None]]:
    """The work of a sector, in independent pieces; over its edges if it goes `past` them."""
    lines = math.ceil(sector.line) if sector.onward < 0 else sector.lines - 1 - math.floor(sector.line)
    if lines < 1:
        return
    steps = max(_LEAST_RAYS, math.ceil(2 * lines * _DENSITY / (1 << DOUBLINGS)))
    step = 2.0 / steps
    across_m = lines * math.sqrt(max(sector.metric[0], sector.metric[2]))
    turn = across_m / EARTH_RADIUS_M * abs(math.tan(min(abs(lat_rad), 1.55)))
    over = _PAST + math.ceil(_PAST_A_TURN * turn) if past else 0
    total = steps + 2 * over
    fans = min(max(_LEAST_FANS, round(total * (1 << DOUBLINGS) / _FAN), math.ceil(_FANS_A_TURN * turn)), total)
    edges = [round(f * total / fans) for f in range(fans + 1)]
    for f in range(fans):
        first = -1.0 + (edges[f] - over) * step
        rays = edges[f + 1] - edges[f] + 1
        yield partial(floor_fan, grid.reshape(-1), out.reshape(-1), sector, sight, first, step, rays, f == fans - 1)
