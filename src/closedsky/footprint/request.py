"""The defended footprint of a fire unit: which aim points of ballistic missiles it can defend, by azimuth, range and apogee."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.catalogue.library import Catalogue, load_catalogue, uncertain
from closedsky.errors import CatalogueError, Fault, RequestError, ScenarioError, TerrainError
from closedsky.footprint.figure import draw_footprint
from closedsky.footprint.report import Maps, footprint_geojson
from closedsky.footprint.survey import Aims, Survey
from closedsky.geo.terrain import Terrain, read_terrain
from closedsky.model.footprint import (
    Defended,
    FootprintAnswer,
    FootprintAssumed,
    FootprintTerrain,
    FootprintThreat,
    FootprintUnit,
)
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.output import output_folder
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.ground import Ground
from closedsky.progress import Progress
from closedsky.scenario import terrain_extent
from closedsky.scenario.checks import SHORTEST_BALLISTIC_M
from closedsky.scenario.load import Loaded, load
from closedsky.scenario.sides import End, left_as_chosen, situation_at
from closedsky.scenario.situation import Situation, resolve
from closedsky.threads import threads_to_use

LatLon = tuple[float, float]

ENDS: tuple[End, ...] = ("low", "likely", "high")
COMPASS = tuple(range(0, 360, 45))
CELLS_A_RANGE = 20.0
MOST_CELLS = 200_000
LEAST_KM, MOST_KM = SHORTEST_BALLISTIC_M / 1000.0, 20_000.0
"""Ranges that can be asked for."""
MORE = 2
"""Opportunities counted beyond those asked for."""
_UNIT = "unit"


@dataclass(frozen=True)
class Request:
    """What is asked: a system of the catalogue at a place (degrees), fired at by ballistic missiles from azimuths (degrees).

    Of `threat` and `range_km` one may be left out: a threat flies as far as it can, a range is flown by the threat of least reach that
    reaches it. Without a heading a unit with a sector faces each azimuth in turn. `environment` is as in a scenario.
    """

    system: str
    at: LatLon
    heading_deg: float | None = None
    threat: str | None = None
    range_km: float | None = None
    apogee_km: float | None = None
    azimuths: tuple[float, ...] = COMPASS
    opportunities: int = 1
    together: int = 1
    cell_km: float | None = None
    terrain: str = "world"
    ends: tuple[End, ...] = ENDS
    antenna_height_m: float | None = None
    environment: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Footprints:
    """The answer, with the map of each end and azimuth, and the ground it stands on."""

    answer: FootprintAnswer
    surveys: dict[tuple[End, float], Survey]
    terrain: Terrain


def footprint(
    request: Request,
    catalogue: Catalogue | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Footprints:
    """The defended footprint, low, likely and high. Raises RequestError, CatalogueError or TerrainError for what cannot be asked."""
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    _in_bounds(request)
    system = _engages_ballistic(catalogue, request.system)
    threat, range_m = _flown(catalogue, request)
    loaded = _checked(request, threat, range_m, catalogue)
    base = resolve(loaded.reference, catalogue)
    terrain = _terrain(request, base, system)
    ground = terrain.ground
    surveys: dict[tuple[End, float], Survey] = {}
    found: dict[End, list[Defended]] = {end: [] for end in ENDS}
    cell_m = _cell_m(request, system)
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
    unit, flown = _unit(request, base, system), _threat(request, threat, range_m, arrival_mps)
    figures = base.figures()
    answer = FootprintAnswer(
        unit=unit, threat=flown, opportunities=request.opportunities, together=request.together, cell_km=cell_m / 1000.0,
        terrain=FootprintTerrain(name=terrain.name, posting_m=round(terrain.posting_m, 1), label=terrain.label()),
        catalogue_hash=catalogue.hash,
        assumed=FootprintAssumed(count=len(uncertain(figure for _, figure in figures)), of=len(figures)),
        left_as_chosen=tuple(name for name, _ in left_as_chosen(base)),
        warnings=_warnings(request, loaded, base, terrain, surveys),
        low=tuple(found["low"]), likely=tuple(found["likely"]), high=tuple(found["high"]),
    )  # fmt: skip
    return Footprints(answer, surveys, terrain)


def write(target: Path, made: Footprints, *, force: bool = False) -> list[str]:
    """Write a footprint to a folder: the answer, the defended areas, a picture. Returns the file names."""
    maps: Maps = {key: (one.along_m, one.right_m, one.counts) for key, one in made.surveys.items()}
    with output_folder(target, force) as folder:
        (folder / "footprint.json").write_text(made.answer.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (folder / "footprint.geojson").write_text(footprint_geojson(made.answer, maps), encoding="utf-8")
        sources = f"closedsky; figures: see 'closedsky systems {made.answer.unit.system}'. Ground: {made.terrain.source}."
        draw_footprint(folder / "footprint.png", made.answer, maps, sources)
        return sorted(file.name for file in folder.iterdir())


# ---------------------------------------------------------------- what is asked


def _in_bounds(request: Request) -> None:
    limits: tuple[tuple[str, float | None, float, float], ...] = (
        ("--opportunities", request.opportunities, 1, 20),
        ("--together", request.together, 1, 64),
        ("--cell", request.cell_km, 0.05, 50.0),
        ("--apogee", request.apogee_km, 0.001, 3000.0),
        ("--heading", request.heading_deg, -360.0, 360.0),
        *(("--from", azimuth, -360.0, 360.0) for azimuth in request.azimuths),
    )
    faults = [
        Fault(f"{value:g} is not from {low:g} to {high:g}", flag, "give a number in that range")
        for flag, value, low, high in limits
        if value is not None and not low <= value <= high
    ]
    if request.range_km is not None and not 0.0 < request.range_km <= MOST_KM:
        faults.append(
            Fault(
                f"no missile flies {request.range_km:g} km",
                "--range",
                f"give how far it flies, in km, from {LEAST_KM:g} to {MOST_KM:g}",
            )
        )
    if not request.azimuths:
        faults.append(Fault("no azimuth", "--from", "give one or more, in degrees, or all"))
    if faults:
        raise RequestError(*faults)


def _engages_ballistic(catalogue: Catalogue, name: str) -> System:
    """The system, which has a missile against ballistic targets on its launchers and orders to use it; or a RequestError that says so."""
    with _named("UNIT"):
        system = catalogue.system(name)
    orders = system.fire_unit.doctrine.get("ballistic")
    if _reach_m(system) == 0.0 or orders is None or orders.hold:
        able = [key for key in catalogue.systems if _reach_m(catalogue.system(key)) > 0.0]
        why = "no missile on its launchers engages" if _reach_m(system) == 0.0 else "its doctrine holds fire on"
        raise RequestError(
            Fault(
                f"{system.name} defends no ground against ballistic missiles: {why} them",
                "UNIT",
                f"those that do: {', '.join(able)}",
            )
        )
    return system


def _reach_m(system: System) -> float:
    """Greatest published range of the missiles it is loaded with against ballistic targets; 0 if there is none."""
    missiles = (system.missiles[name] for name in system.fire_unit.load)
    return max((missile.targets["ballistic"].range_max.si for missile in missiles if "ballistic" in missile.targets), default=0.0)


def _flown(catalogue: Catalogue, request: Request) -> tuple[Threat, float]:
    """Which missile is flown, and over what range, m."""
    if request.threat is None:
        if request.range_km is None:
            raise RequestError(
                Fault("neither a threat nor a range", "--threat", "name a ballistic missile, or give --range in km")
            )
        threat = _of_range(catalogue, request.range_km)
    else:
        with _named("--threat"):
            threat = catalogue.threat(request.threat)
    if threat.target_class != "ballistic":
        raise RequestError(
            Fault(f"{threat.name} is no ballistic missile", "--threat", "for what flies through the air: closedsky cover")
        )
    range_m = threat.range_max.si if request.range_km is None else 1000.0 * request.range_km
    return threat, range_m


def _of_range(catalogue: Catalogue, range_km: float) -> Threat:
    """The ballistic missile of the catalogue with the least reach that is enough."""
    every = [catalogue.threat(key) for key in catalogue.threats]
    missiles = sorted((one for one in every if one.target_class == "ballistic"), key=lambda one: (one.range_max.si, one.id))
    enough = [one for one in missiles if one.range_max.si >= 1000.0 * range_km]
    if not enough:
        farthest = missiles[-1]
        raise RequestError(
            Fault(
                f"no ballistic missile of the catalogue flies {range_km:g} km",
                "--range",
                f"at most {farthest.range_max.value:g} {farthest.range_max.unit} ({farthest.id}); "
                "or add one in a folder of your own, --catalogue DIR",
            )
        )
    return enough[0]


def _ground(request: Request) -> Any:
    if request.terrain in ("world", "flat"):
        return request.terrain
    return (
        {"tiles": request.terrain} if request.terrain in ("glo90", "glo30") else {"file": str(Path(request.terrain).absolute())}
    )


def _checked(request: Request, threat: Threat, range_m: float, catalogue: Catalogue) -> Loaded:
    """A scenario with one flight, at the unit itself, which passes every check; faults name the flags they come from."""
    lat, lon = request.at[0], request.at[1] if abs(request.at[1]) <= 180.0 else (request.at[1] + 180.0) % 360.0 - 180.0
    data = {
        "closedsky": 1,
        "name": "footprint",
        "title": f"Defended footprint of {request.system}",
        "environment": {**request.environment, "terrain": _ground(request)},
        "defence": [
            {
                "id": _UNIT, "system": request.system, "at": [lat, lon],
                "heading_deg": request.heading_deg, "antenna_height_m": request.antenna_height_m,
            }
        ],
        "assets": [{"id": "aim", "at": [lat, lon], "offshore": True}],
        "raid": [
            {
                "id": "flight", "threat": threat.id,
                "motion": {
                    "kind": "ballistic", "target": "aim", "offshore": True, "origin": _away((lat, lon), request.azimuths[0], range_m),
                    "apogee_m": None if request.apogee_km is None else 1000.0 * request.apogee_km,
                },
            }
        ],
    }  # fmt: skip
    try:
        return load(data, catalogue)
    except ScenarioError as error:
        raise RequestError(*(Fault(_said(one.what), _flag(one.where), _said(one.fix)) for one in error.faults)) from error


@contextmanager
def _named(flag: str) -> Iterator[None]:
    """Faults of what a flag names are that flag's."""
    try:
        yield
    except (CatalogueError, TerrainError) as error:
        told = [
            Fault(one.what if one.where == "catalogue" else f"{one.where}: {one.what}", flag, _said(one.fix))
            for one in error.faults
        ]
        raise type(error)(*told) from error


