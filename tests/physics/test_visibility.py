import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import brentq

from closedsky.physics import geodesy, visibility
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION
from closedsky.physics.ground import Ground, bilinear

HEIGHT = st.floats(0.1, 2e4)
K = st.sampled_from([1.0, K_REFRACTION, 1.6])


def _plane_position(k: float, altitude_m: float, ground_range_m: float) -> tuple[float, float]:
    """Across and up from the centre of the sphere of radius k R, the antenna being straight up."""
    phi = ground_range_m / (k * EARTH_RADIUS_M)
    radius_m = k * EARTH_RADIUS_M + altitude_m
    return radius_m * math.sin(phi), radius_m * math.cos(phi)


def _lowest_altitude(k: float, h1_m: float, h2_m: float, ground_range_m: float) -> float:
    """Distance of the segment between two points from the centre of the sphere, less its radius; by plane geometry."""
    ax, ay = _plane_position(k, h1_m, 0.0)
    bx, by = _plane_position(k, h2_m, ground_range_m)
    share = -(ax * (bx - ax) + ay * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    share = min(1.0, max(0.0, share))
    return math.hypot(ax + share * (bx - ax), ay + share * (by - ay)) - k * EARTH_RADIUS_M


# ------------------------------------------------------------------------------------------------------------- smooth Earth
@given(HEIGHT, HEIGHT, K)
def test_horizon_is_where_the_straight_line_touches(h1: float, h2: float, k: float) -> None:
    horizon_m = visibility.horizon_range(h1, h2, k)
    # The model asks for 1 m: a metre nearer the line is clear of the sphere, a metre farther it cuts it.
    assert _lowest_altitude(k, h1, h2, horizon_m - 1.0) > 0.0
    assert _lowest_altitude(k, h1, h2, horizon_m + 1.0) < 0.0


def test_parabola_is_longer_than_the_arc() -> None:
    # acos(1 / (1 + x)) = sqrt(2 x) (1 - 5 x / 12 + ...), x = h / (k R), for 20 km.
    x = 20_000.0 / (K_REFRACTION * EARTH_RADIUS_M)
    ratio = visibility.horizon_range(20_000.0, 0.0, K_REFRACTION) / visibility.horizon_range_parabola(20_000.0, 0.0, K_REFRACTION)
    assert ratio == pytest.approx(1.0 - 5.0 * x / 12.0, abs=x * x)


@given(st.floats(-400, 1e4), st.floats(-400, 1e6), st.floats(100, 5e6), K)
def test_apparent_tangent_is_that_of_plane_geometry(h1: float, h2: float, ground_range_m: float, k: float) -> None:
    _, ay = _plane_position(k, h1, 0.0)
    bx, by = _plane_position(k, h2, ground_range_m)
    # by - ay cancels to 1e-9 m or so.
    assert visibility.apparent_tangent(h1, h2, ground_range_m, k) == pytest.approx((by - ay) / bx, rel=1e-9, abs=4e-9 / bx * 10)


def test_apparent_tangent_at_its_limits() -> None:
    assert visibility.apparent_tangent(10.0, 20.0, 0.0, 1.0) == math.inf
    assert visibility.apparent_tangent(20.0, 10.0, 0.0, 1.0) == -math.inf
    assert visibility.apparent_tangent(10.0, 1e6, 1.5 * math.pi * EARTH_RADIUS_M, 1.0) == -math.inf


@given(HEIGHT, HEIGHT, st.floats(-430, 3000), K, st.floats(-5, 5))
def test_smooth_visibility_ends_at_the_horizon(h1: float, h2: float, ground_m: float, k: float, past_m: float) -> None:
    assume(abs(past_m) > 1.0)
    # On ground at another level the sphere is that much larger, and ground range is still counted along R.
    lifted_k = k + ground_m / EARTH_RADIUS_M
    range_m = visibility.horizon_range(h1, h2, lifted_k) * k / lifted_k + past_m
    assume(range_m > 0.0)
    assert visibility.smooth_visible(ground_m + h1, ground_m + h2, ground_m, range_m, k) is (past_m < 0.0)


def test_nothing_is_seen_from_below_the_ground() -> None:
    assert not visibility.smooth_visible(-1.0, 100.0, 0.0, 1000.0, 1.0)
    assert visibility.smooth_visible(-1.0, 100.0, -430.0, 1000.0, 1.0)
    assert visibility.smooth_visible(0.0, 100.0, 0.0, 1000.0, 1.0)


# ---------------------------------------------------------------------------------------------------------------- the grid
STEP = math.radians(0.1)
NORTH = math.radians(47.0)
WEST = math.radians(8.0)
ROUGH = np.random.default_rng(3).uniform(-400.0, 3000.0, (21, 31))


@given(st.floats(45.0, 47.0), st.floats(8.0, 11.0))
def test_bilinear_is_that_of_scipy(lat_deg: float, lon_deg: float) -> None:
    rows, columns = np.arange(21.0), np.arange(31.0)
    point = ((47.0 - lat_deg) / 0.1, (lon_deg - 8.0) / 0.1)
    expected = RegularGridInterpolator((rows, columns), ROUGH, bounds_error=False, fill_value=None)(np.array([point]))[0]
    found = bilinear(Ground(ROUGH, NORTH, WEST, STEP, STEP), math.radians(lat_deg), math.radians(lon_deg))
    # A cell index is good to 1e-13; times 3400 m.
    assert found == pytest.approx(float(expected), abs=1e-8)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16])
