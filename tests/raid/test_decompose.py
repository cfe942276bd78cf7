"""Total effects against their closed form, and where there is nothing to split."""

import numpy as np
import pytest
from typer.testing import CliRunner

import closedsky
from closedsky.cli.app import app
from closedsky.engine.results import TotalEffect
from closedsky.errors import RequestError
from closedsky.raid.report import render
from tests.acceptance.sandbox import Tree, hover, scenario, system

PK, RELIABILITY = (0.2, 0.5, 0.9), (0.2, 0.8, 1.0)


def ranged(low: float, value: float, high: float) -> Tree:
    return {"value": value, "low": low, "high": high, "unit": "prob"}


def two_unknowns(threats: int = 20) -> Tree:
    """Leakage is what arrives, times what one round misses; all is met far outside the least range, which is without effect."""
    unit = system(pk=ranged(*PK), channels=threats, reaction_s=1.0)
    unit["missiles"]["round"]["range_min"] = {"value": 2.0, "low": 1.0, "high": 4.0, "unit": "km"}
    raid = [
        {"id": "all", "threat": "target", "count": threats, "reliability": ranged(*RELIABILITY), "motion": hover(20_000.0, 40.0)}
    ]
    return scenario(unit, raid)


def moments(low: float, value: float, high: float) -> tuple[float, float]:
    """Mean and variance of a triangular distribution."""
    return (low + value + high) / 3.0, (low**2 + value**2 + high**2 - low * value - low * high - value * high) / 18.0


def effects(**options: int) -> dict[str, TotalEffect]:
    answer = closedsky.run(two_unknowns(), trials=100, decompose=True, **options).variants[0]
    assert answer.unknown is not None
    assert answer.unknown.total_effects is not None
    assert [one.share for one in answer.unknown.total_effects] == sorted(
        (one.share for one in answer.unknown.total_effects), reverse=True
    )
    return {one.figure.rpartition(".")[2]: one for one in answer.unknown.total_effects}


def test_a_product_of_two_unknowns() -> None:
    """Y = a q: what is left of its variance once the other is known is Var(a) E[q²], or Var(q) E[a²]."""
    found = effects(draws=400, seed=3)
    (a, var_a), (p, var_q) = moments(*RELIABILITY), moments(*PK)
    q = 1.0 - p
    whole = (var_a + a * a) * (var_q + q * q) - (a * q) ** 2
    for name, expected in (("reliability", var_a * (var_q + q * q) / whole), ("pk", var_q * (var_a + a * a) / whole)):
        one = found[name]
        luck = 0.01  # the mean of 200 trials of 20 threats has a hundredth of that variance
        assert abs(one.share - expected) <= 4.0 * one.error + luck, name
        assert one.error < 0.06
    assert sum(one.share for one in found.values()) > 1.0  # together they do more than each alone
    assert (found["range_min"].share, found["range_min"].error) == (0.0, 0.0)


def test_the_same_for_any_number_of_threads() -> None:
    assert effects(draws=19, threads=1) == effects(draws=19, threads=3)


def test_only_where_it_is_asked_for() -> None:
    result = closedsky.run(two_unknowns(2), trials=100, draws=19)
    assert result.variants[0].unknown is not None
    assert result.variants[0].unknown.total_effects is None


def test_it_is_in_the_report() -> None:
    loaded = closedsky.load(two_unknowns(2))
    text = render(closedsky.run(loaded, trials=100, draws=19, decompose=True), loaded.reference, "flat", 80)
    assert "Total effects" in text
    assert max(map(len, text.splitlines())) <= 80


def test_of_no_draws_there_are_none() -> None:
    with pytest.raises(RequestError, match="total effects of no draws"):
        closedsky.run(two_unknowns(2), trials=100, draws=0, decompose=True)
    answer = CliRunner().invoke(app, ["run", "first-battery", "--luck-only", "--decompose"])
    assert isinstance(answer.exception, RequestError)


def test_of_no_spread_there_are_none() -> None:
    data = two_unknowns(2)
    for group in data["raid"]:
        group["reliability"] = ranged(0.0, 0.0, 1e-9)
    unknown = closedsky.run(data, trials=100, draws=19, decompose=True).variants[0].unknown
    assert unknown is not None
    assert unknown.total_effects == ()
    assert np.isfinite(unknown.luck_share)
