"""Positions of a flight, and its detection by radars: single looks, and the cued looks of an engagement radar."""

import math
from typing import Any

import numpy as np

from closedsky.engine.layout import BALLISTIC, INTEGRATED, Earth, Floats, Ints, Packed
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.flight import sample_ballistic, sample_route
from closedsky.physics.gas import gas_loss_db
from closedsky.physics.geodesy import angle_between, bearing, central_angle, look_angles
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.horizon import arc_scale, horizon_at
from closedsky.physics.jamming import lobe_gain, signal_to_noise
from closedsky.physics.jit import kernel, stage, step
from closedsky.physics.propagation import clutter_loss, two_ray_factor
from closedsky.physics.radar import pd_above, pd_one_look, snr_anchored
from closedsky.physics.trajectory import fly_for, locate
from closedsky.physics.visibility import apparent_elevation, apparent_tangent, terrain_visible

TRACKING_PD = 0.5
"""One-look detection probability at which an engagement radar holds a target well enough to guide missiles at it."""

NEGLIGIBLE_PD = 1e-9

# flags of `look`
SIGHT_LINE, IN_SECTOR = 1, 2


def trace(packed: Packed, ground: Ground, f: int) -> Floats:
    """Samples of flight `f`: rows (lat rad, lon rad, altitude m, ECEF x, y, z m), one each `step_s`, the last at its end."""
    samples = path(packed, ground, f)
    locate_all(samples, packed.environment.earth)
    return samples


@kernel
def locate_all(samples: Floats, earth: Earth) -> None:
    """Add the latitudes, longitudes and altitudes that samples lack."""
    for row in range(samples.shape[0]):
        locate(samples, row, (earth.axis_m, earth.e2))


@kernel
def path(packed: Packed, ground: Ground, f: int) -> Floats:
    """`trace`, where samples may lack latitude (not a number), longitude and altitude until they are asked for."""
    flight = packed.raid.flights[f]
    step_s, duration_s = flight["step_s"], flight["duration_s"]
    lat0, lon0, ground0_m, gamma, boost_s = (
        flight["lat0_rad"], flight["lon0_rad"], flight["ground0_m"], flight["gamma_rad"], flight["boost_s"]
    )  # fmt: skip
    steps = int(duration_s / step_s + 0.5)  # a whole number, by `pack`
    out = np.empty((steps + 3, 6))
    figure = (packed.environment.earth.axis_m, packed.environment.earth.e2)
    if flight["motion"] == BALLISTIC:
        lat1, lon1, ground1_m = flight["lat1_rad"], flight["lon1_rad"], flight["ground1_m"]
        sample_ballistic(lat0, lon0, lat1, lon1, ground0_m, ground1_m, gamma, boost_s, figure, step_s, out)
    elif flight["motion"] == INTEGRATED:
        azimuth, speed, coefficient = flight["azimuth_rad"], flight["speed_mps"], flight["coefficient_kg_m2"]
        rows = fly_for(
            lat0, lon0, ground0_m, azimuth, gamma, speed, boost_s, coefficient, figure, packed.environment.earth.rotation_rad_s, duration_s,
            step_s, out,
        )  # fmt: skip
        out[steps] = out[min(rows, steps + 3) - 1]  # the impact, on whichever side of the last step rounding puts it
    else:
        legs = packed.raid.waypoints[flight["first_waypoint"] : flight["first_waypoint"] + flight["waypoints"]]
        sample_route(
            legs["lat_rad"].copy(), legs["lon_rad"].copy(), legs["level_m"].copy(), legs["above_ground"].copy(),
            legs["arrive_s"].copy(), ground, figure, step_s, out,
        )  # fmt: skip
    return out[: steps + 1].copy()


@stage
def place(samples: Floats, earth: Earth, step_s: float, t_s: float) -> tuple[float, float, float, float, float, float, int]:
    """Position of the flight at `t_s`: lat, lon, altitude, x, y, z, and the index of the sample before (for its velocity)."""
    n = samples.shape[0]
    k = min(max(int(t_s / step_s), 0), n - 2)
    locate(samples, k, (earth.axis_m, earth.e2))
    locate(samples, k + 1, (earth.axis_m, earth.e2))
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


