"""More is never less where the model promises it: identical threats, one kill probability, no decoys, a fixed salvo."""

from typing import Any

import numpy as np
import pytest

from closedsky import api
from closedsky.engine.layout import COUNTS
from tests.engine.test_lookbylook import a_missile, a_route, a_scenario, a_system, a_threat, near

CASES, TRIALS = 200, 250


def case(rng: np.random.Generator) -> dict[str, Any]:
    """One unit with a perfect radar against identical threats from one side."""
    salvo = int(rng.integers(1, 3))
    return {
        "channels": int(rng.integers(1, 5)), "rounds": int(rng.integers(salvo, 20)), "pk": float(rng.uniform(0.2, 0.9)),
        "reaction": float(rng.uniform(2.0, 25.0)), "assessment": float(rng.uniform(1.0, 15.0)), "salvo": salvo,
        "count": int(rng.integers(2, 14)), "spacing": float(rng.choice([0.0, 2.0, 6.0, 20.0])), "reach": float(rng.uniform(8.0, 35.0)),
        "speed": float(rng.uniform(200.0, 450.0)), "correlation": float(rng.choice([0.0, 0.3])),
    }  # fmt: skip


BETTER: dict[str, Any] = {
    "rounds": lambda of, rng: of + int(rng.integers(1, 8)),
    "channels": lambda of, rng: of + int(rng.integers(1, 4)),
    "pk": lambda of, rng: min(of + 0.1, 1.0),
    "reaction": lambda of, rng: of * float(rng.uniform(0.2, 0.9)),
}


def scenario(of: dict[str, Any]) -> dict[str, Any]:
    radar = {
        "name": "eye", "role": "multifunction", "detection": {"range": "400 km", "rcs": "1 m2", "pd": 0.99, "pfa": 1e-6, "swerling": 0},
        "instrumented_range": "400 km", "antenna_height": "30 m", "elevation_min": "-5 deg", "elevation_max": "85 deg",
        "sector": "360 deg", "revisit": "1 s", "dwell": "0.5 s",
    }  # fmt: skip
    system = a_system(
        radars={"eye": radar}, missiles={"round": a_missile(f"{of['reach']} km", of["pk"], range_min="1 km")},
        channels=of["channels"], missiles_guided=of["channels"] * of["salvo"], reaction=f"{of['reaction']} s", launch_interval="1 s",
        assessment=f"{of['assessment']} s", doctrine={"salvo": of["salvo"]},
    )  # fmt: skip
    flies = a_threat(rcs="1 m2", speed=f"{of['speed']} m/s", height="2000 m", cep="1 m")
    same = {"id": "raid", "threat": "missile", "count": of["count"], "spacing_s": of["spacing"], "motion": a_route((90, 4))}
    return a_scenario(
        {"sam": system}, {"missile": flies}, [{"id": "alpha", "system": "sam", "at": near(1, 1), "rounds": {"round": of["rounds"]}}],
        [same], settings={"salvo_correlation": of["correlation"]},
    )  # fmt: skip


def leakers(of: dict[str, Any]) -> np.ndarray:
    _, [(_, outcomes)] = api.detailed_run(scenario(of), trials=TRIALS)
    return np.asarray(outcomes.counts[:, COUNTS.index("leakers")], float)


@pytest.mark.parametrize("figure", BETTER)
def test_better_figures_never_let_more_through(figure: str) -> None:
    """Over random cases, draws shared: fewer leakers or as many, within four standard errors of the difference."""
    rng = np.random.default_rng(list(BETTER).index(figure))
    fewer = 0
    for _ in range(CASES // len(BETTER)):
        of = case(rng)
        better = of | {figure: BETTER[figure](of[figure], rng)}
        apart = leakers(better) - leakers(of)
        assert apart.mean() <= 4.0 * apart.std() / np.sqrt(apart.size) + 1e-9, (of, better, apart.mean())
        fewer += apart.mean() < 0.0
    assert fewer >= 10, "the cases do not depend on what is improved"
