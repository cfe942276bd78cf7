"""Rasters that the tests write: heights that a formula gives, on any grid."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.transform import Affine

from closedsky.geo.terrain import Terrain

Heights = Callable[[Any, Any], Any]


def plane(lat_deg: Any, lon_deg: Any) -> Any:
    """Linear in latitude and longitude, and so the same bilinear: what is read of it is exact between nodes too."""
    return 300.0 + 40.0 * (lat_deg - 33.0) + 25.0 * (lon_deg - 44.0)


def north_up(west: float, north: float, across: float, down: float) -> Affine:
    """A raster by its north-western corner and the size of its pixels."""
    return Affine(across, 0.0, west, 0.0, -down, north)


def centres(transform: Affine, row: Any, col: Any) -> tuple[Any, Any]:
    """x and y of the centres of pixels."""
    x = transform.a * (col + 0.5) + transform.b * (row + 0.5) + transform.c
    return x, transform.d * (col + 0.5) + transform.e * (row + 0.5) + transform.f


def height_at(ground: Terrain, lat_deg: float, lon_deg: float) -> float:
    """Bilinear height of a terrain, written apart from the kernel that the engine uses."""
    rows, cols = ground.grid.shape
    row = (ground.north_rad - math.radians(lat_deg)) / ground.lat_step_rad
    col = (math.radians(lon_deg) - ground.west_rad) % (2 * math.pi) / ground.lon_step_rad
    top, left = min(int(row), rows - 2), int(col) if ground.wraps else min(int(col), cols - 2)
    down, right = row - top, col - left
    corners = ground.grid[np.ix_([top, top + 1], [left, (left + 1) % cols])].astype(float)
    return float(np.array([1 - down, down]) @ corners @ np.array([1 - right, right]))


def write(path: Path, heights: npt.NDArray[Any], transform: Affine, crs: str | None = "EPSG:4326", **profile: Any) -> Path:
    """A file of one band, a GeoTIFF unless a driver is named, or of several where `heights` has three axes."""
    bands = heights if heights.ndim == 3 else heights[None]
    tags, attributes = profile.pop("tags", {}), profile.pop("attributes", {})
    form = {
        "driver": profile.pop("driver", "GTiff"),
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype,
    }
    with rasterio.open(path, "w", **form, crs=crs, transform=transform, **profile) as file:
        file.write(bands)
        file.update_tags(**tags)
        for name, value in attributes.items():
            setattr(file, name, value)
    return path


def degrees(
    path: Path,
    north: float,
    west: float,
    step: float,
    shape: tuple[int, int],
    heights: Heights = plane,
    lon_step: float = 0.0,
    **profile: Any,
) -> Path:
    """A raster of degrees whose north-western *node* is given."""
    across = lon_step or step
    lat, lon = np.meshgrid(north - step * np.arange(shape[0]), west + across * np.arange(shape[1]), indexing="ij")
    transform = Affine(across, 0.0, west - 0.5 * across, 0.0, -step, north + 0.5 * step)
    return write(path, np.asarray(heights(lat, lon), dtype=profile.pop("dtype", np.float32)), transform, **profile)
