"""A ground-based air defence system as its catalogue describes it: radars, missiles, fire unit, package."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field, model_validator

from closedsky.model.claim import (
    Angle,
    Claim,
    Count,
    CrossSection,
    Frequency,
    Guidance,
    Height,
    Interval,
    Length,
    Level,
    Mass,
    Money,
    Number,
    Pace,
    Power,
    Pulse,
    Reach,
    Share,
    Speed,
    Temperature,
    Time,
)
from closedsky.model.noun import Id, Noun

TargetClass = Literal["aircraft", "cruise", "drone", "ballistic"]
TARGET_CLASSES: tuple[TargetClass, ...] = ("aircraft", "cruise", "drone", "ballistic")


class Anchor(Noun):
    """A published detection range, for a stated radar cross-section, detection and false-alarm probability, one look."""

    range: Reach
    rcs: CrossSection
    pd: Share
    pfa: Share
    swerling: Literal[0, 1, 2, 3, 4] = 1


class Parameters(Noun):
    """What the radar equation is computed from where no detection range is published; one pulse, matched filter."""

    peak_power: Power
    pulse: Pulse
    gain: Level = Field(description="antenna gain, main lobe, the same for transmission and reception")
    noise_temperature: Temperature
    loss: Level = Field(description="all losses but those of the air and of clutter")
    pfa: Share


class Receiver(Noun):
    """What noise jamming of a radar is computed from."""

    gain: Level = Field(description="antenna gain, main lobe")
    beamwidth: Angle = Field(description="full width of the main lobe at half power")
    side_lobes: Level = Field(description="how far the side lobes lie below the main lobe")
    noise_temperature: Temperature


class Clutter(Noun):
    """What is lost against the echo of the ground: near it, and where the target's radial speed does not set it apart."""

    loss: Level
    height: Length = Field(description="height of the target above ground below which it is lost")
    radial_speed: Speed = Field(description="radial speed below which it is lost")


class Confirmation(Noun):
    """A track is confirmed on `hits` detections in `looks` successive looks."""

    hits: int = Field(ge=1, le=8)
    looks: int = Field(ge=1, le=8)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.hits > self.looks:
            raise ValueError(f"{self.hits} hits cannot come from {self.looks} looks")
        return self


class Radar(Noun):
    """A radar. *surveillance* searches, *engagement* guides, *multifunction* does both."""

    name: str
    role: Literal["surveillance", "engagement", "multifunction"]
    band: str | None = None
    frequency: Frequency | None = Field(default=None, description="without it, no loss in air, no lobing and no jamming")
    detection: Anchor | None = Field(default=None, description="a published detection range; or else 'equation'")
    equation: Parameters | None = Field(default=None, description="the radar by its parameters; or else 'detection'")
    pulses: Number | None = Field(default=None, description="pulses of one look that are added without phase; else one")
    instrumented_range: Length
    range_min: Length = Claim(value=0.0, unit="m")
    antenna_height: Length
    elevation_min: Angle
    elevation_max: Angle
    sector: Angle = Field(description="full width of the instantaneous sector in azimuth; 360 deg looks all round")
    revisit: Interval = Field(description="time between two looks at one target in search")
    confirm: Confirmation = Confirmation(hits=2, looks=3)
    dwell: Interval | None = Field(default=None, description="time between two cued looks; engagement and multifunction only")
    radial_speed_min: Speed | None = Field(default=None, description="slower targets, radially, are filtered out")
    clutter: Clutter | None = None
    receiver: Receiver | None = Field(default=None, description="without it, jamming leaves the radar unharmed")
    tracks: Count | None = Field(default=None, description="tracks it can keep; recorded, not yet a limit")

    @model_validator(mode="after")
    def _roles(self) -> Self:
        if (self.detection is None) == (self.equation is None):
            raise ValueError("a radar needs 'detection' (a published range) or 'equation' (its parameters), and not both")
        if self.equation is not None and self.frequency is None:
            raise ValueError("a radar by its parameters needs 'frequency'")
        if self.pulses is not None and self.pulses.value > 1000:
            raise ValueError("pulses of one look: at most 1000")
        if self.role != "surveillance" and self.dwell is None:
            raise ValueError(f"a radar of role '{self.role}' needs 'dwell', the time between two cued looks")
        if self.elevation_max.si <= self.elevation_min.si:
            raise ValueError("elevation_max must be above elevation_min")
        return self


class Envelope(Noun):
    """Where a missile can meet a target of one class, and how likely one round then kills it."""

    range_max: Length
    altitude_max: Height
    pk: Share
    crossing_max: Length | None = Field(default=None, description="how far to the side of the unit the target's course may pass")
    receding_max: Length | None = Field(default=None, description="range against a target that flies away")
    manoeuvring_max: Length | None = Field(default=None, description="range against a target that manoeuvres")


class FlyOut(Noun):
    """What a boost-coast flight with drag is computed from, where it is published."""

    launch_mass: Mass
    fuel_share: Share = Field(description="of the launch mass that burns")
    burn: Interval
    speed_max: Pace = Field(description="at burnout")
    diameter: Length
    loft: Length = Field(description="highest the flight to a distant target is lofted above the straight line")
    speed_least: Pace = Field(description="slowest at which it can still meet a target")


