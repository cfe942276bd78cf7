"""Line of sight over terrain: the lowest altitude seen behind shapes of the bilinear surface whose answer can be worked out by hand.

A ray from height h₁ at φ = 0 with tangent T is at radius A / (cos φ - T sin φ), A = k R + h₁, φ = d / (k R). The kernel says yes or no; the
floor is found by halving. All shapes lie on the equator or a meridian, where steps of latitude and longitude are lengths.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import brentq

from closedsky.physics import visibility
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION
from closedsky.physics.ground import Ground
from tests.validation.book import Agrees

Grid = npt.NDArray[np.float64]
Line = npt.NDArray[np.float64]
Profile = Callable[[Line], Line]
RADIUS_M = K_REFRACTION * EARTH_RADIUS_M
METRE = 1.0 / EARTH_RADIUS_M
"""Radians of latitude, or of longitude on the equator, in a metre."""


def halved(sees: Callable[[float], bool], low_m: float, high_m: float) -> float:
    """Lowest altitude that is seen, to a tenth of a millimetre."""
    assert sees(high_m)
    assert not sees(low_m)
    while high_m - low_m > 1e-4:
        middle = 0.5 * (low_m + high_m)
        low_m, high_m = (low_m, middle) if sees(middle) else (middle, high_m)
    return 0.5 * (low_m + high_m)


def tangent_over(antenna_m: float, altitude_m: float, distance_m: float) -> float:
    """Tangent of the ray through a point: the point's rise over its distance across, in the plane of the great circle."""
    phi = distance_m / RADIUS_M
    return ((RADIUS_M + altitude_m) * math.cos(phi) - RADIUS_M - antenna_m) / ((RADIUS_M + altitude_m) * math.sin(phi))


def ray_altitude(antenna_m: float, tangent: float, distance_m: float) -> float:
    """Where the ray is at a distance."""
    phi = distance_m / RADIUS_M
    return (RADIUS_M + antenna_m) / (math.cos(phi) - tangent * math.sin(phi)) - RADIUS_M


def over_a_profile(antenna_m: float, ground: Profile, distance_m: float) -> float:
    """The second path: the steepest ray over 40,001 points of the ground between, ends left out."""
    between = np.linspace(0.0, distance_m, 40_003)[1:-1]
    phi, radius = between / RADIUS_M, RADIUS_M + ground(between)
    steepest = np.max((radius * np.cos(phi) - RADIUS_M - antenna_m) / (radius * np.sin(phi)))
    return ray_altitude(antenna_m, float(steepest), distance_m)


def surface(grid: Grid, posting_m: float, row: Profile, column: Profile) -> Profile:
    """SciPy's bilinear surface along a path given as row and column, in metres from the first node."""
    between = RegularGridInterpolator([posting_m * np.arange(n) for n in grid.shape], grid)
    return lambda metres: between(np.stack([row(metres), column(metres)], axis=-1))


@pytest.mark.parametrize("ground_m", [-430.0, 0.0, 2500.0])
@pytest.mark.parametrize(("antenna_m", "distance_m"), [(10.0, 60_000.0), (30.0, 250_000.0)])
def test_level_ground(antenna_m: float, distance_m: float, ground_m: float, agrees: Agrees) -> None:
    """Tangent to the sphere at the ground's level ρ = k R + g: the altitude ρ / cos(φ - acos(ρ / (ρ + h₁))) - k R."""
    grid = np.full((3, 3), ground_m)
    level = RADIUS_M + ground_m
    beyond = distance_m / RADIUS_M - math.acos(level / (level + antenna_m))

    def sees(altitude_m: float) -> bool:
        path = (0.0, 0.0, ground_m + antenna_m, 0.0, distance_m * METRE, altitude_m)
        return visibility.terrain_visible(Ground(grid, 0.05, -0.05, 0.05, 0.05), *path, K_REFRACTION)

    agrees(
        part="floor",
        authority="level ground, tangent by hand",
        quantity=f"floor {distance_m / 1000:g} km away, mast {antenna_m:g} m, ground at {ground_m:g} m",
        theirs=level / math.cos(beyond) - RADIUS_M,
        ours=halved(sees, ground_m, ground_m + 9000.0),
        tolerance=0.01,  # 1 µm of grazing allowance at the horizon, seen larger in proportion to the distance, and the halving
        unit="m",
        second=("dense profile", over_a_profile(ground_m + antenna_m, lambda m: np.full_like(m, ground_m), distance_m)),
        source="closed form in the test",
    )


