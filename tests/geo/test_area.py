"""What is taken as an area, and what is refused, with the place in the file and how to mend it."""

import json
import math
import re
import sys

import numpy as np
import pyproj
import pytest

from closedsky.errors import RequestError
from closedsky.geo.area import country_area, polygon_area
from closedsky.geo.land import land

SQUARE = [[44.0, 33.0], [45.0, 33.0], [45.0, 34.0], [44.0, 34.0], [44.0, 33.0]]
HOLE = [[44.2, 33.2], [44.2, 33.4], [44.4, 33.4], [44.4, 33.2], [44.2, 33.2]]
GEOD = pyproj.Geod(ellps="WGS84")


def square(west, south, size=1.0):
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*geometries):
    return {"type": "FeatureCollection", "features": [feature(one) for one in geometries]}


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "area.geojson"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def km2_between(west, south, east, north):
    """The area of a frame of degrees by pyproj's geodesic polygon, its parallels drawn in steps of a thousandth of the width: geodesics
    so short leave the parallel by less than 1e-6 of the height."""
    lons = np.linspace(west, east, 1001)
    lat = np.concatenate([np.full(1001, south), np.full(1001, north)])
    area, _ = GEOD.polygon_area_perimeter(np.concatenate([lons, lons[::-1]]), lat)
    return abs(area) / 1e6


def test_a_country_is_as_the_shipped_land_has_it():
    area = country_area("Iraq")
    assert (area.name, area.iso3, area.area_km2) == ("Iraq", "IRQ", land().area_km2("IRQ"))
    assert area.attribution == land().attribution


def test_no_such_country():
    with pytest.raises(RequestError, match="no country 'Atlantis'"):
        country_area("Atlantis")


@pytest.mark.parametrize(
    "content",
    [
        polygon(SQUARE),
        polygon(SQUARE[::-1]),
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        feature(polygon(SQUARE)),
        collection(polygon(SQUARE)),
        collection({"type": "Point", "coordinates": [44.0, 33.0]}, polygon(SQUARE)),
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE), {"type": "LineString", "coordinates": SQUARE}]},
        {"type": "FeatureCollection", "features": [feature(None), feature(polygon(SQUARE))]},
        polygon([[*place, 120.5] for place in SQUARE]),
        {**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}},
        polygon([[lon - 360.0, lat] for lon, lat in SQUARE]),
    ],
)
def test_every_way_to_write_a_square(written, content):
    area = polygon_area(written(content))
    assert area.name == "area"
    assert len(area.polygons) == 1
    ((ring,),) = area.polygons
    assert np.array_equal(ring[0], ring[-1])
    assert {tuple(row) for row in np.column_stack([ring[:, 0], ring[:, 1] % 360.0])} == {(lat, lon) for lon, lat in SQUARE}
    assert area.area_km2 == pytest.approx(km2_between(44, 33, 45, 34), rel=1e-6)


def test_a_hole_is_no_part_of_it(written):
    area = polygon_area(written(polygon(SQUARE, HOLE)))
    assert area.area_km2 == pytest.approx(km2_between(44, 33, 45, 34) - km2_between(44.2, 33.2, 44.4, 33.4), rel=1e-6)


def test_what_overlaps_counts_once(written):
    """Two squares of a degree, half a degree apart: one and a half."""
    area = polygon_area(written(collection(polygon(SQUARE), polygon(square(44.5, 33.0)))))
    assert area.area_km2 == pytest.approx(km2_between(44, 33, 45.5, 34), rel=1e-6)


def test_a_square_cut_at_180_is_one(written):
    """As RFC 7946, section 3.1.9, has it: two polygons, one ending at 180 and the other beginning at -180."""
    content = {"type": "MultiPolygon", "coordinates": [[square(179.0, -17.0)], [square(-180.0, -17.0)]]}
    area = polygon_area(written(content))
    assert len(area.polygons) == 1
    assert area.area_km2 == pytest.approx(km2_between(179, -17, 181, -16), rel=1e-6)


@pytest.mark.parametrize("east", [181.0, -179.0])
def test_a_ring_drawn_across_180_goes_the_shorter_way(written, east):
    ring = [[179.0, -17.0], [east, -17.0], [east, -16.0], [179.0, -16.0], [179.0, -17.0]]
    area = polygon_area(written(polygon(ring)))
    assert area.area_km2 == pytest.approx(km2_between(179, -17, 181, -16), rel=1e-6)


def test_a_field_of_four_square_kilometres(written):
    """2 km by 2 km at the equator: degrees by the ellipsoid's radii of curvature there, a = 6378.137 km and a (1 - e²) = 6335.439 km."""
    lat, lon = math.degrees(2.0 / 6335.439), math.degrees(2.0 / 6378.137)
    ring = [[0.0, 0.0], [lon, 0.0], [lon, lat], [0.0, lat], [0.0, 0.0]]
    assert polygon_area(written(polygon(ring))).area_km2 == pytest.approx(4.0, rel=1e-6)


def test_a_feature_names_it(written):
    assert polygon_area(written(feature(polygon(SQUARE), name="Baghdad"))).name == "Baghdad"


