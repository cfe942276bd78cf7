"""Rasters of any kind as one terrain of latitude and longitude, against formulas for their heights."""

import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
from rasterio.transform import Affine
from scipy.ndimage import map_coordinates

from closedsky.errors import TerrainError
from closedsky.geo.terrain import Terrain, files, read_terrain
from closedsky.geo.terrain.mosaic import terrain_from_files, terrain_from_raster
from closedsky.geo.terrain.raster import read_raster
from closedsky.geo.terrain.region import Region
from tests.geo.rasters import centres, degrees, height_at, north_up, plane, write

UTM = "EPSG:32638"


def assert_plane(terrain: Terrain, region: Region, within_m: float) -> None:
    """Heights of the formula at places of a region."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        lat, lon = rng.uniform(region.south, region.north), rng.uniform(region.west, region.east)
        assert terrain.knows(lat, lon)
        assert height_at(terrain, lat, lon) == pytest.approx(plane(lat, lon), abs=within_m)


def test_a_raster_of_degrees_is_taken_as_it_is(tmp_path: Path) -> None:
    path = degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (101, 151), lon_step=0.02)
    terrain = terrain_from_files([path])
    assert np.array_equal(terrain.grid, read_raster(path).grid)
    assert (terrain.north_rad, terrain.west_rad) == (pytest.approx(math.radians(34)), pytest.approx(math.radians(44)))
    assert (terrain.lat_step_rad, terrain.lon_step_rad) == (pytest.approx(math.radians(0.01)), pytest.approx(math.radians(0.02)))
    assert terrain.posting_m == pytest.approx(6_371_000 * math.radians(0.02) * math.cos(math.radians(33.5)), rel=1e-6)
    assert terrain.label() == "dem.tif, 1.9 km posting: upper bound, 2 km terrain"
    assert_plane(terrain, Region(44.0, 33.0, 47.0, 34.0), 1e-3)
    part = terrain_from_files([path], Region(45.0, 33.2, 46.0, 33.5))
    assert part.grid.shape[0] < 40
    assert part.grid.shape[1] < 60
    assert_plane(part, Region(45.0, 33.2, 46.0, 33.5), 1e-3)
    assert np.array_equal(terrain_from_raster(read_raster(path)).grid, terrain.grid)


def test_south_above_is_turned_over(tmp_path: Path) -> None:
    lat, lon = np.meshgrid(33.0 + 0.01 * np.arange(101), 44.0 + 0.01 * np.arange(101), indexing="ij")
    path = write(tmp_path / "dem.tif", plane(lat, lon).astype(np.float32), Affine(0.01, 0, 43.995, 0, 0.01, 32.995))
    assert read_raster(path).index(33.0, 44.5) == (pytest.approx(0.0, abs=1e-9), pytest.approx(50.0))
    assert_plane(terrain_from_files([path]), Region(44.0, 33.0, 45.0, 34.0), 1e-3)
    assert_plane(terrain_from_raster(read_raster(path)), Region(44.0, 33.0, 45.0, 34.0), 1e-3)


def utm_dem(path: Path, step_m: float, shape: tuple[int, int], corner: tuple[float, float] = (400_000.0, 3_700_000.0)) -> Path:
    transform = north_up(*corner, step_m, step_m)
    rows, cols = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    lon, lat = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True).transform(*centres(transform, rows, cols))
    return write(path, plane(lat, lon).astype(np.float32), transform, UTM)


def test_a_projected_raster_is_brought_to_degrees(tmp_path: Path) -> None:
    """The plane is almost linear in the projected plane as well: over 100 m its curvature is below a millimetre."""
    terrain = terrain_from_files([utm_dem(tmp_path / "dem.tif", 100.0, (400, 500))])
    assert_plane(terrain, Region(44.0, 33.1, 44.4, 33.4), 2e-3)
    assert terrain.posting_m == pytest.approx(100.0, rel=0.01)
    assert any("brought to a grid of latitude and longitude" in note for note in terrain.notes)
    assert terrain.void is not None  # the corners, which a turned raster leaves
    assert not terrain.knows(math.degrees(terrain.north_rad), math.degrees(terrain.west_rad))


def test_rough_ground_is_bilinear_between_the_nodes_of_its_file(tmp_path: Path) -> None:
    """SciPy's interpolation where PROJ puts our nodes. We ask PROJ at every eighth node: over 800 m the meridian bends by 10 cm, a
    thousandth of a pixel, and neighbours differ by 50 m · √2 (noise): 0.05 m.
    """
    rng = np.random.default_rng(2)
    heights, transform = rng.normal(500, 50, (200, 300)).astype(np.float32), north_up(400_000, 3_700_000, 100, 100)
    terrain = terrain_from_files([write(tmp_path / "dem.tif", heights, transform, UTM)])
    rows, cols = (np.arange(size)[20:-20] for size in terrain.grid.shape)
    lat, lon = (
        np.degrees(terrain.north_rad - rows * terrain.lat_step_rad),
        np.degrees(terrain.west_rad + cols * terrain.lon_step_rad),
    )
    lon, lat = np.meshgrid(lon, lat)
    x, y = pyproj.Transformer.from_crs(4326, UTM, always_xy=True).transform(lon, lat)
    theirs = map_coordinates(heights.astype(float), [(3_700_000 - y) / 100 - 0.5, (x - 400_000) / 100 - 0.5], order=1)
    assert np.abs(terrain.grid[20:-20, 20:-20] - theirs).max() < 0.05


def test_across_the_date_line_in_any_notation(tmp_path: Path) -> None:
    region = Region(178.5, -18.5, 181.5, -17.5)
    heights = lambda lat, lon: 500.0 + 10.0 * lat + 3.0 * ((lon % 360.0) - 180.0)  # noqa: E731
    east = degrees(tmp_path / "east.tif", -17.0, 178.0, 0.05, (41, 40), heights)
    west = degrees(tmp_path / "west.tif", -17.0, -180.0, 0.05, (41, 41), heights)
    round_180 = degrees(tmp_path / "round.tif", -17.0, 178.0, 0.05, (41, 81), heights)
    whole = degrees(tmp_path / "whole.tif", -16.75, 0.25, 0.5, (6, 720), heights)
    halves = degrees(tmp_path / "halves.tif", -16.75, -179.75, 0.5, (6, 720), heights)
    for paths in ([east, west], [west, east], [round_180], [whole], [halves]):
        for wanted in (region, None):
            terrain = terrain_from_files(paths, wanted)
            for lat, lon in ((-18.0, 179.3), (-18.1, 179.98), (-18.0, -179.99), (-17.6, 180.0), (-17.7, -179.0)):
                assert terrain.covers(lat, lon)
                assert height_at(terrain, lat, lon) == pytest.approx(heights(lat, lon), abs=0.01), (paths, wanted)
            assert terrain.grid.shape[1] < 90 or wanted is None
    assert terrain_from_files([whole]).wraps
    assert terrain_from_files([halves]).wraps


def test_a_meridian_that_is_there_twice_is_dropped(tmp_path: Path) -> None:
    terrain = terrain_from_files(
        [degrees(tmp_path / "w.tif", 90.0, -180.0, 1.0, (181, 361), lambda lat, lon: 10.0 * np.cos(np.radians(lon)))]
    )
    assert terrain.wraps
    assert terrain.grid.shape == (181, 360)
    for lon in (-180.0, 179.5, 180.0, -179.5, 0.0):
        assert height_at(terrain, 12.0, lon) == pytest.approx(10.0 * math.cos(math.radians(lon)), abs=1e-3)


def test_utm_across_the_date_line(tmp_path: Path) -> None:
    transform = north_up(780_000, 8_010_000, 500, 500)
    rows, cols = np.meshgrid(np.arange(100), np.arange(200), indexing="ij")
    lon, _ = pyproj.Transformer.from_crs(32760, 4326, always_xy=True).transform(*centres(transform, rows, cols))
    path = write(tmp_path / "dem.tif", (100.0 + 50.0 * ((lon % 360.0) - 180.0)).astype(np.float32), transform, "EPSG:32760")
    assert lon.max() > 179.9
    assert lon.min() < -179.9
    raster = read_raster(path)
    assert np.abs(np.diff(raster.lon_rad, axis=1)).max() < 0.01
    terrain = terrain_from_files([path])
    for at in (179.8, 179.99, -179.99, -179.9):
        assert height_at(terrain, -18.2, at) == pytest.approx(100.0 + 50.0 * ((at % 360.0) - 180.0), abs=0.01)


def test_far_north_up_to_84_degrees(tmp_path: Path) -> None:
    heights = lambda lat, lon: 100.0 + 20.0 * (lat - 83.0) + 2.0 * lon  # noqa: E731
    path = degrees(tmp_path / "dem.tif", 84.0, 10.0, 0.01, (101, 201), heights, lon_step=0.05)
    assert height_at(terrain_from_files([path]), 83.77, 15.2) == pytest.approx(heights(83.77, 15.2), abs=1e-3)
    transform = north_up(100_000, -600_000, 200, 200)  # polar stereographic, north of Greenland
    rows, cols = np.meshgrid(np.arange(150), np.arange(150), indexing="ij")
    lon, lat = pyproj.Transformer.from_crs(3413, 4326, always_xy=True).transform(*centres(transform, rows, cols))
    polar = write(tmp_path / "polar.tif", heights(lat, lon).astype(np.float32), transform, "EPSG:3413")
    terrain = terrain_from_files([polar])
    for i, j in ((20, 30), (75, 75), (140, 130)):
        assert height_at(terrain, lat[i, j], lon[i, j]) == pytest.approx(heights(lat[i, j], lon[i, j]), abs=0.05)


# ---------------------------------------------------------------- several as one


def test_tiles_that_touch_make_one_grid_without_a_seam(tmp_path: Path) -> None:
    corners = {(34.0, 44.0): "a", (34.0, 45.0): "b", (33.0, 44.0): "c", (33.0, 45.0): "d"}
    paths = [degrees(tmp_path / f"{name}.tif", *corner, 0.01, (100, 100)) for corner, name in corners.items()]
    terrain = terrain_from_files(paths)
    assert terrain.grid.shape == (200, 200)
    assert terrain.void is None
    assert terrain.name == "a.tif and 3 more"
    assert_plane(terrain, Region(44.0, 32.01, 45.99, 34.0), 1e-3)
    gap = terrain_from_files(paths[:3])
    assert gap.void is not None
    assert gap.void.sum() == 100 * 100
    assert gap.notes == ("a.tif and 2 more: 25 % of the nodes have no data and stand at sea level",)
    assert gap.knows(33.5, 44.5)
    assert not gap.knows(32.5, 45.5)


def test_postings_that_differ_are_brought_to_the_finest(tmp_path: Path) -> None:
    fine = degrees(tmp_path / "fine.tif", 34.0, 44.0, 0.01, (101, 101))
    coarse = degrees(tmp_path / "coarse.tif", 34.0, 44.9, 0.02, (51, 60), lon_step=0.03)
    terrain = terrain_from_files([coarse, fine])
    assert math.degrees(terrain.lat_step_rad) == pytest.approx(0.01)
    assert math.degrees(terrain.lon_step_rad) == pytest.approx(0.01)
    assert_plane(terrain, Region(44.0, 33.0, 46.6, 34.0), 2e-3)


def test_the_first_lies_on_top_and_the_next_fills_its_gaps(tmp_path: Path) -> None:
    top = np.full((11, 11), 500.0, np.float32)
    top[5:8, 5:8] = -9999.0
    transform = north_up(44, 34, 0.1, 0.1)
    first = write(tmp_path / "first.tif", top, transform, nodata=-9999.0)
    second = write(tmp_path / "second.tif", np.full((11, 11), 100.0, np.float32), transform)
    grid = terrain_from_files([first, second]).grid
    assert (grid[5:8, 5:8] == 100.0).all()
    assert np.count_nonzero(grid == 500.0) == 121 - 9
    assert (terrain_from_files([second, first]).grid == 100.0).all()


def test_projected_and_geographic_together(tmp_path: Path) -> None:
    utm = utm_dem(tmp_path / "utm.tif", 200.0, (200, 200))
    wide = degrees(tmp_path / "wide.tif", 34.0, 43.0, 0.01, (201, 301))
    terrain = terrain_from_files([utm, wide])
    assert terrain.void is None
    assert_plane(terrain, Region(43.0, 32.0, 46.0, 34.0), 0.01)


def test_a_mosaic_too_wide_for_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_NODES", 100_000)
    here, there = (degrees(tmp_path / f"{west}.tif", 34.0, west, 0.01, (100, 100)) for west in (44.0, 74.0))
    with pytest.raises(TerrainError, match="GB of memory"):
        terrain_from_files([here, there])
    assert terrain_from_files([here, there], Region(44.2, 33.2, 44.8, 33.8)).grid.shape[1] < 70


def test_what_does_not_reach_the_region_is_refused(tmp_path: Path) -> None:
    path = degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (100, 100))
    with pytest.raises(TerrainError, match="no part of it lies in the region"):
        terrain_from_files([path], Region(10.0, 40.0, 11.0, 41.0))
    with pytest.raises(TerrainError, match="no such file"):
        read_terrain({"file": ["dem.tif", "nix.tif"]}, None, tmp_path)
    assert read_terrain({"file": "dem.tif"}, None, tmp_path).name == "dem.tif"


def test_a_region_with_latitude_and_longitude_exchanged_is_told(tmp_path: Path) -> None:
    path = degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (101, 101))
    with pytest.raises(TerrainError, match="latitude stands first"):
        terrain_from_files([path], Region(33.2, 44.2, 33.8, 44.8))
    with pytest.raises(TerrainError) as refused:
        terrain_from_files([path], Region(10.2, 44.2, 10.8, 44.8))
    assert "exchanged" not in refused.value.faults[0].fix
