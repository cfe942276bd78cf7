"""The bibliography of a scenario."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from closedsky.catalogue.library import cite as bibliography
from closedsky.model.figure import Source
from closedsky.scenario.load import Loaded, load
from closedsky.scenario.situation import resolve


def cite(scenario: str | Path | Mapping[str, Any] | Loaded) -> list[tuple[str, Source, list[str]]]:
    """Bibliography of a scenario, over all its variants.

    Parameters
    ----------
    scenario : file, name of a shipped example, data of a scenario file, or a loaded scenario

    Returns
    -------
    list of (source id, source, figures)
        `figures` are the paths of the figures that cite the source, each prefixed with its entry's id.

    Raises
    ------
    ScenarioError, CatalogueError, RequestError

    Example
    -------
    >>> closedsky.api.cite("first-battery")[0]
    """
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    situations = [resolve(variant, loaded.catalogue) for variant in loaded.variants.values()]
    entries = {entry.id: entry for situation in situations for entry in situation.entries()}
    sources = {name: source for situation in situations for name, source in situation.sources.items()}
    served = {source: (known, paths) for source, known, paths in bibliography(entries.values(), sources)}
    for reported in loaded.reference.reported:
        for source in reported.source:
            served.setdefault(source, (sources[source], []))[1].append(f"reported.{reported.metric}")
    return [(source, known, paths) for source, (known, paths) in served.items()]
