"""Boost and coast, against an integration of our own, the rocket equation and the closed form of a level coast."""

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


def _missile(mass: float, fuel_share: float, burn_s: float, diameter: float, speed_max: float) -> flyout.Missile:
    fuel = fuel_share * mass
    return mass, fuel, burn_s, flyout.thrust_for(mass, fuel, burn_s, diameter, speed_max), diameter


# The 48N6E2 by its published figures: 1840 kg, 0.519 m, 12 s, 1900 m/s. The share of fuel is a guess.
LONG = _missile(1840.0, 0.6, 12.0, 0.519, 1900.0)
LOFT_M, REACH_M, CEILING_M, LEAST_MPS = 40e3, 204e3, 27.5e3, 500.0
# A short-ranged one: 75 kg, 0.13 m, 2 s, 1300 m/s.
SHORT = _missile(75.0, 0.45, 2.0, 0.13, 1300.0)


# ------------------------------------------------------------------------------------------------- an integration of our own
def _accelerations(missile: flyout.Missile, height: float, speed: float, sin_gamma: float, time_s: float, burns: bool) -> float:
    mass, fuel, burn_s, thrust, diameter = missile
    temperature, _, density = standard_air(height)
    mach = speed / math.sqrt(1.4 * 287.053 * temperature)
    drag = 0.5 * density * speed**2 * np.interp(mach, MACH, DRAG) * math.pi * (0.5 * diameter) ** 2
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
    found_s, found_speed = flyout.fly_out(missile, path)
    if math.isinf(time_s):
        assert (found_s, found_speed) == (math.inf, 0.0)
    else:
        # Steps of two seconds over the kinks of the drag curve and the air: a fiftieth of a second, more on coasts of minutes.
        assert found_s == pytest.approx(time_s, abs=0.02, rel=4e-4)
        assert found_speed == pytest.approx(speed, rel=3e-3)


# ------------------------------------------------------------------------------------------------------------- closed forms
@given(st.floats(0.1, 0.8), st.floats(50.0, 2000.0))
def test_a_burst_obeys_the_rocket_equation(fuel_share: float, gain: float) -> None:
    """Burnt in a hundredth of a second, fuel gives Δv = c ln(m₀/m₁), c = thrust · burn / fuel: gravity and drag have no time."""
    burn_s, mass, diameter = 0.01, 1000.0, 0.1
    fuel = fuel_share * mass
    exhaust = gain / math.log(1.0 / (1.0 - fuel_share))
    missile = (mass, fuel, burn_s, exhaust * fuel / burn_s, diameter)
    # Gravity takes 0.07 m/s; drag at 2000 m/s, 1.225 kg/m³, on 0.008 m² and 200 kg is 0.3 m/s; the rule's 200 steps leave 1e-4.
    assert flyout.burnout_speed(missile, 0.25 * math.pi) == pytest.approx(gain, abs=0.4, rel=3e-4)


def test_a_level_coast_above_mach_six_dies_away_exponentially() -> None:
    """With C constant v = v₀ exp(-k x), t = (exp(k x) - 1) / (k v₀), k = ρ C A / 2 m, at sea level from 3500 to 2100 m/s."""
    mass, fuel, burn_s, diameter, v0 = 400.0, 200.0, 1e-3, 0.3, 3500.0
    missile = (mass, fuel, burn_s, v0 / math.log(2.0) * fuel / burn_s, diameter)
    k = 1.225 * 0.18 * math.pi * diameter**2 / 4.0 / (2.0 * 200.0)
    along_m = math.log(v0 / 2100.0) / k
    time_s, speed = flyout.fly_out(missile, (along_m, 0.0, 0.0, 0.0))
    # 1.75 m are flown in the burst. Drag at 3500 m/s takes 2 % a step of 2 s, whose fourth-order error is far below 1e-3.
    assert speed == pytest.approx(2100.0, rel=2e-3)
    assert time_s == pytest.approx((math.exp(k * along_m) - 1.0) / (k * v0), rel=1e-3)


def test_a_slow_one_falls_back() -> None:
    """Straight up at 100 m/s is 510 m high, less in air: 480 m is too far, and 300 m is not."""
    missile = (100.0, 1.0, 0.01, 100.0 / math.log(100.0 / 99.0) * 1.0 / 0.01, 0.01)
    assert flyout.fly_out(missile, (0.0, 0.0, 600.0, 0.0)) == (math.inf, 0.0)
    time_s, speed = flyout.fly_out(missile, (0.0, 0.0, 300.0, 0.0))
    assert speed == pytest.approx(math.sqrt(100.0**2 - 2.0 * G * 300.0), rel=0.01)
    assert time_s == pytest.approx((100.0 - speed) / G, rel=0.01)


