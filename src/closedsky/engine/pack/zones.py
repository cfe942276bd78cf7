"""Zones as arrays: corners in radians, limits of altitude, and the units and classes to which each applies."""

import math

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import ANYWHERE, CLASSES, INSIDE, OUTSIDE, ZONE, Floats, Records
from closedsky.engine.pack.rows import Row, records
from closedsky.model.scenario import Scenario
from closedsky.model.system import TARGET_CLASSES

_SIDES = {None: ANYWHERE, "inside": INSIDE, "outside": OUTSIDE}


def zones(scenario: Scenario) -> tuple[Records, Floats, npt.NDArray[np.bool_]]:
    """One row per zone; the corners of all, rows (latitude, longitude); and zone × unit × class, whether it applies."""
    rows: list[Row] = []
    corners: list[tuple[float, float]] = []
    applies = np.zeros((len(scenario.zones), len(scenario.defence), CLASSES), np.bool_)
    for z, zone in enumerate(scenario.zones):
        rows.append({
            "first": len(corners), "corners": len(zone.outline),
            "altitude_min_m": -math.inf if zone.altitude_min_m is None else zone.altitude_min_m,
            "altitude_max_m": math.inf if zone.altitude_max_m is None else zone.altitude_max_m,
            "launch": _SIDES[zone.launch], "intercept": _SIDES[zone.intercept],
        })  # fmt: skip
        corners += [(math.radians(lat), math.radians(lon)) for lat, lon in zone.outline]
        units = [not zone.units or item.id in zone.units for item in scenario.defence]
        classes = [not zone.classes or kind in zone.classes for kind in TARGET_CLASSES]
        applies[z] = np.outer(units, classes)
    return records(ZONE, rows), np.array(corners).reshape(-1, 2), applies
