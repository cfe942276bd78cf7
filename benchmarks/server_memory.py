"""Memory of `closedsky serve` in long use: a few hundred requests of all kinds to a real server in this process.

``python -m benchmarks.server_memory``: units dragged over a dozen countries, at many heights, with full answers, footprints, examples,
tiles and, with ``--claims``, tests of claims. Every ``--every`` requests it prints resident memory and the size of the cache. Requests
and their order are the same in every run.
"""

import argparse
import http.client
import json
import random
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from closedsky.geo.land import land
from closedsky.server.app import Options, Served, make
from closedsky.server.listen import bound, server_of
from closedsky.server.rate import Rates

COUNTRIES = ("IRQ", "SYR", "EGY", "ISR", "TUR", "UKR", "POL", "DEU", "KOR", "VNM", "IRN", "SAU")
SYSTEMS = ("s-400", "s-300pmu-2", "nasams", "patriot-pac-3-mse", "pantsir-s1")
HEIGHTS_M = (100.0, 300.0, 1_000.0, 3_000.0, 8_000.0)
Request = tuple[str, dict[str, Any] | None]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server_memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--cell", type=float, default=2_000.0, help="cells of so many metres")
    parser.add_argument("--units", type=int, default=12, help="units on a map at most")
    parser.add_argument(
        "--claims", nargs="*", default=(), metavar="CLAIM", help="claims that are tested, spread over the requests"
    )
    args = parser.parse_args()
    for what, value in machine("numba", "numpy").items():
        print(f"{what:<12}{value}")
    with running() as (served, port):
        print(f"{'requests':>8} {'minutes':>8} {'resident':>9} {'most':>9} {'kept':>9}")
        tell(0, 0.0, served)
        began = time.monotonic()
        for done, (path, body) in enumerate(requests(args.requests, args.cell, args.units, args.claims), 1):
            ask(port, path, body)
            if done % args.every == 0 or done == args.requests:
                tell(done, time.monotonic() - began, served)


def requests(count: int, cell_m: float, most_units: int, claims: tuple[str, ...]) -> Iterator[Request]:
    """The requests, in turn: a drag of five steps with the full answer to the last, a footprint, an example, a tile."""
    chance, asked = random.Random(7), 0
    tests = {(k + 1) * count // (len(claims) + 1): claim for k, claim in enumerate(claims)}
    while True:
        look = a_look(chance, cell_m, most_units)
        drag = [("/api/quick", moved(look, step)) for step in range(5)]
        others = [
            ("/api/answer", drag[-1][1]),
            ("/api/scenario", drag[-1][1]),
            ("/api/footprint", {"system": "patriot-pac-3-mse", "at": look["units"][0]["at"], "threat": "fateh-313"}),
            ("/api/examples/close-the-sky-iraq/request", None),
            (f"/api/relief/5/{chance.randrange(64)}/{chance.randrange(32)}", None),
        ]
        for request in (*drag, *others):
            if asked == count:
                return
            asked += 1
            yield (f"/api/claims/{tests[asked]}/test", None) if asked in tests else request


def a_look(chance: random.Random, cell_m: float, most_units: int) -> dict[str, Any]:
    country = chance.choice(COUNTRIES)
    west, south, east, north = land().bounds(country)
    units = [
        {"id": f"unit-{k}", "system": chance.choice(SYSTEMS), "at": [chance.uniform(south, north), chance.uniform(west, east)]}
        for k in range(chance.randint(1, most_units))
    ]
    return {"units": units, "country": country, "cell_m": cell_m, "level_m": chance.choice(HEIGHTS_M)}


def moved(look: dict[str, Any], step: int) -> dict[str, Any]:
    first, *others = look["units"]
    return {**look, "units": [{**first, "at": [first["at"][0] + 0.02 * step, first["at"][1]]}, *others]}


@contextmanager
def running() -> Iterator[tuple[Served, int]]:
    served = make(Options(rates=Rates(light=(1e6, 1e6), heavy=(1e6, 1e6))))
    listening, server = bound("127.0.0.1", 0), server_of(served)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield served, listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def ask(port: int, path: str, body: dict[str, Any] | None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600.0)
    connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 422):  # some units are at sea
        print(f"{path}: {answer.status} {text[:200]!r}")
    connection.close()


def tell(done: int, took_s: float, served: Served) -> None:
    kept = getattr(served.explorer, "kept", None)
    most_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    held_mib = kept.held_bytes / 2**20 if kept is not None else float("nan")
    print(f"{done:8} {took_s / 60.0:8.1f} {resident_mib():5.0f} MiB {most_mib:5.0f} MiB {held_mib:5.0f} MiB", flush=True)


def resident_mib() -> float:
    """Resident memory of the process, MiB; Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
