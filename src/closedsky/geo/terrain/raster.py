"""One raster on its own grid, as input and output of the visibility floor."""

import math
import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, OutputError, TerrainError
from closedsky.geo.terrain import files
from closedsky.geo.terrain.grid import Terrain
from closedsky.geo.terrain.placement import LATTICE, Placement, Window
from closedsky.geo.terrain.region import Region

__all__ = ["LATTICE", "Raster", "fill", "raster_of", "read_raster", "refined", "write_raster"]

_BLOCK = 512
_HEAD_BYTES = 1 << 20
"""More than a GeoTIFF has beside its values, with strips of a row."""


@dataclass(frozen=True, eq=False)
class Raster:
    """Terrain elevation on the grid of its file; nodes are the centres of pixels.

    name         file name
    grid         altitude of the nodes, m above mean sea level, float32; 0 for no-data
    lat_rad      latitude of every `LATTICE`-th node, up to and just past the last one, rad
    lon_rad      longitude of the same, continuous across 180°
    posting_m    ground distance between nodes at the middle, the greater of the two directions, m
    crs          its horizontal coordinate reference system, WKT
    transform    (a, b, c, d, e, f): x = a col + b row + c, y = d col + e row + f at the corners of pixels
    source       origin of the data
    attribution  the attribution to print with a result
    notes        notes for readers: no-data filled, datum shifted, band used
    void         nodes without data; None if there are none
    """

    name: str
    grid: npt.NDArray[np.float32]
    lat_rad: npt.NDArray[np.float64]
    lon_rad: npt.NDArray[np.float64]
    posting_m: float
    crs: str
    transform: tuple[float, ...]
    source: str
    attribution: str
    notes: tuple[str, ...] = ()
    void: npt.NDArray[np.bool_] | None = None

    @cached_property
    def placement(self) -> Placement:
        """Its georeference."""
        return Placement(self.crs, self.transform, *self.grid.shape)

    def index(self, lat_deg: Any, lon_deg: Any) -> tuple[Any, Any]:
        """Real row and column of a place, degrees; at node (i, j) they are i and j."""
        row, col = self.placement.index(lat_deg, lon_deg)
        return (float(row), float(col)) if np.ndim(row) == 0 else (row, col)

    def knows(self, lat_deg: float, lon_deg: float) -> bool:
        """Whether a place on it has data: every node that its height comes from."""
        if self.void is None:
            return True
        row, col = self.index(lat_deg, lon_deg)
        rows, cols = self.grid.shape
        return not any(
            self.void[min(max(down, 0), rows - 1), min(max(across, 0), cols - 1)]
            for down in (math.floor(row), math.ceil(row))
            for across in (math.floor(col), math.ceil(col))
        )


def read_raster(path: str | Path, window: Window | None = None, *, vertical: str | None = None) -> Raster:
    """Read a raster on its own grid; any format that GDAL reads. Needs the extra `geo`.

    Parameters
    ----------
    path : file; its first band is read, with its scale, offset and unit
    window : first row, rows, first column, columns; by default the whole raster
    vertical : vertical datum, "sea" or "ellipsoid"; by default that of the file's reference system

    Returns
    -------
    Raster
        Altitudes in m above mean sea level, no-data filled with 0.

    Raises
    ------
    TerrainError
        For a file that is missing, damaged, without a reference system, without elevations, or too large.

    Example
    -------
    >>> raster = closedsky.read_raster("dem.tif")
    >>> raster.posting_m
    """
    path = Path(path)
    with files.opened(path, vertical) as file:
        window = window or (0, file.placement.rows, 0, file.placement.cols)
        _refuse_window(path, window, file.placement)
        placement = file.placement.moved(window)
        with ThreadPoolExecutor(1) as beside:  # while the file is read
            lattice = beside.submit(placement.lattice)
            grid = file.heights(window)
            lat_rad, lon_rad = _named(path, lattice.result)
        grid, void, share = fill(grid, str(path))
        notes = file.notes() + ([void_note(path.name, share)] if void is not None else [])
        return Raster(
            path.name, grid, lat_rad, lon_rad, placement.posting_m(), placement.crs, placement.transform,
            f"file {path.name}", attribution(file), tuple(notes), void,
        )  # fmt: skip


