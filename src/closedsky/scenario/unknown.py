"""The unknown: every figure of a situation that has a range, and the situation with all of them drawn.

A figure is drawn by the part that it plays and by its own numbers, never by a name: two entries that say the same draw alike, a figure
that variants share is drawn once for all of them, and figures that differ are drawn independently. Draws are a Latin hypercube (McKay,
Beckman and Conover 1979): of n draws of a figure, one lies in each n-th of its probability.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.model.figure import Figure, Grade
from closedsky.model.noun import Noun
from closedsky.model.ranged import RangedCount, RangedNumber, RangedPlace, is_ranged
from closedsky.model.scenario import Scenario
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.scenario.situation import Situation

Floats = npt.NDArray[np.float64]
Step = str | int
_DRAWN = ("environment", "assets", "defence", "sensors", "networks", "zones", "raid", "jamming", "settings")
"""Fields of a scenario whose numbers are drawn. What is asked (`cover`), what was reported and the catalogue's own entries are not."""
_OF_THE_RUN = ("trials", "seed", "draws")
"""Settings that say how an answer is computed, and nothing of the world."""


@dataclass(frozen=True)
class Unknown:
    """A figure with a range.

    name    entry and path, as answers name it
    role    the part that it plays, and its numbers: figures of one role draw alike
    low, value, high  its range, in its own `unit`; of a place 0, 0 and its radius, m
    whole   whether it is a whole number
    grade, source  how it is documented
    entry   id of its entry; None for a number of the scenario
    path    where it stands in the entry or the scenario
    """

    name: str
    role: str
    low: float
    value: float
    high: float
    whole: bool
    unit: str
    grade: str
    source: tuple[str, ...] = ()
    entry: str | None = None
    path: tuple[Step, ...] = field(default=())

    @property
    def is_place(self) -> bool:
        """Whether it is a place known to within a distance."""
        return self.path[-1:] in (("at",), ("origin",)) and self.entry is None

    def at(self, share: float) -> float:
        """The value below which lies `share` of its probability: triangular, from low over the chosen value to high."""
        width, rise = self.high - self.low, self.value - self.low
        if share * width < rise:
            drawn = self.low + math.sqrt(share * width * rise)
        else:
            drawn = self.high - math.sqrt((1.0 - share) * width * (self.high - self.value))
        return float(round(drawn)) if self.whole else drawn


def unknowns(situation: Situation) -> list[Unknown]:
    """Every figure of the catalogue and every number of the scenario that has a range and can change the answer."""
    found = []
    parts = {entry.id: _parts_played(entry) for entry in situation.entries()}
    for entry, (path, figure) in situation.figures():
        if figure.low is not None and figure.high is not None and figure.low < figure.high:
            role = _role(parts[entry], path)
            found.append(_of_figure(f"{entry}: {path}", role, figure, entry, (path,)))
    return [*found, *_of_scenario(situation.scenario)]


def stated(scenario: Scenario) -> Iterator[tuple[str, bool]]:
    """Every number and place that a scenario states of the world, by its path and value; and whether it has a range.

    What is left to a default is not stated; how many trials are run, from which seed, says nothing of the world.
    """
    for path, value in _stated(scenario, ()):
        if path[0] == "settings" and path[1] in _OF_THE_RUN:
            continue
        ranged = value.low is not None and value.low != value.high if isinstance(value, Figure) else is_ranged(value)
        yield f"{'.'.join(_said(scenario, path))} = {value}", ranged


def shares(unknown: Unknown, draws: int, seed: int) -> Floats:
    """Cumulative probabilities of the draws of a figure, (draws, 2): a Latin hypercube; places need both columns."""
    digest = blake2b(f"{seed} {unknown.role}".encode(), digest_size=16).digest()
    random = np.random.default_rng(int.from_bytes(digest, "little"))
    columns = [(random.permutation(draws) + random.random(draws)) / draws for _ in range(2)]
    return np.column_stack(columns)


def drawn(situation: Situation, values: Iterable[tuple[Unknown, tuple[float, float]]]) -> Situation:
    """The situation with figures at the given cumulative probabilities."""
    scenario_values: dict[tuple[Step, ...], Any] = {}
    for unknown, (share, other) in values:
        if unknown.entry is not None:
            situation = situation.with_figure(unknown.entry, str(unknown.path[0]), unknown.at(share))
        elif unknown.is_place:
            scenario_values[unknown.path] = (unknown.high * math.sqrt(share), 360.0 * other)
        else:
            scenario_values[unknown.path] = unknown.at(share)
    if not scenario_values:
        return situation
    return replace(situation, scenario=_replaced(situation.scenario, (), scenario_values))


def with_value(situation: Situation, unknown: Unknown, value: float) -> Situation:
    """The situation with one figure at a value, in its unit; as it is, if it does not have that figure."""
    own = next((one for one in unknowns(situation) if one.role == unknown.role), None)
    if own is None or value == own.value:
        return situation
    if own.entry is not None:
        return situation.with_figure(own.entry, str(own.path[0]), value)
    return replace(situation, scenario=_replaced(situation.scenario, (), {own.path: value}))


