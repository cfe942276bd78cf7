"""What changes during a trial, the tree of live events, and the log.

Each job has at most one live event, a leaf of a tree of minima over `tick << JOB_BITS | job`: the root is the next event, ties go to the
lower job, nothing is ever stale.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import (
    JOB_BITS,
    NEVER,
    Ints,
    Packed,
    Records,
)
from closedsky.physics.jit import kernel, step

# states of a job
WAITING, READY, IN_FLIGHT, ASSESSING, DONE = 0, 1, 2, 3, 4

JOB_MASK = (1 << JOB_BITS) - 1
LONG_AGO_TICKS = 1 << 60


class State(NamedTuple):
    """Everything that changes during a trial, allocated once for many. Rows are threats, jobs, units, magazines."""

    base: Ints  # threat: tick of its own launch
    end: Ints  # threat: tick of its endpoint
    fails: Ints  # threat: tick at which it fails by itself, or NEVER
    dies: Ints  # threat: tick at which a round kills it, or NEVER
    fall: npt.NDArray[np.float64]  # threat: the uniform that says how near its aim point it comes down
    tree: Ints  # minima of the live events
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
        np.empty(threats),
        np.empty(2 * leaves, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(jobs, np.int64), np.empty(jobs, np.int64), np.empty(jobs, np.int64),
        np.empty(units, np.int64), np.empty(units, np.int64), np.empty(units, np.int64),
        np.empty(magazines, np.int64), np.empty(magazines, np.int64),
        np.zeros((units, (jobs + 63) // 64), np.uint64),
        np.empty(packed.assets.size), log, np.zeros(1, np.int64),
    )  # fmt: skip


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


@step
def gone(s: State, job: int, threat: int, now: int) -> bool:
    """Whether the target of `job` has failed, reached its endpoint, or been seen to die by `now`."""
    return bool(s.fails[threat] <= now or s.end[threat] <= now or (s.dies[threat] <= now and s.ghost[job] == 0))
