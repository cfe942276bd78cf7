"""The image of a coverage map at print resolution: shaded relief and sea in light colours, closed areas over them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, inside_polygons, project
from closedsky.geo.land import Country, Line, land

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PIXELS = 1150
SEA: Final = (0.878, 0.902, 0.918)
LOWLAND, HIGHLAND = np.array([0.957, 0.945, 0.914]), np.array([0.835, 0.808, 0.765])
HIGH_M: Final = 3500.0
FLAT_SLOPE: Final = 0.004
HALF_EARTH_M: Final = 9.0e6
"""Distance in an equal-area projection from its centre to the edge of the hemisphere: √2 Earth radii."""
RAMP: Final = ("#d3ebae", "#8ad0b0", "#3fa9bd", "#2a6fb0", "#243a86", "#1b1a4b")
"""From the highest to the lowest level: light to dark, in greyscale and for colour-blind readers as well."""
OPAQUE, FADED = 0.88, 0.5


@dataclass(frozen=True)
class Sheet:
    """A grid of pixels over the frame of cells; x and y in the projection, m."""

    crs: str
    step_m: float
    left: float
    top: float
    shape: tuple[int, int]

    @property
    def transform(self) -> tuple[float, ...]:
        """As `Cells.transform`."""
        return self.step_m, 0.0, self.left, 0.0, -self.step_m, self.top

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, east, south and north edge, m."""
        rows, cols = self.shape
        return self.left, self.left + cols * self.step_m, self.top - rows * self.step_m, self.top


def sheet(cells: Cells) -> Sheet:
    """Pixels over the frame of cells, `PIXELS` along the longer side."""
    west, east, south, north = cells.extent_m
    step = max(east - west, north - south) / PIXELS
    return Sheet(cells.crs, step, west, north, (math.ceil((north - south) / step), math.ceil((east - west) / step)))


def sampled(page: Sheet, cells: Cells, values: npt.NDArray[Any]) -> Floats:
    """Values of cells at the pixels: block means where several cells fall into a pixel, bilinear interpolation between them."""
    many = max(int(page.step_m // cells.cell_m), 1)
    rows, cols = (-(-size // many) * many for size in values.shape)
    filled = np.pad(values, ((0, rows - values.shape[0]), (0, cols - values.shape[1])), mode="edge")
    means = filled.reshape(rows // many, many, cols // many, many).mean(axis=(1, 3), dtype=np.float64)
    return _between(_between(means, page, many * cells.cell_m).T, page, many * cells.cell_m, axis=1).T


def _between(values: Floats, page: Sheet, cell_m: float, axis: int = 0) -> Floats:
    """Rows of values, `cell_m` apart, interpolated linearly at the rows of pixels (at the columns for axis 1)."""
    at = np.clip((np.arange(page.shape[axis]) + 0.5) * page.step_m / cell_m - 0.5, 0.0, values.shape[0] - 1.0)
    first = np.minimum(at.astype(np.int64), max(values.shape[0] - 2, 0))
    following = np.minimum(first + 1, values.shape[0] - 1)
    between: Floats = values[first] + (at - first)[:, None] * (values[following] - values[first])
    return between


def share(page: Sheet, cells: Cells, mask: Bools) -> Floats:
    """Share of each pixel that a mask covers, with edges blurred over one pixel."""
    sharp = max(cells.cell_m / page.step_m, 1.0)
    return np.clip((sampled(page, cells, mask) - 0.5) * sharp + 0.5, 0.0, 1.0)


def painted(
    page: Sheet, cells: Cells, relief: npt.NDArray[Any], posting_m: float, covers: Sequence[Floats], area: Area | None
) -> Floats:
    """The map in RGB: relief and sea, faded outside the area, with the closed areas over them, the highest level first.

    `covers` are the shares of pixels that are closed, level by level.
    """
    heights = sampled(page, cells, np.nan_to_num(relief))
    shade = _shade(heights, page.step_m, max(posting_m, cells.cell_m))[..., None]
    ground = LOWLAND + np.clip(heights / HIGH_M, 0.0, 1.0)[..., None] * (HIGHLAND - LOWLAND)
    colour = np.where(land_mask(page)[..., None], ground * shade, SEA)
    if area is not None:
        outside = ~inside_polygons(page.crs, page.transform, page.shape, area.polygons)
        colour[outside] += FADED * (1.0 - colour[outside])
    for cover, tint in zip(covers, tints(len(covers)), strict=True):
        colour += OPAQUE * cover[..., None] * (np.array(tint) * (0.35 + 0.65 * shade) - colour)
    return np.clip(colour, 0.0, 1.0)


def tints(count: int) -> list[tuple[float, ...]]:
    """Colours of `count` levels, the highest first."""
    ramp = np.array([[int(tint[i : i + 2], 16) / 255.0 for i in (1, 3, 5)] for tint in RAMP])
    at = np.linspace(0.0, len(RAMP) - 1.0, max(count, 2))[:count] if count > 4 else np.array([0.4, 1.9, 3.2, 4.4])[:count]
    return [tuple(np.array([np.interp(k, range(len(RAMP)), ramp[:, band]) for band in range(3)])) for k in at]


def _shade(heights: Floats, step_m: float, posting_m: float) -> Floats:
    """Hill shading lit from the north-west, 1 on level ground; heights are first smoothed over the posting, m."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(heights, max(1.0, 0.45 * posting_m / step_m))
    slope = (np.gradient(smooth, axis=0) + np.gradient(smooth, axis=1)) / step_m
    typical = max(float(np.percentile(np.abs(slope), 90)), FLAT_SLOPE)
    shaded: Floats = 1.0 - 0.11 * np.tanh(slope / typical)
    return shaded


def near(page: Sheet) -> list[Country]:
    """Countries within or near the sheet."""
    return [country for country in land().countries if any(_is_near(page, rings[0]) for rings in country.polygons)]


def country_mask(page: Sheet, country: Country) -> Bools:
    """Pixels of a country."""
    polygons = [rings for rings in country.polygons if _is_near(page, rings[0])]
    return inside_polygons(page.crs, page.transform, page.shape, polygons)


def land_mask(page: Sheet) -> Bools:
    """Pixels on land."""
    found = np.zeros(page.shape, dtype=bool)
    for country in near(page):
        found |= country_mask(page, country)
    return found


def lines(page: Sheet, of: Sequence[Line]) -> list[tuple[Floats, Floats]]:
    """Lines within or near the sheet, as x and y in the projection, m."""
    return [project(page.crs, line[:, 0], line[:, 1]) for line in of if _is_near(page, line)]


def _is_near(page: Sheet, line: Line) -> bool:
    """Whether a line, or the area that it encloses, comes near the frame.

    It does if it has points in the hemisphere of the projection and its bounding box meets the frame enlarged by half on each side. A line
    around the antipode encloses the whole projection, but has no points in the hemisphere.
    """
    west, east, south, north = page.extent
    x, y = project(page.crs, line[:, 0], line[:, 1])
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or np.hypot(x, y).min() > HALF_EARTH_M:
        return False
    wide, high = 0.5 * (east - west), 0.5 * (north - south)
    return bool(x.max() > west - wide and x.min() < east + wide and y.max() > south - high and y.min() < north + high)
