"""Equal-area square cells over part of the Earth, and which of them lie in an area."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError
from closedsky.geo.area import Area
from closedsky.geo.land import Line, turns
from closedsky.physics.constants import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CELL_M: Final = (50.0, 50_000.0)
MOST_CELLS: Final = 60_000_000
WIDEST_M: Final = 9_000_000.0
"""Russia fits. An azimuthal projection of this size elongates shapes by 30 % at its edge; areas are true."""
FEWEST_CELLS: Final = 30
_DISC_POINTS: Final = 360
_LATTICE_M: Final = 30_000.0
_STEPS_ACROSS: Final = 32
"""A frame's edges lie on multiples of a whole number of cells, at least this many across it: frames of similar requests, such as those
of a unit that is dragged, are equal, and what is known of their cells is used again."""
_WIDE_DEG, _WIDE_STEP_DEG, _STEP_DEG = 4.0, 0.5, 0.01
"""Places to which a projection's centre is rounded, of frames at least so wide and of others."""
_CALM_DEG: Final = 75.0


class Frame(NamedTuple):
    """Where cells lie, without the place of each: `west` is their edge there, `north` the southern edge of row 0, m in the plane."""

    crs: str
    west: float
    north: float
    cell_m: float
    rows: int
    columns: int


@dataclass(frozen=True, eq=False)
class Cells:
    """Square cells in a Lambert azimuthal equal-area projection of WGS84; row 0 is the northernmost, column 0 the westernmost.

    crs        the projection, WKT
    transform  (a, b, c, d, e, f): x = a col + b row + c, y = d col + e row + f at the corners of cells, m
    cell_m     edge length in the projection, m: every cell has the area cell_m²
    lat_deg    latitude of the centre of each cell, rows by columns
    lon_deg    longitude of the same, within 180° of that of the projection's centre: continuous across the antimeridian
    """

    crs: str
    transform: tuple[float, ...]
    cell_m: float
    lat_deg: Floats
    lon_deg: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, cols = self.lat_deg.shape
        return rows, cols

    @property
    def extent_m(self) -> tuple[float, float, float, float]:
        """West, east, south and north edge in the projection, m."""
        (rows, cols), (left, top) = self.shape, (self.transform[2], self.transform[5])
        return left, left + cols * self.cell_m, top - rows * self.cell_m, top


def cells(areas: Sequence[Area], discs: Sequence[tuple[float, float, float]], cell_m: float) -> Cells:
    """Cells that cover all areas, and all discs (latitude, longitude, radius in m). RequestError for a frame that is no use."""
    return cells_of(frame_round(areas, discs, cell_m))


def frame_round(areas: Sequence[Area], discs: Sequence[tuple[float, float, float]], cell_m: float) -> Frame:
    """The frame of `cells`."""
    if not CELL_M[0] <= cell_m <= CELL_M[1]:
        raise _fault(f"cells of {cell_m:g} m", f"give {CELL_M[0]:g} to {CELL_M[1]:,.0f} m")
    _refuse_poles(areas, discs)
    outline = [_densified(ring, cell_m) for area in areas for rings in area.polygons for ring in rings[:1]]
    outline += [circle(*disc) for disc in discs]
    if not outline:
        raise _fault("there is neither an area nor a unit to map", "name a country, a polygon or a unit", "area")
    crs = _plane_about(np.vstack(outline))
    x, y = project(crs, *np.vstack(outline).T)
    widest_m = max(float(np.ptp(x)), float(np.ptp(y)))
    step_m = cell_m * 2.0 ** max(math.floor(math.log2(max(widest_m / cell_m / _STEPS_ACROSS, 1.0))), 0)
    west, south = (step_m * math.floor(float(edge) / step_m) for edge in (x.min(), y.min()))
    east, north = (step_m * (math.floor(float(edge) / step_m) + 1) - cell_m for edge in (x.max(), y.max()))
    rows, cols = round((north - south) / cell_m) + 1, round((east - west) / cell_m) + 1
    _refuse_size(rows, cols, cell_m)
    for area in areas:
        _refuse_few(area, cell_m)
    return Frame(crs, west, north, cell_m, rows, cols)


def cells_of(frame: Frame) -> Cells:
    """The cells of a frame."""
    crs, west, north, cell_m, rows, cols = frame
    transform = (cell_m, 0.0, west, 0.0, -cell_m, north + cell_m)
    x = west + cell_m * (np.arange(cols) + 0.5)
    y = north + cell_m * (0.5 - np.arange(rows))
    lat, lon = _degrees_over(crs, np.asarray(x, np.float64), np.asarray(y, np.float64))
    return Cells(crs, transform, cell_m, lat, lon)


