"""The unknown in a raid's answer: brackets against closed forms and their own truth, rankings, break-even, what carries the spread."""

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binom, triang

import closedsky
from closedsky import api
from closedsky.catalogue.library import load_catalogue
from closedsky.engine.results import Result, wilson
from closedsky.errors import RequestError
from closedsky.raid.outer import LEAKAGE, TRIALS, OuterDraws
from closedsky.raid.spread import comparisons, unknown_spread
from closedsky.scenario.unknown import Unknown
from tests.acceptance.sandbox import Tree, hover, scenario, system

Floats = npt.NDArray[np.float64]


def ranged(value: float, low: float, high: float) -> Tree:
    return {"value": value, "low": low, "high": high, "unit": "prob"}


def one_target(pk: Any, **changed: Any) -> Tree:
    """One threat, two rounds at it; variants change the unit's figures."""
    unit = system(pk=pk, salvo=2, max_rounds=2, reaction_s=1.0, interval_s=0.5)
    return scenario(unit, [{"id": "lone", "threat": "target", "motion": hover(20_000.0, 40.0)}], **changed)


def better(pk: Any) -> Tree:
    """Another kill probability in a variant."""
    return {"catalogue": {"systems": {"ideal": {"missiles": {"round": {"targets": {"cruise": {"pk": pk}}}}}}}}


# --------------------------------------------------------------------------------------------------------------- brackets


def test_a_salvo_of_unknown_kill_probability_has_the_bracket_of_the_formula() -> None:
    """Leakage of a draw is the mean of TRIALS threats that each leak with (1 − p)²: a mixture of binomials over p."""
    low, value, high = 0.2, 0.5, 0.9
    draws = 1000
    result = closedsky.run(one_target(ranged(value, low, high)), trials=200, draws=draws, seed=3)
    found = result.variants[0].metric(LEAKAGE).bracket90
    assert found is not None
    p = triang((value - low) / (high - low), low, high - low).ppf((np.arange(2000) + 0.5) / 2000)
    below = np.array([np.mean(binom.cdf(k, TRIALS, (1.0 - p) ** 2)) for k in range(TRIALS + 1)])
    for share, point in zip((0.05, 0.95), found, strict=True):
        expected = float(np.searchsorted(below, share)) / TRIALS
        k = round(expected * TRIALS)
        density = max(float(below[min(k + 4, TRIALS)] - below[max(k - 4, 0)]) * TRIALS / 8.0, 1e-9)
        assert abs(point - expected) <= 4.0 * math.sqrt(share * (1.0 - share) / draws) / density + 1.0 / TRIALS


def test_what_has_no_range_has_no_bracket() -> None:
    result = closedsky.run(one_target(0.5), trials=100)
    assert result.outer_draws == 0
    assert result.variants[0].metric(LEAKAGE).bracket90 is None
    assert result.variants[0].unknown is None


def test_luck_only_gives_the_same_means_and_no_bracket() -> None:
    data = one_target(ranged(0.5, 0.2, 0.9))
    with_unknown, luck = closedsky.run(data, trials=500, draws=19), closedsky.run(data, trials=500, draws=0)
    assert luck.outer_draws == 0
    assert luck.assumed.most_influential is None
    for one, other in zip(with_unknown.variants[0].metrics, luck.variants[0].metrics, strict=True):
        assert (one.mean, one.ci95) == (other.mean, other.ci95)
        assert other.bracket90 is None


@pytest.mark.parametrize("draws", [-1, 1, 18, 100_001])
def test_too_few_draws_for_a_bracket_are_refused(draws: int) -> None:
    with pytest.raises(RequestError, match="outer draws"):
        closedsky.run(one_target(ranged(0.5, 0.2, 0.9)), trials=10, draws=draws)


