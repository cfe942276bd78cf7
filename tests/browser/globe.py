"""The globe as a test sees it: the command that serves it, what its page does, what it says of itself."""

import base64
import re
import select
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

import closedsky

PATIENCE_S = 300.0
"""How long a page may keep a test waiting before it has failed; nothing is said about how long it should take."""
READY = "html[data-ready='true']"
"""Said by the page itself when all that it was asked for is shown. (Its policy forbids what `wait_for_function` does.)"""


@dataclass
class Served:
    """A running `closedsky serve`."""

    process: subprocess.Popen[str]
    url: str

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return self.process.returncode


def serve(*arguments: str, before: str = "") -> Served:
    """Starts the command, after a line of Python if need be, and reads where it listens from its first line."""
    program = ["-c", f"{before}; from closedsky.cli.app import main; main()"] if before else ["-m", "closedsky"]
    command = [sys.executable, *program, "serve", "--no-browser", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
    line = process.stdout.readline() if readable else ""
    told = re.fullmatch(r"closedsky: (http://127\.0\.0\.1:\d+/)\n", line)
    if told is None:
        process.kill()
        process.communicate()
        pytest.fail(f"closedsky serve said {line!r} where its address was due, exit code {process.returncode}", pytrace=False)
    return Served(process, told[1])


@dataclass
class Watch:
    """What a page did that no page may do, and what a test lets it."""

    page: Page
    host: str
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for event, heard in self._heard():
            self.page.on(event, heard)  # type: ignore[call-overload]

    def stop(self) -> None:
        for event, heard in self._heard():
            self.page.remove_listener(event, heard)

    def _heard(self) -> list[tuple[str, Any]]:
        return [("console", self.hear), ("pageerror", self.trip), ("request", self.see)]

    def trip(self, error: Any) -> None:
        self.complaints.append(f"error in the page: {error}")

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def see(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("blob", "data") and asked.netloc != self.host:
            self.complaints.append(f"request to another host: {request.url}")

    def faults(self) -> list[str]:
        return [told for told in self.complaints if not any(re.search(pattern, told) for pattern in self.allowed)]


def ready(page: Page) -> None:
    """Waits until the page has shown all that it was asked for, the ground as well, which takes long without a graphics card."""
    page.wait_for_selector(READY, state="attached")


def settle(page: Page) -> None:
    """Waits for the full answer to what is looked at now: there is none from the moment that the look changes."""
    until(page, "window.closedsky?.answer() != null")


def until(page: Page, condition: str) -> None:
    """Waits until an expression of JavaScript is true."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never true: {condition}"
        page.wait_for_timeout(50)


def look(page: Page) -> dict[str, Any]:
    """What the page says it looks at."""
    told: dict[str, Any] = page.evaluate("window.closedsky.look()")
    return told


def answer(page: Page) -> dict[str, Any]:
    """The full answer that it shows."""
    told: dict[str, Any] = page.evaluate("window.closedsky.answer()")
    return told


def over_relief(page: Page) -> Any:
    """The same over statistical relief; None where it is not there yet, or never will be."""
    return page.evaluate("window.closedsky.overRelief()")


def quick(page: Page) -> dict[str, Any]:
    """The quick answer that it shows."""
    told: dict[str, Any] = page.evaluate("window.closedsky.quick()")
    return told


def closed_at(page: Page, lat: float, lon: float) -> bool:
    """Whether the map that the page was sent says that the sky is closed at a place."""
    raster = quick(page)["raster"]
    marks = zlib.decompress(base64.b64decode(raster["marks"]))
    across = (lon - raster["west"]) % 360.0 / (raster["east"] - raster["west"])
    down = (raster["north"] - lat) / (raster["north"] - raster["south"])
    if not (0.0 <= across < 1.0 and 0.0 <= down < 1.0):
        return False
    return bool(marks[int(down * raster["rows"]) * raster["columns"] + int(across * raster["columns"])] & 4)


def told(page: Page) -> str:
    """The sentence with the number, as it is in the page: versions of Chromium differ on the spaces that they count as seen.
    Spaces that do not break are spaces."""
    return " ".join((page.locator("#share").text_content() or "").split())


def computed(asked: dict[str, Any], relief: bool = False) -> Any:
    """The level that `closedsky.cover` gives for a look, asked in Python without any server."""
    defence = [{key: value for key, value in unit.items() if value is not None} for unit in asked["units"]]
    scenario = {
        "closedsky": 2,
        "name": "test",
        "title": "Test",
        "cover": {},
        "defence": defence,
        "environment": {"terrain": asked["terrain"]},
    }
    level = {"heights_m" if asked["above"] == "ground" else "altitudes_m": (asked["level_m"],)}
    kept = ("target", "opportunities", "together", "country", "cell_m")
    changes = {key: asked[key] for key in kept if asked.get(key) is not None}
    return closedsky.cover(scenario, draws=0, relief=relief, **level, **changes).answer


def percent(share: float) -> str:
    """A share as the page writes it: below half a percent with a decimal."""
    return f"{100 * share:.{1 if 0.0 < share < 0.005 else 0}f} %"
