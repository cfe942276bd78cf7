"""The answer of `closedsky cover`: how much of the airspace is closed, level by level."""

from typing import Literal

from closedsky.model.noun import Noun
from closedsky.model.scenario import Target
from closedsky.model.used import FiguresUsed, MapTerrain

Above = Literal["ground", "sea"]
Sited = Literal["low", "high", "altitude"]
"""How a unit was sited on statistical relief: on flat ground, on a height, or on ground of the altitude that is stated."""


class Bracket(Noun):
    """A number with every figure at the end that favours the attacker, as chosen, and at the end that favours the defender."""

    low: float
    likely: float
    high: float


class OverDraws(Noun):
    """What is closed over the outer draws: shares of the area, or km² without one.

    bracket90   5 to 95 % of the draws; `median`, of the same
    coarsening  what counting on coarse cells adds: the likely answer counted on them, less the likely answer
    """

    bracket90: tuple[float, float]
    median: float
    coarsening: float


class LevelAnswer(Noun):
    """One level. Shares are of the requested area, null without one; areas in km² are of all cells, inside it or not.

    Behind the fence are cells that nobody can engage, but that no straight line reaches without enough firing opportunities; they are no
    part of closed. `headings` is how many the worst heading was sought among. Staring: what is closed if each unit without a heading
    keeps one sector, on the heading that closes most by itself; null where none has a sector to keep. Where statistical relief was used,
    all ranges are over it, and the coarse ones of closed are what the terrain as it is gives.
    """

    level_m: float
    underground_share: float
    headings: int
    tracked_share: Bracket | None
    engageable_share: Bracket | None
    closed_share: Bracket | None
    closed_staring_share: Bracket | None = None
    behind_fence_share: Bracket | None
    tracked_km2: Bracket
    engageable_km2: Bracket
    closed_km2: Bracket
    closed_staring_km2: Bracket | None = None
    behind_fence_km2: Bracket
    coarse_closed_share: Bracket | None = None
    coarse_closed_km2: Bracket | None = None
    closed_over_draws: OverDraws | None = None


class ReliefUsed(Noun):
    """Statistical relief in an answer: how many made-up grounds, how units were sited on them, and the size of the cells counted."""

    seeds: int
    sitings: tuple[Sited, ...]
    cell_m: float


class Circle(Noun):
    """The brochure circle of a unit: the maximum range against aircraft of its longest-range loaded missile."""

    unit: str
    system: str
    missile: str
    at: tuple[float, float]
    range_km: float
    ceiling_km: float


class Volume(Noun):
    """Closed volume from the ground to the ceiling, and its ratio to that of the brochure circles (overlaps counted once)."""

    ceiling_m: float
    closed_km3: Bracket
    circles_km3: float
    ratio: Bracket


class DrawsUsed(Noun):
    """The outer draws of an answer: each a joint draw of all figures that have a range.

    count          how many, from `seed`
    cell_m         side of the cells that they were counted on
    grounds        how many made-up grounds, each with a siting of the units, the draws take turns on; 1: the terrain as it is
    grounds_share  share of the variance of what is closed, mean over the levels, that lies between grounds; null for one ground
    """

    count: int
    seed: int
    cell_m: float
    grounds: int
    grounds_share: float | None


class AreaAsked(Noun):
    """The area whose share closed is computed."""

    name: str
    iso3: str
    km2: float


class Approach(Noun):
    """Straight approaches to an asset at one level by a number of threats together, one per azimuth of origin.

    `opportunities` are those offered to the threat with the fewest, as chosen and at most 20; `leakage` is the share of threats that
    survives all salvos offered, an upper bound where a kill would have released a channel.
    """

    level_m: float
    together: int
    opportunities: tuple[int, ...]
    leakage: tuple[Bracket, ...]


class Rose(Noun):
    """The protection rose of an asset: approaches from all azimuths."""

    asset: str
    at: tuple[float, float]
    azimuths_deg: tuple[float, ...]
    approaches: tuple[Approach, ...]


class Mover(Noun):
    """A figure that what is closed hangs on, mean over the levels, as a share of the area or in km² without one.

    share      of the variance between outer draws on one ground: its first-order effect, from a quadratic fit
    error      the standard error of that share
    low, high  what is closed at the low and at the high end of its range, all others drawn: by the fit
    """

    figure: str
    grade: str
    source: tuple[str, ...]
    share: float
    error: float
    low: float
    high: float


class CoverFigures(FiguresUsed):
    """How many figures the answer used, how many of each grade, and the at most three that carry most of the spread (null: no draws)."""

    most_influential: tuple[Mover, ...] | None


class SkyAnswer(Noun):
    """The answer for one variant."""

    variant: str
    target: Target
    above: Above
    opportunities: int
    together: int
    headings: str
    slewing: tuple[str, ...]
    cell_m: float
    terrain: MapTerrain
    catalogue_hash: str
    area: AreaAsked | None
    circles: tuple[Circle, ...]
    circles_km2: float
    circles_share: float | None
    levels: tuple[LevelAnswer, ...]
    relief: ReliefUsed | None
    volume: Volume | None
    roses: tuple[Rose, ...]
    draws: DrawsUsed | None
    assumed: CoverFigures
    left_as_chosen: tuple[str, ...]
    warnings: tuple[str, ...]


class SkyAnswers(Noun):
    """The answer of `closedsky cover`: one per variant."""

    schema_version: Literal[2] = 2
    scenario: str
    variants: tuple[SkyAnswer, ...]
