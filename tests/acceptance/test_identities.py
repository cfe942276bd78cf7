"""What holds in every trial of any scenario, whatever the figures; and what a better or richer defence cannot make worse."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import closedsky
from closedsky.api import detailed_run
from closedsky.engine.layout import CAUSES, Outcomes
from closedsky.engine.results import Result
from tests.acceptance.sandbox import HOME, RAIDS, Tree, column, hover, radar, scenario, system, threat


def identities(result: Result, runs: list[Any], loaded: list[list[int]]) -> None:
    """Every book balances, trial by trial, and the answer is the mean of the trials."""
    for (_, outcomes), answer, rounds in zip(runs, result.variants, loaded, strict=True):
        c = {name: column(outcomes, name) for name in ("launched", "would_fail", "failed", "tracked", "engaged", "killed", "leakers",
                                                       "impacts", "releases", "hits", "threatening", "threatening_leakers",
                                                       "rounds_fired")}  # fmt: skip
        assert all(np.all(part >= 0) for part in outcomes)
        assert np.array_equal(c["launched"], c["killed"] + c["failed"] + c["leakers"])
        assert np.array_equal(c["leakers"], c["impacts"] + c["releases"])
        assert np.array_equal(c["leakers"], outcomes.causes.sum(axis=1))
        assert np.array_equal(c["rounds_fired"], outcomes.rounds.sum(axis=1))
        assert np.all(outcomes.rounds <= np.array(rounds))
        assert np.all(c["failed"] <= c["would_fail"])
        assert np.all(c["would_fail"] <= c["failed"] + c["killed"])
        assert np.all(c["hits"] <= c["impacts"])
        assert np.array_equal(c["hits"], outcomes.asset_hits.sum(axis=1))
        assert np.all(outcomes.asset_hits <= outcomes.asset_impacts)
        assert np.all(outcomes.asset_impacts.sum(axis=1) <= c["impacts"])
        assert np.all(c["threatening_leakers"] <= np.minimum(c["leakers"], c["threatening"]))
        assert np.all(c["threatening"] + c["would_fail"] <= c["launched"])
        assert np.all(c["killed"] <= c["engaged"])
        assert np.all(c["engaged"] <= np.minimum(c["tracked"], c["rounds_fired"]))
        missed = outcomes.causes[:, CAUSES.index("engaged_and_missed")]
        assert np.all(missed <= c["engaged"])
        assert np.all(outcomes.value_lost <= 1e-9 + 1000.0 * (c["hits"] > 0))
        for name in ("killed", "failed", "leakers", "impacts", "releases", "hits", "tracked", "engaged", "rounds_fired"):
            assert answer.metric(name).mean == pytest.approx(float(c[name].mean()), rel=1e-12)
        assert answer.metric("leakage_per_launched").mean == pytest.approx(c["leakers"].sum() / c["launched"].sum(), rel=1e-12)
        for metric in answer.metrics:
            assert metric.ci95[0] <= metric.mean + 1e-12
            assert metric.mean <= metric.ci95[1] + 1e-12


probability = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])


@st.composite
def groups(draw: st.DrawFn, name: str) -> Tree:
    """A few threats, hovering, passing or aimed at the town, at regular or random intervals."""
    kind = draw(st.sampled_from(["hover", "pass", "attack"]))
    group: Tree = {
        "id": name,
        "threat": draw(st.sampled_from(["bomb", "bomber"])),
        "count": draw(st.integers(1, 6)),
        "spacing_s": draw(st.sampled_from([0.5, 5.0, 30.0])),
        "timing": draw(st.sampled_from(["regular", "poisson"])),
        "jitter_s": draw(st.sampled_from([0.0, 20.0])),
        "start_s": draw(st.sampled_from([-50.0, 0.0, 40.0])),
    }
    if draw(st.booleans()):
        group["reliability"] = draw(probability)
    if kind == "hover":
        group["motion"] = hover(draw(st.floats(500.0, 90_000.0)), draw(st.floats(20.0, 300.0)), draw(st.floats(0.0, 359.0)))
    else:
        height = draw(st.sampled_from([30.0, 1000.0, 9000.0]))
        waypoints = [{"at": [HOME[0] + draw(st.floats(0.2, 0.9)), HOME[1] + draw(st.floats(-0.9, 0.9))], "height_m": height}]
        group["motion"] = {"kind": "route", "speed_mps": draw(st.floats(60.0, 900.0)), "waypoints": waypoints}
        if kind == "attack":
            group["motion"]["target"] = "town"
        else:
            waypoints.append({"at": [HOME[0] - 0.3, HOME[1] + 0.2], "height_m": height})
    return group


@st.composite
def units(draw: st.DrawFn) -> Tree:
    """A unit that is short of something."""
    salvo = draw(st.integers(1, 3))
    eye = radar(
        detection={"range": f"{draw(st.sampled_from([15, 60, 5000]))} km", "rcs": "1 m2", "pd": 0.7, "pfa": 1e-6, "swerling": 1},
        confirm={"hits": draw(st.integers(1, 2)), "looks": 3},
        revisit=f"{draw(st.sampled_from([1, 7]))} s",
        dwell="1 s",
        sector=f"{draw(st.sampled_from([90, 360]))} deg",
        elevation_max="80 deg",
    )
    return system(
        pk=draw(probability),
        channels=draw(st.integers(1, 4)),
        guided=draw(st.integers(1, 6)),
        rounds=draw(st.integers(1, 12)),
        salvo=salvo,
        max_rounds=salvo + draw(st.integers(0, 3)),
        speed_mps=draw(st.sampled_from([400.0, 1200.0])),
        reach_m=draw(st.sampled_from([20_000.0, 80_000.0])),
        reaction_s=draw(st.sampled_from([0.0, 8.0])),
        interval_s=draw(st.sampled_from([0.0, 3.0])),
        assessment_s=draw(st.sampled_from([0.0, 5.0])),
        false_kill=draw(probability),
        false_survival=draw(st.sampled_from([0.0, 0.3])),
        guidance=draw(st.sampled_from(["command", "sarh", "tvm", "arh"])),
        radars={"eye": eye},
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Tree:
    """One or two units in one network or two, one to three groups, one asset."""
    unit = draw(units())
    data = scenario(
        unit,
        [draw(groups(f"group{i}")) for i in range(draw(st.integers(1, 3)))],
        {
            "bomb": threat("impact", cep="30 m", signature={"nose": "0.1 m2", "beam": "2 m2", "tail": "1 m2", "swerling": 1}),
            "bomber": threat("release", reliability=0.9),
        },
        assets=[{"id": "town", "at": [HOME[0] + 0.02, HOME[1]], "radius_m": draw(st.sampled_from([0, 40])), "value": 1000}],
        settings={"salvo_correlation": draw(probability)},
    )
    if draw(st.booleans()):
        data["defence"].append({"id": "other", "system": "ideal", "at": [HOME[0] + 0.1, HOME[1] + 0.1],
                                "network": draw(st.sampled_from(["air-defence", "navy"]))})  # fmt: skip
    data["networks"]["air-defence"]["policy"] = draw(st.sampled_from(["first-tracked", "earliest-impact"]))
    return data


@settings(max_examples=150)
@given(scenarios())
def test_the_books_balance(data: Tree) -> None:
    result, runs = detailed_run(data, trials=60, seed=3, threads=1)
    identities(result, runs, [prepared.loaded for prepared, _ in runs])


def test_the_examples_with_a_raid_are_those_whose_text_says_so() -> None:
    assert [name for name in closedsky.examples() if closedsky.load(name).reference.raid] == RAIDS


@pytest.mark.parametrize("name", RAIDS)
def test_the_books_balance_in_the_shipped_examples(name: str) -> None:
    loaded = closedsky.load(name)
    result, runs = detailed_run(loaded, trials=100)
    identities(result, runs, [prepared.loaded for prepared, _ in runs])


# -------------------------------------------------------------------------------------------- what cannot make things worse


def uncontended(**figures: Any) -> Outcomes:
    """Six threats, each with a channel and rounds of its own, so that none can do better at another's cost.

    The radar looks only once in a flight: a survivor taken for dead is not tracked again.
    """
    raid = [{"id": "six", "threat": "target", "count": 6, "motion": hover(15_000.0, 120.0), "jitter_s": 30.0}]
    eye = radar(revisit="90 s")
    unit = system(
        **({"channels": 6, "reaction_s": 1.0, "assessment_s": 1.0, "pk": 0.4, "max_rounds": 2, "radars": {"eye": eye}} | figures)
    )
    _, [(_, outcomes)] = detailed_run(scenario(unit, raid), trials=2000, seed=5)
    return outcomes


@pytest.mark.parametrize(
    ("figure", "worse", "better"),
    [("pk", 0.4, 0.5), ("pk", 0.0, 0.1), ("max_rounds", 1, 2), ("max_rounds", 2, 4), ("false_kill", 0.3, 0.1)],
)
def test_a_better_defence_saves_trial_by_trial(figure: str, worse: float, better: float) -> None:
    """Draws are shared, so it is no matter of luck: no trial of the better defence has more leakers, and some have fewer."""
    before, after = (column(uncontended(**{figure: value}), "leakers") for value in (worse, better))
    assert np.all(after <= before)
    assert np.any(after < before)


def test_more_rounds_never_hurt_one_stream() -> None:
    """Threats that come one by one, a channel's time apart: what one leaves unused another never needs."""
    raid = [{"id": "stream", "threat": "target", "count": 10, "spacing_s": 200.0, "motion": hover(15_000.0, 120.0)}]
    results = []
    for rounds in (0, 3, 8, 20, 40):
        data = scenario(system(pk=0.4, max_rounds=2, reaction_s=1.0, assessment_s=1.0), raid)
        data["defence"][0]["rounds"] = {"round": rounds}
        _, [(_, outcomes)] = detailed_run(data, trials=2000, seed=5)
        results.append(outcomes)
        assert np.all(column(outcomes, "rounds_fired") <= rounds)
    for fewer, more in itertools.pairwise(results):
        assert np.all(column(more, "leakers") <= column(fewer, "leakers"))
        assert np.all(column(more, "rounds_fired") >= column(fewer, "rounds_fired"))
    assert np.array_equal(results[-1].counts, results[-2].counts)  # they can fire no more than 20
