"""Run a raid: geometry once per variant, trials many times, and their summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from closedsky.catalogue.library import used
from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import Outcomes, Packed, Records, Tables
from closedsky.engine.pack import Alike, Names, heading_deg, pack
from closedsky.engine.tables import geometry
from closedsky.engine.tables.known import Known
from closedsky.errors import Fault, RequestError
from closedsky.geo.terrain import Terrain
from closedsky.model.used import TerrainUsed
from closedsky.progress import Progress
from closedsky.raid import sensitivity
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import Loaded, known_variants, load, terrain_of
from closedsky.scenario.situation import Situation, resolve
from closedsky.threads import threads_to_use


@dataclass(frozen=True)
class Prepared:
    """One variant with its geometry computed: ready for any number of trials.

    name       of the variant
    situation  the scenario with its catalogue entries
    terrain    over the scenario's terrain extent
    packed     the situation as flat arrays
    tables     the geometry: track times, lock probabilities, launch windows
    names      names of the packed threats, radars, units, magazines, networks and assets
    """

    name: str
    situation: Situation
    terrain: Terrain
    packed: Packed
    tables: Tables
    names: Names

    @property
    def credit(self) -> str:
        """The attribution that the terrain requires, if any."""
        return terrain_extent.credit(self.situation.scenario, self.terrain)

    @cached_property
    def loaded(self) -> list[int]:
        """Rounds on the launchers, per magazine."""
        return [int(rounds) for rounds in self.packed.magazines["rounds"]]


class Like(NamedTuple):
    """A variant whose geometry is known, of which another differs in a figure."""

    prepared: Prepared
    known: Known


def prepare(loaded: Loaded, variant: str | None = None, threads: int | None = None, progress: Progress | None = None) -> Prepared:
    """Compute the geometry of one variant.

    Parameters
    ----------
    loaded : scenario from `load`
    variant : name of the variant; by default the reference
    threads : number of computing threads; by default all available
    progress : called with task, amount done and total

    Returns
    -------
    Prepared

    Raises
    ------
    RequestError
        For an unknown variant.
    TerrainError
        For terrain that cannot be read or does not cover the scenario.

    Example
    -------
    >>> prepared = closedsky.prepare(closedsky.load("first-battery"))
    """
    name = variant or next(iter(loaded.variants))
    known_variants(loaded, [name])
    return _prepare(name, resolve(loaded.variants[name], loaded.catalogue), terrain_of(loaded, name), threads, progress)


def _prepare(
    name: str, situation: Situation, terrain: Terrain, threads: int | None, progress: Progress | None = None,
    like: Like | None = None,
) -> Prepared:  # fmt: skip
    """The geometry of a situation, of which only that is computed in which it differs from another (`like`)."""
    ground = terrain.ground
    alike = None if like is None else Alike(like.prepared.situation, like.prepared.packed, like.prepared.names)
    packed, names = pack(situation, ground, threads_to_use(threads), like=alike)
    report = None if progress is None else (lambda done, of: progress(f"{name}: geometry", done, of))
    tables = geometry.build(packed, ground, threads_to_use(threads), report, None if like is None else like.known)
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
    """Run a scenario: all variants, or those named.

    Parameters
    ----------
    scenario : file, name of a shipped example, data of a scenario file, or a loaded scenario
    variants : names of the variants to run; by default all
    trials, seed : by default as in the scenario's settings
    threads : number of computing threads; by default all available. The result does not depend on it
    half_width : stop a variant's trials once the 95 % interval of leakage per launched is at most twice this wide (a share, 0 to 0.5)
    progress : called with task, amount done and total

    Returns
    -------
    Result
        The same for the same seed.

    Raises
    ------
    ScenarioError
        For a faulty scenario.
    RequestError
        For an unknown variant, an argument out of range, or a scenario without a raid.
    TerrainError
        For terrain that cannot be read or does not cover the scenario.

    Example
    -------
    >>> result = closedsky.run("first-battery", trials=2000, seed=7)
    >>> result.variants[0].metric("leakage_per_launched").mean
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
    """As `run`; returns also the geometry and the outcomes, trial by trial, of each variant."""
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
    used = runs[0][0].terrain.used()
    result = results.Result(
        scenario=loaded.name,
        seed=seed,
        trials=max(answer.trials for answer in answers),
        terrain=TerrainUsed(name=used.name, posting_m=used.posting_m),
        catalogue_hash=loaded.catalogue.hash,
        assumed=_assumed([prepared for prepared, _ in runs], seed, threads, progress),
        variants=tuple(answers),
    )
    return result, runs


def replay(
    scenario: str | Path | Mapping[str, Any] | Loaded, trial: int, *, variant: str | None = None, seed: int | None = None
) -> tuple[Prepared, Outcomes, Records]:
    """Replay one trial with its event log.

    Parameters
    ----------
    scenario : file, name of a shipped example, data of a scenario file, or a loaded scenario
    trial : number of the trial, from 0
    variant : name of the variant; by default the reference
    seed : by default as in the scenario's settings

    Returns
    -------
    (Prepared, Outcomes, Records)
        The variant, the trial's outcome, bit for bit that of the same trial in `run`, and its events in order of time.

    Raises
    ------
    ScenarioError, RequestError, TerrainError
        As `run`; RequestError also for a trial out of range.

    Example
    -------
    >>> prepared, outcomes, log = closedsky.replay("first-battery", 3)
    >>> closedsky.api.story(prepared, log)[0]
    """
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    if not 0 <= trial < 2**32:
        raise RequestError(Fault(f"trial {trial}", "--trial", "trials count from 0"))
    _refuse_no_raid(loaded, [variant or next(iter(loaded.variants))])
    prepared = prepare(loaded, variant)
    seed = _seed(loaded.reference.settings.seed if seed is None else seed)
    outcomes, logs = engine.replay(prepared.packed, prepared.tables, seed, trial, trial + 1)
    return prepared, outcomes, logs[0]


def story(prepared: Prepared, log: Records) -> list[results.Event]:
    """The events of a replayed trial, with names in place of indices."""
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


def _assumed(prepared: list[Prepared], seed: int, threads: int | None, progress: Progress | None) -> results.RunFigures:
    every = {(entry, figure.path): figure for one in prepared for entry, figure in one.situation.figures()}
    movers = None
    if sum(one.packed.flights.size * max(one.packed.units.size, 1) for one in prepared) <= sensitivity.MOST_COST:
        found = [item for one in prepared for item in _movers(one, seed, threads, progress)]
        movers = sensitivity.most_influential(found)
    return results.RunFigures(**dict(used(every.values())), most_influential=movers)


def _movers(one: Prepared, seed: int, threads: int | None, progress: Progress | None) -> list[results.Influence]:
    """How far each ranged figure moves the answer of a variant; of its geometry only what a figure changes is worked out again."""
    known = Like(one, geometry.known_of(one.packed, one.terrain.ground))
    as_chosen = engine.run(one.packed, one.tables, seed, sensitivity.TRIALS, 1)

    def outcomes_of(name: str, situation: Situation) -> Outcomes:
        changed = _prepare(name, situation, one.terrain, 1, like=known)
        if engine.same_trials(changed.packed, changed.tables, one.packed, one.tables):
            return as_chosen
        return engine.run(changed.packed, changed.tables, seed, sensitivity.TRIALS, 1)

    return sensitivity.movers(one.name, one.situation, outcomes_of, threads_to_use(threads), progress)


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
