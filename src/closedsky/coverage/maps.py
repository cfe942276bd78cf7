"""The closed sky of a defence: its ground, its floors, its maps, and what they come to."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from closedsky.coverage.scene import Known as Known
from closedsky.coverage.scene import Scene, box_of, scene_of
from closedsky.engine.layout import TICKS_PER_S, Packed
from closedsky.engine.pack import loads, pack
from closedsky.engine.pack.sites import geod_of
from closedsky.engine.sweep import layers as sweep
from closedsky.engine.sweep.again import swept
from closedsky.engine.sweep.approach import Counts, Lines, Wave
from closedsky.engine.sweep.sky import Probe
from closedsky.engine.tables.windows import time_to_s
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, Frame, frame_round
from closedsky.geo.terrain import Terrain
from closedsky.model.scenario import Cover
from closedsky.model.sky import Above, Circle
from closedsky.model.system import TARGET_CLASSES
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground
from closedsky.physics.sphere import bearing_and_range, place_at
from closedsky.physics.visibility import horizon_range
from closedsky.progress import Progress
from closedsky.scenario.situation import Situation
from closedsky.threads import threads_to_use

Singles = npt.NDArray[np.float32]

AZIMUTHS, ROSE_OPPORTUNITIES = 72, 20
_ROSE_STEP_M = 500.0
_MOST_AZIMUTHS = 4096


@dataclass(frozen=True)
class Map:
    """What a defence makes of the sky: a layer a level, and the lowest floor of its engagement radars, m above sea (NaN: none sees)."""

    ground_m: Singles
    alt_m: tuple[Singles, ...]
    layers: tuple[sweep.Layer, ...]
    floor_m: Singles
    enough: int

    def closed(self, i: int) -> npt.NDArray[np.bool_]:
        """Where level `i` is closed: each threat of the wave is offered enough, whichever way they come."""
        return self.layers[i].opportunities >= self.enough

    def underground(self, i: int) -> npt.NDArray[np.bool_]:
        """Where level `i`, an altitude, is below the ground."""
        return self.alt_m[i] < self.ground_m


def circles(situation: Situation) -> tuple[Circle, ...]:
    """The brochure circle of each fire unit."""
    found = []
    for item in situation.scenario.defence:
        system = situation.systems[item.system]
        longest = system.brochure("aircraft", loads(item, system))
        if longest is not None:
            name, envelope = longest
            range_km, ceiling_km = envelope.range_max.si / 1000.0, envelope.altitude_max.si / 1000.0
            found.append(
                Circle(unit=item.id, system=item.system, missile=name, at=item.at, range_km=range_km, ceiling_km=ceiling_km)
            )
    return tuple(found)


def in_circles(known: Known, found: Sequence[Circle], threads: int | None = None) -> npt.NDArray[np.bool_]:
    """Cells within any of some brochure circles, on a sphere."""
    cells = known.cells
    assert cells is not None
    mask = np.zeros(cells.lat_rad.shape, np.bool_)
    with ThreadPoolExecutor(threads_to_use(threads)) as pool:
        for lat, lon, arc in {(*map(math.radians, one.at), one.range_km / (EARTH_RADIUS_M / 1000.0)) for one in found}:
            disc = known.made("circle", (lat, lon, arc), partial(sweep.disc, cells, lat, lon, arc, pool))
            mask[box_of(*disc)] |= disc[1]
    return mask


def probe_of(cover: Cover) -> Probe:
    """The target of a request as the kernels take it."""
    return Probe(TARGET_CLASSES.index(cover.target.kind), cover.target.rcs_m2, cover.target.speed_mps)


def frame(
    packed: Packed, cover: Cover, terrain: Terrain, levels_m: Sequence[float], area: Area | None, places: Sequence[tuple[float, float]]
) -> Frame:  # fmt: skip
    """The frame of cells of the area, of all the sky in which something can be decided, and of that in which a threat can be seen."""
    probe = probe_of(cover)
    discs = [(*at, far_m(packed, u, probe)) for u, at in enumerate(places)]
    lowest_m, highest_m = float(terrain.grid.min()), float(terrain.grid.max())
    top_m = max(levels_m) + (0.0 if cover.altitudes_m else highest_m)
    for r, radar in enumerate(packed.radars):
        horizon_m = horizon_range(radar["antenna_alt_m"] - lowest_m, max(top_m - lowest_m, 0.0), packed.refraction_k)
        reach_m = min(sweep.reach_m(packed, r, probe), 1.01 * float(horizon_m))
        discs.append((math.degrees(radar["lat_rad"]), math.degrees(radar["lon_rad"]), reach_m))
    return frame_round([area] if area else [], discs, cover.cell_m)


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
    """The defence of a situation without its wave, as arrays; units and sensors without a heading look wherever they have to."""
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


def request_of(situation: Situation) -> Cover:
    """What is asked about the sky."""
    assert situation.scenario.cover is not None
    return situation.scenario.cover


def map_of(
    situation: Situation, terrain: Terrain, where: Cells, levels_m: Sequence[float], above: Above, threads: int | None = None,
    progress: Progress | None = None, known: Known | None = None, count_to: int = 0,
) -> Map:  # fmt: skip
    """The sky over the cells of a map at each level, m above ground or sea; opportunities are counted to what is asked, or `count_to`."""
    request = request_of(situation)
    wave = Wave(request.together, max(request.opportunities, count_to))
    report = progress or (lambda what, done, of: None)
    altitudes, layers = [], []
    with ThreadPoolExecutor(threads_to_use(threads)) as pool:
        scene = _scene(situation, terrain, where.lat_deg, where.lon_deg, pool, known)
        going_on = scene.known.gone_on and request.toward is None
        lowest = np.full(where.shape, np.nan, np.float32)
        floors: Iterable[sweep.Floor] = scene.floors(report, lowest)  # of one level they are let go as they have been looked at
        if len(levels_m) > 1 and not going_on:
            floors = list(floors)
        ways = sweep.compass_ways(*where.shape) if request.toward is None else []
        inward = None if request.toward is None else _inward(situation, terrain, where, request.toward, pool)
        for i, level_m in enumerate(levels_m):
            tell = partial(report, "levels", i, len(levels_m))
            tell()
            alt_m = scene.altitudes(level_m, above)
            if going_on:
                layer = _gone_on(scene, (level_m, above), alt_m, wave, ways, tell)
            else:
                told = _told(ways, tell)
                layer = sweep.layer(scene.packed, scene.ground, scene.cells, floors, scene.probe, alt_m, wave, told, pool)
            if inward is not None:
                layer = layer._replace(opportunities=_opportunities_inward(*inward, level_m, above, wave))
            altitudes.append(alt_m)
            layers.append(layer)
        report("levels", len(levels_m), len(levels_m))
        lowest = scene.lowest() if going_on else lowest
    return Map(scene.cells.ground_m, tuple(altitudes), tuple(layers), lowest, request.opportunities)


def _told(ways: Sequence[Lines], tell: Callable[[], None]) -> Iterator[Lines]:
    """The ways; `tell` is called before each, so that who has had enough can say so."""
    for lines in ways:
        tell()
        yield lines


def _gone_on(
    scene: Scene, level: tuple[float, Above], alt_m: Singles, wave: Wave, ways: Sequence[Lines], tell: Callable[[], None]
) -> sweep.Layer:  # fmt: skip
    """The sky at one level, from what it was when it was last asked about."""

    def floor(r: int) -> sweep.Floor:
        tell()
        return scene.floor(r)

    before = scene.known.take("swept", level)
    found = swept(before, scene.packed, scene.ground, scene.cells, floor, scene.probe, alt_m, wave, ways, scene.pool)
    return scene.known.keep("swept", level, found).layer()


def _opportunities_inward(
    polar: Scene, floors: Sequence[sweep.Floor], cell_of: npt.NDArray[np.int64], level_m: float, above: Above, wave: Wave
) -> Counts:  # fmt: skip
    """The opportunities along the ways in, at the cells of a map."""
    alt_m = polar.altitudes(level_m, above)
    counts = sweep.opportunities_inward(polar.packed, polar.ground, polar.cells, floors, polar.probe, alt_m, wave, polar.pool)
    return np.asarray(counts.ravel()[cell_of])


def _scene(
    situation: Situation, terrain: Terrain, lat_deg: sweep.Floats, lon_deg: sweep.Floats, pool: ThreadPoolExecutor,
    known: Known | None = None,
) -> Scene:  # fmt: skip
    packed = packed_defence(situation, terrain.ground)
    return scene_of(packed, terrain, probe_of(request_of(situation)), lat_deg, lon_deg, pool, known)


def _inward(
    situation: Situation, terrain: Terrain, where: Cells, toward: tuple[float, float], pool: ThreadPoolExecutor
) -> tuple[Scene, list[sweep.Floor], npt.NDArray[np.int64]]:
    """The sky along the ways in to a place, with all floors, and which point of them is nearest to each cell of a map."""
    azimuth, away_m = bearing_and_range(
        np.radians(where.lat_deg), np.radians(where.lon_deg), math.radians(toward[0]), math.radians(toward[1])
    )
    step_m = where.cell_m
    steps = int(away_m.max() / step_m) + 2
    azimuths = min(math.ceil(2.0 * math.pi * steps), _MOST_AZIMUTHS)
    polar = _scene(situation, terrain, *_ways_in(toward, azimuths, steps, step_m), pool)
    row = np.rint(azimuth / (2.0 * math.pi) * azimuths).astype(np.int64) % azimuths
    return polar, list(polar.floors()), row * steps + (away_m / step_m).astype(np.int64)


def _ways_in(toward: tuple[float, float], azimuths: int, steps: int, step_m: float) -> tuple[sweep.Floats, sweep.Floats]:
    """Latitudes and longitudes, degrees, of points on the ways in to a place: a row an azimuth, outward from half a step."""
    azimuth, away_m = np.meshgrid(
        np.arange(azimuths) * 2.0 * math.pi / azimuths, (np.arange(steps) + 0.5) * step_m, indexing="ij"
    )
    lat, lon = place_at(math.radians(toward[0]), math.radians(toward[1]), azimuth, away_m)
    return np.degrees(lat), np.degrees(lon)


def rose_of(
    situation: Situation, terrain: Terrain, at: tuple[float, float], levels_m: Sequence[float], above: Above, together: Sequence[int],
    threads: int | None = None,
) -> list[list[tuple[list[int], list[float]]]]:  # fmt: skip
    """Straight approaches to a place from `AZIMUTHS`: at each level, for each number of threats, opportunities and the share that lives.

    Offers are counted to `ROSE_OPPORTUNITIES`; azimuths are those the threats come from.
    """
    packed, probe = packed_defence(situation, terrain.ground), probe_of(request_of(situation))
    far = max(
        geod_of(situation).inv(at[1], at[0], item.at[1], item.at[0])[2] + far_m(packed, u, probe)
        for u, item in enumerate(situation.scenario.defence)
    )
    found = []
    with ThreadPoolExecutor(threads_to_use(threads)) as pool:
        ways = _ways_in(at, AZIMUTHS, math.ceil(far / _ROSE_STEP_M), _ROSE_STEP_M)
        scene = _scene(situation, terrain, *ways, pool)
        floors = list(scene.floors())
        for level_m in levels_m:
            alt_m = scene.altitudes(level_m, above)
            pairs = (
                sweep.arrivals(scene.packed, scene.ground, scene.cells, floors, probe, alt_m, Wave(m, ROSE_OPPORTUNITIES), pool)
                for m in together
            )
            found.append([(counts.tolist(), alive.tolist()) for counts, alive in pairs])
    return found
