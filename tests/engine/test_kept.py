"""What is kept on disk is what was computed, whatever has become of the file."""

from pathlib import Path

import numpy as np
import pytest

from closedsky.engine.pack import kept as room
from closedsky.engine.pack.kept import kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(room, "is_compiled", lambda: True)
    return tmp_path


def counted(calls: list[int], value: float = 0.1) -> np.ndarray:
    calls.append(1)
    return np.full((2, 3), value)


def test_it_is_made_once_and_found_to_the_bit(folder: Path) -> None:
    calls: list[int] = []
    first, again = (kept("table", (1.0, 0.1), lambda: counted(calls)) for _ in range(2))
    assert len(calls) == 1
    assert first.tobytes() == again.tobytes()
    assert [file.suffix for file in folder.iterdir()] == [".npy"]


def test_other_numbers_are_another_array(folder: Path) -> None:
    assert kept("table", (1.0,), lambda: counted([], 1.0))[0, 0] == 1.0
    assert kept("table", (np.nextafter(1.0, 2.0),), lambda: counted([], 2.0))[0, 0] == 2.0


@pytest.mark.parametrize("spoilt", [b"", b"\x93NUMPY", b"not an array at all"])
def test_a_damaged_file_is_made_anew(folder: Path, spoilt: bytes) -> None:
    kept("table", (1.0,), lambda: counted([]))
    (file,) = folder.iterdir()
    file.write_bytes(spoilt)
    calls: list[int] = []
    assert kept("table", (1.0,), lambda: counted(calls))[0, 0] == 0.1
    assert calls == [1]
    assert kept("table", (1.0,), lambda: counted(calls))[0, 0] == 0.1
    assert calls == [1]


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "cache_folder", lambda: tmp_path / "gone")
    monkeypatch.setattr(room, "is_compiled", lambda: True)
    assert kept("table", (1.0,), lambda: counted([]))[0, 0] == 0.1


def test_without_compiled_kernels_nothing_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "is_compiled", lambda: False)
    calls: list[int] = []
    for _ in range(2):
        kept("table", (1.0,), lambda: counted(calls))
    assert len(calls) == 2
    assert not list(folder.iterdir())
