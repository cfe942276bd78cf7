"""The verdict that follows from a share with its range, and the figures that could change it."""

from collections.abc import Iterator, Sequence

from closedsky.model.figure import Figure
from closedsky.model.sky import Bracket
from closedsky.model.verdict import Finding, Verdict
from closedsky.scenario.sides import ATTACKER, NOT_PLAIN, End, side

DECIDES: dict[Verdict, End] = {"refuted": "high", "not refuted": "high", "supported": "low"}
"""The end of the figures that decides each verdict."""


def verdict_of(share: Bracket, at_least: float, upper_bound: bool) -> tuple[Verdict, str]:
    """The verdict of a test from its share with its range, and the reason."""
    if share.high < at_least:
        return "refuted", "not reached even with every figure at the end that favours the defender"
    if share.low >= at_least and not upper_bound:
        return "supported", "reached even with every figure at the end that favours the attacker"
    if share.low >= at_least:
        return "not refuted", "reached at either end of the figures, but on terrain so coarse that it is an upper bound"
    if share.likely >= at_least:
        return "not refuted", "reached with figures as chosen, not at the end that favours the attacker"
    return "not refuted", "reached only with figures at the end that favours the defender"


def overall(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a claim, which holds if all of its tests hold."""
    if "refuted" in verdicts:
        return "refuted"
    return "supported" if all(one == "supported" for one in verdicts) else "not refuted"


def finding(verdict: Verdict, grade: str) -> Finding:
    """The verdict on the words of a claim, from that of its tests: none if nobody could read them at a source."""
    return "not tested: source not verified" if grade == "unverified" else verdict


def hardest(found: Sequence[tuple[Bracket, float]]) -> int:
    """The index of the test that is farthest below its threshold at the high end, from (share, threshold)."""
    return max(range(len(found)), key=lambda i: found[i][1] - found[i][0].high)


def gap_of(base: Verdict, found: Sequence[tuple[Bracket, float, bool]]) -> tuple[float, float]:
    """Share of the decisive test, and its distance from another verdict, from (share, threshold, upper bound or not).

    *refuted* changes if every test reaches its threshold at the high end; *not refuted* becomes *refuted* if one misses it there, and
    *supported* if all reach it at the low end on terrain that is no upper bound; *supported* changes if one misses it there.
    """
    if base == "refuted":
        gap, share = max((bar - one.high, one.high) for one, bar, _ in found)
    elif base == "supported":
        gap, share = min((one.low - bar, one.low) for one, bar, _ in found)
    else:
        gap, share = min((one.high - bar, one.high) for one, bar, _ in found)
        if not any(coarse for _, _, coarse in found):
            gap, share = min((gap, share), max((bar - one.low, one.low) for one, bar, _ in found))
    return share, gap


def why_of(verdict: Verdict, tests: Sequence[tuple[Verdict, str]]) -> str:
    """The reason for the verdict on a claim in one sentence, from the verdicts and reasons of its tests."""
    if len(tests) == 1:
        return tests[0][1]
    fallen = sum(one == "refuted" for one, _ in tests)
    if verdict == "refuted":
        return f"{fallen} of {len(tests)} tests are not reached even with every figure at the end that favours the defender"
    if verdict == "supported":
        return f"all {len(tests)} tests are reached even with every figure at the end that favours the attacker"
    return next(why for one, why in tests if one == "not refuted")


def pins(path: str, figure: Figure, verdict: Verdict, upper_bound: bool) -> Iterator[tuple[float, End]]:
    """Values at which a figure is pinned, and the end of the others.

    A figure that the verdict already has at the end that could change it is not tried again.
    """
    low, high = figure.low, figure.high
    assert low is not None
    assert high is not None
    favours, _ = side(path)
    if favours == NOT_PLAIN:
        yield from ((value, DECIDES[verdict]) for value in (low, high))
    elif verdict == "not refuted":
        adverse, kind = (high, low) if favours == ATTACKER else (low, high)
        yield adverse, "high"
        if not upper_bound:
            yield kind, "low"


def favourable(path: str, figure: Figure) -> tuple[float, ...]:
    """The end of a figure that favours the defender; both ends if its direction is not clear."""
    low, high = figure.low, figure.high
    assert low is not None
    assert high is not None
    favours, _ = side(path)
    if favours == NOT_PLAIN:
        return low, high
    return (low,) if favours == ATTACKER else (high,)
