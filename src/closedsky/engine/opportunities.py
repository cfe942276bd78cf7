"""Firing opportunities by rule, without random draws: the salvos offered to threats that fly one path together, before its end.

The track counts as confirmed when its probability reaches one half. A unit is assigned a threat once the track has passed its link and a
channel is free; it launches, inside its windows, a reaction time later, or at once if it engaged that threat last. A salvo occupies a
channel and its threat from launch until its last round has been assessed. The threat with the fewest opportunities so far is served
next, by the salvo with the earliest intercept: no sequential order offers more to the threat with the fewest.
"""

from typing import NamedTuple

import numpy as np

from closedsky.engine.layout import BEARING, LOCK, NEVER, PAIRING, SIGHT, TICKS_PER_S, WATCH, Ints, Packed, PackedDefence, Tables
from closedsky.engine.rules import busy_until, channels_for, launchers_free_at, ready_at
from closedsky.engine.tables.pairing import windows_of
from closedsky.engine.tables.sight import path
from closedsky.engine.tables.track import sights_of
from closedsky.engine.tables.windows import GUIDED, launches
from closedsky.engine.trial.shot import intercept_tick
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel, part, stage, step

EVEN_ODDS = 0.5

NO_WINDOW, NO_TRACK = -2, -1
"""Why a flight has no opportunities, of `opportunities_on`."""


class Served(NamedTuple):
    """The state of serving: when channels, launchers and threats are free (ticks), last unit and opportunities by threat, rounds left."""

    channel_free: Ints  # unit × threat: no more channels than threats are needed
    launchers_free: Ints  # unit
    threat_free: Ints  # threat
    last_unit: Ints
    offered: Ints
    rounds_left: Ints  # magazine


@kernel
def opportunities_on(packed: Packed, ground: Ground, first: int, last: int, m: int, most: int, out: Ints) -> None:
    """Opportunities offered to the threat with the fewest of `m`, up to `most`, on each flight from `first` to before `last`.

    NO_WINDOW or NO_TRACK, both negative, where no unit can ever meet the flight, or no network has a track of it.
    """
    tracks = np.empty(packed.defence.networks.size, np.int64)
    times = np.empty((m, most), np.int64)
    for f in range(first, last):
        tables = chances_of(packed, ground, f)
        if tables.windows.size == 0:
            out[f] = NO_WINDOW
            continue
        first_track = median_tracks(packed.defence, tables, 0, tracks)
        out[f] = NO_TRACK if first_track == NEVER else opportunities(packed.defence, tables, 0, tracks, m, most, times)


@part
def chances_of(packed: Packed, ground: Ground, f: int) -> Tables:
    """Tables of one flight as far as `opportunities` needs them: without locks and reasons, tracks only as far as the median of the first.

    Without any where there is no window.
    """
    samples = path(packed, ground, f)
    pairings = np.zeros(packed.defence.networks.size, PAIRING)
    rows, units = np.empty((0, 5)), np.empty(packed.defence.units.size, np.int64)
    for g in range(packed.defence.networks.size):
        free = 0
        for u in range(packed.defence.units.size):
            if (
                packed.defence.units[u]["network"] == g
                and packed.defence.doctrine[u, packed.raid.flights[f]["target_class"]]["hold"] == 0
            ):
                units[free] = u
                free += 1
        found = launches(packed, ground, f, samples, units[:free], GUIDED)
        pairings[g]["first_opening"], pairings[g]["openings"] = rows.shape[0], found.shape[0]
        rows = np.concatenate((rows, found))
    opened = windows_of(packed, f, samples, pairings, rows)
    if opened.windows.size > 0:
        sights, track_s, track_cdf = sights_of(packed, ground, f, samples, EVEN_ODDS)
    else:
        sights, track_s, track_cdf = np.zeros(packed.defence.networks.size, SIGHT), np.empty(0), np.empty(0)
    duration_ticks, track_ticks = np.empty(1, np.int64), np.empty(track_s.size, np.int64)
    duration_ticks[0] = round(packed.raid.flights[f]["duration_s"] * TICKS_PER_S)
    for i in range(track_s.size):
        track_ticks[i] = round(track_s[i] * TICKS_PER_S)
    return Tables(
        duration_ticks, sights, track_ticks, track_cdf, np.zeros(0, LOCK), np.empty(0), pairings, opened.openings,
        opened.reaches, opened.windows, opened.intercept_ticks, opened.intercept_m2, np.zeros(0, np.int64), np.zeros(0, WATCH), np.empty(0),
        np.zeros(0, BEARING), np.empty(0),
    )  # fmt: skip


