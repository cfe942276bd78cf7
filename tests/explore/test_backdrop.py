"""Tiles of the globe against other libraries: an interpolator, a rasteriser, a hillshade."""

import math

import numpy as np
import pytest
import rasterio.features
import shapely
from matplotlib.colors import LightSource
from scipy.interpolate import RegularGridInterpolator

from closedsky.errors import RequestError
from closedsky.explore.backdrop import DEEPEST, heights, lines, relief
from closedsky.geo.land import land
from closedsky.geo.terrain import world
from closedsky.physics.shore import on_land, shore

ANATOLIA = (3, 9, 2)


def pixels(z, x, y):
    return np.frombuffer(relief(z, x, y), dtype=np.uint8).reshape(256, 256, 2)


def nodes(z, x, y):
    return np.frombuffer(heights(z, x, y), dtype="<f4").reshape(65, 65)


def middles(z, x, y):
    """Latitude of each row and longitude of each column of pixels."""
    edge = 180.0 / 2**z
    return 90.0 - edge * (y + (np.arange(256) + 0.5) / 256), -180.0 + edge * (x + (np.arange(256) + 0.5) / 256)


@pytest.fixture(scope="module")
def interpolator():
    """SciPy's, over the world with its first column once more at 180."""
    grid = world().grid
    closed = np.hstack([grid, grid[:, :1]]).astype(np.float64)
    return RegularGridInterpolator((np.linspace(-90, 90, grid.shape[0]), np.linspace(-180, 180, grid.shape[1] + 1)), closed[::-1])


# Every corner of the map, both sides of 180, and somewhere in the mountains.
PLACES = [(0, 0, 0), (0, 1, 0), ANATOLIA, (4, 0, 3), (4, 31, 3), (8, 0, 0), (8, 511, 255), (8, 364, 84)]


@pytest.mark.parametrize("tile", PLACES)
def test_heights_are_the_terrains(tile, interpolator):
    """To a millimetre: float32 holds heights below 8192 m to half of one."""
    z, x, y = tile
    edge = 180.0 / 2**z
    lat, lon = 90.0 - edge * (y + np.arange(65) / 64), -180.0 + edge * (x + np.arange(65) / 64)
    assert nodes(*tile) == pytest.approx(interpolator(tuple(np.meshgrid(lat, lon, indexing="ij"))), abs=1e-3)


