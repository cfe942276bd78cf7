"""An idealised defence and threats that do exactly what a formula assumes, as scenario data for the public `closedsky.run`.

The radars see everything at once, the ground is level, and the threats *hover*: a route a few metres long, flown in whatever time is
wanted, at an exact slant range from the unit. The missiles are *thrown*: they burn out in a millisecond and are too thin for drag, so their
time of flight has a closed form, `flight_s`, and how long a threat can be shot at is its flight time less that.
"""

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Geod, Transformer

import closedsky
from closedsky.engine.layout import COUNTS, Outcomes

HOME = (50.0, 10.0)
ANTENNA_M = 10.0
GEOD = Geod(ellps="WGS84")
_TO_ECEF = Transformer.from_crs(4979, 4978, always_xy=True)
_FROM_ECEF = Transformer.from_crs(4978, 4979, always_xy=True)
LEG_M = 4.0
G_MPS2 = 9.80665
RAIDS = [name for name, path in closedsky.examples().items() if re.search(r"^raid:", path.read_text("utf-8"), re.MULTILINE)]
"""The shipped examples that have a raid to run; the others ask about the sky. Told from their text: loading them all takes seconds."""

Tree = dict[str, Any]
At = tuple[float, float]


def ecef(at: At, altitude_m: float) -> tuple[float, float, float]:
    """Earth-centred x, y, z of a place."""
    x, y, z = _TO_ECEF.transform(at[1], at[0], altitude_m)
    return x, y, z


def slant_m(at: At, altitude_m: float) -> float:
    """Straight-line distance from the unit's antenna."""
    return math.dist(ecef(HOME, ANTENNA_M), ecef(at, altitude_m))


def point_at(distance_m: float, azimuth_deg: float, elevation_deg: float, antenna_m: float = ANTENNA_M) -> tuple[At, float]:
    """Place and altitude at a slant range, azimuth and elevation from the unit's antenna."""
    lat, lon = (math.radians(angle) for angle in HOME)
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    east = distance_m * math.cos(elevation) * math.sin(azimuth)
    north = distance_m * math.cos(elevation) * math.cos(azimuth)
    up = distance_m * math.sin(elevation)
    x, y, z = ecef(HOME, antenna_m)
    x += -math.sin(lon) * east - math.sin(lat) * math.cos(lon) * north + math.cos(lat) * math.cos(lon) * up
    y += math.cos(lon) * east - math.sin(lat) * math.sin(lon) * north + math.cos(lat) * math.sin(lon) * up
    z += math.cos(lat) * north + math.sin(lat) * up
    lon_deg, lat_deg, altitude_m = _FROM_ECEF.transform(x, y, z)
    return (lat_deg, lon_deg), altitude_m


def hover(
    distance_m: float, seconds: float, azimuth_deg: float = 90.0, elevation_deg: float = 45.0, antenna_m: float = ANTENNA_M
) -> Tree:
    """A route that stays at a slant range for so many seconds: a few metres across the line of sight."""
    (lat, lon), altitude_m = point_at(distance_m, azimuth_deg, elevation_deg, antenna_m)
    ends = [GEOD.fwd(lon, lat, azimuth_deg + turn, LEG_M / 2.0)[:2] for turn in (-90.0, 90.0)]
    length_m = GEOD.inv(*ends[0], *ends[1])[2]
    waypoints = [{"at": [end_lat, end_lon], "altitude_m": altitude_m} for end_lon, end_lat in ends]
    return {"kind": "route", "waypoints": waypoints, "speed_mps": length_m / seconds}


def flight_s(distance_m: float, climb_m: float, speed_mps: float) -> float:
    """How long a thrown missile takes: with d = v t - g (h / d) t² / 2 it arrives at √(v² - 2 g h), and its mean speed is half the sum.

    The engine's table, linear between its nodes, is within a millisecond of that for 1000 m/s over 20 km with a reach of 100 km.
    """
    return 2.0 * distance_m / (speed_mps + math.sqrt(speed_mps**2 - 2.0 * G_MPS2 * climb_m))


def threat(endpoint: str = "impact", reliability: float = 1.0, target_class: str = "cruise", **changed: Any) -> Tree:
    """A threat of 1 m² from every side that does not fluctuate."""
    return {
        "name": "drone of the formulae",
        "summary": "Does what it is told.",
        "target_class": target_class,
        "signature": {"nose": "1 m2", "beam": "1 m2", "tail": "1 m2", "swerling": 0},
        "range_max": "20000 km",
        "reliability": reliability,
        "endpoint": endpoint,
        "cep": "0 m",
        "lethal_radius": "10 m",
    } | changed


