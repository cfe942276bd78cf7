"""The result of a run: means over trials with their intervals, from the outcomes of trials.

Confidence intervals cover luck only, with figures as chosen; brackets cover the unknown, and come from `raid.outer`. Shares have
Wilson intervals at an effective sample size: the number of independent threats with the same variance between trials (threats of one
trial share their defence and are not independent).
"""

import math
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import (
    CAUSES,
    COUNTS,
    EVENTS,
    LAUNCHED,
    LEAKERS,
    THREATENING,
    THREATENING_LEAKERS,
    TICKS_PER_S,
    WOULD_FAIL,
    Outcomes,
    Records,
)
from closedsky.engine.pack import Names
from closedsky.model.metric import TOTALS
from closedsky.model.noun import Noun
from closedsky.model.used import FiguresUsed, TerrainUsed

Z95 = 1.959963984540054

Numbers = npt.NDArray[Any]
Unit = Literal["share", "threats", "rounds", "value"]


class Metric(Noun):
    """A mean over trials.

    ci95       its 95 % interval over luck, figures as chosen
    bracket90  5 to 95 % of its means over the outer draws: the unknown (null: luck only); `median`, of the same
    trials95   the central 95 % of single trials, figures as chosen (null for shares)
    """

    id: str
    unit: Unit
    mean: float
    ci95: tuple[float, float]
    bracket90: tuple[float, float] | None = None
    median: float | None = None
    trials95: tuple[float, float] | None = None


class Influence(Noun):
    """A figure that the answer of a variant hangs on.

    share      of the variance of leakage per launched between outer draws: its first-order effect, from a quadratic fit
    error      the standard error of that share
    low, high  leakage per launched at the low and at the high end of its range, by the fit
    """

    variant: str
    figure: str
    grade: str
    source: tuple[str, ...]
    share: float
    error: float
    low: float
    high: float


class TotalEffect(Noun):
    """A figure's total effect on a variant: the share of the variance between outer draws that is left if all other figures are known.

    error  the standard error of that share
    """

    figure: str
    grade: str
    source: tuple[str, ...]
    share: float
    error: float


class UnknownSpread(Noun):
    """What the spread of a variant's leakage per launched comes from.

    luck_share     of the variance of single raids: what is luck, the rest being the unknown
    carriers       the figures that carry most of the rest, at most three
    total_effects  of the ten figures with the greatest first-order effects, where asked for (null: not)
    """

    luck_share: float
    carriers: tuple[Influence, ...]
    total_effects: tuple[TotalEffect, ...] | None = None


class Spread(Noun):
    """A mean and its 95 % interval."""

    mean: float
    ci95: tuple[float, float]


class Rounds(Noun):
    """Rounds of one missile type fired by one unit: mean over trials and its 95 % interval."""

    unit: str
    missile: str
    loaded: int
    mean: float
    ci95: tuple[float, float]


class VariantResult(Noun):
    """The answer for one variant."""

    name: str
    trials: int
    metrics: tuple[Metric, ...]
    why_no_shot: dict[str, Spread]
    rounds: tuple[Rounds, ...]
    unknown: UnknownSpread | None = None
    warnings: tuple[str, ...]

    def metric(self, metric_id: str) -> Metric:
        """The metric of that id; KeyError if there is none."""
        for metric in self.metrics:
            if metric.id == metric_id:
                return metric
        raise KeyError(metric_id)


class RunFigures(FiguresUsed):
    """How many figures of the catalogue of each grade, the scenario's own numbers beside them, and the three that move the answers most.

    of_scenario         numbers and places that the scenario states: of its raid, defence, assets and surroundings
    of_scenario_ranged  those of them that have a range, which is drawn as the figures' are
    most_influential    of both kinds (null: luck only)
    """

    of_scenario: int
    of_scenario_ranged: int
    most_influential: tuple[Influence, ...] | None


class BreakEven(Noun):
    """The value of one figure, in its unit and with all others as chosen, at which the order of two variants turns."""

    figure: str
    value: float
    chosen: float
    unit: str


class Comparison(Noun):
    """Two variants compared draw by draw.

    share       of the outer draws in which variant `lower` has less
    separable   whether that share is at least 90 %, and the lower end of its 95 % Wilson interval at least 85 %
    break_even  one figure at which their order turns (null: none found, or not looked for)
    """

    metric: str
    lower: str
    higher: str
    share: float
    separable: bool
    break_even: BreakEven | None = None


