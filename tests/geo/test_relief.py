"""Made-up hills over coarse terrain: what they keep of it, what they add, and on what they depend."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from closedsky.errors import RequestError, TerrainError
from closedsky.geo.relief import LAW, NODES_A_CELL, Law, relief
from closedsky.geo.terrain import Region, Terrain, flat, world
from closedsky.physics.ground import bilinear

HALF = NODES_A_CELL // 2
ZAGROS = Region(46.0, 34.0, 48.0, 35.5)
STEP = math.radians(5.0 / 60.0)


def coarse(heights: npt.ArrayLike, north_deg: float = 36.0, west_deg: float = 44.0) -> Terrain:
    """A terrain of nodes 5 arc-minutes apart."""
    grid = np.asarray(heights, np.float32)
    return Terrain("coarse", 9266.0, grid, math.radians(north_deg), math.radians(west_deg), STEP, STEP, "made up", "")


def plateau(rows: int = 20, columns: int = 24, height_m: float = 3_000.0) -> Terrain:
    """Level land far above the sea."""
    return coarse(np.full((rows, columns), height_m))


def inside(terrain: Terrain) -> Region:
    """The box of all its cells but the outermost."""
    west, south, east, north = terrain.edges_deg()
    return Region(west + 0.05, south + 0.05, east - 0.05, north - 0.05)


def over_cells(fine: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Means over the coarse cells."""
    rows, columns = (size // NODES_A_CELL for size in fine.shape)
    return fine.astype(np.float64).reshape(rows, NODES_A_CELL, columns, NODES_A_CELL).mean(axis=(1, 3))


def test_without_roughness_the_coarse_surface_is_left() -> None:
    ground = relief(world(), ZAGROS, 1, Law(-99.0, 0.0, 0.0))
    rng = np.random.default_rng(0)
    for row, column in zip(rng.integers(0, ground.grid.shape[0], 50), rng.integers(0, ground.grid.shape[1], 50), strict=True):
        lat, lon = ground.north_rad - row * ground.lat_step_rad, ground.west_rad + column * ground.lon_step_rad
        assert ground.grid[row, column] == pytest.approx(bilinear(world().ground, lat, lon), abs=0.01)


@pytest.mark.parametrize("lat_deg", [1.0, 36.0, 62.0])
def test_variance(lat_deg: float) -> None:
    """Of σ = 100 m, at every latitude; between seeds some 3 %."""
    terrain = replace(plateau(26, 40), north_rad=math.radians(lat_deg))
    law = Law(math.log(100.0) - math.log(10.0), 1.0, 0.0)
    hills = [relief(terrain, inside(terrain), seed, law).grid - 3_000.0 for seed in (1, 2)]
    assert np.std(hills) == pytest.approx(100.0, rel=0.06)


def test_mean_over_cells_is_taken_out() -> None:
    """Left in, it would have three fifths of the deviation of the whole; taken out bilinear between cells, a fourth is left."""
    terrain = plateau(30, 40)
    hills = relief(terrain, inside(terrain), 5, Law(math.log(10.0), 1.0, 0.0)).grid - 3_000.0
    assert over_cells(hills).std() < 0.3 * hills.std()
    assert abs(hills.mean()) < 0.01 * hills.std()


def test_rougher_where_the_coarse_nodes_are() -> None:
    """σ grows with S to the law's power, and falls with skewness."""
    rng = np.random.default_rng(1)
    bumps = rng.choice([-1.0, 1.0], (20, 20))
    small, large = (coarse(4_000.0 + size * bumps) for size in (50.0, 500.0))

    def rough(terrain: Terrain, law: Law) -> float:
        smooth = relief(terrain, inside(terrain), 1, Law(-99.0, 0.0, 0.0)).grid
        return float(np.std(relief(terrain, inside(terrain), 1, law).grid - smooth))

    assert rough(large, LAW) / rough(small, LAW) == pytest.approx((510.0 / 60.0) ** LAW.b, rel=0.15)
    ridges = coarse(4_000.0 + 500.0 * (rng.random((20, 20)) < 0.15))
    valleys = coarse(8_500.0 - ridges.grid)
    assert rough(ridges, LAW) < 0.5 * rough(valleys, LAW)
    assert rough(ridges, LAW._replace(c=0.0)) == pytest.approx(rough(valleys, LAW._replace(c=0.0)), rel=1e-3)


def test_sea_stays_sea() -> None:
    """A coast: cells of nothing but sea are level, land does not fall below the sea, and both meet."""
    heights = np.zeros((24, 24))
    heights[:, 12:] = np.linspace(100.0, 1_500.0, 12)
    terrain = coarse(heights)
    ground = relief(terrain, inside(terrain), 2)
    smooth = relief(terrain, inside(terrain), 2, Law(-99.0, 0.0, 0.0)).grid
    assert (ground.grid[smooth == 0.0] == 0.0).all()
    assert ground.grid.min() == 0.0
    assert np.count_nonzero(ground.grid[smooth > 0.0] > 0.0) > 0.8 * np.count_nonzero(smooth > 0.0)


def test_land_below_the_sea_is_left_alone() -> None:
    terrain = plateau(height_m=-400.0)
    assert (relief(terrain, inside(terrain), 1).grid == -400.0).all()


def test_same_whatever_the_region_and_the_threads() -> None:
    """Bit for bit: a unit far away changes nothing here."""
    whole = relief(world(), ZAGROS, 7)
    part = relief(world(), Region(46.6, 34.4, 47.1, 35.0), 7, threads=1)
    row = round((whole.north_rad - part.north_rad) / whole.lat_step_rad)
    column = round((part.west_rad - whole.west_rad) / whole.lon_step_rad)
    rows, columns = part.grid.shape
    assert np.array_equal(whole.grid[row : row + rows, column : column + columns], part.grid)
    assert np.array_equal(relief(world(), ZAGROS, 7, threads=1).grid, whole.grid)
    assert part.north_rad == whole.north_rad - row * whole.lat_step_rad


def test_seeds_differ() -> None:
    one, other = (relief(world(), ZAGROS, seed).grid for seed in (1, 2))
    smooth = relief(world(), ZAGROS, 1, Law(-99.0, 0.0, 0.0)).grid
    assert abs(np.corrcoef((one - smooth).ravel(), (other - smooth).ravel())[0, 1]) < 0.1


def test_across_the_date_line() -> None:
    """Chukotka: the two sides join, and are those of boxes that stop there."""
    across = relief(world(), Region(179.0, 66.0, 181.0, 66.5), 1)
    west = relief(world(), Region(179.0, 66.0, 179.9, 66.5), 1)
    east = relief(world(), Region(-179.9, 66.0, -179.0, 66.5), 1)
    assert np.array_equal(across.grid[:, : west.grid.shape[1]], west.grid)
    assert np.array_equal(across.grid[:, -east.grid.shape[1] :], east.grid)
    assert across.covers(66.2, -179.5)
    assert np.abs(np.diff(across.grid, axis=1)).max() < 800.0


def test_what_it_says_of_itself() -> None:
    ground = relief(world(), ZAGROS, 12)
    assert ground.posting_m == pytest.approx(488.0, abs=1.0)
    assert "relief 12" in ground.name
    assert "made up" in ground.notes[-1]
    west, south, east, north = ground.edges_deg()
    assert (west, south) <= (ZAGROS.west, ZAGROS.south)
    assert (east, north) >= (ZAGROS.east, ZAGROS.north)


@pytest.mark.parametrize(
    ("terrain", "region", "seed", "words"),
    [
        (flat(), ZAGROS, 1, "5 arc-minutes apart"),
        (plateau(), Region(10.0, 34.0, 11.0, 35.0), 1, "not within it"),
        (plateau(), Region(44.0, 35.0, 44.0, 35.5), 1, "not within it"),
        (world(), Region(10.0, 84.0, 11.0, 87.0), 1, "86 degrees"),
        (world(), Region(-180.0, -80.0, 180.0, 80.0), 1, "too large|GB"),
        (world(), ZAGROS, -1, "out of range"),
        (world(), ZAGROS, 2**64, "out of range"),
    ],
)
def test_refused(terrain: Terrain, region: Region, seed: int, words: str) -> None:
    with pytest.raises((TerrainError, RequestError), match=words):
        relief(terrain, region, seed)
