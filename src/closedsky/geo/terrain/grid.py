"""Ground elevation as one packed array over latitude and longitude."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from closedsky.physics.ground import Ground

COARSE_POSTING_M: Final = 1000.0
"""Coarser ground than this hides ridges: what is seen over it is an upper bound."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """Ground elevation over a part of the world or all of it.

    ``grid[row, col]`` is the altitude above mean sea level, in metres, *at a node*. Row 0 is the northernmost and lies at latitude
    ``north_rad``; column 0 lies at longitude ``west_rad``; between nodes the ground is bilinear. A grid whose columns times their step
    make a full circle wraps in longitude. Grids are float32, C-contiguous and read-only, so that a kernel meets one array type only.

    name          what it is called in results
    posting_m     distance between nodes, m, the greater of the two ways; 0 where the ground is exact everywhere (flat)
    grid          altitude of the nodes, m, float32, read-only
    north_rad     latitude of row 0, rad
    west_rad      longitude of column 0, rad
    lat_step_rad  step between rows, southward, rad
    lon_step_rad  step between columns, eastward, rad
    source        who made it
    attribution   the sentence to print with a result, licence and limits included
    notes         what a reader of the result should know: no-data filled, datum shifted, band taken
    void          nodes that no data were there for, and which stand at sea level; None where there are none
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
    notes: tuple[str, ...] = ()
    void: npt.NDArray[np.bool_] | None = None

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
    def ground(self) -> "Ground":
        """The terrain as the kernels take it; only who asks for it waits for numba."""
        from closedsky.physics.ground import Ground

        return Ground(self.grid, self.north_rad, self.west_rad, self.lat_step_rad, self.lon_step_rad)

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
        row, col = self._index(lat_deg, lon_deg)
        turn = 2.0 * math.pi / self.lon_step_rad
        return -slack <= row <= rows - 1 + slack and (self.wraps or col <= cols - 1 + slack or col >= turn - slack)

    def knows(self, lat_deg: float, lon_deg: float) -> bool:
        """True where it covers a place and had data there: at the nearest node."""
        if not self.covers(lat_deg, lon_deg):
            return False
        if self.void is None:
            return True
        row, col = (round(place) for place in self._index(lat_deg, lon_deg))
        rows, cols = self.grid.shape
        return not self.void[min(max(row, 0), rows - 1), col % cols if self.wraps else min(col, cols - 1)]

    def edges_deg(self) -> tuple[float, float, float, float]:
        """West, south, east and north of its nodes, degrees; of a grid that wraps, east is a whole turn from west."""
        rows, cols = self.grid.shape
        west, north = math.degrees(self.west_rad), math.degrees(self.north_rad)
        east = west + math.degrees((cols if self.wraps else cols - 1) * self.lon_step_rad)
        return west, north - math.degrees((rows - 1) * self.lat_step_rad), east, north

    def _index(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Row and column of a place, the column from 0 to less than a turn."""
        turn = 2.0 * math.pi / self.lon_step_rad
        row = (self.north_rad - math.radians(lat_deg)) / self.lat_step_rad
        return row, (math.radians(lon_deg) - self.west_rad) / self.lon_step_rad % turn
