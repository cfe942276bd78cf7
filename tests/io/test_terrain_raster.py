"""Rasters of every kind, against formulas for their heights and against PROJ and GDAL for their places."""

import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine
from scipy.ndimage import map_coordinates

from closedsky.errors import ClosedskyError, OutputError, TerrainError
from closedsky.io.terrain import Terrain, files, read_terrain
from closedsky.io.terrain.mosaic import terrain_from_files, terrain_from_raster
from closedsky.io.terrain.placement import LATTICE
from closedsky.io.terrain.raster import read_raster, write_raster
from closedsky.io.terrain.region import Region
from tests.io.rasters import centres, degrees, height_at, north_up, plane, write

UTM = "EPSG:32638"


def fault_of(path: Path, **how: object) -> tuple[str, str, str]:
    with pytest.raises(TerrainError) as caught:
        read_raster(path, **how)  # type: ignore[arg-type]
    (fault,) = caught.value.faults
    return fault.what, fault.where, fault.fix


# ---------------------------------------------------------------- on its own grid


def test_the_lattice_is_where_proj_puts_the_centres_of_pixels(tmp_path: Path) -> None:
    transform = Affine(90.0, 12.0, 400_000.0, 5.0, -80.0, 3_700_000.0)  # turned and sheared
    raster = read_raster(write(tmp_path / "dem.tif", np.full((70, 40), 5.0, np.float32), transform, UTM))
    assert raster.lat_rad.shape == (math.ceil(69 / LATTICE) + 1, math.ceil(39 / LATTICE) + 1)
    to_degrees = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)
    for i in range(raster.lat_rad.shape[0]):
        for j in range(raster.lat_rad.shape[1]):
            lon, lat = to_degrees.transform(*centres(transform, LATTICE * i, LATTICE * j))
            assert math.degrees(raster.lat_rad[i, j]) == pytest.approx(lat, abs=1e-10)
            assert math.degrees(raster.lon_rad[i, j]) == pytest.approx(lon, abs=1e-10)
            # PROJ's transverse Mercator closes on itself to a tenth of a millimetre here; a pixel is 90 m
            assert raster.index(lat, lon) == (pytest.approx(LATTICE * i, abs=1e-5), pytest.approx(LATTICE * j, abs=1e-5))
    assert raster.posting_m == pytest.approx(math.hypot(90.0, 5.0) / 0.9996, rel=5e-4)  # the scale of UTM near its meridian


def test_heights_are_those_of_the_file_and_typed_for_the_kernels(tmp_path: Path) -> None:
    path = degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (30, 50))
    raster = read_raster(path)
    lat, lon = np.meshgrid(34.0 - 0.01 * np.arange(30), 44.0 + 0.01 * np.arange(50), indexing="ij")
    assert np.array_equal(raster.grid, plane(lat, lon).astype(np.float32))
    assert raster.grid.dtype == np.float32
    assert raster.grid.flags.c_contiguous
    assert raster.name == "dem.tif"
    assert raster.notes == ()
    assert raster.index(33.9, 44.2) == (pytest.approx(10.0), pytest.approx(20.0))
    assert raster.index(33.9, 44.2 - 360.0) == (pytest.approx(10.0), pytest.approx(20.0))
    window = read_raster(path, (4, 10, 6, 20))
    assert np.array_equal(window.grid, raster.grid[4:14, 6:26])
    assert window.index(33.9, 44.2) == (pytest.approx(6.0), pytest.approx(14.0))