@part
def median_tracks(defence: PackedDefence, tables: Tables, f: int, out: Ints) -> int:
    """Tick at which each network has confirmed a track of flight `f` with probability one half, NEVER if it does not; returns the first."""
    out[:] = NEVER
    first = NEVER
    for g in range(defence.networks.size):
        sight = tables.sights[f * defence.networks.size + g]
        for i in range(sight["first"], sight["first"] + sight["count"]):
            if tables.track_cdf[i] >= EVEN_ODDS:
                out[g] = tables.track_ticks[i]
                first = min(first, out[g])
                break
    return first


@part
def opportunities(defence: PackedDefence, tables: Tables, f: int, track_ticks: Ints, m: int, most: int, out: Ints) -> int:
    """Opportunities offered to the threat with the fewest of `m` on flight `f`, up to `most`.

    `track_ticks` is the tick of each network's track. `out`, threat × opportunity, takes the tick of each salvo's first intercept, NEVER
    where there is none.
    """
    units = defence.units.size
    served = Served(
        np.zeros((units, m), np.int64), np.zeros(units, np.int64), np.zeros(m, np.int64), np.full(m, -1), np.zeros(m, np.int64),
        defence.magazines["rounds"].copy(),
    )  # fmt: skip
    out[:] = NEVER
    return serve(defence, tables, f, track_ticks, served, most, out)


@stage
def serve(defence: PackedDefence, tables: Tables, f: int, track_ticks: Ints, served: Served, most: int, out: Ints) -> int:
    """Serve threats until each has `most` opportunities, or the one with the fewest can have no more; returns the fewest."""
    while True:
        i = worst_served(served.offered, served.threat_free)
        if served.offered[i] == most:
            return most
        w, launch, channel = earliest(defence, tables, f, track_ticks, served, i)
        if w < 0:
            return int(served.offered[i])
        window = tables.windows[w]
        u, m = window["unit"], window["magazine"]
        unit, salvo = defence.units[u], min(window["salvo"], served.rounds_left[m])
        meet = intercept_tick(tables, w, launch)
        done = busy_until(meet, salvo, unit["launch_interval_ticks"], unit["assessment_ticks"])
        out[i, served.offered[i]] = meet
        served.offered[i] += 1
        served.threat_free[i], served.channel_free[u, channel], served.last_unit[i] = done, done, u
        served.launchers_free[u] = launchers_free_at(launch, salvo, unit["launch_interval_ticks"])
        served.rounds_left[m] -= salvo


@step
def worst_served(offered: Ints, threat_free: Ints) -> int:
    """The threat with the fewest opportunities so far; of several, the one that is free first."""
    best = 0
    for i in range(1, offered.size):
        if offered[i] < offered[best] or (offered[i] == offered[best] and threat_free[i] < threat_free[best]):
            best = i
    return best


@step
def earliest(defence: PackedDefence, tables: Tables, f: int, track_ticks: Ints, served: Served, i: int) -> tuple[int, int, int]:
    """The window with the earliest intercept of threat `i`, its launch tick and channel; window -1 if there is none."""
    networks = defence.networks.size
    best, best_meet, best_launch, best_channel = -1, NEVER, NEVER, 0
    for g in range(networks):
        if track_ticks[g] == NEVER:
            continue
        pairing = tables.pairings[f * networks + g]
        known = max(track_ticks[g] + defence.networks[g]["link_delay_ticks"], served.threat_free[i])
        for w in tables.openings[pairing["first_opening"] : pairing["first_opening"] + pairing["openings"]]:
            window = tables.windows[w]
            u = window["unit"]
            unit = defence.units[u]
            if served.rounds_left[window["magazine"]] == 0:
                continue
            channels = channels_for(unit["channels"], unit["missiles_guided"], window["salvo"])
            channel = first_free(served.channel_free, u, channels)
            free = max(known, served.channel_free[u, channel])
            ready = ready_at(free, u == served.last_unit[i], unit["reaction_ticks"])
            launch = max(ready, window["open_ticks"], served.launchers_free[u])
            if launch > window["close_ticks"]:
                continue
            meet = intercept_tick(tables, w, launch)
            if meet < best_meet:
                best, best_meet, best_launch, best_channel = w, meet, launch, channel
    return best, best_launch, best_channel


@step
def first_free(free: Ints, u: int, channels: int) -> int:
    """The channel of unit `u` that is free first; no more channels than threats are considered."""
    best = 0
    for c in range(1, min(channels, free.shape[1])):
        if free[u, c] < free[u, best]:
            best = c
    return best
