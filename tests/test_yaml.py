"""The YAML reader: what it takes, what it refuses, and the line it names. Everything runs on both parsers PyYAML may offer."""

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import closedsky.yaml as reader
from closedsky.errors import Fault, ScenarioError
from closedsky.yaml import LIMITS, Limits, field_name, parse_yaml, read_yaml


@pytest.fixture(autouse=True, params=["CSafeLoader", "SafeLoader"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With libyaml, which PyYAML's wheels are built with, and without."""
    monkeypatch.setattr(reader, "_PARSER", getattr(yaml, request.param))


def data(text: str) -> Any:
    return parse_yaml(text, "s.yaml").data


def faults(text: str, limits: Limits = LIMITS) -> tuple[Fault, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse_yaml(text, "s.yaml", limits=limits)
    assert all(fault.what and fault.fix for fault in caught.value.faults)
    return caught.value.faults


def fault(text: str, limits: Limits = LIMITS) -> Fault:
    (only,) = faults(text, limits)
    return only


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("Null", None),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("NO", "NO"), ("y", "y"), ("n", "n"), ("tRUE", "tRUE"),
        ("0", 0), ("-12", -12), ("+7", 7), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("0b11", "0b11"),
        ("18446744073709551615", 2**64 - 1), ("-9223372036854775808", -(2**63)),
        ("1e6", 1e6), ("1.5e-3", 1.5e-3), (".5", 0.5), ("5.", 5.0), ("-0.0", -0.0), ("+1E+2", 100.0), ("1e-999", 0.0),
        ("12:30:00", "12:30:00"), ("190:20:30.15", "190:20:30.15"), ("2024-04-13", "2024-04-13"),
        ("2024-04-13T01:02:03Z", "2024-04-13T01:02:03Z"), ("nan", "nan"), ("inf", "inf"), ("e5", "e5"), (".", "."), ("-", None),
        ('"true"', "true"), ("'5'", "5"), ('"~"', "~"), ('".inf"', ".inf"), ("1.2.3", "1.2.3"), ("a b  c", "a b  c"), ("=", "="),
        ("|\n  one\n  two\n", "one\ntwo\n"), (">-\n  one\n  two\n", "one two"), ("{}", {}), ("[]", []), ('""', ""),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    if text == "-":
        assert data("v: [\n]\nw:\n-") == {"v": [], "w": [None]}
        return
    read = data(f"v: {text}")["v"]
    assert read == value
    assert type(read) is type(value)


def test_a_negative_zero_keeps_its_sign() -> None:
    assert math.copysign(1.0, data("v: -0.0")["v"]) == -1.0


def test_plain_structures() -> None:
    text = "a:\n  - {x: 1, y: [2, 3]}\n  - b: c\n    d:\n"
    assert data(text) == {"a": [{"x": 1, "y": [2, 3]}, {"b": "c", "d": None}]}
    assert data("---\na: 1\n...\n") == {"a": 1}
    assert data("%YAML 1.2\n---\na: 1\n") == {"a": 1}
    assert data("- 1\n- 2") == [1, 2]
    assert data('"": 1\n"1": 2\n"true": 3\n"<<": 4') == {"": 1, "1": 2, "true": 3, "<<": 4}
    assert data("no: 1\non: 2\n12:30: 3") == {"no": 1, "on": 2, "12:30": 3}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(newline: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(newline.join(["a: 1", "b:", "  c: 'x", "    y'", "d: 5"]).encode())
    document = read_yaml(path)
    assert document.data == {"a": 1, "b": {"c": "x y"}, "d": 5}
    assert document.line(("d",)) == 5


# Lines


SCENARIO = """\
# a comment
name: first

defence:
  - at: [33.3, 44.4]
    count: 2
  -
    at: {lat: 1, lon: 2}
threats:
  odd key: 1
  note: |
    several
    lines
  after:
    deep: [1,
      2]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2), (("name",), 2), (("defence",), 4), (("defence", 0), 5), (("defence", 0, "at"), 5), (("defence", 0, "at", 1), 5),
        (("defence", 0, "count"), 6), (("defence", 1), 8), (("defence", 1, "at", "lon"), 8), (("threats", "odd key"), 10),
        (("threats", "note"), 11), (("threats", "after"), 14), (("threats", "after", "deep"), 15),
        (("threats", "after", "deep", 0), 15), (("threats", "after", "deep", 1), 16),
        (("defence", 0, "missing"), 5), (("defence", 7), 4), (("nothing", "here"), 2),
    ],
)  # fmt: skip
def test_every_field_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert parse_yaml(SCENARIO, "s.yaml").line(path) == line


def test_where_reads_as_a_place() -> None:
    document = parse_yaml(SCENARIO, "dir/s.yaml")
    assert document.where(("defence", 0, "at")) == "dir/s.yaml:5: defence[0].at"
    assert document.where(()) == "dir/s.yaml:2"
    assert document.where(("defence", 0, "missing")) == "dir/s.yaml:5: defence[0].missing"
    assert document.where(("threats", "odd key")) == "dir/s.yaml:10: threats['odd key']"
    assert field_name((0, "a-b", "c.d", 3)) == "[0].a-b['c.d'][3]"


def test_lines_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        parse_yaml("a: 1", "s.yaml").lines[("a",)] = 3  # type: ignore[index]


# Aliases


def test_aliases_are_copies_with_the_line_of_their_definition() -> None:
    document = parse_yaml("base: &b\n  x: 1\n  y: [1, 2]\none: *b\nall:\n  - *b\n", "s.yaml")
    assert document.data["one"] == document.data["all"][0] == {"x": 1, "y": [1, 2]}
    assert document.data["one"] is not document.data["base"]
    assert document.data["one"]["y"] is not document.data["base"]["y"]
    assert document.line(("one",)) == 4
    assert document.line(("all", 0)) == 6
    assert document.line(("one", "x")) == 2


def test_billion_laughs_stop_early() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 10):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    only = fault(text)
    assert "expand to more than 200,000 values" in only.what
    assert only.where.startswith("s.yaml:")


def test_aliases_cannot_nest_deeper_than_values_may() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 60))
    assert "nest values more than 40 deep" in fault(text).what


def test_alias_limits() -> None:
    text = "a: &a 1\nb:\n" + "- *a\n" * 100
    assert data(text)["b"] == [1] * 100
    assert fault(text + "- *a\n").where == "s.yaml:103"
    assert fault("a: &a 1\nb: [*a, *a]\n", limits=Limits(aliases=1)).what == "there are more than 1 aliases"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a: &a\n  b: *a\n", "*a stands inside what it repeats", 2),
        ("- &x\n  - [*x]\n", "*x stands inside what it repeats", 2),
        ("a: 1\nb: *gone\n", "no anchor &gone stands before *gone", 2),
        ("a: &a 1\nb: &a 2\n", "the anchor &a is defined twice", 2),
        ("a: &k key\n*k : 2\n", "a key must be text", 2),
    ],
)
def test_anchors_that_make_no_sense(text: str, what: str, line: int) -> None:
    only = fault(text)
    assert only.what == what
    assert only.where == f"s.yaml:{line}"


# Limits


def test_depth() -> None:
    assert data("[" * 40 + "]" * 40)
    assert "nested more than 40 deep" in fault("[" * 41 + "]" * 41).what
    assert "nested more than 3 deep" in fault("a: {b: {c: {d: 1}}}", limits=Limits(depth=3)).what
    assert data("a: {b: {c: 1}}") == {"a": {"b": {"c": 1}}}
    assert "nested" in fault("[" * 500_000).what
    assert "nested" in fault("{a: " * 100_000).what


def test_number_of_values() -> None:
    assert len(data("[" + "1," * 1000 + "]")) == 1000
    assert parse_yaml("[1, 2, 3]", "s.yaml", limits=Limits(nodes=4)).data == [1, 2, 3]
    assert "more than 3 keys and values" in fault("[1, 2, 3]", limits=Limits(nodes=3)).what


def test_size(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("a: 1\n")
    assert read_yaml(path, limits=Limits(bytes=5)).data == {"a": 1}
    with pytest.raises(ScenarioError, match="larger than 4 bytes"):
        read_yaml(path, limits=Limits(bytes=4))


# What is refused


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("", "empty", 1),
        ("# nothing\n", "empty", 1),
        ("---\n", "empty", None),
        ("~\n", "empty", 1),
        ("a: 1\n---\nb: 2\n", "second document", 2),
        ("a: 1\na: 2\n", "the key 'a' stands twice in one mapping, first in line 1", 2),
        ("x:\n  a: 1\n  b: 2\n  'a': 3\n", "first in line 2", 4),
        ("a: 1\n5: 2\n", "a key must be text, and 5 is not", 2),
        ("1.5: 2\n", "1.5 is not", 1),
        ("true: 2\n", "true is not", 1),
        ("null: 2\n", "null is not", 1),
        ("? \n: 2\n", "nothing is not", 1),
        ("a: 1\n? [b, c]\n: 2\n", "a key must be text", 2),
        ("a: 1\n? {b: c}\n: 2\n", "a key must be text", 2),
        ("b: &b {x: 1}\na:\n  <<: *b\n", "merge keys", 3),
        ("a: 1\nb: .inf\n", ".inf is not a finite number", 2),
        ("a: -.Inf", "-.Inf is not", 1),
        ("a: .nan", ".nan is not", 1),
        (".nan: 1", ".nan is not", 1),
        ("a: 1e999", "too large", 1),
        ("a: 18446744073709551616", "more than 64 bits", 1),
        ("a: -9223372036854775809", "more than 64 bits", 1),
        ("a: " + "9" * 100_000, "too long a number", 1),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "the tag tag:yaml.org,2002:python/object/", 2),
        ("a: !!str 5", "tag", 1),
        ("a: ! 5", "tag", 1),
        ("a: !local {b: 1}", "tag", 1),
        ("!!map {a: 1}", "tag", 1),
        ("%YAML 1.1\n---\na: 1\n", "YAML 1.2", 1),
        ("a:\n\tb: 1\n", "tab", 2),
        ("a: 1\n\n \tb: 1\n", "tab", 3),
        ("-\ta: 1\n", "tab", 1),
        ("a: |\n  x\n\ty\n", "tab", 3),
        ("a: 1\nb: x\x00y\n", "U+0000", 2),
        ('a: "x\\0y"\n', "U+0000", 1),
        ('a: "\\e[31m"\n', "U+001B", 1),
        ("a: \x1b[31m\n", "U+001B", 1),
        ("a: 1\nb: \ufeff\n", "U+FEFF", 2),
        ("a: x\u2028y", "U+2028", 1),
        ("a: x\x85y", "U+0085", 1),
        ("a: \ud800", "U+D800", 1),
        ("a: b: c\n", "mapping values", 1),
        ("a: 1\n b: 2\n", "mapping values", 2),
        ("x: 1\na: @b\n", "start any token", 2),
        ("x: 1\na: 'b\n", "end of stream", None),
        ("x: {a: 1\n", "flow mapping", None),
        ("- a\nb: 1\n", "block", 2),
        ("a: 1\n...\nb: 2\n", "document start", 3),
    ],
)
def test_what_is_refused_is_named_with_its_line(text: str, what: str, line: int | None) -> None:
    only = fault(text)
    assert what in only.what
    assert re.fullmatch(r"s\.yaml:\d+", only.where)
    if line is not None:
        assert only.where == f"s.yaml:{line}"


def test_fixes_say_what_to_do() -> None:
    assert fault("5: 1").fix == 'put it in quotes: "5"'
    assert fault("a: b: c").fix.startswith("put text that holds a colon in quotes")
    assert fault("a:\n\tb: 1").fix == "use spaces"
    assert fault("x: [1, 2").fix.startswith("close")


def test_tabs_that_do_not_indent_are_harmless() -> None:
    assert data("a: 1\nb: 'x\ty'\nc: |\n  x\ty\t\n") == {"a": 1, "b": "x\ty", "c": "x\ty\t\n"}


def test_all_faults_are_found_at_once() -> None:
    found = faults("a: .inf\na: 2\n3: 4\nb: !x y\nc: *d\n")
    assert [each.where for each in found] == [f"s.yaml:{line}" for line in range(1, 6)]
    assert len(faults("a: .inf\nb: {c: 1\n")) == 2
    assert len(faults("- .inf\n" * 1000)) == reader.MAX_FAULTS


def test_long_things_are_shortened() -> None:
    assert len(fault("a: " + "9" * 5000).what) < 100
    assert len(fault("9" * 64 + ": 1").what) < 100


# Files


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"a: 1\r\nb: \xe9t\xe9\n")
    with pytest.raises(ScenarioError) as caught:
        read_yaml(path)
    assert caught.value.faults == (Fault("byte 0xe9 is not valid UTF-8", f"{path}:2", "save the file as UTF-8"),)
    path.write_bytes("a: 1\n".encode("utf-16"))
    with pytest.raises(ScenarioError, match="UTF-16"):
        read_yaml(path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\n")
    document = read_yaml(path)
    assert document.data == {"a": "é"}
    assert document.path == str(path)
    assert data("\ufeffa: 1") == {"a": 1}


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "baghdad.yaml").write_text("a: 1")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ScenarioError) as caught:
        read_yaml(tmp_path / "bagdad.yml")
    (only,) = caught.value.faults
    assert only == Fault("there is no such file", str(tmp_path / "bagdad.yml"), "check the name; near it: baghdad.yaml")
    with pytest.raises(ScenarioError, match=r"near it: baghdad\.yaml"):
        read_yaml(tmp_path / "x")
    with pytest.raises(ScenarioError, match="there is no folder"):
        read_yaml(tmp_path / "gone" / "x.yaml")


def test_folders_and_other_things_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="folder, not a file"):
        read_yaml(tmp_path)
    (tmp_path / "one.yaml").write_text("a: 1")
    with pytest.raises(ScenarioError, match=r"near it: one\.yaml"):
        read_yaml(tmp_path)
    with pytest.raises(ScenarioError, match=r"cannot be read|no such file"):
        read_yaml(Path("a\x00b.yaml"))
    with pytest.raises(ScenarioError, match=r"cannot be read|no such file"):
        read_yaml(tmp_path / ("x" * 5000))


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("a: 1")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScenarioError, match="cannot be read") as caught:
        read_yaml(path)
    assert "Permission denied" in caught.value.faults[0].what
    assert caught.value.faults[0].where == str(path)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ScenarioError, match="regular file"):
        read_yaml(tmp_path / "pipe")


# Properties


def _is_text_to_both(text: str) -> bool:
    """True for text that YAML 1.1, by which PyYAML decides on quotes, and the core schema of 1.2 both take for text, or quote."""
    try:
        return isinstance(reader._core_schema(text), str) or not isinstance(yaml.safe_load(text or "''"), str)
    except (ValueError, yaml.YAMLError):
        return False


TEXT = st.text(max_size=30).filter(lambda text: not reader._FORBIDDEN.search(text)).filter(_is_text_to_both)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


def paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=PLAIN.filter(lambda value: value is not None), flow=st.booleans())
def test_what_pyyaml_writes_is_read_back(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, sort_keys=False)
    document = parse_yaml(text, "s.yaml")
    assert document.data == value
    assert repr(document.data) == repr(value)
    assert set(document.lines) == set(paths(value))
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for line in document.lines.values())


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(alphabet="ab1:-?[]{},&*!|>'\"%@`#<.~ \n\t=", max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused_with_reasons(text: str) -> None:
    found: tuple[Fault, ...] = ()
    try:
        assert () in parse_yaml(text, "s.yaml").lines
    except ScenarioError as error:
        found = error.faults
        refused = True
    else:
        refused = False
    assert refused == bool(found)
    assert all(re.fullmatch(r"s\.yaml:[0-9]+", each.where) and each.what and each.fix for each in found)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.from_regex(r"[-+.0-9eExo_:]{1,12}", fullmatch=True))
def test_numbers_are_what_python_takes_them_for(text: str) -> None:
    """A plain scalar is a number only where Python reads the same number from it."""
    try:
        value = reader._core_schema(text)
    except ValueError:
        return
    if isinstance(value, float):
        assert value == float(text)
    elif isinstance(value, int):
        assert value == int(text, 16 if text.startswith("0x") else 8 if text.startswith("0o") else 10)
    else:
        assert value == text
