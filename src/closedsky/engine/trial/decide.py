"""Weapon assignment: chooses a window for each job, reserves channel, guidance and rounds, and serves waiting jobs when they are free."""

from typing import Any

import numpy as np

from closedsky.engine.layout import (
    EV_ASSIGNED,
    EV_WAITS,
    LOOKS_ELSEWHERE,
    NEVER,
    NO_CHANNEL,
    NO_ROUNDS,
    NOT_IDENTIFIED,
    NOT_READY,
    NOT_READY_YET,
    NOT_UP,
    RELOADING,
    SHORT_OF_CHANNELS,
    SHORT_OF_GUIDANCE,
    SHORT_OF_ROUNDS,
    UNKNOWN,
    WITHOUT_ROUNDS,
    Tables,
)
from closedsky.engine.rules import ready_at
from closedsky.engine.trial.draws import DRAW_ENGAGEMENT, uniforms
from closedsky.engine.trial.shot import intercept_tick, lock_tick, rounds_for
from closedsky.engine.trial.slew import face, turn
from closedsky.engine.trial.state import READY, WAITING, State, ends, gone, line_up, note, schedule, wait_for
from closedsky.physics.jit import part, stage, step


@part
def open_windows(tables: Tables, s: State, j: int, now: int) -> None:
    """Open the windows of job `j` that can be assigned by `now`."""
    job = s.jobs[j]
    job["opened_until"] = now - s.targets[job["threat"]]["base"]
    while job["opened"] < job["openings"] and next_opening(tables, s, j) <= job["opened_until"]:
        job["opened"] += 1


@part
def next_opening(tables: Tables, s: State, j: int) -> int:
    """When the next window of job `j` opens (flight clock); there has to be one."""
    job = s.jobs[j]
    return int(tables.windows[tables.openings[job["first_opening"] + job["opened"]]]["assign_ticks"])


@step
def choose(tables: Tables, s: State, j: int, now: int, since: int) -> int:
    """The window in which to engage job `j` now, of those from the `since`-th opened on; -1 if there is none.

    By order of missiles, then by earliest intercept. Where a unit is busy, the job is put on its waiting list.
    """
    job = s.jobs[j]
    best, best_rank, best_meet = -1, NEVER, NEVER
    for w in tables.openings[job["first_opening"] + since : job["first_opening"] + job["opened"]]:
        rank, meet = int(tables.windows[w]["rank"]), offer(tables, s, j, w, now)
        if meet < NEVER and (rank < best_rank or (rank == best_rank and meet < best_meet)):
            best, best_rank, best_meet = w, rank, meet
    return best


@step
def choose_of(tables: Tables, s: State, j: int, now: int, u: int) -> int:
    """`choose` among all opened windows of unit `u`."""
    job = s.jobs[j]
    reach = tables.reaches[job["first_reach"] + u]
    best, best_rank, best_meet = -1, NEVER, NEVER
    for w in range(reach["first_window"], reach["first_window"] + reach["windows"]):
        if tables.windows[w]["assign_ticks"] > job["opened_until"]:
            break
        rank, meet = int(tables.windows[w]["rank"]), offer(tables, s, j, w, now)
        if meet < NEVER and (rank < best_rank or (rank == best_rank and meet < best_meet)):
            best, best_rank, best_meet = w, rank, meet
    return best


@stage
def offer(tables: Tables, s: State, j: int, w: int, now: int) -> int:
    """First intercept if job `j` is engaged in window `w` now; NEVER if it cannot be, with the cause, or if it has to wait for the unit."""
    job, window = s.jobs[j], tables.windows[w]
    u = window["unit"]
    unit, magazine = s.units[u], s.magazines[window["magazine"]]
    if job["fired"] >= window["max_rounds"]:
        return NEVER
    base = s.targets[job["threat"]]["base"]
    ready = ready_at(now - base, u == job["last_unit"], unit["reaction"])
    if ready > window["close_ticks"]:
        return NEVER
    if window["tight"] == 1 and job["identity"] == UNKNOWN:
        job["cause"] = max(job["cause"], NOT_IDENTIFIED)
        return NEVER
    short_of = lack_of(unit, magazine, window["kept"], now)
    if short_of >= 0:
        job["cause"] = max(job["cause"], cause_of(short_of))
        if short_of not in (WITHOUT_ROUNDS, NOT_UP):
            wait_for(s, j, u)
        note(s, now, EV_WAITS, job["threat"], job["network"], u, window["magazine"], float(short_of))
        return NEVER
    launch = max(ready, unit["next_launch"] - base, window["open_ticks"])
    if unit["slews"] == 1:
        launch = turn(tables, s, j, w, launch, now)[0]
    if launch > window["close_ticks"]:
        if unit["slews"] == 1:  # its radar may turn once it is idle, and the target comes to be in other directions
            wait_for(s, j, u)
            if unit["channels"] < unit["all_channels"]:
                job["cause"] = max(job["cause"], NO_CHANNEL)
                note(s, now, EV_WAITS, job["threat"], job["network"], u, window["magazine"], float(LOOKS_ELSEWHERE))
        return NEVER
    return intercept_tick(tables, w, launch)


