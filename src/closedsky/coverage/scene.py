"""A scene: a defence, the cells of a map, and the visibility floors of its radars over them, computed once and cached."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from closedsky.coverage.kept import Kept, number_of
from closedsky.engine.layout import Packed
from closedsky.engine.sweep import layers as sweep
from closedsky.engine.sweep.sky import Probe
from closedsky.geo.floor_sweep import Antenna, floor_in_reach
from closedsky.geo.terrain import Raster, Region, Terrain, raster_of, refined
from closedsky.geo.terrain.region import around
from closedsky.model.sky import Above
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground, bilinear
from closedsky.progress import Progress

Singles = npt.NDArray[np.float32]
Box = tuple[slice, slice]
T = TypeVar("T")

_MOST_BYTES = 512 << 20
"""Cache of one request evaluated many times, such as the test of a claim: the floors of some hundred antennas."""
_ASIDE_BYTES = 64 << 20
_SMALL_NODES = 1_000_000
_MOST_STEPS = 2_000.0
"""Most nodes from a radar to the end of its reach that a floor is refined to."""
_FLAT_NODES = 64
_FLAT_STEP_DEG = 1.0 / 120.0
"""Posting used for flat ground: the Earth bulges 2 cm between nodes."""


class _Seer(NamedTuple):
    """Everything that a visibility floor over given cells and terrain depends on; `posting_m` is the most that its nodes are apart."""

    lat_rad: float
    lon_rad: float
    altitude_m: float
    refraction_k: float
    reach_m: float
    posting_m: float


Place = tuple[float, float, float]
"""Latitude and longitude of an antenna, rad, and the effective Earth radius factor."""


class Span(NamedTuple):
    """Antennas at one place: the lowest altitude and the highest, m, and how far the farthest sees, m."""

    lowest_m: float
    highest_m: float
    reach_m: float


@dataclass
class Known:
    """Cached results for given cells and terrain.

    kept     the cache
    where    key of the cells and the terrain in a cache shared with others
    gone_on  whether results are stored for the next map, which may differ in a few units: for repeated requests
    cells    the cells with the ground under them, once known
    spans    antennas whose floors are shared, by place (`share_floors`)
    """

    kept: Kept = field(default_factory=lambda: Kept(_MOST_BYTES))
    where: Hashable = None
    gone_on: bool = False
    cells: sweep.Field | None = None
    spans: dict[Place, Span] = field(default_factory=dict)

    def aside(self) -> "Known":
        """The same cells with a small cache of their own, for a map that is not to displace results stored for the next one."""
        return Known(Kept(_ASIDE_BYTES), cells=self.cells) if self.gone_on else self

    def made(self, what: str, of: Hashable, make: Callable[[], T]) -> T:
        """A result for these cells and this terrain, computed and stored if it is not cached."""
        return self.kept.made((what, self.where, of), make)

    def keep(self, what: str, of: Hashable, value: T) -> T:
        """Store a result for these cells and this terrain, and return it."""
        return self.kept.put((what, self.where, of), value)

    def recall(self, what: str, of: Hashable) -> Any:
        """The cached result; None if there is none."""
        return self.kept.get((what, self.where, of))

    def take(self, what: str, of: Hashable) -> Any:
        """Remove the cached result and return it, so that it may be changed; None if there is none."""
        return self.kept.take((what, self.where, of))


_Lowest = tuple[dict[_Seer, Box], Singles]


@dataclass(frozen=True)
class Scene:
    """A defence, the target, and the cells of a map, `spacing_m` apart; visibility floors of its radars are swept on demand."""

    packed: Packed
    terrain: Terrain
    ground: Ground
    probe: Probe
    cells: sweep.Field
    spacing_m: float
    known: Known
    pool: Executor

    def altitudes(self, level_m: float, above: Above) -> Singles:
        """Altitude of a level at the cells, m."""
        ground_m = self.cells.ground_m
        if above == "sea":
            return self.known.made("altitudes", (level_m, above), lambda: np.full_like(ground_m, level_m))
        return self.known.made("altitudes", (level_m, above), lambda: ground_m + np.float32(level_m))

    def floor(self, r: int) -> sweep.Floor:
        """The visibility floor of radar `r`."""
        seer = _seer(self, r)
        span = self.known.spans.get(_place(seer))
        return _floor(self, seer) if span is None else _between(self, seer, span)

    def floors(self, report: Progress | None = None, lowest: Singles | None = None) -> Iterator[sweep.Floor]:
        """The visibility floors of all radars; `lowest` takes the minimum over engagement radars."""
        guides = set(self.packed.defence.units["radar"].tolist())
        for r in range(self.packed.defence.radars.size):
            if report is not None:
                report("floors", r, self.packed.defence.radars.size)
            floor = self.floor(r)
            if lowest is not None and r in guides:
                part = lowest[box_of(*floor)]
                np.fmin(part, floor.altitude_m, out=part)
            yield floor

    def lowest(self) -> Singles:
        """The lowest floor of the engagement radars, m above sea; NaN where none sees.

        Where a previous map left one, it is recomputed only within reach of antennas that were removed or added.
        """
        now = {_seer(self, int(r)): int(r) for r in set(self.packed.defence.units["radar"].tolist())}
        before: _Lowest | None = self.known.recall("lowest", None) if self.known.gone_on else None
        boxes, lowest = before or ({}, np.full(self.cells.ground_m.shape, np.nan, np.float32))
        lowest = lowest.copy()
        holes = [box for seer, box in boxes.items() if seer not in now]
        for hole in holes:
            lowest[hole] = np.nan
        kept_boxes = {}
        for seer, r in now.items():
            parts = [_both(boxes[seer], hole) for hole in holes] if seer in boxes else [box_of(*self.floor(r))]
            for part in (part for part in parts if lowest[part].size):
                floor = self.floor(r)
                (top, left), (rows, columns) = floor.corner, part
                inner = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
                np.fmin(lowest[part], floor.altitude_m[inner], out=lowest[part])
            kept_boxes[seer] = boxes[seer] if seer in boxes else parts[0]
        if self.known.gone_on:
            self.known.keep("lowest", None, (kept_boxes, lowest))
        return lowest


def box_of(corner: tuple[int, int], values: npt.NDArray[Any]) -> Box:
    """The slices of a map that an array with its first element at `corner` covers."""
    (top, left), (rows, columns) = corner, values.shape
    return slice(top, top + rows), slice(left, left + columns)


def _both(one: Box, other: Box) -> Box:
    """The intersection of two parts of a map; empty if they do not meet."""
    rows, columns = (slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(one, other, strict=True))
    return slice(rows.start, max(rows.stop, rows.start)), slice(columns.start, max(columns.stop, columns.start))


def scene_of(
    packed: Packed, terrain: Terrain, probe: Probe, lat_deg: sweep.Floats, lon_deg: sweep.Floats, spacing_m: float,
    pool: Executor, known: Known | None = None,
) -> Scene:  # fmt: skip
    """The scene of a defence over a terrain and cells, degrees, `spacing_m` apart."""
    ground, known = terrain.ground, known or Known()
    if known.cells is None:
        known.cells = known.made("cells", None, lambda: sweep.field(np.radians(lat_deg), np.radians(lon_deg), ground, pool))
    return Scene(packed, terrain, ground, probe, known.cells, spacing_m, known, pool)


def share_floors(scenes: Sequence[Scene]) -> None:
    """Have scenes of the same cells and terrain, with one `Known`, share the floors of antennas that differ in height and reach only.

    At each place they are swept for the lowest and the highest antenna, as far as any of them sees, and interpolated between these. A
    floor is the highest of straight lines over all that is in the way, each of which falls in proportion as its antenna rises: between two
    heights it is at most what is interpolated, so that too little is seen rather than too much.
    """
    first = scenes[0]
    spans = first.known.spans
    for scene in scenes:
        for seer in (_seer(scene, r) for r in range(scene.packed.defence.radars.size)):
            low_m, high_m, reach_m = spans.get(_place(seer), Span(seer.altitude_m, seer.altitude_m, 0.0))
            span = Span(min(low_m, seer.altitude_m), max(high_m, seer.altitude_m), max(reach_m, seer.reach_m))
            spans[_place(seer)] = span
    for place, span in spans.items():
        _ends(first, place, span)


def _place(seer: _Seer) -> Place:
    return seer.lat_rad, seer.lon_rad, seer.refraction_k


def _ends(scene: Scene, place: Place, span: Span) -> tuple[sweep.Floor, sweep.Floor]:
    """The floors of the lowest and of the highest antenna at a place."""
    posting_m = max(scene.spacing_m, span.reach_m / _MOST_STEPS)
    lat, lon, refraction_k = place
    low, high = (
        _floor(scene, _Seer(lat, lon, altitude_m, refraction_k, span.reach_m, posting_m))
        for altitude_m in (span.lowest_m, span.highest_m)
    )
    return low, high


def _between(scene: Scene, seer: _Seer, span: Span) -> sweep.Floor:
    """The floor of an antenna, interpolated between those of the lowest and the highest at its place."""
    lowest, highest = _ends(scene, _place(seer), span)
    if span.highest_m == span.lowest_m:
        return lowest
    share = np.float32((seer.altitude_m - span.lowest_m) / (span.highest_m - span.lowest_m))
    return lowest._replace(altitude_m=lowest.altitude_m + share * (highest.altitude_m - lowest.altitude_m))


def _seer(scene: Scene, r: int) -> _Seer:
    """Radar `r` as an antenna whose reach is the greatest range at which it can see the target, or that of the farthest cell."""
    radar = scene.packed.defence.radars[r]
    lat, lon = float(radar["lat_rad"]), float(radar["lon_rad"])
    farthest_m = scene.known.made("farthest", (lat, lon), partial(sweep.farthest_m, scene.cells, lat, lon))
    reach_m = min(sweep.reach_m(scene.packed.defence, r, scene.probe), farthest_m)
    posting_m = max(scene.spacing_m, reach_m / _MOST_STEPS)
    return _Seer(lat, lon, float(radar["antenna_alt_m"]), scene.packed.environment.refraction_k, reach_m, posting_m)


def _floor(scene: Scene, seer: _Seer) -> sweep.Floor:
    """The visibility floor of an antenna, swept on the terrain's own grid and sampled at the cells."""

    def at_cells() -> sweep.Floor:
        surface = _surface(scene, seer)
        return sweep.floor_at(scene.cells, surface, seer.lat_rad, seer.lon_rad, seer.reach_m, scene.pool)

    return scene.known.made("floor", seer, at_cells)


