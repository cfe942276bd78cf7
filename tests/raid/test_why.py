"""The story of one threat in sentences: each holds against the event log, the tables, or a formula outside both."""

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky.engine.layout import CAUSES, EVENTS, TICKS_PER_S, Records
from closedsky.errors import RequestError
from closedsky.raid.prepared import Prepared
from closedsky.raid.why import Sentence
from tests.command import closedsky as command
from tests.engine.test_lookbylook import CASES

TRIALS = 6
SAYS: dict[str, str] = {
    "never_in_line_of_sight": "never comes into line of sight",
    "seen_too_weakly": "too weak for them, or too slow|with a chance of",
    "seen_no_track": "with a chance of",
    "outside_sector": "outside the sectors",
    "held_by_rules": "weapons are on hold|zones or doctrine forbid",
    "no_time": "too late|no launch of|no launch is left",
    "not_identified": "identified as friendly or civil by .*, and not fired at|not identified by .*are tight",
    "not_ready": "did not radiate in time|is not ready to fire yet|is not up in this trial",
    "no_channel": r"waits .*(busy with|in use for|looks elsewhere, at)",
    "no_rounds": r"has no .* left|waits .*(reserved for|until it is reloaded)",
    "engaged_and_missed": "meets it: miss",
}
"""What is said, among other things, of a threat that leaked with a cause."""


@cache
def replayed(name: str, trial: int) -> tuple[Prepared, Records]:
    prepared, _, log = closedsky.replay(CASES[name]().scenario, trial)
    return prepared, log


def stories() -> Iterator[tuple[Prepared, Records, int, tuple[Sentence, ...]]]:
    for name in CASES:
        for trial in range(TRIALS):
            prepared, log = replayed(name, trial)
            for i, threat in enumerate(prepared.names.threats):
                yield prepared, log, i, closedsky.why(prepared, log, threat)


def test_every_leaker_is_told_the_reason_that_is_counted() -> None:
    told: set[str] = set()
    for _, log, i, said in stories():
        assert [one.time_s for one in said] == sorted(one.time_s for one in said)
        text = "\n".join(one.text for one in said)
        for row in log[(log["threat"] == i) & (log["kind"] == EVENTS.index("cause"))]:
            cause = CAUSES[int(row["value"])]
            if cause != "no_defence":
                told.add(cause)
                assert re.search(SAYS[cause], text), (cause, text)
    assert told == set(SAYS)


def test_who_is_waited_for_is_busy_with_those_named_and_as_long_as_said() -> None:
    """From the log alone: assignments not yet released at that time; as many as channels, where channels are short."""
    waits = 0
    for prepared, log, i, said in stories():
        names = prepared.names
        for one in said:
            found = re.fullmatch(
                r"waits (\d+) s for ([^: ]+)"
                r"(?: until (.+) takes it| (until it is gone|until no launch would be in time|until it lacks something else))?"
                r": its (\d+) channels? busy with ([^;]*)(?:; .*)?",
                one.text,
            )
            if not found:
                continue
            waits += 1
            unit, channels, holders = names.units.index(found[2]), int(found[5]), found[6].split(", ")
            tick = round(one.time_s * TICKS_PER_S)
            assert len(holders) == channels == prepared.packed.defence.units["channels"][unit]
            of_unit = log[log["unit"] == unit]
            for holder in holders:
                its = of_unit[of_unit["threat"] == names.threats.index(holder)]
                taken = its["tick"][its["kind"] == EVENTS.index("assigned")]
                given = its["tick"][its["kind"] == EVENTS.index("released")]
                assert any(a <= tick <= b for a, b in zip(taken, given, strict=True)), (holder, one)
            network = prepared.packed.defence.units["network"][unit]
            mine = log[(log["threat"] == i) & (log["network"] == network) & (log["kind"] == EVENTS.index("assigned"))]
            mine = mine[mine["tick"] >= tick]
            assert found[4] or mine.size
            if not found[4]:
                assert names.units[mine["unit"][0]] == (found[3] or found[2])
                assert float(found[1]) == pytest.approx((mine["tick"][0] - tick) / TICKS_PER_S, abs=0.501)
    assert waits > 50


