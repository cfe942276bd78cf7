"""How much of the sky a defence closes: the answer of a scenario's `cover`, with its range, and what moves it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.catalogue.library import uncertain
from closedsky.coverage import maps
from closedsky.coverage.kept import Kept, number_of
from closedsky.errors import Fault, RequestError
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, Frame, cell_at, cells_of, inside
from closedsky.geo.terrain import Terrain
from closedsky.model.globe import QuickLevel
from closedsky.model.scenario import Cover
from closedsky.model.sky import (
    Above,
    Approach,
    AreaAsked,
    Bracket,
    Circle,
    CoverFigures,
    LevelAnswer,
    Mover,
    Quantiles,
    Rose,
    Sampled,
    SkyAnswer,
    Volume,
)
from closedsky.model.system import Radar
from closedsky.progress import Progress
from closedsky.scenario.sides import End, left_as_chosen, situation_at
from closedsky.scenario.situation import Situation

Mask = npt.NDArray[np.bool_]

ENDS: tuple[End, ...] = ("low", "likely", "high")
USUAL_HEIGHTS_M = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)
VOLUME_SHARES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Levels between which volume is taken as even, in shares of the ceiling."""
_COARSE_CELLS = 20_000
_MOST_NODES = 20_000_000
"""Nodes of terrain above which it is not asked which figures matter: floors would be swept over and over."""


@dataclass(frozen=True)
class Sky:
    """The answer, and the map it was counted on, its figures as chosen."""

    answer: SkyAnswer
    cells: Cells
    map: maps.Map
    inside: Mask | None


@dataclass(frozen=True)
class Asked:
    """What is asked: a situation with its `cover`, the ground, the area if there is one."""

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
        """Heights above ground, or altitudes above sea."""
        return self.cover.heights_m or self.cover.altitudes_m or USUAL_HEIGHTS_M

    @property
    def above(self) -> Above:
        """What levels are counted from."""
        return "sea" if self.cover.altitudes_m else "ground"


@dataclass(frozen=True)
class Seen:
    """The map with figures as chosen; which of its cells lie in the area, if one was asked about; and what else may start from."""

    asked: Asked
    cells: Cells
    inside: Mask | None
    map: maps.Map
    known: maps.Known


class Circled(NamedTuple):
    """Brochure circles, the cells within any of them, their area in km², and the share of the area asked about that they take."""

    circles: tuple[Circle, ...]
    mask: Mask
    km2: float
    share: float | None


def seen(asked: Asked, count_to: int = 0, kept: Kept | None = None) -> Seen:
    """The map alone, its figures as chosen. Opportunities are counted to as many as are asked for, or to `count_to`.

    With `kept`, it goes on from what is kept there of maps seen before, and leaves there what the next may go on from.
    """
    if not asked.situation.scenario.defence:
        raise RequestError(Fault("there is no defence", "defence", "place at least one unit"))
    frame, area = _frame(asked, asked.cover), asked.area
    if kept is None:
        where, known = cells_of(frame), maps.Known()
        land = inside(where, area) if area is not None else None
    else:
        where = kept.made(("frame", frame), lambda: cells_of(frame))
        known = maps.Known(kept, (frame, number_of(asked.terrain)), gone_on=True)
        land = kept.made(("land", frame, area.digest), lambda: inside(where, area)) if area is not None else None
    return Seen(asked, where, land, _map(asked, "likely", where, asked.levels_m, asked.above, count_to, known), known)


def closed_sky(
    asked: Asked, *, volume: bool = False, screening: bool = True, samples: int = 0, seed: int = 1, count_to: int = 0
) -> Sky:
    """The closed sky: shares, areas and volume with low, likely and high, and the figures that move it most.

    With `samples`, also quantiles of the closed share over so many drawings of all figures. On the map, opportunities are counted to as
    many as are asked for, or to `count_to`.
    """
    return full_answer(seen(asked, count_to), volume=volume, screening=screening, samples=samples, seed=seed)


