"""What a sweep along a line of cells keeps in mind: who sees the threats, what each unit has free, what each threat was offered."""

import math
from typing import Any, NamedTuple

import numpy as np

from closedsky.engine.layout import Floats, Packed, Records
from closedsky.engine.rules import channels_for
from closedsky.engine.sweep.sky import NONE, Bits, Probe
from closedsky.physics.jit import stage, step

_SLOWEST_MPS = 300.0
"""No missile is slower over its range."""

SEEN = np.dtype([
    ("since_s", "f8"), ("from_s", "f8"), ("until_s", "f8"), ("before_from_s", "f8"), ("before_until_s", "f8"),
])  # fmt: skip
"""What a radar sees of the threats: since when without a break (infinite: it does not), the last such stretch of time, and that before."""

UNIT_ALONG = np.dtype(
    [("next_launch_s", "f8"), ("first_channel", "i8"), ("channels", "i8"), ("fights", "i8"), ("widest_m", "f8")]
)
"""A unit: when it can launch again; where its channels are, which are busy until a time; whether it fights this class; how far."""

MEETING = np.dtype([("inside", "i8"), ("launch_s", "f8"), ("entry_s", "f8"), ("was_s", "f8"), ("rounds", "i8")])
"""A magazine at a cell: whether a missile can meet the threats there, and launched when. `entry_s` is when they came into its envelope
and `was_s` the launch that meets them there, or at the cell before."""

THREAT_ALONG = np.dtype([("opportunities", "i8"), ("free_s", "f8"), ("last_unit", "i8"), ("alive", "f8")])
"""A threat: salvos offered to it, until when it is in somebody's hands, whose those were, and the chance that all of them missed."""


class LineSweep(NamedTuple):
    """All that is kept in mind on the way along a line; made once, and cleared for each line."""

    last_seen_s: Floats
    linger_s: float
    tracked_s: Floats
    seen: Any
    before: Bits
    units: Any
    channels: Floats
    meetings: Any
    threats: Any


def new_line_sweep(packed: Packed, probe: Probe, together: int, words: int) -> LineSweep:
    """Room for sweeps. One lingers where nobody sees the threats as long as an active round, launched before, may be under way."""
    units = np.zeros(packed.units.size, UNIT_ALONG)
    channels, linger_s = set_up(packed, probe, units)
    return LineSweep(
        np.zeros(1), linger_s, np.empty(packed.networks.size),
        np.zeros(packed.radars.size, SEEN), np.zeros(words, np.uint64), units, np.empty(channels),
        np.zeros(packed.magazines.size, MEETING), np.zeros(together, THREAT_ALONG),
    )  # fmt: skip


@stage
def set_up(packed: Packed, probe: Probe, units: Records) -> tuple[int, float]:
    """What is the same for each line: fills in the units; returns the number of all their channels, and how long a sweep lingers."""
    first, linger_s = 0, 0.0
    for u in range(units.size):
        unit, along, orders = packed.units[u], units[u], packed.doctrine[u, probe.target_class]
        along["first_channel"] = first
        along["channels"] = channels_for(unit["channels"], unit["missiles_guided"], orders["salvo"])
        first += along["channels"]
        for m in range(packed.magazines.size):
            magazine, envelope = packed.magazines[m], packed.envelopes[m, probe.target_class]
            if magazine["unit"] == u and envelope["engages"] == 1 and orders["hold"] == 0:
                along["fights"] = 1
                along["widest_m"] = max(along["widest_m"], envelope["range_max_m"])
                if magazine["guided_to_intercept"] == 0:
                    linger_s = max(linger_s, envelope["range_max_m"] / _SLOWEST_MPS)
    return first, linger_s


@step
def clear(packed: Packed, sweep: LineSweep) -> None:
    """A new line: nobody has seen anything, all is free and loaded."""
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
        sweep.meetings[m]["inside"], sweep.meetings[m]["rounds"] = 0, packed.magazines[m]["rounds"]
    for j in range(sweep.threats.size):
        threat = sweep.threats[j]
        threat["opportunities"], threat["free_s"], threat["last_unit"], threat["alive"] = 0, 0.0, -1, 1.0