def _degrees_over(crs: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude of every point of a grid: on a lattice by the inverse projection, between by cubic splines.

    The error of a spline of spacing h is 5 h^4 / 384 of the fourth derivative (Hall 1968): within a centimetre for h of 30 km, up to 75
    degrees of latitude. Small grids, and grids nearer to a pole, are computed point by point.
    """
    from scipy.interpolate import make_interp_spline

    steps = [np.linspace(axis[0], axis[-1], max(math.ceil(abs(axis[-1] - axis[0]) / _LATTICE_M) + 1, 4)) for axis in (x, y)]
    lat, lon = degrees(crs, *np.meshgrid(*steps))
    if x.size * y.size < 4 * lat.size or np.abs(lat).max() > _CALM_DEG:
        return degrees(crs, *np.meshgrid(x, y))
    across, down = (
        make_interp_spline(np.linspace(0.0, 1.0, nodes.size), np.eye(nodes.size))(np.linspace(0.0, 1.0, axis.size))
        for nodes, axis in zip(steps, (x, y), strict=True)
    )
    return down @ lat @ across.T, down @ lon @ across.T


def inside(cells: Cells, area: Area) -> Bools:
    """Whether the centre of each cell lies within an area."""
    return inside_polygons(cells.crs, cells.transform, cells.shape, area.polygons)


def inside_polygons(crs: str, transform: tuple[float, ...], shape: tuple[int, int], polygons: Sequence[Sequence[Line]]) -> Bools:
    """Whether the centre of each cell, rows by columns, lies within any of several non-overlapping polygons.

    Even-odd rule along each row from the west: each edge crossed toggles inside and outside. Holes need no special case.
    """
    rows, cols = shape
    crossed = np.zeros((rows, cols + 1), dtype=np.uint8)
    step, _, left, _, _, top = transform
    for ring in (ring for rings in polygons for ring in rings):
        x, y = project(crs, *_densified(ring, step).T)
        row, col = _crossings((top - y) / step - 0.5, (x - left) / step - 0.5, rows)
        np.bitwise_xor.at(crossed, (row, np.clip(np.ceil(col), 0, cols).astype(np.int64)), 1)
    return np.bitwise_xor.accumulate(crossed[:, :cols], axis=1).view(np.bool_)


def cell_at(cells: Cells, lat_deg: float, lon_deg: float) -> tuple[int, int] | None:
    """Row and column of the cell that contains a place; None outside the frame."""
    x, y = project(cells.crs, lat_deg, lon_deg)
    (rows, cols), (left, top) = cells.shape, (cells.transform[2], cells.transform[5])
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    row, col = math.floor((top - float(y)) / cells.cell_m), math.floor((float(x) - left) / cells.cell_m)
    return (row, col) if 0 <= row < rows and 0 <= col < cols else None


def project(crs: str, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Places, degrees, as x and y in a projection, m."""
    x, y = _transformers(crs)[0].transform(np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64))
    return np.asarray(x), np.asarray(y)


