"""The defended footprint of a fire unit: the ground aim points that it can defend, by arrival azimuth, low, likely and high."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from closedsky.catalogue.figures import used
from closedsky.catalogue.library import Catalogue
from closedsky.errors import Fault, RequestError, TerrainError
from closedsky.footprint.request import (
    ENDS,
    MORE,
    MOST_CELLS,
    Asked,
    FootprintRequest,
    asked,
    away,
    cell_m_of,
    faults_named,
    reach_m,
)
from closedsky.footprint.survey import Aims, Survey
from closedsky.geo.terrain import Terrain, read_terrain
from closedsky.model.footprint import (
    Defended,
    FootprintAnswer,
    FootprintThreat,
    FootprintUnit,
)
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.physics.ground import Ground
from closedsky.progress import Progress
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import Loaded
from closedsky.scenario.sides import End, left_as_chosen, situation_at
from closedsky.scenario.situation import Situation, resolve
from closedsky.threads import threads_to_use


@dataclass(frozen=True, eq=False)
class Footprints:
    """A defended footprint: the answer, the survey of each end and azimuth, and the terrain used."""

    answer: FootprintAnswer
    surveys: dict[tuple[End, float], Survey]
    terrain: Terrain


def defended_footprint(
    request: FootprintRequest | Asked,
    catalogue: Catalogue | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Footprints:
    """Compute the defended footprint of a fire unit against ballistic missiles, low, likely and high.

    Parameters
    ----------
    request : the unit, its place, the missile and the options; or one that was checked before (`request.asked`)
    catalogue : folder of your own entries, which extend or replace the shipped ones; or a loaded catalogue
    threads : number of threads; all processors by default
    progress : called with what is computed, how much is done and how much there is

    Returns
    -------
    Footprints
        The answer (`answer`), the survey of each end and azimuth (`surveys`), and the terrain used (`terrain`).

    Raises
    ------
    RequestError
        For a number out of range, a system that does not engage ballistic missiles, or a missile without a flight to the target.
    CatalogueError
        For a system or threat that the catalogue does not have, or a faulty folder of entries.
    TerrainError
        For terrain that cannot be read or does not cover the unit.

    Example
    -------
    >>> request = closedsky.FootprintRequest("patriot-pac-3-mse", (33.3, 44.4), range_km=600)
    >>> closedsky.defended_footprint(request).answer.likely[0].area_km2
    """
    request, catalogue, system, threat, range_m, loaded = request if isinstance(request, Asked) else asked(request, catalogue)
    base = resolve(loaded.reference, catalogue)
    terrain = _terrain(request, base, system)
    ground = terrain.ground
    surveys: dict[tuple[End, float], Survey] = {}
    found: dict[End, list[Defended]] = {end: [] for end in ENDS}
    cell_m = cell_m_of(request, system)
    for end in request.ends:
        there = situation_at(base, end)
        for azimuth in request.azimuths:
            aims = _aims(request, there, ground, threat, range_m, azimuth, threads)
            if progress is not None:
                of = len(request.ends) * len(request.azimuths)
                aims = replace(aims, progress=_told(progress, f"{end}, from {azimuth:03.0f}°", len(surveys), of))
            surveys[end, azimuth] = _surveyed(aims, cell_m)
            found[end].append(_defended(request, surveys[end, azimuth], aims))
    arrival_mps = _aims(request, base, ground, threat, range_m, request.azimuths[0], threads).arrival_mps()
    unit, shot = _unit(request, base, system), _threat(request, threat, range_m, arrival_mps)
    answer = FootprintAnswer(
        unit=unit, threat=shot, opportunities=request.opportunities, together=request.together, cell_km=cell_m / 1000.0,
        terrain=terrain.used(),
        catalogue_hash=catalogue.hash,
        assumed=used(figure for _, figure in base.figures()),
        left_as_chosen=tuple(name for name, _ in left_as_chosen(base)),
        warnings=_warnings(request, loaded, base, terrain, surveys),
        low=tuple(found["low"]), likely=tuple(found["likely"]), high=tuple(found["high"]),
    )  # fmt: skip
    return Footprints(answer, surveys, terrain)


def _aims(
    request: FootprintRequest,
    situation: Situation,
    ground: Ground,
    threat: Threat,
    range_m: float,
    azimuth_deg: float,
    threads: int | None,
) -> Aims:
    """The missiles from one azimuth; a unit without a heading faces it."""
    scenario = situation.scenario
    if request.heading_deg is None:
        turned = scenario.defence[0].model_copy(update={"heading_deg": azimuth_deg})
        scenario = scenario.model_copy(update={"defence": (turned,)})
    return Aims(
        replace(situation, scenario=scenario), ground, threat.id, azimuth_deg, range_m,
        None if request.apogee_km is None else 1000.0 * request.apogee_km, request.together, request.opportunities + MORE,
        threads_to_use(threads),
    )  # fmt: skip


def _told(progress: Progress, what: str, done: int, of: int) -> Callable[[int], None]:
    """A callback that reports the number of aim points computed so far; their total is not known beforehand."""
    asked = 0

    def told(more: int) -> None:
        nonlocal asked
        asked += more
        progress(f"{what}: {asked} aim points", done, of)

    progress(what, done, of)
    return told


def _surveyed(aims: Aims, cell_m: float) -> Survey:
    ahead_m, behind_m, side_m = aims.box()
    cells = (ahead_m + behind_m) * 2.0 * side_m / cell_m**2
    if cells > MOST_CELLS:
        least_km = cell_m * math.sqrt(cells / MOST_CELLS) / 1000.0
        raise RequestError(
            Fault(
                f"{cell_m / 1000:g} km make {cells:.0f} aim points",
                "--cell",
                f"at most {MOST_CELLS}: give {least_km:.2g} or more",
            )
        )
    return aims.survey(cell_m)


def _terrain(request: FootprintRequest, situation: Situation, system: System) -> Terrain:
    """The terrain within reach of the unit and some way towards the launch points; TerrainError if it does not cover the unit."""
    scenario = situation.scenario
    spec = scenario.environment.terrain
    if isinstance(spec, str):
        with faults_named("--terrain"):
            return read_terrain(spec)
    far_m = 3.0 * reach_m(system)
    corners = [away(scenario.defence[0].at, corner, far_m) for corner in (45.0, 135.0, 225.0, 315.0)]
    assets = tuple(scenario.assets[0].model_copy(update={"id": f"corner-{i}", "at": tuple(at)}) for i, at in enumerate(corners))
    origins = [away(scenario.defence[0].at, azimuth, 3.0 * terrain_extent.REACH_DEG * 111_000.0) for azimuth in request.azimuths]
    flights = [scenario.raid[0].motion.model_copy(update={"origin": tuple(at)}) for at in origins]
    raid = tuple(scenario.raid[0].model_copy(update={"id": f"flight-{i}", "motion": motion}) for i, motion in enumerate(flights))
    box = terrain_extent.region([scenario.model_copy(update={"assets": (*scenario.assets, *assets), "raid": raid})])
    with faults_named("--terrain"):
        terrain = read_terrain(spec.model_dump(), box)
    if not terrain.covers(*scenario.defence[0].at):
        lat, lon = scenario.defence[0].at
        raise TerrainError(
            Fault(f"{lat:g}, {lon:g} is outside {terrain.name}", "--at", "put the unit on it, or name another terrain")
        )
    return terrain


def _defended(request: FootprintRequest, made: Survey, aims: Aims) -> Defended:
    ahead, behind, left, right = (None if math.isnan(reach) else reach / 1000.0 for reach in made.reach_m(request.opportunities))
    areas = tuple(made.area_m2(least) / 1e6 for least in range(1, request.opportunities + MORE + 1))
    return Defended(
        from_deg=aims.azimuth_deg, area_km2=areas[request.opportunities - 1], ahead_km=ahead, behind_km=behind, left_km=left,
        right_km=right, area_by_opportunities_km2=areas, why_none=aims.why_none() if ahead is None else None,
    )  # fmt: skip


def _unit(request: FootprintRequest, situation: Situation, system: System) -> FootprintUnit:
    against = [system.missiles[name].targets.get("aircraft") for name in system.fire_unit.load]
    return FootprintUnit(
        system=system.id, name=system.name, at=situation.scenario.defence[0].at,
        sector_deg=math.degrees(system.radars[system.fire_unit.engagement_radar].sector.si), heading_deg=request.heading_deg,
        intercept_range_km=reach_m(system) / 1000.0,
        brochure_km=max((envelope.range_max.si / 1000.0 for envelope in against if envelope), default=0.0),
    )  # fmt: skip


def _threat(request: FootprintRequest, threat: Threat, range_m: float, arrival_mps: float) -> FootprintThreat:
    return FootprintThreat(
        id=threat.id, name=threat.name, range_km=range_m / 1000.0, apogee_km=request.apogee_km, arrival_mps=round(arrival_mps, 1)
    )


def _warnings(
    request: FootprintRequest, loaded: Loaded, situation: Situation, terrain: Terrain, surveys: dict[tuple[End, float], Survey]
) -> tuple[str, ...]:
    said = [text for texts in loaded.warnings.values() for text in texts if "face the middle" not in text]
    said += terrain.notes
    unit = situation.scenario.defence[0]
    said += terrain_extent.without_ground([("the unit", unit.at)], terrain)
    if terrain.is_upper_bound:
        said.append(f"terrain of {terrain.posting_m / 1000:.0f} km posting hides ridges: what is seen is an upper bound")
    off = 0
    for (_, azimuth), made in () if terrain.wraps else surveys.items():
        for i, j in zip(*np.nonzero(made.counts >= request.opportunities), strict=True):
            bearing = azimuth + math.degrees(math.atan2(made.right_m[j], made.along_m[i]))
            off += not terrain.covers(*away(unit.at, bearing, math.hypot(made.right_m[j], made.along_m[i])))
    if off:
        said.append(f"{off} of the aim points lie outside the terrain, where the ground goes on as at its edge")
    return tuple(said)
