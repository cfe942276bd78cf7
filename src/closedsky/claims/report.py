"""Reports of the ledger of claims and of an assessment, as text."""

from collections.abc import Iterator, Mapping, Sequence

from closedsky.catalogue.words import grades_in_words, uncertain_in_words
from closedsky.claims.headline import MEASURES
from closedsky.model.claim import Claim
from closedsky.model.figure import Source
from closedsky.model.sky import Bracket
from closedsky.model.used import FiguresUsed
from closedsky.model.verdict import Assessment, Flip, TestAnswer, Tried
from closedsky.page import Column, Item, Part, Table, printed

_KINDS = {"aircraft": "aircraft", "cruise": "cruise missile", "drone": "drone"}
_GRADES = {
    "read": "the words were read at the source",
    "cited": "cited by another source; the first was not read",
    "unverified": "unverified: that it was said could not be read at any source",
}


_WORDS = {
    "quotation": "“{}”",
    "translation": "“{}” (a translation)",
    "paraphrase": "{} (a paraphrase: not the speaker's own words)",
}


def render_ledger(claims: Sequence[Claim], width: int = 100) -> str:
    """All claims: wording, speaker and interpretation."""
    parts: list[Part] = []
    for claim in claims:
        parts += [*_head(claim), Item(f"Taken to mean: {claim.means}", " "), ""]
    parts.append("closedsky claims ID tests one of them; closedsky claims FILE one of your own.")
    return printed(parts, width)


def render_assessment(answer: Assessment, claim: Claim, sources: Mapping[str, Source], width: int = 100) -> str:
    """The whole assessment of a claim as plain text."""
    return printed(_page(answer, claim, sources), width)


def _page(answer: Assessment, claim: Claim, sources: Mapping[str, Source]) -> Iterator[Part]:
    yield answer.answer
    yield answer.number
    yield ""
    yield from _head(claim)
    if claim.note:
        yield Item(claim.note, " ")
    yield ""
    yield "Taken to mean"
    yield claim.means
    yield ""
    yield f"{'Verdict' if answer.verdict == answer.computed else 'Computed'}: {answer.computed}{_ground(answer.tests)}"
    yield f"{answer.why[0].upper()}{answer.why[1:]}."
    yield ""
    yield _table(answer.tests)
    yield ""
    yield from (Item(text) for text in _arithmetic(answer.tests))
    yield ""
    if answer.flip.asked:
        yield f"What if (on cells of {answer.flip.cell_m / 1000:.1f} km)"
        yield _what_ifs(answer.flip)
        yield ""
    yield "The one assumption that would change the verdict"
    yield from _flip(answer)
    yield ""
    yield from (Item(text, "!") for text in answer.warnings)
    yield Item("In brackets: every figure at its end favouring the attacker, and the defender.")
    used = FiguresUsed(count=answer.assumed, of=answer.figures, by_grade=answer.by_grade)
    yield Item(f"{uncertain_in_words(used)} Catalogue {answer.catalogue_hash}.")
    yield Item(f"By grade: {grades_in_words(used.by_grade)}.")
    if claim.shows_not:
        yield ""
        yield "What this does not show"
        yield from (Item(text, "-") for text in claim.shows_not)
    yield ""
    yield "Sources"
    yield from (Item(_cited(source), "-") for source in sources.values())


def _head(claim: Claim) -> Iterator[Part]:
    role = f", {claim.role}" if claim.role else ""
    yield f"{claim.id}"
    yield Item(_WORDS[claim.words].format(claim.said), " ")
    yield Item(f"{claim.speaker}{role}; {claim.date} ({_GRADES[claim.grade]})", "  —")


def _ground(tests: Sequence[TestAnswer]) -> str:
    """The terrain's label, if it makes the shares upper bounds."""
    coarse = dict.fromkeys(f"{one.terrain.posting_m / 1000:.0f} km terrain" for one in tests if one.terrain.upper_bound)
    return f" (upper bound, {', '.join(coarse)})" if coarse else ""


