"""The floor round antennas: of files, of the shipped world, of several antennas; and the command that writes it."""

import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio

import closedsky
from closedsky.errors import ClosedskyError, RequestError, TerrainError
from closedsky.geo.floor import raster_round
from closedsky.geo.terrain import world
from closedsky.geo.terrain.placement import Placement
from closedsky.geo.terrain.raster import Raster
from tests.command import closedsky as closedsky_command
from tests.geo.rasters import degrees, height_at

K_RADIUS_M = 4.0 / 3.0 * 6_371_000.0


def level_floor_m(mast_m: float, away_m: float) -> float:
    """Tangent to a smooth sphere at sea level, exact arc."""
    beyond = away_m / K_RADIUS_M - math.acos(K_RADIUS_M / (K_RADIUS_M + mast_m))
    return K_RADIUS_M / math.cos(beyond) - K_RADIUS_M if beyond > 0.0 else 0.0


@pytest.fixture
def sea(tmp_path: Path) -> Path:
    """A degree and a half of sea, 15 arc-seconds a node, across the date line."""
    return degrees(tmp_path / "sea.tif", 50.0, 179.0, 1.0 / 240.0, (361, 481), lambda lat, lon: 0.0 * lat)


def test_floor_over_the_sea(sea: Path) -> None:
    raster = closedsky.read_raster(sea)
    found = closedsky.floor(raster, 49.25, -179.9, 20.0)
    from pyproj import Geod

    for row, col in ((0, 0), (360, 480), (180, 5), (100, 300)):
        lat, lon = 50.0 - row / 240.0, 179.0 + col / 240.0
        away_m = Geod(ellps="WGS84").inv(-179.9, 49.25, lon, lat)[2]
        # A line between two lines of the lattice is taken as straight: 0.1 m of 20 m of mast, seen from the side, is nothing to see.
        assert found[row, col] == pytest.approx(level_floor_m(20.0, away_m), abs=0.1, rel=1e-3)


def test_out_of_reach_there_is_no_floor(sea: Path) -> None:
    raster = closedsky.read_raster(sea)
    everywhere = closedsky.floor(raster, 49.25, 180.0, 20.0)
    near = closedsky.floor(raster, 49.25, 180.0, 20.0, radius_m=30e3)
    seen = np.isfinite(near)
    assert np.allclose(near[seen], everywhere[seen], atol=0.05)
    # A disc of 30 km on nodes of 463 m by 463 m cos 49.25.
    node_m2 = (math.radians(1.0 / 240.0) * 6_371_000.0) ** 2 * math.cos(math.radians(49.25))
    assert np.count_nonzero(seen) * node_m2 == pytest.approx(math.pi * 30e3**2, rel=0.02)


def test_several_antennas_see_what_any_of_them_sees(tmp_path: Path) -> None:
    rough = np.random.default_rng(3).uniform(0.0, 900.0, (200, 220))
    path = degrees(tmp_path / "hills.tif", 41.0, 20.0, 1.0 / 600.0, (200, 220), lambda lat, lon: rough)
    raster = closedsky.read_raster(path)
    places = [(40.9, 20.1), (40.8, 20.3), (40.75, 20.05)]
    each = [closedsky.floor(raster, lat, lon, 15.0, radius_m=12e3) for lat, lon in places]
    together = closedsky.floor(raster, [lat for lat, _ in places], [lon for _, lon in places], 15.0, radius_m=12e3, threads=2)
    assert np.array_equal(together, np.fmin.reduce(each), equal_nan=True)
    assert np.array_equal(
        closedsky.floor(raster, *places[0], 15.0, threads=1), closedsky.floor(raster, *places[0], 15.0, threads=3)
    )


@pytest.mark.parametrize("at", [(36.2, 44.0), (0.0, 179.95), (79.0, -20.0)])
def test_the_world_round_a_place(at: tuple[float, float]) -> None:
    raster = raster_round("world", [at], 300e3)
    row, column = raster.index(*at)
    rows, _ = raster.grid.shape
    assert rows < 80
    for dy, dx in ((0, 0), (-20, 10), (15, -25)):
        i, j = round(row) + dy, round(column) + dx
        lat, lon = (float(value) for value in raster.placement.position(np.array(i), np.array(j)))
        assert raster.grid[i, j] == pytest.approx(height_at(world(), lat, lon), abs=1e-3)
    # It holds the whole disc.
    floor = closedsky.floor(raster, *at, 20.0, radius_m=290e3)
    assert np.isnan(floor[[0, -1]]).all()
    assert np.isnan(floor[:, [0, -1]]).all()


