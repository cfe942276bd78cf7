"""Validation errors of pydantic as faults in plain words: the problem, its location in the file, the fix."""

import difflib
import re
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from closedsky.errors import Fault, did_you_mean

Path = tuple[str | int, ...]
"""Keys and positions from the top of some data to one of its fields."""


class _Missing:
    pass


MISSING = _Missing()


def child_of(node: Any, step: str | int) -> Any:
    """The child of data at a step of a path, or MISSING."""
    if isinstance(node, dict):
        return node.get(step, MISSING)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return MISSING


def faults_of(error: ValidationError, data: Any, where: Callable[[Path], str], noun: type[BaseModel], help_: str) -> list[Fault]:
    """Faults of the data of a model class, one per field; the alternatives of a union are combined.

    Consequential errors are left out: the missing field of a misspelt one, a mapping whose parts are faulty.
    """
    by_path: dict[Path, dict[tuple[str, str], None]] = {}
    meant: set[Path] = set()
    for item in error.errors(include_url=False):
        path = _in_data(data, item)
        if item["type"] in _WRONG_MEMBER and path in by_path:
            continue
        by_path.setdefault(path, {})[_say(item, path, noun, help_)] = None
        if item["type"] == "extra_forbidden":
            meant |= {(*path[:-1], field) for field in _close(path[-1], _fields_at(item["loc"][:-1], noun))}
    return [
        Fault(" or ".join(what for what, _ in said), where(path), next(iter(said))[1])
        for path, said in by_path.items()
        if not (path in meant and all(what.endswith(_MISSING_FIELD) for what, _ in said))
        and not any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
    ]


def _in_data(data: Any, item: Any) -> Path:
    """Pydantic's location without the names of union members, which are not fields."""
    path: Path = ()
    node = data
    for step in item["loc"]:
        child = child_of(node, step)
        if child is not MISSING:
            path, node = (*path, step), child
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return (*path, "kind")
    if item["type"] == "missing" and isinstance(node, dict):
        return (*path, item["loc"][-1])
    return path


def _close(name: Any, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)


_MISSING_FIELD = "is missing"
_MOTIONS = ("route", "ballistic")
_PLACES = ("at", "origin")
_WRONG_MEMBER = ("dict_type", "model_type", "model_attributes_type")
"""Additional errors of pydantic where a value fits another member of a union better."""

# pydantic's kinds of error: problem, fix
_KINDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), ("{given} is not a whole number", "write a whole number")),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), ("{given} is not a number", "write a number")),
    **dict.fromkeys(("bool_type", "bool_parsing"), ("{given} is neither true nor false", "write true or false")),
    **dict.fromkeys(("tuple_type", "list_type"), ("{given} is not a list", "begin a line with '- ' for each item")),
    **dict.fromkeys(_WRONG_MEMBER, ("{given} is not a mapping", "write field: value, a line for each field")),
    "string_type": ("{given} is not text", "put it in quotes"),
    "string_too_long": ("{given} is too long", "use at most {max_length} characters"),
    "string_pattern_mismatch": (
        "{given} is not a name",
        "use lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit",
    ),
    "greater_than_equal": ("{given} is too small", "give at least {ge}"),
    "greater_than": ("{given} is too small", "give more than {gt}"),
    "less_than_equal": ("{given} is too large", "give at most {le}"),
    "less_than": ("{given} is too large", "give less than {lt}"),
    "too_short": ("the list has {actual_length} items", "give at least {min_length}"),
    "too_long": ("the list has {actual_length} items", "give at most {max_length}"),
}

# messages of the model's own checks: fix
_CURES = (
    (r"needs a unit of \w+ \((.+)\)", r"write a number and one of \1"),
    (r" needs (.+)$", r"give \1"),
    (r"not both$", "remove one of the two"),
    (r"or neither$", "add the other, or remove this one"),
    (r" is outside (\S+) to inf$", r"give at least \1"),
    (r" is outside (.+)$", r"give a figure from \1"),
    (r" is not between low ", "change value, low or high"),
    (r" is more than (\w+) ", r"lower it, or raise \1"),
    (r" cannot come from ", "lower hits, or raise looks"),
    (r"^(\w+) must be above (\w+)$", r"raise \1, or lower \2"),
    (r"^load shares ", "change the shares"),
    (r" not among (\w+)$", r"name one of \1, or add it there"),
    (r" is a surveillance radar$", "name one that guides"),
    (r", not true or false$", "write a number"),
)


def _say(item: Any, path: Path, noun: type[BaseModel], help_: str) -> tuple[str, str]:
    """Problem and fix of one pydantic error, in plain words."""
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    name = str(path[-1]) if path else noun.__name__.lower()
    shown = "a mapping" if isinstance(given, dict) else "a list" if isinstance(given, list | tuple) else repr(given)
    if name in _PLACES and (kind in ("tuple_type", "too_long") or (kind == "missing" and isinstance(item["loc"][-1], int))):
        return f"{given!r} is not a place", "write [latitude, longitude] in degrees"
    if kind == "extra_forbidden":
        fields = _fields_at(item["loc"][:-1], noun)
        return f"unknown field '{name}'", f"{did_you_mean(name, fields, 0.5)}fields here: {', '.join(fields)}"
    if kind == "missing":
        return f"'{name}' {_MISSING_FIELD}", f"add '{name}'"
    if kind in ("literal_error", "enum"):
        allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{shown} is not one of the allowed values", f"{did_you_mean(given, allowed, 0.5)}allowed: {', '.join(allowed)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = context.get("tag", "")
        what = f"kind {tag!r} is not known" if tag else f"'kind' {_MISSING_FIELD}"
        return what, f"{did_you_mean(tag, _MOTIONS, 0.5)}allowed: {', '.join(_MOTIONS)}"
    if kind == "value_error":
        return _own_check(str(context["error"]), given, help_)
    if kind in _KINDS:
        what, fix = _KINDS[kind]
        return what.format(given=shown, **context), fix.format(**context)
    return f"{shown}: {str(item['msg']).replace('Input should be', 'it should be')}", help_


def _own_check(text: str, given: Any, help_: str) -> tuple[str, str]:
    """A message of one of the model's own checks, with the fix that it names or that belongs to it."""
    place = re.fullmatch(r"(.+) \((write .+)\)", text)
    if place:
        lat, lon = given
        turned = f"; the other way round, [{lon:g}, {lat:g}], it is a place" if abs(lon) <= 90.0 < abs(lat) <= 180.0 else ""
        return place[1], place[2] + turned
    what, semicolon, cure = text.partition("; ")
    if semicolon:
        return what, cure
    found = ((re.search(pattern, text), fix) for pattern, fix in _CURES)
    return text, next((match.expand(fix) for match, fix in found if match), help_)


def _fields_at(location: tuple[str | int, ...], noun: type[BaseModel]) -> list[str]:
    """Field names of the model class at a pydantic location."""
    models = _models(noun)
    for step in location:
        below: list[type[BaseModel]] = []
        for model in models:
            if isinstance(step, str) and step in model.model_fields:
                below += _models(model.model_fields[step].annotation)
            elif (
                isinstance(step, str)
                and "kind" in model.model_fields
                and step in typing.get_args(model.model_fields["kind"].annotation)
            ):
                below.append(model)
        models = below or models
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in typing.get_args(annotation) for model in _models(part)]
