"""Which figures move the answer most: one at a time, from its low to its high end, with the draws shared.

It is a screening, not an uncertainty analysis: figures move alone, and the answer at the ends need not bound the answer between.
"""

from collections.abc import Callable

import numpy as np

from closedsky.catalogue.situation import Situation
from closedsky.engine.layout import LAUNCHED, LEAKERS, Outcomes
from closedsky.engine.results import Influence

TRIALS = 200
MOST_COST = 200
"""Flights × units, over all variants, above which the screening is left out (it works geometry out twice a figure)."""

Run = Callable[[str, Situation, int], Outcomes]
Progress = Callable[[str, int, int], None]


def movers(name: str, situation: Situation, run: Run, progress: Progress | None = None) -> list[Influence]:
    """Leakage per launched of one variant with each ranged figure at either end."""
    figures = [(entry, figure) for entry, figure in situation.figures() if figure.claim.low != figure.claim.high]
    found = []
    for i, (entry, figure) in enumerate(figures):
        ends = []
        for value in (figure.claim.low, figure.claim.high):
            assert value is not None
            outcomes = run(name, situation.with_figure(entry, figure.path, value), TRIALS)
            ends.append(float(np.sum(outcomes.counts[:, LEAKERS]) / np.sum(outcomes.counts[:, LAUNCHED])))
        found.append(
            Influence(variant=name, figure=f"{entry}: {figure.path}", grade=str(figure.claim.grade), low=ends[0], high=ends[1])
        )
        if progress is not None:
            progress(f"{name}: which figures matter", i + 1, len(figures))
    return found


def most_influential(found: list[Influence], first: int = 3) -> tuple[Influence, ...]:
    """The `first` that move it most; a figure that does so in several variants is told once, for the one it moves most."""
    best: dict[str, Influence] = {}
    for item in found:
        if item.figure not in best or abs(item.high - item.low) > abs(best[item.figure].high - best[item.figure].low):
            best[item.figure] = item
    ranked = sorted(best.values(), key=lambda item: (-abs(item.high - item.low), item.figure))
    return tuple(item for item in ranked[:first] if item.high != item.low)
