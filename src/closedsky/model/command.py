"""Command and control: who is ready, what has been identified, and where and at what a unit may fire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from closedsky.model.noun import Id, Noun
from closedsky.model.place import LatLon
from closedsky.model.ranged import OR_RANGE, RangedNumber
from closedsky.model.system import TargetClass

WeaponsControl = Literal["free", "tight", "hold"]
"""Weapons control status: fire at whatever is not identified as friendly, only at what is identified as hostile, or not at all."""

Moment = Annotated[float, Field(ge=-86_400.0, le=864_000.0), OR_RANGE]
"""Seconds on the clock of the scenario."""
Delay = Annotated[float, Field(ge=0.0, le=86_400.0), OR_RANGE]
Probability = Annotated[float, Field(ge=0.0, le=1.0), OR_RANGE]


class Readiness(Noun):
    """Whether and from when a unit or sensor is up: until then its radars do not radiate, and it cannot fire."""

    probability: Probability = Field(default=1.0, description="that it is up at all, drawn once per trial")
    from_s: Moment | None = Field(default=None, description="up from this time of the scenario on; by default from the start")
    silent: bool = Field(
        default=False, description="emission control: it radiates only once others of its network have tracked something"
    )
    come_up_s: Delay = Field(default=0.0, description="from that track until it radiates; for 'silent'")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.silent and self.from_s is not None:
            raise ValueError("give from_s (a time) or silent (until it is cued), not both")
        if self.come_up_s > 0.0 and not self.silent:
            raise ValueError("come_up_s counts from the cue of a silent radar; add 'silent: true', or give from_s")
        return self


class Reload(Noun):
    """Spare rounds beside the launchers: as soon as the places of a load are empty it is begun, one load of a missile at a time."""

    rounds: Annotated[int, Field(ge=1, le=1000), OR_RANGE] = Field(
        description="in one load, of one missile; at most as many as it has places"
    )
    time_s: Delay = Field(description="from the moment that its places are empty until a load can be fired")
    stock: dict[Id, Annotated[int, Field(ge=1, le=100_000), OR_RANGE]] = Field(description="missile id -> spare rounds")


class Identification(Noun):
    """How long a network takes to identify what it tracks, and how often it is right; what is neither stays unknown."""

    delay_s: Delay = Field(default=0.0, description="from the report of a track to its identity; no fire before")
    correct: Probability = Field(default=1.0, description="share identified as what they are: hostile, or friendly or civil")
    wrong: Probability = Field(default=0.0, description="share identified as the opposite")

    @model_validator(mode="after")
    def _shares(self) -> Self:
        most = sum(one.ends.high if isinstance(one, RangedNumber) else one for one in (self.correct, self.wrong))
        if most > 1.0 + 1e-9:
            raise ValueError(f"correct and wrong add up to {most:g}; they are shares of the same tracks")
        return self


class Zone(Noun):
    """A volume of airspace that limits where units may launch at a target, or meet it; corners are joined straight on the map."""

    id: Id
    outline: Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=1000)] = Field(description="corners, in order")
    altitude_min_m: Annotated[float, Field(ge=-500.0, le=3_000_000.0)] | None = None
    altitude_max_m: Annotated[float, Field(ge=-500.0, le=3_000_000.0)] | None = None
    launch: Literal["inside", "outside"] | None = Field(
        default=None,
        description="launch only while the target is inside (a hold line: what lies behind it), or only while outside",
    )
    intercept: Literal["inside", "outside"] | None = Field(
        default=None,
        description="meet a target only inside (an engagement zone), or only outside (an area that is not fired into)",
    )
    units: tuple[Id, ...] = Field(default=(), description="to whom it applies; by default to all")
    classes: tuple[TargetClass, ...] = Field(default=(), description="against which targets; by default against all")

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.launch is None and self.intercept is None:
            raise ValueError("a zone limits launch or intercept; give one of them, inside or outside")
        low, high = self.altitude_min_m, self.altitude_max_m
        if low is not None and high is not None and low >= high:
            raise ValueError(f"altitude_min_m {low:g} is not below altitude_max_m {high:g}")
        return self
