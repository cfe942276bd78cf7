"""The result of a run: means over trials with their intervals, from the outcomes of trials.

Intervals cover random draws only, with figures as chosen. Shares have Wilson intervals at an effective sample size: the number of
independent threats with the same variance between trials (threats of one trial share their defence and are not independent).
"""

import math
from typing import Any, Literal

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

Numbers = npt.NDArray[np.float64]


class Metric(Noun):
    """A mean over trials, its 95 % interval, and the central 95 % range of single trials (null for shares)."""

    id: str
    unit: Literal["share", "threats", "rounds", "value"]
    mean: float
    ci95: tuple[float, float]
    trials95: tuple[float, float] | None = None


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
    warnings: tuple[str, ...]

    def metric(self, metric_id: str) -> Metric:
        """The metric of that id; KeyError if there is none."""
        for metric in self.metrics:
            if metric.id == metric_id:
                return metric
        raise KeyError(metric_id)


class Influence(Noun):
    """Leakage per launched with one figure at its low and at its high end, all others as chosen."""

    variant: str
    figure: str
    grade: str
    low: float
    high: float


class RunFigures(FiguresUsed):
    """How many figures of each grade, and the three that move the answer most (null: not computed)."""

    most_influential: tuple[Influence, ...] | None


class Result(Noun):
    """The result of `run`.

    scenario        id of the scenario
    seed, trials    seed of the random draws, and number of trials
    interval        what the intervals cover
    terrain         the terrain used
    catalogue_hash  hash of the catalogue used
    assumed         how many figures of each grade, and those that move the result most
    variants        metrics, causes of leakage, rounds and warnings of each variant

    Example
    -------
    >>> closedsky.run("first-battery", trials=2000, seed=7).variants[0].metric("leakage_per_launched").mean
    """

    schema_version: Literal[1] = 1
    scenario: str
    seed: int
    trials: int
    interval: Literal["luck only: figures as chosen"] = "luck only: figures as chosen"
    terrain: TerrainUsed
    catalogue_hash: str
    assumed: RunFigures
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


def summarise(
    name: str, outcomes: Outcomes, names: Names, loaded: list[int], value: float, warnings: tuple[str, ...]
) -> VariantResult:
    """The result of one variant from the outcomes of its trials; `value` is the total value of the assets."""
    counts = outcomes.counts.astype(np.float64)
    launched, leakers = counts[:, LAUNCHED], counts[:, LEAKERS]
    shares = {
        "leakage_per_launched": (leakers, launched),
        "leakage_per_arriving": (leakers, launched - counts[:, WOULD_FAIL]),
        "leakage_per_threatening": (counts[:, THREATENING_LEAKERS], counts[:, THREATENING]),
    }
    metrics = []
    for metric_id, (part, whole) in shares.items():
        mean, interval = share(part, whole)
        metrics.append(Metric(id=metric_id, unit="share", mean=mean, ci95=interval))
    mean, interval = spread(outcomes.value_lost / value if value > 0.0 else np.zeros_like(outcomes.value_lost))
    metrics.append(Metric(id="leakage_by_effect", unit="share", mean=mean, ci95=(interval[0], min(interval[1], 1.0))))
    for metric_id in TOTALS:
        column = outcomes.value_lost if metric_id == "value_lost" else counts[:, COUNTS.index(metric_id)]
        unit: Any = {"value_lost": "value", "rounds_fired": "rounds", "rounds_at_decoys": "rounds"}.get(metric_id, "threats")
        metrics.append(_total(metric_id, unit, column))
    for i, asset in enumerate(names.assets):
        for what, table in (("impacts", outcomes.asset_impacts), ("hits", outcomes.asset_hits)):
            metrics.append(_total(f"{what}.{asset}", "threats", table[:, i]))
    return VariantResult(
        name=name,
        trials=counts.shape[0],
        metrics=tuple(metrics),
        why_no_shot={cause: _spread(outcomes.causes[:, i]) for i, cause in enumerate(CAUSES)},
        rounds=tuple(_rounds(names, i, loaded[i], outcomes.rounds[:, i]) for i in range(len(names.magazines))),
        warnings=warnings,
    )


def _total(metric_id: str, unit: Any, values: npt.NDArray[Any]) -> Metric:
    mean, interval = spread(values)
    low, high = np.quantile(values, (0.025, 0.975), method="inverted_cdf")
    return Metric(id=metric_id, unit=unit, mean=mean, ci95=interval, trials95=(float(low), float(high)))


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
    """An event of a trial. `value` is the rounds assigned, 1 for a kill, or the miss distance of an impact (m)."""

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
