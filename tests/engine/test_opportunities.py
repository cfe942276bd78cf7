"""Opportunities by rule, against schedules worked out by hand. All times are in seconds; a missile flies as long wherever it meets."""

from typing import Any, NamedTuple, cast

import numpy as np
import pytest

from closedsky.engine import opportunities as rule
from closedsky.engine.layout import (
    BEARING,
    DOCTRINE,
    ENVELOPE,
    LOCK,
    MAGAZINE,
    NETWORK,
    NEVER,
    PAIRING,
    REACH,
    SIGHT,
    TICKS_PER_S,
    UNIT,
    WATCH,
    WINDOW,
    ZONE,
    Earth,
    Gas,
    Ints,
    Packed,
    PackedDefence,
    PackedEnvironment,
    PackedRaid,
    Tables,
)

NOTHING = np.empty(0)
AT_ONCE: dict[str, Any] = {"tracks": (18.0,)}
"""The track of a unit that needs no reaction, such that its first launch is at 20 as well."""


class Unit(NamedTuple):
    """A fire unit with one magazine and one window, within which its missiles take `flight` to any point of the path."""

    flight: float = 15.0
    opens: float = 0.0
    closes: float = 100.0
    channels: int = 1
    guided: int = 1000
    rounds: int = 1000
    salvo: int = 1
    reaction: float = 8.0
    interval: float = 3.0
    assessment: float = 5.0
    network: int = 0


def ticks(seconds: float) -> int:
    return round(seconds * TICKS_PER_S)


def arrays(units: list[Unit], networks: int = 1) -> tuple[Packed, Tables]:
    """The engine's arrays for one flight, which nothing but the rule of opportunities reads; a link takes 2 s."""
    packed_units, magazines, windows = np.zeros(len(units), UNIT), np.zeros(len(units), MAGAZINE), np.zeros(len(units), WINDOW)
    pairings, curves = np.zeros(networks, PAIRING), []
    n = 0
    for g in range(networks):
        pairings[g]["first_opening"] = n
        for u, unit in enumerate(units):
            if unit.network != g:
                continue
            packed_units[u]["network"], packed_units[u]["channels"], packed_units[u]["missiles_guided"] = (
                g, unit.channels, unit.guided,
            )  # fmt: skip
            packed_units[u]["reaction_ticks"], packed_units[u]["launch_interval_ticks"] = (
                ticks(unit.reaction),
                ticks(unit.interval),
            )
            packed_units[u]["assessment_ticks"] = ticks(unit.assessment)
            magazines[u]["unit"], magazines[u]["rounds"] = u, unit.rounds
            row = windows[n]
            row["unit"], row["magazine"], row["salvo"] = u, u, unit.salvo
            row["open_ticks"], row["close_ticks"], row["first"], row["count"] = ticks(unit.opens), ticks(unit.closes), 2 * n, 2
            row["points_per_tick"] = 1.0 / (row["close_ticks"] - row["open_ticks"])
            curves += [ticks(unit.opens + unit.flight), ticks(unit.closes + unit.flight)]
            n += 1
        pairings[g]["openings"] = n - pairings[g]["first_opening"]
    links = np.zeros(networks, NETWORK)
    links["link_delay_ticks"] = ticks(2.0)
    empty: Any = np.empty(0, MAGAZINE)
    packed = Packed(
        PackedRaid(empty, empty, empty),
        PackedDefence(
            empty, empty, packed_units, magazines, np.zeros((len(units), 4), ENVELOPE), np.zeros((len(units), 4), DOCTRINE),
            np.empty((0, 0, 0, 0)), links, empty, np.empty(0, ZONE), np.empty((0, 2)), np.empty((0, 0, 4), bool), 0.0,
        ),
        PackedEnvironment(
            Earth(6_371_000.0, 0.0, 0.0), 4.0 / 3.0, np.empty(0, np.float32),
            Gas(np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0, 0))), -1.0, empty, np.empty((0, 0)),
        ),
    )  # fmt: skip
    none = np.empty(0, np.int64)
    tables = Tables(
        none, np.zeros(networks, SIGHT), none, NOTHING, np.empty(0, LOCK), NOTHING, pairings, np.arange(n), np.empty(0, REACH), windows,
        np.array(curves, float), np.zeros(len(curves)), none, np.empty(0, WATCH), NOTHING,
        np.empty(0, BEARING), NOTHING,
    )  # fmt: skip
    return packed, tables


