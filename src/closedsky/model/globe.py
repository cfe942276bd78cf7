"""What the globe asks, and what it is told: the shapes of `closedsky serve`."""

from typing import Annotated, Literal

from pydantic import Field

from closedsky.model.footprint import FootprintAnswer
from closedsky.model.noun import Id, Noun
from closedsky.model.scenario import Heading, LatLon, Target
from closedsky.model.sky import Above, AreaAsked, Circle, GroundUsed
from closedsky.model.verdict import Assessment

MOST_UNITS, MOST_ASSETS = 64, 8


class UnitAt(Noun):
    """A fire unit with its package, put somewhere. Without a heading a sector looks wherever it has to."""

    id: Id
    system: Id
    at: LatLon
    heading_deg: Heading | None = None


class AssetAt(Noun):
    """A place whose protection is asked about."""

    id: Id
    at: LatLon


class Look(Noun):
    """What is looked at: units somewhere, one target at one level. All there is to know to answer; nothing is kept between looks.

    With an `example`, all that its scenario says beside holds as well (sensors, loads, entries of its own); units of the same id keep
    what they were given there.
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


class Plate(Noun):
    """A map of the sky on a grid of degrees, row 0 the northernmost: bytes deflated (zlib) and written in base64.

    `marks`: a byte a point; bit 0 tracked, 1 engageable, 2 closed, 3 under ground; its upper half counts opportunities, to 8.
    `floor`: two bytes a point, little-endian and signed: how far above the ground the lowest altitude seen by an engagement radar is, m;
    -1 where none sees.
    """

    west: float
    south: float
    east: float
    north: float
    rows: int
    columns: int
    marks: str
    floor: str


class GlanceLevel(Noun):
    """The level with its figures as chosen. Shares are of the area asked about, null where none was."""

    level_m: float
    underground_share: float
    tracked_share: float | None
    engageable_share: float | None
    closed_share: float | None
    tracked_km2: float
    engageable_km2: float
    closed_km2: float


class Glance(Noun):
    """The quick answer: the map and the share, every figure as chosen. What it becomes at the ends of the figures: the full answer."""

    plate: Plate
    level: GlanceLevel
    headings: str
    slewing: tuple[str, ...]
    afloat: tuple[str, ...]
    circles: tuple[Circle, ...]
    circles_km2: float
    circles_share: float | None
    area: AreaAsked | None
    terrain: GroundUsed
    terrain_label: str
    cell_m: float
    catalogue_hash: str
    assumed: int
    figures: int
    credits: tuple[str, ...]
    warnings: tuple[str, ...]


# ------------------------------------------------------------------------------------------------- what there is to choose from


class SystemCard(Noun):
    """A system of the catalogue in brief; ranges are the brochure's, null where no missile engages such targets."""

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


class ThreatCard(Noun):
    """A threat of the catalogue in brief."""

    id: Id
    name: str
    kind: Literal["aircraft", "cruise", "drone", "ballistic"]
    rcs_m2: float
    speed_mps: float | None
    range_km: float | None


class CountryCard(Noun):
    """A country and its box; east may be beyond 180."""

    iso3: str
    name: str
    west: float
    south: float
    east: float
    north: float


class ExampleCard(Noun):
    """A shipped scenario: one with a raid can be played, one with a `cover` looked at."""

    name: Id
    title: str
    summary: str
    variants: tuple[Id, ...]
    has_raid: bool
    has_cover: bool


class ClaimCard(Noun):
    """A claim of the ledger. `scenarios` are those it is tested in: example and variant, the first of its tests first."""

    id: Id
    said: str
    speaker: str
    date: str
    grade: str
    means: str
    shows_not: tuple[str, ...]
    sources: tuple[str, ...]
    scenarios: tuple[tuple[str, str], ...]


class TerrainCard(Noun):
    """A ground that may be asked for."""

    id: str
    label: str


class About(Noun):
    """What is served, asked once."""

    version: str
    catalogue_hash: str
    systems: tuple[SystemCard, ...]
    threats: tuple[ThreatCard, ...]
    countries: tuple[CountryCard, ...]
    examples: tuple[ExampleCard, ...]
    claims: tuple[ClaimCard, ...]
    terrains: tuple[TerrainCard, ...]
    credits: tuple[str, ...]
    start: Look


class Lines(Noun):
    """Coasts and borders: longitude and latitude by turns, degrees."""

    coasts: tuple[tuple[float, ...], ...]
    borders: tuple[tuple[float, ...], ...]


# ------------------------------------------------------------------------------------------------------------------- footprint


class FootprintLook(Noun):
    """The defended footprint of a unit against ballistic missiles fired from one azimuth."""

    system: Id
    at: LatLon
    heading_deg: Heading | None = None
    threat: Id
    from_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    opportunities: Annotated[int, Field(ge=1, le=8)] = 1
    terrain: Annotated[str, Field(max_length=64)] = "world"


class FootprintSeen(Noun):
    """The answer, and the ground that is defended with figures as chosen: rings of longitude and latitude by turns, the outer first."""

    answer: FootprintAnswer
    areas: tuple[tuple[tuple[float, ...], ...], ...]


# ------------------------------------------------------------------------------------------------------------ a raid, played


class ReelUnit(Noun):
    """A fire unit or a sensor of the scenario that is played."""

    id: str
    system: str
    at: LatLon
    heading_deg: float
    sector_deg: float
    range_km: float


class ReelAsset(Noun):
    """An asset of it."""

    id: str
    name: str
    at: LatLon
    radius_m: float


class ReelTrack(Noun):
    """One threat of the trial: latitude, longitude, altitude by turns from `start_s`, `step_s` apart; at `end_s`, `end` befalls it."""

    threat: str
    kind: Literal["aircraft", "cruise", "drone", "ballistic"]
    start_s: float
    end_s: float
    step_s: float
    end: Literal["killed", "impact", "failed", "gone"]
    positions: tuple[float, ...]


class ReelShot(Noun):
    """A salvo on its way: from its unit at `start_s` to where it meets its threat at `end_s`."""

    unit: str
    threat: str
    missile: str
    rounds: int
    start_s: float
    end_s: float
    origin: LatLon
    meeting: tuple[float, float, float]
    kill: bool


class ReelEvent(Noun):
    """A line of the story."""

    time_s: float
    text: str


class Reel(Noun):
    """One trial as the engine recorded it, to be played."""

    scenario: str
    title: str
    summary: str
    variant: str
    trial: int
    seed: int
    duration_s: float
    start_s: float
    terrain_label: str
    units: tuple[ReelUnit, ...]
    assets: tuple[ReelAsset, ...]
    tracks: tuple[ReelTrack, ...]
    shots: tuple[ReelShot, ...]
    events: tuple[ReelEvent, ...]
    shows_not: tuple[str, ...]


# --------------------------------------------------------------------------------------------------------------------- events


class Wrong(Noun):
    """One thing wrong with a request: what it is, where it stands, how to mend it."""

    what: str
    where: str
    fix: str


class Refusal(Noun):
    """Why a request was refused: the body of every answer of 400 and above."""

    faults: tuple[Wrong, ...]


class Step(Noun):
    """How far something that takes long has come."""

    what: str
    done: int
    of: int


class TestEvent(Noun):
    """One message while a claim is tested: a step, then the assessment or a refusal."""

    __test__ = False  # pytest collects what is called so

    step: Step | None = None
    assessment: Assessment | None = None
    refusal: Refusal | None = None
