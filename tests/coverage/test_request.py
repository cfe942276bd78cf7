"""Requests for the closed sky: what is asked is answered, what cannot be asked is refused in one clear sentence."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import closedsky
from closedsky.coverage.report import render_skies
from closedsky.errors import ClosedskyError
from closedsky.model.figure import Grade
from closedsky.model.sky import Bracket, SkyAnswer, SkyAnswers
from closedsky.scenario.situation import resolve
from tests.command import closedsky as command

BAGHDAD = (33.3, 44.4)


def line(*arguments: str) -> subprocess.CompletedProcess[str]:
    return command("cover", *arguments)


@pytest.fixture(scope="module")
def answer() -> SkyAnswer:
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD])
    return closedsky.cover(loaded, heights_m=(100, 3000), country="IRQ", cell_m=4000, volume=True).answer


def brackets(answer: SkyAnswer) -> list[Bracket]:
    """All that grows with what the defence can do: a fence is what is left over when cells behind it become engageable."""
    parts = ((name, value) for level in answer.levels for name, value in level if not name.startswith("behind_fence"))
    found = [value for _, value in parts if isinstance(value, Bracket)]
    assert answer.volume is not None
    return [*found, answer.volume.closed_km3, answer.volume.ratio]


def test_low_is_for_the_attacker_and_high_for_the_defender(answer: SkyAnswer) -> None:
    assert len(brackets(answer)) == 22
    assert all(bracket.low <= bracket.likely <= bracket.high for bracket in brackets(answer))
    assert any(bracket.low < bracket.high for bracket in brackets(answer))


def test_low_flyers_are_closed_out_of_less_than_the_circle(answer: SkyAnswer) -> None:
    low, high = answer.levels
    assert low.closed_share is not None
    assert high.closed_share is not None
    assert 0.0 < low.closed_share.likely < high.closed_share.likely
    assert answer.circles_share is not None
    assert low.closed_share.high < 0.1 * answer.circles_share
    assert answer.terrain.upper_bound
    assert any("upper bound" in text for text in answer.warnings)


def test_the_figures_that_carry_most_of_the_spread_are_named(answer: SkyAnswer) -> None:
    movers = answer.assumed.most_influential
    assert movers is not None
    assert 1 <= len(movers) <= 3
    shares = [one.share for one in movers]
    assert shares == sorted(shares, reverse=True)
    assert all(0.0 < one.share <= 1.0 and one.low != one.high for one in movers)


def test_figures_are_counted_by_grade_and_those_of_two_systems_apart() -> None:
    """Two systems share many figures word for word; each counts in each of them."""
    scenario = {
        "closedsky": 2, "name": "two", "title": "Two", "environment": {"terrain": "flat"},
        "defence": [{"id": name, "system": name, "at": list(BAGHDAD)} for name in ("s-300pmu-2", "s-400")],
        "cover": {"heights_m": [3000], "cell_m": 20_000},
    }  # fmt: skip
    loaded = closedsky.load(scenario)
    answer = closedsky.cover(loaded, draws=0).answer
    grades = [figure.grade for _, (_, figure) in resolve(loaded.reference, loaded.catalogue).figures()]
    assert answer.assumed.by_grade == Counter(grades)
    assert answer.assumed.of == len(grades)
    assert answer.assumed.count == sum(grade in ("assumed", "unverified", "estimate") for grade in grades)
    told = render_skies(SkyAnswers(scenario="two", variants=(answer,)), "Two", "flat")
    assert f"By grade: {answer.assumed.by_grade[Grade.READ]} read, {answer.assumed.by_grade[Grade.CITED]} cited, " in told


def test_threads_do_not_change_the_answer() -> None:
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD])
    one, three = (
        closedsky.cover(loaded, heights_m=(300,), cell_m=4000, draws=0, relief=False, threads=n).answer.model_dump_json()
        for n in (1, 3)
    )
    assert one == three


def test_altitudes_leave_out_what_is_underground() -> None:
    """Over Iran's mountains 1,000 m above the sea is under the ground in most places, and 7,000 m nowhere."""
    sky = closedsky.cover(
        closedsky.units("s-400", [(32.7, 51.7)]),
        altitudes_m=(1000, 7000),
        country="IRN",
        cell_m=8000,
        draws=0,
        relief=False,
    )
    deep, high = sky.answer.levels
    assert deep.underground_share > 0.5
    assert high.underground_share == 0.0
    under = sky.map.underground(0)
    assert not (sky.map.layers[0].tracked & under).any()


