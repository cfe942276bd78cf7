"""One trial as a discrete-event simulation: draws the raid, opens the jobs, and processes events until none is left.

A *job* is one threat in one network. It waits for a fire unit, is assigned (a channel, guidance and rounds are reserved), launches, is
assessed, and waits again or is done; a survivor that is taken for dead waits again once it is tracked again. Each job has at most one
live event (`state`), and so has a unit that comes up or is permitted to fire during the trial.

All times are ticks (1 µs). Tables are on each threat's own clock; `base` shifts them to the clock of the raid.
"""

import math
from typing import Any

import numpy as np

from closedsky.engine.layout import (
    EV_IDENTIFIED,
    EV_TRACK,
    FRIENDLY,
    GREEDY_VALUE,
    HOSTILE,
    LONG_AGO,
    NEVER,
    NO_TRACK,
    NOT_IDENTIFIED,
    NOT_READY,
    OUTSIDE_SECTOR,
    TICKS_PER_S,
    TOO_WEAK,
    UNKNOWN,
    Outcomes,
    Packed,
    PackedDefence,
    PackedRaid,
    Tables,
)
from closedsky.engine.trial.decide import become_ready, decide, serve
from closedsky.engine.trial.draws import DRAW_ENGAGEMENT, DRAW_IDENTITY, DRAW_ROUNDS, DRAW_THREAT, DRAW_TRACK, fill, uniforms
from closedsky.engine.trial.engage import assess, launch, salvo_done
from closedsky.engine.trial.policy import ask, deliberate
from closedsky.engine.trial.readiness import cue, draw_sites, ready_units, search
from closedsky.engine.trial.reload import loaded
from closedsky.engine.trial.score import score
from closedsky.engine.trial.state import (
    DETECTED,
    IN_FLIGHT,
    NOT_RADIATING,
    READY,
    SEEN,
    TAKEN_FOR_DEAD,
    WAITING,
    State,
    ends,
    event_of,
    grow_tree,
    note,
    schedule,
)
from closedsky.physics.jit import part, stage, step