def radar(role: str = "multifunction", **changed: Any) -> Tree:
    """A radar that sees 1 m² anywhere within thousands of kilometres at every look, and confirms at once."""
    return {
        "name": "sees all",
        "role": role,
        "detection": {"range": "20000 km", "rcs": "1 m2", "pd": 0.9, "pfa": 1e-6, "swerling": 0},
        "instrumented_range": "20000 km",
        "antenna_height": f"{ANTENNA_M} m",
        "elevation_min": "-90 deg",
        "elevation_max": "90 deg",
        "sector": "360 deg",
        "revisit": "0.5 s",
        "confirm": {"hits": 1, "looks": 1},
        "dwell": "0.1 s",
    } | changed


def system(
    *,
    pk: float = 1.0,
    channels: int = 1,
    guided: int = 1000,
    rounds: int = 100_000,
    salvo: int = 1,
    max_rounds: int = 1,
    speed_mps: float = 1000.0,
    reach_m: float = 100_000.0,
    reaction_s: float = 0.0,
    interval_s: float = 0.0,
    assessment_s: float = 0.0,
    false_kill: float = 0.0,
    false_survival: float = 0.0,
    guidance: str = "command",
    radars: Tree | None = None,
    sensors: tuple[str, ...] = (),
) -> Tree:
    """A fire unit with one kind of missile, as good as its arguments say and no worse."""
    return {
        "name": "unit of the formulae",
        "summary": "One engagement radar, one kind of missile.",
        "radars": {"eye": radar()} if radars is None else radars,
        "missiles": {
            "round": {
                "name": "round",
                "guidance": guidance,
                "range_min": "0 m",
                "altitude_min": "0 m",
                "flyout": {
                    "launch_mass": "100 kg",
                    "fuel_share": 0.5,
                    "burn": "0.001 s",
                    "speed_max": f"{speed_mps} m/s",
                    "diameter": "0 m",
                    "loft": "0 m",
                    "speed_least": "0.1 m/s",
                },
                "target_speed_max": "7000 m/s",
                "targets": {"cruise": {"range_max": f"{reach_m!r} m", "altitude_max": "1000 km", "pk": pk}},
            }
        },
        "fire_unit": {
            "engagement_radar": "eye",
            "channels": channels,
            "missiles_guided": guided,
            "launchers": rounds,
            "missiles_per_launcher": 1,
            "load": {"round": 1.0},
            "reaction": f"{reaction_s} s",
            "launch_interval": f"{interval_s} s",
            "assessment": f"{assessment_s} s",
            "false_kill": false_kill,
            "false_survival": false_survival,
            "doctrine": {"cruise": {"salvo": salvo, "max_rounds": max_rounds}},
        },
        "package": {"sensors": list(sensors)},
    }


def scenario(unit: Tree | None, raid: list[Tree], threats: Tree | None = None, **changed: Any) -> Tree:
    """A scenario around one unit at home, on level ground, with no delay on its link and rounds that are independent."""
    return {
        "closedsky": 2,
        "name": "acceptance",
        "title": "A case with an answer in closed form",
        "environment": {"terrain": "flat"},
        "defence": [{"id": "unit", "system": "ideal", "at": list(HOME)}] if unit else [],
        "networks": {"air-defence": {"link_delay_s": 0.0, "policy": "first-tracked"}} if unit else {},
        "raid": raid,
        "settings": {"salvo_correlation": 0.0},
        "catalogue": {"systems": {"ideal": unit} if unit else {}, "threats": threats or {"target": threat()}},
    } | changed


def within(measured: float, expected: float, standard_error: float, errors: float = 4.0) -> bool:
    """Whether a measurement agrees with what is expected."""
    return abs(measured - expected) <= errors * standard_error


def share_error(share: float, n: int) -> float:
    """Standard error of a share that `n` independent tries would show."""
    return math.sqrt(share * (1.0 - share) / n)


def column(outcomes: Outcomes, name: str) -> npt.NDArray[np.float64]:
    """One count, trial by trial."""
    return outcomes.counts[:, COUNTS.index(name)].astype(np.float64)
