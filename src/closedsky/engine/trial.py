"""One trial, told as a story: the raid is drawn, jobs open, and events follow one another until nothing is left to do.

A *job* is one threat as one network sees it. It waits for a fire unit, is assigned (a channel, guidance and rounds are reserved), launches,
is assessed, and waits again or is done. Each job has at most one live event (`state`).

All times are ticks (1 µs). The tables are on each threat's own clock; `base` moves them to the clock of the raid.
"""

import math

import numpy as np

from closedsky.engine.chance import FATE, TIMING, TRACK, uniforms
from closedsky.engine.decide import decide
from closedsky.engine.engage import assess, land, launch
from closedsky.engine.layout import (
    EV_TRACK,
    HELD,
    JOB_BITS,
    NEVER,
    NO_SIGHT,
    NO_TIME,
    NO_TRACK,
    OUTSIDE_SECTOR,
    TICKS_PER_S,
    TOO_WEAK,
    Outcomes,
    Packed,
    Records,
    Tables,
)
from closedsky.engine.score import score
from closedsky.engine.state import IN_FLIGHT, JOB_MASK, LONG_AGO_TICKS, READY, WAITING, State, new_state, note
from closedsky.physics.jit import kernel, step


@step
def draw_raid(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """When each threat is launched, and whether and when it fails by itself, or else how near its aim point it would fall."""
    late_s = 0.0
    for i in range(packed.threats.size):
        threat = packed.threats[i]
        if threat["leads_group"] == 1:
            late_s = 0.0
        start_s = threat["start_s"]
        if threat["jitter_s"] > 0.0 or threat["mean_gap_s"] > 0.0:
            u, v = uniforms(seed, trial, threat["key"], TIMING, 0)
            late_s -= math.log1p(-v) * threat["mean_gap_s"]
            start_s += late_s + (2.0 * u - 1.0) * threat["jitter_s"]
        s.base[i] = int(math.floor(start_s * TICKS_PER_S + 0.5))
        duration = tables.duration_ticks[threat["flight"]]
        s.end[i] = s.base[i] + duration
        s.dies[i] = NEVER
        u, v = uniforms(seed, trial, threat["key"], FATE, 0)
        s.fails[i] = s.base[i] + int(v * duration) if u >= threat["reliability"] else NEVER
        s.fall[i] = v  # one that fails falls nowhere: the same number serves


@step
def open_jobs(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """For each threat and network: when the track is confirmed, or why it never is, and the first decision."""
    networks = packed.networks.size
    leaves = s.tree.size >> 1
    for leaf in range(packed.threats.size * networks, leaves):
        s.tree[leaves + leaf] = NEVER
    for i in range(packed.threats.size):
        flight = packed.threats[i]["flight"]
        for g in range(networks):
            job = i * networks + g
            sight = tables.sights[flight * networks + g]
            pairing = tables.pairings[flight * networks + g]
            s.state[job], s.opened[job], s.last_unit[job] = WAITING, 0, -1
            s.fired[job], s.engagements[job], s.rounds[job], s.ghost[job] = 0, 0, 0, 0
            s.tracked[job] = NEVER
            first_event = NEVER
            if sight["in_sight"] == 0:
                s.cause[job] = NO_SIGHT
            elif sight["count"] == 0:
                s.cause[job] = OUTSIDE_SECTOR if sight["outside_sector"] == 1 else TOO_WEAK
            else:
                u, _ = uniforms(seed, trial, packed.threats[i]["key"], TRACK, g)
                tick = s.base[i] + track_tick(tables, sight["first"], sight["count"], u)
                if tick >= min(s.fails[i], s.end[i]):
                    s.cause[job] = NO_TRACK if u < sight["any_detection"] else TOO_WEAK
                else:
                    s.tracked[job] = tick
                    note(s, tick, EV_TRACK, i, g, -1, -1, 0.0)
                    s.cause[job] = NO_TIME
                    if pairing["windows"] > 0:
                        earliest = s.base[i] + tables.windows[pairing["first_window"]]["assign_ticks"]
                        first_event = max(tick + packed.networks[g]["link_delay_ticks"], earliest)
                    elif pairing["outside_sector"] == 1:
                        s.cause[job] = OUTSIDE_SECTOR
                    elif pairing["held"] == 1:
                        s.cause[job] = HELD
            s.tree[leaves + job] = NEVER if first_event >= NEVER else first_event << JOB_BITS | job
    for i in range(leaves - 1, 0, -1):
        s.tree[i] = min(s.tree[2 * i], s.tree[2 * i + 1])


@step
def track_tick(tables: Tables, first: int, count: int, u: float) -> int:
    """Tick of the first confirmation: the first look at which the distribution exceeds `u`; NEVER if it never does."""
    low, high = first, first + count
    while low < high:
        middle = (low + high) >> 1
        if tables.track_cdf[middle] > u:
            high = middle
        else:
            low = middle + 1
    return int(tables.track_ticks[low]) if low < first + count else NEVER


@step
def play(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """Run one trial to its last event."""
    draw_raid(packed, tables, s, seed, trial)
    for u in range(packed.units.size):
        s.channels[u] = packed.units[u]["channels"]
        s.guidance[u] = packed.units[u]["missiles_guided"]
        s.next_launch[u] = -LONG_AGO_TICKS
        s.waiting[u, :] = np.uint64(0)
    for m in range(packed.magazines.size):
        s.stock[m] = packed.magazines[m]["rounds"]
        s.held[m] = 0
    open_jobs(packed, tables, s, seed, trial)
    while s.tree[1] < NEVER:
        now, job = s.tree[1] >> JOB_BITS, s.tree[1] & JOB_MASK
        state = s.state[job]
        if state == WAITING:
            decide(packed, tables, s, seed, trial, job, now)
        elif state == READY:
            launch(packed, tables, s, seed, trial, job, now)
        elif state == IN_FLIGHT:
            land(packed, tables, s, seed, trial, job, now)
        else:
            assess(packed, tables, s, seed, trial, job, now)


@kernel
def run_trials(packed: Packed, tables: Tables, seed: np.uint64, first: int, last: int, out: Outcomes, log: Records) -> int:
    """Trials `first` to `last` (exclusive) into rows 0… of `out`. Events go to `log` while it has room; returns how many."""
    state = new_state(packed, log)
    for trial in range(first, last):
        play(packed, tables, state, seed, trial)
        score(packed, state, trial - first, out)
    return int(state.logged[0])
