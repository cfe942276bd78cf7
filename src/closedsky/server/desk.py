"""The work queue: looks are answered one at a time, and a few may wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

from closedsky.errors import Fault
from closedsky.server.refusals import RefusedError

T = TypeVar("T")

MOST_WAITING = 6
_POLL_S = 0.05
_BUSY = Fault("too many wait to be answered", "closedsky", "ask again in a second")
_STOPPING = Fault("closedsky is stopping", "closedsky", "start closedsky serve again")


class Desk:
    """One computing thread with a bounded queue. When it is full, a new request replaces the client's oldest waiting one, or is refused.

    A client that disconnects leaves the queue. For use from one event loop.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "desk")
        self._line: list[tuple[str, Future[Any]]] = []
        self.stopping = False

    @property
    def busy(self) -> bool:
        """Whether a request is running or waiting."""
        return any(not one.done() for _, one in self._line)

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """The result of `work`. Raises RefusedError if the queue is full, or if a newer request of the client replaces this one."""
        future = self._placed(request.client.host if request.client else "", work)
        try:
            return await self._waited(request, future)
        finally:
            future.cancel()

    def prepare(self, work: Callable[[], object]) -> None:
        """Submit work without a waiting client, before the first request."""
        self._line.append(("", self._pool.submit(work)))

    def stop(self) -> None:
        """Refuse all waiting requests; the running work is not awaited."""
        self.stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _placed(self, client: str, work: Callable[[], T]) -> "Future[T]":
        if self.stopping:
            raise RefusedError(503, _STOPPING)
        self._line = [(whose, one) for whose, one in self._line if not one.done()]
        waiting = [(whose, one) for whose, one in self._line if not one.running()]
        if len(waiting) >= MOST_WAITING:
            oldest = next((one for whose, one in waiting if whose == client), None)
            if oldest is None:
                raise RefusedError(503, _BUSY, after_s=1)
            oldest.cancel()
        future = self._pool.submit(work)
        self._line.append((client, future))
        return future

    async def _waited(self, request: Request, future: "Future[T]") -> T:
        result = asyncio.wrap_future(future)
        while not (await asyncio.wait({result}, timeout=_POLL_S))[0]:
            if self.stopping or await request.is_disconnected():
                raise RefusedError(503, _STOPPING)
        if result.cancelled():
            raise RefusedError(503, _STOPPING if self.stopping else _BUSY, after_s=1)
        return result.result()
