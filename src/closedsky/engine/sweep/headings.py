"""Straight lines of cells over a map on any heading, and nested sets of headings.

On a heading that moves at least as far along one axis of the map as along the other, a line takes one cell on each step along the first
and the nearest whole cell along the second. Its shifts along the second axis share out all cells of the map, each once.
"""

import math
from functools import lru_cache

import numpy as np

from closedsky.engine.layout import Ints
from closedsky.engine.sweep.approach import Lines

COMPASS = 8
"""Headings along the rows, columns and diagonals of a map."""


def bearings(count: int, after: int = 0) -> list[float]:
    """`count` headings spread evenly around the compass, rad clockwise from north, without those of `after` headings, a divisor of it."""
    return [2.0 * math.pi * n / count for n in range(count) if after == 0 or n % (count // after)]


@lru_cache(maxsize=512)
def lines_on(bearing_rad: float, rows: int, columns: int) -> Lines:
    """The lines of a map of square cells, northernmost row first, on a heading, rad clockwise from north."""
    down, right = -math.cos(bearing_rad), math.sin(bearing_rad)
    upright = abs(down) > abs(right)
    (main, main_size, main_stride), (side, side_size, side_stride) = (
        (down, rows, columns), (right, columns, 1),
    ) if upright else ((right, columns, 1), (down, rows, columns))  # fmt: skip
    slope = min(abs(side / main), 1.0)
    shift = np.floor(slope * np.arange(main_size) + 0.5).astype(np.int64)
    ahead, aside = (stride if way > 0.0 else -stride for way, stride in ((main, main_stride), (side, side_stride)))
    corner = (0 if main > 0.0 else (main_size - 1) * main_stride) + (0 if side > 0.0 else (side_size - 1) * side_stride)
    begin = np.arange(-int(shift[-1]), side_size, dtype=np.int64)
    lead = np.searchsorted(shift, -begin)
    cells = np.searchsorted(shift, side_size - begin) - lead
    path: Ints = corner + ahead * np.arange(main_size, dtype=np.int64) + aside * shift
    return Lines(aside * begin, lead, cells, path, ahead, aside, slope if slope > 1e-9 else 0.0, columns)


def rows_inward(rows: int, columns: int) -> Lines:
    """The rows of a map as lines from their last cells to their first."""
    path = np.arange(columns - 1, -1, -1, dtype=np.int64)
    nought = np.zeros(rows, np.int64)
    return Lines(np.arange(rows, dtype=np.int64) * columns, nought, nought + columns, path, -1, columns, 0.0, columns)
