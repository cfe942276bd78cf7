"""What an answer rests on: the ground and the figures it used."""

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
    """How many of the figures used are assumed or unverified."""

    count: int
    of: int
