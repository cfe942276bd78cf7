"""Faults that the globe once had, each as it was met: a wrong number, a map that hung or stood in the wrong place."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, Route

from tests.browser.conftest import Visit
from tests.browser.globe import Watch, closed_at, look, ready, settle, told, until

BAGHDAD = "#v=1&units=one:s-400@33.3,44.4&country=IRQ&level=1000&cell=5000&terrain=world&camera=33.2,44,1600,0,-90"
SPY = """() => {
    const fill = CanvasRenderingContext2D.prototype.fillText;
    window.written = [];
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y, most) {
        fill.call(this, text, x, y, most);
        const { a, e } = this.getTransform(), { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = this.measureText(text);
        const box = [a * (x - left) + e, a * (x + right) + e];
        if (!this.canvas.isConnected) window.written.push({ text, box, canvas: this.canvas });
    };
}"""
"""Keeps what is written on canvases that are not in the page, and from where to where, in the canvas's own pixels."""


def blue(page: Page, lat: float, lon: float) -> bool:
    """Whether the globe has the colour of closed sky at a place: much bluer than land and sea."""
    at = page.evaluate(f"window.closedsky.screenOf({lat}, {lon})")
    red, _, strength = _pixel(page, at["x"], at["y"])
    return bool(strength - red > 50.0)


def _pixel(page: Page, x: float, y: float) -> Any:
    """Red, green and blue, of 255."""
    seen = imread(BytesIO(page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})), format="png")
    return 255.0 * np.median(seen[..., :3], axis=(0, 1))


# ------------------------------------------------------------------------------------------------------------------ the picture
def picture_agrees(page: Page) -> None:
    """A picture is saved; its sentence, legend, terrain and credits are those of the page, each within its edges."""
    page.evaluate(SPY)
    before = told(page)
    with page.expect_download() as saving:
        page.locator("#save").click()
    assert Path(saving.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    words = page.evaluate("window.written.map(({ text, box, canvas }) => ({ text, left: box[0], right: canvas.width - box[1] }))")
    text = " ".join(" ".join(word["text"] for word in words).split())
    legend = [line.strip() for line in page.locator("#legend").inner_text().splitlines() if line.strip()]
    assert before in text or told(page) in text  # the number over relief may come while it is saved
    for line in (*legend, "To one aircraft of", page.locator("#terrain").inner_text(), "Natural Earth"):
        assert line in text, line
    beyond = [word for word in words if min(word["left"], word["right"]) < 0]
    assert not beyond


def test_the_picture_says_what_the_page_says(visit: Visit) -> None:
    page = visit(BAGHDAD)
    picture_agrees(page)


# ---------------------------------------------------------------------------------------------------------------------- the map
@pytest.mark.parametrize(
    ("units", "country", "camera"),
    [
        ("one:s-400@55.7,37.6", "&country=RUS", "55.700,37.600,1500"),
        pytest.param("one:s-400@65,178;two:s-400@55,37", "", "65.000,178.000,1500", marks=pytest.mark.slow),
        ("one:s-400@66,-179.5", "", "66.000,-179.500,1500"),
        ("one:s-400@1.4,173", "&country=KIR", "1.400,173.000,1500"),
    ],
    ids=["Russia", "across Russia", "antimeridian", "Kiribati"],
)
def test_what_is_closed_is_painted(visit: Visit, units: str, country: str, camera: str) -> None:
    """Round the first unit, east and west of it: where the answer says closed, and nowhere else."""
    page = visit(f"#v=1&units={units}&level=5000&cell=5000&terrain=flat&circles=off{country}&camera={camera},0,-90")
    ready(page)
    lat, lon = look(page)["units"][0]["at"]
    places = [(lat + 0.5, lon + turn / math.cos(math.radians(lat))) for turn in (-3.2, -0.5, 0.5, 3.2)]
    expected = [closed_at(page, *place) for place in places]
    assert expected == [False, True, True, False]
    assert [blue(page, *place) for place in places] == expected


@contextmanager
def spoilt(page: Page, **raster: Any) -> Iterator[None]:
    """Maps arrive with something in them that cannot be."""

    def spoil(route: Route) -> None:
        whole = route.fetch()
        told = whole.json()
        route.fulfill(response=whole, json={**told, "raster": {**told["raster"], **raster}})

    page.route("**/api/quick", spoil)
    yield
    page.unroute("**/api/quick")


def test_a_map_that_cannot_be_painted(visit: Visit, watches: list[Watch]) -> None:
    """It is said, the number is that of the question, no old map stays, and the next is painted as ever."""
    page = visit(BAGHDAD)
    watches[0].allowed.append("ImageData|IndexSizeError")
    ready(page)
    assert blue(page, 33.9, 44.4)
    with spoilt(page, columns=0):
        page.locator("#country").select_option("SYR")
        settle(page)
    assert "could not be painted" in page.locator("#banner").inner_text()
    assert "of Syria" in told(page)
    page.locator("#country").select_option("IRQ")
    settle(page)
    assert "of Iraq" in told(page)
    ready(page)


def test_an_answer_that_cannot_be_read(visit: Visit, watches: list[Watch]) -> None:
    page = visit(BAGHDAD)
    watches[0].allowed.append("atob")
    with spoilt(page, marks="?"):
        page.locator("#country").select_option("SYR")
        page.locator("[role=alert]:visible").wait_for()
    assert "%" not in told(page), "a number stays where there is no answer"
    page.locator("#country").select_option("IRQ")
    settle(page)
    assert page.locator("[role=alert]:visible").count() == 0


# -------------------------------------------------------------------------------------------------------------------- the hand
def test_a_unit_stays_where_it_was_dragged(visit: Visit) -> None:
    """Placed, dragged, and the globe clicked elsewhere: the click is for looking."""
    page = visit(BAGHDAD)
    page.locator("#add").click()
    settle(page)
    unit = look(page)["units"][1]["id"]
    grip = page.locator(f"[data-unit={unit}].marker svg").bounding_box()
    assert grip is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 60, steps=4)
    page.mouse.up()
    settle(page)
    dragged = look(page)["units"]
    page.mouse.click(x - 90, y - 90)
    settle(page)
    assert look(page)["units"] == dragged
    page.locator("#add").click()
    page.locator("#empty").click()
    until(page, "window.closedsky.look().units.length === 0")
    assert page.locator("#units-panel .hint").inner_text() == "", "a click still puts something down"


