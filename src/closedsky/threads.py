"""Number of computing threads."""

import os

from closedsky.errors import Fault, RequestError

MOST = 1024


def threads_to_use(threads: int | None = None) -> int:
    """`threads`, or by default as many as this process may run at once. Raises RequestError for a number out of range."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not 1 <= threads <= MOST:
        raise RequestError(Fault(f"{threads} is out of range", "--threads", f"give a whole number from 1 to {MOST}"))
    return threads
