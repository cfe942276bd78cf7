"""A scenario: assets, raid and defence. One variant; `closedsky.scenario.read` merges variants before validation."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from closedsky.model.command import Identification, Moment, Readiness, Reload, WeaponsControl, Zone
from closedsky.model.environment import Environment
from closedsky.model.figure import Share, Source
from closedsky.model.noun import Id, Noun
from closedsky.model.place import LatLon, Place
from closedsky.model.ranged import OR_RANGE, RangedNumber
from closedsky.model.system import Doctrine, System, TargetClass
from closedsky.model.threat import Threat

FORMAT = 2
"""Version of the scenario format."""

SINCE_2: dict[str, tuple[str, ...]] = {
    "defence": ("readiness", "weapons", "reserve", "slew_deg_s", "reload"), "sensors": ("readiness",),
    "networks": ("fire_from_s", "identification"), "raid": ("side",), "zones": (),
}  # fmt: skip
"""Fields that format 1 does not have, those of items by the field that holds these; it is the same in all else."""


Bearing = Annotated[float, Field(ge=-360.0, le=360.0)]
"""Degrees clockwise from north."""

Heading = Annotated[Bearing, OR_RANGE]
"""The same, or {value, low, high}."""


Offshore = Annotated[bool, Field(description="on a ship, a platform, or an island too small for the coastline data")]

Siting = Annotated[
    Literal["low", "high"],
    Field(description="where it stands within 3 km of its place, for statistical relief: on flat ground, or on a height"),
]

GroundAltitude = Annotated[
    float,
    Field(
        ge=-450.0, le=8_850.0,
        description="altitude of the ground it stands on, where that is known better than from the terrain: never lower than the terrain",
    ),
    OR_RANGE,
]  # fmt: skip


class Asset(Noun):
    """A defended asset: a disc on the ground."""

    id: Id
    name: str | None = None
    at: Place
    radius_m: Annotated[float, Field(ge=0.0, le=100_000.0), OR_RANGE] = 0.0
    value: Annotated[float, Field(ge=0.0), OR_RANGE] = 1.0
    offshore: Offshore = False


def _one_rule_of_siting(siting: str | None, ground_altitude_m: float | None) -> None:
    if siting is not None and ground_altitude_m is not None:
        raise ValueError("give siting (a rule) or ground_altitude_m (the altitude itself), not both")


class Deployment(Noun):
    """A package of a system at a place: a fire unit and its sensors."""

    id: Id
    system: Id
    at: Place
    heading_deg: Heading | None = Field(
        default=None, description="direction of a sector; by default the middle of the raid, and for `cover` any one direction"
    )
    network: Id = "air-defence"
    rounds: dict[Id, Annotated[int, Field(ge=0, le=100_000), OR_RANGE]] | None = Field(
        default=None, description="missile id -> rounds on the launchers"
    )
    doctrine: dict[TargetClass, Doctrine] = {}
    weapons: dict[TargetClass, WeaponsControl] = Field(
        default={}, description="weapons control status by target class; by default free, or hold where the doctrine holds"
    )
    reserve: dict[Id, dict[TargetClass, Annotated[int, Field(ge=1, le=100_000), OR_RANGE]]] = Field(
        default={}, description="missile id -> target class -> the last rounds, which are kept for that class"
    )
    readiness: Readiness = Readiness()
    slew_deg_s: Annotated[float, Field(gt=0.0, le=1000.0), OR_RANGE] | None = Field(
        default=None,
        description="how fast the sector of its engagement radar turns, when it engages nothing; by default it keeps its heading",
    )
    reload: Reload | None = None
    sensors: bool = Field(default=True, description="whether the package's surveillance radars are present")
    antenna_height_m: Annotated[float, Field(ge=0.0, le=200.0), OR_RANGE] | None = Field(
        default=None, description="mast: height of every antenna above ground"
    )
    offshore: Offshore = False
    siting: Siting | None = None
    ground_altitude_m: GroundAltitude | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        _one_rule_of_siting(self.siting, self.ground_altitude_m)
        return self


class Sensor(Noun):
    """A single surveillance radar."""

    id: Id
    system: Id
    radar: Id
    at: Place
    heading_deg: Heading | None = None
    network: Id = "air-defence"
    readiness: Readiness = Readiness()
    antenna_height_m: Annotated[float, Field(ge=0.0, le=200.0), OR_RANGE] | None = None
    offshore: Offshore = False
    siting: Siting | None = None
    ground_altitude_m: GroundAltitude | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        _one_rule_of_siting(self.siting, self.ground_altitude_m)
        return self


class Jamming(Noun):
    """A stand-off jammer: it keeps its station and transmits all the time."""

    id: Id
    threat: Id = Field(description="a threat of the catalogue with a jammer")
    at: Place
    altitude_m: Annotated[float, Field(ge=-500.0, le=100_000.0), OR_RANGE]


class Network(Noun):
    """Units and sensors that share one track picture and do not fire at the same target twice."""

    link_delay_s: Annotated[float, Field(ge=0.0, le=3600.0), OR_RANGE] = Field(
        default=2.0, description="from a confirmed track to a decision on it"
    )
    policy: Literal["earliest-impact", "first-tracked", "greedy-value", "static-optimal"] = Field(
        default="earliest-impact",
        description="which waiting threat gets a free channel: the one with the earliest impact, the first tracked, the one whose "
        "engagement is expected to save most value, or those that together save most (an exact assignment, blind to what comes later)",
    )
    fire_from_s: Moment | None = Field(default=None, description="permission to fire: no unit of the network fires before")
    identification: Identification = Identification()


class Waypoint(Noun):
    """A point of a route; height is above ground, altitude above mean sea level."""

    at: Place
    height_m: Annotated[float, Field(ge=0.0, le=100_000.0), OR_RANGE] | None = None
    altitude_m: Annotated[float, Field(ge=-500.0, le=100_000.0), OR_RANGE] | None = None

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        if self.height_m is not None and self.altitude_m is not None:
            raise ValueError("give height_m (above ground) or altitude_m (above mean sea level), not both")
        return self


class Route(Noun):
    """Straight legs at a constant speed over the ground. With a target, a last leg passes over it at the level of the last waypoint."""

    kind: Literal["route"]
    waypoints: tuple[Waypoint, ...] = Field(min_length=1, max_length=1000)
    target: Id | None = None
    speed_mps: Annotated[float, Field(gt=0.0, le=7000.0), OR_RANGE] | None = Field(
        default=None, description="by default the threat's cruising speed"
    )

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if len(self.waypoints) < 2 and self.target is None:
            raise ValueError("a route needs two waypoints, or one and a target")
        return self


class Ballistic(Noun):
    """A ballistic flight from launch site to target; minimum energy, or lofted or depressed to a given apogee."""

    kind: Literal["ballistic"]
    origin: Place
    target: Id
    apogee_m: Annotated[float, Field(gt=0.0, le=3_000_000.0), OR_RANGE] | None = None
    offshore: Offshore = False


Side = Literal["hostile", "friendly", "civil"]
SIDES: tuple[Side, ...] = get_args(Side)


class Group(Noun):
    """Threats of one type on one path, one after the other."""

    id: Id
    threat: Id
    count: Annotated[int, Field(ge=1, le=10_000), OR_RANGE] = 1
    motion: Annotated[Route | Ballistic, Field(discriminator="kind")]
    start_s: Annotated[float, Field(ge=-86_400.0, le=864_000.0), OR_RANGE] = Field(
        default=0.0, description="launch time of the first"
    )
    spacing_s: Annotated[float, Field(ge=0.0, le=86_400.0), OR_RANGE] = Field(
        default=0.0, description="time between launches; with random timing its mean"
    )
    timing: Literal["regular", "poisson"] = Field(
        default="regular", description="poisson: exponential intervals, drawn per trial"
    )
    jitter_s: Annotated[float, Field(ge=0.0, le=86_400.0), OR_RANGE] = Field(
        default=0.0, description="uniform jitter of each launch, ±"
    )
    reliability: Share | None = Field(default=None, description="overrides the catalogue's")
    manoeuvres: bool = Field(
        default=False, description="it manoeuvres: the range against manoeuvring targets applies, and settings.manoeuvre_loss"
    )
    side: Side = Field(
        default="hostile", description="friendly and civil flights are in no count of leakage; those fired at are counted apart"
    )
    escort: Id | None = Field(default=None, description="a threat with a jammer that flies with each; it is not engaged itself")

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if self.timing == "poisson" and self.spacing_s <= 0.0:
            raise ValueError("timing 'poisson' needs spacing_s, the mean gap")
        return self


class Settings(Noun):
    """Settings of a run, unless the command overrides them."""

    trials: int = Field(default=2000, ge=1, le=100_000_000)
    seed: int = Field(default=1, ge=0, lt=2**64)
    draws: int = Field(
        default=64, ge=0, le=100_000, description="outer draws: sets of the figures that have a range; 0: luck only"
    )
    salvo_correlation: Annotated[float, Field(ge=0.0, le=1.0), OR_RANGE] = Field(
        default=0.2, description="share of salvos whose rounds succeed or fail as one"
    )
    manoeuvre_loss: Annotated[float, Field(ge=0.0, le=1.0), OR_RANGE] = Field(
        default_factory=lambda: RangedNumber.of(0.4, 0.1, 0.7),
        description="share of its kill probability that a round loses against a target that manoeuvres at the edge of its reach "
        "against such targets; nearer, in proportion to the square of the range; by default 0.4, from 0.1 to 0.7",
    )
    edge_loss: Annotated[float, Field(ge=0.0, le=1.0), OR_RANGE] = Field(
        default=0.0,
        description="the same against any target at the edge of the envelope; off, as a kill probability averages over it",
    )


class Reported(Noun):
    """A reported value of the real event, printed beside the prediction."""

    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    source: tuple[Id, ...] = Field(min_length=1)
    note: str = ""


class Extra(Noun):
    """The scenario's own catalogue entries; they take precedence over those of the catalogue."""

    systems: dict[Id, System] = {}
    threats: dict[Id, Threat] = {}
    sources: dict[Id, Source] = {}

    @model_validator(mode="before")
    @classmethod
    def _name_by_key(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        named = dict(data)
        for room in ("systems", "threats"):
            if isinstance(data.get(room), dict):
                named[room] = {
                    key: {"id": key, **entry} if isinstance(entry, dict) else entry for key, entry in data[room].items()
                }
        return named

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON schema, in which an entry needs no id: its key is."""
        schema = handler(core)
        rooms = handler.resolve_ref_schema(schema)["properties"]
        for room in ("systems", "threats"):
            (entry,) = rooms[room]["patternProperties"].values()
            noun = handler.resolve_ref_schema(entry)
            noun["required"] = [name for name in noun["required"] if name != "id"]
        return schema


class Target(Noun):
    """The target of a coverage request: straight path, constant speed and height, single or several together."""

    kind: Literal["aircraft", "cruise", "drone"] = Field(default="aircraft", description="class of target")
    rcs_m2: float = Field(default=1.0, gt=0.0, le=10_000.0, description="radar cross-section at every aspect")
    speed_mps: float = Field(default=250.0, gt=0.0, le=5_000.0, description="ground speed")


class Cover(Noun):
    """A coverage request: `closedsky cover`. Heights are above ground, altitudes above the sea; one or the other."""

    target: Target = Target()
    heights_m: tuple[Annotated[float, Field(ge=0.0, le=50_000.0)], ...] = ()
    altitudes_m: tuple[Annotated[float, Field(ge=-500.0, le=50_000.0)], ...] = ()
    country: str | None = Field(default=None, description="ISO 3166 code of three letters, or a name")
    outline: Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=1000)] | None = Field(
        default=None, description="instead of a country: corners of an area of land or sea, in order"
    )
    opportunities: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="firing opportunities needed for a cell to be closed"
    )
    together: Annotated[int, Field(ge=1, le=64)] = Field(default=1, description="threats that arrive together")
    cell_m: Annotated[float, Field(ge=50.0, le=50_000.0)] = Field(default=1_000.0, description="edge length of a cell of the map")
    toward: LatLon | None = Field(
        default=None, description="threats are inbound to this place; by default they come on the worst heading"
    )

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.heights_m and self.altitudes_m:
            raise ValueError("give heights_m (above the ground) or altitudes_m (above the sea), not both")
        if self.country is not None and self.outline is not None:
            raise ValueError("give a country or an outline, not both")
        return self


class Scenario(Noun):
    """One variant of a scenario file."""

    closedsky: Literal[1, 2] = Field(description="version of the scenario format")
    name: Id
    title: str
    summary: str = ""
    shows_not: tuple[str, ...] = Field(default=(), description="what the answer does not show, printed below it")
    environment: Environment = Environment()
    assets: tuple[Asset, ...] = ()
    defence: tuple[Deployment, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    networks: dict[Id, Network] = {}
    zones: tuple[Zone, ...] = ()
    raid: tuple[Group, ...] = ()
    cover: Cover | None = Field(default=None, description="coverage request; a raid is then optional")
    jamming: tuple[Jamming, ...] = ()
    settings: Settings = Settings()
    reported: tuple[Reported, ...] = ()
    catalogue: Extra = Extra()
    variants: dict[Id, dict[str, Any]] = Field(default={}, description="name -> fields that replace those above")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.raid and self.cover is None:
            raise ValueError(
                "there is neither a raid nor a cover; add 'raid', what is to be run, or 'cover', the sky that is asked about"
            )
        return self

    def network_names(self) -> list[str]:
        """Every network that a unit or sensor belongs to, by name."""
        return sorted({item.network for item in self.defence} | {sensor.network for sensor in self.sensors})

    def command_and_control(self) -> list[str]:
        """What it says of command and control beyond weapons and policies, in words."""
        sites = [*(item.readiness for item in self.defence), *(sensor.readiness for sensor in self.sensors)]
        networks = self.networks.values()
        said = {
            "readiness": any(readiness != Readiness() for readiness in sites),
            "permission to fire": any(network.fire_from_s is not None for network in networks),
            "identification": any(network.identification != Identification() for network in networks),
            "zones": bool(self.zones),
            "reserves": any(item.reserve for item in self.defence),
            "reloading": any(item.reload for item in self.defence),
            "slewing": any(item.slew_deg_s for item in self.defence),
        }
        return [name for name, is_said in said.items() if is_said]
