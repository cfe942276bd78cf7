"""The visibility floor by exact profiles, node by node: what a radial sweep is measured against, with nothing of closedsky.

The geodesic of WGS84 from the antenna to the node is a polyline in the raster's row and column (`knots`): the chords are beside the
curve by a millimetre or so near the antenna, where it counts most, and by less than a decimetre anywhere. It is cut at every row, every
column and every knot; along each part the bilinear surface is a quadratic z(x) = a + b x + c x² of the distance x. The tangent at which
it is seen over a sphere of radius ρ = k R is nearly ((z - A) - x² / 2 ρ) / x = (a - A) / x + b + (c - 1 / 2 ρ) x, which has one
maximum, if c < 1 / 2 ρ and a < A, at √((a - A) / (c - 1 / 2 ρ)). There and at all cuts the tangent is taken without approximation,

    T = ((ρ + z) cos φ - (ρ + A)) / ((ρ + z) sin φ),  φ = x / ρ,

and the floor is the altitude at the node with the greatest T found on the way, (ρ + A) / (cos φ - T sin φ) - ρ, or the ground if that
is higher. Outside the raster the nearest row or column goes on.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt
import pyproj

Reals = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Path = tuple[Reals, Reals, Reals]
"""Distance, row and column of the knots of a polyline."""

EARTH_RADIUS_M = 6_371_000.0
K = 4.0 / 3.0
WGS84 = pyproj.Geod(ellps="WGS84")
LONGEST_CHORD_M = 500.0
SHORTEST_CHORD_M = 10.0
NEAREST_M = 1e-6
"""Cuts closer together than this are one: rounding, where a row and a column are met at once."""
_CHORD = 1.0 / 16.0  # of the distance from the antenna
_BATCH = 256  # nodes whose geodesics are laid at once


@dataclass(frozen=True, eq=False)
class Surface:
    """Heights at nodes, and where the nodes are: column 0 at x = `left`, row 0 at y = `top`, in the units of `crs`."""

    heights: npt.NDArray[np.float32]
    crs: str
    left: float
    top: float
    dx: float
    dy: float

    @cached_property
    def _to_lonlat(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)

    def lonlat(self, row: npt.ArrayLike, column: npt.ArrayLike) -> tuple[Reals, Reals]:
        """Longitude and latitude in degrees of a place given by row and column."""
        x = self.left + self.dx * np.asarray(column, np.float64)
        y = self.top - self.dy * np.asarray(row, np.float64)
        return self._to_lonlat.transform(x, y)

    def place(self, lon_deg: npt.ArrayLike, lat_deg: npt.ArrayLike) -> tuple[Reals, Reals]:
        """Row and column, with fractions, of a place; in degrees, longitude is taken within half a turn of the raster's middle."""
        x, y = self._to_lonlat.transform(lon_deg, lat_deg, direction="INVERSE")
        if self._to_lonlat.source_crs.is_geographic:
            middle = self.left + 0.5 * self.dx * (self.heights.shape[1] - 1)
            x = middle + (np.asarray(x) - middle + 180.0) % 360.0 - 180.0
        return (self.top - np.asarray(y)) / self.dy, (np.asarray(x) - self.left) / self.dx

    def at(self, row: npt.ArrayLike, column: npt.ArrayLike) -> Reals:
        """The bilinear surface; beyond an edge, as at the edge."""
        rows, columns = self.heights.shape
        row, column = np.clip(row, 0.0, rows - 1.0), np.clip(column, 0.0, columns - 1.0)
        above = np.minimum(row.astype(np.int64), rows - 2)
        before = np.minimum(column.astype(np.int64), columns - 2)
        down, across = row - above, column - before
        flat, first = self.heights.reshape(-1), above * columns + before
        upper = flat[first] * (1.0 - across) + flat[first + 1] * across
        lower = flat[first + columns] * (1.0 - across) + flat[first + columns + 1] * across
        return upper * (1.0 - down) + lower * down


