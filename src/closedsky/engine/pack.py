"""Nouns to arrays: a situation becomes `Packed`. Ids become indices, claims become numbers, degrees become radians."""

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Geod

from closedsky.catalogue.situation import Situation
from closedsky.engine.layout import (
    ASSET,
    AT_IMPACT,
    AT_RELEASE,
    BALLISTIC,
    CLASSES,
    DOCTRINE,
    EARLIEST_IMPACT,
    ENVELOPE,
    FIRST_TRACKED,
    FLIGHT,
    MAGAZINE,
    NETWORK,
    RADAR,
    ROUTE,
    THREAT,
    TICKS_PER_S,
    UNIT,
    WAYPOINT,
    Ground,
    Packed,
    Records,
)
from closedsky.model.scenario import Ballistic, Deployment, Group, Network, Route, Sensor
from closedsky.model.system import TARGET_CLASSES, Radar, System
from closedsky.model.threat import Threat
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.constants import WGS84 as WGS84_FIGURE
from closedsky.physics.flight import angle_for_apogee, ballistic_duration, minimum_energy_angle
from closedsky.physics.geodesy import central_angle, ecef
from closedsky.physics.lethality import cep_sigma, hit_share
from closedsky.physics.radar import snr_for
from closedsky.physics.visibility import bilinear

WGS84 = Geod(ellps="WGS84")
_STEP_M = 200.0  # along a path, between samples
_STEP_S = (0.25, 4.0)


@dataclass(frozen=True)
class Names:
    """What the indices of `Packed` stand for."""

    threats: tuple[str, ...]
    flights: tuple[str, ...]
    radars: tuple[str, ...]
    units: tuple[str, ...]
    magazines: tuple[tuple[str, str], ...]
    networks: tuple[str, ...]
    assets: tuple[str, ...]


def key_of(name: str) -> int:
    """The number an entity's draws are keyed by: it depends on its name alone, not on its place in the file."""
    return zlib.crc32(name.encode())


def pack(situation: Situation, ground: Ground) -> tuple[Packed, Names]:
    """Arrays of a checked situation, and the names of their rows."""
    scenario = situation.scenario
    networks = scenario.network_names()
    assets = [asset.id for asset in scenario.assets]
    flights, waypoints = _flights(situation, ground)
    threats, threat_names = _threats(situation, assets)
    radars, radar_names, units, magazines, envelopes, doctrine, magazine_names = _defence(situation, ground, networks)
    packed = Packed(
        flights=flights,
        waypoints=waypoints,
        threats=threats,
        radars=radars,
        units=units,
        magazines=magazines,
        envelopes=envelopes,
        doctrine=doctrine,
        networks=_rows(NETWORK, [_network(name, scenario.networks.get(name, Network())) for name in networks]),
        assets=_rows(ASSET, [{"value": asset.value, "radius_m": asset.radius_m} for asset in scenario.assets]),
        salvo_correlation=scenario.settings.salvo_correlation,
        refraction_k=scenario.environment.refraction_k,
    )
    return packed, Names(
        threats=tuple(threat_names),
        flights=tuple(group.id for group in scenario.raid),
        radars=tuple(radar_names),
        units=tuple(item.id for item in scenario.defence),
        magazines=tuple(magazine_names),
        networks=tuple(networks),
        assets=tuple(assets),
    )


def _rows(dtype: np.dtype[Any], rows: list[dict[str, Any]]) -> Records:
    """Records from dicts; every field must be given, and none besides."""
    out = np.zeros(len(rows), dtype)
    for i, row in enumerate(rows):
        if set(row) != set(dtype.names or ()):
            raise KeyError(f"fields {sorted(set(row) ^ set(dtype.names or ()))} of {dtype}")
        for name, value in row.items():
            out[name][i] = value
    return out


def _ground_m(ground: Ground, lat_rad: float, lon_rad: float) -> float:
    return float(bilinear(ground.grid, ground.north_rad, ground.west_rad, ground.step_rad, lat_rad, lon_rad))


# ---------------------------------------------------------------- the raid


