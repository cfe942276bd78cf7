"""A map of the sky for a globe: cells of equal area as a grid of degrees, a byte or two a point, in base64."""

import base64
import math
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.io.cells import Cells, project

MOST_POINTS: Final = 3_000
"""Rows or columns at most: what any graphics card takes as a texture."""
_M_A_DEGREE: Final = 111_195.0
_EVERY: Final = 16
_QUICK: Final = 1


@dataclass(frozen=True)
class Degrees:
    """A grid of degrees over the frame of cells, row 0 the northernmost; `cell` is that under each point, -1 outside the frame."""

    west: float
    south: float
    east: float
    north: float
    cell: npt.NDArray[np.int32]

    def read(self, values: npt.NDArray[Any], outside: int) -> npt.NDArray[Any]:
        """Values of cells at the points."""
        return np.where(self.cell >= 0, values.ravel()[self.cell], np.asarray(outside, values.dtype))


def in_degrees(cells: Cells) -> Degrees:
    """The grid of degrees with points about a cell apart in the middle of the map."""
    edges = [part[side] for part in (cells.lat_deg, cells.lon_deg) for side in (0, -1, (slice(None), 0), (slice(None), -1))]
    south, north = (float(f([edge.min() for edge in edges[:4]], [edge.max() for edge in edges[:4]])) for f in (_least, _most))
    west, east = (float(f([edge.min() for edge in edges[4:]], [edge.max() for edge in edges[4:]])) for f in (_least, _most))
    high, wide = cells.cell_m / _M_A_DEGREE, cells.cell_m / _M_A_DEGREE / math.cos(math.radians(0.5 * (south + north)))
    rows = min(math.ceil((north - south) / high) + 1, MOST_POINTS)
    columns = min(math.ceil((east - west) / wide) + 1, MOST_POINTS)
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    x, y = _in_plane(cells.crs, lat, lon)
    left, top = cells.transform[2], cells.transform[5]
    row, column = np.floor((top - y) / cells.cell_m).astype(np.int32), np.floor((x - left) / cells.cell_m).astype(np.int32)
    within = (row >= 0) & (row < cells.shape[0]) & (column >= 0) & (column < cells.shape[1])
    return Degrees(west, south, east, north, np.where(within, row * np.int32(cells.shape[1]) + column, np.int32(-1)))


def packed(values: npt.NDArray[Any]) -> str:
    """Numbers, little-endian, deflated, in base64."""
    whole = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False))
    return base64.b64encode(zlib.compress(whole.tobytes(), _QUICK)).decode("ascii")


def _least(low: list[float], high: list[float]) -> float:
    return min(low)


def _most(low: list[float], high: list[float]) -> float:
    return max(high)


def _in_plane(crs: str, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]) -> Any:
    """X and y of a grid of degrees: of every sixteenth point by the plane's formulae, straight between (off by metres)."""
    coarse = [np.unique(np.append(np.arange(0, axis.size, _EVERY), axis.size - 1)) for axis in (lat_deg, lon_deg)]
    lon, lat = np.meshgrid(lon_deg[coarse[1]], lat_deg[coarse[0]])
    down, across = (_between(nodes, axis.size) for nodes, axis in zip(coarse, (lat_deg, lon_deg), strict=True))
    return tuple(down @ part @ across.T for part in project(crs, lat, lon))


def _between(nodes: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.float64]:
    """The weight of each node at each place from 0 to `size`: straight lines between them."""
    unit = np.eye(nodes.size)
    return np.column_stack([np.interp(np.arange(size), nodes, unit[k]) for k in range(nodes.size)])
