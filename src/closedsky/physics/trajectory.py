"""Ballistic flight by numerical integration: drag, an Earth that turns, an oblate Earth. `flight` has the closed form for none of them.

In the frame that turns with the Earth (ω along z), with v the velocity in it, so that v is also the velocity through the air:

    dv/dt = g(r) - 2 ω x v - ω x (ω x r) - ρ v |v| / (2 β),   g = -μ r / r³, and on an ellipsoid its second zonal harmonic

β is the ballistic coefficient, mass over drag area in kg/m² (infinite: no drag), ρ the standard atmosphere's density. During the boost the
missile speeds up evenly from rest along a straight line, on which its thrust is taken to make up for gravity, drag and rotation.
Fourth-order Runge-Kutta, every step taken at once and in two halves; what they differ by sets its length. So the steps are long in
a vacuum and short where the air is dense or its layers meet. Places at the end of a flight of 3000 km are right within a metre.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.atmosphere import standard_air
from closedsky.physics.constants import EARTH_MU, WGS84_J2
from closedsky.physics.geodesy import ecef, geodetic
from closedsky.physics.jit import kernel, step

FloatArray = npt.NDArray[np.float64]
Ellipsoid = tuple[float, float]
State = tuple[float, float, float, float, float, float]

NO_DRAG = math.inf
LONGEST_S = 7200.0
"""A flight still up after so long is none."""
_STEP_ERROR_MPS = 3e-6
_SHORTEST_STEP_S = 1e-3
_AIRLESS_M = 150_000.0
_GLANCE_S = 4.0


@kernel
def altitude_of(x: float, y: float, z: float, figure: Ellipsoid) -> float:
    """Height in m above the ellipsoid, measured along the radius: at 100 km within 1 m of that along the normal."""
    square = x * x + y * y + z * z
    along = (x * x + y * y) / square
    return math.sqrt(square) - figure[0] * math.sqrt((1.0 - figure[1]) / (1.0 - figure[1] * along))


@kernel
def acceleration(state: State, beta: float, figure: Ellipsoid, rotation: float) -> tuple[float, float, float]:
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
def _rate(state: State, beta: float, figure: Ellipsoid, rotation: float) -> State:
    ax, ay, az = acceleration(state, beta, figure, rotation)
    return state[3], state[4], state[5], ax, ay, az


@kernel
def _runge_kutta(state: State, a: State, dt: float, beta: float, figure: Ellipsoid, rotation: float) -> State:
    """One step; `a` is the rate at its start."""
    b = _rate(_moved(state, a, 0.5 * dt), beta, figure, rotation)
    c = _rate(_moved(state, b, 0.5 * dt), beta, figure, rotation)
    d = _rate(_moved(state, c, dt), beta, figure, rotation)
    sixth = dt / 6.0
    return _moved(_moved(_moved(_moved(state, a, sixth), b, 2.0 * sixth), c, 2.0 * sixth), d, sixth)


@kernel
def _both_ways(state: State, rate: State, dt: float, beta: float, figure: Ellipsoid, rotation: float) -> tuple[State, float]:
    """The state after one step, by Richardson from the whole step and its halves, and the error in m/s of the halves' velocity.

    `rate` is that of the state: the same for a whole step, its first half, and any shorter step that is tried in its place.
    """
    whole = _runge_kutta(state, rate, dt, beta, figure, rotation)
    half = _runge_kutta(state, rate, 0.5 * dt, beta, figure, rotation)
    halves = _runge_kutta(half, _rate(half, beta, figure, rotation), 0.5 * dt, beta, figure, rotation)
    off = _moved(halves, whole, -1.0)
    error = math.sqrt(off[3] * off[3] + off[4] * off[4] + off[5] * off[5]) / 15.0
    return _moved(halves, off, 1.0 / 15.0), error


@kernel
def advance(state: State, dt: float, beta: float, figure: Ellipsoid, rotation: float) -> State:
    """The state `dt` seconds on (or back, if negative) in free flight: ECEF position in m, velocity in m/s."""
    left = dt
    step = dt
    rate = _rate(state, beta, figure, rotation)
    while left != 0.0:
        step = math.copysign(min(abs(step), abs(left)), left)
        moved, error = _both_ways(state, rate, step, beta, figure, rotation)
        if not error > _STEP_ERROR_MPS or abs(step) <= _SHORTEST_STEP_S:
            state = moved
            left -= step
            if left != 0.0:
                rate = _rate(state, beta, figure, rotation)
        step = math.copysign(_next_step(abs(step), error), left)
    return state


@kernel
def _next_step(step: float, error: float) -> float:
    """The length of a step that follows, or replaces, one of an error in m/s, which goes as its fifth power."""
    better = 0.9 * (_STEP_ERROR_MPS / max(error, 1e-12)) ** 0.2
    return float(max(step * min(max(better, 0.2), 5.0), _SHORTEST_STEP_S))


@kernel
def height_and_climb(state: State, figure: Ellipsoid) -> tuple[float, float]:
    """Height in m above the ellipsoid and the rate in m/s at which it grows: the velocity along the ellipsoid's normal."""
    lat, lon, height_m = geodetic(state[0], state[1], state[2], figure[0], figure[1])
    outward = state[3] * math.cos(lon) + state[4] * math.sin(lon)
    return height_m, outward * math.cos(lat) + state[5] * math.sin(lat)


