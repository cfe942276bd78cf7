"""An engagement from launch to kill assessment: launch of the salvo, intercept, and the decision to engage again."""

import numpy as np

from closedsky.engine.layout import (
    ASSESSED,
    EV_INTERCEPT,
    EV_JUDGED_ALIVE,
    EV_JUDGED_KILLED,
    EV_MISSILE,
    EV_RELEASED,
    LOOKS_AWAY,
    MISSED,
    NEVER,
    NO_LAUNCHER,
    NOT_LOCKED,
    TARGET_GONE,
    PackedDefence,
    Tables,
)
from closedsky.engine.rules import busy_until, launchers_free_at
from closedsky.engine.trial.decide import open_windows
from closedsky.engine.trial.draws import DRAW_ROUNDS, uniforms
from closedsky.engine.trial.reload import start_reload
from closedsky.engine.trial.retrack import tracked_again
from closedsky.engine.trial.shot import intercept_tick, pk_at
from closedsky.engine.trial.slew import keeps_facing
from closedsky.engine.trial.state import (
    ASSESSING,
    DONE,
    IN_FLIGHT,
    READY,
    TAKEN_FOR_DEAD,
    WAITING,
    State,
    gone,
    note,
    schedule,
    wait_for,
)
from closedsky.physics.jit import part, step


@step
def release_channel(tables: Tables, s: State, j: int, now: int, why: int) -> None:
    """Return the channel, the guidance and the unfired rounds of an assignment; `why` is the value of EV_RELEASED."""
    job = s.jobs[j]
    window = tables.windows[job["window"]]
    unit = s.units[window["unit"]]
    unit["channels"] += 1
    unit["guidance"] += job["rounds"]
    if job["state"] == READY:
        s.magazines[window["magazine"]]["reserved"] -= job["rounds"]
    job["rounds"] = 0
    note(s, now, EV_RELEASED, job["threat"], job["network"], window["unit"], window["magazine"], float(why))


@step
def launch(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int) -> int:
    """Fire the assigned unit's salvo once the target is locked and a launcher free, or give up when the window has closed.

    Returns the unit if this freed something for other jobs, else -1.
    """
    job = s.jobs[j]
    window = tables.windows[job["window"]]
    u = window["unit"]
    unit, magazine = s.units[u], s.magazines[window["magazine"]]
    closes = s.targets[job["threat"]]["base"] + window["close_ticks"]
    is_gone, not_locked = gone(s, j, now), job["ready"] > now
    looks_away = unit["slews"] == 1 and not is_gone and not not_locked and not keeps_facing(tables, s, j, now)
    if is_gone or not_locked or looks_away or unit["next_launch"] > closes:
        why = TARGET_GONE if is_gone else NOT_LOCKED if not_locked else LOOKS_AWAY if looks_away else NO_LAUNCHER
        release_channel(tables, s, j, now, why)
        job["last_unit"] = -1
        job["state"] = WAITING
        return int(u)
    if unit["next_launch"] > now:
        schedule(s, j, unit["next_launch"])
        return -1
    interval = unit["launch_interval"]
    rounds = 1
    while rounds < job["rounds"] and now + rounds * interval <= closes:
        rounds += 1
    unfired = job["rounds"] - rounds
    magazine["reserved"] -= job["rounds"]
    magazine["stock"] -= rounds
    unit["guidance"] += unfired
    unit["next_launch"] = launchers_free_at(now, rounds, interval)
    start_reload(s, window["magazine"], now)
    last_meet = fire(defence, tables, s, seed, trial, j, now, rounds)
    job["rounds"], job["cause"], job["last_unit"] = rounds, MISSED, u
    if unit["guidance_can_bind"] == 1:
        job["state"] = IN_FLIGHT
        schedule(s, j, last_meet)
    else:
        job["state"] = ASSESSING
        schedule(s, j, busy_until(last_meet, 1, interval, unit["assessment"]))
    return int(u) if unfired > 0 else -1