@pytest.mark.slow
def test_a_bracket_holds_its_truth_nine_times_in_ten() -> None:
    """500 sets of figures, each the truth once, each with a bracket of its own from 64 draws: 90 ± 3 % lie within."""
    data = scenario(
        system(pk=ranged(0.5, 0.2, 0.9), salvo=2, max_rounds=2, reaction_s=1.0, interval_s=0.5),
        [{"id": "lone", "threat": "target", "reliability": ranged(0.9, 0.6, 1.0), "motion": hover(20_000.0, 40.0)}],
    )
    loaded = closedsky.load(data)
    truths, held = 500, 0
    for k in range(truths):
        told = closedsky.run(loaded, trials=1, draws=64, seed=10_000 + k).variants[0].metric(LEAKAGE).bracket90
        assert told is not None
        truth = np.random.default_rng(k)
        p, arrives = truth.triangular(0.2, 0.5, 0.9), truth.triangular(0.6, 0.9, 1.0)
        leaks = truth.binomial(TRIALS, arrives * (1.0 - p) ** 2) / TRIALS  # what fails in flight was shot at too
        held += told[0] <= leaks <= told[1]
    assert abs(held / truths - 0.90) <= 0.03


def test_the_bracket_is_the_same_for_any_number_of_threads() -> None:
    data = one_target(ranged(0.5, 0.2, 0.9), variants={"a": {}, "b": better(ranged(0.6, 0.3, 0.9))})
    texts = {closedsky.run(data, trials=300, draws=24, threads=threads).model_dump_json() for threads in (1, 2, 3)}
    assert len(texts) == 1


# --------------------------------------------------------------------------------------------------- names, and variants


def test_equal_systems_have_equal_answers_brackets_included_whatever_they_are_called() -> None:
    catalogue = load_catalogue()
    own = catalogue.system("s-300pmu-2").model_dump_json(exclude_unset=True)
    names = (("48n6e2", "a-round"), ("30n6e2", "z-dish"), ("64n6e2", "b-dish"), ("s-300pmu-2", "sam"))
    text = own
    for old, new in names:
        text = text.replace(old, new)
    example = json.loads(api.load("first-battery").reference.model_dump_json(exclude_unset=True))
    unit = example["defence"][0]
    renamed = {
        **example,
        "catalogue": {"systems": {"sam": json.loads(text)}},
        "defence": [{**unit, "system": "sam"}],
    }
    results = [closedsky.run(data, trials=200, draws=19, seed=5).model_dump_json() for data in (example, renamed)]
    for old, new in names:
        results = [one.replace(new, old) for one in results]
    one, other = (json.loads(text) for text in results)
    assert one["variants"] == other["variants"]
    assert one["assumed"]["most_influential"] == other["assumed"]["most_influential"]


def test_variants_that_are_the_same_are_the_same_in_every_draw() -> None:
    result = closedsky.run(one_target(ranged(0.5, 0.2, 0.9), variants={"a": {}, "b": {}}), trials=200, draws=32)
    (pair,) = result.comparisons
    assert pair.share == 0.0
    assert not pair.separable
    assert result.variants[0].metrics == result.variants[1].metrics


def test_a_ranking_is_as_certain_as_the_draws_in_which_it_holds() -> None:
    """Against a known 0.5: an unknown kill probability is better in the share of its draws above that, but for luck."""
    low, value, high = 0.45, 0.6, 0.8
    data = one_target(0.5, variants={"known": {}, "unknown": better(ranged(value, low, high))})
    result = closedsky.run(data, trials=2000, draws=200)
    (pair,) = result.comparisons
    better_in = 1.0 - float(triang((value - low) / (high - low), low, high - low).cdf(0.5))
    assert (pair.lower, pair.higher) == ("unknown", "known")
    assert pair.share == pytest.approx(better_in, abs=0.04)
    assert pair.separable == (pair.share >= 0.9 and wilson(pair.share, 200)[0] >= 0.85)
    assert pair.break_even is not None
    assert pair.break_even.figure == "ideal: missiles.round.targets.cruise.pk"
    assert pair.break_even.value == pytest.approx(0.5, abs=0.02)


# ------------------------------------------------------------------------------------------------ what carries the spread


