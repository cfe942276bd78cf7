import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.integrate import quad

from closedsky.physics import gas
from closedsky.physics.atmosphere import standard_air
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION

FloatArray = npt.NDArray[np.float64]
RADIUS_M = K_REFRACTION * EARTH_RADIUS_M


def _air(frequency_hz: float, alt_m: float) -> float:
    """Specific attenuation in dB/km of standard air, 7.5 g/m³ of vapour at the ground."""
    temperature_k, pressure_pa, _ = standard_air(alt_m)
    vapour = 7.5 * math.exp(-alt_m / 2000.0)
    return gas.specific_attenuation(frequency_hz, pressure_pa / 100.0 - vapour * temperature_k / 216.7, temperature_k, vapour)


def _table(frequency_hz: float, antenna_m: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    altitudes_m, elevation_rad, range_m = np.empty(gas.ALTITUDES), np.empty(gas.ELEVATIONS), np.empty(gas.RANGES)
    gas.gas_grids(antenna_m, K_REFRACTION, altitudes_m, elevation_rad, range_m)
    profile, table = np.empty(gas.ALTITUDES), np.empty((gas.ELEVATIONS, gas.RANGES))
    gas.gas_profile(frequency_hz, 7.5, altitudes_m, profile)
    gas.gas_table(altitudes_m, profile, antenna_m, K_REFRACTION, elevation_rad, range_m, table)
    return elevation_rad, range_m, table


def _integral(frequency_hz: float, antenna_m: float, elevation_rad: float, range_m: float) -> float:
    """Loss in dB along a chord in a plane, by quadrature of the law itself, without profile or table."""
    rise, run = math.sin(elevation_rad), math.cos(elevation_rad)

    def along(slant_m: float) -> float:
        alt_m = math.hypot(slant_m * run, RADIUS_M + antenna_m + slant_m * rise) - RADIUS_M
        return _air(frequency_hz, max(alt_m, gas.LOWEST_M)) / 1000.0

    breaks = [0.0, *(length for length in (3e3, 1e4, 3e4, 1e5, 2e5, 4e5) if length < range_m), range_m]
    parts = (quad(along, low, high, epsrel=1e-7, limit=400)[0] for low, high in itertools.pairwise(breaks))
    return math.fsum(parts)


def _in_sight(antenna_m: float, elevation_rad: float, range_m: float) -> bool:
    """Whether the ray is above the sphere all the way; it comes lowest where it runs level."""
    level_m = -(RADIUS_M + antenna_m) * math.sin(elevation_rad)
    for slant_m in (range_m, min(max(level_m, 0.0), range_m)):
        if math.hypot(slant_m * math.cos(elevation_rad), RADIUS_M + antenna_m + slant_m * math.sin(elevation_rad)) < RADIUS_M:
            return False
    return True


# The model asks for 0.05 dB; up to 10 GHz the docstring promises a quarter of that, and 35 GHz has 80 dB to lose.
@pytest.mark.parametrize(
    ("frequency_hz", "tolerance_db"), [(1.3e9, 0.007), (3e9, 0.007), (5.6e9, 0.007), (10e9, 0.015), (16.7e9, 0.06), (35e9, 0.13)]
)
@pytest.mark.parametrize("antenna_m", [10.0, 500.0, 3000.0])
def test_table_is_the_integral(frequency_hz: float, tolerance_db: float, antenna_m: float) -> None:
    grids = _table(frequency_hz, antenna_m)
    random = np.random.default_rng(7)
    elevations = np.radians(
        np.concatenate([random.uniform(-2.0, 1.0, 40), random.uniform(0.0, 5.0, 15), random.uniform(0.0, 90.0, 15)])
    )
    checked = 0
    for elevation_rad, range_m in zip(elevations, random.uniform(1e3, 7e5, elevations.size), strict=True):
        if _in_sight(antenna_m, elevation_rad, range_m):
            checked += 1
            expected_db = _integral(frequency_hz, antenna_m, elevation_rad, range_m)
            assert gas.gas_loss_db(*grids, elevation_rad, range_m) == pytest.approx(expected_db, abs=tolerance_db)
    assert checked > 30


def test_a_level_layer_costs_its_length() -> None:
    altitudes_m, profile = np.array([0.0, 1e5]), np.array([0.02, 0.02])
    range_m, out = np.array([0.0, 1.0, 1e4, 3e5]), np.empty((3, 4))
    gas.gas_table(altitudes_m, profile, 20.0, 1.0, np.radians([-20.0, 0.0, 60.0]), range_m, out)
    np.testing.assert_allclose(out, np.broadcast_to(2e-5 * range_m, (3, 4)), rtol=1e-12)


def test_a_straight_climb_through_an_exponential_layer() -> None:
    """By hand: γ₀ H (1 - exp(-s / H)) upwards."""
    altitudes_m = np.linspace(0.0, 1e5, 20_001)
    profile = 0.02 * np.exp(-altitudes_m / 4000.0)
    range_m, out = np.array([2e3, 8e3, 9e4]), np.empty((1, 3))
    gas.gas_table(altitudes_m, profile, 0.0, K_REFRACTION, np.array([0.5 * math.pi]), range_m, out)
    # Straight lines between altitudes 5 m apart are (5 / 4000)² / 12 = 1.3e-7 too high.
    np.testing.assert_allclose(out[0], 0.02 * 4.0 * (1.0 - np.exp(-range_m / 4000.0)), rtol=3e-7)


def test_underground_is_the_lowest_air() -> None:
    altitudes_m, profile, out = np.array([-500.0, 0.0, 1e5]), np.array([0.03, 0.02, 0.0]), np.empty((1, 2))
    gas.gas_table(altitudes_m, profile, -500.0, 1.0, np.array([-0.5 * math.pi]), np.array([1e3, 5e3]), out)
    np.testing.assert_allclose(out[0], [0.03, 0.15], rtol=1e-12)


def test_look_up_is_bilinear_and_stays_within_its_table() -> None:
    elevation_rad, range_m, table = (
        np.array([0.0, 0.1, 0.3]),
        np.array([0.0, 1e4, 5e4]),
        np.array([[0.0, 2, 6], [0, 1, 3], [0, 0.5, 1]]),
    )
    for row, elevation in enumerate(elevation_rad):
        for column, distance in enumerate(range_m):
            assert gas.gas_loss_db(elevation_rad, range_m, table, elevation, distance) == table[row, column]
    assert gas.gas_loss_db(elevation_rad, range_m, table, 0.05, 5e3) == pytest.approx(0.75)
    assert gas.gas_loss_db(elevation_rad, range_m, table, -1.0, 9e9) == 6.0
    assert gas.gas_loss_db(elevation_rad, range_m, table, 1.0, 3e4) == pytest.approx(0.75)


@pytest.mark.parametrize("antenna_m", [-400.0, 0.0, 10.0, 3000.0])
def test_grids_rise_and_have_a_node_at_the_dip(antenna_m: float) -> None:
    grids = np.empty(gas.ALTITUDES), np.empty(gas.ELEVATIONS), np.empty(gas.RANGES)
    gas.gas_grids(antenna_m, K_REFRACTION, *grids)
    for grid in grids:
        assert np.all(np.diff(grid) > 0.0)
    np.testing.assert_allclose(grids[1][[0, -1]], [-0.5 * math.pi, 0.5 * math.pi], rtol=1e-12)
    np.testing.assert_allclose([grids[0][0], grids[0][-1], grids[2][0], grids[2][-1]], [-500.0, 1e5, 0.0, 7e5])
    dip_rad = -math.acos(RADIUS_M / (RADIUS_M + max(0.0, antenna_m)))
    assert np.abs(grids[1] - dip_rad).min() < 1e-9


def test_moisture_costs_most_at_its_line() -> None:
    def moist(ghz: float) -> float:
        return gas.specific_attenuation(ghz * 1e9, 1013.25, 288.15, 7.5) - gas.specific_attenuation(
            ghz * 1e9, 1013.25, 288.15, 0.0
        )

    assert moist(22.235) > moist(20.0) > moist(16.0) > moist(3.0) > 0.0
    assert moist(22.235) > moist(26.0)
