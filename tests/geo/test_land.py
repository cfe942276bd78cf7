"""The shipped land against what is known of the world, and the way it is packed against shapes made by hand."""

import importlib.util
import json
import math
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from closedsky.errors import RequestError
from closedsky.geo.land import LAND_FILE, Country, Line, land, unpack
from closedsky.geo.shipped import read_shipped, unwrap
from closedsky.physics.shore import Shore, coast_distance, on_land, shore
from tests.reference.tables import rows

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_land.py"
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_land", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def coast() -> Shore:
    return shore([np.radians(line) for line in land().coasts])


def at(coast: Shore, lat_deg: float, lon_deg: float) -> bool:
    return bool(on_land(coast, math.radians(lat_deg), math.radians(lon_deg)))


# What is known of the world

CAPITALS = {
    "IRQ": (33.31, 44.37), "IRN": (35.69, 51.39), "SAU": (24.69, 46.72), "POL": (52.23, 21.01), "DEU": (52.52, 13.40),
    "UKR": (50.45, 30.52), "RUS": (55.75, 37.62), "CHN": (39.90, 116.40), "IND": (28.61, 77.21), "FRA": (48.86, 2.35),
    "ESP": (40.42, -3.70), "BRA": (-15.79, -47.88), "CAN": (45.42, -75.70), "USA": (38.90, -77.04), "AUS": (-35.28, 149.13),
    "ZAF": (-25.75, 28.19), "KEN": (-1.29, 36.82), "MNG": (47.92, 106.92), "TUR": (39.93, 32.86), "SYR": (33.51, 36.29),
    "JOR": (31.95, 35.93), "ETH": (9.03, 38.74), "KOR": (37.57, 126.98), "MEX": (19.43, -99.13), "LSO": (-29.32, 27.48),
}  # fmt: skip


@pytest.mark.parametrize("iso3", CAPITALS)
def test_a_capital_is_on_land_and_in_its_country_alone(iso3: str, coast: Shore) -> None:
    lat, lon = CAPITALS[iso3]
    assert at(coast, lat, lon)
    around = [
        one.iso3
        for one in land().countries
        if any(ring[:, 0].min() <= lat <= ring[:, 0].max() for rings in one.polygons for ring in rings)
        and at(shore([np.radians(ring) for rings in one.polygons for ring in rings]), lat, lon)
    ]
    assert around == [iso3]


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg"),
    [
        ("Viti Levu, Fiji", -17.8, 178.0),
        ("Chukotka, east of 180", 66.5, -176.0),
        ("Chukotka, on 180", 67.5, 180.0),
        ("Chukotka, the same", 67.5, -180.0),
        ("Wrangel Island, on 180", 71.2, 180.0),
        ("South Pole", -90.0, 0.0),
        ("South Pole, by another meridian", -90.0, 123.4),
        ("Vostok", -78.46, 106.84),
        ("Greenland", 75.0, -40.0),
        ("Svalbard", 78.8, 16.5),
        ("Crete", 35.2, 24.9),
        ("Hawaii", 19.6, -155.5),
        ("Iceland", 64.9, -18.5),
        ("Lake Superior, which is land here", 47.7, -87.5),
        ("Jericho, below sea level", 31.87, 35.44),
        ("Lake Victoria, which is land here", -1.0, 33.0),
    ],
)
def test_land(place: str, lat_deg: float, lon_deg: float, coast: Shore) -> None:
    assert at(coast, lat_deg, lon_deg)
    assert at(coast, lat_deg, lon_deg + 360.0)


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg"),
    [
        ("North Pole", 90.0, 0.0),
        ("mid Pacific", 0.0, -150.0),
        ("mid Pacific on 180", 10.0, 180.0),
        ("mid Atlantic", 30.0, -40.0),
        ("Bering Sea on 180", 58.0, 180.0),
        ("East Siberian Sea on 180", 73.0, 180.0),
        ("Caspian Sea", 42.0, 50.5),
        ("Black Sea", 43.0, 34.0),
        ("Persian Gulf", 27.0, 51.5),
        ("Red Sea", 20.0, 38.5),
        ("Baltic Sea", 56.0, 18.5),
        ("Hudson Bay", 60.0, -85.0),
        ("Koro Sea, Fiji", -17.8, 179.5),
        ("Gulf of Guinea", 0.0, 0.0),
        ("Ross Ice Shelf, which is sea here", -81.0, -175.0),
        ("Drake Passage", -59.0, -65.0),
    ],
)
def test_sea(place: str, lat_deg: float, lon_deg: float, coast: Shore) -> None:
    assert not at(coast, lat_deg, lon_deg)
    assert not at(coast, lat_deg, lon_deg - 360.0)


