"""Cells of equal area, against areas on the ellipsoid and another library's rasteriser."""

import numpy as np
import pyproj
import pytest
import rasterio.features
import shapely

from closedsky.errors import RequestError
from closedsky.geo.area import Area, country_area
from closedsky.geo.cells import cell_at, cells, degrees, frame_round, inside, project

GEOD = pyproj.Geod(ellps="WGS84")


def drawn(*polygons):
    """An area of rings of (lat, lon)."""
    return Area("drawn", "", tuple(tuple(np.array(ring, dtype=float) for ring in rings) for rings in polygons), "")


def frame(south, west, north, east):
    return [(south, west), (south, east), (north, east), (north, west), (south, west)]


IRAQ, FIJI = country_area("IRQ"), country_area("FJI")


@pytest.mark.parametrize("iso3", ["IRN", "IRQ", "NOR", "RUS"])
def test_cells_inside_make_up_the_country(iso3):
    """At 1 km to 0.1 %. The edge cuts cells anywhere: each of E cells on it is wrong by 0.3 of a cell (rms), so that the sum is by
    0.3 √E cells. Norway, the worst, has an edge of some 25,000 km: 50 km² of 387,000, 0.013 %. Russia, at 4 km, 30,000 cells: 830 km²
    of 17 million."""
    area = country_area(iso3)
    grid = cells([area], [], 4000.0 if iso3 == "RUS" else 1000.0)
    assert np.count_nonzero(inside(grid, area)) * grid.cell_m**2 / 1e6 == pytest.approx(area.area_km2, rel=1e-3)


def test_across_180():
    """Fiji lies on both sides of 180. Its edge has some 1,000 km: 10 km² (0.06 %) at 1 km, twice that for two deviations."""
    grid = cells([FIJI], [], 1000.0)
    within = inside(grid, FIJI)
    assert np.count_nonzero(within) == pytest.approx(FIJI.area_km2, rel=2e-3)
    assert within[grid.lon_deg < 180.0].any()
    assert within[grid.lon_deg > 180.0].any()
    assert np.abs(np.diff(grid.lon_deg, axis=1)).max() < 0.02
    assert grid.shape[1] < 1200


def test_inside_as_gdal_has_it():
    """rasterio takes a cell whose middle is within, too. The two may differ where a middle lies nearer to the line than the fiftieth of a
    cell by which a chord may leave it."""
    grid = cells([IRAQ], [], 2000.0)
    ((ring,),) = IRAQ.polygons
    line = shapely.Polygon(np.column_stack(project(grid.crs, *shapely.segmentize(shapely.LineString(ring), 0.002).xy)))
    other = rasterio.features.rasterize([line], grid.shape, transform=rasterio.Affine(*grid.transform)).astype(bool)
    differ = inside(grid, IRAQ) != other
    x, y = project(grid.crs, grid.lat_deg[differ], grid.lon_deg[differ])
    assert np.all(shapely.distance(line.boundary, shapely.points(x, y)) < grid.cell_m / 50.0)
    assert np.count_nonzero(differ) < 20


def test_a_hole_and_an_island_in_it():
    around, hole, island = frame(32, 43, 34, 45), frame(32.5, 43.5, 33.5, 44.5), frame(32.8, 43.8, 33.2, 44.2)
    area = drawn((around, hole), (island,))
    grid = cells([area], [], 500.0)
    lat, lon = grid.lat_deg, grid.lon_deg

    def between(ring):
        (south, west), (north, east) = ring[0], ring[2]
        return (lat > south) & (lat < north) & (lon > west) & (lon < east)

    wanted = (between(around) & ~between(hole)) | between(island)
    # Straight in latitude and longitude, drawn in chords that leave a parallel by a fiftieth of a cell at most: of the cells along
    # parallels, 6 x 100 km, as many may change sides, were the line to fall in step with the rows.
    assert np.count_nonzero(inside(grid, area) != wanted) <= 30


@pytest.mark.parametrize("cell_m", [50.0, 777.0, 50_000.0])
def test_cells_are_of_equal_area_on_the_ellipsoid(cell_m):
    """Corners of a cell in a corner of the frame, by geodesics of pyproj: a cell of the plane is no geodesic square, so 1e-6 of 50 km."""
    half = 20.0 * cell_m
    grid = cells([], [(61.0, 8.0, half), (61.5, 8.5, half)], cell_m)
    left, _, _, top = grid.extent_m
    corner = np.array([(0, 0), (1, 0), (1, -1), (0, -1)]) * cell_m
    lat, lon = degrees(grid.crs, left + corner[:, 0], top + corner[:, 1])
    area, _ = GEOD.polygon_area_perimeter(lon, lat)
    assert abs(area) == pytest.approx(cell_m**2, rel=2e-5)


