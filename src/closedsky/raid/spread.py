"""What the spread of an answer comes from: luck, the figures that carry most of the rest, and how variants compare draw by draw."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from closedsky.engine.results import BreakEven, Comparison, Influence, UnknownSpread, wilson
from closedsky.raid.outer import LEAKAGE, TRIALS, OuterDraws
from closedsky.scenario.unknown import Unknown

Floats = npt.NDArray[np.float64]
Leakage = Callable[[str, Unknown, float], float]
"""Leakage per launched of a variant with one figure at a value, all others as chosen; as it is, if the variant lacks the figure."""

CARRIERS = 3
SEPARABLE, SEPARABLE_AT_LEAST = 0.90, 0.85
_TERMS = 2
_CHANCE = 0.05
"""Probability that any figure is named which has no effect at all (Bonferroni: shared between all that were drawn)."""
_HALVINGS = 6
_ALL_LUCK = 0.99
"""Share of luck from which on nothing is said to carry the rest."""


def unknown_spread(draws: OuterDraws, variant: str) -> UnknownSpread:
    """How much of the spread of a variant's leakage is luck, and the figures that carry most of the rest."""
    within = float(np.mean(draws.variances[:, draws.variants.index(variant)]))
    between = max(float(np.var(draws.leakage(variant), ddof=1)) - within / TRIALS, 0.0)
    luck = within / (within + between) if within + between > 0.0 else 1.0
    carriers = tuple(_influences(draws, variant)) if luck < _ALL_LUCK else ()
    return UnknownSpread(luck_share=round(luck, 6), carriers=carriers)


def most_influential(draws: OuterDraws, spreads: dict[str, UnknownSpread]) -> tuple[Influence, ...]:
    """The figures that carry most of the variance of any variant's leakage, each named once, with that variant."""
    found: dict[str, tuple[float, Influence]] = {}
    for name, spread in spreads.items():
        variance = float(np.var(draws.leakage(name)))
        for item in spread.carriers:
            carried = item.share * variance
            if item.figure not in found or carried > found[item.figure][0]:
                found[item.figure] = carried, item
    ranked = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].figure))
    return tuple(item for _, item in ranked[:CARRIERS])


def comparisons(draws: OuterDraws, chosen: dict[str, float], leakage: Leakage | None) -> Iterator[Comparison]:
    """Every two variants draw by draw; with `leakage`, also where the order of neighbours turns, `chosen` being theirs as chosen."""
    order = sorted(chosen, key=lambda name: (chosen[name], draws.variants.index(name)))
    beside = {frozenset(pair) for pair in pairwise(order)}
    for one, other in combinations(draws.variants, 2):
        apart = draws.leakage(one) - draws.leakage(other)
        less, more = int(np.count_nonzero(apart < 0.0)), int(np.count_nonzero(apart > 0.0))
        lower, higher = (one, other) if (less, -chosen[one]) >= (more, -chosen[other]) else (other, one)
        share = max(less, more) / draws.draws
        separable = share >= SEPARABLE and wilson(share, draws.draws)[0] >= SEPARABLE_AT_LEAST
        found = Comparison(metric=LEAKAGE, lower=lower, higher=higher, share=share, separable=separable)
        if leakage is not None and frozenset((one, other)) in beside and less + more > 0:
            found = found.model_copy(update={"break_even": break_even(draws, one, other, leakage)})
        yield found


def break_even(draws: OuterDraws, one: str, other: str, leakage: Leakage) -> BreakEven | None:
    """The value of a figure, all others as chosen, at which the order of two variants turns.

    It is looked for among the figures that carry most of their difference, the first of them first; by bisection, from the chosen value to
    whichever end of the range turns the order.
    """

    def apart(unknown: Unknown, value: float) -> float:
        return leakage(one, unknown, value) - leakage(other, unknown, value)

    both = {unknown.role: unknown for name in (one, other) for unknown in draws.unknowns[name] if not unknown.is_place}
    for unknown, _ in _carriers(draws, list(both.values()), draws.leakage(one) - draws.leakage(other)):
        as_chosen = apart(unknown, unknown.value)
        for end in (unknown.low, unknown.high):
            if as_chosen * apart(unknown, end) < 0.0:
                near, far = unknown.value, end
                for _ in range(_HALVINGS):
                    middle = float(round(0.5 * (near + far))) if unknown.whole else 0.5 * (near + far)
                    near, far = (near, middle) if as_chosen * apart(unknown, middle) < 0.0 else (middle, far)
                return BreakEven(figure=unknown.name, value=far, chosen=unknown.value, unit=unknown.unit)
    return None


# ------------------------------------------------------------------------------------------------ first-order effects