@pytest.mark.parametrize("z", [0, 1, 5, DEEPEST])
def test_neighbours_share_their_edges(z):
    last, y = 2 ** (z + 1) - 1, min(2**z - 1, 2**z // 4)
    for west, east in ((0, 1), (last, 0)):  # the second: across 180
        assert np.array_equal(nodes(z, west, y)[:, -1], nodes(z, east, y)[:, 0])
    if z:
        assert np.array_equal(nodes(z, 1, y)[-1], nodes(z, 1, y + 1)[0])


@pytest.mark.parametrize("y", [0, 2**6 - 1])
def test_a_pole_is_one_place(y):
    """The ground at a pole does not depend on the meridian by which it is reached."""
    row = 0 if y == 0 else -1
    assert len({float(height) for x in (0, 17, 100) for height in nodes(6, x, y)[row]}) == 1


# Land and sea


@pytest.mark.parametrize("tile", [ANATOLIA, (5, 36, 9), (6, 72, 18), (8, 336, 89)])
def test_land_is_that_of_the_countries(tile):
    """GDAL burns a pixel whose middle a polygon holds, as we do; on an edge the two may round apart: one pixel in ten thousand."""
    z, x, y = tile
    edge = 180.0 / 2**z
    frame = rasterio.Affine(edge / 256, 0.0, -180.0 + x * edge, 0.0, -edge / 256, 90.0 - y * edge)
    shapes = [
        shapely.Polygon(rings[0][:, ::-1], [hole[:, ::-1] for hole in rings[1:]])
        for country in land().countries
        if country.iso3 != "ATA"  # goes around a pole
        for rings in country.polygons
    ]
    burnt = rasterio.features.rasterize(shapes, out_shape=(256, 256), transform=frame)
    assert 0 < np.count_nonzero(burnt) < burnt.size
    assert np.count_nonzero((pixels(*tile)[..., 0] > 0) != (burnt > 0)) <= 6


@pytest.mark.parametrize("tile", [(0, 0, 0), (0, 1, 0), (4, 0, 2), (4, 31, 2), (4, 31, 9), (3, 0, 7), (3, 15, 7)])
def test_land_is_that_of_the_shore_everywhere(tile):
    """Both sides of 180 (Chukotka, Fiji) and down to the South Pole: the kernel counts crossings on the sphere, from the point asked."""
    lat, lon = middles(*tile)
    coast = shore([np.radians(line) for line in land().coasts])
    seen, chance = pixels(*tile)[..., 0] > 0, np.random.default_rng(6)
    for row, col in chance.integers(0, 256, (150, 2)):
        assert seen[row, col] == on_land(coast, math.radians(lat[row]), math.radians(lon[col])), (lat[row], lon[col])


@pytest.mark.parametrize(
    ("place", "lat", "lon", "dry"),
    [("Baghdad", 33.3, 44.4, True), ("Caspian Sea", 41.0, 50.5, False), ("Black Sea", 43.0, 34.0, False),
     ("Vostok", -78.46, 106.84, True), ("North Pole", 89.9, 10.0, False), ("South Pole", -89.9, -100.0, True),
     ("Wrangel Island", 71.2, 179.9, True), ("Wrangel Island, east of 180", 71.2, -179.5, True)],
)  # fmt: skip
def test_known_places(place, lat, lon, dry):
    col, row = int((lon + 180.0) * 2**6 / 180 * 256), int((90.0 - lat) * 2**6 / 180 * 256)
    assert (pixels(6, col // 256, row // 256)[row % 256, col % 256, 0] > 0) == dry, place


def test_ground_tells_altitude(interpolator):
    """1 + altitude / 25 m, rounded down; the sea is level."""
    tile = (5, 41, 9)  # the Alborz and the Caspian
    altitude_m = interpolator(tuple(np.meshgrid(*middles(*tile), indexing="ij")))
    ground, light = np.moveaxis(pixels(*tile), -1, 0)
    told = 1 + altitude_m / 25.0
    assert np.all(np.abs(ground - np.floor(told))[(ground > 0) & (abs(told - np.rint(told)) > 1e-6)] == 0)
    assert ground.max() > 60
    assert np.all(light[ground == 0] == 128)


def test_light_comes_from_the_north_west():
    """As matplotlib's hillshade has it, over the nodes of Anatolia and the Caucasus; it stretches its contrast, so that the
    two are alike, not equal. Light is read between pixels and rounded to 1 in 255, and is clipped at its darkest: 0.98, not 1."""
    z, x, y = 4, 19, 4  # 33.75 to 45° E
    count = 180 * 12 // 2**z
    north, west = y * count, x * count
    patch = world().grid[north : north + count + 1, west : west + count + 1].astype(np.float64)
    across_m = world().posting_m * math.cos(math.radians(90.0 - 180.0 / 2**z * (y + 0.5)))
    theirs = LightSource(315, 45).hillshade(patch, vert_exag=8.0, dx=across_m, dy=world().posting_m)
    within = (np.arange(1, count)) * 256 / count - 0.5
    light = RegularGridInterpolator((np.arange(256.0),) * 2, pixels(z, x, y)[..., 1].astype(float))
    ours = light(tuple(np.meshgrid(within, within, indexing="ij")))
    dry = patch[1:-1, 1:-1] > 0
    assert np.corrcoef(ours[dry], theirs[1:-1, 1:-1][dry])[0, 1] > 0.98


# What is refused, and lines


@pytest.mark.parametrize("tile", [(-1, 0, 0), (DEEPEST + 1, 0, 0), (0, 2, 0), (0, 0, 1), (3, -1, 0), (3, 0, 8)])
@pytest.mark.parametrize("drawn", [relief, heights])
def test_a_tile_that_is_not_there_is_refused(drawn, tile):
    with pytest.raises(RequestError, match="no tile"):
        drawn(*tile)


def test_lines_are_the_lands():
    """To three decimals, 56 m at most; a coast is good to kilometres."""
    for told, drawn in ((lines().coasts, land().coasts), (lines().borders, land().borders)):
        assert len(told) == len(drawn)
        for flat, line in zip(told, drawn, strict=True):
            assert np.array(flat).reshape(-1, 2)[:, ::-1] == pytest.approx(line, abs=5.001e-4)
