"""Every kernel answers alike compiled and as plain Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.physics import kernel_probe

KERNELS = sorted(
    name
    for module in kernel_probe.MODULES
    for name, value in vars(module).items()
    if not name.startswith("_") and hasattr(value, "py_func") and value.__module__ == module.__name__
)


@pytest.fixture(scope="module")
def plain() -> dict[str, object]:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(Path(kernel_probe.__file__))]
    answer: dict[str, object] = json.loads(
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    )
    return answer


def test_every_kernel_is_probed() -> None:
    assert set(kernel_probe.probe()) == set(KERNELS)


@pytest.mark.parametrize("name", KERNELS)
def test_same_answer(name: str, plain: dict[str, object]) -> None:
    compiled = np.array(kernel_probe.probe()[name], dtype=float)
    # The model's own promise. Sums of Python and of machine code differ by the libraries' last bits.
    np.testing.assert_allclose(np.array(plain[name], dtype=float), compiled, rtol=1e-12, atol=1e-12 * max(1.0, _size(compiled)))


def _size(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size else 0.0
