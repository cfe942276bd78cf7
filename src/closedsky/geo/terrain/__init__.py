"""Terrain elevation: the shipped world, flat ground, rasters, Copernicus tiles; each as one `Terrain`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain.grid import COARSE_POSTING_M, Terrain
from closedsky.geo.terrain.raster import Raster, raster_of, read_raster, refined, write_raster
from closedsky.geo.terrain.region import Region
from closedsky.geo.terrain.shipped import FLAT_ALTITUDES_M, WORLD_FILE, flat, unpack, world

__all__ = [
    "COARSE_POSTING_M", "FLAT_ALTITUDES_M", "WORLD_FILE", "Raster", "Region", "Terrain", "flat", "raster_of",
    "read_raster", "read_terrain", "refined", "unpack", "world", "write_raster",
]  # fmt: skip

_AVAILABLE: Final = "use `world`, `flat`, `{flat: METRES}`, `{file: PATH}` or `{tiles: glo90}`"
_VERTICAL: Final = ("sea", "ellipsoid")


def read_terrain(spec: object, region: Region | None = None, folder: Path | None = None) -> Terrain:
    """The terrain of a scenario, over the extent of a region.

    `spec` is ``"world"``, ``"flat"``, ``{"flat": METRES}``, ``{"file": PATH or [PATH, ...], "vertical": "sea" or "ellipsoid"}`` with paths
    relative to `folder`, or ``{"tiles": "glo90" or "glo30"}``, which must be in the cache and need a region.
    """
    if isinstance(spec, str):
        if spec == "world":
            return world()
        if spec == "flat":
            return flat()
        raise _fault(f"there is no terrain called {spec!r}", _AVAILABLE)
    if not isinstance(spec, Mapping) or len(spec) - ("file" in spec and "vertical" in spec) != 1:
        raise _fault("a terrain is one word or one key with its value", _AVAILABLE)
    key = next(key for key in spec if key != "vertical" or "file" not in spec)
    if key == "flat":
        return _flat(spec["flat"])
    if key == "file":
        return _from_files(spec, region, folder or Path())
    if key == "tiles":
        return _from_tiles(spec["tiles"], region)
    raise _fault(f"there is no terrain called {key!r}", _AVAILABLE)


def _flat(value: object) -> Terrain:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fault(f"flat ground needs an altitude in metres, not {value!r}", "write, for example, `{flat: 300}`")
    return flat(float(value))


def _from_files(spec: Mapping[Any, Any], region: Region | None, folder: Path) -> Terrain:
    named = [spec["file"]] if isinstance(spec["file"], str | Path) else spec["file"]
    if not isinstance(named, Sequence) or not named or not all(isinstance(name, str | Path) and str(name) for name in named):
        raise _fault(f"{spec['file']!r} is not a file", "write `{file: PATH}` or `{file: [PATH, PATH]}`")
    vertical = spec.get("vertical")
    if vertical not in (None, *_VERTICAL):
        raise _fault(f"heights above {vertical!r}", "write `vertical: sea` or `vertical: ellipsoid`, or leave it out")
    from closedsky.geo.terrain.mosaic import terrain_from_files

    return terrain_from_files([folder / Path(name).expanduser() for name in named], region, vertical)


def _from_tiles(name: object, region: Region | None) -> Terrain:
    from closedsky.geo.terrain.tiles import PRODUCTS, terrain_from_tiles

    if not isinstance(name, str) or name not in PRODUCTS:
        raise _fault(f"there are no tiles called {name!r}", "use `{tiles: glo90}` or `{tiles: glo30}`")
    if region is None:
        raise _fault("tiles are taken for a region, and none is given", "use it in a scenario")
    return terrain_from_tiles(PRODUCTS[name], region)


def _fault(what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what=what, where="terrain", fix=fix))
