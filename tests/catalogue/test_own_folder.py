"""A user's folder beside the shipped catalogue: it adds, overrides, changes single figures, and is read strictly."""

from pathlib import Path

import pytest

import closedsky
from closedsky.catalogue.library import load_catalogue
from closedsky.errors import CatalogueError
from closedsky.model.figure import Grade

SLOWER = """\
id: s-400
based_on: s-400
name: S-400 as we see it
fire_unit:
  reaction: {value: 20, low: 15, high: 30, unit: s, grade: assumed, why: our own exercise}
missiles:
  40n6e: null
"""
SIBLING = """\
id: shahed-138
based_on: shahed-136
name: Shahed-138
speed: {value: 70, unit: m/s, source: our-report, grade: read}
"""


def own(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = tmp_path / (name.replace("__", "/").replace("_", "-") + ".yaml")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_figure_is_changed_and_the_rest_stays(tmp_path: Path) -> None:
    shipped = load_catalogue()
    catalogue = load_catalogue(own=own(tmp_path, systems__s_400=SLOWER.replace("  40n6e: null", "  9m96e: null")))
    changed = catalogue.system("s-400")
    assert changed.name == "S-400 as we see it"
    assert changed.fire_unit.reaction.si == 20.0
    assert changed.fire_unit.channels == shipped.system("s-400").fire_unit.channels
    assert set(changed.missiles) == set(shipped.system("s-400").missiles) - {"9m96e"}
    assert list(catalogue.systems) == list(shipped.systems)
    assert catalogue.hash != shipped.hash
    assert load_catalogue() is shipped


def test_a_new_entry_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    folder = own(tmp_path, threats__shahed_138=SIBLING, sources="our-report: {title: Ours, note: on file}\n")
    catalogue = load_catalogue(own=folder)
    assert catalogue.threat("shahed-138").speed is not None
    assert catalogue.threat("shahed-138").speed.grade is Grade.READ
    assert catalogue.threat("shahed-136").speed.si == 51.0
    assert catalogue.threat("shahed-138").signature == catalogue.threat("shahed-136").signature


def test_a_run_rests_on_it(tmp_path: Path) -> None:
    folder = own(tmp_path, systems__s_300pmu_2="id: s-300pmu-2\nbased_on: s-300pmu-2\nname: Our S-300\n")
    loaded = closedsky.load("first-battery", folder)
    assert loaded.catalogue.system("s-300pmu-2").name == "Our S-300"
    assert closedsky.run(loaded, trials=50).catalogue_hash == loaded.catalogue.hash != load_catalogue().hash


@pytest.mark.parametrize(
    ("files", "what", "where"),
    [
        ({"threats__kite": "id: kite\nname: [\n"}, "not valid YAML", "threats/kite.yaml:3"),
        ({"threats__kite": "id: kite\nbased_on: shahed136\n"}, "is no other threat", "threats/kite.yaml:2: based_on"),
        ({"threats__kite": "id: kite\nbased_on: kite\n"}, "is no other threat", "threats/kite.yaml:2: based_on"),
        ({"threats__kite": SIBLING.replace("shahed-138", "kite")}, "unknown source 'our-report'", "threats/kite.yaml:4: speed"),
        ({"systems__x": "id: x\nbased_on: s-400\nreach: 4\n"}, "unknown field 'reach'", "systems/x.yaml:3: reach"),
        ({"systems__x": "id: x\nbased_on: s-400\nfire_unit: {reaction: {value: 3}}\n"}, "needs a unit", "x.yaml:3: fire_unit.reaction"),
        ({"threats__kite": "id: kite\nbased_on: mald\ncep: true\n"}, "true or false", "threats/kite.yaml:3: cep"),
        ({"threats__kite": "id: kite\nbased_on: mald\ncep: {value: 4_0, unit: m}\n"}, "'4_0' is not a number", "kite.yaml:3: cep.value"),
        ({"threats__kite": "id: kite\nbased_on: mald\nname: 57e6\n"}, "is not text", "kite.yaml:3: name"),
        ({"threats__kite": "id: kite\nbased_on: mald\nsummary: !!python/object:os.system x\n"}, "tag", "kite.yaml:3"),
        ({"sources": "a: {title: A}\n"}, "neither systems/ nor threats/", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_file_and_field(tmp_path: Path, files: dict[str, str], what: str, where: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(own=own(tmp_path, **files))
    (fault,) = caught.value.faults
    assert what in fault.what
    assert where in fault.where
    assert fault.fix


def test_a_part_of_a_figure_does_not_borrow_the_rest(tmp_path: Path) -> None:
    """A range of one's own beside the shipped value, source and grade would be credited to that source."""
    part = "id: s-400\nbased_on: s-400\nfire_unit: {launch_interval: {low: 0.001, high: 30}}\n"
    with pytest.raises(CatalogueError, match="value"):
        load_catalogue(own=own(tmp_path, systems__s_400=part))


def test_loads_and_orders_come_whole(tmp_path: Path) -> None:
    text = "id: s-400\nbased_on: s-400\nfire_unit: {load: {40n6e: 1.0}}\n"
    assert load_catalogue(own=own(tmp_path, systems__s_400=text)).system("s-400").fire_unit.load == {"40n6e": 1.0}


def test_one_may_rest_on_another_of_ones_own(tmp_path: Path) -> None:
    changed = SLOWER.replace("  40n6e: null", "  9m96e: null")
    catalogue = load_catalogue(own=own(tmp_path, systems__s_400=changed, systems__mine="id: mine\nbased_on: s-400\nname: Mine\n"))
    assert catalogue.system("mine").fire_unit.reaction.si == 20.0
    round_and_round = own(tmp_path, systems__mine="id: mine\nbased_on: yours\n", systems__yours="id: yours\nbased_on: mine\n")
    with pytest.raises(CatalogueError, match="no other system"):
        load_catalogue(own=round_and_round)


def test_an_edit_is_seen_at_the_next_load(tmp_path: Path) -> None:
    folder = own(tmp_path, threats__kite="id: kite\nbased_on: shahed-136\nname: One\n")
    first = load_catalogue(own=folder)
    own(tmp_path, threats__kite="id: kite\nbased_on: shahed-136\nname: Two\n")
    second = load_catalogue(own=folder)
    assert (first.threat("kite").name, second.threat("kite").name) == ("One", "Two")
    assert first.hash != second.hash


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "systems" / "x.yaml").mkdir(parents=True)
    with pytest.raises(CatalogueError, match="cannot be an entry"):
        load_catalogue(own=tmp_path)
    (tmp_path / "systems" / "x.yaml").rmdir()
    (tmp_path / "systems" / "s-400.yml").write_text("id: s-400\n")
    with pytest.raises(CatalogueError, match="cannot be an entry"):
        load_catalogue(own=tmp_path)
    (tmp_path / "systems" / "s-400.yml").rename(tmp_path / "systems" / "s-400.yaml").write_bytes(b"id: s-400\nname: S\xe9\n")
    with pytest.raises(CatalogueError, match="UTF-8"):
        load_catalogue(own=tmp_path)
    (tmp_path / "sources.yaml").mkdir()
    with pytest.raises(CatalogueError, match=r"sources\.yaml: cannot be read"):
        load_catalogue(own=tmp_path)
    with pytest.raises(CatalogueError, match="no folder"):
        load_catalogue(own=tmp_path / "systems" / "s-400.yaml")


def test_a_key_given_twice_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="'based_on' stands twice"):
        load_catalogue(own=own(tmp_path, threats__kite="id: kite\nbased_on: shahed-136\nbased_on: mald\n"))


def test_all_that_is_wrong_comes_at_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(own=own(tmp_path, threats__a="id: b\nbased_on: qiam-1\n", systems__c="id: c\n", threats__d="- 1\n"))
    assert {fault.where.split(":")[0] for fault in caught.value.faults} == {"threats/a.yaml", "systems/c.yaml", "threats/d.yaml"}


def test_names_of_files_are_ids(tmp_path: Path) -> None:
    (tmp_path / "threats").mkdir()
    (tmp_path / "threats" / "My Drone.yaml").write_text("id: x\n")
    with pytest.raises(CatalogueError, match="cannot be an entry"):
        load_catalogue(own=tmp_path)
    with pytest.raises(CatalogueError, match="no such folder"):
        load_catalogue(own=tmp_path / "nowhere")
