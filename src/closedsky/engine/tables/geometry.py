"""Geometry: who sees each flight, when, how strongly, and when a missile can meet it. Worked out once, holds no chance.

The unit of work is one flight (a path and a type of threat): `flight_tables` is one compiled call, and flights are spread over
threads. Threats that differ only in time share their flight's tables.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from closedsky.engine.layout import (
    LOCK,
    NEVER,
    PAIRING,
    SIGHT,
    TICKS_PER_S,
    WINDOW,
    Floats,
    Packed,
    Records,
    Tables,
)
from closedsky.engine.tables.sight import lock_misses, trace
from closedsky.engine.tables.track import network_sight
from closedsky.engine.tables.windows import (
    HELD,
    HELD_IN_ANY_SECTOR,
    REACHED,
    intercept_for,
    intervals,
    launch_for,
    launch_windows,
    near_enough,
)
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel

_CURVE_STEP_S = 1.0
_CURVE_POINTS = 256


@kernel
def flight_tables(
    packed: Packed, ground: Ground, f: int
) -> tuple[Records, Floats, Floats, Records, Floats, Records, Records, Floats]:
    """All tables of one flight: sights, track times (s), track cdf, locks, misses, pairings, windows, intercept curves (ticks)."""
    samples = trace(packed, ground, f)
    sights, when, cdf = _sights(packed, ground, f, samples)
    pairings, rows, curves = _pairings(packed, ground, f, samples, True)
    windows = _windows(packed, f, pairings, rows)
    locks, misses = _locks(packed, ground, f, samples, windows)
    return sights, when, cdf, locks, misses, pairings, windows, curves


@kernel
def chances_of(packed: Packed, ground: Ground, f: int) -> Tables:
    """Tables of one flight alone, as far as `opportunities` asks: no locks, no reasons, and no tracks where there is no window."""
    samples = trace(packed, ground, f)
    pairings, rows, curves = _pairings(packed, ground, f, samples, False)
    windows = _windows(packed, f, pairings, rows)
    sights, when, cdf = np.zeros(packed.networks.size, SIGHT), np.empty(0), np.empty(0)
    if windows.size > 0:
        sights, when, cdf = _sights(packed, ground, f, samples)
    return Tables(
        np.array([np.int64(np.rint(packed.flights[f]["duration_s"] * TICKS_PER_S))]), sights,
        np.rint(when * TICKS_PER_S).astype(np.int64), cdf, np.zeros(0, LOCK), np.empty(0), pairings, windows, curves,
    )  # fmt: skip


@kernel
def _sights(packed: Packed, ground: Ground, f: int, samples: Floats) -> tuple[Records, Floats, Floats]:
    """What each network sees of the flight, and the slices of track times and distributions that the rows point to."""
    sights = np.zeros(packed.networks.size, SIGHT)
    when_parts = [np.empty(0)]
    cdf_parts = [np.empty(0)]
    n = 0
    for g in range(packed.networks.size):
        when, cdf, any_detection, in_sight, outside = network_sight(packed, ground, f, samples, g)
        sights[g]["first"], sights[g]["count"], sights[g]["any_detection"] = n, when.size, any_detection
        sights[g]["in_sight"], sights[g]["outside_sector"] = in_sight, outside
        when_parts.append(when)
        cdf_parts.append(cdf)
        n += when.size
    return sights, _joined(when_parts, n), _joined(cdf_parts, n)


@kernel
def _pairings(packed: Packed, ground: Ground, f: int, samples: Floats, reasons: bool) -> tuple[Records, Any, Floats]:
    """For each network its launch windows, as rows (magazine, open s, close s, first point, points), and the intercept curves.

    A network without any says why, if `reasons` are asked for: it would have one were its units' sectors no limit, or its units not held.
    """
    target_class = packed.flights[f]["target_class"]
    pairings = np.zeros(packed.networks.size, PAIRING)
    rows = [(0, 0.0, 0.0, 0, 0)]
    parts = [np.empty(0)]
    n = 0
    for g in range(packed.networks.size):
        pairings[g]["first_window"] = len(rows) - 1
        for u in range(packed.units.size):
            if packed.units[u]["network"] != g or packed.doctrine[u, target_class]["hold"] == 1:
                continue
            found = _launches(packed, ground, f, samples, u, HELD)
            for i in range(found.shape[0]):
                m = int(found[i, 0])
                curve = _curve(packed, f, samples, m, found[i, 1:])
                rows.append((m, found[i, 1], found[i, 2], n, curve.size))
                parts.append(curve)
                n += curve.size
        pairings[g]["windows"] = len(rows) - 1 - pairings[g]["first_window"]
        if reasons and pairings[g]["windows"] == 0:
            pairings[g]["outside_sector"], pairings[g]["held"] = _why_none(packed, ground, f, samples, g)
    return pairings, rows, _joined(parts, n)


@kernel
def _why_none(packed: Packed, ground: Ground, f: int, samples: Floats, g: int) -> tuple[int, int]:
    """For a network without a window: 1 if a unit's sector is why, and 1 if the rules that hold a unit are."""
    outside, held = 0, 0
    for u in range(packed.units.size):
        if packed.units[u]["network"] != g:
            continue
        if packed.doctrine[u, packed.flights[f]["target_class"]]["hold"] == 1:
            held = max(held, int(_launches(packed, ground, f, samples, u, HELD).size > 0))
        elif packed.radars[packed.units[u]["radar"]]["half_sector_rad"] < math.pi:
            outside = max(outside, int(_launches(packed, ground, f, samples, u, HELD_IN_ANY_SECTOR).size > 0))
    return outside, held


