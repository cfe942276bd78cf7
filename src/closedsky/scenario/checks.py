"""Consistency checks of a scenario across its model classes: a list of small functions, one per kind of mistake.

A check takes the scenario (fields already validated) and the catalogue, and yields findings. Faults prevent a run; warnings are
printed with the answer.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from closedsky.catalogue.figures import figures
from closedsky.catalogue.library import Catalogue
from closedsky.errors import CatalogueError, did_you_mean
from closedsky.model.environment import FlatTerrain
from closedsky.model.metric import metric_ids
from closedsky.model.scenario import Ballistic, Deployment, Route, Scenario
from closedsky.model.system import Radar, System
from closedsky.model.threat import Threat
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.flight import angle_for_apogee, apogee_altitude, launch_speed, minimum_energy_angle
from closedsky.physics.geodesy import central_angle

Path = tuple[str | int, ...]
MOST_JOBS = 1 << 24
EVENT_BITS = 62
LONGEST_FLIGHT_S = 1_000_000.0
MOST_SHOWN = 20
SHORTEST_BALLISTIC_M = 10_000.0
NEAREST_JAMMER_M = 1_000.0
SLACK = 1.02  # of a catalogue range: path lengths are computed on a sphere


@dataclass(frozen=True)
class Finding:
    """One result of a check: the field, the problem, the fix, and whether it is a fault or a warning."""

    path: Path
    what: str
    fix: str
    fault: bool = True


Check = Callable[[Scenario, Catalogue], Iterator[Finding]]


def nearest(name: str, known: Iterable[str]) -> str:
    """How to fix a name that is not known: what it may be meant for, and what is known."""
    known = sorted(known)
    shown = (
        f"known: {', '.join(known)}"
        if 0 < len(known) <= MOST_SHOWN
        else f"{len(known)} are known"
        if known
        else "there is none yet"
    )
    return did_you_mean(name, known) + shown


def system_of(scenario: Scenario, catalogue: Catalogue, name: str) -> System | None:
    """A system of the scenario's own catalogue, or of the catalogue; None if neither has it."""
    try:
        return scenario.catalogue.systems.get(name) or catalogue.system(name)
    except CatalogueError:
        return None


def _threat(scenario: Scenario, catalogue: Catalogue, name: str) -> Threat | None:
    try:
        return scenario.catalogue.threats.get(name) or catalogue.threat(name)
    except CatalogueError:
        return None


