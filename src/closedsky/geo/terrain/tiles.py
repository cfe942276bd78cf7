"""The Copernicus elevation model in tiles of one degree: the tiles of a region, the cache, and the terrain they make.

GLO-90 (3 arc-seconds) and GLO-30 (1 arc-second), as Cloud-Optimised GeoTIFFs in public buckets. A tile named after its south-western
corner N33 E044 has nodes from 34° N southward to just before 33°, and from 44° E eastward to just before 45°: the last row and column
belong to its neighbours. Nodes are 1, 1.5, 2, 3, 5 and 10 times further apart along a parallel from 0, 50, 60, 70, 80 and 85° of latitude
on. Elevations are of the surface (trees and roofs included), above the geoid EGM2008. Where the list has no tile there is sea.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain import files
from closedsky.geo.terrain.grid import Terrain
from closedsky.geo.terrain.mosaic import Sheet, degrees, join, lay, terrain_on
from closedsky.geo.terrain.region import Region

LIST_FILE: Final = "tileList.txt"
_NAME: Final = r"Copernicus_DSM_COG_(10|30)_([NS])(\d\d)_00_([EW])(\d\d\d)_00_DEM"
_WIDER: Final = ((85, 10.0), (80, 5.0), (70, 3.0), (60, 2.0), (50, 1.5), (0, 1.0))


@dataclass(frozen=True)
class Product:
    """One of the two models: its id, its posting in metres, its nodes per degree, and the number in its file names."""

    id: str
    posting_m: int
    nodes: int
    number: int
    title: str

    @property
    def notice(self) -> str:
        """The copyright notice, as article 6 of the licence words it."""
        return (
            f"Copernicus WorldDEM-{self.posting_m} © DLR e.V. 2010-2014 and © Airbus Defence and Space GmbH 2014-2018 "
            "provided under COPERNICUS by the European Union and ESA; all rights reserved"
        )

    @property
    def source(self) -> str:
        return f"{self.title}, {self.notice}"

    @property
    def attribution(self) -> str:
        """The attribution that the licence requires of works that use the model."""
        return (
            f"produced using {self.notice}. The organisations in charge of the Copernicus programme by law or by delegation do not "
            f"incur any liability for any use of the Copernicus WorldDEM-{self.posting_m}."
        )


PRODUCTS: Final = {
    "glo90": Product("glo90", 90, 1200, 30, "Copernicus DEM GLO-90"),
    "glo30": Product("glo30", 30, 3600, 10, "Copernicus DEM GLO-30"),
}


@dataclass(frozen=True, order=True)
class Tile:
    """A tile of 1° × 1° by the latitude and longitude of its south-western corner, degrees; longitude from -180 to 179."""

    south: int
    west: int

    def name(self, product: Product) -> str:
        """File name without extension."""
        lat = f"{'S' if self.south < 0 else 'N'}{abs(self.south):02d}"
        lon = f"{'W' if self.west < 0 else 'E'}{abs(self.west):03d}"
        return f"Copernicus_DSM_COG_{product.number}_{lat}_00_{lon}_00_DEM"


def cache_home() -> Path:
    """Cache folder of closedsky; TerrainError if there is none."""
    try:
        root = os.environ.get("CLOSEDSKY_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError as error:
        raise TerrainError(
            Fault("this user has no home folder to keep tiles in", "terrain", "set CLOSEDSKY_CACHE to a folder")
        ) from error
    return Path(root) / "closedsky" / "terrain"


def folder(product: Product) -> Path:
    """Folder of the tiles of a product."""
    return cache_home() / product.id


def needed(region: Region, product: Product) -> list[Tile]:
    """Tiles that hold the nodes within a region, and those on its edge or just beyond."""
    step = 1.0 / product.nodes
    wide = step * _wider(max(abs(region.south), abs(region.north)))
    south = max(-90, math.ceil(step * math.floor(region.south / step + 1e-6) - 1e-9) - 1)
    north = min(89, math.ceil(step * math.ceil(region.north / step - 1e-6) - 1e-9) - 1)
    west = math.floor(wide * math.floor(region.west / wide + 1e-6) + 1e-9)
    east = min(math.floor(wide * math.ceil(region.east / wide - 1e-6) + 1e-9), west + 359)
    return sorted({Tile(lat, (lon + 180) % 360 - 180) for lat in range(south, north + 1) for lon in range(west, east + 1)})


def at_most(product: Product, tiles: Sequence[Tile]) -> str:
    """The most that files of tiles can take, in words: nodes of 4 bytes, and a third more for overviews; compression makes them smaller."""
    nodes = sum(product.nodes**2 / _wider(min(abs(tile.south), abs(tile.south + 1))) for tile in tiles)
    mega = nodes * 4.0 * (4.0 / 3.0) / 1e6
    return f"{mega / 1e3:.1f} GB" if mega >= 1e3 else f"{max(mega, 1.0):.0f} MB"


def parse_list(text: str, product: Product) -> frozenset[Tile]:
    """Tiles of a list of file names; those of the other product are left out."""
    found = set()
    for match in re.finditer(_NAME, text):
        number, ns, lat, ew, lon = match.groups()
        if int(number) == product.number:
            found.add(Tile(int(lat) * (1 if ns == "N" else -1), (int(lon) * (1 if ew == "E" else -1) + 180) % 360 - 180))
    return frozenset(found)


def listed(product: Product) -> frozenset[Tile] | None:
    """The tiles of the cached list; None without a list."""
    try:
        return parse_list((folder(product) / LIST_FILE).read_text("ascii"), product)
    except (OSError, UnicodeDecodeError):
        return None


def unreleased(product: Product, wanted: Sequence[Tile]) -> list[Tile]:
    """Tiles that are land in GLO-90 but absent from GLO-30: not sea, but not public."""
    if product.id != "glo30":
        return []
    coarse, fine = listed(PRODUCTS["glo90"]) or frozenset(), listed(product) or frozenset()
    return [tile for tile in wanted if tile in coarse and tile not in fine]


# ---------------------------------------------------------------- the cache


def record_of(path: Path) -> dict[str, Any] | None:
    """The stored record of a tile: its size, sha256, ETag and URL; None if it was never completed."""
    try:
        record = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("sha256"), str) else None


def is_whole(path: Path, thorough: bool = True) -> bool:
    """Whether a tile in the cache is complete: by size, and with `thorough` by checksum."""
    record = record_of(path)
    try:
        if record is None or path.stat().st_size != record.get("size"):
            return False
        return not thorough or sha256(path) == record["sha256"]
    except OSError:
        return False


def sha256(path: Path) -> str:
    """Checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------- terrain