def test_what_cannot_be_is_refused(sea: Path) -> None:
    raster = closedsky.read_raster(sea)
    for arguments, field in (
        ((49.25, 170.0, 20.0), "--at"), ((49.25, 180.0, -1.0), "--height"), ((49.25, 180.0, 20.0, 0.1), "--refraction-k"),
        ((49.25, 180.0, 20.0, 1.3, 0.0), "--radius"),
    ):  # fmt: skip
        with pytest.raises(RequestError, match=field):
            closedsky.floor(raster, *arguments)
    with pytest.raises(TerrainError, match="86 degrees"):
        closedsky.floor(raster_round("world", [(84.0, 0.0)], 400e3), 84.0, 0.0, 20.0)
    with pytest.raises(ClosedskyError, match="large"):
        raster_round("world", [(40.0, 0.0)], math.inf)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return closedsky_command("terrain", "floor", *arguments)


def test_the_raster_itself_is_not_written_over(sea: Path) -> None:
    before = sea.read_bytes()
    done = command(str(sea), "--at=49.25,180", "--height=20", f"--out={sea}", "--force")
    assert done.returncode == 2
    assert sea.read_bytes() == before


def test_the_command_writes_what_the_function_gives(sea: Path, tmp_path: Path) -> None:
    out = tmp_path / "floor.tif"
    done = command(str(sea), "--at=49.25,180", "--height=20", f"--out={out}", "--above=ground")
    assert done.returncode == 0, done.stderr
    with rasterio.open(out) as file:
        assert np.array_equal(file.read(1), closedsky.floor(closedsky.read_raster(sea), 49.25, 180.0, 20.0))
        assert file.tags()["ANTENNAS"] == "49.25,180"
        assert math.isnan(file.nodata)
    again = command(str(sea), "--at=49.25,180", "--height=20", f"--out={out}")
    assert again.returncode == 2
    assert "--force" in again.stderr
    smaller = command(str(sea), "--at=49.25,180", "--height=20", f"--out={out}", "--force", "--compress")
    assert smaller.returncode == 0, smaller.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["floor.tif", "sea.tif"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.tif", "--at=1,2", "--height=20"], "no such file"),
        (["world", "--at=1;2", "--height=20", "--radius=1e5"], "LAT,LON"),
        (["world", "--at=100,2", "--height=20", "--radius=1e5"], "latitude first"),
        (["world", "--at=1,2", "--height=20", "--radius=0"], "--radius"),
        (["world", "--at=1,2", "--height=20", "--radius=1e5", "--vertical=elipsoid"], "--vertical"),
        (["world", "--at=1,2", "--height=20"], "--radius"),
        (["world", "--at=1,2", "--height=20", "--radius=1e5", "--above=moon"], "sea or ground"),
        (["world", "--at=1,2", "--height=20", "--radius=1e5", "--threads=0"], "--threads"),
        (["world", "--at=nan,2", "--height=20", "--radius=1e5"], "--at"),
    ],
)
def test_wrong_requests_are_one_clear_error(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = command(*arguments, f"--out={tmp_path / 'floor.tif'}")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("north_deg", [85.5, 80.0, 70.0, 45.0, 1.0])
def test_no_node_in_reach_is_left_out(north_deg: float) -> None:
    """Wherever the antenna, however far it reaches: every node nearer than 0.99 of that has a floor, and none beyond 1.01."""
    from pyproj import CRS, Geod

    nodes, step, random = 300, 0.01, np.random.default_rng(7)
    place = Placement(CRS.from_epsg(4326).to_wkt(), (step, 0.0, 10.0, 0.0, -step, north_deg), nodes, nodes)
    level = np.full((nodes, nodes), 500.0, np.float32)
    raster = Raster("plain", level, *place.lattice(), 1000.0, place.crs, place.transform, "", "")
    rows, columns = np.meshgrid(np.arange(nodes), np.arange(nodes), indexing="ij")
    lats, lons = place.position(rows.ravel(), columns.ravel())
    for reach_m in (*(10.0 ** random.uniform(3.0, 5.3, 8)), math.inf):
        row, column = random.uniform(0.0, nodes - 1.0, 2)
        lat, lon = (float(value) for value in place.position(np.array(row), np.array(column)))
        floor = closedsky.floor(raster, lat, lon, 20.0, radius_m=reach_m).ravel()
        away_m = Geod(ellps="WGS84").inv(np.full_like(lons, lon), np.full_like(lats, lat), lons, lats)[2]
        assert np.isfinite(floor[away_m < 0.99 * reach_m]).all()
        assert np.isnan(floor[away_m > 1.01 * reach_m]).all()
        assert np.nanmin(floor, initial=500.0) >= 500.0