@dataclass(frozen=True)
class Antenna:
    """Where it stands, its altitude, and the effective radius of the sphere it looks over."""

    lon_deg: float
    lat_deg: float
    alt_m: float
    sphere_m: float = K * EARTH_RADIUS_M

    def tangent(self, alt_m: Reals, metres: Reals) -> Reals:
        """Apparent tangent of what is at an altitude and a distance: T above, with 1 - cos φ as 2 sin² φ/2, which keeps the digits."""
        phi, radius = metres / self.sphere_m, self.sphere_m + alt_m
        return (alt_m - self.alt_m - 2.0 * radius * np.sin(0.5 * phi) ** 2) / (radius * np.sin(phi))

    def altitude(self, tangent: Reals, metres: Reals) -> Reals:
        """Altitude at a distance of the ray with an apparent tangent; inverse of `tangent`."""
        phi = metres / self.sphere_m
        fall = 2.0 * np.sin(0.5 * phi) ** 2 + tangent * np.sin(phi)
        return self.alt_m + (self.sphere_m + self.alt_m) * fall / (1.0 - fall)

    def paths(self, surface: Surface, rows: Whole, columns: Whole) -> Iterator[Path]:
        """The geodesic to each node."""
        for first in range(0, len(rows), _BATCH):
            lon, lat = surface.lonlat(rows[first : first + _BATCH], columns[first : first + _BATCH])
            azimuth, _, length = WGS84.inv(np.full_like(lon, self.lon_deg), np.full_like(lat, self.lat_deg), lon, lat)
            cuts = [knots(metres) for metres in length]
            ends = np.cumsum([len(cut) for cut in cuts])
            metres, azimuth = np.concatenate(cuts), np.repeat(azimuth, np.diff(ends, prepend=0))
            start = np.full_like(metres, self.lon_deg), np.full_like(metres, self.lat_deg)
            lon, lat, _ = WGS84.fwd(*start, azimuth, metres)
            row, column = surface.place(lon, lat)
            yield from zip(*(np.split(line, ends[:-1]) for line in (metres, row, column)), strict=True)


@dataclass(frozen=True)
class PlaneAntenna(Antenna):
    """The plainer model of other programs: straight lines and lengths of the map, an Earth that falls off as x² / 2 ρ."""

    def tangent(self, alt_m: Reals, metres: Reals) -> Reals:
        return (alt_m - self.alt_m) / metres - metres / (2.0 * self.sphere_m)

    def altitude(self, tangent: Reals, metres: Reals) -> Reals:
        return self.alt_m + metres * (tangent + metres / (2.0 * self.sphere_m))

    def paths(self, surface: Surface, rows: Whole, columns: Whole) -> Iterator[Path]:
        row, column = surface.place(self.lon_deg, self.lat_deg)
        for end_row, end_column in zip(rows, columns, strict=True):
            length = float(np.hypot((end_row - row) * surface.dy, (end_column - column) * surface.dx))
            yield np.array([0.0, length]), np.array([row, end_row], np.float64), np.array([column, end_column], np.float64)


def antenna(surface: Surface, lat_deg: float, lon_deg: float, height_m: float) -> Antenna:
    """An antenna `height_m` above the bilinear ground."""
    return Antenna(lon_deg, lat_deg, float(surface.at(*surface.place(lon_deg, lat_deg))) + height_m)


def floor(surface: Surface, antenna: Antenna, rows: Whole, columns: Whole) -> Reals:
    """Lowest altitude in m above sea level that is in line of sight at nodes given by whole rows and columns."""
    found = surface.heights[rows, columns].astype(np.float64)
    for node, (metres, row, column) in enumerate(antenna.paths(surface, rows, columns)):
        if metres[-1] > NEAREST_M:
            tangent, _ = horizon(surface, antenna, metres, row, column)
            found[node] = max(found[node], antenna.altitude(tangent, metres[-1]))
    return found


def knots(metres: float) -> Reals:
    """Distances at which a geodesic is laid: first 10 m apart, then a sixteenth of the distance, then 500 m."""
    near, far = SHORTEST_CHORD_M / _CHORD, LONGEST_CHORD_M / _CHORD
    even = np.arange(0.0, near, SHORTEST_CHORD_M)
    growing = near * (1.0 + _CHORD) ** np.arange(np.log(far / near) / np.log1p(_CHORD))
    inner = np.concatenate([even, growing])
    inner = np.concatenate([inner, np.arange(inner[-1] + LONGEST_CHORD_M, metres, LONGEST_CHORD_M)])
    return np.append(inner[inner < metres], metres)


def horizon(
    surface: Surface, antenna: Antenna, metres: Reals, row: Reals, column: Reals, between: bool = True
) -> tuple[float, float]:
    """The greatest apparent tangent of the bilinear surface along a polyline from the antenna, and the distance at which it is.

    Without what lies `between` the cuts it is a little low, which says how much of an error is of that.
    """
    tangent, where = _greatest(
        surface.heights, metres, row, column, antenna.alt_m, antenna.sphere_m, isinstance(antenna, PlaneAntenna), between
    )
    return tangent, where


