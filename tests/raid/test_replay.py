"""Replays: what is played is what the engine recorded, at the places that the scenario files name."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from pyproj import Geod

from closedsky import api
from closedsky.engine.layout import COUNTS
from closedsky.errors import ClosedskyError
from closedsky.model.globe import Replay, ReplayTrack
from closedsky.raid.replay import MOST_POSITIONS, playback
from closedsky.raid.report import sentence

WGS84 = Geod(ellps="WGS84")


def places(track: ReplayTrack) -> list[tuple[float, float, float]]:
    return list(zip(track.positions[::3], track.positions[1::3], track.positions[2::3], strict=True))


def times(track: ReplayTrack) -> list[float]:
    """As `ReplayTrack` says: steps from the start, and the end."""
    n = len(track.positions) // 3
    return [track.start_s + i * track.step_s for i in range(n - 1)] + [track.end_s]


def apart_m(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return float(WGS84.inv(one[1], one[0], other[1], other[0])[2])


@pytest.fixture(scope="module", params=["first-battery", "noise-and-decoys/decoys", "al-asad-erbil-2020/s-400"])
def played(request: pytest.FixtureRequest) -> Replay:
    name, _, variant = request.param.partition("/")
    return playback(name, variant or None, trial=1)


def test_every_raid_that_is_shipped_is_played() -> None:
    raids = [loaded for loaded in map(api.load, api.examples()) if loaded.reference.raid]
    assert raids
    for loaded in raids:
        for variant in loaded.variants:
            assert playback(loaded.reference.name, variant).tracks


def test_the_ends_are_those_that_the_trial_counted(played: Replay) -> None:
    """The trial's own row of counts, which the log does not make."""
    _, outcomes, _ = api.replay(played.scenario, played.trial, variant=played.variant)
    counts = dict(zip(COUNTS, outcomes.counts[0].tolist(), strict=True))
    ends = Counter(track.end for track in played.tracks if not track.threat.startswith("decoys"))
    assert (ends["killed"], ends["impact"], ends["failed"]) == (counts["killed"], counts["impacts"], counts["failed"])
    assert ends["gone"] == counts["releases"]
    assert ends.total() == counts["launched"]
    assert sum(shot.rounds for shot in played.shots) == counts["rounds_fired"]
    assert sum(shot.rounds for shot in played.shots if shot.threat.startswith("decoys")) == counts["rounds_at_decoys"]


def test_tracks_are_thin_and_whole(played: Replay) -> None:
    for track in played.tracks:
        n = len(track.positions) // 3
        assert 2 <= n <= MOST_POSITIONS + 1
        assert len(track.positions) == 3 * n
        assert math.ceil((track.end_s - track.start_s) / track.step_s) == n - 1
        assert played.start_s <= track.start_s < track.end_s <= played.start_s + played.duration_s + 1e-6
        assert all(abs(lat) <= 90.0 and abs(lon) <= 180.0 for lat, lon, _ in places(track))


def test_nothing_jumps(played: Replay) -> None:
    """From one position to the next no faster than a ballistic missile of 2,000 km can be (5 km/s over the ground), nor standing still."""
    for track in played.tracks:
        for (before, there), (then, now) in zip(pairwise(places(track)), pairwise(times(track)), strict=True):
            if now - then > 0.5:
                speed = math.hypot(apart_m(before, there), there[2] - before[2]) / (now - then)
                assert 5.0 < speed < 5_000.0, (track.threat, then)


def test_missiles_fly_from_where_the_scenario_launches_them_to_where_it_aims() -> None:
    """Places as al-asad-erbil-2020.yaml has them: western Iran; Ain al-Asad and Erbil."""
    shown = playback("al-asad-erbil-2020", "no-defence")
    assert len(shown.tracks) == 16
    for track in shown.tracks:
        aim = (36.238, 43.963) if track.threat.startswith("erbil") else (33.786, 42.441)
        assert apart_m(places(track)[0], (34.314, 47.065)) < 10.0
        if track.end == "impact":
            assert apart_m(places(track)[-1], aim) < 1_000.0
            assert abs(places(track)[-1][2]) < 1_500.0
            assert max(altitude for _, _, altitude in places(track)) > 50_000.0
    assert not shown.shots


