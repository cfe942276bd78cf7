"""Reloading: as many rounds of a missile as are loaded at once, some time after their places have become empty, while spares last."""

from closedsky.engine.layout import NEVER
from closedsky.engine.trial.state import State, schedule
from closedsky.physics.jit import part


@part
def start_reload(s: State, m: int, now: int) -> None:
    """Begin to load magazine `m` if a load has room, spares are left, and no load is under way."""
    magazine = s.magazines[m]
    load = min(magazine["load"], magazine["spare"])
    if load > 0 and magazine["loading"] == 0 and magazine["places"] - magazine["stock"] >= load:
        magazine["loading"] = load
        magazine["spare"] -= load
        schedule(s, s.jobs.size + s.units.size + m, now + magazine["load_ticks"])


@part
def loaded(s: State, m: int, now: int) -> None:
    """A load is on the launchers of magazine `m`; the next one begins."""
    magazine = s.magazines[m]
    schedule(s, s.jobs.size + s.units.size + m, NEVER)
    magazine["stock"] += magazine["loading"]
    magazine["loading"] = 0
    start_reload(s, m, now)
