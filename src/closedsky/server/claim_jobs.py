"""Claim jobs: one runs at a time, any number of clients follow it; verdicts are cached."""

import asyncio
from collections.abc import AsyncIterator, Callable
from threading import Lock, Thread
from time import monotonic, sleep

from starlette.requests import Request

from closedsky.errors import Fault
from closedsky.model.globe import Step, TestEvent
from closedsky.model.verdict import Assessment
from closedsky.progress import Progress
from closedsky.server.refusals import RefusedError, refusal, refusal_of

Assess = Callable[[str, Progress], Assessment]

MOST_LISTENERS = 32
_POLL_S = 0.1
_SIGN_OF_LIFE_S = 15.0
_WAIT_S = 0.05
_LONGEST_PAUSE_S = 1.0
_CROWD = Fault("too many listen to tests", "closedsky", "ask again in a while")
_STOPPED = Fault("the test was broken off", "closedsky", "closedsky is stopping; start it again")


class _BrokenOffError(Exception):
    """The job has no listeners left, or the server stops."""


class ClaimJob:
    """One claim job: its events so far and its number of listeners."""

    def __init__(self) -> None:
        self.told: list[TestEvent] = []
        self.over = False
        self.listeners = 0

    def tell(self, event: TestEvent) -> None:
        """Send an event to all listeners."""
        self.told.append(event)


class ClaimJobs:
    """Jobs by claim. Clients that ask for the same claim share one job; the next claim waits until it ends.

    `others` says whether a look is running or waiting: a job then pauses briefly at its next step.
    """

    def __init__(self, assess: Assess, others: Callable[[], bool] = lambda: False) -> None:
        self._assess, self._others = assess, others
        self._verdicts: dict[str, Assessment] = {}
        self._hearings: dict[str, ClaimJob] = {}
        self._one_at_a_time = Lock()
        self.stopping = False

    def listen(self, claim: str, request: Request) -> AsyncIterator[str]:
        """Server-sent events of a claim job, until its verdict or until the client disconnects. RefusedError for too many listeners."""
        if sum(one.listeners for one in self._hearings.values()) >= MOST_LISTENERS:
            raise RefusedError(503, _CROWD, after_s=10)
        return self._heard(claim, request)

    async def _heard(self, claim: str, request: Request) -> AsyncIterator[str]:
        if claim in self._verdicts:
            yield _message(TestEvent(assessment=self._verdicts[claim]))
            return
        hearing = self._joined(claim)
        try:
            heard, last = 0, monotonic()
            while not (hearing.over and heard == len(hearing.told)):
                if heard < len(hearing.told):
                    yield _message(hearing.told[heard])
                    heard, last = heard + 1, monotonic()
                    continue
                if self.stopping:
                    yield _message(TestEvent(refusal=refusal([_STOPPED])))
                    return
                if await request.is_disconnected():
                    return
                if monotonic() - last > _SIGN_OF_LIFE_S:
                    last = monotonic()
                    yield ": still at it\n\n"
                await asyncio.sleep(_POLL_S)
        finally:
            hearing.listeners -= 1

    def stop(self) -> None:
        """Jobs end at their next step."""
        self.stopping = True

    def _joined(self, claim: str) -> ClaimJob:
        """The job of a claim, with one more listener; a new job if none with listeners is running."""
        found = self._hearings.get(claim)
        if found is None or found.over or not found.listeners:
            found = self._hearings[claim] = ClaimJob()
            found.listeners = 1  # before its first step, which checks for listeners
            Thread(target=self._hear, args=(claim, found), daemon=True, name=f"claim {claim}").start()
        else:
            found.listeners += 1
        return found

    def _hear(self, claim: str, hearing: ClaimJob) -> None:
        """Run a claim job, on its own thread, to its verdict."""

        def step(what: str, done: int, of: int) -> None:
            self._go_on(hearing)
            hearing.tell(TestEvent(step=Step(what=what, done=done, of=of)))

        try:
            while not self._one_at_a_time.acquire(timeout=_WAIT_S):
                if not hearing.told:
                    hearing.tell(TestEvent(step=Step(what="another claim is tested first", done=0, of=1)))
                self._go_on(hearing)
            try:
                if claim not in self._verdicts:
                    self._verdicts[claim] = self._assess(claim, step)
            finally:
                self._one_at_a_time.release()
            hearing.tell(TestEvent(assessment=self._verdicts[claim]))
        except _BrokenOffError:
            hearing.tell(TestEvent(refusal=refusal([_STOPPED])))
        except Exception as error:
            hearing.tell(TestEvent(refusal=refusal_of(error)))
        finally:
            hearing.over = True

    def _go_on(self, hearing: ClaimJob) -> None:
        """Yield to looks for a moment. Raises if the job has no listeners or the server stops."""
        until = monotonic() + _LONGEST_PAUSE_S
        while self._others() and monotonic() < until and not self.stopping:
            sleep(_WAIT_S)
        if self.stopping or not hearing.listeners:
            raise _BrokenOffError


def _message(event: TestEvent) -> str:
    return f"data: {event.model_dump_json()}\n\n"
