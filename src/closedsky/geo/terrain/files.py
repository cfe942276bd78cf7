"""Raster files, read by GDAL: opened, validated, elevations in metres. Needs rasterio, of the extra `[geo]`."""

import logging
import math
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain import datum, plausible, spacing, units
from closedsky.geo.terrain.placement import Placement, Window

MOST_NODES: Final = 1_000_000_000
"""4 GB of elevations."""
_NETCDF_FILL: Final = 1e36
_STRIP_NODES, _STRIP_ROWS = 1 << 23, 512
"""Amount that a thread reads at once: whole rows of blocks, if they are of the usual size."""

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
    doubts: dict[str, None] = field(default_factory=dict)
    """What is odd about the heights read so far."""

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

    @cached_property
    def scale(self) -> plausible.Scale:
        """How its values become metres."""
        unit_m = units.metres_per_unit(self.path, self.dataset, self._wkt)
        return plausible.Scale(self.dataset.scales[0] * unit_m, self.dataset.offsets[0] * unit_m)

    @property
    def _wkt(self) -> str:
        return _wkt(self.dataset)

    def notes(self) -> list[str]:
        """Notes on how it was interpreted."""
        notes = []
        if self.dataset.count > 1:
            notes.append(f"{self.name} has {self.dataset.count} bands: the first is taken")
        if self.is_ellipsoidal:
            notes.append(f"{self.name}: heights above the ellipsoid turned into altitudes by {datum.GEOID}")
        return [*notes, *self.doubts]

    def heights(self, window: Window) -> npt.NDArray[np.float32]:
        """Altitudes above mean sea level of a window, m; NaN for no-data."""
        row, rows, col, cols = window
        refuse_size(rows, cols, str(self.path))
        grid = np.empty((rows, cols), np.float32)
        strip = max(_STRIP_NODES // cols // _STRIP_ROWS, 1) * _STRIP_ROWS
        strips = [(row + first, min(strip, rows - first), col, cols) for first in range(0, rows, strip)]
        with self._reading(), ThreadPoolExecutor(min(len(strips), os.cpu_count() or 1)) as pool:
            extremes = list(pool.map(lambda part: self._read(part, grid[part[0] - row : part[0] - row + part[1]]), strips))
        self._judge(grid, min(low for low, _ in extremes), max(high for _, high in extremes))
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
        if self.scale != plausible.Scale(1.0, 0.0):
            grid[:] = grid * self.scale.factor + self.scale.offset
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

    def _judge(self, grid: npt.NDArray[np.float32], low: float, high: float) -> None:
        plausible.refuse_extremes(self.path, low, high, self.scale)
        if self._declares_nothing_missing():
            self.doubts.update(dict.fromkeys(plausible.lone_values(self.path, grid, low, high, self.scale)))
        self.doubts.update(dict.fromkeys(plausible.steepness(self.path, grid, self.placement.posting_m())))

    def _declares_nothing_missing(self) -> bool:
        """Whether there is no mark of missing data: none, or the one that GDAL takes for every netCDF file."""
        flags = self.dataset.mask_flag_enums[0]
        unsaid = self.dataset.driver == "netCDF" and (self.dataset.nodata or 0.0) > _NETCDF_FILL
        return unsaid or any(flag.name == "all_valid" for flag in flags)


@contextmanager
def opened(path: Path, vertical: str | None = None) -> Iterator[File]:
    """An open, validated raster; else one clear error."""
    module = rasterio()
    if not path.exists():
        raise _fault(path, "there is no such file", "correct the path (in a scenario it counts from the scenario's own folder)")
    if path.is_dir() and not any(path.iterdir()):
        raise _fault(path, "this is a folder, and an empty one", "name the raster in it")
    with _unplaced_allowed():
        try:
            dataset = module.open(path, num_threads="all_cpus") if _is_tiff(path) else module.open(path)
        except module.errors.RasterioError as error:
            raise _fault(
                path, f"this is no raster that GDAL can read ({_first_line(error)})", "name a raster, such as a GeoTIFF"
            ) from error
    with dataset:
        with _unplaced_allowed():
            _fit(path, dataset)
        yield File(path, dataset, vertical)


@contextmanager
def _unplaced_allowed() -> Iterator[None]:
    """No warning of rasterio about a file without a place, which gets an error of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio().errors.NotGeoreferencedWarning)
        yield


def _fit(path: Path, dataset: Any) -> None:
    """Raise TerrainError for a raster that holds no terrain elevations."""
    if dataset.count == 0:
        inside = f": {', '.join(dataset.subdatasets[:4])}" if dataset.subdatasets else ""
        raise _fault(
            path, f"it holds no band of its own{inside}", "write the part you mean to a GeoTIFF: gdal_translate PART dem.tif"
        )
    spacing.refuse_uneven(path, dataset, rasterio())
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
    wkt = _wkt(dataset)
    spread = Placement(wkt, tuple(dataset.transform)[:6], dataset.height, dataset.width)
    datum.refuse_elsewhere(wkt, str(path), *spread.plane(*spread.looks()))
    plausible.refuse_picture(path, dataset, units.are_stated(path, dataset, wkt))
    units.refuse_depths(path, dataset, wkt)
    units.metres_per_unit(path, dataset, wkt)


def _wkt(dataset: Any) -> str:
    return str(dataset.crs.to_wkt(version="WKT2_2019"))


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
