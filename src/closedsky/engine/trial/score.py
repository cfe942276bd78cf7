"""Scores a trial: the outcome of every threat, accumulated into one row of `Outcomes`."""

import math
from typing import Any

from closedsky.engine.layout import (
    AT_IMPACT,
    CIVILS,
    DECOYS,
    DECOYS_ENGAGED,
    ENGAGED,
    EV_CAUSE,
    EV_EXPENDED,
    EV_FAILED,
    EV_HIT,
    EV_IMPACT,
    EV_KILLED,
    EV_LAUNCHED,
    EV_RELEASE,
    FAILED,
    FRIENDLIES,
    FRIENDLY,
    HITS,
    HOSTILE,
    IMPACTS,
    KILLED,
    LAUNCHED,
    LEAKERS,
    NEVER,
    NO_DEFENCE,
    NO_SIGHT,
    RELEASES,
    ROUNDS_AT_DECOYS,
    ROUNDS_AT_OTHERS,
    ROUNDS_FIRED,
    THREATENING,
    THREATENING_LEAKERS,
    TRACKED,
    WOULD_FAIL,
    Outcomes,
    Packed,
)
from closedsky.engine.trial.state import State, note
from closedsky.physics.jit import part, step
from closedsky.physics.lethality import area_share


@step
def score(packed: Packed, s: State, row: int, out: Outcomes) -> None:
    """Accumulate the outcome of each threat into the row of this trial."""
    for a in range(packed.defence.assets.size):
        s.intact[a] = 1.0
    for i in range(packed.raid.threats.size):
        end_of(packed, s, i, row, out)
    for m in range(packed.defence.magazines.size):
        magazine, now = packed.defence.magazines[m], s.magazines[m]
        out.rounds[row, m] = magazine["rounds"] + magazine["spare"] - now["stock"] - now["loading"] - now["spare"]
    for a in range(packed.defence.assets.size):
        out.value_lost[row] += packed.defence.assets[a]["value"] * (1.0 - s.intact[a])


@step
def end_of(packed: Packed, s: State, i: int, row: int, out: Outcomes) -> None:
    """Score threat `i`: killed, failed, or a leaker with its cause."""
    counts = out.counts[row]
    networks = packed.defence.networks.size
    cause, tracked, fired = NO_SIGHT, 0, 0
    for job in range(i * networks, (i + 1) * networks):
        cause = max(cause, s.jobs[job]["cause"])
        fired += s.jobs[job]["fired"]
        if s.jobs[job]["tracked"] < NEVER:
            tracked = 1
    target = s.targets[i]
    note(s, target["base"], EV_LAUNCHED, i, -1, -1, -1, 0.0)
    counts[ROUNDS_FIRED] += fired
    side = packed.raid.threats[i]["side"]
    if side != HOSTILE:
        end_of_other(s, i, fired, FRIENDLIES if side == FRIENDLY else CIVILS, counts)
        return
    if packed.raid.threats[i]["decoy"] == 1:
        end_of_decoy(s, i, fired, counts)
        return
    would_fail = target["fails"] < NEVER
    threatening = 1 if target["fall"] < packed.raid.threats[i]["hit_share"] and not would_fail else 0
    counts[LAUNCHED] += 1
    counts[TRACKED] += tracked
    counts[ENGAGED] += 1 if fired > 0 else 0
    counts[WOULD_FAIL] += 1 if would_fail else 0
    counts[THREATENING] += threatening
    if target["dies"] < NEVER:
        counts[KILLED] += 1
        note(s, target["dies"], EV_KILLED, i, -1, -1, -1, 0.0)
    elif would_fail:
        counts[FAILED] += 1
        note(s, target["fails"], EV_FAILED, i, -1, -1, -1, 0.0)
    else:
        if s.defended[i] == 0:
            cause = NO_DEFENCE
        counts[LEAKERS] += 1
        counts[THREATENING_LEAKERS] += threatening
        out.causes[row, cause] += 1
        note(s, target["end"], EV_CAUSE, i, -1, -1, -1, float(cause))
        arrive(packed, s, i, threatening == 1, row, out)


@part
def end_of_decoy(s: State, i: int, fired: int, counts: Any) -> None:
    """Score a decoy: it draws fire and is in no other count."""
    target = s.targets[i]
    counts[DECOYS] += 1
    counts[DECOYS_ENGAGED] += 1 if fired > 0 else 0
    counts[ROUNDS_AT_DECOYS] += fired
    if target["dies"] < NEVER:
        note(s, target["dies"], EV_KILLED, i, -1, -1, -1, 0.0)
    else:
        note(s, min(target["end"], target["fails"]), EV_EXPENDED, i, -1, -1, -1, 0.0)


@part
def end_of_other(s: State, i: int, fired: int, first: int, counts: Any) -> None:
    """Score a friendly or civil flight, in the columns from `first` on: it is in no count of threats."""
    target = s.targets[i]
    counts[first] += 1
    counts[first + 1] += 1 if fired > 0 else 0
    counts[ROUNDS_AT_OTHERS] += fired
    if target["dies"] < NEVER:
        counts[first + 2] += 1
        note(s, target["dies"], EV_KILLED, i, -1, -1, -1, 0.0)
    else:
        note(s, min(target["end"], target["fails"]), EV_EXPENDED, i, -1, -1, -1, 1.0)


@step
def arrive(packed: Packed, s: State, i: int, hit: bool, row: int, out: Outcomes) -> None:
    """Score a weapon release or an impact: count it against its asset, and reduce the intact share of the asset on a hit."""
    threat = packed.raid.threats[i]
    end = s.targets[i]["end"]
    if threat["endpoint"] != AT_IMPACT:
        out.counts[row, RELEASES] += 1
        note(s, end, EV_RELEASE, i, -1, -1, -1, 0.0)
        return
    out.counts[row, IMPACTS] += 1
    if s.log.size > 0:
        note(s, end, EV_IMPACT, i, -1, -1, -1, threat["miss_sigma_m"] * math.sqrt(-2.0 * math.log1p(-s.targets[i]["fall"])))
    a = threat["asset"]
    if a < 0:
        return
    out.asset_impacts[row, a] += 1
    if hit:
        out.counts[row, HITS] += 1
        out.asset_hits[row, a] += 1
        s.intact[a] *= 1.0 - area_share(threat["lethal_radius_m"], packed.defence.assets[a]["radius_m"])
        note(s, end, EV_HIT, i, -1, -1, -1, float(a))
