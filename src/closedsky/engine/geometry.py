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
    BALLISTIC,
    LOCK,
    PAIRING,
    SIGHT,
    TICKS_PER_S,
    WINDOW,
    Floats,
    Ground,
    Packed,
    Records,
    Tables,
)
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.flight import ballistic_duration, sample_ballistic, sample_route
from closedsky.physics.flyout import time_of_flight_s
from closedsky.physics.geodesy import angle_between, central_angle, look_angles
from closedsky.physics.jit import kernel
from closedsky.physics.radar import first_confirmation, pd_one_look, snr_anchored
from closedsky.physics.visibility import terrain_visible

TRACKING_PD = 0.5
"""One-look detection probability that an engagement radar needs to hold a target well enough to guide on it."""

NEGLIGIBLE_PD = 1e-9
_CERTAIN_HAZARD = 40.0  # exp(-40): a look this sure is taken as certain
_CURVE_STEP_S = 1.0
_CURVE_POINTS = 256
_BISECTIONS = 26

# what `look` reports
SIGHT_LINE, IN_SECTOR = 1, 2


@kernel
def trace(packed: Packed, ground: Ground, f: int) -> Floats:
    """Samples of flight `f`: rows (lat rad, lon rad, altitude m, ECEF x, y, z m), one each `step_s`, the last clamped to the end."""
    flight = packed.flights[f]
    out = np.empty((int(flight["duration_s"] / flight["step_s"]) + 3, 6))
    if flight["motion"] == BALLISTIC:
        n = sample_ballistic(
            flight["lat0_rad"], flight["lon0_rad"], flight["lat1_rad"], flight["lon1_rad"], flight["ground0_m"], flight["ground1_m"],
            flight["gamma_rad"], flight["boost_s"], flight["step_s"], out,
        )  # fmt: skip
        return out[:n]
    first = flight["first_waypoint"]
    legs = packed.waypoints[first : first + flight["waypoints"]]
    n = sample_route(
        legs["lat_rad"].copy(), legs["lon_rad"].copy(), legs["level_m"].copy(), legs["above_ground"].copy(), legs["arrive_s"].copy(),
        ground.grid, ground.north_rad, ground.west_rad, ground.step_rad, flight["step_s"], out,
    )  # fmt: skip
    return out[:n]


@kernel
def place(samples: Floats, step_s: float, t_s: float) -> tuple[float, float, float, float, float, float, int]:
    """Where the flight is at `t_s`: lat, lon, altitude, x, y, z, and the sample before (for its velocity)."""
    n = samples.shape[0]
    k = min(max(int(t_s / step_s), 0), n - 2)
    w = min(max(t_s / step_s - k, 0.0), 1.0)
    lon0, lon1 = samples[k, 1], samples[k + 1, 1]
    if lon1 - lon0 > math.pi:
        lon1 -= 2.0 * math.pi
    elif lon1 - lon0 < -math.pi:
        lon1 += 2.0 * math.pi
    return (
        samples[k, 0] + w * (samples[k + 1, 0] - samples[k, 0]),
        lon0 + w * (lon1 - lon0),
        samples[k, 2] + w * (samples[k + 1, 2] - samples[k, 2]),
        samples[k, 3] + w * (samples[k + 1, 3] - samples[k, 3]),
        samples[k, 4] + w * (samples[k + 1, 4] - samples[k, 4]),
        samples[k, 5] + w * (samples[k + 1, 5] - samples[k, 5]),
        k,
    )


@kernel
def aspect_rcs_m2(flight: Any, samples: Floats, k: int, dx: float, dy: float, dz: float) -> float:
    """Radar cross-section shown along (dx, dy, dz), the line from radar to target: nose within 45° of head-on, tail within 45° of dead astern."""
    vx = samples[k + 1, 3] - samples[k, 3]
    vy = samples[k + 1, 4] - samples[k, 4]
    vz = samples[k + 1, 5] - samples[k, 5]
    along = vx * dx + vy * dy + vz * dz
    scale = math.sqrt((vx * vx + vy * vy + vz * vz) * (dx * dx + dy * dy + dz * dz))
    if along < -0.7071067811865476 * scale:
        return float(flight["rcs_nose_m2"])
    if along > 0.7071067811865476 * scale:
        return float(flight["rcs_tail_m2"])
    return float(flight["rcs_beam_m2"])


