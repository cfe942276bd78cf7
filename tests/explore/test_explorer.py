"""What the globe is told is what the command line says, and nothing of one look is left in the next."""

import base64
import zlib
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

import closedsky
from closedsky.catalogue.library import load_catalogue
from closedsky.errors import ClosedskyError
from closedsky.explore.explorer import Explorer
from closedsky.model.globe import AssetAt, FootprintMapRequest, MapRequest, QuickAnswer, UnitAt
from tests.command import closedsky as command

BAGHDAD, TABRIZ = (33.3, 44.4), (38.07, 46.3)


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer(load_catalogue(), {"world": "world", "flat": "flat"})


def look(**changes: object) -> MapRequest:
    told: dict[str, object] = {
        "units": (UnitAt(id="unit-1", system="s-300pmu-2", at=BAGHDAD),), "country": "IRQ", "cell_m": 3000.0, "level_m": 3000.0,
    }  # fmt: skip
    return MapRequest.model_validate({**told, **changes})


def marks(quick: QuickAnswer) -> np.ndarray:
    raster = quick.raster
    return np.frombuffer(zlib.decompress(base64.b64decode(raster.marks)), np.uint8).reshape(raster.rows, raster.columns)


def test_quick_and_full_answer_are_those_of_cover(explorer: Explorer) -> None:
    few, full = explorer.quick(look()), explorer.answer(look())
    quick, answer = full.map, full.answer
    loaded = closedsky.units("s-300pmu-2", [BAGHDAD])
    asked = closedsky.cover(loaded, heights_m=(3000.0,), country="IRQ", cell_m=3000.0, draws=0, relief=False).answer
    level = asked.levels[0]
    assert answer.levels == asked.levels
    assert few.headings == "worst of 8 headings"
    assert few.level.closed_share == pytest.approx(level.closed_share.likely, rel=0.1)
    assert few.level.closed_share > level.closed_share.likely
    assert quick.headings == answer.headings == f"worst of {level.headings} headings"
    assert quick.level.closed_share == level.closed_share.likely
    assert quick.level.engageable_share == level.engageable_share.likely
    assert quick.level.tracked_km2 == level.tracked_km2.likely
    assert (quick.circles_share, quick.circles_km2) == (asked.circles_share, asked.circles_km2)
    assert (quick.assumed, quick.figures, quick.by_grade) == (asked.assumed.count, asked.assumed.of, asked.assumed.by_grade)
    assert quick.warnings == answer.warnings == asked.warnings
    assert 0.0 < level.closed_share.low < level.closed_share.likely < level.closed_share.high < quick.circles_share


def test_the_scenario_file_gives_the_same_numbers(explorer: Explorer, tmp_path: Path) -> None:
    here = look(units=(UnitAt(id="one", system="s-400", at=BAGHDAD, heading_deg=90.0),), target={"rcs_m2": 0.1}, opportunities=2)
    file = tmp_path / "look.yaml"
    file.write_text(explorer.scenario_text(here), encoding="utf-8")
    done = command("cover", str(file), "--draws=0", "--no-relief", "--json")
    assert done.returncode == 0, done.stderr
    assert explorer.answer(here).answer.levels[0].closed_share.model_dump_json(indent=None) in "".join(done.stdout.split())


def test_the_map_holds_what_is_counted(explorer: Explorer) -> None:
    quick = explorer.quick(look(country=None))
    found = marks(quick)
    raster = quick.raster
    lat = raster.north - (np.arange(raster.rows) + 0.5) * (raster.north - raster.south) / raster.rows
    a_point_km2 = 111.195**2 * (raster.north - raster.south) / raster.rows * (raster.east - raster.west) / raster.columns
    km2 = a_point_km2 * np.cos(np.radians(lat))[:, None] * np.ones(raster.columns)
    for bit, named in ((1, quick.level.tracked_km2), (2, quick.level.engageable_km2), (4, quick.level.closed_km2)):
        assert float(km2[found & bit > 0].sum()) == pytest.approx(named, rel=0.01)
    closed, offers = found & 4 > 0, found >> 4
    assert np.array_equal(closed, (offers >= 1) & (found & 2 > 0))
    assert offers.max() > 1
    floor = np.frombuffer(zlib.decompress(base64.b64decode(raster.floor)), "<i2").reshape(found.shape)
    assert floor.min() == -1
    engageable = found & 2 > 0
    assert floor[engageable].min() >= 0
    assert floor[engageable].max() <= 3000 + 150  # the ground under a cell's middle, and under the point


def test_nothing_of_one_look_is_left_in_the_next(explorer: Explorer) -> None:
    fresh = Explorer(explorer.catalogue, explorer.terrains)
    first, other = look(), look(units=(UnitAt(id="one", system="s-300pmu-2", at=(35.4, 43.1)),))
    before = explorer.quick(first)
    assert explorer.quick(other) != before
    assert explorer.quick(first) == before == fresh.quick(first)
    for level_m in (100.0, 300.0, 1000.0, 5000.0, 9000.0):  # more than are remembered
        explorer.quick(look(level_m=level_m))
    assert explorer.quick(first) == before


