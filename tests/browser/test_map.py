"""What the globe says is what `closedsky.cover` says; it follows whatever is changed. Cells of 5 km: the same question, sooner answered."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.globe import answer, computed, look, over_relief, percent, quick, ready, settle, told, until

BAGHDAD = "#v=1&units=one:s-400@33.3,44.4&country=IRQ&level=1000&cell=5000&terrain=world"


def agrees(page: Page) -> float:
    """What is shown is the answer to what is asked, the same as Python's; the share over the terrain as it is."""
    asked, seen, over, said = look(page), answer(page), over_relief(page), told(page)
    while over != (over := over_relief(page)):  # it came in between
        said = told(page)
    by_hand = computed(asked)
    level = by_hand.levels[0].model_dump(mode="json")
    assert seen["levels"] == [level]
    assert seen["circles_share"] == by_hand.circles_share
    assert quick(page)["level"]["closed_share"] == level["closed_share"]["likely"]
    says(said, level["closed_share"] if over is None else over["levels"][0]["closed_share"])
    return float(level["closed_share"]["likely"])


def says(said: str, share: dict[str, float]) -> None:
    low, high = (percent(share[end]).removesuffix(" %") for end in ("low", "high"))
    assert percent(share["likely"]) in said
    assert low == high or f"({low}–{high} %)" in said


def test_it_opens_on_a_circle_and_what_is_closed(visit: Visit) -> None:
    """Cells of 1 km, as anyone sees it first. The harness sees to it that nothing complains and no other host is asked."""
    page = visit(fresh=True)
    ready(page)
    share = agrees(page)
    assert told(page).startswith("Closed at 1 km:")
    assert "of Iraq" in told(page)
    assert 0.0 < share < answer(page)["circles_share"]
    assert "upper bound" in page.locator("#terrain").inner_text()
    assert page.locator("#terrain").is_visible()


@pytest.mark.slow
def test_the_number_comes_to_be_over_statistical_relief(visit: Visit) -> None:
    """By itself, once nothing is changed for a while: then it is what `closedsky.cover` says, and the map is called an upper bound."""
    page = visit(BAGHDAD)
    until(page, "window.closedsky.overRelief() !== null")
    (level,) = computed(look(page), relief=True).levels
    (seen,) = over_relief(page)["levels"]
    assert seen == level.model_dump(mode="json")
    assert seen["closed_share"]["likely"] < seen["coarse_closed_share"]["likely"] == quick(page)["level"]["closed_share"]
    says(told(page), seen["closed_share"])
    bars = page.locator(".bar-text").all_inner_texts()
    assert "made up" in bars[0]
    assert f"upper bound: coarse terrain): {percent(seen['coarse_closed_share']['likely'])}" in bars[1]
    page.locator("#height").focus()
    page.keyboard.press("PageUp")
    settle(page)
    agrees(page)


def test_the_map_follows_a_unit_that_is_dragged(visit: Visit) -> None:
    page = visit(BAGHDAD)
    before, raster = agrees(page), quick(page)["raster"]["marks"]
    start = page.evaluate("window.closedsky.screenOf(33.3, 44.4)")
    grip = page.locator("[data-unit=one].marker").bounding_box()
    assert grip is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 30, steps=4)
    until(page, "window.closedsky.look().units[0].at[1] > 44.5 && window.closedsky.quick() !== null")
    assert quick(page)["raster"]["marks"] != raster, "the map waits until the unit is put down"
    page.mouse.move(x + 120, y - 80, steps=6)
    page.mouse.up()
    settle(page)
    there = page.evaluate(f"window.closedsky.placeOf({start['x'] + 120}, {start['y'] - 80})")
    assert look(page)["units"][0]["at"] == pytest.approx([there["lat"], there["lon"]], abs=0.03)
    assert agrees(page) != before


