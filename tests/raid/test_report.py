"""The report of a run: a share of nothing is a dash, and what value lost means is said where it is printed."""

from typing import Any

import closedsky
from closedsky.page import NOTHING
from closedsky.raid.report import render

FLIGHT: dict[str, Any] = {
    "kind": "route", "speed_mps": 250, "waypoints": [{"at": [33.5, 45.5], "height_m": 6000}, {"at": [33.2, 44.7], "height_m": 6000}],
}  # fmt: skip
SCENARIO: dict[str, Any] = {
    "closedsky": 2, "name": "drill", "title": "A drill", "environment": {"terrain": "flat"},
    "defence": [{"id": "battery", "system": "s-300pmu-2", "at": [33.02, 44.05], "heading_deg": 70}],
    "raid": [{"id": "decoys", "threat": "mald", "count": 2, "motion": FLIGHT}],
    "settings": {"trials": 20, "draws": 0},
    "variants": {"nothing-but-decoys": {}, "with-a-fighter": {"raid": {"fighter": {"threat": "f-16c", "motion": FLIGHT}}}},
}  # fmt: skip


def told(**changes: Any) -> list[list[str]]:
    """The words of each line of the report."""
    loaded = closedsky.load(SCENARIO | changes)
    return [line.split() for line in render(closedsky.run(loaded), loaded.reference, "flat").splitlines()]


def test_a_share_of_nothing_is_a_dash_everywhere() -> None:
    lines = told()
    assert ["nothing-but-decoys", NOTHING, NOTHING] in lines
    for words in ("leakage, of those launched", "of those that do not fail", "of those that would hit"):
        (cells,) = [line[len(words.split()) :] for line in lines if line[: len(words.split())] == words.split()]
        assert cells[0] == NOTHING
    assert any(line[:3] == ["by", "value", "lost"] and line[3:] == [NOTHING, NOTHING] for line in lines), "there is no asset"
    assert not any("0.0 of 0" in " ".join(line) for line in lines)


def test_what_value_lost_means_is_said_where_there_is_value() -> None:
    def said(lines: list[list[str]]) -> int:
        return sum(" ".join(line).startswith("· By value lost: the share of the value of all assets") for line in lines)

    lines = told(assets=[{"id": "works", "at": [33.0, 44.0]}])
    assert (said(lines), said(told())) == (1, 0)
    assert any(line[:3] == ["by", "value", "lost"] and NOTHING not in line for line in lines)