def test_land_and_sea_against_geos(coast: Shore) -> None:
    """The same polygons in GEOS, on the flat map they were drawn on, with copies a turn away."""
    polygons = [
        shapely.Polygon(rings[0][:, ::-1], [hole[:, ::-1] for hole in rings[1:]])
        for one in land().countries
        for rings in one.polygons
        if abs(rings[0][-1, 1] - rings[0][0, 1]) < 1.0  # Antarctica's line has no two ends on a flat map
    ]
    tree = shapely.STRtree(polygons)
    rng = np.random.default_rng(8)
    lat, lon = rng.uniform(-60.0, 85.0, 3000), rng.uniform(-180.0, 180.0, 3000)
    theirs = np.zeros(lat.size, dtype=bool)
    for turn in (-360.0, 0.0, 360.0):
        theirs[tree.query(shapely.points(lon + turn, lat), predicate="within")[0]] = True
    ours = np.array([at(coast, *point) for point in zip(lat, lon, strict=True)])
    assert 0.2 < theirs.mean() < 0.5
    assert np.array_equal(ours, theirs)


def geodesic_to_coast_m(lat_deg: float, lon_deg: float) -> float:
    """Least WGS84 geodesic to the coast: to all its points, then along the edges at those that could be nearest."""
    starts = np.vstack([line[:-1] for line in land().coasts])
    ends = np.vstack([line[1:] for line in land().coasts])

    def away(points: Line) -> Line:
        here = np.full((2, len(points)), [[lon_deg], [lat_deg]])
        return np.asarray(GEOD.inv(*here, points[:, 1], points[:, 0])[2])

    long = np.asarray(GEOD.inv(starts[:, 1], starts[:, 0], ends[:, 1], ends[:, 0])[2])
    to_ends = np.minimum(away(starts), away(ends))
    near = to_ends - long <= to_ends.min()
    share = np.linspace(0.0, 1.0, 401)[:, None, None]
    return float(away(((1.0 - share) * starts[near] + share * ends[near]).reshape(-1, 2)).min())


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [
        (33.31, 44.37), (48.86, 2.35), (55.75, 37.62), (0.0, -150.0), (27.0, 51.5), (42.0, 50.5), (32.05, 34.70), (-17.8, 179.5),
        (71.2, 180.0), (67.5, 180.0), (64.9, -18.5), (90.0, 0.0), (45.255, 30.204), (-35.0, 150.0), (51.0, 1.4), (44.6, 33.5),
    ],
)  # fmt: skip
def test_distances_to_the_coast_against_geodesics(lat_deg: float, lon_deg: float, coast: Shore) -> None:
    ours = coast_distance(coast, math.radians(lat_deg), math.radians(lon_deg))
    theirs = geodesic_to_coast_m(lat_deg, lon_deg)
    # 0.6 %: the sphere against the ellipsoid. 60 m: an edge is a great circle here and straight in degrees there; L² tan φ / 8 R apart,
    # which is 60 m for 25 km at 70 degrees, longer than any edge near the points of this list; and samples are up to 60 m apart.
    assert ours == pytest.approx(theirs, rel=0.006, abs=60.0)


# Countries


@pytest.mark.parametrize("row", rows("country_areas"), ids=lambda row: row["iso3"])
def test_areas_agree_with_what_is_published(row: dict[str, str]) -> None:
    """1.5 %: what simplified lines, waters counted or not, and lines in dispute (Crimea, the Falklands) make."""
    assert land().area_km2(row["iso3"]) == pytest.approx(float(row["area_km2"]), rel=0.015)


@pytest.mark.parametrize("iso3", ["IRQ", "ISL", "FJI", "LSO", "ZAF", "BRA"])
def test_areas_against_geodesic_polygons(iso3: str) -> None:
    """pyproj's polygons have geodesics for edges; cut to a tenth, they are as good as straight in degrees. South Africa has a hole."""
    total = 0.0
    for rings in land().country(iso3).polygons:
        for k, ring in enumerate(rings):
            fine = np.column_stack(
                [np.interp(np.arange(0, len(ring) - 0.95, 0.1), np.arange(len(ring)), ring[:, i]) for i in (0, 1)]
            )
            area = abs(GEOD.polygon_area_perimeter(fine[:, 1], fine[:, 0])[0]) / 1e6
            total += area if k == 0 else -area
    assert land().area_km2(iso3) == pytest.approx(total, rel=2e-5)


