"""Coverage of one level of a map: cells tracked and engageable, and opportunities by line sweeps, on several threads."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Floats as Floats
from closedsky.engine.layout import Packed, PackedDefence
from closedsky.engine.sweep.approach import Counts, Lines, Wave, flat, sweep_lines, sweep_to_ends
from closedsky.engine.sweep.headings import rows_inward
from closedsky.engine.sweep.line import new_line_sweep
from closedsky.engine.sweep.sky import WORD, Bits, Level, Probe, Singles, engageable, mark, near, put_in_place, sample, searching
from closedsky.engine.tables.sight import TRACKING_PD
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground
from closedsky.physics.radar import snr_for_look
from closedsky.physics.sphere import range_m
from closedsky.threads import Alone

SWERLING = 1
"""Swerling case of the target: its echo fluctuates from look to look of a search radar."""
_CHUNKS, _CHUNK_CELLS = max(16, 3 * (os.cpu_count() or 1)), 50_000
"""Number of parts that work is divided into, and their least size: enough to keep every thread busy to the end, few enough for a
negligible overhead.
"""
_LATTICE = 16


class Field(NamedTuple):
    """The cells of a map, (rows, columns): latitude and longitude in rad, altitude of the ground in m."""

    lat_rad: Floats
    lon_rad: Floats
    ground_m: Singles


class Floor(NamedTuple):
    """The visibility floor of one radar over a part of a map, m above sea; `corner` is the first row and column of that part."""

    corner: tuple[int, int]
    altitude_m: Singles


class Layer(NamedTuple):
    """Coverage at one level, cell by cell.

    tracked        a searching radar detects the target there
    engaged        engageable: some unit can meet a target there
    opportunities  the fewest offered to any threat of the wave, on the worst heading
    """

    tracked: npt.NDArray[np.bool_]
    engaged: npt.NDArray[np.bool_]
    opportunities: Counts


def field(lat_rad: Floats, lon_rad: Floats, ground: Ground, pool: Executor) -> Field:
    """Cells with the altitude of the ground at each, from latitude and longitude in rad."""
    ground_m = np.empty(lat_rad.shape, np.float32)
    by_rows(pool, lat_rad.shape, lambda first, last: sample(ground, lat_rad, lon_rad, ground_m, first, last))
    return Field(lat_rad, lon_rad, ground_m)


def reach_m(defence: PackedDefence, r: int, probe: Probe) -> float:
    """A range, m, beyond which radar `r` never sees the target: its instrumented range, or the range at which the echo is too weak."""
    radar = defence.radars[r]
    loss_db = max(float(radar["anchor_gas_db"]), 0.0)  # at shorter range the loss is less than at the anchor
    weak = (
        float(radar["anchor_range_m"])
        * (float(radar["anchor_snr"]) / needed_snr(defence, r) * probe.rcs_m2 / float(radar["anchor_rcs_m2"])) ** 0.25
    )
    return min(float(radar["range_max_m"]), float(weak * 10.0 ** (loss_db / 20.0)))


def needed_snr(defence: PackedDefence, r: int) -> float:
    """Signal-to-noise ratio of one pulse at which radar `r` detects with a probability of one half per look."""
    radar = defence.radars[r]
    return snr_for_look(SWERLING, TRACKING_PD, float(radar["pfa"]), int(radar["pulses"]))


def floor_at(cells: Field, found: Ground, lat_rad: float, lon_rad: float, reach_m: float, pool: Executor) -> Floor:
    """A visibility floor, given on a grid of its own, at the cells within reach of its antenna."""
    rows, columns = _window(cells, lat_rad, lon_rad, reach_m)
    lat, lon = (np.ascontiguousarray(part[rows, columns]) for part in (cells.lat_rad, cells.lon_rad))
    out = np.empty(lat.shape, np.float32)
    by_rows(pool, lat.shape, lambda first, last: sample(found, lat, lon, out, first, last))
    return Floor((rows.start, columns.start), out)


def disc(
    cells: Field, lat_rad: float, lon_rad: float, arc_rad: float, pool: Executor
) -> tuple[tuple[int, int], npt.NDArray[np.bool_]]:
    """The cells within an arc of a place, as a mask over a part of the map, preceded by the first row and column of that part."""
    rows, columns = _window(cells, lat_rad, lon_rad, EARTH_RADIUS_M * arc_rad)
    lat, lon = (np.ascontiguousarray(part[rows, columns]) for part in (cells.lat_rad, cells.lon_rad))
    found, places = np.zeros(lat.shape, np.bool_), np.array([(lat_rad, lon_rad, arc_rad)])
    by_rows(pool, lat.shape, lambda first, last: near(lat, lon, places, found, first, last))
    return (rows.start, columns.start), found


def farthest_m(cells: Field, lat_rad: float, lon_rad: float) -> float:
    """Ground range from a place to the farthest cell, m, with a small margin."""
    rows, columns = _lattice(cells)
    return 1.01 * float(
        range_m(cells.lat_rad[np.ix_(rows, columns)], cells.lon_rad[np.ix_(rows, columns)], lat_rad, lon_rad).max()
    )


def _lattice(cells: Field) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Every sixteenth row and column of the cells, and the last ones."""
    rows, columns = (np.unique(np.append(np.arange(0, size, _LATTICE), size - 1)) for size in cells.lat_rad.shape)
    return rows, columns


