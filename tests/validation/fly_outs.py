"""How long the catalogue's missiles take to 10, 50 and 100 km: the table of docs/catalogue.md.

    python -m tests.validation.fly_outs          writes it

To a point 5 km above the launcher; low has every figure of the missile at the end that favours the attacker, high the defender.
"""

import math
from functools import cache
from pathlib import Path

from closedsky.catalogue.figures import figures, with_value
from closedsky.catalogue.library import load_catalogue
from closedsky.engine.pack.defence import fly_out_end_m, fly_out_of
from closedsky.model.system import Missile
from closedsky.physics.flyout import time_of_flight
from closedsky.scenario.sides import DEFENDER, NOT_PLAIN, End, side

PAGE = Path(__file__).resolve().parents[2] / "docs" / "catalogue.md"
FIRST, LAST = "<!-- fly-outs: python -m tests.validation.fly_outs -->", "<!-- end of fly-outs -->"
DISTANCES_M = (10e3, 50e3, 100e3)
CLIMB_M = 5e3
ENDS: tuple[End, ...] = ("low", "likely", "high")
CATALOGUE = load_catalogue()
MISSILES = [(key, name) for key in CATALOGUE.systems for name in CATALOGUE.system(key).missiles]


@cache
def missile_at(key: str, name: str, end: End) -> Missile:
    """A missile with the figures that have a side at the end that favours the attacker (low) or the defender (high), or as chosen."""
    system = CATALOGUE.system(key)
    for what, figure in figures(system.missiles[name].flyout):
        path = f"missiles.{name}.flyout.{what}"
        favours, _ = side(path)
        if end != "likely" and favours != NOT_PLAIN and figure.low is not None and figure.high is not None:
            system = with_value(system, path, figure.high if (favours == DEFENDER) == (end == "high") else figure.low)
    return system.missiles[name]


def time_s(missile: Missile, distance_m: float) -> float:
    """Time in s to a slant range; infinite where it does not get there."""
    table, end_m = fly_out_of(missile), fly_out_end_m(missile)
    return time_of_flight(table, end_m, missile.flyout.speed_least.si, distance_m, CLIMB_M)


def table() -> str:
    """The table of the page: one row for each round, rounds that fly alike together."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for key, name in MISSILES:
        rows.setdefault(tuple(_cells(key, name)), []).append(CATALOGUE.system(key).missiles[name].name)
    lines = [
        "| missile | " + " | ".join(f"{metres / 1e3:g} km" for metres in DISTANCES_M) + " |",
        "|---|" + "---:|" * len(DISTANCES_M),
    ]
    return "\n".join([*lines, *(f"| {', '.join(dict.fromkeys(names))} | {' | '.join(cells)} |" for cells, names in rows.items())])


def _cells(key: str, name: str) -> list[str]:
    """Likely (low to high), s; a dash where it does not get there, nothing where its range ends before."""
    cells = []
    for distance_m in DISTANCES_M:
        within = distance_m <= max(envelope.range_max.si for envelope in CATALOGUE.system(key).missiles[name].targets.values())
        low, likely, high = (_said(time_s(missile_at(key, name, end), distance_m)) for end in ENDS)
        cells.append(f"{likely} ({low} to {high})" if within else "")
    return cells


def _said(seconds: float) -> str:
    return "–" if math.isinf(seconds) else f"{seconds:.1f}" if seconds < 20.0 else f"{seconds:.0f}"


def main() -> None:
    """Write the table."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(FIRST)
    PAGE.write_text(f"{before}{FIRST}\n\n{table()}\n\n{LAST}{rest.split(LAST)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
