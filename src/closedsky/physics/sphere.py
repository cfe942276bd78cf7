"""Great circles over arrays of places, on the sphere: ranges and bearings, and places at both."""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]


def range_m(lat_rad_of: Floats, lon_rad_of: Floats, lat_rad: float, lon_rad: float) -> Floats:
    """Ground ranges, m, of places from one."""
    half = np.sin(0.5 * (lat_rad_of - lat_rad)) ** 2
    half += np.cos(lat_rad_of) * math.cos(lat_rad) * np.sin(0.5 * (lon_rad_of - lon_rad)) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def bearing_and_range(lat_rad: Floats, lon_rad: Floats, from_lat_rad: float, from_lon_rad: float) -> tuple[Floats, Floats]:
    """Azimuths, rad from 0 to 2 π, and ranges, m, of places from one, on a sphere."""
    east = np.cos(lat_rad) * np.sin(lon_rad - from_lon_rad)
    north = math.cos(from_lat_rad) * np.sin(lat_rad) - math.sin(from_lat_rad) * np.cos(lat_rad) * np.cos(lon_rad - from_lon_rad)
    return np.arctan2(east, north) % (2.0 * math.pi), range_m(lat_rad, lon_rad, from_lat_rad, from_lon_rad)


def place_at(from_lat_rad: float, from_lon_rad: float, azimuth_rad: Floats, range_m: Floats) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of places at azimuths and ranges from one, on a sphere: `bearing_and_range` the other way."""
    arc = range_m / EARTH_RADIUS_M
    sine = math.sin(from_lat_rad) * np.cos(arc) + math.cos(from_lat_rad) * np.sin(arc) * np.cos(azimuth_rad)
    east = np.sin(azimuth_rad) * np.sin(arc) * math.cos(from_lat_rad)
    return np.arcsin(sine), from_lon_rad + np.arctan2(east, np.cos(arc) - math.sin(from_lat_rad) * sine)