def test_units_are_placed_apart(visit: Visit) -> None:
    page = visit(BAGHDAD)
    for _ in range(3):
        page.locator("#add").click()
    settle(page)
    stood = [page.evaluate(f"window.closedsky.screenOf({unit['at'][0]}, {unit['at'][1]})") for unit in look(page)["units"][1:]]
    assert all(abs(a["y"] - b["y"]) > 20 for a, b in pairwise(stood))


def test_the_words_under_the_pointer_follow_the_height(visit: Visit) -> None:
    page = visit(BAGHDAD)
    at = page.evaluate("window.closedsky.screenOf(33.3, 45.0)")
    page.mouse.move(at["x"], at["y"])
    until(page, "/✓ closed/.test(document.querySelector('#readout').textContent)")
    page.locator("#height").focus()
    page.keyboard.press("Home")
    settle(page)
    assert "✗ closed" in page.locator("#readout").inner_text()


def test_a_number_that_cannot_be(visit: Visit) -> None:
    """A latitude of 95 goes back to what it was, and the page says so."""
    page = visit(BAGHDAD)
    page.locator("#units [name=lat]").fill("95")
    page.keyboard.press("Tab")
    assert "-90 to 90" in page.locator("#banner").inner_text()
    assert page.locator("#units [name=lat]").input_value() == "33.3"


# ------------------------------------------------------------------------------------------------------------------- the words
@pytest.mark.parametrize("country", ["VAT", "ATA"])
def test_no_number_stays_beside_a_refusal(visit: Visit, watches: list[Watch], country: str) -> None:
    """And its advice speaks of what the page has: no flags, no cells, no paths of a file."""
    page = visit(BAGHDAD)
    watches[0].allowed.append("status of 422")
    page.locator("#country").select_option(country)
    refusal = page.locator("[role=alert]:visible")
    refusal.wait_for()
    assert "%" not in told(page)
    assert "Iraq" not in told(page)
    assert "country" in refusal.inner_text()
    assert not [word for word in ("--", "use cells", "[0]", "(area)") if word in refusal.inner_text()]


def test_a_refusal_by_its_label(visit: Visit, watches: list[Watch]) -> None:
    page = visit(BAGHDAD)
    watches[0].allowed.append("status of 422")
    page.evaluate("location.hash = location.hash.replace('level=1000', 'level=90000')")
    refusal = page.locator("[role=alert]:visible")
    refusal.wait_for()
    assert "Height: 90000 is too large" in refusal.inner_text()
    assert "level_m" not in refusal.inner_text()


def test_a_unit_at_sea(visit: Visit) -> None:
    """An S-400 in the Gulf: its row says that it is counted as on a ship; ashore it does not."""
    page = visit("#v=1&units=one:s-400@27,51.5&level=1000&cell=5000")
    assert page.locator("#units .afloat").is_visible()
    page.locator("#units [name=lat]").fill("30.5")
    page.locator("#units [name=lon]").fill("47")
    page.keyboard.press("Tab")
    settle(page)
    assert page.locator("#units .afloat").is_hidden()