def check_ids_are_unique(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Assets, units, groups and jammers have unique ids."""
    rooms = {
        "assets": [("assets", i, item.id) for i, item in enumerate(scenario.assets)],
        "units and sensors": [("defence", i, item.id) for i, item in enumerate(scenario.defence)]
        + [("sensors", i, sensor.id) for i, sensor in enumerate(scenario.sensors)],
        "groups": [("raid", i, item.id) for i, item in enumerate(scenario.raid)],
        "jammers": [("jamming", i, item.id) for i, item in enumerate(scenario.jamming)],
        "zones": [("zones", i, zone.id) for i, zone in enumerate(scenario.zones)],
    }
    for room, items in rooms.items():
        seen: set[str] = set()
        for field, i, name in items:
            if name in seen:
                yield Finding((field, i, "id"), f"two {room} are called '{name}'", "give each a name of its own")
            seen.add(name)


def check_systems_are_known(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Every system is in the catalogue, and has the named radars and missiles."""
    known = [*catalogue.systems, *scenario.catalogue.systems]
    for i, item in enumerate(scenario.defence):
        system = system_of(scenario, catalogue, item.system)
        if system is None:
            yield Finding(("defence", i, "system"), f"no system '{item.system}'", nearest(item.system, known))
            continue
        for missile in item.rounds or {}:
            if missile not in system.missiles:
                yield Finding(
                    ("defence", i, "rounds", missile),
                    f"{item.system} has no missile '{missile}'",
                    nearest(missile, system.missiles),
                )
    for i, sensor in enumerate(scenario.sensors):
        system = system_of(scenario, catalogue, sensor.system)
        if system is None:
            yield Finding(("sensors", i, "system"), f"no system '{sensor.system}'", nearest(sensor.system, known))
        elif sensor.radar not in system.radars:
            yield Finding(
                ("sensors", i, "radar"), f"{sensor.system} has no radar '{sensor.radar}'", nearest(sensor.radar, system.radars)
            )
        elif system.radars[sensor.radar].role == "engagement":
            searching = [name for name, radar in system.radars.items() if radar.role != "engagement"]
            yield Finding(
                ("sensors", i, "radar"), f"'{sensor.radar}' guides missiles and does not search", nearest("", searching)
            )


def check_threats_are_known(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Every threat is in the catalogue, and its motion suits its class."""
    known = [*catalogue.threats, *scenario.catalogue.threats]
    for i, group in enumerate(scenario.raid):
        threat = _threat(scenario, catalogue, group.threat)
        if threat is None:
            yield Finding(("raid", i, "threat"), f"no threat '{group.threat}'", nearest(group.threat, known))
        elif (threat.target_class == "ballistic") != (group.motion.kind == "ballistic"):
            wanted = "ballistic" if threat.target_class == "ballistic" else "route"
            yield Finding(
                ("raid", i, "motion", "kind"), f"a {threat.name} does not fly '{group.motion.kind}'", f"use kind: {wanted}"
            )
        elif isinstance(group.motion, Route) and group.motion.speed_mps is None and threat.speed is None:
            yield Finding(("raid", i, "motion"), f"{threat.name} has no cruising speed in the catalogue", "give speed_mps")


def check_jammers(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Every named jammer has a jammer in the catalogue and keeps a minimum distance from the antennas."""
    named: list[tuple[Path, str]] = [(("jamming", i, "threat"), station.threat) for i, station in enumerate(scenario.jamming)]
    named += [(("raid", i, "escort"), group.escort) for i, group in enumerate(scenario.raid) if group.escort]
    for path, name in named:
        threat = _threat(scenario, catalogue, name)
        if threat is None:
            yield Finding(path, f"no threat '{name}'", nearest(name, _jammers(scenario, catalogue)))
        elif threat.jammer is None:
            yield Finding(path, f"a {threat.name} does not jam", nearest("", _jammers(scenario, catalogue)))
    for i, station in enumerate(scenario.jamming):
        for place in [*(item.at for item in scenario.defence), *(sensor.at for sensor in scenario.sensors)]:
            away_m = central_angle(*(math.radians(x) for x in (*station.at, *place))) * EARTH_RADIUS_M
            if away_m < NEAREST_JAMMER_M:
                yield Finding(("jamming", i, "at"), f"it stands {away_m:.0f} m from a radar of the defence",
                              f"a stand-off jammer stands off: at least {NEAREST_JAMMER_M / 1000:.0f} km")  # fmt: skip


def check_what_is_jammed(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Every jammer covers the band of some radar; a radar without receiver data is reported as unaffected."""
    names = [station.threat for station in scenario.jamming]
    names += [name for group in scenario.raid for name in (group.threat, group.escort) if name]
    known = {name: threat for name in names if (threat := _threat(scenario, catalogue, name)) is not None and threat.jammer}
    radars = _stations(scenario, catalogue)
    if not known or not radars:
        return
    for path, radar in radars:
        if radar.receiver is None or radar.frequency is None:
            yield Finding(path, f"nothing is known of the receiver of {radar.name}: jamming leaves it unharmed",
                          "give its frequency and receiver in a catalogue of your own", fault=False)  # fmt: skip
    heard = [radar.frequency.si for _, radar in radars if radar.frequency is not None]
    for threat in known.values():
        assert threat.jammer is not None
        if not any(threat.jammer.frequency_min.si <= hertz <= threat.jammer.frequency_max.si for hertz in heard):
            yield Finding(
                ("raid",), f"the jammer of a {threat.name} is in the band of no radar here", "it has no effect", fault=False
            )


def _jammers(scenario: Scenario, catalogue: Catalogue) -> list[str]:
    threats = {name: catalogue.threat(name) for name in catalogue.threats} | scenario.catalogue.threats
    return [name for name, threat in threats.items() if threat.jammer is not None]


def _stations(scenario: Scenario, catalogue: Catalogue) -> list[tuple[Path, Radar]]:
    """Every radar of the defence, with the field that places it."""
    found: list[tuple[Path, Radar]] = []
    for i, item in enumerate(scenario.defence):
        if (system := system_of(scenario, catalogue, item.system)) is not None:
            found += [(("defence", i), radar) for radar in radars_of(item, system)]
    for i, sensor in enumerate(scenario.sensors):
        system = system_of(scenario, catalogue, sensor.system)
        if system is not None and sensor.radar in system.radars:
            found.append((("sensors", i), system.radars[sensor.radar]))
    return found


def radars_of(item: Deployment, system: System) -> list[Radar]:
    """The radars of a deployment."""
    names = (system.fire_unit.engagement_radar, *(system.package.sensors if item.sensors else ()))
    return [system.radars[name] for name in names]


def check_lobing(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Lobing is meaningful only over level ground or sea."""
    terrain = scenario.environment.terrain
    if scenario.environment.lobing is not None and terrain != "flat" and not isinstance(terrain, FlatTerrain):
        relief = "the world's relief" if terrain == "world" else "relief"
        yield Finding(("environment", "lobing"), f"lobing takes the ground for a mirror, which {relief} is only at sea",
                      "use terrain: flat, or leave lobing out", fault=False)  # fmt: skip


def check_claimed_systems(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """A system known from claims only is labelled as such in every answer."""
    named = {item.system: i for i, item in reversed(list(enumerate(scenario.defence)))}
    for name, i in sorted(named.items(), key=lambda item: item[1]):
        system = system_of(scenario, catalogue, name)
        if system is not None and system.claimed:
            yield Finding(("defence", i), f"{system.name} is a claim: {system.claimed}", "read every figure so", fault=False)


def check_targets_exist(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """The target of a group is an asset; a group with impacts and no target is reported."""
    assets = [asset.id for asset in scenario.assets]
    for i, group in enumerate(scenario.raid):
        target = group.motion.target
        threat = _threat(scenario, catalogue, group.threat)
        if target is not None and target not in assets:
            yield Finding(("raid", i, "motion", "target"), f"no asset '{target}'", nearest(target, assets))
        elif target is None and threat is not None and threat.endpoint == "impact" and not threat.decoy:
            yield Finding(
                ("raid", i, "motion"), f"'{group.id}' aims at nothing: its impacts hit no asset", "give it a target", fault=False
            )


def check_ballistic_flights(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """A ballistic flight is neither too short nor beyond the maximum range; its apogee needs no more speed than that range does."""
    places = {asset.id: asset.at for asset in scenario.assets}
    for i, group in enumerate(scenario.raid):
        threat = _threat(scenario, catalogue, group.threat)
        motion = group.motion
        if not isinstance(motion, Ballistic) or motion.target not in places or threat is None:
            continue
        angle = central_angle(*(math.radians(x) for x in (*motion.origin, *places[motion.target])))
        range_m = angle * EARTH_RADIUS_M
        if range_m < SHORTEST_BALLISTIC_M:
            yield Finding(("raid", i, "motion", "origin"), f"{range_m / 1000:.1f} km is too short for a ballistic flight",
                          f"launch at least {SHORTEST_BALLISTIC_M / 1000:.0f} km away")  # fmt: skip
        elif range_m > threat.range_max.high_si * SLACK:
            yield Finding(("raid", i, "motion", "origin"), f"{range_m / 1000:.0f} km is beyond the reach of a {threat.name}",
                          f"launch from at most {threat.range_max.high_si / 1000:.0f} km")  # fmt: skip
        elif motion.apogee_m is not None:
            needed = launch_speed(angle, angle_for_apogee(angle, motion.apogee_m))
            furthest = threat.range_max.high_si * SLACK / EARTH_RADIUS_M
            reached = launch_speed(furthest, minimum_energy_angle(furthest))
            if needed > reached:
                usual = apogee_altitude(angle, minimum_energy_angle(angle))
                yield Finding(
                    ("raid", i, "motion", "apogee_m"),
                    f"{range_m / 1000:.0f} km with an apogee at {motion.apogee_m:g} m ask for {needed:.0f} m/s; "
                    f"the range of a {threat.name} is flown with {reached:.0f} m/s",
                    f"minimum energy gives {usual:.0f} m; leave apogee_m out for that",
                )


def check_routes_lead_somewhere(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Legs have a length, and the route is within the threat's maximum range."""
    places = {asset.id: asset.at for asset in scenario.assets}
    for i, group in enumerate(scenario.raid):
        if not isinstance(group.motion, Route):
            continue
        points = [waypoint.at for waypoint in group.motion.waypoints]
        if group.motion.target in places:
            points.append(places[group.motion.target])
        total = 0.0
        for k in range(1, len(points)):
            leg = central_angle(*(math.radians(x) for x in (*points[k - 1], *points[k]))) * EARTH_RADIUS_M
            total += leg
            if leg < 1.0:
                where: Path = ("raid", i, "motion", "waypoints", min(k, len(group.motion.waypoints) - 1))
                yield Finding(where, "this leg has no length", "remove one of the two points")
            elif leg > math.pi * EARTH_RADIUS_M * 0.99:
                where = ("raid", i, "motion", "waypoints", min(k, len(group.motion.waypoints) - 1))
                yield Finding(
                    where, "this leg leads to the other side of the Earth, by no particular way", "add a waypoint between"
                )
        threat = _threat(scenario, catalogue, group.threat)
        speed_mps = group.motion.speed_mps or (threat.speed.si if threat is not None and threat.speed is not None else 0.0)
        if speed_mps > 0.0 and total / speed_mps > LONGEST_FLIGHT_S:
            yield Finding(("raid", i, "motion"), f"at {speed_mps:g} m/s this route takes {total / speed_mps:.3g} s",
                          f"fly faster or less far: at most {LONGEST_FLIGHT_S:.0f} s")  # fmt: skip
        if threat is not None and total > threat.range_max.high_si * SLACK:
            yield Finding(("raid", i, "motion", "waypoints"), f"a route of {total / 1000:.0f} km is beyond the reach of a {threat.name}",
                          f"keep it within {threat.range_max.high_si / 1000:.0f} km")  # fmt: skip


def check_networks_have_members(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Network settings belong to a network with members; a network with units has a surveillance radar."""
    used = scenario.network_names()
    for name in scenario.networks:
        if used and name not in used:  # a variant without any defence keeps the settings
            yield Finding(("networks", name), f"nobody is in network '{name}'", nearest(name, used))
    searching = {sensor.network for sensor in scenario.sensors}
    for item in scenario.defence:
        system = system_of(scenario, catalogue, item.system)
        if system is None:
            continue
        if any(radar.role != "engagement" for radar in radars_of(item, system)):
            searching.add(item.network)
    for i, item in enumerate(scenario.defence):
        if item.network not in searching:
            yield Finding(("defence", i), f"network '{item.network}' has no radar that searches: it will track nothing",
                          "add a surveillance radar under sensors, or leave 'sensors: true'", fault=False)  # fmt: skip


def check_reported_metrics(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """A reported figure belongs to a metric of the run and names a source."""
    known = metric_ids([asset.id for asset in scenario.assets])
    sources = {*catalogue.sources, *scenario.catalogue.sources}
    for i, reported in enumerate(scenario.reported):
        if reported.metric not in known:
            yield Finding(("reported", i, "metric"), f"no metric '{reported.metric}'", nearest(reported.metric, known))
        for k, source in enumerate(reported.source):
            if source not in sources:
                fix = f"add it under catalogue.sources, or {nearest(source, sources)}"
                yield Finding(("reported", i, "source", k), f"no source '{source}'", fix)


def check_own_sources(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """Sources cited by the scenario's own entries are in its bibliography."""
    known = {*catalogue.sources, *scenario.catalogue.sources}
    for room, entries in (("systems", scenario.catalogue.systems), ("threats", scenario.catalogue.threats)):
        for name, entry in entries.items():
            for path, claim in figures(entry):
                for source in claim.source:
                    if source not in known:
                        fix = f"add it under catalogue.sources, or {nearest(source, known)}"
                        yield Finding(("catalogue", room, name, *path.split("."), "source"), f"no source '{source}'", fix)


def check_size(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """The raid is within the engine's limits."""
    networks = scenario.network_names()
    jobs = sum(group.count for group in scenario.raid) * max(len(networks), 1) + len(scenario.defence)
    if jobs >= MOST_JOBS:
        yield Finding(
            ("raid",), f"{jobs} threats × networks are more than {MOST_JOBS - 1}", "run a smaller raid, or fewer networks"
        )
        return
    longest_s = (1 << EVENT_BITS - (jobs - 1).bit_length()) / 1e6 - LONGEST_FLIGHT_S  # an event packs its microsecond and its job
    for i, group in enumerate(scenario.raid):
        latest_s = abs(group.start_s) + 3.0 * group.count * group.spacing_s + group.jitter_s  # 3: random gaps may add up to more
        if latest_s > longest_s:
            yield Finding(("raid", i, "spacing_s"), f"with {jobs} threats × networks a raid can last {longest_s:.3g} s at most",
                          "make it shorter, or split it")  # fmt: skip


def check_refraction(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """An effective Earth radius factor far from 4/3 is not a usual atmosphere."""
    k = scenario.environment.refraction_k
    if not 1.0 <= k <= 2.0:
        yield Finding(("environment", "refraction_k"), f"k = {k:g} stands for ducting or sub-refraction, not for a usual day",
                      "4/3 is usual", fault=False)  # fmt: skip


def check_headings(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    """A unit with a sector and no heading faces the raid; no real unit can be sure of that direction."""
    for i, item in enumerate(scenario.defence):
        system = system_of(scenario, catalogue, item.system)
        if system is None or item.heading_deg is not None or not scenario.raid:
            continue
        if system.engagement_radar.sector.si < 2.0 * math.pi - 1e-6:
            yield Finding(("defence", i), f"'{item.id}' has a sector and no heading_deg: it is taken to face the middle of the raid",
                          "give heading_deg", fault=False)  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check_ids_are_unique,
    check_systems_are_known,
    check_threats_are_known,
    check_jammers,
    check_what_is_jammed,
    check_lobing,
    check_claimed_systems,
    check_targets_exist,
    check_ballistic_flights,
    check_routes_lead_somewhere,
    check_networks_have_members,
    check_reported_metrics,
    check_own_sources,
    check_size,
    check_refraction,
    check_headings,
)


def check(scenario: Scenario, catalogue: Catalogue) -> list[Finding]:
    """The findings of all checks."""
    return [finding for each in CHECKS for finding in each(scenario, catalogue)]
