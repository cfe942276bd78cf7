"""How a kernel is compiled: one decorator, one cache.

numba's own cache does not notice an edit in a function called from another file. So the cache folder is named after everything a
kernel's machine code depends on: the text of all kernel sources, numba's version and the processor.
"""

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_ROOMS = ("physics", "engine")


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Folder of the compiled kernels for these sources on this processor."""
    digest = hashlib.sha256()
    for room in _KERNEL_ROOMS:
        for source in sorted((_PACKAGE / room).glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    processor = numba.config.CPU_NAME or _processor()
    digest.update(f"{numba.__version__}|{platform.python_version()}|{processor}".encode())
    home = os.environ.get("CLOSEDSKY_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(home) / "closedsky" / "kernels" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nowhere to keep it: compile for this process alone, in a folder that only its user can write to
        folder = Path(tempfile.mkdtemp(prefix="closedsky-kernels-"))
    return folder


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "flags", "Features")
    return "|".join(sorted({line for line in lines if line.startswith(wanted)}))


def cache_is_cold() -> bool:
    """True when the trials have yet to be compiled for this processor."""
    return not numba.config.DISABLE_JIT and not any(cache_folder().rglob("trial.run_trials-*.nbi"))


numba.config.CACHE_DIR = str(cache_folder())


def kernel(function: F) -> F:
    """Compile a plain function: no Python objects, no interpreter lock, IEEE arithmetic as written (no fastmath)."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


def step(function: F) -> F:
    """A kernel that allocates nothing, compiled into its caller without counting references to arrays.

    The trial passes two dozen arrays from one short function to the next; counting who holds them took six sevenths of its time.
    """
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function)
    return compiled


def stage(function: F) -> F:
    """A `step` of some size, called from several places: compiled once, not into each of them."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled
