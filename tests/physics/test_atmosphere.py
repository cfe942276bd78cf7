import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.physics import atmosphere
from tests.reference.hydrostatic import air


@pytest.mark.parametrize("alt_m", [1e3, 9e3, 15e3, 25e3, 40e3, 49e3, 60e3, 75e3, 85e3])
def test_pressure_is_the_weight_of_the_air_above(alt_m: float) -> None:
    by_integration = air(alt_m)
    temperature_k, pressure_pa, _ = atmosphere.standard_air(alt_m)
    assert temperature_k == pytest.approx(by_integration[0], rel=1e-6)
    # The steps cross the corners of the temperature, each at a cost of some 1e-9; 186.946 K is rounded.
    assert pressure_pa == pytest.approx(100.0 * by_integration[1], rel=1e-6)


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
