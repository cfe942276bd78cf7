"""The same seed gives the same answer: bytes, rows, replays, variants, with and without compiled kernels."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky import api
from closedsky.api import Prepared, detailed_run
from closedsky.engine import layout, run
from closedsky.engine.layout import CAUSES, COUNTS, Outcomes, Records
from tests.acceptance.sandbox import HOME, RAIDS, Tree, column, hover, radar, scenario, system, threat
from tests.engine.test_lookbylook import around, slews_by_value_and_reloads

EXAMPLE = "first-battery"


def busy() -> Tree:
    """Everything at once in one scenario: two networks, two endpoints, failures, misses, judgements that err, random timing, flights that
    are not hostile, errors of identification, a unit that may be down, spare rounds."""
    raid = [
        {"id": "bombs", "threat": "bomb", "count": 12, "spacing_s": 4.0, "jitter_s": 6.0, "motion": {
            "kind": "route", "speed_mps": 240.0, "target": "town", "waypoints": [{"at": [50.5, 10.1], "height_m": 300}]}},
        {"id": "bombers", "threat": "bomber", "count": 8, "spacing_s": 15.0, "timing": "poisson", "motion": hover(25_000.0, 150.0)},
        {"id": "decoys", "threat": "decoy", "count": 3, "spacing_s": 20.0, "motion": hover(20_000.0, 120.0)},
        {"id": "patrol", "threat": "bomber", "side": "friendly", "count": 2, "spacing_s": 9.0, "motion": hover(21_000.0, 120.0)},
        {"id": "airliner", "threat": "bomber", "side": "civil", "count": 2, "spacing_s": 9.0, "motion": hover(23_000.0, 120.0)},
    ]  # fmt: skip
    unit = system(
        pk=0.5, channels=2, guided=3, rounds=22, salvo=2, max_rounds=4, reaction_s=3.0, interval_s=1.5, assessment_s=4.0,
        false_kill=0.1, false_survival=0.1,
    )  # fmt: skip
    kinds = {
        "bomb": threat(reliability=0.8, cep="40 m"),
        "bomber": threat("release", reliability=0.9),
        "decoy": threat(decoy=True),
    }
    data = scenario(unit, raid, kinds, settings={"salvo_correlation": 0.3, "trials": 1200, "seed": 42})
    data["assets"] = [{"id": "town", "at": list(HOME), "radius_m": 30, "value": 7}]
    data["defence"][0]["reload"] = {"rounds": 4, "time_s": 20, "stock": {"round": 6}}
    data["defence"].append({
        "id": "navy", "system": "ideal", "at": [50.1, 10.1], "network": "navy", "rounds": {"round": 5}, "readiness": {"probability": 0.9},
    })  # fmt: skip
    data["networks"]["air-defence"]["identification"] = {"delay_s": 2.0, "correct": 0.85, "wrong": 0.05}
    return data


def same(one: Outcomes, other: Outcomes) -> bool:
    return all(a.tobytes() == b.tobytes() and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


def rows(outcomes: Outcomes, first: int, last: int) -> Outcomes:
    return Outcomes._make(part[first:last].copy() for part in outcomes)


@pytest.fixture(scope="module")
def batch() -> tuple[Prepared, Outcomes]:
    _, [(prepared, outcomes)] = detailed_run(busy(), trials=1700)
    return prepared, outcomes


def test_the_busy_scenario_is_busy(batch: tuple[Prepared, Outcomes]) -> None:
    """Every count is above nought in some trial and two reasons occur, or the tests below would hold emptily."""
    _, outcomes = batch
    assert np.all(outcomes.counts.sum(axis=0) > 0)
    assert np.count_nonzero(outcomes.causes.sum(axis=0)) >= 2
    assert np.all(outcomes.rounds.sum(axis=0) > 0)
    assert len(np.unique(outcomes.counts, axis=0)) > 100


# ---------------------------------------------------------------------------------------------------------- bytes and rows


@pytest.mark.parametrize("scenario_name", [EXAMPLE, "busy"])
def test_the_same_bytes_for_any_number_of_threads_and_again(scenario_name: str) -> None:
    data: Any = busy() if scenario_name == "busy" else scenario_name
    bytes_seen = {
        closedsky.run(data, trials=1200, seed=9, threads=threads).model_dump_json().encode() for threads in (1, 2, 3, 1, None)
    }
    assert len(bytes_seen) == 1
    assert closedsky.run(data, trials=1200, seed=10).model_dump_json().encode() not in bytes_seen


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**64 - 1])
def test_every_bit_of_the_seed_counts(seed: int) -> None:
    """Seeds apart by a bit, high or low, give unlike outcomes."""
    _, [(_, one)] = detailed_run(busy(), trials=200, seed=seed)
    _, [(_, other)] = detailed_run(busy(), trials=200, seed=seed ^ (1 << 63))
    assert not same(one, other)


def test_a_trial_does_not_depend_on_how_many_are_run(batch: tuple[Prepared, Outcomes]) -> None:
    """1, 499, 500, 501, 1000 trials are the first rows of 1700: chunks of 500 leave no seam."""
    _, whole = batch
    for trials in (1, 499, 500, 501, 1000):
        _, [(_, part)] = detailed_run(busy(), trials=trials)
        assert same(part, rows(whole, 0, trials))


# ----------------------------------------------------------------------------------------------------- replay and event log


def from_the_log(prepared: Prepared, log: Records) -> dict[str, Any]:
    """A trial's row from its events alone (and which threat aims at which asset, which is no matter of luck)."""

    def threats_with(name: str) -> np.ndarray[Any, Any]:
        found = log[log["kind"] == layout.EVENTS.index(name)]["threat"]
        return np.unique(found[ordinary[found]])

    def number(name: str) -> int:
        found = log[log["kind"] == layout.EVENTS.index(name)]["threat"]
        return int(np.sum(ordinary[found]))

    def tally(values: Any, size: int) -> list[int]:
        return np.bincount(np.asarray(values, dtype=np.int64), minlength=size).tolist()

    decoy, side = prepared.packed.raid.threats["decoy"], prepared.packed.raid.threats["side"]
    ordinary = (decoy == 0) & (side == layout.HOSTILE)
    of = {name: log[log["kind"] == layout.EVENTS.index(name)] for name in layout.EVENTS}
    shot_at = of["missile_launch"]["threat"]
    drawn, astray = shot_at[decoy[shot_at] == 1], shot_at[side[shot_at] != layout.HOSTILE]
    others = {}
    for name, which in (("friendly", layout.FRIENDLY), ("civil", layout.CIVIL)):
        killed = of["killed"]["threat"]
        others[name] = int(np.sum(side[of["launched"]["threat"]] == which))
        others[f"{name}_engaged"] = len(np.unique(shot_at[side[shot_at] == which]))
        others[f"{name}_killed"] = int(np.sum(side[killed] == which))
    assets = len(prepared.names.assets)
    aims = prepared.packed.raid.threats["asset"][of["impact"]["threat"]]
    return {
        "launched": number("launched"),
        "failed": number("failed"),
        "tracked": len(threats_with("track")),
        "engaged": len(threats_with("missile_launch")),
        "killed": number("killed"),
        "leakers": number("cause"),
        "impacts": number("impact"),
        "releases": number("release"),
        "hits": number("hit"),
        "rounds_fired": len(shot_at),
        **others,
        "rounds_at_others": len(astray),
        "decoys": int(np.sum(decoy[of["launched"]["threat"]] == 1)),
        "decoys_engaged": len(np.unique(drawn)),
        "rounds_at_decoys": len(drawn),
        "causes": tally(of["cause"]["value"], len(CAUSES)),
        "asset_impacts": tally(aims[aims >= 0], assets),
        "asset_hits": tally(of["hit"]["value"], assets),
        "rounds": tally(of["missile_launch"]["magazine"], len(prepared.names.magazines)),
    }


