"""Ballistic flight by numerical integration: drag, an Earth that turns, an oblate Earth. `flight` has the closed form for none of them.

In the frame that turns with the Earth (ω along z), with v the velocity in it, so that v is also the velocity through the air:

    dv/dt = g(r) - 2 ω x v - ω x (ω x r) - ρ v |v| / (2 β),   g = -μ r / r³, and on an ellipsoid its second zonal harmonic

β is the ballistic coefficient, mass over drag area in kg/m² (infinite: no drag), ρ the standard atmosphere's density. During the boost the
missile speeds up evenly from rest along a straight line, on which its thrust is taken to make up for gravity, drag and rotation.
Fourth-order Runge-Kutta; steps of at most a second and a tenth of the time β / (ρ v) in which drag takes its toll.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.atmosphere import standard_air
from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M, WGS84_J2
from closedsky.physics.flight import angle_for_apogee, launch_speed, minimum_energy_angle
from closedsky.physics.geodesy import TWO_PI, bearing, central_angle, ecef, geodetic
from closedsky.physics.jit import kernel

FloatArray = npt.NDArray[np.float64]
Figure = tuple[float, float]
State = tuple[float, float, float, float, float, float]

NO_DRAG = math.inf
LONGEST_S = 7200.0
_LONGEST_STEP_S = 1.0
_SHORTEST_STEP_S = 0.005
_AIRLESS_M = 150_000.0
_CLOSE_M = 0.5
_GLANCE_S = 4.0


@kernel
def altitude_of(x: float, y: float, z: float, figure: Figure) -> float:
    """Height in m above the ellipsoid, measured along the radius: at 100 km within 1 m of that along the normal."""
    square = x * x + y * y + z * z
    along = (x * x + y * y) / square
    return math.sqrt(square) - figure[0] * math.sqrt((1.0 - figure[1]) / (1.0 - figure[1] * along))


@kernel
def acceleration(state: State, beta: float, figure: Figure, rotation: float) -> tuple[float, float, float]:
    """dv/dt of the equation above, m/s²."""
    x, y, z, vx, vy, vz = state
    square = x * x + y * y + z * z
    pull = -EARTH_MU / (square * math.sqrt(square))
    ax, ay, az = pull * x, pull * y, pull * z
    if figure[1] > 0.0:
        oblate = 1.5 * WGS84_J2 * figure[0] * figure[0] / square
        north = 5.0 * z * z / square
        ax += ax * oblate * (1.0 - north)
        ay += ay * oblate * (1.0 - north)
        az += az * oblate * (3.0 - north)
    ax += rotation * (rotation * x + 2.0 * vy)
    ay += rotation * (rotation * y - 2.0 * vx)
    if beta < NO_DRAG:
        altitude_m = altitude_of(x, y, z, figure)
        if altitude_m < _AIRLESS_M:
            speed = math.sqrt(vx * vx + vy * vy + vz * vz)
            drag = 0.5 * standard_air(altitude_m)[2] * speed / beta
            ax, ay, az = ax - drag * vx, ay - drag * vy, az - drag * vz
    return ax, ay, az


@kernel
def _moved(state: State, rate: State, dt: float) -> State:
    return (
        state[0] + dt * rate[0], state[1] + dt * rate[1], state[2] + dt * rate[2],
        state[3] + dt * rate[3], state[4] + dt * rate[4], state[5] + dt * rate[5],
    )  # fmt: skip


@kernel
def _rate(state: State, beta: float, figure: Figure, rotation: float) -> State:
    ax, ay, az = acceleration(state, beta, figure, rotation)
    return state[3], state[4], state[5], ax, ay, az


@kernel
def _runge_kutta(state: State, dt: float, beta: float, figure: Figure, rotation: float) -> State:
    a = _rate(state, beta, figure, rotation)
    b = _rate(_moved(state, a, 0.5 * dt), beta, figure, rotation)
    c = _rate(_moved(state, b, 0.5 * dt), beta, figure, rotation)
    d = _rate(_moved(state, c, dt), beta, figure, rotation)
    sixth = dt / 6.0
    return _moved(_moved(_moved(_moved(state, a, sixth), b, 2.0 * sixth), c, 2.0 * sixth), d, sixth)


@kernel
def advance(state: State, dt: float, beta: float, figure: Figure, rotation: float) -> State:
    """The state `dt` seconds on (or back, if negative) in free flight: ECEF position in m, velocity in m/s."""
    left = dt
    while left != 0.0:
        longest = _LONGEST_STEP_S
        if beta < NO_DRAG:
            altitude_m = altitude_of(state[0], state[1], state[2], figure)
            if altitude_m < _AIRLESS_M:
                speed = math.sqrt(state[3] * state[3] + state[4] * state[4] + state[5] * state[5])
                toll_s = beta / max(standard_air(altitude_m)[2] * speed, 1e-12)
                longest = min(longest, max(0.1 * toll_s, _SHORTEST_STEP_S))
        step = math.copysign(min(abs(left), longest), left)
        state = _runge_kutta(state, step, beta, figure, rotation)
        left -= step
    return state


@kernel
def climb_rate(state: State) -> float:
    """Speed in m/s away from the Earth's centre."""
    return (state[0] * state[3] + state[1] * state[4] + state[2] * state[5]) / math.sqrt(
        state[0] * state[0] + state[1] * state[1] + state[2] * state[2]
    )