def test_no_way_takes_no_time() -> None:
    assert flyout.fly_out(LONG, (0.0, 100.0, 0.0, 0.0)) == (0.0, 0.0)


def test_no_thrust_gets_nowhere() -> None:
    assert flyout.fly_out((100.0, 10.0, 5.0, 0.0, 0.1), (1000.0, 0.0, 0.0, 0.0)) == (math.inf, 0.0)


def test_the_published_mean_speed() -> None:
    assert flyout.time_of_flight_s(12_000.0, 900.0) == pytest.approx(13.333, abs=1e-3)


# ---------------------------------------------------------------------------------------------------------- drag and thrust
@given(st.floats(0.0, 9.0))
def test_drag_is_linear_between_its_points(mach: float) -> None:
    assert flyout.drag_coefficient(mach) == pytest.approx(float(np.interp(mach, MACH, DRAG)), abs=1e-12)


@given(st.floats(20, 7000), st.floats(0.3, 0.7), st.floats(1.5, 40), st.floats(600, 2500))
def test_thrust_reaches_the_published_speed(mass: float, fuel_share: float, burn_s: float, speed_max: float) -> None:
    diameter = (mass / 12_000.0) ** (1.0 / 3.0)  # the build of the two above
    missile = _missile(mass, fuel_share, burn_s, diameter, speed_max)
    assert flyout.burnout_speed(missile, 0.25 * math.pi) == pytest.approx(speed_max, rel=1e-6)
    # More than in a vacuum without weight, by the rocket equation; the steps' own error is below 0.1 %.
    assert missile[3] > 0.999 * speed_max / math.log(1.0 / (1.0 - fuel_share)) * missile[1] / burn_s


@pytest.mark.parametrize("missile", [LONG, SHORT], ids=["long", "short"])
def test_speed_at_burnout_is_that_of_small_steps(missile: flyout.Missile) -> None:
    sine = math.sin(0.25 * math.pi)

    def rates(time_s: float, state: Floats) -> list[float]:
        return [state[1], _accelerations(missile, state[0] * sine, state[1], sine, time_s, burns=True)]

    end = solve_ivp(rates, (0.0, missile[2]), [0.0, 0.0], method="DOP853", rtol=1e-9, atol=1e-9, max_step=0.05).y[1, -1]
    # The midpoint rule in 200 steps: its square, 2.5e-5, times what mass and drag change.
    assert flyout.burnout_speed(missile, 0.25 * math.pi) == pytest.approx(end, rel=2e-4)


# ---------------------------------------------------------------------------------------------------------------- the table
@pytest.fixture(scope="module")
def table() -> Floats:
    out = np.empty((2, 40, 20))
    flyout.fly_out_table(LONG, LOFT_M, LEAST_MPS, REACH_M, CEILING_M, out)
    return out


def _looked_up(table: Floats, along_m: float, climb_m: float) -> float:
    return flyout.time_of_flight(table, REACH_M, CEILING_M, LEAST_MPS, along_m, climb_m)


def test_a_loft_is_taken_where_it_pays() -> None:
    near, far = (10e3, 0.0, 3e3), (150e3, 0.0, 10e3)
    assert flyout.quickest(LONG, LOFT_M, LEAST_MPS, near[0], near[2])[0] == flyout.fly_out(LONG, (*near, 0.0))[0]
    lofts = [flyout.fly_out(LONG, (*far, LOFT_M * share / 3.0)) for share in range(4)]
    best_s = min(time_s for time_s, speed in lofts if speed >= LEAST_MPS)
    assert flyout.quickest(LONG, LOFT_M, LEAST_MPS, far[0], far[2])[0] == best_s
    assert math.isinf(lofts[0][0])
    # Out of reach at the least speed, the fastest arrival is kept.
    slow = flyout.quickest(LONG, LOFT_M, 5000.0, far[0], far[2])
    assert slow == max(lofts, key=lambda flown: flown[1])


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_between_its_nodes_the_table_is_the_fly_out(table: Floats, along: float, climb: float) -> None:
    along_m, climb_m = REACH_M * along**2, CEILING_M * climb**2
    time_s, speed = flyout.quickest(LONG, LOFT_M, LEAST_MPS, along_m, climb_m)
    found_s = _looked_up(table, along_m, climb_m)
    # Where one loft gives way to the next the surface has an edge: within 0.6 s, 1 % of a long shot. Near the launcher, within 0.3 s.
    # Less than 50 m/s from the least speed, or while it is still gained, either answer will do.
    if math.isfinite(found_s) and speed > LEAST_MPS:
        assert found_s == pytest.approx(time_s, abs=0.3 if time_s < 20.0 else 0.8)
    launcher = along < 2.0 / 39.0 and climb < 2.0 / 19.0
    if abs(speed - LEAST_MPS) > 50.0 and not launcher:
        assert math.isfinite(found_s) is (speed > LEAST_MPS)


