"""Coverage maps of a defence over terrain, level by level, with their frame of cells, brochure circles and protection roses."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.coverage.scene import Known as Known
from closedsky.coverage.scene import Scene, box_of, scene_of, share_floors
from closedsky.coverage.worst import WorstHeading
from closedsky.engine.layout import TICKS_PER_S, Packed, PackedDefence
from closedsky.engine.pack import loads, pack
from closedsky.engine.pack.sites import geod_of
from closedsky.engine.sweep import layers as sweep
from closedsky.engine.sweep.again import swept
from closedsky.engine.sweep.approach import Counts, Lines, Wave
from closedsky.engine.sweep.headings import COMPASS, bearings, lines_on
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
from closedsky.threads import Alone, executor

Mask = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

AZIMUTHS, ROSE_OPPORTUNITIES = 72, 20
_ROSE_STEP_M = 500.0
_MOST_AZIMUTHS = 4096


@dataclass(frozen=True)
class Map:
    """Coverage of a defence over cells.

    ground_m  altitude of the ground, m
    alt_m     altitude of each level, m
    layers    tracked, engageable and opportunities, level by level
    floor_m   lowest visibility floor of the engagement radars, m above sea; NaN where none sees
    enough    opportunities required of a closed cell
    headings  how many the worst heading was sought among, by level
    """

    ground_m: Singles
    alt_m: tuple[Singles, ...]
    layers: tuple[sweep.Layer, ...]
    floor_m: Singles
    enough: int
    headings: tuple[int, ...]

    def closed(self, i: int) -> Mask:
        """The cells closed at level `i`: engageable, and enough opportunities at each threat of the wave on the worst heading."""
        return self.layers[i].engaged & (self.layers[i].opportunities >= self.enough)

    def behind_fence(self, i: int) -> Mask:
        """The cells at level `i` that nobody can engage, but that no straight line reaches without enough opportunities."""
        return ~self.layers[i].engaged & (self.layers[i].opportunities >= self.enough)

    def underground(self, i: int) -> Mask:
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


def in_circles(known: Known, found: Sequence[Circle], threads: int | None = None) -> Mask:
    """Cells within any of the brochure circles, on a sphere."""
    cells = known.cells
    assert cells is not None
    mask = np.zeros(cells.lat_rad.shape, np.bool_)
    with executor(threads) as pool:
        for lat, lon, arc in {(*map(math.radians, one.at), one.range_km / (EARTH_RADIUS_M / 1000.0)) for one in found}:
            disc = known.made("circle", (lat, lon, arc), partial(sweep.disc, cells, lat, lon, arc, pool))
            mask[box_of(*disc)] |= disc[1]
    return mask


def probe_of(cover: Cover) -> Probe:
    """The target of a request in the form that kernels take."""
    return Probe(TARGET_CLASSES.index(cover.target.kind), cover.target.rcs_m2, cover.target.speed_mps)


def frame(
    packed: Packed, cover: Cover, terrain: Terrain, levels_m: Sequence[float], area: Area | None, places: Sequence[tuple[float, float]]
) -> Frame:  # fmt: skip
    """The frame of cells: it covers the area, the discs of `far_m` about the units, and the discs in which radars can see a threat."""
    probe = probe_of(cover)
    discs = [(*at, far_m(packed.defence, u, probe)) for u, at in enumerate(places)]
    return frame_round([area] if area else [], [*discs, *sight(packed, cover, terrain, levels_m)], cover.cell_m)


def sight(packed: Packed, cover: Cover, terrain: Terrain, levels_m: Sequence[float]) -> Iterator[tuple[float, float, float]]:
    """The discs in which radars can see a threat at the levels: latitude and longitude, degrees, and radius, m."""
    probe = probe_of(cover)
    lowest_m, highest_m = terrain.extremes_m
    top_m = max(levels_m) + (0.0 if cover.altitudes_m else highest_m)
    for r, radar in enumerate(packed.defence.radars):
        horizon_m = horizon_range(radar["antenna_alt_m"] - lowest_m, max(top_m - lowest_m, 0.0), packed.environment.refraction_k)
        reach_m = min(sweep.reach_m(packed.defence, r, probe), 1.01 * float(horizon_m))
        yield math.degrees(radar["lat_rad"]), math.degrees(radar["lon_rad"]), reach_m


def far_m(defence: PackedDefence, u: int, probe: Probe) -> float:
    """Range from unit `u`, m, within which threats can affect its opportunities.

    It is the greatest missile range plus the distance that threats fly during track confirmation, link delay, reaction and fly-out.
    """
    found = 5_000.0
    for m in np.flatnonzero(defence.magazines["unit"] == u):
        if defence.envelopes[m, probe.target_class]["engages"]:
            range_m = float(defence.envelopes[m, probe.target_class]["range_max_m"])
            flight_s = time_to_s(defence, int(m), 0.98 * range_m, 0.0)
            flight_s = flight_s if math.isfinite(flight_s) else range_m / 500.0
            found = max(found, range_m + probe.speed_mps * (flight_s + _delay_s(defence, u)))
    return found


def _delay_s(defence: PackedDefence, u: int) -> float:
    radars = defence.radars[defence.radars["network"] == defence.units[u]["network"]]
    confirm_s = max((float(radar["hits"] * radar["revisit_s"]) for radar in radars if radar["searches"]), default=0.0)
    link = defence.networks[defence.units[u]["network"]]["link_delay_ticks"]
    return confirm_s + float(defence.units[u]["reaction_ticks"] + link) / TICKS_PER_S


def packed_defence(situation: Situation, ground: Ground) -> Packed:
    """The defence of a situation, without its raid, as arrays; units and sensors without a heading have no sector limit."""
    scenario = situation.scenario.model_copy(update={"raid": ()})
    packed, names = pack(replace(situation, scenario=scenario), ground, with_horizons=False)
    turning = slewing(situation)
    for r, name in enumerate(names.radars):
        if name.partition("/")[0] in turning:
            packed.defence.radars[r]["half_sector_rad"] = math.pi
    return packed


def slewing(situation: Situation) -> set[str]:
    """Units and sensors without a heading: they turn to any one direction at a time."""
    scenario = situation.scenario
    units = {item.id for item in scenario.defence if item.heading_deg is None}
    return units | {sensor.id for sensor in scenario.sensors if sensor.heading_deg is None}


def request_of(situation: Situation) -> Cover:
    """The coverage request of a situation."""
    assert situation.scenario.cover is not None
    return situation.scenario.cover


def map_of(
    situation: Situation, terrain: Terrain, where: Cells, levels_m: Sequence[float], above: Above, threads: int | None = None,
    progress: Progress | None = None, known: Known | None = None, count_to: int = 0, land: Mask | None = None,
    headings: Sequence[int] = (),
) -> Map:  # fmt: skip
    """The coverage map at each level, m above ground or sea.

    Opportunities are counted up to the number requested, or `count_to` if that is greater. The worst heading is sought among `headings`,
    by level; without them among as many as it takes until the shares of the cells of `land` settle.
    """
    request = request_of(situation)
    with executor(threads) as pool:
        scene = _scene(situation, terrain, where.lat_deg, where.lon_deg, where.cell_m, pool, known)
        inward = None if request.toward is None else _inward(situation, terrain, where, request.toward, pool)
        return _map(scene, inward, request, levels_m, above, progress, count_to, land, headings)


def maps_of(
    situations: Sequence[Situation], terrain: Terrain, where: Cells, levels_m: Sequence[float], above: Above, headings: Sequence[int],
    threads: int | None = None, progress: Progress | None = None,
) -> Iterator[Map]:  # fmt: skip
    """The maps of situations that differ in figures only, each as of `map_of`, in order: antennas at one place share floors."""
    lattice = where.lat_deg, where.lon_deg, where.cell_m
    with executor(threads) as pool:
        report = progress or (lambda what, done, of: None)
        known, polar = Known(), Known()
        scenes = [_scene(one, terrain, *lattice, pool, known) for one in situations]
        request = request_of(situations[0])
        inwards: list[_Inward | None] = [None] * len(scenes)
        if request.toward is not None:
            inwards = [_inward(one, terrain, where, request.toward, pool, polar) for one in situations]
            share_floors([one.scene for one in inwards if one is not None])
        share_floors(scenes)

        def made(scene: Scene, inward: _Inward | None) -> Map:
            alone = Alone()  # the maps are small
            inward = inward and inward._replace(scene=replace(inward.scene, pool=alone))
            return _map(replace(scene, pool=alone), inward, request, levels_m, above, None, 0, None, headings)

        for done, one in enumerate(pool.map(made, scenes, inwards)):
            report("maps", done, len(scenes))
            yield one


def _map(
    scene: Scene, inward: "_Inward | None", request: Cover, levels_m: Sequence[float], above: Above, progress: Progress | None,
    count_to: int, land: Mask | None, headings: Sequence[int],
) -> Map:  # fmt: skip
    wave = Wave(request.together, max(request.opportunities, count_to))
    report = progress or (lambda what, done, of: None)
    altitudes, layers, tried = [], [], []
    going_on = scene.known.gone_on and inward is None
    lowest = np.full(scene.cells.ground_m.shape, np.nan, np.float32)
    floors: Iterable[sweep.Floor] = scene.floors(report, lowest)  # with one level, each floor is dropped after use
    if len(levels_m) > 1 and not going_on:
        floors = list(floors)
    inward_floors = [] if inward is None else list(inward.scene.floors())
    for i, level_m in enumerate(levels_m):
        tell = partial(report, "levels", i, len(levels_m))
        tell()
        alt_m = scene.altitudes(level_m, above)
        worst = _worst(scene, alt_m, request.opportunities, land, headings[i] if headings else 0)
        if going_on:
            worst.count = COMPASS
            layer = _gone_on(scene, (level_m, above), alt_m, wave, tell)
        elif inward is not None:
            worst.count = 1
            layer = sweep.layer(scene.packed, scene.ground, scene.cells, floors, scene.probe, alt_m, wave, _no_ways, scene.pool)
            layer = layer._replace(opportunities=_opportunities_inward(inward, inward_floors, level_m, above, wave))
        else:
            ways = _told(worst, tell)
            layer = sweep.layer(scene.packed, scene.ground, scene.cells, floors, scene.probe, alt_m, wave, ways, scene.pool)
        altitudes.append(alt_m)
        layers.append(layer)
        tried.append(worst.count)
    report("levels", len(levels_m), len(levels_m))
    lowest = scene.lowest() if going_on else lowest
    return Map(scene.cells.ground_m, tuple(altitudes), tuple(layers), lowest, request.opportunities, tuple(tried))


def _worst(scene: Scene, alt_m: Singles, enough: int, land: Mask | None, headings: int) -> WorstHeading:
    """The search for the worst heading at a level: the shares that count are those of the land above ground."""
    return WorstHeading(enough, None if land is None else land & (alt_m >= scene.cells.ground_m), headings)


def _no_ways(layer: sweep.Layer) -> Sequence[Lines]:
    return ()


def _told(worst: WorstHeading, tell: Callable[[], None]) -> Callable[[sweep.Layer], Iterator[Lines]]:
    """The ways; `tell` is called before each and may raise to stop the calculation."""

    def ways(layer: sweep.Layer) -> Iterator[Lines]:
        for lines in worst.ways(layer):
            tell()
            yield lines

    return ways


def _gone_on(
    scene: Scene, level: tuple[float, Above], alt_m: Singles, wave: Wave, tell: Callable[[], None]
) -> sweep.Layer:  # fmt: skip
    """The layer of one level on the headings of the compass, updated from the previous map of the same level."""

    def floor(r: int) -> sweep.Floor:
        tell()
        return scene.floor(r)

    ways = [lines_on(bearing, *alt_m.shape) for bearing in bearings(COMPASS)]
    before = scene.known.take("swept", level)
    found = swept(before, scene.packed, scene.ground, scene.cells, floor, scene.probe, alt_m, wave, ways, scene.pool)
    return scene.known.keep("swept", level, found).layer()


class _Inward(NamedTuple):
    """A polar scene of inbound approaches to a place, and the index of its point nearest to each cell of a map."""

    scene: Scene
    cell_of: npt.NDArray[np.int64]


def _opportunities_inward(
    inward: _Inward, floors: Sequence[sweep.Floor], level_m: float, above: Above, wave: Wave
) -> Counts:  # fmt: skip
    """The opportunities of the inbound approaches, at the cells of a map."""
    polar = inward.scene
    alt_m = polar.altitudes(level_m, above)
    counts = sweep.opportunities_inward(polar.packed, polar.ground, polar.cells, floors, polar.probe, alt_m, wave, polar.pool)
    return np.asarray(counts.ravel()[inward.cell_of])


def _scene(
    situation: Situation, terrain: Terrain, lat_deg: sweep.Floats, lon_deg: sweep.Floats, spacing_m: float, pool: Executor,
    known: Known | None = None,
) -> Scene:  # fmt: skip
    packed = packed_defence(situation, terrain.ground)
    return scene_of(packed, terrain, probe_of(request_of(situation)), lat_deg, lon_deg, spacing_m, pool, known)


def _inward(
    situation: Situation, terrain: Terrain, where: Cells, toward: tuple[float, float], pool: Executor, known: Known | None = None
) -> _Inward:
    """The inbound approaches to a place, at the distances of the cells of a map."""
    azimuth, away_m = bearing_and_range(
        np.radians(where.lat_deg), np.radians(where.lon_deg), math.radians(toward[0]), math.radians(toward[1])
    )
    step_m = where.cell_m
    steps = int(away_m.max() / step_m) + 2
    azimuths = min(math.ceil(2.0 * math.pi * steps), _MOST_AZIMUTHS)
    polar = _scene(situation, terrain, *_ways_in(toward, azimuths, steps, step_m), step_m, pool, known)
    row = np.rint(azimuth / (2.0 * math.pi) * azimuths).astype(np.int64) % azimuths
    return _Inward(polar, row * steps + (away_m / step_m).astype(np.int64))


def _ways_in(toward: tuple[float, float], azimuths: int, steps: int, step_m: float) -> tuple[sweep.Floats, sweep.Floats]:
    """Latitude and longitude, degrees, of points on inbound approaches to a place: one row per azimuth, outward from half a step."""
    azimuth, away_m = np.meshgrid(
        np.arange(azimuths) * 2.0 * math.pi / azimuths, (np.arange(steps) + 0.5) * step_m, indexing="ij"
    )
    lat, lon = place_at(math.radians(toward[0]), math.radians(toward[1]), azimuth, away_m)
    return np.degrees(lat), np.degrees(lon)


def rose_of(
    situation: Situation, terrain: Terrain, at: tuple[float, float], levels_m: Sequence[float], above: Above, together: Sequence[int],
    threads: int | None = None,
) -> list[list[tuple[list[int], list[float]]]]:  # fmt: skip
    """Straight approaches to a place from `AZIMUTHS` azimuths: by level and number of threats, opportunities and share that survives.

    Opportunities are counted up to `ROSE_OPPORTUNITIES`; azimuths are those that threats come from.
    """
    packed, probe = packed_defence(situation, terrain.ground), probe_of(request_of(situation))
    far = max(
        geod_of(situation).inv(at[1], at[0], item.at[1], item.at[0])[2] + far_m(packed.defence, u, probe)
        for u, item in enumerate(situation.scenario.defence)
    )
    found = []
    with executor(threads) as pool:
        ways = _ways_in(at, AZIMUTHS, math.ceil(far / _ROSE_STEP_M), _ROSE_STEP_M)
        scene = _scene(situation, terrain, *ways, _ROSE_STEP_M, pool)
        floors = list(scene.floors())
        for level_m in levels_m:
            alt_m = scene.altitudes(level_m, above)
            pairs = (
                sweep.arrivals(scene.packed, scene.ground, scene.cells, floors, probe, alt_m, Wave(m, ROSE_OPPORTUNITIES), pool)
                for m in together
            )
            found.append([(counts.tolist(), alive.tolist()) for counts, alive in pairs])
    return found
