import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import i0e
from scipy.stats import ncx2

from closedsky.physics import radar

SNR = st.floats(-3, 6).map(lambda exponent: 10.0**exponent)
PFA = st.floats(-12, -1).map(lambda exponent: 10.0**exponent)


@given(SNR, PFA)
def test_steady_target_is_the_noncentral_chi_square(snr: float, pfa: float) -> None:
    expected = ncx2.sf(-2.0 * math.log(pfa), 2, 2.0 * snr)
    # SciPy's tail is good to some 1e-9 relative, and is nought to it far above the threshold.
    assert radar.pd_one_look(0, snr, pfa) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pfa", [1e-12, 1e-6, 1e-1])
@pytest.mark.parametrize("snr", [1e-6, 0.1, 3.0, 12.0, 40.0])
def test_steady_target_is_the_integral_of_the_rice_density(snr: float, pfa: float) -> None:
    a, b = math.sqrt(2.0 * snr), math.sqrt(-2.0 * math.log(pfa))
    expected, _ = quad(
        lambda x: x * math.exp(-0.5 * (x - a) ** 2) * i0e(a * x), b, max(a, b) + 15.0, epsabs=0.0, epsrel=1e-11, limit=200
    )
    assert radar.pd_one_look(0, snr, pfa) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pfa", [1e-100, 1e-12, 1e-1])
def test_steady_target_at_the_ends_of_the_scale(pfa: float) -> None:
    assert radar.pd_one_look(0, 0.0, pfa) == pfa
    assert radar.pd_one_look(0, 1e-12, pfa) == pytest.approx(pfa, rel=1e-9)
    assert radar.pd_one_look(0, 1e6, pfa) == 1.0
    # From where 1 is returned outright back to the sum: no step.
    edge = (math.sqrt(-math.log(pfa)) + 6.4) ** 2
    assert radar.pd_one_look(0, edge * (1.0 - 1e-9), pfa) == pytest.approx(1.0, abs=1e-13)


@pytest.mark.parametrize("pfa", [1e-12, 1e-6, 1e-1])
@pytest.mark.parametrize("apart", [3.0, 4.5, 5.5, 6.3, 6.5])
def test_steady_target_far_above_the_threshold(pfa: float, apart: float) -> None:
    """The last misses before certainty, `apart` being √snr - √T; 1e-14 is the rounding of a sum of some hundred terms."""
    snr = (math.sqrt(-math.log(pfa)) + apart) ** 2
    missed = ncx2.cdf(-2.0 * math.log(pfa), 2, 2.0 * snr)
    assert 1.0 - radar.pd_one_look(0, snr, pfa) == pytest.approx(float(missed), rel=1e-6, abs=1e-14)


@pytest.mark.parametrize("pfa", [1e-8, 1e-6, 1e-3])
@pytest.mark.parametrize("snr", [0.5, 5.0, 20.0, 100.0])
@pytest.mark.parametrize("swerling", [1, 3])
def test_fluctuating_target_is_the_mean_over_steady_ones(swerling: int, snr: float, pfa: float) -> None:
    def density(level: float) -> float:
        if swerling == 1:
            return math.exp(-level / snr) / snr
        return 4.0 * level / snr**2 * math.exp(-2.0 * level / snr)

    expected, _ = quad(
        lambda level: density(level) * radar.pd_one_look(0, level, pfa), 0.0, 40.0 * snr, points=[20.0, 60.0], limit=400
    )
    assert radar.pd_one_look(swerling, snr, pfa) == pytest.approx(expected, abs=1e-7)


@given(SNR, PFA)
def test_one_look_cannot_tell_slow_from_fast_fluctuation(snr: float, pfa: float) -> None:
    assert radar.pd_one_look(2, snr, pfa) == radar.pd_one_look(1, snr, pfa)
    assert radar.pd_one_look(4, snr, pfa) == radar.pd_one_look(3, snr, pfa)


@given(st.sampled_from([0, 1, 3]), SNR, PFA, st.floats(1.01, 2.0))
def test_detection_grows_with_signal_and_stays_a_probability(swerling: int, snr: float, pfa: float, more: float) -> None:
    weak = radar.pd_one_look(swerling, snr, pfa)
    strong = radar.pd_one_look(swerling, snr * more, pfa)
    # Rounding may undo a growth that is itself below it.
    assert pfa * (1 - 1e-12) <= weak <= strong + 1e-14 <= 1.0 + 1e-14


@given(st.sampled_from([0, 1, 3]), st.floats(0.01, 0.99), PFA)
def test_required_signal_gives_the_probability_asked_for(swerling: int, pd: float, pfa: float) -> None:
    snr = radar.snr_for(swerling, pd, pfa)
    if pd <= pfa:
        assert snr == 0.0
    elif snr > 1e-3:
        # Below, pd hardly moves with the signal.
        assert radar.pd_one_look(swerling, snr, pfa) == pytest.approx(pd, rel=1e-9)


