"""Where things are: positions on an ellipsoid or a sphere, local frames, great circles.

Positions are ECEF on an ellipsoid of revolution, given by its semi-major axis and first eccentricity squared (`constants.WGS84`,
`constants.SPHERE`). Great circles run on a sphere and take geodetic latitude as if it were spherical: against
the ellipsoid's geodesic, lengths are wrong by up to 0.6 %, the same on both sides of every comparison made here.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.jit import kernel

TWO_PI = 2.0 * math.pi


@kernel
def ecef(lat_rad: float, lon_rad: float, alt_m: float, axis_m: float, e2: float) -> tuple[float, float, float]:
    """ECEF coordinates x, y, z in m of a point by the ellipsoid of semi-major axis `axis_m` and first eccentricity squared `e2`.

    The altitude (above mean sea level) is taken as the height above the ellipsoid; the undulation of the geoid (within ±107 m)
    is ignored. It shifts neighbours alike, so differences of position hardly see it.

    x = (N + h) cos φ cos λ,  y = (N + h) cos φ sin λ,  z = (N (1 - e²) + h) sin φ,  N = a / √(1 - e² sin² φ)  (NIMA TR8350.2).
    """
    sin_lat = math.sin(lat_rad)
    cos_lat = math.cos(lat_rad)
    normal_m = axis_m / math.sqrt(1.0 - e2 * sin_lat * sin_lat)
    away_m = (normal_m + alt_m) * cos_lat
    return away_m * math.cos(lon_rad), away_m * math.sin(lon_rad), (normal_m * (1.0 - e2) + alt_m) * sin_lat


@kernel
def geodetic(x_m: float, y_m: float, z_m: float, axis_m: float, e2: float) -> tuple[float, float, float]:
    """Latitude, longitude in rad and height above the ellipsoid in m of an ECEF point; inverse of `ecef`.

    Bowring's iteration on the parametric latitude β: tan φ = (z + e'² b sin³ β) / (p - e² a cos³ β), tan β = (1 - f) tan φ, where
    1 - f = √(1 - e²), b = a (1 - f), e'² = e² / (1 - e²). Three rounds give less than a micrometre between -10 km and 1000 km.
    h = p cos φ + z sin φ - a √(1 - e² sin² φ) holds at the poles too (Bowring 1976, 1985).
    """
    away_m = math.sqrt(x_m * x_m + y_m * y_m)
    flatter = math.sqrt(1.0 - e2)
    up_m, out_m = z_m, away_m * flatter
    for _ in range(3):  # sines and cosines by the sides of the triangle: an angle is asked for once, at the end
        side_m = math.sqrt(up_m * up_m + out_m * out_m)
        sin_beta, cos_beta = up_m / side_m, out_m / side_m
        rise_m, away_of_axis_m = z_m + e2 / flatter * axis_m * sin_beta**3, away_m - e2 * axis_m * cos_beta**3
        up_m, out_m = flatter * rise_m, away_of_axis_m
    side_m = math.sqrt(rise_m * rise_m + away_of_axis_m * away_of_axis_m)
    sin_lat, cos_lat = rise_m / side_m, away_of_axis_m / side_m
    alt_m = away_m * cos_lat + z_m * sin_lat - axis_m * math.sqrt(1.0 - e2 * sin_lat * sin_lat)
    return math.atan2(rise_m, away_of_axis_m), math.atan2(y_m, x_m), alt_m


@kernel
def enu(lat_rad: float, lon_rad: float, dx_m: float, dy_m: float, dz_m: float) -> tuple[float, float, float]:
    """East, north and up in m of an ECEF difference, in the local frame at a geodetic latitude and longitude."""
    sin_lat = math.sin(lat_rad)
    cos_lat = math.cos(lat_rad)
    sin_lon = math.sin(lon_rad)
    cos_lon = math.cos(lon_rad)
    outward_m = cos_lon * dx_m + sin_lon * dy_m
    east_m = cos_lon * dy_m - sin_lon * dx_m
    return east_m, cos_lat * dz_m - sin_lat * outward_m, cos_lat * outward_m + sin_lat * dz_m


@kernel
def _turn(angle_rad: float) -> float:
    """The same angle in [0, 2π)."""
    wrapped_rad = angle_rad % TWO_PI
    # The remainder of a tiny negative angle rounds to 2π itself.
    return 0.0 if wrapped_rad >= TWO_PI else wrapped_rad


@kernel
def look_angles(
    lat_rad: float, lon_rad: float, ox_m: float, oy_m: float, oz_m: float, x_m: float, y_m: float, z_m: float
) -> tuple[float, float, float]:
    """Slant range in m, azimuth in [0, 2π) from north through east, and elevation, both in rad, of a point.

    The observer is given by geodetic latitude and longitude and by ECEF (ox, oy, oz); the point by ECEF (x, y, z). Straight line,
    no refraction: the geometric elevation.
    """
    east_m, north_m, up_m = enu(lat_rad, lon_rad, x_m - ox_m, y_m - oy_m, z_m - oz_m)
    level_m = math.sqrt(east_m * east_m + north_m * north_m)
    range_m = math.sqrt(level_m * level_m + up_m * up_m)
    return range_m, _turn(math.atan2(east_m, north_m)), math.atan2(up_m, level_m)


@kernel
def central_angle(lat1_rad: float, lon1_rad: float, lat2_rad: float, lon2_rad: float) -> float:
    """Angle in rad at the centre of the sphere between two points: atan2(|a x b|, a · b), good from nought to antipodal."""
    sin1 = math.sin(lat1_rad)
    cos1 = math.cos(lat1_rad)
    sin2 = math.sin(lat2_rad)
    cos2 = math.cos(lat2_rad)
    half = math.sin(0.5 * (lon2_rad - lon1_rad))
    # cos1 sin2 - sin1 cos2 cos(dlon), written so that nearby points do not cancel
    across = cos2 * math.sin(lon2_rad - lon1_rad)
    along = math.sin(lat2_rad - lat1_rad) + 2.0 * sin1 * cos2 * half * half
    dot = sin1 * sin2 + cos1 * cos2 * (1.0 - 2.0 * half * half)
    return math.atan2(math.sqrt(across * across + along * along), dot)


@kernel
def bearing(lat1_rad: float, lon1_rad: float, lat2_rad: float, lon2_rad: float) -> float:
    """Azimuth in [0, 2π), from north through east, in which the great circle to the second point leaves the first."""
    half = math.sin(0.5 * (lon2_rad - lon1_rad))
    across = math.cos(lat2_rad) * math.sin(lon2_rad - lon1_rad)
    along = math.sin(lat2_rad - lat1_rad) + 2.0 * math.sin(lat1_rad) * math.cos(lat2_rad) * half * half
    return _turn(math.atan2(across, along))


@kernel
def destination(lat_rad: float, lon_rad: float, azimuth_rad: float, angle_rad: float) -> tuple[float, float]:
    """Latitude and longitude in rad, the latter in [-π, π], reached from a point after an arc of `angle_rad` along an azimuth."""
    sin_lat = math.sin(lat_rad)
    cos_lat = math.cos(lat_rad)
    outward = math.cos(angle_rad) * cos_lat - math.sin(angle_rad) * math.cos(azimuth_rad) * sin_lat
    north = math.cos(angle_rad) * sin_lat + math.sin(angle_rad) * math.cos(azimuth_rad) * cos_lat
    east = math.sin(angle_rad) * math.sin(azimuth_rad)
    x = outward * math.cos(lon_rad) - east * math.sin(lon_rad)
    y = outward * math.sin(lon_rad) + east * math.cos(lon_rad)
    return math.atan2(north, math.sqrt(x * x + y * y)), math.atan2(y, x)


@kernel
def along_great_circle(
    lat1_rad: float, lon1_rad: float, lat2_rad: float, lon2_rad: float, fraction: float
) -> tuple[float, float]:
    """Latitude and longitude in rad at a fraction of the way from the first point to the second, at even speed (spherical interpolation).

    p = (sin((1 - f) ω) a + sin(f ω) b) / sin ω  (Shoemake 1985). Equal points give that point. Antipodal points are joined by every great
    circle; the one through the north pole is taken.
    """
    angle_rad = central_angle(lat1_rad, lon1_rad, lat2_rad, lon2_rad)
    scale = math.sin(angle_rad)
    if angle_rad < 1e-15:
        return lat1_rad, lon1_rad
    if angle_rad > 1.0 and scale < 1e-12:
        return destination(lat1_rad, lon1_rad, 0.0, fraction * angle_rad)
    first = math.sin((1.0 - fraction) * angle_rad) / scale
    second = math.sin(fraction * angle_rad) / scale
    x = first * math.cos(lat1_rad) * math.cos(lon1_rad) + second * math.cos(lat2_rad) * math.cos(lon2_rad)
    y = first * math.cos(lat1_rad) * math.sin(lon1_rad) + second * math.cos(lat2_rad) * math.sin(lon2_rad)
    z = first * math.sin(lat1_rad) + second * math.sin(lat2_rad)
    return math.atan2(z, math.sqrt(x * x + y * y)), math.atan2(y, x)


@kernel
def angle_between(first_rad: float, second_rad: float) -> float:
    """Smallest absolute difference of two azimuths, rad, in [0, π]."""
    apart_rad = abs(first_rad - second_rad) % TWO_PI
    return min(apart_rad, TWO_PI - apart_rad)


@kernel
def sight_plane(
    lat_rad: npt.NDArray[np.float64],
    lon_rad: npt.NDArray[np.float64],
    antenna_lat_rad: float,
    antenna_lon_rad: float,
    k: float,
    figure: tuple[float, float],
    east_m: npt.NDArray[np.float64],
    north_m: npt.NDArray[np.float64],
) -> None:
    """Where points lie in the plane of an antenna's rays: s = k R sin(d / (k R)) m away, in the azimuth in which the ray to them leaves.

    Latitudes, longitudes in rad and the answers (I, J); `figure` is the ellipsoid's semi-major axis in m and first eccentricity squared.
    Azimuth is that of the normal section. The ground range d is an arc over the chord, 2 ρ asin(c / (2 ρ)), ρ the Gaussian radius of
    curvature at the antenna: 2e-6 short or long of the geodesic at 400 km. Valid to d = π k R / 2.
    """
    axis_m, e2 = figure
    waist = 1.0 - e2 * math.sin(antenna_lat_rad) ** 2
    curvature_m = axis_m * math.sqrt(1.0 - e2) / waist
    x_m, y_m, z_m = ecef(antenna_lat_rad, antenna_lon_rad, 0.0, axis_m, e2)
    effective_m = k * EARTH_RADIUS_M
    for i in range(lat_rad.shape[0]):
        for j in range(lat_rad.shape[1]):
            px_m, py_m, pz_m = ecef(lat_rad[i, j], lon_rad[i, j], 0.0, axis_m, e2)
            e_m, n_m, u_m = enu(antenna_lat_rad, antenna_lon_rad, px_m - x_m, py_m - y_m, pz_m - z_m)
            away_m = math.sqrt(e_m * e_m + n_m * n_m)
            half = min(1.0, 0.5 * math.sqrt(away_m * away_m + u_m * u_m) / curvature_m)
            angle = 2.0 * curvature_m * math.asin(half) / effective_m
            scale = effective_m * math.sin(angle) / away_m if away_m > 0.0 else 1.0
            east_m[i, j], north_m[i, j] = e_m * scale, n_m * scale
