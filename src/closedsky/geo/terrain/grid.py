"""Terrain elevation as one packed array over latitude and longitude."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from closedsky.model.used import MapTerrain
    from closedsky.physics.ground import Ground

COARSE_POSTING_M: Final = 1000.0
"""Terrain with a coarser posting hides ridges: visibility over it is an upper bound."""

_ON_NODE: Final = 1e-6
"""Of a step: nearer than that a place is on the node."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """Terrain elevation over part of the world or all of it.

    ``grid[row, col]`` is the altitude above mean sea level, in metres, *at a node*. Row 0 is the northernmost and lies at latitude
    ``north_rad``; column 0 lies at longitude ``west_rad``; interpolation between nodes is bilinear. A grid whose columns times their step
    make a full circle wraps in longitude. Grids are float32, C-contiguous and read-only, so that kernels need one array type only.

    name          its name in results
    posting_m     distance between nodes, m, the greater of the two directions; 0 if the terrain is exact everywhere (flat)
    grid          altitude of the nodes, m, float32, read-only
    north_rad     latitude of row 0, rad
    west_rad      longitude of column 0, rad
    lat_step_rad  step between rows, southward, rad
    lon_step_rad  step between columns, eastward, rad
    source        origin of the data
    attribution   the attribution to print with a result, licence and limits included
    notes         notes for readers of the result: no-data filled, datum shifted, band used
    void          nodes without data, set to sea level; None if there are none
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
        """True if the posting is so coarse that ridges are missed and visibility is an upper bound."""
        return self.posting_m > COARSE_POSTING_M

    @cached_property
    def extremes_m(self) -> tuple[float, float]:
        """Lowest and highest node, m above sea."""
        return float(self.grid.min()), float(self.grid.max())

    @property
    def ground(self) -> "Ground":
        """The terrain in the form that kernels take; numba is loaded on first use only."""
        from closedsky.physics.ground import Ground

        return Ground(self.grid, self.north_rad, self.west_rad, self.lat_step_rad, self.lon_step_rad)

    @property
    def wraps(self) -> bool:
        """True if the columns go once around the Earth."""
        return math.isclose(self.grid.shape[1] * self.lon_step_rad, 2.0 * math.pi, rel_tol=1e-9)

    def label(self) -> str:
        """Label of this terrain in titles and tables."""
        if self.posting_m == 0.0:
            return self.name
        if self.is_upper_bound:
            return f"{self.name}, {self.posting_m / 1000:.1f} km posting: upper bound, {self.posting_m / 1000:.0f} km terrain"
        return f"{self.name}, {self.posting_m:.0f} m posting"

    def used(self) -> "MapTerrain":
        """What an answer says of this terrain."""
        from closedsky.model.used import MapTerrain

        return MapTerrain(
            name=self.name, posting_m=round(self.posting_m, 1), upper_bound=self.is_upper_bound, label=self.label()
        )  # fmt: skip

    def covers(self, lat_deg: float, lon_deg: float) -> bool:
        """True if a place, degrees, lies between nodes of the grid; longitude modulo 360°."""
        if not (math.isfinite(lat_deg) and math.isfinite(lon_deg)):
            return False
        rows, cols = self.grid.shape
        slack = 1e-9
        row, col = self._index(lat_deg, lon_deg)
        turn = 2.0 * math.pi / self.lon_step_rad
        return -slack <= row <= rows - 1 + slack and (self.wraps or col <= cols - 1 + slack or col >= turn - slack)

    def knows(self, lat_deg: float, lon_deg: float) -> bool:
        """True if it covers a place and has data there: at every node that its height comes from."""
        if not self.covers(lat_deg, lon_deg):
            return False
        if self.void is None:
            return True
        at, (rows, cols) = self._index(lat_deg, lon_deg), self.grid.shape
        near = [(math.floor(place + _ON_NODE), math.ceil(place - _ON_NODE)) for place in at]
        return not any(
            self.void[min(max(row, 0), rows - 1), col % cols if self.wraps else min(col, cols - 1)]
            for row in near[0]
            for col in near[1]
        )

    def edges_deg(self) -> tuple[float, float, float, float]:
        """West, south, east and north of its nodes, degrees; if the grid wraps, east is a full turn from west."""
        rows, cols = self.grid.shape
        west, north = math.degrees(self.west_rad), math.degrees(self.north_rad)
        east = west + math.degrees((cols if self.wraps else cols - 1) * self.lon_step_rad)
        return west, north - math.degrees((rows - 1) * self.lat_step_rad), east, north

    def _index(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Real row and column of a place, the column from 0 to less than a full turn."""
        turn = 2.0 * math.pi / self.lon_step_rad
        row = (self.north_rad - math.radians(lat_deg)) / self.lat_step_rad
        return row, (math.radians(lon_deg) - self.west_rad) / self.lon_step_rad % turn
