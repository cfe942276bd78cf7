"""The exact profiles are exact: shapes whose floor is known in closed form, and, on fractal land, a dense walk along the true geodesic."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import minimize_scalar

from tests.reference import profile, relief, shapes
from tests.reference.profile import WGS84, Surface

SPHERE_M = 4.0 / 3.0 * 6_371_000.0
STEP_DEG = 1.0 / 120.0


def ray(antenna_m: float, alt_m: float, seen_m: float, metres: float) -> float:
    """Altitude at `metres` of the ray from `antenna_m` over a point at `alt_m`, `seen_m` away, by vectors in the plane of the path."""
    rho, phi = SPHERE_M, np.array([seen_m, metres]) / SPHERE_M
    over, up = (rho + alt_m) * math.sin(phi[0]), (rho + alt_m) * math.cos(phi[0]) - rho - antenna_m
    # (0, ρ + A) + t (over, up) on the radius that leaves the centre at φ: x / y = tan φ
    t = (rho + antenna_m) * math.tan(phi[1]) / (over - up * math.tan(phi[1]))
    return math.hypot(t * over, rho + antenna_m + t * up) - rho


def column(heights: npt.ArrayLike, lat_deg: float = 0.0) -> Surface:
    """Land that changes from row to row only, row 0 northernmost."""
    grid = np.repeat(np.asarray(heights, np.float32)[:, None], 5, axis=1)
    return Surface(grid, "EPSG:4326", -2.0 * STEP_DEG, lat_deg + STEP_DEG * (len(grid) - 1), STEP_DEG, STEP_DEG)


def one(land: Surface, antenna: profile.Antenna, row: int, column: int) -> float:
    return float(profile.floor(land, antenna, np.array([row]), np.array([column]))[0])


@pytest.mark.parametrize("lat_deg", [0.0, 60.0])
@pytest.mark.parametrize("level_m", [-430.0, 0.0, 2500.0])
@pytest.mark.parametrize("height_m", [2.0, 200.0])
def test_level_ground(height_m: float, level_m: float, lat_deg: float) -> None:
    """Tangent to the sphere of radius r = ρ + g: r / cos(φ - acos(r / (r + h))) - ρ, and the ground itself before the horizon."""
    land = column(np.full(361, level_m), lat_deg)
    antenna = profile.antenna(land, lat_deg, 0.0, height_m)
    level = SPHERE_M + level_m
    horizon = math.acos(level / (level + height_m))
    for row in (0, 100, 300, 359):
        far = float(WGS84.inv(0.0, lat_deg, 0.0, lat_deg + STEP_DEG * (360 - row))[2])
        expected = max(level / math.cos(max(far / SPHERE_M - horizon, 0.0)) - SPHERE_M, level_m)
        # Along a chord of 500 m the touched point is found to within x² / 2 ρ of nothing: the peak between cuts is exact.
        assert one(land, antenna, row, 2) == pytest.approx(expected, abs=1e-6 * far / 1000.0)


@pytest.mark.parametrize("crest_row", [320, 358, 395])
def test_ridge(crest_row: int) -> None:
    """A roof over one row, 400 m high: all behind it is under the ray over its crest, and before it the ground is seen."""
    heights = np.maximum(0.0, 400.0 - 100.0 * np.abs(np.arange(401) - crest_row)).astype(np.float32)
    land = column(heights)
    antenna = profile.antenna(land, 0.0, 0.0, 30.0)
    start_m = float(heights[400]) + 30.0
    crest = float(WGS84.inv(0.0, 0.0, 0.0, STEP_DEG * (400 - crest_row))[2])
    for row in range(0, crest_row - 4, 7):
        far = float(WGS84.inv(0.0, 0.0, 0.0, STEP_DEG * (400 - row))[2])
        assert one(land, antenna, row, 2) == pytest.approx(ray(start_m, 400.0, crest, far), abs=1e-5)
    assert one(land, antenna, crest_row, 2) == pytest.approx(400.0, abs=1e-9)


@pytest.mark.parametrize("height_m", [5.0, 40.0])
def test_saddle(height_m: float) -> None:
    """A cell with opposite corners at 0 and H: along its diagonal 2 H s (1 - s), highest apparent tangent found by SciPy's search."""
    step_deg, high_m = 0.1, 600.0
    land = Surface(np.array([[high_m, 0.0], [0.0, high_m]], np.float32), "EPSG:4326", 0.0, step_deg, step_deg, step_deg)
    antenna = profile.antenna(land, 0.0, 0.0, height_m)
    far = float(WGS84.inv(0.0, 0.0, step_deg, step_deg)[2])

    def depressed(metres: float) -> float:
        z, phi = 2.0 * high_m * metres / far * (1.0 - metres / far), metres / SPHERE_M
        return -((SPHERE_M + z) * math.cos(phi) - SPHERE_M - height_m) / ((SPHERE_M + z) * math.sin(phi))

    touched = float(minimize_scalar(depressed, bounds=(1.0, far), method="bounded", options={"xatol": 1e-3}).x)
    z = 2.0 * high_m * touched / far * (1.0 - touched / far)
    # The geodesic is beside the diagonal by x² / 8 R · tan(lat): 1 cm, across which the saddle changes by its square.
    assert one(land, antenna, 0, 1) == pytest.approx(ray(height_m, z, touched, far), abs=0.02)