def _flights(situation: Situation, ground: Ground) -> tuple[Records, Records]:
    flights: list[dict[str, Any]] = []
    waypoints: list[dict[str, Any]] = []
    for group in situation.scenario.raid:
        threat = situation.threats[group.threat]
        row: dict[str, Any] = dict.fromkeys(FLIGHT.names or (), 0.0)
        row |= {
            "target_class": TARGET_CLASSES.index(threat.target_class),
            "swerling": threat.signature.swerling,
            "rcs_nose_m2": threat.signature.nose.si,
            "rcs_beam_m2": threat.signature.beam.si,
            "rcs_tail_m2": threat.signature.tail.si,
            "first_waypoint": len(waypoints),
        }
        if isinstance(group.motion, Ballistic):
            row |= _ballistic(situation, group, threat, ground)
        else:
            legs = _legs(situation, group.motion, threat)
            waypoints += legs
            speed = group.motion.speed_mps or (threat.speed.si if threat.speed else math.nan)
            duration_s = legs[-1]["arrive_s"]
            row |= {"motion": ROUTE, "waypoints": len(legs), "duration_s": duration_s, "step_s": _step_s(speed, duration_s)}
        flights.append(row)
    return _rows(FLIGHT, flights), _rows(WAYPOINT, waypoints)


def _step_s(speed_mps: float, duration_s: float) -> float:
    """Time between samples: it divides the flight, so that the last sample lies a whole step after the one before."""
    step_s = min(max(_STEP_M / speed_mps, _STEP_S[0]), _STEP_S[1])
    return duration_s / math.ceil(duration_s / step_s)


def _asset_at(situation: Situation, asset_id: str) -> tuple[float, float]:
    return next(asset.at for asset in situation.scenario.assets if asset.id == asset_id)


def _legs(situation: Situation, route: Route, threat: Threat) -> list[dict[str, Any]]:
    default_height = threat.height.si if threat.height else 1000.0
    points = [(w.at, w.altitude_m if w.altitude_m is not None else (default_height if w.height_m is None else w.height_m),
               w.altitude_m is None) for w in route.waypoints]  # fmt: skip
    if route.target is not None:
        points.append((_asset_at(situation, route.target), points[-1][1], points[-1][2]))
    speed = route.speed_mps or (threat.speed.si if threat.speed else math.nan)
    legs = []
    arrive_s = 0.0
    for i, (at, level_m, above_ground) in enumerate(points):
        if i > 0:
            before = points[i - 1][0]
            arrive_s += WGS84.inv(before[1], before[0], at[1], at[0])[2] / speed
        legs.append({"lat_rad": math.radians(at[0]), "lon_rad": math.radians(at[1]), "level_m": level_m,
                     "above_ground": int(above_ground), "arrive_s": arrive_s})  # fmt: skip
    return legs


def _ballistic(situation: Situation, group: Group, threat: Threat, ground: Ground) -> dict[str, Any]:
    motion = group.motion
    assert isinstance(motion, Ballistic)
    lat0, lon0 = (math.radians(x) for x in motion.origin)
    lat1, lon1 = (math.radians(x) for x in _asset_at(situation, motion.target))
    range_angle = central_angle(lat0, lon0, lat1, lon1)
    gamma = minimum_energy_angle(range_angle) if motion.apogee_m is None else angle_for_apogee(range_angle, motion.apogee_m)
    boost_s = threat.boost.si if threat.boost else 0.0
    duration_s = ballistic_duration(range_angle, gamma, boost_s)
    return {
        "motion": BALLISTIC, "lat0_rad": lat0, "lon0_rad": lon0, "lat1_rad": lat1, "lon1_rad": lon1,
        "ground0_m": _ground_m(ground, lat0, lon0), "ground1_m": _ground_m(ground, lat1, lon1),
        "gamma_rad": gamma, "boost_s": boost_s, "duration_s": duration_s,
        "step_s": _step_s(range_angle * EARTH_RADIUS_M / duration_s, duration_s),
    }  # fmt: skip


