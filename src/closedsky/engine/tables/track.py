"""The first confirmed track of a flight by a network: every look of every radar, collapsed into one distribution."""

import math

import numpy as np

from closedsky.engine.layout import Floats, Ints, Packed
from closedsky.engine.tables.sight import IN_SECTOR, NEGLIGIBLE_PD, SIGHT_LINE, ever_in_sight, look
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel
from closedsky.physics.radar import first_confirmation

CERTAIN = 1.0 - 2.0**-32
"""No draw is greater (they have 32 bits): once a track is this likely, later looks cannot matter, and are not made."""

_FIRST_S = 60.0


@kernel
def network_sight(
    packed: Packed, ground: Ground, f: int, samples: Floats, network: int
) -> tuple[Floats, Floats, float, int, int]:
    """First confirmed track of flight `f` by any searching radar of `network`, worked out until it is CERTAIN or the flight ends.

    Returns look times (s), the distribution of the first confirmation at each, the probability of any detection at all, and whether any
    radar had it in sight, or would have seen it but for its sector. Looks are made over a period that doubles, all radars of it together.
    """
    duration_s = packed.flights[f]["duration_s"]
    first = _places(packed, f, network)
    done = np.zeros(packed.radars.size, np.int64)
    pd = np.zeros(first[-1])
    flags, until_s = 0, _FIRST_S
    while True:
        flags |= _look_on(packed, ground, f, samples, first, done, min(until_s, duration_s), pd)
        when, cdf = _first_track(packed, first, done, pd)
        if until_s >= duration_s or (cdf.size > 0 and cdf[-1] > CERTAIN):
            break
        until_s *= 2.0
    none_log = 0.0
    for p in pd:
        if p > 0.0:
            none_log += math.log1p(-min(p, 1.0 - 1e-16))
    in_sight = flags & SIGHT_LINE > 0 or ever_in_sight(packed, ground, f, samples, network)
    return when, cdf, -math.expm1(none_log), int(in_sight), int(flags & _OUTSIDE > 0)


_OUTSIDE = 4  # beside the flags of a look


@kernel
def _places(packed: Packed, f: int, network: int) -> Ints:
    """Where the looks of each radar begin among those of the network, and where the last ends: none for a radar that does not search."""
    first = np.zeros(packed.radars.size + 1, np.int64)
    for r in range(packed.radars.size):
        radar = packed.radars[r]
        first[r + 1] = first[r]
        if radar["network"] == network and radar["searches"] == 1:
            first[r + 1] += int(packed.flights[f]["duration_s"] / radar["revisit_s"] + 0.5)
    return first


@kernel
def _look_on(packed: Packed, ground: Ground, f: int, samples: Floats, first: Ints, done: Ints, until_s: float, pd: Floats) -> int:
    """All looks up to `until_s` that are not `done`: probabilities of detection into `pd`; returns SIGHT_LINE and _OUTSIDE, if ever."""
    out = 0
    for r in range(packed.radars.size):
        revisit_s = packed.radars[r]["revisit_s"]
        last = min(int(until_s / revisit_s + 0.5), first[r + 1] - first[r])
        for i in range(done[r], last):
            p, flags = look(packed, ground, r, f, samples, (i + 0.5) * revisit_s, NEGLIGIBLE_PD, True)
            out |= flags & SIGHT_LINE
            if p > 0.0 and flags & IN_SECTOR:
                pd[first[r] + i] = p
            elif p > 0.0:
                out |= _OUTSIDE
        done[r] = max(done[r], last)
    return out


@kernel
def _first_track(packed: Packed, first: Ints, done: Ints, pd: Floats) -> tuple[Floats, Floats]:
    """Times (s) of the looks done at which a track can be the first, and the distribution of the first, as far as CERTAIN.

    Radars confirm independently: no track by any is the product of no track by each.
    """
    times = np.empty(np.sum(done))
    step = np.empty(times.size)  # fall of ln(no track) at each look
    n = 0
    for r in range(packed.radars.size):
        radar = packed.radars[r]
        seen = pd[first[r] : first[r] + done[r]]
        if not np.any(seen > 0.0):
            continue
        confirmed = np.empty(seen.size)
        first_confirmation(seen, radar["hits"], radar["looks"], confirmed)
        before = 1.0
        for i in range(seen.size):
            after = max(1.0 - confirmed[i], 1e-300)
            if after < before:
                times[n], step[n] = (i + 0.5) * radar["revisit_s"], math.log(after / before)
                before = after
                n += 1
    order = np.argsort(times[:n], kind="mergesort")
    cdf = np.empty(n)
    log_none = 0.0
    for i in range(n):
        log_none += step[order[i]]
        cdf[i] = -math.expm1(log_none)
        if cdf[i] > CERTAIN:
            n = i + 1
            break
    return times[order[:n]], cdf[:n].copy()
