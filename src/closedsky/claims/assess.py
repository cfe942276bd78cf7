"""Assessment of a claim: its verdict with its range, and the one assumption that would change it.

>>> import closedsky
>>> closedsky.assess("close-the-sky-iran").verdict
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from closedsky.catalogue.figures import used
from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.claims.headline import in_words, number_of
from closedsky.claims.ledger import Entry, find, sources_of
from closedsky.claims.need import circles_share, need_of
from closedsky.claims.verdict import favourable, finding, gap_of, hardest, overall, pins, verdict_of, why_of
from closedsky.coverage import answer as coverage
from closedsky.coverage import maps
from closedsky.coverage import request as coverage_request
from closedsky.coverage.asked import Asked, coarser, measured
from closedsky.errors import Fault, RequestError
from closedsky.model.claim import ClaimTest
from closedsky.model.figure import Figure
from closedsky.model.sky import Bracket
from closedsky.model.verdict import Assessment, Flip, Need, TestAnswer, Tried, Verdict, Weight
from closedsky.progress import Progress
from closedsky.scenario.load import Loaded, load
from closedsky.scenario.sides import End, situation_at
from closedsky.scenario.situation import Situation

RangedFigure = tuple[str, str, Figure]
"""Entry id, path in the entry, and the figure."""

COARSE_CELLS = 8_000
"""Approximate number of cells of the area in the search for assumptions that would change a verdict."""


@dataclass
class Ask:
    """Tests with the same scenario, variant, target and raid; `numbers` are the indices of the tests, `levels` the level of each."""

    asked: Asked
    numbers: list[int]
    levels: list[int]
    sky: coverage.Sky | None = None
    known: maps.Known = field(default_factory=maps.Known)


def assess(
    claim: str | Path | Entry,
    *,
    claims: Path | None = None,
    catalogue: Catalogue | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Assess a claim.

    Parameters
    ----------
    claim : id of a claim, path of a claim file, or an entry of the ledger
    claims : folder of your own claim files, which take precedence over the shipped ones
    catalogue : folder of your own catalogue entries, or a loaded catalogue
    threads : number of computing threads; by default all available
    progress : called with task, amount done and total

    Returns
    -------
    Assessment
        Verdict, the tests with their shares (low, likely, high), and the assumption that would change the verdict.

    Raises
    ------
    RequestError, ScenarioError, CatalogueError, TerrainError
        For an unknown claim, a faulty claim file, or a faulty scenario of a test.

    Example
    -------
    >>> closedsky.assess("close-the-sky-iran").verdict
    'refuted'
    """
    entry = claim if isinstance(claim, Entry) else find(str(claim), claims)
    return _Assessor(entry, catalogue, threads, progress).answer()


