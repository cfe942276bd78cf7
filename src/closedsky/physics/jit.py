"""How a kernel is compiled: one decorator, one cache.

numba's own cache does not notice an edit in a function called from another file. So the cache folder is named after everything a
kernel's machine code depends on: the text of all kernel sources, numba's version and the processor.
"""

import atexit
import contextlib
import hashlib
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
from llvmlite.binding import parse_assembly
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.environment import Environment, lookup_environment
from numba.core.runtime import rtsys

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_ROOMS = ("physics", "engine")
_KEPT = 3
_IN_USE_S = 86_400.0
"""A folder that was used within a day may be another process's."""


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Folder of the compiled kernels for these sources on this processor."""
    digest = hashlib.sha256()
    for room in _KERNEL_ROOMS:
        for source in sorted((_PACKAGE / room).rglob("*.py")):
            digest.update(source.relative_to(_PACKAGE).as_posix().encode() + b"\0" + source.read_bytes())
    processor = numba.config.CPU_NAME or _processor()
    digest.update(f"{numba.__version__}|{platform.python_version()}|{processor}".encode())
    try:
        folder = _home() / "closedsky" / "kernels" / digest.hexdigest()[:16]
        new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # may we write there?
        os.utime(folder)
    except (OSError, RuntimeError):  # nowhere to keep it: compile for this process alone, where only its user can write
        folder = Path(tempfile.mkdtemp(prefix="closedsky-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder
    if new:
        forget_old(folder.parent)
    return folder


def _home() -> Path:
    """Where caches are kept; RuntimeError if this user has no home."""
    return Path(os.environ.get("CLOSEDSKY_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def forget_old(kernels: Path) -> None:
    """Remove folders of compiled kernels that no source is for any more: all but the three last used and those used within a day.

    Each is renamed first, so that nobody finds half of it; two processes that do this at once take what the other leaves.
    """
    ours = [
        path for path in kernels.iterdir() if re.fullmatch("[0-9a-f]{16}", path.name) and path.is_dir() and not path.is_symlink()
    ]
    used = {}
    for path in ours:
        with contextlib.suppress(OSError):
            used[path] = path.stat().st_mtime
    for path in sorted(used, key=used.__getitem__, reverse=True)[_KEPT:]:
        if used[path] < time.time() - _IN_USE_S:
            grave = path.with_name(f"{path.name}.old-{os.getpid()}")
            with contextlib.suppress(OSError):
                path.rename(grave)
                shutil.rmtree(grave, ignore_errors=True)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "flags", "Features")
    return "|".join(sorted({line for line in lines if line.startswith(wanted)}))


def cache_is_cold(kernel_name: str) -> bool:
    """True when a kernel, `module.function`, has yet to be compiled for this processor."""
    return not numba.config.DISABLE_JIT and not any(cache_folder().rglob(f"{kernel_name}-*.nbi"))


def is_compiled() -> bool:
    """False where kernels run as plain Python (NUMBA_DISABLE_JIT=1)."""
    return not numba.config.DISABLE_JIT


def compile_for(kernel: Any, *arguments: Any) -> None:
    """Compile a kernel for arguments like these, or load it from the cache, without calling it."""
    if not numba.config.DISABLE_JIT:
        kernel.compile(tuple(numba.typeof(argument) for argument in arguments))


def _compiled(function: F, **how: Any) -> F:
    """`function`, compiled on its first call, for calls from Python and for calls from other kernels apart: few are called from both.

    Only a call from Python needs the wrapper that unpacks its arguments. The kernel's `called` is the one for other kernels, once there is
    one.
    """
    if numba.config.DISABLE_JIT:
        return function
    compiled = _dispatcher(function, **how)
    compiled.called = None

    def called() -> Any:
        if compiled.called is None:
            copy = FunctionType(function.__code__, function.__globals__, function.__name__)
            copy.__module__, copy.__qualname__ = function.__module__, f"{function.__qualname__}.called"
            compiled.called = _dispatcher(copy, no_cpython_wrapper=True, **how)
        return compiled.called

    def get_call_template(args: Any, kws: Any) -> Any:
        return called().get_call_template(tuple(map(_plain, args)), {name: _plain(value) for name, value in kws.items()})

    compiled.get_call_template = get_call_template
    compiled.get_overload = lambda signature: called().get_overload(signature)
    return cast(F, compiled)


def _dispatcher(function: Any, **how: Any) -> Any:
    """What numba makes of a function, kept in our folder; other libraries' kernels stay in theirs."""
    compiled = numba.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **how)(function)
    compiled._cache = _Kept(function, FunctionCache if "no_cpython_wrapper" in how else _Called)
    return compiled


