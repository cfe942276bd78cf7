"""Worked examples of the radar equation, printed in the manual of MATLAB's Radar Toolbox."""

import math

import pytest

from closedsky.physics import constants, radar
from tests.reference.tables import rows


def _linear(decibels: str) -> float:
    return math.pow(10.0, float(decibels) / 10.0)


@pytest.mark.parametrize("row", rows("matlab_radar_equation"), ids=lambda row: row["case"])
def test_worked_example(row: dict[str, str]) -> None:
    common = (
        float(row["pulse_s"]),
        _linear(row["gain_db"]),
        constants.LIGHT_SPEED_MPS / float(row["frequency_hz"]),
        float(row["rcs_m2"]),
        _linear(row["snr_db"]),
        float(row["temperature_k"]),
        _linear(row["loss_db"]),
    )
    if row["solve_for"] == "range_m":
        found = radar.range_by_parameters(float(row["power_w"]), *common)
    else:
        found = radar.power_by_parameters(float(row["range_m"]), *common)
    # The page prints so many significant digits and no more: half a unit of the last one.
    expected = float(row["expected"])
    last_digit = 10.0 ** (math.floor(math.log10(expected)) + 1 - int(row["digits"]))
    assert found == pytest.approx(expected, abs=0.5 * last_digit)
