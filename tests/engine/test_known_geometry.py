"""Tables made from parts that were worked out before are the tables made anew, whatever figure has changed."""

import numpy as np
import pytest

from closedsky.engine.pack import pack
from closedsky.engine.tables import geometry
from closedsky.raid.run import prepare
from closedsky.scenario.load import load


@pytest.mark.parametrize("example", ["first-battery", "noise-and-decoys"])
def test_what_is_known_is_what_would_be_worked_out(example: str) -> None:
    made = prepare(load(example), threads=1)
    ground = made.terrain.ground
    known = geometry.known_of(made.packed, ground)
    figures = [(entry, one) for entry, one in made.situation.figures() if one.figure.low != one.figure.high]
    taken = 0
    for entry, (path, figure) in figures:
        assert figure.high is not None
        packed, _ = pack(made.situation.with_figure(entry, path, figure.high), ground, 1)
        parts = [geometry.flight_tables(packed, ground, f, known) for f in range(packed.flights.size)]
        taken += sum(
            any(seen is one for one in known.seen.values()) or any(met is one for one in known.met.values())
            for seen, met in parts
        )
        anew, from_parts = geometry.build(packed, ground), geometry.build(packed, ground, known=known)
        for name in anew._fields:
            assert np.array_equal(getattr(anew, name), getattr(from_parts, name)), f"{entry}: {path}: {name}"
    assert taken > 0, "nothing was taken from what is known"
