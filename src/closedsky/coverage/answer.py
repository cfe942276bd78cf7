"""Coverage of a defence: shares, areas and volume tracked, engageable and closed, low, likely and high, from a scenario's `cover`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from closedsky.catalogue.figures import used
from closedsky.coverage import maps
from closedsky.coverage.asked import ENDS, Asked, Mask, coarser, frame_of, km2_of, land_of, measured, share_of
from closedsky.coverage.draws import Counted, Draws, bracketed, draws_of, movers, over_terrain
from closedsky.coverage.draws import used as draws_used
from closedsky.coverage.kept import Kept, number_of
from closedsky.coverage.relief import over_relief
from closedsky.coverage.staring import sectored, staring
from closedsky.errors import Fault, RequestError, TerrainError
from closedsky.geo.cells import Cells, cell_at, cells_of, inside
from closedsky.model.scenario import Cover
from closedsky.model.sky import (
    Above,
    Approach,
    AreaAsked,
    Bracket,
    Circle,
    CoverFigures,
    LevelAnswer,
    ReliefUsed,
    Rose,
    SkyAnswer,
    Volume,
)
from closedsky.scenario import swapped, terrain_extent
from closedsky.scenario.effects import draws_or_none
from closedsky.scenario.sides import End, left_as_chosen, situation_at
from closedsky.scenario.situation import Situation

VOLUME_SHARES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Levels at which the closed area is computed for the closed volume, as shares of the ceiling."""
_SITED = {"low": "low", "high": "high", "altitude": "at the altitude stated"}


@dataclass(frozen=True)
class Sky:
    """Coverage: the answer, and the map with figures as chosen that it was counted on.

    answer  shares, areas and volume, with their ranges
    cells   the cells of the map
    map     the layers of each level, with figures as chosen
    inside  whether each cell lies in the area; None without an area
    looking the situation in which units without a heading keep one sector; None where none has a sector, or it was not asked for
    """

    answer: SkyAnswer
    cells: Cells
    map: maps.Map
    inside: Mask | None
    looking: Situation | None


@dataclass(frozen=True)
class Seen:
    """The map with figures as chosen, the cells in the area (None without an area), and the intermediate results for reuse."""

    asked: Asked
    cells: Cells
    inside: Mask | None
    map: maps.Map
    known: maps.Known


class Circled(NamedTuple):
    """Brochure circles, the cells within any of them, the area of those in km², and the share of the requested area that they cover."""

    circles: tuple[Circle, ...]
    mask: Mask
    km2: float
    share: float | None


def seen(asked: Asked, count_to: int = 0, kept: Kept | None = None) -> Seen:
    """The map with figures as chosen. Opportunities are counted up to the number requested, or `count_to` if that is greater.

    With `kept`, results of earlier maps are reused, and those of this map are stored for the next. RequestError without a defence.
    """
    if not asked.situation.scenario.defence:
        raise RequestError(Fault("there is no defence", "defence", "place at least one unit"))
    frame, area = frame_of(asked, asked.cover), asked.area
    if kept is None:
        where, known = cells_of(frame), maps.Known()
        land = land_of(asked, where)
    else:
        where = kept.made(("frame", frame), lambda: cells_of(frame))
        known = maps.Known(kept, (frame, number_of(asked.terrain)), gone_on=True)
        land = kept.made(("land", frame, area.digest), lambda: inside(where, area)) if area is not None else None
    return Seen(asked, where, land, _map(asked, "likely", where, asked.levels_m, asked.above, count_to, known, land), known)


def closed_sky(
    asked: Asked, *, volume: bool = False, draws: int | None = None, seed: int | None = None, count_to: int = 0,
    relief: bool = True, stare: bool = True,
) -> Sky:  # fmt: skip
    """Coverage: shares, areas and volume, low, likely and high, and the bracket of what is closed over outer draws of all figures.

    `draws` and `seed` are by default those of the scenario's settings; 0 draws for none. On the map, opportunities are counted up to the
    number requested, or `count_to` if that is greater. Over coarse terrain the ranges are those over statistical relief, if `relief`;
    what units without a heading close in one direction only is computed if `stare`. RequestError for too few draws for a bracket.
    """
    return full_answer(seen(asked, count_to), volume=volume, draws=draws, seed=seed, relief=relief, stare=stare)


