"""Invented land to measure on: fractal relief by spectral synthesis, the same every time, as a raster in metres (UTM) or in degrees.

Amplitudes fall as k^-(H + 1), which makes differences of height over a distance d go as d^H; phases are drawn even. A share of the land
lies under the sea, which is level at 0. Relief is 3,500 m over 8,000 nodes, and over fewer as much as is as rough: slopes at 100 m are
then the same. With H = 0.8 GDAL's floor on it is wrong by some 200 m in the worst twentieth; measured land has 0.7 to 0.9 (Mark and
Aronson 1984).
"""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.reference.profile import Surface

RELIEF_M, RELIEF_NODES = 3500.0, 8000
HURST = 0.8
SEA = 0.15
POSTING_M = 100.0
STEP_DEG = 3.0 / 3600.0
SITES = ("summit", "valley", "corner")
_DEGREE_M = 111_195.0


def fractal(size: int, seed: int, hurst: float = HURST, narrow: float = 1.0, rough: float = 1.0) -> npt.NDArray[np.float32]:
    """Heights of size × size nodes, the lowest 0. `narrow`: a step between columns over one between rows, on the ground."""
    down = np.fft.fftfreq(size).astype(np.float32)[:, None]
    across = np.fft.rfftfreq(size).astype(np.float32)[None, :] / np.float32(narrow)
    k = np.hypot(down, across)
    k[0, 0] = 1.0
    phase = np.random.default_rng(seed).random(k.shape, np.float32) * np.float32(2.0 * math.pi)
    waves = (k ** np.float32(-(hurst + 1.0))).astype(np.complex64) * np.exp(1j * phase).astype(np.complex64)
    waves[0, 0] = 0.0
    shape = np.fft.irfft2(waves, (size, size)).astype(np.float32)
    low, high = np.quantile(shape[::7, ::7], SEA), shape.max()
    relief_m = rough * RELIEF_M * (size / RELIEF_NODES) ** hurst
    return np.maximum((shape - low) * np.float32(relief_m / (high - low)), 0.0).astype(np.float32)


def utm(heights: npt.NDArray[np.float32], lat_deg: float = 45.0, east_m: float = 60_000.0) -> Surface:
    """The heights at 100 m in UTM, zone 33, the middle of the raster about a latitude and some way east of the zone's own."""
    north = lat_deg * _DEGREE_M
    half = 0.5 * POSTING_M * (heights.shape[0] - 1)
    return Surface(heights, "EPSG:32633", 500_000.0 + east_m - half, north + half, POSTING_M, POSTING_M)


def degrees(heights: npt.NDArray[np.float32], lat_deg: float, lon_deg: float = 15.0) -> Surface:
    """The heights at 3 arc-seconds in latitude and longitude, the middle of the raster at a place."""
    half = 0.5 * STEP_DEG * (heights.shape[0] - 1)
    return Surface(heights, "EPSG:4326", lon_deg - half, lat_deg + half, STEP_DEG, STEP_DEG)


def narrow(lat_deg: float) -> float:
    """What `fractal` needs so that its relief is as steep eastward as northward where degrees of longitude are short."""
    return math.cos(math.radians(lat_deg))


def site(land: Surface, name: str) -> tuple[float, float]:
    """Latitude and longitude of an antenna: at the highest or the lowest node of the middle, or between nodes in the north-west corner."""
    size = len(land.heights)
    row, column = 1.4, 1.7
    if name != "corner":
        first, last = 3 * size // 8, 5 * size // 8
        middle = land.heights[first:last, first:last]
        best = middle.argmax() if name == "summit" else np.where(middle > 0.0, middle, np.inf).argmin()
        row, column = (first + int(at) for at in np.unravel_index(best, middle.shape))
    lon, lat = land.lonlat(row, column)
    return float(lat), float(lon)


def write(path: Path, surface: Surface) -> Path:
    """A tiled GeoTIFF, float32, pixel centres at the nodes."""
    import rasterio
    from rasterio.transform import Affine

    west, north = surface.left - 0.5 * surface.dx, surface.top + 0.5 * surface.dy
    rows, columns = surface.heights.shape
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": rows, "width": columns, "crs": surface.crs,
        "transform": Affine(surface.dx, 0.0, west, 0.0, -surface.dy, north), "tiled": True, "blockxsize": 512, "blockysize": 512,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(surface.heights, 1)
    return path