def test_a_unit_at_sea_is_afloat_and_a_ship_is_a_ship(explorer: Explorer) -> None:
    at_sea = (26.0, 52.5)
    units = (UnitAt(id="one", system="s-300pmu-2", at=at_sea), UnitAt(id="two", system="s-300fm", at=at_sea))
    quick = explorer.quick(look(units=units, country=None))
    assert quick.afloat == ("one",)
    assert explorer.quick(look(units=units, country=None, terrain="flat")).afloat == ()


def test_the_rose_of_an_asset(explorer: Explorer) -> None:
    here = look(assets=(AssetAt(id="bridge", at=BAGHDAD),), together=4)
    (rose,) = explorer.answer(here).answer.roses
    assert rose.asset == "bridge"
    assert {approach.together for approach in rose.approaches} == {1, 4}


@pytest.mark.parametrize(("example", "variant"), [("no-navy", "six-ships-and-coast"), ("close-the-sky-iraq", "km-sam-2")])
def test_an_example_is_looked_at_as_it_is_run(explorer: Explorer, example: str, variant: str) -> None:
    here = explorer.look_of(example, variant).model_copy(update={"cell_m": 5000.0})
    levels = {"altitudes_m" if here.above == "sea" else "heights_m": (here.level_m,)}
    asked = closedsky.cover(example, variant=variant, cell_m=5000.0, draws=0, relief=False, **levels).answer
    assert explorer.answer(here).answer.levels == asked.levels


def test_an_example_keeps_what_the_look_does_not_say(explorer: Explorer) -> None:
    plain = explorer.look_of("close-the-sky-iraq", "s-400")
    moved = plain.model_copy(update={"units": (plain.units[0].model_copy(update={"at": BAGHDAD, "heading_deg": 10.0}),)})
    text = explorer.scenario_text(moved)
    assert "44.4" in text
    assert "heading_deg: 10.0" in text
    assert explorer.quick(moved).level != explorer.quick(plain).level


def test_large_countries_get_larger_cells(explorer: Explorer) -> None:
    quick = explorer.quick(look(country="RUS", units=(UnitAt(id="one", system="nasams", at=(55.7, 37.6)),), cell_m=500.0))
    assert quick.cell_m == 5000.0
    assert explorer.quick(look(cell_m=2500.0)).cell_m == 3000.0


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"units": ()}, "there is no defence"),
        ({"units": (UnitAt(id="one", system="s-900", at=BAGHDAD),)}, "s-900"),
        ({"units": (UnitAt(id="one", system="nasams", at=BAGHDAD),) * 2}, "one"),
        ({"country": "Atlantis"}, "there is no country 'Atlantis'"),
        ({"terrain": "/etc/passwd"}, "there is no terrain '/etc/passwd' here"),
        ({"example": "../../etc/passwd"}, "is no shipped example"),
        ({"example": "no-navy", "variant": "nine-ships"}, "nine-ships"),
        ({"country": "ATA", "units": (UnitAt(id="one", system="nasams", at=(-75.0, 0.0)),)}, "pole"),
    ],
)
def test_what_cannot_be_looked_at(explorer: Explorer, changes: dict[str, object], what: str) -> None:
    with pytest.raises(ClosedskyError, match=what) as caught:
        explorer.quick(look(**changes))
    assert all(fault.fix for fault in caught.value.faults)


def test_the_footprint_is_as_large_as_is_said(explorer: Explorer) -> None:
    asked = FootprintMapRequest(system="patriot-pac-3-mse", at=BAGHDAD, threat="fateh-313", from_deg=90.0)
    seen = explorer.footprint(asked)
    geod = Geod(ellps="WGS84")
    rings = [ring for area in seen.areas for ring in area]
    km2 = sum(abs(geod.polygon_area_perimeter(ring[0::2], ring[1::2])[0]) for ring in rings) / 1e6
    assert len(rings) == len(seen.areas)  # no holes
    low, likely, high = seen.answer.low[0], seen.answer.likely[0], seen.answer.high[0]
    assert km2 == pytest.approx(likely.area_km2, rel=0.02)
    assert low.area_km2 <= likely.area_km2 <= high.area_km2
    with pytest.raises(ClosedskyError, match="NASAMS defends no ground"):
        explorer.footprint(asked.model_copy(update={"system": "nasams"}))


def test_there_is_something_to_choose_from(explorer: Explorer) -> None:
    about = explorer.about("1.2.3")
    assert {card.id for card in about.systems} == set(explorer.catalogue.systems)
    assert {card.id for card in about.threats} == set(explorer.catalogue.threats)
    s400 = next(card for card in about.systems if card.id == "s-400")
    assert s400.range_km == explorer.quick(about.start).circles[0].range_km
    assert {card.name for card in about.examples} == set(closedsky.examples())
    for claim in about.claims:
        for example, variant in claim.scenarios:
            assert explorer.look_of(example, variant).units
    assert [card.id for card in about.terrains] == ["world", "flat"]
    assert len({card.iso3 for card in about.countries}) == len(about.countries) > 190