@numba.njit
def _greatest(
    heights: npt.NDArray[np.float32], metres: Reals, row: Reals, column: Reals, antenna_m: float, sphere_m: float, plane: bool,
    between: bool,
) -> tuple[float, float]:  # fmt: skip
    """`horizon`: part by part, from each cut to the next."""
    best, where = -math.inf, 0.0
    x, z = metres[0], _at(heights, row[0], column[0])
    for k in range(metres.size - 1):
        at_row, at_column = _next_line(row[k], row[k + 1]), _next_line(column[k], column[k + 1])
        part = 0.0
        while part < 1.0:
            down, across = _share(at_row, row[k], row[k + 1]), _share(at_column, column[k], column[k + 1])
            part = min(down, across, 1.0)
            at_row += math.copysign(1.0, row[k + 1] - row[k]) if down <= part else 0.0
            at_column += math.copysign(1.0, column[k + 1] - column[k]) if across <= part else 0.0
            end = metres[k] + part * (metres[k + 1] - metres[k])
            if end - x <= NEAREST_M:
                continue
            half = (0.5 * (x + end) - metres[k]) / (metres[k + 1] - metres[k])
            z_half = _at(heights, row[k] + half * (row[k + 1] - row[k]), column[k] + half * (column[k + 1] - column[k]))
            z_end = _at(heights, row[k] + part * (row[k + 1] - row[k]), column[k] + part * (column[k + 1] - column[k]))
            here = _seen_at(z_end, end, antenna_m, sphere_m, plane)
            if here > best:
                best, where = here, end
            top, summit = _peak(x, end, z, z_half, z_end, antenna_m, sphere_m)
            if between and top > 0.0:
                here = _seen_at(summit, top, antenna_m, sphere_m, plane)
                if here > best:
                    best, where = here, top
            x, z = end, z_end
    return best, where


@numba.njit
def _next_line(start: float, end: float) -> float:
    """The first whole number beyond `start` on the way to `end`."""
    return math.floor(start) + 1.0 if end > start else math.ceil(start) - 1.0


@numba.njit
def _share(line: float, start: float, end: float) -> float:
    """How far on the way from `start` to `end` the whole number `line` is; infinite where it is not met."""
    return (line - start) / (end - start) if end != start else math.inf


@numba.njit
def _at(heights: npt.NDArray[np.float32], row: float, column: float) -> float:
    """`Surface.at`, of one place."""
    rows, columns = heights.shape
    row, column = min(max(row, 0.0), rows - 1.0), min(max(column, 0.0), columns - 1.0)
    i, j = min(int(row), rows - 2), min(int(column), columns - 2)
    down, across = row - i, column - j
    upper = heights[i, j] * (1.0 - across) + heights[i, j + 1] * across
    lower = heights[i + 1, j] * (1.0 - across) + heights[i + 1, j + 1] * across
    return upper * (1.0 - down) + lower * down


@numba.njit
def _seen_at(alt_m: float, metres: float, antenna_m: float, sphere_m: float, plane: bool) -> float:
    """`tangent` of an antenna, of one place."""
    if plane:
        return (alt_m - antenna_m) / metres - metres / (2.0 * sphere_m)
    phi, radius = metres / sphere_m, sphere_m + alt_m
    return (alt_m - antenna_m - 2.0 * radius * math.sin(0.5 * phi) ** 2) / (radius * math.sin(phi))


@numba.njit
def _peak(x: float, end: float, z: float, z_half: float, z_end: float, antenna_m: float, sphere_m: float) -> tuple[float, float]:
    """Distance and altitude of the place between two cuts that is seen higher than both; distance 0 where there is none."""
    length = end - x
    bend = 2.0 * (z - 2.0 * z_half + z_end) / length**2
    slope = (z_end - z) / length - bend * length  # at the start
    below, fall = z - slope * x + bend * x * x - antenna_m, bend - 0.5 / sphere_m
    if below >= 0.0 or fall >= 0.0:
        return 0.0, 0.0
    top = math.sqrt(below / fall)
    away = top - x
    return (top, z + slope * away + bend * away**2) if 0.0 < away < length else (0.0, 0.0)
