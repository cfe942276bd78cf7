"""The assessment of a claim: the answer of `closedsky claims ID`."""

from typing import Literal

from closedsky.model.claim import ClaimTest
from closedsky.model.figure import Grade
from closedsky.model.noun import Noun
from closedsky.model.scenario import Target
from closedsky.model.sky import Bracket
from closedsky.model.used import MapTerrain

Verdict = Literal["refuted", "not refuted", "supported"]
Finding = Literal["refuted", "not refuted", "supported", "not tested: source not verified"]
"""The verdict on a claim: none on words that nobody could read at a source."""


class TestAnswer(Noun):
    """One test: the share with its range, and its verdict.

    `circles_share` is the share that the circles of the published ranges cover, at the end that favours the defender; null where missiles
    do not matter. `by_arithmetic`: that share is below the threshold already, so that no simulation is needed.
    """

    __test__ = False  # pytest would collect it by its name

    test: ClaimTest
    variant: str
    area: str
    target: Target
    units: int
    share: Bracket
    verdict: Verdict
    why: str
    terrain: MapTerrain
    cell_m: float
    circles_share: float | None
    by_arithmetic: bool


class Need(Noun):
    """What the hardest test of a refuted claim would need, with every figure at the end that favours the defender.

    `needed_km2` is the area asked for. Of the units of the test, each by itself: the largest area of what the test measures (`alone_km2`,
    of `system` at `unit`), and the largest area beyond which a unit adds nothing (`most_km2`; of closed: what it can engage over).
    `side_by_side` and `at_least` are the numbers of units that follow from them; null for an area of nought.
    """

    test: int
    system: str
    unit: str
    needed_km2: float
    alone_km2: float
    most_km2: float
    side_by_side: int | None
    at_least: int | None


class Tried(Noun):
    """One assumption changed: the resulting verdict, and the share of the decisive test at the end that decides.

    `gap` is the distance of that share from one that would change the verdict; negative if it does.
    """

    what: str
    kind: Literal["figure", "what-if"]
    verdict: Verdict
    flips: bool
    share: float
    gap: float


class Weight(Noun):
    """The figure that changes the share of the hardest test most, alone: the share as chosen, and with it at one end."""

    figure: str
    grade: str
    end: float
    unit: str
    as_chosen: float
    share: float


class Flip(Noun):
    """Which single assumption would change the verdict.

    `settled`: figures that the verdict already has at the end that could change it. `asked`: every what-if, in the order of the claim.
    """

    figures: int
    settled: int
    what_ifs: int
    asked: tuple[Tried, ...]
    cell_m: float
    flips: tuple[Tried, ...]
    nearest: Tried | None
    heaviest: Weight | None


class Assessment(Noun):
    """A claim assessed.

    `verdict` is none if the source is not verified; `computed` is that of the tests all the same. `answer` is the verdict in plain words,
    `number` what the hardest test found and would need.
    """

    schema_version: Literal[2] = 2
    id: str
    said: str
    words: str
    speaker: str
    date: str
    grade: str
    means: str
    verdict: Finding
    computed: Verdict
    answer: str
    number: str
    why: str
    need: Need | None
    tests: tuple[TestAnswer, ...]
    flip: Flip
    catalogue_hash: str
    assumed: int
    figures: int
    by_grade: dict[Grade, int]
    warnings: tuple[str, ...]
