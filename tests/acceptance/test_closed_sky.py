"""The closed sky of one unit over a level sphere, against the closed form: horizon, radar range, envelope, reaction and fly-out.

A threat that comes straight at the unit at constant speed and height is seen from a ground range on: the lesser of the horizon (exact
arc of radius k R) and of the radar's slant range. Its track is confirmed (hits - 1/2) looks later, the first missile leaves after the
reaction, and meets it where what the missile has flown, thrown and slowed by its weight alone, is the slant range; at the envelope's
edge at the earliest. Where that is, the sky begins to be closed. Nothing here is taken from closedsky but its answer.
"""

import math
from typing import Any

import numpy as np
import pytest

import closedsky
from closedsky.coverage import maps
from closedsky.coverage.answer import Sky
from closedsky.physics.sphere import bearing_and_range
from tests.acceptance.sandbox import ANTENNA_M, G_MPS2, HOME, Tree, flight_s, radar, system
from tests.validation.book import Agrees

EARTH_M = 6_371_000.0
EFFECTIVE_M = 4.0 / 3.0 * EARTH_M
SPEED_MPS = 250.0
MISSILE_MPS = 1000.0
REVISIT_S, HITS, REACTION_S, ASSESSMENT_S = 4.0, 2, 10.0, 8.0
HEIGHTS_M = (30.0, 100.0, 1_000.0, 10_000.0)
TOLERANCE = 0.005


def unit(reach_m: float, radar_m: float, **changed: Any) -> Tree:
    """A unit whose radar sees 1 m² (Swerling 1, every second look) at `radar_m`, with missiles that reach `reach_m`."""
    anchor = {"range": f"{radar_m!r} m", "rcs": "1 m2", "pd": 0.5, "pfa": 1e-6, "swerling": 1}
    confirm = {"hits": HITS, "looks": 3}
    eye = radar(detection=anchor, revisit=f"{REVISIT_S} s", confirm=confirm, instrumented_range="600 km")
    known = {"reach_m": reach_m, "speed_mps": MISSILE_MPS, "reaction_s": REACTION_S, "assessment_s": ASSESSMENT_S}
    return system(radars={"eye": eye}, **{**known, **changed})


def sky_of(one: Tree, heights_m: tuple[float, ...], cell_m: float, **asked: Any) -> Sky:
    data = {
        "closedsky": 2,
        "name": "sky",
        "title": "One unit over a sphere",
        "environment": {"terrain": "flat", "earth": {"shape": "sphere"}},
        "networks": {"air-defence": {"link_delay_s": 0.0}},
        "defence": [{"id": "unit", "system": "ideal", "at": list(HOME)}],
        "catalogue": {"systems": {"ideal": one}},
        "cover": {"target": {"kind": "cruise", "speed_mps": SPEED_MPS}, "heights_m": list(heights_m), "cell_m": cell_m, **asked},
    }
    return closedsky.cover(data, draws=0, relief=False)


def radii_m(sky: Sky, mask: Any) -> list[float]:
    """How far a mask goes from the unit to the north, east, south and west: middle between the last cell in it and the next."""
    lat, lon = np.radians(sky.cells.lat_deg), np.radians(sky.cells.lon_deg)
    lat0, lon0 = (math.radians(x) for x in HOME)
    half = np.sin(0.5 * (lat - lat0)) ** 2 + np.cos(lat) * math.cos(lat0) * np.sin(0.5 * (lon - lon0)) ** 2
    away = 2.0 * EARTH_M * np.arcsin(np.sqrt(half))
    i, j = np.unravel_index(np.argmin(away), away.shape)
    found = []
    for seen, far in ((mask[:i, j][::-1], away[:i, j][::-1]), (mask[i + 1 :, j], away[i + 1 :, j]),
                      (mask[i, :j][::-1], away[i, :j][::-1]), (mask[i, j + 1 :], away[i, j + 1 :])):  # fmt: skip
        first_out = int(np.argmin(seen))
        assert not seen[first_out]
        found.append(0.5 * float(far[max(first_out - 1, 0)] + far[first_out]))
    return found


# ---------------------------------------------------------------- the closed form


