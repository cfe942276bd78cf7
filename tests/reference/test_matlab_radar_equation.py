"""Worked examples of the radar equation, printed in the manual of MATLAB's Radar Toolbox."""

import math

import pytest

from closedsky.physics import constants, radar
from tests.reference.tables import rows
from tests.validation.book import Agrees


def _linear(decibels: str) -> float:
    return math.pow(10.0, float(decibels) / 10.0)


def _budget_db(row: dict[str, str]) -> float:
    """What range (four times, in dB m) or power (in dB W) must be, added up by hand in decibels.

    S = P + τ + 2 G + 20 lg λ + σ - 30 lg 4π - k - T - 4 R - L, each 10 lg of its unit: 10 lg k = -228.599167 (k = 1.380649e-23 J/K, exact),
    30 lg 4π = 32.976298, and 20 lg λ = 2 (84.768207 - 10 lg f), 10 lg c being 84.768207.
    """
    wavelength = 2.0 * (84.768207 - 10.0 * math.log10(float(row["frequency_hz"])))
    pulse, rcs, temperature = (10.0 * math.log10(float(row[name])) for name in ("pulse_s", "rcs_m2", "temperature_k"))
    rest = pulse + 2.0 * float(row["gain_db"]) + wavelength + rcs - 32.976298 + 228.599167 - temperature - float(row["loss_db"])
    if row["solve_for"] == "range_m":
        return 10.0 * math.log10(float(row["power_w"])) + rest - float(row["snr_db"])
    return float(row["snr_db"]) - rest + 40.0 * math.log10(float(row["range_m"]))


@pytest.mark.parametrize("row", rows("matlab_radar_equation"), ids=lambda row: row["case"])
def test_worked_example(row: dict[str, str], agrees: Agrees) -> None:
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
    is_range = row["solve_for"] == "range_m"
    agrees(
        part="radar equation",
        authority="MATLAB Radar Toolbox, manual",
        quantity=row["case"],
        theirs=expected,
        ours=found,
        tolerance=0.5 * last_digit,
        unit="m" if is_range else "W",
        second=("sum in decibels", 10.0 ** (_budget_db(row) / (40.0 if is_range else 10.0))),
        source=row["source"],
    )
