"""The visibility floor of antennas, over a raster or over the terrain around them."""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError, TerrainError
from closedsky.geo.floor_sweep import Antenna, visibility_floor
from closedsky.geo.terrain import Raster, Region, raster_of, read_raster, world, write_raster
from closedsky.geo.terrain.region import around
from closedsky.geo.terrain.tiles import PRODUCTS, terrain_from_tiles
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION

LatLon = tuple[float, float]

POLEWARD_DEG = 86.0
"""Latitude beyond which a grid in degrees is refused: its columns converge."""
WIDEST_M = 1_000_000.0
"""Greatest radius of terrain read around a place."""


def raster_round(what: str, places: Iterable[LatLon], radius_m: float, vertical: str | None = None) -> Raster:
    """The terrain around places as a raster: a whole file, or the part of ``world``, ``glo90`` or ``glo30`` within a radius, m."""
    if what != "world" and what not in PRODUCTS:
        return read_raster(what, vertical=vertical)
    if not 1.0 <= radius_m <= WIDEST_M:
        raise RequestError(Fault(f"{what} is large", "--radius", f"say how far in metres, from 1 to {WIDEST_M:,.0f}"))
    deg = math.degrees(1.01 * radius_m / EARTH_RADIUS_M)
    boxes = (
        Region(lon, lat, lon, lat).grown(deg, min(deg / max(math.cos(math.radians(abs(lat) + deg)), 0.02), 180.0))
        for lat, lon in places
    )
    box = around(boxes)
    return raster_of(world() if what == "world" else terrain_from_tiles(PRODUCTS[what], box), box)


def floor(
    raster: Raster,
    lat_deg: float | Sequence[float],
    lon_deg: float | Sequence[float],
    height_m: float,
    k: float = K_REFRACTION,
    radius_m: float = math.inf,
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> npt.NDArray[np.float32]:
    """The visibility floor: the lowest altitude in line of sight at each node of a raster, of one antenna or the minimum of several.

    Parameters
    ----------
    raster : from `read_raster`
    lat_deg, lon_deg : places of the antennas, degrees
    height_m : height of the antennas above ground, m
    k : effective Earth radius factor
    radius_m : greatest ground range, m
    threads : number of computing threads; by default all available. The result does not depend on it
    progress : called with task, amount done and total

    Returns
    -------
    array of float32, rows × columns
        Altitude, m above mean sea level; NaN beyond `radius_m`.

    Raises
    ------
    RequestError
        For an argument out of range, or an antenna outside the raster.
    TerrainError
        For a grid in degrees that extends beyond 86° of latitude.

    Example
    -------
    >>> raster = closedsky.read_raster("dem.tif")
    >>> lowest_m = closedsky.floor(raster, 36.2, 44.0, 20.0)
    """
    limits = ("--height", height_m, 0.0, 50_000.0), ("--refraction-k", k, 0.5, 10.0), ("--radius", radius_m, 1.0, math.inf)
    for name, value, low, high in limits:
        if not low <= value <= high:
            raise RequestError(Fault(f"{value:g} is not from {low:g} to {high:g}", name, "give a number in that range"))
    rows, columns = raster.grid.shape
    if (
        raster.placement.is_degrees
        and np.abs(raster.placement.position(np.array([0, rows - 1]), np.zeros(2))[0]).max() > POLEWARD_DEG
    ):
        raise TerrainError(
            Fault(
                f"it reaches beyond {POLEWARD_DEG:g} degrees of latitude, where a grid of degrees has no straight ways",
                raster.name,
                "cut it there, take a lesser radius, or bring it to a polar grid, less the pole (gdalwarp -t_srs EPSG:3413)",
            )
        )
    antennas = []
    for lat, lon in zip(np.atleast_1d(lat_deg).tolist(), np.atleast_1d(lon_deg).tolist(), strict=True):
        row, column = raster.index(lat, lon)
        if not (0.0 <= row <= rows - 1 and 0.0 <= column <= columns - 1):
            raise RequestError(Fault(f"{lat:g}, {lon:g} is not on {raster.name}", "--at", _back_on(raster, lat, lon)))
        antennas.append(Antenna(math.radians(lat), math.radians(lon), row, column, height_m))
    report = None if progress is None else (lambda done, of: progress("floor", done, of))
    return visibility_floor(raster.grid, raster.lat_rad, raster.lon_rad, antennas, k, radius_m, threads, report)


def _back_on(raster: Raster, lat: float, lon: float) -> str:
    fix = "place the antenna on the raster"
    rows, columns = raster.grid.shape
    row, column = raster.index(lon, lat) if abs(lon) <= 90.0 else (math.nan, math.nan)
    if 0.0 <= row <= rows - 1 and 0.0 <= column <= columns - 1:
        return f"{fix}; latitude stands first, and {lon:g}, {lat:g} is on it"
    return fix


def without_ground(raster: Raster, places: Iterable[LatLon]) -> list[str]:
    """A warning for each place without data."""
    return [
        f"no data of the ground at {lat:g}, {lon:g}, taken as at sea level" for lat, lon in places if not raster.knows(lat, lon)
    ]


def write_floor(
    target: Path,
    raster: Raster,
    floor_m: npt.NDArray[np.float32],
    places: Sequence[str],
    height_m: float,
    k: float,
    above_ground: bool,
    compress: bool,
) -> None:
    """Write a visibility floor (`floor`) as a GeoTIFF on the grid of the raster; with `above_ground`, as heights above ground."""
    if above_ground:
        floor_m -= raster.grid
    tags = {
        "TITLE": f"visibility floor, m above {'the ground' if above_ground else 'mean sea level'}",
        "ANTENNAS": " ".join(places), "ANTENNA_HEIGHT_M": f"{height_m:g}", "REFRACTION_K": f"{k:.6g}",
        "TERRAIN": raster.name, "ATTRIBUTION": raster.attribution,
    }  # fmt: skip
    write_raster(target, raster, floor_m, tags, compress=compress)
