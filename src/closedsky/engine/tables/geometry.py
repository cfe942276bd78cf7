"""Geometry: computes the tables that trials read (tracks, locks and launch windows of each flight) once; no random draws.

The unit of work is one flight (a path with a type of threat), and flights are distributed over threads. Threats that differ only in launch
time share the tables of their flight.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from closedsky.engine.layout import (
    BEARING,
    LOCK,
    NEVER,
    PAIRING,
    REACH,
    SIGHT,
    TICKS_PER_S,
    WATCH,
    WINDOW,
    Floats,
    Ints,
    Opened,
    Packed,
    Records,
    Tables,
)
from closedsky.engine.tables.known import Keys, Known, Met, Seen, Watched
from closedsky.engine.tables.pairing import windows_of
from closedsky.engine.tables.sight import cued_misses, directions, path
from closedsky.engine.tables.track import CERTAIN, later_looks, sights_of
from closedsky.engine.tables.windows import GUIDED, GUIDED_IN_ANY_SECTOR, launches
from closedsky.engine.tables.zones import permitted
from closedsky.physics.ground import Ground

_BEARING_STEP_TICKS = TICKS_PER_S // 2


def known_of(packed: Packed, ground: Ground) -> Known:
    """The tables of every flight, for reuse by `build` when only some figures change."""
    known, keys = Known({}, {}, {}, {}, {}, {}), Keys(packed)
    for f in range(packed.raid.flights.size):
        samples = known.flown[keys.flown(f)] = path(packed, ground, f)
        known.seen[keys.seen(f)] = Seen(*sights_of(packed, ground, f, samples, CERTAIN))
        pairings, rows = _pairings(packed, ground, f, samples)
        opened = known.opened[keys.opened(f, pairings, rows)] = windows_of(packed, f, samples, pairings, rows)
        met = known.met[keys.met(f)] = _met(packed, ground, f, samples, pairings, opened)
        known.watched[keys.watched(f)] = _watched(packed, ground, f, samples, met)
        units = np.unique(met.opened.windows["unit"].astype(np.int64))
        ends = _all_looks(packed, f, units)
        misses, _ = _misses(packed, ground, f, samples, units, np.zeros_like(ends), ends)
        known.missed[keys.missed(f)] = dict(zip(units.tolist(), misses, strict=True))
    return known


def flight_tables(packed: Packed, ground: Ground, f: int) -> tuple[Seen, Met, Watched]:
    """Detection of a flight by each network, its launch windows and locks, and the later looks at it."""
    samples = path(packed, ground, f)
    pairings, rows = _pairings(packed, ground, f, samples)
    opened = windows_of(packed, f, samples, pairings, rows)
    met = _met(packed, ground, f, samples, pairings, opened)
    return Seen(*sights_of(packed, ground, f, samples, CERTAIN)), met, _watched(packed, ground, f, samples, met)


def changed_tables(packed: Packed, ground: Ground, f: int, known: Known, keys: Keys) -> tuple[Seen, Met, Watched]:
    """`flight_tables`, of which as much as may be is taken from what is `known`."""
    seen, met, watched = known.seen.get(keys.seen(f)), known.met.get(keys.met(f)), known.watched.get(keys.watched(f))
    if seen is not None and met is not None and watched is not None:
        return seen, met, watched
    samples = known.flown.get(keys.flown(f))
    if samples is None:
        samples = path(packed, ground, f)
    if met is None:
        pairings, rows = _pairings(packed, ground, f, samples)
        opened = known.opened.get(keys.opened(f, pairings, rows)) or windows_of(packed, f, samples, pairings, rows)
        met = _met(packed, ground, f, samples, pairings, opened, known.missed.get(keys.missed(f)))
    seen = seen or Seen(*sights_of(packed, ground, f, samples, CERTAIN))
    return seen, met, watched or _watched(packed, ground, f, samples, met)


def _met(
    packed: Packed,
    ground: Ground,
    f: int,
    samples: Floats,
    pairings: Records,
    opened: Opened,
    known: dict[int, Floats] | None = None,
) -> Met:
    """Locks and directions of a flight beside its launch windows."""
    locks = _locks(packed, ground, f, samples, opened.windows, known)
    return Met(*locks, pairings, opened, *_bearings(packed, f, samples, opened))


def _bearings(packed: Packed, f: int, samples: Floats, opened: Opened) -> tuple[Records, Floats]:
    """Directions of a flight from each unit that slews, from its first launch to its last intercept."""
    rows, found = np.zeros(packed.defence.units.size, BEARING), [np.empty(0)]
    n = 0
    for u in np.flatnonzero(packed.defence.units["slews"] == 1):
        windows = opened.windows[opened.windows["unit"] == u]
        if windows.size == 0:
            continue
        first, last = windows["open_ticks"].min(), opened.intercept_ticks[windows["first"] + windows["count"] - 1].max()
        out = np.empty(max(int((last - first) / _BEARING_STEP_TICKS) + 2, 2))
        directions(packed, int(u), f, samples, first / TICKS_PER_S, _BEARING_STEP_TICKS / TICKS_PER_S, out)
        rows[u] = n, out.size, first, _BEARING_STEP_TICKS
        found.append(np.unwrap(out))
        n += out.size
    return rows, np.concatenate(found)


def _pairings(packed: Packed, ground: Ground, f: int, samples: Floats) -> tuple[Records, Floats]:
    """For each network its launch windows, as rows of `launches`.

    A network without windows is tested for the cause: would it have one without sector limits, or if neither doctrine nor zones held fire.
    """
    slews = packed.defence.units["slews"] == 1
    held = packed.defence.doctrine["hold"][:, packed.raid.flights["target_class"][f]] == 1
    pairings = np.zeros(packed.defence.networks.size, PAIRING)
    parts = [np.empty((0, 5))]
    n = 0
    for g in range(packed.defence.networks.size):
        ours = packed.defence.units["network"] == g
        possible = launches(packed, ground, f, samples, np.flatnonzero(ours & ~held & ~slews), GUIDED)
        if slews.any():  # wherever a radar faces that turns, its windows are those in any sector
            facing = launches(packed, ground, f, samples, np.flatnonzero(ours & ~held & slews), GUIDED_IN_ANY_SECTOR)
            possible = _unit_by_unit(packed, np.concatenate([possible, facing]))
        rows = permitted(packed, f, samples, possible)
        outside_sector, held_by_rules = False, len(possible) > len(rows) == 0
        if len(rows) == 0:
            limited = packed.defence.radars["half_sector_rad"][packed.defence.units["radar"]] < math.pi
            turned = launches(packed, ground, f, samples, np.flatnonzero(ours & ~held & limited), GUIDED_IN_ANY_SECTOR)
            freed = launches(packed, ground, f, samples, np.flatnonzero(ours & held), GUIDED)
            outside_sector, held_by_rules = len(turned) > 0 and len(possible) == 0, held_by_rules or len(freed) > 0
        pairings[g] = n, len(rows), outside_sector, held_by_rules
        parts.append(rows)
        n += len(rows)
    return pairings, np.concatenate(parts)


def _unit_by_unit(packed: Packed, rows: Floats) -> Floats:
    """Rows of `launches` in the order of their units."""
    return np.asarray(rows[np.argsort(packed.defence.magazines["unit"][rows[:, 0].astype(np.int64)], kind="stable")])


def _locks(
    packed: Packed, ground: Ground, f: int, samples: Floats, windows: Records, known: dict[int, Floats] | None = None
) -> tuple[Records, Floats]:
    """Miss probabilities of the cued looks of every unit with a window on the flight, over the time in which it can be assigned."""
    locks = np.zeros(packed.defence.units.size, LOCK)
    units, which = np.unique(windows["unit"].astype(np.int64), return_inverse=True)
    since, until = np.full(units.size, NEVER), np.zeros(units.size, np.int64)
    np.minimum.at(since, which, windows["assign_ticks"])
    np.maximum.at(until, which, windows["close_ticks"])
    dwell_s = packed.defence.radars["dwell_s"][packed.defence.units["radar"][units]]
    looks = np.minimum(_all_looks(packed, f, units), (until / TICKS_PER_S / dwell_s + 1.0).astype(np.int64))
    start = np.maximum((since / TICKS_PER_S / dwell_s).astype(np.int64) - 1, 0)
    if known is not None and known.keys() >= set(units.tolist()):
        misses = [known[u][begin:end] for u, begin, end in zip(units.tolist(), start, looks, strict=True)]
        held = np.array([_held(part) for part in misses], np.int64).reshape(-1, 2)
    else:
        misses, held = _misses(packed, ground, f, samples, units, start, looks)
    kept = [part[low : max(low, high)] for part, (low, high) in zip(misses, held, strict=True)]
    count = np.array([part.size for part in kept], np.int64)
    first_look = np.where(held[:, 1] > 0, start + held[:, 0], looks)
    locks["first"][units], locks["count"][units] = np.cumsum(count) - count, count
    locks["origin_ticks"][units] = ((first_look + 0.5) * dwell_s * TICKS_PER_S).astype(np.int64)
    locks["dwell_ticks"][units] = (dwell_s * TICKS_PER_S).astype(np.int64)
    return locks, np.concatenate([np.empty(0), *kept])


def _watched(packed: Packed, ground: Ground, f: int, samples: Floats, met: Met) -> Watched:
    """Looks in search at a flight: all of radars that vary; of others those while their network can fire at it, if it has a unit that may
    take a survivor for dead.
    """
    since, until = np.zeros(packed.defence.radars.size, np.int64), np.zeros(packed.defence.radars.size, np.int64)
    for g in np.unique(packed.defence.units["network"][packed.defence.units["false_kill"] > 0.0]):
        pairing = met.pairings[g]
        windows = met.opened.windows[
            met.opened.openings[pairing["first_opening"] : pairing["first_opening"] + pairing["openings"]]
        ]
        if windows.size:
            ours = packed.defence.radars["network"] == g
            since[ours], until[ours] = windows["open_ticks"].min(), windows["close_ticks"].max()
    varies = packed.defence.radars["varies"] == 1
    since[varies], until[varies] = 0, math.ceil(packed.raid.flights["duration_s"][f] * TICKS_PER_S)
    watches = np.zeros(packed.defence.radars.size, WATCH)
    return Watched(watches, later_looks(packed, ground, f, samples, since, until, watches))


def _all_looks(packed: Packed, f: int, units: Ints) -> Ints:
    """The number of looks that the engagement radar of each unit could have at a flight."""
    dwell_s = packed.defence.radars["dwell_s"][packed.defence.units["radar"][units]]
    return np.asarray((packed.raid.flights["duration_s"][f] / dwell_s + 0.5).astype(np.int64))


def _misses(
    packed: Packed, ground: Ground, f: int, samples: Floats, units: Ints, start: Ints, looks: Ints
) -> tuple[list[Floats], Ints]:
    """Miss probabilities of cued looks of some units, from look `start` to before `looks`; and which of them can detect (`cued_misses`)."""
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.maximum(looks - start, 0))])
    misses, held = np.ones(first[-1]), np.zeros((units.size, 2), np.int64)
    cued_misses(packed, ground, f, samples, units, start, first, misses, held)
    return [misses[first[i] : first[i + 1]] for i in range(units.size)], held


def _held(misses: Floats) -> tuple[int, int]:
    """The first look that can detect and one after the last, as `cued_misses` tells them."""
    sure = np.flatnonzero(misses < 1.0)
    return (int(sure[0]), int(sure[-1]) + 1) if sure.size else (misses.size, 0)


def build(
    packed: Packed,
    ground: Ground,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
    known: Known | None = None,
) -> Tables:
    """Tables of every flight. `progress(done, of)` is called as flights are finished; results in `known` are reused."""
    parts = []
    keys = Keys(packed)

    def of(f: int) -> tuple[Seen, Met, Watched]:
        return flight_tables(packed, ground, f) if known is None else changed_tables(packed, ground, f, known, keys)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        spread = pool.map if threads > 1 else map  # no pool for a single thread
        for part in spread(of, range(packed.raid.flights.size)):
            parts.append(part)
            if progress is not None:
                progress(len(parts), packed.raid.flights.size)
    return stitch(packed, parts)


def stitch(packed: Packed, parts: list[tuple[Seen, Met, Watched]]) -> Tables:
    """The tables of single flights joined into one set, with slices and indices shifted."""
    track_ticks, track_cdf, miss, openings, curve, square, look_pd, bearing_rad = [], [], [], [], [], [], [], []
    sights, locks, pairings, reaches, windows, watches, bearings = [], [], [], [], [], [], []
    n_track = n_miss = n_window = n_curve = n_look = n_bearing = 0
    for f, (seen, met, watched) in enumerate(parts):
        sight, lock, pairing, reach, window, watch, bearing = (
            rows.copy() for rows in (
                seen.sights, met.locks, met.pairings, met.opened.reaches, met.opened.windows, watched.watches, met.bearings,
            )
        )  # fmt: skip
        sight["first"] += n_track
        lock["first"] += n_miss
        pairing["first_opening"] += n_window
        reach["first_window"] += n_window
        window["first"] += n_curve
        watch["first"] += n_look
        bearing["first"] += n_bearing
        envelope = packed.defence.envelopes[window["magazine"], packed.raid.flights["target_class"][f]]
        window["pk"], window["kept"] = envelope["pk"], envelope["kept"]
        window["tight"] = packed.defence.doctrine["tight"][window["unit"], packed.raid.flights["target_class"][f]]
        window["fall_m2"] = envelope["fall_manoeuvring_m2" if packed.raid.flights["manoeuvres"][f] else "fall_m2"]
        window["lock"] += f * packed.defence.units.size
        window["guided"] = packed.defence.magazines["guided_to_intercept"][window["magazine"]]
        openings.append(met.opened.openings + n_window)
        n_track, n_miss = n_track + seen.track_s.size, n_miss + met.lock_miss.size
        n_window, n_curve = n_window + window.size, n_curve + met.opened.intercept_ticks.size
        n_look, n_bearing = n_look + watched.look_pd.size, n_bearing + met.bearing_rad.size
        track_ticks.append(np.rint(seen.track_s * TICKS_PER_S).astype(np.int64))
        track_cdf.append(seen.track_cdf)
        miss.append(met.lock_miss)
        curve.append(met.opened.intercept_ticks)
        square.append(met.opened.intercept_m2)
        look_pd.append(watched.look_pd)
        sights.append(sight)
        locks.append(lock)
        pairings.append(pairing)
        reaches.append(reach)
        windows.append(window)
        watches.append(watch)
        bearings.append(bearing)
        bearing_rad.append(met.bearing_rad)
    return Tables(
        duration_ticks=np.rint(packed.raid.flights["duration_s"] * TICKS_PER_S).astype(np.int64),
        sights=_concatenated(sights, SIGHT),
        track_ticks=np.concatenate([np.empty(0, np.int64), *track_ticks]),
        track_cdf=np.concatenate([np.empty(0), *track_cdf]),
        locks=_concatenated(locks, LOCK),
        lock_miss=np.concatenate([np.empty(0), *miss]),
        pairings=_concatenated(pairings, PAIRING),
        openings=np.concatenate([np.empty(0, np.int64), *openings]),
        reaches=_concatenated(reaches, REACH),
        windows=_concatenated(windows, WINDOW),
        intercept_ticks=np.concatenate([np.empty(0), *curve]),
        intercept_m2=np.concatenate([np.empty(0), *square]),
        defended=np.max(packed.defence.envelopes["engages"], axis=0, initial=0)[packed.raid.flights["target_class"]],
        watches=_concatenated(watches, WATCH),
        look_pd=np.concatenate([np.empty(0), *look_pd]),
        bearings=_concatenated(bearings, BEARING),
        bearing_rad=np.concatenate([np.empty(0), *bearing_rad]),
    )


def _concatenated(parts: list[Records], dtype: np.dtype[Any]) -> Records:
    """As numpy's, which takes a fiftieth of a millisecond to find the dtype of records."""
    out = np.zeros(sum(part.size for part in parts), dtype)
    n = 0
    for part in parts:
        out[n : n + part.size] = part
        n += part.size
    return out
