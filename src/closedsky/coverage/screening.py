"""How uncertain figures move the closed area: one at a time, for the figures that matter, or all together, for its quantiles."""

import math
from collections.abc import Sequence

import numpy as np

from closedsky.coverage import maps
from closedsky.coverage.asked import Asked, Mask, frame_of, km2_of, share_of
from closedsky.geo.cells import cells_of, inside
from closedsky.model.sky import Mover, Quantiles, Sampled
from closedsky.scenario.situation import Situation
from closedsky.scenario.unknown import drawn, shares, unknowns

_COARSE_CELLS = 20_000
_HEADINGS = 16
"""Headings on which figures are compared: enough to rank them."""


class _Coarse:
    """The same request on coarser cells, for repeated evaluation with other figures; visibility floors are cached."""

    def __init__(self, asked: Asked, headings: Sequence[int]) -> None:
        full = frame_of(asked, asked.cover)
        cell_m = min(asked.cover.cell_m * max(1.0, math.sqrt(full.rows * full.columns / _COARSE_CELLS)), 50_000.0)
        self.asked, self.headings, self.known = asked, headings, maps.Known()
        self.where = cells_of(frame_of(asked, asked.cover.model_copy(update={"cell_m": cell_m})))
        self.land = inside(self.where, asked.area) if asked.area is not None else np.ones(self.where.shape, np.bool_)

    def closed(self, situation: Situation) -> list[tuple[Mask, Mask]]:
        """For each level, the closed cells and the cells of the denominator."""
        asked = self.asked
        one = maps.map_of(
            situation,
            asked.terrain,
            self.where,
            asked.levels_m,
            asked.above,
            asked.threads,
            None,
            self.known,
            headings=self.headings,
        )
        of = [self.land & ~one.underground(i) for i in range(len(asked.levels_m))]
        return [(one.closed(i) & open_air, open_air) for i, open_air in enumerate(of)]


def sampled(asked: Asked, samples: int, seed: int, headings: Sequence[int]) -> Sampled:
    """Quantiles of the closed share (of the closed area where no area is given) over outer draws of all figures that have a range."""
    coarse = _Coarse(asked, headings)
    found = np.empty((samples, len(asked.levels_m)))
    columns = [(unknown, shares(unknown, samples, seed)) for unknown in unknowns(asked.situation)]
    for n in range(samples):
        if asked.progress is not None:
            asked.progress("samples of the figures", n, samples)
        situation = drawn(asked.situation, [(unknown, (float(of[n, 0]), float(of[n, 1]))) for unknown, of in columns])
        for i, (closed, of) in enumerate(coarse.closed(situation)):
            found[n, i] = share_of(closed, of) if asked.area is not None else km2_of(closed, coarse.where)
    quantiles = np.quantile(found, (0.05, 0.5, 0.95), axis=0, method="weibull")
    levels = tuple(
        Quantiles(level_m=level_m, **dict(zip(("q05", "q50", "q95"), (round(float(q), 6) for q in quantiles[:, i]), strict=True)))
        for i, level_m in enumerate(asked.levels_m)
    )
    return Sampled(samples=samples, seed=seed, cell_m=coarse.where.cell_m, levels=levels)


def screened(asked: Asked) -> list[Mover]:
    """The mean closed area over the levels with each ranged figure at its low and its high end, all others as chosen."""
    coarse = _Coarse(asked, [_HEADINGS] * len(asked.levels_m))

    def closedkm2_of(situation: Situation) -> float:
        return float(np.mean([km2_of(closed, coarse.where) for closed, _ in coarse.closed(situation)]))

    figures = [(entry, figure) for entry, figure in asked.situation.figures() if figure.figure.low != figure.figure.high]
    found = []
    for done, (entry, (path, figure)) in enumerate(figures):
        if asked.progress is not None:
            asked.progress("which figures matter", done, len(figures))
        assert figure.low is not None
        assert figure.high is not None
        low, high = (closedkm2_of(asked.situation.with_figure(entry, path, end)) for end in (figure.low, figure.high))
        found.append(Mover(figure=f"{entry}: {path}", grade=str(figure.grade), low_km2=low, high_km2=high))
    return found


def most_influential(found: Sequence[Mover], first: int = 3) -> tuple[Mover, ...]:
    """The `first` figures that move the closed area most; fewer if fewer move it."""
    ranked = sorted(found, key=lambda one: (-abs(one.high_km2 - one.low_km2), one.figure))
    return tuple(one for one in ranked[:first] if one.high_km2 != one.low_km2)
