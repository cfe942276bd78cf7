"""Claims under test: one at a time, one test for all who ask, none for nobody, and a verdict is given once."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from closedsky import api
from closedsky.claims import ledger
from closedsky.errors import Fault, RequestError
from closedsky.model.globe import TestEvent
from closedsky.model.verdict import Assessment
from closedsky.server.app import Options
from closedsky.server.claim_jobs import MOST_LISTENERS, ClaimJobs
from closedsky.server.refusals import RefusedError
from tests.claims.square import ledger_of_it
from tests.server.running import Running, running
from tests.server.test_queue import Asker

VERDICT = Assessment.model_construct(id="claim", verdict="refuted")
Events = AsyncIterator[str]


class Assessor:
    """Stands in for `claims.assess`: goes a step whenever it is let, and keeps count of itself."""

    def __init__(self, steps: int = 3) -> None:
        self.steps, self.runs, self.at_once, self.most_at_once = steps, 0, 0, 0
        self.broken_off = threading.Event()
        self.go = threading.Semaphore(0)

    def __call__(self, claim: str, progress: Callable[[str, int, int], None]) -> Assessment:
        self.runs, self.at_once = self.runs + 1, self.at_once + 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for step in range(self.steps):
                progress(claim, step, self.steps)
                assert self.go.acquire(timeout=30)
            return VERDICT
        except Exception:
            self.broken_off.set()
            raise
        finally:
            self.at_once -= 1


def listen(jobs: ClaimJobs, claim: str, asker: Asker | None = None) -> Events:
    return jobs.listen(claim, asker or Asker())  # type: ignore[arg-type]


def event(message: str) -> dict[str, Any]:
    """One server-sent event: a line of data and an empty line."""
    assert message.startswith("data: ")
    assert message.endswith("\n\n")
    assert "\n" not in message[:-2]
    found = {key: value for key, value in json.loads(message[6:]).items() if value is not None}
    assert len(found) == 1
    return found


async def heard(events: Events) -> list[dict[str, Any]]:
    return [event(message) async for message in events if not message.startswith(":")]


def told(events: list[dict[str, Any]]) -> list[str]:
    return [next(iter(one)) for one in events]


def test_steps_then_the_verdict_then_the_end() -> None:
    assess = Assessor()
    assess.go.release(3)
    events = asyncio.run(heard(listen(ClaimJobs(assess), "a")))
    assert told(events) == ["step"] * 3 + ["assessment"]
    assert [one["step"]["done"] for one in events[:3]] == [0, 1, 2]
    assert events[-1]["assessment"]["verdict"] == "refuted"


def test_a_verdict_is_remembered() -> None:
    assess = Assessor()
    assess.go.release(3)
    jobs = ClaimJobs(assess)

    async def twice() -> list[dict[str, Any]]:
        await heard(listen(jobs, "a"))
        return await heard(listen(jobs, "a"))

    assert told(asyncio.run(twice())) == ["assessment"]
    assert assess.runs == 1


def test_two_who_ask_the_same_hear_one_test() -> None:
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def both() -> list[list[dict[str, Any]]]:
        first = asyncio.create_task(heard(listen(jobs, "a")))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(heard(listen(jobs, "a")))
        await asyncio.sleep(0.3)
        assess.go.release(3)
        return await asyncio.gather(first, second)

    first, second = asyncio.run(both())
    assert first == second
    assert told(first)[-1] == "assessment"
    assert assess.runs == 1


def test_two_claims_are_tested_one_after_the_other() -> None:
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def both() -> list[list[dict[str, Any]]]:
        first = asyncio.create_task(heard(listen(jobs, "a")))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(heard(listen(jobs, "b")))
        await asyncio.sleep(0.3)
        assess.go.release(6)
        return await asyncio.gather(first, second)

    first, second = asyncio.run(both())
    assert told(first)[-1] == told(second)[-1] == "assessment"
    assert "another claim" in second[0]["step"]["what"]
    assert (assess.runs, assess.most_at_once) == (2, 1)


def test_a_test_that_nobody_hears_is_broken_off() -> None:
    """And the next who asks has it tested from the start."""
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def leave_and_come_back() -> list[dict[str, Any]]:
        asker = Asker()
        left = asyncio.create_task(heard(listen(jobs, "a", asker)))
        await asyncio.sleep(0.3)
        asker.gone = True
        assert told(await left) == ["step"]
        assess.go.release(1)
        assert await asyncio.to_thread(assess.broken_off.wait, 30)
        while not jobs._hearings["a"].over:
            await asyncio.sleep(0.01)
        assess.go.release(3)
        return await heard(listen(jobs, "a"))

    assert told(asyncio.run(leave_and_come_back())) == ["step"] * 3 + ["assessment"]
    assert assess.runs == 2


def test_one_who_leaves_does_not_break_it_off_for_another() -> None:
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def one_leaves() -> list[dict[str, Any]]:
        asker = Asker()
        leaver, stayer = (asyncio.create_task(heard(listen(jobs, "a", one))) for one in (asker, Asker()))
        await asyncio.sleep(0.3)
        asker.gone = True
        await leaver
        assess.go.release(3)
        return await stayer

    assert told(asyncio.run(one_leaves()))[-1] == "assessment"


def test_what_is_wrong_with_a_claim_is_told() -> None:
    def wrong(claim: str, progress: object) -> Assessment:
        raise RequestError(Fault("no such terrain", "/home/someone/claims/a.yaml: tests[0]", "name another"))

    (event_,) = asyncio.run(heard(listen(ClaimJobs(wrong), "a")))
    assert event_["refusal"]["faults"] == [{"what": "no such terrain", "where": "a.yaml: tests[0]", "fix": "name another"}]


def test_an_error_of_ours_is_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    def ours(claim: str, progress: object) -> Assessment:
        raise ZeroDivisionError("inside")

    (event_,) = asyncio.run(heard(listen(ClaimJobs(ours), "a")))
    assert "inside" not in str(event_["refusal"])
    assert "ZeroDivisionError: inside" in caplog.text


def test_a_server_that_stops_ends_the_stream() -> None:
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def stopped() -> list[dict[str, Any]]:
        listener = asyncio.create_task(heard(listen(jobs, "a")))
        await asyncio.sleep(0.3)
        jobs.stop()
        return await asyncio.wait_for(listener, 10)

    assert told(asyncio.run(stopped())) == ["step", "refusal"]
    assess.go.release(1)
    assert assess.broken_off.wait(30)


def test_a_test_makes_way_for_a_look() -> None:
    """While somebody waits for one it pauses, for a moment, at its next step."""
    busy, paused = True, threading.Event()

    def others() -> bool:
        paused.set()
        return busy

    def assess(claim: str, progress: Callable[[str, int, int], None]) -> Assessment:
        progress("step", 0, 1)
        return VERDICT

    async def whole() -> list[dict[str, Any]]:
        nonlocal busy
        listener = asyncio.create_task(heard(listen(ClaimJobs(assess, others), "a")))
        await asyncio.to_thread(paused.wait, 30)
        assert not listener.done()
        busy = False
        return await listener

    assert told(asyncio.run(whole())) == ["step", "assessment"]


def test_a_crowd_is_refused() -> None:
    assess = Assessor()
    jobs = ClaimJobs(assess)

    async def crowd() -> None:
        askers = [Asker() for _ in range(MOST_LISTENERS)]
        listeners = [asyncio.create_task(heard(listen(jobs, "a", one))) for one in askers]
        await asyncio.sleep(0.3)
        with pytest.raises(RefusedError) as refused:
            listen(jobs, "a")
        assert refused.value.status == 503
        askers[0].gone = True
        await listeners[0]
        listen(jobs, "a")
        assess.go.release(3)
        await asyncio.gather(*listeners)

    asyncio.run(crowd())


# ------------------------------------------------------------------------------------------------------- through the server


@pytest.fixture
def slow(static: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server whose claims take as long as a test wants."""
    assess = Assessor(steps=2)

    def assessed(claim: str, *, progress: Callable[[str, int, int], None], **_: object) -> Assessment:
        return assess(claim, progress)

    monkeypatch.setattr(api, "assess", assessed)
    with running(Options(static=static)) as server:
        yield server, assess