class _Assessor:
    """The assessment of one claim: what is loaded for it, and its progress callback."""

    def __init__(self, entry: Entry, catalogue: Catalogue | Path | None, threads: int | None, progress: Progress | None) -> None:
        self.entry = entry
        self.catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
        self.threads = threads
        self.tell: Progress = progress or (lambda what, done, of: None)
        self.loaded: dict[str, Loaded] = {}
        sources_of(entry, self.catalogue)

    def answer(self) -> Assessment:
        """The whole assessment."""
        statement = self.entry.claim
        fine = self._asks(statement.tests, None, "tests")
        shares_ = self._brackets(fine, statement.tests, "tests", relief=True)
        tests = [self._test(fine, i, test, shares_[i]) for i, test in enumerate(statement.tests)]
        verdict = overall([test.verdict for test in tests])
        need = self._need(fine, tests) if verdict == "refuted" else None
        found = finding(verdict, statement.grade)
        figures = {(name, figure.path): figure for ask in fine for name, figure in ask.asked.situation.figures()}
        counted = used(figures.values())
        warnings = dict.fromkeys(text for ask in fine if ask.sky for text in ask.sky.answer.warnings)
        why = why_of(verdict, [(test.verdict, test.why) for test in tests])
        return Assessment(
            id=statement.id, said=statement.said, words=statement.words, speaker=statement.speaker, date=statement.date,
            grade=statement.grade, means=statement.means, verdict=found, computed=verdict, answer=in_words(found, verdict, tests),
            number=number_of(verdict, tests, need), why=why, need=need, tests=tuple(tests), flip=self._flip(fine, verdict),
            catalogue_hash=self.catalogue.hash, assumed=counted.count, figures=counted.of,
            by_grade=counted.by_grade, warnings=tuple(warnings),
        )  # fmt: skip

    def _test(self, asks: Sequence[Ask], i: int, test: ClaimTest, share: Bracket) -> TestAnswer:
        ask = next(ask for ask in asks if i in ask.numbers)
        assert ask.sky is not None
        assert ask.asked.area is not None
        answer = ask.sky.answer
        verdict, why = verdict_of(share, test.at_least, answer.terrain.upper_bound)
        circles = None if test.measure == "tracked_share" else circles_share(ask.asked.situation, ask.sky)
        return TestAnswer(
            test=test, variant=answer.variant, area=ask.asked.area.name, target=answer.target,
            units=len(ask.asked.situation.scenario.defence), share=share, verdict=verdict, why=why, terrain=answer.terrain,
            cell_m=answer.cell_m, circles_share=circles, by_arithmetic=circles is not None and circles < test.at_least,
        )  # fmt: skip

    def _need(self, asks: Sequence[Ask], tests: Sequence[TestAnswer]) -> Need:
        """What the hardest test would need."""
        i = hardest([(one.share, one.test.at_least) for one in tests])
        ask = next(ask for ask in asks if i in ask.numbers)
        assert ask.sky is not None
        level = ask.levels[ask.numbers.index(i)]
        return need_of(ask.asked, ask.sky, level, tests[i].test, i, self.tell)

    # ---------------------------------------------------------------------------------------------------- tests that share a map

    def _asks(self, tests: Sequence[ClaimTest], cell_m: float | None, where: str) -> list[Ask]:
        """Tests grouped by the set of maps that answers them."""
        alike: dict[str, list[int]] = {}
        for i, test in enumerate(tests):
            alike.setdefault(test.model_dump_json(exclude={"level_m", "measure", "at_least"}), []).append(i)
        asks = []
        for numbers in alike.values():
            levels = sorted({tests[i].level_m for i in numbers})
            asked = self._asked(tests[numbers[0]], levels, cell_m, f"{where}[{numbers[0]}]")
            asks.append(Ask(asked, numbers, [levels.index(tests[i].level_m) for i in numbers]))
        return asks

    def _asked(self, test: ClaimTest, levels: list[float], cell_m: float | None, where: str) -> Asked:
        """The coverage request of a test, at some levels; RequestError that names the field of the claim."""
        changes: dict[str, object] = {"heights_m" if test.above == "ground" else "altitudes_m": tuple(levels)}
        changes |= {key: value for key in ("opportunities", "together") if (value := getattr(test, key)) is not None}
        target = {key: value for key in ("kind", "rcs_m2", "speed_mps") if (value := getattr(test, key)) is not None}
        changes |= {"target": target} if target else {}
        try:
            asked = coverage_request.asked(self._load(test.scenario), test.variant, None, self.threads, None, changes)
            if asked.area is None:
                what = f"{test.scenario} asks of no country and no outline, so there is no share"
                raise RequestError(Fault(what, "scenario", "give its cover a country or an outline"))
        except RequestError as error:
            raise RequestError(*(Fault(one.what, f"{self.entry.path}: {where}", one.fix) for one in error.faults)) from None
        if cell_m is None:
            return coarser(asked)
        coarse_m = min(max(asked.cover.cell_m, cell_m * math.sqrt(asked.area.area_km2)), 50_000.0)
        return coverage_request.asked(
            self._load(test.scenario), test.variant, None, self.threads, None, {**changes, "cell_m": coarse_m}
        )

    def _load(self, scenario: str) -> Loaded:
        if scenario not in self.loaded:
            beside = self.entry.path.parent / scenario
            self.loaded[scenario] = load(beside if beside.is_file() else scenario, self.catalogue)
        return self.loaded[scenario]

    def _brackets(self, asks: Sequence[Ask], tests: Sequence[ClaimTest], what: str, *, relief: bool = False) -> list[Bracket]:
        """The share of each test with every figure at its low end, as chosen, and at its high end.

        What could change a verdict is compared without relief: the high end, on which a refutation rests, is the same.
        """
        found: dict[int, Bracket] = {}
        for done, ask in enumerate(asks):
            self.tell(what, done, len(asks))
            ask.sky = coverage.closed_sky(ask.asked, draws=0, relief=relief, stare=False)
            for i, level in zip(ask.numbers, ask.levels, strict=True):
                found[i] = getattr(ask.sky.answer.levels[level], tests[i].measure)
        return [found[i] for i in range(len(tests))]

    # ------------------------------------------------------------------------------------------------------ what would change it

    def _flip(self, fine: Sequence[Ask], verdict: Verdict) -> Flip:
        """Try every what-if, and every figure pinned at one of its ends, on coarse cells."""
        tests = self.entry.claim.tests
        cell_m = 1000.0 / math.sqrt(COARSE_CELLS)
        asks = self._asks(tests, cell_m, "tests")
        base = self._brackets(asks, tests, "tests, on coarse cells")
        coarse = overall([verdict_of(share, test.at_least, _upper(asks))[0] for share, test in zip(base, tests, strict=True)])
        figures = _ranged(asks)
        pinned = list(self._pins(asks, base, coarse, figures))
        what_ifs = list(self._what_ifs(coarse, cell_m))
        tried = [*what_ifs, *(one for _, one in pinned)]
        held = len({name for name, _ in pinned})
        flips = [one for one in tried if one.flips]
        still = [one for one in tried if not one.flips]
        return Flip(
            figures=held,
            settled=len(figures) - held,
            what_ifs=len(what_ifs),
            asked=tuple(what_ifs),
            cell_m=max(ask.asked.cover.cell_m for ask in asks),
            flips=tuple(sorted(flips, key=lambda one: (one.kind, one.gap))),
            nearest=min(still, key=lambda one: one.gap, default=None),
            heaviest=self._heaviest(asks, base, cell_m) if coarse == "refuted" else None,
        )

    def _what_ifs(self, base: Verdict, cell_m: float) -> Iterator[Tried]:
        what_ifs = self.entry.claim.what_if
        for k, what_if in enumerate(what_ifs):
            self.tell("what if", k, len(what_ifs))
            tests = list(dict.fromkeys(test.model_copy(update=what_if.changes()) for test in self.entry.claim.tests))
            asks = self._asks(tests, cell_m, f"what_if[{k}]")
            yield _tried(what_if.title, "what-if", base, self._brackets(asks, tests, "what if"), tests, _upper(asks))

    def _pins(
        self, asks: Sequence[Ask], base: Sequence[Bracket], verdict: Verdict, figures: Sequence[RangedFigure]
    ) -> Iterator[tuple[str, Tried]]:
        """Each figure that could change the verdict alone, pinned at one end while all others are at theirs."""
        tests = self.entry.claim.tests
        for k, (entry, path, claim) in enumerate(figures):
            self.tell("which figure", k, len(figures))
            for value, end in pins(path, claim, verdict, _upper(asks)):
                found = self._with(asks, base, end, entry, path, value)
                what = f"{entry}: {path} at {value:g} {claim.unit}".rstrip()
                yield f"{entry}: {path}", _tried(what, "figure", verdict, found, tests, _upper(asks))

    def _with(self, asks: Sequence[Ask], base: Sequence[Bracket], end: End, entry: str, path: str, value: float) -> list[Bracket]:
        """The shares with all figures at an end and one of them at a value; earlier results are reused if the figure has no effect."""
        found = list(base)
        for ask in asks:
            if any((name, figure.path) == (entry, path) for name, figure in ask.asked.situation.figures()):
                situation = situation_at(ask.asked.situation, end).with_figure(entry, path, value)
                for i, share in self._shares(ask, self.entry.claim.tests, situation):
                    found[i] = found[i].model_copy(update={end: share})
        return found

    def _shares(self, ask: Ask, tests: Sequence[ClaimTest], situation: Situation) -> Iterator[tuple[int, float]]:
        """The share of each test of a group in a modified situation."""
        assert ask.sky is not None
        assert ask.sky.inside is not None
        asked = ask.asked
        one = maps.map_of(
            situation, asked.terrain, ask.sky.cells, asked.levels_m, asked.above, self.threads, None, ask.known,
            headings=ask.sky.map.headings,
        )  # fmt: skip
        for i, level in zip(ask.numbers, ask.levels, strict=True):
            found = measured(one, level, asked.levels_m[level], ask.sky.cells, ask.sky.inside)
            yield i, getattr(found, tests[i].measure) or 0.0

    def _heaviest(self, asks: Sequence[Ask], base: Sequence[Bracket], cell_m: float) -> Weight | None:
        """The figure that, alone at the end that favours the defender, changes the share of the hardest test most."""
        tests = self.entry.claim.tests
        i = hardest([(share, test.at_least) for share, test in zip(base, tests, strict=True)])
        (ask,) = self._asks([tests[i]], cell_m, "tests")
        like = next(one for one in asks if i in one.numbers)
        assert like.sky is not None
        level = like.levels[like.numbers.index(i)]
        ask.sky = replace(like.sky, map=replace(like.sky.map, headings=like.sky.map.headings[level : level + 1]))
        as_chosen = base[i].likely
        figures = _ranged([ask])
        best: Weight | None = None
        for k, (entry, path, claim) in enumerate(figures):
            self.tell("which figure weighs most", k, len(figures))
            for value in favourable(path, claim):
                changed = ask.asked.situation.with_figure(entry, path, value)
                share = next(share for _, share in self._shares(ask, [tests[i]], changed))
                if share > (best.share if best else as_chosen):
                    best = Weight(
                        figure=f"{entry}: {path}", grade=str(claim.grade), end=value, unit=claim.unit, as_chosen=as_chosen,
                        share=round(share, 6),
                    )  # fmt: skip
        return best


def _upper(asks: Sequence[Ask]) -> bool:
    return any(ask.asked.terrain.is_upper_bound for ask in asks)


def _ranged(asks: Sequence[Ask]) -> list[RangedFigure]:
    """Figures with a range, of all systems involved."""
    every = {(name, one.path): one.figure for ask in asks for name, one in ask.asked.situation.figures()}
    return [(name, path, claim) for (name, path), claim in every.items() if claim.low != claim.high]


def _tried(what: str, kind: str, base: Verdict, found: Sequence[Bracket], tests: Sequence[ClaimTest], upper_bound: bool) -> Tried:
    """The result with one assumption changed."""
    verdict = overall([verdict_of(share, test.at_least, upper_bound)[0] for share, test in zip(found, tests, strict=True)])
    share, gap = gap_of(base, [(one, test.at_least, upper_bound) for one, test in zip(found, tests, strict=True)])
    return Tried.model_validate(
        {"what": what, "kind": kind, "verdict": verdict, "flips": verdict != base, "share": round(share, 6), "gap": round(gap, 6)}
    )
