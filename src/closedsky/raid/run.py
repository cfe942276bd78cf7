"""The raid played out: geometry once a variant, trials many times, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from closedsky.catalogue.library import uncertain
from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import Outcomes, Packed, Records, Tables
from closedsky.engine.pack import Names, heading_deg, pack
from closedsky.engine.tables import geometry
from closedsky.errors import Fault, RequestError
from closedsky.geo.terrain import Terrain
from closedsky.progress import Progress
from closedsky.raid import sensitivity
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import Loaded, known_variants, load, terrain_of
from closedsky.scenario.situation import Situation, resolve
from closedsky.threads import threads_to_use


@dataclass(frozen=True)
class Prepared:
    """One variant with its geometry worked out: ready for any number of trials."""

    name: str
    situation: Situation
    terrain: Terrain
    packed: Packed
    tables: Tables
    names: Names

    @property
    def credit(self) -> str:
        """The sentence that the makers of the terrain ask for, if they do."""
        return terrain_extent.credit(self.situation.scenario, self.terrain)

    @cached_property
    def loaded(self) -> list[int]:
        """Rounds on the launchers, a magazine each."""
        return [int(rounds) for rounds in self.packed.magazines["rounds"]]


def prepare(loaded: Loaded, variant: str | None = None, threads: int | None = None, progress: Progress | None = None) -> Prepared:
    """Work out the geometry of one variant (the reference if none is named)."""
    name = variant or next(iter(loaded.variants))
    known_variants(loaded, [name])
    return _prepare(name, resolve(loaded.variants[name], loaded.catalogue), terrain_of(loaded, name), threads, progress)


def _prepare(
    name: str, situation: Situation, terrain: Terrain, threads: int | None, progress: Progress | None = None
) -> Prepared:
    ground = terrain.ground
    packed, names = pack(situation, ground, threads_to_use(threads))
    report = None if progress is None else (lambda done, of: progress(f"{name}: geometry", done, of))
    tables = geometry.build(packed, ground, threads_to_use(threads), report)
    return Prepared(name, situation, terrain, packed, tables, names)


def run(
    scenario: str | Path | Mapping[str, Any] | Loaded,
    *,
    variants: Sequence[str] = (),
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    half_width: float | None = None,
    progress: Progress | None = None,
) -> results.Result:
    """Run a scenario: every variant, or those named.

    `trials` and `seed` default to the scenario's settings. With `half_width`, a variant's trials stop once the 95 % interval of leakage
    per launched is at most twice that wide. The same seed gives the same result for any number of threads.
    """
    return detailed_run(scenario, variants, trials, seed, threads, half_width, progress)[0]


def detailed_run(
    scenario: str | Path | Mapping[str, Any] | Loaded,
    variants: Sequence[str] = (),
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    half_width: float | None = None,
    progress: Progress | None = None,
) -> tuple[results.Result, list[tuple[Prepared, Outcomes]]]:
    """As `run`, and with it each variant's geometry and outcomes, trial by trial."""
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    wanted = list(dict.fromkeys(variants)) or list(loaded.variants)
    known_variants(loaded, wanted)
    _refuse_no_raid(loaded, wanted)
    settings = loaded.reference.settings
    trials = _positive("--trials", settings.trials if trials is None else trials)
    seed = _seed(settings.seed if seed is None else seed)
    stop = None
    if half_width is not None:
        if not 0.0 < half_width < 0.5:
            raise RequestError(
                Fault(f"a half-width of {half_width:g}", "--half-width", "give a share above 0 and below 0.5, such as 0.01")
            )
        stop = lambda outcomes: results.leakage_half_width(outcomes) <= half_width  # noqa: E731
    runs: list[tuple[Prepared, Outcomes]] = []
    answers = []
    for name in wanted:
        prepared = prepare(loaded, name, threads, progress)
        report = None if progress is None else (lambda done, of, name=name: progress(f"{name}: trials", done, of))
        outcomes = engine.run(prepared.packed, prepared.tables, seed, trials, threads_to_use(threads), stop, report)
        runs.append((prepared, outcomes))
        answers.append(_answer(loaded, prepared, outcomes))
    first = runs[0][0]
    result = results.Result(
        scenario=loaded.name,
        seed=seed,
        trials=max(answer.trials for answer in answers),
        terrain=results.TerrainUsed(name=first.terrain.name, posting_m=round(first.terrain.posting_m, 1)),
        catalogue_hash=loaded.catalogue.hash,
        assumed=_assumed([prepared for prepared, _ in runs], seed, threads, progress),
        variants=tuple(answers),
    )
    return result, runs


