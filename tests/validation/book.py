"""What agrees with whom: one row a comparison, and the file they are kept in.

A number is shown to a hundredth of its tolerance, at most nine digits, so that the last bits of a processor do not show.
"""

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "validation.csv"
PARTS = (
    "radar equation",
    "Pd",
    "gas loss",
    "horizon",
    "floor",
    "air",
    "trajectories",
    "salvo, shoot-look-shoot",
    "channels",
    "one barrage",
    "closed sky",
)
Kind = Literal["absolute", "relative", "standard errors"]
_STEPS = 100  # to a tolerance


@dataclass(frozen=True)
class Row:
    """One comparison, as it is written. `used` is the share of the tolerance, `step` what the last digit of a figure stands for."""

    part: str
    authority: str
    quantity: str
    unit: str
    theirs: str
    ours: str
    difference: str
    tolerance: str
    used: str
    step: str
    second_path: str
    second: str
    source: str
    test: str

    def like(self, other: "Row") -> bool:
        """The same but for the last digit that counts."""
        said, told = asdict(self), asdict(other)
        steps = {name: float(self.step) for name in ("theirs", "ours", "second", "step")}
        steps["difference"] = 4.0 / _STEPS if self.tolerance.endswith("errors") else float(self.step)
        apart = {name: abs(float(said.pop(name)) - float(told.pop(name))) for name in steps}
        apart["used"] = abs(float(said.pop("used")) - float(told.pop("used")))
        steps["used"] = 1.0 / _STEPS
        return said == told and all(apart[name] <= 1.01 * steps[name] for name in steps)


def shown(value: float, step: float) -> str:
    """A number to the digit that `step` reaches, with at most nine."""
    if abs(value) < 0.5 * step:
        return "0"
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1
    digits = min(9, max(1, digits))
    if 1e-4 <= abs(value) < 1e9:
        return np.format_float_positional(value, precision=digits, unique=False, fractional=False, trim="-")
    return f"{value:.{digits - 1}e}"


def compare(
    test: str,
    *,
    part: str,
    authority: str,
    quantity: str,
    theirs: float,
    ours: float,
    tolerance: float,
    second: tuple[str, float],
    source: str,
    kind: Kind = "absolute",
    standard_error: float = 1.0,
    second_within: float | None = None,
    unit: str = "",
) -> Row:
    """The row of a comparison, which must hold; the second path must give the authority's figure as well.

    `tolerance` is absolute, a share of `theirs`, or a number of `standard_error`s. `second` names an independent path and gives its figure:
    within the same of both; or, where the path itself is good for more or for less, within `second_within` (absolute) of ours, or of
    theirs where ours is a measurement.
    """
    assert part in PARTS, part
    assert authority
    assert source
    unit_of_tolerance = {"absolute": 1.0, "relative": abs(theirs), "standard errors": standard_error}[kind]
    allowed = tolerance * unit_of_tolerance
    assert math.isfinite(allowed)
    assert allowed > 0.0
    told = f"{quantity}: {authority} {theirs!r}, ours {ours!r}, {second[0]} {second[1]!r}"
    assert abs(ours - theirs) <= allowed, f"{told}: apart by more than {allowed!r}"
    held_against = {theirs, ours} if second_within is None else {theirs if kind == "standard errors" else ours}
    within = allowed if second_within is None else second_within
    assert all(abs(second[1] - figure) <= within for figure in held_against), (
        f"{told}: the second path is off by more than {within!r}"
    )
    step = allowed / _STEPS
    difference = (ours - theirs) / (standard_error if kind == "standard errors" else 1.0)
    return Row(
        part=part,
        authority=authority,
        quantity=quantity,
        unit=unit,
        theirs=shown(theirs, step),
        ours=shown(ours, step),
        difference=shown(difference, tolerance / _STEPS if kind == "standard errors" else step),
        tolerance=f"{tolerance:.3g}" + {"absolute": "", "relative": " relative", "standard errors": " standard errors"}[kind],
        used=f"{abs(ours - theirs) / allowed:.2f}",
        step=f"{step:.1e}",
        second_path=second[0],
        second=shown(second[1], step),
        source=source,
        test=test,
    )


class Book:
    """The rows of one test: kept to be written, or else held against those that are written."""

    def __init__(self, test: str, kept: list[Row] | None) -> None:
        self.test, self.kept = test, kept
        self.committed = [] if kept is not None else [row for row in read(COMMITTED) if row.test == test]
        self.found: list[Row] = []

    def agrees(self, **comparison: Any) -> None:
        """`compare`, and a row of the page."""
        row = compare(self.test, **comparison)
        self.found.append(row)
        if self.kept is not None:
            self.kept.append(row)
            return
        assert any(row.like(other) for other in self.committed), f"make docs: {COMMITTED.name} does not say {row}"

    def close(self) -> None:
        """Nothing is written that the test no longer says."""
        if self.kept is None:
            gone = [row for row in self.committed if not any(row.like(other) for other in self.found)]
            assert not gone, f"make docs: {COMMITTED.name} says what {self.test} does not: {gone}"


Agrees = Callable[..., None]


def write(path: Path, rows: Iterable[Row]) -> None:
    """All rows, in an order that does not depend on that of the tests."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in sorted(rows, key=_place))


def _place(row: Row) -> tuple[object, ...]:
    return PARTS.index(row.part), row.authority, _by_number(row.quantity), row.test, _by_number(row.theirs)


def _by_number(text: str) -> list[tuple[float, str]]:
    """Words and numbers of a text, so that 9 comes before 10."""
    parts = []
    for word in text.replace(",", " ").split():
        try:
            parts.append((float(word), ""))
        except ValueError:
            parts.append((math.inf, word))
    return parts


def read(path: Path) -> list[Row]:
    """The rows of a file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]
