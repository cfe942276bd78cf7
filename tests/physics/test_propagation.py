import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from closedsky.physics import propagation
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION
from closedsky.physics.visibility import horizon_range

HEIGHT = st.floats(2.0, 1e4)
SHARE = st.floats(0.01, 0.95)
FLAT = 1e9
"""A factor k with which the Earth is flat."""


# ---------------------------------------------------------------------------------------------------------------- flat ground
@pytest.mark.parametrize("ground_range_m", [2e3, 3.3e3, 5e3, 8e3, 2e4])
@pytest.mark.parametrize(("antenna_m", "target_m"), [(10.0, 5.0), (20.0, 60.0), (3.0, 30.0)])
def test_flat_ground_is_the_textbook_sine(antenna_m: float, target_m: float, ground_range_m: float) -> None:
    """16 sin⁴(2π h₁ h₂ / (λ d)), whose path difference 2 h₁ h₂ / d is (h₁² + h₂²) / (2 d²) of itself too long."""
    phase = 2.0 * math.pi * antenna_m * target_m / (0.1 * ground_range_m)
    expected = 16.0 * math.sin(phase) ** 4
    # 16 sin⁴ has no slope above 20.8 a radian.
    tolerance = 21.0 * phase * (antenna_m**2 + target_m**2) / (2.0 * ground_range_m**2) + 1e-5
    found = propagation.two_ray_factor(antenna_m, target_m, ground_range_m, 0.1, 0.0, FLAT)
    assert found == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("lobe", [1, 2, 3])
def test_lobes_and_gaps_lie_where_they_should(lobe: int) -> None:
    """By hand: over flat ground seen from 20 m with 10 cm, lobes at 5 km lie at odd multiples of λ d / (4 h₁) = 6.25 m, gaps between."""
    peak_m, gap_m = (2 * lobe - 1) * 6.25, 2 * lobe * 6.25
    assert propagation.two_ray_factor(20.0, peak_m, 5e3, 0.1, 0.0, FLAT) == pytest.approx(16.0, abs=1e-3)
    assert propagation.two_ray_factor(20.0, gap_m, 5e3, 0.1, 0.0, FLAT) == pytest.approx(0.0, abs=1e-3)


def test_echoes_of_low_targets_fall_by_the_eighth_power() -> None:
    """Within the lowest lobe F⁴ goes with (h₁ h₂ / (λ d))⁴, so at twice the range a sixteenth is left."""
    near, far = (propagation.two_ray_factor(5.0, 2.0, d, 1.0, 0.0, FLAT) for d in (5e3, 1e4))
    assert near / far == pytest.approx(16.0, rel=1e-3)


# ----------------------------------------------------------------------------------------------------------------- round Earth
def _distance(height_m: float, angle_rad: float, radius_m: float) -> float:
    """From a point at a height to one on the sphere, by the law of cosines without its cancellation."""
    return math.sqrt(height_m**2 + 4.0 * radius_m * (radius_m + height_m) * math.sin(0.5 * angle_rad) ** 2)


CASES = [(20.0, 100.0, 2e4), (20.0, 5e3, 2.5e5), (5.0, 1e4, 3e5), (100.0, 100.0, 7e4), (10.0, 30.0, 1e3), (20.0, 9e3, 5e3)]


@pytest.mark.parametrize(("antenna_m", "target_m", "ground_range_m"), CASES)
def test_the_reflected_path_is_the_shortest(antenna_m: float, target_m: float, ground_range_m: float) -> None:
    """Fermat: of all points of the sphere the reflection point gives the shortest way round; found by brute force."""
    radius_m = K_REFRACTION * EARTH_RADIUS_M
    phi = ground_range_m / radius_m

    def way(x: float) -> float:
        return _distance(antenna_m, x, radius_m) + _distance(target_m, phi - x, radius_m)

    shortest = minimize_scalar(way, bounds=(0.0, phi), method="bounded", options={"xatol": 1e-13})
    found = propagation.reflection_angle(antenna_m, target_m, phi, radius_m)
    # A minimum is found to the root of the rounding error, here of some 1e-5 of the angle.
    assert found == pytest.approx(float(shortest.x), rel=1e-3)
    # The steps of brute force end up to some nanometres above the floor; rounding of lengths of 100 km is 1e-11 m.
    assert way(found) <= shortest.fun + 1e-9
    direct_m = math.sqrt(
        (antenna_m - target_m) ** 2 + 4.0 * (radius_m + antenna_m) * (radius_m + target_m) * math.sin(0.5 * phi) ** 2
    )
    _, difference_m, _ = propagation.reflection(antenna_m, target_m, ground_range_m, K_REFRACTION)
    assert difference_m == pytest.approx(way(found) - direct_m, abs=1e-9)


