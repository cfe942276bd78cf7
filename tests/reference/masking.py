"""Ten areas of real land: how much of each is seen from sites on it, and its coarse nodes. What statistical relief is held against.

`masking_sites.csv`: 24 places an area. From the flattest spot within 3 km of each (low) and from the highest (high), antenna 7 m, the share
of the area's nodes at 90 m posting whose visibility floor is at most 100, 300, 1,000 or 3,000 m above ground. `masking_nodes.csv`: the
same land in cells of 5 arc-minutes, their mean altitude and the standard deviation within. The land: SRTM, NASA and USGS, public domain,
each name the south-west corner of a degree; for Ötztal, Texas and the Columbia glacier in Alaska a part of a degree or so.
"""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from csv import DictReader
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from closedsky.geo.floor_sweep import Antenna, floor_in_reach
from closedsky.geo.relief import CELL_DEG, Law, relief
from closedsky.geo.siting import Siting, sited
from closedsky.geo.terrain import Region, Terrain, raster_of
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION

Reals = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent
FITS = FOLDER / "masking_fits.csv"
"""Constants of the relief fitted without each region, by `scripts/fit_relief.py`."""
HEIGHTS_M = (100, 300, 1000, 3000)
SITINGS: tuple[Siting, ...] = ("low", "high")
ANTENNA_M = 7.0
REGIONS = {
    "oetztal": "Alps", "columbia": "Alaska", "texas": "Texas", "N37W116": "Basin and Range", "N38W115": "Basin and Range",
    "N37W119": "Sierra", "N39W121": "Sierra", "N39W124": "coast", "N36W121": "coast", "N37W121": "coast",
}  # fmt: skip
"""Areas of one kind of land: constants are fitted without all of them at once."""
_PARTS = {"oetztal": Region(10.62, 46.66, 11.11, 47.03), "texas": Region(-97.48, 32.52, -97.18, 32.82)}
"""Where the land that was measured ends within a cell."""
_FLAT = Law(-99.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Area:
    """An area: its coarse nodes with what is within their cells, m; the places, degrees; the shares seen, places × heights."""

    name: str
    coarse: Terrain
    within_m: Reals
    box: Region
    places: tuple[tuple[float, float], ...]
    seen: Mapping[str, Reals]

    @property
    def truth(self) -> Reals:
        """Share of the area seen, mean over the places: rules of siting × heights."""
        return np.array([self.seen[siting].mean(axis=0) for siting in SITINGS])


@cache
def areas() -> tuple[Area, ...]:
    """The ten."""
    nodes, sites = (_by_area(FOLDER / f"masking_{name}.csv") for name in ("nodes", "sites"))
    return tuple(_area(name, nodes[name], sites[name]) for name in REGIONS)


def _by_area(path: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in DictReader(file):
            found.setdefault(row["area"], []).append(row)
    return found


def _area(name: str, nodes: list[dict[str, str]], sites: list[dict[str, str]]) -> Area:
    lat = sorted({float(row["lat_deg"]) for row in nodes}, reverse=True)
    lon = sorted({float(row["lon_deg"]) for row in nodes})
    shape = len(lat), len(lon)
    assert len(nodes) == shape[0] * shape[1]
    ordered = sorted(nodes, key=lambda row: (-float(row["lat_deg"]), float(row["lon_deg"])))
    mean_m, within_m = (np.array([float(row[field]) for row in ordered]).reshape(shape) for field in ("mean_m", "within_m"))
    # Places are printed to 1e-5 of a degree: the grid's corner is taken from the middle of them.
    north = 0.5 * (lat[0] + lat[-1]) + 0.5 * CELL_DEG * (shape[0] - 1)
    west = 0.5 * (lon[0] + lon[-1]) - 0.5 * CELL_DEG * (shape[1] - 1)
    step = math.radians(CELL_DEG)
    coarse = Terrain(
        name, EARTH_RADIUS_M * step, mean_m.astype(np.float32), math.radians(north), math.radians(west), step, step, "SRTM", ""
    )
    half = 0.5 * CELL_DEG
    whole = Region(west - half, north - CELL_DEG * (shape[0] - 1) - half, west + CELL_DEG * (shape[1] - 1) + half, north + half)
    part = _PARTS.get(name, whole)
    box = Region(
        max(part.west, whole.west), max(part.south, whole.south), min(part.east, whole.east), min(part.north, whole.north)
    )
    places = tuple((float(row["lat_deg"]), float(row["lon_deg"])) for row in sites)
    seen = {
        siting: np.array([[float(row[f"{siting}_{height}m"]) for height in HEIGHTS_M] for row in sites]) for siting in SITINGS
    }
    return Area(name, coarse, within_m, box, places, seen)


def seen_over_relief(area: Area, law: Law, seeds: range) -> Reals:
    """Share of the area seen from sites on its relief, mean over the places: seeds × rules of siting × heights."""
    return np.array([_seen(area, relief(area.coarse, area.box, seed, law, threads=1)) for seed in seeds])


def seen_over_coarse(area: Area) -> Reals:
    """The same from sites on the coarse ground as it is: rules of siting × heights."""
    return _seen(area, relief(area.coarse, area.box, 0, _FLAT, threads=1))


def _seen(area: Area, ground: Terrain) -> Reals:
    ground = _cut(ground, area.box)
    west, south, east, north = ground.edges_deg()
    raster = raster_of(ground, Region(west, south, east, north))
    found = []
    with ThreadPoolExecutor(1) as pool:
        for siting in SITINGS:
            for place in area.places:
                lat, lon = sited(ground, *place, siting)
                stands = Antenna(math.radians(lat), math.radians(lon), *raster.index(lat, lon), ANTENNA_M)
                _, _, floor_m = floor_in_reach(pool, raster.grid, raster.lat_rad, raster.lon_rad, stands, K_REFRACTION, math.inf)
                found.append([np.mean(floor_m - raster.grid <= height) for height in HEIGHTS_M])
    return np.array(found).reshape(len(SITINGS), len(area.places), len(HEIGHTS_M)).mean(axis=1)


def shape(coarse: Terrain) -> tuple[Reals, Reals]:
    """S, m, and G of the coarse nodes (`Law`), written out: windows of 3 × 3 and of 5 × 5 nodes on land."""

    def windows(reach: int) -> Reals:
        padded = np.pad(coarse.grid.astype(float), reach, constant_values=np.nan)
        return np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1)).reshape(*coarse.grid.shape, -1)

    land = windows(2)
    land = np.where((land > 0.0).any(axis=-1, keepdims=True), np.where(land > 0.0, land, np.nan), 0.0)
    third = np.nanmean((land - np.nanmean(land, axis=-1, keepdims=True)) ** 3, axis=-1)
    return np.nanstd(windows(1), axis=-1), third / (np.nanstd(land, axis=-1) + 10.0) ** 3