class Missile(Noun):
    """An interceptor. Its time of flight is computed from `flyout`, or else from `mean_speed`."""

    name: str
    guidance: Guidance
    range_min: Length
    altitude_min: Height = Field(description="lowest target, above the ground under it (the word of the sheets; it is a height)")
    mean_speed: Pace | None = Field(default=None, description="straight-line distance to the intercept over the time of flight")
    flyout: FlyOut | None = None
    target_speed_max: Speed
    per_place: Number | None = Field(default=None, description="how many fit in one launcher place; else one")
    targets: dict[TargetClass, Envelope]

    @model_validator(mode="after")
    def _flies(self) -> Self:
        if self.mean_speed is None and self.flyout is None:
            raise ValueError("a missile needs 'mean_speed' or 'flyout'")
        return self


class Doctrine(Noun):
    """How one class of target is engaged: `salvo` rounds at once, then look, up to `max_rounds`; `hold` forbids fire."""

    salvo: int = Field(ge=1, le=8)
    max_rounds: int = Field(ge=1, le=64)
    hold: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.salvo > self.max_rounds:
            raise ValueError(f"a salvo of {self.salvo} is more than max_rounds {self.max_rounds}")
        return self


class FireUnit(Noun):
    """One engagement radar with its launchers."""

    engagement_radar: Id
    channels: Number
    missiles_guided: Number
    launchers: Number
    missiles_per_launcher: Number
    load: dict[Id, float] = Field(description="missile id -> share of the launchers' places it fills, first choice first")
    reaction: Time = Field(description="from assignment of a new target to the first launch")
    launch_interval: Time = Field(description="between two launches of the unit")
    assessment: Time = Field(description="from the last intercept to the decision to fire again")
    false_kill: Share = Field(description="chance that a survivor is judged killed")
    false_survival: Share = Field(description="chance that a killed target is judged alive")
    doctrine: dict[TargetClass, Doctrine]

    @model_validator(mode="after")
    def _loaded(self) -> Self:
        if not self.load or any(share <= 0 for share in self.load.values()) or sum(self.load.values()) > 1.0 + 1e-9:
            raise ValueError("load shares must be above 0 and add up to at most 1")
        return self


class Package(Noun):
    """What comes together when one fire unit is bought or deployed."""

    sensors: tuple[Id, ...] = ()
    command_post: str | None = Field(default=None, description="what commands the fire unit")


class Formation(Noun):
    """What a buyer or an army calls a battery, battalion, regiment: how many fire units it has."""

    name: str
    fire_units: Count


class Price(Noun):
    """What was paid or asked, for what."""

    what: str
    amount: Money
    year: int | None = Field(default=None, ge=1950, le=2100, description="of the contract or the budget, where known")
    scope: str = Field(description="what the sum buys, as far as is known")
    fire_units: Count | None = Field(default=None, description="fire units it buys, where they can be counted")


class System(Noun):
    """One system, one file."""

    id: Id
    name: str
    summary: str
    platform: Literal["land", "ship"] = "land"
    claimed: str | None = Field(default=None, description="said with every answer: why the whole entry is a claim")
    radars: dict[Id, Radar]
    missiles: dict[Id, Missile]
    fire_unit: FireUnit
    package: Package = Package()
    formations: dict[Id, Formation] = {}
    prices: dict[Id, Price] = {}
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        radar = self.radars.get(self.fire_unit.engagement_radar)
        if radar is None:
            raise ValueError(f"fire_unit.engagement_radar {self.fire_unit.engagement_radar!r} is not among radars")
        if radar.role == "surveillance":
            raise ValueError(f"fire_unit.engagement_radar {self.fire_unit.engagement_radar!r} is a surveillance radar")
        for missile in self.fire_unit.load:
            if missile not in self.missiles:
                raise ValueError(f"fire_unit.load names {missile!r}, which is not among missiles")
        for sensor in self.package.sensors:
            if sensor not in self.radars:
                raise ValueError(f"package.sensors names {sensor!r}, which is not among radars")
        return self

    @property
    def engagement_radar(self) -> Radar:
        """The radar that guides the fire unit's missiles."""
        return self.radars[self.fire_unit.engagement_radar]

    def brochure(self, target: TargetClass = "aircraft", loaded: Iterable[str] | None = None) -> tuple[str, Envelope] | None:
        """The missile that reaches farthest against a class of target, by its published range, and its envelope there.

        Of those `loaded` (ids), by default the ones the fire unit comes with; whatever its orders hold. None if none engages that class.

        >>> missile, envelope = catalogue.system("s-400").brochure()
        >>> missile, envelope.range_max.value
        ('40n6e', 380.0)
        """
        reach = [
            (self.missiles[name].targets[target].range_max.si, name)
            for name in (self.fire_unit.load if loaded is None else loaded)
            if target in self.missiles[name].targets
        ]
        if not reach:
            return None
        _, name = max(reach)
        return name, self.missiles[name].targets[target]
