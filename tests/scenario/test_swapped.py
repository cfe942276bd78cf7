"""Latitude and longitude swapped: a warning where the exchanged place fits, and the order in the fix where the given one cannot be."""

from typing import Any

import pytest

import closedsky
from closedsky.errors import ClosedskyError
from closedsky.geo.area import country_area
from closedsky.scenario import swapped

BAGHDAD, BASRA, ERBIL = [33.3, 44.4], [30.5, 47.8], [36.2, 44.0]


def scenario(defence: list[list[float]], assets: list[list[float]], terrain: Any = "flat", **more: Any) -> dict[str, Any]:
    return {
        "closedsky": 2, "name": "swapped", "title": "Swapped", "environment": {"terrain": terrain},
        "assets": [{"id": f"asset-{n}", "at": at} for n, at in enumerate(assets, 1)],
        "defence": [{"id": f"unit-{n}", "system": "s-400", "at": at, "heading_deg": 0} for n, at in enumerate(defence, 1)],
        "raid": [{"id": "raid", "threat": "f-16c", "count": 1, "motion": {"kind": "route", "waypoints": [
            {"at": [33.0, 46.0], "height_m": 100}, {"at": [33.3, 44.5], "height_m": 100}]}}],
        **more,
    }  # fmt: skip


def warned(data: dict[str, Any]) -> list[str]:
    return [text for text in closedsky.check(data) if "swapped" in text]


@pytest.mark.parametrize(
    ("defence", "assets", "whose"),
    [
        ([BAGHDAD[::-1]], [BAGHDAD, [33.0, 44.0]], "unit-1"),
        ([BAGHDAD, BASRA, ERBIL[::-1]], [], "unit-3"),
        ([BAGHDAD], [BAGHDAD, BASRA[::-1]], "asset-2"),
        ([[55.7, 37.6], [37.7, 55.8]], [[55.75, 37.6]], "unit-2"),
        ([[-33.9, 18.4]], [[18.5, -33.8], [-33.9, 18.5]], "asset-1"),
    ],
)
def test_a_site_that_is_near_the_others_only_exchanged_is_told(defence: Any, assets: Any, whose: str) -> None:
    (text,) = warned(scenario(defence, assets))
    assert f"'{whose}' may be swapped" in text


def test_of_two_sites_either_may_be_swapped() -> None:
    assert len(warned(scenario([BAGHDAD[::-1]], [BAGHDAD]))) == 2


@pytest.mark.parametrize(
    ("defence", "assets"),
    [
        ([BAGHDAD], [[41.0, 35.0]]),
        ([BAGHDAD, BASRA], [ERBIL]),
        ([BAGHDAD], []),
        ([BAGHDAD], [[51.5, -0.1]]),
        ([[33.0, 35.0]], [[35.0, 33.0]]),
        ([[40.0, 116.0]], [[31.0, 121.0]]),
    ],
)
def test_sites_that_are_just_far_apart_are_not(defence: Any, assets: Any) -> None:
    assert warned(scenario(defence, assets)) == []


def test_a_country_tells_too() -> None:
    loaded = closedsky.load(scenario([BAGHDAD[::-1], BASRA], []))
    (text,) = swapped.in_area(loaded.reference, country_area("IRQ"))
    assert "'unit-1' may be swapped: at 33.3, 44.4 it would be near Iraq" in text
    assert list(swapped.in_area(loaded.reference, country_area("USA"))) == []


def test_coverage_says_so() -> None:
    data = scenario([BAGHDAD[::-1], BASRA], [], cover={"country": "IRQ", "heights_m": [10_000], "cell_m": 40_000})
    warnings = closedsky.cover(data, draws=0, relief=False).answer.warnings
    assert any("'unit-1' may be swapped" in text and "near Iraq" in text for text in warnings)


def test_at_sea_the_fix_names_the_order() -> None:
    with pytest.raises(ClosedskyError) as refused:
        closedsky.load(scenario([BAGHDAD[::-1]], [], "world"))
    assert "latitude stands first, and 33.3, 44.4 is on land" in refused.value.faults[0].fix
    with pytest.raises(ClosedskyError) as refused:
        closedsky.units("s-400", [(0.0, -30.0)])
    assert "latitude stands first" not in refused.value.faults[0].fix
