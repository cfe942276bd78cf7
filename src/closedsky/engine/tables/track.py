"""The distribution of the first confirmed track of a flight by a network, from all looks of all its radars."""

import math

import numpy as np

from closedsky.engine.layout import SIGHT, TICKS_PER_S, Floats, Ints, Packed, PackedDefence, Records
from closedsky.engine.tables.sight import IN_SECTOR, NEGLIGIBLE_PD, SIGHT_LINE, ever_in_sight, look
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel, part, stage
from closedsky.physics.radar import first_confirmation

CERTAIN = 1.0 - 2.0**-32
"""The greatest draw (of 32 bits): once a track has this probability, later looks have no effect and are not computed."""

_FIRST_S = 60.0


@part
def sights_of(packed: Packed, ground: Ground, f: int, samples: Floats, enough: float) -> tuple[Records, Floats, Floats]:
    """Detection of flight `f` by each network (SIGHT), and the times (s) and distributions of tracks that the rows index.

    A distribution goes on until a track is more likely than `enough`; CERTAIN is all of it.
    """
    sights = np.zeros(packed.defence.networks.size, SIGHT)
    track_s, track_cdf = np.empty(0), np.empty(0)
    for g in range(packed.defence.networks.size):
        when, cdf, any_detection, in_sight, outside = network_sight(packed, ground, f, samples, g, enough)
        sight = sights[g]
        sight["first"], sight["count"], sight["any_detection"] = track_s.size, when.size, any_detection
        sight["in_sight"], sight["outside_sector"] = in_sight, outside
        track_s, track_cdf = np.concatenate((track_s, when)), np.concatenate((track_cdf, cdf))
    return sights, track_s, track_cdf


@part
def network_sight(
    packed: Packed, ground: Ground, f: int, samples: Floats, network: int, enough: float
) -> tuple[Floats, Floats, float, bool, bool]:
    """First confirmed track of flight `f` by any searching radar of `network`, computed until it is likely `enough` or the flight ends.

    Returns look times (s), the distribution of the first confirmation at each, the probability of any detection, and whether any radar had
    line of sight, or would have detected it but for its sector. Looks are computed over periods that double, for all radars together.
    Radars that vary are only asked for the last two: when they confirm depends on the trial.
    """
    duration_s = packed.raid.flights[f]["duration_s"]
    first = _places(packed.defence, duration_s, network)
    done = np.zeros(packed.defence.radars.size, np.int64)
    pd = np.zeros(first[-1])
    flags, until_s = 0, _FIRST_S
    while True:
        flags |= look_on(packed, ground, f, samples, first, done, min(until_s, duration_s), pd)
        when, cdf = _first_track(packed.defence, first, done, pd)
        if until_s >= duration_s or (cdf.size > 0 and cdf[-1] > enough):
            break
        until_s *= 2.0
    in_sight = flags & SIGHT_LINE > 0 or ever_in_sight(packed, ground, f, samples, network)
    return when, cdf, _steady_detection(packed.defence, first, pd), in_sight, flags & _OUTSIDE > 0


@kernel
def later_looks(
    packed: Packed, ground: Ground, f: int, samples: Floats, since_ticks: Ints, until_ticks: Ints, watches: Records
) -> Floats:
    """Detection probabilities of looks in search at flight `f`, radar by radar, each from its `since_ticks` to its `until_ticks`.

    `watches` (WATCH, one per radar) is filled in for radars that search. A radar whose second tick is not after the first has no looks.
    """
    n = 0
    for r in range(packed.defence.radars.size):
        radar, watch = packed.defence.radars[r], watches[r]
        watch["first"] = n
        if radar["searches"] == 0:
            continue
        revisit_s = radar["revisit_s"]
        looks = int(packed.raid.flights[f]["duration_s"] / revisit_s + 0.5)
        first = int(max(since_ticks[r] / TICKS_PER_S / revisit_s - 0.5, 0.0))
        last = min(int(until_ticks[r] / TICKS_PER_S / revisit_s + 0.5), looks)
        watch["key"], watch["site"], watch["varies"] = radar["key"], radar["site"], radar["varies"]
        watch["network"], watch["hits"], watch["looks"] = radar["network"], radar["hits"], radar["looks"]
        watch["origin_ticks"], watch["revisit_ticks"] = int((first + 0.5) * revisit_s * TICKS_PER_S), int(revisit_s * TICKS_PER_S)
        if until_ticks[r] > since_ticks[r]:
            watch["count"] = max(last - first, 0)
        n += watch["count"]
    pd = np.zeros(n)
    for r in range(packed.defence.radars.size):
        watch, revisit_s = watches[r], packed.defence.radars[r]["revisit_s"]
        for k in range(watch["count"]):
            t_s = watch["origin_ticks"] / TICKS_PER_S + k * revisit_s
            pd[watch["first"] + k], _ = look(packed, ground, r, f, samples, t_s, NEGLIGIBLE_PD, False)
    return pd


