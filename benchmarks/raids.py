"""The raids of the benchmarks: scenarios as data, identical on every call and every machine.

A: 40 threats, 3 batteries, 4 surveillance radars, duration 900 s. B: 300, 12, 20, 3,600 s. C: 3,000, 100, 200, 3,600 s, over a country of
660 km by 560 km and in one network. Places are invented, on a real map, with some launch sites in the Gulf. Raids mix fighters, cruise
missiles, drones and ballistic missiles, in groups that share a path. P has the size for which the time of Panopticon is known: 100
fighters, 10 batteries, 600 s.
"""

import math
import random
from typing import Any, NamedTuple

from closedsky.catalogue.library import load_catalogue

M_PER_DEG = 111_195.0
CENTRE = (33.0, 44.0)
FRONT_DEG = 90.0
"""Middle of the arc of bearings that the raid comes from; the sectors of the batteries face it, each a little to one side."""


class Size(NamedTuple):
    """The size of a raid."""

    threats: int
    batteries: int
    radars: int
    length_s: float
    spread_deg: float  # half the side of the defended square
    group: int  # threats that share a path
    kinds: "tuple[Kind, ...]"


SYSTEMS = ("s-300pmu-2", "s-400", "patriot-pac-3-mse", "km-sam-2")
RADARS = (("s-300pmu-2", "64n6e2"), ("s-400", "91n6e"))


class Kind(NamedTuple):
    """A type of threat with its numbers and flight profile."""

    threat: str
    share: int  # groups of this kind in twelve
    speed_mps: float
    nearest_m: float
    farthest_m: float
    height_m: float | None  # above ground; None for a ballistic flight
    spacing_s: float


KINDS = (
    Kind("f-16c", 3, 250.0, 120e3, 220e3, 6000.0, 6.0),
    Kind("tomahawk", 4, 245.0, 100e3, 200e3, 50.0, 8.0),
    Kind("shahed-136", 3, 51.0, 25e3, 60e3, 1000.0, 10.0),
    Kind("fateh-313", 2, 1000.0, 250e3, 400e3, None, 12.0),
)
FIGHTERS = (Kind("f-16c", 12, 250.0, 60e3, 120e3, 6000.0, 6.0),)

SIZES = {
    "A": Size(40, 3, 4, 900.0, 0.35, 5, KINDS),
    "B": Size(300, 12, 20, 3600.0, 1.0, 10, KINDS),
    "C": Size(3000, 100, 200, 3600.0, 3.0, 10, KINDS),
    "P": Size(100, 10, 10, 600.0, 0.6, 5, FIGHTERS),
}
LARGEST_FLIGHT_S = 0.9  # of the raid's length


def raid(name: str, rounds: int = 1) -> dict[str, Any]:
    """Raid A, B, C or P with `rounds` times the catalogue's load on the launchers."""
    size = SIZES[name]
    rng = random.Random(f"closedsky benchmark {name}")
    even = rng.uniform
    assets = [
        {
            "id": f"asset-{i + 1}",
            "at": _offset(even(-1, 1) * size.spread_deg, even(-1, 1) * size.spread_deg),
            "radius_m": 300,
            "value": 1,
        }
        for i in range(size.batteries)
    ]
    return {
        "closedsky": 1,
        "name": f"raid-{name.lower()}-x{rounds}",
        "title": f"Benchmark raid {name}, {rounds} x rounds",
        "environment": {"terrain": "world"},
        "assets": assets,
        "defence": [_battery(i, assets[i], rounds, rng) for i in range(size.batteries)],
        "sensors": [
            {"id": f"radar-{i + 1}", "system": RADARS[i % 2][0], "radar": RADARS[i % 2][1],
             "at": _offset(even(-1, 1) * size.spread_deg, even(-1, 1) * size.spread_deg)}
            for i in range(size.radars)
        ],
        "raid": _groups(size, assets, rng),
    }  # fmt: skip


def _offset(dlat: float, dlon: float) -> list[float]:
    return [round(CENTRE[0] + dlat, 4), round(CENTRE[1] + dlon, 4)]


def _battery(i: int, asset: dict[str, Any], rounds: int, rng: random.Random) -> dict[str, Any]:
    system = load_catalogue().systems[SYSTEMS[i % len(SYSTEMS)]]
    unit = system.fire_unit
    places = int(unit.launchers.si) * int(unit.missiles_per_launcher.si)
    return {
        "id": f"battery-{i + 1}",
        "system": system.id,
        "at": [round(asset["at"][0] + 0.02, 4), round(asset["at"][1] + 0.03, 4)],
        "heading_deg": round(FRONT_DEG + rng.uniform(-40.0, 40.0), 1),
        "sensors": False,
        "rounds": {missile: rounds * round(places * share) for missile, share in unit.load.items()},
    }


def _groups(size: Size, assets: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    kinds = [kind for kind in size.kinds for _ in range(kind.share)]
    groups: list[dict[str, Any]] = []
    for i in range(size.threats // size.group):
        kind = kinds[(5 * i) % len(kinds)]  # 5 and 12 share no factor: every kind early and late
        asset = assets[i % len(assets)]
        spread_s = (size.group - 1) * kind.spacing_s
        jitter_s = 2.0 * kind.spacing_s
        longest_s = LARGEST_FLIGHT_S * size.length_s - spread_s - 2.0 * jitter_s
        away_m = rng.uniform(kind.nearest_m, min(kind.farthest_m, max(kind.nearest_m, longest_s * kind.speed_mps)))
        azimuth = math.radians(FRONT_DEG + rng.uniform(-75.0, 75.0))
        lat = asset["at"][0] + away_m / M_PER_DEG * math.cos(azimuth)
        lon = asset["at"][1] + away_m / M_PER_DEG * math.sin(azimuth) / math.cos(math.radians(asset["at"][0]))
        origin = [round(lat, 4), round(lon, 4)]
        latest_s = size.length_s - away_m / kind.speed_mps - spread_s - jitter_s
        motion: dict[str, Any] = {"kind": "ballistic", "origin": origin, "target": asset["id"], "offshore": True}
        if kind.height_m is not None:
            motion = {"kind": "route", "waypoints": [{"at": origin, "height_m": kind.height_m}], "target": asset["id"]}
        groups.append({
            "id": f"group-{i + 1}", "threat": kind.threat, "count": size.group, "start_s": round(rng.uniform(jitter_s, latest_s), 1),
            "spacing_s": kind.spacing_s, "jitter_s": jitter_s, "motion": motion,
        })  # fmt: skip
    return groups
