"""The ground: altitude at nodes of latitude and longitude, bilinear between them."""

import math
from typing import Any, NamedTuple

import numpy.typing as npt

from closedsky.physics.jit import kernel


class Ground(NamedTuple):
    """Altitude at nodes, as the kernels take it.

    `grid[row, column]` in m above mean sea level: row 0 is northernmost, its nodes at latitude `north_rad`, each further row
    `south_step_rad` to the south; nodes of column 0 are at longitude `west_rad`, each further column `east_step_rad` to the east.
    """

    grid: npt.NDArray[Any]
    north_rad: float
    west_rad: float
    south_step_rad: float
    east_step_rad: float


@kernel
def bilinear(ground: Ground, lat_rad: float, lon_rad: float) -> float:
    """Altitude of the ground in m at a point in rad, bilinear between the four nodes round it.

    Columns wrap when they span the circle. Beyond its outermost nodes the ground continues as at its edge; whether it covers the point
    is the caller's to check.
    """
    row, column = place(ground, lat_rad, lon_rad)
    return between(ground, row, column)


@kernel
def place(ground: Ground, lat_rad: float, lon_rad: float) -> tuple[float, float]:
    """Row and column of a point, in fractions: any number, and within half a circle of the middle column."""
    # Longitudes are counted from the middle column, so that a grid across the date line is one piece.
    circle = 2.0 * math.pi / ground.east_step_rad
    middle = 0.5 * (ground.grid.shape[1] - 1)
    turned = (lon_rad - ground.west_rad) / ground.east_step_rad - middle
    return (ground.north_rad - lat_rad) / ground.south_step_rad, middle + turned - circle * math.floor(turned / circle + 0.5)


@kernel
def between(ground: Ground, row: float, column: float) -> float:
    """Altitude of the ground in m between nodes, by row and column as `place` gives them."""
    grid = ground.grid
    rows, columns = grid.shape
    row = min(max(row, 0.0), rows - 1.0)
    upper = int(row)
    lower = min(upper + 1, rows - 1)
    if abs(columns - 2.0 * math.pi / ground.east_step_rad) < 0.5:
        left = int(math.floor(column))
        share = column - left
        left = (left + columns) % columns
        right = (left + 1) % columns
    else:
        column = min(max(column, 0.0), columns - 1.0)
        left = int(column)
        share = column - left
        right = min(left + 1, columns - 1)
    down = row - upper
    top_m = (1.0 - share) * float(grid[upper, left]) + share * float(grid[upper, right])
    bottom_m = (1.0 - share) * float(grid[lower, left]) + share * float(grid[lower, right])
    return float((1.0 - down) * top_m + down * bottom_m)