_OUTSIDE = 4  # in addition to the flags of `look`


@kernel
def _places(defence: PackedDefence, duration_s: float, network: int) -> Ints:
    """The index of each radar's first look among those of the network, and the total; a radar that does not search has none."""
    first = np.zeros(defence.radars.size + 1, np.int64)
    for r in range(defence.radars.size):
        radar = defence.radars[r]
        searches = radar["network"] == network and radar["searches"] == 1
        first[r + 1] = first[r] + (int(duration_s / radar["revisit_s"] + 0.5) if searches else 0)
    return first


@kernel
def _first_track(defence: PackedDefence, first: Ints, done: Ints, pd: Floats) -> tuple[Floats, Floats]:
    """Times (s) of the computed looks at which a track can be confirmed first, and the distribution of the first track, up to CERTAIN.

    Radars confirm independently: the probability of no track by any radar is the product over radars.
    """
    looks = 0
    for r in range(done.size):  # not np.sum: to load it from the cache numba imports scipy.linalg
        looks += done[r]
    times, fall = np.empty(looks), np.empty(looks)
    n = confirmations(defence, first, done, pd, times, fall)
    order = np.argsort(times[:n], kind="mergesort")
    cdf = np.empty(n)
    n = distribution(fall[order], cdf)
    return times[order[:n]], cdf[:n]


@stage
def look_on(packed: Packed, ground: Ground, f: int, samples: Floats, first: Ints, done: Ints, until_s: float, pd: Floats) -> int:
    """Compute detection probabilities `pd` of all looks up to `until_s` not yet `done`; returns the flags SIGHT_LINE and _OUTSIDE."""
    out = 0
    for r in range(packed.defence.radars.size):
        revisit_s = packed.defence.radars[r]["revisit_s"]
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
def confirmations(defence: PackedDefence, first: Ints, done: Ints, pd: Floats, times: Floats, fall: Floats) -> int:
    """Times (s) of looks at which a radar can confirm first, and the decreases of its ln(no track) there; returns their number."""
    n = 0
    for r in range(defence.radars.size):
        radar = defence.radars[r]
        if radar["varies"] == 1:
            continue
        seen = pd[first[r] : first[r] + done[r]]
        if not _any_above_zero(seen):
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


@part
def _any_above_zero(pd: Floats) -> bool:
    """Whether any of the looks can detect."""
    most = 0.0
    for p in pd:
        most = max(most, p)
    return most > 0.0


@kernel
def distribution(fall: Floats, cdf: Floats) -> int:
    """The distribution of the first track from the decreases of ln(no track), until it is CERTAIN; returns the number of looks."""
    log_none = 0.0
    for i in range(fall.size):
        log_none += fall[i]
        cdf[i] = -math.expm1(log_none)
        if cdf[i] > CERTAIN:
            return i + 1
    return int(fall.size)


@kernel
def _steady_detection(defence: PackedDefence, first: Ints, pd: Floats) -> float:
    """Probability that at least one of the looks of radars that do not vary detects."""
    none_log = 0.0
    for r in range(defence.radars.size):
        if defence.radars[r]["varies"] == 0:
            for k in range(first[r], first[r + 1]):
                if pd[k] > 0.0:
                    none_log += math.log1p(-min(pd[k], 1.0 - 1e-16))
    return -math.expm1(none_log)
