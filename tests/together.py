"""Which tests have to be run by one process: those that share something dear. All others go to whichever process is free.

pytest-xdist's own groups are written into the names of tests, where pytest 9 no longer looks for them: they would be ignored in silence.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
BROWSER = "tests/browser"
"""One Chromium and one server for all of it."""

_SHARES = re.compile(r"""\bscope=["'](module|package|session)["']|^@(lru_)?cache\b""", re.MULTILINE)


class Together(LoadScopeScheduling):
    """Hands out group by group, in the order of their first tests (`longest_first`)."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """A test alone, its file where that has or is given something that several tests use, or the browser's folder."""
    path = nodeid.partition("::")[0]
    if path.startswith(f"{BROWSER}/"):
        return BROWSER
    return path if _shares(path) else nodeid


def longest_first(items: list[pytest.Item]) -> None:
    """The browser, then groups with a slow test, then those of many tests: one process is not left with a long one at the end."""
    size = Counter(group_of(item.nodeid) for item in items)
    slow = {group_of(item.nodeid) for item in items if item.get_closest_marker("slow")}

    def rank(item: pytest.Item) -> tuple[bool, bool, int]:
        group = group_of(item.nodeid)
        return group != BROWSER, group not in slow, -size[group]

    items.sort(key=rank)


@cache
def _shares(path: str) -> bool:
    file = ROOT / path
    return any(_SHARES.search(one.read_text("utf-8")) for one in (file, file.with_name("conftest.py")) if one.is_file())
