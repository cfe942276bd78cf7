"""Values of another library for a second path of the validation page, written to tests/reference.

With what it brings, itur is half a gigabyte: too heavy for the development environment, so its values are kept.

    python -m pip install itur==0.4.0
    python scripts/reference_values.py
"""

import csv
from importlib.metadata import version
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference"


def table(name: str) -> list[dict[str, str]]:
    """Rows of a table."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: str, lines: list[list[str]], source: str) -> None:
    """A table of values that `source` computed."""
    with (REFERENCE / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*header.split(","), "basis", "source"])
        writer.writerows([*line, "computed", source] for line in lines)


def attenuation() -> None:
    """Annex 1 of P.676 at the points of the validation examples. Version 12 of the library: its lines and equations are those of 13."""
    import itur.models.itu676 as model

    model.change_version(12)
    header = "frequency_ghz,dry_pressure_hpa,temperature_k,vapour_g_m3"
    lines = []
    for row in table("itu_p676_attenuation"):
        if row["basis"] == "retrieved":
            point = [row[name] for name in header.split(",")]
            frequency, pressure, temperature, vapour = map(float, point)
            lines.append([*point, repr(float(model.gamma_exact(frequency, pressure, vapour, temperature).value))])
    write("itur_attenuation", f"{header},db_per_km", lines, f"itur {version('itur')}, gamma_exact, version 12")


if __name__ == "__main__":
    attenuation()
