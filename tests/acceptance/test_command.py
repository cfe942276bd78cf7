"""Command and control through the public `run`, against closed forms; and neutral where it is set neutral."""

import math
from typing import Any

import pytest

import closedsky
from closedsky.raid.run import story
from tests.engine.test_lookbylook import a_missile, a_route, a_scenario, a_system, a_threat, around, near

TRIALS = 4000
SURE = {"round": a_missile("45 km", 1.0)}
ONCE = {"salvo": 1, "max_rounds": 1}


def metrics(scenario: dict[str, Any], trials: int = TRIALS) -> dict[str, float]:
    (one,) = closedsky.run(scenario, trials=trials, draws=0).variants
    return {m.id: m.mean for m in one.metrics} | {cause: spread.mean for cause, spread in one.why_no_shot.items()}


def a_raid(unit: dict[str, Any] | None = None, count: int = 1, **more: Any) -> dict[str, Any]:
    """Threats from the east, 25 s apart, each of which a unit that never misses meets in good time; but for what is added."""
    system = a_system(
        radars=more.pop("radars", None), missiles=more.pop("missiles", SURE), channels=8, missiles_guided=8, doctrine=ONCE
    )
    return a_scenario(
        {"sam": system}, {"missile": a_threat(rcs="3 m2", cep="1 m")},
        [{"id": "alpha", "system": "sam", "at": near(1, 1)} | (unit or {})],
        [{"id": "raid", "threat": "missile", "count": count, "spacing_s": 25, "motion": a_route((90, 0))} | more.pop("group", {})],
        **more,
    )  # fmt: skip


def within(share: float, trials: int = TRIALS) -> float:
    return 4.0 * math.sqrt(share * (1.0 - share) / trials)


@pytest.mark.parametrize("share", [0.9, 0.35])
def test_leaks_as_often_as_the_unit_is_not_up(share: float) -> None:
    found = metrics(a_raid({"readiness": {"probability": share}}))
    assert found["leakage_per_launched"] == pytest.approx(1.0 - share, abs=within(share))
    assert found["not_ready"] == found["leakers"]


def test_two_units_leak_only_if_neither_is_up() -> None:
    scenario = a_raid({"readiness": {"probability": 0.6}})
    scenario["defence"].append({"id": "bravo", "system": "sam", "at": near(-1, 2), "readiness": {"probability": 0.5}})
    assert metrics(scenario)["leakage_per_launched"] == pytest.approx(0.4 * 0.5, abs=within(0.2))


def test_a_unit_that_is_up_all_the_time_is_as_one_that_nothing_is_said_of() -> None:
    plain = closedsky.run(a_raid(count=4), trials=500, draws=0).variants
    for same in ({"probability": 1.0}, {"probability": 1.0, "silent": False, "come_up_s": 0.0}):
        assert closedsky.run(a_raid({"readiness": same}, count=4), trials=500, draws=0).variants == plain


def test_looks_drawn_one_by_one_are_the_collapsed_ones_in_distribution() -> None:
    """Up since long before the raid: the radar looks as ever, but look by look, and confirms late and by chance."""
    weak = {"radars": {"eye": {**a_system()["radars"]["eye"], "confirm": {"hits": 3, "looks": 4}}}}
    weak["radars"]["eye"]["detection"] = weak["radars"]["eye"]["detection"] | {"range": "6 km"}
    one = metrics(a_raid(group={"spacing_s": 40}, count=5, **weak), 20_000)
    other = metrics(a_raid({"readiness": {"from_s": -5000}}, group={"spacing_s": 40}, count=5, **weak), 20_000)
    assert 0.05 < one["leakage_per_launched"] < 0.95
    for name in ("leakage_per_launched", "tracked", "seen_no_track", "no_time"):
        scale = 1.0 if name.startswith("leakage") else 5.0
        share = one[name] / scale
        assert other[name] / scale == pytest.approx(share, abs=math.sqrt(2.0) * within(max(share, 1e-3), 100_000)), name


def test_nothing_is_launched_before_permission_nor_by_a_unit_that_comes_up() -> None:
    for scenario, ready_s in (
        (a_raid(count=4, networks={"air-defence": {"fire_from_s": 250.0}}), 250.0),
        (a_raid({"readiness": {"from_s": 300.0}}, count=4), 300.0),
    ):
        prepared, _, log = closedsky.replay(scenario, 2)
        launches = [one.time_s for one in story(prepared, log) if one.event == "missile_launch"]
        assert launches
        assert min(launches) >= ready_s + 8.0  # the reaction


