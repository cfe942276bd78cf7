"""Land or sea, and how far from the shore: points against closed lines on the sphere.

The lines enclose land; between two points a line is straight in latitude and longitude, and goes the shorter way around. The North
Pole lies outside. Distances are great-circle distances on the sphere of `constants.EARTH_RADIUS_M`, to the great circles between the
points; latitude is taken as if it were spherical: within 0.6 % of the ellipsoid's geodesics (as in `geodesy`).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.jit import kernel

TWO_PI = 2.0 * math.pi
BANDS = 720
"""Of longitude: a point is held against the edges of its own band alone."""
BLOCK = 32
"""Most edges that are passed over together when they are too far."""
TOGETHER = 15
"""Bits of the number of a cell: edges of one block lie in one cube of 1,024 / 2^(15 / 3) = 32 cells a side, 400 km."""
MARGIN_RAD = 1e-9
"""An edge is put into a neighbouring band too when it comes this near to it."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]


class Shore(NamedTuple):
    """Closed lines, and where to look in them.

    lat_rad, lon_rad   points, line after line
    unit               the same as unit vectors
    edges              first point of each edge, the next point being its end; those that lie together follow each other
    first, banded      edges by band of longitude: banded[first[b]:first[b + 1]] are those of band b
    start              blocks of edges: block b is edges[start[b]:start[b + 1]]
    middle, reach      of each block: a point, and how far from it, along a straight line, its edges go
    """

    lat_rad: Floats
    lon_rad: Floats
    unit: Floats
    edges: Places
    first: Places
    banded: Places
    start: Places
    middle: Floats
    reach: Floats


def shore(lines: Sequence[Floats]) -> Shore:
    """The shore that lines of points [latitude, longitude], rad, make; each line or all of them together closed."""
    points = np.concatenate(lines)
    lat, lon = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    ends = np.cumsum([len(line) for line in lines]) - 1
    edges = np.delete(np.arange(lat.size, dtype=np.int32), ends)
    cells = _cells(unit[edges])
    order = np.argsort(cells, kind="stable")
    edges, cells = edges[order], cells[order]
    first, banded = _bands(lon, edges)
    start, middle, reach = _blocks(unit, edges, cells)
    return Shore(lat, lon, unit, edges, first, banded, start, middle, reach)


def _cells(unit: Floats) -> npt.NDArray[np.int64]:
    """Cells of a cube of 1,024 a side, numbered so that neighbours mostly follow each other (Morton 1966): x, y and z bit by bit."""
    cells = ((unit + 1.0) * 511.5).astype(np.int64)
    bits = (cells[:, axis] >> bit & 1 for bit in range(10) for axis in range(3))
    return np.asarray(sum(bit << place for place, bit in enumerate(bits)))


def _bands(lon_rad: Floats, edges: Places) -> tuple[Places, Places]:
    start, turn = lon_rad[edges], lon_rad[edges + 1] - lon_rad[edges]
    turn -= TWO_PI * np.floor((turn + math.pi) / TWO_PI)
    west = start + np.minimum(turn, 0.0) - MARGIN_RAD
    low = np.floor((west + math.pi) / TWO_PI * BANDS).astype(np.int64)
    high = np.floor((west + np.abs(turn) + 2.0 * MARGIN_RAD + math.pi) / TWO_PI * BANDS).astype(np.int64)
    count = high - low + 1
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    band = (np.repeat(low, count) + step) % BANDS
    order = np.argsort(band, kind="stable")
    first = np.searchsorted(band[order], np.arange(BANDS + 1)).astype(np.int32)
    return first, np.repeat(np.arange(edges.size, dtype=np.int32), count)[order]


def _blocks(unit: Floats, edges: Places, cells: npt.NDArray[np.int64]) -> tuple[Places, Floats, Floats]:
    run = np.flatnonzero(np.diff(cells >> TOGETHER, prepend=-1))
    within = np.arange(edges.size) - np.repeat(run, np.diff(run, append=edges.size))
    start = np.flatnonzero(within % BLOCK == 0)
    size = np.diff(start, append=edges.size)
    first, last = unit[edges], unit[edges + 1]
    middle = np.add.reduceat(first + last, start) / (2.0 * size[:, None])
    around = np.repeat(middle, size, axis=0)
    away = np.maximum(np.linalg.norm(first - around, axis=1), np.linalg.norm(last - around, axis=1))
    # An arc's middle is 2 sin(θ/4) from its ends, at most 0.71 of their chord 2 sin(θ/2), and no point of it is farther from the nearer.
    reach = np.maximum.reduceat(away + 0.75 * np.linalg.norm(last - first, axis=1), start)
    return np.append(start, edges.size).astype(np.int32), middle, reach


