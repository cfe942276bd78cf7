"""How long the globe waits while a unit is dragged: for the quick answer, and for the full one after it.

``python -m benchmarks.glances``: an S-400 (brochure circle of 380 km) dragged over Iraq, 5 km at a time; cells of 1 km,
one height, shares of the country. Times are medians and the slowest; the machine is shared, so compare what is in one run.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from benchmarks.machine import machine
from closedsky.catalogue.library import load_catalogue
from closedsky.explore.look import REMEMBERED, Explorer
from closedsky.model.globe import Look, UnitAt


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glances", description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--system", default="s-400")
    args = parser.parse_args()
    for what, value in machine("numba", "numpy").items():
        print(f"{what:<12}{value}")
    explorer = Explorer(load_catalogue(), {"world": "world"})
    looks = [look(args.system, step) for step in range(args.steps + 1)]
    explorer.answer(looks.pop(0))  # compiles what has to be compiled
    glance = explorer.glance(looks[0])
    print(f"{glance.plate.rows} x {glance.plate.columns} points, circle of {glance.circles[0].range_km:g} km, {glance.area}")
    tell("quick answer", timed(explorer.glance, looks))
    tell("the full one after it", timed(explorer.answer, looks[-REMEMBERED:]))


def look(system: str, step: int) -> Look:
    return Look(units=(UnitAt(id="one", system=system, at=(33.3, 43.5 + 0.05 * step)),), country="IRQ", cell_m=1_000.0)


def timed(work: Callable[[Look], object], looks: list[Look]) -> list[float]:
    took = []
    for one in looks:
        began = time.perf_counter()
        work(one)
        took.append(time.perf_counter() - began)
    return took


def tell(what: str, took: list[float]) -> None:
    print(f"{what:<24} {1000 * statistics.median(took):6.0f} ms, slowest {1000 * max(took):.0f} ms, of {len(took)}")


if __name__ == "__main__":
    main()
