"""Incremental coverage of one level: after a few radars and units have changed, recomputes only what the change can affect.

A unit affects threats on a line of cells only if one of its radars sees them somewhere along it: it launches nothing that its own radar
does not hold, and a network has a track only from a radar that sees the threats. So a line of which no added, removed or changed radar
sees any cell, before or after the change, keeps its counts. Results equal those of `layers.layer`, bit for bit.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Packed, PackedDefence
from closedsky.engine.sweep.approach import Counts, Lines, Wave, cell_of
from closedsky.engine.sweep.layers import Field, Floor, Layer, along, blank, mark_seen, seen, sweeper
from closedsky.engine.sweep.line import new_line_sweep
from closedsky.engine.sweep.sky import NONE, ONE, WORD, Bits, Level, Marks, Probe, Singles
from closedsky.physics.ground import Ground
from closedsky.physics.jit import kernel

Bools = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""First row, past the last row, first column, past the last column."""


class Figures(NamedTuple):
    """All that a sweep depends on besides cells and ground: common to all marks, common to all sweeps, by radar, by unit."""

    marks: bytes
    sweeps: bytes
    radars: tuple[bytes, ...]
    units: tuple[bytes, ...]
    guides: tuple[int, ...]
    """The engagement radar of each unit."""


class Swept(NamedTuple):
    """The results of a sweep, which the next one changes in place; they must not be used afterwards.

    `boxes` are the parts of the map with each radar's marks; `ways` are the counts of each heading.
    """

    figures: Figures
    boxes: tuple[Box, ...]
    level: Level
    tracked: Bools
    engaged: Bools
    ways: tuple[Counts, ...]

    def layer(self) -> Layer:
        """The coverage, copied."""
        return Layer(self.tracked.copy(), self.engaged.copy(), np.asarray(np.minimum.reduce(self.ways)))


def swept(
    before: Swept | None, packed: Packed, ground: Ground, cells: Field, floor_of: Callable[[int], Floor], probe: Probe,
    alt_m: Singles, wave: Wave, ways: Sequence[Lines], pool: Executor,
) -> Swept:  # fmt: skip
    """Coverage as by `layers.layer`, in updatable form. `before`, of the same cells, ground, altitudes and ways, is consumed."""
    figures = figures_of(packed, probe, wave)
    if before is None or before.figures.marks != figures.marks:
        before = _nothing(packed, cells, alt_m, len(ways), pool)
    level, boxes = before.level, list(before.boxes[: packed.defence.radars.size])
    boxes += [(0, 0, 0, 0)] * (packed.defence.radars.size - len(boxes))
    touched = np.zeros(alt_m.shape, np.bool_)
    gone = _unlike(before.figures.radars, figures.radars)
    _touch(before.boxes, gone | _guides(before.figures, figures), level, touched)
    _wipe(before.boxes, gone, level)
    come = _unlike(figures.radars, before.figures.radars)
    for r in sorted(come):
        floor = floor_of(r)
        (top, left), (rows, columns) = floor.corner, floor.altitude_m.shape
        boxes[r] = top, top + rows, left, left + columns
        mark_seen(packed, ground, r, floor, probe, level, pool)
    _touch(boxes, come | _guides(figures, before.figures), level, touched)
    if before.figures.sweeps != figures.sweeps:
        touched[:] = True
    _look_again(packed.defence, probe, level, touched, before.tracked, before.engaged, pool)
    for lines, of_way in zip(ways, before.ways, strict=True):
        _sweep_again(packed.defence, probe, wave, level, lines, touched, of_way, pool)
    return before._replace(figures=figures, boxes=tuple(boxes))


def _nothing(packed: Packed, cells: Field, alt_m: Singles, ways: int, pool: Executor) -> Swept:
    """The initial state: no radars and no units."""
    nobody = Figures(b"", b"", (), (), ())
    tracked, engaged = (np.zeros(alt_m.shape, np.bool_) for _ in range(2))
    counts = tuple(np.zeros(alt_m.shape, np.uint8) for _ in range(ways))
    return Swept(nobody, (), blank(packed, cells, alt_m, pool), tracked, engaged, counts)


