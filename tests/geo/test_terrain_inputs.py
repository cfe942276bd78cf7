"""Rasters that are easily taken for what they are not: another unit, depths, pictures, marks of missing data, no place on the Earth."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.enums import ColorInterp
from rasterio.transform import Affine
from scipy.io import netcdf_file

from closedsky.errors import TerrainError
from closedsky.geo.terrain import read_raster
from closedsky.geo.terrain.spacing import is_gaussian
from tests.geo.rasters import north_up, write

US_FOOT_M = 1200.0 / 3937.0
FEET_CRS = "EPSG:6318+6360"  # NAVD88 height (ftUS)
SLOPE = (1000.0 + np.arange(400.0).reshape(20, 20)).astype(np.float32)
PLACE = north_up(44, 34, 0.01, 0.01)


def fault_of(path: Path, **how: Any) -> tuple[str, str]:
    with pytest.raises(TerrainError) as refused:
        read_raster(path, **how)
    (fault,) = refused.value.faults
    assert fault.where == str(path)
    return fault.what, fault.fix


def netcdf(path: Path, lat: Any, lon: Any, heights: Any, name: str = "z", **attributes: str) -> Path:
    with netcdf_file(path, "w") as file:
        for axis, along, unit in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createDimension(axis, len(along))
            variable = file.createVariable(axis, "d", (axis,))
            variable[:] = along
            variable.units = unit
            variable.standard_name = {"lat": "latitude", "lon": "longitude"}[axis]
        frame = file.createVariable("crs", "i", ())
        frame.grid_mapping_name, frame.semi_major_axis, frame.inverse_flattening = "latitude_longitude", 6378137.0, 298.257223563
        values = file.createVariable(name, "f", ("lat", "lon"))
        values[:] = heights
        values.grid_mapping = "crs"
        for key, value in attributes.items():
            setattr(values, key, value)
    return path


LAT, LON = np.linspace(33.0, 33.19, 20), np.linspace(44.0, 44.19, 20)


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("driver", "name"),
    [("GTiff", "a.tif"), ("COG", "a.tif"), ("AAIGrid", "a.asc"), ("ENVI", "a.dat"), ("EHdr", "a.bil"), ("netCDF", "a.nc"),
     ("GPKG", "a.gpkg"), ("VRT", "a.vrt"), ("SAGA", "a.sdat"), ("RRASTER", "a.grd"), ("HF2", "a.hf2"), ("PCRaster", "a.map")],
)  # fmt: skip
def test_the_unit_of_the_reference_system_counts_in_every_format(tmp_path: Path, driver: str, name: str) -> None:
    source = write(tmp_path / "source.tif", SLOPE, PLACE, FEET_CRS)
    target = tmp_path / name
    rasterio.shutil.copy(source, target, driver=driver)
    assert np.allclose(read_raster(target).grid, US_FOOT_M * SLOPE, atol=0.05)


@pytest.mark.parametrize(
    ("unit", "metres"),
    [("m", 1.0), ("meters", 1.0), ("feet", 0.3048), ("US_survey_foot", US_FOOT_M), ("us-ft", US_FOOT_M), ("km", 1000.0), ("cm", 0.01),
     ("decimetre", 0.1), ("yards", 0.9144), ("fathom", 1.8288)],
)  # fmt: skip
def test_a_unit_by_its_name(tmp_path: Path, unit: str, metres: float) -> None:
    small = SLOPE / 1000.0 / metres
    for path in (
        write(tmp_path / "a.tif", small, PLACE, attributes={"units": (unit,)}),
        write(tmp_path / "b.tif", small, PLACE, tags={"Z_UNITS": unit}),
        netcdf(tmp_path / "c.nc", LAT, LON, small[::-1], units=unit),
    ):
        assert np.allclose(read_raster(path).grid, SLOPE / 1000.0, rtol=1e-5)


def test_the_vertical_unit_beside_a_grid_of_arc_info_counts(tmp_path: Path) -> None:
    text = "ncols 3\nnrows 2\nxllcorner 44\nyllcorner 33\ncellsize 0.01\n" + "100 200 300\n400 500 600\n"
    for unit, metres in (("FEET", 0.3048), ("METERS", 1.0), ("NO", 1.0)):
        (tmp_path / "dem.asc").write_text(text)
        lines = [
            "Projection    GEOGRAPHIC",
            "Datum         WGS84",
            f"Zunits        {unit}",
            "Units         DD",
            "Spheroid      WGS84",
            "Parameters",
        ]
        (tmp_path / "dem.prj").write_text("\n".join(lines) + "\n")
        assert read_raster(tmp_path / "dem.asc").grid[1, 2] == pytest.approx(600.0 * metres)


@pytest.mark.parametrize("unit", ["furlong", "degree", "percent", "gpm", "m/s"])
def test_what_is_no_unit_of_height_is_refused(tmp_path: Path, unit: str) -> None:
    for path in (
        write(tmp_path / "a.tif", SLOPE, PLACE, attributes={"units": (unit,)}),
        netcdf(tmp_path / "b.nc", LAT, LON, SLOPE, units=unit),
    ):
        what, fix = fault_of(path)
        assert f"heights are in '{unit}'" in what
        assert "gdal_edit.py -units m" in fix


def test_two_units_are_refused_and_two_feet_are_one(tmp_path: Path) -> None:
    what, _ = fault_of(write(tmp_path / "a.tif", SLOPE, PLACE, FEET_CRS, attributes={"units": ("m",)}))
    assert "two units: 'm' in the band and 'US survey foot' in its reference system" in what
    assert read_raster(write(tmp_path / "b.tif", SLOPE, PLACE, FEET_CRS, attributes={"units": ("ft",)})).grid[0, 0] < 305.0


@pytest.mark.parametrize(
    "attributes",
    [{"positive": "down"}, {"standard_name": "sea_floor_depth_below_geoid"}, {"standard_name": "depth"}, {"name": "depth"}],
)
def test_depths_are_refused(tmp_path: Path, attributes: dict[str, str]) -> None:
    assert "counted downward" in fault_of(netcdf(tmp_path / "a.nc", LAT, LON, SLOPE, **attributes))[0]


@pytest.mark.parametrize("crs", ["EPSG:4326+5715", "EPSG:4326+5831", "EPSG:32638+5336"])
def test_depths_by_the_reference_system_are_refused(tmp_path: Path, crs: str) -> None:
    assert "counted downward" in fault_of(write(tmp_path / "a.tif", SLOPE, PLACE, crs))[0]


def test_depths_by_the_name_of_the_band_are_refused(tmp_path: Path) -> None:
    assert "counted downward" in fault_of(write(tmp_path / "a.tif", SLOPE, PLACE, attributes={"descriptions": ("Depth",)}))[0]


# ---------------------------------------------------------------- even grids


def test_even_coordinates_are_taken_in_any_order_and_precision(tmp_path: Path) -> None:
    for n, lat in enumerate((LAT, LAT[::-1], LAT.astype(np.float32), 33.0 + 0.00028 * np.arange(20).astype(np.float32))):
        raster = read_raster(netcdf(tmp_path / f"{n}.nc", lat, LON, SLOPE))
        assert sorted(raster.grid[:, 0].tolist()) == sorted(SLOPE[:, 0].tolist())


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (33.0 + (LAT - 33.0) ** 2 / 0.19, LON),
        (np.degrees(np.arcsin(np.linspace(0.2, 0.9, 20))), LON),
        (np.where(np.arange(20) == 9, LAT + 0.002, LAT), LON),
        (LAT, np.geomspace(1.0, 2.0, 20) + 43.0),
        (33.0 + 1e-4 * np.cumsum([1.0, 2.0] * 10), LON),
    ],
)
def test_uneven_coordinates_are_refused(tmp_path: Path, lat: Any, lon: Any) -> None:
    what, fix = fault_of(netcdf(tmp_path / "a.nc", lat, lon, SLOPE))
    assert "unevenly spaced" in what
    assert "even steps" in fix


def test_a_gaussian_grid_is_uneven(tmp_path: Path) -> None:
    """GRIB of edition 2: the same file, said to be even (template 3.0) and Gaussian (template 3.40)."""
    even = write(tmp_path / "even.grib2", SLOPE, PLACE, driver="GRIB")
    assert read_raster(even).grid.shape == SLOPE.shape
    octets = bytearray(even.read_bytes())
    section = 16
    while octets[section + 4] != 3:
        section += int.from_bytes(octets[section : section + 4], "big")
    octets[section + 12 : section + 14] = (40).to_bytes(2, "big")
    gaussian = tmp_path / "gaussian.grib2"
    gaussian.write_bytes(octets)
    what, fix = fault_of(gaussian)
    assert "Gaussian" in what
    assert "even steps" in fix


@pytest.mark.parametrize(("kind", "gaussian"), [(0, False), (4, True)])
def test_gaussian_grids_of_the_first_edition(tmp_path: Path, kind: int, gaussian: bool) -> None:
    """Sections 0 to 2 by hand: nothing here writes that edition."""
    product = (28).to_bytes(3, "big") + bytes(4) + b"\x80" + bytes(20)
    grid = (32).to_bytes(3, "big") + bytes((0, 255, kind)) + bytes(26)
    path = tmp_path / "a.grb"
    path.write_bytes(b"GRIB" + (8 + 28 + 32).to_bytes(3, "big") + b"\x01" + product + grid)
    assert is_gaussian(path) is gaussian


def test_control_points_are_no_grid(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    points = [
        rasterio.control.GroundControlPoint(r, c, 44.0 + 0.01 * c, 34.0 - 0.01 * r)
        for r, c in ((0, 0), (0, 20), (20, 0), (20, 20))
    ]
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        write(path, SLOPE, Affine.identity(), None, attributes={"gcps": (points, rasterio.crs.CRS.from_epsg(4326))})
    what, fix = fault_of(path)
    assert "control points" in what
    assert "gdalwarp" in fix


# ---------------------------------------------------------------- pictures

COLOURS = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)


def coded(kind: str) -> Any:
    whole = {"terrain-rgb": (SLOPE + 10_000.0) * 10.0, "terrarium": (SLOPE + 32_768.0) * 256.0}[kind].astype(np.int64)
    return np.stack([whole >> 16, whole >> 8 & 255, whole & 255, np.full_like(whole, 255)]).astype(np.uint8)


@pytest.mark.parametrize("kind", ["terrain-rgb", "terrarium"])
@pytest.mark.parametrize("bands", [3, 4])
@pytest.mark.parametrize("driver", ["GTiff", "PNG"])
def test_heights_coded_in_colours_are_refused_with_the_way_to_decode_them(
    tmp_path: Path, kind: str, bands: int, driver: str
) -> None:
    picture = coded(kind)
    source = write(tmp_path / "source.tif", picture[:bands], PLACE)
    path = tmp_path / "a"
    rasterio.shutil.copy(source, path, driver=driver)
    what, fix = fault_of(path)
    assert "it is a picture" in what
    formula = next(part for part in fix.split("'") if ("6553.6" in part) == (kind == "terrain-rgb") and "*A" in part)
    a, b, c = picture[:3].astype(float)
    assert np.allclose(eval(formula, {"A": a, "B": b, "C": c}), SLOPE, atol=0.1)


def test_colours_that_are_named_and_those_that_are_not(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.tif", coded("terrarium")[:3], PLACE, photometric="MINISBLACK")
    assert "it is a picture" in fault_of(plain)[0]
    wide = write(tmp_path / "b.tif", coded("terrarium")[:3].astype(np.uint16), PLACE, attributes={"colorinterp": COLOURS[:3]})
    assert "it is a picture" in fault_of(wide)[0]


def test_a_hillshade_is_refused_and_heights_of_8_bits_are_not(tmp_path: Path) -> None:
    shade = (SLOPE % 255).astype(np.uint8)
    what, fix = fault_of(write(tmp_path / "a.tif", shade, PLACE, nodata=0))
    assert "shaded picture" in what
    assert "gdal_edit.py -units m" in fix
    assert "shaded picture" in fault_of(write(tmp_path / "b.tif", np.stack([shade, shade]), PLACE))[0]
    assert read_raster(write(tmp_path / "c.tif", shade, PLACE, attributes={"units": ("m",)})).grid[0, 1] == shade[0, 1]
    assert read_raster(write(tmp_path / "d.tif", shade, PLACE, "EPSG:6318+5703")).grid[0, 1] == shade[0, 1]


def test_ground_too_steep_for_ground_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(0, 255, (50, 50)).astype(np.float32)
    (note,) = read_raster(write(tmp_path / "a.tif", noise, north_up(44, 34, 1e-4, 1e-4))).notes
    assert "steeper than 45 degrees" in note
    assert read_raster(write(tmp_path / "b.tif", noise, PLACE)).notes == ()


# ---------------------------------------------------------------- missing data that is not declared


@pytest.mark.parametrize(
    ("mark", "kind"),
    [(-999, "int16"), (-9999, "int16"), (-32768, "int16"), (32767, "int16"), (9999, "int16"), (1e20, "float32"), (-3.4028235e38, "float32"),
     (-99, "float32"), (-99.99, "float32"), (999, "uint16"), (65535, "uint16"), (-2147483648, "int32"),
     (-999.9, "float64"), (1e30, "float64")],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(slice(3, 4), slice(7, 8)), (slice(0, 10), slice(5, 20))])
def test_a_mark_of_missing_data_is_refused_with_the_way_to_declare_it(tmp_path: Path, mark: float, kind: str, shape: Any) -> None:
    heights = (SLOPE / 5.0).astype(kind)
    heights[shape] = mark
    path = write(tmp_path / "a.tif", heights, PLACE)
    _, fix = fault_of(path)
    told = float(fix.partition("-a_nodata ")[2].split()[0])
    with rasterio.open(path, "r+") as file:
        file.nodata = told
    raster = read_raster(path)
    assert raster.void is not None
    assert raster.void.sum() == np.ones((20, 20))[shape].sum()


def test_the_mark_is_told_as_the_file_has_it(tmp_path: Path) -> None:
    heights = SLOPE.copy()
    heights[3, 3] = -9999.0
    for unit in ("ft", "km"):
        assert "-a_nodata -9999 " in fault_of(write(tmp_path / "a.tif", heights, PLACE, attributes={"units": (unit,)}))[1]


def test_a_netcdf_file_without_a_fill_value_declares_nothing(tmp_path: Path) -> None:
    heights = SLOPE.copy()
    heights[4:6, 3:9] = -99.0
    assert "12 of its nodes are -99" in fault_of(netcdf(tmp_path / "a.nc", LAT, LON, heights))[0]


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, -500.0, 8888.0])
def test_a_flat_patch_off_all_other_heights_is_told(tmp_path: Path, value: float) -> None:
    heights = SLOPE.copy()
    heights[4:6, 3:9] = value
    (note,) = read_raster(write(tmp_path / "a.tif", heights, PLACE)).notes
    assert f"12 nodes are exactly {value:g}" in note
    assert "-a_nodata" in note


def test_real_ground_has_no_marks(tmp_path: Path) -> None:
    for n, heights in enumerate(
        (SLOPE, SLOPE - 1099.0, np.full((9, 9), 999, np.float32), np.full((9, 9), -99, np.float32), SLOPE - 401.0)
    ):
        assert read_raster(write(tmp_path / f"{n}.tif", heights, PLACE)).notes == ()
    cliff = SLOPE.copy()
    cliff[:, :10] = 0.0
    assert read_raster(write(tmp_path / "cliff.tif", cliff, PLACE, nodata=-32768)).notes == ()


# ---------------------------------------------------------------- reference systems

MARS = 'GEOGCS["Mars",DATUM["Mars",SPHEROID["Mars",3396190,169.89]],PRIMEM["Reference",0],UNIT["degree",0.0174532925199433]]'
MOON = 'GEOGCS["Moon",DATUM["Moon",SPHEROID["Moon",1737400,0]],PRIMEM["Reference",0],UNIT["degree",0.0174532925199433]]'
UTM_ON_MARS = f'PROJCS["Mars TM",{MARS},PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",45],UNIT["metre",1]]'
SITE = 'LOCAL_CS["site grid",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
MINE = 'LOCAL_CS["mine",LOCAL_DATUM["shaft",0],UNIT["US survey foot",0.3048006],AXIS["x",EAST],AXIS["y",NORTH]]'


@pytest.mark.parametrize(
    ("crs", "says"),
    [(MARS, "another body"), (MOON, "another body"), (UTM_ON_MARS, "another body"), (SITE, "Earth's surface"),
     (MINE, "Earth's surface"), ("EPSG:4978", "Earth's surface"), ("EPSG:5773", "Earth's surface")],
)  # fmt: skip
def test_a_reference_system_without_a_place_on_the_earth_is_refused(tmp_path: Path, crs: str, says: str) -> None:
    what, fix = fault_of(write(tmp_path / "a.tif", SLOPE, PLACE, crs))
    assert says in what
    assert "gdal_edit.py -a_srs" in fix


@pytest.mark.parametrize(
    ("crs", "place"),
    [("EPSG:4326", north_up(500_000, 3_700_000, 30, 30)), ("EPSG:4269", north_up(44, 134, 0.01, 0.01)),
     ("EPSG:2100", north_up(2.2e7, 3e7, 30, 30)), ("EPSG:32638", north_up(1e8, 1e8, 30, 30)), ("EPSG:4807", north_up(44, 340, 0.01, 0.01))],
)  # fmt: skip
def test_a_reference_system_that_the_coordinates_are_not_of_is_refused(tmp_path: Path, crs: str, place: Affine) -> None:
    what, _ = fault_of(write(tmp_path / "a.tif", SLOPE, place, crs))
    assert "reference system" in what


@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:4979", "EPSG:4326+5773", "EPSG:4807", "EPSG:6318+5703", "OGC:CRS84", "EPSG:4267"]
)
def test_reference_systems_of_the_earth_are_taken(tmp_path: Path, crs: str) -> None:
    raster = read_raster(write(tmp_path / "a.tif", SLOPE, PLACE, crs))
    assert raster.grid.shape == (20, 20)
