"""The closed sky of a defence: its ground, its floors, its maps, and what they come to."""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import TICKS_PER_S, Packed
from closedsky.engine.pack import loads, pack
from closedsky.engine.pack.sites import geod_of
from closedsky.engine.sweep import layers as sky
from closedsky.engine.sweep.approach import Wave
from closedsky.engine.sweep.sky import Probe
from closedsky.engine.tables.windows import time_to_s
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, cells
from closedsky.geo.floor_sweep import Antenna, floor_in_reach
from closedsky.geo.terrain import Raster, Region, Terrain, raster_of
from closedsky.geo.terrain.region import around
from closedsky.model.scenario import Cover
from closedsky.model.sky import Above, Circle
from closedsky.model.system import TARGET_CLASSES
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.visibility import horizon_range
from closedsky.progress import Progress
from closedsky.scenario.situation import Situation

Singles = npt.NDArray[np.float32]

AZIMUTHS, ROSE_OPPORTUNITIES = 72, 20
_EARTH_KM = 6_371.0
_ROSE_STEP_M = 500.0
_MOST_AZIMUTHS = 4096
_FLAT_NODES = 64
_FLAT_STEP_DEG = 1.0 / 120.0
"""Posting of ground that is flat: the Earth bulges 2 cm between nodes."""


@dataclass
class Known:
    """What was worked out before on the same cells and terrain: the cells' ground, and floors by antenna, refraction and reach."""

    cells: sky.Field | None = None
    floors: dict[tuple[float, ...], sky.Floor] = field(default_factory=dict)


@dataclass(frozen=True)
class Map:
    """What a defence makes of the sky: a layer a level, and the lowest floor of its engagement radars, m above sea (NaN: none sees)."""

    ground_m: Singles
    alt_m: tuple[Singles, ...]
    layers: tuple[sky.Layer, ...]
    floor_m: Singles
    enough: int

    def closed(self, i: int) -> npt.NDArray[np.bool_]:
        """Where level `i` is closed: each threat of the raid is offered enough, whichever way they come."""
        return self.layers[i].opportunities >= self.enough

    def underground(self, i: int) -> npt.NDArray[np.bool_]:
        """Where level `i`, an altitude, is below the ground."""
        return self.alt_m[i] < self.ground_m


def circles(situation: Situation) -> tuple[Circle, ...]:
    """The brochure circle of each fire unit."""
    found = []
    for item in situation.scenario.defence:
        system = situation.systems[item.system]
        reaches = [
            (missile.targets["aircraft"].range_max.si, name)
            for name, missile in system.missiles.items()
            if name in loads(item, system) and "aircraft" in missile.targets
        ]
        if reaches:
            range_m, name = max(reaches)
            ceiling_m = system.missiles[name].targets["aircraft"].altitude_max.si
            found.append(
                Circle(
                    unit=item.id,
                    system=item.system,
                    missile=name,
                    at=item.at,
                    range_km=range_m / 1000.0,
                    ceiling_km=ceiling_m / 1000.0,
                )
            )
    return tuple(found)


def in_circles(cells: sky.Field, found: Sequence[Circle], threads: int | None = None) -> npt.NDArray[np.bool_]:
    """Cells within any of some brochure circles, on a sphere."""
    discs = np.array([(*np.radians(one.at), one.range_km / _EARTH_KM) for one in found], np.float64).reshape(-1, 3)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        return sky.within(cells, discs, pool)


def probe_of(cover: Cover) -> Probe:
    """The target of a request as the kernels take it."""
    return Probe(TARGET_CLASSES.index(cover.target.kind), cover.target.rcs_m2, cover.target.speed_mps)


