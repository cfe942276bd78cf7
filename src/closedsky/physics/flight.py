"""How threats move: free flight on a sphere, and routes of great-circle legs. Deterministic functions of time.

Free flight is Kepler's, from the ground to the ground of a sphere of radius R that does not turn, without drag. With Φ the angle at the
Earth's centre between launch and impact, γ the flight path angle at both, and λ = v² R / μ the launch energy:

    λ = sin(Φ/2) / (cos γ sin(γ + Φ/2)),   a = R / (2 - λ),   1 - e² = λ (2 - λ) cos² γ

(Bate, Mueller and White, Fundamentals of Astrodynamics, ch. 6). The arc is symmetric about its apogee, so its angles are counted from
there: with D = π - E, E the eccentric anomaly, the time from apogee is √(a³/μ) (D + e sin D) and the angle ψ from it follows from
tan(ψ/2) = √((1 - e)/(1 + e)) tan(D/2). An arc rises from the ground if 0 < γ < π/2 - Φ/4; beyond, it never comes back.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M
from closedsky.physics.geodesy import along_great_circle, central_angle, ecef
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jit import kernel

FloatArray = npt.NDArray[np.float64]
FlagArray = npt.NDArray[np.bool_ | np.uint8]


@kernel
def minimum_energy_angle(range_angle_rad: float) -> float:
    """Flight path angle in rad, above the horizontal, that reaches a range angle with the least speed: π/4 - Φ/4."""
    return 0.25 * (math.pi - range_angle_rad)


@kernel
def _energy(range_angle_rad: float, gamma_rad: float) -> float:
    """Λ = v² R / μ, twice the ratio of kinetic to potential energy at launch; 2 would escape."""
    half = 0.5 * range_angle_rad
    return math.sin(half) / (math.cos(gamma_rad) * math.sin(gamma_rad + half))


@kernel
def launch_speed(range_angle_rad: float, gamma_rad: float) -> float:
    """Speed in m/s at launch, and again at impact, √(λ μ / R)."""
    return math.sqrt(_energy(range_angle_rad, gamma_rad) * EARTH_MU / EARTH_RADIUS_M)


@kernel
def _orbit(range_angle_rad: float, gamma_rad: float) -> tuple[float, float, float, float]:
    """Semi-major axis in m, eccentricity, 1 - e without cancellation, and D at the ground in rad."""
    energy = _energy(range_angle_rad, gamma_rad)
    axis_m = EARTH_RADIUS_M / (2.0 - energy)
    flatness = energy * (2.0 - energy) * math.cos(gamma_rad) ** 2
    eccentricity = math.sqrt(max(0.0, 1.0 - flatness))
    rest = flatness / (1.0 + eccentricity)
    ground_rad = 2.0 * math.atan(math.sqrt((1.0 + eccentricity) / rest) * math.tan(0.25 * range_angle_rad))
    return axis_m, eccentricity, rest, ground_rad


@kernel
def apogee_altitude(range_angle_rad: float, gamma_rad: float) -> float:
    """Greatest altitude in m above the sphere: a (1 + e) - R, written as 2 a e sin²(D₀/2), D₀ the value of D at the ground."""
    axis_m, eccentricity, _, ground_rad = _orbit(range_angle_rad, gamma_rad)
    return 2.0 * axis_m * eccentricity * math.sin(0.5 * ground_rad) ** 2


@kernel
def time_of_flight(range_angle_rad: float, gamma_rad: float) -> float:
    """Time in s from ground to ground: 2 √(a³/μ) (D₀ + e sin D₀)."""
    axis_m, eccentricity, _, ground_rad = _orbit(range_angle_rad, gamma_rad)
    return 2.0 * math.sqrt(axis_m**3 / EARTH_MU) * (ground_rad + eccentricity * math.sin(ground_rad))


@kernel
def angle_for_apogee(range_angle_rad: float, apogee_m: float) -> float:
    """Flight path angle in rad whose arc over a range angle has this apogee (altitude in m): lofted or depressed; by bisection.

    The apogee rises with γ from 0 at γ = 0 without bound towards π/2 - Φ/4. Not a number where no arc fits: a range angle
    outside (0, π], an apogee that is not above the ground or lies beyond 1e9 m.
    """
    if not (0.0 < range_angle_rad <= math.pi and 0.0 < apogee_m <= 1e9):
        return math.nan
    low = 0.0
    high = 0.5 * math.pi - 0.25 * range_angle_rad
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            return middle
        if _energy(range_angle_rad, middle) >= 2.0 or apogee_altitude(range_angle_rad, middle) > apogee_m:
            high = middle
        else:
            low = middle


@kernel
def kepler_state(range_angle_rad: float, gamma_rad: float, t_s: float) -> tuple[float, float]:
    """Angle travelled over the ground in rad and altitude above the sphere in m, `t_s` seconds after launch (0 to `time_of_flight`).

    Newton's method on D + e sin D = M from D = M / (1 + e), which approaches the root from below without overshooting, the left side
    being concave for M >= 0; the other half of the arc is its mirror image.
    """
    axis_m, eccentricity, rest, ground_rad = _orbit(range_angle_rad, gamma_rad)
    ground_mean_rad = ground_rad + eccentricity * math.sin(ground_rad)
    mean_rad = t_s * math.sqrt(EARTH_MU / axis_m**3) - ground_mean_rad
    wanted = abs(mean_rad)
    d_rad = wanted / (1.0 + eccentricity)
    for _ in range(60):
        change = (wanted - d_rad - eccentricity * math.sin(d_rad)) / (1.0 + eccentricity * math.cos(d_rad))
        d_rad += change
        if change <= 1e-15 * d_rad:
            break
    psi_rad = math.copysign(2.0 * math.atan(math.sqrt(rest / (1.0 + eccentricity)) * math.tan(0.5 * d_rad)), mean_rad)
    # a (1 + e cos D) - R as a difference from the ground's own D: exactly nothing at launch and impact
    drop = math.sin(0.5 * (ground_rad - d_rad)) * math.sin(0.5 * (ground_rad + d_rad))
    return 0.5 * range_angle_rad + psi_rad, 2.0 * axis_m * eccentricity * drop


@kernel
def boosted_clock(t_s: float, boost_s: float) -> float:
    """Time in s on the free-flight clock after `t_s` seconds of true flight, the boost being a ramp of speed along the same path.

    t² / (2 b) while t < b, then t - b/2: speed grows evenly from nought to the free-flight speed during the boost of b seconds, so the
    whole flight takes b/2 longer than free flight.
    """
    if t_s < boost_s:
        return t_s * t_s / (2.0 * boost_s)
    return t_s - 0.5 * boost_s


@kernel
def ballistic_duration(range_angle_rad: float, gamma_rad: float, boost_s: float) -> float:
    """Time in s from launch to impact: `time_of_flight` + half the boost."""
    return time_of_flight(range_angle_rad, gamma_rad) + 0.5 * boost_s


@kernel
def sample_ballistic(
    lat1_rad: float,
    lon1_rad: float,
    lat2_rad: float,
    lon2_rad: float,
    ground1_m: float,
    ground2_m: float,
    gamma_rad: float,
    boost_s: float,
    figure: tuple[float, float],
    step_s: float,
    out: FloatArray,
) -> int:
    """Positions along a ballistic flight every `step_s` seconds; returns their number n.

    Rows of `out` (n or more, 6): latitude and longitude in rad, altitude in m, ECEF x, y, z in m on the ellipsoid `figure` (semi-major
    axis, first eccentricity squared). Row k is the position at time
    min(k step, T), T being `ballistic_duration`, and n = floor(T / step) + 2, so the last row is the impact. If `out` has
    fewer rows they are all filled and n is returned all the same. Altitude: Kepler's above the line from the ground at launch to the ground
    at impact, blended evenly along the ground track.
    """
    range_angle_rad = central_angle(lat1_rad, lon1_rad, lat2_rad, lon2_rad)
    duration_s = ballistic_duration(range_angle_rad, gamma_rad, boost_s)
    rows = int(math.floor(duration_s / step_s)) + 2
    for row in range(min(rows, out.shape[0])):
        clock_s = boosted_clock(min(row * step_s, duration_s), boost_s)
        travelled_rad, kepler_m = kepler_state(range_angle_rad, gamma_rad, clock_s)
        fraction = travelled_rad / range_angle_rad
        lat_rad, lon_rad = along_great_circle(lat1_rad, lon1_rad, lat2_rad, lon2_rad, fraction)
        _write(out, row, lat_rad, lon_rad, kepler_m + (1.0 - fraction) * ground1_m + fraction * ground2_m, figure)
    return rows


@kernel
def sample_route(
    lat_rad: FloatArray,
    lon_rad: FloatArray,
    level_m: FloatArray,
    above_ground: FlagArray,
    arrive_s: FloatArray,
    ground: Ground,
    figure: tuple[float, float],
    step_s: float,
    out: FloatArray,
) -> int:
    """Positions along a route of great-circle legs every `step_s` seconds; returns their number n. Rows of `out` as in `sample_ballistic`.

    Waypoint arrays (w,), w >= 1: latitude, longitude in rad; level in m, an altitude or, where `above_ground`, a height; arrival time
    in s, never falling. Row k is the position at time arrive[0] + min(k step, T), T = arrive[w-1] - arrive[0], n = floor(T / step) + 2.
    Along a leg the position moves evenly and the level with it. A leg is flown in the kind of its end: to a height, altitude is
    terrain + level. Where its start is of the other kind, its level is converted by the terrain
    at the start.
    """
    last = lat_rad.shape[0] - 1
    duration_s = arrive_s[last] - arrive_s[0]
    rows = int(math.floor(duration_s / step_s)) + 2
    leg = 0
    for row in range(min(rows, out.shape[0])):
        time_s = arrive_s[0] + min(row * step_s, duration_s)
        while leg + 1 < last and time_s >= arrive_s[leg + 1]:
            leg += 1
        end = min(leg + 1, last)
        leg_s = arrive_s[end] - arrive_s[leg]
        fraction = min(1.0, (time_s - arrive_s[leg]) / leg_s) if leg_s > 0.0 else 1.0
        lat, lon = along_great_circle(lat_rad[leg], lon_rad[leg], lat_rad[end], lon_rad[end], fraction)
        start_m = level_m[leg]
        if bool(above_ground[leg]) != bool(above_ground[end]):
            ground_m = bilinear(ground, lat_rad[leg], lon_rad[leg])
            start_m += ground_m if above_ground[leg] else -ground_m
        alt_m = (1.0 - fraction) * start_m + fraction * level_m[end]
        if above_ground[end]:
            alt_m += bilinear(ground, lat, lon)
        _write(out, row, lat, lon, alt_m, figure)
    return rows


@kernel
def _write(out: FloatArray, row: int, lat_rad: float, lon_rad: float, alt_m: float, figure: tuple[float, float]) -> None:
    """One row of positions: latitude, longitude, altitude, ECEF."""
    x_m, y_m, z_m = ecef(lat_rad, lon_rad, alt_m, figure[0], figure[1])
    out[row, 0] = lat_rad
    out[row, 1] = lon_rad
    out[row, 2] = alt_m
    out[row, 3] = x_m
    out[row, 4] = y_m
    out[row, 5] = z_m
