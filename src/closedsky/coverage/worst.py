"""How many headings the worst heading is sought among: nested sets, doubled until more of them no longer change a map's shares."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from closedsky.engine.sweep.approach import Lines
from closedsky.engine.sweep.headings import bearings, lines_on
from closedsky.engine.sweep.layers import Layer

FIRST, MOST = 16, 256
_CHANGE = 0.005
_CALM = 2
"""Doublings in a row that each change no share by more than `_CHANGE`, after which no more headings are tried."""

Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]


@dataclass
class WorstHeading:
    """The search for the worst heading over the cells of one level.

    enough  opportunities required of a closed cell
    of      the cells whose shares count; None: those that are engageable
    count   headings to try; 0: from `FIRST` up to `MOST`, until the shares settle. Afterwards the number tried
    """

    enough: int
    of: Mask | None
    count: int = 0

    def ways(self, layer: Layer) -> Iterator[Lines]:
        """The lines of one heading after another; `layer.opportunities` has to be the least over those given out before."""
        shape = layer.opportunities.shape
        if self.count:
            yield from (lines_on(bearing, *shape) for bearing in bearings(self.count))
            return
        shares: Shares | None = None
        calm = 0
        while calm < _CALM and self.count < MOST:
            before, after, self.count = shares, self.count, max(2 * self.count, FIRST)
            yield from (lines_on(bearing, *shape) for bearing in bearings(self.count, after))
            shares = self._shares(layer)
            calm = calm + 1 if before is not None and np.abs(shares - before).max() <= _CHANGE else 0

    def _shares(self, layer: Layer) -> Shares:
        """Shares that are closed, and that lie behind the fence."""
        of = layer.engaged if self.of is None else self.of
        reached = layer.opportunities >= self.enough
        counts = [np.count_nonzero(reached & of & layer.engaged), np.count_nonzero(reached & of & ~layer.engaged)]
        return np.array(counts, np.float64) / max(int(np.count_nonzero(of)), 1)