def test_bilinear_gives_the_centres_back(kind: Any) -> None:
    grid = ROUGH.astype(kind)
    for row, column in ((0, 0), (20, 30), (7, 13)):
        found = bilinear(Ground(grid, NORTH, WEST, STEP, STEP), NORTH - row * STEP, WEST + column * STEP)
        assert found == pytest.approx(float(grid[row, column]), abs=1e-6)
    # Half way between two cells of the kind's own extremes: the sum must not be taken in that kind.
    steep = np.array([[30000, 30000]]).astype(kind)
    assert bilinear(Ground(steep, 0.0, 0.0, STEP, STEP), 0.0, 0.5 * STEP) == pytest.approx(30000.0)


def test_bilinear_outside_is_as_at_the_edge() -> None:
    for lat, lon, expected in (
        (NORTH + 1.0, WEST, ROUGH[0, 0]),
        (NORTH, WEST - 0.2, ROUGH[0, 0]),
        (NORTH - 1.0, WEST + 40.0 * STEP, ROUGH[20, 30]),
    ):
        assert bilinear(Ground(ROUGH, NORTH, WEST, STEP, STEP), lat, lon) == pytest.approx(float(expected))


@given(st.floats(-89, 89), st.floats(-180, 180), st.sampled_from([-360.0, 0.0, 360.0]))
def test_bilinear_goes_round_the_world(lat_deg: float, lon_deg: float, turn_deg: float) -> None:
    # A wave of one length round the world, cell centres at -175, -165, ... 175: interpolated across the date line as anywhere else.
    step = math.radians(10.0)
    north, west = math.radians(85.0), math.radians(-175.0)
    grid = np.tile(100.0 * np.cos(np.radians(np.arange(-175.0, 180.0, 10.0))), (18, 1))
    cell = math.floor((lon_deg + 175.0) / 10.0)
    share = (lon_deg + 175.0) / 10.0 - cell
    left, right = (100.0 * math.cos(math.radians(10.0 * c - 175.0)) for c in (cell, cell + 1))
    found = bilinear(Ground(grid, north, west, step, step), math.radians(lat_deg), math.radians(lon_deg + turn_deg))
    assert found == pytest.approx((1.0 - share) * left + share * right, abs=1e-9)


def test_bilinear_on_a_piece_across_the_date_line() -> None:
    grid = np.array([[0.0, 100.0, 200.0, 300.0]])
    ground = Ground(grid, 0.0, math.radians(178.5), math.radians(1.0), math.radians(1.0))
    for lon_deg in (-180.5, 179.5, 539.5):
        assert bilinear(ground, 0.0, math.radians(lon_deg)) == pytest.approx(100.0)
    assert bilinear(ground, 0.0, math.radians(-179.0)) == pytest.approx(250.0)


# --------------------------------------------------------------------------------------------------------- line of sight
def _visible(
    grid: npt.NDArray[Any], lat1: float, lon1: float, alt1: float, lat2: float, lon2: float, alt2: float, k: float = K_REFRACTION
) -> bool:
    """`terrain_visible` on the grid of this file, positions in degrees."""
    where = (math.radians(lat1), math.radians(lon1), alt1, math.radians(lat2), math.radians(lon2), alt2)
    return visibility.terrain_visible(Ground(grid, NORTH, WEST, STEP, STEP), *where, k)


