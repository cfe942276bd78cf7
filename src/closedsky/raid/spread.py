"""What the spread of an answer comes from: luck, the figures that carry most of the rest, and how variants compare draw by draw."""

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from closedsky.engine.results import BreakEven, Comparison, Influence, UnknownSpread, wilson
from closedsky.raid.outer import LEAKAGE, TRIALS, OuterDraws
from closedsky.scenario.effects import CARRIERS, carriers, effects
from closedsky.scenario.unknown import Unknown

Floats = npt.NDArray[np.float64]
Leakage = Callable[[str, Unknown, float], float]
"""Leakage per launched of a variant with one figure at a value, all others as chosen; as it is, if the variant lacks the figure."""

SEPARABLE, SEPARABLE_AT_LEAST = 0.90, 0.85
_HALVINGS = 6
_ALL_LUCK = 0.99
"""Share of luck from which on nothing is said to carry the rest."""


def unknown_spread(draws: OuterDraws, variant: str) -> UnknownSpread:
    """How much of the spread of a variant's leakage is luck, and the figures that carry most of the rest."""
    within = float(np.mean(draws.variances[:, draws.variants.index(variant)]))
    between = max(float(np.var(draws.leakage(variant), ddof=1)) - within / TRIALS, 0.0)
    luck = within / (within + between) if within + between > 0.0 else 1.0
    carried = tuple(_influences(draws, variant)) if luck < _ALL_LUCK else ()
    return UnknownSpread(luck_share=round(luck, 6), carriers=carried)


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
    for unknown, _ in carriers(list(both.values()), draws.shares, draws.leakage(one) - draws.leakage(other)):
        as_chosen = apart(unknown, unknown.value)
        for end in (unknown.low, unknown.high):
            if as_chosen * apart(unknown, end) < 0.0:
                near, far = unknown.value, end
                for _ in range(_HALVINGS):
                    middle = float(round(0.5 * (near + far))) if unknown.whole else 0.5 * (near + far)
                    near, far = (near, middle) if as_chosen * apart(unknown, middle) < 0.0 else (middle, far)
                return BreakEven(figure=unknown.name, value=far, chosen=unknown.value, unit=unknown.unit)
    return None


def _influences(draws: OuterDraws, variant: str) -> Iterator[Influence]:
    for effect in effects(draws.unknowns[variant], draws.shares, draws.leakage(variant)):
        unknown = effect.unknown
        low, high = (min(max(end, 0.0), 1.0) for end in (effect.low, effect.high))
        yield Influence(
            variant=variant, figure=unknown.name, grade=unknown.grade, source=unknown.source,
            share=round(min(effect.share, 1.0), 6), error=round(effect.error, 6), low=round(low, 6), high=round(high, 6),
        )  # fmt: skip
