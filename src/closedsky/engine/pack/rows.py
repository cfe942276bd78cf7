"""Dicts to records, ids to numbers: what every part of packing uses."""

import zlib
from typing import Any

import numpy as np

from closedsky.engine.layout import CLASSES, Records
from closedsky.physics.ground import Ground, bilinear

Row = dict[str, Any]


def records(dtype: np.dtype[Any], rows: list[Row]) -> Records:
    """Records from dicts; every field must be given, and none besides."""
    out = np.zeros(len(rows), dtype)
    for i, row in enumerate(rows):
        if set(row) != set(dtype.names or ()):
            raise KeyError(f"fields {sorted(set(row) ^ set(dtype.names or ()))} of {dtype}")
        for name, value in row.items():
            out[name][i] = value
    return out


def by_class(dtype: np.dtype[Any], rows: list[list[Row]]) -> Records:
    """Records in a table, a row a thing and a column a class of target."""
    return records(dtype, [cell for row in rows for cell in row]).reshape(len(rows), CLASSES)


def key_of(name: str) -> int:
    """The number an entity's draws are keyed by: it depends on its name alone, not on its place in the file."""
    return zlib.crc32(name.encode())


def ground_m(ground: Ground, lat_rad: float, lon_rad: float) -> float:
    """Altitude of the ground at a place."""
    return float(bilinear(ground, lat_rad, lon_rad))
