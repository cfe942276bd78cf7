"""What every test shares: the slow ones are left out, loudly, unless they are asked for; agreements are kept for the validation page;
tests that share something dear are run by one process, after the kernels have been compiled once for all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.together import Together, longest_first
from tests.validation.book import Agrees, Book, Row, read, write
from tests.validation.page import page

LEFT_OUT = pytest.StashKey[int]()
ROWS = pytest.StashKey[list[Row]]()

# Compiling a kernel takes longer than any deadline, so there is none. On a build server the same examples are drawn every time.
hypothesis.settings.register_profile("closedsky", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("closedsky")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow as well")
    parser.addoption(
        "--validation", metavar="PAGE.md", help="run the tests that agree with an authority, all, and write the page of them"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--validation"):
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--validation writes one page: run it in one process, with -n 0")
        config.stash[ROWS] = []
    if config.getoption("numprocesses", None) and not config.getoption("collectonly"):  # the one that hands out the tests
        compiled_once()


def compiled_once() -> None:
    """Compile the kernels of every command that have yet to be: the processes that run tests would each compile the same."""
    from closedsky.cli.frame import compile_first
    from closedsky.engine.ahead import HALVES

    for command in HALVES:
        compile_first(command)


@pytest.fixture
def agrees(request: pytest.FixtureRequest) -> Iterator[Agrees]:
    """Asserts an agreement with an authority and a second path (see `tests.validation.book.compare`): a row of docs/validation.md."""
    book = Book(request.node.nodeid, request.config.stash.get(ROWS, None))
    yield book.agrees
    book.close()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    rows = session.config.stash.get(ROWS, [])
    if rows and exitstatus == 0:
        path = Path(session.config.getoption("--validation"))
        write(path.with_suffix(".csv"), rows)
        path.write_text(page(read(path.with_suffix(".csv"))), encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Unless another order of handing out is asked for by --dist."""
    return Together(config, log) if config.getoption("dist") == "load" else None


def wants_slow(config: pytest.Config) -> bool:
    return bool(config.getoption("--run-slow") or config.getoption("--validation") or "slow" in config.getoption("markexpr"))


def pytest_report_header(config: pytest.Config) -> str:
    if wants_slow(config):
        return "slow tests: RUN"
    return "slow tests: LEFT OUT; run them with --run-slow, or make test-all"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--validation"):
        items[:] = [item for item in items if "agrees" in getattr(item, "fixturenames", ())]
    slow = [] if wants_slow(config) else [item for item in items if item.get_closest_marker("slow")]
    config.stash[LEFT_OUT] = len(slow)
    if slow:
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
    if hasattr(config, "workerinput"):  # one of several processes
        longest_first(items)


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    count = config.stash.get(LEFT_OUT, 0)
    if not count:
        return None
    return f"*** {count} SLOW TEST{'S' if count > 1 else ''} LEFT OUT: run with --run-slow, or make test-all ***"
