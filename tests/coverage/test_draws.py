"""The unknown in the answer about the sky: its bracket against pinned figures, low and high, names, threads, terrain, and more draws."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import triang

import closedsky
from closedsky.catalogue.library import load_catalogue
from closedsky.coverage import maps
from closedsky.coverage.report import render_skies
from closedsky.coverage.request import answers, asked
from closedsky.errors import RequestError
from closedsky.geo.cells import cells
from closedsky.geo.relief import relief
from closedsky.geo.terrain import Region, world
from closedsky.model.sky import OverDraws, SkyAnswer
from closedsky.scenario.load import Loaded
from tests.acceptance.sandbox import HOME, Tree, system
from tests.command import closedsky as command

ZAGROS, BAGHDAD = (34.3, 47.1), (33.3, 44.4)
NEAR = [[33.7, 46.5], [33.7, 47.7], [34.9, 47.7], [34.9, 46.5]]


def ranged(value: float, low: float, high: float, unit: str) -> Tree:
    return {"value": value, "low": low, "high": high, "unit": unit}


def ideal(name: str = "ideal", **cover: Any) -> Tree:
    """One unit on level ground whose missile reaches 18 to 60 km, and else has no range."""
    one = system(speed_mps=1000.0, reaction_s=5.0)
    one["missiles"]["round"]["targets"]["cruise"]["range_max"] = ranged(30.0, 18.0, 60.0, "km")
    return {
        "closedsky": 2, "name": "sky", "title": "Sky", "environment": {"terrain": "flat"},
        "defence": [{"id": "unit", "system": name, "at": list(HOME)}], "catalogue": {"systems": {name: one}},
        "cover": {"target": {"kind": "cruise", "speed_mps": 250.0}, "heights_m": [3000], "cell_m": 3000, **cover},
    }  # fmt: skip


def over(answer: SkyAnswer) -> list[OverDraws]:
    found = [level.closed_over_draws for level in answer.levels]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


# ------------------------------------------------------------------------------------------------- what it must agree with


def test_the_bracket_of_one_figure_is_what_its_own_points_give() -> None:
    """What is closed grows with the reach: its 5, 50 and 95 % points are what those of the reach close, when each is pinned."""
    draws = 99
    answer = closedsky.cover(ideal(), draws=draws, relief=False).answer
    assert answer.draws is not None
    assert answer.draws.cell_m == answer.cell_m
    (found,) = over(answer)
    reach = triang((30.0 - 18.0) / (60.0 - 18.0), 18.0, 60.0 - 18.0)
    for share, point in zip((0.05, 0.5, 0.95), (found.bracket90[0], found.median, found.bracket90[1]), strict=True):
        # A Latin hypercube has one draw in each of 99 parts: the draw of rank 100 p lies within one part of p.
        ends = []
        for at in (share - 0.011, share + 0.011):
            pinned = ideal()
            targets = pinned["catalogue"]["systems"]["ideal"]["missiles"]["round"]["targets"]
            targets["cruise"]["range_max"] = f"{float(reach.ppf(at))!r} km"
            ends.append(closedsky.cover(pinned, draws=0, relief=False).answer.levels[0].closed_km2.likely)
        assert ends[0] <= point <= ends[1], share
        assert 0.0 < ends[0] < ends[1]
    (mover,) = answer.assumed.most_influential or ()
    assert mover.figure == "ideal: missiles.round.targets.cruise.range_max"
    assert mover.share > 0.9
    assert mover.low < found.median < mover.high, "ends of a quadratic fit, which are near those of the range"


@cache
def square(draws: int, seed: int | None = None, threads: int | None = None) -> SkyAnswer:
    """One short-range unit in a square of Zagros, over made-up grounds."""
    loaded = closedsky.units("nasams", [ZAGROS])
    how: dict[str, Any] = {"heights_m": (300, 3000), "outline": NEAR, "cell_m": 2000}
    return closedsky.cover(loaded, draws=draws, seed=seed, threads=threads, **how).answer


@pytest.mark.parametrize("unit", ["pantsir-s1", "s-300pmu-2", "nasams"])
def test_it_lies_between_low_and_high(unit: str) -> None:
    """Over level ground, where cells are as coarse as the map's."""
    loaded = closedsky.units(unit, [BAGHDAD], terrain="flat")
    answer = closedsky.cover(loaded, heights_m=(100, 3000), cell_m=6000, draws=24).answer
    for level, found in zip(answer.levels, over(answer), strict=True):
        least, most = level.closed_km2.low, level.closed_km2.high
        slack = abs(found.coarsening) + answer.cell_m**2 / 1e6
        assert least - slack <= found.bracket90[0] <= found.median <= found.bracket90[1] <= most + slack
        assert found.bracket90[0] < found.bracket90[1]


