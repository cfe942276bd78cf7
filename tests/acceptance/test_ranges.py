"""Detection to range: when a low flyer comes over the horizon, and why a threat was not shot at, through `run` and `replay`."""

import math

import pytest

import closedsky
from closedsky.engine.layout import EV_TRACK, TICKS_PER_S
from tests.acceptance.sandbox import GEOD, HOME, Tree, hover, radar, scenario, system, threat
from tests.validation.book import Agrees

EARTH_M = 6_371_000.0
K = 4.0 / 3.0
SPEED_MPS = 250.0
START_DEG = 1.0


def horizon_m(antenna_m: float, target_m: float) -> float:
    """Ground range of the horizon on a smooth sphere of radius k R: both tangents of the exact arc."""
    radius = K * EARTH_M
    return radius * (math.acos(radius / (radius + antenna_m)) + math.acos(radius / (radius + target_m)))


def low_flyer(antenna_m: float, target_m: float, revisit_s: float, hits: int = 1, looks: int = 1) -> Tree:
    """A cruise missile that flies straight at the unit, from one degree north, at a constant height."""
    eye = radar(antenna_height=f"{antenna_m} m", revisit=f"{revisit_s} s", confirm={"hits": hits, "looks": looks})
    waypoints = [{"at": [HOME[0] + START_DEG, HOME[1]], "height_m": target_m}, {"at": list(HOME), "height_m": target_m}]
    motion = {"kind": "route", "waypoints": waypoints, "speed_mps": SPEED_MPS}
    return scenario(system(radars={"eye": eye}, max_rounds=1), [{"id": "low", "threat": "target", "motion": motion}])


def track_s(data: Tree) -> float:
    _, _, log = closedsky.replay(data, 0)
    tracks = log[log["kind"] == EV_TRACK]["tick"]
    assert tracks.size == 1
    return float(tracks[0]) / TICKS_PER_S


LENGTH_M = float(GEOD.inv(HOME[1], HOME[0] + START_DEG, HOME[1], HOME[0])[2])


def crossing_s(range_m: float) -> float:
    """When the ground range, along the ellipsoid, has come down to `range_m`."""
    return (LENGTH_M - range_m) / SPEED_MPS


@pytest.mark.parametrize(("antenna_m", "target_m"), [(10.0, 50.0), (5.0, 50.0), (24.0, 30.0), (38.8, 100.0), (100.0, 15.0)])
@pytest.mark.parametrize("revisit_s", [0.1, 6.0])
def test_a_low_flyer_is_tracked_at_the_first_look_above_the_horizon(antenna_m: float, target_m: float, revisit_s: float) -> None:
    crossing = crossing_s(horizon_m(antenna_m, target_m))
    seen = track_s(low_flyer(antenna_m, target_m, revisit_s))
    assert crossing - 0.02 <= seen <= crossing + revisit_s + 0.02  # 0.02 s is 5 m of flight
    assert (seen / revisit_s) % 1.0 == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(("hits", "looks"), [(2, 3), (3, 3)])
def test_confirmation_takes_its_looks(hits: int, looks: int) -> None:
    once, often = (track_s(low_flyer(10.0, 50.0, 2.0, n, m)) for n, m in ((1, 1), (hits, looks)))
    assert often - once == pytest.approx(2.0 * (hits - 1), abs=1e-5)


@pytest.mark.parametrize(
    ("antenna_m", "target_m", "horizon_km"),
    [(5, 50, 38.36), (10, 30, 35.61), (10, 50, 42.18), (24, 50, 49.34), (38.8, 50, 54.82), (25, 100, 61.83)],
)
def test_the_range_of_the_track_is_the_published_horizon(
    antenna_m: float, target_m: float, horizon_km: float, agrees: Agrees
) -> None:
    """√(2 k R) (√h₁ + √h₂), k = 4/3, R = 6371.0 km. Tolerance: 5 m of rounding, 10 m of parabola, one look of 12.5 m."""
    seen = track_s(low_flyer(antenna_m, target_m, 0.05))
    range_m = LENGTH_M - seen * SPEED_MPS
    agrees(
        part="horizon",
        authority="the parabola's table, for the track of a replayed trial",
        quantity=f"antenna {antenna_m:g} m, target {target_m:g} m",
        theirs=1000.0 * horizon_km,
        ours=range_m,
        tolerance=27.5,
        unit="m",
        second=("exact arc by hand", horizon_m(antenna_m, target_m)),
        source="sqrt(2 k R)(sqrt h1 + sqrt h2), k = 4/3, R = 6371.0 km",
    )


