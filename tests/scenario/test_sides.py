"""Which end of a figure favours whom."""

import pytest

import closedsky
from closedsky.catalogue.figures import figures
from closedsky.catalogue.library import load_catalogue
from closedsky.model.figure import Figure
from closedsky.scenario.sides import ATTACKER, DEFENDER, NOT_PLAIN, SIDES, left_as_chosen, side, situation_at
from closedsky.scenario.situation import Situation, resolve

CATALOGUE = load_catalogue()
PATHS = sorted(
    {path for shelf in (CATALOGUE.systems, CATALOGUE.threats) for entry in shelf.values() for path, _ in figures(entry)}
)

# Which end is better for the defender is common sense; the table says it once more, by other words than the module's.
MORE_IS_BETTER_FOR = {
    "radars.r.detection.range": DEFENDER,
    "radars.r.detection.rcs": ATTACKER,
    "radars.r.equation.gain": DEFENDER,
    "radars.r.receiver.gain": ATTACKER,
    "radars.r.elevation_min": ATTACKER,
    "radars.r.elevation_max": DEFENDER,
    "radars.r.clutter.loss": ATTACKER,
    "radars.r.revisit": ATTACKER,
    "missiles.m.targets.ballistic.range_max": DEFENDER,
    "missiles.m.targets.drone.pk": DEFENDER,
    "missiles.m.range_min": ATTACKER,
    "fire_unit.reaction": ATTACKER,
    "fire_unit.channels": DEFENDER,
    "signature.nose": DEFENDER,
    "cep": DEFENDER,
    "reliability": ATTACKER,
    "range_max": NOT_PLAIN,
    "radars.r.detection.pfa": NOT_PLAIN,
}


def the_raid(system: str) -> Situation:
    loaded = closedsky.load("al-asad-erbil-2020")
    return resolve(loaded.variants[system], loaded.catalogue)


def test_every_figure_of_the_catalogue_has_a_side() -> None:
    """One that is missing has no row, and `side` finds none; none of the rows is there for nothing."""
    missing = []
    for path in PATHS:
        try:
            side(path)
        except StopIteration:
            missing.append(path)
    assert not missing
    assert len(PATHS) > 900


def test_the_rows_do_not_hide_one_another() -> None:
    """No row but the last of its kind is more general than one that follows: each pattern is itself found under its own row."""
    for pattern, favours, why in SIDES:
        assert side(pattern.replace("*", "x")) == (favours, why)


@pytest.mark.parametrize("path", MORE_IS_BETTER_FOR)
def test_sides_by_common_sense(path: str) -> None:
    assert side(path)[0] == MORE_IS_BETTER_FOR[path]


def claim(situation: Situation, entry: str, path: str) -> Figure:
    return next(figure.figure for name, figure in situation.figures() if (name, figure.path) == (entry, path))


def test_ends_are_taken_and_the_chosen_figure_is_left_alone() -> None:
    """The PAC-3 MSE entry: reaction 8 to 15 s, 30 to 60 km against ballistic targets; Fateh-313: nose 0.03 to 0.3 m² (their files)."""
    chosen = the_raid("pac-3-mse")
    low, likely, high = (situation_at(chosen, end) for end in ("low", "likely", "high"))
    assert likely == chosen
    reach = "missiles.pac-3-mse.targets.ballistic.range_max"
    assert [claim(at, "patriot-pac-3-mse", "fire_unit.reaction").value for at in (low, chosen, high)] == [15.0, 9.0, 8.0]
    assert [claim(at, "patriot-pac-3-mse", reach).value for at in (low, chosen, high)] == [30.0, 40.0, 60.0]
    nose = [claim(at, "fateh-313", "signature.nose") for at in (low, chosen, high)]
    assert nose[0].value == nose[1].low
    assert nose[2].value == nose[1].high
    assert nose[0].value < nose[1].value < nose[2].value


def test_what_is_not_plain_is_listed_and_stays() -> None:
    chosen = the_raid("pac-3-mse")
    left = dict(left_as_chosen(chosen))
    assert any(name.endswith(": boost") for name in left)
    assert not any("reaction" in name for name in left)
    for end in ("low", "high"):
        moved = situation_at(chosen, end)
        for entry, (path, before) in chosen.figures():
            if f"{entry}: {path}" in left:
                assert claim(moved, entry, path) == before