def degrees(crs: str, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Points of a projection, m, as latitude and longitude, degrees; longitude within 180° of that of the projection's centre."""
    lon, lat = _transformers(crs)[1].transform(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    middle = _middle(crs)[1]
    lon = np.asarray(lon)
    return np.asarray(lat), np.where(lon - middle > 180.0, lon - 360.0, np.where(lon - middle < -180.0, lon + 360.0, lon))


@lru_cache(maxsize=512)
def circle(lat_deg: float, lon_deg: float, radius_m: float) -> Line:
    """Points (latitude, longitude), degrees, of a geodesic circle, clockwise from north; closed.

    Longitude is within 180° of that of the centre.
    """
    from pyproj import Geod

    azimuth = np.linspace(0.0, 360.0, _DISC_POINTS + 1)
    same = np.ones_like(azimuth)
    lon, lat, _ = Geod(ellps="WGS84").fwd(lon_deg * same, lat_deg * same, azimuth, radius_m * same)
    points = np.column_stack([lat, lon_deg + (np.asarray(lon) - lon_deg + 180.0) % 360.0 - 180.0])
    points.flags.writeable = False  # it is remembered
    return points


def _crossings(row: Floats, col: Floats, rows: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Row and column where a line (real row and column of each point) crosses whole rows from 0 to rows."""
    first, last = np.minimum(row[:-1], row[1:]), np.maximum(row[:-1], row[1:])
    from_row = np.clip(np.ceil(first), 0, rows).astype(np.int64)
    count = np.clip(np.ceil(last), 0, rows).astype(np.int64) - from_row
    edge = np.repeat(np.arange(count.size), count)
    at = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + from_row[edge]
    return at, col[edge] + (at - row[edge]) * (col[edge + 1] - col[edge]) / (row[edge + 1] - row[edge])


def _densified(ring: Line, cell_m: float) -> Line:
    """A line with additional points, so that chords in the projection follow lines straight in latitude and longitude.

    A chord of length L deviates from a curve of radius R / 3 (a parallel at 72°) by 3 L² / 8 R: a fiftieth of a cell.
    """
    longest_m = math.sqrt(8.0 / 3.0 * EARTH_RADIUS_M * cell_m / 50.0)
    steps = np.radians(np.abs(np.diff(ring, axis=0))).max(axis=1) * EARTH_RADIUS_M
    parts = np.maximum(np.ceil(steps / longest_m), 1.0).astype(np.int64)
    edge = np.repeat(np.arange(parts.size), parts)
    share = (np.arange(edge.size) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[edge]
    points = ring[edge] + share[:, None] * (ring[edge + 1] - ring[edge])
    return np.vstack([points, ring[-1:]])


def _plane_about(points: Line) -> str:
    """The equal-area projection centred on the frame of the points, to half a degree, or to a hundredth where that is narrow; WKT."""
    from pyproj import Proj

    lat, lon = np.radians(points.T)
    mean = np.mean([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    middle = math.degrees(math.atan2(mean[2], math.hypot(mean[0], mean[1]))), math.degrees(math.atan2(mean[1], mean[0]))
    step = _WIDE_STEP_DEG if float(np.ptp(points[:, 0])) >= _WIDE_DEG else _STEP_DEG
    for _ in range(4):
        tried = _rounded(middle, step)
        plane = Proj(proj="laea", lat_0=tried[0], lon_0=tried[1], datum="WGS84")
        x, y = plane(points[:, 1], points[:, 0])
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            break
        lon_deg, lat_deg = plane(0.5 * (x.min() + x.max()), 0.5 * (y.min() + y.max()), inverse=True)
        middle = float(lat_deg), tried[1] + (float(lon_deg) - tried[1] + 180.0) % 360.0 - 180.0
        if _rounded(middle, step) == tried:
            break
    return _laea(*tried)


def _rounded(place: tuple[float, float], step: float) -> tuple[float, float]:
    """A place to the nearest multiple of a step, degrees."""
    lat, lon = (round(step * round(angle / step), 2) for angle in place)
    return lat, lon


@lru_cache(maxsize=64)
def _laea(lat_deg: float, lon_deg: float) -> str:
    from pyproj import CRS

    plane = CRS.from_dict({"proj": "laea", "lat_0": lat_deg, "lon_0": lon_deg, "datum": "WGS84", "units": "m"}).to_json_dict()
    plane["name"] = f"Lambert azimuthal equal area about {lat_deg:g}, {lon_deg:g}"
    return CRS.from_json_dict(plane).to_wkt()


@lru_cache(maxsize=64)
def _transformers(crs: str) -> tuple[Any, Any]:
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True), Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


@lru_cache(maxsize=64)
def _middle(crs: str) -> tuple[float, float]:
    lon, lat = _transformers(crs)[1].transform(0.0, 0.0)
    return lat, lon


def _refuse_poles(areas: Sequence[Area], discs: Sequence[tuple[float, float, float]]) -> None:
    for area in areas:
        if any(turns(rings[0]) for rings in area.polygons):
            raise _fault(f"{area.name} goes around a pole", "map an area that is clear of the poles", "area")
    for lat, lon, radius_m in discs:
        if math.radians(90.0 - abs(lat)) * EARTH_RADIUS_M <= radius_m:
            raise _fault(
                f"what is within {radius_m / 1000:,.0f} km of {lat:g},{lon:g} holds a pole", "keep clear of the poles", "area"
            )


def _refuse_size(rows: int, cols: int, cell_m: float) -> None:
    wide_m = max(rows, cols) * cell_m
    if wide_m > WIDEST_M:
        raise _fault(f"the map would be {wide_m / 1000:,.0f} km across, more than {WIDEST_M / 1000:,.0f} km",
                     "map a part of it: a polygon, or units nearer to one another", "area")  # fmt: skip
    if rows * cols > MOST_CELLS:
        least_m = math.ceil(cell_m * math.sqrt(rows * cols / MOST_CELLS) / 10.0 + 1.0) * 10
        raise _fault(
            f"there would be {rows * cols:,} cells of {cell_m:g} m, more than {MOST_CELLS:,}",
            f"use cells of {least_m:g} m or more",
        )


def _refuse_few(area: Area, cell_m: float) -> None:
    if area.area_km2 * 1e6 < FEWEST_CELLS * cell_m**2:
        enough_m = math.sqrt(area.area_km2 * 1e6 / FEWEST_CELLS)
        fix = f"use cells of {enough_m:.3g} m or less" if enough_m >= CELL_M[0] else "give a larger area"
        raise _fault(f"{area.name} has {area.area_km2:.3g} km², fewer than {FEWEST_CELLS} cells of {cell_m:g} m", fix)


def _fault(what: str, fix: str, where: str = "--cell") -> RequestError:
    return RequestError(Fault(what, where, fix))
