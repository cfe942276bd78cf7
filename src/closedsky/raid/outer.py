"""Outer draws: the trials of every variant, again and again, each time with another set of the figures that have a range."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import LAUNCHED, LEAKERS, Outcomes
from closedsky.engine.results import measured
from closedsky.progress import Progress
from closedsky.raid.prepared import Prepared
from closedsky.scenario.effects import bracket
from closedsky.scenario.situation import Situation
from closedsky.scenario.unknown import Unknown, drawn, shares, unknowns
from closedsky.threads import executor

TRIALS = 200
"""Trials of each variant in each outer draw."""
LEAKAGE = "leakage_per_launched"
_STRIDE = 0x9E3779B97F4A7C15
"""Between the seeds of two outer draws: their luck is independent, while variants of one draw share theirs."""

Floats = npt.NDArray[np.float64]
Trials = Callable[[str, Situation, int], tuple[Prepared, Outcomes]]
"""Runs `TRIALS` trials of a variant with other figures, from a seed."""


@dataclass(frozen=True)
class OuterDraws:
    """The answers of every variant to every outer draw.

    variants   their names
    unknowns   what was drawn, by variant
    shares     cumulative probabilities of the draws by role of the unknown, (draws, 2)
    means      metrics over the trials of each draw: by metric id, (draws, variants)
    variances  variance of leakage per launched between the trials of a draw, (draws, variants)
    """

    variants: tuple[str, ...]
    unknowns: Mapping[str, Sequence[Unknown]]
    shares: Mapping[str, Floats]
    means: Mapping[str, Floats]
    variances: Floats

    @property
    def draws(self) -> int:
        """How many there are."""
        return int(self.variances.shape[0])

    def leakage(self, variant: str) -> Floats:
        """Leakage per launched of a variant, by draw."""
        return np.asarray(self.means[LEAKAGE][:, self.variants.index(variant)])

    def bracket(self, metric_id: str, variant: str) -> tuple[float, float, float]:
        """The 5, 50 and 95 % points of a metric over the draws."""
        return bracket(self.means[metric_id][:, self.variants.index(variant)])


def outer_draws(
    situations: Mapping[str, Situation], draws: int, seed: int, trials: Trials, threads: int, progress: Progress | None = None
) -> OuterDraws:
    """Draw the unknown `draws` times and run every variant each time; the same for any number of threads."""
    by_variant = {name: unknowns(situation) for name, situation in situations.items()}
    columns = {unknown.role: unknown for of in by_variant.values() for unknown in of}
    drawn_shares = {role: shares(unknown, draws, seed) for role, unknown in columns.items()}

    def of_draw(k: int) -> list[tuple[dict[str, float], float]]:
        found = []
        for name, situation in situations.items():
            values = _values(by_variant[name], drawn_shares, k)
            prepared, outcomes = trials(name, drawn(situation, values), _luck(seed, k))
            means = {one.id: one.mean for one in measured(outcomes, prepared.names, prepared.value)}
            found.append((means, _variance(outcomes)))
        return found

    answers = []
    with executor(threads) as pool:
        for one in pool.map(of_draw, range(draws)):
            answers.append(one)
            if progress is not None:
                progress("the unknown: outer draws", len(answers), draws)
    ids = answers[0][0][0]
    means = {key: np.array([[of[key] for of, _ in one] for one in answers]) for key in ids}
    variances = np.array([[variance for _, variance in one] for one in answers])
    return OuterDraws(tuple(situations), by_variant, drawn_shares, means, variances)


def drawn_anew(
    draws: OuterDraws, variant: str, situation: Situation, role: str, seed: int, trials: Trials
) -> Callable[[int], float]:
    """Leakage per launched of a variant by outer draw, with the luck of that draw, but with the figures of one role drawn anew."""
    own = draws.unknowns[variant]
    anew = shares(next(one for one in own if one.role == role), draws.draws, seed + 2**64)  # no run has that seed
    changed = {**draws.shares, role: anew}

    def of_draw(k: int) -> float:
        return leakage_of(trials(variant, drawn(situation, _values(own, changed, k)), _luck(seed, k))[1])

    return of_draw


def _values(of: Sequence[Unknown], columns: Mapping[str, Floats], k: int) -> list[tuple[Unknown, tuple[float, float]]]:
    """Figures with their cumulative probabilities in outer draw `k`."""
    return [(unknown, (float(columns[unknown.role][k, 0]), float(columns[unknown.role][k, 1]))) for unknown in of]


def _luck(seed: int, k: int) -> int:
    """The seed of the trials of outer draw `k`."""
    return (seed + (k + 1) * _STRIDE) % 2**64


def leakage_of(outcomes: Outcomes) -> float:
    """Leakage per launched over all trials; 0 where nothing but decoys is launched."""
    launched = int(np.sum(outcomes.counts[:, LAUNCHED]))
    return float(np.sum(outcomes.counts[:, LEAKERS])) / max(launched, 1)


def _variance(outcomes: Outcomes) -> float:
    launched = np.maximum(outcomes.counts[:, LAUNCHED], 1)
    return float(np.var(outcomes.counts[:, LEAKERS] / launched, ddof=1))
