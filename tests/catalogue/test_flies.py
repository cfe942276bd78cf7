"""Every entry of the catalogue flies: a system shoots down what it is made for, a threat arrives where nothing defends.

The expected numbers are none of the engine's: undefended, a share of the threats arrives that is their reliability; a defence with one
target at a time, level ground and no other care must have some kills, and only of classes that its loaded missiles can meet.
"""

import math
from typing import Any

import pytest
from pyproj import Geod

from closedsky import run
from closedsky.catalogue.library import load_catalogue
from closedsky.model.system import System, TargetClass
from closedsky.model.threat import Threat

CATALOGUE = load_catalogue()
ASSET = (33.0, 44.0)
TRIALS = 50
COUNT = 8
SPACING_S = 60.0
SPECIMENS: dict[TargetClass, str] = {
    "aircraft": "f-16c",
    "cruise": "tomahawk",
    "drone": "shahed-136",
    "ballistic": "scud-b",
}
GEOD = Geod(ellps="WGS84")


def classes(system: System) -> list[TargetClass]:
    """What the missiles in the launchers can meet."""
    loaded = [system.missiles[missile] for missile in system.fire_unit.load]
    return [target for target in SPECIMENS if any(target in missile.targets for missile in loaded)]


def east_of_asset(distance_m: float) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(ASSET[1], ASSET[0], 90.0, distance_m)
    return lat, lon


def group(threat: Threat, distance_m: float) -> dict[str, Any]:
    """Eight of a kind, one a minute, from the east, at their own height and speed."""
    start = east_of_asset(distance_m)
    if threat.target_class == "ballistic":
        motion: dict[str, Any] = {"kind": "ballistic", "origin": start, "target": "asset"}
    else:
        assert threat.height is not None
        motion = {"kind": "route", "waypoints": [{"at": start, "height_m": threat.height.si}], "target": "asset"}
    return {"id": "group", "threat": threat.id, "count": COUNT, "spacing_s": SPACING_S, "motion": motion}


def outcome(raid: list[dict[str, Any]], defender: str | None, east_m: float = 3000.0) -> dict[str, float]:
    """Means of the shares and totals of a run; the defender stands so far on the side that the raid comes from."""
    scenario: dict[str, Any] = {
        "closedsky": 2,
        "name": "flies",
        "title": "An entry flies",
        "environment": {"terrain": "flat"},
        "assets": [{"id": "asset", "at": ASSET, "radius_m": 500}],
        "raid": raid,
        "settings": {"seed": 11},
    }
    if defender is not None:
        scenario["defence"] = [{"id": "unit", "system": defender, "at": east_of_asset(east_m), "heading_deg": 90}]
    variant = run(scenario, trials=TRIALS).variants[0]
    return {metric.id: metric.mean for metric in variant.metrics}


def distance_m(threat: Threat, fastest_mps: float) -> float:
    """Within the threat's range and far enough to be seen coming; a ballistic one so near that it does not arrive too fast.

    Without drag it arrives at no more than sqrt(g * distance) on the path of least energy over level ground.
    """
    if threat.target_class != "ballistic":
        return min(0.9 * threat.range_max.si, 120e3)
    return min(0.9 * threat.range_max.si, (0.9 * fastest_mps) ** 2 / 9.81)


@pytest.mark.parametrize(
    ("key", "target"), [(key, target) for key in CATALOGUE.systems for target in classes(CATALOGUE.system(key))]
)
def test_a_system_kills_what_it_is_made_for(key: str, target: TargetClass) -> None:
    system = CATALOGUE.system(key)
    threat = CATALOGUE.threat(SPECIMENS[target])
    loaded = [system.missiles[missile] for missile in system.fire_unit.load]
    fastest_mps = max(missile.target_speed_max.si for missile in loaded if target in missile.targets)
    # What falls steeply passes over a unit in front: a radar that looks up to 50 degrees sees it from behind the asset.
    means = outcome([group(threat, distance_m(threat, fastest_mps))], key, -3000.0 if target == "ballistic" else 3000.0)
    assert means["killed"] > 0.0
    assert means["rounds_fired"] >= means["killed"]


@pytest.mark.parametrize("key", [key for key in CATALOGUE.threats if not CATALOGUE.threat(key).decoy])
def test_a_threat_arrives_where_nothing_defends(key: str) -> None:
    """A share of 400 arrives that is its reliability: five standard deviations of the binomial either way."""
    threat = CATALOGUE.threat(key)
    means = outcome([group(threat, distance_m(threat, math.inf))], None)
    reliability = threat.reliability.si
    allowance = 5.0 * math.sqrt(reliability * (1.0 - reliability) / (COUNT * TRIALS))
    assert means["leakage_per_launched"] == pytest.approx(reliability, abs=allowance)
    assert means["rounds_fired"] == 0.0


@pytest.mark.parametrize("key", [key for key in CATALOGUE.threats if CATALOGUE.threat(key).decoy])
def test_a_decoy_draws_fire(key: str) -> None:
    """Beside fighters: it is shot at, and however many are sent, the leakage is that of fighters alone within the trials' luck."""
    decoy, fighter = CATALOGUE.threat(key), CATALOGUE.threat(SPECIMENS["aircraft"])
    fighters = group(fighter, distance_m(fighter, math.inf))
    decoys = group(decoy, distance_m(decoy, math.inf)) | {"id": "decoys"}
    undefended, defended = outcome([fighters, decoys], None), outcome([fighters, decoys], "s-300pmu-2")
    allowance = 5.0 * math.sqrt(0.25 / (COUNT * TRIALS))
    assert undefended["leakage_per_launched"] == pytest.approx(fighter.reliability.si, abs=allowance)
    assert undefended["decoys"] == COUNT
    assert 0.0 < defended["rounds_at_decoys"] <= defended["rounds_fired"]


def test_every_class_has_its_specimen() -> None:
    assert {CATALOGUE.threat(key).target_class for key in SPECIMENS.values()} == set(SPECIMENS)
    for target, key in SPECIMENS.items():
        assert CATALOGUE.threat(key).target_class == target
