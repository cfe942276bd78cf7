"""Flights by integration, against an integration of our own in the frame that does not turn, closed forms and Kepler's arcs."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from closedsky.physics import aiming, flight, geodesy, trajectory
from closedsky.physics.atmosphere import standard_air
from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M, EARTH_ROTATION_RAD_S, SPHERE, WGS84, WGS84_J2
from tests.reference.tables import rows

Floats = npt.NDArray[np.float64]
FREE = trajectory.NO_DRAG
TURNING, STILL = EARTH_ROTATION_RAD_S, 0.0
# Equatorial gravity on WGS84 with the centrifugal part, NIMA TR8350.2.
EQUATOR_G = 9.7803253359


# ------------------------------------------------------------------------------------------------- an integration of our own
def _height(x: float, y: float, z: float, figure: tuple[float, float]) -> float:
    """Height above the ellipsoid by the plain fixed point on the latitude."""
    axis, e2 = figure
    away = math.hypot(x, y)
    lat = math.atan2(z, away)
    for _ in range(8):
        normal = axis / math.sqrt(1.0 - e2 * math.sin(lat) ** 2)
        lat = math.atan2(z + e2 * normal * math.sin(lat), away)
    return away * math.cos(lat) + z * math.sin(lat) - axis * math.sqrt(1.0 - e2 * math.sin(lat) ** 2)


def _gravity(place: Floats, figure: tuple[float, float]) -> Floats:
    """Gradient of μ/r (1 - J₂ (a/r)² (3 sin² φ - 1) / 2), by the complex step: no derivative is written down."""
    pull = np.empty(3)
    for k in range(3):
        moved = place.astype(complex)
        moved[k] += 1e-20j
        r2 = np.sum(moved * moved)
        oblate = WGS84_J2 * figure[0] ** 2 / r2 * (3.0 * moved[2] ** 2 / r2 - 1.0) / 2.0 if figure[1] else 0.0
        pull[k] = (EARTH_MU / np.sqrt(r2) * (1.0 - oblate)).imag / 1e-20
    return pull


def _rates(beta: float, figure: tuple[float, float], rotation: float) -> Callable[[float, Floats], Floats]:
    def rates(_: float, state: Floats) -> Floats:
        place, velocity = state[:3], state[3:]
        change = _gravity(place, figure)
        if beta < math.inf:
            through_air = velocity - np.cross([0.0, 0.0, rotation], place)
            density = standard_air(_height(*place, figure))[2]
            change -= density * np.linalg.norm(through_air) * through_air / (2.0 * beta)
        return np.concatenate([velocity, change])

    return rates


def _inertial_end(
    start: tuple[float, ...], beta: float, figure: tuple[float, float], rotation: float, end_alt_m: float
) -> tuple[float, Floats, float]:
    """Duration, ECEF place and apogee of the fall from an ECEF state, flown in the frame that does not turn (the same at time 0)."""

    def landed(_: float, state: Floats) -> float:
        return _height(*state[:3], figure) - end_alt_m

    landed.terminal, landed.direction = True, -1.0
    place, velocity = np.array(start[:3]), np.array(start[3:])
    state = np.concatenate([place, velocity + np.cross([0.0, 0.0, rotation], place)])
    # No step may leap over a whole layer of air unseen.
    flown = solve_ivp(
        _rates(beta, figure, rotation),
        (0.0, 7200.0),
        state,
        "DOP853",
        events=landed,
        rtol=1e-10,
        atol=1e-5,
        max_step=5.0,
        dense_output=True,
    )
    assert flown.status == 1
    turned = rotation * flown.t[-1]
    x, y, z = flown.y[:3, -1]
    ecef = np.array([x * math.cos(turned) + y * math.sin(turned), y * math.cos(turned) - x * math.sin(turned), z])
    top = int(np.argmax([_height(*column, figure) for column in flown.y[:3].T]))
    around = flown.sol(np.linspace(flown.t[max(top - 1, 0)], flown.t[top + 1], 400))
    return flown.t[-1], ecef, max(_height(*column, figure) for column in around[:3].T)


@pytest.mark.parametrize(
    ("beta", "boost_s", "speed_mps", "gamma_deg", "azimuth_deg", "lat_deg", "figure", "rotation"),
    [
        (10_000.0, 60.0, 1500.0, 44.0, 250.0, 34.0, WGS84, TURNING),
        (2_000.0, 90.0, 2400.0, 60.0, 20.0, -50.0, WGS84, TURNING),
        (5_000.0, 30.0, 2500.0, 25.0, 90.0, 5.0, WGS84, TURNING),
        (50_000.0, 120.0, 4800.0, 38.0, 310.0, 60.0, WGS84, TURNING),
        (20_000.0, 0.0, 2000.0, 50.0, 180.0, 40.0, SPHERE, TURNING),
        (3_000.0, 0.0, 1800.0, 45.0, 135.0, 80.0, WGS84, STILL),
        (8_000.0, 45.0, 1300.0, 42.0, 0.0, 0.0, SPHERE, STILL),
        (FREE, 60.0, 4700.0, 38.0, 77.0, -30.0, WGS84, TURNING),
    ],
)
def test_same_end_as_in_the_frame_that_does_not_turn(
    beta: float, boost_s: float, speed_mps: float, gamma_deg: float, azimuth_deg: float, lat_deg: float,
    figure: tuple[float, float], rotation: float,
) -> None:  # fmt: skip
    launch = (math.radians(lat_deg), 0.7, 150.0, math.radians(azimuth_deg), math.radians(gamma_deg), speed_mps)
    start = trajectory.burnout(*launch, boost_s, boost_s, figure)
    duration, place, apogee = _inertial_end(start, beta, figure, rotation, 400.0)
    found_s, lat, lon, apogee_m, _ = trajectory.flight_end(*launch, boost_s, beta, figure, rotation, 400.0)
    # A metre is what the module promises; on the ground it is some milliseconds of a flight at a few hundred m/s.
    assert np.linalg.norm(np.array(geodesy.ecef(lat, lon, 400.0, *figure)) - place) < 1.0
    assert found_s - boost_s == pytest.approx(duration, abs=0.005)
    # Both are on the same flight within the module's metre; the reference is read every fortieth of a second, g/8 (25 ms)².
    assert apogee_m == pytest.approx(apogee, abs=0.5)


# -------------------------------------------------------------------------------------------------------- what is conserved
STATE = st.tuples(st.floats(-1.3, 1.3), st.floats(0, 6.28), st.floats(0.1, 1.5), st.floats(300, 7000))


def _started(case: tuple[float, float, float, float], figure: tuple[float, float]) -> tuple[float, ...]:
    lat, azimuth, gamma, speed = case
    return trajectory.burnout(lat, 0.3, 200_000.0, azimuth, gamma, speed, 0.0, 0.0, figure)


@given(STATE)
def test_energy_and_momentum_are_kept_in_a_vacuum(case: tuple[float, float, float, float]) -> None:
    start = _started(case, SPHERE)
    end = trajectory.advance(start, 200.0, FREE, SPHERE, STILL)

    def kept(state: tuple[float, ...]) -> Floats:
        place, velocity = np.array(state[:3]), np.array(state[3:])
        energy = 0.5 * velocity @ velocity - EARTH_MU / np.linalg.norm(place)
        return np.concatenate([[energy], np.cross(place, velocity)])

    # The velocity is off by some 3e-6 m/s a step at most, and not all of that along itself.
    size = np.array([EARTH_MU / EARTH_RADIUS_M, *[EARTH_RADIUS_M * case[3]] * 3])
    np.testing.assert_allclose(kept(end) / size, kept(start) / size, rtol=0.0, atol=1e-8)


@given(STATE)
def test_jacobi_integral_is_kept_on_the_turning_ellipsoid(case: tuple[float, float, float, float]) -> None:
    """v²/2 - U - ω² (x² + y²) / 2 is constant in the frame that turns (Coriolis does no work), U with its second harmonic."""

    def kept(state: tuple[float, ...]) -> float:
        x, y, z, vx, vy, vz = state
        r2 = x * x + y * y + z * z
        potential = EARTH_MU / math.sqrt(r2) * (1.0 - WGS84_J2 * WGS84[0] ** 2 / r2 * (1.5 * z * z / r2 - 0.5))
        return 0.5 * (vx * vx + vy * vy + vz * vz) - potential - 0.5 * TURNING**2 * (x * x + y * y)

    start = _started(case, WGS84)
    end = trajectory.advance(start, 200.0, FREE, WGS84, TURNING)
    assert kept(end) == pytest.approx(kept(start), abs=1e-8 * EARTH_MU / EARTH_RADIUS_M)


@given(STATE, st.floats(2_000, 50_000), st.floats(1, 60))
def test_time_can_be_run_back(case: tuple[float, float, float, float], beta: float, dt: float) -> None:
    start = trajectory.burnout(case[0], 0.3, 20_000.0, case[1], case[2], min(case[3], 3000.0), 0.0, 0.0, WGS84)
    there = trajectory.advance(start, dt, beta, WGS84, TURNING)
    back = trajectory.advance(there, -dt, beta, WGS84, TURNING)
    # Backwards, drag speeds up, and errors of 3e-6 m/s a step with it.
    np.testing.assert_allclose(back, start, rtol=0.0, atol=0.1)


# ------------------------------------------------------------------------------------------------------------ Kepler's arcs
@pytest.mark.parametrize("range_km", [300, 600, 1000])
def test_kepler_table(range_km: int) -> None:
    """Drag, rotation, boost and ellipsoid off, the flight is the tabulated one within the model's 0.1 %."""
    lat, lon = geodesy.destination(0.5, 0.2, 1.0, range_km * 1000.0 / EARTH_RADIUS_M)
    azimuth, gamma, speed, duration, found = aiming.aim(0.5, 0.2, 0.0, lat, lon, 0.0, math.nan, 0.0, FREE, SPHERE, STILL)
    apogee = trajectory.flight_end(0.5, 0.2, 0.0, azimuth, gamma, speed, 0.0, FREE, SPHERE, STILL, 0.0)[3]
    assert found
    answers = {"speed": speed, "elevation": math.degrees(gamma), "apogee": apogee / 1000.0, "time": duration}
    table = [row for row in rows("kepler_minimum_energy") if row["range_km"] == str(range_km)]
    assert len(table) == 4
    for row in table:
        assert answers[row["quantity"]] == pytest.approx(float(row["expected"]), rel=1e-3)