@stage
def aspect_rcs_m2(flight: Any, samples: Floats, k: int, dx: float, dy: float, dz: float) -> float:
    """Radar cross-section for the line from radar to target: nose within 45° of head-on, tail within 45° of astern, else beam."""
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


@stage
def radial_speed_mps(samples: Floats, step_s: float, k: int, dx: float, dy: float, dz: float) -> float:
    """Speed of the flight after sample `k` along the line (dx, dy, dz) from the radar, towards it or away: never negative."""
    vx = samples[k + 1, 3] - samples[k, 3]
    vy = samples[k + 1, 4] - samples[k, 4]
    vz = samples[k + 1, 5] - samples[k, 5]
    return float(abs(vx * dx + vy * dy + vz * dz) / (step_s * math.sqrt(dx * dx + dy * dy + dz * dz)))


@stage
def standoff_noise(packed: Packed, r: int, dx: float, dy: float, dz: float) -> float:
    """J/N from stand-off jammers when radar `r` looks along (dx, dy, dz): each comes in through the lobe that points at it."""
    radar = packed.defence.radars[r]
    ratio, length_m = 0.0, math.sqrt(dx * dx + dy * dy + dz * dz)
    for i in range(radar["first_jam"], radar["first_jam"] + radar["jams"]):
        jam = packed.environment.jams[i]
        cosine = (jam["x"] * dx + jam["y"] * dy + jam["z"] * dz) / length_m
        off_axis_rad = math.acos(min(max(cosine, -1.0), 1.0))
        ratio += jam["noise"] * lobe_gain(off_axis_rad, radar["beamwidth_rad"], 1.0, radar["side_lobe"])
    return float(ratio)


@stage
def free_echo(packed: Packed, r: int, rcs_m2: float, range_m: float, elevation_rad: float) -> float:
    """Signal-to-noise ratio of one pulse in free space less atmospheric loss; the elevation is apparent."""
    radar = packed.defence.radars[r]
    snr = snr_anchored(radar["anchor_snr"], radar["anchor_range_m"], radar["anchor_rcs_m2"], range_m, rcs_m2)
    if radar["gas"] >= 0:
        gas, i = packed.environment.gas, radar["gas"]
        lost_db = (
            gas_loss_db(gas.elevation_rad[i], gas.range_m[i], gas.loss_db[i], elevation_rad, range_m) - radar["anchor_gas_db"]
        )
        snr *= 10.0 ** (-0.2 * lost_db)  # two-way
    return float(snr)


@stage
def mirrored(packed: Packed, ground: Ground, r: int, lat_rad: float, lon_rad: float, alt_m: float) -> float:
    """Factor of lobing on an echo, by reflection from ground or sea; 1 where the scenario has none."""
    radar = packed.defence.radars[r]
    if packed.environment.roughness_m < 0.0 or radar["wavelength_m"] <= 0.0:
        return 1.0
    near_m = bilinear(ground, radar["lat_rad"], radar["lon_rad"])
    far_m = bilinear(ground, lat_rad, lon_rad)
    away_m = EARTH_RADIUS_M * central_angle(radar["lat_rad"], radar["lon_rad"], lat_rad, lon_rad)
    return two_ray_factor(
        radar["antenna_alt_m"] - near_m,
        alt_m - far_m,
        away_m,
        radar["wavelength_m"],
        packed.environment.roughness_m,
        packed.environment.refraction_k,
    )


@stage
def echo(
    packed: Packed, ground: Ground, r: int, f: int, samples: Floats, at: tuple[float, float, float, float, float, float, int],
    range_m: float, elevation_rad: float,
) -> float:  # fmt: skip
    """Signal-to-noise ratio of one pulse: free space, less atmospheric loss, clutter and jamming, times lobing.

    Zero where the moving-target filter removes the target. `at` is from `place`; the elevation is apparent.
    """
    radar = packed.defence.radars[r]
    flight = packed.raid.flights[f]
    lat, lon, alt, x, y, z, k = at
    dx, dy, dz = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
    radial_mps = radial_speed_mps(samples, flight["step_s"], k, dx, dy, dz)
    if radial_mps < radar["radial_speed_min_mps"]:
        return 0.0
    snr = free_echo(packed, r, aspect_rcs_m2(flight, samples, k, dx, dy, dz), range_m, elevation_rad)
    clutter, jamming = 1.0, 0.0
    if radar["clutter_loss"] > 1.0 and radial_mps < radar["clutter_speed_mps"]:
        height_m = alt - bilinear(ground, lat, lon)
        clutter = clutter_loss(radar["clutter_loss"], height_m, radar["clutter_height_m"], radial_mps, radar["clutter_speed_mps"])
    if radar["jams"] > 0 or packed.environment.screens[f, r] > 0.0:  # an escort jammer comes in through the main lobe
        jamming = packed.environment.screens[f, r] / (dx * dx + dy * dy + dz * dz) + standoff_noise(packed, r, dx, dy, dz)
    return signal_to_noise(snr, clutter, jamming) * mirrored(packed, ground, r, lat, lon, alt)


