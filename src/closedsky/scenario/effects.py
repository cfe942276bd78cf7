"""What draws of the unknown say of an answer: its bracket, and the figures with the greatest first-order effects on it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError
from closedsky.scenario.unknown import Unknown

Floats = npt.NDArray[np.float64]

FEWEST, MOST = 19, 100_000
"""Outer draws below which there is no 5 or 95 % point: with n draws the quantile p is the draw of rank (n + 1) p (Weibull 1939)."""
CARRIERS = 3
_TERMS = 2
_CHANCE = 0.05
"""Probability that any figure is named which has no effect at all (Bonferroni: shared between all that were drawn)."""


class Effect(NamedTuple):
    """A figure's first-order effect on values by draw.

    unknown    the figure; its name is that of all that were drawn as one
    share      of the variance of the values
    error      standard error of that share
    low, high  the values at the ends of its range, all others drawn: by the fit
    """

    unknown: Unknown
    share: float
    error: float
    low: float
    high: float


def draws_or_none(draws: int, none: str) -> int:
    """The number of outer draws; RequestError for one without a bracket. `none` is how a user asks for none."""
    if draws != 0 and not FEWEST <= draws <= MOST:
        fix = f"give at least {FEWEST}, fewer have no 5 and 95 % points, and at most {MOST:,}; or {none}"
        raise RequestError(Fault(f"{draws} outer draws", "--draws", fix))
    return draws


def bracket(values: Floats) -> tuple[float, float, float]:
    """The 5, 50 and 95 % points of values by draw."""
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95), method="weibull")
    return float(low), float(median), float(high)


def effects(unknowns: Sequence[Unknown], shares: Mapping[str, Floats], values: Floats, taken: int = 0) -> Iterator[Effect]:
    """The greatest first-order effects on values by draw, greatest first; arguments as of `carriers`."""
    for unknown, share in carriers(unknowns, shares, values, taken):
        terms = _terms(unknown, shares[unknown.role])
        low, high = (float(end) for end in _fitted(terms, values, _ends(unknown, terms)))
        yield Effect(unknown, share, _jackknife(terms, values), low, high)


def carriers(
    unknowns: Sequence[Unknown], shares: Mapping[str, Floats], values: Floats, taken: int = 0
) -> list[tuple[Unknown, float]]:
    """The figures with the greatest first-order effects on some values by draw, and these; fewer where no more stand out.

    `shares` are the draws' probabilities by role, (draws, 2); `taken` the degrees of freedom that the values have lost before: means of
    groups of them that were taken out, less one.

    A given-data estimator: the adjusted share of variance of a fit of two terms. Without an effect, R² of two terms exceeds r with
    probability (1 − r)^((n − 3) / 2), n being the degrees of freedom and one.
    """
    n = values.size - taken
    if n <= _TERMS + 1:
        return []
    fitted = _fits(unknowns, shares, values)
    found = [
        (unknown, _adjusted(explained, n))
        for unknown, explained in fitted
        if (1.0 - explained) ** (0.5 * (n - _TERMS - 1)) * len(fitted) <= _CHANCE
    ]
    return sorted(found, key=_greatest_first)[:CARRIERS]


def screened(unknowns: Sequence[Unknown], shares: Mapping[str, Floats], values: Floats, most: int) -> list[Unknown]:
    """The figures with the greatest first-order effects, whether or not they stand out from chance."""
    return [unknown for unknown, _ in sorted(_fits(unknowns, shares, values), key=_greatest_first)[:most]]


def _fits(unknowns: Sequence[Unknown], shares: Mapping[str, Floats], values: Floats) -> list[tuple[Unknown, float]]:
    """R² of the fit of each figure, those of one role, which draw alike, being one; none where the values do not differ."""
    if float(np.ptp(values)) == 0.0:
        return []
    alike: dict[str, list[Unknown]] = {}
    for unknown in unknowns:
        alike.setdefault(unknown.role, []).append(unknown)
    return [
        (replace(of[0], name="; ".join(one.name for one in of)), _explained(_terms(of[0], shares[role]), values))
        for role, of in alike.items()
    ]


def _greatest_first(pair: tuple[Unknown, float]) -> tuple[float, str]:
    return -pair[1], pair[0].name


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