def raster_of(terrain: Terrain, region: Region) -> Raster:
    """The part of a terrain that a region needs, as a raster in WGS84 degrees; of a global terrain, across any meridian."""
    from pyproj import CRS

    rows, cols = terrain.grid.shape
    lat_step, lon_step = math.degrees(terrain.lat_step_rad), math.degrees(terrain.lon_step_rad)
    west, _, _, north = terrain.edges_deg()
    top, bottom = math.floor((north - region.north) / lat_step), math.ceil((north - region.south) / lat_step)
    top, bottom = max(top, 0), min(bottom, rows - 1)
    turns = 360.0 * math.floor((region.west - west) / 360.0) if terrain.wraps else 360.0 * round((region.west - west) / 360.0)
    left = math.floor((region.west - turns - west) / lon_step)
    right = left + math.ceil((region.east - region.west) / lon_step) + 1
    if not terrain.wraps:
        left, right = max(left, 0), min(right, cols - 1)
    right = min(right, left + cols - 1)
    if bottom <= top or right <= left:
        raise TerrainError(Fault(f"{region} is outside it", terrain.name, "name places that it covers"))
    files.refuse_size(bottom - top + 1, right - left + 1, terrain.name)
    across = np.arange(left, right + 1) % cols
    grid = np.ascontiguousarray(terrain.grid[top : bottom + 1].take(across, axis=1))
    corner = west + (left - 0.5) * lon_step, north - (top - 0.5) * lat_step
    transform = (lon_step, 0.0, corner[0], 0.0, -lat_step, corner[1])
    crs = CRS.from_epsg(4326).to_wkt()
    lat_rad, lon_rad = Placement(crs, transform, *grid.shape).lattice()
    return Raster(
        terrain.name,
        grid,
        lat_rad,
        lon_rad,
        terrain.posting_m,
        crs,
        transform,
        terrain.source,
        terrain.attribution,
        terrain.notes,
        None if terrain.void is None else terrain.void[top : bottom + 1].take(across, axis=1),
    )


def refined(raster: Raster, parts: int) -> Raster:
    """The same bilinear surface with nodes `parts` times as close, of a raster on a grid of degrees."""
    if parts == 1:
        return raster
    a, _, c, _, e, f = raster.transform
    transform = (a / parts, 0.0, c + 0.5 * (a - a / parts), 0.0, e / parts, f + 0.5 * (e - e / parts))
    grid = _between(np.ascontiguousarray(_between(np.ascontiguousarray(raster.grid.T), parts).T), parts)
    lat_rad, lon_rad = Placement(raster.crs, transform, *grid.shape).lattice()
    return replace(
        raster, grid=grid, lat_rad=lat_rad, lon_rad=lon_rad, posting_m=raster.posting_m / parts,
        transform=transform, void=None,
    )  # fmt: skip


def _between(rows: npt.NDArray[np.float32], parts: int) -> npt.NDArray[np.float32]:
    """Rows with others between them, linear from one to the next."""
    share = np.arange(parts, dtype=np.float32)[:, None] / np.float32(parts)
    fine = np.empty(((rows.shape[0] - 1) * parts + 1, rows.shape[1]), np.float32)
    spans = fine[:-1].reshape(-1, parts, rows.shape[1])
    np.multiply(share, (rows[1:] - rows[:-1])[:, None, :], out=spans)
    spans += rows[:-1, None, :]
    fine[-1] = rows[-1]
    return fine