def frame(
    packed: Packed, cover: Cover, terrain: Terrain, levels_m: Sequence[float], area: Area | None, places: Sequence[tuple[float, float]]
) -> Cells:  # fmt: skip
    """The cells of the area, of all the sky in which something can be decided, and of that in which a threat can be seen at all."""
    probe = probe_of(cover)
    discs = [(*at, far_m(packed, u, probe)) for u, at in enumerate(places)]
    lowest_m, highest_m = float(terrain.grid.min()), float(terrain.grid.max())
    top_m = max(levels_m) + (0.0 if cover.altitudes_m else highest_m)
    for r, radar in enumerate(packed.radars):
        horizon_m = horizon_range(radar["antenna_alt_m"] - lowest_m, max(top_m - lowest_m, 0.0), packed.refraction_k)
        reach_m = min(sky.reach_m(packed, r, probe), 1.01 * float(horizon_m))
        discs.append((math.degrees(radar["lat_rad"]), math.degrees(radar["lon_rad"]), reach_m))
    return cells([area] if area else [], discs, cover.cell_m)


def far_m(packed: Packed, u: int, probe: Probe) -> float:
    """How far from unit `u` threats can be for it to decide anything.

    Its longest shot, and what they fly until that can have been launched and have arrived.
    """
    found = 5_000.0
    for m in np.flatnonzero(packed.magazines["unit"] == u):
        if packed.envelopes[m, probe.target_class]["engages"]:
            range_m = float(packed.envelopes[m, probe.target_class]["range_max_m"])
            flight_s = time_to_s(packed, int(m), 0.98 * range_m, 0.0)
            flight_s = flight_s if math.isfinite(flight_s) else range_m / 500.0
            found = max(found, range_m + probe.speed_mps * (flight_s + _delay_s(packed, u)))
    return found


def _delay_s(packed: Packed, u: int) -> float:
    radars = packed.radars[packed.radars["network"] == packed.units[u]["network"]]
    confirm_s = max((float(radar["hits"] * radar["revisit_s"]) for radar in radars if radar["searches"]), default=0.0)
    link = packed.networks[packed.units[u]["network"]]["link_delay_ticks"]
    return confirm_s + float(packed.units[u]["reaction_ticks"] + link) / TICKS_PER_S


def packed_defence(situation: Situation, ground: Ground) -> Packed:
    """The defence of a situation without its raid, as arrays; units and sensors without a heading look wherever they have to."""
    scenario = situation.scenario.model_copy(update={"raid": ()})
    packed, names = pack(replace(situation, scenario=scenario), ground, with_horizons=False)
    turning = slewing(situation)
    for r, name in enumerate(names.radars):
        if name.partition("/")[0] in turning:
            packed.radars[r]["half_sector_rad"] = math.pi
    return packed


def slewing(situation: Situation) -> set[str]:
    """Units and sensors that have been given no heading: they turn to any one direction at a time."""
    scenario = situation.scenario
    units = {item.id for item in scenario.defence if item.heading_deg is None}
    return units | {sensor.id for sensor in scenario.sensors if sensor.heading_deg is None}


@dataclass(frozen=True)
class _Scene:
    """A defence, the threat that is asked about, and the cells of a map with the floors of all radars at them."""

    packed: Packed
    ground: Ground
    probe: Probe
    cells: sky.Field
    floors: list[sky.Floor]

    def altitudes(self, level_m: float, above: Above) -> Singles:
        """Altitude of a level at the cells."""
        ground_m = self.cells.ground_m
        return np.full_like(ground_m, level_m) if above == "sea" else ground_m + np.float32(level_m)


def _scene(
    situation: Situation, terrain: Terrain, lat_deg: sky.Floats, lon_deg: sky.Floats, pool: ThreadPoolExecutor,
    report: Progress | None = None, known: Known | None = None,
) -> _Scene:  # fmt: skip
    ground = terrain.ground
    packed = packed_defence(situation, ground)
    probe = probe_of(request_of(situation))
    known = Known() if known is None else known
    if known.cells is None:
        known.cells = sky.field(np.radians(lat_deg), np.radians(lon_deg), ground, pool)
    floors = []
    for r in range(packed.radars.size):
        if report is not None:
            report("floors", r, packed.radars.size)
        floors.append(_floor(packed, r, probe, terrain, ground, known, pool))
    return _Scene(packed, ground, probe, known.cells, floors)


