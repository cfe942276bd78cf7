"""YAML reader for scenario, claim and catalogue files: plain data with a line number for every field.

Core schema of YAML 1.2: only ``true`` and ``false`` are booleans (``no``, ``on`` and ``yes`` are text), ``12:30:00``
and dates are text, ``1e6`` is a number, ``010`` is ten. Refused, each with its line: tags, keys that are not text, duplicate
keys, merge keys, a second document, infinities and NaN, control characters, tabs as indentation, anchors that contain
themselves, and files beyond the limits (which also bound the expansion of aliases).
"""

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn

import yaml

from closedsky.errors import Fault, ScenarioError

Key = str | int
Scalar = str | int | float | bool | None

MAX_FAULTS: Final = 50

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *(?:[-?:] *)*\t", re.MULTILINE)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[Mapping[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LONGEST_INT = 64
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")

_HINTS = (
    ("mapping values", "put text that holds a colon in quotes, and align the keys of one mapping"),
    ("tab", "use spaces"),
    ("\\t", "use spaces"),
    ("start any token", "put text that begins with a special character in quotes"),
    ("end of stream", "close the quote or the bracket"),
    ("flow", "close the bracket and put one comma between two items"),
    ("block", "align the keys or the dashes of one block"),
)


class Limits(NamedTuple):
    """The most of a file that is read: bytes, keys and values (with those that aliases repeat), levels of nesting, and aliases."""

    bytes: int = 4_000_000
    nodes: int = 200_000
    depth: int = 40
    aliases: int = 100


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Document:
    """The data of a file and the line of each field.

    data   mappings as dict, sequences as list, scalars as str, int, float, bool or None; no part is shared
    path   the file as it was named
    lines  line, from 1, of every field by its path of keys and positions
    """

    data: Any
    path: str
    lines: Mapping[tuple[Key, ...], int]

    def line(self, path: tuple[Key, ...]) -> int:
        """Line, from 1, of a field (of its key if it has one), or of the innermost field of the file that encloses it."""
        return next(self.lines[path[:size]] for size in range(len(path), -1, -1) if path[:size] in self.lines)

    def where(self, path: tuple[Key, ...]) -> str:
        """Location of a field as messages print it: ``file.yaml:12: defence[0].at``."""
        place = f"{self.path}:{self.line(path)}"
        return f"{place}: {field_name(path)}" if path else place


def field_name(path: tuple[Key, ...]) -> str:
    """A path of keys and positions as text: ``defence[0].at``; keys that are not plain words are quoted in brackets."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            text += f"[{key!r}]"
    return text


def read_yaml(path: Path, holds: str = "a scenario", limits: Limits = LIMITS) -> Document:
    """Read a YAML file (UTF-8) within limits. Raises ``ScenarioError`` with the faults."""
    return parse_bytes(_read_bytes(path, limits.bytes), str(path), holds=holds, limits=limits)


def parse_bytes(raw: bytes, name: str, *, holds: str = "a scenario", limits: Limits = LIMITS) -> Document:
    """Read the bytes of a YAML file; messages say what it ``holds`` and call it ``name``."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse("the file is UTF-16, not UTF-8", f"{name}:1", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", raw[: error.start])) + 1
        _refuse(f"byte {raw[error.start]:#04x} is not valid UTF-8", f"{name}:{line}", "save the file as UTF-8")
    return parse_yaml(text, name, holds=holds, limits=limits)