@kernel
def _launches(packed: Packed, ground: Ground, f: int, samples: Floats, u: int, what: int) -> Floats:
    """Launch windows of one unit: rows (magazine, open, close, earliest intercept, latest intercept).

    Its radar is asked about the target only from the first launch to the last intercept that its missiles could fly.
    """
    first, last = magazines_of(packed, u)
    step_s = packed.flights[f]["step_s"]
    reaches = [np.empty((0, 2))]
    since_s, until_s, most = math.inf, 0.0, 0
    for m in range(first, last):
        reach = np.empty((0, 2))
        if packed.envelopes[m, packed.flights[f]["target_class"]]["engages"] == 1:
            near_s, far_s = near_enough(packed, m, f, samples)
            if near_s < far_s:
                reach = intervals(packed, ground, REACHED, m, f, samples, near_s, far_s)
        reaches.append(reach)
        most += reach.shape[0]
        for i in range(reach.shape[0]):
            since_s = min(since_s, launch_for(packed, m, samples, step_s, reach[i, 0]))
            until_s = max(until_s, reach[i, 1])
    if most == 0:
        return np.empty((0, 5))
    seen = intervals(packed, ground, what, first, f, samples, since_s, until_s)
    out = np.empty((most * seen.shape[0], 5))
    n = 0
    for m in range(first, last):
        found = launch_windows(packed, m, f, samples, reaches[m - first + 1], seen)
        for i in range(found.shape[0]):
            out[n, 0], out[n, 1:] = m, found[i]
            n += 1
    return out[:n]


@kernel
def magazines_of(packed: Packed, u: int) -> tuple[int, int]:
    """The magazines of a unit, which stand together: the first, and the one after the last."""
    first, last = 0, 0
    for m in range(packed.magazines.size):
        if packed.magazines[m]["unit"] == u:
            first, last = (m if last == 0 else first), m + 1
    return first, last


@kernel
def _curve(packed: Packed, f: int, samples: Floats, m: int, window: Floats) -> Floats:
    """Intercept ticks on a uniform grid of launch times over a window (open, close, earliest intercept, latest intercept)."""
    opens, closes = window[0], window[1]
    count = min(max(int(math.ceil((closes - opens) / _CURVE_STEP_S)) + 1, 2), _CURVE_POINTS)
    curve = np.empty(count)
    low = window[2]
    for i in range(count):
        launch_s = opens + (closes - opens) * i / (count - 1)
        low = intercept_for(packed, m, samples, packed.flights[f]["step_s"], launch_s, low, window[3])
        curve[i] = low * TICKS_PER_S
    curve[0], curve[count - 1] = window[2] * TICKS_PER_S, window[3] * TICKS_PER_S
    return curve


@kernel
def _windows(packed: Packed, f: int, pairings: Records, rows: Any) -> Records:
    """The window records, each network's by earliest assignment (the order in which a trial opens them)."""
    target_class = packed.flights[f]["target_class"]
    out = np.zeros(len(rows) - 1, WINDOW)
    for g in range(pairings.size):
        first, count = pairings[g]["first_window"], pairings[g]["windows"]
        assign = np.empty(count, np.int64)
        for i in range(count):
            m, opens, _, _, _ = rows[first + i + 1]
            assign[i] = int(opens * TICKS_PER_S) - packed.units[packed.magazines[m]["unit"]]["reaction_ticks"]
        order = np.argsort(assign, kind="mergesort")
        for i in range(count):
            m, opens, closes, curve, points = rows[first + order[i] + 1]
            u = packed.magazines[m]["unit"]
            row = out[first + i]
            row["unit"], row["magazine"], row["rank"], row["lock"] = u, m, packed.magazines[m]["rank"], u
            row["open_ticks"], row["close_ticks"] = int(opens * TICKS_PER_S), int(closes * TICKS_PER_S)
            row["assign_ticks"] = assign[order[i]]
            row["first"], row["count"], row["pk"] = curve, points, packed.envelopes[m, target_class]["pk"]
            row["points_per_tick"] = (points - 1) / max(row["close_ticks"] - row["open_ticks"], 1)
            row["salvo"], row["max_rounds"] = (
                packed.doctrine[u, target_class]["salvo"],
                packed.doctrine[u, target_class]["max_rounds"],
            )
    return out


