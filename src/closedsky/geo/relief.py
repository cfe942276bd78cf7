"""Statistical relief: the hills that coarse terrain leaves out, made up so that on average they hide as much as real ones do.

It is no map of any place. One site on it is a lottery; what it is good for is a mean over several seeds and units (docs/relief.md).
"""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError, TerrainError
from closedsky.geo.siting import Siting
from closedsky.geo.terrain import Region, Terrain, files
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.noise import noise
from closedsky.threads import threads_to_use

Reals = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


class Law(NamedTuple):
    """How rough the made-up ground is within a coarse cell: standard deviation, m, σ = exp(a + b ln(S + 10 m) - c G).

    S is the standard deviation of the 3 × 3 coarse nodes about the cell, m. G is the skewness of the 5 × 5, the third central moment over
    (standard deviation + 10 m)³: positive where most land lies low between ranges, as on filled basins, which are smooth; negative
    where valleys are cut into high land (hypsometric curves: Strahler 1952). The figures hold for this posting alone: `a` makes up
    for what the posting and Gaussian noise lack of real land.
    """

    a: float
    b: float
    c: float


LAW: Final = Law(-0.08, 1.0, 0.9)
"""Fitted to what is seen of ten areas of SRTM at 90 m posting (`scripts/fit_relief.py`, docs/relief.md)."""
_S0_M = 10.0

TENTH: Final[dict[Siting, float]] = {"low": 0.36, "high": 0.22}
"""The relief's own error: odds of being seen over real land, over those on the relief, for units sited by each rule. The 10 % quantile over
areas answered by a law that was fitted without their region, each at the height above ground, from 100 m to 3 km, at which it is least.
"""

CELL_DEG: Final = 5.0 / 60.0
"""Distance between the nodes of the coarse terrain that `LAW` was fitted to."""
NODES_A_CELL: Final = 19
"""Nodes of the relief across one coarse cell: 488 m apart from north to south. An odd number, so that one is the coarse node."""
POLEWARD_DEG: Final = 86.0
_HALF = NODES_A_CELL // 2
_KEPT = 0.432, 0.196
"""Variance that is left of the noise without its mean over cells: the first, and the second times the cosine of the latitude."""
_NOTE = "the hills within each coarse cell are made up: right on average over seeds and sites, never a map of masking at a place"


class _Span(NamedTuple):
    """Rows or columns of coarse cells, both ends included."""

    first: int
    last: int

    def grown(self, by: int) -> "_Span":
        return _Span(self.first - by, self.last + by)

    @property
    def cells(self) -> Indices:
        return np.arange(self.first, self.last + 1)

    @property
    def nodes(self) -> Indices:
        """Nodes of the relief in these cells, counted from the terrain's first."""
        return np.arange(self.first * NODES_A_CELL - _HALF, self.last * NODES_A_CELL + _HALF + 1)


def relief(terrain: Terrain, region: Region, seed: int, law: Law = LAW, threads: int | None = None) -> Terrain:
    """Coarse terrain with made-up hills, over the coarse cells that a region touches.

    The ground is the coarse surface, bilinear, plus noise of variance 1 without its own mean over coarse cells, times σ (`Law`),
    interpolated between nodes in its logarithm. It never falls below the sea, and where the coarse surface is at sea level or lower it
    is left as it is. The same seed, terrain and place give the same ground whatever the region, bit for bit.

    Parameters
    ----------
    terrain : coarse terrain, nodes 5 arc-minutes apart, such as `world`; altitudes in m
    region : box in degrees; cells beyond the terrain's edge continue it, by half a cell
    seed : whole number from 0 to 2⁶⁴ - 1
    law : how rough the ground is
    threads : number of computing threads; by default all available. The result does not depend on it

    Returns
    -------
    Terrain
        Nodes 5 / 19 arc-minutes apart, altitude in m above mean sea level.

    Raises
    ------
    TerrainError
        For terrain of another posting, or a region outside it, beyond 86° of latitude or too large.
    RequestError
        For a seed out of range.

    Example
    -------
    >>> ground = relief(world(), Region(44.0, 33.0, 47.0, 35.0), seed=1)
    """
    if not 0 <= seed < 2**64:
        raise RequestError(Fault(f"{seed} is out of range", "--seed", "give a whole number from 0 to 2^64 - 1"))
    rows, columns = _cells(terrain, region)
    files.refuse_size(
        (rows.last - rows.first + 1) * NODES_A_CELL, (columns.last - columns.first + 1) * NODES_A_CELL, terrain.name
    )
    with ThreadPoolExecutor(threads_to_use(threads)) as pool:
        ground_m = _ground(terrain, rows, columns, seed, law, pool)
    lat_rad, lon_rad = _places(terrain, _Span(rows.first, rows.first), _Span(columns.first, columns.first))
    step_rad = terrain.lat_step_rad / NODES_A_CELL
    return Terrain(
        f"{terrain.name}, statistical relief {seed}", EARTH_RADIUS_M * step_rad, ground_m,
        float(lat_rad[0]), float(lon_rad[0]), step_rad, step_rad,
        f"{terrain.source}; statistical relief, seed {seed}", terrain.attribution, (*terrain.notes, _NOTE),
    )  # fmt: skip


