import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from closedsky.physics import flight, geodesy
from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M, WGS84
from closedsky.physics.ground import Ground, bilinear

# 30 km to 13 000 km; flight path angle as a share of what comes back at all.
RANGE_ANGLE = st.floats(30e3 / EARTH_RADIUS_M, 2.0)
SHARE = st.floats(0.05, 0.9)
NO_TERRAIN = np.zeros((1, 1))


def _gamma(range_angle: float, share: float) -> float:
    return share * (0.5 * math.pi - 0.25 * range_angle)


def _flown(range_angle: float, gamma: float, times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Angle travelled and altitude by integrating the two-body equations from the launch speed, in the plane."""
    speed = flight.launch_speed(range_angle, gamma)

    def rates(_: float, state: npt.NDArray[np.float64]) -> list[float]:
        x, y, vx, vy = state
        pull = -EARTH_MU / math.hypot(x, y) ** 3
        return [vx, vy, pull * x, pull * y]

    start = [0.0, EARTH_RADIUS_M, speed * math.cos(gamma), speed * math.sin(gamma)]
    solution = solve_ivp(rates, (0.0, times[-1]), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-6)
    x, y = solution.y[0], solution.y[1]
    return np.stack([np.arctan2(x, y), np.hypot(x, y) - EARTH_RADIUS_M])


@given(RANGE_ANGLE, SHARE)
def test_free_flight_is_that_of_newton(range_angle: float, share: float) -> None:
    gamma = _gamma(range_angle, share)
    duration = flight.time_of_flight(range_angle, gamma)
    # A lofted shot to the edge of the system takes days and a different tolerance.
    assume(duration < 20_000.0)
    times = np.linspace(0.0, duration, 9)
    angles, altitudes = _flown(range_angle, gamma, times)
    assert angles[-1] == pytest.approx(range_angle, abs=1e-7)
    assert altitudes[-1] == pytest.approx(0.0, abs=1.0)
    for t, angle, altitude in zip(times, angles, altitudes, strict=True):
        # A metre, over paths of up to 1e8 m integrated to 1e-12.
        assert flight.kepler_state(range_angle, gamma, t) == pytest.approx((angle, altitude), abs=1.0, rel=1e-9)
        assert flight.kepler_state(range_angle, gamma, t)[0] == pytest.approx(angle, abs=1.0 / EARTH_RADIUS_M)
    # Half way in time is the top.
    assert flight.apogee_altitude(range_angle, gamma) == pytest.approx(altitudes[4], abs=1.0, rel=1e-9)


@given(RANGE_ANGLE, SHARE)
def test_free_flight_begins_and_ends_on_the_ground(range_angle: float, share: float) -> None:
    gamma = _gamma(range_angle, share)
    duration = flight.time_of_flight(range_angle, gamma)
    assert flight.kepler_state(range_angle, gamma, 0.0) == pytest.approx((0.0, 0.0), abs=1e-5)
    angle, altitude = flight.kepler_state(range_angle, gamma, duration)
    assert angle == pytest.approx(range_angle, abs=1e-12)
    # Time is rounded to 1e-16 of the whole; at most 11 km/s.
    assert altitude == pytest.approx(0.0, abs=1e-5)


@given(RANGE_ANGLE, st.floats(-0.2, 0.2))
def test_minimum_energy_is_the_least_speed(range_angle: float, off: float) -> None:
    best = flight.minimum_energy_angle(range_angle)
    assume(abs(off) > 1e-4 and 0.0 < best + off < 0.5 * math.pi - 0.25 * range_angle)
    assert flight.launch_speed(range_angle, best) < flight.launch_speed(range_angle, best + off)


def test_short_range_is_the_parabola_of_school() -> None:
    """Over 1 km the Earth is flat: v² = g d / sin 2γ, apogee d tan γ / 4, time 2 v sin γ / g."""
    distance_m, gamma = 1000.0, math.radians(50.0)
    angle = distance_m / EARTH_RADIUS_M
    gravity = EARTH_MU / EARTH_RADIUS_M**2
    speed = math.sqrt(gravity * distance_m / math.sin(2.0 * gamma))
    # The sphere differs by distance / radius, 1.6e-4.
    assert flight.launch_speed(angle, gamma) == pytest.approx(speed, rel=4e-4)
    assert flight.apogee_altitude(angle, gamma) == pytest.approx(distance_m * math.tan(gamma) / 4.0, rel=4e-4)
    assert flight.time_of_flight(angle, gamma) == pytest.approx(2.0 * speed * math.sin(gamma) / gravity, rel=4e-4)


def test_grazing_shot_is_the_circular_orbit() -> None:
    """γ = 0 circles at the ground: its time is the angle over the mean motion."""
    assert flight.apogee_altitude(1.0, 0.0) == pytest.approx(0.0, abs=1e-6)
    assert flight.time_of_flight(1.0, 0.0) == pytest.approx(math.sqrt(EARTH_RADIUS_M**3 / EARTH_MU), rel=1e-9)


@given(RANGE_ANGLE, st.floats(1e3, 1e7))
def test_angle_for_apogee_reaches_it(range_angle: float, apogee_m: float) -> None:
    gamma = flight.angle_for_apogee(range_angle, apogee_m)
    assert 0.0 < gamma < 0.5 * math.pi - 0.25 * range_angle
    # A high, short shot stands nearly upright: a rounding of γ moves its apogee by apogee² / range.
    assert flight.apogee_altitude(range_angle, gamma) == pytest.approx(apogee_m, rel=1e-8)
    lofted = apogee_m > flight.apogee_altitude(range_angle, flight.minimum_energy_angle(range_angle))
    assert (gamma > flight.minimum_energy_angle(range_angle)) is lofted


@pytest.mark.parametrize(("range_angle", "apogee_m"), [(0.0, 1e5), (-0.1, 1e5), (3.2, 1e5), (0.1, 0.0), (0.1, -5.0), (0.1, 1e12)])
def test_no_angle_for_an_impossible_apogee(range_angle: float, apogee_m: float) -> None:
    assert math.isnan(flight.angle_for_apogee(range_angle, apogee_m))


@given(st.floats(0.1, 300), st.floats(0, 600))
def test_boost_is_a_ramp_of_speed(boost: float, t: float) -> None:
    integral, _ = quad(lambda s: min(1.0, s / boost), 0.0, t, points=[min(boost, t)])
    assert flight.boosted_clock(t, boost) == pytest.approx(integral, abs=1e-9)


def test_no_boost_is_the_free_flight_clock() -> None:
    assert flight.boosted_clock(0.0, 0.0) == 0.0
    assert flight.boosted_clock(7.0, 0.0) == 7.0
    assert flight.ballistic_duration(0.1, 0.7, 0.0) == flight.time_of_flight(0.1, 0.7)


# --------------------------------------------------------------------------------------------------------------- sampling
@given(st.floats(-1.2, 1.2), st.floats(-3, 3), st.floats(0, 6.28), st.floats(0.01, 1.0), st.floats(0, 200), st.floats(0.5, 20))
def test_ballistic_samples(lat: float, lon: float, azimuth: float, angle: float, boost: float, step: float) -> None:
    lat2, lon2 = geodesy.destination(lat, lon, azimuth, angle)
    gamma = flight.minimum_energy_angle(angle)
    duration = flight.time_of_flight(angle, gamma) + 0.5 * boost
    assert flight.ballistic_duration(angle, gamma, boost) == pytest.approx(duration)
    out = np.full((5000, 6), np.nan)
    n = flight.sample_ballistic(lat, lon, lat2, lon2, 150.0, 900.0, gamma, boost, WGS84, step, out)
    assert n == math.floor(duration / step) + 2
    assert np.isfinite(out[:n]).all()
    assert np.isnan(out[n:]).all()
    # From the ground of the launch to the ground of the impact; a millimetre at 1e7 m.
    assert geodesy.central_angle(out[0, 0], out[0, 1], lat, lon) < 1e-9
    assert out[0, 2] == pytest.approx(150.0, abs=1e-3)
    assert geodesy.central_angle(out[n - 1, 0], out[n - 1, 1], lat2, lon2) < 1e-9
    assert out[n - 1, 2] == pytest.approx(900.0, abs=1e-3)
    # In the middle, by the integrated orbit on the boost's clock.
    row = n // 2
    t = row * step
    free = t * t / (2.0 * boost) if t < boost else t - 0.5 * boost
    (travelled,), (altitude,) = _flown(angle, gamma, np.array([free])) if free > 0.0 else np.zeros((2, 1))
    share = travelled / angle
    assert geodesy.central_angle(lat, lon, out[row, 0], out[row, 1]) == pytest.approx(travelled, abs=1e-6)
    assert out[row, 2] == pytest.approx(altitude + 150.0 + share * 750.0, abs=2.0)
    assert tuple(out[row, 3:]) == pytest.approx(geodesy.ecef(*out[row, :3], *WGS84), abs=1e-6)


def test_samples_that_do_not_fit_are_counted_and_left_out() -> None:
    out = np.zeros((3, 6))
    full = np.zeros((1000, 6))
    arguments = (0.5, 0.1, 0.55, 0.1, 0.0, 0.0, 0.7, 30.0, WGS84, 1.0)
    assert flight.sample_ballistic(*arguments, out) == flight.sample_ballistic(*arguments, full) > 3
    assert (out == full[:3]).all()


def _route(
    level: list[float], above: list[bool], arrive: list[float], grid: npt.NDArray[np.float64], step: float
) -> npt.NDArray[np.float64]:
    """A route north along 10° E by half a degree a waypoint from 50° N, on a grid of 0.5° with its north-west centre at 52° N 9° E."""
    lat = np.radians(50.0 + 0.5 * np.arange(len(level)))
    lon = np.full(len(level), math.radians(10.0))
    out = np.full((500, 6), np.nan)
    step_rad = math.radians(0.5)
    ground = Ground(grid, math.radians(52.0), math.radians(9.0), step_rad, step_rad)
    n = flight.sample_route(lat, lon, np.array(level), np.array(above), np.array(arrive), ground, WGS84, step, out)
    assert np.isnan(out[n:]).all()
    return out[:n]


def test_route_in_altitude() -> None:
    out = _route([1000.0, 2000.0, 500.0], [False] * 3, [0.0, 100.0, 400.0], NO_TERRAIN, 50.0)
    assert len(out) == 400 // 50 + 2
    assert out[:, 2] == pytest.approx([1000.0, 1500.0, 2000.0, 1750.0, 1500.0, 1250.0, 1000.0, 750.0, 500.0, 500.0])
    expected_lat = [50.0, 50.25, 50.5, *(50.5 + 0.5 * np.arange(1, 7) / 6.0), 51.0]
    assert np.degrees(out[:, 0]) == pytest.approx(expected_lat)
    assert np.degrees(out[:, 1]) == pytest.approx(np.full(len(out), 10.0))
    assert out[4, 3:] == pytest.approx(geodesy.ecef(out[4, 0], out[4, 1], out[4, 2], *WGS84))


def test_route_starts_when_its_first_waypoint_does() -> None:
    late = _route([1000.0, 2000.0], [False] * 2, [30.0, 130.0], NO_TERRAIN, 10.0)
    assert (late == _route([1000.0, 2000.0], [False] * 2, [0.0, 100.0], NO_TERRAIN, 10.0)).all()


def test_route_over_terrain_follows_it() -> None:
    """Rows of the grid at 52, 51.5, 51, 50.5, 50° N; between them the ground is a line."""
    grid = np.repeat(np.array([[0.0], [0.0], [300.0], [800.0], [100.0]]), 5, axis=1)
    out = _route([50.0, 50.0, 150.0], [True] * 3, [0.0, 100.0, 200.0], grid, 25.0)
    ground = [100.0, 275.0, 450.0, 625.0, 800.0, 675.0, 550.0, 425.0, 300.0, 300.0]
    height = [50.0, 50.0, 50.0, 50.0, 50.0, 75.0, 100.0, 125.0, 150.0, 150.0]
    assert out[:, 2] == pytest.approx(np.add(ground, height))


def test_route_changes_its_kind_of_level_without_a_jump() -> None:
    grid = np.repeat(np.array([[0.0], [0.0], [300.0], [800.0], [100.0]]), 5, axis=1)
    # Cruise at 2000 m altitude, then down to 50 m above ground: the second leg starts at 2000 - 800 = 1200 m above ground.
    down = _route([2000.0, 2000.0, 50.0], [False, False, True], [0.0, 100.0, 200.0], grid, 50.0)
    assert down[:, 2] == pytest.approx([2000.0, 2000.0, 2000.0, 625.0 + 550.0, 350.0, 350.0])
    # And up again: from 50 m above 100 m to 2000 m, a straight climb in altitude.
    up = _route([50.0, 2000.0], [True, False], [0.0, 100.0], grid, 50.0)
    assert up[:, 2] == pytest.approx([150.0, 1075.0, 2000.0, 2000.0])


def test_route_of_one_point_and_of_no_time() -> None:
    assert _route([700.0], [False], [5.0], NO_TERRAIN, 1.0)[:, 2] == pytest.approx([700.0, 700.0])
    # Two waypoints at one time: the later holds.
    out = _route([100.0, 200.0, 300.0], [False] * 3, [0.0, 0.0, 10.0], NO_TERRAIN, 10.0)
    assert out[:, 2] == pytest.approx([200.0, 300.0, 300.0])


def test_route_flags_may_be_bytes() -> None:
    out = np.zeros((10, 6))
    lat, lon, level, arrive = np.array([0.5, 0.6]), np.zeros(2), np.array([10.0, 10.0]), np.array([0.0, 4.0])
    ground = Ground(np.full((2, 2), 500, dtype=np.int16), 1.0, 0.0, 0.1, 0.1)
    n = flight.sample_route(lat, lon, level, np.array([1, 1], dtype=np.uint8), arrive, ground, WGS84, 1.0, out)
    assert out[:n, 2] == pytest.approx(np.full(n, 510.0))
    assert bilinear(ground, 0.5, 0.0) == 500.0
