"""What an answer rests on: the ground and the figures it used."""

from typing import Self

from pydantic import model_validator

from closedsky.model.figure import UNCERTAIN, Grade
from closedsky.model.noun import Noun


class TerrainUsed(Noun):
    """The terrain under an answer: its name and the distance between its nodes, m (0: exact)."""

    name: str
    posting_m: float


class MapTerrain(TerrainUsed):
    """The terrain under a map: whether coarse nodes hide ridges, so that what is seen is an upper bound, and its label for titles."""

    upper_bound: bool
    label: str


class FiguresUsed(Noun):
    """How many figures were used (`of`), of each grade, and of uncertain grades: assumed, unverified or estimates (`count`)."""

    count: int
    of: int
    by_grade: dict[Grade, int]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(self.by_grade.values()) != self.of or sum(self.by_grade.get(grade, 0) for grade in UNCERTAIN) != self.count:
            raise ValueError(f"{self.count} of {self.of} are not the counts by grade {self.by_grade}")
        return self