def _surface(scene: Scene, seer: _Seer) -> Ground:
    """The visibility floor of an antenna on the terrain's own grid; a small one is cached for other cells."""
    key = "surface", number_of(scene.terrain), seer
    found: Ground | None = scene.known.kept.get(key)
    if found is None:
        found = _swept(scene.terrain, scene.ground, seer, scene.pool)
        if scene.known.gone_on and found.grid.size <= _SMALL_NODES:
            scene.known.kept.put(key, found)
    return found


def _swept(terrain: Terrain, ground: Ground, seer: _Seer, pool: Executor) -> Ground:
    """The floor on nodes no farther apart than the cells: between two nodes it is linear, which behind a ridge between them it is not.

    It goes on past the radar's reach, so that every cell within reach lies between nodes that have a floor.
    """
    lat, lon, altitude_m, refraction_k, reach_m, posting_m = seer
    raster = _raster_round(terrain, math.degrees(lat), math.degrees(lon), reach_m, posting_m)
    raster = refined(raster, math.ceil(raster.posting_m / posting_m))
    row, column = raster.index(math.degrees(lat), math.degrees(lon))
    stands = Antenna(lat, lon, row, column, altitude_m - float(bilinear(ground, lat, lon)))
    past_m = 1.02 * reach_m + 2.0 * raster.posting_m
    rows, columns, found = floor_in_reach(pool, raster.grid, raster.lat_rad, raster.lon_rad, stands, refraction_k, past_m)
    found.flags.writeable = False  # as every grid that kernels take: else they would be compiled for both
    step_lon, _, west, _, step_lat, north = (math.radians(x) for x in raster.transform)
    return Ground(found, north + (rows.start + 0.5) * step_lat, west + (columns.start + 0.5) * step_lon, -step_lat, step_lon)


