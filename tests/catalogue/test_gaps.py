"""What the catalogue does not know, worst first."""

import math

from closedsky.catalogue.gaps import gaps
from closedsky.catalogue.library import figures, load_catalogue, uncertain
from closedsky.catalogue.reading import gaps_data, gaps_text
from closedsky.model.figure import Grade

CATALOGUE = load_catalogue()


def test_every_uncertain_figure_is_in_one_gap() -> None:
    listed = [path for gap in gaps(CATALOGUE) for path in gap.paths]
    entries = [*CATALOGUE.systems, *CATALOGUE.threats]
    wanted = [f"{key}.{figure.path}" for key in entries for figure in uncertain(figures(CATALOGUE.entry(key)))]
    assert sorted(listed) == sorted(wanted)


def test_worst_first() -> None:
    found = gaps(CATALOGUE)
    ranks = [(gap.figure.grade is not Grade.ASSUMED, -gap.spread) for gap in found]
    assert ranks == sorted(ranks)
    assert math.isinf(found[0].spread)
    assert found[-1].figure.grade is Grade.UNVERIFIED


def test_one_entry_only() -> None:
    assert {path.split(".")[0] for gap in gaps(CATALOGUE, "qiam-1") for path in gap.paths} == {"qiam-1"}


def test_text_keeps_to_its_width_and_data_has_every_path() -> None:
    text = gaps_text(width=80)
    assert max(map(len, text.splitlines())) <= 80
    data = gaps_data()
    assert data["catalogue_hash"] == CATALOGUE.hash
    assert sum(len(gap["paths"]) for gap in data["gaps"]) == sum(len(gap.paths) for gap in gaps(CATALOGUE))
