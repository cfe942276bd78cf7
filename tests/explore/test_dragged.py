"""Looks that go on from those before say what they would say had nobody looked, cell by cell; and what is kept of them has a bound."""

import random
from collections.abc import Iterator

import numpy as np
import pytest

from closedsky.catalogue.library import load_catalogue
from closedsky.coverage import answer as coverage
from closedsky.coverage import worst
from closedsky.coverage.kept import Kept
from closedsky.engine.sweep.headings import COMPASS
from closedsky.explore import explorer as explore
from closedsky.explore.explorer import Explorer
from closedsky.model.globe import MapRequest, UnitAt

SYSTEMS = ("s-400", "nasams", "s-300pmu-2", "pantsir-s1", "patriot-pac-3-mse")
TERRAINS = {"world": "world", "flat": "flat"}


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer(load_catalogue(), TERRAINS)


def defence(count: int) -> list[UnitAt]:
    """Units all over Iraq, of systems by turns; every fourth has a heading."""
    chance = random.Random(11)
    return [
        UnitAt(
            id=f"unit-{k}", system=SYSTEMS[k % len(SYSTEMS)], at=(chance.uniform(30.5, 36.0), chance.uniform(41.0, 46.5)),
            heading_deg=90.0 if k % 4 == 0 else None,
        )
        for k in range(count)
    ]  # fmt: skip


def look(units: list[UnitAt], **changes: object) -> MapRequest:
    return MapRequest.model_validate({"units": tuple(units), "country": "IRQ", "cell_m": 10_000.0, "level_m": 1_000.0, **changes})


def moved(units: list[UnitAt], k: int, step: int) -> list[UnitAt]:
    at = (33.3 + 0.15 * step, 43.5 + 0.2 * step)
    return [unit.model_copy(update={"at": at}) if i == k else unit for i, unit in enumerate(units)]


def session() -> Iterator[MapRequest]:
    """One unit dragged in small steps, and all else that changes a look."""
    units = defence(12)
    for step in range(4):
        yield look(moved(units, 6, step))
    yield look(moved(units, 6, 2))  # back a step
    yield look(moved(units, 0, 40))  # far off, beyond the frame that there was
    units[3] = units[3].model_copy(update={"system": "s-400"})
    yield look(units)
    yield look([*units, UnitAt(id="more", system="s-400", at=(32.0, 44.0))])
    yield look(units[:4] + units[5:])
    units[4] = units[4].model_copy(update={"heading_deg": 200.0})
    yield look(units)
    yield look(units, together=4)
    yield look(units, together=4, opportunities=3)
    yield look(units, target={"rcs_m2": 0.01, "speed_mps": 150.0})
    yield look(moved(units, 6, 1), target={"rcs_m2": 0.01, "speed_mps": 150.0})
    yield look(units, level_m=9_000.0, above="sea")
    yield look(moved(units, 6, 1), level_m=9_000.0, above="sea")
    yield look(units, terrain="flat")
    yield look(moved(units, 6, 1), terrain="flat")
    yield look(units)


def maps(explorer: Explorer, asked: MapRequest) -> dict[str, np.ndarray]:
    """All that there is of a look, a value a cell."""
    seen = explorer._see(asked)
    layer = seen.map.layers[0]
    return {
        "tracked": layer.tracked, "engaged": layer.engaged, "opportunities": layer.opportunities, "floor": seen.map.floor_m,
        "altitude": seen.map.alt_m[0], "ground": seen.map.ground_m, "circles": coverage.circled(seen).mask,
        "inside": np.asarray(seen.inside),
        "latitude": seen.cells.lat_deg, "longitude": seen.cells.lon_deg,
    }  # fmt: skip


def test_a_dragged_look_is_a_fresh_one_cell_by_cell(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = coverage.seen
    for number, asked in enumerate(session()):
        found = maps(explorer, asked)
        with monkeypatch.context() as as_cover_does:  # which keeps nothing, and sweeps a level in one go; on as few headings here
            as_cover_does.setattr(worst, "FIRST", COMPASS)
            as_cover_does.setattr(worst, "MOST", COMPASS)
            as_cover_does.setattr(explore.coverage, "seen", lambda what, count_to, kept: whole(what, count_to))
            expected = maps(Explorer(explorer.catalogue, TERRAINS), asked)
        for what, values in expected.items():
            assert found[what].dtype == values.dtype
            assert np.array_equal(found[what], values, equal_nan=values.dtype.kind == "f"), (number, what)


def test_what_is_kept_makes_no_difference_to_the_full_answer(explorer: Explorer) -> None:
    for asked in list(session())[:3]:
        explorer.quick(asked)
    assert explorer.answer(asked) == Explorer(explorer.catalogue, TERRAINS).answer(asked)


def test_what_an_answer_was_broken_off_in_is_worked_out_again(explorer: Explorer) -> None:
    """A look that is given up half-way leaves nothing half-done to the next."""

    class EnoughError(Exception):
        pass

    def enough(what: str, done: int, of: int) -> None:
        steps.append(what)
        if len(steps) == 2:
            raise EnoughError

    units = defence(5)
    explorer.quick(look(units))
    for k in range(3):
        steps: list[str] = []
        with pytest.raises(EnoughError):
            explorer.quick(look(moved(units, k, 1), together=2), enough)
    asked = look(moved(units, 0, 2))
    assert explorer.quick(asked) == Explorer(explorer.catalogue, TERRAINS).quick(asked)


def test_what_is_kept_has_a_bound(explorer: Explorer) -> None:
    bound = 12_000_000
    small = Explorer(explorer.catalogue, TERRAINS, kept_bytes=bound)
    answers = []
    for asked in session():
        answers.append(small.quick(asked))
        assert small.kept.held_bytes <= bound
    assert answers == [explorer.quick(asked) for asked in session()]


def test_arrays_are_counted_once_and_the_oldest_go() -> None:
    kept = Kept(3_000_000)
    shared = np.zeros(1_000_000, np.uint8)
    kept.put("one", (shared, [shared[:10], {"again": shared.reshape(1000, 1000)}]))
    kept.put("two", shared)
    assert 1_000_000 <= kept.held_bytes < 1_010_000
    kept.put("three", np.zeros(1_500_000, np.uint8))
    assert kept.get("one") is not None  # asked for just now
    kept.put("four", np.zeros(1_500_000, np.uint8))
    assert [kept.get(key) is not None for key in ("one", "two", "three", "four")] == [True, False, False, True]
    assert kept.made("one", lambda: pytest.fail("it is there")) is kept.get("one")
    assert kept.take("four") is not None
    assert kept.take("four") is None
    kept.forget(lambda value: isinstance(value, tuple))
    assert kept.held_bytes == 0


def test_the_newest_is_kept_however_large() -> None:
    kept = Kept(1_000)
    for key in range(3):
        kept.put(key, np.zeros(10_000, np.uint8))
        assert kept.get(key) is not None
        assert kept.get(key - 1) is None