def from_the_row(outcomes: Outcomes, row: int) -> dict[str, Any]:
    unlogged = ("would_fail", "threatening", "threatening_leakers")  # what would have been, had it not been killed
    return {
        **{name: int(outcomes.counts[row, i]) for i, name in enumerate(COUNTS) if name not in unlogged},
        "causes": outcomes.causes[row].tolist(),
        "asset_impacts": outcomes.asset_impacts[row].tolist(),
        "asset_hits": outcomes.asset_hits[row].tolist(),
        "rounds": outcomes.rounds[row].tolist(),
    }


@pytest.mark.parametrize("trial", [0, 1, 499, 500, 1699])
def test_a_replayed_trial_is_the_one_of_the_batch(batch: tuple[Prepared, Outcomes], trial: int) -> None:
    _, whole = batch
    prepared, again, log = closedsky.replay(busy(), trial)
    assert same(again, rows(whole, trial, trial + 1))
    assert from_the_log(prepared, log) == from_the_row(whole, trial)


def test_the_log_alone_gives_every_row(batch: tuple[Prepared, Outcomes]) -> None:
    prepared, whole = batch
    again, logs = run.replay(prepared.packed, prepared.tables, 42, 0, 300)
    assert same(again, rows(whole, 0, 300))
    for trial, log in enumerate(logs):
        assert from_the_log(prepared, log) == from_the_row(whole, trial), trial
        assert np.all(np.diff(log["tick"]) >= 0)


