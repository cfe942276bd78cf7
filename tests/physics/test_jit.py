"""Where compiled kernels are kept: in a folder of our own, and what is in it when."""

import os
import subprocess
import sys
import time
from pathlib import Path

from closedsky.physics import jit

DAY_S = 86_400.0
SMALL = "from closedsky.physics import geodesy; geodesy.central_angle(0.1, 0.2, 0.3, 0.4); "


def told(cache: Path | None, program: str, **more: str) -> str:
    """What a fresh process prints whose caches are kept under `cache`."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CLOSEDSKY_CACHE", "XDG_CACHE_HOME")} | more
    environment |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "NUMBA_DISABLE_JIT": "0"}
    if cache is not None:
        environment["CLOSEDSKY_CACHE"] = str(cache)
    return subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True).stdout


def folders(cache: Path) -> set[str]:
    return {path.name for path in (cache / "closedsky" / "kernels").iterdir()}


def old(kernels: Path, name: str, days: float) -> Path:
    """A folder of kernels last used so many days ago."""
    folder = kernels / name
    (folder / "physics_0").mkdir(parents=True)
    (folder / "physics_0" / "radar.nbi").write_bytes(b"machine code")
    os.utime(folder, times=(time.time() - days * DAY_S,) * 2)
    return folder


def test_a_second_process_finds_what_the_first_compiled(tmp_path: Path) -> None:
    hits = SMALL + "print(sum(geodesy.central_angle.stats.cache_hits.values()), end='')"
    assert (told(tmp_path, hits), told(tmp_path, hits)) == ("0", "1")
    (folder,) = folders(tmp_path)
    assert len(folder) == 16
    assert list((tmp_path / "closedsky" / "kernels" / folder).rglob("geodesy.central_angle-*.nbi"))


def test_other_libraries_keep_their_caches(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.py"
    theirs.write_text("import numba\n@numba.njit(cache=True)\ndef double(x):\n    return 2 * x\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import numba; before = numba.config.CACHE_DIR\n{SMALL}\n"
        "import theirs; theirs.double(2); print(numba.config.CACHE_DIR == before, theirs.double._cache.cache_path, end='')"
    )
    assert told(tmp_path / "ours", program) == f"True {tmp_path / '__pycache__'}"


def test_the_users_cache_is_used_unless_another_is_named(tmp_path: Path) -> None:
    program = "from closedsky.physics import jit; print(jit.cache_folder().parent, end='')"
    assert told(None, program, HOME=str(tmp_path)) == str(tmp_path / ".cache" / "closedsky" / "kernels")
    assert told(None, program, XDG_CACHE_HOME=str(tmp_path / "x")) == str(tmp_path / "x" / "closedsky" / "kernels")


def test_where_nothing_can_be_kept_kernels_last_as_long_as_the_process(tmp_path: Path) -> None:
    place = tmp_path / "a file where the cache should be"
    place.write_text("no folder")
    where = Path(told(place, SMALL + "from closedsky.physics import jit; print(jit.cache_folder(), end='')"))
    assert where.name.startswith("closedsky-kernels-")
    assert not where.exists()


def test_old_folders_are_forgotten_when_a_new_one_is_made(tmp_path: Path) -> None:
    kernels = tmp_path / "closedsky" / "kernels"
    names = [f"{i:016x}" for i in range(6)]
    for i, name in enumerate(names):
        old(kernels, name, days=2.0 + i)
    told(tmp_path, SMALL)
    (new,) = folders(tmp_path) - set(names)
    assert folders(tmp_path) == {new, names[0], names[1]}
    old(kernels, names[5], days=9.0)
    told(tmp_path, SMALL)  # nothing new: nothing is looked for
    assert names[5] in folders(tmp_path)


def test_nothing_else_and_nothing_in_use_is_forgotten(tmp_path: Path) -> None:
    kept = [old(tmp_path, f"{i:016x}", days=0.5) for i in range(6)]
    kept += [old(tmp_path, name, days=99.0) for name in ("notes", "0" * 15, "0123456789abcdeg")]
    elsewhere = old(tmp_path.parent / f"{tmp_path.name}-elsewhere", "f" * 16, days=99.0)
    (tmp_path / ("e" * 16)).symlink_to(elsewhere)
    gone = old(tmp_path, "d" * 16, days=2.0)
    jit.forget_old(tmp_path)
    assert all((path / "physics_0" / "radar.nbi").exists() for path in [*kept, elsewhere])
    assert not gone.exists()


def test_kernels_in_the_cache_are_loaded_without_what_only_compiling_needs(tmp_path: Path) -> None:
    load = "from closedsky.engine.ahead import PARTS, compile_parts; compile_parts(PARTS); "
    unwanted = "('numba.np.arraymath', 'numba.np.arrayobj', 'scipy.linalg')"
    loaded = f"import sys; print([name for name in {unwanted} if name in sys.modules], end='')"
    assert told(jit._home(), load + loaded) == "[]"


def test_kernels_of_others_are_compiled_after_ours_were_loaded(tmp_path: Path) -> None:
    others = (
        "import numba; import numpy as np; dot = numba.njit(lambda a, b: np.dot(a, b)); "
        "print(dot(2.0 * np.eye(2), np.ones(2)), end='')"
    )
    for _ in range(2):
        assert told(tmp_path, SMALL + others) == "[2. 2.]"
