"""Sites by rule: the flattest and the highest spot within 3 km."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from closedsky.errors import RequestError
from closedsky.geo.siting import RADIUS_M, Siting, sited
from closedsky.geo.terrain import Terrain

STEP = math.radians(0.005)


def land(heights: npt.NDArray[np.float64], west_deg: float = 44.0) -> Terrain:
    """Nodes 0.005 degrees apart, 556 m from north to south, from 36 N."""
    return Terrain("land", 556.0, heights.astype(np.float32), math.radians(36.0), math.radians(west_deg), STEP, STEP, "", "")


def node(row: int, column: int, west_deg: float = 44.0) -> tuple[float, float]:
    return 36.0 - 0.005 * row, west_deg + 0.005 * column


def slope() -> npt.NDArray[np.float64]:
    """Land that rises eastward."""
    return 500.0 + 20.0 * np.arange(40.0)[None, :] + np.zeros((40, 1))


def test_high_takes_the_top_and_low_the_terrace() -> None:
    heights = slope()
    heights[22, 18] = 2_000.0
    heights[15:18, 20:23] = heights[16, 21] + 100.0
    found = {siting: sited(land(heights), *node(20, 20), siting) for siting in ("low", "high")}
    assert found["high"] == pytest.approx(node(22, 18))
    assert found["low"] == pytest.approx(node(16, 21))


@pytest.mark.parametrize("siting", ["low", "high"])
def test_no_farther_than_3_km(siting: Siting) -> None:
    """A plateau on a summit 4 km off is not taken; on a slope the highest is due east."""
    heights = slope()
    heights[10:14, 20:24] = 5_000.0
    lat, lon = sited(land(heights), *node(20, 20), siting)
    east, north = 111_195.0 * math.cos(math.radians(36.0)) * (lon - 44.1), 111_195.0 * (lat - 35.9)
    assert math.hypot(east, north) <= RADIUS_M
    if siting == "high":
        assert east > 0.8 * RADIUS_M


def test_an_altitude_takes_the_node_nearest_to_it() -> None:
    """On a slope, due west of the place or east of it; beyond the slope's end within 3 km, that end."""
    ground = land(slope())
    assert sited(ground, *node(20, 20), 500.0 + 20.0 * 17.2)[1] == pytest.approx(node(20, 17)[1])
    assert sited(ground, *node(20, 20), 500.0 + 20.0 * 23.4)[1] == pytest.approx(node(20, 23)[1])
    assert sited(ground, *node(20, 20), 3_000.0) == sited(ground, *node(20, 20), "high")


def test_never_in_the_sea() -> None:
    """Nothing is flatter; but a place with nothing but sea about it is left where it is."""
    heights = slope()
    heights[:, :20] = 0.0
    assert sited(land(heights), *node(20, 19), "low")[1] >= 44.1 - 1e-9
    assert sited(land(np.zeros((40, 40))), *node(20, 20), "low") == node(20, 20)


def test_first_of_equals() -> None:
    lat, lon = sited(land(np.full((40, 40), 300.0)), *node(20, 20), "high")
    assert lat > node(20, 20)[0]
    assert sited(land(np.full((40, 40), 300.0)), *node(20, 20), "high") == (lat, lon)


def test_across_the_date_line_and_at_the_edge() -> None:
    heights = slope()
    heights[20, 22] = 3_000.0
    terrain = land(heights, west_deg=179.9)
    assert sited(terrain, *node(20, 19, 179.9), "high") == pytest.approx((35.9, -179.99))
    assert sited(terrain, *node(0, 0, 179.9), "high")[0] <= 36.0 + 1e-9


@pytest.mark.parametrize(("place", "siting", "words"), [((36.5, 44.1), "low", "outside"), (node(20, 20), "middle", "no siting")])
def test_refused(place: tuple[float, float], siting: Siting, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sited(land(slope()), *place, siting)
