"""What a policy that weighs values decides, through the public `run`; and that the optimum at each decision is myopic."""

import numpy as np
import pytest

import closedsky
from tests.engine.test_lookbylook import a_missile, a_route, a_scenario, a_system, a_threat, blind_to_what_comes, near


def test_the_optimum_at_each_decision_loses_to_greedy_where_more_is_to_come() -> None:
    result = closedsky.run(blind_to_what_comes(), trials=4000, draws=0)
    lost = {one.name: {m.id: m.mean for m in one.metrics}["value_lost"] for one in result.variants}
    # 10 · 0.1 + 6 + 20 · 0.2, and 10 · 0.2 + 6 · 0.1 + 20; standard deviations of 8.6 and 4.4, of means 0.14 and 0.07
    assert lost["greedy"] == pytest.approx(11.0, abs=4 * 0.14)
    assert lost["optimal"] == pytest.approx(22.6, abs=4 * 0.07)


@pytest.mark.parametrize("policy", ["greedy-value", "static-optimal"])
def test_the_dearer_of_two_is_engaged_whatever_its_place_in_the_file(policy: str) -> None:
    """One channel, one round: it goes to the threat that would destroy more, though the other arrives first."""
    system = a_system(
        channels=1, doctrine={"salvo": 1, "max_rounds": 1}, assessment="300 s", missiles={"round": a_missile(pk=1.0)}
    )
    groups = [
        {"id": "cheap", "threat": "missile", "motion": a_route((60, 0), target="shed")},
        {"id": "dear", "threat": "missile", "motion": a_route((62, 3), target="plant")},
    ]
    killed = []
    for raid in (groups, groups[::-1]):
        scenario = a_scenario(
            {"sam": system}, {"missile": a_threat(rcs="1 m2")}, [{"id": "alpha", "system": "sam", "at": near(1, 1)}], raid,
            assets=[{"id": "plant", "at": near(0, 0), "radius_m": 60, "value": 10},
                    {"id": "shed", "at": near(0, -3), "radius_m": 60, "value": 1}],
            networks={"air-defence": {"policy": policy, "fire_from_s": 120}},
        )  # fmt: skip
        metrics = {m.id: m.mean for m in closedsky.run(scenario, trials=200, draws=0).variants[0].metrics}
        killed.append((metrics["impacts.plant"], metrics["impacts.shed"]))
    assert np.all(np.array(killed) == [0.0, 1.0])
