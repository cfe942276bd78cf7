"""Rasters of every kind, against formulas for their heights and against PROJ and GDAL for their places."""

import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine

from closedsky.errors import ClosedskyError, OutputError, TerrainError
from closedsky.geo.terrain.placement import LATTICE
from closedsky.geo.terrain.raster import read_raster, write_raster
from tests.geo.rasters import centres, degrees, north_up, plane, write

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


NGA_POINTS = (
    (38.628155, 269.779155, -31.628),
    (-14.621217, 305.021114, -2.969),
    (46.874319, 102.448729, -43.575),
    (-23.617446, 133.874712, 15.871),
)
"""Latitude, longitude and undulation, m: the input and the output that come with NGA's program for EGM96 (INPUT.DAT, OUTINTPT.DAT)."""


@pytest.mark.parametrize(("lat", "lon", "undulation"), NGA_POINTS)
def test_heights_above_the_ellipsoid_become_altitudes(tmp_path: Path, lat: float, lon: float, undulation: float) -> None:
    """By the file's own word (EPSG:4979) or by ours, against NGA's undulations. The shipped geoid, 30 arc-minutes apart, is within
    0.54 m of the full one at 99 % of places.
    """
    grid = np.full((41, 41), 800.0, np.float32)
    corner = north_up(lon - 0.205, lat + 0.205, 0.01, 0.01)
    told = write(tmp_path / "told.tif", grid, corner, "EPSG:4979")
    plain = write(tmp_path / "plain.tif", grid, corner)
    for raster in (read_raster(told), read_raster(plain, vertical="ellipsoid")):
        assert raster.grid[20, 20] == pytest.approx(800.0 - undulation, abs=0.54)
        assert raster.notes == (f"{raster.name}: heights above the ellipsoid turned into altitudes by the geoid EGM96",)
        assert "4326" in raster.crs  # the result's heights are not above the ellipsoid
    assert (read_raster(told, vertical="sea").grid == 800.0).all()
    assert (read_raster(plain).grid == 800.0).all()
    compound = write(tmp_path / "compound.tif", grid, corner, "EPSG:4326+5773")  # EGM96 height
    assert (read_raster(compound).grid == 800.0).all()


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
