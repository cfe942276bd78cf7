"""Coverage over statistical relief: how units are sited, what is averaged, and where there can be none."""

import math
from functools import cache
from typing import Any

import pytest

import closedsky
from closedsky.coverage import request as coverage_request
from closedsky.coverage.relief import ground_box
from closedsky.geo.terrain import world
from closedsky.model.sky import Bracket, LevelAnswer, SkyAnswer
from closedsky.physics.ground import bilinear

ZAGROS = (34.3, 47.1)


@cache
def answer(siting: str | None, relief: bool = True, **unit: Any) -> SkyAnswer:
    data: dict[str, Any] = {
        "closedsky": 2, "name": "hills", "title": "Hills",
        "defence": [{"id": "unit", "system": "nasams", "at": list(ZAGROS), **unit, **({} if siting is None else {"siting": siting})}],
        "cover": {"heights_m": [300], "cell_m": 1000},
    }  # fmt: skip
    return closedsky.cover(data, draws=0, relief=relief).answer


def level(siting: str | None, **unit: Any) -> LevelAnswer:
    return answer(siting, **unit).levels[0]


def test_on_a_height_it_sees_more_than_on_flat_ground() -> None:
    """Over real mountains three times as much at 300 m (docs/relief.md): at least twice here."""
    low, high = level("low"), level("high")
    assert high.tracked_km2.likely > 2.0 * low.tracked_km2.likely
    assert high.engageable_km2.likely > low.engageable_km2.likely


def test_where_the_siting_is_not_stated_both_count_alike() -> None:
    low, high, either = (level(siting) for siting in ("low", "high", None))
    for name in ("tracked_km2", "engageable_km2", "closed_km2", "behind_fence_km2"):
        mean = 0.5 * (getattr(low, name).likely + getattr(high, name).likely)
        assert getattr(either, name).likely == pytest.approx(mean, abs=0.11), name
    assert either.closed_km2.low == level("low").closed_km2.low
    assert answer(None).relief == answer("low").relief.model_copy(update={"sitings": ("low", "high")})  # type: ignore[union-attr]


def test_the_altitude_of_the_ground_may_be_stated() -> None:
    """A spur high above the coarse cell's mean sees more than its floor; the answer says how the unit was sited."""
    spur, floor = level(None, ground_altitude_m=2_000.0), level(None, ground_altitude_m=1_000.0)
    assert level("low").tracked_km2.low < spur.tracked_km2.likely
    assert floor.tracked_km2.likely < spur.tracked_km2.likely
    assert floor.coarse_closed_km2 == level("low").coarse_closed_km2, "no antenna stands below the terrain"
    stated = answer(None, ground_altitude_m=2_000.0)
    assert stated.relief is not None
    assert stated.relief.sitings == ("altitude",)
    assert any("at the altitude stated" in text for text in stated.warnings)


def test_ground_in_feet_is_noticed() -> None:
    said = [text for text in answer(None, relief=False, ground_altitude_m=6_500.0).warnings if "check the unit" in text]
    assert said == [
        f"'unit' is said to stand at 6500 m, where the terrain has {_terrain_m():.0f} m: check the unit (metres) and the place"
    ]


def _terrain_m() -> float:
    return float(bilinear(world().ground, *(math.radians(x) for x in ZAGROS)))


def test_the_range_ends_at_the_coarse_terrain_as_it_is() -> None:
    with_relief, coarse = level(None), answer(None, relief=False).levels[0]
    assert with_relief.coarse_closed_km2 == coarse.closed_km2
    for name in ("tracked_km2", "engageable_km2", "closed_km2"):
        over: Bracket = getattr(with_relief, name)
        assert over.low <= over.likely <= over.high == getattr(coarse, name).high
        assert over.likely < getattr(coarse, name).likely
    assert coarse.coarse_closed_km2 is None


def test_a_unit_that_is_called_by_another_name_gets_the_same_answer() -> None:
    data = {
        "closedsky": 2, "name": "other", "title": "Other", "defence": [{"id": "somebody", "system": "nasams", "at": list(ZAGROS)}],
        "cover": {"heights_m": [300], "cell_m": 1000},
    }  # fmt: skip
    assert closedsky.cover(data, draws=0).answer.levels == answer(None).levels


def test_units_too_far_apart_have_no_relief_and_are_told_so() -> None:
    units = closedsky.units("nasams", [(60.0, 5.3), (43.1, 131.9)])
    found = closedsky.cover(units, heights_m=(300,), cell_m=10_000, draws=0).answer
    assert found.relief is None
    assert found.levels[0].coarse_closed_km2 is None
    assert "no statistical relief: it would take" in found.warnings[0]
    assert "upper bound" in found.warnings[0]


def test_fine_terrain_needs_none() -> None:
    found = closedsky.cover(closedsky.units("nasams", [ZAGROS], terrain="flat"), heights_m=(300,), draws=0).answer
    assert found.relief is None
    assert not any("relief" in warning for warning in found.warnings)


def test_every_shipped_example_over_coarse_terrain_has_it() -> None:
    """None of them, in any variant, asks for more ground than is made up."""
    boxes = 0
    for name in closedsky.examples():
        loaded = closedsky.load(name)
        for variant, scenario in loaded.variants.items():
            if scenario.cover is not None and scenario.environment.terrain == "world":
                ground_box(coverage_request.asked(loaded, variant))
                boxes += 1
    assert boxes >= 3
