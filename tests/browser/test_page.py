"""The page around the map: its address, themes, small screens, and what it says when the server is gone."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.globe import Watch, answer, look, serve, settle, told, until

TWO = (
    "#v=1&units=one:s-400@33.3,44.4;two:buk-m2e@36.2,43.1,90&country=IRQ&level=3000&above=sea&target=cruise,0.1,230"
    "&cell=5000&terrain=flat&layer=tracked&circles=off&camera=34.000,44.000,1500,0,-60"
)


@pytest.mark.slow
def test_an_address_is_the_whole_view(visit: Visit) -> None:
    page = visit(TWO)
    seen = look(page)
    assert [unit["at"] for unit in seen["units"]] == [[33.3, 44.4], [36.2, 43.1]]
    assert seen["units"][1]["heading_deg"] == 90
    assert (seen["level_m"], seen["above"], seen["terrain"]) == (3000, "sea", "flat")
    assert seen["target"] == {"kind": "cruise", "rcs_m2": 0.1, "speed_mps": 230}
    assert page.locator("#layer-tracked").is_checked()
    assert not page.locator("#circles").is_checked()
    page.locator("#country").select_option("SYR")
    settle(page)
    until(page, "location.hash.includes('country=SYR')")
    changed, said = look(page), told(page)
    page.reload()
    settle(page)
    assert look(page) == changed
    assert told(page) == said
    elsewhere = visit(page.url[page.url.index("#") :], fresh=True)
    assert look(elsewhere) == changed
    assert answer(elsewhere) == answer(page)


@pytest.mark.slow
def test_two_browsers_do_not_disturb_each_other(visit: Visit) -> None:
    first, second = visit(TWO), visit(fresh=True, at="#v=1&units=other:s-300pmu-2@31,46&country=IRQ&cell=5000")
    before, said = look(first), told(first)
    second.locator("#height").focus()
    for _ in range(3):
        second.keyboard.press("PageUp")
    settle(second)
    settle(first)
    assert look(first) == before
    assert told(first) == said
    assert answer(first)["levels"][0]["level_m"] == 3000
    assert answer(second)["levels"][0]["level_m"] == look(second)["level_m"] > 1000


def test_an_address_that_makes_no_sense(visit: Visit) -> None:
    """One plain message, and the view that everyone starts with."""
    page = visit("#v=1&units=%E0%A4%A", fresh=True)
    start = page.evaluate("fetch('/api/about').then((answer) => answer.json()).then((about) => about.start)")
    assert look(page)["units"] == [{**unit, "heading_deg": unit.get("heading_deg")} for unit in start["units"]]
    assert page.locator("#banner").is_visible()


@pytest.mark.parametrize("nonsense", ["#v=99&country=IRQ", "#<script>", "#v=1&level=high", "#v=1&units=x:y@1e999,0"])
def test_an_address_typed_wrong_on_the_way(visit: Visit, nonsense: str) -> None:
    page = visit(TWO)
    page.evaluate(f"location.hash = {nonsense!r}")
    page.locator("#banner").wait_for(state="visible")
    settle(page)
    assert look(page)["units"]
    page.locator("#banner button").click()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_themes(visit: Visit, scheme: str) -> None:
    """As the system has it, until the button says otherwise; a link keeps what was chosen."""
    other = {"light": "dark", "dark": "light"}[scheme]
    page = visit("#v=1&country=IRQ&cell=5000", color_scheme=scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator("#theme").click()
    settle(page)
    assert page.evaluate("document.documentElement.dataset.theme") == other
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != ground
    until(page, f"location.hash.includes('theme={other}')")


def test_a_phone(visit: Visit) -> None:
    """390 pixels wide: the number, the terrain's label and the map are in sight, and nothing sticks out sideways."""
    page = visit(
        "#v=1&units=one:s-400@33.3,44.4&country=IRQ&cell=5000",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    for part in ("#share", "#terrain", "#globe"):
        box = page.locator(part).bounding_box()
        assert box is not None, part
        assert box["width"] > 0, part
        assert box["height"] > 0, part
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 390, part
        assert 0 <= box["y"] < 844, part
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    middle = page.evaluate(
        "(() => { const b = document.querySelector('#globe').getBoundingClientRect(); return window.closedsky.screenOf(33.3, 44.4); })()"
    )
    assert middle is not None


@pytest.mark.slow
def test_the_server_is_gone(visit: Visit, watches: list[Watch]) -> None:
    """The page says so in plain words, and goes on when it is back."""
    own = serve("--port", "0")
    port = own.url.rsplit(":", 1)[1].strip("/")
    page = visit("#v=1&units=one:s-400@33.3,44.4&country=IRQ&cell=5000", to=own.url)
    watches[0].allowed.append("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    assert own.stop() in (0, 130)
    page.locator("#height").focus()
    page.keyboard.press("PageUp")
    until(
        page, "/does not answer/.test(document.querySelector('#banner').textContent) && !document.querySelector('#banner').hidden"
    )
    page.locator("#link").click()
    until(page, "/link|#v=1/.test(document.querySelector('#banner').textContent)")
    assert "does not answer" in page.locator("#banner").inner_text(), "another sentence has taken the place of this one"
    page.locator("#banner button").click()
    assert "does not answer" in page.locator("#banner").inner_text()
    back = serve("--port", port)
    try:
        until(page, "document.querySelector('#banner').hidden && window.closedsky.answer() !== null")
        assert answer(page)["levels"][0]["level_m"] == look(page)["level_m"]
    finally:
        back.stop()