def test_height_above_raised_ground_is_what_counts() -> None:
    """The same heights above level ground at 500 m: the same horizon, to within what 500 m of altitude add to a radius of 8495 km."""
    data = low_flyer(10.0, 50.0, 0.1)
    raised = data | {"environment": {"terrain": {"flat": 500.0}}}
    assert track_s(raised) == pytest.approx(track_s(data), abs=0.2)


def test_behind_the_horizon_is_never_in_line_of_sight() -> None:
    data = low_flyer(10.0, 50.0, 1.0)
    far = {"kind": "route", "speed_mps": 250.0, "waypoints": [
        {"at": [HOME[0] + 2.0, HOME[1]], "height_m": 50}, {"at": [HOME[0] + 0.4, HOME[1]], "height_m": 50}]}  # fmt: skip
    data["raid"][0]["motion"] = far
    answer = closedsky.run(data, trials=50, seed=1).variants[0]
    assert answer.why_no_shot["never_in_line_of_sight"].mean == answer.metric("leakers").mean == 1.0


def overhead(start_deg: float = 0.5, end_deg: float = 0.1) -> Tree:
    waypoints = [{"at": [HOME[0] + north, HOME[1]], "altitude_m": 8000} for north in (start_deg, end_deg)]
    return {"kind": "route", "speed_mps": 250.0, "waypoints": waypoints}


def case(unit: Tree, count: int = 1, motion: Tree | None = None, **deployed: object) -> Tree:
    data = scenario(unit, [{"id": "lone", "threat": "target", "count": count, "motion": motion or overhead()}])
    data["defence"][0] |= deployed
    return data


CAUSES = {
    "seen_too_weakly": case(system(radars={"eye": radar(
        detection={"range": "1 km", "rcs": "1000 m2", "pd": 0.5, "pfa": 1e-9, "swerling": 0})})),
    # Five looks in 178 s, every one a detection, and eight are wanted.
    "seen_no_track": case(system(radars={"eye": radar(confirm={"hits": 8, "looks": 8}, revisit="30 s")})),
    "outside_sector": case(system(radars={"eye": radar(sector="60 deg")}), heading_deg=180.0),
    "held_by_rules": case(system(), doctrine={"cruise": {"salvo": 1, "max_rounds": 1, "hold": True}}),
    # It is there for 4.4 s.
    "no_time": case(system(reaction_s=60.0), motion=overhead(0.011, 0.001)),
    "no_channel": case(system(reaction_s=100.0), count=2),
    "no_rounds": case(system(), count=2, rounds={"round": 1}),
    # The second has a channel, but the one round is another's, and when that is fired it is too late.
    "no_rounds (reserved)": case(system(channels=2, reaction_s=5.0), count=2, motion=hover(20_000.0, 30.0), rounds={"round": 1}),
    "no_rounds (none loaded)": case(system(), rounds={"round": 0}),
    "engaged_and_missed": case(system(pk=0.0)),
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_where_it_belongs(cause: str) -> None:
    """One leaker a case, and its reason is certain."""
    answer = closedsky.run(CAUSES[cause], trials=50, seed=1).variants[0]
    assert {name: found.mean for name, found in answer.why_no_shot.items() if found.mean > 0.0} == {cause.split()[0]: 1.0}


def test_a_kill_needs_the_target_class() -> None:
    """No missile for the class: tracked, and no time to shoot at it, for there is nothing to shoot with."""
    data = scenario(
        system(), [{"id": "lone", "threat": "target", "motion": overhead()}], {"target": threat(target_class="aircraft")}
    )
    answer = closedsky.run(data, trials=50, seed=1).variants[0]
    assert answer.metric("tracked").mean == answer.metric("leakers").mean == 1.0
    assert answer.metric("rounds_fired").mean == 0.0
