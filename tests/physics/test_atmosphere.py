import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from closedsky.physics import atmosphere

# The standard's table 4: geopotential altitude in km, molecular-scale temperature in K.
LAYERS = (
    (0.0, 288.15),
    (11.0, 216.65),
    (20.0, 216.65),
    (32.0, 228.65),
    (47.0, 270.65),
    (51.0, 270.65),
    (71.0, 214.65),
    (84.852, 186.946),
)


def _temperature(alt_m: float) -> float:
    geopotential_km = 6356.766 * alt_m / (6_356_766.0 + alt_m)
    return float(np.interp(geopotential_km, *zip(*LAYERS, strict=True)))


@pytest.mark.parametrize("alt_m", [1e3, 9e3, 15e3, 25e3, 40e3, 49e3, 60e3, 75e3, 85e3])
def test_pressure_is_the_weight_of_the_air_above(alt_m: float) -> None:
    """Integrates dp/dz = -g p M / (R T) upwards from the ground, with g falling by the inverse square."""

    def fall(z: float, log_pressure: np.ndarray) -> np.ndarray:
        gravity = 9.80665 * (6_356_766.0 / (6_356_766.0 + z)) ** 2
        return np.full_like(log_pressure, -gravity * 28.9644e-3 / (8.31432 * _temperature(z)))

    solved = solve_ivp(fall, (0.0, alt_m), [math.log(101_325.0)], rtol=1e-11, atol=1e-11, max_step=250.0)
    temperature_k, pressure_pa, _ = atmosphere.standard_air(alt_m)
    assert temperature_k == pytest.approx(_temperature(alt_m), rel=1e-6)
    # The steps cross the corners of the temperature, each at a cost of some 1e-9; 186.946 K is rounded.
    assert pressure_pa == pytest.approx(math.exp(solved.y[0, -1]), rel=1e-6)


@given(st.floats(-5e3, 8.5e4))
def test_it_is_an_ideal_gas(alt_m: float) -> None:
    temperature_k, pressure_pa, density = atmosphere.standard_air(alt_m)
    assert density * 8314.32 / 28.9644 * temperature_k == pytest.approx(pressure_pa, rel=1e-12)


@given(st.floats(-5e3, 1.1e6), st.floats(1.0, 1e4))
def test_it_thins_with_altitude(alt_m: float, more_m: float) -> None:
    _, low_pa, low = atmosphere.standard_air(alt_m)
    _, high_pa, high = atmosphere.standard_air(alt_m + more_m)
    assert 0.0 < high < low
    assert 0.0 < high_pa < low_pa


@pytest.mark.parametrize("alt_m", [0.0, 11_019.07, 20_063.12, 32_161.9, 47_350.09, 51_412.5, 71_802.0, 86e3])
def test_layers_join(alt_m: float) -> None:
    below, above = atmosphere.standard_air(alt_m - 0.5), atmosphere.standard_air(alt_m + 0.5)
    # A metre is 1.6e-4 of the density where it falls fastest. At 86 km the standard itself steps from molecular-scale to kinetic
    # temperature, by 0.042 %.
    np.testing.assert_allclose(above, below, rtol=2e-4 if alt_m < 86e3 else 6e-4)