def full_answer(start: Seen, *, volume: bool = False, screening: bool = True, samples: int = 0, seed: int = 1) -> Sky:
    """What `closed_sky` answers, the map with figures as chosen being there."""
    asked, where, land = start.asked, start.cells, start.inside
    by_end: dict[End, maps.Map] = {"likely": start.map}
    for end in ("low", "high"):
        by_end[end] = _map(asked, end, where, asked.levels_m, asked.above, 0, start.known.aside())
    brochure = circled(start)
    answer = SkyAnswer(
        variant=asked.variant,
        target=asked.cover.target,
        above=asked.above,
        opportunities=asked.cover.opportunities,
        together=asked.cover.together,
        levels=tuple(_level(by_end, i, level_m, where, land) for i, level_m in enumerate(asked.levels_m)),
        roses=tuple(_rose(asked, asset.name or asset.id, asset.at) for asset in asked.situation.scenario.assets),
        volume=_volume(start, brochure) if volume and brochure.circles else None,
        sampled=_sampled(asked, samples, seed) if samples > 0 else None,
        assumed=_assumed(asked, screening),
        left_as_chosen=tuple(name for name, _ in left_as_chosen(asked.situation)),
        **common_fields(start, brochure),
    )
    return Sky(answer, where, start.map, land)


def common_fields(start: Seen, brochure: Circled) -> dict[str, Any]:
    """What a quick answer and a full one say alike."""
    asked, area, terrain = start.asked, start.asked.area, start.asked.terrain
    return {
        "headings": _headings(asked.cover),
        "slewing": tuple(sorted(maps.slewing(asked.situation))),
        "cell_m": start.cells.cell_m,
        "terrain": terrain.used(),
        "catalogue_hash": asked.catalogue_hash,
        "area": AreaAsked(name=area.name, iso3=area.iso3, km2=round(area.area_km2, 1)) if area is not None else None,
        "circles": brochure.circles,
        "circles_km2": brochure.km2,
        "circles_share": brochure.share,
        "warnings": (*_warnings(asked), *_misplaced(asked, start.cells, start.inside)),
    }


def circled(start: Seen) -> Circled:
    """The brochure circles of all units, on a sphere."""
    found = maps.circles(start.asked.situation)
    mask = maps.in_circles(start.known, found, start.asked.threads)
    return Circled(found, mask, _km2(mask, start.cells), None if start.inside is None else _share(mask, start.inside))


def _frame(asked: Asked, request: Cover) -> Frame:
    """The frame of cells for the ends of the figures at which units and radars reach farthest: the defender's."""
    high = situation_at(asked.situation, "high")
    packed = maps.packed_defence(high, asked.terrain.ground)
    places = [item.at for item in asked.situation.scenario.defence]
    return maps.frame(packed, request, asked.terrain, asked.levels_m, asked.area, places)


def _map(
    asked: Asked, end: End, where: Cells, levels_m: Sequence[float], above: Above, count_to: int, known: maps.Known
) -> maps.Map:
    tell = asked.progress
    report = None if tell is None else (lambda what, done, of: tell(f"{end}: {what}", done, of))
    return maps.map_of(
        situation_at(asked.situation, end), asked.terrain, where, levels_m, above, asked.threads, report, known, count_to
    )


def measured(one: maps.Map, i: int, level_m: float, where: Cells, land: Mask | None) -> QuickLevel:
    """Shares and areas of one level of a map; shares are of what of the area is not under ground."""
    under = one.underground(i)
    of = np.ones(where.shape, np.bool_) if land is None else land
    open_air = of & ~under
    layer = one.layers[i]
    found: dict[str, float | None] = {}
    for name, mask in (("tracked", layer.tracked), ("engageable", layer.engaged), ("closed", one.closed(i))):
        found[f"{name}_share"] = None if land is None or not open_air.any() else _share(mask, open_air)
        found[f"{name}_km2"] = _km2(mask & ~under, where)
    return QuickLevel.model_validate({"level_m": level_m, "underground_share": _share(under, of), **found})


def _level(by_end: Mapping[End, maps.Map], i: int, level_m: float, where: Cells, land: Mask | None) -> LevelAnswer:
    found = {end: measured(one, i, level_m, where, land) for end, one in by_end.items()}

    def bracket(name: str) -> Bracket | None:
        values = {end: getattr(one, name) for end, one in found.items()}
        return None if None in values.values() else Bracket(**values)

    names = (f"{what}_{unit}" for unit in ("share", "km2") for what in ("tracked", "engageable", "closed"))
    likely = found["likely"]
    brackets = {name: bracket(name) for name in names}
    return LevelAnswer.model_validate({"level_m": level_m, "underground_share": likely.underground_share, **brackets})


