"""The figures of an entry: all of them with their paths, how well they are known, and an entry in which one is changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from closedsky.errors import CatalogueError, Fault
from closedsky.model.figure import UNCERTAIN, Figure, Grade, Guidance
from closedsky.model.noun import Noun
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.model.used import FiguresUsed

_Entry = TypeVar("_Entry", System, Threat)


class PlacedFigure(NamedTuple):
    """A figure and its path in the entry, such as ``missiles.48n6e3.targets.aircraft.range_max``."""

    path: str
    figure: Figure


def figures(entry: Noun) -> list[PlacedFigure]:
    """Every figure of an entry, in the order of the file."""
    return [PlacedFigure(path, figure) for path, figure in walk(entry) if isinstance(figure, Figure)]


def uncertain(of: Iterable[PlacedFigure]) -> list[PlacedFigure]:
    """The figures that an answer counts as assumed."""
    return [figure for figure in of if figure.figure.grade in UNCERTAIN]


def used(of: Iterable[PlacedFigure]) -> FiguresUsed:
    """How many figures these are, and how many of each grade, best grade first; grades of none are left out."""
    counts = Counter(figure.figure.grade for figure in of)
    uncertain_ones = sum(counts[grade] for grade in UNCERTAIN)
    return FiguresUsed(
        count=uncertain_ones, of=counts.total(), by_grade={grade: counts[grade] for grade in Grade if counts[grade]}
    )


def with_value(entry: _Entry, path: str, value: float) -> _Entry:
    """A copy of `entry` in which the figure at `path` has the value `value`, in the figure's unit.

    The range is widened only if `value` lies outside it.
    """
    changed, found = _replaced(entry, "", path, value)
    if not found:
        near = get_close_matches(path, [figure.path for figure in figures(entry)], n=1, cutoff=0.0)
        fix = f"did you mean {near[0]!r}?" if near else "name one of its figures"
        raise CatalogueError(Fault(f"no figure {path!r}", f"catalogue: {entry.id}", fix))
    assert isinstance(changed, type(entry))
    return changed


def _parts(noun: Any) -> Iterator[tuple[str, Any]]:
    """The named parts of a model instance or mapping."""
    if isinstance(noun, Noun):
        for name in type(noun).model_fields:
            yield name, getattr(noun, name)
    elif isinstance(noun, Mapping):
        yield from noun.items()


def walk(noun: Any, path: str = "") -> Iterator[tuple[str, Figure | Guidance]]:
    """Every figure and guidance under `noun` with its path."""
    for name, part in _parts(noun):
        here = f"{path}.{name}" if path else name
        if isinstance(part, Figure | Guidance):
            yield here, part
        else:
            yield from walk(part, here)


def _replaced(noun: Any, here: str, path: str, value: float) -> tuple[Any, bool]:
    """`noun` with the figure at `path` replaced if it is part of it, and whether it was."""
    if isinstance(noun, Figure):
        if here != path:
            return noun, False
        ends = noun.low is not None and noun.high is not None
        low = min(noun.low, value) if ends and noun.low is not None else noun.low
        high = max(noun.high, value) if ends and noun.high is not None else noun.high
        return noun.model_copy(update={"value": float(value), "low": low, "high": high}), True
    for name, part in _parts(noun):
        below = f"{here}.{name}" if here else name
        if path == below or path.startswith(f"{below}."):
            changed, found = _replaced(part, below, path, value)
            if found and isinstance(noun, Noun):
                return noun.model_copy(update={name: changed}), True
            if found:
                return {**noun, name: changed}, True
    return noun, False
