"""Cells of a map on a grid of degrees: every point shows the cell that it lies in."""

import base64
import zlib

import numpy as np
import pytest

from closedsky.explore.raster import MOST_POINTS, in_degrees, packed
from closedsky.geo.area import country_area
from closedsky.geo.cells import Cells, cell_at, cells


@pytest.fixture(params=["IRQ", "NOR", "FJI"])
def grid(request: pytest.FixtureRequest) -> Cells:
    return cells([country_area(request.param)], [], 2_000.0)


def test_a_point_shows_the_cell_it_lies_in(grid: Cells) -> None:
    raster = in_degrees(grid)
    rows, columns = raster.cell.shape
    number = np.arange(grid.lat_deg.size, dtype=np.int32).reshape(grid.shape)
    shown = raster.read(number, -1)
    rng = np.random.default_rng(7)
    misses = 0
    for row, column in zip(rng.integers(0, rows, 400), rng.integers(0, columns, 400), strict=True):
        lat = raster.north - (row + 0.5) * (raster.north - raster.south) / rows
        lon = raster.west + (column + 0.5) * (raster.east - raster.west) / columns
        at = cell_at(grid, lat, lon)
        misses += (-1 if at is None else number[at]) != shown[row, column]
    assert misses <= 8  # a point within some metres of an edge may show the cell on the other side


def test_the_frame_is_all_there_and_what_is_outside_is_said_to_be(grid: Cells) -> None:
    raster = in_degrees(grid)
    assert raster.west <= grid.lon_deg.min()
    assert raster.north >= grid.lat_deg.max()
    assert (raster.east - grid.lon_deg.max(), grid.lat_deg.min() - raster.south) == pytest.approx((0.0, 0.0), abs=0.2)
    seen = np.unique(raster.cell)
    assert seen[0] == -1  # the corners: degrees are no plane
    assert np.count_nonzero(seen >= 0) > 0.93 * grid.lat_deg.size
    values = np.full(grid.shape, 3, np.uint8)
    assert set(np.unique(raster.read(values, 0))) == {0, 3}


def test_a_wide_map_is_no_larger_than_a_texture() -> None:
    assert max(in_degrees(cells([country_area("RUS")], [], 5_000.0)).cell.shape) == MOST_POINTS


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, ">i2"])
def test_what_is_packed_comes_out_again(dtype: str) -> None:
    values = np.arange(-3, 60).reshape(7, 9).astype(dtype)
    plain = zlib.decompress(base64.b64decode(packed(values)))
    kind = np.dtype(dtype).newbyteorder("<")
    assert np.array_equal(np.frombuffer(plain, kind).reshape(7, 9), values)