def test_more_units_close_no_less() -> None:
    one, two = (
        closedsky.cover(
            closedsky.units("s-400", places), heights_m=(1000,), country="IRQ", cell_m=5000, draws=0, relief=False
        ).answer
        for places in ([BAGHDAD], [BAGHDAD, (36.3, 43.2)])
    )
    first, second = one.levels[0].closed_share, two.levels[0].closed_share
    assert first is not None
    assert second is not None
    assert second.likely > first.likely


def test_a_staring_sector_closes_part_of_the_circle() -> None:
    """A 90° sector towards the south: nothing north of the unit is engageable; slewing, it is."""
    turning, staring = (
        closedsky.cover(closedsky.units("s-400", [BAGHDAD], heading), heights_m=(3000,), cell_m=4000, draws=0, relief=False)
        for heading in (None, 180.0)
    )
    assert turning.answer.slewing == ("unit-1",)
    assert staring.answer.slewing == ()
    north = staring.cells.lat_deg > BAGHDAD[0] + 0.1
    assert not (staring.map.layers[0].engaged & north).any()
    assert staring.map.layers[0].engaged.any()
    north = turning.cells.lat_deg > BAGHDAD[0] + 0.1
    assert (turning.map.layers[0].engaged & north).any()


def test_rose_is_the_same_from_all_sides_over_level_ground() -> None:
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD], terrain="flat", assets=[BAGHDAD])
    rose = closedsky.cover(loaded, heights_m=(300,), cell_m=5000, together=2, draws=0, relief=False).answer.roses[0]
    alone, pair = rose.approaches
    assert len(rose.azimuths_deg) == len(alone.opportunities) == 72
    assert np.ptp(alone.opportunities) <= 1  # one more or less, as a launch just comes before arrival or after
    assert min(alone.opportunities) >= max(pair.opportunities) >= 1
    for approach in rose.approaches:
        assert all(one.high <= one.likely <= one.low for one in approach.leakage)


def test_rose_leakage_is_what_offers_leave() -> None:
    """(1 - p) to the number of opportunities of single rounds, by hand from the catalogue's pk."""
    catalogue = closedsky.load_catalogue()
    unit = catalogue.system("s-300pmu-2")
    pk = unit.missiles["48n6e2"].targets["aircraft"].pk.si
    salvo = unit.fire_unit.doctrine["aircraft"].salvo
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD], terrain="flat", assets=[BAGHDAD])
    rho = loaded.reference.settings.salvo_correlation
    survives = rho * (1.0 - pk) + (1.0 - rho) * (1.0 - pk) ** salvo
    approach = closedsky.cover(loaded, heights_m=(300,), cell_m=5000, draws=0, relief=False).answer.roses[0].approaches[0]
    for opportunities, leakage in zip(approach.opportunities, approach.leakage, strict=True):
        assert leakage.likely == pytest.approx(survives**opportunities, abs=1e-6)


SQUARE = {"type": "Polygon", "coordinates": [[[43, 32], [45, 32], [45, 34], [43, 34], [43, 32]]]}