def test_a_silent_unit_comes_up_after_the_track_of_another() -> None:
    scenario = a_raid({"readiness": {"silent": True, "come_up_s": 30.0}}, count=2)
    scenario["catalogue"]["systems"]["eyes"] = a_system(
        radars={"guide": a_system()["radars"]["eye"] | {"role": "engagement"},
                "search": a_system()["radars"]["eye"] | {"role": "surveillance", "dwell": None}},
    )  # fmt: skip
    del scenario["catalogue"]["systems"]["eyes"]["radars"]["search"]["dwell"]
    scenario["sensors"] = [{"id": "watch", "system": "eyes", "radar": "search", "at": near(30, 0)}]
    prepared, _, log = closedsky.replay(scenario, 0)
    said = story(prepared, log)
    first = min(one.time_s for one in said if one.event == "track")
    assert min(one.time_s for one in said if one.event == "missile_launch") >= first + 30.0 + 8.0
    del scenario["sensors"]
    assert metrics(scenario, 50)["not_ready"] == 2.0  # nothing cues it
    assert any("every radar" in warning for warning in closedsky.check(scenario))


def test_shares_of_identities() -> None:
    """A hostile one leaks if it is taken for friendly, or unknown where weapons are tight; a civil one is shot down if it is taken for
    hostile, or unknown where weapons are free."""
    identification = {"air-defence": {"identification": {"delay_s": 3, "correct": 0.7, "wrong": 0.1}}}
    for weapons, unknown_is_shot in (("tight", False), ("free", True)):
        unit = {"weapons": {"cruise": weapons}}
        leak, shot = (0.1, 0.3) if unknown_is_shot else (0.3, 0.1)
        hostile = metrics(a_raid(unit, networks=identification))
        assert hostile["leakage_per_launched"] == pytest.approx(leak, abs=within(leak))
        assert hostile["not_identified"] == hostile["leakers"]
        civil = metrics(a_raid(unit, group={"side": "civil"}, networks=identification))
        assert (
            civil["civil_killed"] == civil["civil_engaged"] == civil["rounds_at_others"] == pytest.approx(shot, abs=within(shot))
        )
        assert civil["civil"] == 1.0
        assert civil["leakers"] == civil["killed"] == civil["rounds_fired"] - civil["rounds_at_others"] == 0.0


def test_who_is_not_hostile_is_let_by_without_errors() -> None:
    found = metrics(a_raid(group={"side": "friendly"}, count=3), 50)
    assert (found["friendly"], found["friendly_engaged"], found["rounds_fired"], found["leakage_per_launched"]) == (
        3.0,
        0.0,
        0.0,
        0.0,
    )


def test_a_reserve_is_the_last_rounds_whoever_comes_first() -> None:
    unit = {"rounds": {"round": 5}, "reserve": {"round": {"aircraft": 3}}}
    found = metrics(a_raid(unit, count=8), 200)
    assert (found["rounds_fired"], found["no_rounds"]) == (2.0, 6.0)
    unit["reserve"] = {"round": {"cruise": 3}}
    assert metrics(a_raid(unit, count=8), 200)["rounds_fired"] == 5.0


def test_weapons_on_hold_and_zones_are_rules() -> None:
    assert metrics(a_raid({"weapons": {"cruise": "hold"}}), 50)["held_by_rules"] == 1.0
    for zone in (
        {"outline": around(0, 0, 75), "launch": "outside"},
        {"outline": around(0, 0, 75), "intercept": "outside"},
        {"outline": around(0, 80, 20), "intercept": "inside"},
        {"outline": around(0, 80, 20), "launch": "inside"},
    ):
        assert metrics(a_raid(zones=[{"id": "zone", **zone}]), 50)["held_by_rules"] == 1.0
    above = [{"id": "zone", "outline": around(0, 0, 75), "intercept": "outside", "altitude_min_m": 2000}]
    assert metrics(a_raid(zones=above), 50)["leakers"] == 0.0


