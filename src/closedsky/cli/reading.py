"""What there is to read: the catalogue, its gaps, schemas, examples."""

from pathlib import Path
from typing import Any

from closedsky.api import examples
from closedsky.catalogue.gaps import gaps
from closedsky.catalogue.library import load_catalogue
from closedsky.catalogue.show import render_entry, render_gaps, render_list
from closedsky.engine.results import Result
from closedsky.errors import Fault, OutputError, RequestError
from closedsky.model.footprint import FootprintAnswer
from closedsky.model.noun import Noun
from closedsky.model.scenario import Scenario
from closedsky.model.sky import SkyAnswers
from closedsky.yaml import read_yaml


def catalogue_data(entry: str | None = None, own: Path | None = None) -> dict[str, Any]:
    """An entry of the catalogue as plain data, or the ids of all."""
    catalogue = load_catalogue(own=own)
    if entry is not None:
        return catalogue.entry(entry).model_dump(mode="json")
    return {"systems": list(catalogue.systems), "threats": list(catalogue.threats)}


def catalogue_text(entry: str | None = None, width: int = 80, own: Path | None = None) -> str:
    """An entry of the catalogue, or the list of all, as text no wider than `width`."""
    catalogue = load_catalogue(own=own)
    return render_list(catalogue, width) if entry is None else render_entry(catalogue.entry(entry), catalogue, width)


def gaps_data(entry: str | None = None, own: Path | None = None) -> dict[str, Any]:
    """What is assumed or unverified in one entry, or in all of them, worst first, as plain data."""
    catalogue = load_catalogue(own=own)
    return {"catalogue_hash": catalogue.hash, "gaps": [gap.as_data() for gap in gaps(catalogue, entry)]}


def gaps_text(entry: str | None = None, width: int = 80, own: Path | None = None) -> str:
    """What is assumed or unverified in one entry, or in all of them, worst first, as text no wider than `width`."""
    return render_gaps(gaps(load_catalogue(own=own), entry), width)


def json_schema(what: str) -> dict[str, Any]:
    """The JSON Schema of "scenario" (the input), "result", "sky" or "footprint" (the answers of `run`, `cover` and `footprint`)."""
    nouns: dict[str, type[Noun]] = {"scenario": Scenario, "result": Result, "sky": SkyAnswers, "footprint": FootprintAnswer}
    if what not in nouns:
        raise RequestError(Fault(f"there is no schema '{what}'", "schema", f"closedsky schema {', '.join(nouns)}"))
    return nouns[what].model_json_schema()


def title_of(path: Path) -> str:
    """Title of a scenario file."""
    return str(read_yaml(path).data["title"])


def copy_example(name: str, target: Path) -> Path:
    """Copy a shipped example to `target`, which must not exist."""
    source = examples().get(name)
    if source is None:
        raise RequestError(Fault(f"'{name}' is not a shipped example", "NAME", f"examples: {', '.join(examples())}"))
    if target.exists():
        raise OutputError(Fault("the file is there already", str(target), "name another, or remove it"))
    try:
        target.write_bytes(source.read_bytes())
    except OSError as error:
        raise OutputError(
            Fault(f"cannot write here ({error.strerror})", str(target), "name a file in a folder you may write to")
        ) from error
    return target
