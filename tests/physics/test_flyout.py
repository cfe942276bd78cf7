"""Boost and coast, against an integration of our own, the rocket equation and the closed forms of flights without drag or weight."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from closedsky.physics import flyout
from closedsky.physics.atmosphere import standard_air

G = 9.80665
Floats = npt.NDArray[np.float64]
MACH = [0.0, 0.8, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0]
DRAG = [0.25, 0.25, 0.50, 0.43, 0.36, 0.28, 0.23, 0.20, 0.18]


AIR = flyout.air_column()


def _missile(mass: float, fuel_share: float, burn_s: float, diameter: float, speed_max: float) -> flyout.Missile:
    fuel, area = fuel_share * mass, math.pi * (0.5 * diameter) ** 2
    return mass, fuel, burn_s, flyout.thrust_for((mass, fuel, burn_s, 0.0, area), AIR, speed_max), area


def _fly_out(missile: flyout.Missile, path: flyout.Course, *shares: float) -> tuple[float, float]:
    """Time and speed at the end, or at the last of some shares of the path."""
    out = np.empty((2, max(len(shares), 1)))
    flyout.fly_out(missile, AIR, path, 900.0, np.array(shares or (1.0,)), out)
    return float(out[0, -1]), float(out[1, -1])


# The 48N6E2 by its published figures: 1840 kg, 0.519 m, 12 s, 1900 m/s. The share of fuel is a guess.
LONG = _missile(1840.0, 0.6, 12.0, 0.519, 1900.0)
LOFT_M, REACH_M, CEILING_M, LEAST_MPS = 40e3, 204e3, 27.5e3, 500.0
# A short-ranged one: 75 kg, 0.13 m, 2 s, 1300 m/s.
SHORT = _missile(75.0, 0.45, 2.0, 0.13, 1300.0)


# ------------------------------------------------------------------------------------------------- an integration of our own
def _accelerations(missile: flyout.Missile, height: float, speed: float, sin_gamma: float, time_s: float, burns: bool) -> float:
    mass, fuel, burn_s, thrust, area = missile
    temperature, _, density = standard_air(height)
    mach = speed / math.sqrt(1.4 * 287.053 * temperature)
    drag = 0.5 * density * speed**2 * np.interp(mach, MACH, DRAG) * area
    left = mass - fuel * (time_s / burn_s if burns else 1.0)
    return float(((thrust if burns else 0.0) - drag) / left - G * sin_gamma)


def _flown(missile: flyout.Missile, path: flyout.Course) -> tuple[float, float]:
    """Time and speed at the end of a path, or infinite and 0, with the steps far finer and the burnout exact."""
    along, start, climb, loft = path

    def rates(time_s: float, state: Floats, burns: bool) -> list[float]:
        share, speed = state
        rise = climb + 4.0 * loft * (1.0 - 2.0 * share)
        length = math.hypot(along, rise)
        height = start + share * climb + 4.0 * loft * share * (1.0 - share)
        return [speed / length, _accelerations(missile, height, speed, rise / length, time_s, burns)]

    def arrived(_: float, state: Floats, burns: bool) -> float:
        return state[0] - 1.0

    def crawls(_: float, state: Floats, burns: bool) -> float:
        return 1.0 if burns else state[1] - 50.0

    arrived.terminal = crawls.terminal = True
    how = {"method": "DOP853", "events": [arrived, crawls], "rtol": 1e-9, "atol": 1e-9}
    flight = solve_ivp(rates, (0.0, missile[2]), [0.0, 0.0], args=(True,), max_step=0.1, **how)
    if flight.status == 0:
        flight = solve_ivp(rates, (missile[2], 900.0), flight.y[:, -1], args=(False,), max_step=0.5, **how)
    if not flight.t_events[0].size:
        return math.inf, 0.0
    return float(flight.t[-1]), float(flight.y[1, -1])


@pytest.mark.parametrize("missile", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("climb_m", [0.0, 8e3, -300.0])
@pytest.mark.parametrize(
    ("along_m", "loft_m"),
    [(50.0, 0.0), (2e3, 1e3), (8e3, 0.0), (8e3, 4e3), (25e3, 5e3), (60e3, 0.0), (60e3, 30e3), (200e3, 40e3)],
)
def test_same_as_an_integration_in_small_steps(missile: flyout.Missile, climb_m: float, along_m: float, loft_m: float) -> None:
    path = (along_m, 350.0, climb_m, loft_m)
    time_s, speed = _flown(missile, path)
    found_s, found_speed = _fly_out(missile, path)
    if math.isinf(time_s):
        assert (found_s, found_speed) == (math.inf, 0.0)
    else:
        # Steps of seconds over the kinks of the drag curve and the air: a fiftieth of a second, more on coasts of minutes.
        assert found_s == pytest.approx(time_s, abs=0.02, rel=4e-4)
        assert found_speed == pytest.approx(speed, rel=3e-3)


# ------------------------------------------------------------------------------------------------------------- closed forms
@given(st.floats(0.1, 0.8), st.floats(50.0, 2000.0))
def test_a_burst_obeys_the_rocket_equation(fuel_share: float, gain: float) -> None:
    """Burnt in a hundredth of a second, fuel gives Δv = c ln(m₀/m₁), c = thrust · burn / fuel: gravity and drag have no time."""
    burn_s, mass, area = 0.01, 1000.0, 0.25 * math.pi * 0.1**2
    fuel = fuel_share * mass
    exhaust = gain / math.log(1.0 / (1.0 - fuel_share))
    missile = (mass, fuel, burn_s, exhaust * fuel / burn_s, area)
    # Gravity takes 0.07 m/s; drag at 2000 m/s, 1.225 kg/m³, on 0.008 m² and 200 kg is 0.3 m/s; the rule's 200 steps leave 1e-4.
    assert flyout.burnout_speed(missile, AIR, 0.25 * math.pi) == pytest.approx(gain, abs=0.4, rel=3e-4)


def test_a_level_coast_above_mach_six_dies_away_exponentially() -> None:
    """With C constant v = v₀ exp(-k x), t = (exp(k x) - 1) / (k v₀), k = ρ C A / 2 m, at sea level from 3500 to 2100 m/s."""
    mass, fuel, burn_s, diameter, v0 = 400.0, 200.0, 1e-3, 0.3, 3500.0
    area = 0.25 * math.pi * diameter**2
    missile = (mass, fuel, burn_s, v0 / math.log(2.0) * fuel / burn_s, area)
    k = 1.225 * 0.18 * area / (2.0 * 200.0)
    along_m = math.log(v0 / 2100.0) / k
    time_s, speed = _fly_out(missile, (along_m, 0.0, 0.0, 0.0))
    # 1.75 m are flown in the burst. Drag at 3500 m/s takes 2 % a step of 2 s, whose fourth-order error is far below 1e-3.
    assert speed == pytest.approx(2100.0, rel=2e-3)
    assert time_s == pytest.approx((math.exp(k * along_m) - 1.0) / (k * v0), rel=1e-3)


def test_a_slow_one_falls_back() -> None:
    """Straight up at 100 m/s is 510 m high, less in air: 480 m is too far, and 300 m is not."""
    missile = (100.0, 1.0, 0.01, 100.0 / math.log(100.0 / 99.0) * 1.0 / 0.01, 8e-5)
    assert _fly_out(missile, (0.0, 0.0, 600.0, 0.0)) == (math.inf, 0.0)
    time_s, speed = _fly_out(missile, (0.0, 0.0, 300.0, 0.0))
    assert speed == pytest.approx(math.sqrt(100.0**2 - 2.0 * G * 300.0), rel=0.01)
    assert time_s == pytest.approx((100.0 - speed) / G, rel=0.01)


def test_no_thrust_gets_nowhere() -> None:
    assert _fly_out((100.0, 10.0, 5.0, 0.0, 0.008), (1000.0, 0.0, 0.0, 0.0)) == (math.inf, 0.0)


def burnt_way_m(missile: flyout.Missile, time_s: float) -> float:
    """Way in m, at most, that thrust alone gives by a time: without drag and weight, c (t + (μ - t) ln(1 - t / μ)), then straight on.

    c = thrust · burn / fuel is the exhaust speed, and μ = mass · burn / fuel the time in which all of the missile would be burnt.
    """
    mass, fuel, burn_s, thrust, _ = missile
    exhaust, whole_s = thrust * burn_s / fuel, mass * burn_s / fuel
    t = min(time_s, burn_s)
    way = exhaust * (t + (whole_s - t) * math.log(1.0 - t / whole_s))
    return way - exhaust * math.log(1.0 - t / whole_s) * (time_s - t)


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0, 1.5, 4.0])
def test_a_level_flight_without_drag_has_a_closed_form(share: float) -> None:
    """Weight has no part along a level path: the way is that of the thrust alone, in the burn and after it."""
    missile = (400.0, 260.0, 8.0, 60e3, 0.0)
    time_s, _ = _fly_out(missile, (burnt_way_m(missile, 8.0 * share), 0.0, 0.0, 0.0))
    # In the burn's first third of a second the way is one parabola; from then on the steps leave less.
    assert time_s == pytest.approx(8.0 * share, rel=3e-3 if share < 0.1 else 1e-5)


@given(st.floats(500.0, 4000.0), st.floats(0.05, 1.0), st.floats(1e3, 20e3))
def test_a_thrown_stone_has_a_closed_form(speed: float, sine: float, distance_m: float) -> None:
    """Burst in a millisecond, no drag, straight up a slope: d = v t - g sin γ t² / 2."""
    burst = _missile(100.0, 0.5, 1e-3, 0.0, speed)
    across = math.sqrt(1.0 - sine * sine)
    time_s, end_mps = _fly_out(burst, (distance_m * across, 0.0, distance_m * sine, 0.0))
    left = speed**2 - 2.0 * G * distance_m * sine
    if left > 60.0**2:
        assert end_mps == pytest.approx(math.sqrt(left), abs=0.02)
        assert time_s == pytest.approx(2.0 * distance_m / (speed + math.sqrt(left)), abs=2e-3)


def test_a_path_is_flown_once_for_all_its_points() -> None:
    """The times at shares of a path are those of paths that end there: the same line, steps of other lengths."""
    end_m = 60e3
    shares = (0.001, 0.01, 0.1, 0.35, 0.7, 1.0)
    for n, share in enumerate(shares, 1):
        at = share * end_m
        found = _fly_out(LONG, (end_m, 0.0, 8e3, 0.0), *shares[:n])
        assert found == pytest.approx(_fly_out(LONG, (at, 0.0, 8e3 * share, 0.0)), rel=1e-3, abs=0.02)


# ---------------------------------------------------------------------------------------------------------- drag and thrust
@given(st.floats(0.0, 9.0))
def test_drag_is_linear_between_its_points(mach: float) -> None:
    assert flyout.drag_coefficient(mach) == pytest.approx(float(np.interp(mach, MACH, DRAG)), abs=1e-12)


@given(st.floats(20, 7000), st.floats(0.3, 0.7), st.floats(1.5, 40), st.floats(600, 2500))
def test_thrust_reaches_the_published_speed(mass: float, fuel_share: float, burn_s: float, speed_max: float) -> None:
    diameter = (mass / 12_000.0) ** (1.0 / 3.0)  # the build of the two above
    missile = _missile(mass, fuel_share, burn_s, diameter, speed_max)
    assert flyout.burnout_speed(missile, AIR, 0.25 * math.pi) == pytest.approx(speed_max, rel=1e-6)
    # More than in a vacuum without weight, by the rocket equation; the steps' own error is below 0.1 %.
    assert missile[3] > 0.999 * speed_max / math.log(1.0 / (1.0 - fuel_share)) * missile[1] / burn_s


@pytest.mark.parametrize("missile", [LONG, SHORT], ids=["long", "short"])
def test_speed_at_burnout_is_that_of_small_steps(missile: flyout.Missile) -> None:
    sine = math.sin(0.25 * math.pi)

    def rates(time_s: float, state: Floats) -> list[float]:
        return [state[1], _accelerations(missile, state[0] * sine, state[1], sine, time_s, burns=True)]

    end = solve_ivp(rates, (0.0, missile[2]), [0.0, 0.0], method="DOP853", rtol=1e-9, atol=1e-9, max_step=0.05).y[1, -1]
    # The midpoint rule in 200 steps: its square, 2.5e-5, times what mass and drag change.
    assert flyout.burnout_speed(missile, AIR, 0.25 * math.pi) == pytest.approx(end, rel=2e-4)


# ---------------------------------------------------------------------------------------------------------------- the table
@pytest.fixture(scope="module")
def table() -> Floats:
    out = np.empty((2, 40, 20))
    flyout.fly_out_table(LONG, LOFT_M, LEAST_MPS, REACH_M, CEILING_M, out)
    return out


def _looked_up(table: Floats, range_m: float, climb_m: float) -> float:
    return flyout.time_of_flight(table, REACH_M, LEAST_MPS, range_m, climb_m)


def _lofted(missile: flyout.Missile, range_m: float, climb_m: float, least_mps: float = LEAST_MPS) -> tuple[float, float]:
    """Time and speed at the end of the best of the lofts, each of them flown; in the burn the straight one, as fast as it need be."""
    along = math.sqrt(range_m**2 - climb_m**2)
    flown = [_fly_out(missile, (along, 0.0, climb_m, min(LOFT_M, 0.5 * along) * share / 3.0)) for share in range(4)]
    if flown[0][0] <= missile[2]:
        return flown[0][0], max(flown[0][1], least_mps + 1.0)
    quick = [way for way in flown if way[1] >= least_mps]
    return min(quick) if quick else max(flown, key=lambda way: way[1])


def test_a_loft_is_taken_where_it_pays() -> None:
    scratch = np.empty((3, 1))
    for range_m, climb_m in ((14e3, 3e3), (40e3, 500.0), (150e3, 10e3), (190e3, 100.0)):
        straight = _fly_out(LONG, (math.sqrt(range_m**2 - climb_m**2), 0.0, climb_m, 0.0))
        for least_mps in (LEAST_MPS, 5000.0):  # out of reach at the least speed, the fastest arrival is kept
            found = flyout.lofted(LONG, AIR, LOFT_M, least_mps, range_m, climb_m / range_m, straight, scratch)
            assert found == pytest.approx(_lofted(LONG, range_m, climb_m, least_mps), rel=1e-9)
    assert _lofted(LONG, 14e3, 3e3)[0] == _fly_out(LONG, (math.sqrt(14e3**2 - 3e3**2), 0.0, 3e3, 0.0))[0]
    assert math.isinf(_fly_out(LONG, (150e3, 0.0, 10e3, 0.0))[0])
    assert _lofted(LONG, 150e3, 10e3)[0] < 130.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_between_its_nodes_the_table_is_the_fly_out(table: Floats, along: float, climb: float) -> None:
    range_m = max(REACH_M * along**2, 300.0)
    climb_m = min(CEILING_M, range_m) * climb**2
    time_s, speed = _lofted(LONG, range_m, climb_m)
    found_s = _looked_up(table, range_m, climb_m)
    # Where one loft gives way to the next the surface has an edge: within 0.6 s, 1 % of a long shot. Where the path is straight, within
    # 0.04 s. Less than 50 m/s from the least speed either answer will do.
    if math.isfinite(found_s) and speed > LEAST_MPS:
        assert found_s == pytest.approx(time_s, abs=0.04 if time_s < 13.0 else 0.6)
    if abs(speed - LEAST_MPS) > 50.0 or time_s <= LONG[2]:
        assert math.isfinite(found_s) is (speed > LEAST_MPS)


def test_at_its_nodes_the_table_is_exact_and_whole(table: Floats) -> None:
    """Also where a neighbour is out of reach."""
    short = np.empty((2, 40, 20))
    flyout.fly_out_table(SHORT, 0.0, 400.0, 90e3, 15e3, short)
    assert (short[1, :, 0] == 0.0).any()
    for i in range(1, 40):
        for j in range(20):
            range_m, sine = 90e3 * (i / 39.0) ** 2, (j / 19.0) ** 2
            found_s = flyout.time_of_flight(short, 90e3, 400.0, range_m * (1 - 1e-13), range_m * sine * (1 - 1e-12))
            assert not math.isnan(found_s)
            if short[1, i, j] > 410.0:
                straight = _fly_out(SHORT, (range_m * math.sqrt(1.0 - sine**2), 0.0, range_m * sine, 0.0))
                assert found_s == pytest.approx(range_m / short[0, i, j], abs=1e-6)
                assert found_s == pytest.approx(straight[0], abs=5e-3)
    assert _looked_up(table, 0.0, 0.0) == 0.0


def test_the_table_ends_above_the_ceiling(table: Floats) -> None:
    """A cell any of which is below the ceiling is whole; one wholly above it is empty, and flights into it are out of reach."""
    for i in range(39):
        for j in range(19):
            below = REACH_M * (i / 39.0) ** 2 * (j / 19.0) ** 2 <= CEILING_M
            assert bool((table[1, i : i + 2, j : j + 2] > 0.0).all()) is below
    assert math.isfinite(_looked_up(table, 100e3, CEILING_M))
    assert _looked_up(table, 100e3, 2.0 * CEILING_M) == math.inf


def test_a_neighbour_out_of_reach_that_counts_for_nothing_spoils_nothing() -> None:
    """At the far edge of the table the row before it has no weight; half way to it, it has."""
    table = np.stack([np.full((3, 3), 1000.0), np.full((3, 3), 900.0)])
    table[:, 1, :] = 0.0
    assert flyout.time_of_flight(table, 100e3, 500.0, 100e3, 0.0) == 100.0
    assert flyout.time_of_flight(table, 100e3, 500.0, 95e3, 0.0) == math.inf


def test_too_slow_is_out_of_reach_but_not_under_thrust() -> None:
    """At 400 m/s least a round is in time a few metres from its launcher, where it has yet to gain speed, and not where it lost it."""
    short = np.empty((2, 40, 20))
    flyout.fly_out_table(SHORT, 0.0, 400.0, 40e3, 15e3, short)
    assert math.isfinite(flyout.time_of_flight(short, 40e3, 400.0, 50.0, 10.0))
    assert _fly_out(SHORT, (50.0, 0.0, 10.0, 0.0))[1] < 300.0
    assert flyout.time_of_flight(short, 40e3, 400.0, 30e3, 10.0) == math.inf


def test_nearer_is_sooner(table: Floats) -> None:
    for climb in np.linspace(0.0, 1.0, 12):
        times = [_looked_up(table, range_m, climb * min(range_m, CEILING_M)) for range_m in np.linspace(20.0, REACH_M, 2000)]
        reached = np.array([time_s for time_s in times if math.isfinite(time_s)])
        assert reached.size > 100
        assert (np.diff(reached) > 0.0).all()


@given(st.floats(0.0, 2.0), st.floats(-0.5, 2.0))
def test_beyond_the_table_nothing_is_reached(table: Floats, along: float, climb: float) -> None:
    found_s = _looked_up(table, along * REACH_M, climb * CEILING_M)
    if along > 1.0:
        assert found_s == math.inf
    assert not math.isnan(found_s)
    if climb < 0.0:
        assert found_s == _looked_up(table, along * REACH_M, 0.0)


# -------------------------------------------------------------------------------------------------------- published missiles
def test_the_48n6e2_gets_to_its_200_km() -> None:
    """Reported: against aircraft to 200 km, lofted to 40 km (figures of several secondary sources; share of fuel computed)."""
    time_s, speed = _lofted(LONG, 200e3, 10e3)
    assert speed > LEAST_MPS
    # Faster than its burnout speed all the way it cannot be, nor slower than half of it if that range is to be of use.
    assert 200e3 / 1900.0 < time_s < 200e3 / 950.0
