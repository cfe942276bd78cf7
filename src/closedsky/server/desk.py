"""The desk: looks are answered one at a time, and few may wait."""

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
    """One thread that computes. Where the line is full, a newcomer takes the place of the oldest of its own client; others are turned away.

    A client that has gone away frees its place. To be used from one event loop.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "desk")
        self._line: list[tuple[str, Future[Any]]] = []
        self.stopping = False

    @property
    def busy(self) -> bool:
        """Whether somebody is being answered, or waits."""
        return any(not one.done() for _, one in self._line)

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """What `work` gives. Raises RefusedError where there is no place, or where it is taken by something newer."""
        future = self._placed(request.client.host if request.client else "", work)
        try:
            return await self._waited(request, future)
        finally:
            future.cancel()

    def prepare(self, work: Callable[[], object]) -> None:
        """Work that nobody waits for, before the first who does."""
        self._line.append(("", self._pool.submit(work)))

    def stop(self) -> None:
        """Everybody is sent away; what is being worked on is not waited for."""
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
