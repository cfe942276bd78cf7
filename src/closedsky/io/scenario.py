"""Scenario files: read, merge each variant over the base, validate, and say where each fault stands in the file."""

import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from closedsky.errors import Fault
from closedsky.io.yaml import Document
from closedsky.model.scenario import FORMAT, Scenario

BASE = "as-given"
"""Name of the one variant of a scenario that has none."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Draft:
    """A scenario file as read: the variants that are valid, and every fault of the others."""

    document: Document
    variants: dict[str, Scenario]
    faults: tuple[Fault, ...]

    def where(self, variant: str, path: Path) -> str:
        """Place of a field of a variant: in the variant's own overrides if they give it, else in the base."""
        return self.document.where(_place(self.document.data, variant, path))


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
        if override is not None and not isinstance(override, dict):
            faults[
                Fault("a variant is a mapping of fields", document.where(("variants", name)), "write field: value below it")
            ] = None
            continue
        merged = merge(base, override or {})
        try:
            variants[name] = Scenario.model_validate({**merged, "variants": {}})
        except ValidationError as error:
            for fault in _faults(error, merged, lambda path, name=name: document.where(_place(data, name, path))):
                faults[fault] = None
    return Draft(document, variants, tuple(faults))


def merge(base: Any, override: Any) -> Any:
    """Lay `override` over `base`: mappings field by field, a list of things with ids by a mapping of those ids, all else whole."""
    if isinstance(base, dict) and isinstance(override, dict):
        return {**base, **{key: merge(base.get(key), value) for key, value in override.items()}}
    if isinstance(base, list) and isinstance(override, dict) and all(isinstance(item, dict) and "id" in item for item in base):
        known = [item["id"] for item in base]
        added = [{"id": key, **value} for key, value in override.items() if key not in known and isinstance(value, dict)]
        return [merge(item, override[item["id"]]) if item["id"] in override else item for item in base] + added
    return override


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


def _faults(error: ValidationError, data: Any, where: Any) -> list[Fault]:
    """One fault a field: the alternatives of a union are told together."""
    by_path: dict[Path, list[tuple[str, str]]] = {}
    for item in error.errors(include_url=False):
        if item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]:
            continue  # pydantic counts the items that are valid; the others are told of by themselves
        path = _in_data(data, item["loc"])
        said = _say(item, path)
        if said not in by_path.setdefault(path, []):
            by_path[path].append(said)
    return [Fault(" or ".join(what for what, _ in said), where(path), said[0][1]) for path, said in by_path.items()]


def _in_data(data: Any, location: tuple[str | int, ...]) -> Path:
    """Pydantic's location without the names of union members, which are no fields."""
    path: Path = ()
    node = data
    for i, step in enumerate(location):
        child = _child(node, step)
        if child is not _MISSING:
            path, node = (*path, step), child
        elif (
            i == len(location) - 1
            and isinstance(node, dict)
            and isinstance(step, str)
            and "[" not in step
            and not step[:1].isupper()
        ):
            path = (*path, step)
    return path


def _say(item: Any, path: Path) -> tuple[str, str]:
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    name = str(path[-1]) if path else "scenario"
    if kind == "extra_forbidden":
        fields = _fields_at(item["loc"][:-1])
        close = difflib.get_close_matches(name, fields, n=1, cutoff=0.5)
        fix = f"did you mean '{close[0]}'? " if close else ""
        return f"unknown field '{name}'", f"{fix}fields here: {', '.join(fields)}"
    if kind == "missing":
        return f"'{name}' is missing", f"add '{name}'"
    if kind in ("literal_error", "enum"):
        allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        close = difflib.get_close_matches(str(given), allowed, n=1, cutoff=0.5)
        fix = f"did you mean '{close[0]}'? " if close else ""
        return f"{given!r} is not one of the allowed values", f"{fix}allowed: {', '.join(allowed)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        allowed = ["route", "ballistic"]
        tag = context.get("tag", "")
        close = difflib.get_close_matches(str(tag), allowed, n=1, cutoff=0.5)
        fix = f"did you mean '{close[0]}'? " if close else ""
        what = f"kind {tag!r} is not known" if tag else "'kind' is missing"
        return what, f"{fix}allowed: {', '.join(allowed)}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} is not a name", "use lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit"
    if kind == "value_error":
        return str(context["error"]), "change it, or see 'closedsky schema scenario'"
    text = str(item["msg"]).replace("Input should be", "it should be")
    shown = repr(given) if not isinstance(given, dict | list) else f"a {'mapping' if isinstance(given, dict) else 'list'}"
    return f"{shown}: {text}", "change it, or see 'closedsky schema scenario'"


def _fields_at(location: tuple[str | int, ...]) -> list[str]:
    """Names of the fields of the model at a pydantic location."""
    models = _models(Scenario)
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