@given(
    st.floats(-1.4, 1.4),
    st.floats(-3, 3),
    st.floats(0, 6.28),
    HEIGHT,
    HEIGHT,
    st.sampled_from([-430.0, 0.0, 2500.0]),
    K,
    st.floats(-5, 5),
    st.sampled_from([(1, 1), (9, 7)]),
)
def test_flat_terrain_is_the_exact_arc(
    lat: float, lon: float, azimuth: float, h1: float, h2: float, ground_m: float, k: float, past_m: float, shape: tuple[int, int]
) -> None:
    """A metre to either side of the horizon, on a grid of one altitude, coarse as it may be, above and below the sea."""
    assume(abs(past_m) > 1.0)
    lifted_k = k + ground_m / EARTH_RADIUS_M
    range_m = visibility.horizon_range(h1, h2, lifted_k) * k / lifted_k + past_m
    assume(range_m > 0.0)
    grid = np.full(shape, ground_m, dtype=np.float32)
    lat2, lon2 = geodesy.destination(lat, lon, azimuth, range_m / EARTH_RADIUS_M)
    found = visibility.terrain_visible(Ground(grid, 0.5, 0.1, 0.01, 0.01), lat, lon, ground_m + h1, lat2, lon2, ground_m + h2, k)
    assert found is (past_m < 0.0)
    assert found is visibility.smooth_visible(ground_m + h1, ground_m + h2, ground_m, range_m, k)


def test_below_the_sea() -> None:
    """Dead Sea ground: a shore at -430 m sees along it; sea at 0 on a grid of its own hides the same two points."""
    points = (46.0, 9.0, -420.0, 46.0, 9.1, -425.0)
    assert _visible(np.full((21, 31), -430.0), *points)
    assert not _visible(np.zeros((21, 31)), *points)
    # A basin between two low shores: the ray dips below sea level and nothing is in its way.
    basin = np.zeros((21, 31))
    basin[:, 8:23] = -400.0
    horizon_km = visibility.horizon_range(20.0, 20.0, K_REFRACTION) / 1000.0
    apart_deg = math.degrees((horizon_km + 20.0) * 1000.0 / EARTH_RADIUS_M / math.cos(math.radians(46.0)))
    shores = (46.0, 9.5 - apart_deg / 2.0, 20.0, 46.0, 9.5 + apart_deg / 2.0, 20.0)
    assert _visible(basin, *shores)
    assert not _visible(np.zeros((21, 31)), *shores)


@pytest.mark.parametrize("row", [5, 9, 13])
def test_ridge_across_the_path(row: int) -> None:
    """One row of 1500 m among plain: the lowest altitude seen behind it is the line over the crest, by plane geometry."""
    grid = np.zeros((21, 31), dtype=np.int16)
    grid[row, :] = 1500
    crest_lat = 47.0 - 0.1 * row
    lat1, lat2, lon = 45.05, 46.95, 9.53
    metres = EARTH_RADIUS_M * math.radians(1.0)

    def over_crest_m(altitude_m: float) -> float:
        _, ay = _plane_position(K_REFRACTION, 30.0, 0.0)
        bx, by = _plane_position(K_REFRACTION, altitude_m, (lat2 - lat1) * metres)
        cx, cy = _plane_position(K_REFRACTION, 1500.0, (crest_lat - lat1) * metres)
        return (by - ay) / bx - (cy - ay) / cx

    floor_m = float(brentq(over_crest_m, 0.0, 100_000.0))
    # Sampled every 2 km at most, a crest with slopes of 1500 m in 11 km is missed by at most 1 km, 135 m, seen larger with distance.
    slack_m = 135.0 * (lat2 - lat1) / (crest_lat - lat1)
    assert _visible(grid, lat1, lon, 30.0, lat2, lon, floor_m + 1.0)
    assert not _visible(grid, lat1, lon, 30.0, lat2, lon, floor_m - slack_m - 1.0)