def test_every_log_tells_a_story_that_can_be(batch: tuple[Prepared, Outcomes]) -> None:
    """No missile without a track and an assignment, none at a target gone; channels, guidance and rounds never below nought."""
    prepared, _ = batch
    _, logs = run.replay(prepared.packed, prepared.tables, 42, 0, 200)
    kind = {name: i for i, name in enumerate(layout.EVENTS)}
    channels = prepared.packed.defence.units["channels"]
    guided = prepared.packed.defence.units["missiles_guided"]
    for log in logs:
        end = {int(e["threat"]): int(e["tick"]) for e in log if e["kind"] in (kind["failed"], kind["cause"], kind["expended"])}
        tracked: dict[tuple[int, int], int] = {}
        first: set[tuple[int, int]] = set()  # those assigned, with no round fired yet
        for event in log:
            threat_and_network = (int(event["threat"]), int(event["network"]))
            if event["kind"] == kind["track"]:
                tracked[threat_and_network] = int(event["tick"])
            elif event["kind"] in (kind["assigned"], kind["missile_launch"]):
                assert event["tick"] >= tracked[threat_and_network]
                if event["kind"] == kind["assigned"] or threat_and_network in first:  # a salvo once begun is fired to its end
                    assert event["tick"] < end.get(int(event["threat"]), layout.NEVER)
                first = {threat_and_network} | first if event["kind"] == kind["assigned"] else first - {threat_and_network}
        for unit in range(len(channels)):
            mine = log[log["unit"] == unit]
            # At one tick a channel may be given back and taken again: count returns first.
            changes = [(int(e["tick"]), 0, -1) for e in mine if e["kind"] == kind["released"]]
            changes += [(int(e["tick"]), 1, 1) for e in mine if e["kind"] == kind["assigned"]]
            held = np.cumsum([change for _, _, change in sorted(changes)])
            assert held.size == 0 or (held.max() <= channels[unit] and held.min() >= 0 and held[-1] == 0)
            flights = sorted(
                [(int(e["tick"]), 1, 1) for e in mine if e["kind"] == kind["missile_launch"]]
                + [(int(e["tick"]), 0, -1) for e in mine if e["kind"] == kind["intercept"]]
            )
            in_the_air = np.cumsum([change for _, _, change in flights])
            assert in_the_air.size == 0 or (in_the_air.max() <= guided[unit] and in_the_air[-1] == 0)
            launches = np.sort(mine[mine["kind"] == kind["missile_launch"]]["tick"])
            assert np.all(np.diff(launches) >= prepared.packed.defence.units[unit]["launch_interval_ticks"])