def test_a_hold_line_across_the_antimeridian_is_crossed_when_the_target_is_behind_it() -> None:
    """The launch comes as the target crosses the line: 20 km east of the unit, the line at 180°."""
    away = math.degrees(20_000.0 / (6_371_000.0 * math.cos(math.radians(33.0))))
    scenario = a_raid(zones=[{"id": "line", "outline": [[32, 178], [32, -180], [34, 180], [34, 178]], "launch": "inside"}])
    scenario["environment"] = {"terrain": "flat", "earth": {"shape": "sphere", "rotation": "off"}}
    unit, plant, start = [33.0, 180.0 - away], [33.0, 180.0 - away - 0.05], [33.0, -179.2]
    scenario["defence"][0]["at"], scenario["assets"][0]["at"] = unit, plant
    scenario["raid"][0]["motion"] = {"kind": "route", "waypoints": [{"at": start}], "target": "plant"}
    prepared, _, log = closedsky.replay(scenario, 0)
    said = story(prepared, log)
    (launched,) = [one.time_s for one in said if one.event == "missile_launch"]
    crossed = math.radians(0.8) * 6_371_000.0 * math.cos(math.radians(33.0)) / 240.0
    assert launched == pytest.approx(crossed, abs=1.5)  # the reaction is over by then, and the next look is at hand


def test_coverage_says_that_it_leaves_command_out() -> None:
    scenario = a_raid({"readiness": {"probability": 0.5}}, zones=[{"id": "z", "outline": around(0, 0, 9), "launch": "inside"}])
    scenario["cover"] = {"heights_m": [3000], "cell_m": 10_000, "outline": around(0, 0, 30)}
    warnings = closedsky.cover(scenario, draws=0, relief=False).answer.warnings
    assert any("readiness, zones of the scenario do not count here" in text for text in warnings)


def test_spare_rounds_are_fired_and_waited_for() -> None:
    unit = {"rounds": {"round": 2}, "reload": {"rounds": 2, "time_s": 10, "stock": {"round": 3}}}
    found = metrics(a_raid(unit, count=8), 200)
    assert (found["rounds_fired"], found["no_rounds"]) == (5.0, 3.0)
    unit["reload"]["rounds"] = 9  # more than there are places
    assert metrics(a_raid(unit, count=8), 200)["rounds_fired"] == 5.0
    unit["reload"]["time_s"] = 3600
    assert metrics(a_raid(unit, count=8), 200)["rounds_fired"] == 2.0


@pytest.mark.parametrize(("rate", "leaks"), [(20.0, 0.0), (0.5, 1.0)])
def test_a_sector_turns_to_a_threat_behind_it_in_time_or_not(rate: float, leaks: float) -> None:
    """160° at 20°/s are eight seconds, at 0.5°/s more than the threat takes; a radar that keeps its heading never sees it."""
    eye = a_system()["radars"]["eye"]
    radars = {
        "guide": eye | {"role": "engagement", "sector": "60 deg"},
        "search": {key: value for key, value in eye.items() if key != "dwell"} | {"role": "surveillance"},
    }
    scenario = a_raid({"heading_deg": 250, "slew_deg_s": rate}, radars=radars)
    scenario["catalogue"]["systems"]["sam"]["package"] = {"sensors": ["search"]}
    assert metrics(scenario, 100)["leakage_per_launched"] == leaks
    del scenario["defence"][0]["slew_deg_s"]
    assert metrics(scenario, 100)["outside_sector"] == 1.0


def test_a_sector_in_which_a_threat_is_engaged_does_not_turn_to_another() -> None:
    """Two threats at once from opposite sides: with a long assessment only one of them is ever engaged."""
    eye = a_system()["radars"]["eye"]
    radars = {
        "guide": eye | {"role": "engagement", "sector": "60 deg"},
        "search": {key: value for key, value in eye.items() if key != "dwell"} | {"role": "surveillance"},
    }
    scenario = a_raid({"heading_deg": 90, "slew_deg_s": 30.0}, radars=radars)
    scenario["catalogue"]["systems"]["sam"]["package"] = {"sensors": ["search"]}
    scenario["raid"].append(scenario["raid"][0] | {"id": "other", "motion": a_route((-90, 0))})
    scenario["catalogue"]["systems"]["sam"]["fire_unit"]["assessment"] = "300 s"
    found = metrics(scenario, 100)
    assert (found["killed"], found["no_channel"]) == (1.0, 1.0)
    scenario["catalogue"]["systems"]["sam"]["fire_unit"]["assessment"] = "1 s"
    assert metrics(scenario, 100)["killed"] == 2.0