def _threats(situation: Situation, assets: list[str]) -> tuple[Records, list[str]]:
    rows: list[dict[str, Any]] = []
    names: list[str] = []
    keys: set[int] = set()
    for flight, group in enumerate(situation.scenario.raid):
        threat = situation.threats[group.threat]
        poisson = group.timing == "poisson"
        reliability = group.reliability or threat.reliability
        for i in range(group.count):
            names.append(f"{group.id}/{i + 1}")
            key = key_of(names[-1])
            while key in keys:  # two names of one number: rare, but they must not share their luck
                key = (key + 1) % (1 << 32)
            keys.add(key)
            rows.append({
                "key": key, "flight": flight, "leads_group": int(i == 0),
                "start_s": group.start_s + (0.0 if poisson else i * group.spacing_s), "jitter_s": group.jitter_s,
                "mean_gap_s": group.spacing_s if poisson else 0.0, "reliability": reliability.si,
                "endpoint": AT_IMPACT if threat.endpoint == "impact" else AT_RELEASE,
                "asset": -1 if group.motion.target is None else assets.index(group.motion.target),
                "miss_sigma_m": cep_sigma(threat.cep.si), "lethal_radius_m": threat.lethal_radius.si,
                "hit_share": _hit_share(situation, group, threat),
            })  # fmt: skip
    return _rows(THREAT, rows), names


def _hit_share(situation: Situation, group: Group, threat: Threat) -> float:
    """Chance that an arrival comes down within lethal radius of its asset (all of them, for a release that is aimed at one)."""
    target = group.motion.target
    if target is None:
        return 0.0
    radius_m = next(asset.radius_m for asset in situation.scenario.assets if asset.id == target)
    return hit_share(radius_m + threat.lethal_radius.si, threat.cep.si) if threat.endpoint == "impact" else 1.0


# ---------------------------------------------------------------- the defence


def middle_of_raid(situation: Situation) -> tuple[float, float]:
    """The mean of the points the raid comes from (degrees): where a sector looks that was given no heading."""
    starts = [
        group.motion.origin if isinstance(group.motion, Ballistic) else group.motion.waypoints[0].at
        for group in situation.scenario.raid
    ]
    lat = math.fsum(at[0] for at in starts) / len(starts)
    east = math.fsum(math.cos(math.radians(at[1])) for at in starts)
    north = math.fsum(math.sin(math.radians(at[1])) for at in starts)
    return lat, math.degrees(math.atan2(north, east))


def heading_deg(situation: Situation, item: Deployment | Sensor) -> float:
    """Where a unit or sensor looks: its heading, or else at the middle of the raid."""
    if item.heading_deg is not None:
        return item.heading_deg % 360.0
    lat, lon = middle_of_raid(situation)
    return float(WGS84.inv(item.at[1], item.at[0], lon, lat)[0]) % 360.0


def _network(name: str, network: Network) -> dict[str, Any]:
    return {
        "key": key_of(name),
        "link_delay_ticks": round(network.link_delay_s * TICKS_PER_S),
        "policy": EARLIEST_IMPACT if network.policy == "earliest-impact" else FIRST_TRACKED,
    }


def _radar(situation: Situation, ground: Ground, item: Deployment | Sensor, radar: Radar, network: int) -> dict[str, Any]:
    lat, lon = (math.radians(x) for x in item.at)
    height_m = radar.antenna_height.si if item.antenna_height_m is None else item.antenna_height_m
    altitude_m = _ground_m(ground, lat, lon) + height_m
    x, y, z = ecef(lat, lon, altitude_m, *WGS84_FIGURE)
    anchor = radar.detection
    assert anchor is not None  # radars by parameters: to come
    return {
        "network": network, "searches": int(radar.role != "engagement"),
        "lat_rad": lat, "lon_rad": lon, "antenna_alt_m": altitude_m, "x_m": x, "y_m": y, "z_m": z,
        "heading_rad": math.radians(heading_deg(situation, item)), "half_sector_rad": radar.sector.si / 2.0,
        "range_min_m": radar.range_min.si, "range_max_m": radar.instrumented_range.si,
        "elevation_min_rad": radar.elevation_min.si, "elevation_max_rad": radar.elevation_max.si,
        "anchor_snr": snr_for(anchor.swerling, anchor.pd.si, anchor.pfa.si), "anchor_range_m": anchor.range.si,
        "anchor_rcs_m2": anchor.rcs.si, "pfa": anchor.pfa.si,
        "hits": radar.confirm.hits, "looks": radar.confirm.looks, "revisit_s": radar.revisit.si,
        "dwell_s": radar.dwell.si if radar.dwell else 0.0,
    }  # fmt: skip


