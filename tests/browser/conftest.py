"""The globe in a real Chromium, served by the real command. A page that tells its console of an error, or asks another host for
anything, fails its test."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.globe import PATIENCE_S, Served, Watch, serve, settle

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    served = serve("--port", "0")
    yield served
    served.stop()


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


@pytest.fixture
def visit(browser: Browser, server: Served, watches: list[Watch], request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Opens the globe in a browser of its own (nothing is shared between two visits) and waits until it is ready."""

    def opened(at: str = "", to: str | None = None, ready: bool = True, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_S * 1000)
        page = context.new_page()
        url = to or server.url
        watches.append(Watch(page, urlsplit(url).netloc))
        page.goto(url + at)
        if ready:
            settle(page)
        return page

    yield opened
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", request.node.name)
    for number, watch in enumerate(watches):
        if not watch.page.is_closed():
            watch.page.screenshot(path=PICTURES / f"{name}{f'-{number + 1}' if number else ''}.png")
            watch.page.context.close()
    faults = [fault for watch in watches for fault in watch.faults()]
    assert not faults, "\n".join(faults)