def _window(cells: Field, lat_rad: float, lon_rad: float, reach_m: float) -> tuple[slice, slice]:
    """Rows and columns of the cells within reach of a place, with a margin."""
    rows, columns = _lattice(cells)
    away_m = range_m(cells.lat_rad[np.ix_(rows, columns)], cells.lon_rad[np.ix_(rows, columns)], lat_rad, lon_rad)
    apart_m = max(float(np.abs(np.diff(away_m, axis=axis)).max(initial=0.0)) for axis in (0, 1))
    near = away_m <= 1.01 * reach_m + 2.0 * apart_m
    if not near.any():
        return slice(0, 0), slice(0, 0)
    parts = []
    for axis, places in ((1, rows), (0, columns)):
        hit = np.flatnonzero(near.any(axis=axis))
        parts.append(slice(int(places[max(hit[0] - 1, 0)]), int(places[min(hit[-1] + 1, places.size - 1)]) + 1))
    return parts[0], parts[1]


def layer(
    packed: Packed, ground: Ground, cells: Field, floors: Iterable[Floor], probe: Probe, alt_m: Singles, wave: Wave,
    ways: Callable[[Layer], Iterable[Lines]], pool: Executor,
) -> Layer:  # fmt: skip
    """Coverage at the altitudes `alt_m`, with threats that approach on each of the `ways`.

    `ways` is called with the layer and gives the lines of one heading after another; before each, the layer's opportunities are those of
    the worst heading so far.
    """
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    tracked, engaged = seen(packed.defence, probe, level, pool)
    found = Layer(tracked, engaged, np.full(alt_m.shape, wave.enough, np.uint8))
    for lines in ways(found):
        along(pool, lines, sweeper(packed.defence, probe, wave, level, lines, found.opportunities))
    return found


