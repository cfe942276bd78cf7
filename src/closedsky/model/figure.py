"""A figure: a number with its unit, range, sources and grade."""

import math
import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from closedsky.model.noun import Id, Noun

# unit -> (dimension, factor to SI). A level in dB stays in dB: `engine.pack` knows the reference.
UNITS: dict[str, tuple[str, float]] = {
    "m": ("length", 1.0),
    "km": ("length", 1000.0),
    "m2": ("area", 1.0),
    "s": ("time", 1.0),
    "min": ("time", 60.0),
    "m/s": ("speed", 1.0),
    "km/h": ("speed", 1.0 / 3.6),
    "deg": ("angle", math.pi / 180.0),
    "count": ("count", 1.0),
    "prob": ("share", 1.0),
    "kg": ("mass", 1.0),
    "kg/m2": ("ballistic coefficient", 1.0),
    "us": ("time", 1e-6),
    "MHz": ("frequency", 1e6),
    "GHz": ("frequency", 1e9),
    "kW": ("power", 1e3),
    "MW": ("power", 1e6),
    "W/MHz": ("power density", 1e-6),
    "K": ("temperature", 1.0),
    "dB": ("level", 1.0),
    "kUSD": ("money", 1e3),
    "MUSD": ("money", 1e6),
}


class Grade(StrEnum):
    """How well a figure is documented, best first."""

    READ = "read"
    CITED = "cited"
    COMPUTED = "computed"
    GIVEN = "given"
    ESTIMATE = "estimate"
    UNVERIFIED = "unverified"
    ASSUMED = "assumed"


UNCERTAIN = (Grade.ESTIMATE, Grade.UNVERIFIED, Grade.ASSUMED)
"""Grades that an answer counts as assumed."""


class Source(Noun):
    """A source of figures: an entry of the bibliography."""

    title: str
    publisher: str | None = None
    year: int | None = None
    address: str | None = None
    note: str | None = None


class Alternative(Noun):
    """A figure from another source that was not chosen; recorded beside the chosen one."""

    value: float
    source: tuple[Id, ...] = ()
    note: str = ""


_SHORT = re.compile(r"^\s*([-+0-9.eE]+)\s*([A-Za-z/0-9]*)\s*$")


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{whole!r} is not a figure; write a number and a unit, such as '200 km'") from None


class Figure(Noun):
    """A figure with its range, unit, sources and grade.

    `value`, `low` and `high` are in `unit`; `si`, `low_si`, `high_si` are the values used in computations.
    In a scenario a figure may be abbreviated, as ``"200 km"`` or ``0.8``: its grade is then *given*.
    """

    value: float
    low: float | None = None
    high: float | None = None
    unit: str = "count"
    source: tuple[Id, ...] = ()
    where: str | None = None
    grade: Grade = Grade.GIVEN
    why: str = ""
    others: tuple[Alternative, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, data: Any) -> Any:
        if isinstance(data, bool):
            raise ValueError("a figure is a number with a unit, not true or false")
        if isinstance(data, int | float):
            return {"value": data, "unit": ""}
        if isinstance(data, str):
            short = _SHORT.match(data)
            if short is None:
                raise ValueError(f"{data!r} is not a figure; write a number and a unit, such as '200 km'")
            return {"value": _number(short[1], data), "unit": short[2]}
        if isinstance(data, dict) and isinstance(data.get("source"), str):
            return {**data, "source": (data["source"],)}
        return data

    @model_validator(mode="after")
    def _ordered(self) -> "Figure":
        if self.unit and self.unit not in UNITS:
            raise ValueError(f"unknown unit {self.unit!r}; known are {', '.join(UNITS)}")
        low, high = self.low, self.high
        if (low is None) != (high is None):
            raise ValueError("give both low and high, or neither")
        if low is not None and high is not None and not low <= self.value <= high:
            raise ValueError(f"value {self.value:g} is not between low {low:g} and high {high:g}")
        if self.grade in (Grade.ASSUMED, Grade.COMPUTED) and not self.why:
            raise ValueError(f"a figure graded '{self.grade}' needs 'why': the derivation")
        if self.grade in (Grade.READ, Grade.CITED, Grade.ESTIMATE, Grade.UNVERIFIED) and not self.source:
            raise ValueError(f"a figure graded '{self.grade}' needs a source")
        return self

    @property
    def factor(self) -> float:
        """SI per unit."""
        return UNITS[self.unit][1] if self.unit else 1.0

    @property
    def si(self) -> float:
        """The chosen value in SI."""
        return self.value * self.factor

    @property
    def low_si(self) -> float:
        """The low end of the range in SI (the value itself if there is no range)."""
        return (self.value if self.low is None else self.low) * self.factor

    @property
    def high_si(self) -> float:
        """The high end of the range in SI."""
        return (self.value if self.high is None else self.high) * self.factor


