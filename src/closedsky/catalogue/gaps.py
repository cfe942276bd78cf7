"""Gaps of the catalogue: figures that are assumed or unverified, worst first."""

import math
from typing import Any, NamedTuple

from closedsky.catalogue.library import Catalogue, figures
from closedsky.catalogue.words import describe, number, unit_of
from closedsky.model.claim import UNCERTAIN, Claim, Grade


class Gap(NamedTuple):
    """An assumed or unverified figure, and every place that has it."""

    parameter: str
    claim: Claim
    paths: tuple[str, ...]

    @property
    def spread(self) -> float:
        """High end over low end. Infinite if there is no range, an end is zero or the sign changes."""
        if self.claim.low is None or self.claim.high is None:
            return math.inf
        return self.claim.high / self.claim.low if self.claim.low > 0.0 else math.inf

    def as_data(self) -> dict[str, Any]:
        """The gap as plain data."""
        spread = None if math.isinf(self.spread) else round(self.spread, 3)
        return {
            "parameter": self.parameter,
            "spread": spread,
            "paths": list(self.paths),
            "claim": self.claim.model_dump(mode="json"),
        }

    def in_words(self) -> tuple[str, str, str]:
        """Value, range and spread, as printed."""
        claim = self.claim
        value = f"{number(claim.value)} {unit_of(claim)}".strip()
        if claim.low is None or claim.high is None:
            return value, "no range", ""
        return value, f"{number(claim.low)} to {number(claim.high)}", "any" if math.isinf(self.spread) else f"× {self.spread:.3g}"


def gaps(catalogue: Catalogue, entry: str | None = None) -> list[Gap]:
    """The gaps of one entry, or of all: assumed before unverified, then widest range first, then most used first.

    A figure that several entries share (the same value, range and reason) is one gap.
    """
    found: dict[str, tuple[str, Claim, list[str]]] = {}
    for key in [entry] if entry is not None else [*catalogue.systems, *catalogue.threats]:
        noun = catalogue.entry(key)
        words = {row.path: row.parameter.strip() for row in describe(noun)}
        for path, claim in figures(noun):
            if claim.grade in UNCERTAIN:
                what = words[path].split(" against ")[0].split(",")[0]
                same = f"{what}|{claim.model_dump_json()}"
                found.setdefault(same, (words[path], claim, []))[2].append(f"{key}.{path}")
    every = [Gap(parameter, claim, tuple(paths)) for parameter, claim, paths in found.values()]
    return sorted(every, key=lambda gap: (gap.claim.grade is not Grade.ASSUMED, -gap.spread, -len(gap.paths), gap.paths))
