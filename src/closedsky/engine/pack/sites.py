"""Geodesics of a scenario's Earth, and headings of units and sensors."""

import math

from pyproj import Geod

from closedsky.model.scenario import Ballistic, Deployment, Sensor
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.scenario.situation import Situation

_GEODS = {"wgs84": Geod(ellps="WGS84"), "sphere": Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)}


def geod_of(situation: Situation) -> Geod:
    """Geodesics on the scenario's figure of the Earth."""
    return _GEODS[situation.scenario.environment.earth.shape]


def middle_of_raid(situation: Situation) -> tuple[float, float]:
    """The mean of the raid's origins, degrees: units and sensors without a heading face it."""
    starts = [
        group.motion.origin if isinstance(group.motion, Ballistic) else group.motion.waypoints[0].at
        for group in situation.scenario.raid
    ]
    lat = math.fsum(at[0] for at in starts) / len(starts)
    east = math.fsum(math.cos(math.radians(at[1])) for at in starts)
    north = math.fsum(math.sin(math.radians(at[1])) for at in starts)
    return lat, math.degrees(math.atan2(north, east))


def heading_deg(situation: Situation, item: Deployment | Sensor) -> float:
    """The middle of the sector of a unit or sensor: its heading, or towards the middle of the raid; north without a raid."""
    if item.heading_deg is not None:
        return item.heading_deg % 360.0
    if not situation.scenario.raid:
        return 0.0
    lat, lon = middle_of_raid(situation)
    return float(geod_of(situation).inv(item.at[1], item.at[0], lon, lat)[0]) % 360.0
