"""Areas whose share closed is computed: a country, an outline, or polygons of a GeoJSON file (RFC 7946)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from closedsky.errors import Fault, RequestError
from closedsky.geo.land import Line, land, polygons_area_km2
from closedsky.geo.terrain.region import Region, parse, turned

MOST_POSITIONS: Final = 2_000_000
_WGS84: Final = (
    "CRS84",
    "OGC:CRS84",
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "EPSG:4326",
    "urn:ogc:def:crs:EPSG::4326",
)
_DRAW: Final = "draw it again as one or more plain polygons"


@dataclass(frozen=True, eq=False)
class Area:
    """An area on the ground.

    name         its name in results
    iso3         ISO 3166-1 alpha-3 code; empty if it has none
    polygons     for each polygon the outer ring, then its holes: closed, [latitude, longitude] in degrees, as in `geo.land`
    attribution  the attribution to print with a result
    """

    name: str
    iso3: str
    polygons: tuple[tuple[Line, ...], ...]
    attribution: str

    @cached_property
    def area_km2(self) -> float:
        """Area on the WGS84 ellipsoid, km², lakes included."""
        return polygons_area_km2(self.polygons)

    @cached_property
    def digest(self) -> bytes:
        """What stands for its lines."""
        lines = [line.tobytes() for rings in self.polygons for line in rings]
        return blake2b(b"".join(len(line).to_bytes(8, "little") + line for line in lines), digest_size=16).digest()


def country_area(wanted: str) -> Area:
    """A country by its code (ISO 3166-1 alpha-3) or name; RequestError if there is none."""
    country = land().country(wanted)
    return Area(country.name, country.iso3, country.polygons, land().attribution)


def outline_area(points: Sequence[tuple[float, float]], name: str) -> Area:
    """The area enclosed by corners [latitude, longitude], degrees, in order; RequestError if they enclose no valid area.

    Edges are straight in longitude and latitude, and take the shorter way around the Earth.
    """
    line = np.array([*points, points[0]], dtype=np.float64)
    line[:, 1] = np.unwrap(line[:, 1], period=360.0)
    if abs(line[-1, 1] - line[0, 1]) > 180.0:
        raise _fault("the outline goes around a pole", "cover.outline", "keep the area clear of the poles")
    sides = [(line[i], line[i + 1]) for i in range(len(points))]
    for i, one in enumerate(sides):
        for j in range(i + 2, len(sides) - (i == 0)):
            if _cross(*one, *sides[j]):
                raise _fault(
                    f"the outline crosses itself: side {i + 1} and side {j + 1} meet",
                    "cover.outline",
                    "give the corners in order",
                )
    east, north = line[:, 1] - line[0, 1], line[:, 0] - line[0, 0]
    if abs(float(np.sum(east[:-1] * north[1:] - east[1:] * north[:-1]))) < 1e-9:
        raise _fault("the outline has no area", "cover.outline", "give three corners that are not in line")
    return Area(name, "", ((line,),), "")


def _cross(a: Line, b: Line, c: Line, d: Line) -> bool:
    """Whether the segments a–b and c–d intersect."""

    def turn(p: Line, q: Line, r: Line) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return turn(a, b, c) * turn(a, b, d) <= 0.0 and turn(c, d, a) * turn(c, d, b) <= 0.0


def polygon_area(path: str | Path) -> Area:
    """The polygons of a GeoJSON file, as one area; points and lines in it are ignored. RequestError for invalid polygons.

    Edges are straight in longitude and latitude, and take the shorter way around the Earth; heights are ignored.
    """
    path = Path(path)
    content = _loaded(path)
    _refuse_other_datum(content, path)
    shapes = [_shape(rings, f"{path}: {place}") for rings, place in _polygons(content, "", str(path))]
    if not shapes:
        raise _fault("there is no polygon in it", str(path), "name a file with a Polygon or a MultiPolygon")
    return Area(
        _name(content, path), "", _joined(shapes), f"{path.name}: a polygon of the user's; whoever drew it is to be named."
    )


def _loaded(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _fault(f"it cannot be read ({error.strerror})", str(path), "name a GeoJSON file") from error
    except RecursionError as error:
        raise _fault("it is nested too deep", str(path), _DRAW) from error
    except ValueError as error:
        raise _fault(f"it is not JSON ({error})", str(path), "name a GeoJSON file") from error
    if not isinstance(content, dict) or "type" not in content:
        raise _fault("it is JSON, but not GeoJSON: there is no `type`", str(path), "name a GeoJSON file")
    return content


def _refuse_other_datum(content: dict[str, Any], path: Path) -> None:
    """RFC 7946 allows WGS84 only; files of the older GeoJSON may name another reference system."""
    crs = content.get("crs")
    named = crs.get("properties", {}) if isinstance(crs, dict) else crs
    named = named.get("name", crs) if isinstance(named, dict) else named
    if "crs" in content and named not in _WGS84:
        raise _fault(f"its coordinates are not of WGS84 but of {named!r}", f"{path}: crs", "convert it: ogr2ogr -t_srs EPSG:4326")


def _polygons(node: Any, place: str, file: str) -> Iterator[tuple[Any, str]]:
    """The rings of every polygon in a GeoJSON object that is not empty, and their location in the file."""
    if node is None:
        return
    kind = node.get("type") if isinstance(node, dict) else None
    dot = f"{place}." if place else ""
    inner = {"FeatureCollection": "features", "Feature": "geometry", "GeometryCollection": "geometries"}.get(
        str(kind), "coordinates"
    )
    if kind in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        return
    within = node.get(inner) if isinstance(node, dict) else None
    if kind in ("Feature", "GeometryCollection", "Polygon", "MultiPolygon") and _is_empty(within):
        return
    place = f"{dot}{inner}"
    if kind == "Feature":
        yield from _polygons(within, place, file)
    elif kind == "Polygon":
        yield within, place
    elif kind in ("FeatureCollection", "GeometryCollection", "MultiPolygon"):
        for k, one in enumerate(_list(within, f"{file}: {place}")):
            if kind == "MultiPolygon" and not _is_empty(one):
                yield one, f"{place}[{k}]"
            elif kind != "MultiPolygon":
                yield from _polygons(one, f"{place}[{k}]", file)
    else:
        raise _fault(
            f"there is no GeoJSON of type {kind!r}",
            f"{file}: {dot}type",
            "write Polygon, MultiPolygon, Feature or FeatureCollection",
        )


def _is_empty(found: Any) -> bool:
    """Whether there is nothing: null, no coordinates, or rings without any (RFC 7946, 3.1: both may be read as null)."""
    return found is None or (isinstance(found, list) and all(part is None or part == [] for part in found))


def _list(found: Any, where: str) -> Sequence[Any]:
    if not isinstance(found, list):
        raise _fault(f"a list is wanted here, not {_short(found)}", where, "see RFC 7946, section 3")
    return found


def _shape(rings: Any, where: str) -> Any:
    """A shapely polygon, or a RequestError."""
    shapely = _shapely()
    lines = [_ring(ring, f"{where}[{k}]") for k, ring in enumerate(_list(rings, where)) if k == 0 or ring != []]
    for line in lines[1:]:
        line[:, 0] += 360.0 * np.round((lines[0][:, 0].mean() - line[:, 0].mean()) / 360.0)
    polygon = shapely.Polygon(lines[0], lines[1:])
    if not shapely.is_valid(polygon):
        raise _fault(f"its rings cross or touch themselves or one another ({shapely.is_valid_reason(polygon)})", where, _DRAW)
    if polygon.area == 0.0:
        raise _fault("the polygon has no area", where, _DRAW)
    return polygon


def _ring(ring: Any, where: str) -> Line:
    """A closed ring as rows (longitude, latitude), with continuous longitude."""
    positions = _list(ring, where)
    if len(positions) > MOST_POSITIONS:
        raise _fault(f"it has {len(positions):,} positions, more than {MOST_POSITIONS:,}", where, "simplify it")
    for k, position in enumerate(positions):
        _refuse_position(position, f"{where}[{k}]")
    if len(positions) < 4:
        raise _fault(f"a ring needs four positions or more, and has {len(positions)}", where, _DRAW)
    line = np.array([position[:2] for position in positions], dtype=np.float64)
    if not np.array_equal(line[0], line[-1]):
        raise _fault("the ring is not closed: its last position is not its first", where, "repeat the first position at its end")
    line[:, 0] = np.unwrap(line[:, 0], period=360.0)
    if abs(line[-1, 0] - line[0, 0]) > 180.0:
        raise _fault("the ring goes around a pole", where, "keep the area clear of the poles")
    return line


def _refuse_position(position: Any, where: str) -> None:
    numbers = isinstance(position, list) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in position)
    if not numbers or len(position) < 2:
        raise _fault(f"a position is [longitude, latitude], not {_short(position)}", where, "see RFC 7946, section 3.1.1")
    lon, lat = position[:2]
    if not -90.0 <= lat <= 90.0 and -90.0 <= lon <= 90.0 and -360.0 <= lat <= 360.0:
        raise _fault(
            f"there is no latitude {lat:g}: latitude stands first, it seems", where, "write longitude first, then latitude"
        )
    if not (-90.0 <= lat <= 90.0 and -360.0 <= lon <= 360.0):
        raise _fault(f"{_short(position)} is no longitude and latitude in degrees", where, "give degrees of WGS84")


def _joined(shapes: Sequence[Any]) -> tuple[tuple[Line, ...], ...]:
    """The union of polygons that overlap or meet at 180°; rings as in `Area`."""
    from shapely import affinity

    shapely = _shapely()
    middle = shapes[0].centroid.x
    shifted = [affinity.translate(one, 360.0 * round((middle - one.centroid.x) / 360.0)) for one in shapes]
    whole = shapely.union_all(shifted) if len(shifted) > 1 else shifted[0]
    parts = [part for part in shapely.get_parts(whole) if part.area > 0.0]
    return tuple(tuple(np.array(ring.coords)[:, ::-1].copy() for ring in (part.exterior, *part.interiors)) for part in parts)


def _name(content: dict[str, Any], path: Path) -> str:
    """The name of a single feature, else of the file."""
    features = content.get("features", [content])
    said = features[0].get("properties") if len(features) == 1 else None
    name = said.get("name") if isinstance(said, dict) else None
    return name if isinstance(name, str) and name.strip() else path.stem


def _short(found: Any) -> str:
    text = json.dumps(found)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _shapely() -> Any:
    try:
        import shapely
    except ImportError as error:
        raise _fault("polygons need shapely, which is not installed", "--polygon", "pip install 'closedsky[geo]'") from error
    return shapely


def _fault(what: str, where: str, fix: str) -> RequestError:
    return RequestError(Fault(what, where, fix))


def named_region(text: str) -> Region:
    """A country by its ISO 3166 code of three letters or its name, or a box W,S,E,N in degrees."""
    if any(sign.isdigit() for sign in text):
        return parse(text)
    west, south, east, north = land().bounds(text)
    return turned(west, south, east if east > west else east + 360.0, north)
