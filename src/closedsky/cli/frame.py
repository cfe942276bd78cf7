"""Common parts of the commands: options, progress, output. Imports are deferred until a command needs them."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from closedsky.page import Part
    from closedsky.progress import Progress

SCENARIO = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped example.")]
OWN = Annotated[
    Path | None,
    typer.Option("--catalogue", metavar="DIR", help="A folder of your own entries, which extend or replace the shipped ones."),
]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")]


def _in_range(threads: int | None) -> int | None:
    from closedsky.threads import threads_to_use

    return None if threads is None else threads_to_use(threads)


THREADS = Annotated[
    int | None,
    typer.Option(help="Number of threads; by default all. The answer does not depend on it.", callback=_in_range),
]


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


_KERNELS = {
    "run": ("windows.launches", "trial.run_trials"), "cover": ("approach.sweep_lines", "floor.floor_fan"),
    "serve": ("approach.sweep_lines", "floor.floor_fan", "again.crossing"),
    "footprint": ("opportunities.opportunities_on", "aim.aim_flights"), "floor": ("floor.floor_fan",),
}  # fmt: skip
"""By the largest kernels of each half of what a command compiles it is seen whether it has been compiled."""


def compile_first(command: str) -> None:
    """Compile the kernels of `run`, `cover`, `footprint` or a `floor` if they have yet to be, and say so."""
    from closedsky import api

    if any(api.cache_is_cold(kernel) for kernel in _KERNELS[command]):
        print(
            "closedsky: compiling the kernels for this processor (once; half a minute to a minute)", file=sys.stderr, flush=True
        )
        api.compile_together(command)


def dump(data: Any) -> str:
    """Data as JSON, one value per line."""
    import json

    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def terminal_width() -> int:
    """Columns of what is printed: those of the terminal, 120 at most; 80 where there is none."""
    import shutil

    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def show(*parts: "Part") -> None:
    """Print paragraphs, items and tables, no wider than the terminal."""
    from closedsky.page import printed

    sys.stdout.write(printed(parts, terminal_width()))


def place(text: str, flag: str = "--at") -> tuple[float, float]:
    """A place given as LAT,LON, degrees."""
    from closedsky.errors import Fault, RequestError
    from closedsky.geo.terrain.region import numbers

    try:
        lat, lon = numbers(text)
    except ValueError:
        raise RequestError(Fault(f"{text!r} is no place", flag, "give LAT,LON in degrees, such as --at=33.3,44.4")) from None
    if not (-90.0 <= lat <= 90.0 and -360.0 <= lon <= 360.0):
        raise RequestError(Fault(f"{text} is not on the Earth", flag, "give latitude first, then longitude, in degrees"))
    return lat, lon