def left_out() -> dict[str, Law]:
    """The law fitted without each region, and with all of them as `none`."""
    with FITS.open(encoding="utf-8", newline="") as file:
        return {row["left_out"]: Law(float(row["a"]), float(row["b"]), float(row["c"])) for row in DictReader(file)}


def odds(share: Reals) -> Reals:
    """Of shares, of which the last half per cent at either end says nothing of relief."""
    kept = np.clip(share, 0.005, 0.995)
    return np.asarray(kept / (1.0 - kept))


def error_odds(truth: Reals, likely: Reals) -> Reals:
    """By rule of siting, what the odds of likely are multiplied by for the lower bound; areas × rules × heights.

    The 10 % quantile over areas of ln(odds of truth / odds of likely), each at the height where it is least; at most 1.
    """
    least = np.log(odds(truth) / odds(likely)).min(axis=2)
    return np.exp(np.minimum(np.quantile(least, 0.1, axis=0), 0.0))


def _cut(ground: Terrain, box: Region) -> Terrain:
    """The nodes of a terrain within a box: its cells may reach beyond the land that was measured."""
    rows, columns = ground.grid.shape
    lat = np.degrees(ground.north_rad - np.arange(rows) * ground.lat_step_rad)
    lon = np.degrees(ground.west_rad + np.arange(columns) * ground.lon_step_rad)
    i, j = np.flatnonzero((lat <= box.north) & (lat >= box.south)), np.flatnonzero((lon <= box.east) & (lon >= box.west))
    return replace(
        ground,
        grid=ground.grid[i[0] : i[-1] + 1, j[0] : j[-1] + 1],
        north_rad=math.radians(lat[i[0]]),
        west_rad=math.radians(lon[j[0]]),
    )