@given(st.floats(0.01, 0.8), st.floats(0.15, 0.8))
def test_without_air_and_rotation_it_is_the_closed_form_all_along(angle: float, share: float) -> None:
    gamma = share * (0.5 * math.pi - 0.25 * angle)
    duration = flight.time_of_flight(angle, gamma)
    assume(duration < 6000.0)
    out = np.empty((40, 6))
    step = duration / 30.0
    speed = flight.launch_speed(angle, gamma)
    count = trajectory.fly(0.0, 0.0, 0.0, 0.5 * math.pi, gamma, speed, 0.0, FREE, SPHERE, STILL, 0.0, step, out)
    assert count in (31, 32)
    for row in range(30):
        travelled, height = flight.kepler_state(angle, gamma, row * step)
        # The module's metre, along the equator and up.
        assert out[row, 1] == pytest.approx(travelled, abs=1.0 / EARTH_RADIUS_M)
        assert out[row, 2] == pytest.approx(height, abs=1.0)
    assert out[count - 1, 1] == pytest.approx(angle, abs=1.0 / EARTH_RADIUS_M)


# --------------------------------------------------------------------------------------------------- rotation and drag by hand
@pytest.mark.parametrize("speed_mps", [200.0, 500.0])
def test_a_shot_straight_up_lands_to_the_west(speed_mps: float) -> None:
    """Against the turning Earth: 4 ω v³ / (3 g²) at the equator (Goldstein, Classical Mechanics, § 4.10)."""
    _, lat, lon, _, _ = trajectory.flight_end(0.0, 0.5, 0.0, 0.0, 0.5 * math.pi, speed_mps, 0.0, FREE, WGS84, TURNING, 0.0)
    west_m = -(lon - 0.5) * WGS84[0]
    # Gravity falls by 2 h / R on the way up, 0.4 % for 13 km, and the deflection goes with its square.
    assert west_m == pytest.approx(4.0 * TURNING * speed_mps**3 / (3.0 * EQUATOR_G**2), rel=0.01)
    assert lat == pytest.approx(0.0, abs=1e-12)