def slant_m(ground_m: float, height_m: float) -> float:
    near, far = EARTH_M + ANTENNA_M, EARTH_M + height_m
    return math.sqrt(near**2 + far**2 - 2.0 * near * far * math.cos(ground_m / EARTH_M))


def ground_m(slant: float, height_m: float) -> float:
    near, far = EARTH_M + ANTENNA_M, EARTH_M + height_m
    return EARTH_M * math.acos((near**2 + far**2 - slant**2) / (2.0 * near * far))


def horizon_m(height_m: float) -> float:
    arcs = (math.acos(EFFECTIVE_M / (EFFECTIVE_M + h)) for h in (ANTENNA_M, height_m))
    return EFFECTIVE_M * sum(arcs)


def seen_m(radar_m: float, height_m: float) -> float:
    return min(horizon_m(height_m), ground_m(radar_m, height_m))


def pace_mps(height_m: float) -> float:
    """Speed of the point under the threat."""
    return SPEED_MPS * EARTH_M / (EARTH_M + height_m)


def meeting_m(launched_m: float, reach_m: float, height_m: float) -> float:
    """Ground range at which a missile meets a threat that is at `launched_m` when it leaves, or later so as to meet it at the edge."""
    low, high = 0.0, launched_m
    for _ in range(60):
        middle = 0.5 * (low + high)
        if flight_s(slant_m(middle, height_m), height_m - ANTENNA_M, MISSILE_MPS) > (launched_m - middle) / pace_mps(height_m):
            high = middle
        else:
            low = middle
    return min(low, ground_m(reach_m, height_m))


def closed_m(reach_m: float, radar_m: float, height_m: float) -> float:
    ready_s = (HITS - 0.5) * REVISIT_S + REACTION_S
    return meeting_m(seen_m(radar_m, height_m) - ready_s * pace_mps(height_m), reach_m, height_m)


def stepped_m(reach_m: float, radar_m: float, height_m: float) -> float:
    """The same by flying threat and missile in small steps: seen, confirmed, launched at, met."""
    step_s, at_m, seen_s, flown_s = 0.01, seen_m(radar_m, height_m) + 1_000.0, 0.0, 0.0
    while True:
        at_m -= pace_mps(height_m) * step_s
        slant = slant_m(at_m, height_m)
        seen_s += step_s if at_m <= horizon_m(height_m) and slant <= radar_m else 0.0
        flown_s += step_s if seen_s > (HITS - 0.5) * REVISIT_S + REACTION_S else 0.0
        steepness = (height_m - ANTENNA_M) / slant
        if MISSILE_MPS * flown_s - 0.5 * G_MPS2 * steepness * flown_s**2 >= slant and slant <= reach_m:
            return at_m


# ---------------------------------------------------------------- what must agree

CASES = [
    pytest.param(60_000.0, 400_000.0, (30.0, 100.0), 100.0, id="horizon"),
    pytest.param(150_000.0, 400_000.0, (1_000.0,), 300.0, id="horizon, higher"),
    pytest.param(200_000.0, 180_000.0, (10_000.0,), 400.0, id="radar range"),
    pytest.param(90_000.0, 300_000.0, (10_000.0,), 300.0, id="envelope"),
]


@pytest.mark.parametrize(("reach_m", "radar_m", "heights_m", "cell_m"), CASES)
def test_radii_are_the_closed_form(
    reach_m: float, radar_m: float, heights_m: tuple[float, ...], cell_m: float, agrees: Agrees
) -> None:
    """Tracked, engageable and closed, along the axes, on which a heading comes straight at the unit: to 0.5 %.

    Where the radar holds a threat, and the envelope has it, it is engageable: the lesser of the two. Cells are at most 0.35 % of a radius.
    """
    sky = sky_of(unit(reach_m, radar_m), heights_m, cell_m)
    for i, height_m in enumerate(heights_m):
        expected = {
            "tracked": seen_m(radar_m, height_m),
            "engaged": min(seen_m(radar_m, height_m), ground_m(reach_m, height_m)),
            "closed": closed_m(reach_m, radar_m, height_m),
        }
        layer = sky.map.layers[i]
        for what, mask in {"tracked": layer.tracked, "engaged": layer.engaged, "closed": sky.map.closed(i)}.items():
            if what == "tracked" and expected[what] > reach_m:
                continue  # the map ends where the radar's sight does, so there is no rim on it to be measured
            assert radii_m(sky, mask) == pytest.approx([expected[what]] * 4, rel=TOLERANCE), (what, height_m)
        agrees(
            part="closed sky",
            authority="horizon, radar range, envelope, reaction and fly-out",
            quantity=f"closed at {height_m:g} m, missiles to {reach_m / 1000:g} km, radar to {radar_m / 1000:g} km",
            theirs=expected["closed"],
            ours=float(np.mean(radii_m(sky, sky.map.closed(i)))),
            tolerance=TOLERANCE,
            kind="relative",
            unit="m",
            second=("flown in steps of 10 ms", stepped_m(reach_m, radar_m, height_m)),
            source="tests/acceptance/test_closed_sky.py",
        )


