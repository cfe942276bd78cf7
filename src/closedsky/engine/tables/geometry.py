"""Geometry: computes the tables that trials read (tracks, locks and launch windows of each flight) once; no random draws.

The unit of work is one flight (a path with a type of threat), and flights are distributed over threads. Threats that differ only in launch
time share the tables of their flight.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from closedsky.engine.layout import (
    LOCK,
    NEVER,
    PAIRING,
    SIGHT,
    TICKS_PER_S,
    WINDOW,
    Floats,
    Ints,
    Packed,
    Records,
    Tables,
)
from closedsky.engine.tables.pairing import windows_of
from closedsky.engine.tables.sight import cued_misses, path
from closedsky.engine.tables.track import CERTAIN, sights_of
from closedsky.engine.tables.windows import GUIDED, GUIDED_IN_ANY_SECTOR, launches
from closedsky.physics.ground import Ground


class Seen(NamedTuple):
    """Detection of a flight by each network; rows index the other two arrays, counted from the flight's own first element."""

    sights: Records
    track_s: Floats
    track_cdf: Floats


class Met(NamedTuple):
    """Launch windows and locks of a flight; rows index curves and misses, counted from the flight's own first element."""

    locks: Records
    lock_miss: Floats
    pairings: Records
    windows: Records
    intercept_ticks: Floats


class Known(NamedTuple):
    """Earlier results by flight, keyed by everything that they depend on except the ground, which must be the same.

    Most figures that change what meets a flight leave its windows as they were, or what its cued looks miss.
    """

    flown: dict[bytes, Floats]
    seen: dict[bytes, Seen]
    met: dict[bytes, Met]
    opened: dict[bytes, tuple[Records, Floats]]
    """What `windows_of` makes of the rows of `launches`."""
    missed: dict[bytes, dict[int, Floats]]
    """Of each unit with a window, the miss probability of every look that it could have at the flight."""


def known_of(packed: Packed, ground: Ground) -> Known:
    """The tables of every flight, for reuse by `build` when only some figures change."""
    known = Known({}, {}, {}, {}, {})
    for f in range(packed.flights.size):
        samples = known.flown[_flown_by(packed, f)] = path(packed, ground, f)
        known.seen[_seen_by(packed, f)] = _seen(packed, ground, f, samples)
        pairings, rows = _pairings(packed, ground, f, samples)
        opened = known.opened[_opened_by(packed, f, pairings, rows)] = windows_of(packed, f, samples, pairings, rows)
        known.met[_met_by(packed, f)] = Met(*_locks(packed, ground, f, samples, opened[0]), pairings, *opened)
        units = np.unique(opened[0]["unit"].astype(np.int64))
        ends = _all_looks(packed, f, units)
        misses, _ = _misses(packed, ground, f, samples, units, np.zeros_like(ends), ends)
        known.missed[_missed_by(packed, f)] = dict(zip(units.tolist(), misses, strict=True))
    return known


def flight_tables(packed: Packed, ground: Ground, f: int, known: Known | None = None) -> tuple[Seen, Met]:
    """Detection of a flight by each network, and its launch windows and locks."""
    seen = None if known is None else known.seen.get(_seen_by(packed, f))
    met = None if known is None else known.met.get(_met_by(packed, f))
    if seen is not None and met is not None:
        return seen, met
    samples = None if known is None else known.flown.get(_flown_by(packed, f))
    if samples is None:
        samples = path(packed, ground, f)
    return seen or _seen(packed, ground, f, samples), met or _met(packed, ground, f, samples, known)


def _seen(packed: Packed, ground: Ground, f: int, samples: Floats) -> Seen:
    return Seen(*sights_of(packed, ground, f, samples, CERTAIN))


def _met(packed: Packed, ground: Ground, f: int, samples: Floats, known: Known | None) -> Met:
    pairings, rows = _pairings(packed, ground, f, samples)
    opened = None if known is None else known.opened.get(_opened_by(packed, f, pairings, rows))
    if opened is None:
        opened = windows_of(packed, f, samples, pairings, rows)
    missed = None if known is None else known.missed.get(_missed_by(packed, f))
    return Met(*_locks(packed, ground, f, samples, opened[0], missed), pairings, *opened)


