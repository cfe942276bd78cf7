"""What is not known of a situation, and how it is drawn: by the part that a figure plays and its numbers, never by a name."""

import json
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from closedsky import api
from closedsky.catalogue.library import load_catalogue
from closedsky.errors import ScenarioError
from closedsky.scenario.situation import Situation, resolve
from closedsky.scenario.unknown import Unknown, drawn, shares, stated, unknowns, with_value

BASE: dict[str, Any] = {
    "closedsky": 2,
    "name": "told",
    "title": "Numbers known as ranges",
    "environment": {"terrain": "flat"},
    "assets": [{"id": "base", "at": [33.0, 44.0], "radius_m": 500}],
    "defence": [{"id": "unit", "system": "s-300pmu-2", "at": {"at": [33.0, 44.05], "within_m": 4000}}],
    "raid": [
        {
            "id": "wave",
            "threat": "fateh-110",
            "count": {"value": 8, "low": 4, "high": 12},
            "spacing_s": {"value": 20, "low": 5, "high": 60},
            "start_s": {"value": 0, "low": -30, "high": 30},
            "reliability": {"value": 0.9, "low": 0.8, "high": 0.95, "unit": "prob", "grade": "assumed", "why": "a guess"},
            "motion": {"kind": "ballistic", "origin": [35.0, 45.5], "target": "base"},
        }
    ],
}


def situation(data: dict[str, Any]) -> Situation:
    return resolve(api.load(data).reference, load_catalogue())


def named(of: Situation) -> dict[str, Unknown]:
    return {one.name: one for one in unknowns(of)}


def test_numbers_and_places_of_the_scenario_are_unknown_beside_the_catalogue_s_figures() -> None:
    found = named(situation(BASE))
    scenario = {name for name in found if name.startswith("scenario: ")}
    assert scenario == {
        "scenario: defence.unit.at",
        "scenario: raid.wave.count",
        "scenario: raid.wave.spacing_s",
        "scenario: raid.wave.start_s",
        "scenario: raid.wave.reliability",
    }
    assert found["scenario: raid.wave.count"].whole
    assert found["scenario: raid.wave.reliability"].grade == "assumed"
    assert "s-300pmu-2: missiles.48n6e2.targets.ballistic.pk" in found
    assert "fateh-110: reliability" not in found  # the group says another


def test_every_number_that_the_scenario_states_is_counted_once() -> None:
    """Its places, counts and gaps; no setting of the run, and nothing that is left to a default."""
    told = dict(stated(api.load({**BASE, "settings": {"trials": 10, "seed": 3}}).reference))
    names = {name.split(" = ")[0] for name in told}
    assert len(told) == len(names)
    assert names == {
        "assets.base.at", "assets.base.radius_m", "defence.unit.at", "raid.wave.count", "raid.wave.spacing_s", "raid.wave.start_s",
        "raid.wave.reliability", "raid.wave.motion.origin",
    }  # fmt: skip
    assert {name.split(" = ")[0] for name, ranged in told.items() if ranged} == {
        one.name.removeprefix("scenario: ") for one in unknowns(situation(BASE)) if one.entry is None
    }


def test_a_number_that_variants_share_is_counted_once() -> None:
    """Another value of it in another variant is another number."""
    variants = {"one": {}, "two": {"raid": {"wave": {"count": 9}}}}
    assumed = api.run(api.load({**BASE, "variants": variants}), trials=1, draws=0).assumed
    assert (assumed.of_scenario, assumed.of_scenario_ranged) == (9, 5)


def test_what_is_not_drawn_stands_as_chosen() -> None:
    plain = situation(BASE)
    assert plain.scenario.raid[0].count + 0 == 8
    assert plain.scenario.raid[0].spacing_s + 0.0 == 20.0
    assert plain.scenario.defence[0].at == (33.0, 44.05)


def test_a_draw_lies_within_the_ranges_and_changes_nothing_else() -> None:
    chosen = situation(BASE)
    geod = Geod(ellps="WGS84")
    for k in range(20):
        one = drawn(chosen, [(unknown, tuple(shares(unknown, 20, 3)[k])) for unknown in unknowns(chosen)])
        group, unit = one.scenario.raid[0], one.scenario.defence[0]
        assert 4 <= group.count <= 12
        assert type(group.count) is int
        assert 5.0 <= group.spacing_s <= 60.0
        assert group.reliability is not None
        assert 0.8 <= group.reliability.value <= 0.95
        assert geod.inv(44.05, 33.0, unit.at[1], unit.at[0])[2] <= 4000.0 + 1e-3
        pk = one.systems["s-300pmu-2"].missiles["48n6e2"].targets["ballistic"].pk
        assert pk.low is not None
        assert pk.high is not None
        assert pk.low <= pk.value <= pk.high
        assert group.motion == chosen.scenario.raid[0].motion
        assert one.scenario.assets == chosen.scenario.assets


@pytest.mark.parametrize("draws", [19, 64])
def test_draws_are_a_latin_hypercube(draws: int) -> None:
    for unknown in unknowns(situation(BASE))[:12]:
        for column in shares(unknown, draws, 5).T:
            assert sorted(np.floor(column * draws).astype(int)) == list(range(draws))


def test_a_number_is_drawn_from_a_triangle_over_its_range() -> None:
    """Mean (a + b + c) / 3 and variance (a² + b² + c² − ab − ac − bc) / 18 of the triangular distribution."""
    spacing = named(situation(BASE))["scenario: raid.wave.spacing_s"]
    values = [spacing.at((i + 0.5) / 20_000) for i in range(20_000)]
    a, c, b = spacing.low, spacing.value, spacing.high
    assert np.mean(values) == pytest.approx((a + b + c) / 3.0, rel=1e-4)
    assert np.var(values) == pytest.approx((a * a + b * b + c * c - a * b - a * c - b * c) / 18.0, rel=1e-3)