def full_answer(
    start: Seen,
    *,
    volume: bool = False,
    draws: int | None = None,
    seed: int | None = None,
    relief: bool = True,
    stare: bool = True,
) -> Sky:
    """The answer of `closed_sky`, from a map with figures as chosen."""
    settings = start.asked.situation.scenario.settings
    draws = draws_or_none(settings.draws if draws is None else draws, "--draws 0")
    start = settled(start)
    asked = start.asked
    looking = staring(asked) if stare and sectored(asked) and asked.cover.toward is None else None
    brochure = circled(start)
    answer = SkyAnswer(
        variant=asked.variant,
        target=asked.cover.target,
        above=asked.above,
        opportunities=asked.cover.opportunities,
        together=asked.cover.together,
        levels=_coarse_levels(start, looking),
        relief=None,
        draws=None,
        roses=tuple(_rose(asked, asset.name or asset.id, asset.at) for asset in asked.situation.scenario.assets),
        volume=_volume(start, brochure) if volume and brochure.circles else None,
        assumed=CoverFigures(**dict(used(figure for _, figure in asked.situation.figures())), most_influential=None),
        left_as_chosen=tuple(name for name, _ in left_as_chosen(asked.situation)),
        **common_fields(start, brochure),
    )
    outer = draws_of(asked, draws, settings.seed if seed is None else seed, start.map.headings, answer.levels)
    sky = Sky(answer, start.cells, start.map, start.inside, looking)
    found = None
    if relief:
        answer, found = _over_relief(asked, sky, outer)
    if outer is not None:
        answer = _over_draws(answer, outer, found or over_terrain(outer))
    return replace(sky, answer=answer)


def answer_over_relief(asked: Asked, sky: Sky) -> SkyAnswer:
    """The answer with statistical relief in its ranges, and a warning that says so; as it is where the terrain is not coarse."""
    return _over_relief(asked, sky, None)[0]


def _over_relief(asked: Asked, sky: Sky, outer: Draws | None) -> tuple[SkyAnswer, Counted | None]:
    """The answer over statistical relief, and the outer draws over it; None for those where there is no relief."""
    if not asked.terrain.is_upper_bound:
        return sky.answer, None
    levels, over, found = sky.answer.levels, None, None
    try:
        levels, over, found = over_relief(asked, sky.looking, sky.map.headings, levels, outer)
        hidden = _hidden(asked, over)
    except TerrainError as error:
        hidden = _hidden(asked, why_none=error.faults[0].what)
    warnings = tuple(hidden if text == _hidden(asked) else text for text in sky.answer.warnings)
    return sky.answer.model_copy(update={"levels": levels, "relief": over, "warnings": warnings}), found


def _over_draws(answer: SkyAnswer, outer: Draws, found: Counted) -> SkyAnswer:
    """The answer with what is closed over the outer draws, and the figures that carry most of its spread."""
    assumed = answer.assumed.model_copy(update={"most_influential": movers(outer, found)})
    levels = tuple(bracketed(outer, found, answer.levels))
    return answer.model_copy(update={"levels": levels, "draws": draws_used(outer, found), "assumed": assumed})


def _coarse_levels(start: Seen, looking: Situation | None) -> tuple[LevelAnswer, ...]:
    """The levels over the terrain as it is; `looking` is the situation in which units keep one sector."""
    asked, land, headings = start.asked, start.inside, start.map.headings

    by_end: dict[End, maps.Map] = {"likely": start.map}
    for end in ("low", "high"):
        by_end[end] = _map(asked, end, start.cells, asked.levels_m, asked.above, 0, start.known.aside(), land, headings)
    levels = [_level(by_end, i, level_m, start.cells, land) for i, level_m in enumerate(asked.levels_m)]
    return tuple(levels if looking is None else _with_staring(levels, asked, looking, headings))


