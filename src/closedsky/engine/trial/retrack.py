"""A fresh track of a target that was taken for dead: its radars look again, one look after the other, until one confirms it."""

import numpy as np

from closedsky.engine.layout import NEVER, Tables
from closedsky.engine.trial.draws import DRAW_TRACK, uniforms
from closedsky.engine.trial.state import State
from closedsky.physics.jit import stage
from closedsky.physics.radar import hits_in


@stage
def tracked_again(tables: Tables, s: State, seed: np.uint64, trial: int, j: int, now: int) -> int:
    """Tick at which a radar of the network of job `j` has confirmed its target by looks from `now` on; NEVER if none does in time.

    Few jobs come here, and their distribution would depend on when they do: looks are drawn singly, up to the earliest confirmation.
    """
    job = s.jobs[j]
    base = s.targets[job["threat"]]["base"]
    best, draw = NEVER, 0
    a = b = c = d = 0.0
    for w in range(job["first_watch"], job["first_watch"] + job["watches"]):
        watch = tables.watches[w]
        if watch["count"] == 0 or watch["network"] != job["network"]:
            continue
        origin, revisit = base + watch["origin_ticks"], watch["revisit_ticks"]
        since = max(now, s.sites[watch["site"]]["up"])
        if since == NEVER:
            continue
        recent = 0  # the last looks, one bit each
        for k in range((since - origin + revisit - 1) // revisit if since > origin else 0, watch["count"]):
            if origin + k * revisit >= best:
                break
            if draw & 3 == 0:
                count = job["engagements"] << 14 | draw >> 2
                a, b, c, d = uniforms(seed, trial, s.job_keys[j], DRAW_TRACK, count, s.network_keys[j])
            draw += 1
            recent = (recent << 1 | (1 if a < tables.look_pd[watch["first"] + k] else 0)) & ((1 << watch["looks"]) - 1)
            a, b, c, d = b, c, d, a
            if hits_in(recent) >= watch["hits"]:
                best = origin + k * revisit
    return int(best)