def test_a_point_is_the_centre_of_a_pixel_whichever_way_the_file_counts(tmp_path: Path) -> None:
    """GeoTIFF 1.1, 7.1.2.2: with PixelIsPoint the tie point is the centre. GDAL gives the corner in either case."""
    area, point = (
        degrees(tmp_path / f"{kind}.tif", 34.0, 44.0, 0.01, (5, 5), tags={"AREA_OR_POINT": kind}) for kind in ("Area", "Point")
    )
    for path in (area, point):
        assert read_raster(path).index(34.0, 44.0) == (pytest.approx(0.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_numbers_of_any_real_type_scale_offset_and_unit(tmp_path: Path, dtype: str) -> None:
    stored = np.arange(12, dtype=dtype).reshape(3, 4)
    path = write(tmp_path / "dem.tif", stored, north_up(44, 34, 1, 1), attributes={"scales": (2.5,), "offsets": (-7.0,)})
    assert np.array_equal(read_raster(path).grid, np.float32(2.5 * np.arange(12).reshape(3, 4) - 7.0))
    feet = write(tmp_path / "feet.tif", stored, north_up(44, 34, 1, 1), attributes={"units": ("ft",)})
    assert read_raster(feet).grid[2, 3] == pytest.approx(11 * 0.3048, rel=1e-7)  # the international foot, by definition


def test_no_data_is_filled_with_sea_and_told(tmp_path: Path) -> None:
    heights = np.full((10, 10), 100.0, np.float32)
    heights[2, 3:6] = -9999.0
    heights[7, 7] = np.nan
    raster = read_raster(write(tmp_path / "dem.tif", heights, north_up(44, 34, 0.1, 0.1), nodata=-9999.0))
    assert raster.void is not None
    assert raster.void.sum() == 4
    assert (raster.grid[raster.void] == 0.0).all()
    assert (raster.grid[~raster.void] == 100.0).all()
    assert raster.notes == ("dem.tif: 4 % of the nodes have no data and stand at sea level",)
    masked = write(tmp_path / "mask.tif", np.full((3, 3), 9, np.int16), north_up(44, 34, 1, 1))
    with rasterio.open(masked, "r+") as file:
        file.write_mask(np.array([[255, 0, 255]] * 3, np.uint8))
    assert read_raster(masked).grid.tolist() == [[9, 0, 9]] * 3


def test_of_several_bands_the_first_is_taken_and_that_is_said(tmp_path: Path) -> None:
    bands = np.stack([np.full((3, 3), 5, np.int16), np.full((3, 3), 7, np.int16)])
    raster = read_raster(write(tmp_path / "dem.tif", bands, north_up(44, 34, 1, 1)))
    assert (raster.grid == 5.0).all()
    assert raster.notes == ("dem.tif has 2 bands: the first is taken",)


# ---------------------------------------------------------------- what is refused


def test_what_is_no_raster_is_refused(tmp_path: Path) -> None:
    what, where, fix = fault_of(tmp_path / "nowhere.tif")
    assert (what, where) == ("there is no such file", str(tmp_path / "nowhere.tif"))
    assert "correct the path" in fix
    text = tmp_path / "notes.txt"
    text.write_text("heights")
    assert "no raster that GDAL can read" in fault_of(text)[0]
    assert "no raster that GDAL can read" in fault_of(tmp_path)[0]


def test_without_a_reference_system_or_a_place_it_is_refused(tmp_path: Path) -> None:
    what, _, fix = fault_of(write(tmp_path / "a.tif", np.ones((3, 3), np.float32), north_up(44, 34, 1, 1), crs=None))
    assert "which coordinate reference system" in what
    assert "gdal_edit.py -a_srs" in fix
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "b.tif", np.ones((3, 3), np.float32), Affine.identity())
    assert "where on the ground it lies" in fault_of(path)[0]


def test_a_file_cut_short_is_refused_with_its_name(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = write(tmp_path / "dem.tif", rng.normal(500, 9, (256, 256)).astype(np.float32), north_up(44, 34, 0.01, 0.01),
                 compress="deflate", tiled=True, blockxsize=64, blockysize=64)  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    what, where, _ = fault_of(path)
    assert "damaged or cut short" in what or "no raster" in what
    assert where == str(path)
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2 : len(whole) // 2 + 4000] = bytes(4000)
    path.write_bytes(spoilt)
    assert "damaged or cut short" in fault_of(path)[0]


def test_heights_that_cannot_be_are_refused(tmp_path: Path) -> None:
    nothing = write(tmp_path / "a.tif", np.full((4, 4), -9999, np.int16), north_up(44, 34, 1, 1), nodata=-9999)
    assert "no heights here" in fault_of(nothing)[0]
    undeclared = np.full((4, 4), 200, np.int16)
    undeclared[1, 1] = -32768
    what, _, fix = fault_of(write(tmp_path / "b.tif", undeclared, north_up(44, 34, 1, 1)))
    assert "-32768 to 200 m are not of land" in what
    assert "gdal_edit.py -a_nodata -32768" in fix
    assert "in 'furlong'" in fault_of(
        write(tmp_path / "c.tif", np.ones((3, 3), np.int16), north_up(44, 34, 1, 1), attributes={"units": ("furlong",)})
    )[0]  # fmt: skip
    assert "type complex64" in fault_of(write(tmp_path / "d.tif", np.ones((3, 3), np.complex64), north_up(44, 34, 1, 1)))[0]
    assert "1 by 3 nodes" in fault_of(write(tmp_path / "e.tif", np.ones((3, 1), np.float32), north_up(44, 34, 1, 1)))[0]


def test_too_large_a_raster_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "vast.tif"
    form = {
        "driver": "GTiff",
        "height": 60_000,
        "width": 50_000,
        "count": 1,
        "dtype": "float32",
        "tiled": True,
        "sparse_ok": True,
    }
    with rasterio.open(path, "w", **form, bigtiff="yes", crs="EPSG:4326", transform=north_up(0, 60, 0.001, 0.001)):
        pass
    what, _, fix = fault_of(path)
    assert "60,000 by 50,000 nodes would take 12.0 GB of memory; the most is 4 GB" in what
    assert "gdalwarp -te" in fix
    assert read_raster(path, (100, 50, 100, 50)).grid.shape == (50, 50)


def test_a_window_must_lie_within(tmp_path: Path) -> None:
    path = degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (30, 50))
    for window in ((-1, 5, 0, 5), (0, 31, 0, 5), (0, 1, 0, 5), (0, 5, 48, 3)):
        assert "is not within its 30 rows and 50 columns" in fault_of(path, window=window)[0]


def test_round_a_pole_there_is_no_grid(tmp_path: Path) -> None:
    path = write(tmp_path / "pole.tif", np.ones((64, 64), np.float32), north_up(-64_000, 64_000, 2000, 2000), "EPSG:3413")
    assert "goes round a pole" in fault_of(path)[0]


def test_without_rasterio_one_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    what, _, fix = fault_of(tmp_path / "dem.tif")
    assert "needs rasterio" in what
    assert fix == "pip install 'closedsky[geo]'"


# ---------------------------------------------------------------- written back


def test_a_result_is_written_like_its_raster(tmp_path: Path) -> None:
    transform = Affine(90.0, 12.0, 400_000.0, 5.0, -80.0, 3_700_000.0)
    raster = read_raster(write(tmp_path / "dem.tif", np.full((600, 700), 5.0, np.float32), transform, UTM))
    data = np.arange(420_000, dtype=np.float32).reshape(600, 700)
    data[3, 4] = np.nan
    write_raster(tmp_path / "floor.tif", raster, data, {"ANTENNA": "33.1,44.2"})
    with rasterio.open(tmp_path / "floor.tif") as file:
        assert file.crs == rasterio.crs.CRS.from_epsg(32638)
        assert file.transform == transform
        assert np.array_equal(file.read(1), data, equal_nan=True)
        assert file.tags()["ANTENNA"] == "33.1,44.2"
        assert file.profile["tiled"]
        assert np.isnan(file.nodata)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dem.tif", "floor.tif"]
    with pytest.raises(ValueError, match="do not fit"):
        write_raster(tmp_path / "floor.tif", raster, data[1:], {})


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    raster = read_raster(degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.01, (30, 50)))
    with pytest.raises(OutputError, match="cannot write here"):
        write_raster(tmp_path / "nowhere" / "floor.tif", raster, raster.grid, {})
    (tmp_path / "taken.tif").mkdir()
    (tmp_path / "taken.tif" / "x").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_raster(tmp_path / "taken.tif", raster, raster.grid, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dem.tif", "taken.tif"]


# ---------------------------------------------------------------- as terrain of latitude and longitude


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
    assert part.grid.shape[0] < 35
    assert part.grid.shape[1] < 55
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


def test_every_refusal_is_an_error_of_ours(tmp_path: Path) -> None:
    for name, content in (
        ("a.tif", b""),
        ("b.tif", b"II*\0" + bytes(100)),
        ("c.png", b"\x89PNG\r\n\x1a\n"),
        ("d.vrt", b"<VRTDataset/>"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ClosedskyError):
            read_raster(tmp_path / name)
