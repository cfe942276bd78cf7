"""The U.S. Standard Atmosphere 1976 against its published tables and two libraries."""

import pytest

from closedsky.physics import atmosphere
from tests.reference.tables import rows

TABLE = rows("us_standard_atmosphere")


@pytest.mark.parametrize("row", TABLE, ids=lambda r: r["alt_m"])
def test_density(row: dict[str, str]) -> None:
    _, _, density = atmosphere.standard_air(float(row["alt_m"]))
    # Column `relative`: five printed digits (6e-5); breakpoints whose altitude is rounded to 1 m (half of it is 1e-4 of the density);
    # 1e-6 for libraries; above 86 km the error that the kernel states, most rows lying between its nodes.
    assert density == pytest.approx(float(row["density_kg_m3"]), rel=float(row["relative"]))


@pytest.mark.parametrize("row", [row for row in TABLE if row["temperature_k"]], ids=lambda r: r["alt_m"])
def test_temperature_and_pressure(row: dict[str, str]) -> None:
    temperature_k, pressure_pa, _ = atmosphere.standard_air(float(row["alt_m"]))
    # Two or three decimals are printed, and 1 m of altitude is up to 0.0065 K.
    assert temperature_k == pytest.approx(float(row["temperature_k"]), abs=0.0065)
    # All these altitudes are nodes of the pressure or lie below 86 km, where it is exact to the digits printed.
    assert pressure_pa == pytest.approx(float(row["pressure_pa"]), rel=min(1.5e-4, float(row["relative"])))


@pytest.mark.parametrize("row", [row for row in TABLE if row["sound_mps"]], ids=lambda r: r["alt_m"])
def test_sound(row: dict[str, str]) -> None:
    temperature_k, _, _ = atmosphere.standard_air(float(row["alt_m"]))
    # Two decimals are printed.
    assert atmosphere.sound_speed(temperature_k) == pytest.approx(float(row["sound_mps"]), abs=0.0051)
