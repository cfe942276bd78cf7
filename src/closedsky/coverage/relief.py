"""Coverage over statistical relief: what coarse terrain hides, as a mean over made-up hills and sites on them (docs/relief.md)."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from threading import Event
from typing import get_args

import numpy as np

from closedsky.coverage import maps
from closedsky.coverage.asked import Asked, Mask, coarser, frame_of, land_of, measured
from closedsky.coverage.draws import Counted, Draws, Floats, closed_on, counted, turns
from closedsky.errors import Fault, TerrainError
from closedsky.geo.cells import Cells, cells_of
from closedsky.geo.relief import CELL_DEG, NODES_A_CELL, lower_bound
from closedsky.geo.relief import relief as relief_over
from closedsky.geo.siting import Siting, sited
from closedsky.geo.terrain import Region, Terrain, flat
from closedsky.geo.terrain.region import around, turned
from closedsky.model.scenario import Deployment, Sensor
from closedsky.model.sky import Bracket, LevelAnswer, ReliefUsed, Sited
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.scenario.sides import End, situation_at
from closedsky.scenario.situation import Situation
from closedsky.threads import threads_to_use

SEEDS = (1, 2, 3, 4)
_TOGETHER = 2
"""Grounds that are worked on at a time, each on a share of the threads: small maps leave a second thread idle. Memory bounds it."""
_MARGIN_DEG = 0.2
_MOST_NODES, _MOST_KEPT_NODES = 80_000_000, 10_000_000
"""Of one made-up ground: 1 GB while it is made, 320 MB after. A box around all that twenty S-400 in Iran may see has 37 million. Smaller
ones are kept for the next answer."""
_MEASURES = ("tracked", "engageable", "closed", "closed_staring", "behind_fence")
Values = dict[str, float | None]
"""Shares and areas of a level by name."""


class _BrokenOffError(Exception):
    """Work on a ground ends because that on another one failed or was stopped."""


@dataclass(frozen=True)
class _Pass:
    """One made-up ground with its units sited by a rule, which is that of all units that state none."""

    ground: Terrain
    siting: Siting
    known: maps.Known


def over_relief(
    asked: Asked, looking: Situation | None, headings: Sequence[int], levels: Sequence[LevelAnswer], outer: Draws | None = None
) -> tuple[tuple[LevelAnswer, ...], ReliefUsed, Counted | None]:
    """The levels of an answer with statistical relief in their ranges; `levels` are those over the coarse terrain as it is.

    Likely is the mean over relief at the stated siting, or at both where it is not stated; high is the coarse terrain as it is; low is
    units sited low less the relief's own error. Outer draws take turns on the grounds, by each rule of siting; that error is in none of
    them. Raises TerrainError where there can be no relief.
    """
    coarse = coarser(asked)
    where = cells_of(frame_of(coarse, coarse.cover))
    land = land_of(asked, where)
    box, rules, threads = ground_box(coarse), _rules(asked.situation), threads_to_use(asked.threads)
    each = replace(coarse, threads=max(threads // _TOGETHER, 1))

    def on_ground(place: int) -> tuple[list[list[Values]], list[Values], list[Floats]]:
        """The levels on one made-up ground: likely by each rule of siting, and low by the first; and its outer draws, by each rule."""
        seed = SEEDS[place]
        ground = _made_up(coarse.terrain, box, seed, each.threads)
        likely: list[list[Values]] = []
        low: list[Values] = []
        by_draw: list[Floats] = []
        for n, rule in enumerate(rules):
            one = _Pass(ground, rule, maps.Known())
            part = replace(each, progress=partial(tell, seed))
            likely.append(_levels(part, looking, "likely", one, where, land, headings))
            low = low or _levels(part, looking, "low", one, where, land, headings)
            if outer is not None:
                which = turns(outer, len(SEEDS) * len(rules))[place * len(rules) + n]
                by_draw.append(closed_on(outer, ground, which, partial(_sited, one=one), part.threads, part.progress))
        return likely, low, by_draw

    def tell(seed: int, what: str, done: int, of: int) -> None:
        if broken_off.is_set():
            raise _BrokenOffError
        if asked.progress is not None:
            asked.progress(f"statistical relief, ground {seed} of {len(SEEDS)}: {what}", done, of)

    broken_off = Event()
    with ThreadPoolExecutor(min(threads, _TOGETHER)) as pool:
        try:
            grounds = list(pool.map(on_ground, range(len(SEEDS))))
        except BaseException:
            broken_off.set()  # else the other ground would be finished first
            raise
    likely, low = [one for ground, _, _ in grounds for one in ground], [one for _, one, _ in grounds]
    free = _levels(replace(coarse, terrain=flat()), looking, "low", None, where, land, headings)
    found = []
    for i, level in enumerate(levels):
        lowest = _less_error(_mean([one[i] for one in low]), free[i], _severest(asked.situation, rules[0]))
        found.append(_bracketed(level, _mean([one[i] for one in likely]), lowest))
    over = ReliefUsed(seeds=len(SEEDS), sitings=_sitings(asked.situation), cell_m=round(where.cell_m, 1))
    return tuple(found), over, None if outer is None else counted(outer, [one for _, _, by_draw in grounds for one in by_draw])


def _rules(situation: Situation) -> tuple[Siting, ...]:
    """Rules of siting to be tried for the units that state none; low alone where all state theirs."""
    unstated = any(_stated(item) is None and not item.offshore for item in _sites(situation))
    return ("low", "high") if unstated else ("low",)


def _stated(item: Deployment | Sensor) -> Siting | float | None:
    """What a unit or a sensor states of its site: a rule, or the altitude of its ground, m; None if nothing."""
    return item.siting if item.ground_altitude_m is None else item.ground_altitude_m


def _sites(situation: Situation) -> list[Deployment | Sensor]:
    return [*situation.scenario.defence, *situation.scenario.sensors]


def _sitings(situation: Situation) -> tuple[Sited, ...]:
    """The sitings that any unit has on any of the grounds."""
    stated = [_stated(item) for item in _sites(situation)]
    used = {rule if one is None else one if isinstance(one, str) else "altitude" for one in stated for rule in _rules(situation)}
    return tuple(siting for siting in get_args(Sited) if siting in used)


def _severest(situation: Situation, rule: Siting) -> Siting:
    """The siting whose error is the greater among those of the low end; that of a stated altitude is unknown, and taken as for low."""
    used: set[Siting] = {item.siting or ("low" if item.ground_altitude_m is not None else rule) for item in _sites(situation)}
    return min(used, key=lambda siting: lower_bound(0.5, siting))


def ground_box(asked: Asked) -> Region:
    """Whole degrees around all that the radars may see: relief anywhere else changes nothing. TerrainError if that is too much."""
    packed = maps.packed_defence(situation_at(asked.situation, "high"), asked.terrain.ground)
    whole = around(_about(*disc) for disc in maps.sight(packed, asked.cover, asked.terrain, asked.levels_m))
    west, south, east, north = math.floor(whole.west), math.floor(whole.south), math.ceil(whole.east), math.ceil(whole.north)
    box = turned(float(west), float(south), float(east), float(north))
    if _nodes(box) > _MOST_NODES:
        what = f"it would take {_nodes(box) / 1e6:,.0f} million nodes, and the most is {_MOST_NODES / 1e6:.0f}"
        raise TerrainError(Fault(what, "terrain", "ask about units nearer to one another, or use finer terrain"))
    return box


def _nodes(box: Region) -> int:
    """Nodes of made-up ground over a box."""
    return round((box.north - box.south) * (box.east - box.west) * (NODES_A_CELL / CELL_DEG) ** 2)


def _about(lat_deg: float, lon_deg: float, reach_m: float) -> tuple[float, float, float, float]:
    """The box around a disc, and a little more: west, south, east, north."""
    high = math.degrees(reach_m / EARTH_RADIUS_M) + _MARGIN_DEG
    ratio = math.sin(math.radians(high)) / max(math.cos(math.radians(lat_deg)), 1e-9)
    wide = math.degrees(math.asin(ratio)) if ratio < 1.0 else 180.0
    return lon_deg - wide, max(lat_deg - high, -90.0), lon_deg + wide, min(lat_deg + high, 90.0)


def _made_up(terrain: Terrain, box: Region, seed: int, threads: int | None) -> Terrain:
    if _nodes(box) > _MOST_KEPT_NODES:
        return relief_over(terrain, box, seed, threads=threads)
    return _kept(terrain, box, seed, threads)


@lru_cache(maxsize=len(SEEDS))
def _kept(terrain: Terrain, box: Region, seed: int, threads: int | None) -> Terrain:
    """Statistical relief; kept for the next answer over the same whole degrees, such as that of another height."""
    return relief_over(terrain, box, seed, threads=threads)


def _levels(
    asked: Asked, looking: Situation | None, end: End, one: _Pass | None, where: Cells, land: Mask | None, headings: Sequence[int]
) -> list[Values]:
    """Shares and areas of every level at one end of the figures; without a pass over the asked terrain, units where they are stated."""

    def counted(situation: Situation) -> list[Values]:
        placed, terrain, known = (
            (situation, asked.terrain, None) if one is None else (_sited(situation, one), one.ground, one.known)
        )
        found = maps.map_of(
            situation_at(placed, end), terrain, where, asked.levels_m, asked.above, asked.threads, asked.progress, known, land=land,
            headings=headings,
        )  # fmt: skip
        return [measured(found, i, level_m, where, land).model_dump() for i, level_m in enumerate(asked.levels_m)]

    levels = counted(asked.situation)
    if looking is not None:
        for level, kept in zip(levels, counted(looking), strict=True):
            level |= {f"closed_staring_{unit}": kept[f"closed_{unit}"] for unit in ("share", "km2")}
    return levels


def _sited(situation: Situation, one: _Pass) -> Situation:
    """The situation with every unit and sensor on land moved to where its rule of siting puts it on the ground of a pass."""

    def moved(item: Deployment | Sensor) -> Deployment | Sensor:
        afloat = item.offshore or situation.systems[item.system].platform == "ship"
        stated = _stated(item)
        return (
            item
            if afloat
            else item.model_copy(update={"at": sited(one.ground, *item.at, one.siting if stated is None else stated)})
        )

    scenario = situation.scenario
    changes = {"defence": tuple(map(moved, scenario.defence)), "sensors": tuple(map(moved, scenario.sensors))}
    return replace(situation, scenario=scenario.model_copy(update=changes))


def _mean(passes: Sequence[Values]) -> Values:
    names = [f"{measure}_{unit}" for measure in _MEASURES for unit in ("share", "km2")]
    found: Values = {}
    for name in names:
        values = [one.get(name) for one in passes]
        found[name] = None if None in values else float(np.mean([value for value in values if value is not None]))
    return found


def _less_error(hidden: Values, free: Mapping[str, float | None], siting: Siting) -> Values:
    """Values less the relief's error, which concerns the part of what could be seen over level ground that is."""
    found: Values = {}
    for name, value in hidden.items():
        most = free.get(name)
        if value is None or most is None or most <= 0.0 or name.startswith("behind_fence"):
            found[name] = value
        else:
            found[name] = most * lower_bound(min(value / most, 1.0), siting)
    return found


def _bracketed(level: LevelAnswer, likely: Values, low: Values) -> LevelAnswer:
    """A level with its ranges over relief; those over the coarse terrain as it is are kept beside them for closed."""
    changes: dict[str, Bracket | None] = {"coarse_closed_share": level.closed_share, "coarse_closed_km2": level.closed_km2}
    for name, middle in likely.items():
        coarse: Bracket | None = getattr(level, name)
        least = low[name]
        if coarse is None or middle is None or least is None:
            continue
        digits = 6 if name.endswith("share") else 1
        high = max(coarse.high, middle) if not name.startswith("behind_fence") else coarse.high
        changes[name] = Bracket(low=round(min(least, middle), digits), likely=round(middle, digits), high=round(high, digits))
    return level.model_copy(update=changes)