def test_polygon_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "square.geojson"
    file.write_text(json.dumps(SQUARE))
    answer = closedsky.cover(
        closedsky.units("s-300pmu-2", [BAGHDAD]), polygon=file, heights_m=(3000,), cell_m=2000, draws=0, relief=False
    ).answer
    assert answer.area is not None
    assert answer.area.km2 == pytest.approx(41_570, rel=0.01)  # 2° × 2° at 33° N: 221.8 km by 187.4 km
    assert answer.levels[0].closed_share is not None
    assert answer.levels[0].closed_share.likely > 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("s-400", "--at=33.3,44.4", "--country", "XYZ"), "no country 'XYZ'", id="unknown country"),
        pytest.param(("s-400", "--at=33.3,44.4", "--height=-5"), "--height", id="height below nought"),
        pytest.param(("s-400", "--at=33.3,44.4", "--class", "ballistic"), "closedsky footprint", id="ballistic"),
        pytest.param(("s-400", "--at=33.3,44.4", "--class", "balloon"), "--class", id="unknown class"),
        pytest.param(("s-400", "--at=33.3,44.4", "--height=1", "--altitude=1"), "--altitude", id="heights and altitudes"),
        pytest.param(("s-400", "--at=33.3,44.4", "--height=low"), "--height", id="no number"),
        pytest.param(("s-400", "--at=133.3,44.4"), "--at", id="no place"),
        pytest.param(("s-400", "--at=33.3"), "--at", id="half a place"),
        pytest.param(("s-400",), "--at", id="no place given"),
        pytest.param(("s-400", "--at=0,-30"), "--offshore", id="at sea"),
        pytest.param(("s-400", "--at=33.3,44.4", "--heading=900"), "--heading", id="no heading"),
        pytest.param(("s-404", "--at=33.3,44.4"), "s-404", id="unknown system"),
        pytest.param(("s-400", "--at=33.3,44.4", "--rcs=0"), "--rcs", id="nothing to see"),
        pytest.param(("s-400", "--at=33.3,44.4", "--speed=-3"), "--speed", id="backwards"),
        pytest.param(("s-400", "--at=33.3,44.4", "--cell=1"), "--cell", id="cells too small"),
        pytest.param(("s-400", "--at=33.3,44.4", "--opportunities=0"), "--opportunities", id="no opportunity"),
        pytest.param(("s-400", "--at=33.3,44.4", "--country", "IRQ", "--polygon", "x.json"), "--polygon", id="two areas"),
        pytest.param(("s-400", "--at=33.3,44.4", "--polygon", "nowhere.json"), "nowhere.json", id="no file"),
        pytest.param(("s-400", "--at=33.3,44.4", "--terrain", "nowhere.tif"), "nowhere.tif", id="no raster"),
        pytest.param(("s-400", "--at=33.3,44.4", "--threads=0"), "--threads", id="no thread"),
        pytest.param(("first-battery", "--heading=3"), "--heading", id="heading of a scenario"),
        pytest.param(("first-battery", "--variant", "none"), "--variant", id="unknown variant"),
    ],
)
def test_a_bad_request_says_so(arguments: tuple[str, ...], said: str) -> None:
    done = line(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_empty_polygon_says_so(tmp_path: Path) -> None:
    file = tmp_path / "empty.geojson"
    file.write_text('{"type": "Polygon", "coordinates": []}')
    with pytest.raises(ClosedskyError, match=r"empty\.geojson"):
        closedsky.cover(closedsky.units("s-400", [BAGHDAD]), polygon=file)


def test_a_unit_outside_the_terrain_says_so(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="rasters need the extra [geo]")
    file = tmp_path / "small.tif"
    with rasterio.open(
        file, "w", driver="GTiff", width=50, height=50, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.01, 0.0, 10.0, 0.0, -0.01, 50.0),
    ) as target:  # fmt: skip
        target.write(np.full((50, 50), 100.0, np.float32), 1)
    with pytest.raises(ClosedskyError, match="outside"):
        closedsky.cover(closedsky.units("s-400", [BAGHDAD], terrain=str(file)))


def test_no_raid_is_said_by_run() -> None:
    with pytest.raises(ClosedskyError, match="closedsky cover"):
        closedsky.run(closedsky.units("s-400", [BAGHDAD]))


def test_json_is_one_object(tmp_path: Path) -> None:
    done = line("s-300pmu-2", "--at=33.3,44.4", "--height=300", "--cell=5000", "--draws=0", "--no-relief", "--json")
    assert done.returncode == 0, done.stderr
    assert SkyAnswers.model_validate_json(done.stdout).variants[0].levels[0].level_m == 300.0
    assert done.stdout.count("\n{") == 0