def _table(tests: Sequence[TestAnswer]) -> Table:
    columns = [
        Column("defence", "left"), Column("level", "left"), Column("target", "prose"), Column("share of", "prose"),
        Column("needed"), Column("found"), Column("verdict", "left"),
    ]  # fmt: skip
    rows = []
    for one in tests:
        target = one.target
        test = one.test
        rows.append(
            [
                f"{one.variant} ({one.units} units)",
                f"{test.level_m:,.0f} m" + (" above sea" if test.above == "sea" else ""),
                f"{_KINDS[target.kind]}, {target.rcs_m2:g} m², {target.speed_mps:g} m/s",
                f"{one.area}, {MEASURES[test.measure]}",
                f"{100 * test.at_least:g} %",
                _share(one.share),
                one.verdict,
            ]
        )
    return Table(columns, rows)


def _arithmetic(tests: Sequence[TestAnswer]) -> Iterator[str]:
    """Which tests need no simulation, and how far the arithmetic goes for the others."""
    circles = "the circles of the published ranges, the longest of each range taken, cover"
    for one in (test for test in tests if test.by_arithmetic):
        yield (
            f"{one.variant} at {one.test.level_m:,.0f} m needs no simulation: {circles} {100 * (one.circles_share or 0.0):.1f} % of "
            f"{one.area}, and {100 * one.test.at_least:g} % is needed."
        )
    rest = [one.circles_share for one in tests if one.circles_share is not None and not one.by_arithmetic]
    if rest:
        some = "The others need" if len(rest) < len(tests) else "Every test needs" if len(rest) > 1 else "The test needs"
        share = " to ".join(dict.fromkeys(f"{100 * value:.1f}" for value in (min(rest), max(rest))))
        yield f"{some} simulation: {circles} {share} %."


def _what_ifs(flip: Flip) -> Table:
    columns = [Column("changed, in every test", "prose"), Column("hardest test, at best"), Column("computed", "left")]
    return Table(columns, [[one.what, f"{100 * one.share:.1f} %", one.verdict] for one in flip.asked])


def _flip(answer: Assessment) -> Iterator[Part]:
    flip = answer.flip
    yield from (Item(_outcome(one), "-") for one in flip.flips)
    if not flip.flips:
        yield Item(f"None of the {flip.figures + flip.what_ifs} tried would, alone.", "-")
    if flip.nearest is not None:
        near = flip.nearest
        beside = "Of those that would not, nearest" if flip.flips else "Nearest"
        yield Item(f"{beside}: {near.what} (still {near.verdict}; {_points(near)}).", "-")
    if flip.settled and answer.computed != "not refuted":
        whom = "defender" if answer.computed == "refuted" else "attacker"
        yield Item(
            f"No other figure can, within its range: {flip.settled} stand at the end that favours the {whom} already.", "-"
        )
    if answer.computed == "not refuted" and any(one.terrain.upper_bound for one in answer.tests):
        yield Item("None could make it supported: on terrain this coarse a share is an upper bound.", "-")
    if flip.heaviest is not None:
        one = flip.heaviest
        yield Item(
            f"The figure that moves the hardest test most: {one.figure} ({one.grade}) at {one.end:g} {one.unit} takes it from "
            f"{100 * one.as_chosen:.1f} % to {100 * one.share:.1f} %, all else as chosen.",
            "-",
        )
    yield Item(f"Tried: {_counted(flip)}, on cells of {flip.cell_m / 1000:.1f} km.")


def _counted(flip: Flip) -> str:
    return f"{flip.what_ifs} what-ifs and {flip.figures} figures held at one end while the others go to theirs"


def _outcome(one: Tried) -> str:
    return f"{one.what}: then it is {one.verdict} ({100 * one.share:.1f} %)"


def _points(one: Tried) -> str:
    return f"{100 * one.share:.1f} % in the test that is farthest off, {100 * one.gap:.1f} points away"


def _share(share: Bracket) -> str:
    likely, low, high = (f"{100 * value:.1f}" for value in (share.likely, share.low, share.high))
    return f"{likely} % ({low}–{high})"


def _cited(source: Source) -> str:
    parts = [source.title, source.publisher or "", str(source.year or ""), source.address or ""]
    return " ".join(part if part[-1] in "?!." or part == source.address else f"{part}." for part in parts if part)
