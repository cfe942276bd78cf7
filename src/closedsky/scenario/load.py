"""From a scenario file, an example's name or plain data to a scenario that has passed every check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.errors import Fault, OutputError, RequestError, ScenarioError, did_you_mean
from closedsky.geo.land import land
from closedsky.geo.terrain import Terrain
from closedsky.model.scenario import Scenario
from closedsky.physics.shore import Shore, shore
from closedsky.scenario import checks, coast, terrain_extent
from closedsky.scenario.read import Draft, as_document, read_scenario
from closedsky.yaml import read_yaml


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
    raise RequestError(
        Fault(
            f"there is no file and no example called '{scenario}'",
            "SCENARIO",
            f"{did_you_mean(str(scenario), shipped)}examples: {', '.join(shipped)}",
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
        if coast.has_sea(variant):
            findings += coast.check(variant, catalogue, world_shore())
        for finding in findings:
            if finding.fault:
                faults[Fault(finding.what, draft.where(name, finding.path), finding.fix)] = None
        for path, fault in terrain_extent.unknown_places(variant):
            faults[Fault(fault.what, draft.where(name, path), fault.fix)] = None
        warnings[name] = tuple(finding.what for finding in findings if not finding.fault)
    if faults:
        raise ScenarioError(*faults)
    folder = Path() if isinstance(scenario, Mapping) else find(scenario).parent
    return Loaded(next(iter(draft.variants.values())).name, draft.variants, warnings, catalogue, folder.absolute())


@lru_cache(maxsize=1)
def world_shore() -> Shore:
    """The coasts of the world as the kernels take them."""
    return shore([np.radians(line) for line in land().coasts])


def check(scenario: str | Path | Mapping[str, Any], catalogue: Catalogue | Path | None = None) -> list[str]:
    """Check a scenario. Raises ScenarioError with every fault; returns the warnings."""
    loaded = load(scenario, catalogue)
    several = len(loaded.variants) > 1
    warnings = {
        name: [*loaded.warnings[name], *terrain_extent.warnings(variant, terrain_of(loaded, name))]
        for name, variant in loaded.variants.items()
    }
    return [f"{name}: {text}" if several else text for name, texts in warnings.items() for text in texts]


def terrain_of(loaded: Loaded, variant: str) -> Terrain:
    """The ground of a variant, as far as it and the others need it. Raises TerrainError for what lies outside it."""
    return terrain_extent.terrain_of(loaded.variants.values(), loaded.variants[variant], loaded.folder)


def known_variants(loaded: Loaded, names: Sequence[str]) -> None:
    """Raise RequestError for a variant that the scenario does not have."""
    for name in names:
        if name not in loaded.variants:
            fix = f"{did_you_mean(name, loaded.variants)}variants: {', '.join(loaded.variants)}"
            raise RequestError(Fault(f"{loaded.name} has no variant '{name}'", "--variant", fix))


def title_of(path: Path) -> str:
    """Title of a scenario file."""
    return str(read_yaml(path).data["title"])


def copy_example(name: str, target: Path) -> Path:
    """Copy a shipped example to `target`, which must not exist."""
    source = examples().get(name)
    if source is None:
        raise RequestError(Fault(f"'{name}' is not a shipped example", "NAME", f"examples: {', '.join(examples())}"))
    if target.exists():
        raise OutputError(Fault("the file is there already", str(target), "name another, or remove it"))
    try:
        target.write_bytes(source.read_bytes())
    except OSError as error:
        raise OutputError(
            Fault(f"cannot write here ({error.strerror})", str(target), "name a file in a folder you may write to")
        ) from error
    return target