NOTHING = (
    polygon(),
    polygon([]),
    polygon([], []),
    {"type": "Polygon", "coordinates": None},
    {"type": "Polygon"},
    {"type": "MultiPolygon", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": [[], [[]]]},
    {"type": "MultiPolygon", "coordinates": None},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "GeometryCollection", "geometries": [None, polygon()]},
    {"type": "GeometryCollection", "geometries": None},
    {"type": "Point", "coordinates": []},
    feature(None),
)


@pytest.mark.parametrize("nothing", NOTHING)
def test_empty_and_null_geometries_count_alike_for_nothing(written, nothing):
    """RFC 7946, 3.1: empty coordinates may be read as null."""
    content = {"type": "FeatureCollection", "features": [feature(nothing), feature(polygon(SQUARE)), {"type": "Feature"}]}
    assert polygon_area(written(content)).area_km2 == pytest.approx(km2_between(44, 33, 45, 34), rel=1e-6)
    assert len(polygon_area(written({"type": "MultiPolygon", "coordinates": [[SQUARE, []], [], None]})).polygons[0]) == 1


BOWTIE = [[44.0, 33.0], [45.0, 34.0], [45.0, 33.0], [44.0, 34.0], [44.0, 33.0]]
UTM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}


@pytest.mark.parametrize(
    ("content", "what", "where"),
    [
        ("{", "not JSON", ""),
        ("[1, 2]", "not GeoJSON", ""),
        ('{"lat": 33}', "not GeoJSON", ""),
        ("[" * 100_000, "nested too deep|not JSON", ""),
        ({"type": "Point", "coordinates": [44, 33]}, "no polygon in it", ""),
        (collection(), "no polygon in it", ""),
        ({"type": "FeatureCollection"}, "a list is wanted here, not null", ": features"),
        ({"type": "Topology"}, "no GeoJSON of type 'Topology'", ": type"),
        (collection(polygon(SQUARE), {"type": "Circle"}), "no GeoJSON of type 'Circle'", r": features\[1\]\.geometry\.type"),
        *((nothing, "no polygon in it", "") for nothing in NOTHING),
        (collection(*NOTHING), "no polygon in it", ""),
        (polygon([], SQUARE), "four positions or more, and has 0", r": coordinates\[0\]"),
        ({"type": "Polygon", "coordinates": 7}, "a list is wanted here, not 7", ": coordinates"),
        (polygon(SQUARE[:2] + SQUARE[:1]), "four positions or more, and has 3", r": coordinates\[0\]"),
        (polygon(SQUARE[:-1]), "not closed", r": coordinates\[0\]"),
        (polygon(BOWTIE), r"cross .*Self-intersection\[44\.5 33\.5\]", ": coordinates"),
        (polygon(SQUARE, square(44.5, 33.5)), "cross or touch", ": coordinates"),
        (polygon([[44, 33], [45, 34], [44, 33], [44, 33]]), "cross or touch", ": coordinates"),
        (polygon([[33.0, 144.0], *SQUARE]), "latitude stands first", r": coordinates\[0\]\[0\]"),
        (polygon([[500.0, 33.0], *SQUARE]), r"no longitude and latitude", r": coordinates\[0\]\[0\]"),
        (polygon([[44.0, 1e400], *SQUARE]), r"no longitude and latitude", r": coordinates\[0\]\[0\]"),
        (polygon([[44.0, math.nan], *SQUARE]), r"no longitude and latitude", r": coordinates\[0\]\[0\]"),
        (polygon([[10**400, 33], *SQUARE]), r"no longitude and latitude", r": coordinates\[0\]\[0\]"),
        (polygon([["44", 33], *SQUARE]), "a position is", r": coordinates\[0\]\[0\]"),
        (polygon([[44.0], *SQUARE]), "a position is", r": coordinates\[0\]\[0\]"),
        (polygon([44.0, 33.0]), "a position is", r": coordinates\[0\]\[0\]"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [BOWTIE]]}, "cross", r": coordinates\[1\]"),
        (polygon([[0, 60], [120, 60], [-120, 60], [0, 60]]), "around a pole", r": coordinates\[0\]"),
        ({**polygon(SQUARE), "crs": UTM}, "EPSG::32638", ": crs"),
        ({**polygon(SQUARE), "crs": None}, "not of WGS84", ": crs"),
        ({**polygon(SQUARE), "crs": [1]}, "not of WGS84", ": crs"),
    ],
)
def test_one_clear_error(written, content, what, where):
    path = written(content)
    with pytest.raises(RequestError, match=what) as caught:
        polygon_area(path)
    (fault,) = caught.value.faults
    assert fault.where.startswith(str(path))
    assert re.search(f"^{where}$", fault.where.removeprefix(str(path)))
    assert fault.fix


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RequestError, match="cannot be read"):
        polygon_area(tmp_path / "none.geojson")


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "a").write_bytes(b"\x80\xff\x00")
    with pytest.raises(RequestError, match="not JSON"):
        polygon_area(tmp_path / "a")


def test_shapely_is_named_where_it_is_missing(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "shapely", None)
    with pytest.raises(RequestError, match=r"needs? shapely(.|\n)*closedsky\[geo\]"):
        polygon_area(written(polygon(SQUARE)))
