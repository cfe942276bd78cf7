"""Description of a terrain: extent, posting, elevations, datum, no-data, attribution; cached tiles."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.geo.terrain import files
from closedsky.geo.terrain.grid import Terrain
from closedsky.geo.terrain.raster import attribution
from closedsky.geo.terrain.shipped import world
from closedsky.geo.terrain.tiles import LIST_FILE, PRODUCTS, Product, folder, is_whole, listed, parse_list
from closedsky.page import Column, Table

_STRIP_NODES = 1 << 24


def describe(what: str) -> dict[str, Any]:
    """All facts about ``world``, the cached tiles ``glo90`` or ``glo30``, or a raster file."""
    if what == "world":
        return _of_terrain(world())
    if what in PRODUCTS:
        return _of_tiles(PRODUCTS[what])
    return _of_file(Path(what))


def table(facts: Mapping[str, Any]) -> Table:
    """The facts, one a row."""
    rows = []
    for key, value in facts.items():
        label = key.replace("_", " ")
        if value is None or value == []:
            continue
        if isinstance(value, list) and value and isinstance(value[0], str):
            rows += [("" if place else label, item) for place, item in enumerate(value)]
        elif isinstance(value, Mapping):
            rows.append((label, ", ".join(f"{name} {_shown(item)}" for name, item in value.items())))
        else:
            rows.append((label, _shown(value)))
    return Table([Column("", "left"), Column("", "prose")], rows)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _of_terrain(terrain: Terrain) -> dict[str, Any]:
    rows, cols = terrain.grid.shape
    extent = dict(zip(("west", "south", "east", "north"), terrain.edges_deg(), strict=True))
    return {
        "name": terrain.name,
        "source": terrain.source,
        "extent_deg": {side: round(edge, 6) for side, edge in extent.items()},
        "nodes": {"rows": rows, "columns": cols},
        "posting_m": round(terrain.posting_m, 1),
        "upper_bound": terrain.is_upper_bound,
        "heights_m": dict(zip(("lowest", "highest"), terrain.extremes_m, strict=True)),
        "no_data_share": 0.0,
        "vertical": "altitudes above mean sea level",
        "size_bytes": rows * cols * 4,
        "attribution": terrain.attribution,
    }


def _of_tiles(product: Product) -> dict[str, Any]:
    there = folder(product)
    found = sorted(there.glob("Copernicus_DSM_COG_*.tif"))
    whole = [path for path in found if is_whole(path)]
    parts = sorted(there.glob("*.tif.part"))
    tiles = parse_list("\n".join(path.name for path in whole), product)
    known = listed(product)
    return {
        "name": product.title,
        "source": product.source,
        "folder": str(there),
        "posting_m": product.posting_m,
        "tiles": {
            "whole": len(whole), "damaged": len(found) - len(whole), "half_fetched": len(parts), "listed": len(known or ()),
        },
        "list": str(there / LIST_FILE) if known is not None else None,
        "extent_deg": None if not tiles else {
            "west": min(tile.west for tile in tiles), "south": min(tile.south for tile in tiles),
            "east": max(tile.west for tile in tiles) + 1, "north": max(tile.south for tile in tiles) + 1,
        },
        "vertical": "altitudes above the geoid EGM2008",
        "size_bytes": sum(path.stat().st_size for path in [*found, *parts]),
        "attribution": product.attribution,
        "notes": [f"damaged: {path.name}; fetch its region again" for path in found if path not in set(whole)],
    }  # fmt: skip


def _of_file(path: Path) -> dict[str, Any]:
    """The facts about a raster file, whose elevations are read strip by strip."""
    with files.opened(path) as file:
        placement = file.placement
        west, south, east, north = placement.box()
        low, high, missing = _heights(file)
        return {
            "name": file.name,
            "source": f"file {file.name} ({file.dataset.driver})",
            "reference_system": file.dataset.crs.to_string() if len(file.dataset.crs.to_string()) < 60 else placement_name(file),
            "extent_deg": {"west": round(west, 6), "south": round(south, 6), "east": round(east, 6), "north": round(north, 6)},
            "nodes": {"rows": placement.rows, "columns": placement.cols},
            "posting_m": round(placement.posting_m(), 1),
            "upper_bound": placement.posting_m() > 1000.0,
            "heights_m": None if missing == placement.rows * placement.cols else {"lowest": low, "highest": high},
            "no_data_share": missing / (placement.rows * placement.cols),
            "vertical": "heights above the ellipsoid"
            if file.is_ellipsoidal
            else "altitudes above mean sea level, as far as it says",
            "size_bytes": path.stat().st_size,
            "attribution": attribution(file),
            "notes": file.notes(),
        }


def placement_name(file: files.File) -> str:
    """Name of a reference system without a code."""
    from pyproj import CRS

    return str(CRS.from_wkt(file.dataset.crs.to_wkt()).name)


def _heights(file: files.File) -> tuple[float, float, int]:
    """Lowest and highest altitude, m, and number of nodes without data."""
    low, high, missing = math.inf, -math.inf, 0
    placement = file.placement
    strip = max(1, _STRIP_NODES // placement.cols)
    for row in range(0, placement.rows, strip):
        grid = file.heights((row, min(strip, placement.rows - row), 0, placement.cols))
        low, high = min(low, float(np.nanmin(grid, initial=math.inf))), max(high, float(np.nanmax(grid, initial=-math.inf)))
        missing += int(np.count_nonzero(np.isnan(grid)))
    return low, high, missing
