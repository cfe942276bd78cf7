"""How much of the sky a defence closes: the answer of a scenario's `cover`, with its range, and what moves it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from closedsky import skies
from closedsky.catalogue.library import uncertain
from closedsky.catalogue.sides import End, left_as_chosen, situation_at
from closedsky.catalogue.situation import Situation
from closedsky.errors import Fault, RequestError
from closedsky.io.area import Area
from closedsky.io.cells import Cells, inside
from closedsky.io.terrain import Terrain
from closedsky.model.scenario import Cover
from closedsky.model.sky import (
    Above,
    Approach,
    AreaAsked,
    Bracket,
    Circle,
    FiguresUsed,
    GroundUsed,
    LevelAnswer,
    Mover,
    Quantiles,
    Rose,
    Sampled,
    SkyAnswer,
    Volume,
)
from closedsky.model.system import Radar

Progress = Callable[[str, int, int], None]
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
    map: skies.Map
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


def closed_sky(
    asked: Asked, *, volume: bool = False, screening: bool = True, samples: int = 0, seed: int = 1, count_to: int = 0
) -> Sky:
    """The closed sky: shares, areas and volume with low, likely and high, and the figures that move it most.

    With `samples`, also quantiles of the closed share over so many drawings of all figures. On the map, opportunities are counted to as
    many as are asked for, or to `count_to`.
    """
    situation, area = asked.situation, asked.area
    if not situation.scenario.defence:
        raise RequestError(Fault("there is no defence", "defence", "place at least one unit"))
    found = skies.circles(situation)
    where = _frame(asked, asked.cover)
    land = inside(where, area) if area is not None else None
    maps = {end: _map(asked, end, where, asked.levels_m, asked.above, count_to if end == "likely" else 0) for end in ENDS}
    levels = tuple(_level(maps, i, level_m, where, land) for i, level_m in enumerate(asked.levels_m))
    round_them = within(where, found)
    circles_share = _share(round_them, land) if land is not None else None
    answer = SkyAnswer(
        variant=asked.variant,
        target=asked.cover.target,
        above=asked.above,
        opportunities=asked.cover.opportunities,
        together=asked.cover.together,
        headings=_headings(asked.cover),
        slewing=tuple(sorted(skies.slewing(situation))),
        cell_m=where.cell_m,
        terrain=GroundUsed(
            name=asked.terrain.name, posting_m=round(asked.terrain.posting_m, 1), upper_bound=asked.terrain.is_upper_bound
        ),
        catalogue_hash=asked.catalogue_hash,
        area=AreaAsked(name=area.name, iso3=area.iso3, km2=round(area.area_km2, 1)) if area is not None else None,
        circles=found,
        circles_km2=_km2(round_them, where),
        circles_share=circles_share,
        levels=levels,
        roses=tuple(_rose(asked, asset.name or asset.id, asset.at) for asset in situation.scenario.assets),
        volume=_volume(asked, where, found, round_them) if volume and found else None,
        sampled=_sampled(asked, samples, seed) if samples > 0 else None,
        assumed=_assumed(asked, screening),
        left_as_chosen=tuple(name for name, _ in left_as_chosen(situation)),
        warnings=(*_warnings(asked), *_misplaced(asked, where, land)),
    )
    return Sky(answer, where, maps["likely"], land)


def likely_map(asked: Asked) -> tuple[Cells, skies.Map]:
    """The map alone, its figures as chosen, and its cells."""
    where = _frame(asked, asked.cover)
    return where, _map(asked, "likely", where, asked.levels_m, asked.above)


def within(where: Cells, found: Sequence[Circle]) -> Mask:
    """Cells within the brochure circle of any unit."""
    out = np.zeros(where.shape, np.bool_)
    for one in found:
        lat, lon = np.radians(where.lat_deg), np.radians(where.lon_deg)
        at_lat, at_lon = (math.radians(x) for x in one.at)
        half = np.sin(0.5 * (lat - at_lat)) ** 2 + np.cos(lat) * math.cos(at_lat) * np.sin(0.5 * (lon - at_lon)) ** 2
        out |= half <= math.sin(0.5 * one.range_km / 6_371.0) ** 2
    return out


def _frame(asked: Asked, request: Cover) -> Cells:
    """Cells for the ends of the figures at which units and radars reach farthest: the defender's."""
    high = situation_at(asked.situation, "high")
    packed = skies.packed_defence(high, skies.ground_of(asked.terrain))
    places = [item.at for item in asked.situation.scenario.defence]
    return skies.frame(packed, request, asked.terrain, asked.levels_m, asked.area, places)