def made_up(leakage: dict[str, Floats], shares: dict[str, Floats], variance: float = 0.0) -> OuterDraws:
    """Outer draws with given answers; every figure runs from 0 to 1."""
    unknowns = [Unknown(role, role, 0.0, 0.5, 1.0, False, "", "assumed") for role in shares]
    names = tuple(leakage)
    means = {LEAKAGE: np.column_stack([leakage[name] for name in names])}
    pairs = {role: np.column_stack([column, column]) for role, column in shares.items()}
    n = means[LEAKAGE].shape[0]
    return OuterDraws(names, dict.fromkeys(names, unknowns), pairs, means, np.full((n, len(names)), variance))


def uniform(n: int, figures: int, seed: int = 1) -> dict[str, Floats]:
    random = np.random.default_rng(seed)
    return {f"f{k}": (random.permutation(n) + random.random(n)) / n for k in range(figures)}


def test_first_order_shares_of_a_sum_are_those_of_its_variances() -> None:
    """Of a u₁ + b u₂ + c u₃ the shares are a², b², c² over their sum (Sobol' 1993)."""
    n = 4000
    u = uniform(n, 12)
    leakage = 0.1 + 0.4 * u["f0"] + 0.2 * u["f1"] + 0.1 * u["f2"]
    found = unknown_spread(made_up({"v": leakage}, u), "v").carriers
    assert [item.figure for item in found] == ["f0", "f1", "f2"]
    for item, part in zip(found, (0.4, 0.2, 0.1), strict=True):
        assert item.share == pytest.approx(part**2 / 0.21, abs=0.03)
        assert abs(item.share - part**2 / 0.21) <= 4.0 * item.error
        assert item.high - item.low == pytest.approx(part, abs=0.02)


def test_what_moves_nothing_is_not_named() -> None:
    """Twenty figures without any effect: none is named in at least nine of ten sets of draws."""
    named = 0
    for seed in range(40):
        noise = np.random.default_rng(100 + seed).normal(0.3, 0.05, 64)
        named += bool(unknown_spread(made_up({"v": noise}, uniform(64, 20, seed)), "v").carriers)
    assert named <= 6  # 40 × 5 % is 2; 6 or more would be one in seventy


@pytest.mark.parametrize("luck", [0.0, 0.25, 0.9])
def test_luck_is_the_part_of_the_variance_within_draws(luck: float) -> None:
    n, between = 4000, 0.02
    u = uniform(n, 1)
    leakage = 0.5 + math.sqrt(12.0 * between) * (u["f0"] - 0.5)
    within = between * luck / (1.0 - luck)
    random = np.random.default_rng(3).normal(0.0, math.sqrt(within / TRIALS), n)
    found = unknown_spread(made_up({"v": leakage + random}, u, within), "v")
    assert found.luck_share == pytest.approx(luck, abs=0.02)


def test_rankings_are_separable_at_nine_in_ten_and_a_wilson_bound_of_85() -> None:
    u = uniform(64, 1)
    for worse, separable in ((0, True), (4, True), (5, False), (10, False)):  # 60 of 64: Wilson 0.850; 59: 0.832
        other = np.full(64, 0.5)
        one = np.full(64, 0.4)
        one[:worse] = 0.6
        (pair,) = comparisons(made_up({"a": one, "b": other}, u), {"a": 0.4, "b": 0.5}, None)
        assert (pair.lower, pair.higher, pair.separable) == ("a", "b", separable)
        assert pair.share == (64 - worse) / 64


def test_without_a_defence_only_reliability_moves_the_answer() -> None:
    result: Result = closedsky.run("al-asad-erbil-2020", variants=["no-defence"], trials=200)
    assert result.assumed.most_influential is not None
    assert [item.figure for item in result.assumed.most_influential] == ["fateh-313: reliability; qiam-1: reliability"]
    for item in result.assumed.most_influential:
        assert item.low < item.high  # the more reliable they are, the more get through
