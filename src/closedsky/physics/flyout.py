"""How long a missile takes to a point: at a published mean speed, or by boost and coast with drag.

The fly-out has three degrees of freedom: a point mass on a prescribed path, which is straight or lofted. With s from 0 to 1 along it, the
point is at ground range s X and altitude z₀ + s Z + 4 H s (1 - s), H the loft; along it

    m dv/dt = T - ½ ρ v² C(M) π d² / 4 - m g sin γ

T is constant while the fuel burns evenly, ρ and the speed of sound are the standard atmosphere's. The ground is level; nothing is
said of guidance: how the missile holds the path costs nothing.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.atmosphere import sound_speed, standard_air
from closedsky.physics.constants import GRAVITY0
from closedsky.physics.jit import kernel

FloatArray = npt.NDArray[np.float64]
Missile = tuple[float, float, float, float, float]
"""Launch mass in kg, fuel in kg, burn time in s, thrust in N, diameter in m."""
Course = tuple[float, float, float, float]
"""Ground range, launcher's altitude, climb, loft, m."""

_MACH = np.array([0.0, 0.8, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0])
_DRAG = np.array([0.25, 0.25, 0.50, 0.43, 0.36, 0.28, 0.23, 0.20, 0.18])
_LOFTS = 4
_BOOST_STEPS = 24
_COAST_STEP_S = 2.0
_COAST_TOLL = 1.0 / 7.0
_COAST_SHARE = 0.1
_LONGEST_S = 900.0
_CRAWL_MPS = 50.0
_REFERENCE_CLIMB_RAD = 0.25 * math.pi


@kernel
def time_of_flight_s(distance_m: float, mean_speed_mps: float) -> float:
    """Time of flight to a straight-line distance (m) at the published mean speed (m/s): t = d / v.

    A mean speed holds over the range it is published for; short shots are in truth slower (the boost) and long ones too (drag).
    """
    return distance_m / mean_speed_mps


@kernel
def drag_coefficient(mach: float) -> float:
    """Zero-lift drag coefficient of a slender finned missile on its cross-section, linear between tabulated Mach numbers.

    A generic curve: some 0.25 below sound, twice that just above, falling to 0.18 at Mach 6, the course and the size that textbooks
    give for such bodies (Fleeman, Missile Design and System Engineering, ch. 2; Chin, Missile Configuration Design, ch. 3).
    Manoeuvre and the deflection of fins cost nothing here. A thin dart such as the 57E6 is reported to lose a tenth of its mean speed
    to 12 km more than by this curve, and a sixth of it to 18 km.
    """
    if mach >= _MACH[-1]:
        return float(_DRAG[-1])
    k = 0
    while mach >= _MACH[k + 1]:
        k += 1
    return float(_DRAG[k] + (_DRAG[k + 1] - _DRAG[k]) * (mach - _MACH[k]) / (_MACH[k + 1] - _MACH[k]))


@kernel
def _push(missile: Missile, burns: bool, time_s: float, speed_mps: float, altitude_m: float, sin_gamma: float) -> float:
    """dv/dt along the path, m/s²."""
    mass_kg, fuel_kg, burn_s, thrust_n, diameter_m = missile
    temperature_k, _, density = standard_air(altitude_m)
    area_m2 = 0.25 * math.pi * diameter_m * diameter_m
    drag_n = 0.5 * density * speed_mps * speed_mps * drag_coefficient(speed_mps / sound_speed(temperature_k)) * area_m2
    if burns:
        return (thrust_n - drag_n) / (mass_kg - fuel_kg * time_s / burn_s) - GRAVITY0 * sin_gamma
    return -drag_n / (mass_kg - fuel_kg) - GRAVITY0 * sin_gamma


@kernel
def _rates(missile: Missile, course: Course, burns: bool, time_s: float, share: float, speed_mps: float) -> tuple[float, float]:
    """ds/dt and dv/dt."""
    along_m, launcher_m, climb_m, loft_m = course
    rise_m = climb_m + 4.0 * loft_m * (1.0 - 2.0 * share)
    length_m = math.sqrt(along_m * along_m + rise_m * rise_m)
    altitude_m = launcher_m + share * climb_m + 4.0 * loft_m * share * (1.0 - share)
    return speed_mps / length_m, _push(missile, burns, time_s, speed_mps, altitude_m, rise_m / length_m)


@kernel
def fly_out(missile: Missile, course: Course) -> tuple[float, float]:
    """Time in s to the end of the path and speed in m/s there; infinite and 0 if the missile slows to a crawl before.

    Fourth-order Runge-Kutta; coasting, in steps of a tenth of the path and a seventh of the speed at most, two seconds at the longest.
    Within the last step, way and speed as the parabolas that it begins and ends with.
    """
    time_s, share, speed = 0.0, 0.0, 0.0
    if course[0] * course[0] + course[2] * course[2] <= 0.0:
        return 0.0, 0.0
    boost_step_s = missile[2] / _BOOST_STEPS
    steps = 0
    while time_s < _LONGEST_S:
        burns = steps < _BOOST_STEPS
        if not burns and speed < _CRAWL_MPS:
            break
        a, p = _rates(missile, course, burns, time_s, share, speed)
        dt = boost_step_s if burns else min(_COAST_STEP_S, _COAST_TOLL * speed / max(abs(p), 1e-9), _COAST_SHARE / a)
        steps += 1
        b, q = _rates(missile, course, burns, time_s + 0.5 * dt, share + 0.5 * dt * a, speed + 0.5 * dt * p)
        c, r = _rates(missile, course, burns, time_s + 0.5 * dt, share + 0.5 * dt * b, speed + 0.5 * dt * q)
        d, s = _rates(missile, course, burns, time_s + dt, share + dt * c, speed + dt * r)
        step = dt * (a + 2.0 * b + 2.0 * c + d) / 6.0
        change = dt * (p + 2.0 * q + 2.0 * r + s) / 6.0
        if share + step >= 1.0:
            rest, begun = 1.0 - share, a * dt
            part = 2.0 * rest / (begun + math.sqrt(begun * begun + 4.0 * (step - begun) * rest))
            return time_s + part * dt, speed + part * (p * dt + part * (change - p * dt))
        if speed + change <= 0.0:
            break
        share, speed, time_s = share + step, speed + change, time_s + dt
    return math.inf, 0.0


