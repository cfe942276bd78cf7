"""What can be no heights: pictures, values that mark what is missing, slopes that no ground has."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError

Heights = npt.NDArray[np.float32]

HEIGHTS_M: Final = (-600.0, 9_500.0)
"""Elevations of land, above the sea or the ellipsoid, with a margin: the Dead Sea is at -440 m, the geoid at -106 m where it is lowest."""
_COLOURS: Final = (
    "red",
    "green",
    "blue",
    "hue",
    "saturation",
    "lightness",
    "cyan",
    "magenta",
    "yellow",
    "black",
    "Y",
    "Cb",
    "Cr",
)
_NINES_GAP_M, _GAP_M = 50.0, 100.0
"""Least distance of a lone value from all others: of one that is all nines, and of any."""
_PATCH_NODES: Final = 4
_SAMPLE: Final = 512
_ROWS: Final = 256
_STEEPEST: Final = 1.0
"""Median slope of ground, 45 degrees; that of the Himalaya at 30 m is half of it."""


def refuse_picture(path: Path, dataset: Any, measured: bool) -> None:
    """Raise TerrainError for bands of colour, and for values of 8 bits that are not `measured` in any unit."""
    types = {np.dtype(name) for name in dataset.dtypes[:3]}
    coloured = any(sign.name in _COLOURS for sign in dataset.colorinterp) or (
        dataset.count in (3, 4) and types == {np.dtype(np.uint8)}
    )
    if coloured and all(kind.kind in "iu" for kind in types):
        raise _fault(
            path,
            "it is a picture: its bands are colours",
            "name the heights themselves; if the colours code them: gdal_calc.py -A FILE --A_band=1 -B FILE --B_band=2 -C FILE --C_band=3 "
            "--type=Float32 --outfile=dem.tif --calc=, with '6553.6*A+25.6*B+0.1*C-10000' for Terrain-RGB, "
            "'256.0*A+B+C/256.0-32768' for Terrarium",
        )
    if np.dtype(dataset.dtypes[0]).itemsize == 1 and not measured:
        raise _fault(
            path,
            "its values have 8 bits and no unit, as those of a shaded picture",
            "name the heights themselves; if these are heights, say so: gdal_edit.py -units m FILE",
        )


@dataclass(frozen=True)
class Scale:
    """How a file's values become metres."""

    factor: float
    offset: float

    def stored(self, height_m: float) -> str:
        """The value that stands for a height in the file, as it has to be written to match."""
        value = (height_m - self.offset) / self.factor
        is_whole = abs(value) < 1e12 and math.isclose(value, round(value), rel_tol=1e-6)
        return f"{value:.0f}" if is_whole else str(np.float32(value))


def refuse_extremes(path: Path, low: float, high: float, scale: Scale) -> None:
    """Raise TerrainError if the lowest or the highest value, m, is no elevation of land."""
    if low < HEIGHTS_M[0] or high > HEIGHTS_M[1]:
        odd = scale.stored(low if low < HEIGHTS_M[0] else high)
        raise _fault(
            path,
            f"heights from {low:g} to {high:g} m are not of land",
            f"if {odd} marks what is missing, say so: gdal_edit.py -a_nodata {odd} FILE; if it is the sea floor, raise it to 0 "
            "(gdal_calc.py); if the unit is another, say that (gdal_edit.py -units)",
        )


def lone_values(path: Path, grid: Heights, low: float, high: float, scale: Scale) -> Iterator[str]:
    """Notes on a lowest or highest value that stands apart from all others, as marks of missing data do; TerrainError if it is all nines.

    For grids of files that declare nothing missing.
    """
    for end, sign in ((low, 1.0), (high, -1.0)):
        count, gap = _apart(grid, end, sign)
        odd = scale.stored(end)
        nines = set(odd.lstrip("-").replace(".", "")) == {"9"} and len(odd.strip("-.")) > 1
        if gap >= _NINES_GAP_M and nines:
            raise _fault(
                path,
                f"{count} of its nodes are {odd}, which is {gap:.0f} m off every other",
                f"if that marks what is missing, say so: gdal_edit.py -a_nodata {odd} FILE; if it is a height, name a mark that is none: "
                "gdal_edit.py -a_nodata -32768 FILE",
            )
        if gap >= _GAP_M and count >= _PATCH_NODES:
            yield (
                f"{path.name}: {count} nodes are exactly {odd}, {gap:.0f} m off every other; "
                f"if that marks what is missing, say so (gdal_edit.py -a_nodata {odd})"
            )


def _apart(grid: Heights, end: float, sign: float) -> tuple[int, float]:
    """How many nodes have the extreme value `end`, and how far the next is from it; (0, 0) if it is near."""
    rows, cols = (max(1, size // _SAMPLE) for size in grid.shape)
    near = sign * (grid[::rows, ::cols] - np.float32(end))
    if not math.isfinite(end) or bool(((near > 0.0) & (near < _NINES_GAP_M)).any()):
        return 0, 0.0
    count, gap = 0, math.inf
    for first in range(0, grid.shape[0], _ROWS):
        away = sign * (grid[first : first + _ROWS] - np.float32(end))
        count += int(np.count_nonzero(away == 0.0))
        gap = min(gap, float(np.min(away, where=away > 0.0, initial=np.inf)))
    return (count, gap) if math.isfinite(gap) else (0, 0.0)


def steepness(path: Path, grid: Heights, posting_m: float) -> Iterator[str]:
    """A note if half of the ground is steeper than any is."""
    rows = np.unique(np.linspace(0, grid.shape[0] - 1, 64).astype(int))
    steps = np.abs(np.diff(grid[rows], axis=1))
    steps = steps[np.isfinite(steps)]
    if steps.size and float(np.median(steps)) > _STEEPEST * posting_m:
        yield f"{path.name}: half of its ground is steeper than 45 degrees; are its values heights in metres?"


def _fault(path: Path, what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, str(path), fix))
