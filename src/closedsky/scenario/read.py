"""Scenario files: read, merge each variant over the base, validate, and say where each fault stands in the file."""

import difflib
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from closedsky.errors import Fault
from closedsky.model.noun import NAME
from closedsky.model.scenario import FORMAT, Scenario
from closedsky.yaml import Document

BASE = "as-given"
"""Name of the one variant of a scenario that has none."""

Path = tuple[str | int, ...]

_SEE_SCHEMA = "see 'closedsky schema scenario'"


@dataclass(frozen=True)
class Draft:
    """A scenario file as read: the variants that are valid, and every fault of the others."""

    document: Document
    variants: dict[str, Scenario]
    faults: tuple[Fault, ...]

    def where(self, variant: str, path: Path) -> str:
        """Place of a field of a variant: in the variant's own overrides if they give it, else in the base."""
        return _where(self.document, variant, path)


def read_scenario(document: Document) -> Draft:
    """Every variant of a scenario document, merged and validated."""
    data = document.data
    if not isinstance(data, dict):
        return Draft(document, {}, (Fault("a scenario is a mapping of fields", document.where(()), "start with 'closedsky: 1'"),))
    version = data.get("closedsky")
    if version != FORMAT or isinstance(version, bool):
        what = "the format version is missing" if "closedsky" not in data else f"format version {version!r} is not known"
        return Draft(document, {}, (Fault(what, document.where(("closedsky",)), f"begin the file with 'closedsky: {FORMAT}'"),))
    base = {key: value for key, value in data.items() if key != "variants"}
    overrides = data.get("variants") or {BASE: {}}
    faults: dict[Fault, None] = {}
    if not isinstance(overrides, dict):
        return Draft(
            document, {}, (Fault("variants is a mapping of names", document.where(("variants",)), "write name: {field: value}"),)
        )
    variants: dict[str, Scenario] = {}
    for name, override in overrides.items():
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            fix = "use lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit"
            faults[Fault(f"{name!r} is not a name", document.where(("variants", str(name))), fix)] = None
            continue
        if override is not None and not isinstance(override, dict):
            faults[
                Fault("a variant is a mapping of fields", document.where(("variants", name)), "write field: value below it")
            ] = None
            continue
        merged = merge(base, override or {})
        try:
            variants[name] = Scenario.model_validate({**merged, "variants": {}})
        except ValidationError as error:
            where = partial(_where, document, name)
            for fault in faults_of(error, merged, where):
                faults[fault] = None
    return Draft(document, variants, tuple(faults))


def merge(base: Any, override: Any) -> Any:
    """Lay `override` over `base`: mappings field by field, a list of things with ids by a mapping of those ids, all else whole.

    A field overridden with nothing (null) is left out: it has its default again. So is a thing in a list.
    """
    if isinstance(base, dict) and isinstance(override, dict):
        merged = {**base, **{key: merge(base.get(key), value) for key, value in override.items()}}
        return {key: value for key, value in merged.items() if override.get(key, value) is not None}
    if isinstance(base, list) and isinstance(override, dict) and all(_has_id(item) for item in base):
        known = [item["id"] for item in base]
        kept = [item for item in base if override.get(item["id"], item) is not None]
        # what is neither known nor a thing of its own stays as it is, so that it is found wrong
        added = [
            {"id": key, **value} if isinstance(value, dict) else value for key, value in override.items() if key not in known
        ]
        return [merge(item, override[item["id"]]) if item["id"] in override else item for item in kept] + added
    return override


def _has_id(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str)


def _where(document: Document, variant: str, path: Path) -> str:
    return document.where(_place(document.data, variant, path))