@kernel
def look(packed: Packed, ground: Ground, r: int, f: int, samples: Floats, t_s: float, sight_wanted: bool) -> tuple[float, int]:
    """One look of radar `r` at flight `f`: probability of detection were it in sector, and the flags SIGHT_LINE and IN_SECTOR.

    The terrain is asked only where it matters (a detection is possible, or `sight_wanted`).
    """
    radar = packed.radars[r]
    flight = packed.flights[f]
    lat, lon, alt, x, y, z, k = place(samples, flight["step_s"], t_s)
    range_m, azimuth, elevation = look_angles(radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z)
    elevation += 0.5 * range_m / EARTH_RADIUS_M * (1.0 - 1.0 / packed.refraction_k)  # as it appears: the ray bends down
    flags = 0
    if radar["half_sector_rad"] >= math.pi or angle_between(azimuth, radar["heading_rad"]) <= radar["half_sector_rad"]:
        flags |= IN_SECTOR
    pd = 0.0
    covered = (
        radar["range_min_m"] <= range_m <= radar["range_max_m"]
        and radar["elevation_min_rad"] <= elevation <= radar["elevation_max_rad"]
    )
    if covered:
        rcs = aspect_rcs_m2(flight, samples, k, x - radar["x_m"], y - radar["y_m"], z - radar["z_m"])
        snr = snr_anchored(radar["anchor_snr"], radar["anchor_range_m"], radar["anchor_rcs_m2"], range_m, rcs)
        pd = pd_one_look(flight["swerling"], snr, radar["pfa"])
    if pd <= NEGLIGIBLE_PD and not sight_wanted:
        return 0.0, flags
    if terrain_visible(
        ground.grid, ground.north_rad, ground.west_rad, ground.step_rad,
        radar["lat_rad"], radar["lon_rad"], radar["antenna_alt_m"], lat, lon, alt, packed.refraction_k,
    ):  # fmt: skip
        return (pd if pd > NEGLIGIBLE_PD else 0.0), flags | SIGHT_LINE
    return 0.0, flags


@kernel
def network_sight(packed: Packed, ground: Ground, f: int, samples: Floats, network: int) -> tuple[Floats, Floats, float, int, int]:
    """First confirmed track of flight `f` by any searching radar of `network`.

    Returns look times (s), the distribution of the first confirmation at each, the probability of any detection at all,
    and whether any radar had it in sight, or would have seen it but for its sector.
    """
    duration_s = packed.flights[f]["duration_s"]
    total = 0
    for r in range(packed.radars.size):
        if packed.radars[r]["network"] == network and packed.radars[r]["searches"] == 1:
            total += int(duration_s / packed.radars[r]["revisit_s"]) + 1
    times = np.empty(total)
    step = np.empty(total)  # fall of ln(no track) at each look
    n, none_log, in_sight, outside = 0, 0.0, 0, 0
    for r in range(packed.radars.size):
        radar = packed.radars[r]
        if radar["network"] != network or radar["searches"] == 0:
            continue
        looks = int(duration_s / radar["revisit_s"] + 0.5)
        pd = np.zeros(looks)
        confirmed = np.empty(looks)
        for i in range(looks):
            p, flags = look(packed, ground, r, f, samples, (i + 0.5) * radar["revisit_s"], in_sight == 0)
            if flags & SIGHT_LINE:
                in_sight = 1
            if p > 0.0 and flags & IN_SECTOR:
                pd[i] = p
                none_log += math.log1p(-min(p, 1.0 - 1e-16))
            elif p > 0.0:
                outside = 1
        first_confirmation(pd, radar["hits"], radar["looks"], confirmed)
        before = 1.0
        for i in range(looks):
            after = max(1.0 - confirmed[i], 1e-300)
            if after < before:
                times[n] = (i + 0.5) * radar["revisit_s"]
                step[n] = math.log(after / before)
                n += 1
                before = after
    order = np.argsort(times[:n], kind="mergesort")
    when = np.empty(n)
    cdf = np.empty(n)
    log_none = 0.0
    for i in range(n):
        log_none += step[order[i]]
        when[i] = times[order[i]]
        cdf[i] = -math.expm1(log_none)
    return when, cdf, -math.expm1(none_log), in_sight, outside


@kernel
def guides_at(packed: Packed, ground: Ground, u: int, f: int, samples: Floats, t_s: float, any_sector: bool) -> float:
    """One-look detection probability of the unit's engagement radar where it can hold the target at `t_s`; else 0."""
    p, flags = look(packed, ground, packed.units[u]["radar"], f, samples, t_s, False)
    if p >= TRACKING_PD and (any_sector or flags & IN_SECTOR):
        return p
    return 0.0