def test_a_place_is_drawn_evenly_over_its_disc() -> None:
    """Half of the draws lie within R / √2, and a quarter in each quadrant."""
    chosen = situation(BASE)
    place = named(chosen)["scenario: defence.unit.at"]
    at = [drawn(chosen, [(place, tuple(pair))]).scenario.defence[0].at for pair in shares(place, 400, 1)]
    azimuth, _, away = Geod(ellps="WGS84").inv([44.05] * 400, [33.0] * 400, [lon for _, lon in at], [lat for lat, _ in at])
    assert np.count_nonzero(np.asarray(away) <= 4000.0 / 2.0**0.5) == pytest.approx(200, abs=1)
    assert np.bincount((np.asarray(azimuth) % 360.0 // 90.0).astype(int), minlength=4) == pytest.approx(100, abs=2)


def test_equal_entries_draw_alike_whatever_they_are_called() -> None:
    """The same system, its missiles and radars under other names: the same roles, so the same draws."""
    catalogue = load_catalogue()
    text = catalogue.system("s-300pmu-2").model_dump_json(exclude_unset=True)
    text = text.replace("48n6e2", "round-x").replace("30n6e2", "dish-y").replace("64n6e2", "dish-z").replace("s-300pmu-2", "sam")
    renamed = {**BASE, "catalogue": {"systems": {"sam": json.loads(text)}}, "defence": [{**BASE["defence"][0], "system": "sam"}]}
    roles = [sorted(one.role for one in unknowns(situation(data))) for data in (BASE, renamed)]
    assert roles[0] == roles[1]


def test_a_figure_that_variants_share_draws_alike_and_another_independently() -> None:
    other = {**BASE, "defence": [{**BASE["defence"][0], "system": "s-400"}]}
    one, two = ({unknown.role for unknown in unknowns(situation(data))} for data in (BASE, other))
    assert {role for role in one if role.startswith("scenario raid")} <= two
    differing = one - two
    assert any("missile 0" in role for role in differing)
    columns = np.array([shares(unknown, 64, 1)[:, 0] for unknown in unknowns(situation(BASE))])
    apart = np.corrcoef(np.unique(columns, axis=0))
    assert np.abs(apart[~np.eye(len(apart), dtype=bool)]).max() < 0.6  # of some 2,000 pairs of 64 independent draws


def test_one_figure_is_set_wherever_it_stands() -> None:
    chosen = situation(BASE)
    found = named(chosen)
    pk = "s-300pmu-2: missiles.48n6e2.targets.ballistic.pk"
    assert with_value(chosen, found[pk], 0.31).systems["s-300pmu-2"].missiles["48n6e2"].targets["ballistic"].pk.value == 0.31
    assert with_value(chosen, found["scenario: raid.wave.spacing_s"], 7.0).scenario.raid[0].spacing_s == 7.0
    assert with_value(chosen, found[pk], found[pk].value) is chosen


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("count", {"value": 8, "low": 9, "high": 12}, "value 8 is not between low 9 and high 12"),
        ("count", {"value": 8, "low": 6}, "a number is known as {value, low, high}"),
        ("count", {"value": 8.5, "low": 6, "high": 12}, "is not a whole number"),
        ("count", {"value": True, "low": 0, "high": 2}, "is not a whole number"),
        ("count", {"value": 8, "low": 0, "high": 12}, "0 is too small"),
        ("spacing_s", {"value": "4_0", "low": 0, "high": 12}, "is not a number"),
        ("spacing_s", {"value": 4, "low": -1, "high": 12}, "-1 is too small"),
        ("motion", {"kind": "ballistic", "origin": {"at": [135, 45], "within_m": 10}, "target": "base"}, "latitude 135"),
        ("motion", {"kind": "ballistic", "origin": {"at": [35, 45], "within_m": 0}, "target": "base"}, "within_m is 0"),
        ("motion", {"kind": "ballistic", "origin": {"at": [35, 45], "within": 10}, "target": "base"}, "{at, within_m}"),
    ],
)
def test_a_range_that_is_none_is_one_clear_fault(field: str, given: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as told:
        api.load({**BASE, "raid": [{**BASE["raid"][0], field: given}]})
    assert len(told.value.faults) == 1
    assert said in str(told.value)
    assert "fix: " in str(told.value)


def test_a_scenario_that_is_written_and_read_again_keeps_its_ranges() -> None:
    once = api.load(BASE).reference
    again = api.load(once.model_dump(mode="json", exclude_unset=True)).reference
    assert [one.role for one in unknowns(resolve(again, load_catalogue()))] == [
        one.role for one in unknowns(resolve(once, load_catalogue()))
    ]


def test_the_most_rounds_at_one_target_are_drawn() -> None:
    """They are nobody's statement: `first-battery` gives their range, and they are whole numbers."""
    situation = api.prepare(api.load("first-battery")).situation
    (limit,) = (one for one in unknowns(situation) if one.name == "scenario: defence.battery.doctrine.aircraft.max_rounds")
    assert (limit.low, limit.value, limit.high, limit.whole) == (4.0, 8.0, 16.0, True)
    least = drawn(situation, [(limit, (0.0, 0.0))]).scenario.defence[0].doctrine["aircraft"].max_rounds
    assert least == 4
    assert isinstance(least, int)