@part
def launch_in(tables: Tables, s: State, j: int, w: int, now: int) -> int:
    """Earliest launch (flight clock) if job `j` is engaged in window `w` now; later than that closes if there is none."""
    launch = launch_once_faced(tables, s, j, w, now)
    return launch if s.units[tables.windows[w]["unit"]]["slews"] == 0 else turn(tables, s, j, w, launch, now)[0]


@part
def launch_once_faced(tables: Tables, s: State, j: int, w: int, now: int) -> int:
    """The same, were the radar to face the target."""
    job, window = s.jobs[j], tables.windows[w]
    unit = s.units[window["unit"]]
    base = s.targets[job["threat"]]["base"]
    ready = ready_at(now - base, window["unit"] == job["last_unit"], unit["reaction"])
    return int(max(ready, unit["next_launch"] - base, window["open_ticks"]))


@part
def lack_of(unit: Any, magazine: Any, kept: int, now: int) -> int:
    """What a unit lacks to fire from a magazine, of whose rounds the last `kept` are for others (EV_WAITS), or -1."""
    if unit["able"] > now:
        return NOT_UP if unit["able"] == NEVER else NOT_READY_YET
    if magazine["stock"] <= kept:
        return RELOADING if magazine["loading"] > 0 else WITHOUT_ROUNDS
    if unit["channels"] == 0:
        return SHORT_OF_CHANNELS
    if unit["guidance"] == 0:
        return SHORT_OF_GUIDANCE
    return SHORT_OF_ROUNDS if magazine["stock"] - magazine["reserved"] <= kept else -1


@part
def cause_of(short_of: int) -> int:
    """The cause of a threat that is not engaged for what a unit lacks."""
    if short_of >= NOT_READY_YET:
        return NOT_READY
    return NO_ROUNDS if short_of >= SHORT_OF_ROUNDS else NO_CHANNEL


@stage
def assign(tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int, w: int) -> None:
    """Give job `j` a channel of the window's unit, reserve rounds and guidance, and cue the engagement radar."""
    job = s.jobs[j]
    threat = job["threat"]
    window = tables.windows[w]
    u, m = window["unit"], window["magazine"]
    unit, magazine = s.units[u], s.magazines[m]
    rounds = rounds_for(tables, s, j, w)
    faced = now if unit["slews"] == 0 else face(tables, s, j, w, launch_once_faced(tables, s, j, w, now), now)
    unit["channels"] -= 1
    unit["guidance"] -= rounds
    magazine["reserved"] += rounds
    base = s.targets[threat]["base"]
    ready = now - base
    if job["engagements"] == 0:
        first = s.engagement_draws
        x, job["as_one"], job["shared"], job["judgement"] = first[0, j], first[1, j], first[2, j], first[3, j]
    else:
        x, job["as_one"], job["shared"], job["judgement"] = uniforms(
            seed, trial, s.job_keys[j], DRAW_ENGAGEMENT, job["engagements"], s.network_keys[j]
        )
    if u != job["last_unit"]:
        ready = max(ready + unit["reaction"], lock_tick(tables, window["lock"], max(ready, faced - base), x))
    job["rounds"], job["window"], job["state"] = rounds, w, READY
    job["ready"] = max(base + max(ready, window["open_ticks"]), faced)
    job["engagements"] += 1
    note(s, now, EV_ASSIGNED, threat, job["network"], u, m, float(rounds))
    schedule(s, j, min(job["ready"], base + window["close_ticks"] + 1))