def schedule(
    units: list[Unit], m: int = 1, most: int = 9, tracks: tuple[float, ...] = (10.0,), plain: bool = False
) -> tuple[int, list[list[float]]]:
    """Opportunities of the worst served, and when the rounds of each threat meet it."""
    packed, tables = arrays(units, len(tracks))
    out = np.empty((m, most), np.int64)
    known: Ints = np.array([NEVER if track == np.inf else ticks(track) for track in tracks], np.int64)
    with pytest.MonkeyPatch.context() as patch:
        whole, kernel = rule.opportunities, cast(Any, rule.serve)
        if plain:  # neither is compiled: what is compiled once keeps the `serve` that it found
            whole = getattr(whole, "py_func", whole)
            patch.setattr(rule, "serve", getattr(kernel, "py_func", kernel))
        count = whole(packed.defence, tables, 0, known, m, most, out)
    return count, [[meet / TICKS_PER_S for meet in row if meet < NEVER] for row in out]


@pytest.mark.parametrize("plain", [False, True])
def test_one_unit_one_threat(plain: bool) -> None:
    """Track 10, link 2, reaction 8: first launch at 20, which meets at 35 and is assessed at 40. So every 20 s until the window closes
    at 100: launches at 20, 40, 60, 80, 100.
    """
    assert schedule([Unit()], plain=plain) == (5, [[35.0, 55.0, 75.0, 95.0, 115.0]])


def test_no_more_are_counted_than_asked_for() -> None:
    assert schedule([Unit()], most=2) == (2, [[35.0, 55.0]])


def test_a_window_that_opens_late_is_waited_for() -> None:
    """It opens at 50; launches at 50, 70, 90."""
    assert schedule([Unit(opens=50.0)]) == (3, [[65.0, 85.0, 105.0]])


def test_a_window_that_closed_before_the_first_launch_offers_nothing() -> None:
    assert schedule([Unit(closes=19.9)]) == (0, [[]])
    assert schedule([Unit(closes=20.0)]) == (1, [[35.0]])


def test_a_longer_assessment_costs_opportunities() -> None:
    """Launch 20, met 35, assessed 65; launch 65, met 80, assessed 110, after the window."""
    assert schedule([Unit(assessment=30.0)]) == (2, [[35.0, 80.0]])


def test_a_salvo_holds_its_channel_until_its_last_round_is_assessed() -> None:
    """Two rounds 3 s apart: the first meets at 35, the second at 38, assessed at 43. So every 23 s: 20, 43, 66, 89."""
    assert schedule([Unit(salvo=2)]) == (4, [[35.0, 58.0, 81.0, 104.0]])


def test_rounds_run_out() -> None:
    """Five rounds are two salvoes of two, and a last one of one, launched at 66 and met at 81."""
    assert schedule([Unit(salvo=2, rounds=5)]) == (3, [[35.0, 58.0, 81.0]])


def test_a_threat_more_than_channels_halves_what_each_is_offered() -> None:
    """One channel, two threats. A 20-40, B 40-60, A 60-80, B 80-100, A 100-120, and nothing is left for B: two opportunities each,
    where one threat alone has five.
    """
    assert schedule([Unit(reaction=0.0)], m=2, **AT_ONCE) == (2, [[35.0, 75.0, 115.0], [55.0, 95.0]])


