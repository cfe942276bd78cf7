"""The engine against the slow one that looks, hit by hit: thirty-three scenarios, launch windows to a millisecond (a second over hills),
every metric within four standard errors.

Each scenario stresses a feature and says in `shows` what must happen in it for that to be true. Seeds are fixed, so what passes goes
on passing. With some forty metrics in each of thirty-three scenarios, about one pair of seeds in twelve would put a metric beyond four
standard errors by chance alone: look at a second pair before you believe in a fault that is only just beyond.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky.api import Prepared, prepare
from closedsky.engine import run as engine
from closedsky.engine.layout import CAUSES, COUNTS, Packed
from closedsky.model.system import TARGET_CLASSES
from closedsky.physics.ground import Ground
from tests.engine.lookbylook import EDGE_S, SCAN_S, TICKS, Metrics, Sky, as_metrics, distance, simulate

FAST_TRIALS = 20_000
MOST = 4.0  # standard errors
HOME = (33.0, 44.0)
M_PER_DEG = 111_195.0
AT_REST = {"terrain": "flat", "earth": {"shape": "sphere", "rotation": "off"}}


# ---------------------------------------------------------------- building blocks


def near(east_km: float, north_km: float) -> list[float]:
    """A place so many kilometres from the middle of the scenarios."""
    lat = HOME[0] + north_km * 1000.0 / M_PER_DEG
    return [lat, HOME[1] + east_km * 1000.0 / (M_PER_DEG * np.cos(np.radians(HOME[0])))]


def a_radar(role: str = "multifunction", reach: str = "90 km", **changes: Any) -> dict[str, Any]:
    return {
        "name": role, "role": role,
        "detection": {"range": reach, "rcs": "1 m2", "pd": 0.8, "pfa": 1e-6, "swerling": 1},
        "instrumented_range": "200 km", "antenna_height": "12 m", "elevation_min": "-5 deg", "elevation_max": "80 deg",
        "sector": "360 deg", "revisit": "5 s", **({} if role == "surveillance" else {"dwell": "0.7 s"}),
    } | changes  # fmt: skip


def burns(speed: str, burn: str = "3 s", **changes: Any) -> dict[str, Any]:
    """The fly-out of a slim round that keeps its speed well."""
    return {
        "launch_mass": "900 kg", "fuel_share": 0.5, "burn": burn, "speed_max": speed, "diameter": "0.3 m", "loft": "6 km",
        "speed_least": "250 m/s",
    } | changes  # fmt: skip


def a_missile(range_max: str = "40 km", pk: float = 0.6, speed: str = "1000 m/s", **changes: Any) -> dict[str, Any]:
    envelope = {"range_max": range_max, "altitude_max": "25 km", "pk": pk}
    return {
        "name": "round", "guidance": "command", "range_min": "2 km", "altitude_min": "10 m", "flyout": burns(speed),
        "target_speed_max": "3000 m/s", "targets": dict.fromkeys(TARGET_CLASSES, envelope),
    } | changes  # fmt: skip


def a_system(
    radars: dict[str, Any] | None = None, missiles: dict[str, Any] | None = None, sensors: tuple[str, ...] = (), **unit: Any
) -> dict[str, Any]:
    radars = radars or {"eye": a_radar()}
    missiles = missiles or {"round": a_missile()}
    doctrine = unit.pop("doctrine", {"salvo": 1, "max_rounds": 4})
    guides = next(name for name, radar in radars.items() if radar["role"] != "surveillance")
    return {
        "name": "test system", "summary": "Invented figures.", "radars": radars, "missiles": missiles,
        "fire_unit": {
            "engagement_radar": guides, "channels": 4, "missiles_guided": 8, "launchers": 4, "missiles_per_launcher": 8,
            "load": {name: 1.0 / len(missiles) for name in missiles}, "reaction": "8 s", "launch_interval": "3 s", "assessment": "5 s",
            "false_kill": 0.0, "false_survival": 0.0,
            "doctrine": dict.fromkeys(TARGET_CLASSES, doctrine),
        } | unit,
        "package": {"sensors": list(sensors)},
    }  # fmt: skip


def a_threat(kind: str = "cruise", rcs: str = "0.1 m2", **changes: Any) -> dict[str, Any]:
    return {
        "name": "test threat", "summary": "Invented figures.", "target_class": kind,
        "signature": {"nose": rcs, "beam": "1 m2", "tail": "0.3 m2", "swerling": 1}, "speed": "240 m/s", "height": "300 m",
        "range_max": "900 km", "reliability": 1.0, "endpoint": "impact", "cep": "30 m", "lethal_radius": "20 m",
    } | changes  # fmt: skip


def a_route(*points: tuple[float, float], target: str | None = "plant", **level: float) -> dict[str, Any]:
    motion: dict[str, Any] = {"kind": "route", "waypoints": [{"at": near(*point), **level} for point in points]}
    return motion if target is None else motion | {"target": target}


def a_scenario(
    systems: dict[str, Any], threats: dict[str, Any], defence: list[Any], raid: list[Any], **more: Any
) -> dict[str, Any]:
    return {
        "closedsky": 2, "name": "test", "title": "Test", "environment": {"terrain": "flat"},
        "assets": [{"id": "plant", "at": near(0, 0), "radius_m": 60, "value": 10}],
        "catalogue": {"systems": systems, "threats": threats}, "defence": defence, "raid": raid,
    } | more  # fmt: skip


# ---------------------------------------------------------------- the scenarios


@dataclass(frozen=True)
class Case:
    """A scenario, and the means that must lie between two bounds for it to show what it is meant to show."""

    scenario: dict[str, Any]
    shows: dict[str, tuple[float, float]]
    trials: int = 600


def one_unit_one_shot() -> Case:
    """A weak radar, one round a target: late tracks, some too late, some never."""
    system = a_system(
        radars={"eye": a_radar(reach="19 km", revisit="6 s", confirm={"hits": 3, "looks": 5})}, reaction="12 s",
        doctrine={"salvo": 1, "max_rounds": 1}, missiles={"round": a_missile(speed="700 m/s", range_min="4 km")},
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(speed="300 m/s"), "small": a_threat(rcs="0.004 m2", speed="330 m/s", cep="80 m")},
            [{"id": "alpha", "system": "sam", "at": near(3, 1)}],
            [
                {"id": "raid", "threat": "missile", "count": 3, "spacing_s": 17, "jitter_s": 6, "motion": a_route((75, 10))},
                {"id": "late", "threat": "small", "count": 2, "spacing_s": 30, "jitter_s": 9, "motion": a_route((-50, 25))},
            ],
        ),
        {"seen_no_track": (0.05, 2), "seen_too_weakly": (0.01, 2), "no_time": (0.1, 3), "engaged_and_missed": (0.3, 4)},
    )


def shoot_look_shoot() -> Case:
    """One round at a time, up to eight, at slow drones and at jets that pass by and show their side and tail."""
    system = a_system(
        missiles={"round": a_missile(pk=0.25)}, reaction="5 s", assessment="3 s", launch_interval="2 s",
        doctrine={"salvo": 1, "max_rounds": 8},
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {
                "drone": a_threat("drone", speed="60 m/s", rcs="0.02 m2"),
                "jet": a_threat("aircraft", speed="260 m/s", rcs="2 m2", endpoint="release"),
            },
            [{"id": "alpha", "system": "sam", "at": near(2, 2)}],
            [
                {"id": "drones", "threat": "drone", "count": 2, "spacing_s": 40, "jitter_s": 15, "motion": a_route((60, -20))},
                {"id": "jets", "threat": "jet", "count": 2, "spacing_s": 9, "start_s": 500, "jitter_s": 30,
                 "motion": a_route((20, 110), (-5, 20), (-60, 45), target=None, altitude_m=6000)},
            ],
        ),
        {"rounds_fired": (10, 20), "engaged_and_missed": (0.2, 3), "releases": (0.1, 2)},
    )  # fmt: skip


def channels_saturated() -> Case:
    """Two channels, ten threats from two sides."""
    system = a_system(channels=2, missiles_guided=4, reaction="9 s", assessment="12 s", doctrine={"salvo": 2, "max_rounds": 4})
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(reliability=0.9), "fast": a_threat(speed="400 m/s", height="900 m", lethal_radius="40 m")},
            [{"id": "alpha", "system": "sam", "at": near(4, 0)}],
            [
                {"id": "east", "threat": "missile", "count": 6, "spacing_s": 3, "jitter_s": 4, "motion": a_route((80, 5))},
                {
                    "id": "south",
                    "threat": "fast",
                    "count": 4,
                    "spacing_s": 2,
                    "start_s": 90,
                    "jitter_s": 20,
                    "motion": a_route((10, -95)),
                },
            ],
        ),
        {"no_channel": (0.5, 6), "engaged": (3, 9), "failed": (0.05, 1)},
    )


def guidance_binds() -> Case:
    """Five channels but five rounds in the air: salvos of three are cut to what is left."""
    system = a_system(
        channels=5, missiles_guided=4, launch_interval="2.5 s", assessment="9 s", doctrine={"salvo": 3, "max_rounds": 6},
        missiles={"round": a_missile("30 km", 0.45)},
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(speed="450 m/s")},
            [{"id": "alpha", "system": "sam", "at": near(1, -2)}],
            [{"id": "raid", "threat": "missile", "count": 9, "spacing_s": 4, "jitter_s": 5, "motion": a_route((70, 20))}],
        ),
        {"no_channel": (0.05, 6), "engaged_and_missed": (0.2, 6), "rounds_fired": (8, 27)},
    )


def magazines_run_dry() -> Case:
    """Nine rounds for ten threats, reserved in pairs; reservations lapse as threats fail and launchers are slow."""
    system = a_system(
        missiles={"round": a_missile(pk=0.5)}, doctrine={"salvo": 2, "max_rounds": 4}, channels=6, missiles_guided=12,
        launch_interval="9 s",
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(reliability=0.5)},
            [{"id": "alpha", "system": "sam", "at": near(1, 0), "rounds": {"round": 9}}],
            [{"id": "raid", "threat": "missile", "count": 10, "spacing_s": 6, "jitter_s": 10, "motion": a_route((75, -15))}],
        ),
        {"no_rounds": (1, 6), "rounds_fired": (8.5, 9)},
    )


def two_networks() -> Case:
    """Two units that do not share a picture fire at the same threats; a third radar helps one of them."""
    one = a_system(doctrine={"salvo": 2, "max_rounds": 4}, channels=3, false_survival=0.1, missiles={"round": a_missile(pk=0.4)})
    other = a_system(
        radars={"guide": a_radar("engagement", "70 km"), "search": a_radar("surveillance", "60 km", revisit="9 s")},
        missiles={"round": a_missile("60 km", 0.3, speed="1200 m/s")},
        sensors=("search",), doctrine={"salvo": 1, "max_rounds": 3}, channels=2,
    )  # fmt: skip
    return Case(
        a_scenario(
            {"one": one, "other": other},
            {"missile": a_threat(rcs="0.3 m2")},
            [
                {"id": "alpha", "system": "one", "at": near(5, 2), "network": "north"},
                {"id": "bravo", "system": "other", "at": near(-2, -4), "network": "south"},
            ],
            [{"id": "raid", "threat": "missile", "count": 7, "spacing_s": 8, "jitter_s": 6, "motion": a_route((90, 30))}],
            networks={"north": {"link_delay_s": 4}, "south": {"link_delay_s": 11, "policy": "first-tracked"}},
            sensors=[{"id": "watch", "system": "other", "radar": "search", "at": near(20, 10), "network": "north"}],
        ),
        {"rounds of 0": (5, 25), "rounds of 1": (3, 20), "leakers": (0.1, 4)},
    )


def active_rounds_over_hills() -> Case:
    """Active rounds against low flyers over terrain: in sight, out and in again, met where the unit cannot see them."""
    system = a_system(
        radars={
            "guide": a_radar("engagement", "75 km", dwell="1.3 s"),
            "search": a_radar("surveillance", "26 km", revisit="4 s", confirm={"hits": 2, "looks": 4}),
        },
        missiles={"round": a_missile("60 km", 0.3, guidance="arh", speed="800 m/s")}, sensors=("search",),
        doctrine={"salvo": 1, "max_rounds": 4}, assessment="11 s",
    )  # fmt: skip
    hills = {"kind": "route", "waypoints": [{"at": [36.4, 45.3], "height_m": 200}], "target": "plant"}
    ridge = {"kind": "route", "waypoints": [{"at": [36.9, 44.0], "height_m": 500}, {"at": [35.7, 44.45], "height_m": 500}]}
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(reliability=0.9, rcs="0.05 m2")},
            [{"id": "alpha", "system": "sam", "at": [36.22, 44.05]}],
            [
                {"id": "hills", "threat": "missile", "count": 4, "spacing_s": 11, "jitter_s": 8, "motion": hills},
                {"id": "ridge", "threat": "missile", "count": 4, "spacing_s": 13, "jitter_s": 8, "motion": ridge},
            ],
            environment={"terrain": "world"},
            assets=[{"id": "plant", "at": [36.2, 44.0], "radius_m": 60, "value": 10}],
        ),
        {"failed": (0.3, 1), "tracked": (5, 7.8), "engaged_and_missed": (0.5, 6)},
    )


def sectors_and_holds() -> Case:
    """A sector that faces half of the raid, a class held by rules, and one that nobody sees."""
    radars = {
        "guide": a_radar("engagement", "60 km", sector="100 deg"),
        "search": a_radar("surveillance", "70 km", sector="200 deg", revisit="8 s"),
    }
    system = a_system(radars=radars, sensors=("search",), doctrine={"salvo": 1, "max_rounds": 2})
    system["fire_unit"]["doctrine"]["aircraft"] = {"salvo": 1, "max_rounds": 1, "hold": True}
    jet = a_threat("aircraft", rcs="3 m2", endpoint="release", height="6000 m")
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(), "jet": jet, "skimmer": a_threat(height="20 m")},
            [{"id": "alpha", "system": "sam", "at": near(0, 2), "heading_deg": 80}],
            [
                {"id": "front", "threat": "missile", "count": 3, "spacing_s": 9, "jitter_s": 5, "motion": a_route((70, 10))},
                {"id": "flank", "threat": "missile", "count": 2, "spacing_s": 9, "jitter_s": 5, "motion": a_route((15, 75))},
                {"id": "rear", "threat": "missile", "count": 2, "spacing_s": 9, "jitter_s": 5, "motion": a_route((-70, -10))},
                {"id": "jets", "threat": "jet", "count": 2, "spacing_s": 20, "motion": a_route((90, 40), (30, 10))},
                {"id": "far", "threat": "skimmer", "motion": a_route((150, 90), (90, 60), target=None)},
                {
                    "id": "edge",
                    "threat": "missile",
                    "count": 2,
                    "spacing_s": 6,
                    "motion": a_route((60, 60), (-20, 20), target="plant"),
                },
            ],
        ),
        {"outside_sector": (2, 6), "held_by_rules": (1, 2), "never_in_line_of_sight": (1, 1), "engaged_and_missed": (0.1, 5)},
    )


def ballistic_raid() -> Case:
    """Ballistic missiles that fail and scatter, met by two types of round of which the first choice reaches less far."""
    missiles = {
        "short": a_missile("30 km", 0.55, speed="1300 m/s", guidance="arh", target_speed_max="4000 m/s"),
        "long": a_missile("70 km", 0.4, speed="1600 m/s", guidance="tvm", target_speed_max="4000 m/s"),
    }
    system = a_system(
        radars={"eye": a_radar(reach="110 km", revisit="2 s")}, missiles=missiles, reaction="5 s", launch_interval="1.5 s",
        assessment="2 s", channels=3, missiles_guided=6, doctrine={"salvo": 2, "max_rounds": 6}, load={"short": 0.3, "long": 0.4},
    )  # fmt: skip
    rocket = a_threat("ballistic", reliability=0.8, cep="250 m", lethal_radius="60 m", boost="25 s")
    return Case(
        a_scenario(
            {"sam": system},
            {"rocket": rocket},
            [{"id": "alpha", "system": "sam", "at": near(4, 6)}],
            [
                {"id": "first", "threat": "rocket", "count": 4, "spacing_s": 5, "jitter_s": 4,
                 "motion": {"kind": "ballistic", "origin": near(250, 60), "target": "plant"}},
                {"id": "second", "threat": "rocket", "count": 4, "spacing_s": 3, "start_s": 20, "jitter_s": 6,
                 "motion": {"kind": "ballistic", "origin": near(180, 150), "target": "depot", "apogee_m": 90_000}},
            ],
            assets=[
                {"id": "plant", "at": near(0, 0), "radius_m": 200, "value": 10},
                {"id": "depot", "at": near(8, 3), "radius_m": 100, "value": 3},
            ],
            environment=AT_REST,
        ),
        {"rounds of 0": (0.5, 9.9), "rounds of 1": (1, 12.9), "failed": (0.1, 3), "leakers": (0.1, 6)},
    )  # fmt: skip


def poisson_and_errors() -> Case:
    """Random arrivals, first tracked first served, errors of judgement, rounds of a salvo that often share their draw."""
    system = a_system(
        radars={"eye": a_radar(reach="45 km")}, missiles={"round": a_missile("35 km", 0.5)},
        channels=2, missiles_guided=4, false_kill=0.2, false_survival=0.3, doctrine={"salvo": 2, "max_rounds": 6},
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(rcs="0.2 m2"), "drone": a_threat("drone", speed="70 m/s", rcs="0.05 m2")},
            [{"id": "alpha", "system": "sam", "at": near(3, 3)}],
            [
                {"id": "raid", "threat": "missile", "count": 7, "spacing_s": 18, "timing": "poisson", "jitter_s": 12,
                 "motion": a_route((80, -10))},
                {"id": "drones", "threat": "drone", "count": 3, "spacing_s": 60, "timing": "poisson", "motion": a_route((20, 22))},
            ],
            networks={"air-defence": {"policy": "first-tracked"}}, settings={"salvo_correlation": 0.5},
        ),
        {"no_channel": (0.01, 4), "engaged_and_missed": (0.5, 6), "rounds_fired": (12, 40)},
    )  # fmt: skip


def one_picture_two_units() -> Case:
    """Two unlike units in one network: they share threats; one may spend more rounds on each, and runs dry while the other is busy."""
    one = a_system(
        doctrine={"salvo": 1, "max_rounds": 2}, channels=1, assessment="9 s", missiles={"round": a_missile("25 km", 0.4)}
    )
    other = a_system(
        missiles={"round": a_missile("50 km", 0.3, speed="1400 m/s")}, channels=1, reaction="6 s",
        doctrine={"salvo": 3, "max_rounds": 6},
    )  # fmt: skip
    return Case(
        a_scenario(
            {"one": one, "other": other},
            {"missile": a_threat(rcs="0.3 m2", speed="330 m/s")},
            [
                {"id": "alpha", "system": "one", "at": near(8, -3)},
                {"id": "bravo", "system": "other", "at": near(-2, 4), "rounds": {"round": 9}},
            ],
            [{"id": "raid", "threat": "missile", "count": 9, "spacing_s": 7, "jitter_s": 5, "motion": a_route((90, -20))}],
        ),
        {"rounds of 0": (2, 13), "rounds of 1": (4, 9), "no_rounds": (0.1, 5), "engaged_and_missed": (0.3, 6)},
    )


def noise_and_weather() -> Case:
    """Looks of several pulses through air, clutter and jamming, afar and beside the target, over a mirror; slow crossers are filtered."""
    hears = {"gain": "35 dB", "beamwidth": "2 deg", "side_lobes": "25 dB", "noise_temperature": "600 K"}
    radio = a_radar(
        reach="120 km", frequency="9.5 GHz", pulses=4, receiver=hears, radial_speed_min="40 m/s",
        clutter={"loss": "12 dB", "height": "400 m", "radial_speed": "220 m/s"},
    )  # fmt: skip
    radio["detection"] = radio["detection"] | {"swerling": 2}
    hum = {"power_density": "40 W/MHz", "frequency_min": "8 GHz", "frequency_max": "12 GHz"}
    noisy = a_threat("aircraft", rcs="3 m2", jammer=hum)
    quiet = a_threat("aircraft", rcs="1 m2", height="6000 m")
    low = a_threat(rcs="0.5 m2", height="200 m")
    low["signature"], quiet["signature"] = low["signature"] | {"swerling": 4}, quiet["signature"] | {"swerling": 2}
    return Case(
        a_scenario(
            {"sam": a_system(radars={"eye": radio}, missiles={"round": a_missile("70 km", 0.6)})},
            {"noisy": noisy, "quiet": quiet, "low": low},
            [{"id": "alpha", "system": "sam", "at": near(2, 2)}],
            [
                {"id": "high", "threat": "quiet", "count": 3, "spacing_s": 15, "motion": a_route((90, 40))},
                {"id": "with-escort", "threat": "quiet", "escort": "noisy", "count": 2, "spacing_s": 20, "motion": a_route((-70, 60))},
                {"id": "low", "threat": "low", "count": 3, "spacing_s": 10, "motion": a_route((60, -50))},
                {"id": "by", "threat": "low", "count": 2, "spacing_s": 30, "motion": a_route((25, -60), (25, 60), target=None)},
            ],
            environment=AT_REST | {"lobing": {"roughness_m": 0.3}},
            jamming=[{"id": "far", "threat": "noisy", "at": near(150, 60), "altitude_m": 9000}],
        ),
        {"killed": (0.5, 8), "leakers": (1, 9), "engaged": (1, 9.5)},
    )  # fmt: skip


def decoys_and_courses() -> Case:
    """Decoys draw fire; envelopes end by course: crossing, receding, manoeuvring; missiles boost and coast."""
    thrown = {
        "launch_mass": "900 kg", "fuel_share": 0.6, "burn": "8 s", "speed_max": "1500 m/s", "diameter": "0.4 m", "loft": "8 km",
        "speed_least": "450 m/s",
    }  # fmt: skip
    missile = a_missile("45 km", 0.6, flyout=thrown)
    missile["targets"] = {
        name: envelope | {"crossing_max": "18 km", "receding_max": "15 km", "manoeuvring_max": "22 km"}
        for name, envelope in missile["targets"].items()
    }
    decoy = a_threat(rcs="0.3 m2", decoy=True)
    return Case(
        a_scenario(
            {"sam": a_system(radars={"eye": a_radar(reach="110 km")}, missiles={"round": missile}, channels=2)},
            {"decoy": decoy, "missile": a_threat(rcs="0.3 m2"), "fighter": a_threat("aircraft", rcs="2 m2", height="5000 m")},
            [{"id": "alpha", "system": "sam", "at": near(0, 3)}],
            [
                {"id": "decoys", "threat": "decoy", "count": 3, "spacing_s": 8, "motion": a_route((70, 10))},
                {"id": "missiles", "threat": "missile", "count": 3, "spacing_s": 8, "start_s": 4, "motion": a_route((70, 10))},
                {"id": "dodgers", "threat": "fighter", "count": 2, "spacing_s": 9, "manoeuvres": True, "motion": a_route((-60, 30))},
                {"id": "by", "threat": "fighter", "count": 2, "spacing_s": 9, "motion": a_route((16, -70), (16, 70), target=None)},
                {"id": "wide", "threat": "fighter", "motion": a_route((22, -70), (22, 70), target=None)},
            ],
            environment=AT_REST,
        ),
        {"decoys_engaged": (1, 2.999), "rounds_at_decoys": (1, 9), "killed": (2, 7.5), "no_time": (1, 1)},
    )  # fmt: skip


def warheads_in_air() -> Case:
    """Ballistic missiles slowed by the air, over an Earth that turns."""
    rocket = a_threat("ballistic", reliability=0.9, boost="30 s", ballistic_coefficient="5000 kg/m2")
    system = a_system(
        radars={"eye": a_radar(reach="120 km", revisit="2 s")}, missiles={"round": a_missile("30 km", 0.5, speed="1200 m/s")},
        reaction="4 s", launch_interval="2 s", assessment="2 s", channels=2,
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {"rocket": rocket},
            [{"id": "alpha", "system": "sam", "at": near(3, -4)}],
            [{"id": "rockets", "threat": "rocket", "count": 6, "spacing_s": 4, "jitter_s": 3,
              "motion": {"kind": "ballistic", "origin": near(200, 110), "target": "plant"}}],
        ),
        {"killed": (0.5, 5.5), "leakers": (0.2, 5)},
    )  # fmt: skip


def taken_for_dead() -> Case:
    """Half the survivors are taken for dead, and shot at again once two radars that see them badly have tracked them again. No limit on
    the rounds at one target; a round is worth less far out, and less again against what manoeuvres. Nothing engages a drone."""
    radars = {
        "eye": a_radar(reach="38 km", confirm={"hits": 2, "looks": 3}),
        "search": a_radar("surveillance", "33 km", revisit="4 s", confirm={"hits": 3, "looks": 5}),
    }
    missile = a_missile("40 km", 0.4)
    del missile["targets"]["drone"]
    system = a_system(
        radars=radars, missiles={"round": missile}, sensors=("search",), channels=3, false_kill=0.5, false_survival=0.2,
        doctrine={"salvo": 1}, reaction="4 s", assessment="7 s",
    )  # fmt: skip
    return Case(
        a_scenario(
            {"sam": system},
            {
                "missile": a_threat(rcs="0.3 m2"),
                "fighter": a_threat("aircraft", rcs="0.5 m2", height="4000 m", reliability=0.9),
                "drone": a_threat("drone", speed="70 m/s"),
            },
            [{"id": "alpha", "system": "sam", "at": near(2, 3)}],
            [
                {"id": "raid", "threat": "missile", "count": 5, "spacing_s": 9, "jitter_s": 6, "motion": a_route((80, 15))},
                {
                    "id": "dodgers",
                    "threat": "fighter",
                    "count": 3,
                    "spacing_s": 15,
                    "manoeuvres": True,
                    "motion": a_route((-60, 40)),
                },
                {"id": "drone", "threat": "drone", "motion": a_route((20, 20))},
            ],
            networks={"air-defence": {"link_delay_s": 6}},
            settings={"edge_loss": 0.5, "manoeuvre_loss": 0.8},
        ),
        {"killed": (2, 7.5), "leakers": (1.5, 7), "rounds_fired": (6, 40), "no_defence": (1, 1)},
    )


# ---------------------------------------------------------------- who is ready, what it is, where fire is allowed: each in three or more


def around(east_km: float, north_km: float, half_km: float) -> list[list[float]]:
    """The corners of a square."""
    return [near(east_km + e * half_km, north_km + n * half_km) for e, n in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def not_all_ready() -> Case:
    """Two units that are up in some trials, one of them late; a search radar that is up from a time on; the rounds of one are kept for
    aircraft, and no target is met over the town."""
    one = a_system(radars={"eye": a_radar(reach="45 km")}, missiles={"round": a_missile("30 km", 0.5)}, channels=2)
    other = a_system(
        radars={"guide": a_radar("engagement", "70 km"), "search": a_radar("surveillance", "50 km", revisit="7 s")},
        missiles={"round": a_missile("45 km", 0.4, speed="1200 m/s")}, sensors=("search",), channels=2,
    )  # fmt: skip
    return Case(
        a_scenario(
            {"one": one, "other": other},
            {"missile": a_threat(rcs="0.2 m2"), "jet": a_threat("aircraft", rcs="2 m2", endpoint="release", height="5000 m")},
            [
                {"id": "alpha", "system": "one", "at": near(5, 2), "readiness": {"probability": 0.7}},
                {"id": "bravo", "system": "other", "at": near(-3, -4), "readiness": {"probability": 0.9, "from_s": 190},
                 "rounds": {"round": 6}, "reserve": {"round": {"aircraft": 3}}},
            ],
            [
                {"id": "raid", "threat": "missile", "count": 5, "spacing_s": 12, "jitter_s": 6, "motion": a_route((75, 20))},
                {"id": "jets", "threat": "jet", "count": 3, "spacing_s": 15, "start_s": 80, "jitter_s": 10,
                 "motion": a_route((80, -40), (5, -5), target=None)},
            ],
            sensors=[{"id": "watch", "system": "other", "radar": "search", "at": near(15, 10), "readiness": {"from_s": 150}}],
            zones=[{"id": "town", "outline": around(14, 4, 4), "intercept": "outside", "classes": ["cruise"]}],
        ),
        {"not_ready": (0.1, 5), "no_rounds": (0.05, 3), "rounds of 1": (0.5, 5.9), "killed": (1, 7)},
    )  # fmt: skip


def silent_until_cued() -> Case:
    """A unit that radiates only once a far radar has tracked something, and that forgets what it takes for dead; another on its own that
    may be down."""
    one = a_system(
        radars={"eye": a_radar(reach="40 km", confirm={"hits": 2, "looks": 4})},
        false_kill=0.4,
        missiles={"round": a_missile(pk=0.4)},
    )
    far = a_system(
        radars={"guide": a_radar("engagement"), "search": a_radar("surveillance", "34 km", revisit="8 s", confirm={"hits": 3, "looks": 4})},
        sensors=("search",),
    )  # fmt: skip
    return Case(
        a_scenario(
            {"one": one, "far": far},
            {"missile": a_threat(rcs="0.15 m2"), "drone": a_threat("drone", speed="70 m/s", rcs="0.05 m2")},
            [
                {"id": "alpha", "system": "one", "at": near(2, 3), "readiness": {"silent": True, "come_up_s": 45}},
                {"id": "bravo", "system": "one", "at": near(-4, 1), "network": "alone", "readiness": {"probability": 0.4}},
            ],
            [
                {"id": "raid", "threat": "missile", "count": 4, "spacing_s": 14, "jitter_s": 9, "motion": a_route((70, 15))},
                {"id": "drones", "threat": "drone", "count": 2, "spacing_s": 30, "jitter_s": 9, "motion": a_route((18, 16))},
            ],
            sensors=[{"id": "watch", "system": "far", "radar": "search", "at": near(22, 6), "readiness": {"probability": 0.8}}],
            networks={"alone": {"fire_from_s": 200, "identification": {"delay_s": 5, "correct": 0.9}}},
        ),
        {"not_ready": (0.3, 5), "killed": (0.5, 5), "engaged_and_missed": (0.1, 5)},
    )  # fmt: skip


def late_permission() -> Case:
    """Fire is allowed late, when threats are waiting for two channels; some of them are never identified, and two others are friends."""
    system = a_system(
        channels=2,
        missiles_guided=4,
        reaction="6 s",
        doctrine={"salvo": 2, "max_rounds": 4},
        missiles={"round": a_missile("35 km", 0.5)},
    )
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(reliability=0.9), "fighter": a_threat("aircraft", rcs="2 m2", height="4000 m", endpoint="release")},
            [{"id": "alpha", "system": "sam", "at": near(3, 0), "weapons": {"cruise": "tight"}, "rounds": {"round": 16},
              "reserve": {"round": {"ballistic": 3}}}],
            [
                {"id": "east", "threat": "missile", "count": 7, "spacing_s": 4, "jitter_s": 5, "motion": a_route((75, 5))},
                {"id": "ours", "threat": "fighter", "side": "friendly", "count": 2, "spacing_s": 20, "start_s": 170,
                 "motion": a_route((30, 20), (-30, -10), target=None)},
            ],
            networks={"air-defence": {"policy": "first-tracked", "fire_from_s": 262,
                                      "identification": {"delay_s": 9, "correct": 0.8, "wrong": 0.05}}},
            zones=[{"id": "behind", "outline": around(-30, 0, 25), "launch": "outside"}],
        ),
        {"not_identified": (0.3, 3), "no_channel": (0.2, 5), "friendly_engaged": (0.01, 1), "rounds_fired": (2, 13)},
    )  # fmt: skip


def civil_traffic() -> Case:
    """Airliners in the picture: some are taken for hostile, some stay unknown; against aircraft weapons are tight, against missiles free,
    and drones are not fired at."""
    system = a_system(radars={"eye": a_radar(reach="110 km")}, channels=3, missiles={"round": a_missile("45 km", 0.7)})
    airliner = a_threat("aircraft", rcs="30 m2", height="9000 m", endpoint="release")
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(), "jet": a_threat("aircraft", rcs="2 m2", height="6000 m"), "airliner": airliner,
             "drone": a_threat("drone", speed="90 m/s", rcs="0.1 m2")},
            [{"id": "alpha", "system": "sam", "at": near(2, 2), "weapons": {"aircraft": "tight", "drone": "hold"}}],
            [
                {"id": "airliners", "threat": "airliner", "side": "civil", "count": 4, "spacing_s": 35, "jitter_s": 20,
                 "motion": a_route((-90, 30), (90, 10), target=None)},
                {"id": "patrol", "threat": "jet", "side": "friendly", "count": 2, "spacing_s": 9,
                 "motion": a_route((40, 60), (35, -60), target=None)},
                {"id": "jets", "threat": "jet", "count": 3, "spacing_s": 20, "jitter_s": 9, "motion": a_route((100, -20))},
                {"id": "missiles", "threat": "missile", "count": 3, "spacing_s": 8, "start_s": 60, "motion": a_route((60, 40))},
                {"id": "drone", "threat": "drone", "motion": a_route((15, 15))},
            ],
            networks={"air-defence": {"identification": {"delay_s": 12, "correct": 0.75, "wrong": 0.1}}},
        ),
        {"civil_killed": (0.1, 2), "friendly_engaged": (0.05, 1), "not_identified": (0.3, 4), "held_by_rules": (1, 1),
         "rounds_at_others": (0.3, 5)},
    )  # fmt: skip


def hold_line_and_town() -> Case:
    """No launch before the target has crossed a line, none that would meet it over a town below 2 km; one unit is free of both."""
    one = a_system(missiles={"round": a_missile("45 km", 0.4)}, channels=2)
    other = a_system(missiles={"round": a_missile("20 km", 0.5)}, channels=1, reaction="5 s")
    return Case(
        a_scenario(
            {"one": one, "other": other},
            {"missile": a_threat(rcs="0.5 m2"), "jet": a_threat("aircraft", rcs="2 m2", height="5000 m", endpoint="release"),
             "drone": a_threat("drone", speed="90 m/s", rcs="0.1 m2")},
            [
                {"id": "alpha", "system": "one", "at": near(2, 3), "reserve": {"round": {"aircraft": 26}}},
                {"id": "bravo", "system": "other", "at": near(-6, -2)},
            ],
            [
                {"id": "east", "threat": "missile", "count": 5, "spacing_s": 9, "jitter_s": 5, "motion": a_route((80, 6))},
                {"id": "jets", "threat": "jet", "count": 3, "spacing_s": 12, "jitter_s": 5,
                 "motion": a_route((70, -30), (-5, 0), (-40, 60), target=None)},
                {"id": "far", "threat": "drone", "motion": a_route((60, 45), (55, 35), target=None)},
                {"id": "south", "threat": "missile", "count": 2, "spacing_s": 9, "motion": a_route((5, -70))},
            ],
            zones=[
                {"id": "line", "outline": around(-20, 0, 42), "launch": "inside", "units": ["alpha"]},
                {"id": "strip", "outline": [near(-9, 40), near(20, 30), near(60, -45), near(20, -70)], "launch": "inside",
                 "units": ["alpha"], "classes": ["aircraft"], "altitude_min_m": 3000},
                {"id": "town", "outline": around(9, 2, 6), "intercept": "outside", "altitude_max_m": 2000, "units": ["alpha"]},
            ],
        ),
        {"no_rounds": (0.05, 4), "engaged": (3, 9.9), "rounds of 1": (1, 12)},
    )  # fmt: skip


def last_rounds_kept() -> Case:
    """Cruise missiles come first, and leave the last rounds to the ballistic ones; met in an engagement zone only."""
    missiles = {
        "short": a_missile("25 km", 0.5, target_speed_max="4000 m/s"),
        "long": a_missile("60 km", 0.45, speed="1500 m/s", target_speed_max="4000 m/s"),
    }
    system = a_system(
        radars={"eye": a_radar(reach="110 km", revisit="2 s")}, missiles=missiles, reaction="5 s", launch_interval="1.5 s",
        assessment="2 s", channels=4, doctrine={"salvo": 2, "max_rounds": 4},
    )  # fmt: skip
    rocket = a_threat("ballistic", reliability=0.9, cep="150 m", lethal_radius="60 m", boost="25 s")
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(), "rocket": rocket},
            [{"id": "alpha", "system": "sam", "at": near(1, 1), "rounds": {"short": 6, "long": 7},
              "reserve": {"short": {"ballistic": 2}, "long": {"ballistic": 4, "aircraft": 1}}}],
            [
                {"id": "low", "threat": "missile", "count": 7, "spacing_s": 5, "jitter_s": 4, "motion": a_route((55, 15))},
                {"id": "rockets", "threat": "rocket", "count": 4, "spacing_s": 6, "start_s": 40, "jitter_s": 9,
                 "motion": {"kind": "ballistic", "origin": near(200, 110), "target": "plant"}},
            ],
            zones=[{"id": "engagement", "outline": around(10, 5, 24), "intercept": "inside", "altitude_max_m": 18000}],
        ),
        {"no_rounds": (1, 7), "rounds of 0": (4, 6), "rounds of 1": (4, 6), "killed": (1, 8)},
    )  # fmt: skip


def valued(policy: str, **more: Any) -> dict[str, Any]:
    """Cheap and dear targets under fire from three sides, more than two unlike units have channels for."""
    one = a_system(channels=2, missiles_guided=3, reaction="6 s", missiles={"round": a_missile("18 km", 0.6)},
                   doctrine={"salvo": 2, "max_rounds": 4}, assessment="9 s")  # fmt: skip
    other = a_system(
        channels=1, reaction="14 s", assessment="12 s", missiles={"round": a_missile("25 km", 0.35, speed="1200 m/s")}
    )
    return a_scenario(
        {"one": one, "other": other},
        {"missile": a_threat(speed="330 m/s"), "big": a_threat(speed="380 m/s", rcs="0.3 m2", lethal_radius="45 m"),
         "wide": a_threat(cep="200 m")},
        [
            {"id": "alpha", "system": "one", "at": near(3, 2), "rounds": {"round": 15}},
            {"id": "bravo", "system": "other", "at": near(-3, -3)},
        ],
        [
            {"id": "cheap", "threat": "missile", "count": 4, "spacing_s": 6, "jitter_s": 8, "motion": a_route((70, 10), target="shed")},
            {"id": "dear", "threat": "big", "count": 3, "spacing_s": 8, "start_s": 15, "jitter_s": 8, "motion": a_route((75, -15))},
            {"id": "blind", "threat": "wide", "count": 2, "spacing_s": 9, "jitter_s": 8, "motion": a_route((50, 50))},
            {"id": "by", "threat": "missile", "count": 2, "spacing_s": 5, "start_s": 60, "jitter_s": 9,
             "motion": a_route((60, 25), (-50, 5), target=None)},
        ],
        assets=[
            {"id": "plant", "at": near(0, 0), "radius_m": 60, "value": 10},
            {"id": "shed", "at": near(4, -2), "radius_m": 30, "value": 1},
        ],
        networks={"air-defence": {"policy": policy}},
    ) | more  # fmt: skip


def greedy_by_value() -> Case:
    """The most valuable engagement first."""
    return Case(valued("greedy-value"), {"no_channel": (0.05, 6), "rounds of 1": (1, 20), "engaged_and_missed": (0.2, 6)})


def greedy_with_ranges_and_stock() -> Case:
    """The same where a round is worth less far out, survivors are taken for dead, and one unit is up late."""
    scenario = valued("greedy-value", settings={"edge_loss": 0.6, "salvo_correlation": 0.4})
    scenario["catalogue"]["systems"]["one"]["fire_unit"]["false_kill"] = 0.3
    scenario["defence"][1]["readiness"] = {"from_s": 190, "probability": 0.8}
    scenario["defence"][0]["readiness"] = {"probability": 0.9}
    scenario["defence"][0]["rounds"] = {"round": 9}
    return Case(scenario, {"no_rounds": (0.05, 6), "not_ready": (0.001, 3), "killed": (1, 9)})


def greedy_in_two_networks() -> Case:
    """One network weighs, the other takes the first tracked."""
    scenario = valued("greedy-value")
    scenario["defence"][1]["network"] = "other"
    scenario["networks"]["other"] = {"policy": "first-tracked", "link_delay_s": 5}
    return Case(scenario, {"rounds of 0": (5, 15), "rounds of 1": (1, 20)})


def static_optimal() -> Case:
    """The greatest total value at each decision."""
    return Case(valued("static-optimal"), {"no_channel": (0.05, 6), "rounds of 1": (1, 20), "engaged_and_missed": (0.2, 6)})


def static_optimal_with_identities() -> Case:
    """The same with identification, weapons tight, and a reserve."""
    scenario = valued("static-optimal")
    scenario["networks"]["air-defence"]["identification"] = {"delay_s": 6, "correct": 0.8, "wrong": 0.05}
    scenario["defence"][0] |= {"weapons": {"cruise": "tight"}, "reserve": {"round": {"aircraft": 5}}}
    return Case(scenario, {"not_identified": (0.01, 3), "no_rounds": (0.001, 6), "killed": (1, 9)})


def static_optimal_under_a_rush() -> Case:
    """More threats at once than channels, all of which are free together when fire is allowed; of one unit its guidance limits them."""
    scenario = valued("static-optimal")
    scenario["raid"][0] |= {"count": 8, "spacing_s": 1}
    scenario["raid"][1] |= {"count": 5, "spacing_s": 1}
    scenario["catalogue"]["systems"]["other"]["fire_unit"] |= {"channels": 4, "missiles_guided": 2}
    scenario["networks"]["air-defence"]["fire_from_s"] = 160
    return Case(scenario, {"no_channel": (1, 12), "killed": (1, 12)})


def blind_to_what_comes() -> dict[str, Any]:
    """Two threats wait when fire is allowed; a third, the dearest, comes while the unit that alone can meet it may be busy.

    Alpha reaches the first two, bravo the first and the third. The greatest total gives the first to bravo and the second to alpha; greedy
    gives the first to alpha, has nobody for the second, and leaves bravo free for the third.
    """
    once = {"salvo": 1, "max_rounds": 1}
    alpha = a_system(channels=1, reaction="5 s", assessment="200 s", missiles={"round": a_missile("38 km", 0.9)}, doctrine=once)
    bravo = a_system(channels=1, reaction="5 s", assessment="200 s", missiles={"round": a_missile("25 km", 0.8)}, doctrine=once)
    flies = {"speed": "250 m/s", "rcs": "1 m2", "cep": "1 m", "lethal_radius": "100 m"}
    return a_scenario(
        {"alpha": alpha, "bravo": bravo},
        {"missile": a_threat(**flies)},
        [{"id": "alpha", "system": "alpha", "at": near(0, -30)}, {"id": "bravo", "system": "bravo", "at": near(0, 0)}],
        [
            {"id": "first", "threat": "missile", "motion": a_route((60, -8), target="factory")},
            {"id": "second", "threat": "missile", "motion": a_route((60, -45), target="depot")},
            {"id": "third", "threat": "missile", "start_s": 20, "motion": a_route((0, 80), target="capital")},
        ],
        assets=[
            {"id": "factory", "at": near(0, -8), "radius_m": 100, "value": 10},
            {"id": "depot", "at": near(0, -45), "radius_m": 100, "value": 6},
            {"id": "capital", "at": near(0, 15), "radius_m": 100, "value": 20},
        ],
        networks={"air-defence": {"fire_from_s": 150}},
        variants={
            "greedy": {"networks": {"air-defence": {"policy": "greedy-value"}}},
            "optimal": {"networks": {"air-defence": {"policy": "static-optimal"}}},
        },
    )


def myopic() -> Case:
    """Where the greatest total now is not the greatest in the end."""
    scenario = blind_to_what_comes()
    del scenario["variants"]
    scenario["networks"]["air-defence"]["policy"] = "static-optimal"
    for group in scenario["raid"]:
        group["jitter_s"] = 4
    return Case(scenario, {"no_channel": (0.9, 1.1), "value_lost": (20, 25)})


def turns(**more: Any) -> dict[str, Any]:
    """A unit with a narrow sector and a search radar, for raids from several sides."""
    radars = {
        "guide": a_radar("engagement", "70 km", sector="60 deg", dwell="0.9 s"),
        "search": a_radar("surveillance", "80 km", revisit="6 s"),
    }
    return a_system(radars=radars, sensors=("search",), missiles=more.pop("missiles", {"round": a_missile("32 km", 0.55)}), channels=3,
                    reaction="6 s", doctrine={"salvo": 1, "max_rounds": 3}) | more  # fmt: skip


def slews_from_side_to_side() -> Case:
    """Threats from three sides, one wave after the other; a jet that flies round the unit. The sector turns while nothing is engaged."""
    jet = a_threat("aircraft", rcs="3 m2", height="5000 m", endpoint="release")
    return Case(
        a_scenario(
            {"sam": turns(missiles={"round": a_missile("22 km", 0.55)})},
            {"missile": a_threat(rcs="0.5 m2"), "jet": jet},
            [{"id": "alpha", "system": "sam", "at": near(1, 2), "heading_deg": 90, "slew_deg_s": 1.5}],
            [
                {"id": "east", "threat": "missile", "count": 3, "spacing_s": 12, "jitter_s": 8, "motion": a_route((70, 8))},
                {"id": "south", "threat": "missile", "count": 3, "spacing_s": 15, "start_s": 25, "jitter_s": 9,
                 "motion": a_route((10, -70))},
                {"id": "west", "threat": "missile", "count": 2, "spacing_s": 9, "start_s": 140, "jitter_s": 9,
                 "motion": a_route((-70, -8))},
                {"id": "round", "threat": "jet", "start_s": 60, "jitter_s": 20,
                 "motion": a_route((40, 60), (20, -15), (-15, -20), (-30, 40), target=None)},
            ],
        ),
        {"no_channel": (0.05, 6), "killed": (2, 8.9), "engaged_and_missed": (0.02, 5)},
    )  # fmt: skip


def slews_slowly_with_active_rounds() -> Case:
    """Active rounds ask the radar to face the target at launch only; the sector turns slowly, and beside it stands a unit that does not."""
    slow = turns()
    slow["missiles"] = {"round": a_missile("30 km", 0.4, guidance="arh")}
    slow["fire_unit"] |= {"doctrine": {kind: {"salvo": 2, "max_rounds": 6} for kind in TARGET_CLASSES}, "false_kill": 0.2}
    fixed = turns()
    return Case(
        a_scenario(
            {"slow": slow, "fixed": fixed},
            {"missile": a_threat(rcs="0.5 m2", speed="300 m/s")},
            [
                {"id": "alpha", "system": "slow", "at": near(-2, 3), "heading_deg": 200, "slew_deg_s": 2.5},
                {"id": "bravo", "system": "fixed", "at": near(4, -1), "heading_deg": 100},
            ],
            [
                {"id": "east", "threat": "missile", "count": 4, "spacing_s": 10, "jitter_s": 8, "motion": a_route((70, -8))},
                {"id": "north", "threat": "missile", "count": 4, "spacing_s": 10, "start_s": 30, "jitter_s": 9,
                 "motion": a_route((-5, 75))},
            ],
        ),
        {"rounds of 0": (1, 30), "rounds of 1": (1, 12), "leakers": (0.1, 7)},
    )  # fmt: skip


def slews_by_value_and_reloads() -> Case:
    """Values are weighed by a unit that turns and reloads in pairs."""
    scenario = valued("static-optimal")
    scenario["catalogue"]["systems"]["one"] = turns()
    scenario["defence"][0] |= {"heading_deg": 0, "slew_deg_s": 9, "rounds": {"round": 4},
                               "reload": {"rounds": 2, "time_s": 25, "stock": {"round": 5}}}  # fmt: skip
    return Case(scenario, {"rounds of 0": (4.1, 9), "rounds of 1": (1, 20), "killed": (1, 10)})


def reloads_in_a_long_raid() -> Case:
    """Six rounds on the launchers and ten beside them, four at a time: threats wait for a load, and some for the last."""
    system = a_system(
        missiles={"round": a_missile("30 km", 0.5)}, channels=3, missiles_guided=6, doctrine={"salvo": 2, "max_rounds": 4}
    )
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(rcs="0.3 m2", reliability=0.95)},
            [{"id": "alpha", "system": "sam", "at": near(2, 1), "rounds": {"round": 6},
              "reload": {"rounds": 4, "time_s": 55, "stock": {"round": 10}}}],
            [{"id": "raid", "threat": "missile", "count": 12, "spacing_s": 14, "jitter_s": 9, "motion": a_route((70, 15))}],
        ),
        {"rounds of 0": (10.1, 16), "no_rounds": (0.2, 8)},
    )  # fmt: skip


def reloads_what_is_kept() -> Case:
    """Two missiles reload on their own, one of them with its last rounds kept; the unit is up late, and takes the first tracked."""
    missiles = {"short": a_missile("20 km", 0.5), "long": a_missile("45 km", 0.4, speed="1300 m/s")}
    system = a_system(missiles=missiles, channels=3, doctrine={"salvo": 2, "max_rounds": 4}, launch_interval="4 s")
    return Case(
        a_scenario(
            {"sam": system},
            {"missile": a_threat(rcs="0.3 m2"), "jet": a_threat("aircraft", rcs="2 m2", height="4000 m", endpoint="release")},
            [{"id": "alpha", "system": "sam", "at": near(2, 1), "rounds": {"short": 3, "long": 4},
              "readiness": {"from_s": 150}, "reserve": {"long": {"aircraft": 2}},
              "reload": {"rounds": 3, "time_s": 40, "stock": {"short": 4, "long": 3}}}],
            [
                {"id": "raid", "threat": "missile", "count": 8, "spacing_s": 12, "jitter_s": 9, "motion": a_route((70, 15))},
                {"id": "jets", "threat": "jet", "count": 3, "spacing_s": 20, "start_s": 60, "jitter_s": 9,
                 "motion": a_route((70, -40), (-20, 5), target=None)},
            ],
            networks={"air-defence": {"policy": "first-tracked"}},
        ),
        {"rounds of 0": (3.1, 7), "rounds of 1": (4.1, 7), "no_rounds": (0.1, 8)},
    )  # fmt: skip


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        one_unit_one_shot, shoot_look_shoot, channels_saturated, guidance_binds, magazines_run_dry, two_networks,
        active_rounds_over_hills, sectors_and_holds, ballistic_raid, poisson_and_errors, one_picture_two_units, noise_and_weather,
        decoys_and_courses, warheads_in_air, taken_for_dead, not_all_ready, silent_until_cued, late_permission, civil_traffic,
        hold_line_and_town, last_rounds_kept, greedy_by_value, greedy_with_ranges_and_stock, greedy_in_two_networks, static_optimal,
        static_optimal_with_identities, static_optimal_under_a_rush, myopic, slews_from_side_to_side, slews_slowly_with_active_rounds,
        slews_by_value_and_reloads, reloads_in_a_long_raid, reloads_what_is_kept,
    )
}  # fmt: skip
SELDOM = {
    "late_permission", "last_rounds_kept", "greedy_by_value", "greedy_with_ranges_and_stock", "greedy_in_two_networks", "static_optimal",
    "static_optimal_with_identities", "static_optimal_under_a_rush", "slews_slowly_with_active_rounds", "slews_by_value_and_reloads",
    "reloads_in_a_long_raid",
}  # fmt: skip
"""Left out unless --run-slow is given: each of their features is in another case."""
OFTEN = [name for name in CASES if name not in SELDOM]
EVERY_CASE = [pytest.param(name, marks=pytest.mark.slow) if name in SELDOM else name for name in CASES]


@cache
def prepared(name: str) -> tuple[Case, Prepared, Ground]:
    case = CASES[name]()
    made = prepare(closedsky.load(case.scenario))
    return case, made, made.terrain.ground


@cache
def fast(name: str) -> Metrics:
    _, made, _ = prepared(name)
    return as_metrics(made.packed, engine.run(made.packed, made.tables, 1, FAST_TRIALS))


@cache
def sky(name: str) -> Sky:
    _, made, ground = prepared(name)
    return Sky(made.packed, ground)


# ---------------------------------------------------------------- do they agree

RIDGE_S = 1.0
"""Over hills: the engine's horizons are linear between azimuths a degree apart, and it samples the ground twice a posting; the slow one
takes every ridge where it is. A metre of ridge three kilometres away hides a flyer that skims it for a second or more."""


@pytest.mark.parametrize("name", EVERY_CASE)
def test_launch_windows_are_those_found_by_trying(name: str) -> None:
    case, made, _ = prepared(name)
    apart_s = 10.0 * EDGE_S if case.scenario["environment"]["terrain"] == "flat" else RIDGE_S
    for (f, g), windows in sky(name).windows.items():
        pairing = made.tables.pairings[f * made.packed.defence.networks.size + g]
        openings = made.tables.openings[pairing["first_opening"] : pairing["first_opening"] + pairing["openings"]]
        table = made.tables.windows[openings]
        wide = table[table["close_ticks"] - table["open_ticks"] > 2 * SCAN_S * TICKS]  # a narrower one may lie between two tries
        expected = sorted((w.magazine, w.opens, w.closes, w.up) for w in windows if w.closes - w.opens > 2 * SCAN_S * TICKS)
        found = sorted(
            zip(*(wide[key].tolist() for key in ("magazine", "open_ticks", "close_ticks", "assign_ticks")), strict=True)
        )
        assert [row[0] for row in found] == [row[0] for row in expected]
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=apart_s * TICKS)


@pytest.mark.parametrize("name", EVERY_CASE)
def test_every_metric_agrees(name: str) -> None:
    case, _, _ = prepared(name)
    slow = simulate(sky(name), case.trials, seed=5)
    for metric, (low, high) in case.shows.items():
        assert low <= slow[metric].mean() <= high, (
            f"the scenario does not show what it is for: {metric} is {slow[metric].mean():g}"
        )
    apart = {metric: distance(values, slow[metric]) for metric, values in fast(name).items()}
    far = [
        f"{metric}: {fast(name)[metric].mean():.4f} against {slow[metric].mean():.4f}, {errors:.1f} standard errors"
        for metric, errors in apart.items()
        if errors > MOST
    ]
    assert not far, "\n".join(far)


def test_every_count_and_cause_comes_up() -> None:
    never = [name for name in (*COUNTS, *CAUSES) if not any(fast(case)[name].any() for case in OFTEN)]
    assert never == []


# ---------------------------------------------------------------- would it be noticed if they did not


def changed(packed: Packed, table: str, column: str, by: float) -> Packed:
    records = getattr(packed.defence, table).copy()
    records[column] += np.asarray(by).astype(records[column].dtype)
    return packed._replace(defence=packed.defence._replace(**{table: records}))


CHANGES = [
    ("channels_saturated", "units", "reaction_ticks", 4 * TICKS),
    ("guidance_binds", "envelopes", "pk", 0.1),
    ("one_unit_one_shot", "radars", "hits", -1),
    ("myopic", "networks", "policy", -1),
    ("not_all_ready", "sites", "probability", -0.1),
    ("active_rounds_over_hills", "magazines", "guided_to_intercept", 1),
]
MORE_CHANGES = [
    ("slews_from_side_to_side", "units", "slew_ticks_per_rad", 2e7),
    ("reloads_in_a_long_raid", "magazines", "load_ticks", 30 * TICKS),
    ("channels_saturated", "networks", "policy", 1),
    ("guidance_binds", "units", "missiles_guided", 1),
    ("two_networks", "networks", "link_delay_ticks", 25 * TICKS),
    ("poisson_and_errors", "units", "false_survival", -0.3),
    ("magazines_run_dry", "magazines", "rounds", 1),
    ("taken_for_dead", "units", "false_kill", -0.3),
    ("taken_for_dead", "envelopes", "fall_m2", 1e-9),
    ("taken_for_dead", "radars", "revisit_s", 8.0),
]


@pytest.mark.parametrize(
    ("name", "table", "column", "by"), [*CHANGES, *(pytest.param(*row, marks=pytest.mark.slow) for row in MORE_CHANGES)]
)
def test_a_changed_engine_is_told_apart(name: str, table: str, column: str, by: float) -> None:
    case, made, ground = prepared(name)
    slow = simulate(Sky(changed(made.packed, table, column, by), ground, sky(name)), case.trials, seed=5)
    assert max(distance(values, slow[metric]) for metric, values in fast(name).items()) > MOST


@pytest.mark.slow
def test_shared_draws_are_told_apart() -> None:
    case, made, ground = prepared("poisson_and_errors")
    independent = made.packed._replace(defence=made.packed.defence._replace(salvo_correlation=0.0))
    slow = simulate(Sky(independent, ground, sky("poisson_and_errors")), case.trials, seed=5)
    assert max(distance(values, slow[metric]) for metric, values in fast("poisson_and_errors").items()) > MOST


def test_distance_of_samples() -> None:
    rng = np.random.default_rng(3)
    same, shifted = rng.normal(0.0, 1.0, 20_000), rng.normal(0.3, 1.0, 1000)
    assert distance(same, rng.normal(0.0, 1.0, 1000)) < MOST < distance(same, shifted)
    assert distance(np.full(9, 2.0), np.full(5, 2.0)) == 0.0
    assert distance(np.full(9, 2.0), np.full(5, 3.0)) == np.inf
    none, rare = np.zeros(20_000), np.zeros(1000)
    rare[:2] = 1.0
    assert distance(none, rare) < MOST
    rare[:8] = 1.0
    assert distance(none, rare) > MOST