@step
def serve(tables: Tables, s: State, seed: np.uint64, trial: int, u: int, now: int) -> None:
    """Assign what unit `u` has free to the jobs that wait for it, in the order of its network's policy."""
    unit = s.units[u]
    aside = False
    while unit["channels"] > 0 and unit["guidance"] > 0:
        j = first_in_line(s, u, now)
        if j < 0:
            break
        word, bit = j >> 6, np.uint64(1) << np.uint64(j & 63)
        s.waiting[u, word] ^= bit
        w = choose_of(tables, s, j, now, u)
        if w >= 0:
            assign(tables, s, seed, trial, j, now, w)
        elif s.waiting[u, word] & bit:  # it keeps waiting: the rounds it needs are not free; others may be served first
            s.waiting[u, word] ^= bit
            s.set_aside[word] |= bit
            aside = True
    if aside:
        for word in range(s.set_aside.size):
            if s.set_aside[word] != np.uint64(0):
                line_up(s, u, word, s.set_aside[word])
                s.set_aside[word] = np.uint64(0)


@part
def become_ready(tables: Tables, s: State, seed: np.uint64, trial: int, u: int, now: int) -> None:
    """Serve the jobs that waited for unit `u` to be ready; those that it has no channel for lack that from now on."""
    serve(tables, s, seed, trial, u, now)
    for word in range(s.waiting.shape[1]):
        bits = s.waiting[u, word]
        while bits != np.uint64(0):
            bit = lowest_bit(bits)
            bits ^= bit
            j = (word << 6) + bit_index(bit)
            if s.jobs[j]["state"] == WAITING and not gone(s, j, now):
                choose_of(tables, s, j, now, u)


@step
def first_in_line(s: State, u: int, now: int) -> int:
    """The job on the waiting list of unit `u` to be served first, or -1; jobs that no longer wait are removed."""
    by_track = s.units[u]["by_track"] == 1
    best, best_tick = -1, NEVER
    stretches = s.stretches[u]
    while stretches != np.uint64(0):
        stretch = lowest_bit(stretches)
        stretches ^= stretch
        first, left = bit_index(stretch) << s.stretch_bits, np.uint64(0)
        for word in range(first, min(first + (1 << s.stretch_bits), s.waiting.shape[1])):
            bits = s.waiting[u, word]
            while bits != np.uint64(0):
                bit = lowest_bit(bits)
                bits ^= bit
                j = (word << 6) + bit_index(bit)
                if s.jobs[j]["state"] != WAITING or gone(s, j, now):
                    s.waiting[u, word] ^= bit
                    continue
                tick = s.jobs[j]["tracked"] if by_track else s.targets[s.jobs[j]["threat"]]["end"]
                if tick < best_tick:
                    best, best_tick = j, tick
            left |= s.waiting[u, word]
        if left == np.uint64(0):
            s.stretches[u] ^= stretch
    return best


@part
def lowest_bit(word: np.uint64) -> np.uint64:
    """The word with only its lowest set bit."""
    return word & (~word + np.uint64(1))


@part
def bit_index(single: np.uint64) -> int:
    """The index of the set bit of a word with one bit set, by six halvings without branches."""
    index = 0
    for half in (32, 16, 8, 4, 2, 1):
        high = np.uint64(single >> np.uint64(half) != np.uint64(0)) * np.uint64(half)
        single >>= high
        index += int(high)
    return index


@step
def decide(tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int, since: int) -> None:
    """Assign a waiting job to one of its windows from the `since`-th on; if there is none, schedule it for when the next one opens.

    A job that has waited since its last decision considers only windows opened since: for all others it is on waiting lists. A unit that
    has just fired at the target keeps it locked if it engages it again at once, not while the job waits.
    """
    job = s.jobs[j]
    if ends(s, j, now):
        return
    base = s.targets[job["threat"]]["base"]
    open_windows(tables, s, j, now)
    w = choose(tables, s, j, now, since)
    if w >= 0:
        assign(tables, s, seed, trial, j, now, w)
        return
    job["last_unit"] = -1
    schedule(s, j, base + next_opening(tables, s, j) if job["opened"] < job["openings"] else NEVER)