def test_a_claim_is_heard_over_http(slow: tuple[Running, Assessor]) -> None:
    server, assess = slow
    assess.go.release(2)
    answer = server.ask("/api/claims/no-navy/test")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    messages = answer.body.decode().split("\n\n")
    assert messages.pop() == ""
    assert told([event(one + "\n\n") for one in messages]) == ["step", "step", "assessment"]
    assert server.ask("/api/claims/no-navy/test").body.count(b"data:") == 1


def test_a_client_that_hangs_up_breaks_the_test_off(slow: tuple[Running, Assessor]) -> None:
    server, assess = slow
    with server.connected() as connection:
        connection.sendall(b"GET /api/claims/no-navy/test HTTP/1.1\r\nHost: localhost\r\n\r\n")
        found = b""
        while b"data: {" not in found:  # of the body: a header has "data:" too
            found += connection.recv(4096)
    until = time.monotonic() + 30
    while server.served.claim_jobs._hearings["no-navy"].listeners and time.monotonic() < until:
        time.sleep(0.01)
    assess.go.release(1)
    assert assess.broken_off.wait(30)


def test_a_claim_that_is_not_in_the_ledger_is_refused_before_it_begins(slow: tuple[Running, Assessor]) -> None:
    """A file of the user is none, though `claims.find` would read it."""
    server, assess = slow
    for name in ("nothing", "x.yaml", "..%2f..%2fclaim.yaml", "%2fetc%2fpasswd"):
        answer = server.ask(f"/api/claims/{name}/test")
        assert answer.status in (404, 422)
        assert answer.faults()
    assert assess.runs == 0


def test_a_real_claim_gets_the_verdict_of_the_command(static: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = ledger_of_it(tmp_path)
    monkeypatch.setattr(ledger, "files", lambda package: tmp_path)
    with running(Options(static=static)) as server:
        body = server.ask("/api/claims/it-is-closed/test").body.decode()
    events = [TestEvent.model_validate_json(line[6:]) for line in body.splitlines() if line.startswith("data: ")]
    assert len(events) > 5
    assert all(one.step for one in events[:-1])
    assert events[-1].assessment == api.assess(claim)
    assert events[-1].assessment.computed == "refuted"
