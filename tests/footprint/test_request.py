"""The defended footprint: hand geometry, what must grow with what, and what is refused."""

import json
import math
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.integrate import quad
from scipy.optimize import brentq

from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.errors import CatalogueError, ClosedskyError, RequestError, TerrainError
from closedsky.footprint.answer import Footprints, defended_footprint
from closedsky.footprint.files import write
from closedsky.footprint.request import FootprintRequest
from tests.acceptance.sandbox import ANTENNA_M, HOME, Tree, flight_s, radar, system, threat
from tests.command import closedsky
from tests.geo.rasters import degrees

EARTH_M, MU = 6_371_000.0, 3.986004418e14
"""Sphere of the model's formulae; the Earth's gravitational parameter (WGS84)."""
AT_REST = {"earth": {"shape": "sphere", "rotation": "off"}, "gas": "off", "clutter": "off"}


def unit(reach_m: float, ceiling_m: float, lowest_m: float, **changed: Any) -> Tree:
    """The unit of the formulae, against ballistic targets."""
    made = system(**changed)
    made["missiles"]["round"] |= {
        "altitude_min": f"{lowest_m} m",
        "targets": {"ballistic": {"range_max": f"{reach_m} m", "altitude_max": f"{ceiling_m} m", "pk": 0.5}},
    }
    made["fire_unit"]["doctrine"] = {"ballistic": made["fire_unit"]["doctrine"]["cruise"]}
    return made


def catalogue(folder: Path, defence: Tree, **attack: Any) -> Catalogue:
    """The shipped catalogue with the unit `ideal`, and `stone`, which falls without drag and is seen all the way."""
    stone = threat(target_class="ballistic", **attack)
    for room, name, entry in (("systems", "ideal", defence), ("threats", "stone", stone)):
        (folder / room).mkdir(exist_ok=True)
        (folder / room / f"{name}.yaml").write_text(yaml.safe_dump({"id": name, **entry}))
    return load_catalogue(own=folder)


def made(folder: Path, defence: Tree, range_km: float, apogee_km: float | None, cell_km: float, **asked: Any) -> Footprints:
    """The likely footprint against threats from the east, and over flat ground unless something else is asked."""
    known = {"terrain": "flat", "environment": AT_REST, "azimuths": (90.0,), "ends": ("likely",)} | asked
    request = FootprintRequest("ideal", HOME, None, "stone", range_km, apogee_km, cell_km=cell_km, **known)
    return defended_footprint(request, catalogue(folder, defence), threads=1)


# ---------------------------------------------------------------- hand geometry

REACH_M, CEILING_M, LOWEST_M, CELL_KM = 20e3, 10e3, 2e3, 0.5


def apogee_for(range_m: float, gamma_rad: float) -> float:
    """Apogee of the Kepler arc over a range that leaves and meets a sphere at an angle (Bate, Mueller and White, ch. 6).

    λ = sin(Φ/2) / (cos γ sin(γ + Φ/2)), a = R / (2 - λ), 1 - e² = λ (2 - λ) cos² γ, and the apogee is a (1 + e) - R.
    """
    half = 0.5 * range_m / EARTH_M
    energy = math.sin(half) / (math.cos(gamma_rad) * math.sin(gamma_rad + half))
    eccentricity = math.sqrt(1.0 - energy * (2.0 - energy) * math.cos(gamma_rad) ** 2)
    return EARTH_M / (2.0 - energy) * (1.0 + eccentricity) - EARTH_M


def test_a_vertical_arrival_is_defended_within_a_circle(tmp_path: Path) -> None:
    """One opportunity, seen all along: it is met at the lowest height h at the latest, so wherever √(d² + h²) is within reach.

    10.5 km with an apogee of 1000 km arrive 0.3 % off the vertical. With reach 20 km and h = 2 km the radius is 19.90 km.
    """
    answer = made(tmp_path, unit(REACH_M, CEILING_M, LOWEST_M, speed_mps=2000.0), 10.5, 1000.0, CELL_KM).answer.likely[0]
    radius_km = math.sqrt(REACH_M**2 - (LOWEST_M - ANTENNA_M) ** 2) / 1000.0
    for reach_km in (answer.ahead_km, answer.behind_km, answer.left_km, answer.right_km):
        assert reach_km == pytest.approx(radius_km, abs=0.5 * CELL_KM + 0.01)
    assert answer.area_km2 == pytest.approx(math.pi * radius_km**2, rel=0.005)


