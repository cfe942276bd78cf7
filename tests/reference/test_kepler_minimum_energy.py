"""Minimum-energy free flight on a sphere: speed, elevation, apogee and time of flight by range."""

import math

import pytest

from closedsky.physics import flight
from closedsky.physics.constants import EARTH_RADIUS_M
from tests.reference.tables import rows


@pytest.mark.parametrize("row", rows("kepler_minimum_energy"), ids=lambda r: f"{r['range_km']}-{r['quantity']}")
def test_table(row: dict[str, str]) -> None:
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
    assert found == pytest.approx(expected, abs=1.01 * float(row["half_digit"]))
