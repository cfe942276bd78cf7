"""The map of which some cells are asked, against all of them asked."""

from typing import Any

import numpy as np
import pytest

from closedsky.footprint.survey import Starts, shares, survey

Where = Any


def disc(along: Where, right: Where) -> Where:
    """Radius 18 km, its middle 4 km behind the origin; two within 7 km of there, and none within 1.2 km of the origin."""
    away = np.hypot(along + 4e3, right)
    return np.where(np.hypot(along, right) < 1.2e3, 0, (away < 18e3).astype(int) + (away < 7e3))


def strips(along: Where, right: Where) -> Where:
    """Bands askew to the axis."""
    return np.floor(np.abs(along + 0.4 * right) / 9e3).astype(int)


def nothing(along: Where, right: Where) -> Where:
    return np.zeros(along.shape, int)


@pytest.mark.parametrize("truth", [disc, strips, nothing])
@pytest.mark.parametrize("cell_m", [500.0, 700.0])
def test_it_is_the_map_of_every_cell_and_asks_fewer(truth: Any, cell_m: float) -> None:
    asked = []

    def count(along: Where, right: Where) -> Where:
        asked.append(along.size)
        return truth(along, right)

    made = survey(count, 20e3, 25e3, 22e3, cell_m)
    along, right = np.meshgrid(made.along_m, made.right_m, indexing="ij")
    np.testing.assert_array_equal(made.counts, truth(along, right))
    assert sum(asked) < 0.4 * made.counts.size


def test_the_frame_holds_what_was_asked_for_in_whole_cells_round_the_origin() -> None:
    """From 25 km behind to 20 km ahead: cells of 2 km from -26 to 20 km, their middles odd."""
    made = survey(nothing, 20e3, 25e3, 3e3, 2e3)
    np.testing.assert_allclose(made.along_m, np.arange(-25e3, 20e3, 2e3))
    np.testing.assert_allclose(made.right_m, [-3e3, -1e3, 1e3, 3e3])


def test_area_and_reach_are_those_of_the_cells() -> None:
    """A strip from 3 km behind to 8 km ahead of the origin, from 2 km to its left to 5 km to its right, in cells of 1 km."""
    made = survey(lambda a, r: ((a > -3e3) & (a < 8e3) & (r > -2e3) & (r < 5e3)).astype(int), 20e3, 20e3, 20e3, 1e3)
    assert made.area_m2(1) == 11e3 * 7e3
    assert made.reach_m(1) == (8e3, 3e3, 2e3, 5e3)
    assert np.isnan(made.reach_m(2)).all()


def test_cells_without_hope_are_nought_and_never_asked() -> None:
    """Of the disc, those within 21 km of its middle may count: the map is the same, and nothing outside was asked."""
    asked = []

    def count(along: Where, right: Where) -> Where:
        asked.append(np.hypot(along + 4e3, right).max())
        return disc(along, right)

    every = survey(disc, 20e3, 25e3, 22e3, 500.0)
    some = survey(count, 20e3, 25e3, 22e3, 500.0, lambda along, right: np.hypot(along + 4e3, right) < 21e3)
    np.testing.assert_array_equal(some.counts, every.counts)
    assert max(asked) < 21e3


def test_searches_begin_where_those_before_them_ended() -> None:
    """Starts that are a polynomial of the third degree in place and ground are known from seventy; of fewer than thirty, none are."""
    rng = np.random.default_rng(5)
    where = rng.uniform(-1.0, 1.0, (100, 4)) * (1e5, 6e4, 800.0, 300.0)
    x, y, below, above = (where / (1e5, 6e4, 800.0, 300.0)).T
    right = np.column_stack([1e-3 * x * y * below, 0.7 + 1e-2 * above**3, 1600.0 + 9.0 * x - 2.0 * y**2 * above])
    starts = Starts()
    starts.learn(where[:20], right[:20])
    assert not starts.guess(where[80:]).any()
    starts.learn(where[20:80], right[20:80])
    np.testing.assert_allclose(starts.guess(where[80:]), right[80:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("threads", [1, 2, 16])
@pytest.mark.parametrize("many", [0, 1, 5, 67, 1024])
def test_threads_share_all_of_a_batch_in_parts_that_grow_smaller(many: int, threads: int) -> None:
    parts = shares(many, threads)
    assert [index for first, last in parts for index in range(first, last)] == list(range(many))
    sizes = [last - first for first, last in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes, default=0) <= max(many // (2 * threads), 4)