def test_a_second_opportunity_asks_for_time(tmp_path: Path) -> None:
    """The first meets it where it enters the envelope: at z₁, the ceiling or √(R² - d²). Then the assessment A, and the flight of the
    next round, thrown at v over √(d² + h²), have to fit into its fall to h. It falls from apogee rₐ at V = √(2 μ (1/r - 1/rₐ)), so
    the fall takes ∫ dz / V. From 1000 km, at some 4.1 km/s, 10 to 2 km take 2 s: with A = 0.5 s and v = 10 km/s, d is 14 km.
    """
    assessment_s, speed_mps = 0.5, 10_000.0
    defence = unit(REACH_M, CEILING_M, LOWEST_M, speed_mps=speed_mps, assessment_s=assessment_s, max_rounds=2)
    cell_km = 1.0
    answer = made(tmp_path, defence, 10.5, 1000.0, cell_km, opportunities=2).answer.likely[0]

    def spare_s(d_m: float) -> float:
        top_m = min(CEILING_M, math.sqrt(REACH_M**2 - d_m**2))
        fall_s = quad(lambda z: (2.0 * MU * (1.0 / (EARTH_M + z) - 1.0 / (EARTH_M + 1e6))) ** -0.5, LOWEST_M, top_m)[0]
        return fall_s - assessment_s - flight_s(math.hypot(d_m, LOWEST_M), LOWEST_M - ANTENNA_M, speed_mps)

    radius_km = brentq(spare_s, 1e3, 19e3) / 1000.0
    assert 13.0 < radius_km < 15.0
    for reach_km in (answer.ahead_km, answer.behind_km, answer.left_km, answer.right_km):
        assert reach_km == pytest.approx(radius_km, abs=0.5 * cell_km + 0.1)


def at_45_degrees(folder: Path, **asked: Any) -> Any:
    """600 km that arrive at 45°, at 2.37 km/s: over the last 10 km of its way the path bends by less than 0.2 km."""
    apogee_km = apogee_for(6e5, 0.25 * math.pi) / 1000.0
    return made(folder, unit(REACH_M, CEILING_M, LOWEST_M, speed_mps=8000.0), 600.0, apogee_km, CELL_KM, **asked).answer.likely[0]


def hand_km(lowest: float, ceiling: float) -> tuple[float, float, float, float]:
    """Ahead, behind, aside and area of the footprint at 45°, worked out in km for the test below."""
    reach = REACH_M / 1000.0
    side = math.sqrt(reach**2 - lowest**2)

    def depth(y: float) -> float:
        square = reach**2 - y**2
        best = min(max(math.sqrt(0.5 * square), lowest), ceiling, math.sqrt(square))
        return math.sqrt(square - lowest**2) - lowest + math.sqrt(square - best**2) + best

    return side - lowest, math.sqrt(reach**2 - ceiling**2) + ceiling, side, 2.0 * float(quad(depth, 0.0, side)[0])


