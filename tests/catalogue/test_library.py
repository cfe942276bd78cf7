"""The library: lazy entries, errors that say what to do, figures by path, citations, the hash."""

import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from pydantic import ValidationError

from closedsky.catalogue import library
from closedsky.catalogue.figures import figures, uncertain, used, with_value
from closedsky.catalogue.library import cite, load_catalogue
from closedsky.catalogue.words import describe, grades_in_words
from closedsky.errors import CatalogueError
from closedsky.model.figure import Figure, Grade
from closedsky.model.used import FiguresUsed

RANGE = "missiles.48n6e3.targets.aircraft.range_max"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped data that a test may spoil."""
    with as_file(files("closedsky.catalogue") / "data") as data:
        return Path(shutil.copytree(data, tmp_path / "data"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_catalogue_holds_what_it_ships() -> None:
    catalogue = load_catalogue()
    assert set(catalogue.systems) >= {
        "s-300pmu-1",
        "s-300pmu-2",
        "s-300v4",
        "s-300fm",
        "s-400",
        "s-500",
        "pantsir-s1",
        "buk-m2e",
        "patriot-pac-3-mse",
        "patriot-gem-t",
        "nasams",
        "iron-dome",
        "km-sam-2",
    }
    assert set(catalogue.threats) >= {"qiam-1", "fateh-313", "scud-b", "f-16c", "f-35a", "mq-9", "tomahawk", "shahed-136", "mald"}
    data = files("closedsky.catalogue") / "data"
    for room, shipped in (("systems", catalogue.systems), ("threats", catalogue.threats)):
        assert set(shipped) == {file.name.removesuffix(".yaml") for file in (data / room).iterdir()}
    assert catalogue.system("s-400") is catalogue.systems["s-400"]
    assert catalogue.threat("qiam-1") is catalogue.entry("qiam-1")
    assert len(catalogue.hash) == 16
    assert load_catalogue() is catalogue


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("s400", "s-400"), ("S-40O", "s-400"), ("s300pmu2", "s-300pmu-2"), ("patriot-pac3-mse", "patriot-pac-3-mse")],
)
def test_unknown_system_names_the_nearest_and_all(asked: str, meant: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue().system(asked)
    (fault,) = caught.value.faults
    assert repr(asked) in fault.what
    assert f"did you mean {meant!r}?" in fault.fix
    assert all(name in fault.fix for name in load_catalogue().systems)


def test_unknown_threat_and_unknown_entry() -> None:
    with pytest.raises(CatalogueError, match="did you mean 'shahed-136'"):
        load_catalogue().threat("shahed136")
    with pytest.raises(CatalogueError, match="did you mean 'tomahawk'"):
        load_catalogue().entry("tomahwk")
    with pytest.raises(CatalogueError, match="fix: known are"):
        load_catalogue().system("zzzzzzzz")


# ----------------------------------------------------------------------------------------------------------------- faults
def test_a_bad_figure_is_named_by_file_and_path(copy: Path) -> None:
    spoil(copy / "systems" / "s-400.yaml", "value: 390", "value: 39000")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy).system("s-400")
    (fault,) = caught.value.faults
    assert fault.where == "systems/s-400.yaml:15: radars['91n6e'].detection.range"
    assert fault.what == "value 39000 is not between low 340 and high 400"


def test_all_faults_of_an_entry_come_at_once(copy: Path) -> None:
    file = copy / "threats" / "qiam-1.yaml"
    spoil(file, "cep:", "cepp:")
    spoil(file, "range_max: {value: 750", "range_max: {value: 7500")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy).threat("qiam-1")
    told = {fault.where.split(": ")[1]: fault for fault in caught.value.faults}
    assert told.keys() == {"cepp", "range_max"}  # that `cep` is missing is an echo of `cepp`
    assert "did you mean 'cep'?" in told["cepp"].fix


def test_an_unknown_source_is_a_fault(copy: Path) -> None:
    spoil(copy / "threats" / "tomahawk.yaml", "csis-tomahawk", "csis-tomahawq")
    with pytest.raises(CatalogueError, match="unknown source 'csis-tomahawq'"):
        load_catalogue(copy).threat("tomahawk")


def test_an_id_that_is_not_the_file_name_is_a_fault(copy: Path) -> None:
    (copy / "threats" / "tomahawk.yaml").rename(copy / "threats" / "kalibr.yaml")
    with pytest.raises(CatalogueError, match="id is 'tomahawk'"):
        load_catalogue(copy).threat("kalibr")


def test_broken_yaml_is_named_by_line(copy: Path) -> None:
    (copy / "threats" / "f-16c.yaml").write_text("id: f-16c\nname: [\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"threats/f-16c\.yaml:3: not valid YAML"):
        load_catalogue(copy).threat("f-16c")


def test_other_entries_survive_a_broken_one(copy: Path) -> None:
    (copy / "threats" / "f-16c.yaml").write_text("[", encoding="utf-8")
    assert load_catalogue(copy).threat("qiam-1").id == "qiam-1"


# ------------------------------------------------------------------------------------------------------------------- hash
@pytest.mark.parametrize("name", ["VERSION", "sources.yaml", "systems/s-400.yaml", "threats/qiam-1.yaml"])
def test_hash_changes_with_any_file(copy: Path, name: str) -> None:
    shipped = load_catalogue().hash
    assert load_catalogue(copy).hash == shipped
    library._load.cache_clear()
    file = copy / name
    file.write_bytes(file.read_bytes() + b"\n# changed\n")
    assert load_catalogue(copy).hash != shipped


def test_hash_knows_names_and_not_line_ends(copy: Path) -> None:
    shipped = load_catalogue().hash
    for file in copy.rglob("*.*"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_catalogue(copy).hash == shipped
    library._load.cache_clear()
    (copy / "threats" / "qiam-1.yaml").rename(copy / "threats" / "qiam-2.yaml")
    assert load_catalogue(copy).hash != shipped


# ---------------------------------------------------------------------------------------------------------------- figures
def test_figures_come_in_the_order_written_and_leave_guidance_out() -> None:
    found = figures(load_catalogue().system("s-400"))
    paths = [figure.path for figure in found]
    first = ("frequency", "detection.range", "detection.rcs", "detection.pd", "detection.pfa")
    assert paths[:5] == [f"radars.91n6e.{name}" for name in first]
    assert paths[-1] == "prices.missile.amount"
    assert paths.index("fire_unit.false_survival") < paths.index("formations.battalion.fire_units")
    assert RANGE in paths
    assert len(set(paths)) == len(paths)
    assert not [path for path in paths if "guidance" in path]
    assert all(isinstance(figure.figure, Figure) for figure in found)


def test_uncertain_is_assumed_unverified_and_estimates() -> None:
    found = uncertain(figures(load_catalogue().system("s-400")))
    assert {figure.figure.grade for figure in found} == {Grade.ASSUMED, Grade.UNVERIFIED, Grade.ESTIMATE}


def test_an_estimate_needs_a_source() -> None:
    with pytest.raises(ValidationError, match="graded 'estimate' needs a source"):
        Figure(value=1.0, unit="km", grade=Grade.ESTIMATE)


def test_figures_are_counted_by_grade() -> None:
    found = figures(load_catalogue().system("s-400"))
    counted = used(found)
    assert counted.by_grade == {grade: sum(1 for _, figure in found if figure.grade is grade) for grade in counted.by_grade}
    assert list(counted.by_grade) == [grade for grade in Grade if grade is not Grade.GIVEN]
    assert (counted.count, counted.of) == (len(uncertain(found)), len(found))
    assert grades_in_words({Grade.READ: 2, Grade.ESTIMATE: 1}) == "2 read, 1 estimate"
    assert grades_in_words({Grade.ESTIMATE: 3, Grade.ASSUMED: 1}) == "3 estimates, 1 assumed"


@pytest.mark.parametrize(("count", "of"), [(3, 4), (1, 4), (2, 5)])
def test_counts_that_do_not_add_up_are_refused(count: int, of: int) -> None:
    by_grade = {Grade.READ: 2, Grade.ESTIMATE: 1, Grade.ASSUMED: 1}
    assert FiguresUsed(count=2, of=4, by_grade=by_grade).count == 2
    with pytest.raises(ValidationError, match="are not the counts by grade"):
        FiguresUsed(count=count, of=of, by_grade=by_grade)


def test_with_value_changes_one_figure_in_its_own_unit() -> None:
    system = load_catalogue().system("s-400")
    changed = with_value(system, RANGE, 240.0)
    before, after = dict(figures(system)), dict(figures(changed))
    assert after[RANGE].value == 240.0
    assert after[RANGE].si == 240_000.0
    assert after[RANGE].model_copy(update={"value": 250.0}) == before[RANGE]
    assert {path for path in before if before[path] != after[path]} == {RANGE}
    assert list(before) == list(after)
    assert before[RANGE].value == 250.0


@pytest.mark.parametrize("name", ["s-400", "s-300pmu-2", "km-sam-2", "patriot-pac-3-mse", "shahed-136", "f-16c"])
def test_with_value_reaches_every_figure_at_both_ends(name: str) -> None:
    entry = load_catalogue().entry(name)
    for path, claim in figures(entry):
        for end in (claim.low, claim.high):
            if end is not None:
                changed = dict(figures(with_value(entry, path, end)))
                assert changed[path].value == end
                assert (changed[path].low, changed[path].high) == (claim.low, claim.high)


def test_with_value_beyond_the_range_widens_it() -> None:
    threat = with_value(load_catalogue().threat("qiam-1"), "reliability", 0.1)
    assert (threat.reliability.low, threat.reliability.value, threat.reliability.high) == (0.1, 0.1, 0.95)


def test_with_value_of_no_figure_is_a_fault() -> None:
    system = load_catalogue().system("s-400")
    with pytest.raises(CatalogueError, match=f"did you mean '{RANGE}'"):
        with_value(system, "missiles.48n6e3.targets.aircraft.rangemax", 1.0)
    with pytest.raises(CatalogueError, match="no figure"):
        with_value(system, "missiles.48n6e3.guidance", 1.0)
    with pytest.raises(CatalogueError, match="no figure"):
        with_value(system, "missiles.48n6e3", 1.0)


# ------------------------------------------------------------------------------------------------------------------ citing
def test_cite_gives_each_source_once_with_its_paths() -> None:
    catalogue = load_catalogue()
    cited = cite([catalogue.threat("qiam-1"), catalogue.threat("fateh-313")], catalogue)
    keys = [key for key, _, _ in cited]
    assert len(set(keys)) == len(keys)
    paths = {key: found for key, _, found in cited}
    assert paths["armscontrol-2016"] == ["qiam-1.range_max"]
    assert paths["newsx-iron-shield"] == ["qiam-1.reliability", "fateh-313.reliability"]
    assert "militaryedge-zulfiqar" not in paths
    beside = {key for key, _, _ in cite([catalogue.threat("fateh-313")], catalogue.sources, beside=True)}
    assert "militaryedge-zulfiqar" in beside


def test_describe_has_a_row_for_each_figure_and_guidance() -> None:
    system = load_catalogue().system("km-sam-2")
    rows = describe(system)
    assert [row.path for row in rows if "guidance" not in row.path] == [figure.path for figure in figures(system)]
    row = next(row for row in rows if row.path == "missiles.cheongung-2.targets.ballistic.range_max")
    assert (row.section, row.parameter) == ("Missile Cheongung-II", "range against ballistic missiles")
    assert (row.value, row.range, row.unit, row.grade) == ("20", "15 to 20", "km", "unverified")
    assert row.sources == ("wikipedia-km-sam",)
    assert all(row.parameter.strip() != row.path.rpartition(".")[2] for row in rows if "_" in row.path.rpartition(".")[2])


def test_the_library_loads_nothing_heavy() -> None:
    """A command that only reads the catalogue must not wait for a compiler or a projection library."""
    code = (
        "import sys; from closedsky.catalogue import library, show; library.load_catalogue().system('s-400');"
        "print(*sorted({'numba', 'numpy', 'pyproj', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