def _headings(request: Cover) -> str:
    return "worst of 8 headings" if request.toward is None else f"inbound to {request.toward[0]:g}, {request.toward[1]:g}"


def _share(mask: Mask, of: Mask) -> float:
    many = int(np.count_nonzero(of))
    return round(float(np.count_nonzero(mask & of)) / many, 6) if many else 0.0


def _km2(mask: Mask, where: Cells) -> float:
    return round(float(np.count_nonzero(mask)) * where.cell_m**2 / 1e6, 3)


def _volume(start: Seen, brochure: Circled) -> Volume:
    """Closed volume above the ground within the brochure circles, up to the highest ceiling: trapezoids between levels."""
    where = start.cells
    ceiling_m = 1000.0 * max(one.ceiling_km for one in brochure.circles)
    heights_m = [max(share * ceiling_m, 1.0) for share in VOLUME_SHARES]
    closed = {}
    for end in ENDS:
        one = _map(start.asked, end, where, heights_m, "ground", 0, start.known.aside())
        areas = [_km2(one.closed(i) & brochure.mask, where) for i in range(len(heights_m))]
        closed[end] = float(np.trapezoid(areas, heights_m)) / 1000.0
    whole_km3 = brochure.km2 * ceiling_m / 1000.0
    return Volume(
        ceiling_m=ceiling_m,
        closed_km3=Bracket(**{end: round(value, 1) for end, value in closed.items()}),
        circles_km3=round(whole_km3, 1),
        ratio=Bracket(**{end: round(value / whole_km3, 4) for end, value in closed.items()}),
    )


def _rose(asked: Asked, name: str, at: tuple[float, float]) -> Rose:
    """What approaches from all round are offered: threats by themselves, and as many together as is asked."""
    raids = tuple(dict.fromkeys((1, asked.cover.together)))
    found = {
        end: maps.rose_of(
            situation_at(asked.situation, end), asked.terrain, at, asked.levels_m, asked.above, raids, asked.threads
        )
        for end in ENDS
    }
    approaches = []
    for i, level_m in enumerate(asked.levels_m):
        for j, together in enumerate(raids):
            alive = {end: found[end][i][j][1] for end in ENDS}
            leakage = tuple(Bracket(**{end: round(alive[end][azimuth], 6) for end in ENDS}) for azimuth in range(maps.AZIMUTHS))
            approaches.append(
                Approach(level_m=level_m, together=together, opportunities=tuple(found["likely"][i][j][0]), leakage=leakage)
            )
    azimuths = tuple(360.0 / maps.AZIMUTHS * n for n in range(maps.AZIMUTHS))
    return Rose(asset=name, at=at, azimuths_deg=azimuths, approaches=tuple(approaches))


def _assumed(asked: Asked, screening: bool) -> CoverFigures:
    """How many figures are assumed; with `screening`, which of them move the closed area most, one at a time, on coarse cells."""
    every = asked.situation.figures()
    movers = None
    if screening and asked.terrain.grid.size <= _MOST_NODES:
        movers = most_influential(screened(asked))
    weak = uncertain(dict.fromkeys(figure for _, figure in every))
    return CoverFigures(count=len(weak), of=len(every), most_influential=movers)


class _Coarse:
    """The same question on coarser cells, to be asked many times with other figures; floors are remembered."""

    def __init__(self, asked: Asked) -> None:
        full = _frame(asked, asked.cover)
        cell_m = min(asked.cover.cell_m * max(1.0, math.sqrt(full.rows * full.columns / _COARSE_CELLS)), 50_000.0)
        self.asked, self.known = asked, maps.Known()
        self.where = cells_of(_frame(asked, asked.cover.model_copy(update={"cell_m": cell_m})))
        self.land = inside(self.where, asked.area) if asked.area is not None else np.ones(self.where.shape, np.bool_)

    def closed(self, situation: Situation) -> list[tuple[Mask, Mask]]:
        """For each level the cells that are closed, and those they are counted among."""
        asked = self.asked
        one = maps.map_of(situation, asked.terrain, self.where, asked.levels_m, asked.above, asked.threads, None, self.known)
        of = [self.land & ~one.underground(i) for i in range(len(asked.levels_m))]
        return [(one.closed(i) & open_air, open_air) for i, open_air in enumerate(of)]


