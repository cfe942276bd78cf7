from closedsky import api
from closedsky.engine import run as engine
from closedsky.engine.results import Influence
from closedsky.raid import run as raid
from closedsky.raid.sensitivity import most_influential


def moved(figure: str, low: float, high: float, variant: str = "v") -> Influence:
    return Influence(variant=variant, figure=figure, grade="assumed", low=low, high=high)


def test_the_largest_movers_come_first_and_each_figure_once():
    found = [moved("a", 0.1, 0.2), moved("b", 0.9, 0.1), moved("a", 0.5, 0.2, "w"), moved("c", 0.3, 0.3), moved("d", 0.0, 0.05)]
    assert [(item.figure, item.variant) for item in most_influential(found)] == [("b", "v"), ("a", "w"), ("d", "v")]


def test_what_moves_nothing_is_not_named():
    assert most_influential([moved("a", 0.3, 0.3)]) == ()


def test_without_a_defence_only_reliability_moves_the_answer():
    result = api.run("al-asad-erbil-2020", variants=["no-defence"], trials=200)
    assert result.assumed.most_influential is not None
    assert [item.figure for item in result.assumed.most_influential] == ["fateh-313: reliability", "qiam-1: reliability"]
    for item in result.assumed.most_influential:
        assert item.low < item.high  # the more reliable they are, the more get through


def test_a_higher_kill_probability_lets_fewer_through():
    loaded = api.load("first-battery")
    kill = {}
    for value in (0.3, 0.9):
        made = api.prepare(loaded)
        situation = made.situation.with_figure("s-300pmu-2", "missiles.48n6e2.targets.cruise.pk", value)
        changed = raid._prepare("x", situation, made.terrain, None)
        kill[value] = engine.run(changed.packed, changed.tables, 1, 2000).counts[:, 6].mean()
    assert kill[0.9] < kill[0.3]
