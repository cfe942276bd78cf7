"""Units, sensors, launch sites and assets on land, off the coast and at sea."""

from typing import Any

import pytest

import closedsky
from closedsky.errors import ScenarioError

INLAND, COASTAL, AT_SEA = [33.0, 44.0], [32.05, 34.70], [33.5, 33.0]
"""Iraq; 5 km west of Tel Aviv's shore at 32.05 N, 34.75 E; between Cyprus and Lebanon, more than 100 km from both."""


def scenario(**changes: Any) -> dict[str, Any]:
    return {
        "closedsky": 2,
        "name": "made",
        "title": "Made",
        "environment": {"terrain": "world"},
        "assets": [{"id": "town", "at": INLAND, "radius_m": 500}],
        "raid": [{"id": "scuds", "threat": "scud-b", "motion": {"kind": "ballistic", "origin": [33.5, 45.5], "target": "town"}}],
        **changes,
    }


def unit(at: list[float], **more: Any) -> dict[str, Any]:
    return {"defence": [{"id": "battery", "system": "s-300pmu-2", "at": at, "heading_deg": 90, **more}]}


def sensor(at: list[float], **more: Any) -> dict[str, Any]:
    return unit(INLAND) | {"sensors": [{"id": "watch", "system": "s-300pmu-2", "radar": "64n6e2", "at": at, **more}]}


def launch(at: list[float], **more: Any) -> dict[str, Any]:
    motion = {"kind": "ballistic", "origin": at, "target": "town", **more}
    town = {"id": "town", "at": [33.1, 35.5], "radius_m": 500}
    return {"assets": [town], "raid": [{"id": "scuds", "threat": "scud-b", "motion": motion}]}


def asset(at: list[float], **more: Any) -> dict[str, Any]:
    return {"assets": [*scenario()["assets"], {"id": "rig", "at": at, **more}]}


@pytest.mark.parametrize("put", [unit, sensor, launch])
def test_on_land_nothing_is_said(put: Any) -> None:
    place = [33.5, 37.0] if put is launch else INLAND
    assert closedsky.check(scenario(**put(place))) == []


@pytest.mark.parametrize(
    ("put", "where", "name"),
    [(unit, "defence[0].at", "'battery'"), (sensor, "sensors[0].at", "'watch'"), (launch, "raid[0].motion.origin", "'scuds'")],
)
def test_at_sea_it_is_a_fault(put: Any, where: str, name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        closedsky.check(scenario(**put(AT_SEA)))
    (fault,) = caught.value.faults
    assert where in fault.where
    assert f"{name} is at sea" in fault.what
    assert "offshore: true" in fault.fix


@pytest.mark.parametrize("put", [unit, sensor, launch])
def test_just_off_the_coast_it_is_a_warning(put: Any) -> None:
    (warning,) = closedsky.check(scenario(**put(COASTAL)))
    assert "off the coast of the map" in warning


@pytest.mark.parametrize("put", [unit, sensor, launch, asset])
@pytest.mark.parametrize("place", [COASTAL, AT_SEA])
def test_what_is_said_to_be_offshore_is(put: Any, place: list[float]) -> None:
    assert closedsky.check(scenario(**put(place, offshore=True))) == []


def test_a_ship_is_where_it_belongs() -> None:
    ship = unit(AT_SEA)
    ship["defence"][0]["system"] = "s-300fm"
    assert closedsky.check(scenario(**ship)) == []
    ship["defence"][0]["at"] = INLAND
    (warning,) = closedsky.check(scenario(**ship))
    assert "the ship 'battery' is" in warning
    radar = {"id": "watch", "system": "s-300fm", "radar": "mr-800", "at": AT_SEA}
    assert closedsky.check(scenario(**unit(INLAND), sensors=[radar])) == []


def test_an_asset_at_sea_is_a_warning_and_near_the_coast_nothing() -> None:
    (warning,) = closedsky.check(scenario(**asset(AT_SEA)))
    assert "'rig' is at sea" in warning
    assert closedsky.check(scenario(**asset(COASTAL))) == []


@pytest.mark.parametrize("terrain", ["flat", {"flat": 200}])
def test_flat_ground_has_no_sea(terrain: Any) -> None:
    everywhere = unit(AT_SEA) | asset(AT_SEA) | {"environment": {"terrain": terrain}}
    assert closedsky.check(scenario(**everywhere)) == []


def test_every_variant_is_looked_at() -> None:
    both = scenario(**unit(INLAND), variants={"here": {}, "there": {"defence": {"battery": {"at": AT_SEA}}}})
    with pytest.raises(ScenarioError, match="'battery' is at sea"):
        closedsky.check(both)
