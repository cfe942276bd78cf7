"""Coverage maps as files: layers as cloud-optimised GeoTIFFs, closed areas as GeoJSON (RFC 7946)."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, OutputError
from closedsky.geo.cells import Cells, circle, degrees
from closedsky.physics.constants import EARTH_RADIUS_M

BLOCK: Final = 512
NO_DATA: Final = 255
PLACES: Final = 6
"""Decimals of a degree in GeoJSON: 0.1 m."""
_STRAIGHT: Final = 0.14


def write_cog(path: Path, cells: Cells, bands: Mapping[str, npt.NDArray[Any]], tags: Mapping[str, str]) -> None:
    """Write bands over cells, by description, as one cloud-optimised GeoTIFF: tiled, with overviews.

    Integers and masks become bytes, with 255 for no data; all else float32, with NaN. OutputError if it cannot be written.
    """
    module = _geo("rasterio")
    layers = {name: np.asarray(layer) for name, layer in bands.items()}
    whole = all(layer.dtype == np.bool_ or layer.dtype == np.uint8 for layer in layers.values())
    kind, empty = ("uint8", NO_DATA) if whole else ("float32", math.nan)
    profile = {
        "driver": "COG", "height": cells.shape[0], "width": cells.shape[1], "count": len(layers), "dtype": kind, "nodata": empty,
        "crs": module.crs.CRS.from_wkt(cells.crs), "transform": module.Affine(*cells.transform), "blocksize": BLOCK,
        "compress": "deflate", "level": 1, "predictor": "yes", "bigtiff": "if_safer", "num_threads": "all_cpus",
        "overviews": "auto", "overview_resampling": "mode" if whole else "average",
    }  # fmt: skip
    with module.io.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.update_tags(**tags)
            for band, (name, layer) in enumerate(layers.items(), start=1):
                target.write(layer.astype(kind), band)
                target.set_band_description(band, name)
        _write(path, memory.getbuffer())


def write_geojson(
    path: Path,
    cells: Cells,
    closed: Mapping[float, npt.NDArray[np.bool_]],
    properties: Mapping[str, Any],
    units: Sequence[tuple[str, float, float]] = (),
    circles: Sequence[tuple[float, float, float]] = (),
) -> None:
    """Write the closed area at each level, m, as a MultiPolygon, with units and brochure circles.

    Units are (name, latitude, longitude), circles (latitude, longitude, radius in m); each feature's `kind` says which it is, and closed
    areas have the given `properties`. Outlines deviate from the cells by at most half a cell. WGS84, cut at longitude 180.
    """
    features = [_closed_feature(cells, height, mask, properties) for height, mask in closed.items()]
    for lat, lon, radius_m in circles:
        ring = circle(lat, lon, radius_m)[:, ::-1]
        geometry = _multipolygon(_geo("shapely").polygons([ring]))
        features.append(_feature(geometry, {"kind": "brochure circle", "radius_m": radius_m}))
    for name, lat, lon in units:
        place = {"type": "Point", "coordinates": [round(_wrapped(lon), PLACES), round(lat, PLACES)]}
        features.append(_feature(place, {"kind": "unit", "name": name}))
    collection = {"type": "FeatureCollection", "features": features}
    _write(path, json.dumps(collection, allow_nan=False, ensure_ascii=False).encode())


def _closed_feature(cells: Cells, height_m: float, mask: npt.NDArray[np.bool_], properties: Mapping[str, Any]) -> dict[str, Any]:
    area_km2 = float(np.count_nonzero(mask)) * cells.cell_m**2 / 1e6
    told = {"kind": "closed", "height_m": height_m, "area_km2": round(area_km2, 3), **properties}
    return _feature(_multipolygon(_on_the_ground(cells, _outlined(cells, mask))), told)


def _outlined(cells: Cells, mask: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Polygons in the projection around the cells of a mask.

    Corners are cut at the midpoints of cell edges, by 0.354 of a cell, which straightens stairs; then points within 0.14 of a cell of
    the simplified line are removed. This takes half a cell of area from each polygon, less half a cell per hole.
    """
    shapely, module = _geo("shapely"), _geo("rasterio")
    shapes = module.features.shapes(mask.astype(np.uint8), mask=mask, transform=module.Affine(*cells.transform))
    rings = ([_cut(ring, cells.cell_m) for ring in shape["coordinates"]] for shape, _ in shapes)
    outlines = np.array([shapely.Polygon(outer, holes) for outer, *holes in rings], dtype=object)
    return np.asarray(shapely.simplify(outlines, _STRAIGHT * cells.cell_m))


