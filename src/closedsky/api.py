"""The public interface: every public name, imported from its module on first use.

The command line, the server and notebooks call these functions. Importing this module loads nothing else.

>>> from closedsky import api
>>> scenario = api.load("first-battery")
>>> result = api.run(scenario, trials=2000, seed=7)
>>> result.variants[0].metric("leakage_per_launched").mean
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from closedsky.catalogue.library import Catalogue as Catalogue
    from closedsky.catalogue.library import load_catalogue as load_catalogue
    from closedsky.catalogue.reading import catalogue_data as catalogue_data
    from closedsky.catalogue.reading import catalogue_text as catalogue_text
    from closedsky.catalogue.reading import gaps_data as gaps_data
    from closedsky.catalogue.reading import gaps_text as gaps_text
    from closedsky.claims.assess import assess as assess
    from closedsky.claims.ledger import ledger as ledger
    from closedsky.coverage.request import cover as cover
    from closedsky.coverage.request import units as units
    from closedsky.engine.ahead import compile_together as compile_together
    from closedsky.engine.results import Result as Result
    from closedsky.errors import ClosedskyError as ClosedskyError
    from closedsky.footprint.answer import defended_footprint as defended_footprint
    from closedsky.footprint.request import FootprintRequest as FootprintRequest
    from closedsky.geo.floor import floor as floor
    from closedsky.geo.terrain import read_raster as read_raster
    from closedsky.physics.jit import cache_is_cold as cache_is_cold
    from closedsky.raid.prepared import Prepared as Prepared
    from closedsky.raid.prepared import prepare as prepare
    from closedsky.raid.run import detailed_run as detailed_run
    from closedsky.raid.run import replay as replay
    from closedsky.raid.run import run as run
    from closedsky.raid.run import story as story
    from closedsky.raid.why import why as why
    from closedsky.scenario.bibliography import cite as cite
    from closedsky.scenario.load import Loaded as Loaded
    from closedsky.scenario.load import check as check
    from closedsky.scenario.load import copy_example as copy_example
    from closedsky.scenario.load import examples as examples
    from closedsky.scenario.load import load as load
    from closedsky.scenario.load import title_of as title_of

_ROOMS = {
    "Catalogue": "catalogue.library",
    "load_catalogue": "catalogue.library",
    "catalogue_data": "catalogue.reading",
    "catalogue_text": "catalogue.reading",
    "gaps_data": "catalogue.reading",
    "gaps_text": "catalogue.reading",
    "assess": "claims.assess",
    "ledger": "claims.ledger",
    "cover": "coverage.request",
    "units": "coverage.request",
    "compile_together": "engine.ahead",
    "Result": "engine.results",
    "ClosedskyError": "errors",
    "defended_footprint": "footprint.answer",
    "FootprintRequest": "footprint.request",
    "floor": "geo.floor",
    "read_raster": "geo.terrain",
    "cache_is_cold": "physics.jit",
    "Prepared": "raid.prepared",
    "detailed_run": "raid.run",
    "prepare": "raid.prepared",
    "replay": "raid.run",
    "run": "raid.run",
    "story": "raid.run",
    "cite": "scenario.bibliography",
    "Loaded": "scenario.load",
    "check": "scenario.load",
    "copy_example": "scenario.load",
    "examples": "scenario.load",
    "load": "scenario.load",
    "title_of": "scenario.load",
    "why": "raid.why",
}
"""Module of each public name; `module:name` if the name differs there. A test compares this with the imports above."""

__all__ = [*sorted(_ROOMS), "json_schema"]


if not TYPE_CHECKING:  # so that a name which is not there is found by mypy

    def __getattr__(name: str) -> Any:
        """Load a public name on first use."""
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        room, _, there = _ROOMS[name].partition(":")
        found = globals()[name] = getattr(importlib.import_module(f"closedsky.{room}"), there or name)
        return found


def json_schema(what: str) -> dict[str, Any]:
    """The JSON Schema of an input or an answer.

    Parameters
    ----------
    what : "scenario" (the input); "result", "sky" or "footprint" (the answers of `run`, `cover` and `footprint`)

    Raises
    ------
    RequestError
        For any other name.

    Example
    -------
    >>> closedsky.api.json_schema("scenario")["title"]
    'Scenario'
    """
    from closedsky.engine.results import Result
    from closedsky.errors import Fault, RequestError
    from closedsky.model.footprint import FootprintAnswer
    from closedsky.model.noun import Noun
    from closedsky.model.scenario import Scenario
    from closedsky.model.sky import SkyAnswers

    nouns: dict[str, type[Noun]] = {"scenario": Scenario, "result": Result, "sky": SkyAnswers, "footprint": FootprintAnswer}
    if what not in nouns:
        raise RequestError(Fault(f"there is no schema '{what}'", "schema", f"closedsky schema {', '.join(nouns)}"))
    return nouns[what].model_json_schema()
