"""The catalogue for display: an entry, the list, or the gaps, as plain data or as text."""

from pathlib import Path
from typing import Any

from closedsky.catalogue.gaps import gaps, pillars
from closedsky.catalogue.library import load_catalogue
from closedsky.catalogue.show import render_entry, render_gaps, render_list


def catalogue_data(entry: str | None = None, own: Path | None = None) -> dict[str, Any]:
    """An entry of the catalogue as plain data, or the ids of all entries.

    Parameters
    ----------
    entry : id of a system or threat; by default all
    own : folder of your own entries, as of `load_catalogue`

    Raises
    ------
    CatalogueError
        For an unknown id or a faulty folder.

    Example
    -------
    >>> closedsky.api.catalogue_data("s-400")["name"]
    """
    catalogue = load_catalogue(own=own)
    if entry is not None:
        return catalogue.entry(entry).model_dump(mode="json")
    return {"systems": list(catalogue.systems), "threats": list(catalogue.threats)}


def catalogue_text(entry: str | None = None, width: int = 80, own: Path | None = None) -> str:
    """An entry of the catalogue, or the list of all, as text no wider than `width` columns. Otherwise as `catalogue_data`."""
    catalogue = load_catalogue(own=own)
    return render_list(catalogue, width) if entry is None else render_entry(catalogue.entry(entry), catalogue, width)


def gaps_data(entry: str | None = None, own: Path | None = None) -> dict[str, Any]:
    """Assumed and unverified figures and estimates of one entry or of all, worst first, as plain data; and the sources on which many rest.

    Parameters as of `catalogue_data`.
    """
    catalogue = load_catalogue(own=own)
    return {
        "catalogue_hash": catalogue.hash,
        "sources": [pillar.as_data() for pillar in pillars(catalogue, entry)],
        "gaps": [gap.as_data() for gap in gaps(catalogue, entry)],
    }


def gaps_text(entry: str | None = None, width: int = 80, own: Path | None = None) -> str:
    """What `gaps_data` gives, as text no wider than `width` columns."""
    catalogue = load_catalogue(own=own)
    return render_gaps(gaps(catalogue, entry), pillars(catalogue, entry), catalogue, width)
