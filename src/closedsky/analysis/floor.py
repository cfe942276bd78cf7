"""The visibility floor of antennas over a grid: four sectors, cut into fans, shared among threads."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION, WGS84
from closedsky.physics.floor import LATTICE, Sector, Sight, floor_fan, sight_plane

Singles = npt.NDArray[np.float32]
Reals = npt.NDArray[np.float64]

DOUBLINGS = 3
DENSITY = 1.0
FAN = 512
"""Rays of a fan: what they touch of one line stays near the processor."""


def visibility_floor(
    grid: Singles,
    lat_rad: Reals,
    lon_rad: Reals,
    antenna: tuple[float, float, float, float],
    height_m: float,
    k: float = K_REFRACTION,
    reach_m: float = math.inf,
    threads: int | None = None,
) -> Singles:
    lat, lon, row, column = antenna
    east_m, north_m = np.empty_like(lat_rad), np.empty_like(lat_rad)
    sight_plane(lat_rad, lon_rad, lat, lon, k, WGS84, east_m, north_m)
    rows, columns = grid.shape
    r, c = min(int(row), rows - 2), min(int(column), columns - 2)
    a, b = row - r, column - c
    ground_m = float((1 - a) * ((1 - b) * grid[r, c] + b * grid[r, c + 1]) + a * ((1 - b) * grid[r + 1, c] + b * grid[r + 1, c + 1]))
    radius_m = k * EARTH_RADIUS_M
    s_reach_m = radius_m * math.sin(min(reach_m / radius_m, 0.5 * math.pi)) if math.isfinite(reach_m) else math.inf
    out = np.empty(grid.shape, np.float32) if math.isinf(reach_m) else np.full(grid.shape, np.nan, np.float32)
    flat, flat_out = grid.reshape(-1), out.reshape(-1)
    sectors = _sectors(grid.shape, row, column, east_m, north_m)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for pair in (sectors[:2], sectors[2:]):
            jobs = [job for sector in pair for job in _fans(sector, wide=pair is not None and pair[0] is sectors[0])]
            list(pool.map(lambda job: floor_fan(flat, flat_out, job[0], Sight(ground_m + height_m, radius_m, s_reach_m), *job[1:]), jobs))
    if row == int(row) and column == int(column):
        out[int(row), int(column)] = grid[int(row), int(column)]
    return out


def _sectors(shape, row, column, east_m, north_m):
    """West and east, then north and south."""
    rows, columns = shape
    i, j = min(int(row) // LATTICE, east_m.shape[0] - 2), min(int(column) // LATTICE, east_m.shape[1] - 2)
    a, b = row / LATTICE - i, column / LATTICE - j
    def at(z):
        return (1 - a) * ((1 - b) * z[i, j] + b * z[i, j + 1]) + a * ((1 - b) * z[i + 1, j] + b * z[i + 1, j + 1])
    east_m, north_m = east_m - at(east_m), north_m - at(north_m)
    def per_row(z):
        return ((1 - b) * (z[i + 1, j] - z[i, j]) + b * (z[i + 1, j + 1] - z[i, j + 1])) / LATTICE
    def per_column(z):
        return ((1 - a) * (z[i, j + 1] - z[i, j]) + a * (z[i + 1, j + 1] - z[i + 1, j])) / LATTICE
    er, nr, ec, nc = per_row(east_m), per_row(north_m), per_column(east_m), per_column(north_m)
    det = er * nc - ec * nr
    southward = (east_m * nc - north_m * ec) / det
    eastward = (north_m * er - east_m * nr) / det
    rr, rc, cc = er * er + nr * nr, er * ec + nr * nc, ec * ec + nc * nc
    out = []
    for onward in (-1, 1):
        out.append(Sector(columns, rows, 1, columns, column, row, int(row), onward, np.ascontiguousarray((onward * eastward).T), np.ascontiguousarray(southward.T), (cc, onward * rc, rr)))
    for onward in (-1, 1):
        out.append(Sector(rows, columns, columns, 1, row, column, int(column), onward, np.ascontiguousarray(onward * southward), eastward, (rr, onward * rc, cc)))
    return out


def _fans(sector, wide):
    lines = int(math.ceil(sector.line)) if sector.onward < 0 else sector.lines - 1 - int(math.floor(sector.line))
    if lines < 1:
        return
    total = max(2, math.ceil(2 * lines * DENSITY / (1 << DOUBLINGS)))
    step = 2.0 / total
    first = -1.0
    if wide:
        first -= step
        total += 2
    fans = max(16, round(total * (1 << DOUBLINGS) / FAN))
    fans = min(fans, total // 2)
    edges = [round(f * total / fans) for f in range(fans + 1)]
    for f in range(fans):
        yield sector, first + edges[f] * step, step, edges[f + 1] - edges[f] + 1, f == fans - 1
