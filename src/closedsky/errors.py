"""The exceptions that users can meet.

ClosedskyError                     states the problem, its location and the fix
├── ScenarioError                  a scenario file; has every fault found, not only the first
├── CatalogueError                 a catalogue entry; an unknown system, threat or source
├── TerrainError                   terrain that cannot be read or does not cover the scenario
├── RequestError                   a flag or an argument that is invalid
└── OutputError                    a file or folder that cannot be written
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault: the problem, its location, the fix."""

    what: str
    where: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    fix: {self.fix}"


class ClosedskyError(Exception):
    """Faulty input; the command line prints the faults and exits with 2.

    >>> try:
    ...     closedsky.run("no-such-scenario")
    ... except closedsky.ClosedskyError as error:
    ...     print(error.faults[0].fix)
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ScenarioError(ClosedskyError):
    """A scenario file that cannot be run."""


class CatalogueError(ClosedskyError):
    """A catalogue entry that cannot be used."""


class TerrainError(ClosedskyError):
    """Terrain that cannot be used."""


class RequestError(ClosedskyError):
    """A flag or argument that cannot be used."""


class OutputError(ClosedskyError):
    """A result that cannot be written to the requested place."""


def did_you_mean(name: object, known: Iterable[str], cutoff: float = 0.4) -> str:
    """A suggestion to precede the list of known names: the name most similar to `name`, if there is one.

    >>> did_you_mean("s-40", ["s-400", "patriot"])
    "did you mean 's-400'? "
    """
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=cutoff)
    return f"did you mean '{near[0]}'? " if near else ""
