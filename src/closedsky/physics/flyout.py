"""How long a missile takes to a point: it burns, then coasts, with drag and weight.

The fly-out has three degrees of freedom: a point mass on a prescribed path, which is straight or lofted. With s from 0 to 1 along it, the
point is at ground range s X and altitude z₀ + s Z + 4 H s (1 - s), H the loft; along it

    m dv/dt = T - ½ ρ v² C(M) A - m g sin γ

T is constant while the fuel burns evenly, ρ and the speed of sound are the standard atmosphere's, A is the cross-section times what the
missile's drag is of the generic curve's. The ground is level; nothing is said of guidance: how the missile holds the path costs nothing.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.atmosphere import sound_speed, standard_air
from closedsky.physics.constants import GRAVITY0
from closedsky.physics.jit import kernel, step

FloatArray = npt.NDArray[np.float64]
Missile = tuple[float, float, float, float, float]
"""Launch mass in kg, fuel in kg, burn time in s, thrust in N, drag area in m²: cross-section times the factor on the generic drag."""
Course = tuple[float, float, float, float]
"""Ground range, launcher's altitude, climb, loft, m."""

_MACH = np.array([0.0, 0.8, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0])
_DRAG = np.array([0.25, 0.25, 0.50, 0.43, 0.36, 0.28, 0.23, 0.20, 0.18])
_DRAG_BY_TENTH = np.interp(0.1 * np.arange(61), _MACH, _DRAG)  # the same curve, whose corners all lie at tenths of Mach
_AIR_STEP_M = 250.0
_AIR_ROWS = 321
_LOFTS = 4
_BOOST_STEPS = 24
_COAST_STEP_S = 2.5
_COAST_TOLL = 1.0 / 7.0
_COAST_SHARE = 0.1
_LONGEST_S = 900.0
_CRAWL_MPS = 50.0
_REFERENCE_CLIMB_RAD = 0.25 * math.pi


@kernel
def air_column() -> FloatArray:
    """Density in kg/m³ and Mach number of 1 m/s in the standard atmosphere every 250 m, to 80 km: rows that `fly_out` interpolates.

    Linear between rows the density is at most 2e-4 too high, and a look-up costs a tenth of the formula.
    """
    out = np.empty((_AIR_ROWS, 2))
    for i in range(_AIR_ROWS):
        temperature_k, _, density = standard_air(i * _AIR_STEP_M)
        out[i, 0], out[i, 1] = density, 1.0 / sound_speed(temperature_k)
    return out


@kernel
def drag_coefficient(mach: float) -> float:
    """Zero-lift drag coefficient of a slender finned missile on its cross-section, linear between tabulated Mach numbers.

    A generic curve: some 0.25 below sound, twice that just above, falling to 0.18 at Mach 6, the course and the size that textbooks
    give for such bodies (Fleeman, Missile Design and System Engineering, ch. 2; Chin, Missile Configuration Design, ch. 3).
    Manoeuvre and the deflection of fins cost nothing here.
    """
    at = min(10.0 * mach, 60.0)
    k = min(int(at), 59)
    return float(_DRAG_BY_TENTH[k] + (at - k) * (_DRAG_BY_TENTH[k + 1] - _DRAG_BY_TENTH[k]))


@step
def _push(
    missile: Missile, air: FloatArray, burns: bool, time_s: float, speed_mps: float, altitude_m: float, sin_gamma: float
) -> float:
    """dv/dt along the path, m/s²."""
    mass_kg, fuel_kg, burn_s, thrust_n, area_m2 = missile
    at = min(altitude_m * (1.0 / _AIR_STEP_M), _AIR_ROWS - 1.0)
    row = min(max(int(at), 0), _AIR_ROWS - 2)
    density = air[row, 0] + (at - row) * (air[row + 1, 0] - air[row, 0])
    mach = speed_mps * (air[row, 1] + (at - row) * (air[row + 1, 1] - air[row, 1]))
    force_n = -0.5 * density * speed_mps * speed_mps * drag_coefficient(mach) * area_m2
    if burns:
        return float((thrust_n + force_n) / (mass_kg - (fuel_kg / burn_s) * time_s) - GRAVITY0 * sin_gamma)
    return float(force_n * (1.0 / (mass_kg - fuel_kg)) - GRAVITY0 * sin_gamma)


