"""Kernels compiled ahead by two processes: whatever becomes of the one beside, this one goes on; interrupted, it leaves none behind."""

import subprocess
import sys

import pytest

from closedsky.engine import ahead


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The parts that are compiled here, none of which is."""
    parts: list[tuple[str, ...]] = []
    monkeypatch.setattr(ahead, "compile_parts", lambda given: parts.append(tuple(given)))
    return parts


def beside(monkeypatch: pytest.MonkeyPatch, program: str) -> "list[subprocess.Popen[bytes]]":
    """Another program in place of the one that compiles the other half."""
    started: list[subprocess.Popen[bytes]] = []

    def helper(parts: object) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-c", program]))
        return started[-1]

    monkeypatch.setattr(ahead, "_helper", helper)
    return started


def test_the_other_half_is_waited_for(monkeypatch: pytest.MonkeyPatch, compiled: list[tuple[str, ...]]) -> None:
    started = beside(monkeypatch, "import time; time.sleep(0.3)")
    ahead.compile_together("run")
    assert compiled == [ahead.HALVES["run"][0]]
    assert started[0].returncode == 0


def test_one_that_fails_is_no_loss(monkeypatch: pytest.MonkeyPatch, compiled: list[tuple[str, ...]]) -> None:
    started = beside(monkeypatch, "raise SystemExit(3)")
    ahead.compile_together("run")
    assert compiled == [ahead.HALVES["run"][0]]
    assert started[0].returncode == 3


def test_where_no_process_can_be_had_there_is_none(monkeypatch: pytest.MonkeyPatch, compiled: list[tuple[str, ...]]) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ahead.compile_together("run")
    assert compiled == [ahead.HALVES["run"][0]]


def test_an_interrupt_ends_both(monkeypatch: pytest.MonkeyPatch) -> None:
    started = beside(monkeypatch, "import time; time.sleep(600)")

    def interrupted(parts: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ahead, "compile_parts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ahead.compile_together("run")
    assert started[0].returncode is not None


def test_a_part_is_compiled_by_its_name() -> None:
    """What the process beside is asked for."""
    program = [sys.executable, "-m", "closedsky.engine.ahead", "opportunities"]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 0
