"""Line of sight: the exact arc on an effective Earth, and bilinear terrain.

Refraction bends rays; on a sphere of radius k R (R the mean radius, k = 4/3 as a rule) they are straight again, with altitudes and ground
ranges kept. So a ground range d spans the angle φ = d / (k R), and a point at altitude h lies at radius k R + h.
"""

import math
from typing import Any

import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M, HIGHEST_GROUND_M
from closedsky.physics.geodesy import central_angle
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jit import kernel

GreatCircle = tuple[float, float, float, float, float, float]
Ray = tuple[float, float, float, float]

_FEW_NODES = 64
GRAZE_M = 1e-6
"""Ground must rise this far above a ray to block it, m: a thousand times the rounding error of a radius."""
COARSEST_STEP_M = 2_000.0
"""Longest distance between two terrain samples of a ray, m."""
_KNOT = 8
_EVEN_RAD = 0.1


@kernel
def horizon_range(antenna_height_m: float, target_height_m: float, k: float) -> float:
    """Ground range in m at which the line between two heights above a smooth sphere touches it, exact arc.

    k R (acos(k R / (k R + h₁)) + acos(k R / (k R + h₂))), with acos(ρ / (ρ + h)) = atan(√(h (2 ρ + h)) / ρ), which does not cancel.
    """
    radius_m = k * EARTH_RADIUS_M
    first = max(0.0, antenna_height_m)
    second = max(0.0, target_height_m)
    return radius_m * (
        math.atan(math.sqrt(first * (2.0 * radius_m + first)) / radius_m)
        + math.atan(math.sqrt(second * (2.0 * radius_m + second)) / radius_m)
    )


@kernel
def horizon_range_parabola(antenna_height_m: float, target_height_m: float, k: float) -> float:
    """The handbook's horizon in m: √(2 k R) (√h₁ + √h₂); a few metres long at a height of 100 m, kilometres at 20 km."""
    return math.sqrt(2.0 * k * EARTH_RADIUS_M) * (math.sqrt(max(0.0, antenna_height_m)) + math.sqrt(max(0.0, target_height_m)))


@kernel
def apparent_tangent(antenna_alt_m: float, point_alt_m: float, ground_range_m: float, k: float) -> float:
    """Tangent of the apparent elevation of a point, seen from an antenna; altitudes above R, ground range along R, all in m.

    ((k R + h₂) cos φ - (k R + h₁)) / ((k R + h₂) sin φ), φ = d / (k R). Infinite, with the sign of the difference of altitude, at no ground
    range; minus infinity half way round the sphere and beyond.
    """
    radius_m = k * EARTH_RADIUS_M
    phi = ground_range_m / radius_m
    if phi >= math.pi:
        return -math.inf
    half = math.sin(0.5 * phi)
    rise_m = (point_alt_m - antenna_alt_m) - 2.0 * (radius_m + point_alt_m) * half * half
    if phi <= 0.0:
        return math.inf if rise_m >= 0.0 else -math.inf
    return rise_m / ((radius_m + point_alt_m) * math.sin(phi))


@kernel
def apparent_elevation(elevation_rad: float, range_m: float, k: float) -> float:
    """Elevation in rad at which a point appears whose straight line rises by `elevation_rad`, a slant range away: the ray bends down.

    By half the angle it spans on the ground, times the share of the Earth's curvature that refraction undoes.
    """
    return elevation_rad + 0.5 * range_m / EARTH_RADIUS_M * (1.0 - 1.0 / k)


@kernel
def smooth_visible(antenna_alt_m: float, target_alt_m: float, ground_alt_m: float, ground_range_m: float, k: float) -> bool:
    """Whether two points see each other over a smooth sphere at `ground_alt_m`: exact arc, altitudes and ground range in m.

    The ray may touch the sphere but not enter it; a point below the sphere sees nothing. It starts at radius A = k R + h₁ with tangent
    T and comes nearest the centre, at A / √(1 + T²), after an angle -atan T if that lies before the target.
    """
    radius_m = k * EARTH_RADIUS_M
    if min(antenna_alt_m, target_alt_m) < ground_alt_m - GRAZE_M:
        return False
    tangent = apparent_tangent(antenna_alt_m, target_alt_m, ground_range_m, k)
    if tangent >= 0.0 or -math.atan(tangent) >= ground_range_m / radius_m:
        return True
    lowest_m = (radius_m + antenna_alt_m) / math.sqrt(1.0 + tangent * tangent) - radius_m
    return lowest_m >= ground_alt_m - GRAZE_M


