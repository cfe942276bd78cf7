import yaml

import closedsky
from closedsky.scenario.read import as_document, merge, read_scenario
from closedsky.yaml import parse_yaml

BASE = """closedsky: 1
name: small
title: Small
assets:
  - {id: town, at: [33.0, 44.0]}
raid:
  - id: one
    threat: qiam-1
    motion: {kind: ballistic, origin: [34.3, 47.0], target: town}
"""


def test_overrides_are_laid_over_the_base_field_by_field():
    assert merge({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3}, "d": [2, 3]}) == {"a": {"b": 1, "c": 3}, "d": [2, 3]}


def test_things_with_ids_may_be_overridden_one_by_one():
    base = {"raid": [{"id": "x", "count": 1}, {"id": "y", "count": 2}]}
    merged = merge(base, {"raid": {"y": {"count": 5}, "z": {"count": 7}}})
    assert merged == {"raid": [{"id": "x", "count": 1}, {"id": "y", "count": 5}, {"id": "z", "count": 7}]}
    assert base["raid"][1]["count"] == 2


def test_a_scenario_without_variants_has_one():
    draft = read_scenario(parse_yaml(BASE, "s.yaml"))
    assert draft.faults == ()
    assert list(draft.variants) == ["as-given"]


def test_variants_are_scenarios_of_their_own():
    text = BASE + "variants:\n  as-is: {}\n  more:\n    raid:\n      one: {count: 3}\n"
    draft = read_scenario(parse_yaml(text, "s.yaml"))
    assert draft.faults == ()
    assert [scenario.raid[0].count for scenario in draft.variants.values()] == [1, 3]


def test_a_fault_in_an_override_by_id_is_told_on_the_line_of_the_override():
    text = BASE + "variants:\n  as-is: {}\n  more:\n    raid:\n      one:\n        count: 0\n"
    (fault,) = read_scenario(parse_yaml(text, "s.yaml")).faults
    assert fault.where == "s.yaml:15: variants.more.raid.one.count"


def test_a_fault_in_the_base_is_told_once_however_many_variants_there_are():
    text = BASE.replace("[33.0, 44.0]", "[133.0, 44.0]") + "variants:\n  a: {}\n  b: {}\n"
    (fault,) = read_scenario(parse_yaml(text, "s.yaml")).faults
    assert fault.where.startswith("s.yaml:5: assets[0].at")
    assert "latitude 133" in fault.what


def test_data_that_came_from_no_file_is_checked_alike():
    draft = read_scenario(as_document({"closedsky": 2, "name": "x", "title": "X", "raid": []}))
    (fault,) = draft.faults
    assert fault.where == "<scenario>:1"
    assert "neither a raid nor a cover" in fault.what


def test_format_1_is_read_as_format_2_and_noted_by_check() -> None:
    example = yaml.safe_load(closedsky.examples()["first-battery"].read_text())
    assert example["closedsky"] == 2
    older = example | {"closedsky": 1}
    assert closedsky.check(example) == []
    (note,) = closedsky.check(older)
    assert note.startswith("format 1 is read as before")
    new, old = (closedsky.run(one, trials=200, draws=0).model_dump(mode="json") for one in (example, older))
    assert new == old
