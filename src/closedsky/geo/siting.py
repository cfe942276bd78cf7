"""Where a unit stands of which only the neighbourhood is known: on a height, or on flat ground."""

import math
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError
from closedsky.geo.terrain import Terrain
from closedsky.physics.constants import EARTH_RADIUS_M

Siting = Literal["low", "high"]

RADIUS_M: Final = 3_000.0
"""How far from the stated place a site is looked for."""
_METRES_A_DEGREE = math.radians(EARTH_RADIUS_M)


def sited(ground: Terrain, lat_deg: float, lon_deg: float, siting: Siting | float) -> tuple[float, float]:
    """The node within 3 km of a place that a rule of siting chooses: latitude and longitude, degrees.

    `low` is the flattest: least slope, by central differences over two postings. `high` is the highest. A number is an altitude, m: the
    node nearest to it. Nodes at sea level or below are left out; where there are no others the place is returned as it is. Of equals
    the first from the north-west is taken.

    Raises
    ------
    RequestError
        For an unknown rule, or a place outside the terrain.

    Example
    -------
    >>> lat_deg, lon_deg = sited(relief(world(), Region(44.0, 33.0, 47.0, 35.0), seed=1), 34.1, 45.9, "high")
    """
    if isinstance(siting, str) and siting not in get_args(Siting):
        raise RequestError(Fault(f"there is no siting called {siting!r}", "siting", "say low or high"))
    if not ground.covers(lat_deg, lon_deg):
        raise RequestError(Fault(f"{lat_deg:g}, {lon_deg:g} is outside {ground.name}", "siting", "name a place on it"))
    rows, columns, around_m = _around(ground, lat_deg, lon_deg)
    lat = np.degrees(ground.north_rad - rows * ground.lat_step_rad)
    lon = np.degrees(ground.west_rad + columns * ground.lon_step_rad)
    north_m = _METRES_A_DEGREE * (lat - lat_deg)
    east_m = _METRES_A_DEGREE * math.cos(math.radians(lat_deg)) * _turned(lon - lon_deg)
    near = (np.hypot(north_m[:, None], east_m[None, :]) <= RADIUS_M) & (around_m > 0.0)
    if not near.any():
        return lat_deg, lon_deg
    row, column = np.unravel_index(int(np.argmax(np.where(near, _worth(ground, around_m, lat_deg, siting), -np.inf))), near.shape)
    return float(lat[row]), float(_turned(lon[column]))


def _worth(ground: Terrain, around_m: npt.NDArray[np.float64], lat_deg: float, siting: Siting | float) -> npt.NDArray[np.float64]:
    """What a rule of siting wants the most of, at each node."""
    if siting == "high":
        return around_m
    return -_slope(ground, around_m, lat_deg) if siting == "low" else -np.abs(around_m - float(siting))


def _around(
    ground: Terrain, lat_deg: float, lon_deg: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Rows and columns of the nodes about a place, with one to spare for slopes, and their altitude, m."""
    most_rows, most_columns = ground.grid.shape
    row = (ground.north_rad - math.radians(lat_deg)) / ground.lat_step_rad
    column = (math.radians(lon_deg) - ground.west_rad) / ground.lon_step_rad % (2.0 * math.pi / ground.lon_step_rad)
    down = RADIUS_M / (EARTH_RADIUS_M * ground.lat_step_rad) + 1.0
    right = RADIUS_M / (EARTH_RADIUS_M * math.cos(math.radians(lat_deg)) * ground.lon_step_rad) + 1.0
    rows = np.arange(max(math.floor(row - down), 0), min(math.ceil(row + down), most_rows - 1) + 1)
    columns = np.arange(math.floor(column - right), math.ceil(column + right) + 1)
    if not ground.wraps:
        columns = columns[(columns >= 0) & (columns < most_columns)]
    return rows, columns, ground.grid[np.ix_(rows, columns % most_columns)].astype(np.float64)


def _slope(ground: Terrain, around_m: npt.NDArray[np.float64], lat_deg: float) -> npt.NDArray[np.float64]:
    """Steepness at each node, to a factor that is the same for all."""
    down, right = np.gradient(around_m)
    across = ground.lat_step_rad / (ground.lon_step_rad * math.cos(math.radians(lat_deg)))
    return np.asarray(np.hypot(down, across * right))


def _turned(angle_deg: Any) -> Any:
    """Angles from -180° to less than 180°."""
    return (angle_deg + 180.0) % 360.0 - 180.0
