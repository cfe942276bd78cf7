"""Scenario files: read, merge each variant into the base, validate, and locate each fault in the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from closedsky.errors import Fault
from closedsky.model.noun import NAME
from closedsky.model.scenario import FORMAT, SINCE_2, Scenario
from closedsky.validation import MISSING, Path, child_of, faults_of
from closedsky.yaml import Document

BASE = "as-given"
"""Name of the only variant of a scenario without variants."""

_SEE_SCHEMA = "see 'closedsky schema scenario'"


@dataclass(frozen=True)
class Draft:
    """A scenario file as read: the valid variants, and every fault of the others."""

    document: Document
    variants: dict[str, Scenario]
    faults: tuple[Fault, ...]

    def where(self, variant: str, path: Path) -> str:
        """Location of a field of a variant: in the variant's overrides if they set it, else in the base."""
        return _where(self.document, variant, path)


def read_scenario(document: Document) -> Draft:
    """All variants of a scenario document, merged and validated."""
    data = document.data
    if not isinstance(data, dict):
        return Draft(
            document, {}, (Fault("a scenario is a mapping of fields", document.where(()), f"start with 'closedsky: {FORMAT}'"),)
        )
    version = data.get("closedsky")
    if version not in range(1, FORMAT + 1) or isinstance(version, bool):
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
        for path in _later(merged) if version == 1 else ():
            fix = f"begin the file with 'closedsky: {FORMAT}'; nothing else changes"
            faults[Fault(f"format 1 has no '{path[-1]}'", _where(document, name, path), fix)] = None
        try:
            variants[name] = Scenario.model_validate({**merged, "variants": {}})
        except ValidationError as error:
            where = partial(_where, document, name)
            for fault in faults_of(error, merged, where, Scenario, _SEE_SCHEMA):
                faults[fault] = None
    return Draft(document, variants, tuple(faults))


def _later(data: dict[str, Any]) -> Iterator[Path]:
    """The fields of a merged variant that format 1 does not have."""
    for room, fields in SINCE_2.items():
        if room in data and not fields:
            yield (room,)
        items = data.get(room)
        for step, item in items.items() if isinstance(items, dict) else enumerate(items) if isinstance(items, list) else ():
            yield from ((room, step, name) for name in fields if isinstance(item, dict) and name in item)


def merge(base: Any, override: Any) -> Any:
    """Merge `override` into `base`: mappings field by field, lists of items with ids by a mapping of ids, all else as a whole.

    A field overridden with null is removed, so that its default applies; likewise an item of a list.
    """
    if isinstance(base, dict) and isinstance(override, dict):
        merged = {**base, **{key: merge(base.get(key), value) for key, value in override.items()}}
        return {key: value for key, value in merged.items() if override.get(key, value) is not None}
    if isinstance(base, list) and isinstance(override, dict) and all(_has_id(item) for item in base):
        known = [item["id"] for item in base]
        kept = [item for item in base if override.get(item["id"], item) is not None]
        # an unknown id whose value is no mapping is kept, so that validation reports it
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
    """Path of a field of a merged variant in the file: below `variants.NAME` if the override sets it, else in the base."""
    overrides = data.get("variants") if isinstance(data, dict) else None
    node: Any = overrides.get(variant) if isinstance(overrides, dict) else None
    prefix: Path = ("variants", variant)
    base: Any = data
    for step in path:
        if isinstance(step, int) and isinstance(node, dict) and isinstance(base, list) and step < len(base):
            step = base[step].get("id", step) if isinstance(base[step], dict) else step
            base = next((item for item in base if isinstance(item, dict) and item.get("id") == step), None)
        else:
            base = child_of(base, step)
        inner = child_of(node, step)
        if inner is MISSING:
            return prefix if len(prefix) > 2 and base is MISSING else path
        node, prefix = inner, (*prefix, step)
    return prefix if path else ()


def as_document(data: Mapping[str, Any], name: str = "<scenario>") -> Document:
    """A document around data that did not come from a file (no line numbers: everything is on line 1)."""
    return Document(data=data, path=name, lines={(): 1})