def made(*rings: list[tuple[float, float]]) -> Country:
    """A country of one polygon, of points (latitude, longitude)."""
    return Country("XXA", "Made", [np.array(ring, dtype=float) for ring in rings], [[[k] for k in range(len(rings))]])


def test_area_in_closed_form() -> None:
    """South of the equator lies half the ellipsoid: 510,065,621.724 km² / 2 (Moritz 1980, GRS80; WGS84's differs by 2e-10)."""
    half = made([(0.0, lon) for lon in (-180, -60, 60, 180)])
    assert half.area_km2 == pytest.approx(510_065_621.724 / 2.0, rel=1e-8)
    lune = made([(0, 0), (0, 90), (-90, 90), (-90, 0), (0, 0)])  # Simpson's rule on a meridian has nothing to do
    assert lune.area_km2 == pytest.approx(510_065_621.724 / 8.0, rel=1e-8)
    with_hole = made([(0, lon) for lon in (-180, -60, 60, 180)], [(0, 0), (0, 90), (-90, 90), (-90, 0), (0, 0)])
    assert with_hole.area_km2 == pytest.approx(510_065_621.724 * 3.0 / 8.0, rel=1e-8)


def test_bounds() -> None:
    """Extremes as atlases give them, to the accuracy of the map."""
    assert land().bounds("IRQ") == pytest.approx((38.79, 29.07, 48.57, 37.38), abs=0.1)
    west, _, east, _ = land().bounds("FJI")
    assert (west, east) == (pytest.approx(174.6, abs=0.3), pytest.approx(-178.2, abs=0.3))  # Conway Reef, the Lau Islands
    assert west > east
    west, _, east, north = land().bounds("RUS")
    assert (west, east) == (pytest.approx(19.6, abs=0.2), pytest.approx(-169.7, abs=0.2))  # Baltic Spit, Big Diomede
    assert north == pytest.approx(81.85, abs=0.1)  # Cape Fligely
    west, _, east, _ = land().bounds("USA")
    assert (west, east) == (pytest.approx(172.4, abs=0.2), pytest.approx(-66.95, abs=0.1))  # Attu, West Quoddy Head
    assert land().bounds("ATA")[:3] == (-180.0, -90.0, 180.0)
    assert made([(0, 170), (1, 190), (2, 170), (0, 170)]).bounds == (170.0, 0.0, -170.0, 2.0)
    assert made([(0, -10), (1, 12), (2, -10), (0, -10)]).bounds == (-10.0, 0.0, 12.0, 2.0)


def test_every_country_can_be_asked_for() -> None:
    known = land().countries
    assert len(known) == 240
    codes = Counter(one.iso3 for one in known)
    assert codes.pop("") == 5
    assert set(codes.values()) == {1}
    assert all(len(code) == 3 and code.isupper() for code in codes)
    for one in known:
        assert land().country(one.name) is one
        assert land().country(one.iso3.lower() or one.name.upper()) is one
        assert all(np.allclose(ring[0, 0], ring[-1, 0]) for rings in one.polygons for ring in rings)
        assert all((ring[-1, 1] - ring[0, 1]) % 360.0 == pytest.approx(0.0, abs=1e-9) for rings in one.polygons for ring in rings)
        assert one.area_km2 > 0.0
    assert land().country("Iraq").iso3 == "IRQ"
    assert land().country("Kosovo").iso3 == ""


@pytest.mark.parametrize(
    ("asked", "near"),
    [("irak", "Iraq (IRQ)"), ("Germny", "Germany (DEU)"), ("XX", "code of three letters"), ("", "code of three letters")],
)
def test_an_unknown_country_is_told_with_those_that_are_near(asked: str, near: str) -> None:
    with pytest.raises(RequestError) as caught:
        land().country(asked)
    (fault,) = caught.value.faults
    assert near in fault.fix
    assert fault.where == "country"


def test_coasts_and_borders() -> None:
    """Mongolia and Lesotho have no coast, Iceland and Fiji no border, Poland both."""

    def kinds(iso3: str) -> set[str]:
        one = land().country(iso3)
        lines = {id(line): "coast" for line in land().coasts} | {id(line): "border" for line in land().borders}
        return {lines[id(one.arcs[max(k, ~k)])] for rings in one.rings for ring in rings for k in ring}

    assert kinds("MNG") == kinds("LSO") == {"border"}
    assert kinds("ISL") == kinds("FJI") == {"coast"}
    assert kinds("POL") == {"coast", "border"}


