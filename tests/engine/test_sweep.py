"""Sweeps pass over cells that nobody watches; what comes out is what a sweep through all of them finds."""

import numpy as np
import pytest

import closedsky
from closedsky.engine.sweep import layers as sky


@pytest.mark.parametrize(
    ("system", "request_"),
    [
        ("s-400", {"heights_m": (100.0,)}),  # active rounds, whose sweep lingers where nobody sees
        ("patriot-gem-t", {"heights_m": (1000.0,), "together": 3, "opportunities": 2}),
        ("pantsir-s1", {"heights_m": (300.0,), "target": {"kind": "drone", "rcs_m2": 0.02, "speed_mps": 45.0}}),
    ],
)
def test_passing_over_unwatched_cells_changes_nothing(
    system: str, request_: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two units far apart in hills: gaps in which nobody sees, before, between and behind.
    loaded = closedsky.units(system, [(34.3, 47.1), (35.9, 49.0)])

    def opportunities() -> np.ndarray:
        return closedsky.cover(loaded, cell_m=2000.0, draws=0, relief=False, count_to=4, **request_).map.layers[0].opportunities

    quick = opportunities()
    plain = sky._level

    def all_watched(*arguments: object) -> object:
        level = plain(*arguments)
        level.watched[:] = 1
        return level

    monkeypatch.setattr(sky, "_level", all_watched)
    thorough = opportunities()
    assert quick.max() >= 1
    assert np.count_nonzero(quick == 0) > 0.2 * quick.size
    assert np.array_equal(quick, thorough)
