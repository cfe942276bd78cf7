"""The launch windows of each network at a flight, in the order in which a trial opens them, and their intercept curves."""

import math

import numpy as np

from closedsky.engine.layout import TICKS_PER_S, WINDOW, Floats, Ints, Packed, Records
from closedsky.engine.tables.windows import curves
from closedsky.physics.jit import kernel

_CURVE_STEP_S = 1.0
_CURVE_POINTS = 256


@kernel
def windows_of(packed: Packed, f: int, samples: Floats, pairings: Records, rows: Floats) -> tuple[Records, Floats, Floats]:
    """The windows of rows of `launches`, each network's by earliest assignment, and their intercepts in the order of the rows (`curves`).

    Kill probabilities are left out: windows do not depend on them.
    """
    first = _places_of_curves(rows)
    intercept_ticks, intercept_m2 = np.empty(first[-1]), np.empty(first[-1])
    curves(packed, f, samples, rows, first, intercept_ticks, intercept_m2)
    out = np.zeros(rows.shape[0], WINDOW)
    for g in range(pairings.size):
        begin = pairings[g]["first_window"]
        for i in range(begin, begin + pairings[g]["windows"]):
            magazine = packed.magazines[int(rows[i, 0])]
            unit, opens, closes = magazine["unit"], int(rows[i, 1] * TICKS_PER_S), int(rows[i, 2] * TICKS_PER_S)
            assigned = opens - packed.units[unit]["reaction_ticks"]
            k = i
            while k > begin and out[k - 1]["assign_ticks"] > assigned:  # they are few, and nearly in order
                out[k] = out[k - 1]
                k -= 1
            window, count = out[k], first[i + 1] - first[i]
            orders = packed.doctrine[unit, packed.flights[f]["target_class"]]
            window["unit"], window["magazine"], window["lock"] = unit, int(rows[i, 0]), unit
            window["rank"] = magazine["rank"]
            window["open_ticks"], window["close_ticks"], window["assign_ticks"] = opens, closes, assigned
            window["first"], window["count"] = first[i], count
            window["points_per_tick"] = (count - 1) / max(closes - opens, 1)
            window["salvo"], window["max_rounds"] = orders["salvo"], orders["max_rounds"]
    return out, intercept_ticks, intercept_m2


@kernel
def _places_of_curves(rows: Floats) -> Ints:
    """The start of the intercept curve of each window, and the end of the last."""
    first = np.zeros(rows.shape[0] + 1, np.int64)
    for i in range(rows.shape[0]):
        points = int(math.ceil((rows[i, 2] - rows[i, 1]) / _CURVE_STEP_S)) + 1
        first[i + 1] = first[i] + min(max(points, 2), _CURVE_POINTS)
    return first