@given(HEIGHT, HEIGHT, SHARE)
def test_both_rays_graze_alike(antenna_m: float, target_m: float, share: float) -> None:
    radius_m = K_REFRACTION * EARTH_RADIUS_M
    ground_range_m = share * horizon_range(antenna_m, target_m, K_REFRACTION)
    phi = ground_range_m / radius_m
    near = propagation.reflection_angle(antenna_m, target_m, phi, radius_m)
    sine, _, _ = propagation.reflection(antenna_m, target_m, ground_range_m, K_REFRACTION)
    for height_m, angle in ((antenna_m, near), (target_m, phi - near)):
        slant_m = _distance(height_m, angle, radius_m)
        # From the triangle with the centre: (a + h)² = a² + s² + 2 a s sin ψ.
        grazing = (height_m * (2.0 * radius_m + height_m) - slant_m**2) / (2.0 * radius_m * slant_m)
        # h (2 a + h) - s² cancels to 1e-16 of 1e11 m², over 2 a s.
        assert grazing == pytest.approx(sine, abs=1e-9)


@pytest.mark.parametrize(("antenna_m", "target_m", "ground_range_m"), [*CASES, (3e5, 3e5, 2e5), (1e5, 4e5, 1e5)])
def test_divergence_is_the_widening_of_a_tube_of_rays(antenna_m: float, target_m: float, ground_range_m: float) -> None:
    """Traces two reflected rays a little apart to the height of the target.

    Energy between elevations θ and θ + dθ, cos θ dθ of a solid angle, lands on a ring of the sphere r₂ = a + h₂ of area r₂² sin φ dφ,
    which it meets at the angle whose cosine to the normal is c: its density is cos θ dθ / (r₂² sin φ dφ c), against 1 / (R₁ + R₂)².
    """
    radius_m = K_REFRACTION * EARTH_RADIUS_M
    first_m, second_m = radius_m + antenna_m, radius_m + target_m
    near = propagation.reflection_angle(antenna_m, target_m, ground_range_m / radius_m, radius_m)
    rise = radius_m * math.cos(near) - first_m
    elevation = math.atan2(rise, radius_m * math.sin(near))

    def lands(theta: float) -> tuple[float, float, float]:
        """Angle round the centre, sine of the ray to the level at the target, length."""
        # Sine rule: r cos(elevation) is the same all along a straight ray, before and after a mirror.
        along = first_m * math.cos(theta)
        grazing, above = math.acos(along / radius_m), math.acos(along / second_m)
        first_angle, second_angle = -theta - grazing, above - grazing
        length = -first_m * math.sin(theta) - radius_m * math.sin(grazing)
        length += second_m * math.sin(above) - radius_m * math.sin(grazing)
        return first_angle + second_angle, math.sin(above), length

    step = 1e-4 * (abs(elevation) - math.acos(radius_m / first_m))
    angle, cosine, length = lands(elevation)
    spread = (lands(elevation + step)[0] - lands(elevation - step)[0]) / (2.0 * step)
    density = math.cos(elevation) / (second_m**2 * math.sin(angle) * abs(spread) * cosine)
    _, _, divergence = propagation.reflection(antenna_m, target_m, ground_range_m, K_REFRACTION)
    # acos near 1 holds elevations to some 1e-11, and the step is as little as 1e-7.
    assert divergence == pytest.approx(math.sqrt(density) * length, rel=2e-3)


@given(HEIGHT, HEIGHT, SHARE, st.floats(0.01, 10.0), st.floats(0.0, 3.0))
def test_factor_lies_between_0_and_16(
    antenna_m: float, target_m: float, share: float, wavelength_m: float, rough_m: float
) -> None:
    ground_range_m = share * horizon_range(antenna_m, target_m, K_REFRACTION)
    factor = propagation.two_ray_factor(antenna_m, target_m, ground_range_m, wavelength_m, rough_m, K_REFRACTION)
    assert 0.0 <= factor <= 16.0
    swapped = propagation.two_ray_factor(target_m, antenna_m, ground_range_m, wavelength_m, rough_m, K_REFRACTION)
    # Half a wavelength of phase is moved by the rounding of paths of up to 100 km.
    assert swapped == pytest.approx(factor, abs=1e-5)