def test_a_stone_dropped_falls_to_the_east() -> None:
    """By ω g t³ / 3 at the equator, t = √(2 h / g)."""
    height_m = 5000.0
    _, _, lon, _, _ = trajectory.flight_end(0.0, 0.5, height_m, 0.0, 0.5, 0.0, 0.0, FREE, WGS84, TURNING, 0.0)
    fall_s = math.sqrt(2.0 * height_m / EQUATOR_G)
    # Gravity at 5 km is 0.16 % less.
    assert (lon - 0.5) * WGS84[0] == pytest.approx(TURNING * EQUATOR_G * fall_s**3 / 3.0, rel=0.005)


@pytest.mark.parametrize(("lat_deg", "side"), [(45.0, 1.0), (-45.0, -1.0)])
def test_a_flat_shot_drifts_to_the_right_in_the_north(lat_deg: float, side: float) -> None:
    """A shot of t seconds and level speed u to the pole drifts by about ω sin φ u t² - ω cos φ g t³ / 6 · (…): right in the north.

    East acceleration 2 ω (v_n sin φ - v_u cos φ), integrated twice with v_n = u, v_u = w - g t, t = 2 w / g:
    ω sin φ u t² - ω cos φ (w t² - g t³ / 3).
    """
    lat0, speed, gamma = math.radians(lat_deg), 800.0, math.radians(20.0)
    azimuth = 0.0 if side > 0 else math.pi
    duration, lat, lon, _, _ = trajectory.flight_end(lat0, 0.5, 0.0, azimuth, gamma, speed, 0.0, FREE, SPHERE, TURNING, 0.0)
    level, up, g = speed * math.cos(gamma), speed * math.sin(gamma), EARTH_MU / EARTH_RADIUS_M**2
    sideways = TURNING * level * duration**2 * math.sin(abs(lat0))
    lifted = TURNING * math.cos(lat0) * (up * duration**2 - g * duration**3 / 3.0)
    # Over 43 km the Earth curves by 0.7 % of the way, and the latitude moves.
    assert (lon - 0.5) * EARTH_RADIUS_M * math.cos(lat) == pytest.approx(sideways - lifted, rel=0.02)