def test_over_coarse_terrain_the_draws_are_over_made_up_grounds() -> None:
    answer = square(40)
    assert answer.draws is not None
    assert (answer.draws.count, answer.draws.grounds) == (40, 8)
    assert answer.draws.grounds_share is not None
    assert 0.05 < answer.draws.grounds_share < 1.0, "where a unit stands within its coarse cell matters"
    for level, found in zip(answer.levels, over(answer), strict=True):
        assert level.closed_share is not None
        assert level.coarse_closed_share is not None
        hidden = level.coarse_closed_share.likely - level.closed_share.likely
        assert abs(found.coarsening) < 0.2 * hidden, (
            "likely on the draws' cells is likely over relief, not over the terrain as it is"
        )
        assert level.closed_share.low - 0.01 <= found.bracket90[0] < found.bracket90[1] <= level.closed_share.high + 0.01
    stated = closedsky.load({**closedsky.units("nasams", [ZAGROS]).reference.model_dump(mode="json", exclude_unset=True)})
    assert stated.reference.defence[0].siting is None
    low = stated.reference.model_dump(mode="json", exclude_unset=True)
    low["defence"][0]["siting"] = "low"
    sited = closedsky.cover(low, heights_m=(300,), outline=NEAR, cell_m=1500, draws=19).answer
    assert sited.draws is not None
    assert sited.draws.grounds == 4
    assert over(sited)[0].median < over(answer)[0].median


def test_without_relief_the_answer_says_that_the_bracket_leaves_it_out() -> None:
    loaded = closedsky.units("nasams", [ZAGROS])
    how: dict[str, Any] = {"heights_m": (300,), "cell_m": 2000, "draws": 19}
    said = {}
    for relief_ in (True, False):
        sky = closedsky.cover(loaded, relief=relief_, **how)
        said[relief_] = " ".join(render_skies(answers(loaded, [sky]), "Unit", "world").split())
        assert sky.answer.draws is not None
        assert (sky.answer.draws.grounds == 1) == (not relief_)
    assert "the coarse terrain as it is and leave out relief" in said[False]
    assert "leave out relief" not in said[True]
    assert "8 made-up grounds and sitings" in said[True]


def test_coarsening_is_the_likely_answer_on_coarse_cells_less_the_likely_answer() -> None:
    loaded = closedsky.units("s-400", [BAGHDAD], terrain="flat")
    how: dict[str, Any] = {"heights_m": (100, 1000), "country": "IRQ"}
    answer = closedsky.cover(loaded, cell_m=1500, draws=19, **how).answer
    assert answer.draws is not None
    assert answer.draws.cell_m > 1.9 * answer.cell_m
    headings = [level.headings for level in answer.levels]
    coarse = closedsky.cover(loaded, cell_m=answer.draws.cell_m, draws=0, **how).answer
    for fine, other, found, many in zip(answer.levels, coarse.levels, over(answer), headings, strict=True):
        assert fine.closed_share is not None
        assert other.closed_share is not None
        # Another frame lays the cells elsewhere: by half a cell round the edge of what is closed, and as many headings.
        one_row = 2.0 * np.sqrt(np.pi * fine.closed_km2.likely) * 0.5 * answer.draws.cell_m / 1e3 / 437_000.0
        assert found.coarsening == pytest.approx(other.closed_share.likely - fine.closed_share.likely, abs=one_row), many


# ---------------------------------------------------------------------------------------------------- names, threads, draws


def test_the_same_figures_under_other_names_have_the_same_bracket() -> None:
    text = load_catalogue().system("nasams").model_dump_json(exclude_unset=True)
    own = json.loads(text)
    radars, missiles = (
        {old: f"{letter}-{n}" for n, old in enumerate(reversed(own[part]))}
        for part, letter in (("radars", "z"), ("missiles", "a"))
    )
    for old, new in {**radars, **missiles, "nasams": "sam"}.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    how: dict[str, Any] = {"heights_m": (300, 3000), "cell_m": 2000, "draws": 19}
    base = closedsky.units("nasams", [ZAGROS]).reference.model_dump(mode="json", exclude_unset=True)
    other = {
        **base,
        "catalogue": {"systems": {"sam": json.loads(text)}},
        "defence": [{"id": "b", "system": "sam", "at": list(ZAGROS)}],
    }
    one, two = (closedsky.cover(data, **how).answer for data in (base, other))
    assert one.levels == two.levels
    assert one.draws == two.draws
    assert over(one) == over(two)


def test_neither_threads_nor_a_second_time_change_a_byte() -> None:
    assert len({square(19, threads=threads).model_dump_json() for threads in (1, 2, 3)}) == 1


