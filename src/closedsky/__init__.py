"""How much of the sky an air defence really closes: against what, for how long, and with how many units."""

from typing import Any

__all__ = [
    "ClosedskyError",
    "FootprintRequest",
    "Result",
    "assess",
    "check",
    "cover",
    "defended_footprint",
    "examples",
    "floor",
    "load",
    "load_catalogue",
    "prepare",
    "read_raster",
    "replay",
    "run",
    "units",
    "why",
]


def __getattr__(name: str) -> Any:
    """Load a public name from `api` on first use: importing closedsky loads nothing else."""
    if name in __all__:
        from closedsky import api

        return getattr(api, name)
    raise AttributeError(f"module 'closedsky' has no attribute {name!r}")