def test_factor_goes_to_1_at_the_horizon() -> None:
    horizon_m = horizon_range(20.0, 1000.0, K_REFRACTION)
    assert propagation.two_ray_factor(20.0, 1000.0, horizon_m, 0.1, 0.0, K_REFRACTION) == 1.0
    assert propagation.two_ray_factor(20.0, 1000.0, 2.0 * horizon_m, 0.1, 0.0, K_REFRACTION) == 1.0
    assert propagation.two_ray_factor(20.0, 1000.0, horizon_m - 1e-3, 0.1, 0.0, K_REFRACTION) == pytest.approx(1.0, abs=2e-3)


def test_rough_ground_reflects_as_ament_says() -> None:
    """Flat ground at a gap: F² = (1 - ρ)², ρ = exp(-2 (2π σ sin ψ / λ)²), sin ψ = (h₁ + h₂) / √(d² + (h₁ + h₂)²)."""
    for rough_m in (0.0, 0.2, 1.0, 5.0):
        left = math.exp(-2.0 * (2.0 * math.pi * rough_m * 32.5 / math.hypot(5e3, 32.5) / 0.1) ** 2)
        found = propagation.two_ray_factor(20.0, 12.5, 5e3, 0.1, rough_m, FLAT)
        assert found == pytest.approx((1.0 - left) ** 4, abs=1e-3)


def test_points_on_the_ground_and_above_each_other() -> None:
    assert propagation.two_ray_factor(0.0, 0.0, 0.0, 0.1, 0.0, 1.0) == 1.0
    assert propagation.two_ray_factor(10.0, 0.0, 100.0, 0.1, 0.0, 1.0) == pytest.approx(0.0, abs=1e-12)
    # Straight up and down the rays differ by twice the height of the lower one: 40 m here, whole waves.
    sine, difference_m, divergence = propagation.reflection(20.0, 60.0, 0.0, 1.0)
    np.testing.assert_allclose((sine, difference_m, divergence), (1.0, 40.0, 1.0), rtol=1e-5)


# --------------------------------------------------------------------------------------------------------------------- clutter
def test_clutter_counts_below_both_limits() -> None:
    assert propagation.clutter_loss(100.0, 50.0, 100.0, 10.0, 30.0) == pytest.approx(100.0)
    assert propagation.clutter_loss(100.0, 50.0, 100.0, -10.0, 30.0) == pytest.approx(100.0)
    assert propagation.clutter_loss(100.0, 100.0, 100.0, 10.0, 30.0) == 1.0
    assert propagation.clutter_loss(100.0, 50.0, 100.0, 30.0, 30.0) == 1.0
    assert propagation.clutter_loss(100.0, -5.0, 100.0, 0.0, 30.0) == pytest.approx(100.0)
    assert propagation.clutter_loss(100.0, 0.0, 0.0, 0.0, 30.0) == 1.0
    # Half way along one ramp half the decibels are left, along both a quarter.
    assert propagation.clutter_loss(100.0, 90.0, 100.0, 0.0, 30.0) == pytest.approx(10.0)
    assert propagation.clutter_loss(100.0, 90.0, 100.0, 27.0, 30.0) == pytest.approx(10.0**0.5)


@given(st.floats(1.0, 1e5), st.floats(0.0, 200.0), st.floats(0.0, 60.0), st.floats(0.0, 5.0))
def test_clutter_never_grows_with_height_or_speed(loss: float, height_m: float, speed_mps: float, more: float) -> None:
    here = propagation.clutter_loss(loss, height_m, 100.0, speed_mps, 30.0)
    assert 1.0 <= here <= loss * (1.0 + 1e-12)
    assert propagation.clutter_loss(loss, height_m + more, 100.0, speed_mps, 30.0) <= here * (1.0 + 1e-12)
    assert propagation.clutter_loss(loss, height_m, 100.0, speed_mps + more, 30.0) <= here * (1.0 + 1e-12)
