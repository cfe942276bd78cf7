"""The catalogue: finds entries, loads them, lists their figures, and cites their sources.

Entries are read on demand, so that a command that needs one system reads one system.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from closedsky.catalogue.figures import walk
from closedsky.errors import CatalogueError, Fault, ScenarioError, did_you_mean
from closedsky.model.figure import Figure, Source
from closedsky.model.noun import NAME, Noun
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.validation import faults_of
from closedsky.yaml import Document, parse_bytes

Entry = System | Threat
_Noun = TypeVar("_Noun", bound=Noun)
_Entry = TypeVar("_Entry", System, Threat)

ENDING = r"\.yaml"


class _Shelf(Mapping[str, _Noun], Generic[_Noun]):
    """The entries of one kind: all ids known, each file read on first use. Later files take precedence over earlier ones."""

    def __init__(self, kind: str, noun: type[_Noun], folders: Iterable[Traversable], sources: Mapping[str, Source]) -> None:
        self._kind = kind
        self._noun = noun
        self._sources = sources
        self._files: dict[str, tuple[Traversable, ...]] = {}
        for folder in folders:
            for file in _yaml_files(folder / f"{kind}s"):
                key = file.name.removesuffix(".yaml")
                self._files[key] = (file, *self._files.get(key, ()))
        self._read: dict[str, _Noun] = {}

    def __getitem__(self, key: str) -> _Noun:
        if key not in self._read:
            self._read[key] = self._load(key)
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, key: object) -> bool:
        return key in self._files

    def get_or_fault(self, key: str) -> _Noun:
        """The entry, or a `CatalogueError` with the most similar id and the known ids."""
        if key in self._files:
            return self[key]
        raise _unknown(self._kind, key, list(self._files))

    def _load(self, key: str) -> _Noun:
        data, documents = self._data(key, 0, ())
        noun = _validate(self._noun, data, documents)
        faults = []
        if getattr(noun, "id", key) != key:
            fix = f"name it {key!r}, after its file"
            faults.append(Fault(f"id is {getattr(noun, 'id', '')!r}", _where(documents, ("id",)), fix))
        for path, ids in _cited(noun, beside=True):
            faults += [
                Fault(
                    f"unknown source {source!r}",
                    _where(documents, tuple(path.split("."))),
                    "add it to sources.yaml, or correct its id",
                )
                for source in ids
                if source not in self._sources
            ]
        if faults:
            raise CatalogueError(*faults)
        return noun

    def _data(self, key: str, below: int, above: tuple[tuple[str, int], ...]) -> tuple[dict[str, Any], list[Document]]:
        """The fields of an entry, and the files they come from, its own first.

        An entry that is `based_on` another inherits the fields that it does not set. Based on its own id, it changes the entry of that id
        which it takes precedence over. `above` are the entries based on this one.
        """
        file = self._files[key][below]
        document = _parse(file, f"{self._kind}s/{file.name}")
        data = dict(document.data)
        base = data.pop("based_on", None)
        if base is None:
            return data, [document]
        deeper = below + 1 if base == key else 0
        here = (*above, (key, below))
        if not isinstance(base, str) or deeper >= len(self._files.get(base, ())) or (base, deeper) in here:
            known = [name for name in self._files if name != key]
            where = document.where(("based_on",))
            raise CatalogueError(Fault(f"{base!r} is no other {self._kind}", where, _nearest(str(base), known)))
        under, documents = self._data(base, deeper, here)
        return {**_laid_over(under, data), "id": data.get("id", key)}, [document, *documents]


def _laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`own` merged over `base` by field; a field of plain values only, such as a figure, is replaced as a whole; null removes a field."""
    out = {key: value for key, value in base.items() if own.get(key, value) is not None}
    for key, value in own.items():
        if (
            isinstance(value, dict)
            and isinstance(out.get(key), dict)
            and any(isinstance(part, dict) for part in out[key].values())
        ):
            out[key] = _laid_over(out[key], value)
        elif value is not None:
            out[key] = value
    return out


@dataclass(frozen=True)
class Catalogue:
    """The catalogue. `hash` identifies its exact contents, `version` its edition.

    Example
    -------
    >>> catalogue = closedsky.load_catalogue()
    >>> catalogue.system("s-400").name
    """

    systems: Mapping[str, System]
    threats: Mapping[str, Threat]
    sources: Mapping[str, Source]
    version: str
    hash: str
    _shelves: tuple[_Shelf[System], _Shelf[Threat]] = field(repr=False, compare=False)

    def system(self, key: str) -> System:
        """The system of an id; CatalogueError if there is none."""
        return self._shelves[0].get_or_fault(key)

    def threat(self, key: str) -> Threat:
        """The threat of an id; CatalogueError if there is none."""
        return self._shelves[1].get_or_fault(key)

    def entry(self, key: str) -> Entry:
        """The system or threat of an id; CatalogueError if there is none."""
        if key in self.threats:
            return self.threats[key]
        if key in self.systems:
            return self.systems[key]
        raise _unknown("system or threat", key, [*self.systems, *self.threats])


def load_catalogue(root: Traversable | None = None, own: Path | None = None) -> Catalogue:
    """Load the catalogue.

    Parameters
    ----------
    root : folder of another catalogue with the same layout, in place of the shipped one
    own : folder of your own entries: its `sources.yaml` is added, and its entries in `systems/` and `threats/` extend the catalogue or
        replace the entries of the same id. It is read as a whole, so that all faults are reported at once

    Returns
    -------
    Catalogue

    Raises
    ------
    CatalogueError
        With every fault of the folder.

    Example
    -------
    >>> closedsky.load_catalogue().system("s-400").engagement_radar.name
    """
    root = files("closedsky.catalogue") / "data" if root is None else root
    if own is None:
        return _load((root,))
    catalogue = _load.__wrapped__((root, _own_folder(own)))  # not cached: the user may be editing it
    _read_all(own, catalogue.systems, catalogue.threats)
    return catalogue