@step
def fire(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int, rounds: int) -> int:
    """Launch `rounds` and draw the result of each. Returns the tick of the last intercept.

    A share `salvo_correlation` of salvos is fully dependent (one draw for all rounds); in the others rounds are independent. Marginal kill
    probability and pairwise correlation are then exactly as stated.
    """
    job = s.jobs[j]
    threat, network = job["threat"], job["network"]
    window = tables.windows[job["window"]]
    u, m = window["unit"], window["magazine"]
    target = s.targets[threat]
    interval = s.units[u]["launch_interval"]
    on_its_own = rounds > 1 and job["as_one"] >= defence.salvo_correlation
    a = b = c = d = job["shared"]
    meet = now
    for k in range(rounds):
        if on_its_own and k & 3 == 0:
            count = job["engagements"] - 1 << 1 | k >> 2  # a salvo has at most eight rounds
            if count == 0:
                a, b, c, d = s.rounds_draws[0, j], s.rounds_draws[1, j], s.rounds_draws[2, j], s.rounds_draws[3, j]
            else:
                a, b, c, d = uniforms(seed, trial, s.job_keys[j], DRAW_ROUNDS, count, s.network_keys[j])
        tick = now + k * interval
        meet = target["base"] + intercept_tick(tables, job["window"], tick - target["base"])
        kills = a < pk_at(tables, job["window"], tick - target["base"]) and meet < target["fails"]
        a, b, c, d = b, c, d, a
        note(s, tick, EV_MISSILE, threat, network, u, m, 0.0)
        note(s, meet, EV_INTERCEPT, threat, network, u, m, 1.0 if kills and meet < target["dies"] else 0.0)
        if kills:
            target["dies"] = min(target["dies"], meet)
    job["fired"] += rounds
    return meet


@part
def salvo_done(tables: Tables, s: State, j: int, now: int) -> int:
    """After the last intercept of the salvo, free its guidance and begin the assessment. Returns the unit."""
    job = s.jobs[j]
    u = tables.windows[job["window"]]["unit"]
    s.units[u]["guidance"] += job["rounds"]
    job["rounds"] = 0
    job["state"] = ASSESSING
    schedule(s, j, busy_until(now, 1, s.units[u]["launch_interval"], s.units[u]["assessment"]))
    return int(u)


@step
def assess(defence: PackedDefence, tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int) -> int:
    """Assess the engagement: the job is done, or waits to engage the target again, at once or once it is tracked again.

    Returns the unit.
    """
    job = s.jobs[j]
    window = tables.windows[job["window"]]
    u = window["unit"]
    release_channel(tables, s, j, now, ASSESSED)
    target = s.targets[job["threat"]]
    survives, alive = min(target["fails"], target["dies"]) > now, judged_alive(s, j, u, now)
    kind = EV_JUDGED_ALIVE if alive else EV_JUDGED_KILLED
    note(s, now, kind, job["threat"], job["network"], u, window["magazine"], 1.0 if alive != survives else 0.0)
    if job["fired"] >= window["max_rounds"] or target["end"] <= now:
        job["state"] = DONE
        schedule(s, j, NEVER)
    elif alive:
        job["state"] = WAITING
        open_windows(tables, s, j, now)
        wait_for(s, j, u)
    elif survives:
        job["state"] = TAKEN_FOR_DEAD
        schedule(s, j, tracked_again(tables, s, seed, trial, j, now) + defence.networks[job["network"]]["link_delay_ticks"])
    else:
        job["state"] = DONE
        schedule(s, j, NEVER)
    return int(u)


@part
def judged_alive(s: State, j: int, u: int, now: int) -> bool:
    """Whether the unit judges its target alive, with the errors false kill and false survival; a target that failed is seen to be gone."""
    job = s.jobs[j]
    target = s.targets[job["threat"]]
    if target["fails"] <= now:
        return False
    if target["dies"] > now:
        return bool(job["judgement"] >= s.units[u]["false_kill"])
    if job["judgement"] < s.units[u]["false_survival"]:
        job["false_survival"] = 1
        return True
    job["false_survival"] = 0
    return False
