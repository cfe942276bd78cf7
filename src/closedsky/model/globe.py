"""Requests and responses of `closedsky serve`."""

from typing import Annotated, Literal

from pydantic import Field

from closedsky.errors import Fault
from closedsky.model.figure import Grade
from closedsky.model.footprint import FootprintAnswer
from closedsky.model.noun import Id, Noun
from closedsky.model.place import LatLon
from closedsky.model.scenario import Bearing, Target
from closedsky.model.sky import Above, AreaAsked, Circle, SkyAnswer
from closedsky.model.used import MapTerrain
from closedsky.model.verdict import Assessment

MOST_UNITS, MOST_ASSETS = 64, 8


class UnitAt(Noun):
    """A fire unit with its package at a place. Without a heading, a sector turns to any one direction."""

    id: Id
    system: Id
    at: LatLon
    heading_deg: Bearing | None = None


class AssetAt(Noun):
    """A place whose protection rose is computed."""

    id: Id
    at: LatLon


class MapRequest(Noun, defer_build=False):  # FastAPI names the bodies of requests, and warns of classes that are not built
    """A coverage request: units at places, one target at one level. It is complete; the server keeps no state between requests.

    With an `example`, the rest of its scenario applies as well (sensors, loads, its own entries); units of the same id keep
    its settings.
    """

    units: Annotated[tuple[UnitAt, ...], Field(max_length=MOST_UNITS)] = ()
    assets: Annotated[tuple[AssetAt, ...], Field(max_length=MOST_ASSETS)] = ()
    target: Target = Target()
    level_m: Annotated[float, Field(ge=-500.0, le=50_000.0)] = 1_000.0
    above: Above = "ground"
    opportunities: Annotated[int, Field(ge=1, le=8)] = 1
    together: Annotated[int, Field(ge=1, le=64)] = 1
    country: Annotated[str, Field(max_length=64)] | None = None
    outline: Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=1000)] | None = None
    terrain: Annotated[str, Field(max_length=64)] = "world"
    cell_m: Annotated[float, Field(ge=500.0, le=50_000.0)] = 1_000.0
    example: Annotated[str, Field(max_length=64)] | None = None
    variant: Id | None = None


class MapRaster(Noun):
    """A coverage map as a raster in degrees, row 0 the northernmost: bytes compressed with zlib, in base64.

    `marks`: one byte per point; bit 0 tracked, 1 engageable, 2 closed, 3 below ground; the upper four bits count opportunities, up to 8.
    `floor`: two bytes per point, little-endian, signed: height above ground of the lowest altitude seen by an engagement radar, m;
    -1 if none sees the point.
    """

    west: float
    south: float
    east: float
    north: float
    rows: int
    columns: int
    marks: str
    floor: str


class QuickLevel(Noun):
    """One level with figures as chosen. Shares are of the requested area, null without one."""

    level_m: float
    underground_share: float
    tracked_share: float | None
    engageable_share: float | None
    closed_share: float | None
    behind_fence_share: float | None
    tracked_km2: float
    engageable_km2: float
    closed_km2: float
    behind_fence_km2: float


class QuickAnswer(Noun):
    """The quick answer: the map and the share, with figures as chosen and on few headings. Low and high are in the full answer."""

    raster: MapRaster
    level: QuickLevel
    headings: str
    slewing: tuple[str, ...]
    afloat: tuple[str, ...]
    circles: tuple[Circle, ...]
    circles_km2: float
    circles_share: float | None
    area: AreaAsked | None
    terrain: MapTerrain
    terrain_label: str
    cell_m: float
    catalogue_hash: str
    assumed: int
    figures: int
    by_grade: dict[Grade, int]
    credits: tuple[str, ...]
    warnings: tuple[str, ...]


class FullAnswer(Noun):
    """The full answer, and the map with figures as chosen on the headings that it took: it replaces that of the quick answer."""

    map: QuickAnswer
    answer: SkyAnswer


# --------------------------------------------------------------------------------------------------------------- summaries


class SystemSummary(Noun):
    """Summary of a system of the catalogue; ranges are brochure ranges, null if no missile engages such targets."""

    id: Id
    name: str
    platform: Literal["land", "ship"]
    sector_deg: float
    range_km: float | None
    ceiling_km: float | None
    ballistic_km: float | None
    targets: tuple[str, ...]
    assumed: int
    figures: int


class ThreatSummary(Noun):
    """Summary of a threat of the catalogue."""

    id: Id
    name: str
    kind: Literal["aircraft", "cruise", "drone", "ballistic"]
    rcs_m2: float
    speed_mps: float | None
    range_km: float | None