@kernel
def terrain_visible(
    ground: Ground,
    lat1_rad: float,
    lon1_rad: float,
    antenna_alt_m: float,
    lat2_rad: float,
    lon2_rad: float,
    target_alt_m: float,
    k: float,
    scale: float = 1.0,
    since_rad: float = 0.0,
) -> bool:
    """Whether an antenna sees a target over bilinear terrain, along the great circle, on a sphere of radius k R.

    Latitudes and longitudes in rad, altitudes in m; ground range is the angle at the centre times R times `scale` (`horizon.arc_scale`).
    Blocked if the terrain between the two rises above the ray anywhere it is sampled; nearer than `since_rad` it is known not to. The two
    ends themselves are not tested: neither an antenna nor a target is ever "underground".

    The terrain is sampled

    - where the ray comes lowest, first: most targets beyond the horizon end here. Ground of one altitude blocks there or nowhere, so a
      flat grid at any altitude gives the exact arc of `smooth_visible`. No sea level is put under the terrain, so land below it (the
      Dead Sea, the Caspian shore) is neither hidden nor raised: the grid must hold the surface, sea as 0;
    - at 1/2, 1/4 and 1/8 of a step from either end, where a slope masks most;
    - at even steps of half a posting but at most 2 km. A ridge of the bilinear surface is missed by at most half a step, so by its
      slope times 1 km on coarse grids: a 5 % slope, steep at a posting of 9 km, gives 50 m, less than such a grid's own error.

    Samples stop where the ray has climbed past the highest ground: of the grid, if it is small enough to look through (flat ground is
    twelve nodes), else of the Earth.
    """
    angle_rad = central_angle(lat1_rad, lon1_rad, lat2_rad, lon2_rad)
    if angle_rad < 1e-9:
        return True
    tangent = apparent_tangent(antenna_alt_m, target_alt_m, angle_rad * scale * EARTH_RADIUS_M, k)
    if tangent == -math.inf or math.pi - angle_rad < 1e-9:
        return False
    circle = _great_circle(lat1_rad, lon1_rad, lat2_rad, lon2_rad, angle_rad)
    ray = (k / scale, (k * EARTH_RADIUS_M), antenna_alt_m, tangent)
    lowest_rad = -math.atan(tangent) * k / scale
    if since_rad < lowest_rad < angle_rad and _blocked_at(ground, circle, ray, lowest_rad):
        return False
    steps = int(math.ceil(angle_rad / min(0.5 * ground.south_step_rad, COARSEST_STEP_M / EARTH_RADIUS_M)))
    part_rad = angle_rad / steps
    for _ in range(3):
        part_rad *= 0.5
        if since_rad == 0.0 and _blocked_at(ground, circle, ray, part_rad):
            return False
        if _blocked_at(ground, circle, ray, angle_rad - part_rad):
            return False
    return not _blocked_between(ground, circle, ray, angle_rad, steps, int(since_rad / angle_rad * steps))


@kernel
def _great_circle(lat1_rad: float, lon1_rad: float, lat2_rad: float, lon2_rad: float, angle_rad: float) -> GreatCircle:
    """A great circle as two unit vectors, the start a and the direction b in which it leaves: a point is a cos ω + b sin ω."""
    ax = math.cos(lat1_rad) * math.cos(lon1_rad)
    ay = math.cos(lat1_rad) * math.sin(lon1_rad)
    az = math.sin(lat1_rad)
    along = math.cos(angle_rad)
    across = math.sin(angle_rad)
    bx = (math.cos(lat2_rad) * math.cos(lon2_rad) - along * ax) / across
    by = (math.cos(lat2_rad) * math.sin(lon2_rad) - along * ay) / across
    bz = (math.sin(lat2_rad) - along * az) / across
    return ax, ay, az, bx, by, bz


@kernel
def _position(circle: GreatCircle, angle_rad: float) -> tuple[float, float]:
    """Latitude and longitude in rad of a point of a great circle."""
    along = math.cos(angle_rad)
    across = math.sin(angle_rad)
    x = circle[0] * along + circle[3] * across
    y = circle[1] * along + circle[4] * across
    z = circle[2] * along + circle[5] * across
    return math.atan2(z, math.sqrt(x * x + y * y)), math.atan2(y, x)


@kernel
def _blocked_at(ground: Ground, circle: GreatCircle, ray: Ray, angle_rad: float) -> bool:
    """Whether the ground at one angle from the antenna stands above the ray, which is there at radius A / (cos φ - T sin φ)."""
    shrink, radius_m, antenna_alt_m, tangent = ray
    phi = angle_rad / shrink
    ray_alt_m = (radius_m + antenna_alt_m) / (math.cos(phi) - tangent * math.sin(phi)) - radius_m
    lat_rad, lon_rad = _position(circle, angle_rad)
    return bilinear(ground, lat_rad, lon_rad) > ray_alt_m + GRAZE_M


