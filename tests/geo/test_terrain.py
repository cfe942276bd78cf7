"""The shipped world against what is known of the world, and the way it is packed against itself."""

import hashlib
import importlib.util
import math
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from scipy.io import netcdf_file

from closedsky.errors import TerrainError
from closedsky.geo.terrain import Terrain, flat, read_terrain, shipped, unpack, world

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_world_terrain.py"
WORLD_SHA256 = "453fd68fec252aad2b8f6a37c27d55926e825654f2858ef26cc28bccddbc4f82"
"""Of the heights as little-endian int16, row by row from 90 N, each row from 180 W."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_world_terrain", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shipped_bytes() -> bytes:
    return files("closedsky.geo").joinpath("data", shipped.WORLD_FILE).read_bytes()


def height_m(ground: Terrain, lat_deg: float, lon_deg: float) -> float:
    """Bilinear height, written apart from the kernel that the engine uses."""
    rows, cols = ground.grid.shape
    row = (ground.north_rad - math.radians(lat_deg)) / ground.lat_step_rad
    col = (math.radians(lon_deg) - ground.west_rad) / ground.lat_step_rad % cols
    top, left = min(int(row), rows - 2), int(col)
    down, right = row - top, col - left
    corners = ground.grid[np.ix_([top, top + 1], [left, (left + 1) % cols])].astype(float)
    return float(np.array([1 - down, down]) @ corners @ np.array([1 - right, right]))


def equal_area_weights(ground: Terrain) -> npt.NDArray[np.float64]:
    rows = np.arange(ground.grid.shape[0])
    return np.repeat(np.cos(ground.north_rad - rows * ground.lat_step_rad)[:, None], ground.grid.shape[1], axis=1)


# What is shipped


def test_the_shipped_heights_are_the_recorded_ones() -> None:
    header, heights = unpack(shipped_bytes())
    assert heights.dtype == np.int16
    assert heights.shape == (2161, 4320)
    assert header["sha256"] == WORLD_SHA256
    assert hashlib.sha256(heights.astype("<i2").tobytes()).hexdigest() == WORLD_SHA256
    assert (int(heights.min()), int(heights.max()), int(heights.sum(dtype=np.int64))) == (0, 7833, 3_577_850_308)
    assert len(shipped_bytes()) < 1_700_000


def test_the_grid_follows_the_convention_of_the_kernels() -> None:
    ground = world()
    assert ground.grid.dtype == np.float32
    assert ground.grid.flags.c_contiguous
    assert not ground.grid.flags.writeable
    assert ground.north_rad == math.pi / 2
    assert ground.west_rad == -math.pi
    assert ground.lat_step_rad == pytest.approx(math.radians(1 / 12), rel=1e-15)
    assert ground.north_rad - (ground.grid.shape[0] - 1) * ground.lat_step_rad == pytest.approx(-math.pi / 2, abs=1e-12)
    assert ground.wraps
    assert ground.posting_m == pytest.approx(9266.2, abs=0.1)
    assert world() is ground


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg", "altitude_m", "tolerance_m"),
    [
        # Published altitudes of places on gentle ground; the tolerance is for 9 km nodes and the year 1988.
        ("Baghdad", 33.31, 44.37, 34, 30),
        ("Denver", 39.74, -104.99, 1609, 200),
        ("Tehran", 35.69, 51.39, 1190, 400),
        ("Kyiv", 50.45, 30.52, 179, 100),
        ("Berlin", 52.52, 13.40, 34, 40),
        ("Moscow", 55.75, 37.62, 156, 60),
        ("Beijing", 39.90, 116.40, 44, 40),
        ("Riyadh", 24.70, 46.70, 612, 150),
        ("Madrid", 40.40, -3.70, 657, 120),
        ("Munich", 48.14, 11.58, 519, 80),
        ("Johannesburg", -26.20, 28.05, 1753, 250),
        ("Mexico City", 19.43, -99.13, 2240, 150),
        ("Canberra", -35.30, 149.10, 578, 200),
        ("Vostok", -78.46, 106.84, 3488, 60),
        ("Summit, Greenland", 72.58, -38.46, 3216, 100),
        ("South Pole", -90.0, 0.0, 2835, 60),
        ("North Pole", 90.0, 0.0, 0, 0),
        ("open Pacific", 0.0, -150.0, 0, 0),
        ("open Pacific at the date line", 10.0, 180.0, 0, 0),
        ("open Atlantic", 30.0, -40.0, 0, 0),
        ("mid Mediterranean", 34.5, 18.5, 0, 0),
        ("Persian Gulf", 27.5, 51.0, 0, 0),
    ],
)
def test_heights_agree_with_what_is_published(
    place: str, lat_deg: float, lon_deg: float, altitude_m: float, tolerance_m: float
) -> None:
    assert height_m(world(), lat_deg, lon_deg) == pytest.approx(altitude_m, abs=tolerance_m), place


def test_everest_is_high_though_cut() -> None:
    assert 6000 < height_m(world(), 27.988, 86.925) < 8849


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg"),
    [("Dead Sea", 31.3, 35.4), ("Astrakhan", 46.35, 48.04), ("Caspian Sea", 42.0, 50.5), ("Qattara", 29.8, 27.3)],
)
def test_land_below_the_sea_is_raised_to_it(place: str, lat_deg: float, lon_deg: float) -> None:
    node = world().grid[round((90 - lat_deg) * 12), round((lon_deg + 180) * 12)]
    assert node == 0.0, place


def test_statistics_agree_with_the_earth() -> None:
    """Land covers 29.2 % of the Earth at a mean altitude of about 0.8 km; the missing 1 % is shelf ice, tidal flats and basins."""
    ground = world()
    weights = equal_area_weights(ground)
    land = ground.grid > 0
    assert weights[land].sum() / weights.sum() == pytest.approx(0.292, abs=0.015)
    assert np.average(ground.grid[land], weights=weights[land]) == pytest.approx(820, abs=40)


@pytest.mark.parametrize(
    ("strait", "lat_deg", "west_deg", "east_deg"),
    [
        # A shift of a few nodes, or a mirrored axis, would put the water elsewhere.
        ("Red Sea at Jeddah", 21.5, 37.2, 39.2),
        ("Adriatic at Ancona", 43.6, 13.5, 16.0),
        ("Gulf of California", 27.0, -112.0, -109.95),
        ("Gulf of Suez", 28.7, 32.8, 33.3),
    ],
)
def test_water_lies_where_it_should(strait: str, lat_deg: float, west_deg: float, east_deg: float) -> None:
    row = round((90 - lat_deg) * 12)
    wet = world().grid[row] == 0
    first, last = round((west_deg + 180) * 12), round((east_deg + 180) * 12)
    middle = (first + last) // 2
    assert wet[middle], strait
    start = middle - int(np.argmin(wet[middle::-1])) + 1
    end = middle + int(np.argmin(wet[middle:])) - 1
    assert abs(start - first) <= 3, strait
    assert abs(end - last) <= 3, strait


def test_the_date_line_has_no_seam() -> None:
    grid = world().grid
    across = np.abs(grid[:, 0] - grid[:, -1]).mean()
    beside = np.abs(grid[:, 1] - grid[:, 0]).mean()
    assert across < 3 * beside + 1


def test_damage_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    head, _, body = shipped_bytes().partition(b"\n")
    for damaged in (
        b"",
        b"not a header\n" + body,
        head + b"\n" + body[:1000],
        head.replace(b"4320", b"4321") + b"\n" + body,
        head.replace(WORLD_SHA256.encode(), b"0" * 64) + b"\n" + body,
        b"{}\n" + body,
    ):
        with pytest.raises(TerrainError, match=r"damaged|checksum") as caught:
            unpack(damaged)
        assert caught.value.faults[0].fix == "install closedsky again"
    monkeypatch.setattr(shipped, "WORLD_FILE", "missing.bin")
    with pytest.raises(TerrainError, match="cannot be read"):
        world.__wrapped__()


# How it is built


def synthetic_relief(rows: int = 13) -> npt.NDArray[np.float64]:
    """Relief of both signs, deep and high, whole metres, rows from south to north, columns from 0 E."""
    return np.random.default_rng(5).integers(-9000, 8000, (rows, 2 * (rows - 1))).astype(np.float64)


def write_netcdf(
    path: Path, lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64], relief: npt.NDArray[np.float64]
) -> None:
    with netcdf_file(str(path), "w") as data:
        for name, values in (("Y", lat_deg), ("X", lon_deg)):
            data.createDimension(name, values.size)
            data.createVariable(name, "f8", (name,))[:] = values
        data.createVariable("ROSE", "f4", ("Y", "X"))[:] = relief


def test_a_netcdf_file_becomes_the_grid_of_the_convention(script: ModuleType, tmp_path: Path) -> None:
    relief = synthetic_relief()
    rows, cols = relief.shape
    source, target = tmp_path / "relief.cdf", tmp_path / "world.bin"
    write_netcdf(source, np.linspace(-90, 90, rows), np.arange(cols) * 360 / cols, relief)
    assert script.main([str(source), "--target", str(target)]) == 0
    _, heights = unpack(target.read_bytes())
    assert heights.shape == relief.shape
    for row in range(rows):
        for col in range(cols):
            lat_deg, lon_deg = 90 - 15 * row, -180 + 15 * col
            assert heights[row, col] == max(relief[(lat_deg + 90) // 15, lon_deg % 360 // 15], 0)
    first = target.read_bytes()
    assert script.main([str(source), "--target", str(target)]) == 0
    assert target.read_bytes() == first
    assert script.main([str(source), "--target", str(target), "--check"]) == 0
    relief[4, 4] = 7999
    write_netcdf(source, np.linspace(-90, 90, rows), np.arange(cols) * 360 / cols, relief)
    assert script.main([str(source), "--target", str(target), "--check"]) == 1


def test_order_drift_and_a_repeated_meridian_make_no_difference(script: ModuleType) -> None:
    relief = synthetic_relief()
    rows, cols = relief.shape
    lat, lon = np.linspace(-90, 90, rows), np.arange(cols) * 360 / cols
    plain = script.arrange(lat, lon, relief)
    assert np.array_equal(script.arrange(lat[::-1], lon, relief[::-1]), plain)
    assert np.array_equal(script.arrange(lat, lon * (1 + 1e-5), relief), plain)
    half = cols // 2
    assert np.array_equal(script.arrange(lat, lon - 180, np.roll(relief, half, axis=1)), plain)
    assert np.array_equal(script.arrange(lat, np.append(lon, 360.0), np.hstack([relief, relief[:, :1]])), plain)


def test_other_relief_is_refused(script: ModuleType) -> None:
    relief = synthetic_relief()
    rows, cols = relief.shape
    lat, lon = np.linspace(-90, 90, rows), np.arange(cols) * 360 / cols
    missing, broken = relief.copy(), relief.copy()
    missing[3, 3], broken[3, 3] = -1e34, 0.5
    for arguments in (
        (lat * 0.99, lon, relief),
        (lat, lon * 1.01, relief),
        (lat, lon + 1, relief),
        (lat, lon[:-1], relief[:, :-1]),
        (lat, lon, missing),
        (lat, lon, broken),
    ):
        with pytest.raises(SystemExit, match="not the relief"):
            script.arrange(*arguments)


def test_packing_is_exact_at_the_extremes(script: ModuleType) -> None:
    heights = np.array([[0, 8000, 0, 8000], [32767, 0, 32767, 0], [0, 0, 0, 1]], dtype=np.int16)
    header, back = unpack(script.pack(heights))
    assert np.array_equal(back, heights)
    assert header["name"] == world().name


def test_the_shipped_file_is_what_the_script_writes(script: ModuleType) -> None:
    """From the heights on: the same header, and heights that come back the same whatever zlib compressed them."""
    shipped_header, heights = unpack(shipped_bytes())
    assert shipped_header["name"] == script.NAME
    assert shipped_header["source"] == script.SOURCE
    assert shipped_header["attribution"] == script.ATTRIBUTION
    some = heights[::40]
    assert np.array_equal(unpack(script.pack(some))[1], some)


# What a scenario can ask for


def test_labels_say_how_coarse_the_ground_is() -> None:
    assert world().label() == "world (ETOPO5), 9.3 km posting: upper bound, 9 km terrain"
    assert world().is_upper_bound
    assert flat().label() == "flat at 0 m"
    assert flat(-0.0).label() == "flat at 0 m"
    assert flat(312.5).label() == "flat at 312.5 m"
    assert not flat().is_upper_bound
    fine = Terrain("valley", 90.0, np.zeros((3, 3)), 0.7, 0.6, 1.4e-5, 1.4e-5, "s", "a")
    assert fine.label() == "valley, 90 m posting"
    assert not fine.is_upper_bound


def test_flat_ground_is_flat_everywhere() -> None:
    ground = flat(250.0)
    assert ground.posting_m == 0.0
    assert ground.wraps
    for lat_deg, lon_deg in ((90, 0), (-90, 10), (12.3, -179.9), (-45, 179.9)):
        assert ground.covers(lat_deg, lon_deg)
        assert height_m(ground, lat_deg, lon_deg) == 250.0


def test_the_world_covers_the_world() -> None:
    for lat_deg, lon_deg in ((90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (33.0, 359.99), (33.0, -539.0)):
        assert world().covers(lat_deg, lon_deg)
    for lat_deg, lon_deg in ((90.1, 0.0), (-91.0, 0.0), (math.nan, 0.0), (0.0, math.inf)):
        assert not world().covers(lat_deg, lon_deg)


def test_a_part_of_the_world_covers_that_part() -> None:
    step = math.radians(1.0)
    part = Terrain("part", 500.0, np.zeros((11, 21)), math.radians(40), math.radians(170), step, step, "s", "a")
    for lat_deg, lon_deg in ((40, 170), (30, 190), (35, -170), (35, 180), (35, 530)):
        assert part.covers(lat_deg, lon_deg)
    for lat_deg, lon_deg in ((40.1, 175), (29.9, 175), (35, 169.9), (35, -169.9), (35, 0)):
        assert not part.covers(lat_deg, lon_deg)


def test_grids_become_the_one_type_that_kernels_take() -> None:
    given = np.asfortranarray(np.arange(12, dtype=np.int16).reshape(3, 4))
    ground = Terrain("g", 90.0, given, 0.0, 0.0, 1e-4, 1e-4, "s", "a")  # type: ignore[arg-type]
    assert ground.grid.dtype == np.float32
    assert ground.grid.flags.c_contiguous
    assert not ground.grid.flags.writeable
    assert np.array_equal(ground.grid, given)
    mine = np.zeros((3, 4), dtype=np.float32)
    Terrain("g", 90.0, mine, 0.0, 0.0, 1e-4, 1e-4, "s", "a")
    mine[0, 0] = 1.0  # the caller's own array stays writable
    with pytest.raises(ValueError, match="two axes"):
        Terrain("g", 90.0, np.zeros(5, dtype=np.float32), 0.0, 0.0, 1e-4, 1e-4, "s", "a")


def test_read_terrain() -> None:
    assert read_terrain("world") is world()
    assert read_terrain("flat").label() == "flat at 0 m"
    assert read_terrain({"flat": 300}).label() == "flat at 300 m"
    assert read_terrain({"flat": -28.5}).grid[0, 0] == -28.5


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ("wrold", "no terrain called 'wrold'"),
        ({"tiles": "glo90"}, "taken for a region"),
        ({"tiles": "glo10"}, "no tiles called 'glo10'"),
        ({"tiles": ["glo90"]}, "no tiles called"),
        ({"file": []}, "is not a file"),
        ({"file": 3}, "is not a file"),
        ({"file": ["a.tif", ""]}, "is not a file"),
        ({"file": "a.tif", "vertical": "moon"}, "heights above 'moon'"),
        ({"vertical": "sea"}, "no terrain called 'vertical'"),
        ({"flat": 1, "vertical": "sea"}, "one word or one key"),
        ({"hills": 3}, "no terrain called 'hills'"),
        ({7: 3}, "no terrain called 7"),
        ({"flat": 1, "file": "x"}, "one word or one key"),
        ({}, "one word or one key"),
        (["world"], "one word or one key"),
        (None, "one word or one key"),
        ({"flat": "high"}, "altitude in metres, not 'high'"),
        ({"flat": True}, "altitude in metres, not True"),
        ({"flat": math.nan}, "flat ground at nan"),
        ({"flat": 10_000}, "flat ground at 10000 m"),
        ({"flat": -501}, "flat ground at -501 m"),
    ],
)
def test_what_cannot_be_read_is_said_with_a_way_out(spec: object, what: str) -> None:
    with pytest.raises(TerrainError, match=what) as caught:
        read_terrain(spec)
    (fault,) = caught.value.faults
    assert fault.where == "terrain"
    assert any(word in fault.fix for word in ("flat", "metre", " m", "scenario", "tiles:", "PATH", "vertical:"))
