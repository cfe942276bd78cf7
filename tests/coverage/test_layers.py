"""Maps of the sky as files: opened again by GDAL and shapely, they hold what was put in."""

import json
import math
import sys

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from scipy import ndimage

from closedsky.coverage.layers import write_cog, write_geojson
from closedsky.errors import OutputError
from closedsky.geo.area import country_area
from closedsky.geo.cells import cells, inside, project

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def grid():
    return cells([country_area("IRQ")], [], 1000.0)


def disc(grid, lat, lon, radius_m):
    x, y = project(grid.crs, grid.lat_deg, grid.lon_deg)
    middle_x, middle_y = project(grid.crs, lat, lon)
    return np.hypot(x - middle_x, y - middle_y) < radius_m


def ragged(shape, seed=5):
    """Spots of all sizes, with holes and with islands in them."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    return ndimage.gaussian_filter(noise, 4.0) + 0.5 * ndimage.gaussian_filter(noise, 1.0) > 0.05


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def on_the_ground(geometry):
    """Area in km² by pyproj's geodesics; edges are short enough that a geodesic and a straight line are one."""
    area, _ = GEOD.geometry_area_perimeter(geometry)
    return area / 1e6


# GeoTIFF


def test_masks_and_heights_come_back(tmp_path, grid):
    masks = {"height 100 m": disc(grid, 33, 44, 50e3), "height 1000 m": disc(grid, 33, 44, 150e3)}
    write_cog(tmp_path / "closed.tif", grid, masks, {"TARGET": "1 m²"})
    with rasterio.open(tmp_path / "closed.tif") as file:
        assert file.descriptions == tuple(masks)
        assert (file.dtypes, file.nodata) == (("uint8", "uint8"), 255)
        assert all(np.array_equal(band, mask) for band, mask in zip(file.read(), masks.values(), strict=True))
        assert file.tags()["TARGET"] == "1 m²"
        to_plane = pyproj.Transformer.from_crs(4326, file.crs.to_wkt(), always_xy=True)
        assert to_plane.transform(44.4, 33.3) == pytest.approx([float(part) for part in project(grid.crs, 33.3, 44.4)], abs=1e-6)
        assert tuple(file.transform)[:6] == grid.transform


def test_real_numbers_keep_their_gaps(tmp_path, grid):
    floor = np.where(disc(grid, 33, 44, 150e3), grid.lat_deg, np.nan)
    write_cog(tmp_path / "floor.tif", grid, {"floor": floor}, {})
    with rasterio.open(tmp_path / "floor.tif") as file:
        assert file.dtypes == ("float32",)
        assert math.isnan(file.nodata)
        assert np.array_equal(file.read(1), floor.astype(np.float32), equal_nan=True)


@pytest.mark.parametrize("layer", ["mask", "real"])
def test_it_is_cloud_optimised(tmp_path, grid, layer):
    """As GDAL's driver page for COG has it: tiles of 512, overviews down to one tile; the directories of all levels stand at the head of
    the file, and the tiles of overviews before those of the full resolution."""
    values = disc(grid, 33, 44, 150e3) if layer == "mask" else grid.lat_deg
    write_cog(tmp_path / "a.tif", grid, {"a": values}, {})
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(512, 512)]
        assert file.overviews(1) == [2]
        heads = [int(file.get_tag_item("IFD_OFFSET", "TIFF", bidx=1, ovr=level)) for level in (None, 0)]
        tiles = [int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1, ovr=level)) for level in (None, 0)]
    assert max(heads) < tiles[1] < tiles[0]


def test_a_place_that_cannot_be_written_to(tmp_path, grid):
    for write in (
        lambda path: write_cog(path, grid, {"a": np.zeros(grid.shape, bool)}, {}),
        lambda path: write_geojson(path, grid, {}, {}),
    ):
        with pytest.raises(OutputError, match="cannot be written"):
            write(tmp_path / "none" / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["rasterio", "shapely"])
def test_what_is_missing_is_named(tmp_path, grid, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OutputError, match=rf"needs {module}(.|\n)*closedsky\[geo\]"):
        write_geojson(tmp_path / "a.geojson", grid, {100.0: disc(grid, 33, 44, 50e3)}, {})


# GeoJSON


