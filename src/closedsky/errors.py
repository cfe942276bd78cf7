"""Every error a user can meet.

ClosedskyError                     says what, where, how to mend
├── ScenarioError                  a scenario file; holds every fault found, not only the first
├── CatalogueError                 a catalogue entry, an unknown system, threat or source
├── TerrainError                   a terrain that cannot be read or does not cover the scenario
├── RequestError                   a flag or an argument out of range
└── OutputError                    a place that cannot be written to
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong: what it is, where it stands, how to mend it."""

    what: str
    where: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    fix: {self.fix}"


class ClosedskyError(Exception):
    """The user's input is wrong; the command line prints the faults and exits with 2."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ScenarioError(ClosedskyError):
    """A scenario file that cannot be run."""


class CatalogueError(ClosedskyError):
    """A catalogue entry that cannot be used."""


class TerrainError(ClosedskyError):
    """A terrain that cannot be used."""


class RequestError(ClosedskyError):
    """A flag or argument that cannot be used."""


class OutputError(ClosedskyError):
    """A result that cannot be written where it was asked for."""


def did_you_mean(name: object, known: Iterable[str], cutoff: float = 0.4) -> str:
    """Advice to put before a list of what is known: the name nearest to `name`, if any is near.

    >>> did_you_mean("s-40", ["s-400", "patriot"])
    "did you mean 's-400'? "
    """
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=cutoff)
    return f"did you mean '{near[0]}'? " if near else ""