class Result(Noun):
    """The result of `run`.

    scenario        id of the scenario
    seed, trials    seed of the random draws, and number of trials with figures as chosen
    outer_draws     sets of figures drawn for the brackets, and trials_a_draw, trials with each; 0: luck only
    interval        what the intervals cover
    terrain         the terrain used
    catalogue_hash  hash of the catalogue used
    assumed         how many figures of each grade and numbers of the scenario, and those that move the result most
    comparisons     every two variants, draw by draw
    variants        metrics, causes of leakage, rounds and warnings of each variant

    Example
    -------
    >>> closedsky.run("first-battery", trials=2000, seed=7).variants[0].metric("leakage_per_launched").mean
    """

    schema_version: Literal[2] = 2
    scenario: str
    seed: int
    trials: int
    outer_draws: int
    trials_a_draw: int
    interval: Literal["ci95: luck, figures as chosen; bracket90: the unknown, 5 to 95 % of the outer draws"] = (
        "ci95: luck, figures as chosen; bracket90: the unknown, 5 to 95 % of the outer draws"
    )
    terrain: TerrainUsed
    catalogue_hash: str
    assumed: RunFigures
    comparisons: tuple[Comparison, ...]
    variants: tuple[VariantResult, ...]

    def variant(self, name: str) -> VariantResult:
        """The variant of that name; KeyError if there is none."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)


def spread(values: npt.NDArray[Any]) -> tuple[float, tuple[float, float]]:
    """Mean over trials and its normal 95 % interval."""
    n = values.shape[0]
    mean = float(np.mean(values))
    half = Z95 * float(np.std(values, ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    return mean, (max(mean - half, 0.0), mean + half) if n > 1 else (mean, mean)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share observed in `n` independent trials (Wilson 1927)."""
    centre = (share + Z95 * Z95 / (2.0 * n)) / (1.0 + Z95 * Z95 / n)
    half = Z95 / (1.0 + Z95 * Z95 / n) * math.sqrt(share * (1.0 - share) / n + Z95 * Z95 / (4.0 * n * n))
    return min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share)


def share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> tuple[float, tuple[float, float]]:
    """Σ part / Σ whole over trials, with Wilson's interval at the effective sample size.

    The variance of the ratio is linearised over trials; n_eff = p (1 − p) / variance. Without variance between trials (p is 0 or 1, or
    all trials are alike) n_eff is the number of trials. If Σ whole = 0, the share is 0 with the interval [0, 1].
    """
    trials = part.shape[0]
    total = float(np.sum(whole))
    if total == 0.0:
        return 0.0, (0.0, 1.0)
    p = float(np.sum(part)) / total
    residual = part - p * whole
    variance = float(np.sum(residual * residual)) / (total * total) * trials / max(trials - 1, 1)
    n = p * (1.0 - p) / variance if variance > 1e-18 and 0.0 < p < 1.0 else float(trials)
    return p, wilson(p, n)


def leakage_half_width(outcomes: Outcomes) -> float:
    """Half the width of the 95 % interval of leakage per launched."""
    _, (low, high) = share(outcomes.counts[:, LEAKERS], outcomes.counts[:, LAUNCHED])
    return (high - low) / 2.0


class Measured(NamedTuple):
    """A metric, trial by trial: the mean of `part`, or with a `whole` the share Σ part / Σ whole."""

    id: str
    unit: Unit
    part: Numbers
    whole: Numbers | None = None

    @property
    def mean(self) -> float:
        """Over all trials; a share of nothing is 0."""
        if self.whole is None:
            return float(np.mean(self.part))
        total = float(np.sum(self.whole))
        return float(np.sum(self.part)) / total if total > 0.0 else 0.0