@pytest.mark.parametrize("name", RAIDS)
def test_the_logs_of_the_shipped_examples_give_their_rows(name: str) -> None:
    loaded = closedsky.load(name)
    for variant in loaded.variants:
        prepared = closedsky.prepare(loaded, variant)
        seed = loaded.reference.settings.seed
        whole = run.run(prepared.packed, prepared.tables, seed, 30)
        again, logs = run.replay(prepared.packed, prepared.tables, seed, 0, 30)
        assert same(again, whole)
        for trial, log in enumerate(logs):
            assert from_the_log(prepared, log) == from_the_row(whole, trial)


# ----------------------------------------------------------------------------------------------------------------- variants


def test_variants_share_their_draws() -> None:
    """A variant that changes nothing is the reference; one that changes the defence leaves the attackers' luck as it was."""
    data = busy()
    data["variants"] = {
        "reference": {},
        "same": {"title": "The same under another name"},
        "stronger": {"defence": {"unit": {"rounds": {"round": 40}}}},
        "none": {"defence": []},
        "moved": {"defence": {"unit": {"at": [50.05, 10.0]}}},
    }
    result, runs = detailed_run(data, trials=1000)
    outcomes = dict(zip(data["variants"], (found for _, found in runs), strict=True))
    assert same(outcomes["reference"], outcomes["same"])
    reference, twin = result.variant("reference"), result.variant("same")
    assert twin.model_copy(update={"name": "reference"}) == reference
    for name in ("stronger", "none", "moved"):
        for luck in ("launched", "would_fail", "threatening"):
            assert np.array_equal(column(outcomes[name], luck), column(outcomes["reference"], luck)), (name, luck)
        assert not same(outcomes[name], outcomes["reference"])
    assert np.all(column(outcomes["none"], "leakers") + column(outcomes["none"], "would_fail") == 20)
    assert np.array_equal(column(outcomes["none"], "hits"), column(outcomes["reference"], "threatening"))


def test_a_variant_alone_is_the_variant_among_others() -> None:
    data = busy()
    data["variants"] = {"as-is": {}, "fewer": {"defence": {"unit": {"rounds": {"round": 3}}}}}
    both, _ = detailed_run(data, trials=400)
    alone, _ = detailed_run(data, ["fewer"], trials=400)
    assert alone.variants == (both.variant("fewer"),)


def test_order_in_the_file_is_no_matter_of_luck() -> None:
    """Draws are keyed by name: groups listed the other way round give the same failures and falls."""
    data = busy()
    turned = data | {"raid": data["raid"][::-1]}
    (_, [(_, one)]), (_, [(_, other)]) = detailed_run(data, trials=500), detailed_run(turned, trials=500)
    for name in ("would_fail", "threatening"):
        assert np.array_equal(column(one, name), column(other, name))


# ----------------------------------------------------------------------------------------------------------- without the JIT

_SCRIPT = """
import json, sys
from closedsky import api
from closedsky.engine import run
import numba
loaded = api.load(json.loads(sys.argv[1]))
prepared = api.prepare(loaded, threads=1)
outcomes, logs = run.replay(prepared.packed, prepared.tables, loaded.reference.settings.seed, 0, 25)
print(json.dumps({
    "jit": not numba.config.DISABLE_JIT,
    "outcomes": {name: part.tolist() for name, part in outcomes._asdict().items()},
    "logs": [log.tolist() for log in logs],
    "tables": {name: part.tolist() for name, part in prepared.tables._asdict().items()},
}))
"""


def told(data: Any, jit: bool) -> dict[str, Any]:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0" if jit else "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(api.__file__).parents[1]), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps(data)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found.pop("jit") is jit
    return found


def nearly(one: Any, other: Any, what: str) -> None:
    """Whole numbers and texts alike, reals to 1e-12."""
    assert type(one) is type(other), what
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            nearly(one[key], other[key], f"{what}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), what
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            nearly(a, b, f"{what}[{i}]")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12), what
    else:
        assert one == other, what