def _clearance_m(grid: npt.NDArray[Any], ends: tuple[float, float, float, float, float, float], k: float) -> float:
    """Least clearance of the ray above the terrain, at 4000 points of a great circle taken as a turning vector; SciPy's interpolation."""
    lat1, lon1, alt1, lat2, lon2, alt2 = ends
    lats, lons = np.radians([lat1, lat2]), np.radians([lon1, lon2])
    a, b = np.stack([np.cos(lats) * np.cos(lons), np.cos(lats) * np.sin(lons), np.sin(lats)], axis=1)
    omega = math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
    share = np.linspace(0.0, 1.0, 4002)[1:-1]
    points = (np.sin((1 - share) * omega)[:, None] * a + np.sin(share * omega)[:, None] * b) / math.sin(omega)
    lat_deg = np.degrees(np.arcsin(points[:, 2]))
    lon_deg = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    surface = RegularGridInterpolator((np.arange(grid.shape[0]), np.arange(grid.shape[1])), grid)
    ground_m = surface(np.stack([(47.0 - lat_deg) / 0.1, (lon_deg - 8.0) / 0.1], axis=1))
    ax, ay = _plane_position(k, alt1, 0.0)
    bx, by = _plane_position(k, alt2, omega * EARTH_RADIUS_M)
    # Where the line from the centre at angle φ meets the ray.
    phi = share * omega / k
    radius = (ax * (by - ay) - ay * (bx - ax)) / (np.sin(phi) * (by - ay) - np.cos(phi) * (bx - ax))
    return float(np.min(radius - k * EARTH_RADIUS_M - ground_m))


@given(st.integers(0, 2**32 - 1), st.floats(500, 12_000), K)
def test_hills_as_a_dense_profile_sees_them(seed: int, target_alt_m: float, k: float) -> None:
    random = np.random.default_rng(seed)
    grid = random.uniform(0.0, 500.0, (21, 31))
    (lat1, lat2), (lon1, lon2) = random.uniform(45.1, 46.9, 2), random.uniform(8.1, 10.9, 2)
    ground_m = bilinear(Ground(grid, NORTH, WEST, STEP, STEP), math.radians(lat1), math.radians(lon1))
    ends = (lat1, lon1, ground_m + 60.0, lat2, lon2, target_alt_m)
    assume(math.hypot(lat1 - lat2, lon1 - lon2) > 0.05)
    clearance_m = _clearance_m(grid, ends, k)
    # Slopes reach 500 m in a posting's 7.8 km east and 11.1 km north, together 78 m per km; a crest is missed by at most 1 km.
    assume(not -80.0 < clearance_m <= 0.0)
    assert _visible(grid, *ends, k) is (clearance_m > 0.0)


def test_wall_on_the_date_line_and_near_the_pole() -> None:
    """A path of 200 km is blocked by the same wall wherever the longitudes run out; its arc bulges by 590 m in the middle."""
    step = math.radians(0.5)
    for lat_deg in (0.0, 60.0, 89.0, 89.5):
        for middle_deg in (0.0, 90.0, 180.0):
            lats = math.radians(89.75) - step * np.arange(360)
            wall = np.zeros((360, 720), dtype=np.float32)
            wall[np.abs(lats - math.radians(lat_deg)) < step, :] = 2000.0
            north = geodesy.destination(math.radians(lat_deg), math.radians(middle_deg), 0.0, math.radians(0.9))
            south = geodesy.destination(math.radians(lat_deg), math.radians(middle_deg), math.pi, math.radians(0.9))
            corner = (math.radians(89.75), math.radians(-179.75), step, step)
            # 3000 m to 3000 m passes the middle at 2410 m; 3000 m to 1000 m at 1410 m.
            assert visibility.terrain_visible(Ground(wall, *corner), *north, 3000.0, *south, 3000.0, K_REFRACTION)
            assert not visibility.terrain_visible(Ground(wall, *corner), *north, 3000.0, *south, 1000.0, K_REFRACTION)
            assert visibility.terrain_visible(Ground(np.zeros_like(wall), *corner), *north, 3000.0, *south, 1000.0, K_REFRACTION)


def test_straight_up_and_beyond_the_world() -> None:
    grid = np.zeros((21, 31))
    assert _visible(grid, 46.0, 9.0, 10.0, 46.0, 9.0, 1000.0)
    assert not _visible(grid, 46.0, 9.0, 10.0, -46.0, -171.0, 1e6)
    # A satellite does not see the other side of the Earth, however high.
    assert not _visible(grid, 46.0, 9.0, 10.0, -40.0, -170.0, 1e7)


def test_high_target_is_masked_by_what_is_near() -> None:
    """A mountain beside the antenna hides a target far above any ground: samples stop only after the ray has climbed past it."""
    grid = np.zeros((21, 31))
    grid[:, 11] = 8500.0
    assert not _visible(grid, 46.0, 9.0, 10.0, 46.0, 9.3, 15_000.0)
    assert _visible(grid, 46.0, 9.0, 10.0, 46.0, 9.3, 40_000.0)


