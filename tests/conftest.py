"""What every test shares: the slow ones are left out, loudly, unless they are asked for."""

import os

import hypothesis
import pytest

LEFT_OUT = pytest.StashKey[int]()

# Compiling a kernel takes longer than any deadline, so there is none. On a build server the same examples are drawn every time.
hypothesis.settings.register_profile("closedsky", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("closedsky")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow as well")


def wants_slow(config: pytest.Config) -> bool:
    return config.getoption("--run-slow") or "slow" in config.getoption("markexpr")


def pytest_report_header(config: pytest.Config) -> str:
    if wants_slow(config):
        return "slow tests: RUN"
    return "slow tests: LEFT OUT; run them with --run-slow, or make test-all"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if wants_slow(config):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.stash[LEFT_OUT] = len(slow)
    if slow:
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    count = config.stash.get(LEFT_OUT, 0)
    if not count:
        return None
    return f"*** {count} SLOW TEST{'S' if count > 1 else ''} LEFT OUT: run with --run-slow, or make test-all ***"
