"""Units without a heading that keep one sector: each is given the heading on which it closes most by itself."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from closedsky.coverage import maps
from closedsky.coverage.asked import Asked, land_of
from closedsky.coverage.worst import FIRST
from closedsky.geo.cells import Frame, cells_of
from closedsky.model.scenario import Deployment
from closedsky.scenario.situation import Situation
from closedsky.threads import threads_to_use

HEADINGS_DEG = tuple(15.0 * n for n in range(24))
_CELLS_OUT = 30
"""Cells from a unit to the end of its reach, on the maps on which its headings are compared."""


def sectored(asked: Asked) -> list[str]:
    """Units without a heading whose engagement radar does not see all around: they cover any one direction at a time."""
    turning, systems = maps.slewing(asked.situation), asked.situation.systems
    return [
        item.id
        for item in asked.situation.scenario.defence
        if item.id in turning and systems[item.system].engagement_radar.sector.si < 2.0 * math.pi - 1e-6
    ]


def staring(asked: Asked) -> Situation:
    """The situation with a heading for each unit of `sectored`: of 24, the one on which it closes most of the area by itself.

    What counts is the mean over the levels, of the cells of the area, or of all cells without one; the northernmost of equals.
    """
    units = [item for item in asked.situation.scenario.defence if item.id in sectored(asked)]
    alone = replace(asked, threads=1)  # their maps are small
    headings = {}
    with ThreadPoolExecutor(threads_to_use(asked.threads)) as pool:
        for unit, best in zip(units, pool.map(lambda unit: _best(alone, unit), units), strict=True):
            headings[unit.id] = best
            if asked.progress is not None:
                asked.progress("headings of the units", len(headings), len(units))
    defence = tuple(
        item.model_copy(update={"heading_deg": headings[item.id]}) if item.id in headings else item
        for item in asked.situation.scenario.defence
    )
    return _with_defence(asked.situation, defence)


def _best(asked: Asked, unit: Deployment) -> float:
    """The heading on which one unit alone closes most."""
    alone = replace(asked, situation=_with_defence(asked.situation, (unit,)), progress=None)
    where, known = cells_of(_frame(alone)), maps.Known()
    land = land_of(asked, where)
    if land is not None and not land.any():
        land = None  # it closes none of the area whichever way it looks
    closed = []
    for heading_deg in HEADINGS_DEG:
        situation = _with_defence(asked.situation, (unit.model_copy(update={"heading_deg": heading_deg}),))
        found = maps.map_of(
            situation, asked.terrain, where, asked.levels_m, asked.above, asked.threads, None, known,
            headings=[FIRST] * len(asked.levels_m),
        )  # fmt: skip
        masks = [found.closed(i) & ~found.underground(i) for i in range(len(asked.levels_m))]
        closed.append(sum(int(np.count_nonzero(mask if land is None else mask & land)) for mask in masks))
    return HEADINGS_DEG[int(np.argmax(closed))]


def _frame(alone: Asked) -> Frame:
    """The frame of the maps of one unit, without the area around it."""
    packed = maps.packed_defence(alone.situation, alone.terrain.ground)
    cell_m = max(alone.cover.cell_m, maps.far_m(packed.defence, 0, maps.probe_of(alone.cover)) / _CELLS_OUT)
    cover = alone.cover.model_copy(update={"cell_m": min(cell_m, 50_000.0)})
    return maps.frame(packed, cover, alone.terrain, alone.levels_m, None, [alone.situation.scenario.defence[0].at])


def _with_defence(situation: Situation, defence: Sequence[Deployment]) -> Situation:
    return replace(situation, scenario=situation.scenario.model_copy(update={"defence": tuple(defence)}))
