"""What is asked of a defended footprint: bounds, the missile flown, a scenario that passes every check; faults name flags."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.catalogue.library import Catalogue
from closedsky.errors import CatalogueError, Fault, RequestError, ScenarioError, TerrainError
from closedsky.model.system import System
from closedsky.model.threat import Threat
from closedsky.physics.sphere import place_at
from closedsky.scenario.checks import SHORTEST_BALLISTIC_M
from closedsky.scenario.load import Loaded, load
from closedsky.scenario.sides import End

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
class FootprintRequest:
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


def in_bounds(request: FootprintRequest) -> None:
    """Raise RequestError for numbers out of range."""
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


def engages_ballistic(catalogue: Catalogue, name: str) -> System:
    """The system, which has a missile against ballistic targets on its launchers and orders to use it; or a RequestError that says so."""
    with faults_named("UNIT"):
        system = catalogue.system(name)
    orders = system.fire_unit.doctrine.get("ballistic")
    if reach_m(system) == 0.0 or orders is None or orders.hold:
        able = [key for key in catalogue.systems if reach_m(catalogue.system(key)) > 0.0]
        why = "no missile on its launchers engages" if reach_m(system) == 0.0 else "its doctrine holds fire on"
        raise RequestError(
            Fault(
                f"{system.name} defends no ground against ballistic missiles: {why} them",
                "UNIT",
                f"those that do: {', '.join(able)}",
            )
        )
    return system


def reach_m(system: System) -> float:
    """Greatest published range of the missiles it is loaded with against ballistic targets; 0 if there is none."""
    missiles = (system.missiles[name] for name in system.fire_unit.load)
    return max((missile.targets["ballistic"].range_max.si for missile in missiles if "ballistic" in missile.targets), default=0.0)


def flown(catalogue: Catalogue, request: FootprintRequest) -> tuple[Threat, float]:
    """Which missile is flown, and over what range, m."""
    if request.threat is None:
        if request.range_km is None:
            raise RequestError(
                Fault("neither a threat nor a range", "--threat", "name a ballistic missile, or give --range in km")
            )
        threat = _of_range(catalogue, request.range_km)
    else:
        with faults_named("--threat"):
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


def _ground(request: FootprintRequest) -> Any:
    if request.terrain in ("world", "flat"):
        return request.terrain
    return (
        {"tiles": request.terrain} if request.terrain in ("glo90", "glo30") else {"file": str(Path(request.terrain).absolute())}
    )


def checked(request: FootprintRequest, threat: Threat, range_m: float, catalogue: Catalogue) -> Loaded:
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
                    "kind": "ballistic", "target": "aim", "offshore": True, "origin": away((lat, lon), request.azimuths[0], range_m),
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
def faults_named(flag: str) -> Iterator[None]:
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


def away(at: LatLon, azimuth_deg: float, distance_m: float) -> list[float]:
    """The place at a distance in a direction on the sphere, degrees: near enough to check, before the Earth's figure is known."""
    azimuth, range_m = np.array([math.radians(azimuth_deg)]), np.array([distance_m])
    lat, lon = place_at(math.radians(at[0]), math.radians(at[1]), azimuth, range_m)
    return [math.degrees(lat[0]), (math.degrees(lon[0]) + 180.0) % 360.0 - 180.0]


def cell_m_of(request: FootprintRequest, system: System) -> float:
    """Side of a cell: as asked, or a round figure of about a twentieth of the missile's range."""
    if request.cell_km is not None:
        return 1000.0 * request.cell_km
    wanted = reach_m(system) / CELLS_A_RANGE
    decade = 10.0 ** math.floor(math.log10(wanted))
    return max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= wanted)
