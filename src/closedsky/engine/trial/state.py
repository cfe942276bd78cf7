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
    HELD_BY_RULES,
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
from closedsky.physics.jit import part, step

# states of a job
WAITING, READY, IN_FLIGHT, ASSESSING, DONE = 0, 1, 2, 3, 4

LONG_AGO_TICKS = 1 << 60

TARGET = np.dtype([("base", "i8"), ("end", "i8"), ("fails", "i8"), ("dies", "i8"), ("fall", "f8")])
"""A threat in a trial: ticks of its launch and endpoint, at which it fails by itself or is killed (or NEVER); where in its CEP it falls."""

JOB = np.dtype([
    # the same in every trial
    ("threat", "u4"), ("network", "u4"), ("first_window", "i4"), ("windows", "i4"),
    ("first_look", "i4"), ("looks", "i4"), ("any_detection", "f8"), ("cause_untracked", "i4"), ("cause_untried", "i4"),
    # how it stands: windows that have opened; the assignment: window, rounds (reserved, then in the air), earliest launch
    ("state", "i4"), ("opened", "i4"), ("window", "u4"), ("rounds", "i4"), ("ready", "i8"), ("tracked", "i8"),
    # unit that has just fired at it and holds it locked (or -1), rounds fired, engagements, whether it is dead but judged alive, its cause
    ("last_unit", "i4"), ("fired", "i4"), ("engagements", "i4"), ("false_survival", "i4"), ("cause", "i4"),
    # draws of this engagement: salvo as one?, its one draw, the judgement
    ("as_one", "f8"), ("shared", "f8"), ("judgement", "f8"),
])  # fmt: skip

UNIT_NOW = np.dtype([
    ("channels", "i8"), ("guidance", "i8"), ("next_launch", "i8"),
    # the same in every trial
    ("reaction", "i8"), ("launch_interval", "i8"), ("assessment", "i8"), ("false_kill", "f8"), ("false_survival", "f8"),
    ("guidance_can_bind", "i8"), ("by_track", "i8"),
])  # fmt: skip
"""What a unit has free, and when it can launch again; beside it what the trial needs to know of it (ticks)."""

MAGAZINE_NOW = np.dtype([("stock", "i8"), ("reserved", "i8")])
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
    threat_draws: Floats  # 4 × threat: see draws.DRAW_THREAT
    track_draws: Floats  # 4 × job
    engagement_draws: Floats  # 4 × job: of the first engagement
    rounds_draws: Floats  # 4 × job: of the first four rounds
    log: Records
    logged: Ints  # one cell: how many events the log holds


def new_state(packed: Packed, tables: Tables, log: Records) -> State:
    """Scratch for trials over `packed`, with all that is the same in every trial filled in; the trials' events go to `log`."""
    threats, networks = packed.threats.size, packed.networks.size
    jobs = _jobs(packed, tables)
    job_bits = max(jobs.size - 1, 0).bit_length()
    words = (jobs.size + 63) // 64
    return State(
        targets=np.zeros(threats, TARGET), jobs=jobs, units=_units(packed), magazines=np.zeros(packed.magazines.size, MAGAZINE_NOW),
        tree=np.full(2 << job_bits, NEVER), job_bits=job_bits,
        waiting=np.zeros((packed.units.size, words), np.uint64), stretches=np.zeros(packed.units.size, np.uint64),
        stretch_bits=max(job_bits - 12, 0), set_aside=np.zeros(words, np.uint64), intact=np.empty(packed.assets.size),
        threat_keys=packed.threats["key"].copy(), no_keys=np.zeros(threats, np.uint64),
        job_keys=np.repeat(packed.threats["key"], networks), network_keys=np.tile(packed.networks["key"], threats),
        threat_draws=np.empty((4, threats)), track_draws=np.empty((4, jobs.size)), engagement_draws=np.empty((4, jobs.size)),
        rounds_draws=np.empty((4, jobs.size)), log=log, logged=np.zeros(1, np.int64),
    )  # fmt: skip


def _jobs(packed: Packed, tables: Tables) -> Records:
    """The jobs, each network's of the first threat, then of the second and so on, with what is the same in every trial."""
    networks = packed.networks.size
    jobs = np.zeros(packed.threats.size * networks, JOB)
    jobs["threat"], jobs["network"] = np.divmod(np.arange(jobs.size), max(networks, 1))
    row = np.repeat(packed.threats["flight"].astype(np.int64) * networks, networks) + jobs["network"]
    sights, pairings = tables.sights[row], tables.pairings[row]
    jobs["first_window"], jobs["windows"] = pairings["first_window"], pairings["windows"]
    jobs["first_look"], jobs["looks"], jobs["any_detection"] = sights["first"], sights["count"], sights["any_detection"]
    beside = (sights["count"] == 0) & (sights["outside_sector"] == 1)
    jobs["cause_untracked"] = np.select([sights["in_sight"] == 0, beside], [NO_SIGHT, OUTSIDE_SECTOR], TOO_WEAK)
    none = pairings["windows"] == 0
    beside, held = none & (pairings["outside_sector"] == 1), none & (pairings["held_by_rules"] == 1)
    jobs["cause_untried"] = np.select([beside, held], [OUTSIDE_SECTOR, HELD_BY_RULES], NO_TIME)
    return jobs


def _units(packed: Packed) -> Records:
    units = np.zeros(packed.units.size, UNIT_NOW)
    for name, source in _SAME_IN_EVERY_TRIAL.items():
        units[name] = packed.units[source]
    units["by_track"] = packed.networks["policy"][packed.units["network"]] == FIRST_TRACKED
    return units


_SAME_IN_EVERY_TRIAL = {
    "reaction": "reaction_ticks", "launch_interval": "launch_interval_ticks", "assessment": "assessment_ticks",
    "false_kill": "false_kill", "false_survival": "false_survival", "guidance_can_bind": "guidance_can_bind",
}  # fmt: skip


@part
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


@part
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


@part
def gone(s: State, j: int, now: int) -> bool:
    """Whether the target of job `j` has failed, reached its endpoint, or been seen to die by `now`."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    return bool(target["fails"] <= now or target["end"] <= now or (target["dies"] <= now and job["false_survival"] == 0))


@part
def wait_for(s: State, j: int, u: int) -> None:
    """Put job `j` on the waiting list of unit `u`."""
    line_up(s, u, j >> 6, np.uint64(1) << np.uint64(j & 63))


@part
def line_up(s: State, u: int, word: int, bits: np.uint64) -> None:
    """Put the jobs of some bits of a word on the waiting list of unit `u`."""
    s.waiting[u, word] |= bits
    s.stretches[u] |= np.uint64(1) << np.uint64(word >> s.stretch_bits)