@stage
def look(
    packed: Packed, ground: Ground, r: int, f: int, samples: Floats, t_s: float, least_pd: float, any_sector: bool
) -> tuple[float, int]:
    """One look of radar `r` at flight `f`: probability of detection, and the flags SIGHT_LINE and IN_SECTOR.

    A probability below `least_pd` counts as zero, and so does one out of sector unless `any_sector` is set. Terrain, the most expensive
    test, comes last; where an earlier test fails, no flag is set.
    """
    radar = packed.defence.radars[r]
    flight = packed.raid.flights[f]
    at = place(samples, packed.environment.earth, flight["step_s"], t_s)
    lat, lon, alt, x, y, z, _ = at
    if not nearly_in_range(radar, x, y, z):
        return 0.0, 0
    range_m, azimuth, elevation = look_angles(
        radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z
    )
    elevation = apparent_elevation(elevation, range_m, packed.environment.refraction_k)
    covered = (
        radar["range_min_m"] <= range_m <= radar["range_max_m"]
        and radar["elevation_min_rad"] <= elevation <= radar["elevation_max_rad"]
    )
    if not covered:
        return 0.0, 0
    in_sector = radar["half_sector_rad"] >= math.pi or angle_between(azimuth, radar["heading_rad"]) <= radar["half_sector_rad"]
    if not (in_sector or any_sector):
        return 0.0, 0
    snr = echo(packed, ground, r, f, samples, at, range_m, elevation)
    if snr <= 0.0:
        return 0.0, 0
    if radar["pulses"] > 1:
        pd = pd_above(flight["swerling"], snr, radar["threshold"], radar["pulses"])
    else:
        pd = pd_one_look(flight["swerling"], snr, radar["pfa"])
    if pd < least_pd or not in_sight(packed, ground, r, lat, lon, alt):
        return 0.0, 0
    return pd, SIGHT_LINE | IN_SECTOR if in_sector else SIGHT_LINE


@stage
def nearly_in_range(radar: Any, x_m: float, y_m: float, z_m: float) -> bool:
    """Whether a point lies within a radar's greatest range, with a margin of a millionth: a cheap first test."""
    dx, dy, dz = x_m - radar["x_m"], y_m - radar["y_m"], z_m - radar["z_m"]
    return bool(dx * dx + dy * dy + dz * dz <= 1.000002 * radar["range_max_m"] ** 2)


@stage
def in_sight(packed: Packed, ground: Ground, r: int, lat_rad: float, lon_rad: float, alt_m: float) -> bool:
    """Whether radar `r` has line of sight to a point: above its horizon, and above the ground from the last step to the point."""
    radar = packed.defence.radars[r]
    lat, lon, antenna_m, k = radar["lat_rad"], radar["lon_rad"], radar["antenna_alt_m"], packed.environment.refraction_k
    azimuth_rad = bearing(lat, lon, lat_rad, lon_rad)
    scale = arc_scale(lat, azimuth_rad, packed.environment.earth.axis_m, packed.environment.earth.e2)
    since_rad = 0.0
    if radar["azimuths"] > 0:
        angle_rad = central_angle(lat, lon, lat_rad, lon_rad)
        step = min(int(angle_rad / radar["horizon_step_rad"]), radar["ranges"] - 1)
        since_rad = step * radar["horizon_step_rad"]
        horizon = horizon_at(packed.environment.horizons, radar["horizon"], radar["azimuths"], radar["ranges"], azimuth_rad, step)
        if apparent_tangent(antenna_m, alt_m, scale * angle_rad * EARTH_RADIUS_M, k) < horizon:
            return False
    return terrain_visible(ground, lat, lon, antenna_m, lat_rad, lon_rad, alt_m, k, scale, since_rad)


