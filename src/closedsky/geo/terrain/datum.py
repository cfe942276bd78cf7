"""Vertical datum: mean sea level or the ellipsoid."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.geoid import undulation_m
from closedsky.geo.terrain.placement import LATTICE, Floats, Placement, crs_of, spread, transformer
from closedsky.physics.constants import WGS84_A

GEOID: Final = "the geoid EGM96"
_ROWS: Final = 256
_SAME_BODY: Final = 0.005
_HIGHEST_DEG: Final = 90.5
"""Latitude that the centre of a pixel may have: half a coarse one beyond the pole."""


def is_ellipsoidal(wkt: str) -> bool:
    """Whether heights of a reference system are ellipsoidal: it has three axes, geographic or projected, or an ellipsoidal datum."""
    crs = crs_of(wkt)
    if crs.is_compound:
        heights = [part for part in crs.sub_crs_list if part.is_vertical]
        return any("ellipsoid" in f"{part.name} {part.datum.name if part.datum else ''}".lower() for part in heights)
    return len(crs.axis_info) == 3


def horizontal(wkt: str) -> str:
    """A reference system without its vertical part, as WKT."""
    crs = crs_of(wkt)
    plane = crs.sub_crs_list[0] if crs.is_compound else crs
    return str(plane.to_2d().to_wkt())


def vertical_axis(wkt: str) -> Any:
    """The axis of heights or depths of a reference system, as pyproj tells it; None if it has none."""
    return next((axis for axis in crs_of(wkt).axis_info if axis.direction in ("up", "down")), None)


def refuse_elsewhere(wkt: str, where: str, x: Floats, y: Floats) -> None:
    """Raise TerrainError for a reference system that has no longitude and latitude on the Earth, or none at the places x, y."""
    from pyproj.exceptions import ProjError

    try:
        plane = horizontal(wkt)
        crs = crs_of(plane)
        if not (crs.is_geographic or crs.is_projected):
            raise _fault(f"is not one of the Earth's surface ({crs.type_name.lower()})", crs.name, where)
        if abs(crs.ellipsoid.semi_major_metre / WGS84_A - 1.0) > _SAME_BODY:
            raise _fault("is of another body than the Earth", crs.name, where)
        to_degrees = transformer(plane, "EPSG:4326")
    except ProjError as error:
        name = wkt.split('"')[1] if '"' in wkt else "of the file"
        raise _fault("cannot be turned into longitude and latitude", name, where) from error
    if crs.is_geographic and np.abs(np.degrees(y * crs.axis_info[0].unit_conversion_factor)).max() > _HIGHEST_DEG:
        raise _fault(f"is in degrees, and its rows lie from {y.min():g} to {y.max():g}", crs.name, where)
    lon, lat = to_degrees.transform(x, y)
    if not (np.isfinite(lon) & np.isfinite(lat)).any():
        raise _fault("is not defined where it lies", crs.name, where)


def _fault(what: str, name: str, where: str) -> TerrainError:
    fix = "write in the one that it has: gdal_edit.py -a_srs EPSG:CODE FILE; if it has that, bring it to another: gdalwarp -t_srs EPSG:4326"
    return TerrainError(Fault(f"its reference system '{name}' {what}", where, fix))


def to_sea_level(grid: npt.NDArray[np.float32], placement: Placement) -> None:
    """Convert ellipsoidal heights to altitudes above mean sea level, in place: less the geoid undulation at each node."""
    lat, lon = (np.degrees(part) for part in placement.lattice())
    for first in range(0, placement.rows, _ROWS):
        rows = min(_ROWS, placement.rows - first)
        at = (spread(part, LATTICE, first, rows, placement.cols) for part in (lat, lon))
        grid[first : first + rows] -= undulation_m(*at)