@kernel
def distance_m(packed: Packed, u: int, samples: Floats, step_s: float, t_s: float) -> float:
    """Slant range from the fire unit to the flight at `t_s`."""
    radar = packed.radars[packed.units[u]["radar"]]
    _, _, _, x, y, z, _ = place(samples, step_s, t_s)
    return math.sqrt((x - radar["x_m"]) ** 2 + (y - radar["y_m"]) ** 2 + (z - radar["z_m"]) ** 2)


@kernel
def launch_for(packed: Packed, m: int, samples: Floats, step_s: float, t_s: float) -> float:
    """Launch time of a missile of magazine `m` that meets the flight at `t_s`."""
    magazine = packed.magazines[m]
    return t_s - time_of_flight_s(distance_m(packed, magazine["unit"], samples, step_s, t_s), magazine["mean_speed_mps"])


@kernel
def reachable(packed: Packed, m: int, f: int, samples: Floats, t_s: float) -> bool:
    """Whether the flight is inside the envelope of magazine `m` at `t_s`, and not running away faster than the missile flies."""
    flight = packed.flights[f]
    magazine = packed.magazines[m]
    envelope = packed.envelopes[m, flight["target_class"]]
    step_s = flight["step_s"]
    _, _, alt, x, y, z, k = place(samples, step_s, t_s)
    if alt < magazine["altitude_min_m"] or alt > envelope["altitude_max_m"]:
        return False
    radar = packed.radars[packed.units[magazine["unit"]]["radar"]]
    dx, dy, dz = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
    range_m = math.sqrt(dx * dx + dy * dy + dz * dz)
    if range_m < magazine["range_min_m"] or range_m > envelope["range_max_m"]:
        return False
    span_s = min(step_s, max(flight["duration_s"] - k * step_s, 1e-9))  # the last sample is clamped to the end
    vx = (samples[k + 1, 3] - samples[k, 3]) / span_s
    vy = (samples[k + 1, 4] - samples[k, 4]) / span_s
    vz = (samples[k + 1, 5] - samples[k, 5]) / span_s
    if vx * vx + vy * vy + vz * vz > magazine["target_speed_max_mps"] ** 2:
        return False
    return bool((vx * dx + vy * dy + vz * dz) < 0.98 * magazine["mean_speed_mps"] * range_m)


@kernel
def holds(packed: Packed, ground: Ground, m: int, f: int, samples: Floats, t_s: float, envelope: bool, any_sector: bool) -> bool:
    """The condition whose intervals are wanted: inside the envelope of magazine `m`, or held by its unit's engagement radar."""
    if envelope:
        return reachable(packed, m, f, samples, t_s)
    return guides_at(packed, ground, packed.magazines[m]["unit"], f, samples, t_s, any_sector) > 0.0