def write_raster(
    path: str | Path, raster: Raster, data: npt.NDArray[Any], tags: Mapping[str, str], *, compress: bool = True
) -> None:
    """Write values at the nodes of `raster` as a GeoTIFF of the same georeference, NaN as no-data; to a temporary file, then renamed."""
    path, module = Path(path), files.rasterio()
    if data.shape != raster.grid.shape:
        raise ValueError(f"data of shape {data.shape} do not fit a raster of shape {raster.grid.shape}")
    rows, cols = data.shape
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": data.dtype, "crs": module.crs.CRS.from_wkt(raster.crs),
        "transform": module.Affine(*raster.transform), "num_threads": "all_cpus", "bigtiff": "if_safer",
    }  # fmt: skip
    if compress:
        tiles = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK} if min(rows, cols) >= _BLOCK else {}
        profile |= {"compress": "deflate", "zlevel": 1, "predictor": 3 if data.dtype.kind == "f" else 2, **tiles}
    scratch = _scratch(path)
    try:
        if compress:
            _write_compressed(scratch, data, tags, profile)
        else:
            _write_plain(scratch, data, tags, profile)
        scratch.chmod(0o644)
        scratch.replace(path)
    except (OSError, module.errors.RasterioError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            Fault(f"it cannot be written ({reason})", str(path), "free some space, or name another file")
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _write_compressed(path: Path, data: npt.NDArray[Any], tags: Mapping[str, str], profile: dict[str, Any]) -> None:
    """By way of memory: GDAL does not tell of a disk that fills up while it compresses."""
    if data.dtype.kind == "f":
        profile = {**profile, "nodata": np.nan}
    with files.rasterio().MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.update_tags(**tags)
            target.write(data, 1)
        path.write_bytes(memory.getbuffer())


def _write_plain(path: Path, data: npt.NDArray[Any], tags: Mapping[str, str], profile: dict[str, Any]) -> None:
    """With room for it made first: GDAL does not tell of a disk that is full."""
    module = files.rasterio()
    _refuse_full(path, data.nbytes + _HEAD_BYTES)
    with module.open(path, "w", **profile) as target:
        target.update_tags(**tags)
    _pour(path, data)
    if data.dtype.kind == "f":  # not before: GDAL would fill the empty file with it
        with module.open(path, "r+", driver="GTiff") as target:
            target.nodata = np.nan


def _refuse_full(path: Path, size: int) -> None:
    """Raise OSError if the disk has no room for a file of that size."""
    if hasattr(os, "posix_fallocate"):
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
            file.truncate(0)


def _pour(path: Path, data: npt.NDArray[Any]) -> None:
    """Write all values of an empty, uncompressed GeoTIFF at once: GDAL lays them out contiguously, and would copy them twice."""
    module = files.rasterio()
    with module.open(path) as target:
        first, last = (
            int(target.get_tag_item(f"BLOCK_OFFSET_0_{strip}", "TIFF", bidx=1) or 0)
            for strip in (0, (target.height - 1) // target.block_shapes[0][0])
        )
        in_one_piece = (
            0 < first == last - (target.height - 1) // target.block_shapes[0][0] * target.block_shapes[0][0] * data[0].nbytes
        )
    if in_one_piece:
        with path.open("r+b") as file:
            file.seek(first)
            file.write(np.ascontiguousarray(data).data)
        return
    with module.open(path, "r+") as target:
        target.write(data, 1)


def fill(grid: npt.NDArray[np.float32], where: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_] | None, float]:
    """The grid with sea level for NaN, which nodes those were, and their share. Raises TerrainError if there are no data at all."""
    if not np.isnan(grid.min()):
        return grid, None, 0.0
    void = np.isnan(grid)
    missing = int(np.count_nonzero(void))
    if missing == grid.size:
        raise TerrainError(Fault("it holds no heights here: all is no-data", where, "name a raster that covers the place"))
    grid[void] = 0.0
    return grid, void, missing / grid.size


def void_note(name: str, share: float) -> str:
    """Note on the share of no-data filled."""
    return f"{name}: {100.0 * share:.2g} % of the nodes have no data and stand at sea level"


def attribution(file: files.File) -> str:
    """The attribution stated in the file, else a note that there is none."""
    tags = file.dataset.tags()
    said = tags.get("TIFFTAG_COPYRIGHT") or tags.get("COPYRIGHT") or tags.get("ATTRIBUTION")
    return said or f"{file.name}: a file of the user's; whoever made it is to be named."


def _named(path: Path, work: Any) -> Any:
    """The result of `work`; in its faults "raster" is replaced by the file's name."""
    try:
        return work()
    except TerrainError as error:
        raise TerrainError(*(Fault(fault.what, str(path), fault.fix) for fault in error.faults)) from error


def _refuse_window(path: Path, window: Window, placement: Placement) -> None:
    row, rows, col, cols = window
    if row < 0 or col < 0 or rows < 2 or cols < 2 or row + rows > placement.rows or col + cols > placement.cols:
        raise TerrainError(
            Fault(f"window {window} is not within its {placement.rows} rows and {placement.cols} columns", str(path),
                  "give (first row, rows, first column, columns), at least two of each")
        )  # fmt: skip


def _scratch(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tif", dir=path.parent)
    except OSError as error:
        raise OutputError(Fault(f"cannot write here ({error.strerror})", str(path), "name a folder you may write to")) from error
    os.close(handle)
    return Path(name)
