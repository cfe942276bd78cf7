"""Georeference of a raster: an affine transform in a coordinate reference system, and its inverse."""

import math
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain.region import Region

Floats = npt.NDArray[np.float64]
Window = tuple[int, int, int, int]
"""First row, rows, first column, columns."""

LATTICE: Final = 16
"""Positions are computed at every sixteenth node; between them they are bilinear."""
_SAME_DEG = 1e-9
_SPARE_NODES = 2
_LOOKS = 41


class Placement:
    """Georeference of a grid of `rows` by `cols`. A node is the centre of a pixel: node (row, col) is at (col + ½, row + ½).

    x = a col' + b row' + c and y = d col' + e row' + f in the reference system `crs` (WKT), with transform = (a, b, c, d, e, f).
    """

    def __init__(self, crs: str, transform: tuple[float, ...], rows: int, cols: int) -> None:
        self.crs = crs
        self.transform = transform
        self.rows = rows
        self.cols = cols

    def moved(self, window: Window, turns: int = 0) -> "Placement":
        """A window of this grid, shifted by `turns` of 360° to the east if it is in plain degrees."""
        row, rows, col, cols = window
        a, b, c, d, e, f = self.transform
        moved = (a, b, c + a * col + b * row + 360.0 * turns, d, e, f + d * col + e * row)
        placed = Placement(self.crs, moved, rows, cols)
        placed.__dict__["is_degrees"] = self.is_degrees  # a window inherits the property
        return placed

    @cached_property
    def is_degrees(self) -> bool:
        """Whether x and y are longitude and latitude of WGS84 in degrees, to a tenth of a millimetre."""
        crs = crs_of(self.crs)
        if not crs.is_geographic:
            return False
        x, y = self.plane(np.array([0.0, self.rows - 1, 0.5 * self.rows]), np.array([0.0, self.cols - 1, 0.5 * self.cols]))
        y = np.clip(y, -89.0, 89.0)
        lon, lat = self._to_degrees.transform(x, y)
        return bool(np.all(np.abs(lat - y) < _SAME_DEG) and np.all(np.abs((lon - x + 180.0) % 360.0 - 180.0) < _SAME_DEG))

    @property
    def is_upright(self) -> bool:
        """Whether rows run along parallels and columns along meridians, eastward."""
        a, b, _, d, _, _ = self.transform
        return self.is_degrees and b == 0.0 and d == 0.0 and a > 0.0

    @cached_property
    def _to_degrees(self) -> Any:
        return transformer(self.crs, "EPSG:4326")

    @cached_property
    def _from_degrees(self) -> Any:
        return transformer("EPSG:4326", self.crs)

    @cached_property
    def _middle_lon(self) -> float:
        return float(self.plane(np.array(0.5 * (self.rows - 1)), np.array(0.5 * (self.cols - 1)))[0])

    def plane(self, row: Floats, col: Floats) -> tuple[Floats, Floats]:
        """Coordinates x and y of nodes or of points between them."""
        a, b, c, d, e, f = self.transform
        return a * (col + 0.5) + b * (row + 0.5) + c, d * (col + 0.5) + e * (row + 0.5) + f

    def position(self, row: Floats, col: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude, degrees, of nodes or of points between them."""
        x, y = self.plane(np.asarray(row, dtype=np.float64), np.asarray(col, dtype=np.float64))
        if self.is_degrees:
            return y, x
        lon, lat = self._to_degrees.transform(x, y)
        return lat, lon

    def index(self, lat_deg: Floats, lon_deg: Floats) -> tuple[Floats, Floats]:
        """Real row and column of places in degrees; NaN where the reference system is undefined. Longitude modulo 360°."""
        lat, lon = np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)
        if self.is_degrees:
            x, y = lon - 360.0 * np.round((lon - self._middle_lon) / 360.0), lat
        else:
            x, y = self._from_degrees.transform((lon + 180.0) % 360.0 - 180.0, lat)
            known = np.isfinite(x) & np.isfinite(y)
            x, y = np.where(known, x, np.nan), np.where(known, y, np.nan)
        a, b, c, d, e, f = self.transform
        east, north, area = x - c, y - f, a * e - b * d
        return (a * north - d * east) / area - 0.5, (e * east - b * north) / area - 0.5

    def lattice(self) -> tuple[Floats, Floats]:
        """Latitude and longitude, rad, of every `LATTICE`-th node, up to and just past the last; longitude continuous."""
        rows = LATTICE * np.arange(math.ceil((self.rows - 1) / LATTICE) + 1.0)
        cols = LATTICE * np.arange(math.ceil((self.cols - 1) / LATTICE) + 1.0)
        lat, lon = self.position(*np.meshgrid(rows, cols, indexing="ij"))
        if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
            raise TerrainError(
                Fault("part of it lies where its reference system is not defined", "raster", "cut that part off: gdalwarp -te")
            )
        lon_rad = np.unwrap(np.unwrap(np.radians(lon), axis=1), axis=0)
        if np.abs(np.diff(lon_rad, axis=1)).max(initial=0.0) > 0.75 * math.pi:
            raise TerrainError(
                Fault(
                    "it goes round a pole, where longitude makes no grid", "raster", "cut it at 84 degrees of latitude or below"
                )
            )
        return np.radians(lat), lon_rad

    def posting_m(self) -> float:
        """Ground distance between nodes at the middle, the greater of the two directions, m."""
        from pyproj import Geod

        row, col = 0.5 * (self.rows - 1), 0.5 * (self.cols - 1)
        lat, lon = self.position(np.array([row - 0.5, row + 0.5, row, row]), np.array([col, col, col - 0.5, col + 0.5]))
        _, _, apart = Geod(ellps="WGS84").inv(lon[0::2], lat[0::2], lon[1::2], lat[1::2])
        return float(np.max(apart))

    def looks(self) -> tuple[Floats, Floats]:
        """Rows and columns of some dozens of nodes each way, the outermost among them."""
        rows, cols = np.linspace(0.0, self.rows - 1, _LOOKS), np.linspace(0.0, self.cols - 1, _LOOKS)
        down, across = np.meshgrid(rows, cols, indexing="ij")
        return down, across

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of its nodes, degrees, longitude continuous (east may pass 180)."""
        lat, lon = self.position(*self.looks())
        if not self.is_degrees:
            known = np.isfinite(lat) & np.isfinite(lon)
            middle = lon[known][known.sum() // 2]
            lon = np.where(known, middle + (lon - middle + 180.0) % 360.0 - 180.0, np.nan)
            lat = np.where(known, lat, np.nan)
        return float(np.nanmin(lon)), float(np.nanmin(lat)), float(np.nanmax(lon)), float(np.nanmax(lat))

    def windows(self, region: Region | None) -> list[tuple[Window, int]]:
        """Windows of this grid that a region needs, two nodes to spare, and the turns that shift each to the region's longitudes."""
        if region is None:
            return [((0, self.rows, 0, self.cols), 0)]
        if not self.is_upright:
            return self._window_by_looking(region)
        rows = self._span(1, region.south, region.north, self.rows)
        if region.east - region.west > 360.0 - 6.0 * self.transform[0]:
            return [((*rows, 0, self.cols), 0)] if rows[1] > 0 else []
        found = []
        for turns in (-2, -1, 0, 1, 2):
            cols = self._span(0, region.west - 360.0 * turns, region.east - 360.0 * turns, self.cols)
            if rows[1] > 0 and cols[1] > 0:
                found.append(((*rows, *cols), turns))
        return found

    def _span(self, axis: int, low: float, high: float, size: int) -> tuple[int, int]:
        """First node and number of nodes, along x (0) or y (1), between two degrees."""
        step, origin = (self.transform[0], self.transform[2]) if axis == 0 else (self.transform[4], self.transform[5])
        ends = sorted(((low - origin) / step - 0.5, (high - origin) / step - 0.5))
        if ends[1] <= -_SPARE_NODES or ends[0] >= size - 1 + _SPARE_NODES:
            return 0, 0
        first = max(0, math.floor(ends[0]) - _SPARE_NODES)
        last = min(size - 1, math.ceil(ends[1]) + _SPARE_NODES)
        return first, last + 1 - first

    def _window_by_looking(self, region: Region) -> list[tuple[Window, int]]:
        """The window around the overlap with the region, found by sampling some dozens of points of the region and of the raster."""
        lat, lon = np.meshgrid(np.linspace(region.south, region.north, _LOOKS), np.linspace(region.west, region.east, _LOOKS))
        row, col = self.index(lat.ravel(), lon.ravel())
        there = (row > -1.0) & (row < self.rows) & (col > -1.0) & (col < self.cols)
        own_row, own_col = np.linspace(0.0, self.rows - 1, _LOOKS), np.linspace(0.0, self.cols - 1, _LOOKS)
        r, c = (part.ravel() for part in np.meshgrid(own_row, own_col, indexing="ij"))
        lat, lon = self.position(r, c)
        held = (lat >= region.south) & (lat <= region.north) & ((lon - region.west) % 360.0 <= region.east - region.west)
        rows, cols = np.concatenate([row[there], r[held]]), np.concatenate([col[there], c[held]])
        if rows.size == 0:
            return []
        first_row, last_row = self._with_spare(rows, self.rows)
        first_col, last_col = self._with_spare(cols, self.cols)
        return [((first_row, last_row + 1 - first_row, first_col, last_col + 1 - first_col), 0)]

    def _with_spare(self, at: Floats, size: int) -> tuple[int, int]:
        between = (size - 1) / (_LOOKS - 1)  # the distance between two samples
        spare = _SPARE_NODES + (math.ceil(between) if between > 1.0 else 0)
        return max(0, math.floor(at.min()) - spare), min(size - 1, math.ceil(at.max()) + spare)


def spread(coarse: Floats, step: int, first: int, rows: int, cols: int) -> Floats:
    """Values given at every `step`-th node, bilinear at each of `rows` by `cols` nodes, from row `first` on."""
    row, col = (first + np.arange(rows)) / step, np.arange(cols) / step
    upper, left = np.minimum(row.astype(int), coarse.shape[0] - 1), np.minimum(col.astype(int), coarse.shape[1] - 1)
    lower, right = np.minimum(upper + 1, coarse.shape[0] - 1), np.minimum(left + 1, coarse.shape[1] - 1)
    down, across = (row - upper)[:, None], col - left
    lines = coarse[upper] + down * (coarse[lower] - coarse[upper])
    between: Floats = lines[:, left] + across * (lines[:, right] - lines[:, left])
    return between


@lru_cache(maxsize=64)
def crs_of(text: str) -> Any:
    """A reference system, parsed once. Raises pyproj's CRSError."""
    from pyproj import CRS

    return CRS.from_user_input(text)


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Any:
    """A transformation of x and y (longitude and latitude in that order), prepared once. Raises pyproj's ProjError."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
