"""`python -m benchmarks.skies`: time and memory of coverage of all of Iran: 20 fire units, five heights, worst of eight headings.

README.md explains the table.
"""

import argparse
import resource
import time

import numpy as np

import closedsky
from benchmarks.machine import machine
from closedsky.coverage import answer as coverage
from closedsky.coverage import request as coverage_request
from closedsky.geo.area import country_area
from closedsky.geo.cells import cells, inside

HEIGHTS_M = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.skies", description=__doc__)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--cell", type=float, default=1_000.0, help="side of a cell, m")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    loaded = closedsky.units("s-400", spread("IRN", args.units))
    asked = coverage_request.asked(loaded, changes={"country": "IRN", "heights_m": HEIGHTS_M, "cell_m": args.cell})
    for what, value in machine("numba", "numpy").items():
        print(f"{what:<12}{value}")
    coverage.seen(asked)  # warm-up: compiles kernels
    for _ in range(args.rounds):
        began, used = time.perf_counter(), time.process_time()
        found = coverage.seen(asked)
        took, used = time.perf_counter() - began, time.process_time() - used
        print(
            f"{found.cells.shape[0]:,} x {found.cells.shape[1]:,} cells, {args.units} units: {took:.1f} s, processor {used:.1f} s"
        )
    land = found.inside
    assert land is not None
    for i, height_m in enumerate(HEIGHTS_M):
        print(f"{height_m:>8,.0f} m: {100 * np.count_nonzero(found.map.closed(i) & land) / np.count_nonzero(land):.1f} % closed")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def spread(country: str, count: int) -> list[tuple[float, float]]:
    """Sites far from one another: each is the cell farthest from all sites before it."""
    area = country_area(country)
    coarse = cells([area], [], 20_000.0)
    land = inside(coarse, area)
    places = np.column_stack([coarse.lat_deg[land], coarse.lon_deg[land]])
    flat = places * [1.0, np.cos(np.radians(places[:, 0].mean()))]
    chosen = [int(np.argmin(((flat - flat.mean(axis=0)) ** 2).sum(axis=1)))]
    away = np.full(len(flat), np.inf)
    while len(chosen) < count:
        away = np.minimum(away, ((flat - flat[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(np.argmax(away)))
    return [(round(float(lat), 3), round(float(lon), 3)) for lat, lon in places[chosen]]


if __name__ == "__main__":
    main()
