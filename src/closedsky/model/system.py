"""A ground-based air defence system as its catalogue describes it: radars, missiles, fire unit, package."""

from typing import Literal, Self

from pydantic import Field, model_validator

from closedsky.model.claim import (
    Angle,
    Claim,
    Count,
    CrossSection,
    Guidance,
    Height,
    Interval,
    Length,
    Pace,
    Reach,
    Share,
    Speed,
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
    swerling: Literal[0, 1, 3] = 1


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
    detection: Anchor
    instrumented_range: Length
    range_min: Length = Claim(value=0.0, unit="m")
    antenna_height: Length
    elevation_min: Angle
    elevation_max: Angle
    sector: Angle = Field(description="full width of the instantaneous sector in azimuth; 360 deg looks all round")
    revisit: Interval = Field(description="time between two looks at one target in search")
    confirm: Confirmation = Confirmation(hits=2, looks=3)
    dwell: Interval | None = Field(default=None, description="time between two cued looks; engagement and multifunction only")

    @model_validator(mode="after")
    def _roles(self) -> Self:
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


class Missile(Noun):
    """An interceptor."""

    name: str
    guidance: Guidance
    range_min: Length
    altitude_min: Height
    mean_speed: Pace = Field(description="straight-line distance to the intercept over the time of flight")
    target_speed_max: Speed
    targets: dict[TargetClass, Envelope]


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
    channels: Count
    missiles_guided: Count
    launchers: Count
    missiles_per_launcher: Count
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


class System(Noun):
    """One system, one file."""

    id: Id
    name: str
    summary: str
    radars: dict[Id, Radar]
    missiles: dict[Id, Missile]
    fire_unit: FireUnit
    package: Package = Package()
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
