"""Ground elevation as one packed array: the shipped world, or flat ground.

Convention of every grid: ``grid[row, col]`` is the altitude above mean sea level, in metres, *at a node*. Row 0 is the
northernmost and lies at latitude ``north_rad``; column 0 lies at longitude ``west_rad``; rows step by ``lat_step_rad``
southward, columns by ``lon_step_rad`` eastward; between nodes the ground is bilinear. A grid whose columns times their step make a
full circle wraps in longitude.
Grids are float32, C-contiguous and read-only, so that a kernel meets one array type only.
"""

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError

EARTH_RADIUS_M: Final = 6_371_000.0
COARSE_POSTING_M: Final = 1000.0
"""Coarser ground than this hides ridges: what is seen over it is an upper bound."""
FLAT_ALTITUDES_M: Final = (-500.0, 9000.0)
WORLD_FILE: Final = "world-5min.bin"

_AVAILABLE = "use `world`, `flat`, or `{flat: METRES}`"
_LATER = {"file": "terrain from a raster file", "tiles": "terrain from Copernicus tiles"}


@dataclass(frozen=True, eq=False)
class Terrain:
    """Ground elevation over a part of the world or all of it.

    name          what it is called in results
    posting_m     distance between nodes along a meridian, m; 0 where the ground is exact everywhere (flat)
    grid          altitude of the nodes, m, float32, read-only
    north_rad     latitude of row 0, rad
    west_rad      longitude of column 0, rad
    lat_step_rad  step between rows, rad
    lon_step_rad  step between columns, rad
    source        who made it
    attribution   the sentence to print with a result, licence and limits included
    """

    name: str
    posting_m: float
    grid: npt.NDArray[np.float32]
    north_rad: float
    west_rad: float
    lat_step_rad: float
    lon_step_rad: float
    source: str
    attribution: str

    def __post_init__(self) -> None:
        grid = np.ascontiguousarray(self.grid, dtype=np.float32).view()
        if grid.ndim != 2 or min(grid.shape) < 2:
            raise ValueError("a terrain grid has two axes and at least two nodes along each")
        grid.flags.writeable = False
        object.__setattr__(self, "grid", grid)

    @property
    def is_upper_bound(self) -> bool:
        """True where nodes lie so far apart that ridges are missed and what is seen is an upper bound."""
        return self.posting_m > COARSE_POSTING_M

    @property
    def wraps(self) -> bool:
        """True where the columns go once around the Earth."""
        return math.isclose(self.grid.shape[1] * self.lon_step_rad, 2.0 * math.pi, rel_tol=1e-9)

    def label(self) -> str:
        """What a title or a table says of this terrain."""
        if self.posting_m == 0.0:
            return self.name
        if self.is_upper_bound:
            return f"{self.name}, {self.posting_m / 1000:.1f} km posting: upper bound, {self.posting_m / 1000:.0f} km terrain"
        return f"{self.name}, {self.posting_m:.0f} m posting"

    def covers(self, lat_deg: float, lon_deg: float) -> bool:
        """True where the ground at a latitude and longitude, degrees, lies between nodes of the grid; any turn of longitude."""
        if not (math.isfinite(lat_deg) and math.isfinite(lon_deg)):
            return False
        rows, cols = self.grid.shape
        slack = 1e-9
        south = (self.north_rad - math.radians(lat_deg)) / self.lat_step_rad
        if not -slack <= south <= rows - 1 + slack:
            return False
        turn = 2.0 * math.pi / self.lon_step_rad
        east = (math.radians(lon_deg) - self.west_rad) / self.lon_step_rad % turn
        return self.wraps or east <= cols - 1 + slack or east >= turn - slack


def flat(altitude_m: float = 0.0) -> Terrain:
    """Ground of one altitude, m, everywhere: a global grid of 3 by 4 nodes, a quarter turn apart."""
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
    """The world's land at 5 arc-minutes (NOAA ETOPO5), sea at 0 m; loaded once, checked against its checksum.

    Good for the altitude of a site and as a backdrop, too coarse for masking: summits are cut (Everest stands at 6,096 m) and
    land below sea level is raised to 0 m. ``scripts/build_world_terrain.py`` says how it was made and what is lost.
    """
    resource = files("closedsky.io").joinpath("data", WORLD_FILE)
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


def read_terrain(spec: object) -> Terrain:
    """The terrain a scenario asks for: ``"world"``, ``"flat"`` or ``{"flat": METRES}``."""
    if isinstance(spec, str):
        if spec == "world":
            return world()
        if spec == "flat":
            return flat()
        raise _fault(f"there is no terrain called {spec!r}", _AVAILABLE)
    if not isinstance(spec, Mapping) or len(spec) != 1:
        raise _fault("a terrain is one word or one key with its value", _AVAILABLE)
    key, value = next(iter(spec.items()))
    if key == "flat":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _fault(f"flat ground needs an altitude in metres, not {value!r}", "write, for example, `{flat: 300}`")
        return flat(float(value))
    if isinstance(key, str) and key in _LATER:
        raise _fault(f"{_LATER[key]} ({key}:) is not available in this version", _AVAILABLE)
    raise _fault(f"there is no terrain called {key!r}", _AVAILABLE)


def unpack(packed: bytes) -> tuple[dict[str, Any], npt.NDArray[np.int16]]:
    """The header and the heights, m, of a packed world; the inverse of ``pack`` in ``scripts/build_world_terrain.py``.

    One line of JSON (name, source, attribution, rows, cols, sha256 of the heights as little-endian int16, row by row), then a
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
