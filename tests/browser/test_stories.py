"""What the front page leads to: a tour, a claim that is tested, a raid that plays, an empty map, a file to go on with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import closedsky
from tests.browser.conftest import Visit
from tests.browser.globe import answer, look, serve, settle, told, until
from tests.claims.square import ledger_of_it

START = "#v=1&units=one:s-400@33.3,44.4&country=IRQ&level=1000&cell=5000&terrain=world&layer=closed"


def test_the_front_page(visit: Visit) -> None:
    """Who comes without an address sees the claims, each with who said it and when."""
    page = visit(fresh=True)
    cards = page.locator("#claims > li")
    assert cards.count() == len(closedsky_claims())
    for claim in closedsky_claims():
        card = page.locator(f"#claims [data-claim={claim['id']}]")
        assert claim["speaker"] in card.inner_text()
        assert ("a paraphrase" in card.inner_text()) == (claim["words"] == "paraphrase")
        assert card.locator("q").count() == (claim["words"] != "paraphrase")
    assert page.locator("#claims").is_visible()
    assert page.locator("#tour").is_visible()


def closedsky_claims() -> list[dict[str, str]]:
    """The ledger as it is shipped."""
    ledger = Path(closedsky.__file__).parent / "ledger"
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(ledger.glob("*.yaml"))]


@pytest.mark.slow
def test_the_tour_has_three_steps(visit: Visit) -> None:
    """Circle and closed sky; lower, and less is closed; the unit elsewhere. It can be left by the keyboard."""
    page = visit(START)
    page.locator("#tour").click()
    seen = []
    for step in (1, 2, 3):
        assert f"{step} of 3" in page.locator("#tour-box").inner_text()
        settle(page)
        seen.append((look(page)["level_m"], look(page)["units"][0]["at"], answer(page)["levels"][0]["closed_share"]["likely"]))
        page.keyboard.press("Enter")  # the button that goes on has the focus
    assert page.locator("#tour-box").is_hidden()
    (first, there, high), (second, still, low), (third, elsewhere, _) = seen
    assert (first, second, third) == (1000, 100, 1000)
    assert there == still != elsewhere
    assert low < high


@pytest.mark.slow
def test_an_empty_map(visit: Visit) -> None:
    """Nothing stands there, nothing is closed, nothing complains; a unit can be put down."""
    page = visit(START)
    page.locator("#empty").click()
    until(page, "window.closedsky.look().units.length === 0 && document.documentElement.dataset.ready === 'true'")
    assert re.search(r"[1-9]", told(page).split(":")[-1]) is None, told(page)
    page.locator("#add").click()
    settle(page)
    assert len(look(page)["units"]) == 1
    assert answer(page)["levels"][0]["closed_km2"]["likely"] > 0


def test_the_scenario_file_gives_the_same(visit: Visit, tmp_path: Path) -> None:
    page = visit(START)
    with page.expect_download() as saving:
        page.locator("#scenario").click()
    file = tmp_path / "look.yaml"
    saving.value.save_as(file)
    again = closedsky.cover(file, draws=0, relief=False).answer
    assert [level.model_dump(mode="json") for level in again.levels] == answer(page)["levels"]


def test_a_raid_plays(visit: Visit) -> None:
    page = visit(START)
    page.locator("#raid").evaluate(
        "(select) => { for (let e = select; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"
    )
    page.locator("#play").click()
    until(page, "document.querySelector('#player').innerText.includes('s-400')")
    until(page, "document.querySelector('#scrub').valueAsNumber > Number(document.querySelector('#scrub').min)")
    page.locator("#pause").click()
    stopped = page.locator("#scrub").evaluate("(scrub) => scrub.valueAsNumber")
    page.wait_for_timeout(300)
    assert page.locator("#scrub").evaluate("(scrub) => scrub.valueAsNumber") == stopped
    page.locator("#scrub").focus()
    page.keyboard.press("End")
    until(page, "document.querySelectorAll('#player .story li').length > 0")
    story = page.locator("#player .story").inner_text()
    assert re.search(r"\d+:\d\d", story)
    page.locator("#stop").click()
    assert page.locator("#player").is_hidden()
    settle(page)
    assert look(page)["units"][0]["id"] == "one", "the map is as it was"


@pytest.fixture
def square(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A claim about a small square, and the address of a server that has no other."""
    claim = ledger_of_it(tmp_path)
    ledger = (
        f"from pathlib import Path; from closedsky.claims import ledger; ledger.files = lambda package: Path({str(tmp_path)!r})"
    )
    own = serve("--port", "0", before=ledger)
    yield claim, own.url
    own.stop()


@pytest.mark.slow
def test_a_claim_is_tested(square: tuple[Path, str], visit: Visit) -> None:
    """The verdict in the page is the one `closedsky.assess` gives."""
    claim, address = square
    page = visit("", to=address)
    card = page.locator("#claims [data-claim=it-is-closed]")
    card.locator("button.claim").click()
    until(page, "window.closedsky.look().example === 'no-navy'")
    settle(page)
    card.locator("button.test").click()
    card.locator(".final").wait_for()
    line = card.locator(".verdict .dots li").first
    assert line.evaluate("line => getComputedStyle(line).borderTopWidth") == "0px", "a line of a list is drawn as a card"
    found = closedsky.assess(claim)
    assert card.locator(".final").inner_text() == found.answer
    assert found.number in card.locator(".verdict").inner_text()
    assert found.why in card.locator(".verdict").inner_text()
    assert card.locator(".verdict tbody tr").count() == len(found.tests)
