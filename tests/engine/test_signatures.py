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
    "physics.floor._halved called": (2, "of the rays' slopes, which are double, and of the rest, which is single"),
}
"""Kernels that have more than one version, how many, and why."""


def told(program: list[str], **more: str) -> Any:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "0", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | more
    return json.loads(
        subprocess.run([sys.executable, *program], env=environment, check=True, capture_output=True, text=True).stdout
    )


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """What is found with the kernels that are in the cache: of those that only kernels call, none are looked at."""
    answer: dict[str, list[str]] = told([str(Path(signatures_probe.__file__))])
    return answer


def more_than_one(versions: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: types for name, types in versions.items() if len(types) > MORE.get(name, (1, ""))[0]}


def test_a_kernel_is_called_from_python_in_one_way(found: dict[str, list[str]]) -> None:
    assert more_than_one(found) == {}
    assert len(found) > 30


@pytest.mark.slow
def test_a_kernel_is_called_from_kernels_in_one_way(tmp_path: Path) -> None:
    """With nothing in the cache every kernel is compiled, and counted."""
    versions = told([str(Path(signatures_probe.__file__))], CLOSEDSKY_CACHE=str(tmp_path))
    assert more_than_one(versions) == {}
    assert 150 < len(versions) < 260


def test_what_is_compiled_ahead_is_what_is_called(found: dict[str, list[str]]) -> None:
    """Else it would be compiled in vain, and the command would wait for the right one as well."""
    program = (
        "import json, numba; from closedsky.engine import ahead\n"
        "print(json.dumps([[kernel.__module__.removeprefix('closedsky.') + '.' + kernel.__name__, "
        "str(tuple(map(numba.typeof, arguments)))] for calls in ahead.PARTS.values() for kernel, arguments in calls()]))"
    )
    for name, types in told(["-c", program]):
        assert found.get(name, [types]) == [types], name


def test_every_part_is_some_commands() -> None:
    assert {part for halves in ahead.HALVES.values() for half in halves for part in half} == set(ahead.PARTS)
