"""Total effects: of the spread of an answer, what a figure carries together with all others that it works with.

With one figure drawn anew and all others as they were, the mean square of the change is twice the variance that would be left if all
others were known (Jansen 1999). First-order effects, from the draws already made, leave out what figures do only together.
"""

from collections.abc import Mapping

import numpy as np

from closedsky.engine.results import TotalEffect
from closedsky.progress import Progress
from closedsky.raid.outer import OuterDraws, Trials, drawn_anew
from closedsky.scenario.effects import screened
from closedsky.scenario.situation import Situation
from closedsky.threads import executor

SCREENED = 10
"""Figures whose total effects are computed: those with the greatest first-order effects."""


def total_effects(
    draws: OuterDraws,
    situations: Mapping[str, Situation],
    seed: int,
    trials: Trials,
    threads: int,
    progress: Progress | None = None,
) -> dict[str, tuple[TotalEffect, ...]]:
    """The total effects on leakage per launched of each variant, greatest first; the same for any number of threads.

    Each draw keeps its luck, so a figure without any effect has none here either.
    """
    found: dict[str, tuple[TotalEffect, ...]] = {}
    for name, situation in situations.items():
        base = draws.leakage(name)
        variance = float(np.var(base, ddof=1))
        effects = []
        ranked = screened(draws.unknowns[name], draws.shares, base, SCREENED)
        with executor(threads) as pool:
            for done, unknown in enumerate(ranked):
                changed = np.array(
                    list(pool.map(drawn_anew(draws, name, situation, unknown.role, seed, trials), range(draws.draws)))
                )
                squares = 0.5 * (base - changed) ** 2 / variance
                share, error = float(np.mean(squares)), float(np.std(squares, ddof=1)) / draws.draws**0.5
                effects.append(
                    TotalEffect(
                        figure=unknown.name,
                        grade=unknown.grade,
                        source=unknown.source,
                        share=round(share, 6),
                        error=round(error, 6),
                    )
                )
                if progress is not None:
                    progress(f"{name}: total effects", done + 1, len(ranked))
        found[name] = tuple(sorted(effects, key=lambda one: (-one.share, one.figure)))
    return found