def test_the_area_of_a_country_comes_back(tmp_path, grid):
    """To half a cell a polygon (its corners are cut) and what the geodesic area makes of edges straight in longitude and latitude: of
    18 km at most, off by 18² / 8 R tan 37° = 5 m, 1/200 of a cell along the edge of 4,000 km, 20 km²."""
    mask = inside(grid, country_area("IRQ"))
    write_geojson(tmp_path / "a.geojson", grid, {1000.0: mask}, {"rcs_m2": 1.0})
    (feature,) = read(tmp_path / "a.geojson")
    geometry = shapely.geometry.shape(feature["geometry"])
    assert geometry.geom_type == "MultiPolygon"
    assert on_the_ground(geometry) == pytest.approx(np.count_nonzero(mask), abs=21.0)
    assert feature["properties"] == {"kind": "closed", "height_m": 1000.0, "area_km2": np.count_nonzero(mask), "rcs_m2": 1.0}


def test_ragged_edges_keep_to_half_a_cell(tmp_path):
    """No middle of a cell inside is outside the line, or the other way round, unless it is cut off with a corner: a cell alone on three
    sides keeps its middle. So the cells are the line's, all of them; and the line is valid with its holes and islands."""
    grid = cells([], [(60.0, 10.0, 60e3)], 500.0)
    mask = ragged(grid.shape)
    write_geojson(tmp_path / "a.geojson", grid, {100.0: mask}, {})
    (feature,) = read(tmp_path / "a.geojson")
    geometry = shapely.geometry.shape(feature["geometry"])
    assert shapely.is_valid(geometry)
    assert sum(len(part.interiors) for part in geometry.geoms) > 5
    assert np.array_equal(shapely.contains_xy(geometry, grid.lon_deg, grid.lat_deg), mask)
    assert shapely.get_num_coordinates(geometry) < 0.7 * perimeter_cells(mask)


def perimeter_cells(mask):
    edges = [np.count_nonzero(np.diff(np.pad(mask, 1).astype(int), axis=axis)) for axis in (0, 1)]
    return sum(edges)


def test_right_hand_rule(tmp_path, grid):
    """RFC 7946, section 3.1.6: outer rings counter-clockwise, holes clockwise."""
    mask = disc(grid, 33, 44, 150e3) & ~disc(grid, 33, 44, 50e3)
    write_geojson(tmp_path / "a.geojson", grid, {1000.0: mask}, {}, circles=[(33.0, 44.0, 400e3)])
    closed, circle = (feature["geometry"]["coordinates"] for feature in read(tmp_path / "a.geojson"))
    assert [shapely.LinearRing(ring).is_ccw for ring in closed[0]] == [True, False]
    assert [shapely.LinearRing(ring).is_ccw for ring in circle[0]] == [True]


def test_cut_at_180(tmp_path):
    """RFC 7946, section 3.1.9: nothing crosses 180, and nothing is lost by it."""
    grid = cells([], [(-17.0, 179.9, 100e3)], 1000.0)
    mask = disc(grid, -17.0, 179.9, 90e3)
    write_geojson(tmp_path / "a.geojson", grid, {100.0: mask}, {}, [("U", -17.0, 180.5)], [(-17.0, 179.9, 90e3)])
    closed, circle, unit = read(tmp_path / "a.geojson")
    for feature in (closed, circle):
        geometry = shapely.geometry.shape(feature["geometry"])
        assert len(geometry.geoms) == 2
        west, _, east, _ = geometry.bounds
        assert (west, east) == (-180.0, 180.0)
        assert all(part.bounds[2] - part.bounds[0] < 2.0 for part in geometry.geoms)
        assert on_the_ground(geometry) == pytest.approx(
            math.pi * 90.0**2, rel=2e-3
        )  # 25,447 cells: a spot of them is off by 0.1 %
    assert unit["geometry"]["coordinates"] == [-179.5, -17.0]


def test_units_and_circles(tmp_path, grid):
    write_geojson(tmp_path / "a.geojson", grid, {}, {}, [("Baghdad", 33.3, 44.4)], [(33.3, 44.4, 400e3)])
    circle, unit = read(tmp_path / "a.geojson")
    assert unit["properties"] == {"kind": "unit", "name": "Baghdad"}
    assert unit["geometry"] == {"type": "Point", "coordinates": [44.4, 33.3]}
    assert circle["properties"] == {"kind": "brochure circle", "radius_m": 400e3}
    ((points,),) = circle["geometry"]["coordinates"]
    _, _, away = GEOD.inv(np.full(len(points), 44.4), np.full(len(points), 33.3), *np.array(points).T)
    assert away == pytest.approx(400e3, abs=0.2)  # six decimals of a degree


def test_nothing_closed_is_an_empty_shape(tmp_path, grid):
    write_geojson(tmp_path / "a.geojson", grid, {100.0: np.zeros(grid.shape, bool)}, {})
    (feature,) = read(tmp_path / "a.geojson")
    assert feature["geometry"] == {"type": "MultiPolygon", "coordinates": []}
    assert feature["properties"]["area_km2"] == 0.0