class _Kept:
    """The machine code of one kernel as numba keeps it, but in our folder, and looked for only once it is wanted."""

    def __init__(self, function: Any, files: type[FunctionCache]) -> None:
        self._function = function
        self._kind = files

    @cached_property
    def _files(self) -> Any:
        elsewhere, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(cache_folder())
        try:
            return self._kind(self._function)
        finally:
            numba.config.CACHE_DIR = elsewhere

    @property
    def cache_path(self) -> str:
        return str(self._files.cache_path)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """As numba's, which first imports and registers all that it can compile: half a second. Before it compiles it does so anyway."""
        rtsys.initialize(target)
        with self._files._guard_against_spurious_io_errors():
            return self._files._load_overload(signature, target)

    def save_overload(self, signature: Any, compiled: Any) -> None:
        self._files.save_overload(signature, compiled)


class _MachineCode(CompileResultCacheImpl):
    """What a kernel that only Python calls needs to run, which loads in a third of the time of what numba keeps.

    Numba keeps also the kernel's bitcode, for the compiler of another kernel that calls it: those have the kernel's `called`. And of each
    function within it numba keeps the module, and imports it, for code that looks up Python objects: a kernel has none.
    """

    def reduce(self, compiled: Any) -> Any:
        """As numba's, with a stub for the bitcode, and for environments what makes them again."""
        (name, kind, (machine_code, _)), *about, environments = super().reduce(compiled)
        entries = compiled.fndesc.llvm_func_name, compiled.fndesc.llvm_cpython_wrapper_name  # numba asks whether it has these
        stub = parse_assembly("".join(f'define void @"{entry}"() {{ unreachable }}\n' for entry in entries))
        made_of = tuple((each.env_name, each.globals["__name__"], each.consts) for each in environments)
        return (name, kind, (machine_code, stub.as_bitcode())), *about, made_of

    def rebuild(self, target: Any, kept: Any) -> Any:
        """The kernel, ready to be called."""
        *others, made_of = kept
        return super().rebuild(target, (*others, tuple(_environment(*each) for each in made_of)))


_ENVIRONMENTS: dict[str, Any] = {}
"""Machine code points to them, so they last as long as the process; numba's own list of them it also compiles from."""


def _environment(name: str, module: str, constants: list[Any]) -> Any:
    """The environment of a function within a kernel, without the names in its module."""
    known = lookup_environment(name) or _ENVIRONMENTS.get(name)
    if known is not None:
        return known
    made = _ENVIRONMENTS[name] = Environment({"__name__": module})
    made.env_name = name
    made.consts[:] = constants
    return made


class _Called(FunctionCache):
    """The files of a kernel that is called from Python."""

    _impl_class = _MachineCode


def _plain(argument: Any) -> Any:
    """The type that a kernel takes for what another hands it: numba would compile anew for every constant and width of integer."""
    types: Any = numba.core.types
    plain = types.unliteral(argument)
    return types.int64 if isinstance(plain, types.Integer) and plain.bitwidth < 64 else plain


def kernel(function: F) -> F:
    """Compile a plain function: no Python objects, no interpreter lock, IEEE arithmetic as written (no fastmath)."""
    return _compiled(function)


def part(function: F) -> F:
    """A kernel that numba writes into each kernel that calls it before it compiles that: for one of a line or two, or with one caller.

    A large kernel inside another would be optimised twice, for itself and within its caller.
    """
    return _compiled(function, inline="always")


def step(function: F) -> F:
    """A kernel that allocates nothing, compiled into its caller without counting references to arrays.

    The trial passes two dozen arrays from one short function to the next; counting who holds them took six sevenths of its time.
    """
    return _compiled(function, forceinline=True, _nrt=False)


def stage(function: F) -> F:
    """A `step` of some size, called from several places: compiled once, not into each of them."""
    return _compiled(function, _nrt=False)
