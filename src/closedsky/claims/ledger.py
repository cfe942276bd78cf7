"""The ledger of claims: the shipped claims and those of the user's folder."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.claims.files import read_claim
from closedsky.errors import Fault, RequestError, did_you_mean
from closedsky.model.claim import Claim
from closedsky.model.figure import Source


@dataclass(frozen=True)
class Entry:
    """A claim of the ledger and its file."""

    claim: Claim
    path: Path


def ledger(own: Path | None = None) -> dict[str, Entry]:
    """The ledger of claims.

    Parameters
    ----------
    own : folder of your own claim files, which take precedence over the shipped ones

    Returns
    -------
    dict
        Entry by id of the claim.

    Example
    -------
    >>> list(closedsky.api.ledger())
    """
    shipped = sorted(Path(str(files("closedsky").joinpath("ledger"))).glob("*.yaml"))
    if own is not None and not own.is_dir():
        raise RequestError(Fault("there is no such folder", f"--claims {own}", "name a folder of claim files"))
    mine = sorted(own.glob("*.yaml")) if own is not None else []
    if own is not None and not mine:
        raise RequestError(Fault("there is no claim in it", f"--claims {own}", "put claims there, files that end in .yaml"))
    found = [Entry(read_claim(path), path) for path in (*shipped, *mine)]
    return {entry.claim.id: entry for entry in found}


def find(claim: str, own: Path | None = None) -> Entry:
    """A claim of the ledger by its id, or the claim of a file. Raises RequestError, ScenarioError."""
    path = Path(claim)
    if path.exists() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return Entry(read_claim(path), path)
    return listed(claim, own)


def listed(claim: str, own: Path | None = None) -> Entry:
    """A claim of the ledger by its id; RequestError for an unknown id."""
    known = ledger(own)
    if claim not in known:
        fix = f"{did_you_mean(claim, known)}claims: {', '.join(known)}"
        raise RequestError(Fault(f"there is no claim '{claim}'", "ID", fix))
    return known[claim]


def sources_of(entry: Entry, catalogue: Catalogue | Path | None = None) -> dict[str, Source]:
    """The sources of a claim, from its own bibliography or the catalogue's; RequestError for a source that is in neither."""
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    known = {**catalogue.sources, **entry.claim.sources}
    for name in entry.claim.source:
        if name not in known:
            raise RequestError(
                Fault(f"there is no source '{name}'", f"{entry.path}: source", "add it under 'sources', with its title")
            )
    return {name: known[name] for name in entry.claim.source}