def parse_yaml(text: str, name: str, *, holds: str = "a scenario", limits: Limits = LIMITS) -> Document:
    """Read YAML text of any size; ``name`` names it in messages."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_characters(text, name)
    root = _Reader(text, name, holds, limits).root()
    expansion = _Expansion(name, limits)
    data = expansion.value(root, (), root.line)
    return Document(data=data, path=name, lines=MappingProxyType(expansion.lines))


def _refuse(what: str, where: str, fix: str) -> NoReturn:
    raise ScenarioError(Fault(what=what, where=where, fix=fix))


def _refuse_characters(text: str, name: str) -> None:
    bad = _FORBIDDEN.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        _refuse(f"character U+{ord(bad.group()):04X} does not belong in a text file", f"{name}:{line}", "remove it")
    tab = _TAB_INDENT.search(text)
    if tab:
        line = text.count("\n", 0, tab.end()) + 1
        _refuse("a tab indents this line", f"{name}:{line}", "use spaces")


# the file


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    name = str(path)
    try:
        if path.is_dir():
            _refuse("this is a folder, not a file", name, _nearest(path / "scenario.yaml", "name a YAML file in it"))
        if not path.exists():
            _refuse("there is no such file", name, _nearest(path, "check the name"))
        if not path.is_file():
            _refuse("this is not a regular file", name, "name a YAML file")
        with path.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        _refuse(f"the file cannot be read ({reason})", name, "check its name and its permissions")
    if len(raw) > max_bytes:
        _refuse(f"the file is larger than {max_bytes:,} bytes", name, "split it, or leave out what is not a scenario")
    return raw


def _nearest(path: Path, otherwise: str) -> str:
    """A fix that names the files of the same folder most similar to a path, or the missing folder."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either; {otherwise}"
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return otherwise
    near = difflib.get_close_matches(path.name, names, n=3)
    if not near:
        near = [name for name in names if name.endswith((".yaml", ".yml"))][:3]
    return f"{otherwise}; near it: {', '.join(near)}" if near else otherwise


# from text to nodes: without recursion of the parser, aliases not yet expanded


@dataclass(frozen=True, eq=False)
class _Node:
    """A value with its line: a scalar, or the children of a collection, each with its key or position and its line."""

    line: int
    scalar: Scalar = None
    kind: type | None = None
    children: list[tuple[Key, int, "_Node"]] = field(default_factory=list)