def test_the_draws_follow_the_scenario_s_settings() -> None:
    data = {**ideal(), "settings": {"draws": 21, "seed": 7}}
    answer = closedsky.cover(data, relief=False).answer
    assert answer.draws is not None
    assert (answer.draws.count, answer.draws.seed) == (21, 7)
    assert over(answer) == over(closedsky.cover(ideal(), draws=21, seed=7, relief=False).answer)
    assert over(answer) != over(closedsky.cover(ideal(), draws=21, seed=8, relief=False).answer)


def test_two_sets_of_draws_agree_as_well_as_their_order_statistics_let_them() -> None:
    """Each point of one set lies within four standard errors of its rank in the other; and more draws move less from seed to seed."""
    loaded = closedsky.units("nasams", [BAGHDAD], terrain="flat")
    how: dict[str, Any] = {"heights_m": (1000,), "cell_m": 3000}
    apart = {}
    for draws in (19, 79):
        sets = [over(closedsky.cover(loaded, draws=draws, seed=seed, **how).answer)[0] for seed in (1, 2, 3)]
        points = np.array([(*one.bracket90, one.median) for one in sets])
        apart[draws] = float(np.mean(np.std(points, axis=0, ddof=1)))
        width = float(np.mean(points[:, 1] - points[:, 0]))
        # √(p (1 - p) / n) over the density at p, of a normal law, in widths between its 5 and 95 % points.
        error = np.array([0.642, 0.642, 0.381]) * width / np.sqrt(draws)
        assert (np.abs(points[0] - points[1]) <= 4.0 * np.sqrt(2.0) * error).all()
    assert apart[79] < apart[19]


# -------------------------------------------------------------------------------------------------------- shared floors


def test_floors_that_are_shared_hide_no_less_than_an_antenna_s_own() -> None:
    """At the ends of the masts the map is the antenna's own; between them a little less is seen, never more."""
    ground = relief(world(), Region(46.0, 33.0, 49.0, 36.0), seed=1)
    masts = (4.0, 9.0, 20.0)
    situations = [asked(loaded_at(mast)).situation for mast in masts]
    where = cells([], [(*ZAGROS, 60_000.0)], 1_500.0)
    levels, headings = (300.0, 1_000.0), (16, 16)
    shared = list(maps.maps_of(situations, ground, where, levels, "ground", headings))
    alone = [maps.map_of(one, ground, where, levels, "ground", headings=headings) for one in situations]
    for mast, one, other in zip(masts, shared, alone, strict=True):
        for i in range(len(levels)):
            seen, own = one.layers[i].tracked, other.layers[i].tracked
            if mast in (masts[0], masts[-1]):
                assert (seen == own).all()
            else:
                assert not (seen & ~own).any()
                assert np.count_nonzero(seen) > 0.97 * np.count_nonzero(own)
    assert shared[0].layers[0].tracked.sum() < shared[2].layers[0].tracked.sum()


def loaded_at(mast_m: float) -> Loaded:
    data = closedsky.units("nasams", [ZAGROS]).reference.model_dump(mode="json", exclude_unset=True)
    data["defence"][0]["antenna_height_m"] = mast_m
    return closedsky.load(data)


def test_inbound_threats_are_drawn_too() -> None:
    answer = closedsky.cover(ideal(toward=list(HOME)), draws=19, relief=False).answer
    worst = closedsky.cover(ideal(), draws=19, relief=False).answer
    assert over(answer)[0].bracket90[0] < over(answer)[0].bracket90[1]
    assert over(answer)[0].median >= over(worst)[0].median
    assert abs(over(answer)[0].coarsening) < 0.1 * answer.levels[0].closed_km2.likely


# ---------------------------------------------------------------------------------------------------------- asked and refused


@pytest.mark.parametrize("draws", [-1, 1, 18, 100_001])
def test_too_few_draws_for_a_bracket_are_refused(draws: int) -> None:
    with pytest.raises(RequestError, match="outer draws"):
        closedsky.cover(ideal(), draws=draws, relief=False)


def test_no_draws_no_bracket() -> None:
    answer = closedsky.cover(ideal(), draws=0, relief=False).answer
    assert answer.draws is None
    assert answer.assumed.most_influential is None
    assert answer.levels[0].closed_over_draws is None


def test_what_has_no_range_has_no_bracket() -> None:
    data = ideal()
    data["catalogue"]["systems"]["ideal"]["missiles"]["round"]["targets"]["cruise"]["range_max"] = "30 km"
    assert closedsky.cover(data, relief=False).answer.draws is None


def test_the_command_prints_the_bracket_unless_it_is_switched_off() -> None:
    place = ("pantsir-s1", "--at=33.3,44.4", "--terrain=flat", "--height=1000", "--cell=2000")
    told, silent = command("cover", *place, "--draws=19"), command("cover", *place, "--draws=0")
    assert "5 to 95 % of 19 draws" in told.stdout
    assert "draws" not in silent.stdout
    refused = command("cover", *place, "--draws=5")
    assert refused.returncode == 2
    assert "--draws" in refused.stderr
