"""The radar horizon: the parabola against its table, and the exact arc against the parabola where that is exact enough."""

import math

import pytest
from scipy.optimize import brentq

from closedsky.physics import visibility
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION
from tests.reference.tables import rows
from tests.validation.book import Agrees

TABLE = rows("horizon")


def _k(row: dict[str, str]) -> float:
    return float(row["effective_radius_m"]) / EARTH_RADIUS_M if row["effective_radius_m"] else K_REFRACTION


def touching_range_m(antenna_m: float, target_m: float, k: float) -> float:
    """Ground range at which the straight line between two heights just touches the circle of radius ρ = k R, found by plane geometry.

    The line through a = (0, ρ + h₁) and b = ((ρ + h₂) sin φ, (ρ + h₂) cos φ) passes the centre at the distance |a × b| / |b - a|: ρ at the
    horizon, more nearer by. A target at no height touches where the line stands upright on its radius.
    """
    radius = k * EARTH_RADIUS_M

    def clearance_m(phi: float) -> float:
        ax, ay = 0.0, radius + antenna_m
        bx, by = (radius + target_m) * math.sin(phi), (radius + target_m) * math.cos(phi)
        return abs(ax * by - ay * bx) / math.hypot(bx - ax, by - ay) - radius

    rough = math.sqrt(2.0 / radius) * (math.sqrt(antenna_m) + math.sqrt(target_m))
    nearest = math.sqrt(2.0 / radius) * max(math.sqrt(antenna_m), math.sqrt(target_m))
    if target_m == 0.0:
        return radius * float(
            brentq(lambda phi: math.cos(phi) * (radius + antenna_m) - radius, 0.5 * rough, 1.5 * rough, xtol=1e-15)
        )
    return radius * float(brentq(clearance_m, nearest, 1.5 * rough, xtol=1e-15))


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['antenna_m']}-{r['target_m']}")
def test_table(row: dict[str, str], agrees: Agrees) -> None:
    """The tables give km with two decimals (10 m) or metres (1 m)."""
    antenna_m, target_m, k = float(row["antenna_m"]), float(row["target_m"]), _k(row)
    tolerance_m = float(row["tolerance_m"])
    common = {
        "part": "horizon",
        "quantity": f"antenna {row['antenna_m']} m, target {row['target_m']} m",
        "theirs": float(row["expected_m"]),
        "unit": "m",
        "second": ("line touching the circle, SciPy", touching_range_m(antenna_m, target_m, k)),
        "source": row["source"],
    }
    parabola_m = visibility.horizon_range_parabola(antenna_m, target_m, k)
    agrees(authority="the parabola's table", ours=parabola_m, tolerance=tolerance_m, **common)
    # acos(1 / (1 + x)) = sqrt(2 x) (1 - 5 x / 12 + ...): below 100 m the exact arc is under 0.3 m short of the parabola.
    exact_m = visibility.horizon_range(antenna_m, target_m, k)
    agrees(
        authority="the parabola's table, for the exact arc",
        ours=exact_m,
        tolerance=tolerance_m + 0.3,
        second_within=0.001,
        **common,
    )


@pytest.mark.parametrize("heights", [(5.0, 50.0), (10.0, 30.0), (38.8, 50.0), (25.0, 10_000.0), (9_000.0, 20_000.0)])
def test_exact_arc(heights: tuple[float, float], agrees: Agrees) -> None:
    """cos of the angle between a tangent's foot and its end at height h is ρ / (ρ + h). The model allows 1 m; rounding is a micrometre."""
    radius = K_REFRACTION * EARTH_RADIUS_M
    agrees(
        part="horizon",
        authority="exact arc",
        quantity=f"antenna {heights[0]:g} m, target {heights[1]:g} m",
        theirs=radius * sum(math.acos(radius / (radius + height)) for height in heights),
        ours=visibility.horizon_range(*heights, K_REFRACTION),
        tolerance=0.001,
        unit="m",
        second=("line touching the circle, SciPy", touching_range_m(*heights, K_REFRACTION)),
        source="k R (acos(k R / (k R + h1)) + acos(k R / (k R + h2))), k = 4/3, R = 6371.0 km",
    )
