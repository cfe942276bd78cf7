"""The sky over a map, level by level: who sees, who can engage, what is offered. Rows and lines are shared among threads."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Floats as Floats
from closedsky.engine.layout import Packed
from closedsky.engine.sweep.approach import Counts, Lines, Wave, flat, sweep_lines, sweep_to_ends
from closedsky.engine.sweep.line import new_line_sweep
from closedsky.engine.sweep.sky import WORD, Level, Probe, Singles, engageable, mark, near, put_in_place, sample
from closedsky.engine.tables.sight import TRACKING_PD
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground
from closedsky.physics.radar import snr_for_look
from closedsky.physics.sphere import range_m

SWERLING = 1
"""The case of every threat that is asked about: it fluctuates from look to look of a search radar."""
_CHUNKS = max(16, 3 * (os.cpu_count() or 1))
"""Stretches that work is parted into: enough to keep every thread busy to the end, few enough to cost nothing."""
_LATTICE = 16


class Field(NamedTuple):
    """The cells of a map, (rows, columns): latitude and longitude in rad, altitude of the ground in m."""

    lat_rad: Floats
    lon_rad: Floats
    ground_m: Singles


class Floor(NamedTuple):
    """The visibility floor of one radar over a part of a map, of which `corner` is the first row and column; m above sea."""

    corner: tuple[int, int]
    altitude_m: Singles


class Layer(NamedTuple):
    """What the sky is like at one level, a value a cell.

    `tracked`: a searching radar sees it; `engaged`: some unit can meet it; `opportunities`: the fewest to each threat of the wave,
    whichever way
    they come.
    """

    tracked: npt.NDArray[np.bool_]
    engaged: npt.NDArray[np.bool_]
    opportunities: Counts


def field(lat_rad: Floats, lon_rad: Floats, ground: Ground, pool: Executor) -> Field:
    """Cells with the ground under them."""
    ground_m = np.empty(lat_rad.shape, np.float32)
    by_rows(pool, lat_rad.shape[0], lambda first, last: sample(ground, lat_rad, lon_rad, ground_m, first, last))
    return Field(lat_rad, lon_rad, ground_m)


def reach_m(packed: Packed, r: int, probe: Probe) -> float:
    """A range beyond which radar `r` never sees the threat: what it is built for, or where the echo is too weak."""
    radar = packed.radars[r]
    loss_db = max(float(radar["anchor_gas_db"]), 0.0)  # air nearer by takes less than at the anchor
    weak = (
        float(radar["anchor_range_m"])
        * (float(radar["anchor_snr"]) / needed_snr(packed, r) * probe.rcs_m2 / float(radar["anchor_rcs_m2"])) ** 0.25
    )
    return min(float(radar["range_max_m"]), float(weak * 10.0 ** (loss_db / 20.0)))


def needed_snr(packed: Packed, r: int) -> float:
    """Signal-to-noise ratio of one pulse with which radar `r` detects every second look."""
    radar = packed.radars[r]
    return snr_for_look(SWERLING, TRACKING_PD, float(radar["pfa"]), int(radar["pulses"]))


def floor_at(cells: Field, found: Ground, lat_rad: float, lon_rad: float, reach_m: float, pool: Executor) -> Floor:
    """A floor, on a grid of its own, at the cells within reach of its antenna."""
    rows, columns = _window(cells, lat_rad, lon_rad, reach_m)
    lat, lon = (np.ascontiguousarray(part[rows, columns]) for part in (cells.lat_rad, cells.lon_rad))
    out = np.empty(lat.shape, np.float32)
    by_rows(pool, lat.shape[0], lambda first, last: sample(found, lat, lon, out, first, last))
    return Floor((rows.start, columns.start), out)


def disc(
    cells: Field, lat_rad: float, lon_rad: float, arc_rad: float, pool: Executor
) -> tuple[tuple[int, int], npt.NDArray[np.bool_]]:
    """Which cells lie within an arc of a place: over a part of the map, and the first row and column of that."""
    rows, columns = _window(cells, lat_rad, lon_rad, EARTH_RADIUS_M * arc_rad)
    lat, lon = (np.ascontiguousarray(part[rows, columns]) for part in (cells.lat_rad, cells.lon_rad))
    found, places = np.zeros(lat.shape, np.bool_), np.array([(lat_rad, lon_rad, arc_rad)])
    by_rows(pool, lat.shape[0], lambda first, last: near(lat, lon, places, found, first, last))
    return (rows.start, columns.start), found


def farthest_m(cells: Field, lat_rad: float, lon_rad: float) -> float:
    """Ground range from a place to the farthest cell, and a little more."""
    rows, columns = _lattice(cells)
    return 1.01 * float(
        range_m(cells.lat_rad[np.ix_(rows, columns)], cells.lon_rad[np.ix_(rows, columns)], lat_rad, lon_rad).max()
    )


def _lattice(cells: Field) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Some rows and columns of the cells, the last among them."""
    rows, columns = (np.unique(np.append(np.arange(0, size, _LATTICE), size - 1)) for size in cells.lat_rad.shape)
    return rows, columns


