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
Path = tuple[float, float, float, float]
"""Ground range, launcher's altitude, climb, loft, m."""

_MACH = np.array([0.0, 0.8, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0])
_DRAG = np.array([0.25, 0.25, 0.50, 0.43, 0.36, 0.28, 0.23, 0.20, 0.18])
_LOFTS = 4
_BOOST_STEP_S = 0.25
_COAST_STEP_S = 1.0
_LONGEST_S = 900.0
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
    """
    if mach >= _MACH[-1]:
        return float(_DRAG[-1])
    k = 0
    while mach >= _MACH[k + 1]:
        k += 1
    return float(_DRAG[k] + (_DRAG[k + 1] - _DRAG[k]) * (mach - _MACH[k]) / (_MACH[k + 1] - _MACH[k]))


@kernel
def _push(missile: Missile, time_s: float, speed_mps: float, altitude_m: float, sin_gamma: float) -> float:
    """dv/dt along the path, m/s²."""
    mass_kg, fuel_kg, burn_s, thrust_n, diameter_m = missile
    temperature_k, _, density = standard_air(altitude_m)
    area_m2 = 0.25 * math.pi * diameter_m * diameter_m
    drag_n = 0.5 * density * speed_mps * speed_mps * drag_coefficient(speed_mps / sound_speed(temperature_k)) * area_m2
    if time_s < burn_s:
        return (thrust_n - drag_n) / (mass_kg - fuel_kg * time_s / burn_s) - GRAVITY0 * sin_gamma
    return -drag_n / (mass_kg - fuel_kg) - GRAVITY0 * sin_gamma


@kernel
def _rates(missile: Missile, path: Path, time_s: float, share: float, speed_mps: float) -> tuple[float, float]:
    """ds/dt and dv/dt."""
    along_m, launcher_m, climb_m, loft_m = path
    rise_m = climb_m + 4.0 * loft_m * (1.0 - 2.0 * share)
    length_m = math.sqrt(along_m * along_m + rise_m * rise_m)
    altitude_m = launcher_m + share * climb_m + 4.0 * loft_m * share * (1.0 - share)
    return speed_mps / length_m, _push(missile, time_s, speed_mps, altitude_m, rise_m / length_m)


@kernel
def fly_out(missile: Missile, path: Path) -> tuple[float, float]:
    """Time in s to the end of the path and speed in m/s there; infinite and 0 if the missile comes to a stop before."""
    time_s, share, speed = 0.0, 0.0, 0.0
    if path[0] * path[0] + path[2] * path[2] <= 0.0:
        return 0.0, 0.0
    while time_s < _LONGEST_S:
        burning_s = missile[2] - time_s
        dt = min(_BOOST_STEP_S, burning_s) if burning_s > 1e-9 else _COAST_STEP_S
        a, p = _rates(missile, path, time_s, share, speed)
        b, q = _rates(missile, path, time_s + 0.5 * dt, share + 0.5 * dt * a, speed + 0.5 * dt * p)
        c, r = _rates(missile, path, time_s + 0.5 * dt, share + 0.5 * dt * b, speed + 0.5 * dt * q)
        # the last of the four is asked for at the end of this step, which may be the end of the burn: just before it
        d, s = _rates(missile, path, time_s + dt * (1.0 - 1e-9), share + dt * c, speed + dt * r)
        step = dt * (a + 2.0 * b + 2.0 * c + d) / 6.0
        change = dt * (p + 2.0 * q + 2.0 * r + s) / 6.0
        if share + step >= 1.0:
            part = (1.0 - share) / step
            return time_s + part * dt, speed + part * change
        share, speed, time_s = share + step, speed + change, time_s + dt
        if speed <= 1.0:
            break
    return math.inf, 0.0


@kernel
def thrust_for(mass_kg: float, fuel_kg: float, burn_s: float, diameter_m: float, speed_max_mps: float) -> float:
    """Thrust in N that brings the missile to its published greatest speed (m/s) at burnout, climbing straight at 45° from sea level."""
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
        p = _push(missile, time_s, speed, way_m * sin_gamma, sin_gamma)
        middle = speed + 0.5 * dt * p
        q = _push(missile, time_s + 0.5 * dt, middle, (way_m + 0.5 * dt * speed) * sin_gamma, sin_gamma)
        way_m += dt * middle
        speed = max(speed + dt * q, 0.0)
    return speed


@kernel
def fly_out_table(
    missile: Missile, loft_most_m: float, speed_least_mps: float, range_most_m: float, climb_most_m: float, out: FloatArray
) -> None:
    """Times of flight in s, out[0], and speeds at the end in m/s, out[1], over ground ranges (rows) and climbs (columns).

    Ranges are spaced by their square roots, closest where times curve most: row i stands at (i / last)² of the greatest; climbs evenly.
    Of a few lofts, from none to the highest, the quickest that arrives at `speed_least_mps` is taken; if none does, the one that
    arrives fastest.
    """
    rows, columns = out.shape[1], out.shape[2]
    for i in range(rows):
        for j in range(columns):
            along_m = range_most_m * (i / (rows - 1)) ** 2
            climb_m = climb_most_m * j / (columns - 1)
            out[0, i, j], out[1, i, j] = math.inf, 0.0
            for loft in range(_LOFTS):
                loft_m = min(loft_most_m, 0.5 * along_m) * loft / (_LOFTS - 1)
                time_s, speed = fly_out(missile, (along_m, 0.0, climb_m, loft_m))
                enough = min(speed, speed_least_mps)
                best = min(out[1, i, j], speed_least_mps)
                if enough > best or (enough == best and time_s < out[0, i, j]):
                    out[0, i, j], out[1, i, j] = time_s, speed
    out[0, 0, 0] = 0.0


@kernel
def time_of_flight(
    table: FloatArray, range_most_m: float, climb_most_m: float, speed_least_mps: float, along_m: float, climb_m: float
) -> float:
    """Time of flight in s to a ground range and climb by a `fly_out_table`, bilinear in the square root of the range.

    Infinite beyond the table, and where the missile would arrive slower than `speed_least_mps`. A target below the launcher counts
    as level.
    """
    rows, columns = table.shape[1], table.shape[2]
    row = math.sqrt(along_m / range_most_m) * (rows - 1)
    column = max(climb_m, 0.0) / climb_most_m * (columns - 1)
    if row > rows - 1 or column > columns - 1:
        return math.inf
    i, j = min(int(row), rows - 2), min(int(column), columns - 2)
    u, w = row - i, column - j
    a, b, c, d = (1.0 - u) * (1.0 - w), (1.0 - u) * w, u * (1.0 - w), u * w
    speed = a * table[1, i, j] + b * table[1, i, j + 1] + c * table[1, i + 1, j] + d * table[1, i + 1, j + 1]
    near = i == 0 and j == 0  # the launcher itself, where speed is nothing
    if speed < speed_least_mps and not near:
        return math.inf
    return float(a * table[0, i, j] + b * table[0, i, j + 1] + c * table[0, i + 1, j] + d * table[0, i + 1, j + 1])
