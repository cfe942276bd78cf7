"""A threat in the catalogue."""

from typing import Literal, Self

from pydantic import Field, model_validator

from closedsky.model.figure import (
    Area,
    BallisticCoefficient,
    Boost,
    Frequency,
    Height,
    Length,
    Money,
    Pace,
    PowerDensity,
    Share,
)
from closedsky.model.noun import Id, Noun
from closedsky.model.system import TargetClass


class Signature(Noun):
    """Mean radar cross-section by aspect, and its fluctuation from look to look."""

    nose: Area
    beam: Area
    tail: Area
    swerling: Literal[0, 1, 2, 3, 4] = 1


class Jammer(Noun):
    """A noise jammer."""

    power_density: PowerDensity = Field(description="effective radiated power per MHz of the band")
    frequency_min: Frequency
    frequency_max: Frequency

    @model_validator(mode="after")
    def _a_band(self) -> Self:
        if self.frequency_max.si <= self.frequency_min.si:
            raise ValueError("frequency_max must be above frequency_min")
        return self


class Threat(Noun):
    """One type of attacker."""

    id: Id
    name: str
    summary: str
    target_class: TargetClass
    signature: Signature
    speed: Pace | None = Field(default=None, description="cruising speed; routes only")
    height: Height | None = Field(default=None, description="usual height above ground; routes only")
    range_max: Length
    boost: Boost | None = Field(default=None, description="burn time; ballistic only")
    ballistic_coefficient: BallisticCoefficient | None = Field(
        default=None, description="mass over drag area, after burnout; ballistic only; without it, no drag"
    )
    decoy: bool = Field(default=False, description="it has a signature and no effect, and is not counted in leakage")
    jammer: Jammer | None = None
    price: Money | None = None
    reliability: Share = Field(description="probability that it does not fail in flight")
    endpoint: Literal["impact", "release"] = Field(description="endpoint of its flight")
    cep: Length
    lethal_radius: Length
    notes: tuple[str, ...] = ()
