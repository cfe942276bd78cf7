"""What a terminal's encoding lacks, a full disk, a reader that stops: each command is a process of its own."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import closedsky
from closedsky.cli.streams import stand_in
from tests.geo.rasters import degrees

SOURCE = Path(closedsky.__file__).parent

COMMANDS = (
    ("--help",),
    ("cover", "--help"),
    ("claims",),
    ("systems", "s-400"),
    ("systems", "--json"),
    ("check", "first-battery"),
    ("cite", "first-battery"),
    ("schema", "scenario"),
    ("examples",),
    ("terrain", "info"),
)


def process(*arguments: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    how = {"stdout": subprocess.PIPE, "env": {**os.environ, "COLUMNS": "80"}, **how}
    return subprocess.run([sys.executable, "-m", "closedsky", *arguments], stderr=subprocess.PIPE, check=False, **how)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "cp932"])
def test_what_an_encoding_lacks_is_written_in_ascii(encoding: str) -> None:
    env = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    for arguments, says in (
        (("systems", "s-400"), "[*●] read"),
        (("cover", "--help"), "Radar cross-section of the target, m[2²]"),
    ):
        done = process(*arguments, env=env)
        assert (done.returncode, done.stderr) == (0, b"")
        assert re.search(says, done.stdout.decode(encoding))


def test_every_sign_that_the_package_has_is_told_in_ascii() -> None:
    files = [file for kind in ("*.py", "*.yaml") for file in SOURCE.rglob(kind)]
    signs = {sign for file in files for sign in file.read_text(encoding="utf-8") if not sign.isascii()}
    assert len(signs) > 30
    assert [sign for sign in sorted(signs) if stand_in(sign) in ("", "?") or not stand_in(sign).isascii()] == []


def test_json_loses_nothing_in_any_encoding(tmp_path: Path) -> None:
    name = tmp_path / "gebirge-höhe-山.tif"
    degrees(name, 34.0, 44.0, 0.1, (5, 5))
    plain = process("terrain", "info", str(name), "--json")
    narrow = process("terrain", "info", str(name), "--json", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert narrow.stdout.isascii()
    assert json.loads(narrow.stdout) == json.loads(plain.stdout)
    assert json.loads(narrow.stdout)["name"] == name.name


def test_a_name_that_is_no_text_is_told() -> None:
    done = process("check", os.fsdecode(b"caf\xe9.yaml"))
    assert done.returncode == 2
    assert b"there is no such file" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_full_disk_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = process(*arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == "standard output: it cannot be written (No space left on device)"
    assert b"Traceback" not in done.stderr


def test_errors_that_nobody_takes_leave_the_exit_code() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "closedsky", "check", "nothing.yaml"], stderr=full, check=False)
    assert done.returncode == 2


def test_a_reader_that_stops_is_one_sentence() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "closedsky", "schema", "scenario"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read().decode().splitlines() == ["closedsky: nobody reads its output any more; the rest is left out"]
    assert running.wait() == 0
    running.stderr.close()


def _at_most(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("flags", [(), ("--compress",)])
@pytest.mark.parametrize("size", [0, 20_000])
def test_a_disk_that_fills_up_leaves_no_file(tmp_path: Path, size: int, flags: tuple[str, ...]) -> None:
    noise = np.random.default_rng(1)
    degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.001, (150, 150), lambda lat, lon: noise.normal(500.0, 20.0, lat.shape))
    out = tmp_path / "out"
    out.mkdir()
    done = process("terrain", "floor", "../dem.tif", "--at=33.9,44.1", "--height", "20", "--out", "floor.tif", *flags,
                   cwd=out, preexec_fn=lambda: _at_most(size))  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == "floor.tif: it cannot be written (File too large)"
    assert list(out.iterdir()) == []


def test_a_copy_that_finds_no_room_leaves_no_file(tmp_path: Path) -> None:
    done = process("examples", "copy", "first-battery", cwd=tmp_path, preexec_fn=lambda: _at_most(100))
    assert done.returncode == 2
    assert b"File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_no_file_to_write(tmp_path: Path) -> None:
    degrees(tmp_path / "dem.tif", 34.0, 44.0, 0.1, (5, 5))
    done = process(
        "terrain", "floor", str(tmp_path / "dem.tif"), "--at=33.9,44.1", "--height", "20", "--out", "/dev/null", "--force"
    )
    assert done.returncode == 2
    assert b"a device of that name" in done.stderr
    assert Path("/dev/null").is_char_device()


def test_a_cache_without_room_is_one_sentence(tmp_path: Path) -> None:
    env = {**os.environ, "CLOSEDSKY_CACHE": str(tmp_path / "cache")}
    done = process("run", "first-battery", "--trials", "2", env=env, preexec_fn=lambda: _at_most(1000))
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"it cannot be written (File too large)" in done.stderr
    assert b"CLOSEDSKY_CACHE" in done.stderr
