"""When a unit may fire again without reaction and search: at once after it has judged its target alive, and at no other time."""

import numpy as np
import pytest

import closedsky
from closedsky.api import prepare
from closedsky.engine.layout import EV_ASSIGNED, EV_JUDGED_ALIVE, EV_MISSILE, TICKS_PER_S
from closedsky.engine.run import replay
from tests.engine.test_lookbylook import a_missile, a_route, a_scenario, a_system, a_threat, near

REACTION_S = 20


@pytest.fixture(scope="module")
def engagements() -> list[tuple[bool, bool, float]]:
    """(The same unit has fired at it before; it takes it up at its own judgement; seconds from assignment to the first missile)."""
    system = a_system(
        channels=1, reaction=f"{REACTION_S} s", assessment="4 s", launch_interval="1 s", missiles={"round": a_missile(pk=0.3)},
        doctrine={"salvo": 1, "max_rounds": 5},
    )  # fmt: skip
    slow, fast = a_threat(speed="100 m/s", rcs="1 m2"), a_threat(speed="300 m/s", rcs="1 m2")
    made = prepare(
        closedsky.load(
            a_scenario(
                {"sam": system},
                {"slow": slow, "fast": fast},
                [{"id": "alpha", "system": "sam", "at": near(1, 0)}],
                [
                    {"id": "slow", "threat": "slow", "count": 2, "spacing_s": 9, "motion": a_route((50, 0))},
                    {
                        "id": "fast",
                        "threat": "fast",
                        "count": 3,
                        "spacing_s": 25,
                        "start_s": 100,
                        "jitter_s": 9,
                        "motion": a_route((60, 9)),
                    },
                ],
            )
        )
    )
    out = []
    _, logs = replay(made.packed, made.tables, 3, 0, 60)
    for log in logs:
        for threat in np.unique(log["threat"]):
            assigned, judged, before = 0, -1, False
            for event in log[log["threat"] == threat]:
                if event["kind"] == EV_JUDGED_ALIVE:
                    judged = event["tick"]
                elif event["kind"] == EV_ASSIGNED:
                    assigned = event["tick"]
                elif event["kind"] == EV_MISSILE:
                    out.append((before, assigned == judged, (event["tick"] - assigned) / TICKS_PER_S))
                    before = True
    return out


def test_a_unit_that_fires_again_at_once_needs_no_reaction(engagements: list[tuple[bool, bool, float]]) -> None:
    waits = [wait for _, at_once, wait in engagements if at_once]
    assert len(waits) > 30
    assert min(waits) == 0.0
    assert sum(wait < REACTION_S for wait in waits) > 0.9 * len(waits)


def test_a_unit_that_comes_back_later_reacts_anew(engagements: list[tuple[bool, bool, float]]) -> None:
    waits = [wait for before, at_once, wait in engagements if before and not at_once]
    assert len(waits) > 30
    assert min(waits) >= REACTION_S