def warheads() -> Tree:
    """Ballistic flights and a low flyer over real terrain, one radar in a sector and a fluctuating signature."""
    raid = [
        {"id": "warheads", "threat": "warhead", "count": 3, "spacing_s": 20.0, "jitter_s": 5.0,
         "motion": {"kind": "ballistic", "origin": [51.5, 12.0], "target": "town"}},
        {"id": "low", "threat": "low", "motion": {
            "kind": "route", "speed_mps": 240.0, "target": "town", "waypoints": [{"at": [49.5, 11.0], "height_m": 100}]}},
    ]  # fmt: skip
    eye = radar(
        detection={"range": "150 km", "rcs": "1 m2", "pd": 0.8, "pfa": 1e-6, "swerling": 1}, sector="120 deg",
        confirm={"hits": 2, "looks": 3}, revisit="2 s", elevation_max="85 deg",
    )  # fmt: skip
    unit = system(
        pk=0.6, channels=2, salvo=2, max_rounds=4, reach_m=60_000.0, assessment_s=3.0, radars={"eye": eye}, false_kill=0.1
    )  # fmt: skip
    unit["missiles"]["round"]["targets"]["ballistic"] = unit["missiles"]["round"]["targets"]["cruise"] | {"pk": 0.4}
    unit["fire_unit"]["doctrine"]["ballistic"] = unit["fire_unit"]["doctrine"]["cruise"]
    kinds = {"warhead": threat(target_class="ballistic", cep="50 m", boost="40 s"), "low": threat(cep="10 m")}
    data = scenario(unit, raid, kinds, environment={"terrain": "world"}, settings={"seed": 7})
    data["assets"] = [{"id": "town", "at": list(HOME), "radius_m": 50}]
    data["defence"][0]["heading_deg"] = 60.0
    return data


def turning() -> Tree:
    """A unit that turns and reloads, a policy that weighs values, a radar that comes up late, a zone."""
    case = slews_by_value_and_reloads().scenario
    case["defence"][1]["readiness"] = {"from_s": 150}
    case["zones"] = [{"id": "town", "outline": around(5, 3, 4), "intercept": "outside"}]
    return case


@pytest.mark.parametrize("name", [EXAMPLE, "busy", "warheads", "turning"])
def test_without_the_jit_the_same_events_and_reals_to_twelve_digits(name: str) -> None:
    from closedsky.yaml import read_yaml

    own = {"busy": busy, "warheads": warheads, "turning": turning}
    data = own[name]() if name in own else read_yaml(closedsky.examples()[name]).data
    compiled = told(data, jit=True)
    assert all(compiled["logs"])
    assert {what for what, values in compiled["tables"].items() if not values} == (
        set() if name == "turning" else {"bearing_rad"}
    )
    nearly(told(data, jit=False), compiled, name)


# --------------------------------------------------------------------------------------------------------- stop at a width


@pytest.mark.parametrize("width", [0.02, 0.008])
def test_stopping_at_a_half_width(width: float) -> None:
    """Enough trials and no more than twice enough, the same each time, and the first rows of the full run."""
    result, [(_, stopped)] = detailed_run(busy(), trials=200_000, half_width=width)
    n = stopped.counts.shape[0]
    low, high = result.variants[0].metric("leakage_per_launched").ci95
    assert (high - low) / 2.0 <= width
    assert n < 200_000
    assert result.trials == result.variants[0].trials == n
    _, [(_, whole)] = detailed_run(busy(), trials=n)
    assert same(stopped, whole)
    for threads in (1, 2):
        again = closedsky.run(busy(), trials=200_000, half_width=width, threads=threads)
        assert again.model_dump_json() == result.model_dump_json()
    if n > run.CHUNK:
        earlier = closedsky.run(busy(), trials=n // 2)
        low, high = earlier.variants[0].metric("leakage_per_launched").ci95
        assert (high - low) / 2.0 > width


def test_a_half_width_that_is_not_reached_runs_all_trials() -> None:
    result = closedsky.run(busy(), trials=1300, half_width=1e-6)
    assert result.trials == 1300