def request_of(situation: Situation) -> Cover:
    """What is asked about the sky."""
    assert situation.scenario.cover is not None
    return situation.scenario.cover


def map_of(
    situation: Situation, terrain: Terrain, where: Cells, levels_m: Sequence[float], above: Above, threads: int | None = None,
    progress: Progress | None = None, known: Known | None = None, count_to: int = 0,
) -> Map:  # fmt: skip
    """The sky over the cells of a map at each level, m above the ground or the sea; opportunities are counted to what is asked,
    or `count_to`.
    """
    request = request_of(situation)
    wave = Wave(request.together, max(request.opportunities, count_to))
    report = progress or (lambda what, done, of: None)
    altitudes, layers = [], []
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        scene = _scene(situation, terrain, where.lat_deg, where.lon_deg, pool, report, known)
        ways = sky.compass_ways(*where.shape) if request.toward is None else []
        inward = None if request.toward is None else _inward(situation, terrain, where, request.toward, pool)
        for i, level_m in enumerate(levels_m):
            report("levels", i, len(levels_m))
            alt_m = scene.altitudes(level_m, above)
            layer = sky.layer(scene.packed, scene.ground, scene.cells, scene.floors, scene.probe, alt_m, wave, ways, pool)
            if inward is not None:
                polar, cell_of = inward
                alt_in_m = polar.altitudes(level_m, above)
                counts = sky.opportunities_inward(
                    polar.packed, polar.ground, polar.cells, polar.floors, polar.probe, alt_in_m, wave, pool
                )
                layer = layer._replace(opportunities=counts.ravel()[cell_of])
            altitudes.append(alt_m)
            layers.append(layer)
        report("levels", len(levels_m), len(levels_m))
    lowest = np.full(where.shape, np.nan, np.float32)
    for r in set(scene.packed.units["radar"].tolist()):
        (top, left), found = scene.floors[r]
        part = lowest[top : top + found.shape[0], left : left + found.shape[1]]
        np.fmin(part, found, out=part)
    return Map(scene.cells.ground_m, tuple(altitudes), tuple(layers), lowest, request.opportunities)


def _inward(
    situation: Situation, terrain: Terrain, where: Cells, toward: tuple[float, float], pool: ThreadPoolExecutor
) -> tuple[_Scene, npt.NDArray[np.int64]]:
    """The sky along the ways in to a place, and which point of them is nearest to each cell of a map."""
    azimuth, away_m = sky.bearing_and_range(
        np.radians(where.lat_deg), np.radians(where.lon_deg), math.radians(toward[0]), math.radians(toward[1])
    )
    step_m = where.cell_m
    steps = int(away_m.max() / step_m) + 2
    azimuths = min(math.ceil(2.0 * math.pi * steps), _MOST_AZIMUTHS)
    polar = _scene(situation, terrain, *_ways_in(toward, azimuths, steps, step_m), pool)
    row = np.rint(azimuth / (2.0 * math.pi) * azimuths).astype(np.int64) % azimuths
    return polar, row * steps + (away_m / step_m).astype(np.int64)


def _ways_in(toward: tuple[float, float], azimuths: int, steps: int, step_m: float) -> tuple[sky.Floats, sky.Floats]:
    """Latitudes and longitudes, degrees, of points on the ways in to a place: a row an azimuth, outward from half a step."""
    azimuth, away_m = np.meshgrid(
        np.arange(azimuths) * 2.0 * math.pi / azimuths, (np.arange(steps) + 0.5) * step_m, indexing="ij"
    )
    lat, lon = sky.place_at(math.radians(toward[0]), math.radians(toward[1]), azimuth, away_m)
    return np.degrees(lat), np.degrees(lon)


