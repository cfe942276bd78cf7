"""A run as files: summary, trials, events, pictures."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.api import Loaded, Prepared, ground_of
from closedsky.coverage.answer import Asked, Sky
from closedsky.coverage.figure import SkyView, draw_sky
from closedsky.coverage.layers import write_cog, write_geojson
from closedsky.coverage.report import level_words, share_words, target_line
from closedsky.coverage.request import answers, credits
from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import EV_INTERCEPT, EV_LAUNCHED, LEAKERS, TICKS_PER_S, Outcomes, Records
from closedsky.engine.pack import heading_deg, loads
from closedsky.engine.tables import sight
from closedsky.geo.land import land
from closedsky.model.sky import LevelAnswer
from closedsky.output import output_folder
from closedsky.raid.figure import Plan, Site, draw_outcomes, draw_plan
from closedsky.raid.parquet import write_events, write_trials
from closedsky.scenario.coast import has_sea

_STRAIGHT = "Straight edges: sky behind units, closed where each of the eight headings leads past one of them."
LOGGED_TRIALS = 20
"""How many trials of each variant `write` replays with their events."""


def write(
    target: Path, loaded: Loaded, result: results.Result, runs: Sequence[tuple[Prepared, Outcomes]], *, force: bool = False
) -> list[str]:
    """Write a run to a folder: summary, trials, events of the first trials, a plan view a variant, the outcomes. Returns the file names."""
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
            runs[0][0].packed.threats.size,
            f"{result.trials} trials, seed {result.seed}; luck only. "
            f"{result.assumed.count} of {result.assumed.of} figures assumed or unverified.",
        )
        return sorted(file.name for file in folder.iterdir())


def write_trial(target: Path, prepared: Prepared, trial: int, log: Records, *, force: bool = False) -> list[str]:
    """Write one replayed trial to a folder: its events and its plan view. Returns the file names."""
    with output_folder(target, force) as folder:
        write_events(folder / "events.parquet", [(prepared.name, trial, results.story(log, prepared.names))])
        draw_plan(folder / f"plan-{prepared.name}.png", plan(prepared, log, trial))
        return sorted(file.name for file in folder.iterdir())


def write_skies(target: Path, loaded: Loaded, found: Sequence[tuple[Asked, Sky]], *, force: bool = False) -> list[str]:
    """Write closed skies to a folder: the answers, and for each variant its maps as rasters and outlines, and its figure.

    Returns the file names. Those of a variant have its name in front where there are several.
    """
    with output_folder(target, force) as folder:
        text = answers(loaded, [sky for _, sky in found]).model_dump_json(indent=1)
        (folder / "answer.json").write_text(text + "\n", encoding="utf-8")
        for asked, sky in found:
            _write_sky(folder, f"{asked.variant}-" if len(found) > 1 else "", loaded, asked, sky)
        return sorted(file.name for file in folder.iterdir())


def _write_sky(folder: Path, before: str, loaded: Loaded, asked: Asked, sky: Sky) -> None:
    answer, layers = sky.answer, sky.map.layers
    names = [level_words(answer, level) for level in answer.levels]
    tags = {"TITLE": loaded.variants[asked.variant].title, "TARGET": target_line(answer), "TERRAIN": asked.terrain.label()}
    kinds: dict[str, list[npt.NDArray[Any]]] = {
        "tracked": [one.tracked for one in layers],
        "engageable": [one.engaged for one in layers],
        "opportunities": [one.opportunities for one in layers],
        "closed": [sky.map.closed(i) for i in range(len(layers))],
    }
    write_cog(folder / f"{before}floor.tif", sky.cells, {"lowest altitude seen, m above sea": sky.map.floor_m}, tags)
    for kind, masks in kinds.items():
        write_cog(folder / f"{before}{kind}.tif", sky.cells, dict(zip(names, masks, strict=True)), tags)
    closed = {level.level_m: mask for level, mask in zip(answer.levels, kinds["closed"], strict=True)}
    sites = [(one.unit, *one.at) for one in answer.circles]
    circles = [(*one.at, 1000.0 * one.range_km) for one in answer.circles]
    write_geojson(folder / f"{before}closed.geojson", sky.cells, closed, dict(tags), sites, circles)
    draw_sky(folder / f"{before}sky.png", view(loaded, asked, sky))


def view(loaded: Loaded, asked: Asked, sky: Sky) -> SkyView:
    """What the figure of a closed sky shows."""
    answer = sky.answer
    order = sorted(range(len(answer.levels)), key=lambda i: -answer.levels[i].level_m)
    names = [f"at {level_words(answer, level)}" for level in answer.levels]
    shares = [(names[i], _closed_words(answer.levels[i])) for i in order]
    if answer.circles_share is not None:
        shares.append(("within the brochure circles", f"{100 * answer.circles_share:.1f} %"))
    if answer.volume is not None:
        shares.append(("closed, of the circles' volume", f"{100 * answer.volume.ratio.likely:.0f} %"))
    area = f", of {answer.area.name}" if answer.area is not None else ""
    straight = [_STRAIGHT] if asked.cover.toward is None and len(answer.circles) > 1 else []
    variant = f" ({asked.variant})" if len(loaded.variants) > 1 else ""
    return SkyView(
        title=f"{loaded.variants[asked.variant].title}: the sky that is closed{area}{variant}",
        subtitle=target_line(answer),
        cells=sky.cells,
        relief=sky.map.ground_m,
        closed=[(names[i], sky.map.closed(i)) for i in order],
        area=asked.area,
        units=[(item.id, *item.at) for item in asked.situation.scenario.defence],
        circles=[(*one.at, 1000.0 * one.range_km) for one in answer.circles],
        rows=shares,
        terrain_label=asked.terrain.label(),
        notes=[*(text[0].upper() + text[1:] + "." for text in answer.warnings), *straight],
        sources=[*credits(asked), f"Relief: {asked.terrain.source}.", f"closedsky; catalogue {answer.catalogue_hash}."],
        posting_m=asked.terrain.posting_m,
    )


def _closed_words(level: LevelAnswer) -> str:
    return share_words(level.closed_share) if level.closed_share is not None else f"{level.closed_km2.likely:,.0f} km²"


def as_json(result: results.Result) -> str:
    """The result as JSON: the same bytes for the same seed."""
    return result.model_dump_json(indent=1) + "\n"


def plan(prepared: Prepared, log: Records, trial: int) -> Plan:
    """What the plan view of one trial shows."""
    scenario = prepared.situation.scenario
    ground = ground_of(prepared.terrain)
    samples = [sight.trace(prepared.packed, ground, f) for f in range(prepared.packed.flights.size)]
    meetings = []
    for event in log[log["kind"] == EV_INTERCEPT]:
        flight = prepared.packed.threats[event["threat"]]["flight"]
        launched = log[(log["kind"] == EV_LAUNCHED) & (log["threat"] == event["threat"])]["tick"][0]
        at = sight.place(samples[flight], prepared.packed.flights[flight]["step_s"], (event["tick"] - launched) / TICKS_PER_S)
        meetings.append((math.degrees(at[0]), math.degrees(at[1]), event["value"]))
    sites = []
    for item in scenario.defence:
        system = prepared.situation.systems[item.system]
        reach = [
            system.missiles[name].targets["aircraft"].range_max.si
            for name in loads(item, system)
            if "aircraft" in system.missiles[name].targets
        ]
        sector = math.degrees(system.radars[system.fire_unit.engagement_radar].sector.si)
        sites.append(Site(item.id, *item.at, max(reach, default=0.0), heading_deg(prepared.situation, item), sector))
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
