"""Geoid undulation: EGM96 over the WGS84 ellipsoid, 30 arc-minutes apart, bilinear between nodes.

Ellipsoidal height = altitude above mean sea level + undulation. Against EGM96's own grid of 15 arc-minutes the shipped one is
within 0.14 m (root mean square by area), 0.54 m (99 % of the nodes) and 3.9 m (the worst, in Colombia's Sierra Nevada), as
printed by ``scripts/build_geoid.py``, which made it.
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.geo.shipped import read_shipped

GEOID_FILE: Final = "geoid-30min.bin"

Floats = npt.NDArray[np.float64]


def undulation_m(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Floats:
    """Height of the geoid above the ellipsoid, m, at latitudes and longitudes, degrees, of broadcastable shapes; longitude modulo 360°.

    NaN if a latitude is beyond a pole, or a coordinate is not a number.
    """
    return bilinear(geoid(), lat_deg, lon_deg)


@lru_cache(maxsize=1)
def geoid() -> npt.NDArray[np.int16]:
    """Undulation at the nodes, cm: rows from 90 N to 90 S, columns from 180 W eastward, no meridian twice."""
    nodes_cm = unpack(*read_shipped(GEOID_FILE))
    nodes_cm.flags.writeable = False
    return nodes_cm


def unpack(header: dict[str, Any], body: bytes) -> npt.NDArray[np.int16]:
    """The nodes, cm: low bytes, then high bytes, of the differences from west and from north plus 128."""
    low, high = np.frombuffer(body, dtype=np.uint8).reshape(2, header["rows"], header["cols"])
    steps = (low + 256 * high.astype(np.int32) - 128).astype(np.int16)
    return np.cumsum(np.cumsum(steps, axis=0, dtype=np.int16), axis=1, dtype=np.int16)


def bilinear(nodes_cm: npt.NDArray[np.int16], lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Floats:
    """Bilinear interpolation, m, of a grid from pole to pole around the Earth."""
    rows, cols = nodes_cm.shape
    lat, lon = np.broadcast_arrays(np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64))
    known = (np.abs(lat) <= 90.0) & np.isfinite(lon)
    row = np.where(known, 90.0 - lat, 0.0) * ((rows - 1) / 180.0)
    col = np.where(known, lon + 180.0, 0.0) % 360.0 * (cols / 360.0)
    top, left = np.minimum(row.astype(int), rows - 2), col.astype(int)
    south, east = row - top, col - left
    left, right = left % cols, (left + 1) % cols
    upper = (1.0 - east) * nodes_cm[top, left] + east * nodes_cm[top, right]
    lower = (1.0 - east) * nodes_cm[top + 1, left] + east * nodes_cm[top + 1, right]
    return np.where(known, 0.01 * ((1.0 - south) * upper + south * lower), np.nan)
