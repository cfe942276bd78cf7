"""The visibility floor by exact profiles, node by node: what a radial sweep is measured against. NumPy and pyproj, nothing of closedsky.

The geodesic of WGS84 from the antenna to the node is a polyline in the raster's row and column (`knots`): the chords are beside the
curve by a millimetre or so near the antenna, where it counts most, and by less than a decimetre anywhere. It is cut at every row, every
column and every knot; along each part the bilinear surface is a quadratic z(x) = a + b x + c x² of the distance x. The tangent at which
it is seen over a sphere of radius ρ = k R is nearly ((z - A) - x² / 2 ρ) / x = (a - A) / x + b + (c - 1 / 2 ρ) x, which has one
maximum, if c < 1 / 2 ρ and a < A, at √((a - A) / (c - 1 / 2 ρ)). There and at all cuts the tangent is taken without approximation,

    T = ((ρ + z) cos φ - (ρ + A)) / ((ρ + z) sin φ),  φ = x / ρ,

and the floor is the altitude at the node with the greatest T found on the way, (ρ + A) / (cos φ - T sin φ) - ρ, or the ground if that
is higher. Outside the raster the nearest row or column goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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
    cut = np.sort(np.concatenate([metres, _crossings(metres, row), _crossings(metres, column)]))
    cut = cut[np.append(True, np.diff(cut) > NEAREST_M)]
    place = np.concatenate([cut, 0.5 * (cut[:-1] + cut[1:])])
    z = surface.at(np.interp(place, metres, row), np.interp(place, metres, column))
    at_cuts, halfway = z[: len(cut)], z[len(cut) :]
    where, summit = _peaks(antenna, cut, at_cuts, halfway) if between else (cut[:0], cut[:0])
    where, summit = np.append(cut[1:], where), np.append(at_cuts[1:], summit)
    tangents = antenna.tangent(summit, where)
    best = int(np.argmax(tangents))
    return float(tangents[best]), float(where[best])


def _crossings(metres: Reals, line: Reals) -> Reals:
    """Distances at which a polyline, given by one coordinate at its knots, has a whole number there."""
    low, high = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    first = np.ceil(low)
    count = np.where(high > low, np.floor(high) - first + 1.0, 0.0).astype(np.int64)
    piece = np.repeat(np.arange(len(count)), count)
    whole = first[piece] + np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    part = (whole - line[piece]) / (line[piece + 1] - line[piece])
    return metres[piece] + np.clip(part, 0.0, 1.0) * (metres[piece + 1] - metres[piece])


def _peaks(antenna: Antenna, cut: Reals, at_cuts: Reals, halfway: Reals) -> tuple[Reals, Reals]:
    """Distance and altitude of the places between two cuts that are seen higher than both."""
    x, length = cut[:-1], np.diff(cut)
    start, end = at_cuts[:-1], at_cuts[1:]
    bend = 2.0 * (start - 2.0 * halfway + end) / length**2
    slope = (end - start) / length - bend * length  # at the start
    below, fall = start - slope * x + bend * x * x - antenna.alt_m, bend - 0.5 / antenna.sphere_m
    peaked = (below < 0.0) & (fall < 0.0)
    top = np.sqrt(np.where(peaked, below, 0.0) / np.where(peaked, fall, 1.0))
    inside = peaked & (top > x) & (top < x + length)
    away = (top - x)[inside]
    return top[inside], start[inside] + slope[inside] * away + bend[inside] * away**2