def test_the_frame_holds_discs():
    grid = cells([], [(35.0, 51.0, 300e3)], 1000.0)
    lon, lat, _ = GEOD.fwd([51.0] * 4, [35.0] * 4, [0.0, 90.0, 180.0, 270.0], [300e3] * 4)
    x, y = project(grid.crs, lat, lon)
    west, east, south, north = grid.extent_m
    # no more than the step of the frame's edges, at most a thirty-second of its width
    for margin_m in (x.min() - west, east - x.max(), y.min() - south, north - y.max()):
        assert 0.0 <= margin_m <= 600e3 / 32.0


def test_frames_of_a_unit_that_is_dragged_are_mostly_the_same():
    frames = [frame_round([IRAQ], [(33.3, 43.0 + 0.05 * step, 420e3)], 1_000.0) for step in range(40)]
    assert len(set(frames)) <= 12


def test_middles_lie_where_the_transform_says():
    grid = cells([IRAQ], [], 10_000.0)
    a, _, c, _, e, f = grid.transform
    there = pyproj.Transformer.from_crs(grid.crs, 4326, always_xy=True)
    for row, col in ((0, 0), (7, 31), (grid.shape[0] - 1, grid.shape[1] - 1)):
        lon, lat = there.transform(a * (col + 0.5) + c, e * (row + 0.5) + f)
        assert (grid.lat_deg[row, col], grid.lon_deg[row, col]) == pytest.approx((lat, lon), abs=1e-9)


@pytest.mark.parametrize(
    ("iso3", "cell_m"), [("IRQ", 1_000.0), ("NOR", 3_000.0), ("FJI", 1_000.0), ("FIN", 2_000.0), ("IRQ", 20_000.0)]
)
def test_splines_between_points_of_the_lattice_are_true_to_a_centimetre(iso3, cell_m):
    grid = cells([country_area(iso3)], [], cell_m)
    (rows, cols), (west, _, _, north) = grid.shape, grid.extent_m
    there = pyproj.Transformer.from_crs(grid.crs, 4326, always_xy=True)
    x, y = np.meshgrid(west + cell_m * (np.arange(cols) + 0.5), north - cell_m * (np.arange(rows) + 0.5))
    lon, lat = there.transform(x, y)
    east = (np.asarray(lon) - grid.lon_deg + 180.0) % 360.0 - 180.0
    off_m = 111_195.0 * np.hypot(np.asarray(lat) - grid.lat_deg, east * np.cos(np.radians(lat)))
    assert off_m.max() < 0.01


def test_the_cell_a_place_lies_in():
    grid = cells([IRAQ], [], 10_000.0)
    for row, col in ((0, 0), (7, 31), (grid.shape[0] - 1, grid.shape[1] - 1)):
        assert cell_at(grid, grid.lat_deg[row, col], grid.lon_deg[row, col]) == (row, col)
    assert cell_at(grid, 0.0, 0.0) is None
    assert cell_at(grid, -33.0, -136.0) is None  # the other end of the Earth


@pytest.mark.parametrize(
    ("areas", "discs", "cell_m", "what"),
    [
        ([IRAQ], [], 49.0, "cells of 49 m"),
        ([IRAQ], [], 50_001.0, "cells of 50001 m"),
        ([IRAQ], [], float("nan"), "cells of nan m"),
        ([IRAQ], [], 50.0, "more than 60,000,000(.|\n)*use cells of 1[234]0 m or more"),
        ([IRAQ], [(-33.9, 151.2, 1000.0)], 1000.0, "km across"),
        ([country_area("FRA")], [], 1000.0, "km across"),
        ([country_area("ATA")], [], 5000.0, "Antarctica goes around a pole"),
        ([], [(89.5, 0.0, 400e3)], 5000.0, "holds a pole"),
        ([], [], 1000.0, "neither an area nor a unit"),
        (
            [drawn((frame(33, 44, 33.02, 44.02),))],
            [],
            1000.0,
            r"drawn has 4\.1\d km², fewer than 30 cells(.|\n)*use cells of 3\d\d m",
        ),
        ([drawn((frame(33, 44, 33.0002, 44.0002),))], [], 50.0, "give a larger area"),
    ],
)
def test_refused(areas, discs, cell_m, what):
    with pytest.raises(RequestError, match=what):
        cells(areas, discs, cell_m)


def test_the_size_that_is_named_is_enough():
    area = drawn((frame(33, 44, 33.02, 44.02),))
    with pytest.raises(RequestError, match="use cells of 372 m or less"):
        cells([area], [], 1000.0)
    assert 20 <= np.count_nonzero(inside(cells([area], [], 371.0), area)) <= 40