def terrain_from_tiles(product: Product, region: Region) -> Terrain:
    """The terrain of a region from the cache, without network access. TerrainError names missing or damaged tiles and the command."""
    frame = _frame(product, region)
    land = _land(product, region)
    sheets = [_with_sea(sheet) for sheet in join(list(_sheets(product, land, region)))]
    grid = lay(sheets, frame)
    np.nan_to_num(grid, copy=False, nan=0.0)
    return terrain_on(frame, grid, product.title, product.source, product.attribution)


def _land(product: Product, region: Region) -> list[Tile]:
    """Land tiles that a region needs, all in the cache; else TerrainError."""
    wanted = needed(region, product)
    there = listed(product)
    command = f"closedsky terrain fetch --region={region} --posting {product.posting_m}"
    if there is None:
        raise _fault(
            f"none of the tiles is here ({len(wanted)} of one degree are needed, {at_most(product, wanted)} at most; less over sea)",
            f"fetch them: {command}",
        )
    land = [tile for tile in wanted if tile in there]
    secret = unreleased(product, wanted)
    if secret:
        names = ", ".join(tile.name(product) for tile in secret[:3]) + (" …" if len(secret) > 3 else "")
        raise _fault(
            f"{len(secret)} tiles of land are not released in {product.title}: {names}",
            f"use {{tiles: glo90}}: closedsky terrain fetch --region={region} --posting 90",
        )
    absent = [tile for tile in land if not is_whole(folder(product) / f"{tile.name(product)}.tif", thorough=False)]
    if absent:
        names = ", ".join(tile.name(product) for tile in absent[:3]) + (" …" if len(absent) > 3 else "")
        size = at_most(product, absent)
        what = f"{len(absent)} of {len(land)} tiles of {product.title}, {size} at most, are not here: {names}"
        raise _fault(what, f"fetch them: {command}")
    damaged = [tile for tile in land if not is_whole(folder(product) / f"{tile.name(product)}.tif")]
    if damaged:
        names = ", ".join(tile.name(product) for tile in damaged[:3])
        raise _fault(f"{len(damaged)} tiles do not match their checksum: {names}", f"fetch them again: {command}")
    return land


def _sheets(product: Product, land: Sequence[Tile], region: Region) -> Iterator[Sheet]:
    for tile in land:
        with files.opened(folder(product) / f"{tile.name(product)}.tif", "sea") as file:
            for window, turns in file.placement.windows(region):
                if min(window[1], window[3]) >= 1:
                    yield Sheet(file.heights(window), file.placement.moved(window, turns))


def _with_sea(sheet: Sheet) -> Sheet:
    return Sheet(np.nan_to_num(sheet.grid, nan=0.0), sheet.placement)


def _frame(product: Product, region: Region) -> Any:
    """The nodes within a region and those next to it, with the spacing of the tiles nearest the equator."""
    nearest = 0.0 if region.south <= 0.0 <= region.north else min(abs(region.south), abs(region.north))
    lat_step = 1.0 / product.nodes
    lon_step = lat_step * _wider(nearest)
    top, left = math.ceil(region.north / lat_step - 1e-6), math.floor(region.west / lon_step + 1e-6)
    rows = top - math.floor(region.south / lat_step + 1e-6) + 1
    cols = min(math.ceil(region.east / lon_step - 1e-6) - left + 1, round(360.0 / lon_step))
    if rows * cols > files.MOST_NODES:
        coarser = "" if product.id == "glo90" else "use {tiles: glo90}, or "
        raise _fault(
            f"{product.title} of the region {region} is {rows:,} by {cols:,} nodes, {rows * cols * 4 / 1e9:.1f} GB of memory; "
            f"the most is {files.MOST_NODES * 4 / 1e9:.0f} GB",
            f"{coarser}split the scenario, or use `world`",
        )
    return degrees(left * lon_step, top * lat_step, lat_step, lon_step, max(rows, 2), max(cols, 2))


def _wider(lat_deg: float) -> float:
    """Ratio of the node spacing along a parallel to that along a meridian."""
    return next(factor for least, factor in _WIDER if lat_deg >= least)


def _fault(what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, "terrain", fix))
