"""The terrain extent of a scenario: which part of the world it needs; its terrain over that extent; what lies outside the terrain."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

from closedsky.errors import Fault, RequestError, TerrainError
from closedsky.geo.area import country_area, outline_area
from closedsky.geo.land import land
from closedsky.geo.terrain import Region, Terrain, read_terrain
from closedsky.geo.terrain.region import around
from closedsky.model.environment import FileTerrain, TileTerrain
from closedsky.model.ranged import RangedPlace
from closedsky.model.scenario import Ballistic, Deployment, Scenario, Sensor
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import bilinear

LatLon = tuple[float, float]

HIGH_M = 9_000.0
"""Altitude above which no terrain rises."""
MARGIN_DEG = 0.1
REACH_DEG = 2.7
"""300 km. At that distance from every low place, a horizontal ray from sea level is 5 km up (d² / (2 k R), k = 4/3)."""
_MOST_TOLD = 10
_SLACK_M, _COARSE_SLACK_M = 200.0, 1_500.0
"""How far a stated ground may be from the terrain's: a coarse cell has peaks and valleys that far from its mean."""


def terrain_of(scenarios: Iterable[Scenario], scenario: Scenario, folder: Path) -> Terrain:
    """The terrain of `scenario` over the extent that all `scenarios` with the same terrain need; `folder` is the base of relative paths.

    Raises TerrainError for terrain that cannot be read, and for every site or low path outside it.
    """
    spec = scenario.environment.terrain
    if not isinstance(spec, FileTerrain | TileTerrain):
        return read_terrain(spec if isinstance(spec, str) else spec.model_dump())
    sharing = [other for other in scenarios if other.environment.terrain == spec]
    terrain = _read(spec.model_dump_json(), region(sharing or [scenario]), folder, _stamps(spec, folder))
    outside = [(where, at) for where, at in low_places(scenario) if not terrain.covers(*at)]
    if outside:
        raise TerrainError(*(_outside(where, at, terrain, spec) for where, at in outside[:_MOST_TOLD]))
    return terrain


def region(scenarios: Iterable[Scenario]) -> Region:
    """The terrain extent that scenarios need, as a box.

    It contains everything that stands on the ground or flies low, legs between included, with a margin, and extends by up to 300 km towards
    high-flying objects and launch sites of ballistic missiles. For coverage it contains 300 km around every site, and the country or
    the outline.
    """
    scenarios = list(scenarios)
    low = [box for scenario in scenarios for box in (*_low_boxes(scenario), *_sky_boxes(scenario))]
    near = around(low).grown(MARGIN_DEG, MARGIN_DEG)
    reach = near.grown(REACH_DEG, REACH_DEG / max(0.05, math.cos(math.radians(max(abs(near.south), abs(near.north))))))
    high = (_towards(reach, *at) for scenario in scenarios for _, at in _high_places(scenario))
    return around([near, *((lon, lat, lon, lat) for lat, lon in high)])


def low_places(scenario: Scenario) -> Iterator[tuple[str, LatLon]]:
    """Places on the ground, and waypoints below `HIGH_M`: field and position."""
    yield from ((f"assets: {asset.id}: at", asset.at) for asset in scenario.assets)
    yield from ((f"defence: {item.id}: at", item.at) for item in scenario.defence)
    yield from ((f"sensors: {sensor.id}: at", sensor.at) for sensor in scenario.sensors)
    for group in scenario.raid:
        if not isinstance(group.motion, Ballistic):
            for i, waypoint in enumerate(group.motion.waypoints):
                if waypoint.altitude_m is None or waypoint.altitude_m < HIGH_M:
                    yield f"raid: {group.id}: motion.waypoints[{i}]", waypoint.at


def unknown_places(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], Fault]]:
    """Faults of the area whose share is asked for, each with its field."""
    if scenario.cover is None:
        return
    cover = scenario.cover
    reads: list[tuple[str, Callable[[], object]]] = []
    if cover.country is not None:
        reads.append(("country", partial(country_area, cover.country)))
    if cover.outline is not None:
        reads.append(("outline", partial(outline_area, cover.outline, "the outline")))
    for field, read in reads:
        try:
            read()
        except RequestError as error:
            yield from ((("cover", field), fault) for fault in error.faults)


def warnings(scenario: Scenario, terrain: Terrain) -> list[str]:
    """Warnings about the terrain: altitudes far from it, its notes, low places without data, and high or distant places outside it."""
    said = list(off_altitude(scenario, terrain))
    if not isinstance(scenario.environment.terrain, FileTerrain | TileTerrain):
        return said
    said += terrain.notes
    said += without_ground(low_places(scenario), terrain)
    beyond = [where for where, at in _high_places(scenario) if not terrain.covers(*at)]
    if beyond:
        said.append(f"outside the terrain, where the ground goes on as at its edge: {_list(beyond)}")
    return said


def without_ground(places: Iterable[tuple[str, LatLon]], terrain: Terrain) -> Iterator[str]:
    """A warning that names the places where the terrain has no data."""
    void = [where for where, at in places if not terrain.knows(*at)]
    if void:
        yield f"no data of the ground, taken as at sea level: {_list(void)}"


