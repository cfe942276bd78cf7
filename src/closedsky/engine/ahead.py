"""Compiles the kernels that a command needs ahead of their use, in two processes, to shorten its first run.

Each list names the kernels that one part of the engine calls from Python, with arguments of the types used in those calls. Compiled
kernels go to the cache of `physics.jit`, from which both processes and all later ones load them. This is an optimisation only: a kernel
that is missing here is compiled when it is called.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from closedsky.engine import layout, opportunities, run
from closedsky.engine.sweep import again, approach, line, sky
from closedsky.engine.tables import aim, pairing, sight, track, windows
from closedsky.engine.trial import state, trial
from closedsky.physics import aiming, floor, flyout, gas, geodesy, horizon, radar, visibility
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jit import compile_for

Call = tuple[Any, Sequence[Any]]

_REALS, _PLANE, _CUBE = np.zeros(1), np.zeros((1, 1)), np.zeros((1, 1, 3))
_INTS = np.zeros(1, np.int64)
_LINE, _SINGLES, _MARKS = np.zeros(1, np.float32), np.zeros((1, 1), np.float32), np.zeros(1, np.uint8)
_BITS = np.zeros(1, np.uint64)
_FIGURE = 0.0, 0.0


def packed() -> layout.Packed:
    """An empty scenario."""
    return layout.Packed(
        layout.PackedRaid(
            flights=np.zeros(0, layout.FLIGHT), waypoints=np.zeros(0, layout.WAYPOINT), threats=np.zeros(0, layout.THREAT)
        ),
        layout.PackedDefence(
            sites=np.zeros(0, layout.SITE), radars=np.zeros(0, layout.RADAR), units=np.zeros(0, layout.UNIT),
            magazines=np.zeros(0, layout.MAGAZINE), envelopes=np.zeros((0, layout.CLASSES), layout.ENVELOPE),
            doctrine=np.zeros((0, layout.CLASSES), layout.DOCTRINE), fly_out=np.zeros((1, 1, 1, 1)), networks=np.zeros(0, layout.NETWORK),
            assets=np.zeros(0, layout.ASSET), zones=np.zeros(0, layout.ZONE), corners=_PLANE,
            zoned=np.zeros((0, 0, layout.CLASSES), np.bool_), salvo_correlation=0.0,
        ),
        layout.PackedEnvironment(
            earth=layout.Earth(0.0, 0.0, 0.0), refraction_k=0.0, horizons=_LINE, gas=layout.Gas(_PLANE, _PLANE, _CUBE), roughness_m=0.0,
            jams=np.zeros(0, layout.JAM), screens=_PLANE,
        ),
    )  # fmt: skip


def tables() -> layout.Tables:
    """Empty tables."""
    rows = {
        "sights": layout.SIGHT, "locks": layout.LOCK, "pairings": layout.PAIRING, "reaches": layout.REACH,
        "windows": layout.WINDOW, "watches": layout.WATCH,
        "bearings": layout.BEARING,
    }  # fmt: skip
    return layout.Tables(
        **{name: np.zeros(0, dtype) for name, dtype in rows.items()},
        duration_ticks=_INTS, track_ticks=_INTS, track_cdf=_REALS, lock_miss=_REALS, openings=_INTS, intercept_ticks=_REALS,
        intercept_m2=_REALS, defended=_INTS, look_pd=_REALS, bearing_rad=_REALS,
    )  # fmt: skip


def ground() -> Ground:
    """A ground as the engine takes it: with a read-only grid."""
    grid = np.zeros((1, 1), np.float32)
    grid.flags.writeable = False
    return Ground(grid, 0.0, 0.0, 1.0, 1.0)


def _flights() -> Iterator[Call]:
    yield aiming.aim, (*(0.0,) * 9, _FIGURE, 0.0)
    yield aim.sample_step_s, (0.0, 0.0)
    yield geodesy.central_angle, (0.0,) * 4
    yield bilinear, (ground(), 0.0, 0.0)


def _defence() -> Iterator[Call]:
    missile = 0.0, 0.0, 0.0, 0.0, 0.0
    yield gas.gas_grids, (0.0, 0.0, _REALS, _REALS, _REALS)
    yield gas.gas_profile, (0.0, 0.0, _REALS, _REALS)
    yield gas.gas_table, (_REALS, _REALS, 0.0, 0.0, _REALS, _REALS, _PLANE)
    yield flyout.air_column, ()
    yield flyout.thrust_for, (missile, _PLANE, 0.0)
    yield flyout.fly_out_table, (missile, 0.0, 0.0, 0.0, 0.0, _CUBE)
    yield radar.snr_for_look, (0, 0.0, 0.0, 0)
    yield radar.threshold, (0.0, 0)
    yield horizon.horizon_table, (ground(), 0.0, 0.0, 0.0, 0.0, _FIGURE, 0.0, 0.0, _SINGLES)
    yield gas.gas_loss_db, (_REALS, _REALS, _PLANE, 0.0, 0.0)
    yield geodesy.ecef, (0.0,) * 5
    yield visibility.horizon_range, (0.0,) * 3


def _tables() -> Iterator[Call]:
    what = packed(), ground(), 0
    yield sight.path, what
    yield track.sights_of, (*what, _PLANE, track.CERTAIN)
    yield track.later_looks, (*what, _PLANE, _INTS, _INTS, np.zeros(0, layout.WATCH))
    yield windows.launches, (*what, _PLANE, _INTS, 0)
    yield pairing.windows_of, (packed(), 0, _PLANE, np.zeros(0, layout.PAIRING), _PLANE)
    yield sight.cued_misses, (*what, _PLANE, _INTS, _INTS, _INTS, _REALS, np.zeros((1, 2), np.int64))


def _trial() -> Iterator[Call]:
    nothing = packed(), tables()
    scratch = state.new_state(*nothing, np.zeros(0, layout.EVENT))
    yield trial.run_trials, (*nothing, scratch, np.uint64(0), 0, 0, run.blank(packed(), 0))


def _aims() -> Iterator[Call]:
    flights, earth = np.zeros(0, layout.FLIGHT), layout.Earth(0.0, 0.0, 0.0)
    yield aim.aim_flights, (flights, 0, 0, earth, 0.0, _PLANE)
    yield aim.stand_flights, (flights, ground())
    yield sight.path, (packed(), ground(), 0)
    yield sight.locate_all, (_PLANE, earth)


def _opportunities() -> Iterator[Call]:
    yield opportunities.opportunities_on, (packed(), ground(), 0, 0, 0, 0, _INTS)


def _sweep() -> Iterator[Call]:
    probe, flags = sky.Probe(0, 0.0, 0.0), np.zeros((1, 1), np.bool_)
    bits = np.zeros((1, 1, 1), np.uint64)
    level = sky.Level(_PLANE, _PLANE, _SINGLES, _SINGLES, np.zeros((1, 1, 3)), bits, bits, np.zeros((1, 1), np.uint8))
    units = np.zeros(0, line.UNIT_ALONG)
    seen, meetings, threats = np.zeros(0, line.SEEN), np.zeros(0, line.MEETING), np.zeros(0, line.THREAT_ALONG)
    along = line.LineSweep(_REALS, 0.0, _REALS, seen, _BITS, units, _REALS, meetings, _INTS, _INTS, threats)
    lines = approach.Lines(_INTS, _INTS, _INTS, _INTS, 0, 0, 0.0, 0)
    yield approach.sweep_lines, (packed().defence, probe, along, approach.Wave(0, 0), approach.flat(level), lines, 0, 0, _MARKS)
    yield sky.mark, (packed(), ground(), 0, probe, 0.0, _SINGLES, level, (0, 0), 0, 0)
    yield sky.engageable, (packed().defence, probe, level, np.zeros((1, 1), np.uint64), flags, 0, 0)
    yield sky.put_in_place, (level, _FIGURE, 0, 0)
    yield sky.near, (_PLANE, _PLANE, _PLANE, flags, 0, 0)
    yield sky.sample, (ground(), _PLANE, _PLANE, _SINGLES, 0, 0)
    yield windows.time_to_s, (packed().defence, 0, 0.0, 0.0)
    yield line.set_up, (packed().defence, probe, units)


def _sweep_again() -> Iterator[Call]:
    bits, flat, box = np.zeros((1, 1, 1), np.uint64), np.zeros(1, np.bool_), (0, 0, 0, 0)
    lines = approach.Lines(_INTS, _INTS, _INTS, _INTS, 0, 0, 0.0, 0)
    yield again.touch, (bits, _BITS, box, np.zeros((1, 1), np.bool_))
    yield again.wipe, (bits, bits, np.zeros((1, 1), np.uint8), _BITS, box)
    yield again.crossing, (lines, flat, _MARKS, 0, flat)
    yield again.renew, (lines, _MARKS, 0)


def _floor() -> Iterator[Call]:
    sector = floor.Sector(0, 0, 0, 0, 0.0, 0.0, 0, 0, _PLANE, _PLANE, (0.0, 0.0, 0.0), _REALS, _REALS)
    yield floor.floor_fan, (_LINE, _LINE, sector, floor.Sight(0.0, 0.0, 0.0), 0.0, 0.0, 0, False)
    yield geodesy.sight_plane, (_PLANE, _PLANE, 0.0, 0.0, 0.0, _FIGURE, _PLANE, _PLANE)


PARTS: dict[str, Callable[[], Iterator[Call]]] = {
    "flights": _flights, "defence": _defence, "tables": _tables, "trial": _trial, "aims": _aims, "opportunities": _opportunities,
    "sweep": _sweep, "sweep again": _sweep_again, "floor": _floor,
}  # fmt: skip

HALVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "run": (("tables", "flights"), ("trial", "defence")),
    "cover": (("sweep",), ("floor", "defence")),
    "serve": (("sweep",), ("floor", "defence", "sweep again")),
    "footprint": (("opportunities",), ("flights", "defence", "aims")),
    "floor": (("floor",), ()),
}
"""Parts by command: those that it compiles itself, and those that a helper process compiles meanwhile."""


def compile_parts(parts: Sequence[str]) -> None:
    """Compile the kernels of the given parts, or load them from the cache."""
    for part in parts:
        for kernel, arguments in PARTS[part]():
            compile_for(kernel, *arguments)


def compile_together(command: str) -> None:
    """Compile the kernels that a command needs, half of them here and half in a helper process; returns when both are done."""
    here, beside = HALVES[command]
    helper = _helper(beside)
    try:
        compile_parts(here)
        if helper is not None:
            helper.wait()
    finally:  # interrupted, or done
        if helper is not None:
            helper.kill()
            helper.wait()


def _helper(parts: Sequence[str]) -> "subprocess.Popen[bytes] | None":
    """A process that compiles the given parts; None without parts, without a second processor, or if it cannot be started."""
    if not parts or (os.cpu_count() or 1) < 2:
        return None
    program = [sys.executable, "-P", "-m", "closedsky.engine.ahead", *parts]
    nothing = subprocess.DEVNULL
    try:
        return subprocess.Popen(program, stdin=nothing, stdout=nothing, stderr=nothing)
    except OSError:
        return None


if __name__ == "__main__":
    compile_parts(sys.argv[1:])
