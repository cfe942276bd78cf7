"""Land whose bilinear surface is known between the nodes as well, and the floor over it in closed form.

Where the height is one broken line of the row plus another of the column, both broken at nodes only, the bilinear surface is that sum
everywhere: level ground, a ridge, a plateau, a cone with four faces. A straight path over it is a broken line of the distance x. On a
piece a + b x the tangent (a - A) / x + b - x / 2 ρ is greatest at √(2 ρ (A - a)), else at an end. The maps are small and lie on the
equator or about a central meridian, where geodesics are straight to a metre or two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.reference import relief
from tests.reference.profile import WGS84, Antenna, Reals, Surface, Whole

Line = Sequence[tuple[float, float]]
"""Break points of a broken line: row or column, height."""


@dataclass(frozen=True)
class Shape:
    """Heights along the rows and along the columns, to be added."""

    down: Line
    across: Line = ((0.0, 0.0), (1.0, 0.0))

    def at(self, row: npt.ArrayLike, column: npt.ArrayLike) -> Reals:
        return np.interp(row, *np.array(self.down).T) + np.interp(column, *np.array(self.across).T)

    def nodes(self, rows: int, columns: int) -> npt.NDArray[np.float32]:
        heights = self.at(np.arange(rows)[:, None], np.arange(columns)[None, :])
        assert np.array_equal(heights, heights.astype(np.float32)), "heights that float32 cannot hold"
        return heights.astype(np.float32)


SIZE = 1001
SHAPES = {
    "level ground": Shape(((0.0, 250.0), (1000.0, 250.0))),
    "ridge": Shape(((0.0, 0.0), (640.0, 0.0), (650.0, 400.0), (660.0, 0.0), (1000.0, 0.0))),
    "plateau": Shape(((0.0, 0.0), (300.0, 0.0), (350.0, 800.0), (640.0, 800.0), (650.0, 0.0), (1000.0, 0.0))),
    "cone": Shape(((0.0, 1200.0), (600.0, 2400.0), (1000.0, 1600.0)), ((0.0, -800.0), (400.0, 0.0), (1000.0, -1200.0))),
}


def closed_form(shape: Shape, land: Surface, antenna: Antenna, rows: Whole, columns: Whole) -> Reals:
    """The floor at nodes, all at once."""
    lon, lat = land.lonlat(rows, columns)
    _, _, metres = WGS84.inv(np.full_like(lon, antenna.lon_deg), np.full_like(lat, antenna.lat_deg), lon, lat)
    start_row, start_column = (float(place) for place in land.place(antenna.lon_deg, antenna.lat_deg))
    with np.errstate(divide="ignore", invalid="ignore"):
        breaks = [(row - start_row) / (rows - start_row) for row, _ in shape.down]
        breaks += [(column - start_column) / (columns - start_column) for column, _ in shape.across]
    # Shares of the way; a break that is not on the way is put at its end.
    share = np.array([np.zeros_like(metres), *breaks, np.ones_like(metres)])
    share = np.sort(np.where((share >= 0.0) & (share <= 1.0), share, 1.0), axis=0)
    height = shape.at(start_row + share * (rows - start_row), start_column + share * (columns - start_column))
    x, run = share * metres, np.diff(share * metres, axis=0)
    slope = np.divide(np.diff(height, axis=0), run, out=np.zeros_like(run), where=run > 1e-3)
    below = antenna.alt_m - (height[:-1] - slope * x[:-1])
    top = np.clip(np.sqrt(np.maximum(2.0 * antenna.sphere_m * below, 0.0)), x[:-1], x[1:])
    seen, ground = np.concatenate([x[1:], top]), np.concatenate([height[1:], height[:-1] + slope * (top - x[:-1])])
    tangents = np.where(seen > 0.0, antenna.tangent(ground, np.maximum(seen, 1e-3)), -np.inf)
    floor = antenna.altitude(np.max(tangents, axis=0), metres)
    return np.maximum(floor, height[-1])


def land(name: str, in_degrees: bool) -> Surface:
    """A shape on the equator at 3 arc-seconds, or at 45° N about a central meridian at 100 m."""
    heights = SHAPES[name].nodes(SIZE, SIZE)
    return relief.degrees(heights, 0.0) if in_degrees else relief.utm(heights, 45.0, 0.0)
