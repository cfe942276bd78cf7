"""Computing threads: how many, and those of a computation."""

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from closedsky.errors import Fault, RequestError

MOST = 1024


def threads_to_use(threads: int | None = None) -> int:
    """`threads`, or by default as many as this process may run at once. Raises RequestError for a number out of range."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not 1 <= threads <= MOST:
        raise RequestError(Fault(f"{threads} is out of range", "--threads", f"give a whole number from 1 to {MOST}"))
    return threads


class Alone(Executor):
    """One thread, the caller's: handing small pieces to another and waiting for it takes as long as some of them do."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """The future of a call that is over."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def executor(threads: int | None = None) -> Executor:
    """What runs work on `threads` threads, by default as many as this process may run at once."""
    many = threads_to_use(threads)
    return Alone() if many == 1 else ThreadPoolExecutor(many)
