"""Coverage maps for the globe: equal-area cells resampled to a grid of latitude and longitude, deflated and in base64."""

import base64
import math
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.geo.cells import Cells, project

MOST_POINTS: Final = 3_000
"""Most rows or columns: a texture size that any graphics card supports."""
_M_A_DEGREE: Final = 111_195.0
_EVERY: Final = 16
_QUICK: Final = 1


@dataclass(frozen=True)
class Degrees:
    """A grid of latitude and longitude over the frame of cells, row 0 the northernmost.

    `cell` is the flat index of the cell at each point, -1 outside the frame; edges are in degrees.
    """

    west: float
    south: float
    east: float
    north: float
    cell: npt.NDArray[np.int32]

    def read(self, values: npt.NDArray[Any], outside: int) -> npt.NDArray[Any]:
        """Values of cells at the points; `outside` outside the frame."""
        return np.where(self.cell >= 0, values.ravel()[self.cell], np.asarray(outside, values.dtype))


def in_degrees(cells: Cells) -> Degrees:
    """The grid whose points are at most about a cell apart, or that has `MOST_POINTS` rows or columns."""
    south, north = _span(cells.lat_deg)
    west, east = _span(cells.lon_deg)
    widest = 0.0 if south < 0.0 < north else min(abs(south), abs(north))
    high, wide = cells.cell_m / _M_A_DEGREE, cells.cell_m / _M_A_DEGREE / math.cos(math.radians(widest))
    rows = min(math.ceil((north - south) / high) + 1, MOST_POINTS)
    columns = min(math.ceil((east - west) / wide) + 1, MOST_POINTS)
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    row, column = _rows_and_columns(cells, lat, lon)
    within = (row >= 0.0) & (row < cells.shape[0]) & (column >= 0.0) & (column < cells.shape[1])
    cell = row.astype(np.int32) * np.int32(cells.shape[1]) + column.astype(np.int32)
    return Degrees(west, south, east, north, np.where(within, cell, np.int32(-1)))


def packed(values: npt.NDArray[Any]) -> str:
    """An array as text: little-endian, deflated, in base64."""
    whole = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False))
    return base64.b64encode(zlib.compress(whole.tobytes(), _QUICK)).decode("ascii")


def _span(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Least and greatest value along the edges of a map."""
    edges = [values[0], values[-1], values[:, 0], values[:, -1]]
    return float(min(edge.min() for edge in edges)), float(max(edge.max() for edge in edges))


def _rows_and_columns(cells: Cells, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]) -> Any:
    """Row and column in the map, real numbers, of the points of a grid of latitude and longitude.

    Every sixteenth point is projected, the others are interpolated linearly: the error is metres.
    """
    coarse = [np.unique(np.append(np.arange(0, axis.size, _EVERY), axis.size - 1)) for axis in (lat_deg, lon_deg)]
    lon, lat = np.meshgrid(lon_deg[coarse[1]], lat_deg[coarse[0]])
    x, y = project(cells.crs, lat, lon)
    row, column = (cells.transform[5] - y) / cells.cell_m, (x - cells.transform[2]) / cells.cell_m
    down, across = (_between(nodes, axis.size) for nodes, axis in zip(coarse, (lat_deg, lon_deg), strict=True))
    return tuple(_linear(_linear(part.T.astype(np.float32), across).T, down) for part in (row, column))


def _between(nodes: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For each place from 0 to `size`: the node at or before it, of all but the last, and the part of the way to the next."""
    before = np.clip(np.searchsorted(nodes, np.arange(size), side="right") - 1, 0, nodes.size - 2)
    return before, ((np.arange(size) - nodes[before]) / (nodes[before + 1] - nodes[before])).astype(np.float32)


def _linear(
    rows: npt.NDArray[np.float32], between: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """Rows interpolated linearly."""
    before, part = between
    first = rows[before]
    return np.asarray(first + part[:, None] * (rows[before + 1] - first))