def _map(asked: Asked, end: End, where: Cells, levels_m: Sequence[float], above: Above, count_to: int = 0) -> skies.Map:
    tell = asked.progress
    report = None if tell is None else (lambda what, done, of: tell(f"{end}: {what}", done, of))
    return skies.map_of(
        situation_at(asked.situation, end), asked.terrain, where, levels_m, above, asked.threads, report, None, count_to
    )


def _level(maps: dict[End, skies.Map], i: int, level_m: float, where: Cells, land: Mask | None) -> LevelAnswer:
    under = maps["likely"].underground(i)
    of = np.ones(where.shape, np.bool_) if land is None else land
    open_air = of & ~under

    def bracket(what: Callable[[skies.Map], Mask], count: Callable[[Mask], float]) -> Bracket:
        return Bracket(**{end: count(what(one) & ~under) for end, one in maps.items()})

    def shares(what: Callable[[skies.Map], Mask]) -> Bracket | None:
        return None if land is None or not open_air.any() else bracket(what, lambda mask: _share(mask, open_air))

    def areas(what: Callable[[skies.Map], Mask]) -> Bracket:
        return bracket(what, lambda mask: _km2(mask, where))

    return LevelAnswer(
        level_m=level_m,
        underground_share=_share(under, of),
        tracked_share=shares(lambda one: one.layers[i].tracked),
        engageable_share=shares(lambda one: one.layers[i].engaged),
        closed_share=shares(lambda one: one.closed(i)),
        tracked_km2=areas(lambda one: one.layers[i].tracked),
        engageable_km2=areas(lambda one: one.layers[i].engaged),
        closed_km2=areas(lambda one: one.closed(i)),
    )


def _headings(request: Cover) -> str:
    return "worst of 8 headings" if request.toward is None else f"inbound to {request.toward[0]:g}, {request.toward[1]:g}"


def _share(mask: Mask, of: Mask) -> float:
    cells_of = int(np.count_nonzero(of))
    return round(float(np.count_nonzero(mask & of)) / cells_of, 6) if cells_of else 0.0


def _km2(mask: Mask, where: Cells) -> float:
    return round(float(np.count_nonzero(mask)) * where.cell_m**2 / 1e6, 3)


def _volume(asked: Asked, where: Cells, found: Sequence[Circle], circles: Mask) -> Volume:
    """Closed volume above the ground within the brochure circles, up to the highest ceiling: trapezoids between levels."""
    ceiling_m = 1000.0 * max(one.ceiling_km for one in found)
    heights_m = [max(share * ceiling_m, 1.0) for share in VOLUME_SHARES]
    closed = {}
    for end in ENDS:
        one = _map(asked, end, where, heights_m, "ground")
        areas = [_km2(one.closed(i) & circles, where) for i in range(len(heights_m))]
        closed[end] = float(np.trapezoid(areas, heights_m)) / 1000.0
    whole = _km2(circles, where) * ceiling_m / 1000.0
    return Volume(
        ceiling_m=ceiling_m,
        closed_km3=Bracket(**{end: round(value, 1) for end, value in closed.items()}),
        circles_km3=round(whole, 1),
        ratio=Bracket(**{end: round(value / whole, 4) for end, value in closed.items()}),
    )


