"""A ground-based air defence system in the catalogue: radars, missiles, fire unit, package."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from closedsky.model.figure import (
    Angle,
    Count,
    CrossSection,
    Factor,
    Figure,
    Frequency,
    FuelShare,
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
from closedsky.model.ranged import OR_RANGE, RangedCount, is_ranged

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
    """Inputs of the radar equation where no detection range is published; one pulse, matched filter."""

    peak_power: Power
    pulse: Pulse
    gain: Level = Field(description="antenna gain, main lobe, the same for transmission and reception")
    noise_temperature: Temperature
    loss: Level = Field(description="all losses except gas and clutter loss")
    pfa: Share


class Receiver(Noun):
    """Receiver data, from which the effect of noise jamming is computed."""

    gain: Level = Field(description="antenna gain, main lobe")
    beamwidth: Angle = Field(description="full width of the main lobe at half power")
    side_lobes: Level = Field(description="side-lobe level below the main lobe")
    noise_temperature: Temperature


class Clutter(Noun):
    """Clutter loss for targets near the ground with a low radial speed."""

    loss: Level
    height: Length = Field(description="height of the target above ground below which it is lost")
    radial_speed: Speed = Field(description="radial speed below which it is lost")


class Confirmation(Noun):
    """A track is confirmed by `hits` detections in `looks` successive looks."""

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
    frequency: Frequency | None = Field(default=None, description="without it, no gas loss, no lobing and no jamming")
    detection: Anchor | None = Field(default=None, description="a published detection range; or else 'equation'")
    equation: Parameters | None = Field(default=None, description="the radar by its parameters; or else 'detection'")
    pulses: Number | None = Field(default=None, description="pulses per look, integrated non-coherently; by default one")
    instrumented_range: Length
    range_min: Length = Figure(value=0.0, unit="m")
    antenna_height: Length
    elevation_min: Angle
    elevation_max: Angle
    sector: Angle = Field(description="full width of the instantaneous sector in azimuth; 360 deg: all round")
    revisit: Interval = Field(description="time between two looks at one target in search")
    confirm: Confirmation = Confirmation(hits=2, looks=3)
    dwell: Interval | None = Field(default=None, description="time between two cued looks; engagement and multifunction only")
    radial_speed_min: Speed | None = Field(
        default=None, description="moving-target filter: targets of lower radial speed are not seen"
    )
    clutter: Clutter | None = None
    receiver: Receiver | None = Field(default=None, description="without it, jamming has no effect on the radar")
    tracks: Count | None = Field(default=None, description="track capacity; recorded, not yet a limit")

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
    """Where a missile can intercept a target of one class, and the kill probability of one round."""

    range_max: Length
    altitude_max: Height
    pk: Share
    altitude_min: Height | None = Field(default=None, description="lowest target of this class; by default that of the missile")
    crossing_max: Length | None = Field(default=None, description="greatest crossing offset of the target's course")
    receding_max: Length | None = Field(default=None, description="range against a receding target")
    manoeuvring_max: Length | None = Field(default=None, description="range against a manoeuvring target")


class FlyOut(Noun):
    """Inputs of a fly-out: the missile burns evenly, then coasts, with drag and weight."""

    launch_mass: Mass
    fuel_share: FuelShare = Field(description="propellant, and a booster that is dropped, over launch mass")
    burn: Interval
    speed_max: Pace = Field(description="at burnout")
    diameter: Length
    drag: Factor = Field(default=Figure(value=1.0), description="drag over that of the generic curve for slender finned missiles")
    loft: Length = Field(description="greatest height of a lofted path above the straight line")
    speed_least: Pace = Field(description="least speed at which it can still intercept a target")


class MeanSpeed(Noun):
    """A published mean speed over a straight-line distance. Recorded: a fly-out is compared with it, nothing flies at it."""

    speed: Pace
    distance: Reach


class Missile(Noun):
    """An interceptor. How long it takes to a point is computed from `flyout`."""

    name: str
    guidance: Guidance
    range_min: Length
    altitude_min: Height = Field(description="lowest target, a height above the ground below it (data sheets call it altitude)")
    flyout: FlyOut
    mean_speeds: dict[Id, MeanSpeed] = Field(default={}, description="published mean speeds; recorded, not flown at")
    target_speed_max: Speed
    per_place: Number | None = Field(default=None, description="number per launcher place; by default one")
    targets: dict[TargetClass, Envelope]

    @model_validator(mode="before")
    @classmethod
    def _flies(cls, data: Any) -> Any:
        if isinstance(data, dict) and "mean_speed" in data:
            given = "write 'flyout' in its place" if "flyout" not in data else "remove it, 'flyout' is what flies"
            raise ValueError(
                f"no missile flies at a 'mean_speed' any more; {given} ({', '.join(FlyOut.model_fields)}), "
                "and a published mean speed under 'mean_speeds'; docs/catalogue.md says what to assume where nothing is published"
            )
        return data


class Doctrine(Noun):
    """Doctrine against a target class: `salvo` rounds at once, assessed, and again while time and stock last; `hold` forbids fire."""

    salvo: int = Field(ge=1, le=8)
    max_rounds: Annotated[int, Field(ge=1, le=64), OR_RANGE] | None = Field(
        default=None, description="most rounds at one target; by default no limit; a range only in a scenario's defence"
    )
    hold: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        least = self.max_rounds.ends.low if isinstance(self.max_rounds, RangedCount) else self.max_rounds
        if least is not None and self.salvo > least:
            raise ValueError(f"a salvo of {self.salvo} is more than max_rounds {least:g}")
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
    false_kill: Share = Field(description="probability that a survivor is judged killed")
    false_survival: Share = Field(description="probability that a killed target is judged alive")
    doctrine: dict[TargetClass, Doctrine]

    @model_validator(mode="after")
    def _loaded(self) -> Self:
        if not self.load or any(share <= 0 for share in self.load.values()) or sum(self.load.values()) > 1.0 + 1e-9:
            raise ValueError("load shares must be above 0 and add up to at most 1")
        if any(is_ranged(orders.max_rounds) for orders in self.doctrine.values()):
            raise ValueError("a range of max_rounds is drawn in a scenario only; give it in the doctrine of an item of 'defence'")
        return self


class Package(Noun):
    """The components that are bought or deployed with one fire unit."""

    sensors: tuple[Id, ...] = ()
    command_post: str | None = Field(default=None, description="what commands the fire unit")


class Formation(Noun):
    """A battery, battalion or regiment in the terms of sellers or armies: its number of fire units."""

    name: str
    fire_units: Count


class Price(Noun):
    """A price paid or asked, and its scope."""

    what: str
    amount: Money
    year: int | None = Field(default=None, ge=1950, le=2100, description="of the contract or the budget, where known")
    scope: str = Field(description="what the sum pays for, as far as is known")
    fire_units: Count | None = Field(default=None, description="fire units it buys, where they can be counted")


class System(Noun):
    """One system, one file."""

    id: Id
    name: str
    summary: str
    platform: Literal["land", "ship"] = "land"
    claimed: str | None = Field(default=None, description="printed with every answer: why the whole entry is a claim")
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
        """The missile with the longest published range against a target class, and its envelope.

        Of those `loaded` (ids), by default the fire unit's standard load; regardless of its doctrine. None if none engages that class.

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