class _Reader:
    """Turns parser events into nodes and collects every fault that does not end the reading."""

    def __init__(self, text: str, name: str, holds: str, limits: Limits) -> None:
        self._name, self._holds, self._limits = name, holds, limits
        self._nodes = self._aliases = 0
        self._anchors: dict[str, _Node | None] = {}
        self._faults: list[Fault] = []
        self._events = self._checked_events(text)

    def root(self) -> _Node:
        """The only document of the text; raises every fault found."""
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._stop("the file is empty", 1, f"write {self._holds} into it")
        if start.version and tuple(start.version) != (1, 2):
            self._fault("files are read as YAML 1.2", _line(start), "remove the %YAML line")
        root = self._node(next(self._events), 1)
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._stop("a second document begins here", _line(after), "keep one document in a file; remove the line ---")
        if not self._faults and root.kind is None and root.scalar is None:
            self._stop("the file is empty", root.line, f"write {self._holds} into it")
        if self._faults:
            raise ScenarioError(*self._faults)
        return root

    def _checked_events(self, text: str) -> Iterator[Any]:
        try:
            yield from yaml.parse(text, Loader=_PARSER)
        except yaml.YAMLError as error:
            self._faults.append(_syntax_fault(error, self._name))
            raise ScenarioError(*self._faults) from None

    def _node(self, event: Any, depth: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self._stop(f"there are more than {self._limits.nodes:,} keys and values", _line(event), "split the file")
        if event.tag is not None:
            self._fault(f"the tag {_shortened(event.tag)} is not allowed", _line(event), "remove it; put quotes around text")
        if event.anchor is not None:
            if event.anchor in self._anchors:
                self._fault(f"the anchor &{_shortened(event.anchor)} is defined twice", _line(event), "give it another name")
            self._anchors[event.anchor] = None
        node = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else self._collection(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> _Node:
        line = _line(event)
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            self._stop(f"there are more than {self._limits.aliases} aliases", line, "write the values out")
        target = self._anchors.get(event.anchor)
        if target is not None:
            return target
        name = _shortened(event.anchor)
        if event.anchor in self._anchors:
            self._fault(f"*{name} stands inside what it repeats", line, "write the values out")
        else:
            self._fault(f"no anchor &{name} stands before *{name}", line, "put text that begins with * in quotes")
        return _Node(line)

    def _collection(self, event: Any, depth: int) -> _Node:
        if depth > self._limits.depth:
            self._stop(f"values are nested more than {self._limits.depth} deep", _line(event), "flatten the file")
        if isinstance(event, yaml.SequenceStartEvent):
            node = _Node(_line(event), kind=list)
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                node.children.append((len(node.children), _line(item), self._node(item, depth + 1)))
            return node
        node = _Node(_line(event), kind=dict)
        seen: dict[str, int] = {}
        while not isinstance(item := next(self._events), yaml.MappingEndEvent):
            key = self._key(item, seen, depth)
            value = self._node(next(self._events), depth + 1)
            if key is not None:
                node.children.append((key, _line(item), value))
        return node

    def _key(self, event: Any, seen: dict[str, int], depth: int) -> str | None:
        """The key of an event, or None after a fault."""
        faults_before = len(self._faults)
        node, line = self._node(event, depth + 1), _line(event)
        if len(self._faults) > faults_before:
            return None
        if not isinstance(event, yaml.ScalarEvent):
            self._fault("a key must be text", line, "write the key as a word")
        elif event.implicit[0] and event.value == "<<":
            self._fault("merge keys (<<) are not supported", line, "write the fields out, or repeat a whole value by an alias")
        elif not isinstance(node.scalar, str):
            shown = _shortened(event.value)
            fix = f'put it in quotes: "{shown}"' if shown else "write a name before the colon"
            self._fault(f"a key must be text, and {shown or 'nothing'} is not", line, fix)
        elif node.scalar in seen:
            what = f"the key {_shortened(node.scalar)!r} stands twice in one mapping, first in line {seen[node.scalar]}"
            self._fault(what, line, "keep one of the two")
        else:
            seen[node.scalar] = line
            return node.scalar
        return None

    def _scalar(self, event: Any) -> _Node:
        line, text = _line(event), event.value
        bad = _FORBIDDEN.search(text)
        if bad:
            self._fault(f"the escaped character U+{ord(bad.group()):04X} is not allowed", line, "remove it")
            return _Node(line)
        if not event.implicit[0] or event.tag is not None:
            return _Node(line, text)
        try:
            return _Node(line, _core_schema(text))
        except ValueError as error:
            self._fault(f"{_shortened(text)} {error}", line, "give a number within reach; put text in quotes")
            return _Node(line)

    def _fault(self, what: str, line: int, fix: str) -> None:
        self._faults.append(Fault(what=what, where=f"{self._name}:{line}", fix=fix))
        if len(self._faults) >= MAX_FAULTS:
            raise ScenarioError(*self._faults)

    def _stop(self, what: str, line: int, fix: str) -> NoReturn:
        self._faults.append(Fault(what=what, where=f"{self._name}:{line}", fix=fix))
        raise ScenarioError(*self._faults)


def _core_schema(text: str) -> Scalar:
    """The value of an unquoted scalar by YAML 1.2's core schema. The text of a ValueError continues the sentence that the scalar begins."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        if len(text) > _LONGEST_INT:
            raise ValueError("is too long a number")
        integer = int(text, 8) if text.startswith("0o") else int(text, 16) if text.startswith("0x") else int(text)
        if not -(2**63) <= integer < 2**64:
            raise ValueError("is a whole number of more than 64 bits")
        return integer
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise ValueError("is too large a number")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("is not a finite number")
    return text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _syntax_fault(error: yaml.YAMLError, name: str) -> Fault:
    """The parser's error as a fault."""
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    mark = getattr(error, "problem_mark", None)
    begun = getattr(error, "context_mark", None)
    what = f"not valid YAML: {f'{context}, ' if context else ''}{problem}"
    if begun and mark and begun.line != mark.line:
        what += f" (begun in line {begun.line + 1})"
    fix = next(
        (fix for sign, fix in _HINTS if sign in problem or sign in context), "check quotes, brackets and indentation around it"
    )
    return Fault(what=what, where=f"{name}:{mark.line + 1}" if mark else name, fix=fix)


# from nodes to data: aliases expanded, every value counted


class _Expansion:
    """Builds plain data and the line of every field; each use of an alias is a copy and counts in full."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._nodes = 0
        self.lines: dict[tuple[Key, ...], int] = {}

    def value(self, node: _Node, path: tuple[Key, ...], line: int) -> Any:
        """The data of a node at a path, on a line."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            _refuse(f"aliases expand to more than {self._limits.nodes:,} values", f"{self._name}:{line}", "write the values out")
        self.lines[path] = line
        if node.kind is None:
            return node.scalar
        if len(path) >= self._limits.depth:
            _refuse(f"aliases nest values more than {self._limits.depth} deep", f"{self._name}:{line}", "write the values out")
        built = [(key, self.value(child, (*path, key), at)) for key, at, child in node.children]
        return dict(built) if node.kind is dict else [item for _, item in built]