@kernel
def intervals(packed: Packed, ground: Ground, m: int, f: int, samples: Floats, envelope: bool, any_sector: bool) -> Floats:
    """Intervals of flight time over which `holds`, rows (from, to) in s, ends found by bisection between samples."""
    flight = packed.flights[f]
    duration_s = flight["duration_s"]
    steps = int(math.ceil(duration_s / flight["step_s"]))
    out = np.empty((steps // 2 + 2, 2))
    n = 0
    inside = holds(packed, ground, m, f, samples, 0.0, envelope, any_sector)
    if inside:
        out[0, 0] = 0.0
    for k in range(1, steps + 1):
        t_s = min(k * flight["step_s"], duration_s)
        now = holds(packed, ground, m, f, samples, t_s, envelope, any_sector)
        if now == inside:
            continue
        low, high = (k - 1) * flight["step_s"], t_s
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            if holds(packed, ground, m, f, samples, middle, envelope, any_sector) == inside:
                low = middle
            else:
                high = middle
        if now:
            out[n, 0] = high
        else:
            out[n, 1] = low
            n += 1
        inside = now
    if inside:
        out[n, 1] = duration_s
        n += 1
    return out[:n]


@kernel
def intercept_for(packed: Packed, m: int, samples: Floats, step_s: float, launch_s: float, low: float, high: float) -> float:
    """Time between `low` and `high` at which a missile launched at `launch_s` meets the flight (launch_for increases there)."""
    for _ in range(_BISECTIONS + 14):
        middle = 0.5 * (low + high)
        if launch_for(packed, m, samples, step_s, middle) < launch_s:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def launch_windows(packed: Packed, m: int, f: int, samples: Floats, reach: Floats, seen: Floats) -> Floats:
    """Rows (open, close, earliest intercept, latest intercept), s: launches of magazine `m` that meet flight `f` as its guidance allows.

    A round guided to the intercept wants the target held from launch to intercept; an active round at its launch only.
    """
    step_s = packed.flights[f]["step_s"]
    guided = packed.magazines[m]["guided_to_intercept"] == 1
    out = np.empty((reach.shape[0] * seen.shape[0], 4))
    n = 0
    for i in range(reach.shape[0]):
        for j in range(seen.shape[0]):
            low, high = reach[i, 0], reach[i, 1]
            if guided:
                low, high = max(low, seen[j, 0]), min(high, seen[j, 1])
            if high <= low:
                continue
            first_launch, last_launch = launch_for(packed, m, samples, step_s, low), launch_for(packed, m, samples, step_s, high)
            if last_launch < seen[j, 0] or first_launch > seen[j, 1] or last_launch <= first_launch:
                continue
            if first_launch < seen[j, 0]:
                low = intercept_for(packed, m, samples, step_s, seen[j, 0], low, high)
                first_launch = seen[j, 0]
            if last_launch > seen[j, 1]:
                high = intercept_for(packed, m, samples, step_s, seen[j, 1], low, high)
                last_launch = seen[j, 1]
            out[n, 0], out[n, 1], out[n, 2], out[n, 3] = first_launch, last_launch, low, high
            n += 1
    return out[:n]


@kernel
def lock_hazard(packed: Packed, ground: Ground, u: int, f: int, samples: Floats) -> tuple[int, Floats]:
    """Cumulative hazard of the cued looks of unit `u` at flight `f`; look k is at (k + ½) dwell. Returns the first look kept, and the rest."""
    dwell_s = packed.radars[packed.units[u]["radar"]]["dwell_s"]
    looks = int(packed.flights[f]["duration_s"] / dwell_s + 0.5)
    out = np.empty(looks)
    total, first, last = 0.0, looks, 0
    for i in range(looks):
        p = guides_at(packed, ground, u, f, samples, (i + 0.5) * dwell_s, False)
        if p > 0.0:
            total += min(-math.log1p(-min(p, 1.0 - 1e-17)), _CERTAIN_HAZARD)
            first = min(first, i)
            last = i + 1
        out[i] = total
    return first, out[first : max(first, last)].copy()


@kernel
def flight_tables(packed: Packed, ground: Ground, f: int) -> tuple[
    Records, Floats, Floats, Records, Floats, Records, Records, Floats
]:
    """All tables of one flight: sights, track times (s), track cdf, locks, hazards, pairings, windows, intercept curves (ticks)."""
    samples = trace(packed, ground, f)
    flight = packed.flights[f]
    sights = np.zeros(packed.networks.size, SIGHT)
    pairings = np.zeros(packed.networks.size, PAIRING)
    locks = np.zeros(packed.units.size, LOCK)
    when_parts = [np.empty(0)]
    cdf_parts = [np.empty(0)]
    n_track = 0
    for g in range(packed.networks.size):
        when, cdf, any_detection, in_sight, outside = network_sight(packed, ground, f, samples, g)
        sights[g]["first"], sights[g]["count"], sights[g]["any_detection"] = n_track, when.size, any_detection
        sights[g]["in_sight"], sights[g]["outside_sector"] = in_sight, outside
        when_parts.append(when)
        cdf_parts.append(cdf)
        n_track += when.size
    hazard_parts = [np.empty(0)]
    window_rows = [(0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0)]
    curve_parts = [np.empty(0)]
    n_hazard, n_curve = 0, 0
    for g in range(packed.networks.size):
        pairings[g]["first_window"] = len(window_rows) - 1
        begin = len(window_rows)
        for u in range(packed.units.size):
            unit = packed.units[u]
            if unit["network"] != g:
                continue
            if packed.doctrine[u, flight["target_class"]]["hold"] == 1:
                pairings[g]["held"] = 1
                continue
            used = False
            for m in range(unit["first_magazine"], unit["first_magazine"] + unit["magazines"]):
                if packed.envelopes[m, flight["target_class"]]["engages"] == 0 or packed.magazines[m]["rounds"] == 0:
                    continue
                reach = intervals(packed, ground, m, f, samples, True, False)
                if reach.shape[0] == 0:
                    continue
                seen = intervals(packed, ground, m, f, samples, False, False)
                rows = launch_windows(packed, m, f, samples, reach, seen)
                if rows.shape[0] == 0:
                    half = packed.radars[unit["radar"]]["half_sector_rad"]
                    if half < math.pi and launch_windows(
                        packed, m, f, samples, reach, intervals(packed, ground, m, f, samples, False, True)
                    ).shape[0]:
                        pairings[g]["outside_sector"] = 1
                    continue
                used = True
                for row in range(rows.shape[0]):
                    opens, closes = rows[row, 0], rows[row, 1]
                    count = min(max(int(math.ceil((closes - opens) / _CURVE_STEP_S)) + 1, 2), _CURVE_POINTS)
                    curve = np.empty(count)
                    low = rows[row, 2]
                    for i in range(count):
                        low = intercept_for(
                            packed, m, samples, flight["step_s"], opens + (closes - opens) * i / (count - 1), low, rows[row, 3]
                        )
                        curve[i] = low * TICKS_PER_S
                    curve[0], curve[count - 1] = rows[row, 2] * TICKS_PER_S, rows[row, 3] * TICKS_PER_S
                    window_rows.append((u, m, packed.magazines[m]["rank"], n_curve, count, 0, opens, closes,
                                        packed.envelopes[m, flight["target_class"]]["pk"]))  # fmt: skip
                    curve_parts.append(curve)
                    n_curve += count
            if used:
                first, hazard = lock_hazard(packed, ground, u, f, samples)
                dwell = packed.radars[unit["radar"]]["dwell_s"]
                locks[u]["first"], locks[u]["count"] = n_hazard, hazard.size
                locks[u]["origin_ticks"] = int((first + 0.5) * dwell * TICKS_PER_S)
                locks[u]["dwell_ticks"] = int(dwell * TICKS_PER_S)
                hazard_parts.append(hazard)
                n_hazard += hazard.size
        pairings[g]["windows"] = len(window_rows) - begin
    windows = _windows(packed, pairings, window_rows)
    return (
        sights, _joined(when_parts, n_track), _joined(cdf_parts, n_track), locks, _joined(hazard_parts, n_hazard),
        pairings, windows, _joined(curve_parts, n_curve),
    )  # fmt: skip


@kernel
def _windows(packed: Packed, pairings: Records, rows: Any) -> Records:
    """The window records, each network's by earliest assignment (the order in which a trial opens them)."""
    out = np.zeros(len(rows) - 1, WINDOW)
    for g in range(pairings.size):
        first, count = pairings[g]["first_window"], pairings[g]["windows"]
        assign = np.empty(count, np.int64)
        for i in range(count):
            u, _, _, _, _, _, opens, _, _ = rows[first + i + 1]
            assign[i] = int(opens * TICKS_PER_S) - packed.units[u]["reaction_ticks"]
        order = np.argsort(assign, kind="mergesort")
        for i in range(count):
            u, m, rank, curve, points, _, opens, closes, pk = rows[first + order[i] + 1]
            w = first + i
            out[w]["unit"], out[w]["magazine"], out[w]["rank"], out[w]["lock"] = u, m, rank, u
            out[w]["open_ticks"], out[w]["close_ticks"] = int(opens * TICKS_PER_S), int(closes * TICKS_PER_S)
            out[w]["assign_ticks"] = assign[order[i]]
            out[w]["first"], out[w]["count"], out[w]["pk"] = curve, points, pk
            out[w]["step_ticks"] = (closes - opens) * TICKS_PER_S / (points - 1)
    return out


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
        for part in pool.map(lambda f: flight_tables(packed, ground, f), range(packed.flights.size)):
            parts.append(part)
            if progress is not None:
                progress(len(parts), packed.flights.size)
    return stitch(packed, parts)


def stitch(packed: Packed, parts: list[Any]) -> Tables:
    """One set of tables from those of the single flights: slices and indices are shifted to the joined arrays."""
    track_ticks, track_cdf, hazard, curve = [], [], [], []
    sights, locks, pairings, windows = [], [], [], []
    n_track = n_hazard = n_window = n_curve = 0
    for f, (sight, when, cdf, lock, haz, pairing, window, points) in enumerate(parts):
        sight["first"] += n_track
        lock["first"] += n_hazard
        pairing["first_window"] += n_window
        window["first"] += n_curve
        window["lock"] += f * packed.units.size
        n_track, n_hazard = n_track + when.size, n_hazard + haz.size
        n_window, n_curve = n_window + window.size, n_curve + points.size
        track_ticks.append(np.rint(when * TICKS_PER_S).astype(np.int64))
        track_cdf.append(cdf)
        hazard.append(haz)
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
        lock_hazard=np.concatenate([np.empty(0), *hazard]),
        pairings=_concatenated(pairings, PAIRING),
        windows=_concatenated(windows, WINDOW),
        intercept_ticks=np.concatenate([np.empty(0), *curve]),
    )


def _concatenated(parts: list[Records], dtype: np.dtype[Any]) -> Records:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
