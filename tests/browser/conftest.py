"""The globe in a real Chromium, served by the real command. A page that tells its console of an error, or asks another host for
anything, fails its test."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.globe import PATIENCE_S, Served, Watch, serve, settle

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    served = serve("--port", "0")
    warm_up(served)
    yield served
    served.stop()


def warm_up(served: Served) -> None:
    """Asks once, so that no page has to wait while kernels are compiled."""
    look = b'{"country": "IRQ", "cell_m": 5000, "units": [{"id": "one", "system": "s-400", "at": [33.3, 44.4]}]}'
    sky = Request(served.url + "api/answer", look, {"Content-Type": "application/json"})
    raid = Request(served.url + "api/examples/al-asad-erbil-2020/replay?variant=s-400")
    for asked in (sky, raid):
        with urlopen(asked, timeout=900) as answer:
            assert answer.status == 200


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one the tests fail: a globe that nobody looked at is not tested."""
    found = subprocess.run([ROOT / "scripts" / "chromium.sh"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(found.stderr.strip(), pytrace=False)
    return found.stdout.strip()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One a module: while one is open, nothing else can run an event loop in this thread. WebGL is computed, there being no card."""
    with sync_playwright() as playwright:
        flags = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


Visit = Callable[..., Page]


@pytest.fixture
def watches() -> list[Watch]:
    """One a page, the first opened first; `watches[0].allowed.append(PATTERN)` lets a complaint pass."""
    return []


@pytest.fixture(scope="module")
def window(browser: Browser, server: Served) -> Iterator[Callable[[], Page]]:
    """A page that tests share, opened when one needs it: the ground, which is drawn slowly without a graphics card, is there already."""
    pages: list[Page] = []

    def shared() -> Page:
        if not pages:
            pages.append(new_page(browser))
        return pages[0]

    yield shared
    for page in pages:
        page.context.close()


def new_page(browser: Browser, **options: Any) -> Page:
    """A page in a context of its own: nothing is kept of any other."""
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 640}, "reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE_S * 1000)
    return context.new_page()


@pytest.fixture
def visit(
    browser: Browser, server: Served, window: Callable[[], Page], watches: list[Watch], request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Goes to an address of the globe and waits for its answer: in the shared page, or in one of its own where that is to be `fresh`,
    of another server or unlike others."""

    def opened(at: str = "", to: str | None = None, fresh: bool = False, **options: Any) -> Page:
        page = new_page(browser, **options) if fresh or to or options else window()
        url = to or server.url
        watches.append(Watch(page, urlsplit(url).netloc))
        page.goto(url + at)
        settle(page)
        return page

    yield opened
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", request.node.name)
    for number, watch in enumerate(watches):
        watch.page.screenshot(path=PICTURES / f"{name}{f'-{number + 1}' if number else ''}.png")
        watch.stop()
        if watch.page is not window():
            watch.page.context.close()
    faults = [fault for watch in watches for fault in watch.faults()]
    assert not faults, "\n".join(faults)
