"""Checks of command and control in a scenario: zones, reserves, reloading, sectors that slew, weapons control, silent sites."""

import math
from collections.abc import Iterator

from closedsky.catalogue.library import Catalogue
from closedsky.errors import RequestError
from closedsky.geo.area import outline_area
from closedsky.model.command import Readiness
from closedsky.model.scenario import Deployment, Scenario
from closedsky.model.system import System
from closedsky.scenario.checks import Finding, Path, nearest, radars_of, system_of


def check(scenario: Scenario, catalogue: Catalogue) -> list[Finding]:
    """The findings of all checks."""
    found = [*check_zones(scenario), *check_silent_sites(scenario, catalogue)]
    for i, item in enumerate(scenario.defence):
        system = system_of(scenario, catalogue, item.system)
        if system is not None:
            for each in (check_reserve, check_reload, check_slewing, check_weapons):
                found += each(("defence", i), item, system)
    return found


def check_zones(scenario: Scenario) -> Iterator[Finding]:
    """An outline encloses an area; a zone applies to units that there are."""
    units = [item.id for item in scenario.defence]
    for z, zone in enumerate(scenario.zones):
        try:
            outline_area(zone.outline, zone.id)
        except RequestError as error:
            yield from (Finding(("zones", z, "outline"), fault.what, fault.fix) for fault in error.faults)
        for k, unit in enumerate(zone.units):
            if unit not in units:
                yield Finding(("zones", z, "units", k), f"no unit '{unit}'", nearest(unit, units))


def check_reserve(path: Path, item: Deployment, system: System) -> Iterator[Finding]:
    """Rounds are kept of missiles that are loaded, for classes that these engage."""
    for missile, reserved in item.reserve.items():
        if missile not in _loaded(item, system):
            yield _not_loaded((*path, "reserve", missile), item, system, missile)
            continue
        engaged = system.missiles[missile].targets if missile in system.missiles else {}
        for kind in reserved:
            if kind not in engaged:
                where = (*path, "reserve", missile, kind)
                yield Finding(where, f"{missile} does not engage class '{kind}'", nearest(kind, engaged))


def check_reload(path: Path, item: Deployment, system: System) -> Iterator[Finding]:
    """Spare rounds are of missiles that have places on the launchers."""
    for missile in item.reload.stock if item.reload else ():
        if missile not in _loaded(item, system):
            yield _not_loaded((*path, "reload", "stock", missile), item, system, missile)


def check_slewing(path: Path, item: Deployment, system: System) -> Iterator[Finding]:
    """A sector slews of a radar that has one, and does not search in it."""
    if item.slew_deg_s is None:
        return
    radar, where = system.engagement_radar, (*path, "slew_deg_s")
    if radar.sector.si >= 2.0 * math.pi - 1e-6:
        yield Finding(where, f"{radar.name} looks all round", "leave it out", fault=False)
    elif radar.role != "engagement":
        yield Finding(where, f"{radar.name} searches as well, in the sector that it would turn away from",
                      "leave it out: turning is known of radars that only engage")  # fmt: skip


def check_weapons(path: Path, item: Deployment, system: System) -> Iterator[Finding]:
    """Weapons are free or tight against classes for which there is a doctrine."""
    for kind, control in item.weapons.items():
        if control != "hold" and kind not in item.doctrine and kind not in system.fire_unit.doctrine:
            yield Finding((*path, "weapons", kind), f"{item.system} has no doctrine against class '{kind}'",
                          f"give one: doctrine: {{{kind}: {{salvo: 1}}}}")  # fmt: skip


def check_silent_sites(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """A network whose radars are all silent is never cued."""
    for name in scenario.network_names():
        searching: list[tuple[Path, Readiness]] = [
            (("sensors", i), sensor.readiness) for i, sensor in enumerate(scenario.sensors) if sensor.network == name
        ]
        for i, item in enumerate(scenario.defence):
            system = system_of(scenario, catalogue, item.system)
            if item.network == name and system and any(radar.role != "engagement" for radar in radars_of(item, system)):
                searching.append((("defence", i), item.readiness))
        if searching and all(readiness.silent for _, readiness in searching):
            yield Finding(
                (*searching[0][0], "readiness", "silent"),
                f"every radar of network '{name}' that searches is silent: nothing cues them, and it will track nothing",
                "leave one radiating", fault=False,
            )  # fmt: skip


def _loaded(item: Deployment, system: System) -> list[str]:
    return list(item.rounds) if item.rounds is not None else list(system.fire_unit.load)


def _not_loaded(path: Path, item: Deployment, system: System, missile: str) -> Finding:
    return Finding(path, f"'{item.id}' has no '{missile}' loaded", nearest(missile, _loaded(item, system)))
