"""Gaps of the catalogue: figures that are assumed, unverified or estimates, worst first; and the sources on which many figures rest."""

import math
from typing import Any, NamedTuple

from closedsky.catalogue.figures import figures
from closedsky.catalogue.library import Catalogue, Entry
from closedsky.catalogue.words import describe, number, unit_of
from closedsky.model.figure import UNCERTAIN, Figure, Grade

MANY = 30
"""Figures that rest on one source, from which on the source is named with the gaps."""


class Gap(NamedTuple):
    """An assumed or unverified figure or an estimate, and every place that has it."""

    parameter: str
    figure: Figure
    paths: tuple[str, ...]

    @property
    def spread(self) -> float:
        """High end over low end. Infinite if there is no range, an end is zero or the sign changes."""
        if self.figure.low is None or self.figure.high is None:
            return math.inf
        return self.figure.high / self.figure.low if self.figure.low > 0.0 else math.inf

    def as_data(self) -> dict[str, Any]:
        """The gap as plain data."""
        spread = None if math.isinf(self.spread) else round(self.spread, 3)
        return {
            "parameter": self.parameter,
            "spread": spread,
            "paths": list(self.paths),
            "claim": self.figure.model_dump(mode="json"),
        }

    def in_words(self) -> tuple[str, str, str]:
        """Value, range and spread, as printed."""
        figure = self.figure
        value = f"{number(figure.value)} {unit_of(figure)}".strip()
        if figure.low is None or figure.high is None:
            return value, "no range", ""
        return (
            value,
            f"{number(figure.low)} to {number(figure.high)}",
            "any" if math.isinf(self.spread) else f"× {self.spread:.3g}",
        )


class Pillar(NamedTuple):
    """A source, the figures that name it, and those of them that name no other; paths with the id of the entry."""

    source: str
    paths: tuple[str, ...]
    alone: tuple[str, ...]

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries that the figures belong to."""
        return tuple(dict.fromkeys(path.split(".")[0] for path in self.paths))

    def as_data(self) -> dict[str, Any]:
        """The source and its figures as plain data."""
        return {"source": self.source, "entries": list(self.entries), "paths": list(self.paths), "alone": list(self.alone)}


def gaps(catalogue: Catalogue, entry: str | None = None) -> list[Gap]:
    """The gaps of one entry, or of all: assumed before the others, then widest range first, then most used first.

    A figure that several entries share (the same value, range and reason) is one gap.
    """
    found: dict[str, tuple[str, Figure, list[str]]] = {}
    for noun in _entries(catalogue, entry):
        words = {row.path: row.parameter.strip() for row in describe(noun)}
        for path, figure in figures(noun):
            if figure.grade in UNCERTAIN:
                what = words[path].split(" against ")[0].split(",")[0]
                same = f"{what}|{figure.model_dump_json()}"
                found.setdefault(same, (words[path], figure, []))[2].append(f"{noun.id}.{path}")
    every = [Gap(parameter, figure, tuple(paths)) for parameter, figure, paths in found.values()]
    return sorted(every, key=lambda gap: (gap.figure.grade is not Grade.ASSUMED, -gap.spread, -len(gap.paths), gap.paths))


def pillars(catalogue: Catalogue, entry: str | None = None) -> list[Pillar]:
    """The sources that `MANY` figures or more of one entry, or of all, name; most figures first.

    A figure counts whatever its grade, since what is derived from a wrong figure is wrong too.
    """
    resting: dict[str, list[tuple[str, bool]]] = {}
    for noun in _entries(catalogue, entry):
        for path, figure in figures(noun):
            for source in figure.source:
                resting.setdefault(source, []).append((f"{noun.id}.{path}", len(figure.source) == 1))
    found = [
        Pillar(source, tuple(path for path, _ in rest), tuple(path for path, alone in rest if alone))
        for source, rest in resting.items()
        if len(rest) >= MANY
    ]
    return sorted(found, key=lambda pillar: (-len(pillar.paths), pillar.source))


def _entries(catalogue: Catalogue, entry: str | None) -> list[Entry]:
    return [catalogue.entry(key) for key in ([entry] if entry is not None else [*catalogue.systems, *catalogue.threats])]