def test_two_channels_three_threats() -> None:
    """Launches of the unit are 3 s apart, its channels busy for 20 s each. A 20-40, B 23-43, C 40-60 on the channel of A, then A, who is
    free since 40, 43-63 on that of B, B 60-80, C 63-83, A 80-100, B 83-103, C 100-120, and A would have to launch at 103.
    """
    expected = [[35.0, 58.0, 95.0], [38.0, 75.0, 98.0], [55.0, 78.0, 115.0]]
    assert schedule([Unit(channels=2, reaction=0.0)], m=3, **AT_ONCE) == (3, expected)


def test_guidance_limits_the_channels() -> None:
    """Six channels, three missiles guided, salvoes of two: one at a time. As with one channel: A 20-43, B 43-66, A 66-89, B 89-112."""
    assert schedule([Unit(channels=6, guided=3, salvo=2, reaction=0.0)], m=2, **AT_ONCE) == (2, [[35.0, 81.0], [58.0, 104.0]])


def test_two_units_share_one_threat() -> None:
    """The first meets it sooner, at 35, while its window is open (to 30); then the second, free all along, launches at 40, when the
    first is assessed, and meets it 30 s later, at 70; assessed at 75, it launches again and meets it at 105.
    """
    assert schedule([Unit(closes=30.0, reaction=0.0), Unit(flight=30.0, reaction=0.0)], **AT_ONCE) == (3, [[35.0, 70.0, 105.0]])


def test_two_units_two_threats() -> None:
    """A is met by the first unit at 35. B could wait for it and be met at 55, and is met by the second at 50 instead, assessed at 55.
    A, free at 40, by the first, launched at 40, at 55, assessed at 60. B, free at 55: by the first at 60 + 15 = 75, by the second
    at 55 + 30 = 85; the first it is. The windows close at 62: A, free since 60, could launch at 80 with the first, and with the
    second at 60, met at 90; B, free at 80, has nothing left.
    """
    units = [Unit(closes=62.0, reaction=0.0), Unit(flight=30.0, closes=62.0, reaction=0.0)]
    assert schedule(units, m=2, **AT_ONCE) == (2, [[35.0, 55.0, 90.0], [50.0, 75.0]])


def test_a_threat_that_is_new_to_a_unit_costs_its_reaction() -> None:
    """One channel, reaction 8. A 20-40; B is taken up at 40, launched at by 48, met at 63, assessed at 68. Neither is new any more: A 68,
    met at 83, B 88, met at 103, and A would have to be launched at by 108, after the window.
    """
    assert schedule([Unit()], m=2) == (2, [[35.0, 83.0], [63.0, 103.0]])


def test_a_unit_that_takes_over_needs_its_reaction() -> None:
    """The first meets it at 35 and can launch no more; the second takes it up at 40, launches at 48, meets it at 78, again 83, 113."""
    assert schedule([Unit(closes=30.0), Unit(flight=30.0)]) == (3, [[35.0, 78.0, 113.0]])


def test_each_network_waits_for_its_own_track() -> None:
    """The second network's track comes at 60: launch at 70, met at 85. The first has none, ever."""
    units = [Unit(), Unit(network=1)]
    assert schedule(units, tracks=(np.inf, 60.0)) == (2, [[85.0, 105.0]])
    assert schedule(units, tracks=(np.inf, np.inf)) == (0, [[]])


def test_the_track_is_the_first_tick_at_even_odds() -> None:
    """The distribution passes one half at the third look; that of the second network ends below it."""
    packed, tables = arrays([Unit()], networks=2)
    tables.sights["first"], tables.sights["count"] = [0, 4], [4, 2]
    cdf, when = np.array([0.1, 0.4, 0.6, 0.9, 0.2, 0.49]), np.array([5, 10, 15, 20, 5, 10], np.int64)
    out = np.empty(2, np.int64)
    rule.median_tracks(packed.defence, tables._replace(track_cdf=cdf, track_ticks=when), 0, out)
    assert list(out) == [15, NEVER]
