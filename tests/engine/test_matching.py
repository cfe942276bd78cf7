"""The matchings of threats and channels: SciPy's linear assignment is the authority for the optimum."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from closedsky.engine.trial.matching import Workspace, best_matching, greedy_matching, workspace


def decision(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values of up to 40 jobs for up to 12 units, some of them impossible, and the units of the free channels."""
    jobs, units = int(rng.integers(1, 41)), int(rng.integers(1, 13))
    values = rng.choice([rng.random(), 1.0, 10.0], (jobs, 1)) * rng.random((jobs, units))
    if rng.random() < 0.3:
        values = np.round(4.0 * values)  # many equal ones
    values[rng.random((jobs, units)) < 0.3 * rng.random()] = -1.0
    slots = np.repeat(np.arange(units), rng.integers(0, 7, units))
    return values, slots


def space_for(values: np.ndarray, slots: np.ndarray) -> Workspace:
    space = workspace(*values.shape, slots.size)
    space.values[:] = values
    space.rows["unit_of_slot"][: slots.size] = slots
    return space


def total(values: np.ndarray, match: np.ndarray) -> float:
    return sum(float(values[i, u]) for i, u in enumerate(match) if u >= 0)


def test_a_thousand_decisions_are_as_good_as_scipys() -> None:
    rng = np.random.default_rng(20)
    for _ in range(1000):
        values, slots = decision(rng)
        space = space_for(values, slots)
        best_matching(space, len(values), slots.size)
        expected = np.maximum(values[:, slots], 0.0)
        rows, columns = linear_sum_assignment(expected, maximize=True)
        assert total(values, space.rows["match"][: len(values)]) == pytest.approx(
            float(expected[rows, columns].sum()), rel=1e-12, abs=1e-12
        )
        assert feasible(values, slots, space.rows["match"][: len(values)])


def feasible(values: np.ndarray, slots: np.ndarray, match: np.ndarray) -> bool:
    """No unit has more threats than free channels, and none that is of no value to it."""
    taken = np.bincount(match[match >= 0], minlength=values.shape[1])
    return bool(np.all(taken <= np.bincount(slots, minlength=values.shape[1]))) and all(
        values[i, u] > 0.0 for i, u in enumerate(match) if u >= 0
    )


def test_greedy_takes_the_most_valuable_first() -> None:
    rng = np.random.default_rng(21)
    worse = 0
    for _ in range(300):
        values, slots = decision(rng)
        space = space_for(values, slots)
        greedy_matching(space, len(values), slots.size)
        greedy = total(values, space.rows["match"][: len(values)])
        left, expected = np.maximum(values[:, slots], 0.0), 0.0
        while left.any():
            i, c = np.unravel_index(left.argmax(), left.shape)
            expected += float(left[i, c])
            left[i, :] = left[:, c] = 0.0
        assert greedy == pytest.approx(expected, rel=1e-12)
        assert feasible(values, slots, space.rows["match"][: len(values)])
        best_matching(space, len(values), slots.size)
        best = total(values, space.rows["match"][: len(values)])
        assert greedy <= best * (1.0 + 1e-12)
        assert greedy >= 0.5 * best - 1e-12  # greedy matching is never worse than half
        worse += greedy < best * (1.0 - 1e-9)
    assert worse > 50, "the decisions are too easy to tell greedy from optimal"