@kernel
def burnout(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, after_s: float, boost_s: float,
    figure: Figure,
) -> State:  # fmt: skip
    """The state `after_s` seconds into a boost of `boost_s` at whose end the speed is `speed_mps` (with no boost: at once)."""
    x, y, z = ecef(lat_rad, lon_rad, alt_m, figure[0], figure[1])
    level, up = math.cos(gamma_rad), math.sin(gamma_rad)
    east, north = level * math.sin(azimuth_rad), level * math.cos(azimuth_rad)
    outward = up * math.cos(lat_rad) - north * math.sin(lat_rad)
    dx = outward * math.cos(lon_rad) - east * math.sin(lon_rad)
    dy = outward * math.sin(lon_rad) + east * math.cos(lon_rad)
    dz = up * math.sin(lat_rad) + north * math.cos(lat_rad)
    speed = speed_mps * (after_s / boost_s if boost_s > 0.0 else 1.0)
    way = 0.5 * speed * after_s
    return x + way * dx, y + way * dy, z + way * dz, speed * dx, speed * dy, speed * dz


@kernel
def _touchdown(
    state: State, guess_s: float, end_alt_m: float, beta: float, figure: Figure, rotation: float
) -> tuple[State, float]:
    """The state at which a descent passes `end_alt_m`, and how long after (before, if negative) the given one; Newton's method."""
    total_s = 0.0
    step_s = guess_s
    for _ in range(20):
        state = advance(state, step_s, beta, figure, rotation)
        total_s += step_s
        _, _, altitude_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
        step_s = (end_alt_m - altitude_m) / climb_rate(state)
        if abs(step_s) < 1e-9:
            break
    return state, total_s


