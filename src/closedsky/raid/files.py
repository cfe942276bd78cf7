"""Files of a run: summary, trials, events, figures."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import EV_INTERCEPT, EV_LAUNCHED, LEAKERS, TICKS_PER_S, Outcomes, Records
from closedsky.engine.pack import heading_deg, loads
from closedsky.engine.tables import sight
from closedsky.geo.land import land
from closedsky.output import output_folder
from closedsky.raid.figure import Plan, Site, draw_outcomes, draw_plan
from closedsky.raid.parquet import write_events, write_trials
from closedsky.raid.prepared import Prepared
from closedsky.scenario.coast import has_sea
from closedsky.scenario.load import Loaded

LOGGED_TRIALS = 20
"""Number of trials per variant that `write` replays with their events."""


def write(
    target: Path, loaded: Loaded, result: results.Result, runs: Sequence[tuple[Prepared, Outcomes]], *, force: bool = False
) -> list[str]:
    """Write a run to a folder: summary, trials, events of some trials, a plan view per variant, the outcomes. Returns the file names."""
    with output_folder(target, force) as folder:
        (folder / "summary.json").write_text(as_json(result), encoding="utf-8")
        write_trials(folder / "trials.parquet", [(one.name, results.columns(outcomes, one.names)) for one, outcomes in runs])
        stories = []
        for one, outcomes in runs:
            _, logs = engine.replay(one.packed, one.tables, result.seed, 0, min(LOGGED_TRIALS, outcomes.counts.shape[0]))
            stories += [(one.name, trial, results.story(log, one.names)) for trial, log in enumerate(logs)]
            draw_plan(folder / f"plan-{one.name}.png", plan(one, logs[0], 0))
        write_events(folder / "events.parquet", stories)
        draw_outcomes(
            folder / "outcomes.png",
            loaded.reference.title,
            [(one.name, outcomes.counts[:, LEAKERS]) for one, outcomes in runs],
            runs[0][0].packed.raid.threats.size,
            f"{result.trials} trials, seed {result.seed}; luck only. "
            f"{result.assumed.count} of {result.assumed.of} figures assumed, unverified or estimates.",
        )
        return sorted(file.name for file in folder.iterdir())


def write_trial(target: Path, prepared: Prepared, trial: int, log: Records, *, force: bool = False) -> list[str]:
    """Write one replayed trial to a folder: its events and its plan view. Returns the file names."""
    with output_folder(target, force) as folder:
        write_events(folder / "events.parquet", [(prepared.name, trial, results.story(log, prepared.names))])
        draw_plan(folder / f"plan-{prepared.name}.png", plan(prepared, log, trial))
        return sorted(file.name for file in folder.iterdir())


def as_json(result: results.Result) -> str:
    """The result as JSON: the same bytes for the same seed."""
    return result.model_dump_json(indent=1) + "\n"


def plan(prepared: Prepared, log: Records, trial: int) -> Plan:
    """Content of the plan view of one trial."""
    scenario = prepared.situation.scenario
    ground = prepared.terrain.ground
    samples = [sight.trace(prepared.packed, ground, f) for f in range(prepared.packed.raid.flights.size)]
    meetings = []
    for event in log[log["kind"] == EV_INTERCEPT]:
        flight = prepared.packed.raid.threats[event["threat"]]["flight"]
        launched = log[(log["kind"] == EV_LAUNCHED) & (log["threat"] == event["threat"])]["tick"][0]
        at = sight.place(
            samples[flight],
            prepared.packed.environment.earth,
            prepared.packed.raid.flights[flight]["step_s"],
            (event["tick"] - launched) / TICKS_PER_S,
        )
        meetings.append((math.degrees(at[0]), math.degrees(at[1]), event["value"]))
    sites = []
    for item in scenario.defence:
        system = prepared.situation.systems[item.system]
        longest = system.brochure("aircraft", loads(item, system))
        reach_m = longest[1].range_max.si if longest else 0.0
        sector = math.degrees(system.engagement_radar.sector.si)
        sites.append(Site(item.id, *item.at, reach_m, heading_deg(prepared.situation, item), sector))
    outlined = has_sea(scenario)
    return Plan(
        title=scenario.title,
        subtitle=f"{prepared.name}, trial {trial}",
        terrain=prepared.terrain,
        terrain_label=prepared.terrain.label(),
        sites=sites,
        sensors=[(sensor.id, *sensor.at) for sensor in scenario.sensors],
        assets=[(asset.name or asset.id, *asset.at, asset.radius_m) for asset in scenario.assets],
        tracks=[(name, np.degrees(rows[:, :2])) for name, rows in zip(prepared.names.flights, samples, strict=True)],
        meetings=np.array(meetings, dtype=np.float64).reshape(-1, 3),
        coasts=land().coasts if outlined else (),
        borders=land().borders if outlined else (),
        sources="closedsky; figures: see 'closedsky cite'."
        + (" Coasts and borders: Natural Earth." if outlined else "")
        + f"\nRelief: {prepared.terrain.source}.",
    )
