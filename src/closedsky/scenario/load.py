"""Load a scenario from a file, a shipped example or plain data, and run every check."""

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
from closedsky.model.scenario import FORMAT, Scenario
from closedsky.output import write_whole
from closedsky.physics.shore import Shore, shore
from closedsky.scenario import checks, coast, command_checks, swapped, terrain_extent
from closedsky.scenario.read import Draft, as_document, read_scenario
from closedsky.yaml import read_yaml


@dataclass(frozen=True)
class Loaded:
    """A scenario that has passed every check, with all its variants; the first variant is the reference.

    name       id of the scenario
    variants   scenario by name of the variant
    warnings   warnings of the checks by name of the variant
    catalogue  the catalogue that the checks used
    """

    name: str
    variants: dict[str, Scenario]
    warnings: dict[str, tuple[str, ...]]
    catalogue: Catalogue
    folder: Path
    """Folder that relative paths of the scenario refer to."""

    @property
    def reference(self) -> Scenario:
        """The first variant."""
        return next(iter(self.variants.values()))


def examples() -> dict[str, Path]:
    """The shipped example scenarios.

    Returns
    -------
    dict
        Path of the scenario file by name.

    Example
    -------
    >>> sorted(closedsky.examples())
    """
    folder = Path(str(files("closedsky").joinpath("examples")))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def find(scenario: str | Path) -> Path:
    """The file that `scenario` refers to: a path, or the name of a shipped example."""
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
    """Load a scenario and check it.

    Parameters
    ----------
    scenario : path of a file, name of a shipped example, or the data of a scenario file
    catalogue : folder of your own entries, which extend or replace the shipped ones; or a loaded catalogue

    Returns
    -------
    Loaded
        The scenario with its variants, warnings and catalogue.

    Raises
    ------
    ScenarioError
        With every fault found.
    CatalogueError
        For a faulty folder of entries.
    RequestError
        If there is neither a file nor an example of that name.

    Example
    -------
    >>> loaded = closedsky.load("first-battery")
    """
    draft = _draft(scenario)
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    faults = dict.fromkeys(draft.faults)
    warnings: dict[str, tuple[str, ...]] = {}
    for name, variant in draft.variants.items():
        findings = checks.check(variant, catalogue) + command_checks.check(variant, catalogue)
        if coast.has_sea(variant):
            findings += coast.check(variant, catalogue, world_shore())
        findings += swapped.check(variant)
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
    """The world's coastline in the form that kernels take."""
    return shore([np.radians(line) for line in land().coasts])


def check(scenario: str | Path | Mapping[str, Any], catalogue: Catalogue | Path | None = None) -> list[str]:
    """Check a scenario, its terrain included.

    Parameters
    ----------
    scenario, catalogue : as of `load`

    Returns
    -------
    list of str
        The warnings; with several variants, prefixed with the variant's name. Of a file in an older format, first a note that says so.

    Raises
    ------
    ScenarioError
        With every fault found.
    TerrainError
        For terrain that cannot be read or does not cover the scenario.
    CatalogueError, RequestError
        As `load`.

    Example
    -------
    >>> closedsky.check("first-battery")
    """
    loaded = load(scenario, catalogue)
    several = len(loaded.variants) > 1
    warnings = {
        name: [*loaded.warnings[name], *terrain_extent.warnings(variant, terrain_of(loaded, name))]
        for name, variant in loaded.variants.items()
    }
    told = [f"{name}: {text}" if several else text for name, texts in warnings.items() for text in texts]
    version = next(iter(loaded.variants.values())).closedsky
    note = (
        f"format {version} is read as before; begin the file with 'closedsky: {FORMAT}' to use the fields that it does not have"
    )
    return [note, *told] if version < FORMAT else told


def terrain_of(loaded: Loaded, variant: str) -> Terrain:
    """The terrain of a variant, over the extent that all variants with it need; TerrainError if it does not cover the scenario."""
    return terrain_extent.terrain_of(loaded.variants.values(), loaded.variants[variant], loaded.folder)


def known_variants(loaded: Loaded, names: Sequence[str]) -> None:
    """Raise RequestError for a variant that the scenario does not have."""
    for name in names:
        if name not in loaded.variants:
            fix = f"{did_you_mean(name, loaded.variants)}variants: {', '.join(loaded.variants)}"
            raise RequestError(Fault(f"{loaded.name} has no variant '{name}'", "--variant", fix))


def title_of(path: Path) -> str:
    """The title of a scenario file. Raises ScenarioError if it cannot be read."""
    return str(read_yaml(path).data["title"])


def copy_example(name: str, target: Path) -> Path:
    """Copy the shipped example `name` to the file `target`, which must not exist, and return it. Raises RequestError, OutputError."""
    source = examples().get(name)
    if source is None:
        raise RequestError(Fault(f"'{name}' is not a shipped example", "NAME", f"examples: {', '.join(examples())}"))
    if target.exists():
        raise OutputError(Fault("the file is there already", str(target), "name another, or remove it"))
    try:
        write_whole(target, source.read_bytes())
    except OSError as error:
        raise OutputError(
            Fault(f"cannot write here ({error.strerror})", str(target), "name a file in a folder you may write to")
        ) from error
    return target
