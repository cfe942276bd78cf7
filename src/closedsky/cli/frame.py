"""Common parts of the commands: options, progress, output. Imports are deferred until a command needs them."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from closedsky.progress import Progress

SCENARIO = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped example.")]
OWN = Annotated[
    Path | None,
    typer.Option("--catalogue", metavar="DIR", help="A folder of your own entries, which extend or replace the shipped ones."),
]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")]
THREADS = Annotated[int | None, typer.Option(help="Number of threads; by default all. The answer does not depend on it.")]


@contextlib.contextmanager
def progress_on_stderr(quiet: bool) -> Iterator["Progress | None"]:
    """Progress on stderr: a progress bar, if it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        task = bars.add_task("", total=1)
        yield lambda what, done, of: bars.update(task, description=what, completed=done, total=of)


def announce_compiling(kernel: str = "trial.run_trials", how_long: str = "one to two minutes") -> None:
    """Announce that a kernel will be compiled, if it is not cached."""
    from closedsky import api

    if api.cache_is_cold(kernel):
        print(f"closedsky: compiling the kernels for this processor (once; {how_long})", file=sys.stderr, flush=True)


def dump(data: Any) -> str:
    """Data as JSON, one value per line."""
    import json

    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def terminal_width() -> int:
    """Width of the terminal in columns."""
    import shutil

    return shutil.get_terminal_size((100, 40)).columns


def place(text: str, flag: str = "--at") -> tuple[float, float]:
    """A place given as LAT,LON, degrees."""
    from closedsky.errors import Fault, RequestError

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise RequestError(Fault(f"{text!r} is no place", flag, "give LAT,LON in degrees, such as --at=33.3,44.4")) from None
    if not (-90.0 <= lat <= 90.0 and -360.0 <= lon <= 360.0):
        raise RequestError(Fault(f"{text} is not on the Earth", flag, "give latitude first, then longitude, in degrees"))
    return lat, lon