def test_what_is_shipped() -> None:
    header, body = read_shipped(LAND_FILE)
    assert "Natural Earth" in header["source"]
    assert "public domain" in header["attribution"]
    whole = json.loads(body)
    assert all(isinstance(value, int) for arc in whole["arcs"] for point in arc for value in point)


# The way it is packed


def topology() -> dict[str, Any]:
    """On a lattice of 1 degree from (180 W, 90 S): two squares that share a side, one of them with a hole; a strip across the antimeridian,
    a territory that bears its country's code, one without any code, and a cap around the South Pole with a ring along the pole.
    """
    arcs = [
        [[190, 90], [0, 10]],  # 0: the shared side, 10 E from 0 N to 10 N
        [[190, 100], [-10, 0], [0, -10], [10, 0]],  # 1: the western square, the rest of it
        [[190, 90], [10, 0], [0, 10], [-10, 0]],  # 2: the eastern one
        [[194, 94], [2, 0], [0, 2], [-2, 0], [0, -2]],  # 3: the hole
        [[355, 60], [5, 0], [-355, 0], [0, 5], [355, 0], [-5, 0], [0, -5]],  # 4: from 175 E over 180 to 175 W
        [[0, 10], [120, 0], [120, 0], [120, 0]],  # 5: around the pole, 80 S
        [[0, 0], [180, 0], [180, 0]],  # 6: along the pole
        [[300, 90], [1, 0], [0, 1], [-1, -1]],  # 7
        [[310, 90], [1, 0], [0, 1], [-1, -1]],  # 8
        [[5, 5], [1, 1]],  # 9: used by nobody
    ]
    shapes = [
        {"type": "Polygon", "id": "300", "properties": {"name": "West"}, "arcs": [[0, 1]]},
        {"type": "MultiPolygon", "id": "348", "properties": {"name": "East"}, "arcs": [[[2, ~0], [3]], [[4]]]},
        {"type": "Polygon", "id": "348", "properties": {"name": "Isle"}, "arcs": [[7]]},
        {"type": "Polygon", "properties": {"name": "Nobody"}, "arcs": [[8]]},
        {"type": "Polygon", "id": "010", "properties": {"name": "Cap"}, "arcs": [[5], [6]]},
    ]
    return {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [-180, -90]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": shapes}},
        "arcs": arcs,
    }


def test_the_script_and_its_reader(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, target = tmp_path / "countries.json", tmp_path / "land.bin"
    given.write_text(json.dumps(topology()))
    assert script.main([str(given), "--target", str(target)]) == 0
    made_land = unpack(*unwrap(target.read_bytes(), "land.bin"))
    assert [(one.iso3, one.name) for one in made_land.countries] == [
        ("", "Nobody"),
        ("ATA", "Cap"),
        ("GRC", "West"),
        ("HUN", "East"),
    ]
    east, west = made_land.country("HUN"), made_land.country("GRC")
    assert [len(rings) for rings in east.polygons] == [2, 1, 1]
    ring, hole = east.polygons[0]
    assert ring.tolist() == [[0, 10], [0, 20], [10, 20], [10, 10], [0, 10]]
    assert hole.tolist() == [[4, 14], [4, 16], [6, 16], [6, 14], [4, 14]]
    assert west.polygons[0][0].tolist() == [[0, 10], [10, 10], [10, 0], [0, 0], [0, 10]]
    strip = east.polygons[1][0]
    assert (strip[:, 1].min(), strip[:, 1].max()) == (175.0, 185.0)
    assert [len(rings) for rings in made_land.country("ATA").polygons] == [1]
    assert [line.tolist() for line in made_land.borders] == [[[0, 10], [10, 10]]]
    assert len(made_land.coasts) == 7
    coast = shore([np.radians(line) for line in made_land.coasts])
    assert [at(coast, *point) for point in ((5, 5), (5, 10), (5, 18), (5, 15), (-28, 179), (-28, -178), (-85, 0), (5, 25))] == [
        True, True, True, False, True, True, True, False,
    ]  # fmt: skip
    assert script.main([str(given), "--target", str(target), "--check"]) == 0
    changed = topology()
    changed["arcs"][0][1][1] = 9
    given.write_text(json.dumps(changed))
    assert script.main([str(given), "--target", str(target), "--check"]) == 1
    assert "DIFFER" in capsys.readouterr().out
    given.write_text("{}")
    with pytest.raises(SystemExit, match="not the topology"):
        script.main([str(given), "--target", str(target)])