# What a scenario calls what a flag says; an aim point is asked for by no one, and a footprint's unit stands on land.
_WORDS = (
    (", or `offshore: true` if it is on a ship, a platform or an island too small for the map", ""),
    (" (in a scenario it counts from the scenario's own folder)", ""),
    ("leave apogee_m out", "leave --apogee out"),
    ("launch from at most", "give at most"),
    (f"launch at least {LEAST_KM:.0f} km away", f"give at least {LEAST_KM:.0f} km"),
)


def _said(text: str) -> str:
    """What a check says of a scenario, to who gave flags."""
    for word, ours in _WORDS:
        text = text.replace(word, ours)
    return text


_FLAGS = (
    ("apogee_m", "--apogee"),
    ("origin", "--range"),
    ("heading", "--heading"),
    ("at", "--at"),
    ("environment", "environment"),
)


def _flag(where: str) -> str:
    """The flag that a field of the scenario comes from."""
    *_, field_name = where.replace("[", ".").split(".")
    return next((flag for name, flag in _FLAGS if name in where.replace("[", ".").split(".")), field_name)


def _away(at: LatLon, azimuth_deg: float, distance_m: float) -> list[float]:
    """The place at a distance in a direction on the sphere, degrees: near enough to check, before the Earth's figure is known."""
    angle, azimuth, lat = distance_m / EARTH_RADIUS_M, math.radians(azimuth_deg), math.radians(at[0])
    there = math.asin(math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(azimuth))
    east = math.atan2(math.sin(azimuth) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * math.sin(there))
    return [math.degrees(there), (at[1] + math.degrees(east) + 180.0) % 360.0 - 180.0]


