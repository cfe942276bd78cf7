"""From trials to an answer: intervals against published values, and whether they cover what they should."""

import math

import numpy as np
import pytest

from closedsky.engine import results
from closedsky.engine.layout import CAUSES, COUNTS, LAUNCHED, LEAKERS, Outcomes
from closedsky.engine.pack import Names


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0)],
)
def test_wilson_against_published_intervals(hits: int, tries: int, low: float, high: float) -> None:
    """Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998) 857, table I, method 3.

    The last is the mirror image of 0 of 29, 1 / (1 + 29 / z²).
    """
    found = results.wilson(hits / tries, tries)
    assert found[0] == pytest.approx(low, abs=5.1e-5)
    assert found[1] == pytest.approx(high, abs=5.1e-5)


@pytest.mark.parametrize("p", [0.0, 0.03, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("n", [1.0, 7.3, 400.0, 1e9])
def test_wilson_ends_are_roots_of_the_score(p: float, n: float) -> None:
    """Each end q solves |p - q| = z √(q (1 - q) / n), and the interval stays in [0, 1]."""
    low, high = results.wilson(p, n)
    assert 0.0 <= low <= p + 1e-15
    assert p - 1e-15 <= high <= 1.0
    for end in (low, high):
        if 1e-12 < end < 1.0 - 1e-12:
            assert abs(p - end) == pytest.approx(1.959963984540054 * math.sqrt(end * (1.0 - end) / n), rel=1e-6, abs=1e-12)


def test_independent_threats_give_wilson_at_their_number() -> None:
    """One threat a trial: n_eff is the number of trials, but for the one that the variance costs."""
    leak = np.zeros(1000)
    leak[:120] = 1
    p, interval = results.share(leak, np.ones(1000))
    assert p == 0.12
    assert interval == pytest.approx(results.wilson(0.12, 999.0), rel=1e-9)


def test_threats_that_share_their_fate_count_once() -> None:
    """Eight in each trial that all leak or none: the interval is that of one a trial, not of eight."""
    leak = 8 * (np.arange(500) < 100)
    p, interval = results.share(leak, np.full(500, 8))
    assert p == 0.2
    assert interval == pytest.approx(results.wilson(0.2, 499.0), rel=1e-9)


@pytest.mark.parametrize(("part", "p", "interval"), [(0, 0.0, results.wilson(0.0, 300)), (6, 1.0, results.wilson(1.0, 300))])
def test_nothing_and_everything_still_have_an_interval(part: int, p: float, interval: tuple[float, float]) -> None:
    assert results.share(np.full(300, part), np.full(300, 6)) == (p, interval)


def test_nothing_to_count_is_not_known() -> None:
    assert results.share(np.zeros(10), np.zeros(10)) == (0.0, (0.0, 1.0))


def test_trials_that_are_all_alike_do_not_make_a_point() -> None:
    """Half of each trial leaks without scatter: the number of trials stands for n."""
    assert results.share(np.full(200, 2), np.full(200, 4)) == (0.5, results.wilson(0.5, 200.0))


@pytest.mark.parametrize(
    ("mean", "concentration", "most", "trials"),
    [(0.1, 2.0, 8, 400), (0.5, 0.5, 20, 200), (0.02, 5.0, 8, 2000), (0.9, 1.0, 4, 200)],
)
@pytest.mark.parametrize("varying", [False, True], ids=["same", "varying"])
def test_the_interval_covers_the_truth_in_95_of_100(
    mean: float, concentration: float, most: int, trials: int, varying: bool
) -> None:
    """Threats of a trial share their trial's draws (beta-binomial), as many in each or a varying number: 1500 repetitions.

    95 % is met within 4 standard errors of the count of repetitions (0.56 %) and 1 % for the approximation.
    """
    stream = np.random.default_rng(31)
    covered = 0
    repetitions = 1500
    for _ in range(repetitions):
        whole = stream.integers(1, most + 1, trials) if varying else np.full(trials, most)
        p = stream.beta(mean * concentration, (1.0 - mean) * concentration, trials)
        _, (low, high) = results.share(stream.binomial(whole, p), whole)
        covered += low <= mean <= high
    assert covered / repetitions == pytest.approx(0.95, abs=4.0 * 0.0056 + 0.01)


def test_means_have_the_normal_interval() -> None:
    values = np.array([2, 4, 4, 4, 5, 5, 7, 9])
    mean, (low, high) = results.spread(values)
    assert mean == 5.0
    half = 1.959963984540054 * math.sqrt(32.0 / 7.0 / 8.0)  # squares of the deviations add up to 32
    assert (low, high) == pytest.approx((5.0 - half, 5.0 + half), rel=1e-12)


def test_a_single_trial_has_no_interval_and_a_mean_of_counts_none_below_nought() -> None:
    assert results.spread(np.array([3])) == (3.0, (3.0, 3.0))
    assert results.spread(np.array([0, 0, 0, 9]))[1][0] == 0.0


def outcomes(trials: int = 4) -> Outcomes:
    """Five threats a trial; 0, 1, 2, 3 of them leak, all of them into the town."""
    counts = np.zeros((trials, len(COUNTS)), np.int32)
    counts[:, LAUNCHED] = 5
    counts[:, LEAKERS] = np.arange(trials)
    counts[:, COUNTS.index("would_fail")] = 1
    counts[:, COUNTS.index("killed")] = 5 - np.arange(trials)
    counts[:, COUNTS.index("threatening")] = 2
    counts[:, COUNTS.index("threatening_leakers")] = np.minimum(np.arange(trials), 2)
    causes = np.zeros((trials, len(CAUSES)), np.int32)
    causes[:, CAUSES.index("no_time")] = np.arange(trials)
    impacts = np.arange(trials, dtype=np.int32)[:, None]
    return Outcomes(counts, causes, impacts, impacts // 2, np.full((trials, 1), 7, np.int32), np.arange(trials) / 2.0)


NAMES = Names(
    threats=("a/1",),
    flights=("a",),
    radars=(),
    units=("battery",),
    magazines=(("battery", "round"),),
    networks=("net",),
    assets=("town",),
)


def test_the_answer_is_made_of_the_trials() -> None:
    answer = results.summarise("as-given", outcomes(), NAMES, [16], 10.0, ("a warning",))
    means = {metric.id: metric.mean for metric in answer.metrics}
    assert means["leakage_per_launched"] == 6 / 20
    assert means["leakage_per_arriving"] == 6 / 16
    assert means["leakage_per_threatening"] == 5 / 8
    assert means["leakage_by_effect"] == pytest.approx((0 + 0.5 + 1 + 1.5) / 4 / 10)
    assert means["value_lost"] == 0.75
    assert means["killed"] == 3.5
    assert means["impacts.town"] == 1.5
    assert means["hits.town"] == 0.5
    assert answer.why_no_shot["no_time"].mean == 1.5
    assert list(answer.why_no_shot) == list(CAUSES)
    (rounds,) = answer.rounds
    assert (rounds.unit, rounds.missile, rounds.loaded, rounds.mean) == ("battery", "round", 16, 7.0)
    assert answer.trials == 4
    assert answer.warnings == ("a warning",)
    assert answer.metric("killed").unit == "threats"
    with pytest.raises(KeyError):
        answer.metric("nonsense")


def test_no_value_means_no_loss_by_effect() -> None:
    assert results.summarise("v", outcomes(), NAMES, [16], 0.0, ()).metric("leakage_by_effect").mean == 0.0


def test_the_half_width_is_that_of_leakage_per_launched() -> None:
    low, high = results.summarise("v", outcomes(), NAMES, [16], 10.0, ()).metric("leakage_per_launched").ci95
    assert results.leakage_half_width(outcomes()) == pytest.approx((high - low) / 2.0, rel=1e-12)
