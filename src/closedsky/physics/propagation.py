"""What the ground does to an echo: the reflected ray of a smooth surface, and clutter.

The surface is a sphere of radius a = k R, as in `visibility`, heights are above it. At an angle φ from its reflection point a ray's end
stands (a + h) cos φ - a above the tangent plane there, (a + h) sin φ along it: the point is where both ends have the same grazing angle.
"""

import math

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.jit import kernel
from closedsky.physics.visibility import horizon_range

RAMP = 0.2
"""Part of a clutter limit over which the loss runs out."""


@kernel
def two_ray_factor(
    antenna_height_m: float, target_height_m: float, ground_range_m: float, wavelength_m: float, roughness_m: float, k: float
) -> float:
    """Two-way power factor F⁴, 0 to 16, of direct and reflected ray over a smooth or rough sphere; 1 from the horizon on.

    F² = (1 - D ρ)² + 4 D ρ sin²(π δ / λ), δ the path difference: a perfectly reflecting surface and horizontal polarisation, so a
    coefficient of -1 (over sea it is near that for vertical polarisation too, at grazing angles below 1° or so); antenna gain the same
    along both rays. D is the divergence of `reflection`, ρ = exp(-2 (2π σ sin ψ / λ)²) the field left by a rough surface of standard
    deviation σ (Ament 1953). Kerr, Propagation of Short Radio Waves, ch. 2 and 5; Blake, Radar Range-Performance Analysis, ch. 6.
    """
    if ground_range_m >= horizon_range(antenna_height_m, target_height_m, k):
        return 1.0
    sine, difference_m, divergence = reflection(antenna_height_m, target_height_m, ground_range_m, k)
    phase = 2.0 * math.pi * roughness_m * sine / wavelength_m
    coefficient = divergence * math.exp(-2.0 * phase * phase)
    half = math.sin(math.pi * difference_m / wavelength_m)
    power = (1.0 - coefficient) ** 2 + 4.0 * coefficient * half * half
    return power * power


@kernel
def reflection(antenna_height_m: float, target_height_m: float, ground_range_m: float, k: float) -> tuple[float, float, float]:
    """Sine of the grazing angle ψ, difference δ in m between reflected and direct path, and divergence (field), within the horizon.

    With R₁, R₂ the two parts of the reflected path and R the direct one: δ = R₁ + R₂ - R = 4 R₁ R₂ sin² ψ / (R₁ + R₂ + R), and from the
    radii of curvature of the wave after a sphere, with q = 2 R₁ R₂ / (a (R₁ + R₂)), D = 1 / √((1 + q / sin ψ)(1 + q sin ψ)).
    """
    radius_m = k * EARTH_RADIUS_M
    first_m = max(0.0, antenna_height_m)
    second_m = max(0.0, target_height_m)
    phi = ground_range_m / radius_m
    near = reflection_angle(first_m, second_m, phi, radius_m)
    rise1_m, run1_m = _rise(first_m, near, radius_m), (radius_m + first_m) * math.sin(near)
    rise2_m, run2_m = _rise(second_m, phi - near, radius_m), (radius_m + second_m) * math.sin(phi - near)
    path1_m, path2_m = math.hypot(rise1_m, run1_m), math.hypot(rise2_m, run2_m)
    path_m = path1_m + path2_m
    if path_m <= 0.0:
        return 0.0, 0.0, 1.0
    sine = max(0.0, (rise1_m + rise2_m) / path_m)
    chord = 2.0 * math.sin(0.5 * phi)
    direct_m = math.sqrt((second_m - first_m) ** 2 + (radius_m + first_m) * (radius_m + second_m) * chord * chord)
    bend = 2.0 * path1_m * path2_m / (radius_m * path_m)
    spread = (sine + bend) * (1.0 + bend * sine)
    divergence = math.sqrt(sine / spread) if spread > 0.0 else 1.0
    return sine, 4.0 * path1_m * path2_m * sine * sine / (path_m + direct_m), divergence


@kernel
def _rise(height_m: float, angle_rad: float, radius_m: float) -> float:
    """Height in m above the tangent plane of a point at an angle from it: h - 2 (a + h) sin²(φ/2)."""
    half = math.sin(0.5 * angle_rad)
    return height_m - 2.0 * (radius_m + height_m) * half * half


@kernel
def _imbalance(first_m: float, second_m: float, near_rad: float, angle_rad: float, radius_m: float) -> float:
    """Rise₁ run₂ - rise₂ run₁ of a trial point in m²: above 0 while the grazing angle of the first ray is the greater."""
    far_rad = angle_rad - near_rad
    first = _rise(first_m, near_rad, radius_m) * (radius_m + second_m) * math.sin(far_rad)
    return first - _rise(second_m, far_rad, radius_m) * (radius_m + first_m) * math.sin(near_rad)


@kernel
def reflection_angle(first_m: float, second_m: float, angle_rad: float, radius_m: float) -> float:
    """Angle in rad from the foot of the first point to the reflection point; heights in m, `angle_rad` from foot to foot.

    False position that halves an end met twice (Illinois), to 1e-14 of the angle.
    """
    low, high = 0.0, angle_rad
    at_low = _imbalance(first_m, second_m, low, angle_rad, radius_m)
    at_high = _imbalance(first_m, second_m, high, angle_rad, radius_m)
    if at_low <= 0.0:
        return low
    if at_high >= 0.0:
        return high
    middle, before, last = low, high, 0
    for _ in range(100):
        middle = low + (high - low) * at_low / (at_low - at_high)
        at_middle = _imbalance(first_m, second_m, middle, angle_rad, radius_m)
        if at_middle == 0.0 or abs(middle - before) <= 1e-14 * angle_rad:
            break
        before = middle
        if at_middle > 0.0:
            low, at_low = middle, at_middle
            at_high *= 0.5 if last > 0 else 1.0
            last = 1
        else:
            high, at_high = middle, at_middle
            at_low *= 0.5 if last < 0 else 1.0
            last = -1
    return middle


@kernel
def clutter_loss(
    loss: float, height_above_ground_m: float, clutter_height_m: float, radial_speed_mps: float, clutter_speed_mps: float
) -> float:
    """Loss (linear, from 1 up) against the echo of the ground, of a target that is both low and slow along the line of sight.

    The whole `loss` up to 0.8 of both limits, none from either limit on; between, its decibels fall linearly: never above what is
    published, and without a step. The sign of the radial speed does not matter. A limit of 0 or less never holds.
    """
    share = _below(height_above_ground_m, clutter_height_m) * _below(abs(radial_speed_mps), clutter_speed_mps)
    return float(max(1.0, loss) ** share)


@kernel
def _below(value: float, limit: float) -> float:
    """1 well below a limit, 0 from it on, linear over the last fifth."""
    if limit <= 0.0:
        return 0.0
    return min(max((1.0 - value / limit) / RAMP, 0.0), 1.0)
