"""Lines of cells on any heading: together they are the map, and each goes straight."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.engine.sweep.headings import bearings, lines_on

SIZES = st.integers(2, 40)


@given(st.floats(0.0, 2.0 * math.pi), SIZES, SIZES)
def test_each_cell_lies_on_one_line(bearing: float, rows: int, columns: int) -> None:
    lines = lines_on(bearing, rows, columns)
    met = np.concatenate([
        lines.path[lead : lead + cells] + base for base, lead, cells in zip(lines.base, lines.lead, lines.cells, strict=True)
    ])  # fmt: skip
    assert np.array_equal(np.sort(met), np.arange(rows * columns))


@given(st.floats(0.0, 2.0 * math.pi), SIZES, SIZES)
def test_a_line_goes_straight_on_its_heading(bearing: float, rows: int, columns: int) -> None:
    """No cell is farther than half a cell, along its second axis, from a straight line on the heading."""
    lines = lines_on(bearing, rows, columns)
    north, east = math.cos(bearing), math.sin(bearing)
    for base, lead, cells in zip(lines.base, lines.lead, lines.cells, strict=True):
        row, column = np.divmod(lines.path[lead : lead + cells] + base, columns)
        along, across = -row * north + column * east, row * east + column * north
        assert (np.diff(along) > 0.0).all()
        assert np.ptp(across) <= max(abs(north), abs(east)) + 1e-9


def test_the_steps_of_a_heading_are_those_of_its_lines() -> None:
    """One cell ahead and `slope` aside is the mean step of a long line: what the velocity of threats is taken from."""
    for bearing in (0.1, 0.9, 2.0, 3.3, 4.4, 5.9):
        lines = lines_on(bearing, 401, 401)
        longest = int(np.argmax(lines.cells))
        ends = lines.path[[lines.lead[longest], lines.lead[longest] + lines.cells[longest] - 1]] + lines.base[longest]
        (top, bottom), (left, right) = np.divmod(ends, 401)
        assert math.atan2(right - left, top - bottom) % (2.0 * math.pi) == pytest.approx(bearing, abs=0.005)


def test_headings_are_nested() -> None:
    """Doubling adds headings between those there are."""
    assert sorted(bearings(16) + bearings(32, 16)) == pytest.approx(bearings(32))
    assert len(bearings(64, 32)) == 32
