"""The raid as arrays: paths, waypoints, threats."""

import math
from functools import lru_cache

from closedsky.engine.layout import (
    AT_IMPACT,
    AT_RELEASE,
    BALLISTIC,
    FLIGHT,
    INTEGRATED,
    ROUTE,
    THREAT,
    WAYPOINT,
    Earth,
    Records,
)
from closedsky.engine.pack.rows import Row, ground_m, key_of, records
from closedsky.engine.pack.sites import geod_of
from closedsky.engine.tables.aim import sample_step_s
from closedsky.errors import Fault, ScenarioError
from closedsky.model.scenario import SIDES, Ballistic, Group, Route
from closedsky.model.system import TARGET_CLASSES
from closedsky.model.threat import Threat
from closedsky.physics.aiming import aim
from closedsky.physics.flight import angle_for_apogee, ballistic_duration, launch_speed, minimum_energy_angle
from closedsky.physics.geodesy import central_angle
from closedsky.physics.ground import Ground
from closedsky.physics.lethality import area_share, cep_sigma, hit_share
from closedsky.scenario.situation import Situation

_LEAST_WORTH = 1e-6
"""What a threat that would destroy nothing counts, beside the most valuable: it is engaged where nothing else is."""


def flights(situation: Situation, ground: Ground, earth: Earth) -> tuple[Records, Records]:
    """One row per group: its path and type of threat; and the waypoints of all routes."""
    rows: list[Row] = []
    waypoints: list[Row] = []
    for group in situation.scenario.raid:
        threat = situation.threats[group.threat]
        row: Row = dict.fromkeys(FLIGHT.names or (), 0.0)
        row |= {
            "target_class": TARGET_CLASSES.index(threat.target_class),
            "swerling": threat.signature.swerling,
            "rcs_nose_m2": threat.signature.nose.si,
            "rcs_beam_m2": threat.signature.beam.si,
            "rcs_tail_m2": threat.signature.tail.si,
            "first_waypoint": len(waypoints),
            "manoeuvres": int(group.manoeuvres),
        }
        if isinstance(group.motion, Ballistic):
            row |= _ballistic(situation, group, group.motion, ground, earth)
        else:
            legs = _legs(situation, group.motion, threat)
            waypoints += legs
            duration_s = legs[-1]["arrive_s"]
            step_s = sample_step_s(_speed_mps(group.motion, threat), duration_s)
            row |= {"motion": ROUTE, "waypoints": len(legs), "duration_s": duration_s, "step_s": step_s}
        rows.append(row)
    return records(FLIGHT, rows), records(WAYPOINT, waypoints)


def _speed_mps(route: Route, threat: Threat) -> float:
    return route.speed_mps or (threat.speed.si if threat.speed else math.nan)


def _asset_at(situation: Situation, asset_id: str) -> tuple[float, float]:
    return next(asset.at for asset in situation.scenario.assets if asset.id == asset_id)


def _legs(situation: Situation, route: Route, threat: Threat) -> list[Row]:
    default_height = threat.height.si if threat.height else 1000.0
    points = [(w.at, w.altitude_m if w.altitude_m is not None else (default_height if w.height_m is None else w.height_m),
               w.altitude_m is None) for w in route.waypoints]  # fmt: skip
    if route.target is not None:
        points.append((_asset_at(situation, route.target), points[-1][1], points[-1][2]))
    geod = geod_of(situation)
    legs = []
    arrive_s = 0.0
    for i, (at, level_m, above_ground) in enumerate(points):
        if i > 0:
            before = points[i - 1][0]
            arrive_s += geod.inv(before[1], before[0], at[1], at[0])[2] / _speed_mps(route, threat)
        legs.append({"lat_rad": math.radians(at[0]), "lon_rad": math.radians(at[1]), "level_m": level_m,
                     "above_ground": int(above_ground), "arrive_s": arrive_s})  # fmt: skip
    return legs


