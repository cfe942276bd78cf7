"""Horizon tables of the radars over terrain, for line-of-sight tests."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Earth, Records
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground
from closedsky.physics.horizon import horizon_table
from closedsky.physics.visibility import horizon_range

_FLAT_NODES = 64
_LEAST_STEP_M, _MOST_STEP_M = 1_000.0, 8_000.0
"""Limits of the step in range; the ground between the last step and a target is tested separately."""
_SAMPLES = 4
"""Terrain samples per step, half a posting apart unless the step is at its limit."""
_LEAST_AZIMUTHS, _MOST_AZIMUTHS = 360, 4096
_POSTINGS_APART_M = 40_000.0
"""Ground range at which neighbouring azimuths are half a posting apart, unless their number is at its limit."""
_MOST_BYTES = 512 << 20
_KEPT_BYTES = 256 << 20
"""Size of the cache of tables: varying a figure moves few antennas, or none."""

_kept: "OrderedDict[tuple[Any, ...], tuple[npt.NDArray[Any], Any]]" = OrderedDict()
_keeping = threading.Lock()


def horizons(radars: Records, ground: Ground, earth: Earth, k: float, threads: int) -> npt.NDArray[np.float32]:
    """Tables of `physics.horizon.horizon_table`, concatenated; sets the index and size of its table in each radar's record."""
    if ground.grid.size <= _FLAT_NODES or radars.size == 0:
        return np.empty(0, np.float32)
    posting_m = EARTH_RADIUS_M * ground.south_step_rad
    sample_m = 0.5 * posting_m
    step_m = max(_LEAST_STEP_M, min(_MOST_STEP_M, _SAMPLES * sample_m))
    lowest_m, highest_m = _once(ground, ("extremes",), lambda: np.array([ground.grid.min(), ground.grid.max()], float))
    ranges = [2 + math.ceil(_farthest_m(row, lowest_m, highest_m, k) / step_m) for row in radars]
    affordable = _MOST_BYTES // (4 * sum(ranges))
    wanted = math.ceil(4.0 * math.pi * _POSTINGS_APART_M / posting_m)
    azimuths = max(_LEAST_AZIMUTHS, min(wanted, affordable, _MOST_AZIMUTHS))
    radars["azimuths"], radars["ranges"], radars["horizon_step_rad"] = azimuths, ranges, step_m / EARTH_RADIUS_M
    radars["horizon"] = np.cumsum([0, *ranges[:-1]]) * azimuths
    out = np.empty(azimuths * sum(ranges), np.float32)

    def work(row: Any) -> None:
        shape = azimuths, int(row["ranges"])
        place = float(row["lat_rad"]), float(row["lon_rad"]), float(row["antenna_alt_m"])

        def table() -> npt.NDArray[np.float32]:
            made = np.empty(shape, np.float32)
            figure = earth.axis_m, earth.e2
            horizon_table(ground, *place, k, figure, step_m / EARTH_RADIUS_M, sample_m / EARTH_RADIUS_M, made)
            return made

        first = int(row["horizon"])
        out[first : first + shape[0] * shape[1]] = _once(ground, (*shape, *place, k, earth), table).ravel()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, radars))
    return out


def _farthest_m(row: Any, lowest_m: float, highest_m: float, k: float) -> float:
    """Ground range beyond which an unobstructed ray clears the highest ground, or beyond which the radar does not look."""
    return min(
        float(row["range_max_m"]),
        float(horizon_range(row["antenna_alt_m"] - lowest_m, 0.0, k) + horizon_range(highest_m - lowest_m, 0.0, k)),
    )


def _once(ground: Ground, key: tuple[Any, ...], make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """The result of `make`, cached by key and ground. The cache holds a reference to the ground, so that its id stays unique."""
    key = (id(ground.grid), *key)
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key][0]
    made = make()
    with _keeping:
        _kept[key] = made, ground.grid
        while sum(table.nbytes for table, _ in _kept.values()) > _KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    return made