def rose_of(
    situation: Situation, terrain: Terrain, at: tuple[float, float], levels_m: Sequence[float], above: Above, together: Sequence[int],
    threads: int | None = None,
) -> list[list[tuple[list[int], list[float]]]]:  # fmt: skip
    """Straight approaches to a place from `AZIMUTHS`: at each level, for each raid size, opportunities at arrival and the share that lives.

    Opportunities are counted to `ROSE_OPPORTUNITIES`; azimuths are those the threats come from.
    """
    packed, probe = packed_defence(situation, terrain.ground), probe_of(request_of(situation))
    far = max(
        geod_of(situation).inv(at[1], at[0], item.at[1], item.at[0])[2] + far_m(packed, u, probe)
        for u, item in enumerate(situation.scenario.defence)
    )
    found = []
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        ways = _ways_in(at, AZIMUTHS, math.ceil(far / _ROSE_STEP_M), _ROSE_STEP_M)
        scene = _scene(situation, terrain, *ways, pool)
        for level_m in levels_m:
            alt_m = scene.altitudes(level_m, above)
            pairs = (
                sky.arrivals(
                    scene.packed, scene.ground, scene.cells, scene.floors, probe, alt_m, Wave(m, ROSE_OPPORTUNITIES), pool
                )
                for m in together
            )
            found.append([(counts.tolist(), alive.tolist()) for counts, alive in pairs])
    return found


def ground_of(terrain: Terrain) -> Ground:
    """The terrain as the kernels take it."""
    return Ground(terrain.grid, terrain.north_rad, terrain.west_rad, terrain.lat_step_rad, terrain.lon_step_rad)


def _floor(
    packed: Packed, r: int, probe: Probe, terrain: Terrain, ground: Ground, known: Known, pool: ThreadPoolExecutor
) -> sky.Floor:  # fmt: skip
    """The visibility floor of one radar, as far as it can see the target: swept on the terrain's own grid, read off at the cells."""
    radar, cells = packed.radars[r], known.cells
    assert cells is not None
    lat, lon = float(radar["lat_rad"]), float(radar["lon_rad"])
    reach_m = min(sky.reach_m(packed, r, probe), sky.farthest_m(cells, lat, lon))
    key = lat, lon, float(radar["antenna_alt_m"]), packed.refraction_k, reach_m
    if key in known.floors:
        return known.floors[key]
    raster = _raster_round(terrain, math.degrees(lat), math.degrees(lon), reach_m)
    row, column = raster.index(math.degrees(lat), math.degrees(lon))
    mast_m = float(radar["antenna_alt_m"]) - float(bilinear(ground, lat, lon))
    antenna = Antenna(lat, lon, row, column, mast_m)
    rows, columns, found = floor_in_reach(
        pool, raster.grid, raster.lat_rad, raster.lon_rad, antenna, packed.refraction_k, 1.02 * reach_m
    )
    step_lon, _, west, _, step_lat, north = (math.radians(x) for x in raster.transform)
    surface = Ground(found, north + (rows.start + 0.5) * step_lat, west + (columns.start + 0.5) * step_lon, -step_lat, step_lon)
    known.floors[key] = sky.floor_at(cells, surface, lat, lon, reach_m, pool)
    return known.floors[key]


def _raster_round(terrain: Terrain, lat_deg: float, lon_deg: float, reach_m: float) -> Raster:
    """The terrain within reach of a place, on its own grid; of flat ground, a fine one."""
    deg = math.degrees(1.03 * reach_m / EARTH_RADIUS_M)
    wide = min(deg / max(math.cos(math.radians(min(abs(lat_deg) + deg, 89.0))), 0.02), 179.0)
    box = around([(lon_deg - wide, max(lat_deg - deg, -89.9), lon_deg + wide, min(lat_deg + deg, 89.9))])
    if terrain.grid.size > _FLAT_NODES:
        return raster_of(terrain, box)
    step = max(_FLAT_STEP_DEG, wide / 4_000.0)
    rows, columns = math.ceil((box.north - box.south) / step) + 1, math.ceil((box.east - box.west) / step) + 1
    level = replace(
        terrain,
        grid=np.full((rows, columns), terrain.grid[0, 0], np.float32),
        north_rad=math.radians(box.north), west_rad=math.radians(box.west),
        lat_step_rad=math.radians(step), lon_step_rad=math.radians(step),
    )  # fmt: skip
    return raster_of(level, Region(box.west, box.south, box.east, box.north))
