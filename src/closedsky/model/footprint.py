"""The answer of `closedsky footprint`."""

from typing import Literal

from closedsky.model.noun import Noun
from closedsky.model.used import FiguresUsed, MapTerrain


class FootprintUnit(Noun):
    """The fire unit whose footprint is computed. A sector without a heading faces each azimuth in turn: any one direction at a time."""

    system: str
    name: str
    at: tuple[float, float]
    sector_deg: float
    heading_deg: float | None
    intercept_range_km: float
    brochure_km: float


class FootprintThreat(Noun):
    """The threat: its range, its apogee (null: minimum energy), and its arrival speed at the unit's site."""

    id: str
    name: str
    range_km: float
    apogee_km: float | None
    arrival_mps: float


class Defended(Noun):
    """Aim points that are defended against threats from one azimuth: their area, and its extent relative to the unit facing it.

    An extent is negative if the footprint ends short of the unit, and null if nothing is defended: `why_none` says why.
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


class FootprintAnswer(Noun):
    """Low, likely and high: every figure at the end that favours the attacker, as chosen, at the end that favours the defender."""

    schema_version: Literal[1] = 1
    unit: FootprintUnit
    threat: FootprintThreat
    opportunities: int
    together: int
    cell_km: float
    terrain: MapTerrain
    catalogue_hash: str
    assumed: FiguresUsed
    left_as_chosen: tuple[str, ...]
    warnings: tuple[str, ...]
    low: tuple[Defended, ...]
    likely: tuple[Defended, ...]
    high: tuple[Defended, ...]
