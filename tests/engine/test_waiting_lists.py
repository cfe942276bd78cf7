"""The waiting list of a unit with more jobs than a word has bits, and more words than a word has bits: who is first is who is due first."""

import numpy as np
import pytest

import closedsky
from closedsky.engine.layout import EVENT
from closedsky.engine.trial.decide import first_in_line
from closedsky.engine.trial.state import DONE, WAITING, State, new_state, wait_for
from closedsky.physics.jit import kernel


@kernel
def line_up_all(s: State, waits: np.ndarray, u: int, now: int) -> int:
    for j in waits:
        wait_for(s, j, u)
    return first_in_line(s, u, now)


@kernel
def first(s: State, u: int, now: int) -> int:
    return first_in_line(s, u, now)


@pytest.mark.parametrize("jobs", [7, 64, 65, 4096, 4097, 20_000])
def test_the_first_in_line_is_due_first_and_nobody_is_lost(jobs: int) -> None:
    made = closedsky.prepare(closedsky.load("first-battery"))
    many = made.packed._replace(raid=made.packed.raid._replace(threats=np.resize(made.packed.raid.threats, jobs)))
    s = new_state(many, made.tables, np.zeros(0, EVENT))
    rng = np.random.default_rng(jobs)
    s.targets["end"], s.targets["fails"], s.targets["dies"] = rng.permutation(jobs) + 1000, 1 << 62, 1 << 62
    s.jobs["state"] = WAITING
    waits = np.unique(rng.integers(0, jobs, 1 + jobs // 50))
    found = [line_up_all(s, waits, 0, 0)]
    while found[-1] >= 0:
        s.jobs["state"][found[-1]] = DONE
        found.append(first(s, 0, 0))
    assert found[:-1] == sorted(waits.tolist(), key=lambda j: s.targets["end"][j])
    assert not s.waiting.any()
    assert not s.stretches.any()
