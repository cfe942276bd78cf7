"""Raster files, read by GDAL: opened, validated, elevations in metres. Needs rasterio, of the extra `[geo]`."""

import logging
import math
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain import datum
from closedsky.geo.terrain.placement import Placement, Window

MOST_NODES: Final = 1_000_000_000
"""4 GB of elevations."""
_STRIP_NODES, _STRIP_ROWS = 1 << 23, 512
"""Amount that a thread reads at once: whole rows of blocks, if they are of the usual size."""
HEIGHTS_M: Final = (-1_000.0, 9_500.0)
"""Plausible elevations of land, above the sea or the ellipsoid, with a margin."""
_UNITS_M: Final = {
    **dict.fromkeys(("", "m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us survey foot", "us-ft", "ftus", "foot_us"), 1200.0 / 3937.0),
}

logging.getLogger("rasterio").addHandler(logging.NullHandler())


def rasterio() -> Any:
    """The module rasterio, or one clear error."""
    try:
        import rasterio as module
    except ImportError as error:
        raise TerrainError(
            Fault("reading and writing rasters needs rasterio, which is not installed", "terrain", "pip install 'closedsky[geo]'")
        ) from error
    return module


@dataclass(frozen=True)
class File:
    """An open raster, and the parameters for reading its first band."""

    path: Path
    dataset: Any
    vertical: str | None

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def placement(self) -> Placement:
        """Positions of its nodes."""
        return Placement(datum.horizontal(self._wkt), tuple(self.dataset.transform)[:6], self.dataset.height, self.dataset.width)

    @cached_property
    def is_ellipsoidal(self) -> bool:
        """Whether its heights are ellipsoidal: as requested, else by its reference system."""
        return self.vertical == "ellipsoid" if self.vertical is not None else datum.is_ellipsoidal(self._wkt)

    @property
    def _wkt(self) -> str:
        return str(self.dataset.crs.to_wkt(version="WKT2_2019"))

    def notes(self) -> list[str]:
        """Notes on how it was interpreted."""
        notes = []
        if self.dataset.count > 1:
            notes.append(f"{self.name} has {self.dataset.count} bands: the first is taken")
        if self.is_ellipsoidal:
            notes.append(f"{self.name}: heights above the ellipsoid turned into altitudes by {datum.GEOID}")
        return notes

    def heights(self, window: Window) -> npt.NDArray[np.float32]:
        """Altitudes above mean sea level of a window, m; NaN for no-data."""
        row, rows, col, cols = window
        refuse_size(rows, cols, str(self.path))
        grid = np.empty((rows, cols), np.float32)
        strip = max(_STRIP_NODES // cols // _STRIP_ROWS, 1) * _STRIP_ROWS
        strips = [(row + first, min(strip, rows - first), col, cols) for first in range(0, rows, strip)]
        with self._reading(), ThreadPoolExecutor(min(len(strips), os.cpu_count() or 1)) as pool:
            extremes = list(pool.map(lambda part: self._read(part, grid[part[0] - row : part[0] - row + part[1]]), strips))
        self._judge(min(low for low, _ in extremes), max(high for _, high in extremes))
        if self.is_ellipsoidal:
            datum.to_sea_level(grid, self.placement.moved(window))
        return grid

    def _read(self, window: Window, grid: npt.NDArray[np.float32]) -> tuple[float, float]:
        """Read a strip, and return its minimum and maximum. With its own handle: GDAL handles are for one thread."""
        row, rows, col, cols = window
        place = rasterio().windows.Window(col, row, cols, rows)
        with rasterio().open(self.path) as dataset:
            dataset.read(1, window=place, out=grid)
            flags = dataset.mask_flag_enums[0]
            if not any(flag.name == "all_valid" for flag in flags):
                grid[dataset.read_masks(1, window=place) == 0] = np.nan
        scale = self.dataset.scales[0] * self._unit_m()
        offset = self.dataset.offsets[0] * self._unit_m()
        if (scale, offset) != (1.0, 0.0):
            grid[:] = grid * scale + offset
        low, high = float(grid.min()), float(grid.max())
        if not (math.isfinite(low) and math.isfinite(high)):  # tested first: most rasters have no gaps, and are large
            grid[np.isinf(grid)] = np.nan
            low, high = float(np.nanmin(grid, initial=np.inf)), float(np.nanmax(grid, initial=-np.inf))
        return low, high

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except rasterio().errors.RasterioIOError as error:
            cause = _first_line(error.__cause__ or error)
            raise _fault(
                self.path, f"it cannot be read to its end: damaged or cut short ({cause})", "get the file anew"
            ) from error

    def _unit_m(self) -> float:
        unit = (self.dataset.units[0] or "").strip()
        if unit.lower() not in _UNITS_M:
            raise _fault(
                self.path, f"its heights are in '{unit}'", "write them in metres: gdal_calc.py, then gdal_edit.py -units m"
            )
        return _UNITS_M[unit.lower()]

    def _judge(self, low: float, high: float) -> None:
        if low < HEIGHTS_M[0] or high > HEIGHTS_M[1]:
            odd = low if low < HEIGHTS_M[0] else high
            raise _fault(
                self.path,
                f"heights from {low:g} to {high:g} m are not of land",
                f"if {odd:g} marks what is missing, say so: gdal_edit.py -a_nodata {odd:g} FILE; if it is the sea floor, raise it to 0 "
                "(gdal_calc.py); if the unit is another, say that (gdal_edit.py -units)",
            )


@contextmanager
def opened(path: Path, vertical: str | None = None) -> Iterator[File]:
    """An open, validated raster; else one clear error."""
    module = rasterio()
    if not path.exists():
        raise _fault(path, "there is no such file", "correct the path (in a scenario it counts from the scenario's own folder)")
    if path.is_dir() and not any(path.iterdir()):
        raise _fault(path, "this is a folder, and an empty one", "name the raster in it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", module.errors.NotGeoreferencedWarning)
        try:
            dataset = module.open(path, num_threads="all_cpus") if _is_tiff(path) else module.open(path)
        except module.errors.RasterioError as error:
            raise _fault(
                path, f"this is no raster that GDAL can read ({_first_line(error)})", "name a raster, such as a GeoTIFF"
            ) from error
    with dataset:
        _fit(path, dataset)
        yield File(path, dataset, vertical)


def _fit(path: Path, dataset: Any) -> None:
    """Raise TerrainError for a raster that holds no terrain elevations."""
    if dataset.count == 0:
        inside = f": {', '.join(dataset.subdatasets[:4])}" if dataset.subdatasets else ""
        raise _fault(
            path, f"it holds no band of its own{inside}", "write the part you mean to a GeoTIFF: gdal_translate PART dem.tif"
        )
    if dataset.crs is None:
        raise _fault(
            path,
            "it does not say in which coordinate reference system it is",
            "write it in, if you know it: gdal_edit.py -a_srs EPSG:4326 FILE, or the code it has",
        )
    if dataset.transform.is_identity:
        raise _fault(
            path, "it does not say where on the ground it lies", "write its corners in: gdal_edit.py -a_ullr W N E S FILE"
        )
    if min(dataset.width, dataset.height) < 2:
        raise _fault(path, f"it is {dataset.width} by {dataset.height} nodes", "name a raster of at least two nodes each way")
    if np.dtype(dataset.dtypes[0]).kind not in "iuf":
        raise _fault(path, f"its values are of type {dataset.dtypes[0]}", "write the heights as real or whole numbers")


def refuse_size(rows: int, cols: int, where: str) -> None:
    """Raise TerrainError if a grid would not fit in memory."""
    if rows * cols > MOST_NODES:
        raise TerrainError(
            Fault(
                f"{rows:,} by {cols:,} nodes would take {rows * cols * 4 / 1e9:.1f} GB of memory; "
                f"the most is {MOST_NODES * 4 / 1e9:.0f} GB",
                where,
                "cut out the part you need (gdalwarp -te W S E N) or make it coarser (gdalwarp -tr X Y -r average)",
            )
        )


def _is_tiff(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _fault(path: Path, what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, str(path), fix))