def test_shots_meet_their_threats_where_these_are(played: Replay) -> None:
    """On the track at that moment, drawn straight between its positions: off by no more than the bend of one step (a g for 8 s is 0.08 km
    of sagitta at half a step, and rounding)."""
    tracks = {track.threat: track for track in played.tracks}
    units = {unit.id: unit.at for unit in played.units}
    assert played.shots
    for shot in played.shots:
        assert shot.origin == units[shot.unit]
        assert 0.0 < shot.end_s - shot.start_s < 400.0
        track = tracks[shot.threat]
        if shot.end_s > track.end_s:
            continue  # its threat was dead before: it flies on to where they would have met
        at, where = times(track), places(track)
        k = max(i for i in range(len(at) - 1) if at[i] <= shot.end_s)
        w = (shot.end_s - at[k]) / (at[k + 1] - at[k])
        drawn = tuple(a + w * (b - a) for a, b in zip(where[k], where[k + 1], strict=True))
        assert math.hypot(apart_m(drawn, shot.meeting), drawn[2] - shot.meeting[2]) < 150.0


def test_a_kill_is_where_the_track_ends(played: Replay) -> None:
    kills = {shot.threat: shot for shot in played.shots if shot.kill}
    killed = {track.threat: track for track in played.tracks if track.end == "killed"}
    assert kills.keys() == killed.keys()
    assert kills
    for threat, shot in kills.items():
        assert shot.end_s == killed[threat].end_s
        assert places(killed[threat])[-1] == shot.meeting


def test_missiles_are_no_faster_than_their_catalogue_says(played: Replay) -> None:
    """Along the straight line from unit to meeting; nothing in the catalogue flies above 3 km/s on average."""
    for shot in played.shots:
        line_m = math.hypot(apart_m(shot.origin, shot.meeting), shot.meeting[2])
        assert 200.0 < line_m / (shot.end_s - shot.start_s) < 3_000.0


def test_the_story_is_told_in_order_and_in_words(played: Replay) -> None:
    assert [event.time_s for event in played.events] == sorted(event.time_s for event in played.events)
    for track in played.tracks:
        assert any(event.text == f"{track.threat} is launched" and event.time_s == track.start_s for event in played.events)
    assert all("_" not in event.text and "{" not in event.text for event in played.events)


def test_a_survivor_taken_for_dead_is_shot_at_again() -> None:
    """The battery takes a fighter that it missed for dead; two of three looks later, and the link, it has it again."""
    prepared, _, log = api.replay("first-battery", 3)
    mine = [event for event in api.story(prepared, log) if event.threat == "fighters/3"]
    wrong = next(n for n, event in enumerate(mine) if event.event == "assessed_killed" and event.value == 1.0)
    again, assigned = mine[wrong + 1 : wrong + 3]
    assert (again.event, assigned.event) == ("track", "assigned")
    revisit_s = prepared.situation.systems["s-300pmu-2"].radars["64n6e2"].revisit.si
    assert revisit_s <= again.time_s - mine[wrong].time_s
    assert assigned.time_s == pytest.approx(again.time_s + 2.0)  # the link
    assert any(event.event == "missile_launch" for event in mine[wrong:])
    told = [sentence(event) for event in mine]
    assert "battery judges it killed, wrongly" in told
    assert "tracked again by air-defence" in told


def test_units_say_how_far_they_reach_against_what_comes() -> None:
    """The S-400 against ballistic missiles, 60 km, and not against aircraft, 250 km: the raid is of ballistic missiles alone."""
    assert [(unit.heading_deg, unit.range_km) for unit in playback("al-asad-erbil-2020", "s-400").units] == [
        (82.0, 60.0),
        (127.0, 60.0),
    ]


def test_trials_differ_and_a_trial_does_not() -> None:
    assert playback("first-battery", trial=5) == playback("first-battery", trial=5)
    assert playback("first-battery", trial=5).tracks != playback("first-battery", trial=6).tracks


@pytest.mark.parametrize(
    ("example", "variant", "trial", "where"),
    [
        ("close-the-sky-iraq", None, 0, "SCENARIO"), ("none", None, 0, "example"), ("/etc/passwd", None, 0, "example"),
        ("first-battery", "none", 0, "--variant"), ("first-battery", None, -1, "--trial"), ("first-battery", None, 2**32, "--trial"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused(example: str, variant: str | None, trial: int, where: str) -> None:
    with pytest.raises(ClosedskyError) as refused:
        playback(example, variant, trial)
    assert refused.value.faults[0].where == where