def _but(rows: Records, names: set[str]) -> Records:
    """A copy of records in which some fields, where they have them, are zero."""
    out = rows.copy()
    for name in names.intersection(rows.dtype.names or ()):
        out[name] = 0
    return out


def _legs(packed: Packed, f: int) -> Records:
    first = int(packed.flights["first_waypoint"][f])
    return packed.waypoints[first : first + int(packed.flights["waypoints"][f])]


def _flown_by(packed: Packed, f: int) -> bytes:
    flight = _but(packed.flights[f : f + 1], {"swerling", "rcs_nose_m2", "rcs_beam_m2", "rcs_tail_m2"})
    return b"|".join([repr(packed.earth).encode(), flight.tobytes(), _legs(packed, f).tobytes()])


def _path_by(packed: Packed, f: int, radars: Ints) -> list[bytes]:
    """The part of the key that describes a flight and its propagation conditions, as far as some radars see it."""
    lasting = packed.earth, packed.roughness_m, packed.refraction_k
    gas = packed.radars["gas"][radars]
    arrays = (
        packed.flights[f : f + 1],
        _legs(packed, f),
        packed.jams,
        packed.screens[f],
        *(table[gas[gas >= 0]] for table in packed.gas),
        packed.horizons,
        packed.networks,
        radars,
    )
    return [repr(lasting).encode(), *(array.tobytes() for array in arrays)]


def _seen_by(packed: Packed, f: int) -> bytes:
    searching = np.flatnonzero(packed.radars["searches"] == 1)
    return b"|".join([*_path_by(packed, f, searching), packed.radars[searching].tobytes()])


_OF_TRIALS = {
    "revisit_s", "rounds", "pk", "channels", "missiles_guided", "launch_interval_ticks", "assessment_ticks", "false_kill",
    "false_survival", "guidance_can_bind",
}  # fmt: skip
"""Figures of a unit, its radar, magazines and envelopes on which launch windows and locks do not depend."""


def _met_by(packed: Packed, f: int) -> bytes:
    radars = packed.units["radar"].astype(np.int64)
    of_class = packed.flights["target_class"][f]
    firing = packed.radars[radars], packed.units, packed.magazines, packed.envelopes[:, of_class]
    arrays = (*(_but(rows, _OF_TRIALS) for rows in firing), packed.doctrine[:, of_class], packed.fly_out)
    return b"|".join([*_path_by(packed, f, radars), *(array.tobytes() for array in arrays)])


_OF_FLY_OUT = "x_m", "y_m", "z_m", "antenna_alt_m"
"""Figures of a unit's radar on which the fly-out of its missiles depends: whence they fly."""


def _opened_by(packed: Packed, f: int, pairings: Records, rows: Floats) -> bytes:
    radars = packed.radars[packed.units["radar"]]
    whence = (radars[name] for name in _OF_FLY_OUT)
    orders = packed.units["reaction_ticks"], packed.doctrine[:, packed.flights["target_class"][f]]
    arrays = pairings, rows, _but(packed.magazines, _OF_TRIALS), packed.fly_out, *whence, *orders
    return b"|".join([_flown_by(packed, f), *(array.tobytes() for array in arrays)])


_OF_SEARCH = {"revisit_s", "hits", "looks"}
"""Figures of a radar on which a single look does not depend."""


def _missed_by(packed: Packed, f: int) -> bytes:
    radars = packed.units["radar"].astype(np.int64)
    return b"|".join([*_path_by(packed, f, radars), _but(packed.radars[radars], _OF_SEARCH).tobytes()])


