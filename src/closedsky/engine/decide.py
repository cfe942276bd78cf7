"""Who engages what, when: windows are weighed, channels and rounds reserved, and what is freed goes to those who wait."""

import math

import numpy as np

from closedsky.engine.chance import LOCK, uniforms
from closedsky.engine.layout import (
    EV_ASSIGNED,
    FIRST_TRACKED,
    MISSED,
    NEVER,
    NO_CHANNEL,
    NO_ROUNDS,
    Packed,
    Tables,
)
from closedsky.engine.state import DONE, READY, WAITING, State, gone, note, schedule
from closedsky.physics.jit import step


@step
def intercept_tick(tables: Tables, w: int, launch: int) -> int:
    """Intercept of a launch at `launch` (flight clock) inside window `w`."""
    window = tables.windows[w]
    at = (launch - window["open_ticks"]) / window["step_ticks"]
    k = min(max(int(at), 0), window["count"] - 2)
    a = tables.intercept_ticks[window["first"] + k]
    b = tables.intercept_ticks[window["first"] + k + 1]
    return int(a + (b - a) * min(max(at - k, 0.0), 1.0) + 0.5)


@step
def lock_tick(tables: Tables, lock: int, cue: int, hazard_wanted: float) -> int:
    """First cued look at or after `cue` (flight clock) by which the hazard has grown by `hazard_wanted`; NEVER if none."""
    row = tables.locks[lock]
    first, count, origin, dwell = row["first"], row["count"], row["origin_ticks"], row["dwell_ticks"]
    start = max((cue - origin + dwell - 1) // dwell, 0)
    if start >= count:
        return NEVER
    goal = hazard_wanted + (tables.lock_hazard[first + start - 1] if start > 0 else 0.0)
    low, high = start, count
    while low < high:
        middle = (low + high) >> 1
        if tables.lock_hazard[first + middle] >= goal:
            high = middle
        else:
            low = middle + 1
    return origin + low * dwell if low < count else NEVER


@step
def choose(packed: Packed, tables: Tables, s: State, job: int, now: int, only_unit: int) -> int:
    """The window in which to engage `job` now: first-choice missile, then earliest intercept. -1 if none can be had.

    A window whose unit is busy puts the job on that unit's waiting list (unless `only_unit` asks about that one unit).
    """
    networks = packed.networks.size
    threat = job // networks
    pairing = tables.pairings[packed.threats[threat]["flight"] * networks + job % networks]
    base = s.base[threat]
    best, best_rank, best_meet = -1, 0, 0
    for w in range(pairing["first_window"], pairing["first_window"] + s.opened[job]):
        window = tables.windows[w]
        u, m = window["unit"], window["magazine"]
        if only_unit >= 0 and u != only_unit:
            continue
        unit = packed.units[u]
        ready = now if u == s.last_unit[job] else now + unit["reaction_ticks"]
        if ready > base + window["close_ticks"]:
            continue
        if s.stock[m] == 0:
            if s.cause[job] < MISSED:
                s.cause[job] = NO_ROUNDS
            continue
        if s.channels[u] == 0 or s.guidance[u] == 0 or s.stock[m] == s.held[m]:
            if only_unit < 0:
                s.waiting[u, job >> 6] |= np.uint64(1) << np.uint64(job & 63)
            if s.cause[job] < MISSED:
                s.cause[job] = NO_CHANNEL
            continue
        launch = max(ready, s.next_launch[u], base + window["open_ticks"])
        if launch > base + window["close_ticks"]:
            continue
        meet = intercept_tick(tables, w, launch - base)
        if best < 0 or window["rank"] < best_rank or (window["rank"] == best_rank and meet < best_meet):
            best, best_rank, best_meet = w, window["rank"], meet
    return best


@step
def assign(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int, w: int) -> None:
    """Give `job` a channel of the window's unit, reserve rounds and guidance, and cue the engagement radar."""
    networks = packed.networks.size
    threat = job // networks
    window = tables.windows[w]
    u, m = window["unit"], window["magazine"]
    unit = packed.units[u]
    doctrine = packed.doctrine[u, packed.flights[packed.threats[threat]["flight"]]["target_class"]]
    rounds = min(doctrine["salvo"], doctrine["max_rounds"] - s.fired[job], s.stock[m] - s.held[m], s.guidance[u])
    s.channels[u] -= 1
    s.guidance[u] -= rounds
    s.held[m] += rounds
    s.rounds[job], s.window[job], s.state[job] = rounds, w, READY
    base = s.base[threat]
    ready = now
    if u != s.last_unit[job]:
        x, _ = uniforms(seed, trial, packed.threats[threat]["key"], LOCK, unit["key"] << 8 | min(s.engagements[job], 255))
        locked = lock_tick(tables, window["lock"], now - base, -math.log1p(-x))
        ready = max(now + unit["reaction_ticks"], base + locked if locked < NEVER else NEVER)
    s.ready[job] = max(ready, base + window["open_ticks"])
    s.engagements[job] += 1
    note(s, now, EV_ASSIGNED, threat, job % networks, u, m, rounds)
    schedule(s, job, min(s.ready[job], base + window["close_ticks"] + 1))


@step
def serve(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, u: int, now: int) -> None:
    """Give what unit `u` has free to the jobs that wait for it, in the order of its network's policy."""
    networks = packed.networks.size
    by_track = packed.networks[packed.units[u]["network"]]["policy"] == FIRST_TRACKED
    while s.channels[u] > 0 and s.guidance[u] > 0:
        best, best_tick = -1, NEVER
        for word in range(s.waiting.shape[1]):
            bits = s.waiting[u, word]
            while bits != np.uint64(0):
                lowest = bits & (~bits + np.uint64(1))
                bits ^= lowest
                job = (word << 6) + bit_index(lowest)
                if s.state[job] != WAITING or gone(s, job, job // networks, now):
                    s.waiting[u, word] ^= lowest
                    continue
                tick = s.tracked[job] if by_track else s.end[job // networks]
                if tick < best_tick:
                    best, best_tick = job, tick
        if best < 0:
            return
        s.waiting[u, best >> 6] ^= np.uint64(1) << np.uint64(best & 63)
        w = choose(packed, tables, s, best, now, u)
        if w >= 0:
            assign(packed, tables, s, seed, trial, best, now, w)


@step
def bit_index(single: np.uint64) -> int:
    """Which bit of a word with one bit set."""
    index = 0
    for shift in (32, 16, 8, 4, 2, 1):
        if single >> np.uint64(shift):
            single >>= np.uint64(shift)
            index += shift
    return index


@step
def decide(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int) -> None:
    """A waiting job looks at every window that is up for assignment; if none can be had it comes back when the next one is."""
    networks = packed.networks.size
    threat = job // networks
    if gone(s, job, threat, now):
        s.state[job] = DONE
        schedule(s, job, NEVER)
        return
    base = s.base[threat]
    pairing = tables.pairings[packed.threats[threat]["flight"] * networks + job % networks]
    first = pairing["first_window"]
    while s.opened[job] < pairing["windows"] and base + tables.windows[first + s.opened[job]]["assign_ticks"] <= now:
        s.opened[job] += 1
    w = choose(packed, tables, s, job, now, -1)
    if w >= 0:
        assign(packed, tables, s, seed, trial, job, now, w)
    elif s.opened[job] < pairing["windows"]:
        schedule(s, job, base + tables.windows[first + s.opened[job]]["assign_ticks"])
    else:
        schedule(s, job, NEVER)
