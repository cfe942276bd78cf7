"""What a launch inside a window gives: the intercept, its kill probability, the rounds of a salvo; and when a radar locks the target."""

from closedsky.engine.layout import NEVER, Tables
from closedsky.engine.trial.state import State
from closedsky.physics.jit import part, step
from closedsky.physics.lethality import pk_at_range


@step
def intercept_tick(tables: Tables, w: int, launch: int) -> int:
    """Intercept of a launch at `launch` (flight clock) inside window `w`."""
    window = tables.windows[w]
    at = (launch - window["open_ticks"]) * window["points_per_tick"]
    k = min(int(at), window["count"] - 2)
    a = tables.intercept_ticks[window["first"] + k]
    b = tables.intercept_ticks[window["first"] + k + 1]
    return int(a + (b - a) * min(at - k, 1.0) + 0.5)


@part
def pk_at(tables: Tables, w: int, launch: int) -> float:
    """Kill probability of a round launched at `launch` (flight clock) inside window `w`, at the slant range of its intercept."""
    window = tables.windows[w]
    if window["fall_m2"] == 0.0:
        return float(window["pk"])
    at = (launch - window["open_ticks"]) * window["points_per_tick"]
    k = min(int(at), window["count"] - 2)
    a = tables.intercept_m2[window["first"] + k]
    b = tables.intercept_m2[window["first"] + k + 1]
    return pk_at_range(window["pk"], window["fall_m2"], a + (b - a) * min(at - k, 1.0))


@part
def lock_tick(tables: Tables, lock: int, cue: int, draw: float) -> int:
    """First cued look at or after `cue` (flight clock) that detects: where the product of misses falls to `draw`; NEVER if none."""
    row = tables.locks[lock]
    first, origin, dwell = row["first"], row["origin_ticks"], row["dwell_ticks"]
    missed = 1.0
    for k in range((cue - origin + dwell - 1) // dwell if cue > origin else 0, row["count"]):
        missed *= tables.lock_miss[first + k]
        if missed <= draw:
            return int(origin + k * dwell)
    return NEVER


@part
def rounds_for(tables: Tables, s: State, j: int, w: int) -> int:
    """Rounds of a salvo at the target of job `j` in window `w`, as far as doctrine, stock and guidance go."""
    window = tables.windows[w]
    magazine = s.magazines[window["magazine"]]
    free = magazine["stock"] - magazine["reserved"] - window["kept"]
    return int(min(window["salvo"], window["max_rounds"] - s.jobs[j]["fired"], free, s.units[window["unit"]]["guidance"]))