def off_altitude(scenario: Scenario, terrain: Terrain) -> Iterator[str]:
    """A warning for each unit and sensor whose stated ground is far from the terrain's at its place: in feet, or another place."""
    slack_m = _COARSE_SLACK_M if terrain.is_upper_bound else _SLACK_M
    items: list[Deployment | Sensor] = [*scenario.defence, *scenario.sensors]
    for item in items:
        if item.ground_altitude_m is None:
            continue
        here_m = float(bilinear(terrain.ground, *(math.radians(x) for x in item.at)))
        if abs(item.ground_altitude_m - here_m) > slack_m:
            yield (
                f"'{item.id}' is said to stand at {item.ground_altitude_m:.0f} m, where the terrain has {here_m:.0f} m: "
                "check the unit (metres) and the place"
            )


def credit(scenario: Scenario, terrain: Terrain) -> str:
    """The attribution that the licence of rasters and tiles requires; empty for shipped terrain."""
    return terrain.attribution if isinstance(scenario.environment.terrain, FileTerrain | TileTerrain) else ""


def _high_places(scenario: Scenario) -> Iterator[tuple[str, LatLon]]:
    yield from ((f"jamming: {station.id}", station.at) for station in scenario.jamming)
    for group in scenario.raid:
        if isinstance(group.motion, Ballistic):
            yield f"raid: {group.id}: origin", group.motion.origin
        else:
            for i, waypoint in enumerate(group.motion.waypoints):
                if waypoint.altitude_m is not None and waypoint.altitude_m >= HIGH_M:
                    yield f"raid: {group.id}: waypoint {i}", waypoint.at


def _low_boxes(scenario: Scenario) -> Iterator[tuple[float, float, float, float]]:
    """Boxes (west, south, east, north) around low places, and around the legs between them and to targets."""
    yield from (_disc(at) for _, at in low_places(scenario))
    targets = {asset.id: asset.at for asset in scenario.assets}
    for group in scenario.raid:
        if isinstance(group.motion, Ballistic):
            continue
        ends = [(w.at, w.altitude_m is None or w.altitude_m < HIGH_M) for w in group.motion.waypoints]
        if group.motion.target is not None:
            ends.append((targets[group.motion.target], ends[-1][1]))
        for (start, low_start), (end, low_end) in pairwise(ends):
            if low_start or low_end:
                yield _leg(start, end)


def _disc(at: LatLon) -> tuple[float, float, float, float]:
    """The box around a place, or around all that it may be if it is known to within a distance."""
    lat, lon = at
    if not isinstance(at, RangedPlace):
        return lon, lat, lon, lat
    high = math.degrees(at.within_m / EARTH_RADIUS_M)
    wide = high / max(0.05, math.cos(math.radians(min(abs(lat) + high, 90.0))))
    return lon - wide, max(lat - high, -90.0), lon + wide, min(lat + high, 90.0)


def _sky_boxes(scenario: Scenario) -> Iterator[tuple[float, float, float, float]]:
    """Boxes around sites, and of the country or the outline, if the scenario asks for coverage."""
    if scenario.cover is None:
        return
    for lat, lon in (at for _, at in low_places(scenario)):
        wide = REACH_DEG / max(0.05, math.cos(math.radians(min(abs(lat) + REACH_DEG, 90.0))))
        yield lon - wide, max(lat - REACH_DEG, -90.0), lon + wide, min(lat + REACH_DEG, 90.0)
    if scenario.cover.country is not None:
        west, south, east, north = land().bounds(scenario.cover.country)
        yield west, south, east if east > west else east + 360.0, north
    yield from ((lon, lat, lon, lat) for lat, lon in scenario.cover.outline or ())


def _leg(start: LatLon, end: LatLon) -> tuple[float, float, float, float]:
    """Box around a great-circle leg, which curves poleward."""
    from pyproj import Geod

    between = Geod(ellps="WGS84").npts(start[1], start[0], end[1], end[0], 31)
    lats = [start[0], end[0], *(lat for _, lat in between)]
    east = (end[1] - start[1] + 180.0) % 360.0 - 180.0
    west = start[1] + min(0.0, east)
    return west, min(lats), west + abs(east), max(lats)


def _towards(reach: Region, lat: float, lon: float) -> LatLon:
    """A place, clipped to the edge of a region."""
    if (lon - reach.west) % 360.0 > reach.east - reach.west:
        lon = reach.west if (reach.west - lon) % 360.0 < (lon - reach.east) % 360.0 else reach.east
    return min(max(lat, reach.south), reach.north), lon


@lru_cache(maxsize=2)
def _read(spec: str, region: Region, folder: Path, stamps: tuple[object, ...]) -> Terrain:
    return read_terrain(json.loads(spec), region, folder)


def _stamps(spec: FileTerrain | TileTerrain, folder: Path) -> tuple[object, ...]:
    """Cache key that changes when one of the files does."""
    if isinstance(spec, TileTerrain):
        return ()
    paths = [folder / name for name in ([spec.file] if isinstance(spec.file, str) else spec.file)]
    return tuple((path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None for path in paths)


def _outside(where: str, at: LatLon, terrain: Terrain, spec: FileTerrain | TileTerrain) -> Fault:
    west, south, east, north = terrain.edges_deg()
    return Fault(
        f"{at[0]:g}, {at[1]:g} is outside {terrain.name}, "
        f"which has {south:.4g} to {north:.4g} N, {west:.4g} to {east:.4g} E of the region needed",
        where,
        "name a raster that covers it, several as `{file: [PATH, PATH]}`, or use {tiles: glo90}"
        + (f"; latitude stands first, and {at[1]:g}, {at[0]:g} is in it" if terrain.covers(at[1], at[0]) else ""),
    )


def _list(items: list[str]) -> str:
    return ", ".join(items[:4]) + (f" and {len(items) - 4} more" if len(items) > 4 else "")
