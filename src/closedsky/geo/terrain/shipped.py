"""Shipped terrain: the world at 5 arc-minutes, and flat ground."""

import hashlib
import json
import math
import zlib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain.grid import Terrain
from closedsky.physics.constants import EARTH_RADIUS_M

FLAT_ALTITUDES_M: Final = (-500.0, 9000.0)
WORLD_FILE: Final = "world-5min.bin"


def flat(altitude_m: float = 0.0) -> Terrain:
    """Level ground at an altitude, m: a global grid of 3 by 4 nodes, 90° apart."""
    low, high = FLAT_ALTITUDES_M
    if not low <= altitude_m <= high:
        raise _fault(f"flat ground at {altitude_m:g} m", f"give an altitude from {low:g} to {high:g} m")
    return Terrain(
        name=f"flat at {altitude_m + 0.0:g} m",
        posting_m=0.0,
        grid=np.full((3, 4), altitude_m, dtype=np.float32),
        north_rad=math.pi / 2.0,
        west_rad=-math.pi,
        lat_step_rad=math.pi / 2.0,
        lon_step_rad=math.pi / 2.0,
        source="none: flat by the scenario's choice",
        attribution="Flat ground: nothing is masked by hills.",
    )


@lru_cache(maxsize=1)
def world() -> Terrain:
    """The world's land at 5 arc-minutes (NOAA ETOPO5), sea at 0 m; loaded once, its checksum verified.

    Suitable for the altitude of a site and as a backdrop, too coarse for masking: summits are cut (Everest is at 6,096 m) and
    land below sea level is raised to 0 m. ``scripts/build_world_terrain.py`` describes its production and losses.
    """
    resource = files("closedsky.geo").joinpath("data", WORLD_FILE)
    try:
        packed = resource.read_bytes()
    except OSError as error:
        raise _fault(f"the shipped terrain {WORLD_FILE} cannot be read ({error})", "install closedsky again") from error
    header, heights_m = unpack(packed)
    step_rad = math.pi / (heights_m.shape[0] - 1)
    return Terrain(
        name=header["name"],
        posting_m=EARTH_RADIUS_M * step_rad,
        grid=heights_m.astype(np.float32),
        north_rad=math.pi / 2.0,
        west_rad=-math.pi,
        lat_step_rad=step_rad,
        lon_step_rad=step_rad,
        source=header["source"],
        attribution=header["attribution"],
    )


def unpack(packed: bytes) -> tuple[dict[str, Any], npt.NDArray[np.int16]]:
    """The header and the elevations, m, of a packed world; the inverse of ``pack`` in ``scripts/build_world_terrain.py``.

    One line of JSON (name, source, attribution, rows, cols, sha256 of the elevations as little-endian int16, row by row), then a
    zlib stream: the low bytes, then the high bytes, of the west-to-east differences plus 128 (each row starts from 0).
    """
    head, _, body = packed.partition(b"\n")
    try:
        header: dict[str, Any] = json.loads(head)
        shape = (int(header["rows"]), int(header["cols"]))
        expected = str(header["sha256"])
        low, high = np.frombuffer(zlib.decompress(body), dtype=np.uint8).reshape(2, *shape)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise _fault(f"the shipped terrain {WORLD_FILE} is damaged ({error})", "install closedsky again") from error
    biased = high.astype("<u2")
    biased <<= 8
    biased |= low
    biased -= 128
    heights_m: npt.NDArray[np.int16] = biased.view("<i2")
    np.cumsum(heights_m, axis=1, dtype="<i2", out=heights_m)
    if hashlib.sha256(heights_m.data).hexdigest() != expected:
        raise _fault(f"the shipped terrain {WORLD_FILE} does not match its checksum", "install closedsky again")
    return header, heights_m


def _fault(what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what=what, where="terrain", fix=fix))
