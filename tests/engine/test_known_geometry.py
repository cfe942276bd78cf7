"""Tables made from parts that were worked out before are the tables made anew, whatever figure has changed."""

from typing import Any

import numpy as np
import pytest

from closedsky.engine.pack import pack
from closedsky.engine.tables import geometry
from closedsky.engine.tables.known import Known
from closedsky.raid.run import prepare
from closedsky.scenario.load import load


class Asked(dict[bytes, Any]):
    """Results that count how many were taken."""

    taken = 0

    def get(self, key: bytes, default: Any = None) -> Any:
        self.taken += key in self
        return super().get(key, default)


@pytest.mark.parametrize("example", ["first-battery", "noise-and-decoys"])
def test_what_is_known_is_what_would_be_worked_out(example: str) -> None:
    made = prepare(load(example), threads=1)
    ground = made.terrain.ground
    known = Known(*(Asked(results) for results in geometry.known_of(made.packed, ground)))
    figures = [(entry, one) for entry, one in made.situation.figures() if one.figure.low != one.figure.high]
    for entry, (path, figure) in figures:
        assert figure.high is not None
        packed, _ = pack(made.situation.with_figure(entry, path, figure.high), ground, 1)
        anew, from_parts = geometry.build(packed, ground), geometry.build(packed, ground, known=known)
        for name in anew._fields:
            assert np.array_equal(getattr(anew, name), getattr(from_parts, name)), f"{entry}: {path}: {name}"
    assert all(results.taken > 0 for results in known), "something is never taken from what is known"
