"""The launch windows of each unit at a flight, the order in which a trial opens those of a network, and their intercept curves."""

import math

import numpy as np

from closedsky.engine.layout import REACH, TICKS_PER_S, WINDOW, Floats, Ints, Opened, Packed, Records
from closedsky.engine.tables.windows import curves
from closedsky.physics.jit import kernel

_CURVE_STEP_S = 1.0
_CURVE_POINTS = 256


@kernel
def windows_of(packed: Packed, f: int, samples: Floats, pairings: Records, rows: Floats) -> Opened:
    """The windows of rows of `launches`, network by network and unit by unit, each unit's by earliest assignment.

    Intercepts are in the order of the rows (`curves`). Kill probabilities are left out: windows do not depend on them.
    """
    first = _places_of_curves(rows)
    intercept_ticks, intercept_m2 = np.empty(first[-1]), np.empty(first[-1])
    curves(packed, f, samples, rows, first, intercept_ticks, intercept_m2)
    reaches, windows = np.zeros(packed.defence.units.size, REACH), np.zeros(rows.shape[0], WINDOW)
    for i in range(rows.shape[0]):
        magazine = packed.defence.magazines[int(rows[i, 0])]
        unit, opens, closes = magazine["unit"], int(rows[i, 1] * TICKS_PER_S), int(rows[i, 2] * TICKS_PER_S)
        assigned = opens - packed.defence.units[unit]["reaction_ticks"]
        reach = reaches[unit]
        if reach["windows"] == 0:
            reach["first_window"] = i
        reach["windows"] += 1
        k = i
        while k > reach["first_window"] and windows[k - 1]["assign_ticks"] > assigned:  # they are few, and nearly in order
            windows[k] = windows[k - 1]
            k -= 1
        window, count = windows[k], first[i + 1] - first[i]
        orders = packed.defence.doctrine[unit, packed.raid.flights[f]["target_class"]]
        window["unit"], window["magazine"], window["lock"] = unit, int(rows[i, 0]), unit
        window["rank"] = magazine["rank"]
        window["open_ticks"], window["close_ticks"], window["assign_ticks"] = opens, closes, assigned
        window["first"], window["count"] = first[i], count
        window["points_per_tick"] = (count - 1) / max(closes - opens, 1)
        window["salvo"], window["max_rounds"] = orders["salvo"], orders["max_rounds"]
    return Opened(_openings(pairings, windows), reaches, windows, intercept_ticks, intercept_m2)


@kernel
def _openings(pairings: Records, windows: Records) -> Ints:
    """The numbers of each network's windows by earliest assignment; of several at once, those of the first unit first."""
    out = np.empty(windows.size, np.int64)
    for g in range(pairings.size):
        begin = pairings[g]["first_opening"]
        for i in range(begin, begin + pairings[g]["openings"]):
            k = i
            while k > begin and windows[out[k - 1]]["assign_ticks"] > windows[i]["assign_ticks"]:
                out[k] = out[k - 1]
                k -= 1
            out[k] = i
    return out


@kernel
def _places_of_curves(rows: Floats) -> Ints:
    """The start of the intercept curve of each window, and the end of the last."""
    first = np.zeros(rows.shape[0] + 1, np.int64)
    for i in range(rows.shape[0]):
        points = int(math.ceil((rows[i, 2] - rows[i, 1]) / _CURVE_STEP_S)) + 1
        first[i + 1] = first[i] + min(max(points, 2), _CURVE_POINTS)
    return first
