import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.physics import jamming, radar
from closedsky.physics.constants import BOLTZMANN

RATIO = st.floats(-3, 6).map(lambda exponent: 10.0**exponent)
RADAR = {"gain": 4000.0, "wavelength_m": 0.1, "temperature_k": 500.0}


def _jam(erp_w_per_hz: float, range_m: float, gain_off: float = 1.0, losses: float = 1.0) -> float:
    temperature_k = RADAR["temperature_k"]
    return jamming.jam_to_noise(erp_w_per_hz, range_m, RADAR["gain"], gain_off, RADAR["wavelength_m"], temperature_k, losses)


def test_by_hand() -> None:
    """1 kW/MHz at 100 km: a flux of 1e-3 / (4π 1e10) W/(m² Hz) on G λ² / (4π) = 3.1831 m² gives 2.533e-14 W/Hz over k T = 6.903e-21."""
    assert _jam(1e-3, 1e5) == pytest.approx(3.6694e6, rel=1e-4)


@given(RATIO, st.floats(1e3, 1e6))
def test_what_it_depends_on(erp: float, range_m: float) -> None:
    here = _jam(erp, range_m)
    assert _jam(2.0 * erp, range_m) == pytest.approx(2.0 * here)
    assert _jam(erp, 2.0 * range_m) == pytest.approx(here / 4.0)
    assert _jam(erp, range_m, 1e-3) == pytest.approx(1e-3 * here)
    assert _jam(erp, range_m, 1.0, 2.0) == pytest.approx(here / 2.0)
    assert _jam(erp, 0.0) == math.inf


@pytest.mark.parametrize("range_m", [1e4, 3e5])
@pytest.mark.parametrize("rcs_m2", [0.01, 5.0])
def test_jamming_over_echo_of_a_jammer_on_the_target(range_m: float, rcs_m2: float) -> None:
    """J/S = 4π R² E_J / (E_R σ): total powers in the band of a matched receiver, B = 1/τ (Adamy's 71 dB + 20 lg km of EW 101).

    Neither gain, wavelength nor noise is in it.
    """
    power_w, pulse_s, erp_w_per_hz = 1e5, 1e-5, 1e-4
    signal = radar.snr_by_parameters(power_w, pulse_s, 4000.0, 0.1, rcs_m2, range_m, 500.0, 1.0)
    expected = 4.0 * math.pi * range_m**2 * (erp_w_per_hz / pulse_s) / (power_w * 4000.0 * rcs_m2)
    assert _jam(erp_w_per_hz, range_m) / signal == pytest.approx(expected, rel=1e-12)
    lg_km = math.log10(range_m / 1e3)
    adamy_db = 71.0 + 10.0 * math.log10(erp_w_per_hz / pulse_s / (power_w * 4000.0)) + 20.0 * lg_km - 10.0 * math.log10(rcs_m2)
    # 10 lg(4π 1e6) is 70.99 dB.
    assert 10.0 * math.log10(_jam(erp_w_per_hz, range_m) / signal) == pytest.approx(adamy_db, abs=0.01)


def test_loss_of_the_one_way() -> None:
    """Between isotropic antennas at 5 GHz and 31 km 136.25 dB are lost (the handbook NAWCWD TP 8347, section 4-3), and J is E less that."""
    wavelength_m = 299_792_458.0 / 5e9
    received = jamming.jam_to_noise(1.0, 31e3, 1.0, 1.0, wavelength_m, 290.0, 1.0) * BOLTZMANN * 290.0
    assert -10.0 * math.log10(received) == pytest.approx(136.25, abs=0.006)


# ----------------------------------------------------------------------------------------------------------------------- lobes
def test_half_power_at_half_the_beamwidth() -> None:
    assert jamming.lobe_gain(0.0, 0.02, 4000.0, 1e-3) == 4000.0
    assert jamming.lobe_gain(0.01, 0.02, 4000.0, 1e-3) == pytest.approx(2000.0)
    assert jamming.lobe_gain(-0.01, 0.02, 4000.0, 1e-3) == pytest.approx(2000.0)
    # Twice the half width: a sixteenth.
    assert jamming.lobe_gain(0.02, 0.02, 4000.0, 1e-3) == pytest.approx(250.0)


def test_side_lobes_from_where_the_main_lobe_meets_them() -> None:
    """30 dB down: (θ / θ₃)² = ln 1000 / (4 ln 2), 1.5785 beamwidths."""
    edge = 0.02 * math.sqrt(math.log(1000.0) / (4.0 * math.log(2.0)))
    assert edge == pytest.approx(0.02 * 1.5785, rel=1e-4)
    assert jamming.lobe_gain(0.999 * edge, 0.02, 4000.0, 1e-3) > 4.0
    for angle in (1.001 * edge, 1.0, math.pi):
        assert jamming.lobe_gain(angle, 0.02, 4000.0, 1e-3) == pytest.approx(4.0)


# ---------------------------------------------------------------------------------------------------------------- burn-through
@given(st.floats(1e3, 1e6), RATIO, RATIO)
def test_echo_over_noise_and_jamming_is_the_threshold(clear_m: float, own: float, other: float) -> None:
    range_m = jamming.burn_through_range(clear_m, own, other)
    # In units of what is needed: the echo is 1 at the clear range.
    echo = (clear_m / range_m) ** 4
    assert echo / (1.0 + other + own * (clear_m / range_m) ** 2) == pytest.approx(1.0, rel=1e-9)


@given(st.floats(1e3, 1e6), RATIO)
def test_stand_off_jamming_shortens_by_the_fourth_root(clear_m: float, other: float) -> None:
    assert jamming.burn_through_range(clear_m, 0.0, other) == pytest.approx(clear_m * (1.0 + other) ** -0.25, rel=1e-12)


def test_limits() -> None:
    assert jamming.burn_through_range(2e5, 0.0, 0.0) == 2e5
    # Strong jamming from the target: echo against jamming alone, (R₀/R)² = j.
    assert jamming.burn_through_range(2e5, 1e6, 0.0) == pytest.approx(200.0, rel=1e-6)
    assert jamming.burn_through_range(2e5, math.inf, 0.0) == 0.0
    assert jamming.burn_through_range(2e5, 0.0, math.inf) == 0.0


def test_a_stand_off_jammer_from_the_radar_equation_on() -> None:
    """A radar that needs 20 (13 dB) with a jammer of 1 kW/MHz at 150 km in side lobes 40 dB down: searched, and in closed form."""

    def snr(range_m: float) -> float:
        return radar.snr_by_parameters(5e5, 1e-4, 4000.0, 0.1, 2.0, range_m, 500.0, 4.0)

    other = _jam(1e-3, 1.5e5, jamming.lobe_gain(0.3, 0.02, 1.0, 1e-4))
    clear_m = radar.range_by_parameters(5e5, 1e-4, 4000.0, 0.1, 2.0, 20.0, 500.0, 4.0)
    low, high = 1e3, clear_m
    for _ in range(100):
        middle = 0.5 * (low + high)
        if snr(middle) / (1.0 + other) >= 20.0:
            low = middle
        else:
            high = middle
    assert other == pytest.approx(163.09, rel=1e-3)
    assert jamming.burn_through_range(clear_m, 0.0, other) == pytest.approx(low, rel=1e-9)
