"""Requests for defended footprints: bounds, choice of the missile, and the checked scenario; faults name command-line flags."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from closedsky.catalogue.library import Catalogue, load_catalogue
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
"""Least and greatest missile range of a request, km."""
MORE = 2
"""Opportunities counted beyond those requested."""
_UNIT = "unit"


@dataclass(frozen=True)
class FootprintRequest:
    """A request for the defended footprint of a fire unit, for `defended_footprint`.

    Parameters
    ----------
    system : id of a system of the catalogue
    at : latitude and longitude of the unit, degrees
    heading_deg : middle of its sector, degrees from north; without it, the unit faces each azimuth in turn
    threat : id of a ballistic missile of the catalogue; without it, that of least maximum range that flies `range_km`
    range_km : range flown; without it, the maximum range of `threat`. One of `threat` and `range_km` is required
    apogee_km : apogee; without it, a minimum-energy trajectory
    azimuths : azimuths that missiles come from, degrees; eight by default
    opportunities : firing opportunities before impact that a defended aim point requires, 1 to 20
    together : missiles that arrive together on each path, 1 to 64; the worst served counts
    cell_km : spacing of aim points, 0.05 to 50; by default about a twentieth of the range against ballistic missiles
    terrain : ``world``, ``flat``, ``glo90``, ``glo30``, or the path of a raster
    ends : ends of the figures to compute: low, likely, high
    antenna_height_m : height of the unit's antenna above ground; by default that of the catalogue
    environment : other fields of a scenario's environment

    Example
    -------
    >>> closedsky.FootprintRequest("patriot-pac-3-mse", (33.3, 44.4), range_km=600, azimuths=(0, 90))
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


class Asked(NamedTuple):
    """A request that passed every check, with what the catalogue has for it."""

    request: FootprintRequest
    catalogue: Catalogue
    system: System
    threat: Threat
    range_m: float
    loaded: Loaded


def asked(request: FootprintRequest, catalogue: Catalogue | Path | None = None) -> Asked:
    """Check a request. Raises RequestError or CatalogueError for what cannot be asked; `catalogue` as of `defended_footprint`."""
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    in_bounds(request)
    system = engages_ballistic(catalogue, request.system)
    threat, range_m = flown(catalogue, request)
    return Asked(request, catalogue, system, threat, range_m, checked(request, threat, range_m, catalogue))


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
    """The system; RequestError if no missile on its launchers engages ballistic targets, or its doctrine holds fire on them."""
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
    """Greatest published range, m, against ballistic targets of the missiles that a unit is loaded with; 0 if there is none."""
    missiles = (system.missiles[name] for name in system.fire_unit.load)
    return max((missile.targets["ballistic"].range_max.si for missile in missiles if "ballistic" in missile.targets), default=0.0)


def flown(catalogue: Catalogue, request: FootprintRequest) -> tuple[Threat, float]:
    """The missile flown and its range, m."""
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
    """The ballistic missile of the catalogue with the least sufficient maximum range."""
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
    """A checked scenario with one flight, aimed at the unit itself; faults name the flags that they come from."""
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
    """Attribute faults raised inside the block to `flag`."""
    try:
        yield
    except (CatalogueError, TerrainError) as error:
        told = [
            Fault(one.what if one.where == "catalogue" else f"{one.where}: {one.what}", flag, _said(one.fix))
            for one in error.faults
        ]
        raise type(error)(*told) from error


# Replacements of a scenario's words by those of flags; advice about aim points and offshore units does not apply to a footprint.
_WORDS = (
    (", or `offshore: true` if it is on a ship, a platform or an island too small for the map", ""),
    (" (in a scenario it counts from the scenario's own folder)", ""),
    ("leave apogee_m out", "leave --apogee out"),
    ("launch from at most", "give at most"),
    (f"launch at least {LEAST_KM:.0f} km away", f"give at least {LEAST_KM:.0f} km"),
)


def _said(text: str) -> str:
    """The text of a check in the words of the command line."""
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
    """The place at a distance and azimuth, on the sphere, degrees: accurate enough for checks, before the Earth's figure is known."""
    azimuth, range_m = np.array([math.radians(azimuth_deg)]), np.array([distance_m])
    lat, lon = place_at(math.radians(at[0]), math.radians(at[1]), azimuth, range_m)
    return [math.degrees(lat[0]), (math.degrees(lon[0]) + 180.0) % 360.0 - 180.0]


def cell_m_of(request: FootprintRequest, system: System) -> float:
    """Side of a cell, m: as requested, or a round value of at most a twentieth of the unit's range against ballistic missiles."""
    if request.cell_km is not None:
        return 1000.0 * request.cell_km
    wanted = reach_m(system) / CELLS_A_RANGE
    decade = 10.0 ** math.floor(math.log10(wanted))
    return max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= wanted)