def _cut(ring: Sequence[tuple[float, float]], cell_m: float) -> npt.NDArray[np.float64]:
    """The midpoints of the cell edges of a ring; closed."""
    corners = np.array(ring)
    many = np.rint(np.abs(np.diff(corners, axis=0)).max(axis=1) / cell_m).astype(np.int64)
    edge = np.repeat(np.arange(many.size), many)
    share = (np.arange(edge.size) - np.repeat(np.cumsum(many) - many, many) + 0.5) / many[edge]
    middles = corners[edge] + share[:, None] * (corners[edge + 1] - corners[edge])
    return np.vstack([middles, middles[:1]])


def _on_the_ground(cells: Cells, shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Polygons of the projection in longitude and latitude; long edges are divided, to stay within a fiftieth of a cell."""
    shapely = _geo("shapely")
    longest_m = math.sqrt(8.0 / 3.0 * EARTH_RADIUS_M * cells.cell_m / 50.0)

    def turned(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat, lon = degrees(cells.crs, points[:, 0], points[:, 1])
        return np.column_stack([lon, lat])

    return np.asarray(shapely.transform(shapely.segmentize(shapes, longest_m), turned))


def _multipolygon(shapes: npt.NDArray[Any]) -> dict[str, Any]:
    """GeoJSON of polygons (longitude, latitude): cut at 180, outer rings counter-clockwise, holes clockwise, rounded."""
    shapely = _geo("shapely")
    fixed = [shapely.set_precision(part, 10.0**-PLACES) for turn in (-1, 0, 1) for part in _between(shapes, turn)]
    parts = [part for part in shapely.get_parts(fixed) if part.geom_type == "Polygon" and not part.is_empty]
    rings = [[_written(part.exterior, ccw=True), *(_written(hole, ccw=False) for hole in part.interiors)] for part in parts]
    return {"type": "MultiPolygon", "coordinates": rings}


def _between(shapes: npt.NDArray[Any], turn: int) -> npt.NDArray[Any]:
    """The part of polygons within one turn of longitude, shifted to -180 to 180."""
    shapely = _geo("shapely")
    west = -180.0 + 360.0 * turn
    bounds = shapely.bounds(shapes)
    within, part = (bounds[:, 0] >= west) & (bounds[:, 2] <= west + 360.0), (bounds[:, 0] < west + 360.0) & (bounds[:, 2] > west)
    across = shapely.get_parts(shapely.intersection(shapes[part & ~within], shapely.box(west, -90.0, west + 360.0, 90.0)))
    both = np.concatenate([shapes[within], across])
    return np.asarray(shapely.transform(both, lambda points: points - [360.0 * turn, 0.0]) if turn else both)


def _written(ring: Any, *, ccw: bool) -> list[list[float]]:
    points = [[round(lon, PLACES), round(lat, PLACES)] for lon, lat in ring.coords]
    return points if ring.is_ccw == ccw else points[::-1]


def _feature(geometry: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": dict(properties), "geometry": geometry}


def _wrapped(lon_deg: float) -> float:
    return (lon_deg + 180.0) % 360.0 - 180.0


def _geo(name: str) -> Any:
    """The module rasterio or shapely; OutputError if it is not installed."""
    try:
        if name == "shapely":
            import shapely

            return shapely
        import rasterio
        import rasterio.features
    except ImportError as error:
        what = f"writing maps needs {name}, which is not installed"
        raise OutputError(Fault(what, "--out", "pip install 'closedsky[geo]'")) from error
    return rasterio


def _write(path: Path, content: bytes | memoryview) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        fault = Fault(f"it cannot be written ({error.strerror or error})", str(path), "free some space, or name another file")
        raise OutputError(fault) from error
