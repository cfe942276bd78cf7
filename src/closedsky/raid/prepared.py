"""Prepare a raid: the geometry of one variant, once for any number of trials."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from closedsky.engine.layout import Packed, Tables
from closedsky.engine.pack import Alike, Names, pack
from closedsky.engine.tables import geometry
from closedsky.engine.tables.known import Known
from closedsky.geo.terrain import Terrain
from closedsky.progress import Progress
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import Loaded, known_variants, terrain_of
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

    @property
    def value(self) -> float:
        """Total value of the assets."""
        return sum(asset.value for asset in self.situation.scenario.assets)

    @cached_property
    def loaded(self) -> list[int]:
        """Rounds on the launchers and beside them, per magazine."""
        magazines = self.packed.defence.magazines
        return [int(rounds) for rounds in magazines["rounds"] + magazines["spare"]]


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
    return prepared_of(name, resolve(loaded.variants[name], loaded.catalogue), terrain_of(loaded, name), threads, progress)


def prepared_of(
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
