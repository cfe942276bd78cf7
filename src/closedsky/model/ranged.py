"""Numbers and places of a scenario that are known as a range: each stands for its chosen value wherever one is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_ENDS = ("value", "low", "high")
WITHIN_MOST_M = 500_000.0


class Ends(NamedTuple):
    """The least and the greatest value of a number."""

    low: float
    high: float


class RangedNumber(float):
    """A number with the ends of its range: the chosen value in all arithmetic.

    >>> RangedNumber.of(10.0, 5.0, 20.0) + 1.0
    11.0
    """

    ends: Ends

    @classmethod
    def of(cls, value: float, low: float, high: float) -> "RangedNumber":
        """The number, from its chosen value and the ends of its range."""
        one = cls(value)
        one.ends = Ends(low, high)
        return one


class RangedCount(int):
    """A whole number with the ends of its range."""

    ends: Ends

    @classmethod
    def of(cls, value: int, low: int, high: int) -> "RangedCount":
        """The count, from its chosen value and the ends of its range."""
        one = cls(value)
        one.ends = Ends(low, high)
        return one


class RangedPlace(tuple[float, float]):
    """A place, latitude and longitude in degrees, that is known to within `within_m`: the place itself wherever one is needed."""

    within_m: float

    @classmethod
    def of(cls, at: tuple[float, float], within_m: float) -> "RangedPlace":
        """The place, from its likely position and the radius of the disc that it lies in."""
        one = cls(at)
        one.within_m = within_m
        return one


@dataclass(frozen=True)
class Also:
    """Marks a field of a model that may also be written as a mapping; the field's own limits hold for the values of that.

    read     validates what is given, by the field's own validator
    written  a value as it is written in a file
    fields   JSON schemas of the mapping's fields, from the field's own
    """

    read: Callable[[Any, Any], Any]
    written: Callable[[Any], Any]
    fields: Callable[[dict[str, Any]], dict[str, Any]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's schema of either."""
        return core_schema.no_info_wrap_validator_function(
            self.read, handler(source), serialization=core_schema.plain_serializer_function_ser_schema(self.written)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON schema of either."""
        plain = handler(schema["schema"])
        return {"anyOf": [plain, _mapping(self.fields(plain))]}


def _mapping(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _number(given: Any, handler: Any) -> Any:
    if isinstance(given, RangedNumber | RangedCount):
        return given
    if not isinstance(given, dict):
        return handler(given)
    _keys(given, _ENDS, "a number is known as {value, low, high}")
    value, low, high = (handler(given[key]) for key in _ENDS)
    if not low <= value <= high:
        raise ValueError(f"value {value:g} is not between low {low:g} and high {high:g}")
    return RangedCount.of(value, low, high) if isinstance(value, int) else RangedNumber.of(value, low, high)


def _place(given: Any, handler: Any) -> Any:
    if isinstance(given, RangedPlace):
        return given
    if not isinstance(given, dict):
        return handler(given)
    _keys(given, ("at", "within_m"), "a place is known as {at, within_m}")
    at, within_m = handler(given["at"]), given["within_m"]
    if isinstance(within_m, bool) or not isinstance(within_m, int | float) or not 0.0 < within_m <= WITHIN_MOST_M:
        raise ValueError(f"within_m is {within_m!r}; give a distance above 0, at most {WITHIN_MOST_M:,.0f} m")
    return RangedPlace.of(at, float(within_m))


def _keys(given: dict[Any, Any], wanted: tuple[str, ...], what: str) -> None:
    if set(given) != set(wanted):
        raise ValueError(f"{what}, not as {{{', '.join(str(key) for key in given)}}}; write {', '.join(wanted)}")


def _written_number(value: Any) -> Any:
    if isinstance(value, RangedNumber | RangedCount):
        plain = int if isinstance(value, RangedCount) else float
        return {"value": plain(value), "low": plain(value.ends.low), "high": plain(value.ends.high)}
    return value


def _written_place(value: Any) -> Any:
    if isinstance(value, RangedPlace):
        return {"at": [*value], "within_m": value.within_m}
    return value


def is_ranged(value: Any) -> bool:
    """Whether a value of a scenario is known as a range that is not a single value."""
    if isinstance(value, RangedNumber | RangedCount):
        return value.ends.low < value.ends.high
    return isinstance(value, RangedPlace)


OR_RANGE = Also(_number, _written_number, lambda number: dict.fromkeys(_ENDS, number))
"""A number may also be written {value, low, high}."""
OR_NEAR = Also(
    _place,
    _written_place,
    lambda place: {
        "at": place,
        "within_m": {"type": "number", "exclusiveMinimum": 0, "maximum": WITHIN_MOST_M, "description": "m"},
    },
)
"""A place may also be written {at, within_m}: it is then anywhere within that distance."""