def _place(data: Any, variant: str, path: Path) -> Path:
    """`path` of a merged variant as it stands in the file: below `variants.NAME` where the override has it, else in the base."""
    overrides = data.get("variants") if isinstance(data, dict) else None
    node: Any = overrides.get(variant) if isinstance(overrides, dict) else None
    prefix: Path = ("variants", variant)
    base: Any = data
    for step in path:
        if isinstance(step, int) and isinstance(node, dict) and isinstance(base, list) and step < len(base):
            step = base[step].get("id", step) if isinstance(base[step], dict) else step
            base = next((item for item in base if isinstance(item, dict) and item.get("id") == step), None)
        else:
            base = _child(base, step)
        inner = _child(node, step)
        if inner is _MISSING:
            return prefix if len(prefix) > 2 and base is _MISSING else path
        node, prefix = inner, (*prefix, step)
    return prefix if path else ()


class _Missing:
    pass


_MISSING = _Missing()


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(step, _MISSING)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return _MISSING


# ---------------------------------------------------------------- what pydantic found, in our words


def faults_of(
    error: ValidationError, data: Any, where: Callable[[Path], str], noun: type[BaseModel] = Scenario, help_: str = _SEE_SCHEMA
) -> list[Fault]:
    """What is wrong with the data of a noun; one fault a field: the alternatives of a union are told together.

    Not told are echoes: a misspelt field as a missing one, a whole as wrong whose parts are.
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
    """Pydantic's location without the names of union members, which are no fields."""
    path: Path = ()
    node = data
    for step in item["loc"]:
        child = _child(node, step)
        if child is not _MISSING:
            path, node = (*path, step), child
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return (*path, "kind")
    if item["type"] == "missing" and isinstance(node, dict):
        return (*path, item["loc"][-1])
    return path


def _close(name: Any, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)


def _did_you_mean(name: Any, known: Iterable[str]) -> str:
    return "".join(f"did you mean '{one}'? " for one in _close(name, known))


_MISSING_FIELD = "is missing"
_MOTIONS = ("route", "ballistic")
_PLACES = ("at", "origin")
_WRONG_MEMBER = ("dict_type", "model_type", "model_attributes_type")
"""What pydantic says besides, where a value fits another member of a union better."""

# pydantic's kinds of error: what is wrong, how to mend it
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

# what the checks of the model say: how to mend it
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
    """What is wrong and how to mend it, in our words."""
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    name = str(path[-1]) if path else noun.__name__.lower()
    shown = "a mapping" if isinstance(given, dict) else "a list" if isinstance(given, list | tuple) else repr(given)
    if name in _PLACES and (kind in ("tuple_type", "too_long") or (kind == "missing" and isinstance(item["loc"][-1], int))):
        return f"{given!r} is not a place", "write [latitude, longitude] in degrees"
    if kind == "extra_forbidden":
        fields = _fields_at(item["loc"][:-1], noun)
        return f"unknown field '{name}'", f"{_did_you_mean(name, fields)}fields here: {', '.join(fields)}"
    if kind == "missing":
        return f"'{name}' {_MISSING_FIELD}", f"add '{name}'"
    if kind in ("literal_error", "enum"):
        allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{shown} is not one of the allowed values", f"{_did_you_mean(given, allowed)}allowed: {', '.join(allowed)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = context.get("tag", "")
        what = f"kind {tag!r} is not known" if tag else f"'kind' {_MISSING_FIELD}"
        return what, f"{_did_you_mean(tag, _MOTIONS)}allowed: {', '.join(_MOTIONS)}"
    if kind == "value_error":
        return _own_check(str(context["error"]), given, help_)
    if kind in _KINDS:
        what, fix = _KINDS[kind]
        return what.format(given=shown, **context), fix.format(**context)
    return f"{shown}: {str(item['msg']).replace('Input should be', 'it should be')}", help_


def _own_check(text: str, given: Any, help_: str) -> tuple[str, str]:
    """What a check of the model says, with the cure that it names itself or that goes with it."""
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
    """Names of the fields of the model at a pydantic location in a noun."""
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


def as_document(data: Mapping[str, Any], name: str = "<scenario>") -> Document:
    """A document around data that did not come from a file (no line numbers: everything is on line 1)."""
    return Document(data=data, path=name, lines={(): 1})
