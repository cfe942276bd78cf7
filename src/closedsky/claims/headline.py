"""The first two lines of an assessment: the verdict in plain words, and the number that a reader wants."""

from collections.abc import Sequence

from closedsky.claims.verdict import hardest
from closedsky.model.verdict import Finding, Need, TestAnswer, Verdict

MEASURES = {"closed_share": "closed", "engageable_share": "engageable", "tracked_share": "tracked"}


def in_words(found: Finding, computed: Verdict, tests: Sequence[TestAnswer]) -> str:
    """The verdict on a claim in plain words."""
    plain = _plain(computed, tests)
    if found == computed:
        return f"{found[0].upper()}{found[1:]}: {plain}."
    return f"N{found[1:]}. The computation stands: {computed}, {plain}."


def _plain(verdict: Verdict, tests: Sequence[TestAnswer]) -> str:
    if verdict == "refuted":
        return "not even with every figure in its favour"
    if verdict == "supported":
        return "even with every figure against it"
    if any(one.share.likely < one.test.at_least for one in tests):
        return "it holds only with figures in its favour"
    if any(one.share.low < one.test.at_least for one in tests):
        return "it holds with figures as chosen, but not with every figure against it"
    return "it holds even with every figure against it, but on terrain so coarse that this is an upper bound"


def number_of(verdict: Verdict, tests: Sequence[TestAnswer], need: Need | None) -> str:
    """What the hardest test found, and how many units it would need at least."""
    one = tests[hardest([(test.share, test.test.at_least) for test in tests])]
    where = f"At {one.test.level_m:,.0f} m{' above the sea' if one.test.above == 'sea' else ''} ({one.variant}, {_units(one)})"
    done, bar = f"of {one.area} is {MEASURES[one.test.measure]}", f"where {100 * one.test.at_least:g} % is needed"
    low, likely, high = (f"{100 * value:.1f}" for value in (one.share.low, one.share.likely, one.share.high))
    if verdict == "refuted":
        return f"{where}, at most {high} % {done}, {bar}.{_needed(one, need)}"
    if verdict == "supported":
        return f"{where}, at least {low} % {done}, {bar}."
    return f"{where}, {likely} % {done} with figures as chosen, {low} to {high} % over their ranges, {bar}."


def _units(one: TestAnswer) -> str:
    return "one unit" if one.units == 1 else f"{one.units} units"


def _needed(one: TestAnswer, need: Need | None) -> str:
    """How many units it would take, from what the best of them does by itself."""
    if need is None or need.at_least is None:
        return ""
    if one.test.measure != "closed_share":
        does = "can engage over" if one.test.measure == "engageable_share" else "tracks"
        return f" One {need.system} by itself {does} at most {_about(need.most_km2)} of it, so at least {need.at_least:,} would be needed."
    if need.side_by_side is None:
        return f" One {need.system} by itself closes none of it."
    closes = f" One {need.system} by itself closes at most {_about(need.alone_km2)} of it"
    if need.side_by_side == need.at_least:
        return f"{closes}, so at least {need.at_least:,} would be needed."
    return (
        f"{closes}: {need.side_by_side:,} side by side would be needed, "
        f"and at least {need.at_least:,} even if each closed all that it can engage over, with antennas as high as here."
    )


def _about(km2: float) -> str:
    """An area with three digits that count, in words."""
    digits = max(len(str(int(km2))) - 3, 0)
    return f"about {round(km2, -digits):,.0f} km²"
