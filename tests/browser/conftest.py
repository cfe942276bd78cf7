"""The globe in a real Chromium, served by the real command. A page that tells its console of an error, or asks another host for
anything, fails its test."""

import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"
PATIENCE_S = 120.0
"""How long a page may keep a test waiting before it has failed; nothing is said about how long it should take."""
READY = "document.documentElement.dataset.ready === 'true'"


@dataclass
class Served:
    """A running `closedsky serve`."""

    process: subprocess.Popen[str]
    url: str

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def serve(*arguments: str) -> Served:
    """Starts the command and reads where it listens from its first line."""
    command = [sys.executable, "-m", "closedsky.cli", "serve", "--no-browser", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
    line = process.stdout.readline() if readable else ""
    told = re.fullmatch(r"closedsky: (http://127\.0\.0\.1:\d+/)\n", line)
    if told is None:
        process.kill()
        process.wait()
        pytest.fail(f"closedsky serve said {line!r} where its address was due, exit code {process.returncode}", pytrace=False)
    return Served(process, told[1])


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


@dataclass
class Watch:
    """What a page did that no page may do, and what a test lets it."""

    page: Page
    host: str
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error in the page: {error}"))
        self.page.on("request", self.see)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def see(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("blob", "data") and asked.netloc != self.host:
            self.complaints.append(f"request to another host: {request.url}")

    def faults(self) -> list[str]:
        return [told for told in self.complaints if not any(re.search(pattern, told) for pattern in self.allowed)]


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


def settle(page: Page) -> None:
    """Waits until the page has shown all it was asked for. It has a moment to notice that it was asked."""
    page.wait_for_timeout(150)
    page.wait_for_function(READY)


def until(page: Page, condition: str) -> None:
    """Waits until an expression of JavaScript is true."""
    page.wait_for_function(condition)


def wait(condition: Callable[[], bool], what: str) -> None:
    """Waits for what no page can tell."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)
