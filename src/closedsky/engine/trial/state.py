"""The state of a trial, with its event queue (a tournament tree) and its log.

Each job has at most one live event, `tick << leaf_bits | job`, so the tree has no stale entries and ties go to the lower job. Where
units come up or reload during a trial, the leaves of the jobs are followed by those of units and magazines. Each node
holds the lesser of its two children, with the root at 1 and leaves in the second half. On the way up, a new key is compared with the
sibling at each level and replaced by the lesser: no level waits for a stored value of the level below, and there are no branches.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import (
    FIRST_TRACKED,
    GREEDY_VALUE,
    HELD_BY_RULES,
    LONG_AGO,
    NEVER,
    NO_SIGHT,
    NO_TIME,
    OUTSIDE_SECTOR,
    TOO_WEAK,
    Floats,
    Ints,
    Packed,
    PackedDefence,
    Records,
    Tables,
)
from closedsky.engine.trial.matching import Workspace, workspace
from closedsky.physics.jit import part, step

# states of a job
WAITING, READY, IN_FLIGHT, ASSESSING, TAKEN_FOR_DEAD, DONE = 0, 1, 2, 3, 4, 5

# what radars that vary could have seen of a target: looks that could detect, one that did, looks lost while a radar did not radiate
SEEN, DETECTED, NOT_RADIATING = 1, 2, 4

TARGET = np.dtype([("base", "i8"), ("end", "i8"), ("fails", "i8"), ("dies", "i8"), ("fall", "f8"), ("worth", "f8")])
"""A threat in a trial: ticks of launch and endpoint, of failure and of kill (or NEVER), and the draw of its miss distance; what it is
expected to destroy, the same in every trial."""

JOB = np.dtype([
    # the same in every trial
    ("threat", "u4"), ("network", "u4"), ("first_opening", "i4"), ("openings", "i4"), ("first_reach", "i4"),
    ("first_look", "i4"), ("looks", "i4"), ("any_detection", "f8"), ("cause_untracked", "i4"), ("cause_untried", "i4"),
    ("first_watch", "i4"), ("watches", "i4"),
    # drawn at its beginning: what radars that vary see of it (bits), and what its network takes it for
    ("glimpses", "i4"), ("identity", "i4"),
    # whether a policy that weighs values has to say why it is not engaged, if it is not
    ("fresh", "i4"),
    # current state: windows that have opened, and up to when (flight clock); the assignment: window, rounds (reserved, then in the air),
    # earliest launch
    ("state", "i4"), ("opened", "i4"), ("opened_until", "i8"), ("window", "u4"), ("rounds", "i4"), ("ready", "i8"), ("tracked", "i8"),
    # unit that has just fired at it and holds it locked (or -1), rounds fired, engagements, whether it is dead but judged alive, its cause
    ("last_unit", "i4"), ("fired", "i4"), ("engagements", "i4"), ("false_survival", "i4"), ("cause", "i4"),
    # draws of this engagement: whether the salvo is fully dependent, its common draw, the assessment
    ("as_one", "f8"), ("shared", "f8"), ("judgement", "f8"),
])  # fmt: skip

UNIT_NOW = np.dtype([
    ("channels", "i8"), ("guidance", "i8"), ("next_launch", "i8"), ("able", "i8"),
    # the same in every trial
    ("reaction", "i8"), ("launch_interval", "i8"), ("assessment", "i8"), ("false_kill", "f8"), ("false_survival", "f8"),
    ("guidance_can_bind", "i8"), ("by_track", "i8"), ("all_channels", "i8"),
    ("slews", "i8"), ("slew_ticks_per_rad", "f8"), ("half_sector_rad", "f8"), ("heading_rad", "f8"), ("slewed", "i8"),
])  # fmt: skip
"""Free channels and guidance of a unit, its earliest next launch, and from when on it may fire; with its constants (times in ticks)."""

SITE_NOW = np.dtype([("up", "i8"), ("cued", "i8")])
"""From when on a site is up, and whether it waits for the first track of its network, or has."""

MAGAZINE_NOW = np.dtype([
    ("stock", "i8"), ("reserved", "i8"), ("loading", "i8"), ("spare", "i8"), ("load", "i8"), ("load_ticks", "i8"), ("places", "i8"),
])  # fmt: skip
"""Rounds on the launchers, and how many of them assignments have reserved; those being loaded and those left to load; with constants."""


class State(NamedTuple):
    """Everything that changes during a trial, allocated once for many."""

    targets: Records
    jobs: Records
    units: Records
    magazines: Records
    sites: Records
    any_varies: int  # whether a site need not be up from the start
    tree: Ints  # node: the earliest live event under it, or NEVER; leaf `1 << leaf_bits | job`, then units, magazines
    leaf_bits: int  # the number of a job or unit takes this many bits of its event; the tick has the rest
    waiting: npt.NDArray[np.uint64]  # unit × word: the jobs that wait for it, one bit per job
    stretches: npt.NDArray[np.uint64]  # unit: the parts of its list in which jobs may wait, one bit per part
    stretch_bits: int  # a part has 2**stretch_bits words; there are at most 64 parts
    set_aside: npt.NDArray[np.uint64]  # word: jobs that a unit skips while it serves others
    defended: Ints  # threat: whether any missile of the defence may engage it
    intact: Floats  # share of each asset still standing
    threat_keys: npt.NDArray[np.uint64]  # threat
    no_keys: npt.NDArray[np.uint64]  # threat: zeros, where a draw has no second entity
    job_keys: npt.NDArray[np.uint64]  # job: key of its threat
    network_keys: npt.NDArray[np.uint64]  # job: key of its network
    threat_draws: Floats  # 4 × threat: see draws.DRAW_THREAT
    track_draws: Floats  # 4 × job
    engagement_draws: Floats  # 4 × job: of the first engagement
    rounds_draws: Floats  # 4 × job: of the first four rounds
    asked: Ints  # network: whether its policy, which weighs values, has something new to consider; last, whether any has
    candidates: Ints  # the jobs that it considers
    space: Workspace
    log: Records
    logged: Ints  # one element: number of events in the log


def new_state(packed: Packed, tables: Tables, log: Records) -> State:
    """Allocate the state for trials of `packed`, with everything constant filled in; events go to `log`."""
    threats, networks = packed.raid.threats.size, packed.defence.networks.size
    jobs = _jobs(packed, tables)
    sites, networks_of = packed.defence.sites, packed.defence.networks
    any_varies = bool(np.any((sites["probability"] < 1.0) | (sites["from_ticks"] > LONG_AGO) | (sites["silent"] == 1)))
    come = (
        any_varies or bool(np.any(networks_of["fire_from_ticks"] > LONG_AGO)) or bool(np.any(packed.defence.magazines["spare"]))
    )
    leaves = jobs.size + (packed.defence.units.size + packed.defence.magazines.size if come else 0)
    leaf_bits = max(leaves - 1, 0).bit_length()
    words = (jobs.size + 63) // 64
    weighs = bool(np.any(packed.defence.networks["policy"] >= GREEDY_VALUE))
    channels = int(packed.defence.units["channels"].sum())
    return State(
        targets=_targets(packed), jobs=jobs, units=_units(packed.defence),
        magazines=_magazines(packed.defence), sites=np.zeros(sites.size, SITE_NOW),
        any_varies=int(any_varies), tree=np.full(2 << leaf_bits, NEVER), leaf_bits=leaf_bits,
        waiting=np.zeros((packed.defence.units.size, words), np.uint64), stretches=np.zeros(packed.defence.units.size, np.uint64),
        stretch_bits=max(max(jobs.size - 1, 0).bit_length() - 12, 0), set_aside=np.zeros(words, np.uint64),
        defended=tables.defended[packed.raid.threats["flight"]], intact=np.empty(packed.defence.assets.size),
        threat_keys=packed.raid.threats["key"].copy(), no_keys=np.zeros(threats, np.uint64),
        job_keys=np.repeat(packed.raid.threats["key"], networks), network_keys=np.tile(packed.defence.networks["key"], threats),
        threat_draws=np.empty((4, threats)), track_draws=np.empty((4, jobs.size)), engagement_draws=np.empty((4, jobs.size)),
        rounds_draws=np.empty((4, jobs.size)), asked=np.zeros(networks + 1, np.int64),
        candidates=np.zeros(threats if weighs else 0, np.int64),
        space=workspace(threats if weighs else 0, packed.defence.units.size, channels if weighs else 0), log=log,
        logged=np.zeros(1, np.int64),
    )  # fmt: skip


def _targets(packed: Packed) -> Records:
    targets = np.zeros(packed.raid.threats.size, TARGET)
    targets["worth"] = packed.raid.threats["worth"]
    return targets


def _jobs(packed: Packed, tables: Tables) -> Records:
    """The jobs, ordered by threat and then by network, with their constant fields."""
    networks = packed.defence.networks.size
    jobs = np.zeros(packed.raid.threats.size * networks, JOB)
    jobs["threat"], jobs["network"] = np.divmod(np.arange(jobs.size), max(networks, 1))
    row = np.repeat(packed.raid.threats["flight"].astype(np.int64) * networks, networks) + jobs["network"]
    sights, pairings = tables.sights[row], tables.pairings[row]
    jobs["first_opening"], jobs["openings"] = pairings["first_opening"], pairings["openings"]
    jobs["first_reach"] = np.repeat(packed.raid.threats["flight"].astype(np.int64) * packed.defence.units.size, networks)
    jobs["first_look"], jobs["looks"], jobs["any_detection"] = sights["first"], sights["count"], sights["any_detection"]
    beside = (sights["count"] == 0) & (sights["outside_sector"] == 1)
    jobs["cause_untracked"] = np.select([sights["in_sight"] == 0, beside], [NO_SIGHT, OUTSIDE_SECTOR], TOO_WEAK)
    jobs["watches"] = radars = tables.watches.size // max(tables.duration_ticks.size, 1)
    jobs["first_watch"] = np.repeat(packed.raid.threats["flight"].astype(np.int64) * radars, networks)
    none = pairings["openings"] == 0
    beside, held = none & (pairings["outside_sector"] == 1), none & (pairings["held_by_rules"] == 1)
    jobs["cause_untried"] = np.select([beside, held], [OUTSIDE_SECTOR, HELD_BY_RULES], NO_TIME)
    return jobs


def _units(defence: PackedDefence) -> Records:
    units = np.zeros(defence.units.size, UNIT_NOW)
    for name, source in _SAME_IN_EVERY_TRIAL.items():
        units[name] = defence.units[source]
    units["by_track"] = defence.networks["policy"][defence.units["network"]] == FIRST_TRACKED
    return units


def _magazines(defence: PackedDefence) -> Records:
    magazines = np.zeros(defence.magazines.size, MAGAZINE_NOW)
    magazines["load"], magazines["load_ticks"] = defence.magazines["load"], defence.magazines["load_ticks"]
    magazines["places"] = defence.magazines["rounds"]
    return magazines


_SAME_IN_EVERY_TRIAL = {
    "reaction": "reaction_ticks", "launch_interval": "launch_interval_ticks", "assessment": "assessment_ticks",
    "false_kill": "false_kill", "false_survival": "false_survival", "guidance_can_bind": "guidance_can_bind",
    "all_channels": "channels", "slews": "slews", "slew_ticks_per_rad": "slew_ticks_per_rad", "half_sector_rad": "half_sector_rad",
}  # fmt: skip


@part
def event_of(s: State, leaf: int, tick: int) -> int:
    """The event of a leaf at `tick`, or NEVER."""
    return NEVER if tick >= NEVER >> s.leaf_bits else tick << s.leaf_bits | leaf


@step
def schedule(s: State, j: int, tick: int) -> None:
    """Make `tick` the one live event of job `j` (NEVER for none)."""
    i = 1 << s.leaf_bits | j
    event = event_of(s, j, tick)
    s.tree[i] = event
    while i > 1:
        event = min(event, s.tree[i ^ 1])
        i >>= 1
        s.tree[i] = event


@part
def grow_tree(s: State) -> None:
    """Compute every node from the leaves."""
    for i in range((1 << s.leaf_bits) - 1, 0, -1):
        s.tree[i] = min(s.tree[2 * i], s.tree[2 * i + 1])


@step
def note(s: State, tick: int, kind: int, threat: int, network: int, unit: int, magazine: int, value: float) -> None:
    """Append an event to the log, if this trial is logged and there is room."""
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
    """Whether the target of job `j` has failed, reached its endpoint, or been seen to be killed by `now`."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    return bool(target["fails"] <= now or target["end"] <= now or (target["dies"] <= now and job["false_survival"] == 0))


@part
def ends(s: State, j: int, now: int) -> bool:
    """End job `j` if its target is gone; whether it was."""
    if not gone(s, j, now):
        return False
    s.jobs[j]["state"] = DONE
    schedule(s, j, NEVER)
    return True


@part
def wait_for(s: State, j: int, u: int) -> None:
    """Put job `j` on the waiting list of unit `u`."""
    line_up(s, u, j >> 6, np.uint64(1) << np.uint64(j & 63))


@part
def line_up(s: State, u: int, word: int, bits: np.uint64) -> None:
    """Put the jobs given by the bits of a word on the waiting list of unit `u`."""
    s.waiting[u, word] |= bits
    s.stretches[u] |= np.uint64(1) << np.uint64(word >> s.stretch_bits)