@pytest.mark.slow
def test_all_by_keyboard(visit: Visit) -> None:
    """Tab to the unit; arrows move it, with Shift by 10 km, a bracket turns it, Delete takes it away."""
    page = visit(BAGHDAD.replace("s-400", "buk-m2e"))
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.marker.unit')"):
            break
    else:
        pytest.fail("Tab never comes to the unit")
    page.keyboard.press("ArrowUp")
    settle(page)
    lat, lon = look(page)["units"][0]["at"]
    assert (lat, lon) == pytest.approx((33.3 + 1.0 / 111.2, 44.4), abs=2e-4)
    page.keyboard.press("Shift+ArrowRight")
    settle(page)
    assert look(page)["units"][0]["at"][1] > 44.4 + 10.0 / 111.2
    agrees(page)
    all_round = answer(page)["levels"][0]["engageable_share"]["likely"]
    page.keyboard.press("]")
    settle(page)
    assert look(page)["units"][0]["heading_deg"] == 5.0
    agrees(page)
    one_sector = answer(page)["levels"][0]["engageable_share"]["likely"]  # closed is nothing: threats from behind come unshot
    assert 0.2 < one_sector / all_round < 0.3, "its radar sees 90 degrees of 360"
    page.keyboard.press("Delete")
    until(page, "window.closedsky.look().units.length === 0 && document.documentElement.dataset.ready === 'true'")
    assert re.search(r"[1-9]\d* %", told(page)) is None, "nothing stands there, and something is closed"


def test_one_more_and_one_fewer(visit: Visit) -> None:
    page = visit(BAGHDAD)
    alone = agrees(page)
    page.locator("#system").select_option("s-300pmu-2")
    page.locator("#add").click()
    settle(page)
    assert [unit["system"] for unit in look(page)["units"]] == ["s-400", "s-300pmu-2"]
    assert page.locator("#units > li").count() == 2
    page.locator("#units > li").nth(1).locator("[name=lon]").fill("46.5")
    page.keyboard.press("Tab")
    settle(page)
    assert look(page)["units"][1]["at"][1] == 46.5
    assert agrees(page) > alone
    page.locator("#units > li").nth(1).locator(".remove").click()
    settle(page)
    assert agrees(page) == alone


@pytest.mark.parametrize(
    ("slider", "field"),
    [("height", "level_m"), *(pytest.param(*row, marks=pytest.mark.slow) for row in (("rcs", "rcs_m2"), ("speed", "speed_mps")))],
)
def test_sliders(visit: Visit, slider: str, field: str) -> None:
    """At 3 km: at 1 km the horizon alone says how far this target is seen."""
    page = visit(BAGHDAD.replace("level=1000", "level=3000"))
    before = agrees(page)
    page.locator(f"#{slider}").focus()
    page.keyboard.press("PageUp")
    settle(page)
    now = look(page)
    assert {**now, **now["target"]}[field] > {"level_m": 3000.0, "rcs_m2": 1.0, "speed_mps": 250.0}[field]
    assert agrees(page) != before


def test_another_country_and_none(visit: Visit) -> None:
    page = visit(BAGHDAD)
    page.locator("#country").select_option("SYR")
    settle(page)
    assert "of Syria" in told(page)
    agrees(page)
    page.locator("#country").select_option("")
    settle(page)
    assert look(page)["country"] is None
    assert answer(page)["levels"][0]["closed_share"] is None
    assert "km²" in told(page)
    assert "%" not in told(page)


def test_layers_and_circles_ask_nothing(visit: Visit) -> None:
    page = visit(BAGHDAD)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    legends = set()
    for layer in ("floor", "tracked", "engageable", "opportunities", "closed"):
        page.locator(f"#layer-{layer}").check(force=True)
        settle(page)
        legends.add(page.locator("#legend").inner_text())
        until(page, f"location.hash.includes('layer={layer}')")
    assert len(legends) == 5
    assert "brochure" in page.locator("#legend").inner_text()
    page.locator("#circles").uncheck(force=True)
    settle(page)
    assert "brochure" not in page.locator("#legend").inner_text()
    assert [url for url in asked if not url.endswith("/api/over-relief")] == []
    assert len(asked) <= 1, "what follows by itself on a look that stays as it is"


def test_what_is_refused_is_said(visit: Visit, watches: list) -> None:
    """A unit at the pole: what, where and how to mend it; and the page goes on."""
    page = visit(BAGHDAD)
    watches[0].allowed.append("status of 422")
    lat = page.locator("#units [name=lat]")
    lat.fill("89.9")
    page.keyboard.press("Tab")
    refusal = page.locator("[role=alert]:visible").first
    refusal.wait_for()
    assert "pole" in refusal.inner_text()
    lat.fill("33.3")
    page.keyboard.press("Tab")
    settle(page)
    assert page.locator("[role=alert]:visible").count() == 0
    agrees(page)
