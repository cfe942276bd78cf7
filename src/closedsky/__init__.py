"""How much of the sky an air defence really closes: against what, for how long, and with how many units."""

from typing import Any

_PUBLIC = {
    "load": "closedsky.api",
    "check": "closedsky.api",
    "run": "closedsky.api",
    "replay": "closedsky.api",
    "prepare": "closedsky.api",
    "examples": "closedsky.api",
    "floor": "closedsky.api",
    "cover": "closedsky.coverage.request",
    "assess": "closedsky.claims.assess",
    "units": "closedsky.coverage.request",
    "read_raster": "closedsky.geo.terrain",
    "Result": "closedsky.engine.results",
    "ClosedskyError": "closedsky.errors",
    "load_catalogue": "closedsky.catalogue.library",
}

__all__ = [
    "ClosedskyError",
    "Result",
    "assess",
    "check",
    "cover",
    "examples",
    "floor",
    "load",
    "load_catalogue",
    "prepare",
    "read_raster",
    "replay",
    "run",
    "units",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: importing closedsky costs nothing until then."""
    if name in _PUBLIC:
        import importlib

        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'closedsky' has no attribute {name!r}")