def measured(outcomes: Outcomes, names: Names, value: float) -> Iterator[Measured]:
    """Every metric of the outcomes of trials; `value` is the total value of the assets."""
    counts = outcomes.counts.astype(np.float64)
    launched, leakers = counts[:, LAUNCHED], counts[:, LEAKERS]
    yield Measured("leakage_per_launched", "share", leakers, launched)
    yield Measured("leakage_per_arriving", "share", leakers, launched - counts[:, WOULD_FAIL])
    yield Measured("leakage_per_threatening", "share", counts[:, THREATENING_LEAKERS], counts[:, THREATENING])
    lost = outcomes.value_lost / value if value > 0.0 else np.zeros_like(outcomes.value_lost)
    yield Measured("leakage_by_effect", "share", lost)
    for metric_id in TOTALS:
        unit: Any = {
            "value_lost": "value",
            "rounds_fired": "rounds",
            "rounds_at_decoys": "rounds",
            "rounds_at_others": "rounds",
        }.get(metric_id, "threats")
        yield Measured(metric_id, unit, outcomes.value_lost if metric_id == "value_lost" else counts[:, COUNTS.index(metric_id)])
    for i, asset in enumerate(names.assets):
        for what, table in (("impacts", outcomes.asset_impacts), ("hits", outcomes.asset_hits)):
            yield Measured(f"{what}.{asset}", "threats", table[:, i])


def summarise(
    name: str, outcomes: Outcomes, names: Names, loaded: list[int], value: float, warnings: tuple[str, ...]
) -> VariantResult:
    """The result of one variant from the outcomes of its trials; `value` is the total value of the assets."""
    return VariantResult(
        name=name,
        trials=outcomes.counts.shape[0],
        metrics=tuple(_metric(one) for one in measured(outcomes, names, value)),
        why_no_shot={cause: _spread(outcomes.causes[:, i]) for i, cause in enumerate(CAUSES)},
        rounds=tuple(_rounds(names, i, loaded[i], outcomes.rounds[:, i]) for i in range(len(names.magazines))),
        warnings=warnings,
    )


def _metric(one: Measured) -> Metric:
    if one.whole is not None:
        mean, interval = share(one.part, one.whole)
        return Metric(id=one.id, unit=one.unit, mean=mean, ci95=interval)
    mean, interval = spread(one.part)
    if one.unit == "share":
        return Metric(id=one.id, unit=one.unit, mean=mean, ci95=(interval[0], min(interval[1], 1.0)))
    low, high = np.quantile(one.part, (0.025, 0.975), method="inverted_cdf")
    return Metric(id=one.id, unit=one.unit, mean=mean, ci95=interval, trials95=(float(low), float(high)))


def _spread(values: npt.NDArray[Any]) -> Spread:
    mean, interval = spread(values)
    return Spread(mean=mean, ci95=interval)


def _rounds(names: Names, magazine: int, loaded: int, values: npt.NDArray[Any]) -> Rounds:
    unit, missile = names.magazines[magazine]
    mean, interval = spread(values)
    return Rounds(unit=unit, missile=missile, loaded=loaded, mean=mean, ci95=interval)


def columns(outcomes: Outcomes, names: Names) -> dict[str, npt.NDArray[Any]]:
    """Outcomes by name, each an array over trials."""
    return {
        **{name: outcomes.counts[:, i] for i, name in enumerate(COUNTS)},
        "value_lost": outcomes.value_lost,
        **{f"why.{name}": outcomes.causes[:, i] for i, name in enumerate(CAUSES)},
        **{f"impacts.{name}": outcomes.asset_impacts[:, i] for i, name in enumerate(names.assets)},
        **{f"hits.{name}": outcomes.asset_hits[:, i] for i, name in enumerate(names.assets)},
        **{f"rounds.{unit}.{missile}": outcomes.rounds[:, i] for i, (unit, missile) in enumerate(names.magazines)},
    }


class Event(Noun):
    """An event of a trial. `value` is the rounds assigned, 1 for a kill, the miss distance of an impact (m), or what a track is taken for:
    0 hostile, 1 friendly or civil, 3 unknown.
    """

    time_s: float
    event: str
    threat: str
    network: str | None
    unit: str | None
    missile: str | None
    cause: str | None
    value: float


def story(log: Records, names: Names) -> list[Event]:
    """The event log of a trial, with indices replaced by names and ticks by seconds."""
    return [
        Event(
            time_s=float(row["tick"]) / TICKS_PER_S,
            event=EVENTS[row["kind"]],
            threat=names.threats[row["threat"]],
            network=names.networks[row["network"]] if row["network"] >= 0 else None,
            unit=names.units[row["unit"]] if row["unit"] >= 0 else None,
            missile=names.magazines[row["magazine"]][1] if row["magazine"] >= 0 else None,
            cause=CAUSES[int(row["value"])] if EVENTS[row["kind"]] == "cause" else None,
            value=float(row["value"]),
        )
        for row in log
    ]