def _ballistic(situation: Situation, group: Group, motion: Ballistic, ground: Ground, earth: Earth) -> Row:
    """A ballistic flight: a Kepler arc in closed form on a non-rotating sphere without drag, integrated in every other case."""
    threat = situation.threats[group.threat]
    environment = situation.scenario.environment
    lat0, lon0 = (math.radians(x) for x in motion.origin)
    lat1, lon1 = (math.radians(x) for x in _asset_at(situation, motion.target))
    boost_s = threat.boost.si if threat.boost else 0.0
    range_angle = central_angle(lat0, lon0, lat1, lon1)
    row: Row = {
        "lat0_rad": lat0, "lon0_rad": lon0, "lat1_rad": lat1, "lon1_rad": lon1, "boost_s": boost_s,
        "ground0_m": ground_m(ground, lat0, lon0), "ground1_m": ground_m(ground, lat1, lon1),
    }  # fmt: skip
    drag = environment.drag == "on" and threat.ballistic_coefficient is not None
    if environment.earth.shape == "sphere" and environment.earth.rotation == "off" and not drag:
        gamma = minimum_energy_angle(range_angle) if motion.apogee_m is None else angle_for_apogee(range_angle, motion.apogee_m)
        speed = launch_speed(range_angle, gamma)
        row |= {"motion": BALLISTIC, "gamma_rad": gamma, "duration_s": ballistic_duration(range_angle, gamma, boost_s)}
    else:
        coefficient = threat.ballistic_coefficient.si if drag and threat.ballistic_coefficient else math.inf
        apogee_m = math.nan if motion.apogee_m is None else motion.apogee_m
        ends = (lat0, lon0, row["ground0_m"], lat1, lon1, row["ground1_m"])
        azimuth, gamma, speed, duration_s, found = _aimed(*ends, apogee_m, boost_s, coefficient, earth)
        if not found:
            slowed = f", a ballistic coefficient of {coefficient:g} kg/m2" if drag else ""
            wanted = "another apogee_m, " if motion.apogee_m is not None else ""
            raise ScenarioError(
                Fault(f"no flight of a {threat.name} leads to its target (boost {boost_s:g} s{slowed})", f"raid: {group.id}: motion",
                      f"try {wanted}another distance, or correct these figures in a catalogue of your own")
            )  # fmt: skip
        row |= {"motion": INTEGRATED, "gamma_rad": gamma, "duration_s": duration_s, "azimuth_rad": azimuth, "speed_mps": speed,
                "coefficient_kg_m2": coefficient}  # fmt: skip
    return row | {"step_s": sample_step_s(speed, row["duration_s"])}  # at its launch speed, which is about its arrival speed


@lru_cache(maxsize=4096)
def _aimed(
    lat0: float, lon0: float, ground0_m: float, lat1: float, lon1: float, ground1_m: float,
    apogee_m: float, boost_s: float, coefficient: float, earth: Earth,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """`aim`, cached: variants of an outer draw need the same flights, and runs with another figure of the defence changed."""
    figure = (earth.axis_m, earth.e2)
    return aim(lat0, lon0, ground0_m, lat1, lon1, ground1_m, apogee_m, boost_s, coefficient, figure, earth.rotation_rad_s)


def threats(situation: Situation, assets: list[str]) -> tuple[Records, list[str]]:
    """One row per threat, and their names: GROUP/1, GROUP/2 and so on."""
    rows: list[Row] = []
    names: list[str] = []
    keys: set[int] = set()
    for flight, group in enumerate(situation.scenario.raid):
        threat = situation.threats[group.threat]
        poisson = group.timing == "poisson"
        alike: Row = {
            "flight": flight, "decoy": int(threat.decoy), "jitter_s": group.jitter_s, "mean_gap_s": group.spacing_s if poisson else 0.0,
            "reliability": (group.reliability or threat.reliability).si,
            "endpoint": AT_IMPACT if threat.endpoint == "impact" else AT_RELEASE,
            "asset": -1 if group.motion.target is None else assets.index(group.motion.target),
            "miss_sigma_m": cep_sigma(threat.cep.si), "lethal_radius_m": threat.lethal_radius.si,
            "hit_share": _hit_share(situation, group, threat), "side": SIDES.index(group.side),
            "worth": _worth(situation, group, threat),
        }  # fmt: skip
        for i in range(group.count):
            names.append(f"{group.id}/{i + 1}")
            key = key_of(names[-1])
            while key in keys:  # a collision of keys is rare, but two threats must not share their draws
                key = (key + 1) % (1 << 32)
            keys.add(key)
            start_s = group.start_s + (0.0 if poisson else i * group.spacing_s)
            rows.append({"key": key, "leads_group": int(i == 0), "start_s": start_s, **alike})
    return records(THREAT, _weighed(situation, rows)), names


def _weighed(situation: Situation, rows: list[Row]) -> list[Row]:
    """The threats with what the defence takes them to be worth: a decoy as much as the most valuable threat of its class."""
    kinds = [situation.threats[situation.scenario.raid[row["flight"]].threat].target_class for row in rows]
    most = dict.fromkeys(kinds, 0.0)
    for kind, row in zip(kinds, rows, strict=True):
        if not row["decoy"]:
            most[kind] = max(most[kind], row["worth"])
    least = _LEAST_WORTH * (max(most.values(), default=0.0) or 1.0)
    return [
        {**row, "worth": max(most[kind] if row["decoy"] else row["worth"], least)} for kind, row in zip(kinds, rows, strict=True)
    ]


def _worth(situation: Situation, group: Group, threat: Threat) -> float:
    """The value that one of a group is expected to destroy if it is not stopped."""
    asset = next((asset for asset in situation.scenario.assets if asset.id == group.motion.target), None)
    if asset is None:
        return 0.0
    share = area_share(threat.lethal_radius.si, asset.radius_m) if threat.endpoint == "impact" else 1.0
    return asset.value * _hit_share(situation, group, threat) * share


def _hit_share(situation: Situation, group: Group, threat: Threat) -> float:
    """Probability that an arrival impacts within lethal radius of its asset; 1 for a release aimed at one."""
    target = group.motion.target
    if target is None:
        return 0.0
    radius_m = next(asset.radius_m for asset in situation.scenario.assets if asset.id == target)
    return hit_share(radius_m + threat.lethal_radius.si, threat.cep.si) if threat.endpoint == "impact" else 1.0
