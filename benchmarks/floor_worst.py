"""`python -m benchmarks.floor_worst`: the nodes with the largest floor errors against the exact profile, with causes, for docs/floor.md."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tests.reference import profile, relief
from tests.reference.floors import Comparison, compared

WIDTH = 0.5
"""Half the width of the path at its end, in nodes."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor_worst", description=__doc__)
    parser.add_argument("--size", type=int, default=8000)
    parser.add_argument("--nodes", type=int, default=20_000)
    parser.add_argument("--mast", type=float, nargs="+", default=[2.0, 20.0, 200.0])
    args = parser.parse_args()
    land = relief.utm(relief.fractal(args.size, 1))
    cases = [(site, mast) for site in relief.SITES for mast in args.mast]
    with tempfile.TemporaryDirectory() as folder:
        found = {case: compared(Path(folder), land, case[0], case[1], args.nodes) for case in cases}
    print("| antenna | mast | half within | 95 % within | 99 % within | worst |\n|---|---:|---:|---:|---:|---:|")
    for (site, mast), both in found.items():
        print(f"| {site} | {mast:g} m |" + "".join(f" {q:.2f} m |" for q in np.quantile(both.error_m, [0.5, 0.95, 0.99, 1.0])))
    worst = sorted(
        ((both.error_m[n], case, n) for case, both in found.items() for n in np.argsort(both.error_m)[-10:]), reverse=True
    )
    print(
        "\n| antenna, mast | node | distance | exact | computed | its horizon | at the cuts only | half a node left, right | why |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|---|")
    for _, (site, mast), node in worst[:10]:
        print(f"| {site}, {mast:g} m " + line(land, found[site, mast], int(node)))


def line(land: profile.Surface, both: Comparison, node: int) -> str:
    """One row of the table."""
    row, column = int(both.rows[node]), int(both.columns[node])
    start_row, start_column = (float(at) for at in land.place(both.antenna.lon_deg, both.antenna.lat_deg))
    aside = WIDTH * np.array([column - start_column, start_row - row]) / np.hypot(row - start_row, column - start_column)
    exact, at, metres = seen(land, both.antenna, row, column)
    cuts, _, _ = seen(land, both.antenna, row, column, between=False)
    sides = [seen(land, both.antenna, row + turn * aside[0], column + turn * aside[1])[0] for turn in (-1.0, 1.0)]
    return (
        f"| {row}, {column} | {metres / 1000:.0f} km | {exact:,.0f} m | {both.found[node]:,.0f} m | {at / 1000:.3g} km "
        f"| {cuts:,.0f} m | {sides[0]:,.0f} m, {sides[1]:,.0f} m | {why(exact, cuts, float(both.found[node]), metres / at)} |"
    )


def seen(
    land: profile.Surface, antenna: profile.Antenna, row: float, column: float, between: bool = True
) -> tuple[float, float, float]:
    """The floor at a place between nodes, without the ground there; the range of its horizon, and that of the place."""
    (path,) = antenna.paths(land, np.array([row]), np.array([column]))
    tangent, at = profile.horizon(land, antenna, *path, between=between)
    return float(antenna.altitude(np.float64(tangent), path[0][-1])), at, float(path[0][-1])


def why(exact: float, cuts: float, found: float, ratio: float) -> str:
    """Whether the error comes from terrain missed between two cuts of the grid, or from interpolation between two rays."""
    missed = (exact - cuts) / ratio
    if abs(found - cuts) < 0.5 * abs(found - exact):
        return f"the top of a cell, {missed:.1f} m above the ray's cuts of the grid, magnified {ratio:.0f} times"
    return f"a horizon between two rays, {abs(found - exact) / ratio:.1f} m in error there, magnified {ratio:.0f} times"


if __name__ == "__main__":
    main()