def _raster_round(terrain: Terrain, lat_deg: float, lon_deg: float, reach_m: float, posting_m: float) -> Raster:
    """The terrain within reach of a place and a little past it, on its own grid; for flat ground, on one of the given posting."""
    deg = math.degrees((1.03 * reach_m + 3.0 * max(posting_m, terrain.posting_m)) / EARTH_RADIUS_M)
    wide = min(deg / max(math.cos(math.radians(min(abs(lat_deg) + deg, 89.0))), 0.02), 179.0)
    box = around([(lon_deg - wide, max(lat_deg - deg, -89.9), lon_deg + wide, min(lat_deg + deg, 89.9))])
    if terrain.grid.size > _FLAT_NODES:
        return raster_of(terrain, box)
    step = min(math.degrees(posting_m / EARTH_RADIUS_M), _FLAT_STEP_DEG)
    rows, columns = math.ceil((box.north - box.south) / step) + 1, math.ceil((box.east - box.west) / step) + 1
    level = replace(
        terrain,
        grid=np.full((rows, columns), terrain.grid[0, 0], np.float32),
        north_rad=math.radians(box.north), west_rad=math.radians(box.west),
        lat_step_rad=math.radians(step), lon_step_rad=math.radians(step), posting_m=EARTH_RADIUS_M * math.radians(step),
    )  # fmt: skip
    return raster_of(level, Region(box.west, box.south, box.east, box.north))