@kernel
def flight_end(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, boost_s: float, beta: float,
    figure: Figure, rotation: float, end_alt_m: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Duration in s, latitude and longitude in rad of the end, apogee in m, speed in m/s at the end, of the flight that `fly` samples.

    Not a number if it has not come down through `end_alt_m` after two hours, or never rises to it.
    """
    state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, boost_s, figure)
    time_s = boost_s
    apogee_m = -math.inf
    climb = climb_rate(state)
    _, _, altitude_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
    while time_s < LONGEST_S:
        before_m, before_climb = altitude_m, climb
        state = advance(state, _GLANCE_S, beta, figure, rotation)
        time_s += _GLANCE_S
        climb = climb_rate(state)
        _, _, altitude_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
        if before_climb > 0.0 >= climb:
            apogee_m = before_m + 0.5 * before_climb * before_climb / (before_climb - climb) * _GLANCE_S
        if climb < 0.0 and altitude_m <= end_alt_m:
            if max(apogee_m, before_m) < end_alt_m:
                break
            state, more_s = _touchdown(state, (end_alt_m - altitude_m) / climb, end_alt_m, beta, figure, rotation)
            lat, lon, _ = geodetic(state[0], state[1], state[2], figure[0], figure[1])
            speed = math.sqrt(state[3] * state[3] + state[4] * state[4] + state[5] * state[5])
            return time_s + more_s, lat, lon, max(apogee_m, before_m), speed
    return math.nan, math.nan, math.nan, math.nan, math.nan


@kernel
def fly(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, boost_s: float, beta: float,
    figure: Figure, rotation: float, end_alt_m: float, step_s: float, out: FloatArray,
) -> int:  # fmt: skip
    """Positions along a flight every `step_s` seconds, the last where it comes down through `end_alt_m`; returns their number.

    Rows of `out` as in `flight.sample_ballistic`; it ends early if `out` is full. Launch from latitude, longitude in rad, altitude
    in m, along an azimuth at an elevation `gamma_rad`; burnout speed in m/s, boost in s, ballistic coefficient `beta` in kg/m², rotation
    in rad/s.
    """
    state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, 0.0, boost_s, figure)
    now_s = 0.0
    for row in range(out.shape[0]):
        then_s = row * step_s
        if then_s <= boost_s:
            state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, then_s, boost_s, figure)
        else:
            if now_s < boost_s:
                state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, boost_s, figure)
                now_s = boost_s
            state = advance(state, then_s - now_s, beta, figure, rotation)
        now_s = then_s
        lat, lon, altitude_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
        ends = now_s > boost_s and altitude_m <= end_alt_m and climb_rate(state) < 0.0
        if ends:
            state, _ = _touchdown(state, (end_alt_m - altitude_m) / climb_rate(state), end_alt_m, beta, figure, rotation)
            lat, lon, altitude_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
        out[row, 0], out[row, 1], out[row, 2] = lat, lon, altitude_m
        out[row, 3], out[row, 4], out[row, 5] = state[0], state[1], state[2]
        if ends:
            return row + 1
    return int(out.shape[0])


@kernel
def _aim_at_angle(
    lat0: float, lon0: float, alt0_m: float, lat1: float, lon1: float, alt1_m: float, gamma: float, speed: float, boost_s: float,
    beta: float, figure: Figure, rotation: float,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """Azimuth, burnout speed, duration and apogee of the flight at one elevation that ends within `_CLOSE_M` of the target, if found.

    The azimuth is turned by the bearing's error, the speed moved by the secant of the range's; either settles in a few rounds.
    """
    wanted = central_angle(lat0, lon0, lat1, lon1)
    course = bearing(lat0, lon0, lat1, lon1)
    azimuth = course
    last_speed, last_range = 0.0, 0.0
    for _ in range(60):
        duration_s, lat, lon, apogee_m, _ = flight_end(
            lat0, lon0, alt0_m, azimuth, gamma, speed, boost_s, beta, figure, rotation, alt1_m
        )
        if not duration_s > 0.0:
            # too fast to come down in time, or too slow to rise to the target
            speed *= 1.05 if alt1_m > alt0_m and speed * speed < 4.0 * 9.8 * (alt1_m - alt0_m) else 0.93
            last_speed = 0.0
            continue
        reached = central_angle(lat0, lon0, lat, lon)
        off_course = (course - bearing(lat0, lon0, lat, lon) + math.pi) % TWO_PI - math.pi
        if EARTH_RADIUS_M * central_angle(lat, lon, lat1, lon1) < _CLOSE_M:
            return azimuth, speed, duration_s, apogee_m, True
        azimuth += off_course
        slope = 2.0 * reached / speed
        if last_speed > 0.0 and abs(speed - last_speed) > 1e-9:
            slope = max((reached - last_range) / (speed - last_speed), 0.3 * slope)
        last_speed, last_range = speed, reached
        speed += min(max((wanted - reached) / slope, -0.2 * speed), 0.2 * speed)
    return azimuth, speed, math.nan, math.nan, False


@kernel
def aim(
    lat0_rad: float, lon0_rad: float, alt0_m: float, lat1_rad: float, lon1_rad: float, alt1_m: float, apogee_m: float, boost_s: float,
    beta: float, figure: Figure, rotation: float,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """Azimuth and elevation in rad, burnout speed in m/s, duration in s of the flight from one place to another; whether there is one.

    It ends within half a metre of the target. The elevation is that of minimum energy in a vacuum, or the one whose flight has the wanted
    apogee (m; not a number if none is asked for) within a metre, by bisection: the apogee rises with the elevation.
    """
    angle = central_angle(lat0_rad, lon0_rad, lat1_rad, lon1_rad)
    gamma = minimum_energy_angle(angle)
    speed = launch_speed(angle, gamma)
    low, high = 0.005, 0.5 * math.pi - 0.25 * angle - 0.005
    if not math.isnan(apogee_m):
        gamma = min(max(angle_for_apogee(angle, apogee_m), low), high)
        speed = launch_speed(angle, gamma)
    for _ in range(60):
        azimuth, found_speed, duration_s, reached_m, found = _aim_at_angle(
            lat0_rad, lon0_rad, alt0_m, lat1_rad, lon1_rad, alt1_m, gamma, speed, boost_s, beta, figure, rotation
        )
        if math.isnan(apogee_m) or (found and abs(reached_m - apogee_m) < 1.0):
            return azimuth, gamma, found_speed, duration_s, found
        if found and reached_m < apogee_m:
            low = gamma
        else:
            high = gamma
        speed = found_speed if found else launch_speed(angle, 0.5 * (low + high))
        gamma = 0.5 * (low + high)
        if high - low < 1e-12:
            break
    return azimuth, gamma, speed, math.nan, False