@cache
def _load(folders: tuple[Traversable, ...]) -> Catalogue:
    root = folders[0]
    sources: dict[str, Source] = {}
    for folder in folders:
        if folder is root or any(file.name == "sources.yaml" for file in folder.iterdir()):
            document = _parse(folder / "sources.yaml", "sources.yaml")
            sources |= {key: _validate(Source, value, [document], (key,)) for key, value in document.data.items()}
    systems = _Shelf("system", System, folders, sources)
    threats = _Shelf("threat", Threat, folders, sources)
    version = (root / "VERSION").read_text(encoding="utf-8").strip()
    return Catalogue(systems, threats, sources, version, _hash(folders), (systems, threats))


def _own_folder(own: Path) -> Path:
    """The user's folder; CatalogueError if it is none."""
    if not own.is_dir():
        what = "this is no folder" if own.exists() else "there is no such folder"
        raise CatalogueError(Fault(what, str(own), "name a folder that holds systems/ or threats/"))
    inside = [own / "systems", own / "threats"]
    if not any(folder.is_dir() for folder in inside):
        raise CatalogueError(
            Fault("holds neither systems/ nor threats/", str(own), "put one entry a file, NAME.yaml, into one of them")
        )
    faults = [
        Fault(
            f"{file.name!r} cannot be an entry",
            f"{folder.name}/{file.name}",
            "name it ID.yaml: lower case, digits, '-', '_', '.'",
        )
        for folder in inside
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if not file.name.startswith(".") and not (file.is_file() and re.fullmatch(NAME.rstrip("$") + ENDING, file.name))
    ]
    if faults:
        raise CatalogueError(*faults)
    return own


def _read_all(own: Path, *shelves: Mapping[str, Noun]) -> None:
    """Read every entry of the user's folder; raises all faults."""
    faults: list[Fault] = []
    for room, shelf in zip(("systems", "threats"), shelves, strict=True):
        for file in _yaml_files(own / room):
            try:
                shelf[file.name.removesuffix(".yaml")]
            except CatalogueError as error:
                faults += error.faults
    if faults:
        raise CatalogueError(*faults)


def cite(
    entries: Iterable[Entry], known: Catalogue | Mapping[str, Source], *, beside: bool = False
) -> list[tuple[str, Source, list[str]]]:
    """The bibliography of `entries`: each source with the paths that cite it, each path prefixed with its entry's id.

    `known` is the catalogue, or a mapping of sources if a scenario adds its own. With `beside`, also the sources of alternative figures.
    """
    sources = known.sources if isinstance(known, Catalogue) else known
    served: dict[str, list[str]] = {}
    for entry in entries:
        for path, ids in _cited(entry, beside):
            for source in ids:
                served.setdefault(source, []).append(f"{entry.id}.{path}")
    return [(key, sources[key], list(dict.fromkeys(paths))) for key, paths in served.items()]


def _cited(noun: Noun, beside: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each path with the ids of its sources."""
    for path, figure in walk(noun):
        yield path, figure.source
        if beside and isinstance(figure, Figure):
            for other in figure.others:
                yield path, other.source


# ------------------------------------------------------------------------------------------------ files


def _unknown(kind: str, key: str, known: list[str]) -> CatalogueError:
    return CatalogueError(Fault(f"unknown {kind} {key!r}", "catalogue", _nearest(key, known)))


def _nearest(key: str, known: list[str]) -> str:
    return f"{did_you_mean(key.lower(), known, 0.5)}known are {', '.join(known)}"


def _yaml_files(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def _hash(folders: Iterable[Traversable]) -> str:
    """Sixteen hexadecimal digits that identify the contents of every file, independent of line ends."""
    digest = hashlib.sha256()
    for root in folders:
        named = {name: root / name for name in ("VERSION", "sources.yaml") if (root / name).is_file()}
        for folder in ("systems", "threats"):
            named |= {f"{folder}/{file.name}": file for file in _yaml_files(root / folder)}
        for name in sorted(named):
            body = named[name].read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name}\0{len(body)}\0".encode())
            digest.update(body)
    return digest.hexdigest()[:16]


def _parse(file: Traversable, name: str) -> Document:
    """Read a file of the catalogue with the reader of scenarios: the same limits, a line for every field."""
    try:
        document = parse_bytes(file.read_bytes(), name, holds="the fields of an entry")
    except OSError as error:
        raise CatalogueError(Fault(f"cannot be read ({error.strerror})", name, "make it a file that you may read")) from None
    except ScenarioError as error:
        raise CatalogueError(*error.faults) from None
    if not isinstance(document.data, dict):
        raise CatalogueError(Fault("holds no fields", document.where(()), "write 'field: value' lines"))
    return document


def _where(documents: list[Document], path: tuple[str | int, ...]) -> str:
    """Location of a field in the first of the files that has it, else of the nearest enclosing field in the first file."""
    return next((one for one in documents if path in one.lines), documents[0]).where(path)


def _validate(noun: type[_Noun], data: Any, documents: list[Document], below: tuple[str, ...] = ()) -> _Noun:
    """Data as a model instance; `below` is its path in the files."""
    try:
        return noun.model_validate(data)
    except ValidationError as error:
        help_ = "docs/catalogue.md says how a figure is written"
        raise CatalogueError(*faults_of(error, data, lambda path: _where(documents, (*below, *path)), noun, help_)) from None
