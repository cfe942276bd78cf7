"""State of a line sweep: which radars see the threats, what each unit has free, and what each threat has been offered."""

import math
from typing import Any, NamedTuple

import numpy as np

from closedsky.engine.layout import Floats, Ints, PackedDefence, Records
from closedsky.engine.rules import channels_for
from closedsky.engine.sweep.sky import NONE, Bits, Probe
from closedsky.physics.jit import stage, step

_SLOWEST_MPS = 300.0
"""Least mean speed of a missile over its range."""

SEEN = np.dtype([
    ("since_s", "f8"), ("from_s", "f8"), ("until_s", "f8"), ("before_from_s", "f8"), ("before_until_s", "f8"),
])  # fmt: skip
"""A radar: since when it has seen the threats without a break (infinite: it does not), the last such interval, and the one before."""

UNIT_ALONG = np.dtype(
    [("next_launch_s", "f8"), ("first_channel", "i8"), ("channels", "i8"), ("fights", "i8"), ("widest_m", "f8")]
)
"""A unit: earliest next launch; index and number of its channels; whether it engages this target class; greatest missile range, m."""

MEETING = np.dtype([
    ("inside", "i8"), ("in_play", "i8"), ("launch_s", "f8"), ("entry_s", "f8"), ("was_s", "f8"), ("rounds", "i8"), ("range_m", "f8"),
])  # fmt: skip
"""A magazine at a cell: whether a missile can intercept the threats there, whether the radar of its unit has seen them on this line, the
launch time for that intercept, the slant range, and the rounds left. `entry_s` is when the threats entered its envelope, or were at the
previous cell, and `was_s` the launch time for an intercept at that moment."""

THREAT_ALONG = np.dtype([("opportunities", "i8"), ("free_s", "f8"), ("last_unit", "i8"), ("alive", "f8")])
"""A threat: opportunities offered, until when it is engaged, by which unit last, and its probability of surviving all of them."""


class LineSweep(NamedTuple):
    """The state of a sweep along a line; allocated once and cleared for each line.

    `in_play` lists, in order, the magazines whose unit's radar has seen the threats: `in_play_count[0]` of them.
    """

    last_seen_s: Floats
    linger_s: float
    tracked_s: Floats
    seen: Any
    before: Bits
    units: Any
    channels: Floats
    meetings: Any
    in_play: Ints
    in_play_count: Ints
    threats: Any


def new_line_sweep(defence: PackedDefence, probe: Probe, together: int, words: int) -> LineSweep:
    """Allocate the state of sweeps.

    `linger_s` is how long a sweep goes on after all radars have lost the threats: as long as an active round may still be in flight.
    """
    units = np.zeros(defence.units.size, UNIT_ALONG)
    channels, linger_s = set_up(defence, probe, units)
    magazines = defence.magazines.size
    return LineSweep(
        np.zeros(1), linger_s, np.empty(defence.networks.size),
        np.zeros(defence.radars.size, SEEN), np.zeros(words, np.uint64), units, np.empty(channels),
        np.zeros(magazines, MEETING), np.zeros(magazines, np.int64), np.zeros(1, np.int64), np.zeros(together, THREAT_ALONG),
    )  # fmt: skip


@stage
def set_up(defence: PackedDefence, probe: Probe, units: Records) -> tuple[int, float]:
    """Fill in the fields of units that are the same for each line; returns the total number of channels, and `linger_s`."""
    first, linger_s = 0, 0.0
    for u in range(units.size):
        unit, along, orders = defence.units[u], units[u], defence.doctrine[u, probe.target_class]
        along["first_channel"] = first
        along["channels"] = channels_for(unit["channels"], unit["missiles_guided"], orders["salvo"])
        first += along["channels"]
        for m in range(defence.magazines.size):
            magazine, envelope = defence.magazines[m], defence.envelopes[m, probe.target_class]
            if magazine["unit"] == u and envelope["engages"] == 1 and orders["hold"] == 0:
                along["fights"] = 1
                along["widest_m"] = max(along["widest_m"], envelope["range_max_m"])
                if magazine["guided_to_intercept"] == 0:
                    linger_s = max(linger_s, envelope["range_max_m"] / _SLOWEST_MPS)
    return first, linger_s


@step
def clear(defence: PackedDefence, sweep: LineSweep) -> None:
    """Reset the state for a new line: nothing seen, everything free and loaded."""
    sweep.last_seen_s[0] = -math.inf
    sweep.tracked_s[:] = math.inf
    sweep.before[:] = NONE
    sweep.channels[:] = 0.0
    for r in range(sweep.seen.size):
        seen = sweep.seen[r]
        seen["since_s"], seen["from_s"], seen["until_s"] = math.inf, math.inf, -math.inf
        seen["before_from_s"], seen["before_until_s"] = math.inf, -math.inf
    for u in range(sweep.units.size):
        sweep.units[u]["next_launch_s"] = 0.0
    for m in range(sweep.meetings.size):
        sweep.meetings[m]["rounds"] = defence.magazines[m]["rounds"]
    out_of_play(sweep)
    for j in range(sweep.threats.size):
        threat = sweep.threats[j]
        threat["opportunities"], threat["free_s"], threat["last_unit"], threat["alive"] = 0, 0.0, -1, 1.0


@step
def out_of_play(sweep: LineSweep) -> None:
    """Take all magazines out of play: no radar of their units has seen the threats."""
    sweep.in_play_count[0] = 0
    for m in range(sweep.meetings.size):
        sweep.meetings[m]["inside"], sweep.meetings[m]["in_play"] = 0, 0


@step
def into_play(defence: PackedDefence, sweep: LineSweep, r: int) -> None:
    """Bring into play the magazines of units that radar `r` guides for, which has just seen the threats."""
    added = False
    for m in range(sweep.meetings.size):
        u = defence.magazines[m]["unit"]
        if defence.units[u]["radar"] == r and sweep.units[u]["fights"] == 1 and sweep.meetings[m]["in_play"] == 0:
            sweep.meetings[m]["in_play"] = 1
            added = True
    if not added:
        return
    sweep.in_play_count[0] = 0
    for m in range(sweep.meetings.size):
        if sweep.meetings[m]["in_play"] == 1:
            sweep.in_play[sweep.in_play_count[0]] = m
            sweep.in_play_count[0] += 1