def _of_figure(name: str, role: str, figure: Figure, entry: str | None, path: tuple[Step, ...]) -> Unknown:
    assert figure.low is not None
    assert figure.high is not None
    whole = figure.unit in ("count", "") and figure.value == round(figure.value)
    numbers = f"{figure.low_si!r} {figure.si!r} {figure.high_si!r} {whole}"
    return Unknown(
        name,
        f"{role} {numbers}",
        figure.low,
        figure.value,
        figure.high,
        whole,
        figure.unit,
        str(figure.grade),
        figure.source,
        entry,
        path,
    )


# ------------------------------------------------------------------------------------------------ parts played


def _parts_played(entry: System | Threat) -> Mapping[str, str]:
    """What the named parts of an entry are to it, by the start of their paths: its first missile, its engagement radar."""
    if isinstance(entry, Threat):
        return {}
    unit = entry.fire_unit
    missiles = [*unit.load, *(name for name in entry.missiles if name not in unit.load)]
    radars = [unit.engagement_radar, *entry.package.sensors]
    radars += [name for name in entry.radars if name not in radars]
    found = {f"missiles.{name}": f"missile {rank}" for rank, name in enumerate(missiles)}
    return found | {f"radars.{name}": f"radar {rank}" for rank, name in enumerate(dict.fromkeys(radars))}


def _role(parts: Mapping[str, str], path: str) -> str:
    room, _, rest = path.partition(".")
    name, _, below = rest.partition(".")
    part = parts.get(f"{room}.{name}")
    return path if part is None else f"{part} {below}"


# ------------------------------------------------------------------------------------------------ numbers of a scenario


def _of_scenario(scenario: Scenario) -> Iterator[Unknown]:
    turning = any(group.manoeuvres for group in scenario.raid)
    for path, value in _walk(scenario, ()):
        if path == ("settings", "manoeuvre_loss") and not turning:
            continue
        name = "scenario: " + ".".join(_said(scenario, path))
        role = f"scenario {'.'.join(map(str, path))}"
        if isinstance(value, Figure):
            if value.low is not None and value.high is not None and value.low < value.high:
                yield _of_figure(name, role, value, None, path)
        elif isinstance(value, RangedPlace):
            yield Unknown(name, f"{role} {value.within_m!r}", 0.0, 0.0, value.within_m, False, "m", str(Grade.GIVEN), path=path)
        else:
            low, high, whole = float(value.ends.low), float(value.ends.high), isinstance(value, RangedCount)
            numbers = f"{role} {low!r} {float(value)!r} {high!r}"
            yield Unknown(name, numbers, low, float(value), high, whole, "", str(Grade.GIVEN), path=path)


def _walk(node: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Every ranged number, ranged place and figure below a part of a scenario, with its path."""
    if isinstance(node, Figure | RangedNumber | RangedCount | RangedPlace):
        if isinstance(node, Figure) or is_ranged(node):
            yield path, node
        return
    for step, part in _below(node, path):
        yield from _walk(part, (*path, step))


def _stated(node: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Every number, place and figure that is given below a part of a scenario, with its path."""
    is_number = isinstance(node, int | float) and not isinstance(node, bool)
    is_place = isinstance(node, tuple) and len(node) > 0 and all(isinstance(part, int | float) for part in node)
    if is_number or is_place or isinstance(node, Figure):
        yield path, node
    else:
        for step, part in _below(node, path):
            if isinstance(node, Scenario) or not isinstance(node, Noun) or step in node.model_fields_set:
                yield from _stated(part, (*path, step))


def _below(node: Any, path: tuple[Step, ...]) -> Iterable[tuple[Step, Any]]:
    if isinstance(node, Scenario):
        return [(name, getattr(node, name)) for name in _DRAWN]
    if isinstance(node, Noun):
        return [(name, getattr(node, name)) for name in type(node).model_fields]
    if isinstance(node, Mapping):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, tuple) else []


def _said(scenario: Scenario, path: tuple[Step, ...]) -> Iterator[str]:
    """A path with the ids of list items in place of their positions."""
    node: Any = scenario
    for step in path:
        node = dict(_below(node, ()))[step]
        yield str(getattr(node, "id", step)) if isinstance(step, int) else str(step)


def _replaced(node: Any, path: tuple[Step, ...], values: Mapping[tuple[Step, ...], Any]) -> Any:
    """A part of a scenario with the values at some paths replaced; unchanged parts are the same objects."""
    if path in values:
        return _value(node, values[path])
    if not any(key[: len(path)] == path for key in values):
        return node
    changed = {step: _replaced(part, (*path, step), values) for step, part in _below(node, path)}
    if isinstance(node, Noun):
        return node.model_copy(update={str(name): part for name, part in changed.items()})
    if isinstance(node, Mapping):
        return changed
    return tuple(changed.values())


def _value(node: Any, value: Any) -> Any:
    if isinstance(node, Figure):
        return node.model_copy(update={"value": value})
    if isinstance(node, RangedPlace):
        from pyproj import Geod

        away_m, azimuth_deg = value
        lon, lat, _ = Geod(ellps="WGS84").fwd(node[1], node[0], azimuth_deg, away_m)
        return float(lat), float(lon)
    return int(value) if isinstance(node, RangedCount) else float(value)