def test_an_arrival_at_45_degrees_is_defended_farther_behind_than_ahead(tmp_path: Path) -> None:
    """It passes height z a distance z before its aim point. Met between h and H within R of the unit, an aim point on the axis is
    defended as far ahead as √(R² - h²) - h, and as far behind as √(R² - H²) + H; to the side, abreast of a point h behind, √(R² - h²).
    With 20, 2 and 10 km: 17.9 km ahead, 27.3 km behind, 19.9 km aside. The area is the integral over the offset y of ahead and behind,
    with R² - y² for R² and the best height between h and H for what is behind, √((R² - y²) / 2) where that is allowed.

    The engine looks at a path every quarter of a second, in which it falls 0.42 km. What stays in the envelope for less may be passed
    over: the least that is found is what the same formulae say of heights from h + 0.42 to H - 0.42 km.
    """
    answer = at_45_degrees(tmp_path)
    low, high, fall = LOWEST_M / 1000.0, CEILING_M / 1000.0, 0.25 * 2.372 / math.sqrt(2.0)
    found = answer.ahead_km, answer.behind_km, answer.left_km, answer.right_km
    most, least = hand_km(low, high), hand_km(low + fall, high - fall)
    off = 0.5 * CELL_KM + 0.1  # half a cell; the bend of the path, and of the Earth
    for i, reach_km in zip((0, 1, 2, 2), found, strict=True):
        assert least[i] - off <= reach_km <= most[i] + off
    assert 0.99 * least[3] <= answer.area_km2 <= 1.01 * most[3]
    assert least[3] > 0.94 * most[3]


def test_it_turns_with_the_azimuth(tmp_path: Path) -> None:
    """On a sphere at rest nothing but the frame turns: cells of a few metres' difference apart, the figures are the same."""
    east, other = at_45_degrees(tmp_path), at_45_degrees(tmp_path, azimuths=(215.0,))
    assert other.from_deg == 215.0
    assert other.area_km2 == pytest.approx(east.area_km2, rel=0.005)
    assert other.behind_km == pytest.approx(east.behind_km, abs=CELL_KM)


# ---------------------------------------------------------------- what must grow with what


def hurried(reaction_s: float = 5.0, reach_m: float = 30e3, channels: int = 1) -> Tree:
    """A unit that sees 80 km far, so that time is short."""
    eye = radar(instrumented_range="80 km")
    return unit(
        reach_m, 30e3, 1e3, speed_mps=1500.0, reaction_s=reaction_s, assessment_s=2.0, max_rounds=2, radars={"eye": eye},
        channels=channels,
    )  # fmt: skip


def test_a_shorter_reaction_never_defends_less(tmp_path: Path) -> None:
    counts = [
        made(tmp_path, hurried(reaction_s), 600.0, None, 2.0).surveys["likely", 90.0].counts for reaction_s in (25.0, 15.0, 5.0)
    ]
    for slower, faster in pairwise(counts):
        assert (faster >= slower).all()
        assert faster.sum() > slower.sum()


def test_a_longer_range_never_defends_less(tmp_path: Path) -> None:
    areas = [
        made(tmp_path, hurried(reach_m=reach_m), 600.0, None, 2.0).answer.likely[0].area_km2 for reach_m in (20e3, 25e3, 30e3)
    ]
    assert areas[0] < areas[1] < areas[2]


def test_more_missiles_than_channels_are_defended_less_well(tmp_path: Path) -> None:
    one, two, both = (
        made(tmp_path, hurried(channels=channels), 600.0, None, 2.0, together=together).surveys["likely", 90.0].counts
        for channels, together in ((1, 1), (1, 2), (2, 2))
    )
    assert (two <= both).all()
    assert (both <= one).all()
    assert two.sum() < both.sum()


def test_a_higher_mast_never_defends_less(tmp_path: Path) -> None:
    """Round the unit stands a wall, 500 m high and 5 km away: what is low behind it is held from a mast, and not from the ground."""

    def wall(lat: Any, lon: Any) -> Any:
        away_km = np.hypot((lat - HOME[0]) * 111.2, (lon - HOME[1]) * 111.2 * math.cos(math.radians(HOME[0])))
        return 500.0 * np.maximum(1.0 - np.abs(away_km - 5.0), 0.0)

    ground = degrees(tmp_path / "wall.tif", HOME[0] + 1.5, HOME[1] - 2.0, 0.005, (600, 800), wall)
    counts = [
        made(tmp_path, unit(30e3, 20e3, 100.0, speed_mps=4000.0), 600.0, None, 2.0, terrain=str(ground), antenna_height_m=mast_m)
        .surveys["likely", 90.0].counts
        for mast_m in (10.0, 100.0, 200.0)
    ]  # fmt: skip
    for lower, higher in pairwise(counts):
        assert (higher >= lower).all()
    assert counts[2].sum() > counts[0].sum()