def test_drag_by_hand() -> None:
    """At sea level 1.225 · 1000² / (2 · 5000) = 122.5 m/s² against the velocity, beside gravity."""
    state = (EARTH_RADIUS_M, 0.0, 0.0, 0.0, 600.0, 800.0)
    ax, ay, az = trajectory.acceleration(state, 5000.0, SPHERE, STILL)
    assert (ay, az) == pytest.approx((-0.6 * 122.5, -0.8 * 122.5), rel=1e-4)
    assert ax == pytest.approx(-EARTH_MU / EARTH_RADIUS_M**2, rel=1e-12)


def test_a_long_fall_ends_at_terminal_speed() -> None:
    """v² = 2 β g / ρ (1 + β / (ρ H)) to first order in what it lags behind the air, whose density falls by e in H.

    By the gas law and hydrostatics H = T / (g M / R - 6.5 K/km) at the ground, 10.42 km.
    """
    speed = trajectory.flight_end(0.6, 0.0, 20_000.0, 0.0, 0.5, 1.0, 0.0, 500.0, SPHERE, STILL, 0.0)[4]
    lag = 500.0 / 1.225 / 10_420.0
    terminal = math.sqrt(2.0 * 500.0 * EARTH_MU / EARTH_RADIUS_M**2 / 1.225)
    # The next order is the square of the lag, 0.16 %.
    assert speed == pytest.approx(terminal * math.sqrt(1.0 + lag), rel=0.003)


@given(st.floats(2000, 20_000), st.floats(1.05, 2.0))
def test_more_drag_falls_shorter_and_slower(beta: float, factor: float) -> None:
    launch = (0.5, 0.0, 0.0, 1.0, 0.75, 1500.0, 60.0)
    heavy = trajectory.flight_end(*launch, beta * factor, SPHERE, STILL, 0.0)
    light = trajectory.flight_end(*launch, beta, SPHERE, STILL, 0.0)
    assert geodesy.central_angle(0.5, 0.0, light[1], light[2]) < geodesy.central_angle(0.5, 0.0, heavy[1], heavy[2])
    assert light[4] < heavy[4]


