"""A run, a closed sky and a footprint in one process; prints every kernel that was compiled or loaded for them, and for which types."""

import json
import sys

import closedsky
from closedsky.engine import run
from closedsky.footprint.answer import defended_footprint
from closedsky.footprint.request import FootprintRequest


def questions() -> None:
    """One of each kind: on real ground and on flat ground, free flights and routes, jamming, clutter, mirrors, drones."""
    for example in ("first-battery", "noise-and-decoys", "al-asad-erbil-2020"):
        made = closedsky.prepare(closedsky.load(example))
        run.run(made.packed, made.tables, 1, 1)
        run.replay(made.packed, made.tables, 1, 0, 1)
    sites = closedsky.units("patriot-pac-3-mse", [(34.3, 47.1)])
    closedsky.cover(sites, cell_m=20_000.0, draws=0, relief=False, heights_m=(1000.0,))
    defended_footprint(
        FootprintRequest("patriot-pac-3-mse", (33.8, 42.4), threat="fateh-313", range_km=300.0, azimuths=(90.0,), cell_km=8.0)
    )


def versions() -> dict[str, list[str]]:
    """The types that each kernel was compiled, or loaded, for in this process: for Python, and as `NAME called` for other kernels."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("closedsky.engine.", "closedsky.physics."))]
    found: dict[str, list[str]] = {}
    for module in modules:
        for name, kernel in vars(module).items():
            if hasattr(kernel, "py_func") and kernel.py_func.__module__ == module.__name__:
                full = f"{module.__name__.removeprefix('closedsky.')}.{name}"
                found[full] = [str(signature) for signature in kernel.signatures]
                found[f"{full} called"] = [str(signature) for signature in kernel.called.signatures] if kernel.called else []
    return {name: types for name, types in found.items() if types}


if __name__ == "__main__":
    questions()
    print(json.dumps(versions()))