@kernel
def burnout(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, after_s: float, boost_s: float,
    figure: Ellipsoid,
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
    state: State, guess_s: float, end_alt_m: float, beta: float, figure: Ellipsoid, rotation: float
) -> tuple[State, float]:
    """The state at which a descent passes `end_alt_m`, and how long after the given one, which is above; Newton's method from a guess."""
    total_s = 0.0
    step_s = guess_s
    for _ in range(20):
        state = advance(state, step_s, beta, figure, rotation)
        total_s += step_s
        height_m, climb = height_and_climb(state, figure)
        step_s = (end_alt_m - height_m) / climb
        if abs(step_s) < 1e-9:
            break
    return state, total_s


@kernel
def flight_end(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, boost_s: float, beta: float,
    figure: Ellipsoid, rotation: float, end_alt_m: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Duration in s, latitude and longitude in rad of the end, apogee in m, speed in m/s at the end, of the flight that `fly` samples.

    The duration is infinite if the flight has not come down through `end_alt_m` after two hours, and not a number if it never rises to it.
    """
    state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, boost_s, figure)
    time_s = boost_s
    height_m, climb = height_and_climb(state, figure)
    apogee_m = height_m
    while time_s < LONGEST_S:
        after = advance(state, _GLANCE_S, beta, figure, rotation)
        after_m, after_climb = height_and_climb(after, figure)
        glance_s = _GLANCE_S
        if climb > 0.0 >= after_climb:  # over the top: look from there
            glance_s *= climb / (climb - after_climb)
            after = advance(state, glance_s, beta, figure, rotation)
            after_m, after_climb = height_and_climb(after, figure)[0], 0.0
            apogee_m = after_m
            if apogee_m < end_alt_m:
                return math.nan, math.nan, math.nan, math.nan, math.nan
        elif after_climb < 0.0 and after_m <= end_alt_m:
            guess_s = glance_s * (height_m - end_alt_m) / (height_m - after_m)
            end, more_s = _touchdown(state, guess_s, end_alt_m, beta, figure, rotation)
            lat, lon, _ = geodetic(end[0], end[1], end[2], figure[0], figure[1])
            return time_s + more_s, lat, lon, apogee_m, math.sqrt(end[3] * end[3] + end[4] * end[4] + end[5] * end[5])
        state, height_m, climb = after, after_m, after_climb
        time_s += glance_s
    return math.inf, math.nan, math.nan, math.nan, math.nan


@kernel
def fly(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, boost_s: float, beta: float,
    figure: Ellipsoid, rotation: float, end_alt_m: float, step_s: float, out: FloatArray,
) -> int:  # fmt: skip
    """Positions along a flight every `step_s` seconds, the last where it comes down through `end_alt_m`; returns their number.

    Rows of `out` as in `flight.sample_ballistic`: row k at min(k step, T), as many as fit; none if it does not come down. Launch from
    latitude, longitude in rad, altitude in m, along an azimuth at an elevation `gamma_rad`; burnout speed in m/s, boost in s, ballistic
    coefficient `beta` in kg/m², rotation in rad/s.
    """
    duration_s = flight_end(
        lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, beta, figure, rotation, end_alt_m
    )[0]
    if not duration_s < math.inf:
        return 0
    rows = fly_for(
        lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, beta, figure, rotation, duration_s, step_s, out
    )
    for row in range(rows):
        locate(out, row, figure)
    return rows


@kernel
def fly_for(
    lat_rad: float, lon_rad: float, alt_m: float, azimuth_rad: float, gamma_rad: float, speed_mps: float, boost_s: float, beta: float,
    figure: Ellipsoid, rotation: float, duration_s: float, step_s: float, out: FloatArray,
) -> int:  # fmt: skip
    """What `fly` does, for a flight whose duration is known, but ECEF positions only: `locate` adds the rest of a row.

    Steps are as long as the error allows, and samples lie between their ends on the curve of fifth degree that has the places,
    velocities and accelerations of both: over 300 km within two centimetres of a flight that stops at every sample.
    """
    rows = int(min(math.floor(duration_s / step_s) + 2, out.shape[0]))
    row = 0
    while row < rows and row * step_s < boost_s:
        boosted = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, row * step_s, boost_s, figure)
        _put(out, row, boosted[0], boosted[1], boosted[2])
        row += 1
    state = burnout(lat_rad, lon_rad, alt_m, azimuth_rad, gamma_rad, speed_mps, boost_s, boost_s, figure)
    before = _rate(state, beta, figure, rotation)
    now_s, stride_s = boost_s, step_s
    while row < rows:
        if min(row * step_s, duration_s) <= now_s:
            _put(out, row, state[0], state[1], state[2])
            row += 1
            continue
        last = stride_s >= duration_s - now_s
        stride_s = min(stride_s, duration_s - now_s)
        moved, error = _both_ways(state, before, stride_s, beta, figure, rotation)
        if not error > _STEP_ERROR_MPS or stride_s <= _SHORTEST_STEP_S:
            then_s = duration_s if last else now_s + stride_s
            after = _rate(moved, beta, figure, rotation)
            while row < rows and min(row * step_s, duration_s) <= then_s:
                share = (min(row * step_s, duration_s) - now_s) / (then_s - now_s)
                x, y, z = _between(state, before, moved, after, then_s - now_s, share)
                _put(out, row, x, y, z)
                row += 1
            state, before, now_s = moved, after, then_s
        stride_s = _next_step(stride_s, error)
    return rows


@kernel
def _put(out: FloatArray, row: int, x: float, y: float, z: float) -> None:
    out[row, 0] = math.nan
    out[row, 3], out[row, 4], out[row, 5] = x, y, z


@step
def locate(samples: FloatArray, row: int, figure: Ellipsoid) -> None:
    """Add latitude, longitude and altitude to a sample that lacks them: most samples of a long flight are far from whoever asks."""
    if math.isnan(samples[row, 0]):
        x, y, z = samples[row, 3], samples[row, 4], samples[row, 5]
        samples[row, 0], samples[row, 1], samples[row, 2] = geodetic(x, y, z, figure[0], figure[1])


@kernel
def _between(start: State, leave: State, end: State, reach: State, dt: float, u: float) -> tuple[float, float, float]:
    """The place at a share `u` of a step: Hermite's curve of fifth degree through both ends."""
    square = u * u
    cube = square * u
    to_end = cube * (10.0 + u * (6.0 * u - 15.0))
    leaving = dt * (u - cube * (6.0 + u * (3.0 * u - 8.0)))
    arriving = dt * cube * (u * (7.0 - 3.0 * u) - 4.0)
    early = 0.5 * dt * dt * square * (1.0 + u * (u * (3.0 - u) - 3.0))
    late = 0.5 * dt * dt * cube * (1.0 + u * (u - 2.0))
    return (
        start[0] + to_end * (end[0] - start[0]) + leaving * start[3] + arriving * end[3] + early * leave[3] + late * reach[3],
        start[1] + to_end * (end[1] - start[1]) + leaving * start[4] + arriving * end[4] + early * leave[4] + late * reach[4],
        start[2] + to_end * (end[2] - start[2]) + leaving * start[5] + arriving * end[5] + early * leave[5] + late * reach[5],
    )  # fmt: skip