def _pairings(packed: Packed, ground: Ground, f: int, samples: Floats) -> tuple[Records, Floats]:
    """For each network its launch windows, as rows of `launches`.

    A network without windows is tested for the cause: would it have one without sector limits, or if fire were not held.
    """
    held = packed.doctrine["hold"][:, packed.flights["target_class"][f]] == 1
    pairings = np.zeros(packed.networks.size, PAIRING)
    parts = [np.empty((0, 5))]
    n = 0
    for g in range(packed.networks.size):
        ours = packed.units["network"] == g
        rows = launches(packed, ground, f, samples, np.flatnonzero(ours & ~held), GUIDED)
        outside_sector, held_by_rules = False, False
        if len(rows) == 0:
            limited = packed.radars["half_sector_rad"][packed.units["radar"]] < math.pi
            turned = launches(packed, ground, f, samples, np.flatnonzero(ours & ~held & limited), GUIDED_IN_ANY_SECTOR)
            freed = launches(packed, ground, f, samples, np.flatnonzero(ours & held), GUIDED)
            outside_sector, held_by_rules = len(turned) > 0, len(freed) > 0
        pairings[g] = n, len(rows), outside_sector, held_by_rules
        parts.append(rows)
        n += len(rows)
    return pairings, np.concatenate(parts)


def _locks(
    packed: Packed, ground: Ground, f: int, samples: Floats, windows: Records, known: dict[int, Floats] | None = None
) -> tuple[Records, Floats]:
    """Miss probabilities of the cued looks of every unit with a window on the flight, over the time in which it can be assigned."""
    locks = np.zeros(packed.units.size, LOCK)
    units, which = np.unique(windows["unit"].astype(np.int64), return_inverse=True)
    since, until = np.full(units.size, NEVER), np.zeros(units.size, np.int64)
    np.minimum.at(since, which, windows["assign_ticks"])
    np.maximum.at(until, which, windows["close_ticks"])
    dwell_s = packed.radars["dwell_s"][packed.units["radar"][units]]
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


def _all_looks(packed: Packed, f: int, units: Ints) -> Ints:
    """The number of looks that the engagement radar of each unit could have at a flight."""
    dwell_s = packed.radars["dwell_s"][packed.units["radar"][units]]
    return np.asarray((packed.flights["duration_s"][f] / dwell_s + 0.5).astype(np.int64))


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
    with ThreadPoolExecutor(max_workers=threads) as pool:
        spread = pool.map if threads > 1 else map  # no pool for a single thread
        for part in spread(lambda f: flight_tables(packed, ground, f, known), range(packed.flights.size)):
            parts.append(part)
            if progress is not None:
                progress(len(parts), packed.flights.size)
    return stitch(packed, parts)


def stitch(packed: Packed, parts: list[tuple[Seen, Met]]) -> Tables:
    """The tables of single flights joined into one set, with slices and indices shifted."""
    track_ticks, track_cdf, miss, curve = [], [], [], []
    sights, locks, pairings, windows = [], [], [], []
    n_track = n_miss = n_window = n_curve = 0
    for f, (seen, met) in enumerate(parts):
        sight, lock, pairing, window = (rows.copy() for rows in (seen.sights, met.locks, met.pairings, met.windows))
        sight["first"] += n_track
        lock["first"] += n_miss
        pairing["first_window"] += n_window
        window["first"] += n_curve
        window["pk"] = packed.envelopes["pk"][window["magazine"], packed.flights["target_class"][f]]
        window["lock"] += f * packed.units.size
        n_track, n_miss = n_track + seen.track_s.size, n_miss + met.lock_miss.size
        n_window, n_curve = n_window + window.size, n_curve + met.intercept_ticks.size
        track_ticks.append(np.rint(seen.track_s * TICKS_PER_S).astype(np.int64))
        track_cdf.append(seen.track_cdf)
        miss.append(met.lock_miss)
        curve.append(met.intercept_ticks)
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
    """As numpy's, which takes a fiftieth of a millisecond to find the dtype of records."""
    out = np.zeros(sum(part.size for part in parts), dtype)
    n = 0
    for part in parts:
        out[n : n + part.size] = part
        n += part.size
    return out