@kernel
def _highest(grid: npt.NDArray[Any]) -> float:
    """The highest node of a small grid."""
    highest_m = float(grid[0, 0])
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            highest_m = max(highest_m, float(grid[row, column]))
    return highest_m


@kernel
def _blocked_between(ground: Ground, circle: GreatCircle, ray: Ray, angle_rad: float, steps: int, start: int) -> bool:
    """`_blocked_at` for each of the even steps between the ends after `start`, nearest first, with fewer sines.

    φ moves by rotation, step after step. Latitude and longitude are worked out at every eighth step and evenly between: over 16 km that
    is 5 m · tan(latitude) beside the great circle. Near a pole and across the date line longitude runs too fast, and each step has its own.
    """
    shrink, radius_m, antenna_alt_m, tangent = ray
    highest_m = HIGHEST_GROUND_M if ground.grid.size > _FEW_NODES else _highest(ground.grid)
    part = angle_rad / steps / shrink
    turn_cos, turn_sin = math.cos(part), math.sin(part)
    cos_phi, sin_phi = math.cos(start * part), math.sin(start * part)
    before_m = antenna_alt_m if start == 0 else math.inf
    far_lat, far_lon = _position(circle, angle_rad * start / steps)
    for first in range(start, steps - 1, _KNOT):
        near_lat, near_lon = far_lat, far_lon
        far_lat, far_lon = _position(circle, angle_rad * (first + _KNOT) / steps)
        lat_part, lon_part = (far_lat - near_lat) / _KNOT, (far_lon - near_lon) / _KNOT
        even = abs(far_lon - near_lon) < _EVEN_RAD
        for step in range(first + 1, min(first + _KNOT, steps - 1) + 1):
            cos_phi, sin_phi = cos_phi * turn_cos - sin_phi * turn_sin, sin_phi * turn_cos + cos_phi * turn_sin
            ray_alt_m = (radius_m + antenna_alt_m) / (cos_phi - tangent * sin_phi) - radius_m
            if ray_alt_m > highest_m:
                if ray_alt_m >= before_m:
                    return False
            else:
                lat_rad, lon_rad = near_lat + (step - first) * lat_part, near_lon + (step - first) * lon_part
                if not even:
                    lat_rad, lon_rad = _position(circle, angle_rad * step / steps)
                if bilinear(ground, lat_rad, lon_rad) > ray_alt_m + GRAZE_M:
                    return True
            before_m = ray_alt_m
    return False


@kernel
def steepest_in_cell(
    corners: tuple[float, float, float, float],
    line: float,
    node: float,
    part: float,
    drift: float,
    s_m: float,
    rate_m: float,
    antenna_alt_m: float,
    radius_m: float,
    last: bool,
) -> float:
    """Steepest tangent at which the ground appears on a ray's way through a cell of a grid: between its ends, and at its end unless `last`.

    `corners` are altitudes in m: left and right on the near line, left and right on the far one. `s_m` is k R sin φ at the start,
    `radius_m` is k R. The way starts at (line, node), in fractions of the cell, and goes on by (1, drift) · u, u from 0 to `part`; s
    grows by `rate_m` u. There the ground is a parabola, twist · drift · u² + …; less the Earth's s² / (2 k R), over s, it is steepest
    where its derivative is nought. Minus infinity where nothing counts.
    """
    h00, h01, h10, h11 = corners
    twist = h00 - h01 - h10 + h11
    to_far, to_right = h10 - h00, h01 - h00
    start_m = h00 + to_far * line + to_right * node + twist * line * node
    bend = twist * drift
    rise = to_far + to_right * drift + twist * (line * drift + node)
    steepest = -math.inf
    if not last:
        steepest = _tangent_at(start_m + part * (rise + part * bend), s_m + part * rate_m, antenna_alt_m, radius_m)
    square = bend - 0.5 * rate_m * rate_m / radius_m
    if square < 0.0:
        from_antenna = s_m / rate_m
        linear = rise - s_m * rate_m / radius_m
        level = start_m - antenna_alt_m - 0.5 * s_m * s_m / radius_m
        root = from_antenna * from_antenna - (linear * from_antenna - level) / square
        u = math.sqrt(root) - from_antenna if root > 0.0 else -1.0
        if 0.0 < u < part:
            steepest = max(steepest, _tangent_at(start_m + u * (rise + u * bend), s_m + u * rate_m, antenna_alt_m, radius_m))
    return steepest


@kernel
def _tangent_at(ground_m: float, s_m: float, antenna_alt_m: float, radius_m: float) -> float:
    """Tangent of the apparent elevation of the ground at s."""
    sine = s_m / radius_m
    return (ground_m - antenna_alt_m) * radius_m / ((radius_m + ground_m) * s_m) - sine / (1.0 + math.sqrt(1.0 - sine * sine))
