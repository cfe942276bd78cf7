"""What is printed keeps to the width, and breaks no number, no word and no cell of a table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.page import Column, Item, Table, printed

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=30).map(" ".join)


@given(WORDS, st.sampled_from(["", "·", "   ", "(12)"]), st.integers(20, 100))
def test_a_paragraph_keeps_its_words_and_the_width(text: str, mark: str, width: int) -> None:
    lines = printed([Item(text, mark) if mark else text], width).splitlines()
    assert max(map(len, lines)) <= width
    assert " ".join(" ".join(lines).split()) == " ".join([*mark.split(), text])
    if mark:
        assert all(line.startswith(" " * (len(mark) + 1)) for line in lines[1:])


@pytest.mark.parametrize("width", range(12, 40))
def test_a_number_stays_with_its_unit(width: int) -> None:
    told = printed(["leakage 28 % to 45 % over 1,200 km² at 3 m/s, 69 % ± 18 of 0.5 km"], width)
    for whole in ("28 %", "45 %", "1,200 km²", "3 m/s", "69 % ± 18", "0.5 km"):
        assert whole in told


CELLS = st.text("0123456789.–%() ", min_size=1, max_size=14).map(str.strip).filter(bool)


@given(st.data())
def test_a_table_prints_every_cell_whole_beside_its_row(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 9))
    heads = data.draw(st.lists(st.text("pqrstu ", min_size=1, max_size=14).map(str.strip), min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=count, max_size=count), min_size=1, max_size=5))
    named = [[f"row-{n}", *row] for n, row in enumerate(rows)]
    table = Table([Column("", "left"), *map(Column, heads)], named)
    lines = printed([table], 60).splitlines()
    assert max(map(len, lines)) <= 60
    for name, *cells in named:
        told = " ".join(line.removeprefix(name) for line in lines if line.startswith(f"{name} "))
        assert told.split() == " ".join(cells).split()
        assert all(" ".join(cell.split()) in told for cell in cells)


def test_a_table_too_wide_goes_on_below_beside_its_first_column() -> None:
    table = Table(
        [Column("", "left"), Column("one"), Column("two"), Column("three")],
        [["a", "1" * 12, "2" * 12, ""], "between", ["b", "3" * 12, "", "4" * 12]],
    )
    assert printed([table], 32).splitlines() == [
        "            one           two",
        "a  111111111111  222222222222",
        "between",
        "b  333333333333",
        "",
        "          three",
        "between",
        "b  444444444444",
    ]


def test_headings_break_before_a_table_does() -> None:
    table = Table([Column("", "left"), Column("opportunities: fewest"), Column("mean")], [["100 m", "8", "8.0"]])
    assert printed([table], 40).splitlines() == ["       opportunities: fewest  mean", "100 m                      8   8.0"]
    assert printed([table], 30).splitlines() == [
        "       opportunities:",
        "               fewest  mean",
        "100 m               8   8.0",
    ]


def test_prose_in_a_cell_runs_over_several_lines() -> None:
    table = Table([Column("changed", "prose"), Column("share")], [["every unit at the place that closes most", "12.3 %"]])
    lines = printed([table], 34).splitlines()
    assert len(lines) == 3
    assert re.search(r"12\.3 %$", lines[1])


def test_nothing_ends_in_a_space() -> None:
    table = Table([Column("a", "left"), Column("b", "left")], [["one", ""], ["two", "x"]])
    assert all(line == line.rstrip() for line in printed([table, "", Item("x")], 40).splitlines())
