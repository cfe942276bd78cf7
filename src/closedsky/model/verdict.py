"""The assessment of a claim: the answer of `closedsky claims ID`."""

from typing import Literal

from closedsky.model.claim import ClaimTest
from closedsky.model.noun import Noun
from closedsky.model.scenario import Target
from closedsky.model.sky import Bracket
from closedsky.model.used import MapTerrain

Verdict = Literal["refuted", "not refuted", "supported"]


class TestAnswer(Noun):
    """One test: the share with its range, and its verdict."""

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
    """Which single assumption would change the verdict. `settled`: figures that the verdict already has at the end that could change it."""

    figures: int
    settled: int
    what_ifs: int
    cell_m: float
    flips: tuple[Tried, ...]
    nearest: Tried | None
    heaviest: Weight | None


class Assessment(Noun):
    """A claim assessed."""

    schema_version: Literal[1] = 1
    id: str
    said: str
    speaker: str
    date: str
    grade: str
    means: str
    verdict: Verdict
    why: str
    tests: tuple[TestAnswer, ...]
    flip: Flip
    catalogue_hash: str
    assumed: int
    figures: int
    warnings: tuple[str, ...]