@step
def _rates(
    missile: Missile, air: FloatArray, course: Course, burns: bool, time_s: float, share: float, speed_mps: float
) -> tuple[float, float]:
    """ds/dt and dv/dt."""
    along_m, launcher_m, climb_m, loft_m = course
    rise_m = climb_m + 4.0 * loft_m * (1.0 - 2.0 * share)
    per_m = 1.0 / math.sqrt(along_m * along_m + rise_m * rise_m)
    altitude_m = launcher_m + share * climb_m + 4.0 * loft_m * share * (1.0 - share)
    return speed_mps * per_m, _push(missile, air, burns, time_s, speed_mps, altitude_m, rise_m * per_m)


@kernel
def fly_out(missile: Missile, air: FloatArray, course: Course, until_s: float, shares: FloatArray, out: FloatArray) -> None:
    """Time in s, out[0], and speed in m/s, out[1], at each of the rising `shares` of the path above nought, `air` an `air_column`.

    Infinite and 0 where the missile has slowed to a crawl before, or `until_s` (s) has passed. Fourth-order Runge-Kutta; coasting, in
    steps of a tenth of the path and a seventh of the speed at most, two and a half seconds at the longest. Within a step, way and speed as
    the parabolas that it begins and ends with.
    """
    for n in range(shares.size):
        out[0, n], out[1, n] = math.inf, 0.0
    time_s, share, speed = 0.0, 0.0, 0.0
    steps, n = 0, 0
    boost_step_s = missile[2] / _BOOST_STEPS
    while time_s < until_s:
        burns = steps < _BOOST_STEPS
        if not burns and speed < _CRAWL_MPS:
            return
        a, p = _rates(missile, air, course, burns, time_s, share, speed)
        dt = boost_step_s if burns else min(_COAST_STEP_S, _COAST_TOLL * speed / max(abs(p), 1e-9), _COAST_SHARE / a)
        steps += 1
        b, q = _rates(missile, air, course, burns, time_s + 0.5 * dt, share + 0.5 * dt * a, speed + 0.5 * dt * p)
        c, r = _rates(missile, air, course, burns, time_s + 0.5 * dt, share + 0.5 * dt * b, speed + 0.5 * dt * q)
        d, s = _rates(missile, air, course, burns, time_s + dt, share + dt * c, speed + dt * r)
        way = dt * (a + 2.0 * b + 2.0 * c + d) / 6.0
        change = dt * (p + 2.0 * q + 2.0 * r + s) / 6.0
        begun = a * dt
        while share + way >= shares[n]:
            rest = shares[n] - share
            part = 2.0 * rest / (begun + math.sqrt(begun * begun + 4.0 * (way - begun) * rest))
            out[0, n], out[1, n] = time_s + part * dt, speed + part * (p * dt + part * (change - p * dt))
            n += 1
            if n == shares.size:
                return
        if speed + change <= 0.0:
            return
        share, speed, time_s = share + way, speed + change, time_s + dt


@kernel
def thrust_for(missile: Missile, air: FloatArray, speed_max_mps: float) -> float:
    """Thrust in N that brings the missile to its greatest speed (m/s) at burnout, climbing straight at 45° from sea level.

    By bisection, between what a vacuum without weight would need and more; the missile's own thrust is not looked at.
    """
    mass_kg, fuel_kg, burn_s, _, area_m2 = missile
    low = 0.99 * speed_max_mps * fuel_kg / (burn_s * math.log(mass_kg / (mass_kg - fuel_kg)))
    high = 2.0 * low
    while burnout_speed((mass_kg, fuel_kg, burn_s, high, area_m2), air, _REFERENCE_CLIMB_RAD) < speed_max_mps:
        low, high = high, 2.0 * high
    for _ in range(40):
        middle = 0.5 * (low + high)
        if burnout_speed((mass_kg, fuel_kg, burn_s, middle, area_m2), air, _REFERENCE_CLIMB_RAD) < speed_max_mps:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def burnout_speed(missile: Missile, air: FloatArray, climb_rad: float) -> float:
    """Speed in m/s when the fuel is spent on a straight climb from sea level at that angle."""
    steps = 200
    dt = missile[2] / steps
    sin_gamma = math.sin(climb_rad)
    way_m, speed = 0.0, 0.0
    for k in range(steps):
        time_s = k * dt
        p = _push(missile, air, True, time_s, speed, way_m * sin_gamma, sin_gamma)
        middle = speed + 0.5 * dt * p
        q = _push(missile, air, True, time_s + 0.5 * dt, middle, (way_m + 0.5 * dt * speed) * sin_gamma, sin_gamma)
        way_m += dt * middle
        speed = max(speed + dt * q, 0.0)
    return speed


