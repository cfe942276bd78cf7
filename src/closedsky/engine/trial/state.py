"""What changes during a trial, the tree of live events, and the log.

Each job has at most one live event, `tick << job_bits | job`, so nothing in the tree is ever stale and ties go to the lower job. The tree
holds the least of each pair, root at 1, leaves in its second half. Climbing, a new key meets the other child of each node and carries on as
the lesser of the two: no level waits for what the one below has stored, and no branch is guessed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import (
    FIRST_TRACKED,
    HELD,
    NEVER,
    NO_SIGHT,
    NO_TIME,
    OUTSIDE_SECTOR,
    TOO_WEAK,
    Floats,
    Ints,
    Packed,
    Records,
    Tables,
)
from closedsky.physics.jit import kernel, step

# states of a job
WAITING, READY, IN_FLIGHT, ASSESSING, DONE = 0, 1, 2, 3, 4

LONG_AGO_TICKS = 1 << 60

TARGET = np.dtype([("base", "i8"), ("end", "i8"), ("fails", "i8"), ("dies", "i8"), ("fall", "f8")])
"""A threat in a trial: ticks of its launch and endpoint, at which it fails by itself or is killed (or NEVER); where in its CEP it falls."""

JOB = np.dtype([
    # the same in every trial
    ("threat", "u4"), ("network", "u4"), ("first_window", "i4"), ("windows", "i4"),
    ("first_look", "i4"), ("looks", "i4"), ("any_detection", "f8"), ("cause_untracked", "i4"), ("cause_untried", "i4"),
    # how it stands: windows that have come up; the assignment: window, rounds (reserved, then in the air), earliest launch
    ("state", "i4"), ("opened", "i4"), ("window", "u4"), ("rounds", "i4"), ("ready", "i8"), ("tracked", "i8"),
    # unit that has just fired at it and holds it locked (or -1), rounds fired, engagements, whether it is dead but judged alive, its cause
    ("last_unit", "i4"), ("fired", "i4"), ("engagements", "i4"), ("ghost", "i4"), ("cause", "i4"),
    # luck of this engagement: salvo as one?, its one draw, the judgement
    ("as_one", "f8"), ("shared", "f8"), ("judgement", "f8"),
])  # fmt: skip

UNIT_NOW = np.dtype([
    ("channels", "i8"), ("guidance", "i8"), ("next_launch", "i8"),
    # the same in every trial
    ("reaction", "i8"), ("launch_interval", "i8"), ("assessment", "i8"), ("false_kill", "f8"), ("false_survival", "f8"),
    ("guidance_can_bind", "i8"), ("by_track", "i8"),
])  # fmt: skip
"""What a unit has free, and when it can launch again; beside it what the trial needs to know of it (ticks)."""

MAGAZINE_NOW = np.dtype([("stock", "i8"), ("held", "i8")])
"""Rounds on the launchers, and how many of them assignments have reserved."""


class State(NamedTuple):
    """Everything that changes during a trial, allocated once for many."""

    targets: Records
    jobs: Records
    units: Records
    magazines: Records
    tree: Ints  # node: the earliest live event below it, or NEVER; leaf `1 << job_bits | job`
    job_bits: int  # a job's number takes this many bits of its event; the tick has the rest
    waiting: npt.NDArray[np.uint64]  # unit × word: which jobs wait for it, a bit each
    stretches: npt.NDArray[np.uint64]  # unit: in which stretches of its list anybody may wait, a bit each
    stretch_bits: int  # a stretch is so many doublings of a word; there are at most 64
    set_aside: npt.NDArray[np.uint64]  # word: jobs that a unit passes over while it serves others
    intact: Floats  # share of each asset still standing
    threat_keys: npt.NDArray[np.uint64]  # threat
    no_keys: npt.NDArray[np.uint64]  # threat: zeros, where a draw has no second entity
    job_keys: npt.NDArray[np.uint64]  # job: key of its threat
    network_keys: npt.NDArray[np.uint64]  # job: key of its network
    threat_luck: Floats  # 4 × threat: see chance.THREAT
    track_luck: Floats  # 4 × job
    engagement_luck: Floats  # 4 × job: of the first engagement
    rounds_luck: Floats  # 4 × job: of the first four rounds
    log: Records
    logged: Ints  # one cell: how many events the log holds


@kernel
def new_state(packed: Packed, tables: Tables, log: Records) -> State:
    """Scratch for trials over `packed`, with all that is the same in every trial filled in."""
    networks = packed.networks.size
    jobs = np.zeros(packed.threats.size * networks, JOB)
    job_keys = np.empty(jobs.size, np.uint64)
    network_keys = np.empty(jobs.size, np.uint64)
    for j in range(jobs.size):
        threat, network = j // networks, j % networks
        row = packed.threats[threat]["flight"] * networks + network
        sight, pairing, job = tables.sights[row], tables.pairings[row], jobs[j]
        job["threat"], job["network"] = threat, network
        job_keys[j], network_keys[j] = packed.threats[threat]["key"], packed.networks[network]["key"]
        job["first_window"], job["windows"] = pairing["first_window"], pairing["windows"]
        job["first_look"], job["looks"], job["any_detection"] = sight["first"], sight["count"], sight["any_detection"]
        if sight["in_sight"] == 0:
            job["cause_untracked"] = NO_SIGHT
        else:
            job["cause_untracked"] = OUTSIDE_SECTOR if sight["count"] == 0 and sight["outside_sector"] == 1 else TOO_WEAK
        job["cause_untried"] = NO_TIME
        if pairing["windows"] == 0 and pairing["outside_sector"] == 1:
            job["cause_untried"] = OUTSIDE_SECTOR
        elif pairing["windows"] == 0 and pairing["held"] == 1:
            job["cause_untried"] = HELD
    job_bits = 0
    while 1 << job_bits < jobs.size:
        job_bits += 1
    words = (jobs.size + 63) // 64
    return State(
        np.zeros(packed.threats.size, TARGET), jobs, _units(packed),
        np.zeros(packed.magazines.size, MAGAZINE_NOW), np.full(2 << job_bits, NEVER), job_bits,
        np.zeros((packed.units.size, words), np.uint64), np.zeros(packed.units.size, np.uint64), max(job_bits - 12, 0),
        np.zeros(words, np.uint64),
        np.empty(packed.assets.size),
        packed.threats["key"].copy(), np.zeros(packed.threats.size, np.uint64), job_keys, network_keys,
        np.empty((4, packed.threats.size)), np.empty((4, jobs.size)), np.empty((4, jobs.size)), np.empty((4, jobs.size)),
        log, np.zeros(1, np.int64),
    )  # fmt: skip


@kernel
def _units(packed: Packed) -> Records:
    units = np.zeros(packed.units.size, UNIT_NOW)
    for u in range(units.size):
        unit, row = units[u], packed.units[u]
        unit["reaction"], unit["launch_interval"], unit["assessment"] = (
            row["reaction_ticks"], row["launch_interval_ticks"], row["assessment_ticks"],
        )  # fmt: skip
        unit["false_kill"], unit["false_survival"] = row["false_kill"], row["false_survival"]
        unit["guidance_can_bind"] = row["guidance_can_bind"]
        unit["by_track"] = int(packed.networks[row["network"]]["policy"] == FIRST_TRACKED)
    return units


@step
def event_of(s: State, j: int, tick: int) -> int:
    """The event of job `j` at `tick`, or NEVER."""
    return NEVER if tick >= NEVER >> s.job_bits else tick << s.job_bits | j


@step
def schedule(s: State, j: int, tick: int) -> None:
    """Make `tick` the one live event of job `j` (NEVER for none)."""
    i = 1 << s.job_bits | j
    event = event_of(s, j, tick)
    s.tree[i] = event
    while i > 1:
        event = min(event, s.tree[i ^ 1])
        i >>= 1
        s.tree[i] = event


@step
def grow_tree(s: State) -> None:
    """Work out every node from the leaves."""
    for i in range((1 << s.job_bits) - 1, 0, -1):
        s.tree[i] = min(s.tree[2 * i], s.tree[2 * i + 1])


@step
def note(s: State, tick: int, kind: int, threat: int, network: int, unit: int, magazine: int, value: float) -> None:
    """Write one event, if this trial is logged."""
    if s.log.size == 0:
        return
    i = s.logged[0]
    if i < s.log.size:
        row = s.log[i]
        row["tick"], row["kind"], row["threat"], row["network"] = tick, kind, threat, network
        row["unit"], row["magazine"], row["value"] = unit, magazine, value
        s.logged[0] = i + 1


@step
def gone(s: State, j: int, now: int) -> bool:
    """Whether the target of job `j` has failed, reached its endpoint, or been seen to die by `now`."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    return bool(target["fails"] <= now or target["end"] <= now or (target["dies"] <= now and job["ghost"] == 0))


@step
def wait_for(s: State, j: int, u: int) -> None:
    """Put job `j` on the waiting list of unit `u`."""
    line_up(s, u, j >> 6, np.uint64(1) << np.uint64(j & 63))


@step
def line_up(s: State, u: int, word: int, bits: np.uint64) -> None:
    """Put the jobs of some bits of a word on the waiting list of unit `u`."""
    s.waiting[u, word] |= bits
    s.stretches[u] |= np.uint64(1) << np.uint64(word >> s.stretch_bits)