def test_the_ends_are_in_order(tmp_path: Path) -> None:
    """Reaction 8 to 15 s and so on: the defender's end defends no less than the chosen figures, and they no less than the attacker's."""
    request = FootprintRequest(
        "patriot-pac-3-mse", (33.8, 42.4), threat="fateh-313", range_km=300.0, azimuths=(90.0,), cell_km=4.0
    )
    answer = defended_footprint(request).answer
    low, likely, high = (getattr(answer, end)[0] for end in ("low", "likely", "high"))
    assert low.area_km2 <= likely.area_km2 < high.area_km2
    assert likely.area_km2 > 0.0
    assert 0 < answer.assumed.count < answer.assumed.of == sum(answer.assumed.by_grade.values())
    assert any("boost" in name for name in answer.left_as_chosen)
    assert "upper bound" in answer.terrain.label


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"system": "s-4000"}, CatalogueError, "did you mean 's-400'"),
        ({"system": "nasams"}, RequestError, "defends no ground against ballistic missiles"),
        ({"threat": "f-16c"}, RequestError, "closedsky cover"),
        ({"threat": "fateh-3133"}, CatalogueError, "did you mean 'fateh-313'"),
        ({"threat": None}, RequestError, "neither a threat nor a range"),
        ({"threat": None, "range_km": 5000.0}, RequestError, "no ballistic missile of the catalogue flies 5000 km"),
        ({"range_km": 5000.0}, RequestError, "--range: 5000 km is beyond the reach of a Fateh-313"),
        ({"range_km": 3.0}, RequestError, "--range: 3.0 km is too short"),
        ({"range_km": 300.0, "apogee_km": 2000.0}, RequestError, "--apogee"),
        ({"apogee_km": 0.0}, RequestError, "--apogee: 0 is not from"),
        ({"opportunities": 0}, RequestError, "--opportunities: 0 is not from 1"),
        ({"together": 0}, RequestError, "--together: 0 is not from 1"),
        ({"cell_km": 0.0}, RequestError, "--cell: 0 is not from"),
        ({"azimuths": ()}, RequestError, "--from"),
        ({"at": (34.0, 20.0)}, RequestError, "--at: 'unit' is at sea"),
        ({"range_km": -5.0}, RequestError, "--range: no missile flies -5 km\n    fix: give how far it flies, in km"),
        ({"range_km": 3.0}, RequestError, "fix: give at least 10 km"),
        ({"apogee_km": 2900.0}, RequestError, "leave --apogee out"),
        ({"threat": "nobody"}, CatalogueError, "--threat: unknown threat"),
        ({"system": "nobody"}, CatalogueError, "UNIT: unknown system"),
        ({"terrain": "nowhere.tif"}, TerrainError, "--terrain: "),
        ({"terrain": "nowhere.tif"}, TerrainError, "no such file"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], error: type[ClosedskyError], said: str) -> None:
    request = FootprintRequest(**({"system": "patriot-pac-3-mse", "at": (33.8, 42.4), "threat": "fateh-313"} | asked))
    with pytest.raises(error, match=re.escape(said)):
        defended_footprint(request)


def test_a_unit_outside_the_terrain_is_refused(tmp_path: Path) -> None:
    for west, said in ((8.0, "no part of it lies in the region"), (42.6, "--at: 33.8, 42.4 is outside")):
        ground = degrees(tmp_path / "beside.tif", 34.5, west, 0.05, (40, 40))
        with pytest.raises(TerrainError, match=re.escape(said)):
            defended_footprint(FootprintRequest("patriot-pac-3-mse", (33.8, 42.4), threat="fateh-313", terrain=str(ground)))


def test_too_fine_a_grid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--cell"):
        made(tmp_path, unit(200e3, 100e3, 0.0), 600.0, None, 0.05)


