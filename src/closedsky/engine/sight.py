"""Where a flight is, and what each radar sees of it: looks, the first confirmed track, the cued looks of an engagement radar."""

import math
from typing import Any

import numpy as np

from closedsky.engine.layout import (
    BALLISTIC,
    Floats,
    Ground,
    Packed,
)
from closedsky.physics.constants import EARTH_RADIUS_M, WGS84
from closedsky.physics.flight import sample_ballistic, sample_route
from closedsky.physics.geodesy import angle_between, look_angles
from closedsky.physics.jit import kernel
from closedsky.physics.radar import first_confirmation, pd_one_look, snr_anchored
from closedsky.physics.visibility import terrain_visible

TRACKING_PD = 0.5
"""One-look detection probability that an engagement radar needs to hold a target well enough to guide on it."""

NEGLIGIBLE_PD = 1e-9

# what `look` reports
SIGHT_LINE, IN_SECTOR = 1, 2


@kernel
def trace(packed: Packed, ground: Ground, f: int) -> Floats:
    """Samples of flight `f`: rows (lat rad, lon rad, altitude m, ECEF x, y, z m), one each `step_s`, the last at its end."""
    flight = packed.flights[f]
    steps = int(flight["duration_s"] / flight["step_s"] + 0.5)  # whole: `pack` sees to it
    out = np.empty((steps + 3, 6))
    if flight["motion"] == BALLISTIC:
        sample_ballistic(
            flight["lat0_rad"], flight["lon0_rad"], flight["lat1_rad"], flight["lon1_rad"], flight["ground0_m"], flight["ground1_m"],
            flight["gamma_rad"], flight["boost_s"], WGS84, flight["step_s"], out,
        )  # fmt: skip
        return out[: steps + 1]
    first = flight["first_waypoint"]
    legs = packed.waypoints[first : first + flight["waypoints"]]
    sample_route(
        legs["lat_rad"].copy(), legs["lon_rad"].copy(), legs["level_m"].copy(), legs["above_ground"].copy(), legs["arrive_s"].copy(),
        ground.grid, ground.north_rad, ground.west_rad, ground.step_rad, WGS84, flight["step_s"], out,
    )  # fmt: skip
    return out[: steps + 1]


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
    """Radar cross-section shown along the line from radar to target: nose within 45° of head-on, tail within 45° of astern, else beam."""
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
    range_m, azimuth, elevation = look_angles(
        radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z
    )
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
def network_sight(
    packed: Packed, ground: Ground, f: int, samples: Floats, network: int
) -> tuple[Floats, Floats, float, int, int]:
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
def lock_misses(packed: Packed, ground: Ground, u: int, f: int, samples: Floats) -> tuple[int, Floats]:
    """Probability that each cued look of unit `u` at flight `f` misses, look k at (k + ½) dwell: the first look kept, and from there on."""
    dwell_s = packed.radars[packed.units[u]["radar"]]["dwell_s"]
    looks = int(packed.flights[f]["duration_s"] / dwell_s + 0.5)
    out = np.ones(looks)
    first, last = looks, 0
    for i in range(looks):
        p = guides_at(packed, ground, u, f, samples, (i + 0.5) * dwell_s, False)
        if p > 0.0:
            out[i] = 1.0 - p
            first, last = min(first, i), i + 1
    return first, out[first : max(first, last)].copy()