class CountrySummary(Noun):
    """A country and its bounding box; east may exceed 180."""

    iso3: str
    name: str
    west: float
    south: float
    east: float
    north: float


class ExampleSummary(Noun):
    """Summary of a shipped scenario: a raid can be replayed, a `cover` can be shown as a look."""

    name: Id
    title: str
    summary: str
    variants: tuple[Id, ...]
    has_raid: bool
    has_cover: bool


class ClaimSummary(Noun):
    """Summary of a claim of the ledger. `scenarios` are those of its tests: example and variant, in order of the tests."""

    id: Id
    said: str
    words: str
    speaker: str
    date: str
    grade: str
    means: str
    shows_not: tuple[str, ...]
    sources: tuple[str, ...]
    scenarios: tuple[tuple[str, str], ...]


class TerrainSummary(Noun):
    """Terrain that may be requested."""

    id: str
    label: str


class About(Noun):
    """What the server offers; requested once."""

    version: str
    catalogue_hash: str
    systems: tuple[SystemSummary, ...]
    threats: tuple[ThreatSummary, ...]
    countries: tuple[CountrySummary, ...]
    examples: tuple[ExampleSummary, ...]
    claims: tuple[ClaimSummary, ...]
    terrains: tuple[TerrainSummary, ...]
    credits: tuple[str, ...]
    start: MapRequest


class Lines(Noun):
    """Coasts and borders: alternating longitude and latitude, degrees."""

    coasts: tuple[tuple[float, ...], ...]
    borders: tuple[tuple[float, ...], ...]


# ------------------------------------------------------------------------------------------------------------------- footprint


class FootprintMapRequest(Noun, defer_build=False):
    """A footprint request: one unit against ballistic missiles from one azimuth."""

    system: Id
    at: LatLon
    heading_deg: Bearing | None = None
    threat: Id
    from_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    opportunities: Annotated[int, Field(ge=1, le=8)] = 1
    terrain: Annotated[str, Field(max_length=64)] = "world"


class FootprintMap(Noun):
    """The answer, and the defended ground with figures as chosen: rings of alternating longitude and latitude, the outer ring first."""

    answer: FootprintAnswer
    areas: tuple[tuple[tuple[float, ...], ...], ...]


# ---------------------------------------------------------------------------------------------------------- replay of a raid


class ReplayUnit(Noun):
    """A fire unit or a sensor of the replayed scenario."""

    id: str
    system: str
    at: LatLon
    heading_deg: float
    sector_deg: float
    range_km: float


class ReplayAsset(Noun):
    """An asset of the replayed scenario."""

    id: str
    name: str
    at: LatLon
    radius_m: float


class ReplayEvent(Noun):
    """One event in words."""

    time_s: float
    text: str


class ReplayTrack(Noun):
    """Track of one threat: alternating latitude, longitude, altitude from `start_s`, `step_s` apart; `end` is what happens at `end_s`.

    `why` is its story, with the reasons why it was not engaged earlier.
    """

    threat: str
    kind: Literal["aircraft", "cruise", "drone", "ballistic"]
    start_s: float
    end_s: float
    step_s: float
    end: Literal["killed", "impact", "failed", "gone"]
    positions: tuple[float, ...]
    why: tuple[ReplayEvent, ...]


class ReplayShot(Noun):
    """A salvo from its launch by a unit at `start_s` to its intercept at `end_s`."""

    unit: str
    threat: str
    missile: str
    rounds: int
    start_s: float
    end_s: float
    origin: LatLon
    meeting: tuple[float, float, float]
    kill: bool


class Replay(Noun):
    """The replay of one trial, as the engine recorded it."""

    scenario: str
    title: str
    summary: str
    variant: str
    trial: int
    seed: int
    duration_s: float
    start_s: float
    terrain_label: str
    units: tuple[ReplayUnit, ...]
    assets: tuple[ReplayAsset, ...]
    tracks: tuple[ReplayTrack, ...]
    shots: tuple[ReplayShot, ...]
    events: tuple[ReplayEvent, ...]
    shows_not: tuple[str, ...]


# --------------------------------------------------------------------------------------------------------------------- events


class Refusal(Noun):
    """The faults of a refused request: the body of every response with status 400 or above."""

    faults: tuple[Fault, ...]


class Step(Noun):
    """Progress of a long computation."""

    what: str
    done: int
    of: int


class TestEvent(Noun):
    """One message of a claim job: a step, then the assessment or a refusal."""

    __test__ = False  # pytest would collect it by its name

    step: Step | None = None
    assessment: Assessment | None = None
    refusal: Refusal | None = None
