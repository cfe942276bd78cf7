"""Places whose latitude and longitude are most likely swapped: as given they are far from everything else, exchanged they are near.

What they are compared with: the other sites of the scenario, or the area whose share is asked.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.geo.area import Area
from closedsky.model.scenario import Scenario
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.scenario.checks import Finding, Path

LatLon = tuple[float, float]

_FAR_M: Final = 400_000.0
"""Far from the others, or the area, as it is given."""
_NEAR_M: Final = 500_000.0
_NEARER: Final = 0.25
"""Near them if the two are exchanged: within that distance, and that part of the distance as given."""


def check(scenario: Scenario) -> list[Finding]:
    """A warning for every site that is near the others only with latitude and longitude exchanged."""
    sites = [*_of("assets", scenario.assets), *_of("defence", scenario.defence), *_of("sensors", scenario.sensors)]
    if len(sites) < 2:
        return []
    places = [at for _, _, at in sites]
    given_m, exchanged_m = _apart_m(places, places), _apart_m([at[::-1] for at in places], places)
    for apart in (given_m, exchanged_m):
        np.fill_diagonal(apart, np.inf)
    return [
        Finding(
            path,
            f"{_exchanged(name, at)} near the other sites, and as given it is far from them",
            f"write latitude first: {at[1]:g}, {at[0]:g}",
            fault=False,
        )
        for (path, name, at), far_m, near_m in zip(sites, given_m.min(axis=1), exchanged_m.min(axis=1), strict=True)
        if _are_swapped(at, far_m, near_m)
    ]


def in_area(scenario: Scenario, area: Area) -> Iterator[str]:
    """A warning for every unit and sensor that is near an area only with latitude and longitude exchanged."""
    for _, name, at in (*_of("defence", scenario.defence), *_of("sensors", scenario.sensors)):
        if _are_swapped(at, _from_area_m(at, area), _from_area_m(at[::-1], area)):
            yield f"{_exchanged(name, at)} near {area.name}, and as given it is far from there"


def _are_swapped(at: LatLon, given_m: float, exchanged_m: float) -> bool:
    return abs(at[1]) <= 90.0 and given_m > _FAR_M and exchanged_m < min(_NEAR_M, _NEARER * given_m)


def _of(field: str, items: Sequence[Any]) -> Iterator[tuple[Path, str, LatLon]]:
    yield from (((field, i, "at"), item.id, item.at) for i, item in enumerate(items))


def _exchanged(name: str, at: LatLon) -> str:
    return f"latitude and longitude of '{name}' may be swapped: at {at[1]:g}, {at[0]:g} it would be"


def _from_area_m(at: LatLon, area: Area) -> float:
    """Distance to the boxes around the polygons of an area."""
    nearest = []
    for outer, *_ in area.polygons:
        (south, west), (north, east) = outer.min(axis=0), outer.max(axis=0)
        lons = [at[1]] if (at[1] - west) % 360.0 <= east - west else [west, east]
        nearest += [(min(max(at[0], south), north), lon) for lon in lons]
    return float(_apart_m([at], nearest).min())


def _apart_m(ones: Sequence[LatLon], others: Sequence[LatLon]) -> npt.NDArray[np.float64]:
    """Distance on a sphere from each place to each other."""
    cosines = _directions(ones) @ _directions(others).T
    return EARTH_RADIUS_M * np.arccos(np.clip(cosines, -1.0, 1.0))


def _directions(places: Sequence[LatLon]) -> npt.NDArray[np.float64]:
    lat, lon = np.radians(places).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