def test_inbound_over_level_ground_is_a_disc_and_no_smaller_than_the_worst_heading() -> None:
    """Straight at the unit is the same from all sides; of eight headings the worst is never later than that, but for a cell at the rim."""
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD], terrain="flat")
    inbound, worst = (
        closedsky.cover(loaded, heights_m=(1000,), cell_m=1000, draws=0, relief=False, **way) for way in ({"toward": BAGHDAD}, {})
    )
    assert inbound.answer.headings == "inbound to 33.3, 44.4"
    closed, least = inbound.map.closed(0), worst.map.closed(0)
    lat, lon = np.radians(inbound.cells.lat_deg), np.radians(inbound.cells.lon_deg)
    north, east = lat - np.radians(BAGHDAD[0]), (lon - np.radians(BAGHDAD[1])) * np.cos(np.radians(BAGHDAD[0]))
    away = 6371.0 * np.hypot(north, east)
    beyond = away > 5.0  # nearer than its missiles' least range it meets nothing
    assert away[closed].max() - away[~closed & beyond].min() < 4.0  # two cells either way
    layer = inbound.map.layers[0]
    assert not (layer.engaged & ~closed & ~beyond).any()
    assert (layer.opportunities[~beyond] >= 1).all()
    assert np.count_nonzero(least & ~closed) <= 0.05 * np.count_nonzero(closed)


def test_opportunities_are_counted_beyond_what_closes() -> None:
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD])
    few, many = (closedsky.cover(loaded, heights_m=(1000,), cell_m=4000, draws=0, relief=False, count_to=n) for n in (0, 6))
    assert few.map.layers[0].opportunities.max() == 1
    assert many.map.layers[0].opportunities.max() > 1
    assert np.array_equal(few.map.closed(0), many.map.closed(0))
    assert few.answer == many.answer


def test_sky_beyond_the_missiles_is_tracked_all_the_same() -> None:
    """A radar that sees farther than its missiles fly: the map reaches to where it sees, so a country around changes no area.

    But for what cells make of rims, which lie elsewhere in the two frames: of a disc of 14 km cells of 1 km make up to 5 %.
    """
    loaded = closedsky.units("iron-dome", [BAGHDAD])
    alone, around = (
        closedsky.cover(loaded, heights_m=(3000,), cell_m=1000, draws=0, relief=False, **area).answer.levels[0]
        for area in ({}, {"country": "IRQ"})
    )
    assert alone.tracked_km2.high == pytest.approx(around.tracked_km2.high, rel=0.01)
    assert alone.closed_km2.likely == pytest.approx(around.closed_km2.likely, rel=0.05)


def test_what_no_filter_passes_is_not_seen() -> None:
    """At 5 m/s nothing moves 15 m/s along any line of sight."""
    loaded = closedsky.units("s-400", [BAGHDAD])
    target = {"kind": "drone", "speed_mps": 5.0, "rcs_m2": 0.1}
    level = closedsky.cover(loaded, heights_m=(1000,), cell_m=5000, target=target, draws=0, relief=False).answer.levels[0]
    assert level.tracked_km2.likely == level.engageable_km2.likely == level.closed_km2.likely == 0.0


def test_a_polygon_stands_before_a_scenario_s_country(tmp_path: Path) -> None:
    file = tmp_path / "square.geojson"
    file.write_text(json.dumps(SQUARE))
    sky = closedsky.cover(
        "close-the-sky-iraq", variant="s-400", polygon=file, heights_m=(3000,), cell_m=8000, draws=0, relief=False
    )
    assert sky.answer.area is not None
    assert sky.answer.area.iso3 == ""


def test_no_share_of_no_sky() -> None:
    level = closedsky.cover(
        closedsky.units("s-400", [BAGHDAD]), altitudes_m=(-500,), country="IRQ", cell_m=10_000, draws=0, relief=False
    ).answer.levels[0]
    assert level.underground_share == 1.0
    assert level.closed_share is None


def test_units_elsewhere_are_told() -> None:
    answer = closedsky.cover(
        closedsky.units("s-300pmu-2", [(32.0, 53.0)]),
        heights_m=(3000,),
        country="IRQ",
        cell_m=8000,
        draws=0,
        relief=False,
    ).answer
    assert "no unit stands in Iraq" in answer.warnings


def test_check_looks_at_what_is_asked_of_the_sky(tmp_path: Path) -> None:
    """An unknown country in a file: named with its line."""
    file = tmp_path / "atlantis.yaml"
    file.write_text(
        "closedsky: 1\nname: a\ntitle: A\ncover:\n  country: Atlantis\ndefence:\n  - {id: u, system: s-400, at: [33.3, 44.4]}\n"
    )
    with pytest.raises(ClosedskyError, match=r"atlantis\.yaml:5"):
        closedsky.check(file)
