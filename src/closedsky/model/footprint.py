"""The answer of `closedsky footprint`."""

from typing import Literal

from closedsky.model.noun import Noun


class FootprintUnit(Noun):
    """The fire unit whose footprint it is. A sector without a heading is turned to face each azimuth: any one direction at a time."""

    system: str
    name: str
    at: tuple[float, float]
    sector_deg: float
    heading_deg: float | None
    intercept_range_km: float
    brochure_km: float


class FootprintThreat(Noun):
    """What is fired at it: over what range, with what apogee (none: minimum energy), and how fast it arrives at the unit's site."""

    id: str
    name: str
    range_km: float
    apogee_km: float | None
    arrival_mps: float


class FootprintTerrain(Noun):
    """The ground it stands on."""

    name: str
    posting_m: float
    label: str


class Defended(Noun):
    """Aim points that are defended against threats from one azimuth: their area, how far they reach as seen from the unit facing it.

    A reach is negative where the footprint ends short of the unit, and there is none where nothing is defended: `why_none` says why.
    `area_by_opportunities` is the area with at least one, two, ... opportunities.
    """

    from_deg: float
    area_km2: float
    ahead_km: float | None
    behind_km: float | None
    left_km: float | None
    right_km: float | None
    area_by_opportunities_km2: tuple[float, ...]
    why_none: str | None = None


class FootprintAssumed(Noun):
    """How many of the figures it rests on are assumed or unverified."""

    count: int
    of: int


class FootprintAnswer(Noun):
    """Low, likely and high: every figure at its end favouring the attacker, as chosen, at its end favouring the defender."""

    schema_version: Literal[1] = 1
    unit: FootprintUnit
    threat: FootprintThreat
    opportunities: int
    together: int
    cell_km: float
    terrain: FootprintTerrain
    catalogue_hash: str
    assumed: FootprintAssumed
    left_as_chosen: tuple[str, ...]
    warnings: tuple[str, ...]
    low: tuple[Defended, ...]
    likely: tuple[Defended, ...]
    high: tuple[Defended, ...]