def _dimension(name: str, allow_bare: bool = False, low: float = 0.0, high: float = math.inf) -> AfterValidator:
    units = [unit for unit, (dimension, _) in UNITS.items() if dimension == name]

    def check(figure: Figure) -> Figure:
        if not figure.unit and allow_bare:
            figure = figure.model_copy(update={"unit": units[0]})
        if figure.unit not in units:
            raise ValueError(f"needs a unit of {name} ({', '.join(units)}), got {figure.unit or 'a bare number'!r}")
        for end in (figure.low_si, figure.high_si):
            if not low <= end <= high:
                raise ValueError(f"{end:g} {units[0]} is outside {low:g} to {high:g}")
        return figure

    return AfterValidator(check)


def _whole(figure: Figure) -> Figure:
    if figure.value != round(figure.value):
        raise ValueError(f"{figure.value:g} is not a whole number")
    return figure


Length = Annotated[Figure, _dimension("length")]
Height = Annotated[Figure, _dimension("length", low=-500.0)]
Area = Annotated[Figure, _dimension("area")]
Reach = Annotated[Figure, _dimension("length", low=1.0)]
"""A positive length."""
CrossSection = Annotated[Figure, _dimension("area", low=1e-9)]
"""A positive area."""
Interval = Annotated[Figure, _dimension("time", low=1e-3)]
"""A positive time."""
Pace = Annotated[Figure, _dimension("speed", low=0.1)]
"""A positive speed."""
Mass = Annotated[Figure, _dimension("mass", low=1e-3)]
Frequency = Annotated[Figure, _dimension("frequency", low=1e6, high=350e9)]
Power = Annotated[Figure, _dimension("power", low=1.0)]
PowerDensity = Annotated[Figure, _dimension("power density")]
Temperature = Annotated[Figure, _dimension("temperature", low=1.0)]
Level = Annotated[Figure, _dimension("level", high=100.0)]
"""A ratio in dB, not negative: a gain, a loss, a side-lobe level below the main lobe."""
BallisticCoefficient = Annotated[Figure, _dimension("ballistic coefficient", low=100.0)]
Boost = Annotated[Figure, _dimension("time", high=600.0)]
Money = Annotated[Figure, _dimension("money")]
Pulse = Annotated[Figure, _dimension("time", low=1e-9)]
Time = Annotated[Figure, _dimension("time")]
Speed = Annotated[Figure, _dimension("speed")]
Angle = Annotated[Figure, _dimension("angle", low=-math.pi, high=2.0 * math.pi + 1e-9)]
Count = Annotated[Figure, _dimension("count", allow_bare=True)]
Number = Annotated[Figure, _dimension("count", allow_bare=True, low=1.0), AfterValidator(_whole)]
"""A count: a whole number, at least one."""
Share = Annotated[Figure, _dimension("share", allow_bare=True, high=1.0)]
FuelShare = Annotated[Figure, _dimension("share", allow_bare=True, low=0.01, high=0.95)]
"""A share that leaves something to burn, and something to fly on."""
Factor = Annotated[Figure, _dimension("count", allow_bare=True, low=0.01)]
"""A positive ratio to a stated value or curve."""


class Guidance(Noun):
    """Guidance of a missile; it determines what the engagement radar has to see, and for how long."""

    value: Literal["command", "sarh", "tvm", "arh"] = Field(
        description="radio command, semi-active, track via missile, or active radar homing"
    )
    source: tuple[Id, ...] = ()
    grade: Grade = Grade.GIVEN
    why: str = ""

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data
