"""Chunks, threads, progress and the stopping rule: which trials are run, whatever they hold."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky.api import Prepared
from closedsky.engine import run
from closedsky.engine.layout import LAUNCHED, ROUNDS_FIRED, Outcomes
from closedsky.engine.trial import trial


@pytest.fixture(scope="module")
def battery() -> Prepared:
    return closedsky.prepare(closedsky.load("first-battery"))


def some(prepared: Prepared, trials: int, **how: object) -> Outcomes:
    return run.run(prepared.packed, prepared.tables, 7, trials, **how)


def same(one: Outcomes, other: Outcomes) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("trials", [1, run.CHUNK - 1, run.CHUNK, run.CHUNK + 1, 3 * run.CHUNK + 7])
@pytest.mark.parametrize("threads", [1, 4])
def test_every_trial_is_run_once(battery: Prepared, trials: int, threads: int) -> None:
    outcomes = some(battery, trials, threads=threads)
    assert outcomes.counts.shape[0] == trials
    assert np.all(outcomes.counts[:, LAUNCHED] == 8)
    assert same(outcomes, run.rows_of(some(battery, 4 * run.CHUNK), 0, trials))


def test_progress_is_told_in_order_and_to_the_end(battery: Prepared) -> None:
    told: list[tuple[int, int]] = []
    some(battery, 1200, threads=2, progress=lambda done, of: told.append((done, of)))
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_the_rule_is_asked_after_1_2_4_chunks_and_decides(battery: Prepared) -> None:
    asked: list[int] = []

    def enough(outcomes: Outcomes) -> bool:
        asked.append(outcomes.counts.shape[0])
        return len(asked) == 3

    outcomes = some(battery, 100_000, threads=2, stop=enough)
    assert asked == [500, 1000, 2000]
    assert outcomes.counts.shape[0] == 2000
    assert same(outcomes, some(battery, 2000))


def test_a_rule_that_is_never_content_ends_with_the_trials(battery: Prepared) -> None:
    asked: list[int] = []

    def never(outcomes: Outcomes) -> bool:
        asked.append(outcomes.counts.shape[0])
        return False

    assert some(battery, 1300, stop=never).counts.shape[0] == 1300
    assert asked == [500, 1000, 1300]


def test_another_seed_draws_otherwise(battery: Prepared) -> None:
    one = some(battery, 500)
    other = run.run(battery.packed, battery.tables, 8, 500)
    assert np.count_nonzero(one.counts[:, ROUNDS_FIRED] != other.counts[:, ROUNDS_FIRED]) > 100


def test_the_log_grows_until_it_holds_everything(battery: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for one event at first: the trial is told again with more, its row once."""
    whole, logs = run.replay(battery.packed, battery.tables, 7, 0, 3)
    zeros = np.zeros

    def cramped(shape: object, dtype: object = float) -> np.ndarray:
        return zeros(1 if dtype is run.EVENT and isinstance(shape, int) and shape > 500 else shape, dtype)

    monkeypatch.setattr(run.np, "zeros", cramped)
    again, short = run.replay(battery.packed, battery.tables, 7, 0, 3)
    assert same(whole, again)
    assert all(np.array_equal(a, b) for a, b in zip(logs, short, strict=True))


def test_outcomes_of_no_trial_are_nought(battery: Prepared) -> None:
    blank = run.blank(battery.packed, 3)
    assert all(np.all(part == 0) and part.shape[0] == 3 for part in blank)


def test_scenarios_with_the_same_trials_differ_in_nothing_that_a_trial_reads(battery: Prepared) -> None:
    """The packed arrays that trials read, by their source; one more must be compared too."""
    read = {
        f"{part}.{name}"
        for source in Path(trial.__file__).parent.glob("*.py")
        for part, name in re.findall(r"\b(raid|defence)\.(\w+)", source.read_text("utf-8"))
    }
    assert read == set(run._READ)
    packed, tables = battery.packed, battery.tables
    units = packed.defence.units.copy()
    units["reaction_ticks"] += 1

    def same_with(**changes: Any) -> bool:
        return run.same_trials(packed, tables, packed._replace(defence=packed.defence._replace(**changes)), tables)

    assert same_with(radars=packed.defence.radars[:0])
    assert not same_with(salvo_correlation=packed.defence.salvo_correlation + 0.1)
    assert not same_with(units=units)
    assert not run.same_trials(packed, tables, packed, tables._replace(lock_miss=tables.lock_miss * 0.5))