# ---------------------------------------------------------------- how it is worked out


def _cell_m(request: Request, system: System) -> float:
    """Side of a cell: as asked, or a round figure of about a twentieth of the missile's range."""
    if request.cell_km is not None:
        return 1000.0 * request.cell_km
    wanted = _reach_m(system) / CELLS_A_RANGE
    decade = 10.0 ** math.floor(math.log10(wanted))
    return max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= wanted)


def _aims(
    request: Request,
    situation: Situation,
    ground: Ground,
    threat: Threat,
    range_m: float,
    azimuth_deg: float,
    threads: int | None,
) -> Aims:
    """The missiles of one azimuth; a unit that has been given no heading faces it."""
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
    """What says how many aim points of a map are asked so far: how many there will be, none knows."""
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


def _terrain(request: Request, situation: Situation, system: System) -> Terrain:
    """The ground within reach of the unit, and some way towards where missiles come from; it must lie under the unit."""
    scenario = situation.scenario
    spec = scenario.environment.terrain
    if isinstance(spec, str):
        with _named("--terrain"):
            return read_terrain(spec)
    reach_m = 3.0 * _reach_m(system)
    corners = [_away(scenario.defence[0].at, corner, reach_m) for corner in (45.0, 135.0, 225.0, 315.0)]
    assets = tuple(scenario.assets[0].model_copy(update={"id": f"corner-{i}", "at": tuple(at)}) for i, at in enumerate(corners))
    origins = [_away(scenario.defence[0].at, azimuth, 3.0 * terrain_extent.REACH_DEG * 111_000.0) for azimuth in request.azimuths]
    flights = [scenario.raid[0].motion.model_copy(update={"origin": tuple(at)}) for at in origins]
    raid = tuple(scenario.raid[0].model_copy(update={"id": f"flight-{i}", "motion": motion}) for i, motion in enumerate(flights))
    box = terrain_extent.region([scenario.model_copy(update={"assets": (*scenario.assets, *assets), "raid": raid})])
    with _named("--terrain"):
        terrain = read_terrain(spec.model_dump(), box)
    if not terrain.covers(*scenario.defence[0].at):
        lat, lon = scenario.defence[0].at
        raise TerrainError(
            Fault(f"{lat:g}, {lon:g} is outside {terrain.name}", "--at", "put the unit on it, or name another terrain")
        )
    return terrain


