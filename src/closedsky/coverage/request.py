"""Coverage requests: computes the coverage of a scenario with its `cover`, or of catalogue units at given places.

>>> import closedsky
>>> sky = closedsky.cover(closedsky.units("s-300pmu-2", [(33.3, 44.4)]), heights_m=(100, 1000), country="IRQ")
>>> sky.answer.levels[0].closed_share.likely
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.coverage import answer as coverage
from closedsky.coverage.answer import closed_sky as closed_sky
from closedsky.coverage.asked import Asked
from closedsky.errors import Fault, RequestError, ScenarioError
from closedsky.geo.area import Area, country_area, outline_area, polygon_area
from closedsky.geo.terrain.tiles import PRODUCTS
from closedsky.model.scenario import Cover, Target
from closedsky.model.sky import SkyAnswers
from closedsky.progress import Progress
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import Loaded, known_variants, load, terrain_of
from closedsky.scenario.situation import resolve

_FLAGS = {
    "heights_m": "--height", "altitudes_m": "--altitude", "country": "--country", "opportunities": "--opportunities",
    "together": "--together", "cell_m": "--cell", "toward": "--toward",
    "target.rcs_m2": "--rcs", "target.speed_mps": "--speed", "target.kind": "--class",
}  # fmt: skip


def units(
    system: str,
    places: Sequence[tuple[float, float]],
    heading_deg: float | None = None,
    terrain: str = "world",
    catalogue: Catalogue | Path | None = None,
    assets: Sequence[tuple[float, float]] = (),
    offshore: bool = False,
) -> Loaded:
    """Make a scenario with one fire unit of a system, with its package, at each place.

    Parameters
    ----------
    system : id of a system of the catalogue
    places : latitude and longitude of each unit, degrees
    heading_deg : middle of the sector of every unit, degrees from north; without it, any one direction at a time
    terrain : ``world``, ``flat``, ``glo90``, ``glo30``, or the path of a raster
    catalogue : folder of your own entries, which extend or replace the shipped ones; or a loaded catalogue
    assets : latitude and longitude of places for which protection roses are computed, degrees
    offshore : whether all units and assets are at sea

    Returns
    -------
    Loaded
        The scenario, for `cover`.

    Raises
    ------
    RequestError
        With every fault found.
    CatalogueError
        For a system that the catalogue does not have, or a faulty folder of entries.

    Example
    -------
    >>> scenario = closedsky.units("s-300pmu-2", [(33.3, 44.4)])
    """
    defence: list[dict[str, Any]] = [{"id": f"unit-{n}", "system": system, "at": list(at)} for n, at in enumerate(places, 1)]
    if heading_deg is not None:
        defence = [{**item, "heading_deg": heading_deg} for item in defence]
    catalogue = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(own=catalogue)
    name = catalogue.system(system).name
    title = f"{len(places)} × {name}" if len(places) > 1 else name
    worth = [{"id": f"asset-{n}", "at": list(at)} for n, at in enumerate(assets, 1)]
    if offshore:
        defence, worth = ([{**item, "offshore": True} for item in items] for items in (defence, worth))
    data = {
        "closedsky": 1, "name": system, "title": title, "environment": {"terrain": terrain_spec(terrain)}, "assets": worth,
        "defence": defence, "cover": {},
    }  # fmt: skip
    try:
        return load(data, catalogue)
    except ScenarioError as error:
        raise RequestError(*(_of_flags(fault) for fault in error.faults)) from error


def terrain_spec(terrain: str) -> str | dict[str, str]:
    """The terrain field of a scenario for a terrain as named on the command line."""
    return {"tiles": terrain} if terrain in PRODUCTS else terrain if terrain in ("world", "flat") else {"file": terrain}


def _of_flags(fault: Fault) -> Fault:
    """A fault of a generated scenario, located by the command-line flag that it comes from."""
    flags = {"assets": "--asset", "heading_deg": "--heading", "terrain": "--terrain", "defence": "--at"}
    flag = next((flag for field, flag in flags.items() if field in fault.where), "UNIT")
    return Fault(fault.what, flag, fault.fix.replace("'offshore: true'", "--offshore").replace("offshore: true", "--offshore"))


def loaded(
    what: str,
    places: Sequence[tuple[float, float]] = (),
    heading_deg: float | None = None,
    terrain: str | None = None,
    catalogue: Path | None = None,
    assets: Sequence[tuple[float, float]] = (),
    offshore: bool = False,
) -> Loaded:
    """Units of a system at the given places; without places, a scenario from a file or an example."""
    if places:
        return units(what, places, heading_deg, terrain or "world", catalogue, assets, offshore)
    try:
        found = load(what, catalogue)
    except RequestError:
        if what in load_catalogue(own=catalogue).systems:
            raise RequestError(Fault(f"{what} stands nowhere", "--at", "say where: --at=33.3,44.4")) from None
        raise
    for flag, value in (
        ("--heading", heading_deg),
        ("--terrain", terrain),
        ("--asset", assets or None),
        ("--offshore", offshore or None),
    ):
        if value is not None:
            raise RequestError(Fault("a scenario says that itself", flag, "change it there, or name a unit and --at"))
    return found


def answers(loaded: Loaded, skies: Sequence[coverage.Sky]) -> SkyAnswers:
    """The answers of several variants of a scenario."""
    return SkyAnswers(scenario=loaded.name, variants=tuple(sky.answer for sky in skies))


def credits(asked: Asked) -> list[str]:
    """The attributions that the terrain and the area require."""
    said = [terrain_extent.credit(asked.situation.scenario, asked.terrain), asked.area.attribution if asked.area else ""]
    return [text for text in said if text]


def cover(
    scenario: str | Path | Mapping[str, Any] | Loaded,
    *,
    variant: str | None = None,
    polygon: str | Path | None = None,
    volume: bool = False,
    draws: int | None = None,
    seed: int | None = None,
    count_to: int = 0,
    relief: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> coverage.Sky:
    """Compute the coverage of a defence: what it tracks, can engage and closes.

    Parameters
    ----------
    scenario : path of a file, name of a shipped example, the data of a scenario file, or a loaded scenario (`load`, `units`)
    variant : name of the variant; the first by default
    polygon : GeoJSON file of the area of which shares are taken, in place of the country of `cover`; without an area, areas only
    volume : also compute the closed volume, km³, beside that of the brochure circles
    draws : outer draws of all figures that have a range, for the bracket of what is closed and the figures that carry it; 0 for none.
        By default as in the scenario's settings
    seed : seed of the outer draws; by default as in the scenario's settings
    count_to : number up to which opportunities are counted on the map, if more than requested
    relief : over coarse terrain, such as the shipped world, compute the ranges over statistical relief
    threads : number of threads; all processors by default
    progress : called with what is computed, how much is done and how much there is
    changes : fields of `cover` (`model.scenario.Cover`) to replace, such as ``heights_m``, ``country`` or ``cell_m``

    Returns
    -------
    Sky
        The answer (`answer`) with low, likely and high, and the map with figures as chosen (`cells`, `map`, `inside`).

    Raises
    ------
    ScenarioError, CatalogueError
        As `load`.
    RequestError
        For an unknown variant, a faulty field, or a request that cannot be computed.
    TerrainError
        For terrain that cannot be read or does not cover the scenario.

    Example
    -------
    >>> sky = closedsky.cover(closedsky.units("s-300pmu-2", [(33.3, 44.4)]), heights_m=(100, 1000), country="IRQ")
    """
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
    return closed_sky(
        asked(loaded, variant, polygon, threads, progress, changes),
        volume=volume, draws=draws, seed=seed, count_to=count_to, relief=relief,
    )  # fmt: skip


def asked(
    loaded: Loaded,
    variant: str | None = None,
    polygon: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Asked:
    """A complete and checked coverage request; RequestError for a faulty one."""
    name = variant or next(iter(loaded.variants))
    known_variants(loaded, [name])
    given = loaded.variants[name]
    request = _changed(given.cover or Cover(), dict(changes or {}))
    if polygon is not None:
        if (changes or {}).get("country"):
            raise RequestError(Fault("a country and a polygon", "--polygon", "give one of the two"))
        request = request.model_copy(update={"country": None, "outline": None})
    scenario = given.model_copy(update={"cover": request, "raid": ()})
    area: Area | None = None
    if polygon is not None:
        area = polygon_area(polygon)
    elif request.country is not None:
        area = country_area(request.country)
    elif request.outline is not None:
        area = outline_area(request.outline, "the outline")
    changed = {**loaded.variants, name: scenario}
    terrain = terrain_of(Loaded(loaded.name, changed, loaded.warnings, loaded.catalogue, loaded.folder), name)
    return Asked(name, resolve(scenario, loaded.catalogue), terrain, area, loaded.catalogue.hash, threads, progress)


def _changed(request: Cover, changes: dict[str, Any]) -> Cover:
    """A request with fields replaced; heights replace altitudes, a country replaces an outline, and vice versa."""
    data = request.model_dump(exclude_unset=True)
    pairs = (("heights_m", "altitudes_m"), ("country", "outline"))
    for one, other in (*pairs, *(pair[::-1] for pair in pairs)):
        if changes.get(one) and not changes.get(other):
            data.pop(other, None)
    if isinstance(changes.get("target"), Target):
        changes["target"] = changes["target"].model_dump()
    if isinstance(changes.get("target"), Mapping):
        changes["target"] = {**data.get("target", {}), **changes["target"]}
    try:
        return Cover.model_validate({**data, **changes})
    except ValidationError as error:
        raise RequestError(*(_fault(fault) for fault in error.errors())) from None


def _fault(error: Any) -> Fault:
    names = [str(part) for part in error["loc"] if not isinstance(part, int)]
    path = ".".join(names)
    if path == "target.kind" and error["input"] == "ballistic":
        return Fault("a ballistic missile comes down on a point; it does not cross a sky", "--class", "ask `closedsky footprint`")
    flag = next((flag for field, flag in _FLAGS.items() if path.startswith(field)), path or "--height")
    return Fault(f"{error['input']!r}: {error['msg'].removeprefix('Value error, ')}", flag, "correct it")
