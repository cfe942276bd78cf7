"""Outer draws of a coverage answer: what is closed with all figures drawn, counted on coarse cells, and what carries its spread."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from closedsky.coverage import maps
from closedsky.coverage.asked import Asked, frame_of
from closedsky.geo.cells import Cells, cells_of, inside
from closedsky.geo.terrain import Terrain
from closedsky.model.sky import DrawsUsed, LevelAnswer, Mover, OverDraws
from closedsky.progress import Progress
from closedsky.scenario.effects import bracket, effects
from closedsky.scenario.situation import Situation
from closedsky.scenario.unknown import Unknown, drawn, shares, unknowns

Floats = npt.NDArray[np.float64]
Moved = Callable[[Situation], Situation]

_CELLS, _WIDEST_CELL_M = 100_000, 50_000.0
"""About how many cells the draws are counted on, over all that the defence can see or reach, and the largest."""
_HEADINGS = 64
"""Headings that are enough on coarse cells: lines of large cells are jagged, and the worst of ever more finds ever more of the jags."""


@dataclass(frozen=True)
class Draws:
    """Outer draws of the figures of a request.

    asked     the request
    count     how many, from `seed`
    unknowns  the figures that are drawn
    shares    cumulative probabilities of the draws by role, (draws, 2)
    where     the coarse cells, over all that the defence can see or reach
    of_km2    what the closed area is divided by, level by level: the area above ground, km²; 1 without an area, 0 where nothing is
    headings  how many the worst heading is sought among, by level
    """

    asked: Asked
    count: int
    seed: int
    unknowns: Sequence[Unknown]
    shares: Mapping[str, Floats]
    where: Cells
    of_km2: Floats
    headings: Sequence[int]


@dataclass(frozen=True)
class Counted:
    """What is closed on some grounds, as shares of the area or in km² without one.

    chosen   with figures as chosen, (grounds, levels)
    drawn    by draw, (draws, levels); the draws take turns on the grounds
    """

    chosen: Floats
    drawn: Floats


def draws_of(asked: Asked, count: int, seed: int, headings: Sequence[int], levels: Sequence[LevelAnswer]) -> Draws | None:
    """The draws for an answer; None if there are to be none, or nothing has a range."""
    figures = unknowns(asked.situation)
    if count == 0 or not figures:
        return None
    unbound = replace(asked, area=None)
    full = frame_of(unbound, asked.cover)
    cell_m = asked.cover.cell_m * max(1.0, math.sqrt(full.rows * full.columns / _CELLS))
    frame = frame_of(unbound, asked.cover.model_copy(update={"cell_m": min(cell_m, _WIDEST_CELL_M)}))
    of_km2 = np.ones(len(levels))
    if asked.area is not None:
        of_km2 = asked.area.area_km2 * (1.0 - np.array([level.underground_share for level in levels]))
    most = max(_HEADINGS, max(headings) * asked.cover.cell_m / frame.cell_m)
    fewer = [next(many >> n for n in range(many) if many >> n <= most) for many in headings]
    columns = {unknown.role: shares(unknown, count, seed) for unknown in figures}
    return Draws(asked, count, seed, figures, columns, cells_of(frame), of_km2, fewer)


def closed_on(
    draws: Draws, ground: Terrain, which: Sequence[int], moved: Moved, threads: int | None, progress: Progress | None
) -> Floats:
    """What is closed over a ground on which units are `moved`: with figures as chosen, then by each of some draws, (1 + n, levels)."""
    asked, where, situation = draws.asked, draws.where, draws.asked.situation
    situations = [situation, *(_drawn(draws, k) for k in which)]
    land = np.ones(where.shape, np.bool_) if asked.area is None else inside(where, asked.area)
    found = np.zeros((len(situations), len(asked.levels_m)))
    made = maps.maps_of(
        [moved(one) for one in situations], ground, where, asked.levels_m, asked.above, draws.headings, threads, progress
    )
    for row, one in zip(found, made, strict=True):
        for i, of_km2 in enumerate(draws.of_km2):
            cells = np.count_nonzero(one.closed(i) & land & ~one.underground(i))
            row[i] = cells * where.cell_m**2 / 1e6 / of_km2 if of_km2 > 0.0 else 0.0
    return found


def turns(draws: Draws, grounds: int) -> list[list[int]]:
    """The draws that each of several grounds gets: they take turns."""
    return [list(range(turn, draws.count, grounds)) for turn in range(grounds)]


def counted(draws: Draws, found: Sequence[Floats]) -> Counted:
    """The answers of `closed_on` for each of the grounds, put together in the order of the draws."""
    by_draw = np.empty((draws.count, found[0].shape[1]))
    for which, one in zip(turns(draws, len(found)), found, strict=True):
        by_draw[which] = one[1:]
    return Counted(np.array([one[0] for one in found]), by_draw)


def over_terrain(draws: Draws) -> Counted:
    """What is closed over the terrain as it is."""
    asked = draws.asked
    return counted(draws, [closed_on(draws, asked.terrain, range(draws.count), lambda one: one, asked.threads, asked.progress)])


def bracketed(draws: Draws, found: Counted, levels: Sequence[LevelAnswer]) -> Iterator[LevelAnswer]:
    """The levels of an answer with what is closed over the draws, and what the coarse cells make of the likely answer."""
    digits = 1 if draws.asked.area is None else 6
    for i, level in enumerate(levels):
        likely = level.closed_km2 if draws.asked.area is None else level.closed_share
        if likely is None:
            yield level
            continue
        low, median, high = (round(point, digits) for point in bracket(found.drawn[:, i]))
        coarsening = round(float(np.mean(found.chosen[:, i])) - likely.likely, digits)
        over = OverDraws(bracket90=(low, high), median=median, coarsening=coarsening)
        yield level.model_copy(update={"closed_over_draws": over})


def used(draws: Draws, found: Counted) -> DrawsUsed:
    """How the draws were made, and how much of the variance of the mean over the levels the ground carries."""
    grounds = found.chosen.shape[0]
    share = _share_of_grounds(np.mean(found.drawn, axis=1), grounds) if grounds > 1 else None
    return DrawsUsed(
        count=draws.count, seed=draws.seed, cell_m=round(draws.where.cell_m, 1), grounds=grounds,
        grounds_share=None if share is None else round(share, 6),
    )  # fmt: skip


def movers(draws: Draws, found: Counted) -> tuple[Mover, ...]:
    """The figures with the greatest first-order effects on the mean of what is closed over the levels; fewer where fewer stand out.

    What lies between grounds is taken out first: it would drown them.
    """
    (digits, most), grounds = (1, math.inf) if draws.asked.area is None else (6, 1.0), found.chosen.shape[0]
    values = np.mean(found.drawn, axis=1)
    alike = np.arange(values.size) % grounds
    means = np.array([np.mean(values[alike == turn]) for turn in range(grounds)])
    values = values - means[alike] + np.mean(values)
    return tuple(
        Mover(
            figure=one.unknown.name, grade=one.unknown.grade, source=one.unknown.source, share=round(min(one.share, 1.0), 6),
            error=round(one.error, 6), low=round(min(max(one.low, 0.0), most), digits), high=round(min(max(one.high, 0.0), most), digits),
        )
        for one in effects(draws.unknowns, draws.shares, values, grounds - 1)
    )  # fmt: skip


def _drawn(draws: Draws, k: int) -> Situation:
    values = ((unknown, draws.shares[unknown.role][k].tolist()) for unknown in draws.unknowns)
    return drawn(draws.asked.situation, [(unknown, (share, other)) for unknown, (share, other) in values])


def _share_of_grounds(values: Floats, grounds: int) -> float:
    """The share of the variance of values by draw that lies between grounds, less what as many groups explain by chance."""
    overall = float(np.var(values, ddof=1))
    within = sum(float(np.sum((part - np.mean(part)) ** 2)) for part in (values[turn::grounds] for turn in range(grounds)))
    return max(1.0 - within / (values.size - grounds) / overall, 0.0) if overall > 0.0 else 0.0
