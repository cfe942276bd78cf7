"""Each kernel is compiled once: a second version of one costs every user its compilation, and comes of a stray type."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from closedsky.engine import ahead
from tests.engine import signatures_probe

MORE = {
    "floor._halved": (2, "of the rays' slopes, which are double, and of the rest, which is single"),
}
"""Kernels that have more than one version, how many, and why."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(Path(signatures_probe.__file__))]
    answer: dict[str, Any] = json.loads(
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    )
    return answer


def test_a_kernel_is_called_from_python_in_one_way(found: dict[str, Any]) -> None:
    assert {name: types for name, types in found["from_python"].items() if len(types) > 1} == {}
    assert len(found["from_python"]) > 30


def test_a_kernel_is_called_from_kernels_in_one_way(found: dict[str, Any]) -> None:
    assert {name: count for name, count in found["from_kernels"].items() if count > MORE.get(name, (1, ""))[0]} == {}


def test_what_is_compiled_ahead_is_what_is_called(found: dict[str, Any]) -> None:
    """Else it would be compiled in vain, and the command would wait for the right one as well."""
    program = (
        "import json; from closedsky.engine import ahead\n"
        "print(json.dumps({part: [[kernel.__module__.removeprefix('closedsky.') + '.' + kernel.__name__, "
        "str(tuple(map(__import__('numba').typeof, arguments)))] for kernel, arguments in calls()] "
        "for part, calls in ahead.PARTS.items()}))"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    told = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True).stdout
    for part, calls in json.loads(told).items():
        for name, types in calls:
            assert found["from_python"].get(name, [types]) == [types], (part, name)


def test_every_command_is_in_halves() -> None:
    assert {part for halves in ahead.HALVES.values() for half in halves for part in half} == set(ahead.PARTS)
