import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.physics import lethality

P = st.floats(0.01, 1.0)
N = st.integers(1, 12)


@given(P, N)
def test_salvo_between_independent_and_one_fate(p: float, n: int) -> None:
    assert lethality.salvo_kill(p, n, 1.0) == pytest.approx(p)
    # Independent rounds: sum of the chances that round k is the first to hit.
    assert lethality.salvo_kill(p, n, 0.0) == pytest.approx(sum(p * (1 - p) ** k for k in range(n)))
    assert lethality.salvo_kill(p, 1, 0.37) == pytest.approx(p)
    assert lethality.salvo_kill(p, 0, 0.37) == 0.0


def test_salvo_correlation_is_that_of_two_rounds() -> None:
    """P(both hit) of the mixture, found from the salvo's kill, gives back the correlation of two Bernoulli outcomes."""
    p, correlation = 0.7, 0.3
    both_miss = 1.0 - lethality.salvo_kill(p, 2, correlation)
    covariance = both_miss - (1.0 - p) ** 2
    assert covariance / (p * (1.0 - p)) == pytest.approx(correlation)


@given(P, N)
def test_shots_expected_is_the_mean_of_its_distribution(p: float, n: int) -> None:
    chances = [p * (1 - p) ** (k - 1) for k in range(1, n)] + [(1 - p) ** (n - 1)]
    assert lethality.shots_expected(p, n) == pytest.approx(sum(k * c for k, c in enumerate(chances, 1)))


def test_hopeless_shots_are_all_spent() -> None:
    assert lethality.shots_expected(0.0, 5) == 5.0


def test_half_of_the_rounds_fall_within_the_cep() -> None:
    sigma = lethality.cep_sigma(30.0)
    scatter = np.random.default_rng(1).normal(0.0, sigma, (400_000, 2))
    inside = np.mean(np.hypot(scatter[:, 0], scatter[:, 1]) < 30.0)
    # Four standard errors of a share of a half.
    assert inside == pytest.approx(0.5, abs=4.0 * 0.5 / math.sqrt(400_000))


def test_area_share() -> None:
    assert lethality.area_share(50.0, 100.0) == pytest.approx(0.25)
    assert lethality.area_share(150.0, 100.0) == 1.0
    assert lethality.area_share(10.0, 0.0) == 1.0
    assert lethality.area_share(0.0, 100.0) == 0.0


@given(st.integers(0, 20), st.floats(0, 1))
def test_damage_adds_hit_by_hit(hits: int, share: float) -> None:
    whole = 1.0
    for _ in range(hits):
        whole -= whole * share
    assert lethality.damage_share(hits, share) == pytest.approx(1.0 - whole, abs=1e-12)


def test_half_of_the_shots_fall_within_the_cep() -> None:
    """By the definition of the CEP; two CEPs hold 1 - 2**-4, three 1 - 2**-9; a perfect shot always hits."""
    assert lethality.hit_share(250.0, 250.0) == pytest.approx(0.5, abs=1e-14)
    assert lethality.hit_share(500.0, 250.0) == pytest.approx(1.0 - 2.0**-4, abs=1e-14)
    assert lethality.hit_share(750.0, 250.0) == pytest.approx(1.0 - 2.0**-9, abs=1e-14)
    assert lethality.hit_share(1.0, 0.0) == 1.0
