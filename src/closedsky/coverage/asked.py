"""A coverage request that is ready to be computed, its frame of cells, and the shares and areas that its answers count."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from closedsky.coverage import maps
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, Frame
from closedsky.geo.terrain import Terrain
from closedsky.model.scenario import Cover
from closedsky.model.sky import Above
from closedsky.progress import Progress
from closedsky.scenario.sides import End, situation_at
from closedsky.scenario.situation import Situation

Mask = npt.NDArray[np.bool_]

ENDS: tuple[End, ...] = ("low", "likely", "high")
USUAL_HEIGHTS_M = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)


@dataclass(frozen=True)
class Asked:
    """A coverage request: a situation with its `cover`, the terrain, and the area if there is one."""

    variant: str
    situation: Situation
    terrain: Terrain
    area: Area | None
    catalogue_hash: str
    threads: int | None = None
    progress: Progress | None = None

    @property
    def cover(self) -> Cover:
        """The request."""
        assert self.situation.scenario.cover is not None
        return self.situation.scenario.cover

    @property
    def levels_m(self) -> tuple[float, ...]:
        """Heights above ground or altitudes above sea, m."""
        return self.cover.heights_m or self.cover.altitudes_m or USUAL_HEIGHTS_M

    @property
    def above(self) -> Above:
        """The reference of the levels: ground or sea."""
        return "sea" if self.cover.altitudes_m else "ground"


def frame_of(asked: Asked, request: Cover) -> Frame:
    """The frame of cells, with figures at the ends that favour the defender: there units and radars reach farthest."""
    high = situation_at(asked.situation, "high")
    packed = maps.packed_defence(high, asked.terrain.ground)
    places = [item.at for item in asked.situation.scenario.defence]
    return maps.frame(packed, request, asked.terrain, asked.levels_m, asked.area, places)


def share_of(mask: Mask, of: Mask) -> float:
    """The share of the cells `of` that are in a mask."""
    many = int(np.count_nonzero(of))
    return round(float(np.count_nonzero(mask & of)) / many, 6) if many else 0.0


def km2_of(mask: Mask, where: Cells) -> float:
    """The area of a mask, km²."""
    return round(float(np.count_nonzero(mask)) * where.cell_m**2 / 1e6, 3)