@step
def begin(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """Draw the raid, load the launchers, open the jobs."""
    for u in range(packed.defence.units.size):
        unit = s.units[u]
        unit["channels"], unit["guidance"] = packed.defence.units[u]["channels"], packed.defence.units[u]["missiles_guided"]
        unit["next_launch"] = LONG_AGO
        unit["heading_rad"], unit["slewed"] = packed.defence.units[u]["heading_rad"], LONG_AGO
        if s.stretches[u] != np.uint64(0):
            s.waiting[u, :] = np.uint64(0)
            s.stretches[u] = np.uint64(0)
    for m in range(packed.defence.magazines.size):
        s.magazines[m]["stock"], s.magazines[m]["reserved"] = packed.defence.magazines[m]["rounds"], 0
        s.magazines[m]["spare"], s.magazines[m]["loading"] = packed.defence.magazines[m]["spare"], 0
    fill(seed, trial, s.threat_keys, DRAW_THREAT, s.no_keys, s.threat_draws)
    fill(seed, trial, s.job_keys, DRAW_TRACK, s.network_keys, s.track_draws)
    fill(seed, trial, s.job_keys, DRAW_ENGAGEMENT, s.network_keys, s.engagement_draws)
    fill(seed, trial, s.job_keys, DRAW_ROUNDS, s.network_keys, s.rounds_draws)
    draw_sites(packed.defence, s, seed, trial)
    networks = packed.defence.networks.size
    late_s = 0.0
    for i in range(packed.raid.threats.size):
        threat = packed.raid.threats[i]
        if threat["leads_group"] == 1:
            late_s = 0.0
        fate, fall, early, gap = s.threat_draws[0, i], s.threat_draws[1, i], s.threat_draws[2, i], s.threat_draws[3, i]
        if threat["mean_gap_s"] > 0.0:
            late_s -= math.log1p(-gap) * threat["mean_gap_s"]
        draw_threat(packed.raid, tables, s, i, fate, fall, threat["start_s"] + late_s + (2.0 * early - 1.0) * threat["jitter_s"])
        for g in range(networks):
            j = i * networks + g
            draw_track(tables, s, j, s.track_draws[0, j])
            if s.any_varies == 0:
                s.tree[1 << s.leaf_bits | j] = event_of(s, j, open_job(packed, tables, s, seed, trial, j))
    if s.any_varies == 1:
        for j in range(s.jobs.size):
            search(tables, s, seed, trial, j, 0)
        cue(packed.defence, s)
        for j in range(s.jobs.size):
            search(tables, s, seed, trial, j, 1)
            s.tree[1 << s.leaf_bits | j] = event_of(s, j, open_job(packed, tables, s, seed, trial, j))
    ready_units(packed.defence, s)
    for u in range(packed.defence.units.size):
        if s.units[u]["able"] > LONG_AGO:
            leaf = s.jobs.size + u
            s.tree[1 << s.leaf_bits | leaf] = event_of(s, leaf, s.units[u]["able"])
    grow_tree(s)


@part
def draw_threat(raid: PackedRaid, tables: Tables, s: State, i: int, fate: float, fall: float, start_s: float) -> None:
    """Set launch and endpoint of threat `i`, whether and when it fails, or else the draw of its miss distance."""
    target = s.targets[i]
    duration = tables.duration_ticks[raid.threats[i]["flight"]]
    base = int(math.floor(start_s * TICKS_PER_S + 0.5))
    target["base"], target["end"], target["dies"] = base, base + duration, NEVER
    target["fails"] = base + int(fall * duration) if fate >= raid.threats[i]["reliability"] else NEVER
    target["fall"] = fall  # a threat that fails has no impact: the same draw serves both


@part
def draw_track(tables: Tables, s: State, j: int, look: float) -> None:
    """Draw when the radars that are up from the start track the target of job `j`: before it fails or arrives, or NEVER."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    tick = target["base"] + track_tick(tables, job["first_look"], job["looks"], look)
    job["tracked"] = tick if tick < min(target["fails"], target["end"]) else NEVER
    job["glimpses"] = DETECTED if look < job["any_detection"] else 0


@step
def open_job(packed: Packed, tables: Tables, s: State, seed: np.uint64, trial: int, j: int) -> int:
    """Begin job `j`, or set its cause if its target is never tracked. Returns the tick of the first decision, or NEVER."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    job["state"], job["opened"], job["opened_until"], job["last_unit"], job["rounds"] = WAITING, 0, LONG_AGO, -1, 0
    job["fired"], job["engagements"], job["false_survival"] = 0, 0, 0
    if job["tracked"] == NEVER:
        job["cause"] = untracked(job)
        return NEVER
    job["cause"] = job["cause_untried"]
    note(s, job["tracked"], EV_TRACK, job["threat"], job["network"], -1, -1, 0.0)
    network = packed.defence.networks[job["network"]]
    known = job["tracked"] + network["link_delay_ticks"] + network["identify_ticks"]
    job["identity"] = identity(network, packed.raid.threats[job["threat"]]["side"], s, seed, trial, j)
    if (network["identified"] < 1.0 or network["identify_ticks"] > 0) and known < min(target["fails"], target["end"]):
        note(s, known, EV_IDENTIFIED, job["threat"], job["network"], -1, -1, float(job["identity"]))
    if job["openings"] == 0:
        return NEVER
    if job["identity"] == FRIENDLY:
        job["cause"] = max(job["cause"], NOT_IDENTIFIED)
        return NEVER
    earliest = target["base"] + tables.windows[tables.openings[job["first_opening"]]]["assign_ticks"]
    return int(max(known, earliest))


@part
def untracked(job: Any) -> int:
    """The cause of a job whose target is never tracked."""
    if job["glimpses"] & NOT_RADIATING:
        return NOT_READY
    if job["glimpses"] & DETECTED:
        return NO_TRACK
    return TOO_WEAK if job["glimpses"] & SEEN and job["cause_untracked"] == OUTSIDE_SECTOR else int(job["cause_untracked"])


@part
def identity(network: Any, side: int, s: State, seed: np.uint64, trial: int, j: int) -> int:
    """What a network takes a track for: HOSTILE, FRIENDLY (civil as well), or UNKNOWN."""
    own, opposite = (HOSTILE, FRIENDLY) if side == HOSTILE else (FRIENDLY, HOSTILE)
    if network["identified"] >= 1.0:
        return own
    draw, _, _, _ = uniforms(seed, trial, s.job_keys[j], DRAW_IDENTITY, 0, s.network_keys[j])
    if draw < network["identified"]:
        return own
    return opposite if draw >= 1.0 - network["misidentified"] else UNKNOWN


@part
def resume(defence: PackedDefence, s: State, j: int, now: int) -> None:
    """A decision can be taken again on a target that was taken for dead, as it has been tracked again: the job waits, or it is gone."""
    job = s.jobs[j]
    if ends(s, j, now):
        return
    job["state"], job["opened"], job["opened_until"], job["last_unit"] = WAITING, 0, LONG_AGO, -1
    job["tracked"] = now - defence.networks[job["network"]]["link_delay_ticks"]
    note(s, job["tracked"], EV_TRACK, job["threat"], job["network"], -1, -1, 1.0)


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
    return int(tables.track_ticks[low]) if low < first + count else NEVER


@step
def play(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int) -> None:
    """Run one trial from its first event to its last."""
    now = LONG_AGO
    while True:
        event = s.tree[1]
        if s.asked[defence.networks.size] == 1 and (event == NEVER or event >> s.leaf_bits > now):
            s.asked[defence.networks.size] = 0
            for g in range(defence.networks.size):
                if s.asked[g] == 1:
                    deliberate(defence, tables, s, seed, trial, g, now)
            continue
        if event == NEVER:
            return
        now, leaf = event >> s.leaf_bits, event & (1 << s.leaf_bits) - 1
        m = leaf - s.jobs.size - s.units.size
        if m >= 0:
            loaded(s, m, now)
            come_ready(defence, tables, s, seed, trial, defence.magazines[m]["unit"], now)
        elif leaf >= s.jobs.size:
            schedule(s, leaf, NEVER)
            come_ready(defence, tables, s, seed, trial, leaf - s.jobs.size, now)
        else:
            act(defence, tables, s, seed, trial, leaf, now)


@part
def come_ready(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, u: int, now: int) -> None:
    """Serve the jobs that wait for unit `u`, which may fire from now on, or has been reloaded."""
    g = defence.units[u]["network"]
    if defence.networks[g]["policy"] >= GREEDY_VALUE:
        s.asked[g], s.asked[defence.networks.size] = 1, 1
    else:
        become_ready(tables, s, seed, trial, u, now)


@step
def act(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int) -> None:
    """Process the event of job `j`."""
    job = s.jobs[j]
    since, unit = 0, -1
    if job["state"] == WAITING:
        since = job["opened"]
    elif job["state"] == READY:
        unit = launch(defence, tables, s, seed, trial, j, now)
    elif job["state"] == IN_FLIGHT:
        unit = salvo_done(tables, s, j, now)
    elif job["state"] == TAKEN_FOR_DEAD:
        resume(defence, s, j, now)
    else:
        unit = assess(defence, tables, s, seed, trial, j, now)
    if defence.networks[job["network"]]["policy"] >= GREEDY_VALUE:
        if job["state"] == WAITING:
            ask(tables, s, j, now)
        if unit >= 0 or job["state"] == WAITING:
            s.asked[job["network"]], s.asked[defence.networks.size] = 1, 1
        return
    if unit >= 0:
        serve(tables, s, seed, trial, unit, now)
    if job["state"] == WAITING:
        decide(tables, s, seed, trial, j, now, since)


@stage
def run_trials(packed: Packed, tables: Tables, s: State, seed: np.uint64, first: int, last: int, out: Outcomes) -> int:
    """Run trials `first` to `last` (exclusive) into rows 0… of `out`, one after the other in the same state `s`.

    Events go to its log while there is room; returns the number of events in the log.
    """
    s.logged[0] = 0
    for trial in range(first, last):
        begin(packed, tables, s, seed, trial)
        play(packed.defence, tables, s, seed, trial)
        score(packed, s, trial - first, out)
    return int(s.logged[0])
