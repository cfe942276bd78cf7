"""`python -m benchmarks.floor_worst`: the nodes at which the floor is farthest from the exact profile, and why: tables of docs/floor.md."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tests.reference import profile, relief
from tests.reference.floors import Comparison, compared

WIDTH = 0.5
"""Nodes to either side of the path, at its end."""


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
    print("\n| antenna, mast | node | distance | exact | found | its horizon | half a node left | half a node right | why |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---|")
    for _, (site, mast), node in worst[:10]:
        print(f"| {site}, {mast:g} m " + line(land, found[site, mast], int(node)))


def line(land: profile.Surface, both: Comparison, node: int) -> str:
    """One row of the table."""
    row, column = int(both.rows[node]), int(both.columns[node])
    start_row, start_column = (float(at) for at in land.place(both.antenna.lon_deg, both.antenna.lat_deg))
    length = np.hypot(row - start_row, column - start_column)
    aside = WIDTH * np.array([column - start_column, start_row - row]) / length
    floors = [seen(land, both.antenna, row + turn * aside[0], column + turn * aside[1]) for turn in (0.0, -1.0, 1.0)]
    told = "".join(f" {floor:,.0f} m, {at / 1000:.3g} km |" for floor, at, _ in floors[1:])
    return (
        f"| {row}, {column} | {floors[0][2] / 1000:.0f} km | {both.exact[node]:,.0f} m | {both.found[node]:,.0f} m "
        f"| {floors[0][1] / 1000:.3g} km |{told} {why(floors)} |"
    )


def seen(land: profile.Surface, antenna: profile.Antenna, row: float, column: float) -> tuple[float, float, float]:
    """The floor at a place between nodes, the ground there left out; how far away its horizon is, and how far the place."""
    (path,) = antenna.paths(land, np.array([row]), np.array([column]))
    tangent, at = profile.horizon(land, antenna, *path)
    return float(antenna.altitude(np.float64(tangent), path[0][-1])), at, float(path[0][-1])


def why(floors: list[tuple[float, float, float]]) -> str:
    """Whether the horizon changes place within a node's width, or one place changes height."""
    at = [where for _, where, _ in floors]
    if max(at) > 1.2 * min(at):
        return "the horizon changes from one height to another within a node's width"
    return "the horizon's edge runs nearly along the ray"


if __name__ == "__main__":
    main()
