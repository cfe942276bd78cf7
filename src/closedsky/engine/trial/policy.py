"""Policies of weapon assignment that weigh values: once all that happens at a tick has happened, all the waiting jobs of a network and all
the free channels of its units are considered together.

The value of an assignment is what the threat is expected to destroy, times the probability that the salvo kills it. A policy is a matching
of jobs and channels: `greedy-value` takes the most valuable assignment first, `static-optimal` the greatest total. Both are myopic: to them
a channel that is kept free for a later threat is worth nothing.
"""

import numpy as np

from closedsky.engine.layout import GREEDY_VALUE, NEVER, TICKS_PER_S, PackedDefence, Tables
from closedsky.engine.trial.decide import assign, choose, choose_of, launch_in, next_opening, open_windows
from closedsky.engine.trial.matching import best_matching, greedy_matching
from closedsky.engine.trial.shot import intercept_tick, pk_at, rounds_for
from closedsky.engine.trial.state import WAITING, State, ends, gone, schedule
from closedsky.physics.jit import part, stage
from closedsky.physics.lethality import salvo_kill

_URGENT, _SOON = 1e-6, 1e-9
"""Of equal values the more urgent threat comes first, and of one threat the earlier intercept: shares of a value, for one second."""


@part
def ask(tables: Tables, s: State, j: int, now: int) -> None:
    """A job can be decided upon: it is considered with all others of its network, and again when its next window opens."""
    job = s.jobs[j]
    if ends(s, j, now):
        return
    open_windows(tables, s, j, now)
    job["fresh"] = 1
    base = s.targets[job["threat"]]["base"]
    schedule(s, j, base + next_opening(tables, s, j) if job["opened"] < job["openings"] else NEVER)


@stage
def deliberate(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, g: int, now: int) -> None:
    """Match the waiting jobs of network `g` with the free channels of its units, again until nothing more can be assigned."""
    s.asked[g] = 0
    while True:
        jobs, slots = candidates(defence, s, g, now), free_slots(defence, s, g, now)
        valued = evaluate(defence, tables, s, jobs, slots, now)
        if not valued:
            break
        if defence.networks[g]["policy"] == GREEDY_VALUE:
            greedy_matching(s.space, jobs, slots)
        else:
            best_matching(s.space, jobs, slots)
        if assign_matched(tables, s, seed, trial, jobs, now) == 0:
            break
    for i in range(candidates(defence, s, g, now)):
        j = s.candidates[i]
        job = s.jobs[j]
        if job["fresh"] == 1:  # it was considered in vain: what does each unit lack?
            choose(tables, s, j, now, 0)
            job["fresh"] = 0
        job["last_unit"] = -1


@part
def candidates(defence: PackedDefence, s: State, g: int, now: int) -> int:
    """List the jobs of network `g` that wait with a window open; returns their number."""
    n = 0
    for j in range(g, s.jobs.size, defence.networks.size):
        if s.jobs[j]["state"] == WAITING and s.jobs[j]["opened"] > 0 and not gone(s, j, now):
            s.candidates[n] = j
            n += 1
    return n


@part
def free_slots(defence: PackedDefence, s: State, g: int, now: int) -> int:
    """List the units of network `g` once for each free channel, as far as they have guidance for it; returns the number of slots."""
    n = 0
    for u in range(defence.units.size):
        unit = s.units[u]
        if defence.units[u]["network"] == g and unit["able"] <= now:
            for _ in range(min(unit["channels"], unit["guidance"])):
                s.space.rows[n]["unit_of_slot"] = u
                n += 1
    return n


@part
def evaluate(defence: PackedDefence, tables: Tables, s: State, jobs: int, slots: int, now: int) -> bool:
    """Fill in the value of each candidate for each unit with a slot; whether any is above 0. A job with a value is considered anew."""
    found = False
    for c in range(slots):
        u = s.space.rows[c]["unit_of_slot"]
        if c > 0 and s.space.rows[c - 1]["unit_of_slot"] == u:
            continue
        for i in range(jobs):
            j = s.candidates[i]
            w = choose_of(tables, s, j, now, u)
            s.space.values[i, u] = value_of(defence, tables, s, j, w, now) if w >= 0 else -1.0
            if w >= 0:
                s.jobs[j]["fresh"], found = 1, True
    return found


@part
def value_of(defence: PackedDefence, tables: Tables, s: State, j: int, w: int, now: int) -> float:
    """Value of engaging job `j` in window `w` now; above 0."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    launch = launch_in(tables, s, j, w, now)
    rounds = rounds_for(tables, s, j, w)
    kill = salvo_kill(pk_at(tables, w, launch), rounds, defence.salvo_correlation)
    left_s = (target["end"] - now) / TICKS_PER_S
    until_s = (target["base"] + intercept_tick(tables, w, launch) - now) / TICKS_PER_S
    return float(max(target["worth"] * kill, 1e-12) * (1.0 + _URGENT / (1.0 + left_s) + _SOON / (1.0 + until_s)))


@part
def assign_matched(tables: Tables, s: State, seed: np.uint64, trial: int, jobs: int, now: int) -> int:
    """Make the assignments of a matching, the most valuable first; returns how many could be made: units may run out of rounds."""
    made = 0
    while True:
        best, most = -1, 0.0
        for i in range(jobs):
            u = s.space.rows[i]["match"]
            if u >= 0 and s.space.values[i, u] > most:
                best, most = i, s.space.values[i, u]
        if best < 0:
            return made
        u, j = s.space.rows[best]["match"], s.candidates[best]
        s.space.rows[best]["match"] = -1
        if s.units[u]["channels"] > 0 and s.units[u]["guidance"] > 0:
            w = choose_of(tables, s, j, now, u)
            if w >= 0:
                assign(tables, s, seed, trial, j, now, w)
                s.jobs[j]["fresh"] = 0
                made += 1