def second_m(first_m: float, reach_m: float, height_m: float, reaction_s: float) -> float:
    """Where the next missile meets a threat, when the first has met one at `first_m` and been assessed."""
    return meeting_m(first_m - (ASSESSMENT_S + reaction_s) * pace_mps(height_m), reach_m, height_m)


@pytest.mark.parametrize("height_m", [1_000.0, 10_000.0])
def test_one_more_threat_than_channels_waits_for_a_channel(height_m: float) -> None:
    """Two threats, one channel: the second is taken up when the first has been assessed, and needs a reaction of its own."""
    one = unit(150_000.0, 180_000.0)
    alone, pair = (sky_of(one, (height_m,), 300.0, together=m) for m in (1, 2))
    first = closed_m(150_000.0, 180_000.0, height_m)
    assert radii_m(alone, alone.map.closed(0)) == pytest.approx([first] * 4, rel=TOLERANCE)
    by_hand = second_m(first, 150_000.0, height_m, REACTION_S)
    assert by_hand < 0.9 * first
    assert radii_m(pair, pair.map.closed(0)) == pytest.approx([by_hand] * 4, rel=TOLERANCE)


def test_as_many_threats_as_channels_close_alike() -> None:
    """Launches take no time here, so three channels serve three threats as one serves one."""
    alone = sky_of(unit(150_000.0, 180_000.0, channels=1), (1_000.0,), 500.0, together=1)
    three = sky_of(unit(150_000.0, 180_000.0, channels=3), (1_000.0,), 500.0, together=3)
    assert np.array_equal(alone.map.closed(0), three.map.closed(0))


def test_a_second_opportunity_comes_after_the_assessment_without_a_reaction() -> None:
    twice = sky_of(unit(150_000.0, 180_000.0), (1_000.0,), 300.0, opportunities=2)
    by_hand = second_m(closed_m(150_000.0, 180_000.0, 1_000.0), 150_000.0, 1_000.0, 0.0)
    assert radii_m(twice, twice.map.closed(0)) == pytest.approx([by_hand] * 4, rel=TOLERANCE)


def test_rounds_run_out() -> None:
    """Three threats, three channels, salvos of two, five rounds: two full salvos and a single round; with four the third has none."""
    close, short = (
        sky_of(unit(150_000.0, 180_000.0, channels=3, salvo=2, max_rounds=2, rounds=n), (1_000.0,), 2_000.0, together=3)
        for n in (5, 4)
    )
    assert close.map.closed(0).any()
    assert not short.map.closed(0).any()


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"reaction_s": 5.0}, {"reaction_s": 30.0}, id="reaction"),
        pytest.param({"assessment_s": 2.0}, {"assessment_s": 20.0}, id="assessment"),
        pytest.param({"speed_mps": 1500.0}, {"speed_mps": 800.0}, id="missile speed"),
        pytest.param({"channels": 2}, {"channels": 1}, id="channels"),
        pytest.param({"channels": 2, "interval_s": 0.0}, {"channels": 2, "interval_s": 6.0}, id="launch interval"),
    ],
)
def test_closed_area_is_monotone(better: Tree, worse: Tree) -> None:
    """No cell that the worse unit closes is open to the better one. An outline larger than either map makes both the same."""
    lat, lon = HOME
    square = [[lat + i, lon + j] for i, j in ((-3.0, -5.0), (-3.0, 5.0), (3.0, 5.0), (3.0, -5.0))]
    maps = [
        sky_of(unit(100_000.0, 120_000.0, **figures), (300.0, 5_000.0), 2_000.0, together=2, opportunities=2, outline=square).map
        for figures in (better, worse)
    ]
    for i in range(2):
        good, bad = (one.closed(i) for one in maps)
        assert not (bad & ~good).any()
        assert good.sum() > bad.sum()


