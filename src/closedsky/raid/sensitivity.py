"""Sensitivity screening: each figure alone at its low and at its high end, with common random draws.

A screening, not an uncertainty analysis: figures vary one at a time, and the answers at the ends need not bound those in between.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from closedsky.catalogue.library import PlacedFigure
from closedsky.engine.layout import LAUNCHED, LEAKERS, Outcomes
from closedsky.engine.results import Influence
from closedsky.progress import Progress
from closedsky.scenario.situation import Situation

TRIALS = 200
MOST_COST = 200
"""Flights × units, over all variants, above which the screening is omitted (it computes the geometry twice per figure)."""

Run = Callable[[str, Situation], Outcomes]
"""Runs TRIALS trials of a variant."""


def movers(name: str, situation: Situation, run: Run, threads: int, progress: Progress | None = None) -> list[Influence]:
    """Leakage per launched of one variant with each ranged figure at either end."""
    figures = [(entry, figure) for entry, figure in situation.figures() if figure.figure.low != figure.figure.high]

    def leakage(changed: Situation) -> float:
        counts = run(name, changed).counts
        return float(np.sum(counts[:, LEAKERS]) / max(int(np.sum(counts[:, LAUNCHED])), 1))  # decoys only: nothing leaks

    as_chosen = leakage(situation)

    def influence(item: tuple[str, PlacedFigure]) -> Influence:
        entry, (path, figure) = item
        assert figure.low is not None
        assert figure.high is not None  # a figure with one end of a range has both
        low, high = (
            as_chosen if end == figure.value else leakage(situation.with_figure(entry, path, end))
            for end in (figure.low, figure.high)
        )
        return Influence(variant=name, figure=f"{entry}: {path}", grade=str(figure.grade), low=low, high=high)

    found = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for one in pool.map(influence, figures):
            found.append(one)
            if progress is not None:
                progress(f"{name}: which figures matter", len(found), len(figures))
    return found


def most_influential(found: list[Influence], first: int = 3) -> tuple[Influence, ...]:
    """The `first` most influential figures; a figure that is so in several variants is listed once, for the variant it affects most."""
    best: dict[str, Influence] = {}
    for item in found:
        if item.figure not in best or abs(item.high - item.low) > abs(best[item.figure].high - best[item.figure].low):
            best[item.figure] = item
    ranked = sorted(best.values(), key=lambda item: (-abs(item.high - item.low), item.figure))
    return tuple(item for item in ranked[:first] if item.high != item.low)