# ------------------------------------------------------------------------------------------------------------------- aiming
@st.composite
def shots(draw: st.DrawFn) -> tuple[float, ...]:
    """Launch, target, apogee or none, boost, coefficient: 30 to 3000 km, depressed to lofted, what a missile could fly."""
    lat, lon = draw(st.floats(-1.2, 1.2)), draw(st.floats(-3, 3))
    angle = 30e3 * 100.0 ** draw(st.floats(0, 1)) / EARTH_RADIUS_M
    lat1, lon1 = geodesy.destination(lat, lon, draw(st.floats(0, 6.28)), angle)
    # A boost of seconds means thousands of m/s in the thick of the air, where light ones would need more than the speed of escape.
    boost = draw(st.floats(20, 120))
    beta = 2000.0 * 25.0 ** draw(st.floats(0, 1))
    usual = flight.apogee_altitude(angle, flight.minimum_energy_angle(angle))
    apogee = draw(st.one_of(st.just(math.nan), st.floats(0.6, 2.5).map(lambda share: share * usual)))
    # Long boosts end above a low apogee; the air bends depressed short flights.
    assume(math.isnan(apogee) or apogee > 12_000.0)
    return lat, lon, draw(st.floats(0, 3000)), lat1, lon1, draw(st.floats(0, 3000)), apogee, boost, beta


FIGURE = st.sampled_from([(WGS84, TURNING), (SPHERE, STILL), (SPHERE, TURNING)])


@settings(max_examples=200)
@given(shots(), FIGURE)
def test_aim_hits_at_the_asked_apogee(shot: tuple[float, ...], earth: tuple[tuple[float, float], float]) -> None:
    lat0, lon0, alt0, lat1, lon1, alt1, apogee, boost, beta = shot
    figure, rotation = earth
    azimuth, gamma, speed, duration, found = aiming.aim(*shot, figure, rotation)
    assert found
    launch = (lat0, lon0, alt0, azimuth, gamma, speed, boost, beta, figure, rotation, alt1)
    found_s, lat, lon, reached, _ = trajectory.flight_end(*launch)
    assert EARTH_RADIUS_M * geodesy.central_angle(lat, lon, lat1, lon1) < 0.5
    assert found_s == duration
    if not math.isnan(apogee):
        assert reached == pytest.approx(apogee, abs=1.0)
    _check_rows(launch, duration, reached, np.array(geodesy.ecef(lat1, lon1, alt1, *figure)))


def _check_rows(launch: tuple[float, ...], duration: float, apogee: float, target: Floats) -> None:
    """The sampled flight begins at rest at the launcher, ends at the target, never jumps, and goes no higher than it says."""
    lat0, lon0, alt0, _, _, _, _, _, figure, _, alt1 = launch
    out = np.full((4000, 6), np.nan)
    count = trajectory.fly(*launch, 2.0, out)
    assert count == math.floor(duration / 2.0) + 2
    rows_m, tracks = out[:count, 3:], out[:count, :3]
    np.testing.assert_allclose(tracks[0], (lat0, lon0, alt0), atol=1e-6)
    np.testing.assert_allclose(rows_m[0], geodesy.ecef(lat0, lon0, alt0, *figure), atol=1e-6)
    # One metre by the module's promise, half of one by the aim.
    assert np.linalg.norm(rows_m[-1] - target) < 1.5
    assert tracks[-1, 2] == pytest.approx(alt1, abs=1.0)
    for row in range(count):
        np.testing.assert_allclose(rows_m[row], geodesy.ecef(*tracks[row], *figure), atol=1e-5)
    # A second difference of place over 2 s is at most 4 s² of acceleration; 1000 g would be a jump.
    assert np.abs(np.diff(rows_m[:-1], n=2, axis=0)).max() < 4.0 * 1000.0 * 9.8
    assert tracks[:, 2].max() <= apogee + 1.0
    assert np.isnan(out[count:]).all()


def test_boost_is_a_straight_line_at_even_acceleration() -> None:
    out = np.empty((500, 6))
    launch = (0.6, 0.1, 500.0, 1.2, 0.75, 1500.0, 60.0, 10_000.0, WGS84, TURNING, 0.0)
    count = trajectory.fly(*launch, 4.0, out)
    assert count > 20
    way = np.linalg.norm(out[:16, 3:] - out[0, 3:], axis=1)
    times = 4.0 * np.arange(16)
    np.testing.assert_allclose(way, 0.5 * 1500.0 / 60.0 * times**2, atol=1e-6)
    _, azimuth, elevation = geodesy.look_angles(0.6, 0.1, *out[0, 3:], *out[15, 3:])
    assert (azimuth, elevation) == pytest.approx((1.2, 0.75), abs=1e-9)
    # Speed does not jump at burnout: the step after it is as long as the speed says, less gravity and air.
    assert np.linalg.norm(out[16, 3:] - out[15, 3:]) == pytest.approx(1500.0 * 4.0, rel=0.03)