def test_rounds_are_reserved_for_those_that_nothing_was_launched_at_yet() -> None:
    reserved = 0
    for prepared, log, _, said in stories():
        for one in said:
            found = re.search(r" for ([^: ]+).*: its last \S+ reserved for ([^;]+)", one.text)
            if not found:
                continue
            reserved += 1
            tick = round(one.time_s * TICKS_PER_S)
            of_unit = log[log["unit"] == prepared.names.units.index(found[1])]
            for holder in found[2].split(", "):
                its = of_unit[(of_unit["threat"] == prepared.names.threats.index(holder)) & (of_unit["tick"] <= tick)]
                taken = its["tick"][its["kind"] == EVENTS.index("assigned")].max()
                assert not np.any((its["kind"] == EVENTS.index("missile_launch")) & (its["tick"] >= taken) & (its["tick"] < tick))
    assert reserved > 5


def test_nothing_is_seen_or_tracked_of_a_threat_that_is_gone() -> None:
    for _, log, i, said in stories():
        failed_s = log["tick"][(log["threat"] == i) & (log["kind"] == EVENTS.index("failed"))] / TICKS_PER_S
        if failed_s.size:
            assert not [
                one for one in said if one.time_s > failed_s[0] and re.search("comes into|is tracked|would meet", one.text)
            ]


def test_no_launch_comes_after_the_last_that_would_meet_it() -> None:
    checked = 0
    for _, log, i, said in stories():
        last_s = [one.time_s for one in said if one.text.startswith("no launch is left")]
        launched = log["tick"][(log["threat"] == i) & (log["kind"] == EVENTS.index("missile_launch"))]
        if last_s:
            checked += 1
            assert np.all(launched / TICKS_PER_S <= last_s[0])
    assert checked > 50


LOW_FLYER: dict[str, Any] = {
    "closedsky": 2, "name": "low", "title": "One low flyer", "environment": {"terrain": "flat", "earth": {"shape": "sphere"}},
    "assets": [{"id": "town", "at": [33.0, 44.0]}],
    "raid": [{"id": "low", "threat": "tomahawk", "count": 2, "motion": {
        "kind": "route", "waypoints": [{"at": [33.0, 46.0], "height_m": 50}], "target": "town"}}],
    "defence": [{"id": "unit", "system": "s-400", "at": [33.0, 44.0]}],
}  # fmt: skip


def test_it_comes_into_sight_at_the_horizon() -> None:
    """Over flat ground by the parabola's formula, sqrt(2 k R) (sqrt h1 + sqrt h2): the text says whole kilometres."""
    prepared, _, log = closedsky.replay(LOW_FLYER, 0)
    said = closedsky.why(prepared, log, "low/1")
    rises = next(one for one in said if one.text.startswith("comes into line of sight"))
    radars = prepared.packed.defence.radars
    mast_m = max(float(row["antenna_alt_m"]) for row in radars if row["searches"])
    expected_km = math.sqrt(2.0 * 4.0 / 3.0 * 6_371.0 / 1000.0) * (math.sqrt(mast_m) + math.sqrt(50.0))
    away_km = float(rises.text.removesuffix(" km away").rpartition(" ")[2])
    assert away_km == pytest.approx(expected_km, abs=0.51 + 0.03)
    speed_mps = 1000.0 * expected_km / rises.left_s
    assert speed_mps == pytest.approx(float(prepared.situation.threats["tomahawk"].speed.si), rel=0.02)


def test_the_command_prints_it_and_its_json() -> None:
    done = command("run", "first-battery", "--trial", "3", "--threat", "fighters/3")
    assert done.returncode == 0
    assert "judges it killed, wrongly" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = json.loads(command("run", "first-battery", "--trial", "3", "--threat", "fighters/3", "--json").stdout)
    assert told["threat"] == "fighters/3"
    assert told["sentences"][0]["text"].startswith("is launched")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--threat", "fighters/1"), "name the trial too"),
        (("--trial", "0", "--threat", "fighter/1"), "did you mean 'fighters/1'"),
        (("--trial", "0", "--threat", ""), "threats: "),
        (("--trial", "-1", "--threat", "fighters/1"), "trials count from 0"),
    ],
)
def test_what_cannot_be_told_is_refused(arguments: tuple[str, ...], words: str) -> None:
    done = command("run", "first-battery", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not done.stdout


def test_a_threat_that_is_not_there_is_a_request_error() -> None:
    prepared, _, log = closedsky.replay("first-battery", 0)
    with pytest.raises(RequestError, match="no threat 'nobody/1'"):
        closedsky.why(prepared, log, "nobody/1")