@pytest.mark.parametrize("crest_row", [6, 10, 25])
def test_ridge(crest_row: int, agrees: Agrees) -> None:
    """A roof across the path, sides of 40 in 1000: the floor behind is the ray that touches the crest, and nothing else.

    The crest lies at row 40 - n of 40, on the path due north from 50 m south of row 40. Half a posting is 500 m, and a crest is
    at most 250 m from a sample: 10 m of height, seen larger as the target is farther than the crest.
    """
    posting_m, slope, antenna_m = 1000.0, 0.04, 60.0
    rows = np.arange(41)
    heights = np.maximum(0.0, 400.0 - slope * posting_m * np.abs(rows - (40 - crest_row)))
    grid = np.repeat(heights[:, None], 3, axis=1)
    distance_m, crest_m = 38_050.0, crest_row * posting_m + 50.0
    step = posting_m * METRE
    south = -50.0 * METRE

    def sees(altitude_m: float) -> bool:
        path = (south, 0.0, antenna_m + start_m, south + distance_m * METRE, 0.0, altitude_m)
        return visibility.terrain_visible(Ground(grid, 40 * step, -step, step, step), *path, K_REFRACTION)

    ground = surface(
        np.repeat(heights[::-1, None], 3, axis=1),
        posting_m,
        lambda m: np.maximum(0.0, m - 50.0),
        lambda m: np.full_like(m, posting_m),
    )
    start_m = float(ground(np.zeros(1))[0])
    agrees(
        part="floor",
        authority="ridge, ray over the crest by hand",
        quantity=f"floor 38 km away, crest of 400 m after {crest_m / 1000:g} km",
        theirs=ray_altitude(antenna_m + start_m, tangent_over(antenna_m + start_m, 400.0, crest_m), distance_m),
        ours=halved(sees, 0.0, 9000.0),
        tolerance=0.25 * slope * posting_m * distance_m / crest_m,
        unit="m",
        second=("dense profile, SciPy's surface", over_a_profile(antenna_m + start_m, ground, distance_m)),
        source="closed form in the test",
    )


@pytest.mark.parametrize("antenna_m", [5.0, 40.0])
def test_saddle(antenna_m: float, agrees: Agrees) -> None:
    """One cell with two opposite corners at 0 and two at H: along the diagonal between the low ones the bilinear surface is 2 H s (1 - s).

    With distances x = s D the ground, dropped by the Earth's x² / (2 k R), is a parabola as well: x b - x² c, b = 2 H / D,
    c = 2 H / D² + 1 / (2 k R). The ray from h₁ that touches it has the slope b - 2 √(c h₁) (the double root of h₁ + x t = x b - x² c), and
    reaches h₁ + D t + D² / (2 k R) at the far end. Terms of third order are below 1 cm. Samples at most 1 km from where the ray
    touches miss it by c (1 km)², seen larger as D over the distance touched.
    """
    height_m, posting_m = 600.0, 12_000.0
    diagonal_m = math.sqrt(2.0) * posting_m
    step = posting_m * METRE
    grid = np.array([[height_m, 0.0], [0.0, height_m]])

    def sees(altitude_m: float) -> bool:
        return visibility.terrain_visible(
            Ground(grid, step, 0.0, step, step), 0.0, 0.0, antenna_m, step, step, altitude_m, K_REFRACTION
        )

    bend = 2.0 * height_m / diagonal_m**2 + 0.5 / RADIUS_M
    slope = 2.0 * height_m / diagonal_m - 2.0 * math.sqrt(bend * antenna_m)
    touched_m = math.sqrt(antenna_m / bend)

    def along(metres: Line) -> Line:
        return metres / math.sqrt(2.0)

    agrees(
        part="floor",
        authority="saddle of one cell, touching ray by hand",
        quantity=f"floor over the far corner, mast {antenna_m:g} m",
        theirs=antenna_m + diagonal_m * slope + 0.5 * diagonal_m**2 / RADIUS_M,
        ours=halved(sees, 0.0, 9000.0),
        tolerance=bend * 1000.0**2 * diagonal_m / touched_m,
        unit="m",
        second=(
            "dense profile, SciPy's surface",
            over_a_profile(antenna_m, surface(grid[::-1], posting_m, along, along), diagonal_m),
        ),
        source="closed form in the test",
    )


def test_rising_plain(agrees: Agrees) -> None:
    """Ground that rises evenly to the north by 1 in 100, seen from a mast at its foot: where the target stands on the slope.

    The Earth falls off, so ground at x stands at g x - x² c, c = 1 / (2 k R), and hides only what is beyond the slope's own horizon: the
    ray that touches it has the slope g - 2 √(h₁ c) and is, above the ground at D, h₁ - 2 D √(h₁ c) + D² c = (√h₁ - D √c)² high. SciPy
    solves the same on the sphere.
    """
    posting_m, slope, antenna_m, distance_m = 1000.0, 0.01, 20.0, 60_000.0
    rows = np.arange(72)
    grid = np.repeat((slope * posting_m * (71 - rows))[:, None], 3, axis=1).astype(np.float64)
    step = posting_m * METRE

    def sees(altitude_m: float) -> bool:
        path = (0.0, 0.0, antenna_m, distance_m * METRE, 0.0, altitude_m)
        return visibility.terrain_visible(Ground(grid, 71 * step, -step, step, step), *path, K_REFRACTION)

    def tangent_gap(metres: float) -> float:
        here, next_to = (tangent_over(antenna_m, slope * m, m) for m in (metres - 0.5, metres + 0.5))
        return next_to - here

    touched_m = float(brentq(tangent_gap, 2_000.0, 50_000.0))
    on_the_sphere = ray_altitude(antenna_m, tangent_over(antenna_m, slope * touched_m, touched_m), distance_m)
    agrees(
        part="floor",
        authority="rising plain, touching ray by hand",
        quantity="floor 60 km away over ground that rises by 1 in 100, mast 20 m",
        theirs=slope * distance_m + (math.sqrt(antenna_m) - distance_m * math.sqrt(0.5 / RADIUS_M)) ** 2,
        ours=halved(sees, 0.0, 9000.0),
        # The slope is taken along the sphere, whose radius grows by 600 m on the way: 1e-4 of the 123 m of drop and of rise.
        tolerance=0.1,
        unit="m",
        second=("touching ray on the sphere, SciPy", on_the_sphere),
        second_within=0.02,
        source="closed form in the test",
    )
