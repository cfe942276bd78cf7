"""What bounds a test: the circles of the published ranges, and what one unit by itself can do."""

import math
from dataclasses import replace

import numpy as np

from closedsky.coverage import answer as coverage
from closedsky.coverage import maps
from closedsky.coverage.asked import Asked, Mask, frame_of, km2_of, share_of
from closedsky.engine.pack import loads
from closedsky.geo.cells import cells_of, inside
from closedsky.model.claim import ClaimTest
from closedsky.model.scenario import Deployment
from closedsky.model.verdict import Need
from closedsky.physics.sphere import bearing_and_range
from closedsky.progress import Progress
from closedsky.scenario.sides import situation_at
from closedsky.scenario.situation import Situation

_MARGIN = 1.01
"""Distances on a sphere differ from those on the ellipsoid by less than this."""


def circles_share(situation: Situation, sky: coverage.Sky) -> float:
    """The share of the area within reach of any unit by its published range alone, at the end that favours the defender.

    What is out of reach is neither engaged nor closed, whatever else a simulation would find. Only arithmetic.
    """
    assert sky.inside is not None
    high = situation_at(situation, "high")
    assert high.scenario.cover is not None
    kind = high.scenario.cover.target.kind
    lat, lon = np.radians(sky.cells.lat_deg[sky.inside]), np.radians(sky.cells.lon_deg[sky.inside])
    reached = np.zeros(lat.shape, np.bool_)
    for item in high.scenario.defence:
        system = high.systems[item.system]
        longest = system.brochure(kind, loads(item, system))
        if longest is not None:
            _, away_m = bearing_and_range(lat, lon, math.radians(item.at[0]), math.radians(item.at[1]))
            reached |= away_m <= _MARGIN * longest[1].range_max.si
    return share_of(reached, np.ones(reached.shape, np.bool_))


def need_of(asked: Asked, sky: coverage.Sky, level: int, test: ClaimTest, number: int, tell: Progress) -> Need:
    """What a test would need, from each of its units by itself, with every figure at the end that favours the defender."""
    assert asked.area is not None
    found = []
    units = asked.situation.scenario.defence
    for k, item in enumerate(units):
        tell("one unit by itself", k, len(units))
        found.append(_alone(asked, item, asked.levels_m[level], test))
    best = max(range(len(units)), key=lambda k: found[k])
    needed_km2 = test.at_least * asked.area.area_km2 * (1.0 - sky.answer.levels[level].underground_share)
    alone_km2, most_km2 = found[best][0], max(most for _, most in found)
    return Need(
        test=number,
        system=asked.situation.systems[units[best].system].name,
        unit=units[best].id,
        needed_km2=round(needed_km2, 1),
        alone_km2=alone_km2,
        most_km2=most_km2,
        side_by_side=_many(needed_km2, alone_km2),
        at_least=_many(needed_km2, most_km2),
    )


def _many(needed_km2: float, each_km2: float) -> int | None:
    return math.ceil(needed_km2 / each_km2) if each_km2 > 0.0 else None


def _alone(asked: Asked, item: Deployment, level_m: float, test: ClaimTest) -> tuple[float, float]:
    """Of the area, what one unit alone closes (or engages, or tracks), and what it can engage (or track) over, km²."""
    one = _of_one(asked, item)
    assert asked.area is not None
    cells = cells_of(frame_of(one, one.cover))
    land: Mask = inside(cells, asked.area)
    high = situation_at(one.situation, "high")
    found = maps.map_of(high, one.terrain, cells, [level_m], one.above, one.threads, land=land)
    land = land & ~found.underground(0)
    masks = {
        "closed_share": found.closed(0),
        "engageable_share": found.layers[0].engaged,
        "tracked_share": found.layers[0].tracked,
    }
    most = "tracked_share" if test.measure == "tracked_share" else "engageable_share"
    return km2_of(masks[test.measure] & land, cells), km2_of(masks[most] & land, cells)


def _of_one(asked: Asked, item: Deployment) -> Asked:
    """The request with one unit, on cells around it alone."""
    request = asked.cover.model_copy(update={"country": None, "outline": None})
    scenario = asked.situation.scenario.model_copy(update={"defence": (item,), "cover": request})
    return replace(asked, situation=replace(asked.situation, scenario=scenario), area=None)
