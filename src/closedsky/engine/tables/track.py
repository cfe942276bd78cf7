"""The first confirmed track of a flight by a network: every look of every radar, collapsed into one distribution."""

import math

import numpy as np

from closedsky.engine.layout import Floats, Ints, Packed
from closedsky.engine.tables.sight import IN_SECTOR, NEGLIGIBLE_PD, SIGHT_LINE, ever_in_sight, look
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel, stage
from closedsky.physics.radar import first_confirmation

CERTAIN = 1.0 - 2.0**-32
"""No draw is greater (they have 32 bits): once a track is this likely, later looks cannot matter, and are not made."""

_FIRST_S = 60.0


def network_sight(
    packed: Packed, ground: Ground, f: int, samples: Floats, network: int
) -> tuple[Floats, Floats, float, bool, bool]:
    """First confirmed track of flight `f` by any searching radar of `network`, worked out until it is CERTAIN or the flight ends.

    Returns look times (s), the distribution of the first confirmation at each, the probability of any detection at all, and whether any
    radar had it in sight, or would have seen it but for its sector. Looks are made over a period that doubles, all radars of it together.
    """
    duration_s = float(packed.flights["duration_s"][f])
    first = _places(packed, duration_s, network)
    done = np.zeros(packed.radars.size, np.int64)
    pd = np.zeros(first[-1])
    flags, until_s = 0, _FIRST_S
    while True:
        flags |= look_on(packed, ground, f, samples, first, done, min(until_s, duration_s), pd)
        when, cdf = _first_track(packed, first, done, pd)
        if until_s >= duration_s or (cdf.size > 0 and cdf[-1] > CERTAIN):
            break
        until_s *= 2.0
    in_sight = flags & SIGHT_LINE > 0 or ever_in_sight(packed, ground, f, samples, network)
    return when, cdf, any_detection(pd), bool(in_sight), flags & _OUTSIDE > 0


_OUTSIDE = 4  # beside the flags of a look


def _places(packed: Packed, duration_s: float, network: int) -> Ints:
    """Where the looks of each radar begin among those of the network, and where the last ends: none for a radar that does not search."""
    ours = (packed.radars["network"] == network) & (packed.radars["searches"] == 1)
    looks = np.zeros(packed.radars.size, np.int64)
    looks[ours] = (duration_s / packed.radars["revisit_s"][ours] + 0.5).astype(np.int64)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(looks)])


def _first_track(packed: Packed, first: Ints, done: Ints, pd: Floats) -> tuple[Floats, Floats]:
    """Times (s) of the looks done at which a track can be the first, and the distribution of the first, as far as CERTAIN.

    Radars confirm independently: no track by any is the product of no track by each.
    """
    times, fall = np.empty(np.sum(done)), np.empty(np.sum(done))
    n = confirmations(packed, first, done, pd, times, fall)
    order = np.argsort(times[:n], kind="stable")
    cdf = np.empty(n)
    n = distribution(fall[order], cdf)
    return times[order[:n]], cdf[:n]


@stage
def look_on(packed: Packed, ground: Ground, f: int, samples: Floats, first: Ints, done: Ints, until_s: float, pd: Floats) -> int:
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
def confirmations(packed: Packed, first: Ints, done: Ints, pd: Floats, times: Floats, fall: Floats) -> int:
    """Each radar's looks at which it can confirm first: their times (s) and the falls of its ln(no track) there; returns how many."""
    n = 0
    for r in range(packed.radars.size):
        radar = packed.radars[r]
        seen = pd[first[r] : first[r] + done[r]]
        if not np.any(seen):
            continue
        confirmed = np.empty(seen.size)
        first_confirmation(seen, radar["hits"], radar["looks"], confirmed)
        before = 1.0
        for i in range(seen.size):
            after = max(1.0 - confirmed[i], 1e-300)
            if after < before:
                times[n], fall[n] = (i + 0.5) * radar["revisit_s"], math.log(after / before)
                before = after
                n += 1
    return n


@kernel
def distribution(fall: Floats, cdf: Floats) -> int:
    """The distribution of the first track from the falls of ln(no track), look by look, until it is CERTAIN; returns how many looks."""
    log_none = 0.0
    for i in range(fall.size):
        log_none += fall[i]
        cdf[i] = -math.expm1(log_none)
        if cdf[i] > CERTAIN:
            return i + 1
    return int(fall.size)


@kernel
def any_detection(pd: Floats) -> float:
    """Probability that any of the looks detects."""
    none_log = 0.0
    for p in pd:
        if p > 0.0:
            none_log += math.log1p(-min(p, 1.0 - 1e-16))
    return -math.expm1(none_log)
