"""Detection by several pulses added without phase."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaincc, gammainccinv
from scipy.stats import gamma, ncx2

from closedsky.physics import radar

SWERLING = st.sampled_from([0, 1, 2, 3, 4])
PFA = st.floats(-10, -2).map(lambda exponent: 10.0**exponent)
PULSES = st.integers(2, 50)


@given(st.floats(-12, -0.01).map(lambda exponent: 10.0**exponent), st.integers(1, 1000))
def test_threshold_is_the_inverse_of_the_incomplete_gamma_function(pfa: float, pulses: int) -> None:
    # SciPy's inverse is good to some 1e-13.
    assert radar.threshold(pfa, pulses) == pytest.approx(gammainccinv(pulses, pfa), rel=1e-11)


@pytest.mark.parametrize("pfa", [1e-300, 1e-100, 1e-12])
@pytest.mark.parametrize("pulses", [1, 2, 10, 1000])
def test_threshold_of_the_rarest_alarms(pfa: float, pulses: int) -> None:
    # Rounding of the threshold itself, some 1e-14, counts for threshold times as much in the tail.
    assert gammaincc(pulses, radar.threshold(pfa, pulses)) == pytest.approx(pfa, rel=1e-9)


def test_threshold_at_its_ends() -> None:
    assert radar.threshold(0.0, 5) == math.inf
    assert radar.threshold(1.0, 5) == 0.0
    assert radar.pd_above(1, 10.0, math.inf, 5) == 0.0
    assert radar.pd_above(1, 10.0, 0.0, 5) == 1.0


@pytest.mark.parametrize("pulses", [1, 2, 3, 10, 24, 50, 300, 1000])
@pytest.mark.parametrize("pfa", [1e-10, 1e-6, 1e-3])
@pytest.mark.parametrize("snr", [0.0, 1e-4, 0.1, 0.5, 1.0, 3.0, 30.0, 1e6])
def test_steady_target_is_the_noncentral_chi_square(snr: float, pfa: float, pulses: int) -> None:
    expected = ncx2.sf(2.0 * gammainccinv(pulses, pfa), 2 * pulses, 2.0 * pulses * snr)
    assert radar.pd_look(0, snr, pfa, pulses) == pytest.approx(float(expected), abs=1e-10)


def _mean_over_levels(swerling: int, snr: float, level: float, pulses: int) -> float:
    """Mean of the steady answer over the energy of the whole look, a sum of exponential or gamma levels, so gamma itself."""
    shape = {1: 1, 2: pulses, 3: 2, 4: 2 * pulses}[swerling]
    energy = gamma(shape, scale=pulses * snr / shape)
    inner = [float(energy.ppf(share)) for share in (1e-14, 1e-6, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)] + [level - pulses]
    most = float(energy.isf(1e-17))
    edges = [0.0, *sorted(x for x in inner if 0.0 < x < most), most]

    def share_of(x: float) -> float:
        return float(energy.pdf(x) * ncx2.sf(2.0 * level, 2 * pulses, 2.0 * x))

    pieces = itertools.pairwise(edges)
    return math.fsum(quad(share_of, low, high, epsabs=1e-12, epsrel=1e-11, limit=200)[0] for low, high in pieces)


@pytest.mark.parametrize("pulses", [1, 2, 10, 50])
@pytest.mark.parametrize(("pfa", "snr"), [(1e-4, 0.1), (1e-4, 30.0), (1e-6, 1.0), (1e-6, 5.0), (1e-8, 2.0)])
@pytest.mark.parametrize("swerling", [1, 2, 3, 4])
def test_fluctuating_target_is_the_mean_over_steady_ones(swerling: int, pfa: float, snr: float, pulses: int) -> None:
    expected = _mean_over_levels(swerling, snr, float(gammainccinv(pulses, pfa)), pulses)
    assert radar.pd_look(swerling, snr, pfa, pulses) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("snr", [0.75, 0.8])
def test_weights_too_small_for_a_double(snr: float) -> None:
    """A thousand pulses and alarms of 1e-100: the sum begins with exp(-700) or less, and still matters."""
    level = radar.threshold(1e-100, 1000)
    expected = float(ncx2.sf(2.0 * level, 2000, 2000.0 * snr))
    assert 0.01 < expected < 0.99
    assert radar.pd_above(0, snr, level, 1000) == pytest.approx(expected, abs=1e-10)


@given(SWERLING, st.floats(-4, 5).map(lambda exponent: 10.0**exponent), PFA)
def test_one_pulse_is_one_look(swerling: int, snr: float, pfa: float) -> None:
    assert radar.pd_look(swerling, snr, pfa, 1) == radar.pd_one_look(swerling, snr, pfa)
    assert radar.pd_above(swerling, snr, radar.threshold(pfa, 1), 1) == pytest.approx(
        radar.pd_one_look(swerling, snr, pfa), abs=1e-12
    )


@given(SWERLING, PFA, PULSES)
def test_without_an_echo_there_are_only_false_alarms(swerling: int, pfa: float, pulses: int) -> None:
    assert radar.pd_look(swerling, 0.0, pfa, pulses) == pytest.approx(pfa, abs=1e-12)


@given(SWERLING, st.floats(-2, 3).map(lambda exponent: 10.0**exponent), PFA, PULSES)
def test_a_stronger_echo_and_a_longer_look_are_seen_more_often(swerling: int, snr: float, pfa: float, pulses: int) -> None:
    here = radar.pd_look(swerling, snr, pfa, pulses)
    assert 0.0 <= here <= 1.0
    assert radar.pd_look(swerling, 1.1 * snr, pfa, pulses) >= here - 1e-12
    assert radar.pd_look(swerling, snr, pfa, pulses + 1) >= here - 1e-12


@given(SWERLING, st.floats(0.01, 0.999), PFA, st.integers(1, 50))
def test_ratio_needed_is_the_inverse(swerling: int, pd: float, pfa: float, pulses: int) -> None:
    snr = radar.snr_for_look(swerling, pd, pfa, pulses)
    assert radar.pd_look(swerling, snr, pfa, pulses) == pytest.approx(pd, abs=1e-10)


def test_ratio_needed_at_its_ends() -> None:
    assert radar.snr_for_look(1, 1e-7, 1e-6, 10) == 0.0
    assert radar.snr_for_look(1, 1.0, 1e-6, 10) == math.inf


@pytest.mark.parametrize("swerling", [2, 4])
def test_new_levels_average_out(swerling: int) -> None:
    """With many independent pulses a fluctuating target is nearly steady: its energy spreads by 1/√n or 1/√(2 n) of itself."""
    for pd in (0.2, 0.5, 0.9):
        steady = radar.snr_for_look(0, pd, 1e-6, 1000)
        assert radar.snr_for_look(swerling, pd, 1e-6, 1000) == pytest.approx(steady, rel=3e-2)