def _with_staring(
    levels: Sequence[LevelAnswer], asked: Asked, looking: Situation, headings: Sequence[int]
) -> Iterator[LevelAnswer]:
    """Levels with what is closed in the situation in which units keep one sector, counted on coarser cells; never more than closed."""
    coarse = coarser(replace(asked, situation=looking))
    where, known = cells_of(frame_of(coarse, coarse.cover)), maps.Known()
    land = land_of(asked, where)
    by_end = {end: _map(coarse, end, where, asked.levels_m, asked.above, 0, known, land, headings) for end in ENDS}
    for i, level in enumerate(levels):
        found = {end: measured(one, i, level.level_m, where, land) for end, one in by_end.items()}
        kept: dict[str, Bracket | None] = {}
        for unit in ("share", "km2"):
            closed: Bracket | None = getattr(level, f"closed_{unit}")
            kept[f"closed_staring_{unit}"] = closed and Bracket(
                **{end: min(getattr(one, f"closed_{unit}"), getattr(closed, end)) for end, one in found.items()}
            )
        yield level.model_copy(update=kept)


def settled(start: Seen, count_to: int = 0) -> Seen:
    """The map with figures as chosen on as many headings as it takes, where it was made on those of the compass only."""
    if not start.known.gone_on or start.asked.cover.toward is not None:
        return start
    asked, known = start.asked, replace(start.known, gone_on=False)
    found = _map(asked, "likely", start.cells, asked.levels_m, asked.above, count_to, known, start.inside)
    return replace(start, map=found, known=known)


def common_fields(start: Seen, brochure: Circled) -> dict[str, Any]:
    """The fields that the quick answer and the full answer share."""
    asked, area, terrain = start.asked, start.asked.area, start.asked.terrain
    return {
        "headings": _headings(asked.cover, start.map.headings),
        "slewing": tuple(sorted(maps.slewing(asked.situation))),
        "cell_m": start.cells.cell_m,
        "terrain": terrain.used(),
        "catalogue_hash": asked.catalogue_hash,
        "area": AreaAsked(name=area.name, iso3=area.iso3, km2=round(area.area_km2, 1)) if area is not None else None,
        "circles": brochure.circles,
        "circles_km2": brochure.km2,
        "circles_share": brochure.share,
        "warnings": (*filter(None, [_hidden(asked)]), *_warnings(asked), *_misplaced(asked, start.cells, start.inside)),
    }


def circled(start: Seen) -> Circled:
    """The brochure circles of all units, on a sphere, with the area that they cover."""
    found = maps.circles(start.asked.situation)
    mask = maps.in_circles(start.known, found, start.asked.threads)
    return Circled(found, mask, km2_of(mask, start.cells), None if start.inside is None else share_of(mask, start.inside))


def _map(
    asked: Asked, end: End, where: Cells, levels_m: Sequence[float], above: Above, count_to: int, known: maps.Known,
    land: Mask | None, headings: Sequence[int] = (),
) -> maps.Map:  # fmt: skip
    tell = asked.progress
    report = None if tell is None else (lambda what, done, of: tell(f"{end}: {what}", done, of))
    return maps.map_of(
        situation_at(asked.situation, end),
        asked.terrain,
        where,
        levels_m,
        above,
        asked.threads,
        report,
        known,
        count_to,
        land,
        headings,
    )


def _level(by_end: Mapping[End, maps.Map], i: int, level_m: float, where: Cells, land: Mask | None) -> LevelAnswer:
    found = {end: measured(one, i, level_m, where, land) for end, one in by_end.items()}

    def bracket(name: str) -> Bracket | None:
        values = {end: getattr(one, name) for end, one in found.items()}
        return None if None in values.values() else Bracket(**values)

    names = (f"{what}_{unit}" for unit in ("share", "km2") for what in ("tracked", "engageable", "closed", "behind_fence"))
    likely = found["likely"]
    brackets = {name: bracket(name) for name in names}
    fixed = {"level_m": level_m, "underground_share": likely.underground_share, "headings": by_end["likely"].headings[i]}
    return LevelAnswer.model_validate(fixed | brackets)