def _sampled(asked: Asked, samples: int, seed: int) -> Sampled:
    """Quantiles over drawings of every ranged figure at once."""
    coarse = _Coarse(asked)
    random = np.random.default_rng(seed)
    found = np.empty((samples, len(asked.levels_m)))
    figures = [(entry, figure) for entry, figure in asked.situation.figures() if figure.figure.low != figure.figure.high]
    for n in range(samples):
        if asked.progress is not None:
            asked.progress("samples of the figures", n, samples)
        drawn = asked.situation
        for entry, (path, figure) in figures:
            assert figure.low is not None
            assert figure.high is not None
            value = float(random.triangular(figure.low, figure.value, figure.high))
            whole = figure.unit in ("count", "") and figure.value == round(figure.value)
            drawn = drawn.with_figure(entry, path, float(round(value)) if whole else value)
        for i, (closed, of) in enumerate(coarse.closed(drawn)):
            found[n, i] = _share(closed, of) if asked.area is not None else _km2(closed, coarse.where)
    quantiles = np.quantile(found, (0.05, 0.5, 0.95), axis=0)
    levels = tuple(
        Quantiles(level_m=level_m, **dict(zip(("q05", "q50", "q95"), (round(float(q), 6) for q in quantiles[:, i]), strict=True)))
        for i, level_m in enumerate(asked.levels_m)
    )
    return Sampled(samples=samples, seed=seed, cell_m=coarse.where.cell_m, levels=levels)


def screened(asked: Asked) -> list[Mover]:
    """The mean closed area over the levels with each ranged figure at its low and its high end, all else as chosen."""
    coarse = _Coarse(asked)

    def closed_km2(situation: Situation) -> float:
        return float(np.mean([_km2(closed, coarse.where) for closed, _ in coarse.closed(situation)]))

    figures = [(entry, figure) for entry, figure in asked.situation.figures() if figure.figure.low != figure.figure.high]
    found = []
    for done, (entry, (path, figure)) in enumerate(figures):
        if asked.progress is not None:
            asked.progress("which figures matter", done, len(figures))
        assert figure.low is not None
        assert figure.high is not None
        low, high = (closed_km2(asked.situation.with_figure(entry, path, end)) for end in (figure.low, figure.high))
        found.append(Mover(figure=f"{entry}: {path}", grade=str(figure.grade), low_km2=low, high_km2=high))
    return found


def most_influential(found: Sequence[Mover], first: int = 3) -> tuple[Mover, ...]:
    """The `first` that move the closed area most."""
    ranked = sorted(found, key=lambda one: (-abs(one.high_km2 - one.low_km2), one.figure))
    return tuple(one for one in ranked[:first] if one.high_km2 != one.low_km2)


def _warnings(asked: Asked) -> Iterator[str]:
    terrain = asked.terrain
    if terrain.is_upper_bound:
        yield f"terrain of {terrain.posting_m / 1000:.0f} km posting hides ridges: what is seen and closed is an upper bound"
    yield from terrain.notes
    turning = maps.slewing(asked.situation)
    sectored = [
        item.id
        for item in asked.situation.scenario.defence
        if item.id in turning and _radar_of(asked.situation, item.system).sector.si < 2.0 * math.pi - 1e-6
    ]
    if sectored:
        yield f"any one direction at a time, not all at once, is covered by units without a heading: {_listed(sectored)}"
    for item in asked.situation.scenario.defence:
        system = asked.situation.systems[item.system]
        if not any(asked.cover.target.kind in system.missiles[name].targets for name in system.fire_unit.load):
            yield f"'{item.id}' ({item.system}) has no missile against {asked.cover.target.kind}"


def _misplaced(asked: Asked, where: Cells, land: Mask | None) -> Iterator[str]:
    """Units that all stand outside the area whose share is asked: most likely the one or the other is not where it was meant to be."""
    if land is None or asked.area is None:
        return
    for item in asked.situation.scenario.defence:
        at = cell_at(where, *item.at)
        if at is not None and land[at]:
            return
    yield f"no unit stands in {asked.area.name}"


def _radar_of(situation: Situation, system: str) -> Radar:
    return situation.systems[system].engagement_radar


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
