"""What a walk along a line of cells keeps in mind: who sees the threats, what each unit has free, what each threat was offered."""

import math
from typing import Any, NamedTuple

import numpy as np

from closedsky.engine.layout import Floats, Packed
from closedsky.engine.sweep.sky import NONE, Bits, Probe
from closedsky.physics.jit import kernel, stage

_SLOWEST_MPS = 300.0
"""No missile is slower over its range."""

SEEN = np.dtype([
    ("since_s", "f8"), ("from_s", "f8"), ("until_s", "f8"), ("before_from_s", "f8"), ("before_until_s", "f8"),
])  # fmt: skip
"""What a radar sees of the threats: since when without a break (infinite: it does not), the last such stretch of time, and that before."""

READY = np.dtype([("next_launch_s", "f8"), ("first_channel", "i8"), ("channels", "i8"), ("fights", "i8"), ("widest_m", "f8")])
"""A unit: when it can launch again; where its channels are, which are busy until a time; whether it fights this class; how far."""

MEETING = np.dtype([("inside", "i8"), ("launch_s", "f8"), ("entry_s", "f8"), ("was_s", "f8"), ("rounds", "i8")])
"""A magazine at a cell: whether a missile can meet the threats there, and launched when. `entry_s` is when they came into its envelope
and `was_s` the launch that meets them there, or at the cell before."""

THREATS = np.dtype([("offers", "i8"), ("free_s", "f8"), ("last_unit", "i8"), ("alive", "f8")])
"""A threat: salvos offered to it, until when it is in somebody's hands, whose those were, and the chance that all of them missed."""


class Walk(NamedTuple):
    """All that a walk keeps in mind; made once, and cleared for each line."""

    last_seen_s: Floats
    linger_s: float
    tracked_s: Floats
    seen: Any
    before: Bits
    units: Any
    channels: Floats
    meetings: Any
    threats: Any


@kernel
def new_walk(packed: Packed, probe: Probe, together: int, words: int) -> Walk:
    """Room for a walk. It lingers where nobody sees the threats as long as an active round, launched before, may be under way."""
    units = np.zeros(packed.units.size, READY)
    first, linger_s = 0, 0.0
    for u in range(units.size):
        orders = packed.doctrine[u, probe.target_class]
        units[u]["first_channel"] = first
        units[u]["channels"] = max(min(packed.units[u]["channels"], packed.units[u]["missiles_guided"] // orders["salvo"]), 1)
        first += units[u]["channels"]
        for m in range(packed.magazines.size):
            if (
                packed.magazines[m]["unit"] == u
                and packed.envelopes[m, probe.target_class]["engages"] == 1
                and orders["hold"] == 0
            ):
                units[u]["fights"] = 1
                reach_m = packed.envelopes[m, probe.target_class]["range_max_m"]
                units[u]["widest_m"] = max(units[u]["widest_m"], reach_m)
                if packed.magazines[m]["guided_to_intercept"] == 0:
                    linger_s = max(linger_s, reach_m / _SLOWEST_MPS)
    return Walk(
        np.zeros(1), linger_s, np.empty(packed.networks.size),
        np.zeros(packed.radars.size, SEEN), np.zeros(words, np.uint64), units, np.empty(first),
        np.zeros(packed.magazines.size, MEETING), np.zeros(together, THREATS),
    )  # fmt: skip


@stage
def clear(packed: Packed, walk: Walk) -> None:
    """A new line: nobody has seen anything, all is free and loaded."""
    walk.last_seen_s[0] = -math.inf
    walk.tracked_s[:] = math.inf
    walk.before[:] = NONE
    walk.channels[:] = 0.0
    for r in range(walk.seen.size):
        walk.seen[r]["since_s"], walk.seen[r]["from_s"], walk.seen[r]["until_s"] = math.inf, math.inf, -math.inf
        walk.seen[r]["before_from_s"], walk.seen[r]["before_until_s"] = math.inf, -math.inf
    for u in range(walk.units.size):
        walk.units[u]["next_launch_s"] = 0.0
    for m in range(walk.meetings.size):
        walk.meetings[m]["inside"], walk.meetings[m]["rounds"] = 0, packed.magazines[m]["rounds"]
    for j in range(walk.threats.size):
        walk.threats[j]["offers"], walk.threats[j]["free_s"], walk.threats[j]["last_unit"] = 0, 0.0, -1
        walk.threats[j]["alive"] = 1.0
