"""Gaps of the catalogue: figures that are assumed or unverified, worst first."""

import math
from typing import Any, NamedTuple

from closedsky.catalogue.library import Catalogue, figures
from closedsky.catalogue.words import describe, number, unit_of
from closedsky.model.figure import UNCERTAIN, Figure, Grade


class Gap(NamedTuple):
    """An assumed or unverified figure, and every place that has it."""

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


def gaps(catalogue: Catalogue, entry: str | None = None) -> list[Gap]:
    """The gaps of one entry, or of all: assumed before unverified, then widest range first, then most used first.

    A figure that several entries share (the same value, range and reason) is one gap.
    """
    found: dict[str, tuple[str, Figure, list[str]]] = {}
    for key in [entry] if entry is not None else [*catalogue.systems, *catalogue.threats]:
        noun = catalogue.entry(key)
        words = {row.path: row.parameter.strip() for row in describe(noun)}
        for path, figure in figures(noun):
            if figure.grade in UNCERTAIN:
                what = words[path].split(" against ")[0].split(",")[0]
                same = f"{what}|{figure.model_dump_json()}"
                found.setdefault(same, (words[path], figure, []))[2].append(f"{key}.{path}")
    every = [Gap(parameter, figure, tuple(paths)) for parameter, figure, paths in found.values()]
    return sorted(every, key=lambda gap: (gap.figure.grade is not Grade.ASSUMED, -gap.spread, -len(gap.paths), gap.paths))