Walk = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def walked(land: Surface, antenna: profile.Antenna, row: int, column: int) -> float:
    """The same floor by the true geodesic, no polyline: even samples of SciPy's bilinear surface, more about the nine best peaks."""
    end = [float(degrees) for degrees in land.lonlat(row, column)]
    azimuth, _, far = WGS84.inv(antenna.lon_deg, antenna.lat_deg, *end)
    surface = RegularGridInterpolator([np.arange(n) for n in land.heights.shape], land.heights.astype(np.float64))

    def seen(metres: npt.NDArray[np.float64]) -> Walk:
        start = (np.full_like(metres, value) for value in (antenna.lon_deg, antenna.lat_deg, azimuth))
        lon, lat, _ = WGS84.fwd(*start, metres)
        z = surface(np.stack([np.clip(at, 0.0, 999.0) for at in land.place(lon, lat)], axis=-1))
        phi, radius = metres / SPHERE_M, SPHERE_M + z
        return (radius * np.cos(phi) - SPHERE_M - antenna.alt_m) / (radius * np.sin(phi)), z, metres

    even = np.linspace(0.0, far, 100_002)[1:-1]
    tangents, _, _ = seen(even)
    peaks = np.flatnonzero((tangents >= np.roll(tangents, 1)) & (tangents >= np.roll(tangents, -1)))
    peaks = peaks[np.argsort(tangents[peaks])][-9:]
    about = np.linspace(-even[0], even[0], 4001)
    tangents, z, metres = seen(np.clip((even[peaks, None] + about).ravel(), 1e-3, far - 1e-3))
    best = int(np.argmax(tangents))
    return max(ray(antenna.alt_m, float(z[best]), float(metres[best]), far), float(land.heights[row, column]))


@pytest.mark.parametrize("lat_deg", [None, 0.0, 60.0, 80.0])
def test_dense_walk(lat_deg: float | None) -> None:
    """Fractal land, 0 to 3,300 m, floors a kilometre or five up. The polyline is beside the geodesic by some millimetres (below), which the
    slope makes a height and the ratio of the distances makes larger: a centimetre in the end."""
    if lat_deg is None:
        land = relief.utm(relief.fractal(1000, 3, rough=5.0))
    else:
        land = relief.degrees(relief.fractal(1000, 3, rough=5.0, narrow=relief.narrow(lat_deg)), lat_deg)
    start = [float(degrees) for degrees in land.lonlat(480.3, 510.8)]
    antenna = profile.antenna(land, start[1], start[0], 20.0)
    nodes = np.random.default_rng(4).integers(0, 1000, (30, 2))
    found = profile.floor(land, antenna, nodes[:, 0], nodes[:, 1])
    dense = np.array([walked(land, antenna, int(row), int(column)) for row, column in nodes])
    assert np.median(found - land.heights[nodes[:, 0], nodes[:, 1]]) > 300.0
    np.testing.assert_allclose(found, dense, rtol=0.0, atol=0.02)


@pytest.mark.parametrize("lat_deg", [None, 60.0, 80.0])
def test_chords_are_close_to_the_geodesic(lat_deg: float | None) -> None:
    """Half way along each chord, against the geodesic there: millimetres within 3 km, less than a decimetre anywhere."""
    level = np.zeros((5000, 5000), np.float32)
    land = relief.utm(level) if lat_deg is None else relief.degrees(level, lat_deg)
    lon, lat = land.lonlat(2500.0, 2500.0)
    antenna = profile.antenna(land, float(lat), float(lon), 20.0)
    for corner in ((0, 0), (2500, 0), (100, 4000), (4999, 4999)):
        ((metres, row, column),) = antenna.paths(land, np.array(corner[:1]), np.array(corner[1:]))
        middle = 0.5 * (metres[:-1] + metres[1:])
        lon, lat = land.lonlat(0.5 * (row[:-1] + row[1:]), 0.5 * (column[:-1] + column[1:]))
        end_lon, end_lat = land.lonlat(*corner)
        azimuth = WGS84.inv(antenna.lon_deg, antenna.lat_deg, float(end_lon), float(end_lat))[0]
        on_lon, on_lat, _ = WGS84.fwd(*(np.full_like(middle, v) for v in (antenna.lon_deg, antenna.lat_deg, azimuth)), middle)
        beside = WGS84.inv(lon, lat, on_lon, on_lat)[2]
        assert beside.max() < 0.1
        assert beside[middle < 3000.0].max() < 0.005


@pytest.mark.parametrize("name", shapes.SHAPES)
@pytest.mark.parametrize("in_degrees", [True, False])
def test_broken_lines(name: str, in_degrees: bool) -> None:
    """Shapes in closed form, nodes everywhere, paths at any angle to the grid: within what paths a metre or two aside are worth."""
    land = shapes.land(name, in_degrees)
    lon, lat = (float(degrees) for degrees in land.lonlat(950.25, 510.5))
    antenna = profile.antenna(land, lat, lon, 20.0)
    nodes = np.random.default_rng(1).integers(0, shapes.SIZE, (2, 400))
    exact = shapes.closed_form(shapes.SHAPES[name], land, antenna, *nodes)
    np.testing.assert_allclose(profile.floor(land, antenna, *nodes), exact, rtol=0.0, atol=0.1)