def test_a_link_with_thousands_of_units(visit: Visit) -> None:
    page = visit(BAGHDAD)
    before = look(page)
    units = ";".join(f"u{k}:s-400@{33 + k / 1000},44" for k in range(6000))
    page.evaluate(f"location.hash = 'v=1&units={units}'")
    until(page, "/6000 units/.test(document.querySelector('#banner').textContent)")
    assert look(page) == before


def test_a_link_that_cannot_be_read(visit: Visit) -> None:
    """What the page says is what it does: the view stays, and its address is back."""
    page = visit(BAGHDAD)
    before = look(page)
    page.evaluate("location.hash = 'v=1&level=high'")
    until(page, "/stays as it was/.test(document.querySelector('#banner').textContent)")
    until(page, "location.hash.includes('level=1000')")
    assert look(page) == before


def test_dark_colours_stand_out(visit: Visit) -> None:
    """Each colour of each legend from the dark paper, by the 3 to 1 that WCAG asks of graphics."""
    page = visit(BAGHDAD + "&theme=dark")
    for layer in ("floor", "opportunities", "tracked", "engageable", "closed"):
        page.locator(f"#layer-{layer}").check(force=True)
        swatches = page.locator("#legend .swatch:not(.dashed)").evaluate_all("all => all.map(one => one.style.backgroundColor)")
        paper = page.locator("#legend").evaluate("one => getComputedStyle(one.closest(':root')).getPropertyValue('--card')")
        ground = _luminance([int(paper.strip()[k : k + 2], 16) for k in (1, 3, 5)])
        for swatch in swatches:
            bright = _luminance([float(part) for part in swatch.split("(")[1].rstrip(")").split(",")[:3]])
            assert (bright + 0.05) / (ground + 0.05) >= 3.0, (layer, swatch)


def _luminance(rgb: list[float]) -> float:
    """Relative luminance of sRGB, as WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255.0 for one in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# ------------------------------------------------------------------------------------------------------------ raids and the tour
def test_a_raid_is_a_world_of_its_own(visit: Visit) -> None:
    """While it plays, no number and no map of another layout are in sight, and the terrain is its own."""
    page = visit("#v=1&units=one:s-400@33.8,42.4&level=1000&cell=5000&terrain=flat&circles=off")
    assert "flat" in page.locator("#terrain").inner_text()
    page.locator("#play").click()
    until(page, "document.querySelector('#player').innerText.includes('s-400')")
    page.locator("#pause").click()
    assert page.locator("#share").is_hidden()
    label = page.locator("#terrain").inner_text()
    assert "flat" not in label
    assert label in page.locator("#player").inner_text()
    page.locator("#scrub").focus()
    page.keyboard.press("End")
    whole = page.locator("#player .story").inner_text()
    page.locator("#threat").select_option(index=1)
    one = page.locator("#player .story").inner_text()
    assert one != whole
    assert re.search(r"is killed|gets through|comes down|fails by itself|judges it", one)
    page.locator("#stop").focus()
    page.keyboard.press("+")
    settle(page)
    ready(page)
    assert closed_at(page, 34.1, 42.4)
    assert not blue(page, 34.1, 42.4)
    page.locator("#stop").click()
    ready(page)
    assert blue(page, 34.1, 42.4)
    assert page.locator("#share").is_visible()
    assert "flat" in page.locator("#terrain").inner_text()


def test_on_a_phone_the_map_is_in_sight(visit: Visit) -> None:
    """What speaks of the map does not lie over it, and a picture has all its words in it."""
    page = visit(BAGHDAD, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    picture_agrees(page)
    for button, box in (("#tour", "#tour-box"), ("#play", "#player")):
        page.locator(button).click()
        over, map_ = page.locator(box).bounding_box(), page.locator("#globe").bounding_box()
        assert over is not None
        assert map_ is not None
        assert over["y"] > map_["y"] + 0.9 * map_["height"], box
        assert over["y"] + over["height"] <= 844
        page.keyboard.press("Escape")
        assert page.locator(box).is_hidden()


def test_the_focus_is_never_lost(visit: Visit) -> None:
    """After Escape from the tour it is where it was; after Delete on the globe."""
    page = visit(BAGHDAD)
    page.locator("#tour").click()
    page.keyboard.press("Escape")
    assert page.locator("#tour-box").is_hidden()
    assert page.evaluate("document.activeElement.id") == "tour"
    settle(page)
    page.locator(".marker.unit").focus()
    page.keyboard.press("Delete")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
