"""Helpers of packing: records from dicts, keys from ids, altitude of the ground."""

import zlib
from typing import Any

import numpy as np

from closedsky.engine.layout import CLASSES, Records
from closedsky.physics.ground import Ground, bilinear

Row = dict[str, Any]


def records(dtype: np.dtype[Any], rows: list[Row]) -> Records:
    """Records from dicts, which must have exactly the fields of the dtype."""
    names = dtype.names or ()
    for row in rows:
        if row.keys() != set(names):
            raise KeyError(f"fields {sorted(row.keys() ^ set(names))} of {dtype}")
    return np.array([tuple(row[name] for name in names) for row in rows], dtype)


def by_class(dtype: np.dtype[Any], rows: list[list[Row]]) -> Records:
    """Records as a table with one column per target class."""
    return records(dtype, [cell for row in rows for cell in row]).reshape(len(rows), CLASSES)


def key_of(name: str) -> int:
    """The key of an entity's random draws; it depends on the entity's name alone, not on its position in the file."""
    return zlib.crc32(name.encode())


def ground_m(ground: Ground, lat_rad: float, lon_rad: float) -> float:
    """Altitude of the ground at a place, m."""
    return float(bilinear(ground, lat_rad, lon_rad))
