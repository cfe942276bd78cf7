"""Four assumptions that nobody has published, each of which once turned the order of systems over: inside the bracket, or not separable."""

from functools import cache
from itertools import combinations
from typing import Any

import pytest

import closedsky
from closedsky import api
from closedsky.engine.results import Result
from closedsky.raid.outer import LEAKAGE

EXAMPLE = "al-asad-erbil-2020"
SYSTEMS = ("s-300pmu-2", "s-400", "pac-3-mse", "km-sam-2")
UP_RANGE = {"unit-al-asad": [33.800, 42.480], "unit-erbil": [36.230, 43.980]}


@cache
def answered() -> Result:
    return closedsky.run(EXAMPLE, variants=SYSTEMS)


def variant(name: str) -> dict[str, Any]:
    return api.load(EXAMPLE).variants[name].model_dump(mode="json", exclude_unset=True)


def with_system(data: dict[str, Any], system_id: str, change: Any) -> dict[str, Any]:
    """The scenario with a system of the catalogue changed."""
    entry = api.load_catalogue().system(system_id).model_dump(mode="json", exclude_unset=True)
    change(entry)
    return {**data, "catalogue": {**data.get("catalogue", {}), "systems": {system_id: entry}}}


def other_fly_out(name: str) -> dict[str, Any]:
    """The round of the S-400 with the fly-out of the round of the S-300PMU-2."""
    if name != "s-400":
        return variant(name)
    older = api.load_catalogue().system("s-300pmu-2").missiles["48n6e2"].model_dump(mode="json", exclude_unset=True)
    return with_system(variant(name), name, lambda entry: entry["missiles"]["48n6e3"].update(flyout=older["flyout"]))


def up_range(name: str) -> dict[str, Any]:
    """Units some four kilometres up-range of the bases' middle."""
    data = variant(name)
    return {**data, "defence": [{**unit, "at": UP_RANGE[unit["id"]]} for unit in data["defence"]]}


def one_wave(name: str) -> dict[str, Any]:
    """All volleys at once."""
    data = variant(name)
    return {**data, "raid": [{**group, "start_s": 0.0} for group in data["raid"]]}


def sheets_of_km_sam(name: str) -> dict[str, Any]:
    """The radar of the KM-SAM by another sheet: a sector of 90°, which its figure has beside the chosen one."""
    if name != "km-sam-2":
        return variant(name)

    def change(entry: dict[str, Any]) -> None:
        entry["radars"]["km-sam-mfr"]["sector"] = {"value": 90, "unit": "deg"}

    return with_system(variant(name), name, change)


@pytest.mark.parametrize("otherwise", [other_fly_out, up_range, one_wave, sheets_of_km_sam])
def test_what_turned_the_order_over_is_inside_the_bracket_or_not_separable(otherwise: Any) -> None:
    told = answered()
    leakage = {}
    for name in SYSTEMS:
        leakage[name] = closedsky.run(otherwise(name), draws=0, seed=told.seed).variants[0].metric(LEAKAGE).mean
        bracket = told.variant(name).metric(LEAKAGE).bracket90
        assert bracket is not None
        assert bracket[0] <= leakage[name] <= bracket[1], name
    chosen = {name: told.variant(name).metric(LEAKAGE).mean for name in SYSTEMS}
    for one, other in combinations(SYSTEMS, 2):
        if (chosen[one] - chosen[other]) * (leakage[one] - leakage[other]) < 0.0:
            (pair,) = [pair for pair in told.comparisons if {pair.lower, pair.higher} == {one, other}]
            assert not pair.separable, f"{one} and {other} change places"


def test_equal_rounds_make_equal_systems() -> None:
    """Nothing published separates the two rounds; their systems leak alike as chosen, but for what separates the radars."""
    told = answered()
    older, newer = (told.variant(name).metric(LEAKAGE) for name in ("s-300pmu-2", "s-400"))
    assert newer.ci95[0] <= older.mean <= newer.ci95[1]