def loads(item: Deployment, system: System) -> dict[str, int]:
    """Rounds of each missile on the launchers of a deployment, first choice first."""
    unit = system.fire_unit
    places = int(unit.launchers.si) * int(unit.missiles_per_launcher.si)
    usual = {name: round(places * share) for name, share in unit.load.items()}
    return usual if item.rounds is None else dict(item.rounds)


def _defence(situation: Situation, ground: Ground, networks: list[str]) -> tuple[Any, ...]:
    radars: list[dict[str, Any]] = []
    radar_names: list[str] = []
    units: list[dict[str, Any]] = []
    magazines: list[dict[str, Any]] = []
    magazine_names: list[tuple[str, str]] = []
    envelopes: list[list[dict[str, Any]]] = []
    doctrine: list[list[dict[str, Any]]] = []
    for item in situation.scenario.defence:
        system = situation.systems[item.system]
        network = networks.index(item.network)
        unit = system.fire_unit
        for name in (unit.engagement_radar, *(system.package.sensors if item.sensors else ())):
            radars.append(_radar(situation, ground, item, system.radars[name], network))
            radar_names.append(f"{item.id}/{name}")
        rounds = loads(item, system)
        orders = [(item.doctrine | {}).get(c) or unit.doctrine.get(c) for c in TARGET_CLASSES]
        most_salvo = max((order.salvo for order in orders if order), default=1)
        units.append({
            "network": network, "radar": radar_names.index(f"{item.id}/{unit.engagement_radar}"),
            "channels": int(unit.channels.si), "missiles_guided": int(unit.missiles_guided.si),
            "reaction_ticks": round(unit.reaction.si * TICKS_PER_S),
            "launch_interval_ticks": round(unit.launch_interval.si * TICKS_PER_S),
            "assessment_ticks": round(unit.assessment.si * TICKS_PER_S),
            "false_kill": unit.false_kill.si, "false_survival": unit.false_survival.si,
            "guidance_can_bind": int(int(unit.missiles_guided.si) < int(unit.channels.si) * most_salvo),
        })  # fmt: skip
        doctrine.append([
            {"salvo": order.salvo, "max_rounds": order.max_rounds, "hold": int(order.hold)} if order
            else {"salvo": 1, "max_rounds": 1, "hold": 1} for order in orders
        ])  # fmt: skip
        for rank, (name, count) in enumerate(rounds.items()):
            missile = system.missiles[name]
            magazine_names.append((item.id, name))
            magazines.append({
                "unit": len(units) - 1, "rank": rank, "rounds": count, "mean_speed_mps": missile.mean_speed.si if missile.mean_speed else math.nan,
                "range_min_m": missile.range_min.si, "altitude_min_m": missile.altitude_min.si,
                "target_speed_max_mps": missile.target_speed_max.si, "guided_to_intercept": int(missile.guidance.value != "arh"),
            })  # fmt: skip
            envelopes.append([
                {"engages": 1, "range_max_m": e.range_max.si, "altitude_max_m": e.altitude_max.si, "pk": e.pk.si} if e
                else {"engages": 0, "range_max_m": 0.0, "altitude_max_m": 0.0, "pk": 0.0}
                for e in (missile.targets.get(c) for c in TARGET_CLASSES)
            ])  # fmt: skip
    for sensor in situation.scenario.sensors:
        radar = situation.systems[sensor.system].radars[sensor.radar]
        radars.append(_radar(situation, ground, sensor, radar, networks.index(sensor.network)))
        radar_names.append(sensor.id)
    return (
        _rows(RADAR, radars), radar_names, _rows(UNIT, units), _rows(MAGAZINE, magazines),
        _table(ENVELOPE, envelopes), _table(DOCTRINE, doctrine), magazine_names,
    )  # fmt: skip


def _table(dtype: np.dtype[Any], rows: list[list[dict[str, Any]]]) -> Records:
    return _rows(dtype, [cell for row in rows for cell in row]).reshape(len(rows), CLASSES)
