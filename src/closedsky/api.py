"""Everything the command line does, for scripts and notebooks: load, check, run, replay.

>>> import closedsky
>>> scenario = closedsky.load("first-battery")
>>> result = closedsky.run(scenario, trials=2000, seed=7)
>>> result.variants[0].metric("leakage_per_launched").mean
"""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.catalogue.library import Catalogue, load_catalogue, uncertain
from closedsky.catalogue.library import cite as bibliography
from closedsky.engine import results
from closedsky.engine import run as engine
from closedsky.engine.layout import Outcomes, Packed, Records, Tables
from closedsky.engine.pack import Names, heading_deg, pack
from closedsky.engine.tables import geometry
from closedsky.errors import Fault, RequestError, ScenarioError
from closedsky.geo.floor import floor as floor
from closedsky.geo.floor import raster_round as raster_round
from closedsky.geo.land import land
from closedsky.geo.terrain import Terrain
from closedsky.model.claim import Source
from closedsky.model.scenario import Scenario
from closedsky.physics.ground import Ground
from closedsky.physics.shore import Shore, shore
from closedsky.raid import sensitivity
from closedsky.scenario import checks
from closedsky.scenario import coast as ashore
from closedsky.scenario import terrain_extent as surroundings
from closedsky.scenario.read import Draft, as_document, read_scenario
from closedsky.scenario.situation import Situation, resolve
from closedsky.yaml import read_yaml

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and out of how much."""


@dataclass(frozen=True)
class Loaded:
    """A scenario that has passed every check, with all its variants; the first is the reference."""

    name: str
    variants: dict[str, Scenario]
    warnings: dict[str, tuple[str, ...]]
    catalogue: Catalogue
    folder: Path
    """Where paths in the scenario count from."""

    @property
    def reference(self) -> Scenario:
        """The first variant."""
        return next(iter(self.variants.values()))


@dataclass(frozen=True)
class Prepared:
    """One variant with its geometry worked out: ready for any number of trials."""

    name: str
    situation: Situation
    terrain: Terrain
    packed: Packed
    tables: Tables
    names: Names

    @cached_property
    def loaded(self) -> list[int]:
        """Rounds on the launchers, a magazine each."""
        return [int(rounds) for rounds in self.packed.magazines["rounds"]]


def examples() -> dict[str, Path]:
    """The shipped scenarios by name."""
    folder = Path(str(files("closedsky").joinpath("examples")))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def find(scenario: str | Path) -> Path:
    """The file that `scenario` means: a path, or the name of a shipped example."""
    path = Path(scenario)
    if path.exists() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    shipped = examples()
    if str(scenario) in shipped:
        return shipped[str(scenario)]
    close = difflib.get_close_matches(str(scenario), shipped, n=1, cutoff=0.4)
    raise RequestError(
        Fault(
            f"there is no file and no example called '{scenario}'",
            "SCENARIO",
            (f"did you mean '{close[0]}'? " if close else "") + f"examples: {', '.join(shipped)}",
        )
    )


def _draft(scenario: str | Path | Mapping[str, Any]) -> Draft:
    document = as_document(scenario) if isinstance(scenario, Mapping) else read_yaml(find(scenario))
    return read_scenario(document)


def load(scenario: str | Path | Mapping[str, Any], catalogue: Catalogue | Path | None = None) -> Loaded:
    """Read a scenario: a file, the name of an example, or the data such a file holds.

    `catalogue` is a folder of your own entries that extends or overrides the shipped one, or a catalogue loaded before.
    Raises ScenarioError with every fault found.
    """
    draft = _draft(scenario)
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    faults = dict.fromkeys(draft.faults)
    warnings: dict[str, tuple[str, ...]] = {}
    for name, variant in draft.variants.items():
        findings = checks.check(variant, catalogue)
        if ashore.has_sea(variant):
            findings += ashore.check(variant, catalogue, coast())
        for finding in findings:
            if finding.fault:
                faults[Fault(finding.what, draft.where(name, finding.path), finding.fix)] = None
        for path, fault in surroundings.unknown_places(variant):
            faults[Fault(fault.what, draft.where(name, path), fault.fix)] = None
        warnings[name] = tuple(finding.what for finding in findings if not finding.fault)
    if faults:
        raise ScenarioError(*faults)
    folder = Path() if isinstance(scenario, Mapping) else find(scenario).parent
    return Loaded(next(iter(draft.variants.values())).name, draft.variants, warnings, catalogue, folder.absolute())


@lru_cache(maxsize=1)
def coast() -> Shore:
    """The coasts of the world as the kernels take them."""
    return shore([np.radians(line) for line in land().coasts])


def check(scenario: str | Path | Mapping[str, Any], catalogue: Catalogue | Path | None = None) -> list[str]:
    """Check a scenario. Raises ScenarioError with every fault; returns the warnings."""
    loaded = load(scenario, catalogue)
    several = len(loaded.variants) > 1
    warnings = {
        name: [*loaded.warnings[name], *surroundings.warnings(variant, terrain_of(loaded, name))]
        for name, variant in loaded.variants.items()
    }
    return [f"{name}: {text}" if several else text for name, texts in warnings.items() for text in texts]


def prepare(loaded: Loaded, variant: str | None = None, threads: int | None = None, progress: Progress | None = None) -> Prepared:
    """Work out the geometry of one variant (the reference if none is named)."""
    name = variant or next(iter(loaded.variants))
    known_variants(loaded, [name])
    return _prepare(name, resolve(loaded.variants[name], loaded.catalogue), terrain_of(loaded, name), threads, progress)


def terrain_of(loaded: Loaded, variant: str) -> Terrain:
    """The ground of a variant, as far as it and the others need it. Raises TerrainError for what lies outside it."""
    return surroundings.terrain_of(loaded.variants.values(), loaded.variants[variant], loaded.folder)


def _prepare(
    name: str, situation: Situation, terrain: Terrain, threads: int | None, progress: Progress | None = None
) -> Prepared:
    ground = ground_of(terrain)
    packed, names = pack(situation, ground, threads or os.cpu_count() or 1)
    report = None if progress is None else (lambda done, of: progress(f"{name}: geometry", done, of))
    tables = geometry.build(packed, ground, _threads(threads), report)
    return Prepared(name, situation, terrain, packed, tables, names)


def ground_of(terrain: Terrain) -> Ground:
    """The terrain as the kernels take it."""
    return Ground(terrain.grid, terrain.north_rad, terrain.west_rad, terrain.lat_step_rad, terrain.lon_step_rad)


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
        outcomes = engine.run(prepared.packed, prepared.tables, seed, trials, _threads(threads), stop, report)
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


def _answer(loaded: Loaded, prepared: Prepared, outcomes: Outcomes) -> results.VariantResult:
    scenario = prepared.situation.scenario
    warnings = [*loaded.warnings[prepared.name], *surroundings.warnings(scenario, prepared.terrain)]
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
            for item in sensitivity.movers(one.name, one.situation, outcomes_of, _threads(threads), progress)
        ]
        movers = sensitivity.most_influential(found)
    return results.Assumed(count=len(weak), of=len(every), most_influential=movers)


def _threads(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return _positive("--threads", threads, most=1024)


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


def known_variants(loaded: Loaded, names: Sequence[str]) -> None:
    """Raise RequestError for a variant that the scenario does not have."""
    for name in names:
        if name not in loaded.variants:
            close = difflib.get_close_matches(name, loaded.variants, n=1, cutoff=0.4)
            fix = (f"did you mean '{close[0]}'? " if close else "") + f"variants: {', '.join(loaded.variants)}"
            raise RequestError(Fault(f"{loaded.name} has no variant '{name}'", "--variant", fix))


def story(prepared: Prepared, log: Records) -> list[results.Event]:
    """The events of a replayed trial, with names."""
    return results.story(log, prepared.names)


def cite(scenario: str | Path | Mapping[str, Any] | Loaded) -> list[tuple[str, Source, list[str]]]:
    """Bibliography of a scenario over all its variants: source id, source, and the figures it serves."""
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    situations = [resolve(variant, loaded.catalogue) for variant in loaded.variants.values()]
    entries = {entry.id: entry for situation in situations for entry in situation.entries()}
    sources = {name: source for situation in situations for name, source in situation.sources.items()}
    served = {source: (known, paths) for source, known, paths in bibliography(entries.values(), sources)}
    for reported in loaded.reference.reported:
        for source in reported.source:
            served.setdefault(source, (sources[source], []))[1].append(f"reported.{reported.metric}")
    return [(source, known, paths) for source, (known, paths) in served.items()]
