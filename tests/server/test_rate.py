"""Floods: a client that asks too often is told when to come back; others are not kept waiting, and the store stays small."""

from pathlib import Path

from closedsky.server.app import Options
from closedsky.server.rate import Rates
from tests.server.running import running


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    rates = Rates(heavy=(2.0, 5.0), clock=clock)
    assert [rates.wait_s("a", True) for _ in range(5)] == [0.0] * 5
    assert rates.wait_s("a", True) == 0.5  # a token each half second
    clock.now += 0.5
    assert rates.wait_s("a", True) == 0.0
    assert rates.wait_s("a", True) > 0.0
    clock.now += 1000.0
    assert sum(rates.wait_s("a", True) == 0.0 for _ in range(10)) == 5  # a bucket holds no more than its burst


def test_who_is_refused_pays_nothing_for_it() -> None:
    """Else a client that goes on asking would never be let in again."""
    clock = Clock()
    rates = Rates(heavy=(1.0, 1.0), clock=clock)
    rates.wait_s("a", True)
    for _ in range(100):
        rates.wait_s("a", True)
    clock.now += 1.0
    assert rates.wait_s("a", True) == 0.0


def test_clients_and_kinds_do_not_share() -> None:
    rates = Rates(light=(1.0, 1.0), heavy=(1.0, 1.0), clock=Clock())
    assert rates.wait_s("a", True) == 0.0
    assert rates.wait_s("a", True) > 0.0
    assert rates.wait_s("b", True) == 0.0
    assert rates.wait_s("a", False) == 0.0


def test_one_household_of_ipv6_is_one_client() -> None:
    """It has 2^64 addresses."""
    rates = Rates(heavy=(1.0, 1.0), clock=Clock())
    assert rates.wait_s("2001:db8:0:1::1", True) == 0.0
    assert rates.wait_s("2001:db8:0:1:ffff::2", True) > 0.0
    assert rates.wait_s("2001:db8:0:2::1", True) == 0.0


def test_the_store_is_bounded() -> None:
    rates = Rates(most=100, clock=Clock())
    for i in range(10_000):
        rates.wait_s(f"10.0.{i // 256}.{i % 256}", True)
    assert len(rates) == 100


def test_a_flood_is_told_when_to_come_back(static: Path) -> None:
    with running(Options(static=static, rates=Rates(light=(0.2, 20.0), heavy=(0.5, 3.0)))) as server:
        heavy = [server.post("/api/quick", {"a": 1}) for _ in range(5)]
        assert [answer.status for answer in heavy] == [422, 422, 422, 429, 429]
        assert 1 <= int(heavy[-1].headers["retry-after"]) <= 3  # half a token a second
        assert heavy[-1].faults()[0]["what"] == "too many requests"
        assert server.ask("/api/examples/none/replay").status == 429  # what is computed, with GET too
        assert server.ask("/api/claims/none/test").status == 429
        assert [server.ask("/").status for _ in range(22)] == [200] * 20 + [429] * 2


def test_an_opening_globe_is_no_flood(static: Path) -> None:
    """As served: a thousand files and tiles at once, and the looks of a drag."""
    with running(Options(static=static)) as server:
        assert {server.ask("/").status for _ in range(1000)} == {200}
        assert {server.post("/api/quick", {"a": 1}).status for _ in range(100)} == {422}
