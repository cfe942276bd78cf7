"""Readiness: which sites are up in a trial and from when, what the radars of those that are not up from the start still track, and when a
unit may fire.

Looks of such radars are drawn one by one, each by its own number: a radar that comes up earlier has the same looks, and more of them.
"""

import numpy as np

from closedsky.engine.layout import NEVER, PackedDefence, Tables
from closedsky.engine.trial.draws import DRAW_LOOKS, DRAW_SITE, uniforms
from closedsky.engine.trial.state import DETECTED, NOT_RADIATING, SEEN, State
from closedsky.physics.jit import part, stage
from closedsky.physics.radar import hits_in


@part
def draw_sites(defence: PackedDefence, s: State, seed: np.uint64, trial: int) -> None:
    """Draw which sites are up in this trial. A silent one is not until it is cued."""
    for i in range(defence.sites.size):
        site = defence.sites[i]
        s.sites[i]["up"] = site["from_ticks"]
        s.sites[i]["cued"] = 0
        if site["probability"] < 1.0:
            up, _, _, _ = uniforms(seed, trial, site["key"], DRAW_SITE, 0, np.uint64(0))
            if up >= site["probability"]:
                s.sites[i]["up"] = NEVER
        if site["silent"] == 1 and s.sites[i]["up"] < NEVER:
            s.sites[i]["up"], s.sites[i]["cued"] = NEVER, 1


@part
def ready_units(defence: PackedDefence, s: State) -> None:
    """When each unit may fire: its site is up, and its network has permission."""
    for u in range(defence.units.size):
        unit = defence.units[u]
        s.units[u]["able"] = max(s.sites[unit["site"]]["up"], defence.networks[unit["network"]]["fire_from_ticks"])


@part
def cue(defence: PackedDefence, s: State) -> None:
    """Bring up the silent sites of each network that has tracked something, some time after its first track."""
    for i in range(defence.sites.size):
        if s.sites[i]["cued"] == 0:
            continue
        first = NEVER
        for j in range(defence.sites[i]["network"], s.jobs.size, defence.networks.size):
            first = min(first, s.jobs[j]["tracked"])
        if first < NEVER:
            s.sites[i]["up"] = first + defence.sites[i]["come_up_ticks"]


@stage
def search(tables: Tables, s: State, seed: np.uint64, trial: int, j: int, cued: int) -> None:
    """Track the target of job `j` with the radars that vary: those of silent sites if `cued` is 1, the others if it is 0."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    for w in range(job["first_watch"], job["first_watch"] + job["watches"]):
        watch = tables.watches[w]
        if watch["varies"] == 1 and watch["network"] == job["network"] and s.sites[watch["site"]]["cued"] == cued:
            tick = confirmed(tables, s, seed, trial, j, w)
            if tick < min(target["fails"], target["end"]):
                job["tracked"] = min(job["tracked"], tick)


@part
def confirmed(tables: Tables, s: State, seed: np.uint64, trial: int, j: int, w: int) -> int:
    """Tick at which a radar that varies confirms the target of job `j` by its looks since it is up; NEVER if it never does.

    Looks that could detect are marked in the job: those of a radar that is up and those that are lost.
    """
    job, watch = s.jobs[j], tables.watches[w]
    target = s.targets[job["threat"]]
    up, over = s.sites[watch["site"]]["up"], min(target["fails"], target["end"])
    origin, last_looks, recent, lane = target["base"] + watch["origin_ticks"], (1 << watch["looks"]) - 1, 0, -1
    a = b = c = d = 0.0
    for k in range(watch["count"]):
        tick = origin + k * watch["revisit_ticks"]
        if tick >= over:
            break
        recent = (recent << 1) & last_looks
        pd = tables.look_pd[watch["first"] + k]
        if pd == 0.0:
            continue
        if tick < up:
            job["glimpses"] |= NOT_RADIATING
            continue
        job["glimpses"] |= SEEN
        if k >> 2 != lane:
            lane = k >> 2
            a, b, c, d = uniforms(seed, trial, s.job_keys[j], DRAW_LOOKS, lane, watch["key"])
        draw = a if k & 3 == 0 else b if k & 3 == 1 else c if k & 3 == 2 else d
        if draw < pd:
            job["glimpses"] |= DETECTED
            recent |= 1
            if hits_in(recent) >= watch["hits"]:
                return int(tick)
    return NEVER
