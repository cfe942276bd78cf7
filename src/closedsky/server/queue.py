"""The work queue: looks are answered one at a time, and a few may wait."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request

from closedsky.errors import Fault
from closedsky.server.refusals import RefusedError

T = TypeVar("T")

MOST_WAITING = 6
_POLL_S = 0.05
_BUSY = Fault("too many wait to be answered", "closedsky", "ask again in a second")
_NEWER = Fault("a newer look takes its place", "closedsky", "ask again in a second")
_STOPPING = Fault("closedsky is stopping", "closedsky", "start closedsky serve again")


class _GaveWayError(Exception):
    """Work was broken off because somebody else waits."""


@dataclass(eq=False)
class _Job:
    """Something to be worked on for a client, in a series of which only the newest is wanted; `left` once nobody waits for it.

    One that gives way is broken off when another comes.
    """

    client: str
    series: Hashable
    work: Callable[[], Any]
    gives_way: bool = False
    future: "Future[Any]" = field(default_factory=Future)
    left: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is neither begun nor done with."""
        return not (self.future.running() or self.future.done())


class WorkQueue:
    """One computing thread with a bounded queue. When it is full, a new request replaces the client's oldest waiting one, or is refused.

    Of a series, such as the looks of a drag, the newest takes the place of any before that still waits. A client that has gone away frees
    its place, and ends what is worked on for it at its next step. To be used from one event loop.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "desk")
        self._line: list[_Job] = []
        self._served: _Job | None = None
        self.stopping = False

    @property
    def busy(self) -> bool:
        """Whether somebody is being answered, or waits."""
        return any(not job.future.done() for job in self._line)

    async def run(self, request: Request, work: Callable[[], T], series: Hashable = None, gives_way: bool = False) -> T:
        """What `work` gives. Raises RefusedError where there is no place, or where it is taken by something newer.

        Work that takes long gives way: if another request comes, it is broken off at its next step, and begun again when its turn comes.
        """
        while True:
            job = self._placed(_Job(request.client.host if request.client else "", series, work, gives_way))
            try:
                found: T = await self._waited(request, job)
            except _GaveWayError:
                continue
            finally:
                job.left = True
                job.future.cancel()
            return found

    def step(self, what: str, done: int, of: int) -> None:
        """For work to call as it goes on: raises RefusedError where nobody waits for it any more; breaks off where it has to give way."""
        served = self._served
        if served is not None and served.left:
            raise RefusedError(503, _STOPPING)
        if served is not None and served.gives_way and any(job.waits for job in self._line):
            raise _GaveWayError

    def prepare(self, work: Callable[[], object]) -> None:
        """Work that nobody waits for, before the first who does."""
        self._submit(_Job("", None, work))

    def stop(self) -> None:
        """Refuse all waiting requests; the running work is not awaited."""
        self.stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _placed(self, job: _Job) -> _Job:
        if self.stopping:
            raise RefusedError(503, _STOPPING)
        client, series = job.client, job.series
        self._line = [one for one in self._line if not one.future.done()]
        for one in self._line:
            if series is not None and (one.client, one.series) == (client, series) and one.waits:
                one.future.cancel()
        waiting = [one for one in self._line if one.waits]
        if len(waiting) >= MOST_WAITING:
            oldest = next((one for one in waiting if one.client == client), None)
            if oldest is None:
                raise RefusedError(503, _BUSY, after_s=1)
            oldest.future.cancel()
        self._submit(job)
        return job

    def _submit(self, job: _Job) -> None:
        self._line.append(job)
        job.future = self._pool.submit(self._serve, job)

    def _serve(self, job: _Job) -> Any:
        self._served = job
        return job.work()

    async def _waited(self, request: Request, job: _Job) -> Any:
        result = asyncio.wrap_future(job.future)
        while not (await asyncio.wait({result}, timeout=_POLL_S))[0]:
            if self.stopping or await request.is_disconnected():
                raise RefusedError(503, _STOPPING)
        if result.cancelled():
            raise RefusedError(503, _STOPPING if self.stopping else _NEWER, after_s=1)
        return result.result()
