"""An engagement from launch to judgement: the salvo leaves, meets its target, and is assessed."""

import numpy as np

from closedsky.engine.chance import ASSESSMENT, KILL, uniforms
from closedsky.engine.decide import decide, intercept_tick, serve
from closedsky.engine.layout import (
    EV_INTERCEPT,
    EV_JUDGED_ALIVE,
    EV_JUDGED_KILLED,
    EV_MISSILE,
    EV_RELEASED,
    MISSED,
    NEVER,
    Packed,
    Tables,
)
from closedsky.engine.state import ASSESSING, DONE, IN_FLIGHT, READY, WAITING, State, gone, note, schedule
from closedsky.physics.jit import step


@step
def let_go(packed: Packed, tables: Tables, s: State, job: int, now: int) -> int:
    """Return the channel, guidance and unfired rounds of an assignment. Returns the unit."""
    window = tables.windows[s.window[job]]
    u, m = window["unit"], window["magazine"]
    s.channels[u] += 1
    s.guidance[u] += s.rounds[job]
    if s.state[job] == READY:
        s.held[m] -= s.rounds[job]
    s.rounds[job] = 0
    note(s, now, EV_RELEASED, job // packed.networks.size, job % packed.networks.size, u, m, 0.0)
    return int(u)


@step
def launch(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int) -> None:
    """The assigned unit fires its salvo, as soon as the target is locked and a launcher is free, or gives up when the window has closed."""
    networks = packed.networks.size
    threat = job // networks
    window = tables.windows[s.window[job]]
    u, m = window["unit"], window["magazine"]
    base = s.base[threat]
    closes = base + window["close_ticks"]
    if gone(s, job, threat, now) or s.ready[job] > now or s.next_launch[u] > closes:
        let_go(packed, tables, s, job, now)
        s.last_unit[job] = -1
        s.state[job] = WAITING
        serve(packed, tables, s, seed, trial, u, now)
        decide(packed, tables, s, seed, trial, job, now)
        return
    if s.next_launch[u] > now:
        schedule(s, job, s.next_launch[u])
        return
    unit = packed.units[u]
    rounds = min(s.rounds[job], 1 + (closes - now) // max(unit["launch_interval_ticks"], 1))
    s.held[m] -= s.rounds[job]
    s.guidance[u] += s.rounds[job] - rounds
    s.stock[m] -= rounds
    s.rounds[job] = rounds
    last_meet = fire(packed, tables, s, seed, trial, job, now, rounds)
    s.next_launch[u] = now + rounds * unit["launch_interval_ticks"]
    s.cause[job] = MISSED
    s.last_unit[job] = u
    if unit["guidance_can_bind"] == 1:
        s.state[job] = IN_FLIGHT
        schedule(s, job, last_meet)
    else:
        s.state[job] = ASSESSING
        schedule(s, job, last_meet + unit["assessment_ticks"])


@step
def fire(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int, rounds: int) -> int:
    """Launch `rounds` and settle what each does. Returns the tick of the last intercept.

    A share `salvo_correlation` of salvos succeed or fail as one (the same draw for every round); in the others each round is on its own.
    Marginal kill probability and pairwise correlation are then exactly as stated.
    """
    networks = packed.networks.size
    threat, network = job // networks, job % networks
    window = tables.windows[s.window[job]]
    u, m = window["unit"], window["magazine"]
    interval = packed.units[u]["launch_interval_ticks"]
    key = packed.threats[threat]["key"]
    as_one, shared = uniforms(seed, trial, key, KILL, network << 16 | 1 << 15 | s.engagements[job])
    even, odd, meet = 0.0, 0.0, now
    for k in range(rounds):
        tick = now + k * interval
        meet = s.base[threat] + intercept_tick(tables, s.window[job], tick - s.base[threat])
        n = s.fired[job]
        luck = shared
        if as_one >= packed.salvo_correlation:
            if k == 0 or n & 1 == 0:
                even, odd = uniforms(seed, trial, key, KILL, network << 16 | n >> 1)
            luck = odd if n & 1 else even
        s.fired[job] = n + 1
        kills = luck < window["pk"] and meet < s.fails[threat]
        note(s, tick, EV_MISSILE, threat, network, u, m, 0.0)
        note(s, meet, EV_INTERCEPT, threat, network, u, m, 1.0 if kills and meet < s.dies[threat] else 0.0)
        if kills:
            s.dies[threat] = min(s.dies[threat], meet)
    return meet


@step
def land(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int) -> None:
    """The last round of the salvo has met the target: its guidance is free; the assessment begins."""
    u = tables.windows[s.window[job]]["unit"]
    s.guidance[u] += s.rounds[job]
    s.rounds[job] = 0
    s.state[job] = ASSESSING
    schedule(s, job, now + packed.units[u]["assessment_ticks"])
    serve(packed, tables, s, seed, trial, u, now)


@step
def assess(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int) -> None:
    """Judge the engagement: done with this target, or engage it again. The judgement can err both ways."""
    networks = packed.networks.size
    threat, network = job // networks, job % networks
    window = tables.windows[s.window[job]]
    u = window["unit"]
    unit = packed.units[u]
    let_go(packed, tables, s, job, now)
    judged_alive = s.fails[threat] > now
    killed = s.dies[threat] <= now
    if judged_alive and (unit["false_kill"] > 0.0 or unit["false_survival"] > 0.0):
        x, _ = uniforms(seed, trial, packed.threats[threat]["key"], ASSESSMENT, network << 16 | s.engagements[job])
        judged_alive = x < unit["false_survival"] if killed else x >= unit["false_kill"]
        s.ghost[job] = 1 if killed and judged_alive else 0
    else:
        judged_alive = judged_alive and not killed
    note(s, now, EV_JUDGED_ALIVE if judged_alive else EV_JUDGED_KILLED, threat, network, u, window["magazine"], 0.0)
    limit = packed.doctrine[u, packed.flights[packed.threats[threat]["flight"]]["target_class"]]["max_rounds"]
    if not judged_alive or s.fired[job] >= limit or s.end[threat] <= now:
        s.state[job] = DONE
        schedule(s, job, NEVER)
        serve(packed, tables, s, seed, trial, u, now)
        return
    s.state[job] = WAITING
    s.waiting[u, job >> 6] |= np.uint64(1) << np.uint64(job & 63)
    serve(packed, tables, s, seed, trial, u, now)
    if s.state[job] == WAITING:
        decide(packed, tables, s, seed, trial, job, now)
