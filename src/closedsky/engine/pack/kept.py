"""Arrays that take long to compute and depend on a few numbers alone, kept on disk beside the compiled kernels."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from closedsky.engine.layout import Floats
from closedsky.physics.jit import cache_folder, is_compiled


def kept(what: str, numbers: tuple[float, ...], make: Callable[[], Floats]) -> Floats:
    """The array that `make` computes from `numbers`, from the cache if it is there.

    The folder is named after the sources of all kernels and the processor, so an array never outlives the code that made it. Without
    compiled kernels nothing is read or written: that run is there to check the compiled one.
    """
    if not is_compiled():
        return make()
    digest = hashlib.blake2b(np.array(numbers, np.float64).tobytes(), digest_size=12).hexdigest()
    file = cache_folder() / f"{what}-{digest}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        found: Floats = np.load(file, allow_pickle=False)
        return found
    made = make()
    with contextlib.suppress(OSError):  # a cache that cannot be written is no fault
        _write(file, made)
    return made


def _write(file: Path, array: Floats) -> None:
    """All of it or nothing, whoever else writes the same."""
    handle, scratch = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, array, allow_pickle=False)
        Path(scratch).replace(file)
    finally:
        Path(scratch).unlink(missing_ok=True)
