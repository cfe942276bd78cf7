"""One trial, told as a story: the raid is drawn, jobs open, and events follow one another until nothing is left to do.

A *job* is one threat as one network sees it. It waits for a fire unit, is assigned (a channel, guidance and rounds are reserved), launches,
is assessed, and waits again or is done. Each job has at most one live event, kept in a tree of minima over `tick << JOB_BITS | job`:
the root is the next event, ties go to the lower job, nothing is ever stale.

All times are ticks (1 µs). The tables are on each threat's own clock; `base` moves them to the clock of the raid.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.chance import ASSESSMENT, FAILURE, IMPACT, KILL, LOCK, TIMING, TRACK, uniforms
from closedsky.engine.layout import (
    AT_IMPACT,
    ENGAGED,
    EV_ASSIGNED,
    EV_CAUSE,
    EV_FAILED,
    EV_HIT,
    EV_IMPACT,
    EV_INTERCEPT,
    EV_JUDGED_ALIVE,
    EV_JUDGED_KILLED,
    EV_KILLED,
    EV_LAUNCHED,
    EV_MISSILE,
    EV_RELEASE,
    EV_RELEASED,
    EV_TRACK,
    FAILED,
    FIRST_TRACKED,
    HELD,
    HITS,
    IMPACTS,
    JOB_BITS,
    KILLED,
    LAUNCHED,
    LEAKERS,
    MISSED,
    NEVER,
    NO_CHANNEL,
    NO_ROUNDS,
    NO_SIGHT,
    NO_TIME,
    NO_TRACK,
    OUTSIDE_SECTOR,
    RELEASES,
    ROUNDS_FIRED,
    THREATENING,
    THREATENING_LEAKERS,
    TICKS_PER_S,
    TOO_WEAK,
    TRACKED,
    WOULD_FAIL,
    Ints,
    Outcomes,
    Packed,
    Records,
    Tables,
)
from closedsky.physics.jit import kernel, step
from closedsky.physics.lethality import area_share

# states of a job
WAITING, READY, IN_FLIGHT, ASSESSING, DONE = 0, 1, 2, 3, 4

_JOB_MASK = (1 << JOB_BITS) - 1
_NO_LIMIT = 1 << 60


class State(NamedTuple):
    """Everything that changes during a trial, allocated once for many. Rows are threats, jobs, units, magazines."""

    base: Ints  # threat: tick of its own launch
    end: Ints  # threat: tick of its endpoint
    fails: Ints  # threat: tick at which it fails by itself, or NEVER
    dies: Ints  # threat: tick at which a round kills it, or NEVER
    tree: Ints
    state: Ints  # job
    tracked: Ints  # job: tick of the confirmed track
    opened: Ints  # job: how many of its windows have come up for assignment
    window: Ints  # job: the window it is assigned to
    last_unit: Ints  # job: the unit that holds it locked, or -1
    rounds: Ints  # job: rounds reserved, then in the air; each holds guidance
    ready: Ints  # job: earliest launch of the assignment
    ghost: Ints  # job: 1 once a dead target has been judged alive
    fired: Ints  # job: rounds launched so far
    engagements: Ints  # job
    cause: Ints  # job
    channels: Ints  # unit: free
    guidance: Ints  # unit: free
    next_launch: Ints  # unit
    stock: Ints  # magazine: rounds on the launchers
    held: Ints  # magazine: rounds reserved by assignments
    waiting: npt.NDArray[np.uint64]  # unit × word: which jobs wait for it
    asset_intact: npt.NDArray[np.float64]
    log: Records
    logged: Ints  # one cell: how many events the log holds


@kernel
def new_state(packed: Packed, log: Records) -> State:
    """Scratch for trials over `packed`."""
    threats, units, magazines = packed.threats.size, packed.units.size, packed.magazines.size
    jobs = threats * packed.networks.size
    leaves = 1
    while leaves < max(jobs, 1):
        leaves *= 2
    return State(
        np.empty(threats, np.int64), np.empty(threats, np.int64), np.empty(threats, np.int64), np.empty(threats, np.int64),
        np.empty(2 * leaves, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(units, np.int64), np.empty(units, np.int64), np.empty(units, np.int64),
        np.empty(magazines, np.int64), np.empty(magazines, np.int64),
        np.zeros((units, (jobs + 63) // 64), np.uint64),
        np.empty(packed.assets.size), log, np.zeros(1, np.int64),
    )  # fmt: skip


# ---------------------------------------------------------------- the event tree


@step
def schedule(s: State, job: int, tick: int) -> None:
    """Make `tick` the one live event of `job` (NEVER for none)."""
    i = (s.tree.size >> 1) + job
    key = NEVER if tick >= NEVER >> JOB_BITS else tick << JOB_BITS | job
    s.tree[i] = key
    i >>= 1
    while i > 0:
        low = min(s.tree[2 * i], s.tree[2 * i + 1])
        if s.tree[i] == low:
            break
        s.tree[i] = low
        i >>= 1


@step
def note(s: State, tick: int, kind: int, threat: int, network: int, unit: int, magazine: int, value: float) -> None:
    """Write one event, if this trial is logged."""
    i = s.logged[0]
    if i < s.log.size:
        row = s.log[i]
        row["tick"], row["kind"], row["threat"], row["network"] = tick, kind, threat, network
        row["unit"], row["magazine"], row["value"] = unit, magazine, value
        s.logged[0] = i + 1


# ---------------------------------------------------------------- the raid


@step
def draw_raid(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """When each threat is launched, and whether and when it fails by itself."""
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
        s.fails[i] = NEVER
        if threat["reliability"] < 1.0:
            u, v = uniforms(seed, trial, threat["key"], FAILURE, 0)
            if u >= threat["reliability"]:
                s.fails[i] = s.base[i] + int(v * duration)


@step
def gone(s: State, job: int, threat: int, now: int) -> bool:
    """Whether the target of `job` has failed, reached its endpoint, or been seen to die by `now`."""
    return bool(s.fails[threat] <= now or s.end[threat] <= now or (s.dies[threat] <= now and s.ghost[job] == 0))


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
    return tables.track_ticks[low] if low < first + count else NEVER


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


# ---------------------------------------------------------------- decide


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


# ---------------------------------------------------------------- launch, intercept, assess


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
    return u


@step
def launch(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, job: int, now: int) -> None:
    """The assigned unit fires its salvo, as soon as the target is locked and a launcher is free, or gives up when the window has closed."""
    networks = packed.networks.size
    threat, network = job // networks, job % networks
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
    meet = now
    for k in range(rounds):
        tick = now + k * interval
        meet = s.base[threat] + intercept_tick(tables, s.window[job], tick - s.base[threat])
        luck = shared
        if as_one >= packed.salvo_correlation:
            luck, _ = uniforms(seed, trial, key, KILL, network << 16 | s.fired[job])
        s.fired[job] += 1
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


# ---------------------------------------------------------------- the whole story


@step
def play(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """Run one trial to its last event."""
    draw_raid(packed, tables, s, seed, trial)
    for u in range(packed.units.size):
        s.channels[u] = packed.units[u]["channels"]
        s.guidance[u] = packed.units[u]["missiles_guided"]
        s.next_launch[u] = -_NO_LIMIT
        s.waiting[u, :] = np.uint64(0)
    for m in range(packed.magazines.size):
        s.stock[m] = packed.magazines[m]["rounds"]
        s.held[m] = 0
    open_jobs(packed, tables, s, seed, trial)
    while s.tree[1] < NEVER:
        now, job = s.tree[1] >> JOB_BITS, s.tree[1] & _JOB_MASK
        state = s.state[job]
        if state == WAITING:
            decide(packed, tables, s, seed, trial, job, now)
        elif state == READY:
            launch(packed, tables, s, seed, trial, job, now)
        elif state == IN_FLIGHT:
            land(packed, tables, s, seed, trial, job, now)
        else:
            assess(packed, tables, s, seed, trial, job, now)


@step
def score(packed: Packed, s: State, seed: np.uint64, trial: int, row: int, out: Outcomes) -> None:
    """What the trial came to: fold the fate of each threat into the row of this trial."""
    counts = out.counts[row]
    networks = packed.networks.size
    for a in range(packed.assets.size):
        s.asset_intact[a] = 1.0
    for i in range(packed.threats.size):
        threat = packed.threats[i]
        counts[LAUNCHED] += 1
        note(s, s.base[i], EV_LAUNCHED, i, -1, -1, -1, 0.0)
        cause, tracked, fired = NO_SIGHT, 0, 0
        for job in range(i * networks, (i + 1) * networks):
            cause = max(cause, s.cause[job])
            fired += s.fired[job]
            if s.tracked[job] < NEVER:
                tracked = 1
        counts[TRACKED] += tracked
        counts[ENGAGED] += 1 if fired > 0 else 0
        counts[ROUNDS_FIRED] += fired
        threatening, miss_m = aim(packed, i, seed, trial)
        would_fail = s.fails[i] < NEVER
        counts[WOULD_FAIL] += 1 if would_fail else 0
        counts[THREATENING] += 1 if threatening and not would_fail else 0
        if s.dies[i] < NEVER:
            counts[KILLED] += 1
            note(s, s.dies[i], EV_KILLED, i, -1, -1, -1, 0.0)
        elif would_fail:
            counts[FAILED] += 1
            note(s, s.fails[i], EV_FAILED, i, -1, -1, -1, 0.0)
        else:
            counts[LEAKERS] += 1
            counts[THREATENING_LEAKERS] += 1 if threatening else 0
            out.causes[row, cause] += 1
            note(s, s.end[i], EV_CAUSE, i, -1, -1, -1, float(cause))
            if threat["endpoint"] == AT_IMPACT:
                counts[IMPACTS] += 1
                note(s, s.end[i], EV_IMPACT, i, -1, -1, -1, miss_m)
                strike(packed, s, i, threatening, row, out)
            else:
                counts[RELEASES] += 1
                note(s, s.end[i], EV_RELEASE, i, -1, -1, -1, 0.0)
    for m in range(packed.magazines.size):
        out.rounds[row, m] = packed.magazines[m]["rounds"] - s.stock[m]
    for a in range(packed.assets.size):
        out.value_lost[row] += packed.assets[a]["value"] * (1.0 - s.asset_intact[a])


@step
def aim(packed: Packed, i: int, seed: np.uint64, trial: int) -> tuple[bool, float]:
    """Whether the threat would hit its asset if it arrived, and its miss distance (circular normal, so Rayleigh in the radius)."""
    threat = packed.threats[i]
    if threat["asset"] < 0:
        return False, 0.0
    if threat["endpoint"] != AT_IMPACT:
        return True, 0.0
    u, _ = uniforms(seed, trial, threat["key"], IMPACT, 0)
    miss_m = threat["miss_sigma_m"] * math.sqrt(-2.0 * math.log1p(-u))
    return miss_m <= packed.assets[threat["asset"]]["radius_m"] + threat["lethal_radius_m"], miss_m


@step
def strike(packed: Packed, s: State, i: int, hit: bool, row: int, out: Outcomes) -> None:
    """An impact: count it against its asset, and take the share of the asset within the lethal radius."""
    threat = packed.threats[i]
    a = threat["asset"]
    if a < 0:
        return
    out.asset_impacts[row, a] += 1
    if hit:
        out.counts[row, HITS] += 1
        out.asset_hits[row, a] += 1
        s.asset_intact[a] *= 1.0 - area_share(threat["lethal_radius_m"], packed.assets[a]["radius_m"])
        note(s, s.end[i], EV_HIT, i, -1, -1, -1, float(a))


@kernel
def run_trials(packed: Packed, tables: Tables, seed: np.uint64, first: int, last: int, out: Outcomes, log: Records) -> int:
    """Trials `first` to `last` (exclusive) into rows 0… of `out`. Events go to `log` while it has room; returns how many."""
    state = new_state(packed, log)
    for trial in range(first, last):
        play(packed, tables, state, seed, trial)
        score(packed, state, seed, trial, trial - first, out)
    return state.logged[0]
