"""Land or sea, and distances to the shore: made polygons by hand, random ones against GEOS, the sphere by another formula."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from closedsky.physics import shore as physics
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.shore import Shore, coast_distance, on_land, seaward, shore

Floats = npt.NDArray[np.float64]
DEGREE_M = math.radians(1.0) * EARTH_RADIUS_M


def of_degrees(*rings: list[tuple[float, float]]) -> Shore:
    return shore([np.radians(np.array(ring)) for ring in rings])


def inside(coast: Shore, lat_deg: float, lon_deg: float) -> bool:
    return bool(on_land(coast, math.radians(lat_deg), math.radians(lon_deg)))


def box(south: float, west: float, north: float, east: float) -> list[tuple[float, float]]:
    return [(south, west), (south, east), (north, east), (north, west), (south, west)]


@pytest.mark.parametrize("turn", [-720.0, -360.0, 0.0, 360.0])
def test_a_box_with_a_hole_at_any_turn_of_longitude(turn: float) -> None:
    coast = of_degrees(box(10, 20, 30, 40), box(18, 28, 22, 32))
    for lat, lon in ((11, 21), (29, 39), (20, 27), (23, 30)):
        assert inside(coast, lat, lon + turn)
    for lat, lon in ((9, 21), (31, 39), (20, 30), (20, 19), (20, 41), (20, 210), (-20, 30)):
        assert not inside(coast, lat, lon + turn)


@pytest.mark.parametrize("east", [190.0, -170.0])
def test_across_the_antimeridian(east: float) -> None:
    """The line goes the shorter way around, whether its longitude runs on past 180 or jumps."""
    coast = of_degrees(box(-20, 170, -10, east))
    for lon in (171, 179.99, 180, -180, -179.99, -171, 189):
        assert inside(coast, -15, lon)
    for lon in (169, -169, 0, 191):
        assert not inside(coast, -15, lon)
    # 9 degrees from the western meridian, 10 from the eastern: sin of the distance = cos of the latitude x sin of the difference
    angle_rad = math.asin(math.cos(math.radians(15.0)) * math.sin(math.radians(9.0)))
    apart = coast_distance(
        of_degrees([(-20, 170), (-10, 170)], [(-20, east), (-10, east)]), math.radians(-15.0), math.radians(179.0)
    )
    assert apart == pytest.approx(angle_rad * EARTH_RADIUS_M, rel=1e-9)


def test_around_the_south_pole() -> None:
    coast = of_degrees([(-70.0, lon) for lon in (-180, -90, 0, 90, 180)])
    for lon in (0.0, 45.0, 123.4, 180.0, -180.0):
        assert inside(coast, -90, lon)
        assert inside(coast, -71, lon)
        assert not inside(coast, -69, lon)
        assert not inside(coast, 90, lon)


def test_a_vertex_on_the_meridian_of_a_point_is_crossed_once() -> None:
    coast = of_degrees([(0, 0), (10, 5), (0, 10), (-10, 5), (0, 0)])
    assert inside(coast, 0, 5)
    assert not inside(coast, -11, 5)
    assert not inside(coast, 11, 5)
    touching = of_degrees([(0, 0), (10, 5), (10, -5), (0, 0)])  # its tip points south, on the meridian
    assert not inside(touching, -5, 0)
    assert inside(touching, 5, 0)


def test_random_stars_against_geos() -> None:
    rng = np.random.default_rng(12)
    azimuth = np.sort(rng.uniform(0.0, 2.0 * math.pi, 400))
    size = rng.uniform(2.0, 20.0, 400)
    ring = np.column_stack([10.0 + size * np.sin(azimuth), 50.0 + size * np.cos(azimuth)])
    ring = np.vstack([ring, ring[:1]])
    coast = shore([np.radians(ring)])
    points = np.column_stack([rng.uniform(-15.0, 35.0, 4000), rng.uniform(25.0, 75.0, 4000)])
    theirs = shapely.contains_xy(shapely.Polygon(ring[:, ::-1]), points[:, 1], points[:, 0])
    ours = [inside(coast, *point) for point in points]
    assert 0.1 < np.mean(theirs) < 0.9
    assert ours == list(theirs)


def _by_sampling(ring: Floats, lat: float, lon: float) -> float:
    """Least haversine distance to 20,000 points along the great circles between the points of a line, m."""
    unit = np.column_stack([np.cos(ring[:, 0]) * np.cos(ring[:, 1]), np.cos(ring[:, 0]) * np.sin(ring[:, 1]), np.sin(ring[:, 0])])
    share = np.linspace(0.0, 1.0, 20_000)[:, None, None]
    along = (1.0 - share) * unit[None, :-1] + share * unit[None, 1:]
    along /= np.linalg.norm(along, axis=2, keepdims=True)
    lats, lons = np.arcsin(along[..., 2]), np.arctan2(along[..., 1], along[..., 0])
    half = np.sin(0.5 * (lats - lat)) ** 2 + math.cos(lat) * np.cos(lats) * np.sin(0.5 * (lons - lon)) ** 2
    return float(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half.min())))


def test_distances_against_sampled_great_circles() -> None:
    """Sampling can only be too long: by (step / 2)² / (2 distance), and never by more than half a step, 28 m on a side of 10°."""
    ring = np.radians(np.array(box(10, 20, 20, 30)))
    coast = shore([ring])
    for lat, lon in ((15, 25), (15.1, 20.5), (5, 25), (0, 0), (25, 35), (-15, -155), (20, 25.5), (10, 20), (60, 40)):
        theirs = _by_sampling(ring, math.radians(lat), math.radians(lon))
        assert coast_distance(coast, math.radians(lat), math.radians(lon)) == pytest.approx(theirs, abs=30.0, rel=1e-9)


@pytest.mark.parametrize(
    ("at", "degrees"),
    [
        ((0.0, 5.0), 0.0),
        ((3.0, 5.0), 3.0),  # abeam of an edge on the equator
        ((-4.0, 0.0), 4.0),
        ((0.0, 17.0), 7.0),  # past an end, along it
        ((0.0, -170.0), 170.0),  # almost the other side of the Earth: 0 E is 170 away, 10 E 180
        ((90.0, 77.0), 90.0),
    ],
)
def test_distances_in_closed_form(at: tuple[float, float], degrees: float) -> None:
    coast = of_degrees([(0, 0), (0, 10)])
    # Half a centimetre: arcs near 180 degrees lose half the digits of a chord.
    assert coast_distance(coast, *map(math.radians, at)) == pytest.approx(degrees * DEGREE_M, abs=0.005)


def test_passing_over_blocks_loses_nothing() -> None:
    """A thousand scattered islands, where most blocks are passed over: the nearest is the nearest of each alone."""
    rng = np.random.default_rng(3)
    middle = np.column_stack([np.degrees(np.arcsin(rng.uniform(-1, 1, 300))), rng.uniform(-180, 180, 300)])
    rings = [
        np.radians(np.array([(a, b), (a + 0.3, b + 0.2), (a - 0.2, b + 0.4), (a, b)])) for a, b in np.clip(middle, -180, 180)
    ]
    together, alone = shore(rings), [shore([ring]) for ring in rings]
    assert together.reach.size > 16 * alone[0].reach.size
    for lat, lon in np.radians(np.column_stack([rng.uniform(-90, 90, 40), rng.uniform(-180, 180, 40)])):
        assert coast_distance(together, lat, lon) == min(coast_distance(one, lat, lon) for one in alone)


def test_seaward_is_both_in_one() -> None:
    coast = of_degrees(box(10, 20, 30, 40))
    lat, lon = np.radians([20.0, 20.0]), np.radians([22.0, 17.0])
    out = np.empty(2)
    seaward(coast, lat, lon, out)
    assert out[0] == -coast_distance(coast, lat[0], lon[0])
    assert out[1] == coast_distance(coast, lat[1], lon[1])
    assert out[0] < 0.0 < out[1]


def test_an_edge_lies_in_every_band_it_crosses() -> None:
    coast = of_degrees([(0, 170), (5, -150), (10, 170), (0, 170)])
    edges = [coast.banded[coast.first[b] : coast.first[b + 1]] for b in range(physics.BANDS)]
    width = 360.0 / physics.BANDS
    crossed = {b for b in range(physics.BANDS) if -180.0 + b * width < -150.0 or -180.0 + (b + 1) * width > 170.0}
    assert {b for b in range(physics.BANDS) if len(edges[b]) >= 2} >= crossed
    assert sum(len(one) for one in edges) < 2 * 3 * len(crossed)
