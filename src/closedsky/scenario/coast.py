"""Coast checks: units, sensors and launch sites at sea are faults, those just off the coast warnings.

The coastline is accurate to a few kilometres, so a place less than `COASTAL_M` off the coast may be on a quay or a spit. Ships and
items marked `offshore` are exempt. Flat terrain has no sea.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from closedsky.catalogue.library import Catalogue
from closedsky.model.environment import FlatTerrain
from closedsky.model.scenario import Ballistic, Scenario
from closedsky.physics.shore import Shore, coast_distance, on_land
from closedsky.scenario.checks import Finding, Path

COASTAL_M = 10_000.0
"""The coastline may be wrong within this distance of the coast."""
TO_LAND = "give a place on land, or `offshore: true` if it is on a ship, a platform or an island too small for the map"


class Stand(NamedTuple):
    """A placed item of a scenario; `away_m` is its distance to the coast, positive at sea."""

    path: Path
    name: str
    away_m: float
    exchanged: str
    """How to write its place if latitude and longitude are swapped, where that is on land; else empty."""


def has_sea(scenario: Scenario) -> bool:
    """False for flat terrain, which is level ground everywhere."""
    terrain = scenario.environment.terrain
    return not (terrain == "flat" or isinstance(terrain, FlatTerrain))


def check(scenario: Scenario, catalogue: Catalogue, coast: Shore) -> list[Finding]:
    """Findings for items at sea and for ships on land; none over flat terrain."""
    if not has_sea(scenario):
        return []
    afloat = [found for item in _ships(scenario, catalogue, coast) for found in _of_a_ship(item)]
    return [
        *(found for item in _on_the_ground(scenario, catalogue, coast) for found in _of_the_ground(item)),
        *(found for item in _assets(scenario, coast) for found in _of_an_asset(item)),
        *afloat,
    ]


def at_sea(coast: Shore, lat_deg: float, lon_deg: float) -> bool:
    """Whether a place, degrees, is at sea by the coastline data."""
    return not on_land(coast, math.radians(lat_deg), math.radians(lon_deg))


def _on_the_ground(scenario: Scenario, catalogue: Catalogue, coast: Shore) -> Iterator[Stand]:
    for i, item in enumerate(scenario.defence):
        if not (item.offshore or _is_ship(scenario, catalogue, item.system)):
            yield _stand(("defence", i, "at"), f"'{item.id}'", item.at, coast)
    for i, sensor in enumerate(scenario.sensors):
        if not (sensor.offshore or _is_ship(scenario, catalogue, sensor.system)):
            yield _stand(("sensors", i, "at"), f"'{sensor.id}'", sensor.at, coast)
    for i, group in enumerate(scenario.raid):
        if isinstance(group.motion, Ballistic) and not group.motion.offshore:
            yield _stand(("raid", i, "motion", "origin"), f"the launch site of '{group.id}'", group.motion.origin, coast)


def _assets(scenario: Scenario, coast: Shore) -> Iterator[Stand]:
    for i, asset in enumerate(scenario.assets):
        if not asset.offshore:
            yield _stand(("assets", i, "at"), f"'{asset.id}'", asset.at, coast)


def _ships(scenario: Scenario, catalogue: Catalogue, coast: Shore) -> Iterator[Stand]:
    for i, item in enumerate(scenario.defence):
        if _is_ship(scenario, catalogue, item.system):
            yield _stand(("defence", i, "at"), f"'{item.id}'", item.at, coast)


def _stand(path: Path, name: str, at: tuple[float, float], coast: Shore) -> Stand:
    lat_rad, lon_rad = math.radians(at[0]), math.radians(at[1])
    away_m = coast_distance(coast, lat_rad, lon_rad)
    if on_land(coast, lat_rad, lon_rad):
        return Stand(path, name, -away_m, "")
    could = -90.0 <= at[1] <= 90.0 and on_land(coast, lon_rad, lat_rad)
    return Stand(path, name, away_m, f"{at[1]:g}, {at[0]:g}" if could else "")


def _is_ship(scenario: Scenario, catalogue: Catalogue, name: str) -> bool:
    system = scenario.catalogue.systems.get(name)
    if system is None and name in catalogue.systems:
        system = catalogue.system(name)
    return system is not None and system.platform == "ship"


def _of_the_ground(item: Stand) -> Iterator[Finding]:
    if item.away_m > COASTAL_M:
        yield Finding(item.path, f"{item.name} is at sea, {item.away_m / 1000:.0f} km from the nearest land", _to_land(item))
    elif item.away_m > 0.0:
        what = f"{item.name} is {item.away_m / 1000:.1f} km off the coast of the map, which is good to a few kilometres"
        yield Finding(item.path, what, TO_LAND, fault=False)


def _of_an_asset(item: Stand) -> Iterator[Finding]:
    if item.away_m > COASTAL_M:
        what = f"{item.name} is at sea, {item.away_m / 1000:.0f} km from the nearest land (write offshore: true if it should be)"
        yield Finding(item.path, what, TO_LAND, fault=False)


def _to_land(item: Stand) -> str:
    return f"{TO_LAND}; latitude stands first, and {item.exchanged} is on land" if item.exchanged else TO_LAND


def _of_a_ship(item: Stand) -> Iterator[Finding]:
    if item.away_m < -COASTAL_M:
        yield Finding(
            item.path, f"the ship {item.name} is {-item.away_m / 1000:.0f} km from the sea", "put it to sea", fault=False
        )