def replay(
    scenario: str | Path | Mapping[str, Any] | Loaded, trial: int, *, variant: str | None = None, seed: int | None = None
) -> tuple[Prepared, Outcomes, Records]:
    """One trial again, with its events in order of time. Its outcome is the batch's, bit for bit."""
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    if not 0 <= trial < 2**32:
        raise RequestError(Fault(f"trial {trial}", "--trial", "trials count from 0"))
    _refuse_no_raid(loaded, [variant or next(iter(loaded.variants))])
    prepared = prepare(loaded, variant)
    seed = _seed(loaded.reference.settings.seed if seed is None else seed)
    outcomes, logs = engine.replay(prepared.packed, prepared.tables, seed, trial, trial + 1)
    return prepared, outcomes, logs[0]


def story(prepared: Prepared, log: Records) -> list[results.Event]:
    """The events of a replayed trial, with names."""
    return results.story(log, prepared.names)


def _answer(loaded: Loaded, prepared: Prepared, outcomes: Outcomes) -> results.VariantResult:
    scenario = prepared.situation.scenario
    warnings = [*loaded.warnings[prepared.name], *terrain_extent.warnings(scenario, prepared.terrain)]
    if not scenario.defence:
        warnings.append("no defence: nothing is engaged")
    if prepared.terrain.is_upper_bound and (scenario.defence or scenario.sensors):
        warnings.append(
            f"terrain of {prepared.terrain.posting_m / 1000:.0f} km posting hides ridges: what is seen is an upper bound"
        )
    for item in scenario.defence:
        if item.heading_deg is None and any("face the middle" in text and f"'{item.id}'" in text for text in warnings):
            warnings.append(f"'{item.id}' faces {heading_deg(prepared.situation, item):03.0f}°")
    value = sum(asset.value for asset in scenario.assets)
    return results.summarise(prepared.name, outcomes, prepared.names, prepared.loaded, value, tuple(warnings))


def _assumed(prepared: list[Prepared], seed: int, threads: int | None, progress: Progress | None) -> results.Assumed:
    every = {(entry, figure.path): figure for one in prepared for entry, figure in one.situation.figures()}
    weak = uncertain(every.values())
    terrains = {one.name: one.terrain for one in prepared}

    def outcomes_of(name: str, situation: Situation, trials: int) -> Outcomes:
        changed = _prepare(name, situation, terrains[name], 1)
        return engine.run(changed.packed, changed.tables, seed, trials, 1)

    movers = None
    if sum(one.packed.flights.size * max(one.packed.units.size, 1) for one in prepared) <= sensitivity.MOST_COST:
        found = [
            item
            for one in prepared
            for item in sensitivity.movers(one.name, one.situation, outcomes_of, threads_to_use(threads), progress)
        ]
        movers = sensitivity.most_influential(found)
    return results.Assumed(count=len(weak), of=len(every), most_influential=movers)


def _positive(flag: str, value: int, most: int = 100_000_000) -> int:
    if not 1 <= value <= most:
        raise RequestError(Fault(f"{value} is out of range", flag, f"give a whole number from 1 to {most}"))
    return value


def _seed(seed: int) -> int:
    if not 0 <= seed < 2**64:
        raise RequestError(Fault(f"{seed} is out of range", "--seed", "give a whole number from 0 to 2^64 - 1"))
    return seed


def _refuse_no_raid(loaded: Loaded, names: Sequence[str]) -> None:
    for name in names:
        if not loaded.variants[name].raid:
            raise RequestError(
                Fault(
                    f"{loaded.name} has no raid: it asks about the sky",
                    "SCENARIO",
                    f"closedsky cover {loaded.name}; or add a raid",
                )
            )
