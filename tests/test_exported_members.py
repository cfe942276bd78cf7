import importlib
import re
from pathlib import Path

import pytest

import closedsky
from closedsky import api


def test_the_public_names_are_these_and_all_of_them_exist():
    assert closedsky.__all__ == [
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
    for name in closedsky.__all__:
        assert getattr(closedsky, name) is not None


def test_the_facade_finds_each_name_where_type_checkers_are_told_it_is():
    source = Path(api.__file__).read_text(encoding="utf-8")
    told = {
        name: (room, there) for room, there, name in re.findall(r"^    from (\S+) import (\w+) as (\w+)$", source, re.MULTILINE)
    }
    assert told.keys() == set(api.__all__) - {"json_schema"}
    for name, (room, there) in told.items():
        assert getattr(api, name) is getattr(importlib.import_module(room), there), name


@pytest.mark.parametrize("module", [closedsky, api])
def test_an_unknown_name_is_an_attribute_error(module):
    assert not hasattr(module, "fire_at_will")
