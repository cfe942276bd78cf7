"""A coverage request that is ready to be computed, its frame of cells, and the shares and areas that its answers count."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from closedsky.coverage import maps
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, Frame, inside
from closedsky.geo.terrain import Terrain
from closedsky.model.globe import QuickLevel
from closedsky.model.scenario import Cover
from closedsky.model.sky import Above
from closedsky.progress import Progress
from closedsky.scenario.sides import End, situation_at
from closedsky.scenario.situation import Situation

Mask = npt.NDArray[np.bool_]

ENDS: tuple[End, ...] = ("low", "likely", "high")
_CELLS, _WIDEST_CELL_M = 100_000, 5_000.0
"""About how many cells `coarser` leaves, but none larger than this."""
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


def land_of(asked: Asked, where: Cells) -> Mask | None:
    """The cells that lie in the area; None without an area."""
    return None if asked.area is None else inside(where, asked.area)


def coarser(asked: Asked) -> Asked:
    """The same request on cells no finer than shares need that are printed without a map."""
    full = frame_of(asked, asked.cover)
    enough_m = min(asked.cover.cell_m * math.sqrt(full.rows * full.columns / _CELLS), _WIDEST_CELL_M)
    cover = asked.cover.model_copy(update={"cell_m": max(asked.cover.cell_m, enough_m)})
    scenario = asked.situation.scenario.model_copy(update={"cover": cover})
    return replace(asked, situation=replace(asked.situation, scenario=scenario), progress=None)


def share_of(mask: Mask, of: Mask) -> float:
    """The share of the cells `of` that are in a mask."""
    many = int(np.count_nonzero(of))
    return round(float(np.count_nonzero(mask & of)) / many, 6) if many else 0.0


def km2_of(mask: Mask, where: Cells) -> float:
    """The area of a mask, km²."""
    return round(float(np.count_nonzero(mask)) * where.cell_m**2 / 1e6, 3)


def measured(one: maps.Map, i: int, level_m: float, where: Cells, land: Mask | None) -> QuickLevel:
    """Shares and areas of one level of a map; shares are of the cells of the area that are above ground."""
    under = one.underground(i)
    of = np.ones(where.shape, np.bool_) if land is None else land
    open_air = of & ~under
    layer = one.layers[i]
    found: dict[str, float | None] = {}
    masks = {"tracked": layer.tracked, "engageable": layer.engaged, "closed": one.closed(i), "behind_fence": one.behind_fence(i)}
    for name, mask in masks.items():
        found[f"{name}_share"] = None if land is None or not open_air.any() else share_of(mask, open_air)
        found[f"{name}_km2"] = km2_of(mask & ~under, where)
    return QuickLevel.model_validate({"level_m": level_m, "underground_share": share_of(under, of), **found})
