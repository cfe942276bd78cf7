"""Vertical datum: mean sea level or the ellipsoid."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.geo.geoid import undulation_m
from closedsky.geo.terrain.placement import LATTICE, Placement, spread

GEOID: Final = "the geoid EGM96"
_ROWS: Final = 256


def is_ellipsoidal(wkt: str) -> bool:
    """Whether heights of a reference system are ellipsoidal: it has three axes, geographic or projected, or an ellipsoidal datum."""
    crs = _crs(wkt)
    if crs.is_compound:
        heights = [part for part in crs.sub_crs_list if part.is_vertical]
        return any("ellipsoid" in f"{part.name} {part.datum.name if part.datum else ''}".lower() for part in heights)
    return len(crs.axis_info) == 3


def horizontal(wkt: str) -> str:
    """A reference system without its vertical part, as WKT."""
    crs = _crs(wkt)
    plane = crs.sub_crs_list[0] if crs.is_compound else crs
    return str(plane.to_2d().to_wkt())


def to_sea_level(grid: npt.NDArray[np.float32], placement: Placement) -> None:
    """Convert ellipsoidal heights to altitudes above mean sea level, in place: less the geoid undulation at each node."""
    lat, lon = (np.degrees(part) for part in placement.lattice())
    for first in range(0, placement.rows, _ROWS):
        rows = min(_ROWS, placement.rows - first)
        at = (spread(part, LATTICE, first, rows, placement.cols) for part in (lat, lon))
        grid[first : first + rows] -= undulation_m(*at)


def _crs(wkt: str) -> Any:
    from pyproj import CRS

    return CRS.from_user_input(wkt)
