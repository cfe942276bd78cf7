import math

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedsky.physics import geodesy
from closedsky.physics.constants import EARTH_RADIUS_M, WGS84
from closedsky.physics.constants import SPHERE as MEAN_SPHERE

LAT = st.floats(-math.pi / 2, math.pi / 2)
LON = st.floats(-math.pi, math.pi)
ALT = st.floats(-1e4, 1e6)
# Away from the poles, where azimuth and longitude are ill-conditioned.
MID_LAT = st.floats(-1.5, 1.5)

CARTESIAN = pyproj.Transformer.from_pipeline("+proj=cart +ellps=WGS84")
SPHERE = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)


@given(LAT, LON, ALT)
def test_ecef_is_that_of_proj(lat: float, lon: float, alt: float) -> None:
    expected = CARTESIAN.transform(lon, lat, alt, radians=True)
    # 7e6 m in double precision: a rounding is 1e-9 m.
    assert geodesy.ecef(lat, lon, alt, *WGS84) == pytest.approx(expected, abs=1e-7)


@given(LAT, LON, ALT)
def test_geodetic_inverts_ecef_within_a_millimetre(lat: float, lon: float, alt: float) -> None:
    back_lat, back_lon, back_alt = geodesy.geodetic(*geodesy.ecef(lat, lon, alt, *WGS84), *WGS84)
    assert back_alt == pytest.approx(alt, abs=1e-6)
    assert back_lat == pytest.approx(lat, abs=1e-6 / EARTH_RADIUS_M)
    # Longitude is compared as a distance: at a pole it means nothing, and -π is π.
    assert geodesy.angle_between(back_lon, lon) * math.cos(lat) * EARTH_RADIUS_M < 1e-6


@given(LAT, LON, ALT)
def test_on_the_sphere_both_are_elementary(lat: float, lon: float, alt: float) -> None:
    radius = EARTH_RADIUS_M + alt
    expected = (radius * math.cos(lat) * math.cos(lon), radius * math.cos(lat) * math.sin(lon), radius * math.sin(lat))
    assert geodesy.ecef(lat, lon, alt, *MEAN_SPHERE) == pytest.approx(expected, abs=1e-7)
    back_lat, _, back_alt = geodesy.geodetic(*expected, *MEAN_SPHERE)
    assert back_alt == pytest.approx(alt, abs=1e-6)
    assert back_lat == pytest.approx(lat, abs=1e-12)


@given(MID_LAT, LON, st.floats(0, 2e4), LAT, LON, st.floats(0, 1e6))
def test_local_frame_is_that_of_proj(lat: float, lon: float, alt: float, lat2: float, lon2: float, alt2: float) -> None:
    observer = geodesy.ecef(lat, lon, alt, *WGS84)
    target = geodesy.ecef(lat2, lon2, alt2, *WGS84)
    frame = pyproj.Transformer.from_pipeline(
        f"+proj=topocentric +ellps=WGS84 +X_0={observer[0]!r} +Y_0={observer[1]!r} +Z_0={observer[2]!r}"
    )
    expected = frame.transform(*target)
    found = geodesy.enu(lat, lon, *(b - a for a, b in zip(observer, target, strict=True)))
    # PROJ finds the observer's latitude again from its ECEF, to 1e-12 rad or so; over 1e7 m that is 1e-5 m.
    assert found == pytest.approx(expected, abs=1e-3)


@given(MID_LAT, LON, st.floats(1, 1e6), st.floats(0, 6.28), st.floats(-1.5, 1.5))
def test_look_angles_find_the_way_back(lat: float, lon: float, range_m: float, azimuth: float, elevation: float) -> None:
    origin = geodesy.ecef(lat, lon, 100.0, *WGS84)
    east = range_m * math.cos(elevation) * math.sin(azimuth)
    north = range_m * math.cos(elevation) * math.cos(azimuth)
    up = range_m * math.sin(elevation)
    # The local axes, written out: east, north, up as columns.
    axes = (
        (-math.sin(lon), -math.sin(lat) * math.cos(lon), math.cos(lat) * math.cos(lon)),
        (math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat) * math.sin(lon)),
        (0.0, math.cos(lat), math.sin(lat)),
    )
    target = [o + east * e + north * n + up * u for o, (e, n, u) in zip(origin, axes, strict=True)]
    found_range, found_azimuth, found_elevation = geodesy.look_angles(lat, lon, *origin, *target)
    assert found_range == pytest.approx(range_m, abs=1e-8)
    # ECEF is rounded to 1e-9 m; seen from 1 m, flattened by cos 1.5, that is some 1e-7 rad.
    assert geodesy.angle_between(found_azimuth, azimuth) < 1e-8 + 1e-7 / range_m
    assert found_elevation == pytest.approx(elevation, abs=1e-8 + 1e-7 / range_m)
    assert 0.0 <= found_azimuth < 2.0 * math.pi


