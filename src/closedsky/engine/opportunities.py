"""Firing opportunities by rule, without chance: how often threats that fly one path together are offered a salvo before its end.

The track is confirmed when it is as likely as not. A unit takes up a threat once it has the track over its link and a channel is free, and
launches, inside its windows, a reaction later, or at once if it was the last to have that threat. A salvo
takes a channel, and its threat, from its launch until its last round has met the target and been assessed. The threat with the fewest
opportunities so far is served next, with the salvo that meets it first: so no sequential order gives the worst served more.
"""

import numpy as np

from closedsky.engine.layout import NEVER, Ints, Packed, Tables
from closedsky.engine.tables.geometry import chances_of
from closedsky.engine.trial.decide import intercept_tick
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel

EVEN_ODDS = 0.5


@kernel
def offered(packed: Packed, ground: Ground, first: int, last: int, m: int, most: int, out: Ints) -> None:
    """Opportunities that the worst served of `m` threats is offered, `most` at most, on each of the flights from `first` to before `last`.

    Whole flights at a time, without the interpreter: so that several threads can work at once.
    """
    tracks = np.empty(packed.networks.size, np.int64)
    times = np.empty((m, most), np.int64)
    for f in range(first, last):
        tables = chances_of(packed, ground, f)
        out[f] = 0
        if tables.windows.size > 0:
            median_tracks(packed, tables, 0, tracks)
            out[f] = offers(packed, tables, 0, tracks, m, most, times)


@kernel
def median_tracks(packed: Packed, tables: Tables, f: int, out: Ints) -> None:
    """Tick at which each network has confirmed a track of flight `f` with even odds; NEVER where it never comes to that."""
    for g in range(packed.networks.size):
        sight = tables.sights[f * packed.networks.size + g]
        out[g] = NEVER
        for k in range(sight["first"], sight["first"] + sight["count"]):
            if tables.track_cdf[k] >= EVEN_ODDS:
                out[g] = tables.track_ticks[k]
                break


@kernel
def offers(packed: Packed, tables: Tables, f: int, track_ticks: Ints, m: int, most: int, out: Ints) -> int:
    """Opportunities that the worst served of `m` threats on flight `f` is offered, `most` at most.

    `track_ticks` is the tick of each network's track. `out`, threat × opportunity, takes the ticks of first intercepts, NEVER where
    there is none.
    """
    channel_free = np.zeros((packed.units.size, m), np.int64)
    unit_free = np.zeros(packed.units.size, np.int64)
    threat_free = np.zeros(m, np.int64)
    last_unit = np.full(m, -1)
    offered = np.zeros(m, np.int64)
    left = packed.magazines["rounds"].copy()
    out[:] = NEVER
    while True:
        i = worst_served(offered, threat_free)
        if offered[i] == most:
            return most
        w, launch, channel = earliest(packed, tables, f, track_ticks, threat_free[i], last_unit[i], channel_free, unit_free, left)
        if w < 0:
            return int(offered[i])
        window = tables.windows[w]
        unit, u, salvo = packed.units[window["unit"]], window["unit"], min(window["salvo"], left[window["magazine"]])
        meet = intercept_tick(tables, w, launch)
        done = meet + (salvo - 1) * unit["launch_interval_ticks"] + unit["assessment_ticks"]
        out[i, offered[i]] = meet
        offered[i] += 1
        threat_free[i], channel_free[u, channel], last_unit[i] = done, done, u
        unit_free[u] = launch + salvo * unit["launch_interval_ticks"]
        left[window["magazine"]] -= salvo


@kernel
def worst_served(offered: Ints, threat_free: Ints) -> int:
    """The threat with the fewest opportunities so far; of several, the one that can be offered the next first."""
    best = 0
    for i in range(1, offered.size):
        if (offered[i], threat_free[i]) < (offered[best], threat_free[best]):
            best = i
    return best


@kernel
def earliest(
    packed: Packed,
    tables: Tables,
    f: int,
    track_ticks: Ints,
    since: int,
    last_unit: int,
    channel_free: Ints,
    unit_free: Ints,
    left: Ints,
) -> tuple[int, int, int]:
    """The window whose salvo meets a threat first, its launch, and the channel; window -1 if there is none.

    The threat is free from `since` on, and was last in the hands of `last_unit` (-1: of none).
    """
    networks = packed.networks.size
    best, best_meet, best_launch, best_channel = -1, NEVER, NEVER, 0
    for g in range(networks):
        if track_ticks[g] == NEVER:
            continue
        pairing = tables.pairings[f * networks + g]
        cued = track_ticks[g] + packed.networks[g]["link_delay_ticks"]
        for w in range(pairing["first_window"], pairing["first_window"] + pairing["windows"]):
            window = tables.windows[w]
            u = window["unit"]
            if left[window["magazine"]] == 0:
                continue
            channel = first_free(channel_free[u], channels_of(packed, u, window["salvo"]))
            ready = max(cued, since, channel_free[u, channel])
            if u != last_unit:
                ready += packed.units[u]["reaction_ticks"]
            launch = max(ready, window["open_ticks"], unit_free[u])
            if launch > window["close_ticks"]:
                continue
            meet = intercept_tick(tables, w, launch)
            if meet < best_meet:
                best, best_meet, best_launch, best_channel = w, meet, launch, channel
    return best, best_launch, best_channel


@kernel
def channels_of(packed: Packed, u: int, salvo: int) -> int:
    """Threats that a unit can have salvoes in the air at, at once: as many as it has channels and can guide rounds for, one at least."""
    unit = packed.units[u]
    return int(max(min(unit["channels"], unit["missiles_guided"] // salvo), 1))


@kernel
def first_free(free: Ints, channels: int) -> int:
    """The channel that is free first; a channel more than there are threats is never needed."""
    best = 0
    for c in range(1, min(channels, free.size)):
        if free[c] < free[best]:
            best = c
    return best
