"""The launch windows of each network at a flight, in the order in which a trial opens them, and their intercept curves."""

import math

import numpy as np

from closedsky.engine.layout import TICKS_PER_S, WINDOW, Floats, Ints, Packed, Records
from closedsky.engine.tables.windows import curves
from closedsky.physics.jit import kernel

_CURVE_STEP_S = 1.0
_CURVE_POINTS = 256


@kernel
def windows_of(packed: Packed, f: int, samples: Floats, pairings: Records, rows: Floats) -> tuple[Records, Floats]:
    """The windows of rows of `launches`, each network's by earliest assignment, and the intercept curves, in the order of the rows."""
    first = _places_of_curves(rows)
    intercept_ticks = np.empty(first[-1])
    curves(packed, f, samples, rows, first, intercept_ticks)
    unit = packed.magazines["unit"][rows[:, 0].astype(np.int64)]
    opens, closes = (rows[:, 1] * TICKS_PER_S).astype(np.int64), (rows[:, 2] * TICKS_PER_S).astype(np.int64)
    assigned = opens - packed.units["reaction_ticks"][unit]
    out = np.zeros(rows.shape[0], WINDOW)
    for g in range(pairings.size):
        begin = pairings[g]["first_window"]
        order = np.argsort(assigned[begin : begin + pairings[g]["windows"]], kind="mergesort")  # stable
        for k in range(order.size):
            i, window = begin + order[k], out[begin + k]
            magazine, count = int(rows[i, 0]), first[i + 1] - first[i]
            orders = packed.doctrine[unit[i], packed.flights[f]["target_class"]]
            window["unit"], window["magazine"], window["lock"] = unit[i], magazine, unit[i]
            window["rank"] = packed.magazines[magazine]["rank"]
            window["open_ticks"], window["close_ticks"], window["assign_ticks"] = opens[i], closes[i], assigned[i]
            window["first"], window["count"] = first[i], count
            window["points_per_tick"] = (count - 1) / max(closes[i] - opens[i], 1)
            window["pk"] = packed.envelopes[magazine, packed.flights[f]["target_class"]]["pk"]
            window["salvo"], window["max_rounds"] = orders["salvo"], orders["max_rounds"]
    return out, intercept_ticks


@kernel
def _places_of_curves(rows: Floats) -> Ints:
    """The start of the intercept curve of each window, and the end of the last."""
    first = np.zeros(rows.shape[0] + 1, np.int64)
    for i in range(rows.shape[0]):
        points = int(math.ceil((rows[i, 2] - rows[i, 1]) / _CURVE_STEP_S)) + 1
        first[i + 1] = first[i] + min(max(points, 2), _CURVE_POINTS)
    return first