def test_required_signal_of_an_exponential_target() -> None:
    assert radar.snr_for(1, 0.8, 1e-6) == pytest.approx(math.log(1e-6) / math.log(0.8) - 1.0, rel=2e-12)
    assert radar.snr_for(1, 1.0, 1e-6) == math.inf


@given(st.floats(1, 100), st.floats(1e3, 1e6), st.floats(1e-3, 100))
def test_anchored_signal_falls_with_the_fourth_power(reference_snr: float, range_m: float, rcs_m2: float) -> None:
    at_reference = radar.snr_anchored(reference_snr, range_m, rcs_m2, range_m, rcs_m2)
    assert at_reference == pytest.approx(reference_snr)
    assert radar.snr_anchored(reference_snr, range_m, rcs_m2, 2.0 * range_m, rcs_m2) == pytest.approx(at_reference / 16.0)
    # A target 16 times as large is seen twice as far.
    assert radar.snr_anchored(reference_snr, range_m, rcs_m2, 2.0 * range_m, 16.0 * rcs_m2) == pytest.approx(at_reference)
    assert radar.snr_anchored(reference_snr, range_m, rcs_m2, 0.0, rcs_m2) == math.inf


def test_radar_equation_in_decibels() -> None:
    """The same budget added up by hand: 1 MW, 10 µs, 30 dB, 3 cm, 1 m², 100 km, 290 K, 6 dB."""
    decibels = 60.0 - 50.0 + 60.0 + 20.0 * math.log10(0.03) - 10.0 * math.log10((4.0 * math.pi) ** 3)
    decibels += 228.599167 - 10.0 * math.log10(290.0) - 200.0 - 6.0
    found = radar.snr_by_parameters(1e6, 10e-6, 1e3, 0.03, 1.0, 100e3, 290.0, 10.0**0.6)
    # k is -228.599167 dB(W/K/Hz) to six decimals.
    assert 10.0 * math.log10(found) == pytest.approx(decibels, abs=1e-6)


@given(st.floats(1e3, 1e7), st.floats(1e3, 1e6), st.floats(0.1, 100))
def test_radar_equation_solved_three_ways(power_w: float, range_m: float, rcs_m2: float) -> None:
    rest = (1e-5, 1e3, 0.03, rcs_m2)
    snr = radar.snr_by_parameters(power_w, *rest, range_m, 290.0, 4.0)
    assert radar.range_by_parameters(power_w, *rest, snr, 290.0, 4.0) == pytest.approx(range_m, rel=1e-12)
    assert radar.power_by_parameters(range_m, *rest, snr, 290.0, 4.0) == pytest.approx(power_w, rel=1e-12)


def _confirmed_by_enumeration(pd: list[float], hits: int, looks: int) -> list[float]:
    """Every outcome of every look, one after the other."""
    total = [0.0] * len(pd)
    for outcome in itertools.product((0, 1), repeat=len(pd)):
        chance = math.prod(p if hit else 1.0 - p for p, hit in zip(pd, outcome, strict=True))
        for k in range(len(pd)):
            if sum(outcome[max(0, k - looks + 1) : k + 1]) >= hits:
                for later in range(k, len(pd)):
                    total[later] += chance
                break
    return total


@given(
    st.lists(st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1)), min_size=1, max_size=9),
    st.integers(1, 8).flatmap(lambda looks: st.tuples(st.integers(1, looks), st.just(looks))),
)
def test_confirmation_is_that_of_all_outcomes_counted(pd: list[float], rule: tuple[int, int]) -> None:
    out = np.full(len(pd), np.nan)
    radar.first_confirmation(np.array(pd), *rule, out)
    assert out.tolist() == pytest.approx(_confirmed_by_enumeration(pd, *rule), abs=1e-14)


def test_confirmation_is_resumed_after_a_long_gap() -> None:
    """A hit before a gap of N - 1 looks or more counts no longer; one look less, and it does."""
    for gap, expected in ((2, 0.25), (3, 0.0), (50, 0.0)):
        pd = np.array([0.5] + [0.0] * gap + [0.5])
        out = np.empty_like(pd)
        radar.first_confirmation(pd, 2, 4, out)
        assert out[-1] == pytest.approx(expected, abs=1e-15)


def test_one_hit_of_one_is_no_miss_at_all() -> None:
    pd = np.linspace(0.0, 0.3, 200)
    out = np.empty_like(pd)
    radar.first_confirmation(pd, 1, 1, out)
    assert out == pytest.approx(1.0 - np.cumprod(1.0 - pd), abs=1e-13)