@kernel
def _off(lon_rad: float, meridian_rad: float) -> float:
    """Longitude from a meridian, in [-π, π)."""
    east_rad = lon_rad - meridian_rad
    return east_rad - TWO_PI * math.floor((east_rad + math.pi) / TWO_PI)


@kernel
def on_land(coast: Shore, lat_rad: float, lon_rad: float) -> bool:
    """True where a point lies within the lines: its meridian crosses them an odd number of times between it and the North Pole.

    Any turn of longitude. An edge's northern crossing is by linear interpolation of latitude over longitude.
    """
    inside = False
    band = int(math.floor((_off(lon_rad, 0.0) + math.pi) / TWO_PI * BANDS)) % BANDS
    for i in range(coast.first[band], coast.first[band + 1]):
        start = coast.edges[coast.banded[i]]
        west_rad = _off(coast.lon_rad[start], lon_rad)
        east_rad = _off(coast.lon_rad[start + 1], lon_rad)
        if (west_rad < 0.0) == (east_rad < 0.0) or abs(west_rad - east_rad) > math.pi:
            continue  # not across this meridian, or across the opposite one
        share = west_rad / (west_rad - east_rad)
        if coast.lat_rad[start] + share * (coast.lat_rad[start + 1] - coast.lat_rad[start]) > lat_rad:
            inside = not inside
    return inside


@kernel
def _chord_to_edge(unit: Floats, start: int, x: float, y: float, z: float) -> float:
    """Chord from a unit vector to the nearest point of a great-circle arc between two neighbours of `unit`."""
    ax, ay, az = unit[start, 0], unit[start, 1], unit[start, 2]
    bx, by, bz = unit[start + 1, 0], unit[start + 1, 1], unit[start + 1, 2]
    nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    size = math.sqrt(nx * nx + ny * ny + nz * nz)
    if size > 0.0:
        after = (ny * az - nz * ay) * x + (nz * ax - nx * az) * y + (nx * ay - ny * ax) * z  # (n x a) . p
        before = (by * nz - bz * ny) * x + (bz * nx - bx * nz) * y + (bx * ny - by * nx) * z  # (b x n) . p
        if after > 0.0 and before > 0.0:
            sine: float = min(abs(nx * x + ny * y + nz * z) / size, 1.0)
            return sine * math.sqrt(2.0 / (1.0 + math.sqrt(1.0 - sine * sine)))
    to_a = (x - ax) ** 2 + (y - ay) ** 2 + (z - az) ** 2
    to_b = (x - bx) ** 2 + (y - by) ** 2 + (z - bz) ** 2
    return math.sqrt(min(to_a, to_b))


@kernel
def _nearest_in_block(coast: Shore, block: int, x: float, y: float, z: float) -> float:
    least = 2.0
    for i in range(coast.start[block], coast.start[block + 1]):
        least = min(least, _chord_to_edge(coast.unit, coast.edges[i], x, y, z))
    return least


@kernel
def coast_distance(coast: Shore, lat_rad: float, lon_rad: float) -> float:
    """Great-circle distance in m from a point, at sea or on land, to the nearest of the lines.

    A block whose middle lies farther, along a straight line, than its reach and the least chord found so far holds nothing nearer.
    """
    x = math.cos(lat_rad) * math.cos(lon_rad)
    y = math.cos(lat_rad) * math.sin(lon_rad)
    z = math.sin(lat_rad)
    blocks = coast.reach.size
    bound = np.empty(blocks)
    likely = 0
    for b in range(blocks):
        dx, dy, dz = x - coast.middle[b, 0], y - coast.middle[b, 1], z - coast.middle[b, 2]
        bound[b] = math.sqrt(dx * dx + dy * dy + dz * dz) - coast.reach[b]
        if bound[b] < bound[likely]:
            likely = b
    least = _nearest_in_block(coast, likely, x, y, z)
    for b in range(blocks):
        if bound[b] < least and b != likely:
            least = min(least, _nearest_in_block(coast, b, x, y, z))
    return 2.0 * EARTH_RADIUS_M * math.asin(min(0.5 * least, 1.0))


@kernel
def seaward(coast: Shore, lat_rad: Floats, lon_rad: Floats, out_m: Floats) -> None:
    """Distance in m to the shore of each point, into `out_m`: positive at sea, negative on land."""
    for i in range(lat_rad.size):
        away_m = coast_distance(coast, lat_rad[i], lon_rad[i])
        out_m[i] = -away_m if on_land(coast, lat_rad[i], lon_rad[i]) else away_m