def test_azimuth_stays_below_a_full_turn() -> None:
    # atan2 gives -1e-17 here, whose remainder modulo 2π rounds to 2π itself.
    _, azimuth, _ = geodesy.look_angles(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1e-17, 1.0)
    assert azimuth == 0.0


@given(MID_LAT, LON, MID_LAT, LON)
def test_great_circle_is_that_of_proj(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    azimuth, _, distance_m = SPHERE.inv(lon1, lat1, lon2, lat2, radians=True)
    angle = geodesy.central_angle(lat1, lon1, lat2, lon2)
    # PROJ itself stops at about a nanometre per metre near the antipode.
    assert angle == pytest.approx(distance_m / EARTH_RADIUS_M, abs=1e-8)
    if 1e-6 < angle < math.pi - 1e-3:
        # A millimetre (PROJ's own precision) across the path.
        assert geodesy.angle_between(geodesy.bearing(lat1, lon1, lat2, lon2), azimuth) * math.sin(angle) < 1e-9


def test_central_angle_of_neighbours_and_antipodes() -> None:
    # A micrometre on the meridian and on the equator: the haversine's square would leave nothing of it near the antipode.
    tiny = 1e-6 / EARTH_RADIUS_M
    assert geodesy.central_angle(0.5, 1.0, 0.5 + tiny, 1.0) == pytest.approx(tiny, rel=1e-3)
    assert geodesy.central_angle(0.0, 0.0, 0.0, tiny) == pytest.approx(tiny, rel=1e-12)
    assert geodesy.central_angle(0.0, 0.0, 0.0, math.pi - 1e-9) == pytest.approx(math.pi - 1e-9, abs=1e-15)
    assert geodesy.central_angle(0.3, 0.0, -0.3, math.pi) == pytest.approx(math.pi, abs=1e-15)
    assert geodesy.central_angle(0.3, 0.7, 0.3, 0.7) == 0.0


@given(MID_LAT, LON, st.floats(0, 6.28), st.floats(0, 3.1))
def test_destination_is_that_of_proj(lat: float, lon: float, azimuth: float, angle: float) -> None:
    expected_lon, expected_lat, _ = SPHERE.fwd(lon, lat, azimuth, angle * EARTH_RADIUS_M, radians=True)
    found = geodesy.destination(lat, lon, azimuth, angle)
    assert geodesy.central_angle(*found, expected_lat, expected_lon) < 1e-9


@given(LAT, LON, LAT, LON, st.floats(0, 1))
def test_points_along_divide_the_great_circle(lat1: float, lon1: float, lat2: float, lon2: float, fraction: float) -> None:
    point = geodesy.along_great_circle(lat1, lon1, lat2, lon2, fraction)
    whole = geodesy.central_angle(lat1, lon1, lat2, lon2)
    # Near the antipode two unit vectors cancel: 1e-16 / (π - angle) is left, and nothing shorter than 1e-12 gets there.
    slack = 1e-14 + 4e-16 / max(math.pi - whole, 1e-4) if whole < math.pi - 1e-4 else 1e-3
    assert geodesy.central_angle(lat1, lon1, *point) == pytest.approx(fraction * whole, abs=slack)
    assert geodesy.central_angle(*point, lat2, lon2) == pytest.approx((1.0 - fraction) * whole, abs=slack)


def test_half_way_between_antipodes_is_by_the_north_pole() -> None:
    lat, _ = geodesy.along_great_circle(0.0, 0.0, 0.0, math.pi, 0.5)
    assert lat == pytest.approx(math.pi / 2)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_angle_between(first: float, second: float) -> None:
    # The angle between two directions is that of their unit vectors.
    dot = math.cos(first) * math.cos(second) + math.sin(first) * math.sin(second)
    cross = math.cos(first) * math.sin(second) - math.sin(first) * math.cos(second)
    assert geodesy.angle_between(first, second) == pytest.approx(abs(math.atan2(cross, dot)), abs=1e-13)
