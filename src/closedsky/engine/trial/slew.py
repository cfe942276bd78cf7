"""Slewing engagement radars: a unit fights in the sector that its radar faces, and turns it only while it engages nothing.

For a salvo the radar has to face the target from its first launch to its last intercept, or for active rounds to its last launch. If it
does not, it turns to the middle of the directions in which the target is meanwhile; the launch then waits until it has turned.
"""

import math
from typing import Any

from closedsky.engine.layout import NEVER, Tables
from closedsky.engine.trial.shot import intercept_tick, rounds_for
from closedsky.engine.trial.state import State
from closedsky.physics.jit import part, stage

_ROUNDS_OF_AIMING = 3
"""A later launch sees the target in other directions, which ask for another turn: so often is that followed."""


@part
def wrapped(angle_rad: float) -> float:
    """The angle between -π and π."""
    return angle_rad - 2.0 * math.pi * math.floor(angle_rad / (2.0 * math.pi) + 0.5)


@part
def bearing_at(tables: Tables, row: Any, tick: int) -> float:
    """Direction of a flight from a unit at `tick` (flight clock), rad, continuous over the flight."""
    at = min(max((tick - row["origin_ticks"]) / row["step_ticks"], 0.0), row["count"] - 1.0)
    k = min(int(at), row["count"] - 2)
    a, b = tables.bearing_rad[row["first"] + k], tables.bearing_rad[row["first"] + k + 1]
    return float(a + (b - a) * (at - k))


@stage
def directions(tables: Tables, row: Any, since: int, until: int) -> tuple[float, float]:
    """The least and the greatest direction of a flight from a unit between two ticks (flight clock), rad, continuous over the flight."""
    low = high = bearing_at(tables, row, since)
    last = bearing_at(tables, row, until)
    low, high = min(low, last), max(high, last)
    first = max((since - row["origin_ticks"]) // row["step_ticks"] + 1, 0)
    for k in range(first, min((until - row["origin_ticks"]) // row["step_ticks"] + 1, row["count"])):
        low, high = min(low, tables.bearing_rad[row["first"] + k]), max(high, tables.bearing_rad[row["first"] + k])
    return low, high


@part
def faces(unit: Any, heading_rad: float, low_rad: float, high_rad: float) -> bool:
    """Whether a sector in that heading holds all directions from low to high."""
    middle = 0.5 * (low_rad + high_rad)
    return bool(abs(wrapped(middle - heading_rad)) + 0.5 * (high_rad - low_rad) <= unit["half_sector_rad"])


@part
def is_idle(unit: Any) -> bool:
    """Whether a unit engages nothing: all its channels are free."""
    return bool(unit["channels"] == unit["all_channels"])


@part
def until(tables: Tables, s: State, j: int, w: int, launch: int, rounds: int) -> int:
    """Until when (flight clock) a salvo that begins at `launch` asks the radar to face the target."""
    window = tables.windows[w]
    last = min(launch + (rounds - 1) * s.units[window["unit"]]["launch_interval"], window["close_ticks"])
    return intercept_tick(tables, w, last) if window["guided"] == 1 else int(last)


@stage
def turn(tables: Tables, s: State, j: int, w: int, launch: int, now: int) -> tuple[int, float, int]:
    """The earliest salvo at or after `launch` (flight clock) that the unit of window `w` can face.

    Returns its launch, or NEVER; the heading; and the tick from which on the radar faces that.
    """
    window = tables.windows[w]
    unit, base = s.units[window["unit"]], s.targets[s.jobs[j]["threat"]]["base"]
    row, rounds = tables.bearings[window["lock"]], rounds_for(tables, s, j, w)
    heading, since = unit["heading_rad"], unit["slewed"]
    for _ in range(_ROUNDS_OF_AIMING):
        at = max(launch, since - base)
        if at > window["close_ticks"]:
            break
        low, high = directions(tables, row, at, until(tables, s, j, w, at, rounds))
        if faces(unit, heading, low, high):
            return at, heading, since
        if not is_idle(unit):
            break
        heading = wrapped(0.5 * (low + high))
        since = max(now, unit["slewed"]) + int(abs(wrapped(heading - unit["heading_rad"])) * unit["slew_ticks_per_rad"])
    return NEVER, heading, since


@stage
def face(tables: Tables, s: State, j: int, w: int, launch: int, now: int) -> int:
    """Turn the radar of a unit for a salvo that it can face; returns the tick from which on it does."""
    unit = s.units[tables.windows[w]["unit"]]
    _, unit["heading_rad"], unit["slewed"] = turn(tables, s, j, w, launch, now)
    return int(unit["slewed"])


@stage
def keeps_facing(tables: Tables, s: State, j: int, now: int) -> bool:
    """Whether the radar of the unit that job `j` is assigned to faces the target for all of a salvo that is launched now."""
    w = s.jobs[j]["window"]
    window = tables.windows[w]
    launch = now - s.targets[s.jobs[j]["threat"]]["base"]
    row = tables.bearings[window["lock"]]
    low, high = directions(tables, row, launch, until(tables, s, j, w, launch, s.jobs[j]["rounds"]))
    unit = s.units[window["unit"]]
    return faces(unit, unit["heading_rad"], low, high)