def lower_bound(share: float, siting: Siting) -> float:
    """A share of land seen over the relief, mean over seeds and units, less the relief's own error: its odds times `TENTH`.

    Nothing and all stay what they are. With p / (1 - p) for odds the error is alike at all heights, where shares differ thirty times.

    Example
    -------
    >>> lower_bound(0.5, "high")
    0.18...
    """
    seen = TENTH[siting] * share
    return seen / (seen + (1.0 - share))


def _ground(terrain: Terrain, rows: _Span, columns: _Span, seed: int, law: Law, pool: ThreadPoolExecutor) -> Singles:
    """Altitude of the relief's nodes, m, one row of cells at a time."""
    wide_rows, wide_columns = rows.grown(1), columns.grown(1)  # cell means are interpolated, so their neighbours are needed
    lat_rad, lon_rad = _places(terrain, wide_rows, wide_columns)
    bands = [slice(at, at + NODES_A_CELL) for at in range(0, lat_rad.size, NODES_A_CELL)]
    rough = list(pool.map(lambda band: noise(seed, lat_rad[band], lon_rad), bands))
    mean = np.concatenate(list(pool.map(_cell_means, rough)))
    log_sigma = _log_sigma(terrain, wide_rows, wide_columns, law)
    coarse = _coarse(terrain, wide_rows, wide_columns)

    def finished(row: int) -> Singles:
        """The ground over a row of cells, from those about it."""
        between = partial(_between, first=row - 1)
        kept = np.sqrt(_KEPT[0] + _KEPT[1] * np.cos(lat_rad[bands[row]]))[:, None]
        hills_m = (rough[row][:, NODES_A_CELL:-NODES_A_CELL] - between(mean)) / kept * np.exp(between(log_sigma))
        coarse_m = between(coarse)
        return np.where(coarse_m > 0.0, np.maximum(coarse_m + hills_m, 0.0), coarse_m).astype(np.float32)

    return np.concatenate(list(pool.map(finished, range(1, len(bands) - 1))))


def _cells(terrain: Terrain, region: Region) -> tuple[_Span, _Span]:
    """Rows and columns of coarse cells that a region touches; node (i, j) is the middle of cell (i, j)."""
    steps = math.degrees(terrain.lat_step_rad), math.degrees(terrain.lon_step_rad)
    if not all(math.isclose(step, CELL_DEG, rel_tol=1e-3) for step in steps):
        fix = "take it for `world`, or for terrain on such a grid"
        raise _fault(terrain, f"statistical relief is for nodes 5 arc-minutes apart, these are {60.0 * steps[0]:.3g} apart", fix)
    if max(abs(region.south), abs(region.north)) > POLEWARD_DEG:
        raise _fault(terrain, f"{region} reaches beyond {POLEWARD_DEG:g} degrees of latitude", "cut it there")
    west, _, _, north = terrain.edges_deg()
    past = (region.west - west) / 360.0
    turns = 360.0 * (math.floor(past) if terrain.wraps else round(past))
    rows = _touched((north - region.north) / CELL_DEG, (north - region.south) / CELL_DEG)
    columns = _touched((region.west - turns - west) / CELL_DEG, (region.east - turns - west) / CELL_DEG)
    most_rows, most_columns = terrain.grid.shape
    inside = rows.first >= 0 and rows.last < most_rows
    if not terrain.wraps:
        inside = inside and columns.first >= 0 and columns.last < most_columns
    if not inside or region.north <= region.south or region.east <= region.west:
        raise _fault(terrain, f"{region} is not within it", "name a region that it covers")
    return rows, _Span(columns.first, min(columns.last, columns.first + most_columns - 1))


def _touched(start: float, end: float) -> _Span:
    """Cells between two places on an axis of cells, whose middles are at whole numbers; a cell touched at its edge is left out."""
    slack = 1e-6
    return _Span(math.floor(start + 0.5 + slack), math.ceil(end - 0.5 - slack))


