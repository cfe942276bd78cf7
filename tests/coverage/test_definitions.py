"""What the words promise: closed ≤ engageable ≤ tracked, cell by cell, and the worst heading where a closed form has it."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import closedsky
from closedsky import api
from closedsky.coverage import answer, maps
from closedsky.coverage import request as coverage_request
from tests.acceptance.sandbox import GEOD, radar, system

Mask = npt.NDArray[np.bool_]
SYSTEMS = ("s-400", "s-300pmu-2", "pantsir-s1", "patriot-pac-3-mse", "nasams", "buk-m2e", "s-500")
MAPPED = [name for name in api.examples() if any(one.cover is not None for one in api.load(name).variants.values())]


def holds(found: maps.Map) -> None:
    """Every cell of every level; nothing behind the fence is closed or engageable."""
    for i, layer in enumerate(found.layers):
        closed, fence = found.closed(i), found.behind_fence(i)
        assert not (closed & ~layer.engaged).any()
        assert not (layer.engaged & ~layer.tracked).any()
        assert not (fence & layer.engaged).any()
        assert np.array_equal(closed | fence, layer.opportunities >= found.enough)


defences = st.lists(
    st.tuples(st.sampled_from(SYSTEMS), st.floats(33.0, 36.0), st.floats(44.0, 48.0), st.one_of(st.none(), st.floats(0.0, 359.0))),
    min_size=1, max_size=4,
)  # fmt: skip


ASKED = (
    defences, st.sampled_from((30.0, 300.0, 3_000.0, 12_000.0)), st.floats(0.01, 10.0), st.floats(30.0, 900.0), st.integers(1, 4),
    st.integers(1, 3), st.sampled_from(("world", "flat")),
)  # fmt: skip


def random_defence_holds(
    units: list[tuple[str, float, float, float | None]], height_m: float, rcs_m2: float, speed_mps: float, together: int,
    opportunities: int, terrain: str,
) -> None:  # fmt: skip
    defence = [
        {"id": f"unit-{n}", "system": name, "at": [lat, lon], **({} if heading is None else {"heading_deg": heading})}
        for n, (name, lat, lon, heading) in enumerate(units)
    ]
    data = {
        "closedsky": 2,
        "name": "random",
        "title": "Random",
        "environment": {"terrain": terrain},
        "defence": defence,
        "cover": {},
    }
    target = {"kind": "aircraft", "rcs_m2": rcs_m2, "speed_mps": speed_mps}
    changes = {
        "target": target, "heights_m": (height_m,), "together": together, "opportunities": opportunities, "cell_m": 10_000.0,
    }  # fmt: skip
    holds(answer.seen(coverage_request.asked(api.load(data), changes=changes)).map)


def test_what_is_closed_is_engageable_and_what_is_engageable_is_tracked() -> None:
    settings(max_examples=20)(given(*ASKED)(random_defence_holds))()


@pytest.mark.slow
def test_so_it_is_for_two_hundred_defences() -> None:
    settings(max_examples=200)(given(*ASKED)(random_defence_holds))()


@pytest.mark.slow
@pytest.mark.parametrize("example", MAPPED)
def test_so_it_is_in_every_example(example: str) -> None:
    loaded = api.load(example)
    for variant in loaded.variants:
        holds(answer.seen(coverage_request.asked(loaded, variant, changes={"cell_m": 5_000.0})).map)


# ---------------------------------------------------------------- two units with a gap between them

SEEN_M, SPEED_MPS, REVISIT_S, REACTION_S = 60_000.0, 250.0, 4.0, 100.0
APART_M, BEARING_DEG, CELL_M = 80_000.0, 101.25, 1_000.0
MIDDLE = (40.0, 20.0)


def gap_sky(**asked: Any) -> Any:
    """Two units whose radars see 60 km, 80 km apart on a line that no axis of the map is along, with missiles that take no time."""
    anchor = {"range": f"{SEEN_M} m", "rcs": "1 m2", "pd": 0.5, "pfa": 1e-6, "swerling": 1}
    eye = radar(detection=anchor, revisit=f"{REVISIT_S} s", confirm={"hits": 1, "looks": 1}, instrumented_range="600 km")
    one = system(radars={"eye": eye}, reach_m=300_000.0, speed_mps=60_000.0, reaction_s=REACTION_S)
    places = [GEOD.fwd(MIDDLE[1], MIDDLE[0], BEARING_DEG + turn, APART_M / 2.0)[1::-1] for turn in (0.0, 180.0)]
    data = {
        "closedsky": 2, "name": "gap", "title": "A gap", "environment": {"terrain": {"flat": 0}},
        "networks": {"air-defence": {"link_delay_s": 0.0}},
        "defence": [{"id": f"unit-{n}", "system": "ideal", "at": list(at)} for n, at in enumerate(places)],
        "catalogue": {"systems": {"ideal": one}},
        "cover": {"target": {"kind": "cruise", "speed_mps": SPEED_MPS}, "heights_m": [3_000], "cell_m": CELL_M, **asked},
    }  # fmt: skip
    return closedsky.cover(data, draws=0, relief=False)


def plane(sky: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cells in a plane about the middle, m: along the line between the units, and across it."""
    lat, lon = sky.cells.lat_deg.ravel(), sky.cells.lon_deg.ravel()
    azimuth, _, away = GEOD.inv(np.full(lat.size, MIDDLE[1]), np.full(lat.size, MIDDLE[0]), lon, lat)
    turn = np.radians(np.asarray(azimuth) - BEARING_DEG)
    return (away * np.cos(turn)).reshape(sky.cells.shape), (away * np.sin(turn)).reshape(sky.cells.shape)


def flown_since_seen_m(along: Any, across: Any, headings: int) -> Any:
    """How far threats have come, at the least over straight approaches to a place, since either radar first saw them."""
    least = np.full(along.shape, np.inf)
    for n in range(headings):
        ahead, aside = math.cos(2.0 * math.pi * n / headings), math.sin(2.0 * math.pi * n / headings)
        come = np.zeros(along.shape)
        for centre in (-APART_M / 2.0, APART_M / 2.0):
            past = (along - centre) * ahead + across * aside
            square = past**2 - (along - centre) ** 2 - across**2 + SEEN_M**2
            come = np.where(square >= 0.0, np.maximum(come, past + np.sqrt(np.maximum(square, 0.0))), come)
        least = np.minimum(least, come)
    return least


def test_the_worst_heading_leads_through_the_gap() -> None:
    """Closed is where threats on every straight approach have been seen for half a look and the reaction: 25.5 km of their way.

    In the middle between the units the shortest such way is across the line between them, 44.7 km; along it there are 100.
    """
    sky = gap_sky()
    along, across = plane(sky)
    needed_m = SPEED_MPS * (0.5 * REVISIT_S + REACTION_S)
    slant = math.sqrt(1.0 - (3_000.0 / SEEN_M) ** 2)  # the discs are cut at the height of the threats
    margin_m = 2.0 * CELL_M
    least = flown_since_seen_m(along, across, 256)
    closed = sky.map.closed(0)
    sure = SEEN_M * (1.0 - slant) + margin_m
    assert sky.answer.levels[0].headings >= 64
    assert closed[least > needed_m + sure].mean() > 0.999
    assert not closed[least < needed_m - margin_m].any()
