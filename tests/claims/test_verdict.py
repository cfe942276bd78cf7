"""What a share with its range says of a claim: every branch, on numbers made up for it."""

from typing import Literal

import pytest

from closedsky.claims.verdict import favourable, gap_of, overall, pins, verdict_of, why_of
from closedsky.model.figure import Figure
from closedsky.model.sky import Bracket
from closedsky.model.verdict import Verdict


def bracket(low: float, likely: float, high: float) -> Bracket:
    return Bracket(low=low, likely=likely, high=high)


@pytest.mark.parametrize(
    ("share", "coarse", "verdict", "because"),
    [
        (bracket(0.1, 0.5, 0.949), False, "refuted", "favours the defender"),
        (bracket(0.1, 0.5, 0.949), True, "refuted", "favours the defender"),  # an upper bound that falls short falls short
        (bracket(0.95, 0.97, 1.0), False, "supported", "favours the attacker"),
        (bracket(0.95, 0.97, 1.0), True, "not refuted", "upper bound"),
        (bracket(0.2, 0.95, 1.0), False, "not refuted", "as chosen"),
        (bracket(0.2, 0.5, 0.95), False, "not refuted", "only with figures at the end that favours the defender"),
    ],
)
def test_a_test_is_judged_by_its_range_and_its_terrain(share: Bracket, coarse: bool, verdict: Verdict, because: str) -> None:
    found, why = verdict_of(share, 0.95, coarse)
    assert found == verdict
    assert because in why


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "not refuted"], "not refuted"),
        (["supported", "refuted", "not refuted"], "refuted"),
    ],
)
def test_a_claim_holds_if_all_its_tests_do(tests: list[Verdict], verdict: Verdict) -> None:
    assert overall(tests) == verdict


def test_the_reason_of_a_claim_counts_its_tests() -> None:
    assert why_of("refuted", [("refuted", "a"), ("supported", "b"), ("refuted", "c")]).startswith("2 of 3 tests")
    assert why_of("supported", [("supported", "a"), ("supported", "b")]).startswith("all 2 tests")
    assert why_of("not refuted", [("supported", "a"), ("not refuted", "b")]) == "b"
    assert why_of("refuted", [("refuted", "the only one")]) == "the only one"


def test_the_gap_is_to_the_share_that_would_change_the_verdict() -> None:
    easy, hard = (bracket(0.5, 0.7, 0.9), 0.95, False), (bracket(0.0, 0.1, 0.2), 0.95, False)
    assert gap_of("refuted", [easy, hard]) == (0.2, pytest.approx(0.75))  # both have to reach their bar
    firm, weak = (bracket(0.99, 1.0, 1.0), 0.95, False), (bracket(0.96, 1.0, 1.0), 0.95, False)
    assert gap_of("supported", [firm, weak]) == (0.96, pytest.approx(0.01))  # one has to miss it
    between = bracket(0.9, 0.95, 1.0)  # 0.05 above its bar at the high end, 0.05 below at the low end
    assert gap_of("not refuted", [(between, 0.94, False)]) == (0.9, pytest.approx(0.04))
    assert gap_of("not refuted", [(between, 0.94, True)]) == (1.0, pytest.approx(0.06))  # coarse: never supported


Kind = Literal["range", "reaction", "frequency"]
FIGURES: dict[Kind, tuple[str, Figure]] = {
    "range": ("radars.eye.detection.range", Figure(value=2, low=1, high=3, unit="km")),
    "reaction": ("fire_unit.reaction", Figure(value=2, low=1, high=3, unit="s")),
    "frequency": ("radars.eye.frequency", Figure(value=2, low=1, high=3, unit="GHz")),
}


@pytest.mark.parametrize(
    ("kind", "verdict", "coarse", "held"),
    [
        ("range", "refuted", False, []),  # it stands at its high end already
        ("range", "not refuted", False, [(1, "high"), (3, "low")]),
        ("range", "not refuted", True, [(1, "high")]),
        ("reaction", "not refuted", False, [(3, "high"), (1, "low")]),  # the other way round: long favours the attacker
        ("reaction", "supported", False, []),
        ("frequency", "refuted", False, [(1, "high"), (3, "high")]),  # whom it favours is not plain: both ends
        ("frequency", "supported", False, [(1, "low"), (3, "low")]),
    ],
)
def test_a_figure_is_held_where_it_could_change_the_verdict(
    kind: Kind, verdict: Verdict, coarse: bool, held: list[tuple[float, str]]
) -> None:
    path, claim = FIGURES[kind]
    assert list(pins(path, claim, verdict, coarse)) == held


def test_the_end_that_favours_the_defender() -> None:
    assert {kind: favourable(*FIGURES[kind]) for kind in FIGURES} == {"range": (3,), "reaction": (1,), "frequency": (1, 3)}
