"""Which ballistic flight of `trajectory` hits a target: azimuth, elevation and speed at burnout, by a search over whole flights."""

import math

from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M
from closedsky.physics.flight import angle_for_apogee, launch_speed, minimum_energy_angle, time_of_flight
from closedsky.physics.geodesy import TWO_PI, bearing, central_angle
from closedsky.physics.jit import kernel
from closedsky.physics.trajectory import LONGEST_S, Ellipsoid, flight_end

Start = tuple[float, float, float]
"""Where a search for a flight begins: its turn from the course and its elevation, rad, and its speed at burnout, m/s."""

NO_START: Start = (0.0, 0.0, 0.0)

_CLOSE_M = 0.1
_CLOSE_APOGEE_M = 1.0
_FASTEST_MPS = math.sqrt(2.0 * EARTH_MU / EARTH_RADIUS_M)


@kernel
def _power(out_ratio: float, in_ratio: float) -> float:
    """The power by which one quantity follows another, from its change by the other's, within what a step of it can be trusted."""
    return min(max(math.log(out_ratio) / math.log(in_ratio), 0.2), 8.0)


@kernel
def _aim_at_angle(
    lat0: float, lon0: float, alt0_m: float, lat1: float, lon1: float, alt1_m: float, turn: float, gamma: float, speed: float,
    boost_s: float, beta: float, figure: Ellipsoid, rotation: float,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """Azimuth, burnout speed, duration and apogee of the flight at one elevation that ends within `_CLOSE_M` of the target, if found.

    The first flight tried is turned from the course by `turn`, at `speed`.

    The azimuth is turned by the bearing's error. The range goes as a power of the speed, 2 on flat ground without air; the secant
    through the last two flights, in logarithms, says which. None is found that would take more than the speed of escape.
    """
    wanted = central_angle(lat0, lon0, lat1, lon1)
    course = bearing(lat0, lon0, lat1, lon1)
    azimuth, power = course + turn, 2.0
    last_speed, last_range = 0.0, 0.0
    for _ in range(25):
        duration_s, lat, lon, apogee_m, _ = flight_end(
            lat0, lon0, alt0_m, azimuth, gamma, speed, boost_s, beta, figure, rotation, alt1_m
        )
        if duration_s < math.inf:
            if EARTH_RADIUS_M * central_angle(lat, lon, lat1, lon1) < _CLOSE_M:
                return azimuth, speed, duration_s, apogee_m, True
            azimuth += (course - bearing(lat0, lon0, lat, lon) + math.pi) % TWO_PI - math.pi
            reached = max(central_angle(lat0, lon0, lat, lon), 1e-9)
            if last_speed > 0.0 and speed != last_speed:
                power = _power(reached / last_range, speed / last_speed)
            last_speed, last_range = speed, reached
            speed *= min(max((wanted / reached) ** (1.0 / power), 0.7), 1.4)
        else:
            last_speed = 0.0
            speed *= 0.9 if duration_s > 0.0 else 1.2  # up too long, or too low
        speed = min(speed, _FASTEST_MPS)
        if speed == last_speed == _FASTEST_MPS:
            break
    return azimuth, speed, math.nan, math.nan, False


@kernel
def _aim_for_apogee(
    lat0: float, lon0: float, alt0_m: float, lat1: float, lon1: float, alt1_m: float, apogee_m: float, boost_s: float,
    beta: float, figure: Ellipsoid, rotation: float, start: Start,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """What `aim` answers if an apogee is asked for.

    The rise goes as a power of the elevation's tangent, 1 on flat ground without air; the secant says which. A step that leaves
    the bracket is replaced by its middle, and so is one from an elevation at which no flight gets there.
    """
    angle = central_angle(lat0, lon0, lat1, lon1)
    wanted = apogee_m - alt0_m
    gamma = angle_for_apogee(angle, wanted)
    if not gamma > 0.0 or time_of_flight(angle, gamma) > LONGEST_S:
        return math.nan, math.nan, math.nan, math.nan, False
    low, high = 0.0, 0.5 * math.pi
    speed, power = launch_speed(angle, gamma), 1.0
    turn, gamma, speed = _started(start, gamma, speed)
    last_tangent, last_rise = 0.0, 0.0
    for _ in range(40):
        azimuth, speed, duration_s, reached_m, found = _aim_at_angle(
            lat0, lon0, alt0_m, lat1, lon1, alt1_m, turn, gamma, speed, boost_s, beta, figure, rotation
        )
        if found and abs(reached_m - apogee_m) < _CLOSE_APOGEE_M:
            return azimuth, gamma, speed, duration_s, True
        if high - low < 1e-9:
            break
        if reached_m < apogee_m or (not found and gamma < minimum_energy_angle(angle)):
            low = gamma
        else:
            high = gamma
        if found:
            tangent, rise = math.tan(gamma), max(reached_m - alt0_m, 1.0)
            if last_rise > 0.0:
                power = _power(rise / last_rise, tangent / last_tangent)
            last_tangent, last_rise = tangent, rise
            gamma = math.atan(tangent * (wanted / rise) ** (1.0 / power))
        if not (found and low < gamma < high):
            gamma = 0.5 * (low + high)
        if not found:
            last_rise = 0.0
            speed = launch_speed(angle, min(gamma, 0.5 * math.pi - 0.25 * angle - 0.005))
    return math.nan, math.nan, math.nan, math.nan, False


@kernel
def aim(
    lat0_rad: float, lon0_rad: float, alt0_m: float, lat1_rad: float, lon1_rad: float, alt1_m: float, apogee_m: float, boost_s: float,
    beta: float, figure: Ellipsoid, rotation: float,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """Azimuth and elevation in rad, burnout speed in m/s, duration in s of the flight from one place to another; whether there is one.

    It ends within half a metre of the target. The elevation is that of minimum energy in a vacuum, or the one whose flight has the wanted
    apogee (m; not a number if none is asked for) within a metre. There is none above the speed of escape, which a light missile sped
    up at once at the ground would often need.
    """
    return aim_from(lat0_rad, lon0_rad, alt0_m, lat1_rad, lon1_rad, alt1_m, apogee_m, boost_s, beta, figure, rotation, NO_START)


@kernel
def aim_from(
    lat0_rad: float, lon0_rad: float, alt0_m: float, lat1_rad: float, lon1_rad: float, alt1_m: float, apogee_m: float, boost_s: float,
    beta: float, figure: Ellipsoid, rotation: float, start: Start,
) -> tuple[float, float, float, float, bool]:  # fmt: skip
    """`aim`, which first tries the flight that `start` names: a good guess ends the search, a bad one costs a few flights."""
    angle = central_angle(lat0_rad, lon0_rad, lat1_rad, lon1_rad)
    if not angle > 0.0:
        return math.nan, math.nan, math.nan, math.nan, False
    if not math.isnan(apogee_m):
        return _aim_for_apogee(
            lat0_rad, lon0_rad, alt0_m, lat1_rad, lon1_rad, alt1_m, apogee_m, boost_s, beta, figure, rotation, start
        )
    gamma = minimum_energy_angle(angle)
    turn, _, speed = _started(start, gamma, launch_speed(angle, gamma))
    azimuth, speed, duration_s, _, found = _aim_at_angle(
        lat0_rad, lon0_rad, alt0_m, lat1_rad, lon1_rad, alt1_m, turn, gamma, speed, boost_s, beta, figure, rotation
    )
    return azimuth, gamma, speed, duration_s, found


@kernel
def _started(start: Start, gamma: float, speed: float) -> Start:
    """The start of a search: as given, or along the course as in a vacuum."""
    return start if start[2] > 0.0 else (0.0, gamma, speed)