@stage
def ever_in_sight(packed: Packed, ground: Ground, f: int, samples: Floats, network: int) -> bool:
    """Whether any searching radar of `network` has flight `f` in line of sight at any of its looks, detected or not."""
    flight = packed.raid.flights[f]
    for r in range(packed.defence.radars.size):
        radar = packed.defence.radars[r]
        if radar["network"] != network or radar["searches"] == 0:
            continue
        for i in range(int(flight["duration_s"] / radar["revisit_s"] + 0.5)):
            lat, lon, alt, _, _, _, _ = place(samples, packed.environment.earth, flight["step_s"], (i + 0.5) * radar["revisit_s"])
            if in_sight(packed, ground, r, lat, lon, alt):
                return True
    return False


@kernel
def comes_into_sight(packed: Packed, ground: Ground, r: int, f: int, samples: Floats) -> float:
    """Flight time, s, at which radar `r` first has flight `f` in line of sight, at any range; infinite if it never has."""
    flight = packed.raid.flights[f]
    step_s, duration_s = flight["step_s"], flight["duration_s"]
    low, high = -1.0, math.inf
    for k in range(int(duration_s / step_s + 0.5) + 1):
        t_s = min(k * step_s, duration_s)
        lat, lon, alt, _, _, _, _ = place(samples, packed.environment.earth, step_s, t_s)
        if in_sight(packed, ground, r, lat, lon, alt):
            high = t_s
            break
        low = t_s
    if low < 0.0 or not math.isfinite(high):
        return high
    while high - low > 1e-3:
        middle = 0.5 * (low + high)
        lat, lon, alt, _, _, _, _ = place(samples, packed.environment.earth, step_s, middle)
        if in_sight(packed, ground, r, lat, lon, alt):
            high = middle
        else:
            low = middle
    return high


@step
def guides_at(packed: Packed, ground: Ground, u: int, f: int, samples: Floats, t_s: float, any_sector: bool) -> float:
    """One-look detection probability of the unit's engagement radar where it can hold the target at `t_s`; else 0."""
    p, _ = look(packed, ground, packed.defence.units[u]["radar"], f, samples, t_s, TRACKING_PD, any_sector)
    return p


@kernel
def directions(packed: Packed, u: int, f: int, samples: Floats, since_s: float, step_s: float, out: Floats) -> None:
    """Directions of flight `f` from unit `u` at `since_s` + k `step_s`, rad clockwise from north."""
    radar = packed.defence.radars[packed.defence.units[u]["radar"]]
    for k in range(out.size):
        t_s = min(since_s + k * step_s, packed.raid.flights[f]["duration_s"])
        _, _, _, x, y, z, _ = place(samples, packed.environment.earth, packed.raid.flights[f]["step_s"], t_s)
        _, out[k], _ = look_angles(radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z)


@stage
def cued_misses(
    packed: Packed, ground: Ground, f: int, samples: Floats, units: Ints, start: Ints, first: Ints, out: Floats, held: Ints
) -> None:
    """Probability that cued looks of some units at flight `f` miss, look k of a unit at (k + ½) dwell.

    Those of unit i, from look start[i] on, go to out[first[i]:first[i + 1]], which must be 1 before. `held` (unit, 2) takes the first look
    that can detect and one after the last, counted from there; there is none where the second is not greater.
    """
    for i in range(units.size):  # a unit that slews is taken to face the flight
        dwell_s = packed.defence.radars[packed.defence.units[units[i]]["radar"]]["dwell_s"]
        looks = first[i + 1] - first[i]
        held[i, 0], held[i, 1] = looks, 0
        for k in range(looks):
            any_sector = packed.defence.units[units[i]]["slews"] == 1
            p = guides_at(packed, ground, units[i], f, samples, (start[i] + k + 0.5) * dwell_s, any_sector)
            if p > 0.0:
                out[first[i] + k] = 1.0 - p
                held[i, 0], held[i, 1] = min(held[i, 0], k), k + 1
