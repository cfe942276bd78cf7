"""The catalogue on a terminal."""

import re

import pytest

from closedsky.catalogue.figures import figures, uncertain, used
from closedsky.catalogue.library import cite, load_catalogue
from closedsky.catalogue.show import LEGEND, MARKS, render_entry, render_list
from closedsky.catalogue.words import describe, grades_in_words

CATALOGUE = load_catalogue()
ENTRIES = [*CATALOGUE.systems, *CATALOGUE.threats]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("key", ENTRIES)
def test_no_line_is_too_long(key: str, width: int) -> None:
    lines = render_entry(CATALOGUE.entry(key), CATALOGUE, width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]
    assert max(map(len, render_list(CATALOGUE, width).splitlines())) <= width


@pytest.mark.parametrize("key", ENTRIES)
def test_at_80_columns_every_figure_has_its_own_line(key: str) -> None:
    entry = CATALOGUE.entry(key)
    lines = render_entry(entry, CATALOGUE).splitlines()
    for row in describe(entry):
        space = "" if row.unit in ("", "°") else " "
        shape = rf"\s*{re.escape(row.parameter.strip())}\s+{re.escape(row.value + space + row.unit)}\s+{re.escape(row.range)}"
        shape += rf"\s+{re.escape(MARKS[row.grade])}.*"
        assert [line for line in lines if re.fullmatch(shape, line)], row.parameter


def test_a_page_has_reasons_sources_and_figures_not_chosen() -> None:
    entry = CATALOGUE.system("s-400")
    page = render_entry(entry, CATALOGUE)
    flat = " ".join(page.split())
    for row in describe(entry):
        assert " ".join(row.why.split()) in flat
    for note in entry.notes:
        assert " ".join(note.split()) in flat
    for number, (_, source, _) in enumerate(cite([entry], CATALOGUE, beside=True), 1):
        assert f" {number} {source.title}" in flat
    assert "range against aircraft: 400 km, headline figure" in flat
    assert "load: 48N6E3 50%, 40N6E 25%, 9M96E2 25%" in flat
    assert f"{len(figures(entry))} figures: {grades_in_words(used(figures(entry)).by_grade)}" in flat


def test_numbers_at_a_figure_are_those_of_its_sources() -> None:
    page = render_entry(CATALOGUE.threat("shahed-136"), CATALOGUE)
    numbers = re.search(r"radar cross-section, beam .* ○ +(\d+),(\d+)", page)
    assert numbers is not None
    sources = page.split("Sources\n")[1]
    assert re.search(rf"^ +{numbers[1]} Shahed 136 UAV RCS measurements", sources, re.MULTILINE)
    assert re.search(rf"^ +{numbers[2]} cielo-cerrado", sources, re.MULTILINE)


def test_legend_explains_every_mark_a_shipped_figure_may_bear() -> None:
    assert {mark for grade, mark in MARKS.items() if grade != "given"} <= set(LEGEND)
    assert len(set(MARKS.values())) == len(MARKS)


def test_list_counts_figures() -> None:
    entry = CATALOGUE.system("s-400")
    found = figures(entry)
    assert re.search(rf"^s-400 +S-400 Triumf +{len(found)} +{len(uncertain(found))}$", render_list(CATALOGUE), re.MULTILINE)
    assert CATALOGUE.hash in render_list(CATALOGUE)