def _places(terrain: Terrain, rows: _Span, columns: _Span) -> tuple[Reals, Reals]:
    """Latitudes and longitudes, rad, of the relief's nodes in a block of cells: the same bits for a node whatever the block."""
    column = columns.nodes
    if terrain.wraps:
        column = column % (NODES_A_CELL * terrain.grid.shape[1])
    south_rad, east_rad = terrain.lat_step_rad / NODES_A_CELL, terrain.lon_step_rad / NODES_A_CELL
    return np.asarray(terrain.north_rad - rows.nodes * south_rad), np.asarray(terrain.west_rad + column * east_rad)


def _coarse(terrain: Terrain, rows: _Span, columns: _Span) -> Reals:
    """Altitude of the coarse nodes, m; beyond the terrain's edge as there."""
    return terrain.grid[np.ix_(*_indices(terrain, rows, columns))].astype(np.float64)


def _indices(terrain: Terrain, rows: _Span, columns: _Span) -> tuple[Indices, Indices]:
    """The terrain's own rows and columns of cells; of cells beyond its edge, those at the edge."""
    most_rows, most_columns = terrain.grid.shape
    j = columns.cells % most_columns if terrain.wraps else np.clip(columns.cells, 0, most_columns - 1)
    return np.clip(rows.cells, 0, most_rows - 1), j


def _log_sigma(terrain: Terrain, rows: _Span, columns: _Span, law: Law) -> Reals:
    """Logarithm of σ, m, at coarse nodes (`Law`). The sea says nothing of the land's shape, so G leaves it out."""
    spread_m, _ = _moments(terrain, rows, columns, 1, sea=True)
    wide_spread_m, third_m3 = _moments(terrain, rows, columns, 2, sea=False)
    return np.asarray(law.a + law.b * np.log(spread_m + _S0_M) - law.c * third_m3 / (wide_spread_m + _S0_M) ** 3)


def _moments(terrain: Terrain, rows: _Span, columns: _Span, reach: int, sea: bool) -> tuple[Reals, Reals]:
    """Standard deviation, m, and third central moment, m³, of the nodes up to `reach` rows and columns from each.

    At the terrain's edge of those there are; beyond it as there. 0 where there are none.
    """
    most_rows, most_columns = terrain.grid.shape
    i, j = _indices(terrain, rows, columns)
    here_m = terrain.grid[np.ix_(i, j)].astype(np.float64)
    count, first, second, third = np.zeros((4, i.size, j.size))
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            row, column = i + down, j + right
            column = column % most_columns if terrain.wraps else column
            about_m = terrain.grid[np.ix_(np.clip(row, 0, most_rows - 1), np.clip(column, 0, most_columns - 1))]
            there = ((row >= 0) & (row < most_rows))[:, None] & ((column >= 0) & (column < most_columns))[None, :]
            there = there & (sea | (about_m > 0.0))
            off_m = np.where(there, about_m - here_m, 0.0)  # from the middle: powers of small numbers are exact enough
            count, first, second, third = count + there, first + off_m, second + off_m**2, third + off_m**3
    count = np.maximum(count, 1.0)
    mean_m, square_m2 = first / count, second / count
    spread_m = np.sqrt(np.maximum(square_m2 - mean_m**2, 0.0))
    return spread_m, third / count - 3.0 * mean_m * square_m2 + 2.0 * mean_m**3


def _cell_means(band: Singles) -> Reals:
    """Means over the cells of a row of cells, (1, cells), added in an order that does not depend on how many there are."""
    down = sum(row.astype(np.float64) for row in band)
    across = sum(np.asarray(down)[at::NODES_A_CELL] for at in range(NODES_A_CELL))
    return np.asarray(across)[None, :] / NODES_A_CELL**2


def _between(coarse: Reals, first: int) -> Reals:
    """Values at the relief's nodes of the second of three rows of cells from `first`, bilinear between those at the cells' middles.

    The first and the last column of cells only help to interpolate. Sums are written out: a product of matrices may add in any order.
    """
    away = np.arange(-_HALF, _HALF + 1) / NODES_A_CELL
    before, here, after = np.maximum(-away, 0.0), 1.0 - np.abs(away), np.maximum(away, 0.0)
    north, middle, south = coarse[first : first + 3]
    rows = before[:, None] * north + here[:, None] * middle + after[:, None] * south
    nodes = before * rows[:, :-2, None] + here * rows[:, 1:-1, None] + after * rows[:, 2:, None]
    return np.asarray(nodes.reshape(NODES_A_CELL, -1))


def _fault(terrain: Terrain, what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, terrain.name, fix))