@kernel
def thrust_for(mass_kg: float, fuel_kg: float, burn_s: float, diameter_m: float, speed_max_mps: float) -> float:
    """Thrust in N that brings the missile to its published greatest speed (m/s) at burnout, climbing straight at 45° from sea level.

    By bisection between its weight and 200 times that.
    """
    low, high = mass_kg * GRAVITY0, 200.0 * mass_kg * GRAVITY0
    for _ in range(60):
        middle = 0.5 * (low + high)
        missile = (mass_kg, fuel_kg, burn_s, middle, diameter_m)
        if burnout_speed(missile, _REFERENCE_CLIMB_RAD) < speed_max_mps:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def burnout_speed(missile: Missile, climb_rad: float) -> float:
    """Speed in m/s when the fuel is spent on a straight climb from sea level at that angle."""
    steps = 200
    dt = missile[2] / steps
    sin_gamma = math.sin(climb_rad)
    way_m, speed = 0.0, 0.0
    for k in range(steps):
        time_s = k * dt
        p = _push(missile, True, time_s, speed, way_m * sin_gamma, sin_gamma)
        middle = speed + 0.5 * dt * p
        q = _push(missile, True, time_s + 0.5 * dt, middle, (way_m + 0.5 * dt * speed) * sin_gamma, sin_gamma)
        way_m += dt * middle
        speed = max(speed + dt * q, 0.0)
    return speed


@kernel
def quickest(missile: Missile, loft_most_m: float, speed_least_mps: float, along_m: float, climb_m: float) -> tuple[float, float]:
    """Time of flight in s and speed in m/s at the end, of the best of a few lofts from none to the highest.

    The quickest that arrives at `speed_least_mps` or more; if none does, the one that arrives fastest. No loft exceeds half the range.
    """
    best_s, best_mps = math.inf, 0.0
    for loft in range(_LOFTS):
        loft_m = min(loft_most_m, 0.5 * along_m) * loft / (_LOFTS - 1)
        time_s, speed = fly_out(missile, (along_m, 0.0, climb_m, loft_m))
        enough, best = min(speed, speed_least_mps), min(best_mps, speed_least_mps)
        if enough > best or (enough == best and time_s < best_s):
            best_s, best_mps = time_s, speed
    return best_s, best_mps


@kernel
def fly_out_table(
    missile: Missile, loft_most_m: float, speed_least_mps: float, range_most_m: float, climb_most_m: float, out: FloatArray
) -> None:
    """Times of flight in s, out[0], and speeds at the end in m/s, out[1], by `quickest`, over ground ranges (rows) and climbs (columns).

    Both are spaced by their square roots, closest at the launcher where times curve most: row i stands at (i / last)² of the greatest.
    """
    rows, columns = out.shape[1], out.shape[2]
    for i in range(rows):
        for j in range(columns):
            along_m, climb_m = range_most_m * (i / (rows - 1)) ** 2, climb_most_m * (j / (columns - 1)) ** 2
            out[0, i, j], out[1, i, j] = quickest(missile, loft_most_m, speed_least_mps, along_m, climb_m)
    out[0, 0, 0] = 0.0


@kernel
def time_of_flight(
    table: FloatArray, range_most_m: float, climb_most_m: float, speed_least_mps: float, along_m: float, climb_m: float
) -> float:
    """Time of flight in s to a ground range and climb by a `fly_out_table`, bilinear in the square roots of both.

    Infinite beyond the table, and where the missile would arrive slower than `speed_least_mps`. A target below the launcher counts
    as level.
    """
    rows, columns = table.shape[1], table.shape[2]
    row = math.sqrt(along_m / range_most_m) * (rows - 1)
    column = math.sqrt(max(climb_m, 0.0) / climb_most_m) * (columns - 1)
    if not (row <= rows - 1 and column <= columns - 1):
        return math.inf
    i, j = min(int(row), rows - 2), min(int(column), columns - 2)
    time_s, speed = 0.0, 0.0
    for k in range(i, i + 2):
        for n in range(j, j + 2):
            weight = (1.0 - abs(row - k)) * (1.0 - abs(column - n))
            if weight > 0.0:  # nothing times infinity is not a number
                time_s += weight * table[0, k, n]
                speed += weight * table[1, k, n]
    at_launcher = i == 0 and j == 0  # where it has yet to gain speed
    return time_s if speed >= speed_least_mps or at_launcher else math.inf
