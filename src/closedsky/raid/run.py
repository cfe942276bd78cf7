"""Run a raid: trials of every variant with figures as chosen, and with the unknown drawn."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from closedsky.catalogue.figures import used
from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import Outcomes, Records
from closedsky.engine.pack import heading_deg
from closedsky.engine.tables import geometry
from closedsky.errors import Fault, RequestError
from closedsky.model.used import TerrainUsed
from closedsky.progress import Progress
from closedsky.raid import outer, spread
from closedsky.raid.decompose import total_effects
from closedsky.raid.prepared import Like, Prepared, prepare, prepared_of
from closedsky.scenario import terrain_extent
from closedsky.scenario.effects import draws_or_none
from closedsky.scenario.load import Loaded, known_variants, load
from closedsky.scenario.situation import Situation
from closedsky.scenario.unknown import Unknown, stated, unknowns, with_value
from closedsky.threads import threads_to_use


def run(
    scenario: str | Path | Mapping[str, Any] | Loaded,
    *,
    variants: Sequence[str] = (),
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    half_width: float | None = None,
    draws: int | None = None,
    decompose: bool = False,
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
    draws : outer draws, sets of the figures that have a range, for the brackets; 0: luck only. By default as in the scenario's settings
    decompose : also the total effects of the ten figures with the greatest first-order effects, which takes ten times as many draws
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
    return detailed_run(scenario, variants, trials, seed, threads, half_width, draws, progress, decompose)[0]


def detailed_run(
    scenario: str | Path | Mapping[str, Any] | Loaded,
    variants: Sequence[str] = (),
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    half_width: float | None = None,
    draws: int | None = None,
    progress: Progress | None = None,
    decompose: bool = False,
) -> tuple[results.Result, list[tuple[Prepared, Outcomes]]]:
    """As `run`; returns also the geometry and the outcomes, trial by trial, of each variant."""
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    wanted = list(dict.fromkeys(variants)) or list(loaded.variants)
    known_variants(loaded, wanted)
    _refuse_no_raid(loaded, wanted)
    settings = loaded.reference.settings
    trials = _positive("--trials", settings.trials if trials is None else trials)
    seed = _seed(settings.seed if seed is None else seed)
    draws = draws_or_none(settings.draws if draws is None else draws, "--luck-only")
    if decompose and draws == 0:
        raise RequestError(Fault("total effects of no draws", "--decompose", "leave it out, or draw: --draws 64"))
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
        outer_draws=0,
        trials_a_draw=0,
        terrain=TerrainUsed(name=used.name, posting_m=used.posting_m),
        catalogue_hash=loaded.catalogue.hash,
        assumed=_assumed([prepared for prepared, _ in runs], None),
        comparisons=(),
        variants=tuple(answers),
    )
    if draws > 0 and any(unknowns(prepared.situation) for prepared, _ in runs):
        result = _with_unknown(
            result, [prepared for prepared, _ in runs], draws, seed, threads_to_use(threads), progress, decompose
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
    return results.summarise(prepared.name, outcomes, prepared.names, prepared.loaded, prepared.value, tuple(warnings))


def _assumed(
    prepared: Sequence[Prepared], most_influential: tuple[results.Influence, ...] | None
) -> results.RunFigures:  # fmt: skip
    every = {(entry, figure.path): figure for one in prepared for entry, figure in one.situation.figures()}
    own = dict(number for one in prepared for number in stated(one.situation.scenario))
    return results.RunFigures(
        **dict(used(every.values())),
        of_scenario=len(own),
        of_scenario_ranged=sum(own.values()),
        most_influential=most_influential,
    )


def _with_unknown(
    result: results.Result, prepared: Sequence[Prepared], draws: int, seed: int, threads: int, progress: Progress | None,
    decompose: bool,
) -> results.Result:  # fmt: skip
    """The result with its brackets, comparisons and what carries the spread, from outer draws."""
    by_name = {one.name: one for one in prepared}

    def trials(name: str, situation: Situation, seed: int) -> tuple[Prepared, Outcomes]:
        one = prepared_of(name, situation, by_name[name].terrain, 1)
        return one, engine.run(one.packed, one.tables, seed, outer.TRIALS, 1)

    situations = {one.name: one.situation for one in prepared}
    found = outer.outer_draws(situations, draws, seed, trials, threads, progress)
    spreads = {name: spread.unknown_spread(found, name) for name in by_name}
    if decompose:
        totals = total_effects(found, situations, seed, trials, threads, progress)
        spreads = {name: one.model_copy(update={"total_effects": totals[name]}) for name, one in spreads.items()}
    chosen = {answer.name: answer.metric(outer.LEAKAGE).mean for answer in result.variants}
    compared = spread.comparisons(found, chosen, _one_changed(by_name, seed))
    variants = [_bracketed(answer, found, spreads[answer.name]) for answer in result.variants]
    return result.model_copy(
        update={
            "outer_draws": draws,
            "trials_a_draw": outer.TRIALS,
            "assumed": _assumed(prepared, spread.most_influential(found, spreads)),
            "comparisons": tuple(compared),
            "variants": tuple(variants),
        }
    )


def _bracketed(answer: results.VariantResult, found: outer.OuterDraws, unknown: results.UnknownSpread) -> results.VariantResult:
    metrics = []
    for one in answer.metrics:
        low, median, high = found.bracket(one.id, answer.name)
        metrics.append(one.model_copy(update={"bracket90": (low, high), "median": median}))
    return answer.model_copy(update={"metrics": tuple(metrics), "unknown": unknown})


def _one_changed(prepared: Mapping[str, Prepared], seed: int) -> spread.Leakage:
    """Leakage with one figure changed; of the geometry only what it changes is computed again."""

    @cache
    def like(name: str) -> Like:
        return Like(prepared[name], geometry.known_of(prepared[name].packed, prepared[name].terrain.ground))

    @cache
    def leakage(name: str, unknown: Unknown, value: float) -> float:
        known = like(name)
        situation = with_value(known.prepared.situation, unknown, value)
        changed = prepared_of(name, situation, known.prepared.terrain, 1, like=known)
        return outer.leakage_of(engine.run(changed.packed, changed.tables, seed, outer.TRIALS, 1))

    return leakage


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