def _influences(draws: OuterDraws, variant: str) -> Iterator[Influence]:
    leakage = draws.leakage(variant)
    for unknown, share in _carriers(draws, draws.unknowns[variant], leakage):
        terms = _terms(unknown, draws.shares[unknown.role])
        ends = _fitted(terms, leakage, _ends(unknown, terms))
        low, high = (float(min(max(end, 0.0), 1.0)) for end in ends)
        yield Influence(
            variant=variant, figure=unknown.name, grade=unknown.grade, source=unknown.source,
            share=round(min(share, 1.0), 6), error=round(_jackknife(terms, leakage), 6), low=round(low, 6), high=round(high, 6),
        )  # fmt: skip


def _carriers(draws: OuterDraws, unknowns: Sequence[Unknown], values: Floats) -> list[tuple[Unknown, float]]:
    """The figures with the greatest first-order effects on some values by draw, and these; fewer where no more stand out.

    A given-data estimator: the adjusted share of variance of a fit of two terms. Without an effect, R² of two terms exceeds r with
    probability (1 − r)^((n − 3) / 2).
    """
    n = values.size
    explained = _first_order(draws, unknowns, values)
    found = [
        (unknown, _adjusted(share, n))
        for unknown, share in explained
        if (1.0 - share) ** (0.5 * (n - _TERMS - 1)) * len(explained) <= _CHANCE
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))[:CARRIERS]


def screened(draws: OuterDraws, variant: str, most: int) -> list[Unknown]:
    """The figures with the greatest first-order effects on the leakage of a variant, whether or not they stand out from chance."""
    explained = _first_order(draws, draws.unknowns[variant], draws.leakage(variant))
    return [unknown for unknown, _ in sorted(explained, key=lambda pair: (-pair[1], pair[0].name))[:most]]


def _first_order(draws: OuterDraws, unknowns: Sequence[Unknown], values: Floats) -> list[tuple[Unknown, float]]:
    """R² of the fit of each figure; those of one role, which draw alike, are one."""
    if values.size <= _TERMS + 1 or float(np.ptp(values)) == 0.0:
        return []
    alike: dict[str, list[Unknown]] = {}
    for unknown in unknowns:
        alike.setdefault(unknown.role, []).append(unknown)
    return [
        (replace(of[0], name="; ".join(one.name for one in of)), _explained(_terms(of[0], draws.shares[role]), values))
        for role, of in alike.items()
    ]


def _terms(unknown: Unknown, shares: Floats) -> Floats:
    """The terms of the fit, (draws, 2): Legendre polynomials of the cumulative probability; of a place, its offset east and north."""
    u, v = shares[:, 0], shares[:, 1]
    if unknown.is_place:
        return np.column_stack([np.sqrt(u) * np.sin(2.0 * math.pi * v), np.sqrt(u) * np.cos(2.0 * math.pi * v)])
    return np.column_stack([2.0 * u - 1.0, 6.0 * u * u - 6.0 * u + 1.0])


def _ends(unknown: Unknown, terms: Floats) -> Floats:
    """The terms at the two ends of a range; of a place, at its offsets farthest along the fit's slope: west and east."""
    if unknown.is_place:
        return np.array([[-1.0, 0.0], [1.0, 0.0]])
    return np.array([[-1.0, 1.0], [1.0, 1.0]])


def _fitted(terms: Floats, values: Floats, at: Floats) -> Floats:
    solved = np.linalg.lstsq(np.column_stack([np.ones(values.size), terms]), values, rcond=None)[0]
    return np.asarray(np.column_stack([np.ones(at.shape[0]), at]) @ solved)


def _explained(terms: Floats, values: Floats) -> float:
    """R² of the fit."""
    apart = float(np.sum((values - np.mean(values)) ** 2))
    left = float(np.sum((values - _fitted(terms, values, terms)) ** 2))
    return max(1.0 - left / apart, 0.0) if apart > 0.0 else 0.0


def _adjusted(explained: float, n: int) -> float:
    """R² less what as many terms explain by chance."""
    return max(1.0 - (1.0 - explained) * (n - 1) / (n - _TERMS - 1), 0.0)


def _jackknife(terms: Floats, values: Floats) -> float:
    """Standard error of the adjusted share, each draw left out in turn (Efron and Stein 1981).

    Without draw i the sum of squares left by a fit is less by e² / (1 − h), e its residual and h its leverage.
    """
    n = values.size
    q, _ = np.linalg.qr(np.column_stack([np.ones(n), terms]))
    residual = values - q @ (q.T @ values)
    left = np.sum(residual**2) - residual**2 / np.maximum(1.0 - np.sum(q * q, axis=1), 1e-12)
    offset = values - np.mean(values)
    apart = np.sum(offset**2) - offset**2 * n / (n - 1)
    without = np.array([_adjusted(1.0 - one / of, n - 1) if of > 0.0 else 0.0 for one, of in zip(left, apart, strict=True)])
    return float(np.sqrt((n - 1) / n * np.sum((without - np.mean(without)) ** 2)))
