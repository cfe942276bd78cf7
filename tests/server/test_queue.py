"""The work queue: one at a time, few in line, the newest first among one's own, and nobody keeps a place who has gone."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from closedsky.server.queue import MOST_WAITING, WorkQueue
from closedsky.server.refusals import RefusedError


@dataclass
class Asker:
    """As much of a request as a work queue looks at."""

    host: str = "10.0.0.1"
    gone: bool = False

    @property
    def client(self) -> Any:
        return SimpleNamespace(host=self.host)

    async def is_disconnected(self) -> bool:
        return self.gone


class Work:
    """Something that is worked on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.done = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.done.wait(30)
        return "done"


def at(queue: WorkQueue, asker: Asker, work: Callable[[], Any], series: str | None = None) -> "asyncio.Task[Any]":
    return asyncio.ensure_future(queue.run(asker, work, series))  # type: ignore[arg-type]


def queue_test(body: Callable[[WorkQueue, Work], Awaitable[None]]) -> Callable[[], None]:
    """A test that finds somebody being served: `work`."""

    def test() -> None:
        async def whole() -> None:
            queue, work = WorkQueue(), Work()
            first = at(queue, Asker("10.0.0.9"), work)
            await asyncio.to_thread(work.begun.wait, 30)
            try:
                await body(queue, work)
            finally:
                work.done.set()
                await asyncio.gather(first, return_exceptions=True)
                queue.stop()

        asyncio.run(whole())

    return test


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def _one_at_a_time(queue: WorkQueue, work: Work) -> None:
    second = Work()
    waiting = at(queue, Asker(), second)
    await asyncio.sleep(0.2)
    assert not second.begun.is_set()
    work.done.set()
    second.done.set()
    assert await waiting == "done"


test_one_is_served_at_a_time = queue_test(_one_at_a_time)


async def _newest_of_ones_own(queue: WorkQueue, work: Work) -> None:
    """Whoever drags wants the look of now, not the one before."""
    line = [at(queue, Asker(), lambda i=i: i) for i in range(MOST_WAITING)]
    await _settled()
    newest = at(queue, Asker(), lambda: "newest")
    with pytest.raises(RefusedError) as refused:
        await line[0]
    assert refused.value.status == 503
    assert refused.value.after_s is not None
    work.done.set()
    assert [await one for one in line[1:]] == list(range(1, MOST_WAITING))
    assert await newest == "newest"


test_the_newest_takes_the_place_of_ones_oldest = queue_test(_newest_of_ones_own)


async def _a_drag(queue: WorkQueue, work: Work) -> None:
    """Many looks a second: what is worked on is finished, then comes the newest, and none of those between."""
    begun: list[int] = []
    other = at(queue, Asker("10.0.0.2"), lambda: begun.append(-1), "drag")
    line = []
    for i in range(4 * MOST_WAITING):
        line.append(at(queue, Asker(), lambda i=i: begun.append(i), "drag"))
        await _settled()
    for one in line[:-1]:
        with pytest.raises(RefusedError) as refused:
            await one
        assert (refused.value.status, refused.value.after_s) == (503, 1)
    assert not other.done()
    work.done.set()
    await asyncio.gather(other, line[-1])
    assert begun == [-1, len(line) - 1]


test_of_a_drag_only_the_newest_waits = queue_test(_a_drag)


async def _abandoned(queue: WorkQueue, work: Work) -> None:
    """A full answer takes long; whoever drags on has gone from it, and what is next does not wait for its end."""
    work.done.set()
    begun, broken_off, leaver = threading.Event(), threading.Event(), Asker()

    def endless() -> None:
        begun.set()
        try:
            while not over.wait(0.01):
                queue.step("levels", 0, 1)
        finally:
            broken_off.set()

    over = threading.Event()
    left = at(queue, leaver, endless)
    await asyncio.to_thread(begun.wait, 30)
    try:
        leaver.gone = True
        with pytest.raises(RefusedError):
            await left
        assert await at(queue, Asker(), lambda: queue.step("levels", 0, 1) or "next") == "next"
        assert broken_off.is_set()
    finally:
        over.set()


test_what_nobody_waits_for_ends_at_its_next_step = queue_test(_abandoned)


async def _gives_way(queue: WorkQueue, work: Work) -> None:
    """What takes long is begun again after what came meanwhile."""
    work.done.set()
    story: list[str] = []
    begun = threading.Event()

    def long() -> str:
        story.append("long")
        begun.set()
        while "short" not in story:
            queue.step("relief", 0, 1)
        return "done"

    patient = asyncio.ensure_future(queue.run(Asker(), long, gives_way=True))  # type: ignore[arg-type]
    await asyncio.to_thread(begun.wait, 30)
    await at(queue, Asker(), lambda: story.append("short"))
    assert await patient == "done"
    assert story == ["long", "short", "long"]


test_what_takes_long_gives_way = queue_test(_gives_way)


async def _others_keep_theirs(queue: WorkQueue, work: Work) -> None:
    line = [at(queue, Asker(f"10.0.0.{i}"), lambda i=i: i) for i in range(MOST_WAITING)]
    await _settled()
    with pytest.raises(RefusedError) as refused:
        await at(queue, Asker("10.0.1.1"), lambda: "late")
    assert (refused.value.status, refused.value.after_s) == (503, 1)
    work.done.set()
    assert [await one for one in line] == list(range(MOST_WAITING))


test_nobody_loses_a_place_to_another = queue_test(_others_keep_theirs)


async def _gone(queue: WorkQueue, work: Work) -> None:
    leaver = Asker("10.0.0.1")
    line = [at(queue, Asker(f"10.0.1.{i}"), lambda i=i: i) for i in range(MOST_WAITING - 1)]
    done: list[str] = []
    left = at(queue, leaver, lambda: done.append("in vain"))
    await _settled()
    leaver.gone = True
    with pytest.raises(RefusedError):
        await left
    after = at(queue, Asker("10.0.2.1"), lambda: "after")
    await _settled()
    work.done.set()
    assert await after == "after"
    assert [await one for one in line] == list(range(MOST_WAITING - 1))
    assert not done


test_who_has_gone_leaves_a_place = queue_test(_gone)


async def _fails(queue: WorkQueue, work: Work) -> None:
    work.done.set()
    with pytest.raises(ZeroDivisionError):
        await at(queue, Asker(), lambda: 1 / 0)
    assert await at(queue, Asker(), lambda: "next") == "next"


test_an_error_is_its_own_asker_s = queue_test(_fails)


async def _stops(queue: WorkQueue, work: Work) -> None:
    """Without waiting for what is being worked on."""
    waiting = at(queue, Asker(), lambda: "never")
    await _settled()
    queue.stop()
    with pytest.raises(RefusedError):
        await asyncio.wait_for(waiting, 10)
    with pytest.raises(RefusedError):
        await at(queue, Asker(), lambda: "late")
    assert queue.busy
    assert not work.done.is_set()


test_a_desk_that_stops_sends_everybody_away = queue_test(_stops)