@kernel
def lofted(
    missile: Missile, air: FloatArray, loft_most_m: float, speed_least_mps: float, range_m: float, sine: float,
    straight: tuple[float, float], scratch: FloatArray,
) -> tuple[float, float]:  # fmt: skip
    """Time of flight in s and speed in m/s at the end, over a slant range (m) at the sine of an elevation: `straight`'s or a loft's.

    The quickest of a few lofts that arrives at `speed_least_mps` or more; if none does, the one that arrives fastest. No loft exceeds
    half the ground range. They are tried from the lowest up, until one is no better than those before: what a higher path saves in thin
    air and costs in length has one best.
    """
    along_m, climb_m = range_m * math.sqrt(max(1.0 - sine * sine, 0.0)), range_m * sine
    best_s, best_mps = straight
    end, found = scratch[0], scratch[1:]
    end[0] = 1.0
    for loft in range(1, _LOFTS):
        loft_m = min(loft_most_m, 0.5 * along_m) * loft / (_LOFTS - 1)
        good = best_mps >= speed_least_mps
        fly_out(missile, air, (along_m, 0.0, climb_m, loft_m), best_s if good else _LONGEST_S, end, found)
        time_s, speed = found[0, 0], found[1, 0]
        enough, best = min(speed, speed_least_mps), min(best_mps, speed_least_mps)
        if enough > best or (enough == best and time_s < best_s):
            best_s, best_mps = time_s, speed
        elif good:
            break
    return best_s, best_mps


@kernel
def fly_out_table(
    missile: Missile, loft_most_m: float, speed_least_mps: float, range_most_m: float, climb_most_m: float, out: FloatArray
) -> None:
    """Mean speeds in m/s on the straight line, out[0], and speeds at the end in m/s, out[1], over ranges (rows) and elevations (columns).

    Row i stands at (i / last)² of the greatest slant range, column j at the sine of elevation (j / last)²: closest at the launcher and near
    the ground, where speeds change most. A straight path is flown once for all the ranges along it; `lofted` is asked at each. Under
    thrust no missile is too slow: there the speed at the end counts as a metre a second above `speed_least_mps` at least. Where nothing
    arrives, and in cells wholly above `climb_most_m`, both are nought.
    """
    rows, columns = out.shape[1], out.shape[2]
    air = air_column()
    shares, straight, scratch = np.empty(rows - 1), np.empty((2, rows - 1)), np.empty((3, 1))
    for i in range(1, rows):
        shares[i - 1] = (i / (rows - 1)) ** 2
    out[:] = 0.0
    for j in range(columns):
        sine, sine_before = (j / (columns - 1)) ** 2, (max(j - 1, 0) / (columns - 1)) ** 2
        across = math.sqrt(1.0 - sine * sine)
        fly_out(missile, air, (range_most_m * across, 0.0, range_most_m * sine, 0.0), _LONGEST_S, shares, straight)
        out[1, 0, j] = speed_least_mps + 1.0
        for i in range(1, rows):
            range_m = range_most_m * shares[i - 1]
            if range_most_m * ((i - 1) / (rows - 1)) ** 2 * sine_before > climb_most_m:
                break
            time_s, speed = straight[0, i - 1], straight[1, i - 1]
            if time_s <= missile[2]:
                speed = max(speed, speed_least_mps + 1.0)
            else:
                time_s, speed = lofted(missile, air, loft_most_m, speed_least_mps, range_m, sine, (time_s, speed), scratch)
            if speed > 0.0:
                out[0, i, j], out[1, i, j] = range_m / time_s, speed


@kernel
def time_of_flight(table: FloatArray, range_most_m: float, speed_least_mps: float, range_m: float, climb_m: float) -> float:
    """Time of flight in s over a slant range to a climb (m): the range over the mean speed of a `fly_out_table`, bilinear in its nodes.

    Infinite beyond the table, and where the missile would arrive slower than `speed_least_mps`. A target below the launcher counts
    as level.
    """
    rows, columns = table.shape[1], table.shape[2]
    if range_m <= 0.0:
        return 0.0
    row = math.sqrt(range_m / range_most_m) * (rows - 1)
    column = math.sqrt(min(max(climb_m, 0.0) / range_m, 1.0)) * (columns - 1)
    if not row <= rows - 1:
        return math.inf
    i, j = min(int(row), rows - 2), min(int(column), columns - 2)
    mean_mps, speed = 0.0, 0.0
    for k in range(i, i + 2):
        for n in range(j, j + 2):
            weight = (1.0 - abs(row - k)) * (1.0 - abs(column - n))
            if weight > 0.0:
                if table[1, k, n] <= 0.0:
                    return math.inf  # nothing arrives there
                mean_mps += weight * table[0, k, n]
                speed += weight * table[1, k, n]
    return range_m / mean_mps if speed >= speed_least_mps else math.inf
