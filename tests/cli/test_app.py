"""The command line as a user meets it, in this process; and some calls in processes of their own, which say the same."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from tests.command import closedsky


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A process of its own."""
    env = {**os.environ, "COLUMNS": "80"}
    command = [sys.executable, "-m", "closedsky", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_help_names_every_command():
    text = closedsky("--help").stdout
    for command in ("run", "check", "systems", "cite", "schema", "examples", "terrain", "footprint", "claims"):
        assert f"  {command} " in text


@pytest.mark.parametrize("arguments", [("check", "first-battery"), ("systems", "s-40"), ("run",), ("--help",)])
def test_a_process_says_what_is_said_here(arguments):
    here, there = closedsky(*arguments), process(*arguments)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_help_loads_no_numerics():
    code = (
        "import sys, closedsky.cli.app; print([m for m in ('numpy', 'numba', 'pydantic', 'pyproj', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_json_is_one_object_that_its_schema_accepts_and_its_bytes_do_not_depend_on_threads():
    runs = [
        call("run", "first-battery", "--trials", "1500", "--seed", "7", "--json", "--threads", threads)
        for call, threads in ((closedsky, "1"), (closedsky, "2"), (process, "2"))
    ]
    assert [done.returncode for done in runs] == [0, 0, 0]
    assert runs[0].stdout == runs[1].stdout == runs[2].stdout
    schema = json.loads(closedsky("schema", "result").stdout)
    jsonschema.validate(json.loads(runs[0].stdout), schema)


def test_the_result_has_what_the_contract_promises():
    result = json.loads(closedsky("run", "first-battery", "--trials", "500", "--json").stdout)
    assert {"schema_version", "scenario", "seed", "trials", "terrain", "catalogue_hash", "assumed", "variants"} <= set(result)
    assert set(result["terrain"]) == {"name", "posting_m"}
    assumed = result["assumed"]
    assert set(assumed) == {"count", "of", "by_grade", "of_scenario", "of_scenario_ranged", "most_influential"}
    assert sum(assumed["by_grade"].values()) == assumed["of"]
    assert sum(assumed["by_grade"].get(grade, 0) for grade in ("assumed", "unverified", "estimate")) == assumed["count"]
    told = closedsky("run", "first-battery", "--trials", "500", columns=200).stdout
    assert f"{assumed['count']} of the {assumed['of']} figures used are assumed, unverified or estimates." in told
    assert f"By grade: {assumed['by_grade']['cited']} cited, " in told
    assert f"; of the scenario: {assumed['of_scenario']}, {assumed['of_scenario_ranged']} with a range." in told
    variant = result["variants"][0]
    assert {"name", "metrics", "why_no_shot", "rounds", "warnings"} <= set(variant)
    ids = {metric["id"] for metric in variant["metrics"]}
    assert {
        "leakage_per_launched", "leakage_per_arriving", "leakage_per_threatening", "impacts", "killed", "rounds_fired",
        "impacts.power-station",
    } <= ids  # fmt: skip
    assert len(variant["why_no_shot"]) == 12
    for metric in variant["metrics"]:
        assert metric["ci95"][0] <= metric["mean"] <= metric["ci95"][1]


def test_examples_are_valid_by_the_published_schema(tmp_path):
    yaml = pytest.importorskip("yaml", reason="pyyaml is a core dependency: its absence is an error of the environment")
    schema = json.loads(closedsky("schema", "scenario").stdout)
    names = re.findall(r"^(\S+)  ", closedsky("examples").stdout, re.MULTILINE)
    assert "first-battery" in names
    for name in names:
        copied = tmp_path / f"{name}.yaml"
        assert closedsky("examples", "copy", name, str(copied)).returncode == 0
        jsonschema.validate(yaml.safe_load(copied.read_text()), schema)
        assert closedsky("check", str(copied)).returncode == 0


def test_a_copied_example_runs_as_the_shipped_one_does(tmp_path):
    closedsky("examples", "copy", "first-battery", cwd=tmp_path)
    copied = closedsky("run", "first-battery.yaml", "--trials", "300", "--json", cwd=tmp_path)
    shipped = closedsky("run", "first-battery", "--trials", "300", "--json", cwd=tmp_path.parent)
    assert copied.stdout == shipped.stdout != ""


def test_no_line_is_wider_than_the_terminal():
    for columns in (80, 100):
        for command in (("run", "al-asad-erbil-2020", "--trials", "20"), ("systems", "s-400"), ("systems",)):
            text = closedsky(*command, columns=columns).stdout
            assert text
            assert max(len(line) for line in text.splitlines()) <= columns


def test_without_out_nothing_is_written(tmp_path):
    closedsky("run", "first-battery", "--trials", "100", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_out_holds_summary_trials_events_and_pictures(tmp_path):
    out = tmp_path / "deep" / "results"
    done = closedsky("run", "first-battery", "--trials", "400", "--out", str(out))
    assert done.returncode == 0
    assert sorted(file.name for file in out.iterdir()) == [
        "events.parquet", "outcomes.png", "plan-as-given.png", "summary.json", "trials.parquet",
    ]  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    trials = pq.read_table(out / "trials.parquet").to_pydict()
    assert len(trials["trial"]) == 400
    metrics = {metric["id"]: metric["mean"] for metric in summary["variants"][0]["metrics"]}
    assert sum(trials["killed"]) / 400 == pytest.approx(metrics["killed"])
    assert sum(trials["impacts.power-station"]) / 400 == pytest.approx(metrics["impacts.power-station"])
    events = pq.read_table(out / "events.parquet").to_pylist()
    first = [event for event in events if event["trial"] == 0]
    assert [event["time_s"] for event in first] == sorted(event["time_s"] for event in first)
    assert sum(event["event"] == "missile_launch" for event in first) == trials["rounds_fired"][0]
    assert sum(event["event"] == "killed" for event in first) == trials["killed"][0]
    assert list(out.parent.iterdir()) == [out]


def test_out_must_be_new_or_empty_unless_forced(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    message = refused(closedsky("run", "first-battery", "--trials", "50", "--out", str(tmp_path)))
    assert "not empty" in message
    assert "--force" in message
    assert closedsky("run", "first-battery", "--trials", "50", "--out", str(tmp_path), "--force").returncode == 0
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    assert (tmp_path / "summary.json").exists()


def test_a_replayed_trial_is_told_in_order_and_as_json():
    text = closedsky("run", "first-battery", "--trial", "3").stdout
    assert "first-battery, as-given, trial 3" in text
    story = json.loads(closedsky("run", "first-battery", "--trial", "3", "--json").stdout)
    assert story["trial"] == 3
    assert len(text.splitlines()) == len(story["events"]) + 2


def test_cite_lists_what_a_scenario_rests_on():
    text = closedsky("cite", "al-asad-erbil-2020").stdout
    assert "missilethreat.csis.org/missile/qiam-1" in text
    assert "reported.failed" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "frist-battery"), "did you mean 'first-battery'?"),
        (("run", "nowhere/at-all.yaml"), "nowhere/at-all.yaml"),
        (("run", "first-battery", "--trials", "0"), "--trials"),
        (("run", "first-battery", "--trials", "many"), "--trials"),
        (("run", "first-battery", "--seed", "-1"), "--seed"),
        (("run", "first-battery", "--threads", "0"), "--threads"),
        (("run", "first-battery", "--half-width", "2"), "--half-width"),
        (("run", "first-battery", "--half-width", "nan"), "--half-width"),
        (("run", "first-battery", "--variant", "as-givne"), "did you mean 'as-given'?"),
        (("run", "first-battery", "--trial", "-1"), "--trial"),
        (("systems", "s-40"), "did you mean 's-400'?"),
        (("schema", "cake"), "closedsky schema scenario"),
        (("examples", "copy", "nothing-like-it"), "first-battery"),
        (("check", "/"), "/"),
        (("cover", "s-400", "--at=3_3.3,44.4"), "--at"),
        (("cover", "s-400", "--at=33.3,44.4", "--height", "1_00"), "--height"),
        (("cover", "s-400", "--at=true,44.4"), "--at"),
        (("footprint", "patriot-pac-3-mse", "--at=33.3,44.4", "--range", "600", "--from", "9_0"), "--from"),
        (("terrain", "fetch", "--region=38_7,29,48,37"), "--region"),
        (("terrain", "fetch", "--region=\u0663\u0668,29,48,37"), "--region"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_a_wrong_request_gets_one_clear_message(arguments, says):
    assert says in refused(closedsky(*arguments))


def _processor_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_an_interrupt_ends_with_130_and_leaves_nothing_behind(tmp_path):
    out = tmp_path / "results"
    process = subprocess.Popen(
        [sys.executable, "-m", "closedsky", "run", "first-battery", "--trials", "50000000", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs are deaf to it
    )
    while _processor_seconds(process.pid) < 8.0:  # past its imports, into its trials, however busy the machine is
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "closedsky: interrupted" in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