def _window(cells: Field, lat_rad: float, lon_rad: float, reach_m: float) -> tuple[slice, slice]:
    """Rows and columns of the cells within reach of a place, and some more."""
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
    ways: Iterable[Lines], pool: Executor,
) -> Layer:  # fmt: skip
    """The sky at the altitudes `alt_m`, a threat coming along each of the `ways`."""
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    counts = np.full(alt_m.shape, wave.enough, np.uint8)
    for lines in ways:
        along(pool, lines, sweeper(packed, probe, wave, level, lines, counts))
    searching = np.zeros(level.clear.shape[2], np.uint64)
    for r in np.flatnonzero(packed.radars["searches"] == 1):
        searching[r // WORD] |= np.uint64(1) << np.uint64(r % WORD)
    engaged = np.empty(alt_m.shape, np.bool_)
    by_rows(pool, alt_m.shape[0], lambda first, last: engageable(packed, probe, level, engaged, first, last))
    return Layer(np.asarray((level.clear & searching).any(axis=2)), engaged, counts)


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
    """Opportunities at the threat with the fewest, and the share that lives, of those that come in along rows from the last column."""
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    lines = _inward(*alt_m.shape)
    counts, alive = np.zeros(lines.first.size, np.uint8), np.ones(lines.first.size)
    sky = flat(level)

    def work(first: int, last: int) -> None:
        sweep = new_line_sweep(packed, probe, wave.together, sky.clear.shape[1])
        sweep_to_ends(packed, probe, sweep, wave, sky, lines, first, last, counts, alive)

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
    """Opportunities at the threat with the fewest, cell by cell, of those that come in along rows of a map, from the last column."""
    level = _level(packed, ground, cells, floors, probe, alt_m, pool)
    lines = _inward(*alt_m.shape)
    counts = np.full(alt_m.shape, wave.enough, np.uint8)
    along(pool, lines, sweeper(packed, probe, wave, level, lines, counts))
    return counts


def _inward(rows: int, columns: int) -> Lines:
    """The rows of a map, from their last cells to their first."""
    first = np.arange(rows, dtype=np.int64) * columns + columns - 1
    return Lines(first, np.full(rows, -1, np.int64), np.full(rows, columns, np.int64))


def sweeper(packed: Packed, probe: Probe, wave: Wave, level: Level, lines: Lines, counts: Counts) -> Callable[[int, int], None]:
    """Sweeps along a stretch of lines."""
    sky, out = flat(level), counts.reshape(-1)

    def work(first: int, last: int) -> None:
        sweep = new_line_sweep(packed, probe, wave.together, sky.clear.shape[1])
        sweep_lines(packed, probe, sweep, wave, sky, lines, first, last, out)

    return work


def _level(
    packed: Packed, ground: Ground, cells: Field, floors: Iterable[Floor], probe: Probe, alt_m: Singles, pool: Executor
) -> Level:
    level = blank(packed, cells, alt_m, pool)
    for r, floor in enumerate(floors):
        mark_seen(packed, ground, r, floor, probe, level, pool)
    return level


def blank(packed: Packed, cells: Field, alt_m: Singles, pool: Executor) -> Level:
    """The cells of a map at their altitudes, as yet seen by nobody."""
    words = max((packed.radars.size + WORD - 1) // WORD, 1)
    bits = [np.zeros((*alt_m.shape, words), np.uint64) for _ in range(2)]
    level = Level(cells.lat_rad, cells.lon_rad, cells.ground_m, alt_m, np.empty((*alt_m.shape, 3)), bits[0], bits[1],
                  np.zeros(alt_m.shape, np.uint8))  # fmt: skip
    figure = packed.earth.axis_m, packed.earth.e2
    by_rows(pool, alt_m.shape[0], lambda first, last: put_in_place(level, figure, first, last))
    return level


def mark_seen(packed: Packed, ground: Ground, r: int, floor: Floor, probe: Probe, level: Level, pool: Executor) -> None:
    """Mark what a radar sees."""
    needed, top = needed_snr(packed, r), floor.corner[0]

    def rows(first: int, last: int) -> None:
        mark(packed, ground, r, probe, needed, floor.altitude_m, level, floor.corner, top + first, top + last)

    by_rows(pool, floor.altitude_m.shape[0], rows)


def compass_ways(rows: int, columns: int) -> list[Lines]:
    """The eight ways through a map of square cells: along rows, columns and diagonals, back and forth."""
    ways = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        at = [(i, 0 if right >= 0 else columns - 1) for i in range(rows)] if right else []
        at += [(0, j) for j in range(columns) if not (right and j == (0 if right > 0 else columns - 1))] if down else []
        first = np.array([i * columns + j for i, j in at], np.int64)
        room = [
            min(rows - i if down else rows + columns, (columns - j if right > 0 else j + 1) if right else rows + columns)
            for i, j in at
        ]
        cells = np.array(room, np.int64)
        keep = cells > 1
        first, cells, stride = first[keep], cells[keep], down * columns + right
        strides = np.full(first.size, stride, np.int64)
        ways += [Lines(first, strides, cells), Lines(first + (cells - 1) * stride, -strides, cells)]
    return ways


def by_rows(pool: Executor, rows: int, work: Callable[[int, int], None]) -> None:
    """Work that is done a stretch of rows at a time, shared among threads."""
    for _ in pool.map(lambda part: work(*part), _parts(np.full(rows, 1, np.int64))):
        pass


def along(pool: Executor, lines: Lines, work: Callable[[int, int], None]) -> None:
    """Work that is done a stretch of lines at a time, shared among threads."""
    for _ in pool.map(lambda part: work(*part), _parts(lines.cells)):
        pass


def _parts(cost: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of about equal cost: from the first to before the last."""
    edges = np.searchsorted(np.cumsum(cost), np.linspace(0, cost.sum(), _CHUNKS + 1)[1:], side="left") + 1
    first = 0
    for last in np.minimum(edges, cost.size):
        if last > first:
            yield first, int(last)
            first = int(last)
