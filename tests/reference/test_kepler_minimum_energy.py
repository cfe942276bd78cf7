"""Minimum-energy free flight on a sphere: speed, elevation, apogee and time of flight by range."""

import math

import pytest

from closedsky.physics import aiming, flight, geodesy, trajectory
from closedsky.physics.constants import EARTH_MU, EARTH_RADIUS_M, SPHERE
from tests.reference.tables import rows
from tests.validation.book import Agrees


def _by_chord(angle_rad: float) -> dict[str, float]:
    """The same arc from its chord, by hand (Lagrange, Lambert).

    Of the ellipses through two points at R, a chord c = 2 R sin(Φ/2) apart, that of least energy has its second focus on the chord (where
    the sum of its distances from both, 4 a - 2 R, is least), in the middle of it by symmetry: 2 a = R + c/2.

    - Speed by vis viva, v² = μ (2/R - 1/a).
    - The foci are R cos(Φ/2) = 2 a e apart, and the apogee is a (1 + e) - R.
    - The path halves the angle between the rays to the foci: the chord lies Φ/2 below level, so γ = (π/2 - Φ/2) / 2.
    - Lambert: t = √(s³ / 8 μ) (π - β + sin β), s = 2 a, sin²(β/2) = (s - c) / s.
    """
    chord = 2.0 * EARTH_RADIUS_M * math.sin(0.5 * angle_rad)
    twice_axis = EARTH_RADIUS_M + 0.5 * chord
    beta = 2.0 * math.asin(math.sqrt((twice_axis - chord) / twice_axis))
    return {
        "speed": math.sqrt(EARTH_MU * (2.0 / EARTH_RADIUS_M - 2.0 / twice_axis)),
        "elevation": math.degrees(0.25 * (math.pi - angle_rad)),
        "apogee": (0.5 * (twice_axis + EARTH_RADIUS_M * math.cos(0.5 * angle_rad)) - EARTH_RADIUS_M) / 1000.0,
        "time": math.sqrt(twice_axis**3 / (8.0 * EARTH_MU)) * (math.pi - beta + math.sin(beta)),
    }


@pytest.mark.parametrize("row", rows("kepler_minimum_energy"), ids=lambda r: f"{r['range_km']}-{r['quantity']}")
def test_table(row: dict[str, str], agrees: Agrees) -> None:
    angle_rad = float(row["range_km"]) * 1000.0 / EARTH_RADIUS_M
    gamma_rad = flight.minimum_energy_angle(angle_rad)
    found = {
        "speed": flight.launch_speed(angle_rad, gamma_rad),
        "elevation": math.degrees(gamma_rad),
        "apogee": flight.apogee_altitude(angle_rad, gamma_rad) / 1000.0,
        "time": flight.time_of_flight(angle_rad, gamma_rad),
    }[row["quantity"]]
    # The model allows 0.1 %. The closed form is exact, so the rounding of the table is all that can be between them.
    expected = float(row["expected"])
    assert found == pytest.approx(expected, rel=0.001)
    agrees(
        part="trajectories",
        authority="Kepler minimum-energy table",
        quantity=f"{row['range_km']} km, {row['quantity']}",
        theirs=expected,
        ours=found,
        tolerance=1.01 * float(row["half_digit"]),
        unit=row["unit"],
        second=("chord of Lagrange and Lambert's time, by hand", _by_chord(angle_rad)[row["quantity"]]),
        second_within=1e-9 * expected,
        source=row["source"],
    )


@pytest.mark.parametrize("range_km", [300, 600, 1000])
def test_integrated_flight(range_km: int, agrees: Agrees) -> None:
    """The flight that is integrated step by step, on a sphere at rest, with neither air nor boost."""
    angle_rad = range_km * 1000.0 / EARTH_RADIUS_M
    lat1, lon1 = geodesy.destination(0.5, 0.2, 1.0, angle_rad)
    free = (0.0, math.inf, SPHERE, 0.0)
    azimuth, gamma, speed, duration, found = aiming.aim(0.5, 0.2, 0.0, lat1, lon1, 0.0, math.nan, *free)
    assert found
    apogee_m = trajectory.flight_end(0.5, 0.2, 0.0, azimuth, gamma, speed, *free, 0.0)[3]
    ours = {"speed": speed, "elevation": math.degrees(gamma), "apogee": apogee_m / 1000.0, "time": duration}
    for row in rows("kepler_minimum_energy"):
        if row["range_km"] == str(range_km):
            agrees(
                part="trajectories",
                authority="Kepler minimum-energy table, for the integrated flight",
                quantity=f"{range_km} km, {row['quantity']}",
                theirs=float(row["expected"]),
                ours=ours[row["quantity"]],
                tolerance=1.01 * float(row["half_digit"]),
                unit=row["unit"],
                second=("chord of Lagrange and Lambert's time, by hand", _by_chord(angle_rad)[row["quantity"]]),
                second_within=1e-5 * float(row["expected"]),  # the aim is within half a metre of the target
                source=row["source"],
            )