def test_at_its_nodes_the_table_is_exact_and_whole(table: Floats) -> None:
    """Also where a neighbour is out of reach."""
    short = np.empty((2, 40, 20))
    flyout.fly_out_table(SHORT, 0.0, 400.0, 40e3, 15e3, short)
    assert np.isinf(short[0]).any()
    for i in range(1, 40):
        for j in range(1, 20):
            along_m, climb_m = 40e3 * (i / 39.0) ** 2, 15e3 * (j / 19.0) ** 2
            found_s = flyout.time_of_flight(short, 40e3, 15e3, 400.0, along_m * (1 - 1e-13), climb_m * (1 - 1e-13))
            assert not math.isnan(found_s)
            if short[1, i, j] > 410.0:
                assert found_s == pytest.approx(short[0, i, j], abs=1e-6)
    assert _looked_up(table, 0.0, 0.0) == 0.0


def test_a_neighbour_out_of_reach_that_counts_for_nothing_spoils_nothing() -> None:
    """At the far edge of the table the row before it has no weight; half way to it, it has."""
    table = np.stack([np.full((3, 3), 10.0), np.full((3, 3), 900.0)])
    table[:, 1, :] = [[math.inf], [0.0]]
    assert flyout.time_of_flight(table, 100e3, 20e3, 500.0, 100e3, 0.0) == 10.0
    assert flyout.time_of_flight(table, 100e3, 20e3, 500.0, 95e3, 0.0) == math.inf


def test_nearer_is_sooner(table: Floats) -> None:
    times = np.where(table[1] >= LEAST_MPS, table[0], np.inf)
    for j in range(times.shape[1]):
        reached = times[np.isfinite(times[:, j]), j]
        assert (np.diff(reached) > 0.0).all()


@given(st.floats(0.0, 2.0), st.floats(-0.5, 2.0))
def test_beyond_the_table_nothing_is_reached(table: Floats, along: float, climb: float) -> None:
    found_s = _looked_up(table, along * REACH_M, climb * CEILING_M)
    if along > 1.0 or climb > 1.0:
        assert found_s == math.inf
    assert not math.isnan(found_s)
    if climb < 0.0:
        assert found_s == _looked_up(table, along * REACH_M, 0.0)


# -------------------------------------------------------------------------------------------------------- published missiles
def test_the_48n6e2_gets_to_its_200_km() -> None:
    """Reported: against aircraft to 200 km, lofted to 40 km (figures of several secondary sources; share of fuel assumed)."""
    time_s, speed = flyout.quickest(LONG, LOFT_M, LEAST_MPS, 200e3, 10e3)
    assert speed > LEAST_MPS
    # Faster than its burnout speed all the way it cannot be, nor slower than half of it if that range is to be of use.
    assert 200e3 / 1900.0 < time_s < 200e3 / 950.0


@pytest.mark.parametrize(("distance_m", "share"), [(12e3, 0.69), (18e3, 0.60)])
def test_the_57e6_slows_less_here_than_reported(distance_m: float, share: float) -> None:
    """Reported: 1300 m/s at most, 900 on average to 12 km, 780 to 18 km (secondary sources that were not opened: no anchor).

    Its booster drops off, which the model has not: fuel stands for fuel and booster. Assumed: 74.5 kg at launch, a dart of 30 kg and
    90 mm after 2 s. It keeps 0.77 and 0.71 of its speed where 0.69 and 0.60 are reported: this drag, which knows no
    manoeuvre and no control surface, is too small for so thin a dart. With 40 kg and 130 mm it is 0.69 and 0.56.
    """
    missile = _missile(74.5, 44.5 / 74.5, 2.0, 0.09, 1300.0)
    time_s, _ = flyout.fly_out(missile, (distance_m, 0.0, 0.0, 0.0))
    assert share < distance_m / time_s / 1300.0 < 1.2 * share
