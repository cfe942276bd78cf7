"""Response times of the globe while a unit is dragged: of the quick answer, and of the full answer after it.

``python -m benchmarks.glances``: an S-400 (brochure circle of 380 km) dragged over Iraq in steps of 5 km; cells of 1 km, one height,
shares of the country. ``--units 60``: one of sixty units, the others fixed. Times are the median and the maximum, of wall time and of
processor time; on a shared machine, compare times of one run only.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

from benchmarks.machine import machine
from closedsky.catalogue.library import load_catalogue
from closedsky.explore.explorer import Explorer
from closedsky.model.globe import MapRequest, UnitAt


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glances", description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--system", default="s-400")
    parser.add_argument("--units", type=int, default=1, help="how many stand there in all")
    parser.add_argument("--full", type=int, default=4, help="full answers")
    args = parser.parse_args()
    for what, value in machine("numba", "numpy").items():
        print(f"{what:<12}{value}")
    explorer = Explorer(load_catalogue(), {"world": "world"})
    standing = others(args.system, args.units - 1)
    looks = [look(args.system, step, standing) for step in range(args.steps + 2)]
    explorer.answer(looks.pop(0))  # warm-up: compiles kernels
    glance = explorer.quick(looks.pop(0))
    print(f"{glance.raster.rows} x {glance.raster.columns} points, circle of {glance.circles[0].range_km:g} km, {glance.area}")
    tell("quick answer", timed(explorer.quick, looks))
    tell("the full one after it", timed(explorer.answer, looks[-args.full :]))


def look(system: str, step: int, standing: tuple[UnitAt, ...] = ()) -> MapRequest:
    dragged = UnitAt(id="one", system=system, at=(33.3, 43.5 + 0.05 * step))
    return MapRequest(units=(dragged, *standing), country="IRQ", cell_m=1_000.0)


def others(system: str, count: int) -> tuple[UnitAt, ...]:
    """Units spread over the country, at the same places on every call."""
    chance = random.Random(3)
    places = [(round(chance.uniform(30.5, 36.0), 3), round(chance.uniform(41.5, 46.5), 3)) for _ in range(count)]
    return tuple(UnitAt(id=f"other-{k}", system=system, at=at) for k, at in enumerate(places))


def timed(work: Callable[[MapRequest], object], looks: list[MapRequest]) -> list[tuple[float, float]]:
    """Wall time and processor time of each, s."""
    took = []
    for one in looks:
        began, worked = time.perf_counter(), time.process_time()
        work(one)
        took.append((time.perf_counter() - began, time.process_time() - worked))
    return took


def tell(what: str, took: list[tuple[float, float]]) -> None:
    clock, processors = zip(*took, strict=True)
    print(
        f"{what:<24} {1000 * statistics.median(clock):6.0f} ms, slowest {1000 * max(clock):.0f} ms; of processors "
        f"{1000 * statistics.median(processors):.0f} ms, most {1000 * max(processors):.0f} ms, of {len(took)}"
    )


if __name__ == "__main__":
    main()
