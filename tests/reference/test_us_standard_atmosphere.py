"""The U.S. Standard Atmosphere 1976 against its published tables and a library; second, by integration, or from the table's other rows."""

import math

import pytest
from scipy.interpolate import CubicSpline

from closedsky.physics import atmosphere
from tests.reference.hydrostatic import air
from tests.reference.tables import rows
from tests.validation.book import Agrees

TABLE = rows("us_standard_atmosphere")
TOP_M = 86_000.0
"""Where integration from the ground ends: above, the gases are no longer mixed."""
AUTHORITIES = {"U.S.": "U.S. Standard Atmosphere 1976, its tables", "Tabl": "a library's table of the standard", "flui": "fluids"}
IDEAL = 8314.32 / 28.9644
LAST = "1000000"


def _among_the_others(alt_m: float) -> float:
    """Density at an altitude from the table's other rows: the cubic spline of the logarithm. The last row has none beyond it."""
    others = {float(r["alt_m"]): math.log(float(r["density_kg_m3"])) for r in TABLE if TOP_M <= float(r["alt_m"]) != alt_m}
    return math.exp(float(CubicSpline(*zip(*sorted(others.items()), strict=True))(alt_m)))


def _row(row: dict[str, str]) -> dict[str, str]:
    return {"part": "air", "authority": AUTHORITIES[row["source"][:4]], "source": row["source"]}


def _second(alt_m: float) -> tuple[str, float]:
    if alt_m <= TOP_M:
        temperature_k, pressure_hpa = air(alt_m)
        return "hydrostatic equation, SciPy", 100.0 * pressure_hpa / (IDEAL * temperature_k)
    return "spline of the table's other rows, SciPy", _among_the_others(alt_m)


@pytest.mark.parametrize("row", [row for row in TABLE if row["alt_m"] != LAST], ids=lambda r: r["alt_m"])
def test_density(row: dict[str, str], agrees: Agrees) -> None:
    """Column `relative`: five printed digits (6e-5); breakpoints whose altitude is rounded to 1 m (half of it is 1e-4 of the density);
    1e-6 for libraries; above 86 km the error that the kernel states, most rows lying between its nodes.
    """
    alt_m = float(row["alt_m"])
    _, _, density = atmosphere.standard_air(alt_m)
    agrees(
        **_row(row),
        kind="relative",
        quantity=f"density at {alt_m / 1000:g} km",
        theirs=float(row["density_kg_m3"]),
        ours=density,
        tolerance=float(row["relative"]),
        unit="kg/m³",
        second=_second(alt_m),
        # At 110 and 120 km the next rows are up to 10 km away, a factor of 4: the spline between them is 1.9 % off.
        second_within=0.02 * density if alt_m > TOP_M else None,
    )


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row["temperature_k"] and float(row["alt_m"]) < TOP_M], ids=lambda r: r["alt_m"]
)
def test_temperature_and_pressure(row: dict[str, str], agrees: Agrees) -> None:
    alt_m = float(row["alt_m"])
    temperature_k, pressure_pa, _ = atmosphere.standard_air(alt_m)
    by_integration = air(alt_m)
    # Two or three decimals are printed, and 1 m of altitude is up to 0.0065 K.
    agrees(
        **_row(row),
        quantity=f"temperature at {alt_m / 1000:g} km",
        theirs=float(row["temperature_k"]),
        ours=temperature_k,
        # Kinetic and molecular-scale temperature part above 80 km, where the library has the former.
        tolerance=0.0065,
        unit="K",
        second=("table 4 of the standard", by_integration[0]),
    )
    agrees(
        **_row(row),
        kind="relative",
        quantity=f"pressure at {alt_m / 1000:g} km",
        theirs=float(row["pressure_pa"]),
        ours=pressure_pa,
        tolerance=min(1.5e-4, float(row["relative"])),
        unit="Pa",
        second=("hydrostatic equation, SciPy", 100.0 * by_integration[1]),
    )


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row["temperature_k"] and float(row["alt_m"]) >= TOP_M], ids=lambda r: r["alt_m"]
)
def test_temperature_and_pressure_of_the_upper_air(row: dict[str, str]) -> None:
    temperature_k, pressure_pa, density = atmosphere.standard_air(float(row["alt_m"]))
    # Two decimals are printed; all these altitudes are nodes of the pressure, exact to the digits printed.
    assert temperature_k == pytest.approx(float(row["temperature_k"]), abs=0.0065)
    assert pressure_pa == pytest.approx(float(row["pressure_pa"]), rel=1.5e-4)
    assert density == pytest.approx(float(row["density_kg_m3"]), rel=float(row["relative"]))


@pytest.mark.parametrize("row", [row for row in TABLE if row["sound_mps"]], ids=lambda r: r["alt_m"])
def test_sound(row: dict[str, str], agrees: Agrees) -> None:
    alt_m = float(row["alt_m"])
    temperature_k, _, _ = atmosphere.standard_air(alt_m)
    agrees(
        **_row(row),
        quantity=f"speed of sound at {alt_m / 1000:g} km",
        theirs=float(row["sound_mps"]),
        ours=atmosphere.sound_speed(temperature_k),
        tolerance=0.0051,  # two decimals are printed
        unit="m/s",
        second=("√(1.4 R T), table 4 of the standard", math.sqrt(1.4 * IDEAL * air(alt_m)[0])),
    )
