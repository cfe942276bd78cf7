"""The fly-outs of the catalogue's missiles as the engine packs them: none is faster than its own burn allows, equal rounds are equal."""

import math
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky.api import prepare
from closedsky.engine.layout import Packed
from closedsky.engine.pack.defence import fly_out_end_m, fly_out_of
from closedsky.model.system import Missile
from closedsky.physics.flyout import air_column, thrust_for, time_of_flight
from closedsky.scenario.sides import End
from tests.validation.fly_outs import CATALOGUE, ENDS, MISSILES, missile_at


def scenario(system: str, **changed: Any) -> dict[str, Any]:
    return {
        "closedsky": 2, "name": "fly-outs", "title": "One unit", "environment": {"terrain": "flat"},
        "assets": [{"id": "town", "at": [33.0, 44.0]}],
        "raid": [{"id": "low", "threat": "tomahawk", "motion": {
            "kind": "route", "waypoints": [{"at": [33.1, 45.5], "height_m": 50}], "target": "town"}}],
        "defence": [{"id": "unit", "system": system, "at": [33.1, 44.1]}],
    } | changed  # fmt: skip


def most_m(missile: Missile, time_s: float) -> float:
    """Way in m that the thrust alone gives by a time, without drag and weight: c (t + (μ - t) ln(1 - t / μ)), and straight on.

    c = thrust · burn / fuel is the exhaust speed, μ = mass · burn / fuel the time in which all of the missile would be burnt.
    """
    of = missile.flyout
    mass, burn_s = of.launch_mass.si, of.burn.si
    fuel = of.fuel_share.si * mass
    area = of.drag.si * math.pi * (0.5 * of.diameter.si) ** 2
    exhaust = thrust_for((mass, fuel, burn_s, 0.0, area), air_column(), of.speed_max.si) * burn_s / fuel
    whole_s, t = mass * burn_s / fuel, min(time_s, burn_s)
    return exhaust * (t + (whole_s - t) * math.log(1.0 - t / whole_s)) - exhaust * math.log(1.0 - t / whole_s) * (time_s - t)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("key", "name"), MISSILES)
def test_no_round_covers_more_ground_than_its_own_burn_allows(key: str, name: str, end: End) -> None:
    """At no moment of the burn from 50 m on, nor later: on the level, at 20 degrees and straight up; and farther is later."""
    missile = missile_at(key, name, end)
    table, end_m, least_mps = fly_out_of(missile), fly_out_end_m(missile), missile.flyout.speed_least.si
    burning, first_m = 0, end_m / 39**2
    for sine in (0.0, math.sin(math.radians(20.0)), 1.0):
        before_s = 0.0
        for range_m in end_m * np.linspace(math.sqrt(50.0 / end_m), 1.0, 400) ** 2:
            time_s = time_of_flight(table, end_m, least_mps, range_m, range_m * sine)
            if math.isinf(time_s):
                continue
            burning += time_s <= missile.flyout.burn.si
            # Between its nodes the table is at most a few thousandths ahead; before the first of them, where no missile meets anything,
            # a few hundredths, since what the thrust has to move grows lighter.
            assert range_m <= most_m(missile, time_s) * (1.005 if range_m > first_m else 1.03)
            # By the attacker's figures the least speed at the intercept can forbid the quickest loft to a nearer point.
            assert time_s > (before_s if end != "low" else 0.99 * before_s)
            before_s = time_s
    assert burning > 50
    assert first_m < missile.range_min.low_si


def packed(data: dict[str, Any]) -> Packed:
    return prepare(closedsky.load(data)).packed


def test_equal_rounds_under_other_names_are_packed_alike() -> None:
    """A system with every missile, radar and itself renamed: not a byte of the defence differs."""
    one = CATALOGUE.system("s-400").model_dump(mode="json")
    other = one | {
        "id": "renamed",
        "missiles": {f"x-{name}": missile | {"name": "x"} for name, missile in one["missiles"].items()},
        "fire_unit": one["fire_unit"] | {"load": {f"x-{name}": share for name, share in one["fire_unit"]["load"].items()}},
    }
    first, second = (
        packed(scenario("mine", catalogue={"systems": {"mine": {key: value for key, value in entry.items() if key != "id"}}}))
        for entry in (one, other)
    )
    for part in ("magazines", "envelopes", "units", "radars", "doctrine", "fly_out"):
        assert getattr(first.defence, part).tobytes() == getattr(second.defence, part).tobytes(), part


def test_rounds_that_fly_alike_share_a_table() -> None:
    """Two units of one system have one table for each kind of round."""
    units = [{"id": f"unit-{i}", "system": "s-400", "at": [33.1 + i, 44.1]} for i in range(2)]
    made = packed(scenario("s-400", defence=units))
    assert len(made.defence.magazines) == 6
    assert len(made.defence.fly_out) == 3
    assert made.defence.magazines["fly_out"].tolist() == [0, 1, 2, 0, 1, 2]
