"""Outlines: areas by geodesic polygon of pyproj, and what is no area."""

import pytest
from pyproj import Geod

import closedsky
from closedsky.errors import RequestError, ScenarioError
from closedsky.geo.area import outline_area

STRIP = [(24.3, 61.5), (25.1, 61.5), (26.5, 57.0), (26.1, 56.7)]


def test_an_outline_has_the_area_of_its_corners() -> None:
    """Straight in latitude and longitude against geodesics: on sides of 500 km they part by a few km, 2 % of so narrow a strip."""
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter([lon for _, lon in STRIP], [lat for lat, _ in STRIP])
    assert outline_area(STRIP, "strip").area_km2 == pytest.approx(abs(area) / 1e6, rel=0.02)
    assert outline_area(STRIP[::-1], "strip").area_km2 == pytest.approx(abs(area) / 1e6, rel=0.02)


def test_an_outline_across_180_is_small() -> None:
    """A box of 2 by 2 degrees at the equator: 222.6 by 221.1 km."""
    area = outline_area([(-1, 179), (-1, -179), (1, -179), (1, 179)], "box")
    assert area.area_km2 == pytest.approx(222.6 * 221.1, rel=1e-3)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([(0, 0), (1, 1), (0, 1), (1, 0)], "crosses itself: side 1 and side 3"),
        ([(0, 0), (1, 1), (2, 2)], "no area"),
        ([(0, 0), (0, 2), (1, 1), (-1, 1)], "crosses itself: side 1 and side 3"),
        ([(80, 0), (80, 120), (80, -120)], "around a pole"),
    ],
)
def test_what_is_no_area_is_refused(points: list[tuple[float, float]], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        outline_area(points, "bad")


def scenario(**cover: object) -> dict[str, object]:
    defence = [{"id": "unit", "system": "s-400", "at": [30, 50]}]
    return {"closedsky": 2, "name": "a", "title": "A", "environment": {"terrain": "flat"}, "defence": defence, "cover": cover}


@pytest.mark.parametrize(
    ("outline", "says"), [([[30, 50], [31, 50]], "cover.outline"), ([[30, 50], [31, 50], [100, 50]], "latitude 100")]
)
def test_a_bad_outline_in_a_scenario_is_a_fault_of_the_file(outline: list[list[float]], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        closedsky.load(scenario(outline=outline))


def test_an_outline_and_a_country_exclude_each_other() -> None:
    corners = [[30, 50], [31, 50], [31, 51]]
    with pytest.raises(ScenarioError, match="a country or an outline, not both"):
        closedsky.load(scenario(outline=corners, country="IRN"))


def test_a_share_of_an_outline_and_a_country_asked_for_instead() -> None:
    """A triangle 30 to 70 km from an S-400, clear of the cone overhead, at 10 km height: all of it is seen. Of all Iran it is not."""
    loaded = closedsky.load(scenario(outline=[[30.3, 50], [30.6, 50], [30.4, 50.4]], heights_m=[10_000], cell_m=2_000))
    outline = closedsky.cover(loaded, draws=0, relief=False).answer
    assert outline.area is not None
    assert outline.levels[0].tracked_share is not None
    assert outline.levels[0].tracked_share.likely == 1.0
    country = closedsky.cover(loaded, country="IRN", cell_m=20_000, draws=0, relief=False).answer
    assert country.area is not None
    assert country.area.iso3 == "IRN"
    assert country.levels[0].tracked_share is not None
    assert country.levels[0].tracked_share.likely < 1.0
