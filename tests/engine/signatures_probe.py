"""A run, a closed sky and a footprint in one process; prints every kernel that is called from Python, with the types it was called with.

Beside it, for the kernels that only kernels call, how many versions of each the cache holds.
"""

import json
import re
import sys

import closedsky
from closedsky.footprint.request import Request, footprint
from closedsky.physics import jit


def questions() -> None:
    """One of each kind: on real ground and on flat ground, free flights and routes, jamming, clutter, mirrors, drones."""
    for example in ("first-battery", "noise-and-decoys", "al-asad-erbil-2020"):
        closedsky.run(closedsky.load(example), trials=2)
    sites = closedsky.units("patriot-pac-3-mse", [(34.3, 47.1)])
    closedsky.cover(sites, cell_m=20_000.0, screening=False, heights_m=(1000.0,))
    footprint(Request("patriot-pac-3-mse", (33.8, 42.4), threat="fateh-313", range_km=300.0, azimuths=(90.0,), cell_km=8.0))


def from_python() -> dict[str, list[str]]:
    """Kernels compiled or loaded for Python in this process."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("closedsky.engine.", "closedsky.physics."))]
    return {
        f"{module.__name__.removeprefix('closedsky.')}.{name}": [str(signature) for signature in kernel.signatures]
        for module in modules
        for name, kernel in vars(module).items()
        if hasattr(kernel, "py_func") and kernel.py_func.__module__ == module.__name__ and kernel.signatures
    }


def from_kernels() -> dict[str, int]:
    """Versions in the cache of each kernel that others call."""
    counts: dict[str, int] = {}
    for path in jit.cache_folder().rglob("*.called-*.nbc"):
        name = re.sub(r"\.called-.*", "", path.name)
        counts[name] = counts.get(name, 0) + 1
    return counts


if __name__ == "__main__":
    questions()
    print(json.dumps({"from_python": from_python(), "from_kernels": from_kernels()}))