def test_rows_do_not_depend_on_how_finely_they_are_taken() -> None:
    launch = (0.6, 0.1, 500.0, 1.2, 0.75, 2500.0, 60.0, 5_000.0, WGS84, TURNING, 0.0)
    fine, coarse = np.empty((9000, 6)), np.empty((100, 6))
    trajectory.fly(*launch, 0.1, fine)
    count = trajectory.fly(*launch, 20.0, coarse)
    np.testing.assert_allclose(coarse[: count - 1, 3:], fine[: 200 * (count - 1) : 200, 3:], atol=1.0)


def test_a_full_table_is_filled_and_no_more() -> None:
    out = np.full((12, 6), np.nan)
    assert trajectory.fly(0.6, 0.1, 0.0, 1.2, 0.75, 1500.0, 60.0, 5_000.0, WGS84, TURNING, 0.0, 5.0, out[:10]) == 10
    assert np.isfinite(out[:10]).all()
    assert np.isnan(out[10:]).all()


# ---------------------------------------------------------------------------------------------------------------- no flight
def test_faster_than_escape_never_ends_and_a_low_lob_never_begins() -> None:
    out = np.empty((10, 6))
    escaping = (0.6, 0.1, 0.0, 1.2, 0.75, 12_000.0, 0.0, FREE, WGS84, TURNING, 0.0)
    assert trajectory.flight_end(*escaping)[0] == math.inf
    assert trajectory.fly(*escaping, 1.0, out) == 0
    # 100 m/s straight up is 510 m high.
    lob = (0.6, 0.1, 0.0, 1.2, 0.5 * math.pi, 100.0, 0.0, FREE, WGS84, TURNING)
    assert math.isnan(trajectory.flight_end(*lob, 515.0)[0])
    assert trajectory.fly(*lob, 515.0, 1.0, out) == 0
    assert trajectory.flight_end(*lob, 500.0)[0] > 100.0 / 9.81


@pytest.mark.parametrize(
    ("distance_km", "apogee_m", "boost_s", "beta"),
    [
        (0.0, math.nan, 60.0, 1e4),  # nowhere to go
        (300.0, -100.0, 60.0, 1e4),
        (300.0, 0.0, 60.0, 1e4),
        (300.0, 500.0, 60.0, 1e4),  # over the horizon below the launcher's own altitude
        (300.0, 5e8, 60.0, 1e4),  # days
        (500.0, math.nan, 0.0, 1000.0),  # from the ground at once: the air alone would take ten times the speed of escape
    ],
)
def test_no_flight(distance_km: float, apogee_m: float, boost_s: float, beta: float) -> None:
    lat, lon = geodesy.destination(0.6, 0.1, 1.0, distance_km * 1000.0 / EARTH_RADIUS_M)
    assert not aiming.aim(0.6, 0.1, 1000.0, lat, lon, 0.0, apogee_m, boost_s, beta, WGS84, TURNING)[4]


@given(
    st.floats(-1.5, 1.5), st.floats(0, 3.1), st.floats(0, 6.3), st.floats(-400, 9000), st.floats(-400, 9000),
    st.one_of(st.just(math.nan), st.floats(-1e4, 1e8)), st.floats(0, 600), st.floats(50, 1e6),
)  # fmt: skip
@example(0.0, 3.1, 0.0, 0.0, 0.0, 1e8, 600.0, 50.0)
@example(0.5 * math.pi, 0.1, 0.0, 0.0, 0.0, math.nan, 60.0, 1e4)
def test_anything_asked_is_answered(
    lat: float, angle: float, azimuth: float, alt0: float, alt1: float, apogee: float, boost: float, beta: float
) -> None:
    """A flight that hits, or none."""
    lat1, lon1 = geodesy.destination(lat, 0.4, azimuth, angle)
    course, gamma, speed, duration, found = aiming.aim(lat, 0.4, alt0, lat1, lon1, alt1, apogee, boost, beta, WGS84, TURNING)
    if found:
        end = trajectory.flight_end(lat, 0.4, alt0, course, gamma, speed, boost, beta, WGS84, TURNING, alt1)
        assert end[0] == duration
        assert EARTH_RADIUS_M * geodesy.central_angle(end[1], end[2], lat1, lon1) < 0.5