def _headings(request: Cover, tried: Sequence[int]) -> str:
    if request.toward is not None:
        return f"inbound to {request.toward[0]:g}, {request.toward[1]:g}"
    least, most = min(tried), max(tried)
    return f"worst of {most} headings" if least == most else f"worst of {least} to {most} headings"


def _volume(start: Seen, brochure: Circled) -> Volume:
    """Closed volume above ground within the brochure circles, up to the highest ceiling, by the trapezoidal rule between levels."""
    where = start.cells
    ceiling_m = 1000.0 * max(one.ceiling_km for one in brochure.circles)
    heights_m = [max(share * ceiling_m, 1.0) for share in VOLUME_SHARES]
    closed = {}
    headings = [max(start.map.headings)] * len(heights_m)
    for end in ENDS:
        one = _map(start.asked, end, where, heights_m, "ground", 0, start.known.aside(), start.inside, headings)
        areas = [km2_of(one.closed(i) & brochure.mask, where) for i in range(len(heights_m))]
        closed[end] = float(np.trapezoid(areas, heights_m)) / 1000.0
    whole_km3 = brochure.km2 * ceiling_m / 1000.0
    return Volume(
        ceiling_m=ceiling_m,
        closed_km3=Bracket(**{end: round(value, 1) for end, value in closed.items()}),
        circles_km3=round(whole_km3, 1),
        ratio=Bracket(**{end: round(value / whole_km3, 4) for end, value in closed.items()}),
    )


def _rose(asked: Asked, name: str, at: tuple[float, float]) -> Rose:
    """The protection rose of an asset, for a single threat and for the requested number together."""
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


def _warnings(asked: Asked) -> Iterator[str]:
    terrain = asked.terrain
    yield from terrain.notes
    yield from terrain_extent.without_ground(terrain_extent.low_places(asked.situation.scenario), terrain)
    yield from terrain_extent.off_altitude(asked.situation.scenario, terrain)
    yield from (finding.what for finding in swapped.check(asked.situation.scenario))
    if asked.area is not None:
        yield from swapped.in_area(asked.situation.scenario, asked.area)
    turning = sectored(asked)
    if turning:
        yield f"any one direction at a time, not all at once, is covered by units without a heading: {_listed(turning)}"
    unheeded = asked.situation.scenario.command_and_control()
    if unheeded:
        yield f"what the defence could do, not what it would: {_listed(unheeded)} of the scenario do not count here"
    for item in asked.situation.scenario.defence:
        system = asked.situation.systems[item.system]
        if not any(asked.cover.target.kind in system.missiles[name].targets for name in system.fire_unit.load):
            yield f"'{item.id}' ({item.system}) has no missile against {asked.cover.target.kind}"


def _hidden(asked: Asked, over: ReliefUsed | None = None, why_none: str = "") -> str:
    """What coarse terrain hides, and what statistical relief makes of it or why there is none; empty where the terrain is fine."""
    if not asked.terrain.is_upper_bound:
        return ""
    hides = f"terrain of {asked.terrain.posting_m / 1000:.0f} km posting hides ridges"
    if over is None:
        return f"{hides}: what is seen and closed is an upper bound" + (
            f" (no statistical relief: {why_none})" if why_none else ""
        )
    sites = f"units sited {' and '.join(_SITED[siting] for siting in over.sitings)} within 3 km"
    return (
        f"{hides}: shares and areas are means over statistical relief, {over.seeds} made-up grounds, {sites}; "
        "the map shows the coarse terrain, an upper bound"
    )


def _misplaced(asked: Asked, where: Cells, land: Mask | None) -> Iterator[str]:
    """A warning if no unit stands in the area: most likely a position or the area is wrong."""
    if land is None or asked.area is None:
        return
    for item in asked.situation.scenario.defence:
        at = cell_at(where, *item.at)
        if at is not None and land[at]:
            return
    yield f"no unit stands in {asked.area.name}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