def figures_of(packed: Packed, probe: Probe, wave: Wave) -> Figures:
    """The figures of a defence; equal radars and units give equal figures, whatever their indices in shared tables."""
    words = max((packed.defence.radars.size + WORD - 1) // WORD, 1)
    linger_s = float(new_line_sweep(packed.defence, probe, wave.together, words).linger_s)
    marks = repr((probe, packed.environment.earth, packed.environment.roughness_m, packed.environment.refraction_k, words))
    sweeps = repr((wave, linger_s, packed.defence.salvo_correlation)).encode() + packed.defence.networks.tobytes()
    radars = tuple(_radar(packed, r) for r in range(packed.defence.radars.size))
    units = tuple(_unit(packed.defence, u) for u in range(packed.defence.units.size))
    return Figures(marks.encode(), sweeps, radars, units, tuple(packed.defence.units["radar"].tolist()))


def _radar(packed: Packed, r: int) -> bytes:
    row = packed.defence.radars[r : r + 1].copy()
    gas, first, jams = int(row["gas"][0]), int(row["first_jam"][0]), int(row["jams"][0])
    row["gas"], row["first_jam"] = min(gas, 0), 0
    parts = [row.tobytes(), packed.environment.jams[first : first + jams].tobytes()]
    if gas >= 0:
        parts += [table[gas].tobytes() for table in packed.environment.gas]
    return _digest(parts)


def _unit(defence: PackedDefence, u: int) -> bytes:
    parts = [defence.units[u : u + 1].tobytes(), defence.doctrine[u].tobytes()]
    for m in np.flatnonzero(defence.magazines["unit"] == u):
        row = defence.magazines[m : m + 1].copy()
        table, row["fly_out"] = int(row["fly_out"][0]), 0
        parts += [row.tobytes(), defence.envelopes[m].tobytes(), defence.fly_out[table].tobytes()]
    return _digest(parts)


def _digest(parts: Sequence[bytes]) -> bytes:
    return blake2b(b"".join(len(part).to_bytes(8, "little") + part for part in parts), digest_size=16).digest()


def _unlike(these: Sequence[bytes], those: Sequence[bytes]) -> set[int]:
    """The indices at which `these` differ from `those`."""
    return {i for i, one in enumerate(these) if i >= len(those) or those[i] != one}


def _guides(these: Figures, those: Figures) -> set[int]:
    """The engagement radars of units that differ from `those`."""
    return {these.guides[u] for u in _unlike(these.units, those.units)}


def _touch(boxes: Sequence[Box], radars: set[int], level: Level, touched: Bools) -> None:
    """Set the cells that any of the given radars sees."""
    for top, bottom, left, right in (boxes[r] for r in radars):
        touch(level.clear, _mask(radars, level), (top, bottom, left, right), touched)


def _wipe(boxes: Sequence[Box], radars: set[int], level: Level) -> None:
    """Clear the marks of the given radars."""
    for box in (boxes[r] for r in radars):
        wipe(level.clear, level.always, level.watched, _mask(radars, level), box)


def _mask(radars: set[int], level: Level) -> Bits:
    mask = np.zeros(level.clear.shape[2], np.uint64)
    for r in radars:
        mask[r // WORD] |= ONE << np.uint64(r % WORD)
    return mask


@kernel
def touch(clear: Bits, mask: Bits, box: Box, out: Bools) -> None:
    """Set the cells of a box that have any bit of a mask."""
    for i in range(box[0], box[1]):
        for j in range(box[2], box[3]):
            for w in range(mask.size):
                if clear[i, j, w] & mask[w] != NONE:
                    out[i, j] = True


@kernel
def wipe(clear: Bits, always: Bits, watched: Marks, mask: Bits, box: Box) -> None:
    """Clear the bits of a mask in the cells of a box."""
    for i in range(box[0], box[1]):
        for j in range(box[2], box[3]):
            left = NONE
            for w in range(mask.size):
                clear[i, j, w] &= ~mask[w]
                always[i, j, w] &= ~mask[w]
                left |= clear[i, j, w]
            watched[i, j] = 1 if left != NONE else 0


def _look_again(
    defence: PackedDefence, probe: Probe, level: Level, touched: Bools, tracked: Bools, engaged: Bools, pool: Executor
) -> None:  # fmt: skip
    """Recompute tracked and engageable over a box of all cells that may have changed."""
    if not touched.any():
        return
    rows, columns = np.nonzero(np.asarray(touched.any(axis=1)))[0], np.nonzero(np.asarray(touched.any(axis=0)))[0]
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    part = level._replace(**{name: np.ascontiguousarray(values[box]) for name, values in level._asdict().items()})
    tracked[box], engaged[box] = seen(defence, probe, part, pool)


def _sweep_again(
    defence: PackedDefence, probe: Probe, wave: Wave, level: Level, lines: Lines, touched: Bools, counts: Counts, pool: Executor
) -> None:  # fmt: skip
    """Sweep again the lines of one way that cross a cell that may have changed."""
    met = np.zeros(lines.base.size, np.bool_)
    crossing(lines, touched.reshape(-1), counts.reshape(-1), wave.enough, met)
    again = lines._replace(base=lines.base[met], lead=lines.lead[met], cells=lines.cells[met])
    if again.base.size:
        renew(again, counts.reshape(-1), wave.enough)
        along(pool, again, sweeper(defence, probe, wave, level, again, counts))


@kernel
def crossing(lines: Lines, touched: Bools, counts: Counts, enough: int, out: Bools) -> None:
    """Set the lines that cross a touched cell before their count reaches `enough`, at which a sweep ends."""
    for n in range(lines.base.size):
        for i in range(lines.cells[n]):
            cell = cell_of(lines, n, i)
            if touched[cell]:
                out[n] = True
                break
            if counts[cell] == enough:
                break


@kernel
def renew(lines: Lines, out: Counts, value: int) -> None:
    """Set all cells of the given lines to a value."""
    for n in range(lines.base.size):
        for i in range(lines.cells[n]):
            out[cell_of(lines, n, i)] = np.uint8(value)