def test_a_higher_mast_closes_more() -> None:
    low, high = unit(100_000.0, 120_000.0), unit(100_000.0, 120_000.0)
    high["radars"]["eye"]["antenna_height"] = "40 m"
    small, large = (sky_of(one, (50.0,), 500.0).map.closed(0) for one in (low, high))
    assert not (small & ~large).any()
    assert large.sum() > 1.5 * small.sum()


def test_low_flyers_of_the_published_range() -> None:
    """FOI-R--4651--SE, as recalled (unverified): 20 to 35 km against low flyers, which is the horizon of 6 m of antenna at 10 to 30 m.

    By hand, √(2 k R) (√6 + √h): 23.1 km at 10 m, 32.7 km at 30 m.
    """
    sky = closedsky.cover(
        closedsky.units("s-400", [HOME], terrain="flat"),
        heights_m=(10, 30),
        cell_m=1000,
        target={"kind": "cruise", "rcs_m2": 0.1, "speed_mps": 240.0},
        draws=0,
        relief=False,
    )
    for level, by_hand in zip(sky.answer.levels, (23.1, 32.7), strict=True):
        radius_km = math.sqrt(level.engageable_km2.likely / math.pi)
        assert radius_km == pytest.approx(by_hand, rel=0.03)
        assert 20.0 <= radius_km <= 35.0


SHADOW_M = (30_000.0, 46_000.0)
"""Ground ranges between which nobody sees the threats."""


@pytest.mark.parametrize(("guidance", "meets"), [("arh", True), ("command", False)])
def test_an_active_round_meets_its_target_in_shadow(guidance: str, meets: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Launched when the target was in sight, it needs nobody to see the intercept; a commanded one does.

    The opportunity counts, and closes the sky where it can be seen again; in shadow, where nothing is engageable, nothing is closed.

    Seen from 100 km on: ready at 96 km, met at 76 km in the open. So the radar is given 60 km to see, and the target is met where it was in
    shadow: ready at 56 km, met at 44.8 km, between 46 km and 30 km.
    """
    by_hand = closed_m(150_000.0, 60_000.0, 1_000.0)
    assert SHADOW_M[0] < by_hand < SHADOW_M[1]
    whole = maps.sweep.floor_at

    def shaded(cells: Any, found: Any, lat_rad: float, lon_rad: float, reach_m: float, pool: Any) -> Any:
        floor = whole(cells, found, lat_rad, lon_rad, reach_m, pool)
        rows, columns = floor.altitude_m.shape
        part = np.s_[floor.corner[0] : floor.corner[0] + rows, floor.corner[1] : floor.corner[1] + columns]
        _, away_m = bearing_and_range(cells.lat_rad[part], cells.lon_rad[part], lat_rad, lon_rad)
        floor.altitude_m[(away_m > SHADOW_M[0]) & (away_m < SHADOW_M[1])] = np.nan
        return floor

    monkeypatch.setattr(maps.sweep, "floor_at", shaded)
    sky = sky_of(unit(150_000.0, 60_000.0, guidance=guidance), (1_000.0,), 250.0)
    offered, closed = radii_m(sky, sky.map.layers[0].opportunities >= 1), radii_m(sky, sky.map.closed(0))
    if meets:
        assert offered == pytest.approx([by_hand] * 4, rel=TOLERANCE)
        assert closed == pytest.approx([SHADOW_M[0]] * 4, rel=TOLERANCE)
        assert sky.answer.levels[0].behind_fence_km2.likely == pytest.approx(
            math.pi * (by_hand**2 - SHADOW_M[0] ** 2) / 1e6, rel=0.02
        )
    else:
        assert max(offered) < SHADOW_M[0]
        assert max(closed) < SHADOW_M[0]