def test_ray_coming_down_from_above_all_ground() -> None:
    """An airborne antenna at 12 km: the ray starts above any mountain, and its foot is still tested."""
    grid = np.zeros((21, 31))
    grid[:, 20] = 3000.0
    assert not _visible(grid, 46.0, 8.5, 12_000.0, 46.0, 10.2, 500.0)
    assert _visible(np.zeros((21, 31)), 46.0, 8.5, 12_000.0, 46.0, 10.2, 500.0)


def test_crest_within_the_first_step() -> None:
    """A crest 500 m from one end, 58 m above a mast on its slope, and lower than the ray again at the first even sample (2 km)."""
    grid = np.zeros((21, 31))
    grid[10, :] = 1500.0
    per_degree_m = EARTH_RADIUS_M * math.radians(1.0)
    crest = 46.0
    mast = crest - 500.0 / per_degree_m
    far = mast + 80_000.0 / per_degree_m
    mast_alt_m = 1500.0 * (1.0 - (crest - mast) / 0.1) + 10.0
    # A level ray ends 377 m higher, at some 1820 m: to 2000 m it climbs by 0.13°, 1 m over the 500 m to the crest.
    assert not _visible(grid, mast, 9.0, mast_alt_m, far, 9.0, 2000.0)
    assert not _visible(grid, far, 9.0, 2000.0, mast, 9.0, mast_alt_m)
    assert _visible(grid, mast, 9.0, mast_alt_m + 100.0, far, 9.0, 2000.0)


@pytest.mark.parametrize("offset_deg", [0.0, 0.03, 0.07])
def test_narrow_wall_on_the_date_line(offset_deg: float) -> None:
    """A wall two postings wide on 180°, crossed west to east: the positions just there must not swing round the world."""
    step = math.radians(0.02)
    wall = np.zeros((11, 101), dtype=np.float32)
    wall[:, 50] = 1000.0
    corner = (math.radians(0.1), math.radians(179.0), step, step)
    west, east = math.radians(179.6 + offset_deg), math.radians(-179.6 + offset_deg)
    assert not visibility.terrain_visible(Ground(wall, *corner), 0.0, west, 500.0, 0.0, east, 500.0, K_REFRACTION)
    assert visibility.terrain_visible(Ground(wall, *corner), 0.0, west, 1500.0, 0.0, east, 1500.0, K_REFRACTION)
    # The same away from the date line.
    assert not visibility.terrain_visible(
        Ground(wall, corner[0], 0.0, step, step), 0.0, 0.010, 500.0, 0.0, 0.024, 500.0, K_REFRACTION
    )


@given(
    st.lists(st.floats(0.0, 900.0), min_size=4, max_size=4),
    st.floats(0.0, 0.9),
    st.floats(0.05, 0.95),
    st.floats(-1.0, 1.0),
    st.floats(300.0, 2e5),
)
def test_steepest_in_cell_is_that_of_a_dense_walk(
    corners: list[float], line: float, node: float, drift: float, s_m: float
) -> None:
    """4,001 places along the way over SciPy's bilinear cell, by the tangent of `apparent_tangent` at d = k R asin(s / (k R))."""
    radius_m, rate_m, antenna_m = K_REFRACTION * EARTH_RADIUS_M, 100.0 * math.hypot(1.0, drift), 450.0
    reach = (1.0 - node) / drift if drift > 0.0 else node / -drift if drift < 0.0 else math.inf
    part = min(1.0 - line, reach)
    found = visibility.steepest_in_cell(tuple(corners), line, node, part, drift, s_m, rate_m, antenna_m, radius_m, False)
    u = np.linspace(0.0, part, 4001)
    cell = RegularGridInterpolator(([0.0, 1.0], [0.0, 1.0]), np.array(corners).reshape(2, 2), bounds_error=False, fill_value=None)
    heights = cell(np.stack([line + u, node + drift * u], axis=1))
    ranges = radius_m * np.arcsin((s_m + rate_m * u) / radius_m)
    tangents = [visibility.apparent_tangent(antenna_m, h, d, K_REFRACTION) for h, d in zip(heights, ranges, strict=True)]
    # The start is the end of the cell before. A top between two of the places is missed by less than 900 m / 2000² / s.
    assert max(found, tangents[0]) == pytest.approx(max(tangents), abs=1e-3 / s_m)