def seen(
    defence: PackedDefence, probe: Probe, level: Level, pool: Executor
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """The cells that are tracked, and those that are engageable."""
    searches = searching(defence, level.clear.shape[2])
    engaged = np.empty(level.alt_m.shape, np.bool_)
    by_rows(pool, level.alt_m.shape, lambda first, last: engageable(defence, probe, level, searches, engaged, first, last))
    of_any: Bits = np.bitwise_or.reduce(searches, axis=0)
    tracked = np.asarray((level.clear & of_any).any(axis=2))
    return tracked, engaged


def arrivals(
    packed: Packed,
    ground: Ground,
    cells: Field,
    floors: Sequence[Floor],
    probe: Probe,
    alt_m: Singles,
    wave: Wave,
    pool: Executor,
) -> tuple[Counts, Floats]:
    """Fewest opportunities of a threat, and the share that survives, row by row, for threats that approach from the last column."""
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    lines = rows_inward(*alt_m.shape)
    counts, alive = np.zeros(lines.base.size, np.uint8), np.ones(lines.base.size)
    sky = flat(level)

    def work(first: int, last: int) -> None:
        sweep = new_line_sweep(packed.defence, probe, wave.together, sky.clear.shape[1])
        sweep_to_ends(packed.defence, probe, sweep, wave, sky, lines, first, last, counts, alive)

    along(pool, lines, work)
    return counts, alive


def opportunities_inward(
    packed: Packed,
    ground: Ground,
    cells: Field,
    floors: Sequence[Floor],
    probe: Probe,
    alt_m: Singles,
    wave: Wave,
    pool: Executor,
) -> Counts:
    """Fewest opportunities of a threat, cell by cell, for threats that approach along the rows of a map from the last column."""
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    lines = rows_inward(*alt_m.shape)
    counts = np.full(alt_m.shape, wave.enough, np.uint8)
    along(pool, lines, sweeper(packed.defence, probe, wave, level, lines, counts))
    return counts


def sweeper(
    defence: PackedDefence, probe: Probe, wave: Wave, level: Level, lines: Lines, counts: Counts
) -> Callable[[int, int], None]:
    """A function that sweeps a range of lines."""
    sky, out = flat(level), counts.reshape(-1)

    def work(first: int, last: int) -> None:
        sweep = new_line_sweep(defence, probe, wave.together, sky.clear.shape[1])
        sweep_lines(defence, probe, sweep, wave, sky, lines, first, last, out)

    return work


def _level(
    packed: Packed, ground: Ground, cells: Field, floors: Iterable[Floor], probe: Probe, alt_m: Singles, pool: Executor
) -> Level:
    level = blank(packed, cells, alt_m, pool)
    for r, floor in enumerate(floors):
        mark_seen(packed, ground, r, floor, probe, level, pool)
    return level


def blank(packed: Packed, cells: Field, alt_m: Singles, pool: Executor) -> Level:
    """The cells of a map at their altitudes, without any radar's marks."""
    words = max((packed.defence.radars.size + WORD - 1) // WORD, 1)
    bits = [np.zeros((*alt_m.shape, words), np.uint64) for _ in range(2)]
    level = Level(cells.lat_rad, cells.lon_rad, cells.ground_m, alt_m, np.empty((*alt_m.shape, 3)), bits[0], bits[1],
                  np.zeros(alt_m.shape, np.uint8))  # fmt: skip
    figure = packed.environment.earth.axis_m, packed.environment.earth.e2
    by_rows(pool, alt_m.shape, lambda first, last: put_in_place(level, figure, first, last))
    return level


def mark_seen(packed: Packed, ground: Ground, r: int, floor: Floor, probe: Probe, level: Level, pool: Executor) -> None:
    """Mark the cells where radar `r` sees the target."""
    needed, top = needed_snr(packed.defence, r), floor.corner[0]

    def rows(first: int, last: int) -> None:
        mark(packed, ground, r, probe, needed, floor.altitude_m, level, floor.corner, top + first, top + last)

    by_rows(pool, floor.altitude_m.shape, rows)


def by_rows(pool: Executor, shape: tuple[int, ...], work: Callable[[int, int], None]) -> None:
    """Call `work` on ranges of the rows of a map, on several threads."""
    _in_parts(pool, np.full(shape[0], shape[1], np.int64), work)


def along(pool: Executor, lines: Lines, work: Callable[[int, int], None]) -> None:
    """Call `work` on ranges of lines, on several threads."""
    _in_parts(pool, lines.cells, work)


def _in_parts(pool: Executor, cost: npt.NDArray[np.int64], work: Callable[[int, int], None]) -> None:
    parts = [(0, cost.size)] if isinstance(pool, Alone) else list(_parts(cost))
    if len(parts) == 1:
        work(*parts[0])
        return
    for _ in pool.map(lambda part: work(*part), parts):
        pass


def _parts(cost: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of about equal total cost: first, and one after the last."""
    chunks = int(min(max(cost.sum() // _CHUNK_CELLS, 1), _CHUNKS))
    edges = np.searchsorted(np.cumsum(cost), np.linspace(0, cost.sum(), chunks + 1)[1:], side="left") + 1
    first = 0
    for last in np.minimum(edges, cost.size):
        if last > first:
            yield first, int(last)
            first = int(last)