def test_where_nothing_is_defended_it_says_why(tmp_path: Path) -> None:
    """2000 km arrive at some 4 km/s; a missile for targets of 1 km/s at most meets none of them."""
    defence = unit(20e3, 10e3, 100.0)
    defence["missiles"]["round"]["target_speed_max"] = "1000 m/s"
    answer = made(tmp_path, defence, 2000.0, None, 2.0).answer.likely[0]
    assert answer.area_km2 == 0.0
    assert answer.ahead_km is None
    assert "faster than the missiles can meet (1000 m/s)" in str(answer.why_none)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("at", [HOME, (-17.0, 179.95)])
def test_what_is_written_is_what_was_answered(tmp_path: Path, at: tuple[float, float]) -> None:
    """Areas of the GeoJSON's polygons on the WGS84 ellipsoid, by GeographicLib, are those of the answer; across the date line too."""
    from pyproj import Geod
    from shapely.geometry import Point, shape

    request = FootprintRequest(
        "ideal", at, None, "stone", 600.0, None, (90.0, 180.0), cell_km=2.0, terrain="flat", ends=("likely",), opportunities=2
    )
    answer = defended_footprint(request, catalogue(tmp_path, hurried()), threads=1)
    assert write(tmp_path / "out", answer) == ["footprint.geojson", "footprint.json", "footprint.png"]
    assert json.loads((tmp_path / "out" / "footprint.json").read_text()) == answer.answer.model_dump(mode="json")
    features = json.loads((tmp_path / "out" / "footprint.geojson").read_text())["features"]
    areas = [one for one in features if one["properties"]["what"] == "defended"]
    assert {one["properties"]["from_deg"] for one in areas} == {90.0, 180.0}
    for one in areas:
        geometry = shape(one["geometry"])
        assert geometry.is_valid
        assert -180.0 <= geometry.bounds[0] <= geometry.bounds[2] <= 180.0
        area_m2 = Geod(ellps="WGS84").geometry_area_perimeter(geometry)[0]  # positive: outer rings are counterclockwise
        assert area_m2 / 1e6 == pytest.approx(one["properties"]["area_km2"], rel=2e-3)
    [where] = [one for one in features if one["properties"]["what"] == "unit"]
    assert shape(where["geometry"]).distance(Point(at[1], at[0])) < 1e-9


# ---------------------------------------------------------------- the command

ASKED = "patriot-pac-3-mse", "--at", "33.8,42.4", "--range", "300", "--from", "90", "--cell", "5"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return closedsky("footprint", *arguments, columns=100)


def test_the_command_prints_a_table_or_one_object_and_threads_change_nothing(tmp_path: Path) -> None:
    told = command(*ASKED)
    assert told.returncode == 0, told.stderr
    for said in (
        "By grade: ",
        " cited, ",
        "against Fateh-110 over 300 km",
        "upper bound",
        "is no footprint",
        "any one direction at a time",
        "090°",
    ):
        assert said in told.stdout
    first, second = (
        command(*ASKED, "--json", "--threads", "1"),
        command(*ASKED, "--json", "--threads", "2", "--out", str(tmp_path / "x")),
    )
    assert first.stdout == second.stdout
    answer = json.loads(first.stdout)
    assert answer["schema_version"] == 1
    assert [row["from_deg"] for row in answer["likely"]] == [90.0]
    assert sorted(file.name for file in (tmp_path / "x").iterdir()) == ["footprint.geojson", "footprint.json", "footprint.png"]


def test_the_command_refuses_with_one_clear_message_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for asked, said in (
        (("pantsir-s1", "--at", "33.8,42.4", "--range", "300"), "UNIT: "),
        ((*ASKED, "--threat", "shahed-136"), "closedsky cover"),
        ((*ASKED[:-4], "--from", "east"), "--from: 'east' are no azimuths"),
        ((*ASKED, "--threads", "0"), "--threads: 0 is out of range"),
        (("patriot-pac-3-mse", "--at", "Baghdad", "--range", "300"), "--at: 'Baghdad' is no place"),
    ):
        done = command(*asked, "--out", str(out))
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "fix: " in done.stderr
        assert "Traceback" not in done.stderr
        assert not out.exists()