def _defended(request: Request, made: Survey, aims: Aims) -> Defended:
    ahead, behind, left, right = (None if math.isnan(reach) else reach / 1000.0 for reach in made.reach_m(request.opportunities))
    areas = tuple(made.area_m2(least) / 1e6 for least in range(1, request.opportunities + MORE + 1))
    return Defended(
        from_deg=aims.azimuth_deg, area_km2=areas[request.opportunities - 1], ahead_km=ahead, behind_km=behind, left_km=left,
        right_km=right, area_by_opportunities_km2=areas, why_none=aims.why_none() if ahead is None else None,
    )  # fmt: skip


# ---------------------------------------------------------------- what is answered


def _unit(request: Request, situation: Situation, system: System) -> FootprintUnit:
    against = [system.missiles[name].targets.get("aircraft") for name in system.fire_unit.load]
    return FootprintUnit(
        system=system.id, name=system.name, at=situation.scenario.defence[0].at,
        sector_deg=math.degrees(system.radars[system.fire_unit.engagement_radar].sector.si), heading_deg=request.heading_deg,
        intercept_range_km=_reach_m(system) / 1000.0,
        brochure_km=max((envelope.range_max.si / 1000.0 for envelope in against if envelope), default=0.0),
    )  # fmt: skip


def _threat(request: Request, threat: Threat, range_m: float, arrival_mps: float) -> FootprintThreat:
    return FootprintThreat(
        id=threat.id, name=threat.name, range_km=range_m / 1000.0, apogee_km=request.apogee_km, arrival_mps=round(arrival_mps, 1)
    )


def _warnings(
    request: Request, loaded: Loaded, situation: Situation, terrain: Terrain, surveys: dict[tuple[End, float], Survey]
) -> tuple[str, ...]:
    said = [text for texts in loaded.warnings.values() for text in texts if "face the middle" not in text]
    said += terrain.notes
    unit = situation.scenario.defence[0]
    if terrain.is_upper_bound:
        said.append(f"terrain of {terrain.posting_m / 1000:.0f} km posting hides ridges: what is seen is an upper bound")
    off = 0
    for (_, azimuth), made in () if terrain.wraps else surveys.items():
        for i, j in zip(*np.nonzero(made.counts >= request.opportunities), strict=True):
            bearing = azimuth + math.degrees(math.atan2(made.right_m[j], made.along_m[i]))
            off += not terrain.covers(*_away(unit.at, bearing, math.hypot(made.right_m[j], made.along_m[i])))
    if off:
        said.append(f"{off} of the aim points lie outside the terrain, where the ground goes on as at its edge")
    return tuple(said)