@kernel
def _locks(packed: Packed, ground: Ground, f: int, samples: Floats, windows: Records) -> tuple[Records, Floats]:
    """The misses of the cued looks of every unit that has a window on the flight, while it can be assigned one."""
    locks = np.zeros(packed.units.size, LOCK)
    since = np.full(packed.units.size, NEVER)
    until = np.zeros(packed.units.size, np.int64)
    for w in range(windows.size):
        u = windows[w]["unit"]
        since[u], until[u] = min(since[u], windows[w]["assign_ticks"]), max(until[u], windows[w]["close_ticks"])
    parts = [np.empty(0)]
    n = 0
    for w in range(windows.size):
        u = windows[w]["unit"]
        if locks[u]["dwell_ticks"] > 0:
            continue
        first, miss = lock_misses(packed, ground, u, f, samples, since[u] / TICKS_PER_S, until[u] / TICKS_PER_S)
        dwell_s = packed.radars[packed.units[u]["radar"]]["dwell_s"]
        locks[u]["first"], locks[u]["count"] = n, miss.size
        locks[u]["origin_ticks"] = int((first + 0.5) * dwell_s * TICKS_PER_S)
        locks[u]["dwell_ticks"] = int(dwell_s * TICKS_PER_S)
        parts.append(miss)
        n += miss.size
    return locks, _joined(parts, n)


@kernel
def _joined(parts: Any, total: int) -> Floats:
    out = np.empty(total)
    n = 0
    for part in parts:
        out[n : n + part.size] = part
        n += part.size
    return out


def build(packed: Packed, ground: Ground, threads: int = 1, progress: Callable[[int, int], None] | None = None) -> Tables:
    """Tables of every flight. `progress(done, of)` is called as flights are finished."""
    parts = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        spread = pool.map if threads > 1 else map  # one thread needs no other
        for part in spread(lambda f: flight_tables(packed, ground, f), range(packed.flights.size)):
            parts.append(part)
            if progress is not None:
                progress(len(parts), packed.flights.size)
    return stitch(packed, parts)


def stitch(packed: Packed, parts: list[Any]) -> Tables:
    """One set of tables from those of the single flights: slices and indices are shifted to the joined arrays."""
    track_ticks, track_cdf, miss, curve = [], [], [], []
    sights, locks, pairings, windows = [], [], [], []
    n_track = n_miss = n_window = n_curve = 0
    for f, (sight, when, cdf, lock, part_misses, pairing, window, points) in enumerate(parts):
        sight["first"] += n_track
        lock["first"] += n_miss
        pairing["first_window"] += n_window
        window["first"] += n_curve
        window["lock"] += f * packed.units.size
        n_track, n_miss = n_track + when.size, n_miss + part_misses.size
        n_window, n_curve = n_window + window.size, n_curve + points.size
        track_ticks.append(np.rint(when * TICKS_PER_S).astype(np.int64))
        track_cdf.append(cdf)
        miss.append(part_misses)
        curve.append(points)
        sights.append(sight)
        locks.append(lock)
        pairings.append(pairing)
        windows.append(window)
    return Tables(
        duration_ticks=np.rint(packed.flights["duration_s"] * TICKS_PER_S).astype(np.int64),
        sights=_concatenated(sights, SIGHT),
        track_ticks=np.concatenate([np.empty(0, np.int64), *track_ticks]),
        track_cdf=np.concatenate([np.empty(0), *track_cdf]),
        locks=_concatenated(locks, LOCK),
        lock_miss=np.concatenate([np.empty(0), *miss]),
        pairings=_concatenated(pairings, PAIRING),
        windows=_concatenated(windows, WINDOW),
        intercept_ticks=np.concatenate([np.empty(0), *curve]),
    )


def _concatenated(parts: list[Records], dtype: np.dtype[Any]) -> Records:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
