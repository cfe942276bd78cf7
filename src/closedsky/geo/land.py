"""Land, sea and countries: coastlines and borders of Natural Earth at 1:50 million.

Accurate to a few kilometres: most islands of less than some 10 km² are missing, spits and inlets too, and a coast consists of straight
segments of 10 km on average. Lakes and rivers are land; the Caspian Sea is sea. Borders are de facto.

A line is an array of points [latitude, longitude], in degrees; segments are straight in latitude and longitude, as on the map they were
drawn on, and take the shorter way around the Earth. Longitude is continuous from the first point of a line, past 180 if it crosses it.
"""

import difflib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError
from closedsky.geo.shipped import read_shipped

LAND_FILE: Final = "land-50m.bin"
AXIS_KM: Final = 6378.137
E2: Final = 0.0066943799901413165

Line = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Country:
    """A country or territory.

    iso3    ISO 3166-1 alpha-3 code; empty if it has none
    name    as written by Natural Earth
    arcs    polylines of the whole world (TopoJSON arcs)
    rings   arcs that form its polygons: arc k, or ~k for arc k reversed
    """

    iso3: str
    name: str
    arcs: Sequence[Line]
    rings: Sequence[Sequence[Sequence[int]]]

    @cached_property
    def polygons(self) -> tuple[tuple[Line, ...], ...]:
        """Closed rings: for each polygon the outer one, then its holes."""
        return tuple(tuple(_ring(self.arcs, ring) for ring in polygon) for polygon in self.rings)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, degrees: the smallest bounding box; west > east if it crosses 180."""
        outer = [rings[0] for rings in self.polygons]
        south, north = min(float(ring[:, 0].min()) for ring in outer), max(float(ring[:, 0].max()) for ring in outer)
        if any(turns(ring) for ring in outer):
            return -180.0, -90.0, 180.0, north
        spans = sorted((float(ring[:, 1].min()), float(ring[:, 1].max())) for ring in outer)
        west, east = _span([span for w, e in spans for span in _from_minus_180(w, e)])
        return west, south, east, north

    @cached_property
    def area_km2(self) -> float:
        """Area on the WGS84 ellipsoid, km², lakes included."""
        return polygons_area_km2(self.polygons)


@dataclass(frozen=True, eq=False)
class Land:
    """The land of the world.

    countries    sorted by code and name
    coasts       lines with land on one side only
    borders      lines with a country on either side
    source       origin of the data
    attribution  the attribution to print with a result
    """

    countries: tuple[Country, ...]
    coasts: tuple[Line, ...]
    borders: tuple[Line, ...]
    source: str
    attribution: str

    def country(self, wanted: str) -> Country:
        """The country of a code (ISO 3166-1 alpha-3) or a name; RequestError if there is none."""
        names = {name.casefold(): country for country in self.countries for name in (country.iso3, country.name) if name}
        found = names.get(wanted.strip().casefold())
        if found is not None:
            return found
        close = difflib.get_close_matches(wanted.strip().casefold(), names, n=3, cutoff=0.6)
        near = dict.fromkeys(f"{names[name].name} ({names[name].iso3 or 'no code'})" for name in close)
        fix = (f"did you mean {' or '.join(near)}? " if near else "") + "give a code of three letters, such as IRQ, or a name"
        raise RequestError(Fault(f"there is no country '{wanted}'", "country", fix))

    def bounds(self, wanted: str) -> tuple[float, float, float, float]:
        """West, south, east, north of a country, degrees; see `Country.bounds`."""
        return self.country(wanted).bounds

    def area_km2(self, wanted: str) -> float:
        """Area of a country, km²; see `Country.area_km2`."""
        return self.country(wanted).area_km2


@lru_cache(maxsize=1)
def land() -> Land:
    """The shipped land, loaded once."""
    return unpack(*read_shipped(LAND_FILE))


def unpack(header: dict[str, Any], body: bytes) -> Land:
    """Land from a reduced TopoJSON (RFC 7946 positions on a lattice); ``scripts/build_land.py`` describes its production."""
    topology = json.loads(body)
    scale, offset = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [_unrolled((np.cumsum(arc, axis=0) * scale + offset)[:, ::-1].copy()) for arc in topology["arcs"]]
    countries = tuple(Country(told["iso3"], told["name"], arcs, told["polygons"]) for told in topology["countries"])
    uses = Counter(max(k, ~k) for told in topology["countries"] for rings in told["polygons"] for ring in rings for k in ring)
    coasts = tuple(arc for k, arc in enumerate(arcs) if uses[k] == 1)
    borders = tuple(arc for k, arc in enumerate(arcs) if uses[k] > 1)
    return Land(countries, coasts, borders, header["source"], header["attribution"])


def _unrolled(points: Line) -> Line:
    """A line with continuous longitude."""
    if np.ptp(points[:, 1]) > 180.0:
        points[:, 1] = np.unwrap(points[:, 1], period=360.0)
    return points


def _ring(arcs: Sequence[Line], ring: Sequence[int]) -> Line:
    """Arcs joined end to end, without duplicate points at the joints."""
    parts = [arcs[k] if k >= 0 else arcs[~k][::-1] for k in ring]
    return _unrolled(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))


def turns(ring: Line) -> bool:
    """True if a ring encloses a pole."""
    return bool(abs(ring[-1, 1] - ring[0, 1]) > 180.0)


def _from_minus_180(west: float, east: float) -> list[tuple[float, float]]:
    """An interval of longitude, at most one turn long, as one or two intervals within -180 to 180."""
    turn = 360.0 * math.floor((west + 180.0) / 360.0)
    west, east = west - turn, east - turn
    return [(west, east)] if east <= 180.0 else [(west, 180.0), (-180.0, east - 360.0)]


def _span(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """West and east end of intervals within -180 to 180 together: the circle without its widest gap."""
    spans = sorted(spans)
    gaps = []
    reached = spans[0][1]
    for west, east in spans[1:]:
        gaps.append((west - reached, west, reached))
        reached = max(reached, east)
    gaps.append((spans[0][0] + 360.0 - reached, spans[0][0], reached))
    _, west, east = max(gaps)
    return west, east


def polygons_area_km2(polygons: Sequence[Sequence[Line]]) -> float:
    """Area of polygons on the WGS84 ellipsoid, km²: for each, the outer ring less its holes."""
    return sum(abs(_area_km2(rings[0])) - sum(abs(_area_km2(hole)) for hole in rings[1:]) for rings in polygons)


def _area_km2(ring: Line) -> float:
    """Area within a ring, km²: signed, and with the South Pole if the ring encloses it (no land contains the North Pole).

    A = (b²/2) ∮ (q(φ) - q(-90°)) dλ, b² = a² (1 - e²), q = sin φ / (1 - e² sin² φ) + atanh(e sin φ) / e: the area of the ellipsoid
    south of a latitude (Snyder 1987, equation 3-12). Simpson's rule along each straight edge.
    """
    lat, lon = np.radians(ring[:, 0]), np.radians(ring[:, 1])
    middle = 0.5 * (lat[1:] + lat[:-1])
    mean = (_q(lat[1:]) + _q(lat[:-1]) + 4.0 * _q(middle)) / 6.0
    south = _q(np.array(-0.5 * math.pi))
    return float(0.5 * AXIS_KM**2 * (1.0 - E2) * np.sum((mean - south) * np.diff(lon)))


def _q(lat_rad: Line) -> Line:
    sine, e = np.sin(lat_rad), math.sqrt(E2)
    return np.asarray(sine / (1.0 - E2 * sine**2) + np.arctanh(e * sine) / e)