def _rose(asked: Asked, name: str, at: tuple[float, float]) -> Rose:
    """What approaches from all round are offered: threats by themselves, and as many together as is asked."""
    raids = tuple(dict.fromkeys((1, asked.cover.together)))
    found = {
        end: skies.rose_of(
            situation_at(asked.situation, end), asked.terrain, at, asked.levels_m, asked.above, raids, asked.threads
        )
        for end in ENDS
    }
    approaches = []
    for i, level_m in enumerate(asked.levels_m):
        for j, together in enumerate(raids):
            alive = {end: found[end][i][j][1] for end in ENDS}
            leakage = tuple(Bracket(**{end: round(alive[end][azimuth], 6) for end in ENDS}) for azimuth in range(skies.AZIMUTHS))
            approaches.append(
                Approach(level_m=level_m, together=together, opportunities=tuple(found["likely"][i][j][0]), leakage=leakage)
            )
    azimuths = tuple(360.0 / skies.AZIMUTHS * n for n in range(skies.AZIMUTHS))
    return Rose(asset=name, at=at, azimuths_deg=azimuths, approaches=tuple(approaches))


def _assumed(asked: Asked, screening: bool) -> FiguresUsed:
    """How many figures are assumed; with `screening`, which of them move the closed area most, one at a time, on coarse cells."""
    every = asked.situation.figures()
    movers = None
    if screening and asked.terrain.grid.size <= _MOST_NODES:
        movers = most_influential(screened(asked))
    weak = uncertain(dict.fromkeys(figure for _, figure in every))
    return FiguresUsed(count=len(weak), of=len(every), most_influential=movers)


class _Coarse:
    """The same question on coarser cells, to be asked many times with other figures; floors are remembered."""

    def __init__(self, asked: Asked) -> None:
        full = _frame(asked, asked.cover)
        cell_m = min(asked.cover.cell_m * max(1.0, math.sqrt(full.lat_deg.size / _COARSE_CELLS)), 50_000.0)
        self.asked, self.floors = asked, skies.Floors()
        self.where = _frame(asked, asked.cover.model_copy(update={"cell_m": cell_m}))
        self.land = inside(self.where, asked.area) if asked.area is not None else np.ones(self.where.shape, np.bool_)

    def closed(self, situation: Situation) -> list[tuple[Mask, Mask]]:
        """For each level the cells that are closed, and those they are counted among."""
        asked = self.asked
        one = skies.map_of(situation, asked.terrain, self.where, asked.levels_m, asked.above, asked.threads, None, self.floors)
        of = [self.land & ~one.underground(i) for i in range(len(asked.levels_m))]
        return [(one.closed(i) & open_air, open_air) for i, open_air in enumerate(of)]


def _sampled(asked: Asked, samples: int, seed: int) -> Sampled:
    """Quantiles over drawings of every ranged figure at once."""
    coarse = _Coarse(asked)
    random = np.random.default_rng(seed)
    found = np.empty((samples, len(asked.levels_m)))
    figures = [(entry, figure) for entry, figure in asked.situation.figures() if figure.claim.low != figure.claim.high]
    for n in range(samples):
        if asked.progress is not None:
            asked.progress("samples of the figures", n, samples)
        drawn = asked.situation
        for entry, (path, claim) in figures:
            assert claim.low is not None
            assert claim.high is not None
            value = float(random.triangular(claim.low, claim.value, claim.high))
            whole = claim.unit in ("count", "") and claim.value == round(claim.value)
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

    figures = [(entry, figure) for entry, figure in asked.situation.figures() if figure.claim.low != figure.claim.high]
    found = []
    for done, (entry, (path, claim)) in enumerate(figures):
        if asked.progress is not None:
            asked.progress("which figures matter", done, len(figures))
        assert claim.low is not None
        assert claim.high is not None
        low, high = (closed_km2(asked.situation.with_figure(entry, path, end)) for end in (claim.low, claim.high))
        found.append(Mover(figure=f"{entry}: {path}", grade=str(claim.grade), low_km2=low, high_km2=high))
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
    turning = skies.slewing(asked.situation)
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
        lat, lon = item.at
        away = np.hypot(where.lat_deg - lat, ((where.lon_deg - lon + 180.0) % 360.0 - 180.0) * math.cos(math.radians(lat)))
        if land.flat[int(np.argmin(away))]:
            return
    yield f"no unit stands in {asked.area.name}"


def _radar_of(situation: Situation, system: str) -> Radar:
    return situation.systems[system].radars[situation.systems[system].fire_unit.engagement_radar]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
