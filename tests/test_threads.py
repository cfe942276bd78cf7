"""Work on one thread: done by the caller, in order, and what goes wrong in it is the caller's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from closedsky.threads import Alone, executor


def test_one_thread_is_the_callers() -> None:
    with executor(1) as alone:
        assert isinstance(alone, Alone)
        assert set(alone.map(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}
        assert list(alone.map(lambda n: n * n, range(4))) == [0, 1, 4, 9]


def test_what_goes_wrong_is_raised_where_it_is_waited_for() -> None:
    with executor(1) as alone, pytest.raises(ZeroDivisionError):
        list(alone.map(lambda n: 1 // n, range(2)))


def test_more_are_a_pool() -> None:
    with executor(2) as pool:
        assert isinstance(pool, ThreadPoolExecutor)
