"""The harness itself: what it is there to catch, it catches."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import ROOT
from tests.browser.globe import Watch


@pytest.mark.parametrize(
    ("script", "caught"),
    [
        ("console.error('lost')", "console: lost"),
        ("console.warn('fine')", None),
        ("setTimeout(() => { throw new Error('broken') })", "error in the page: broken"),
        ("fetch('http://elsewhere.invalid/tile').catch(() => {})", "request to another host: http://elsewhere.invalid/tile"),
        ("new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='", None),
    ],
)
def test_a_page_is_watched(browser: Browser, script: str, caught: str | None) -> None:
    page = browser.new_page()
    watch = Watch(page, "127.0.0.1:1")
    page.set_content(f"<script>{script}</script>")
    page.wait_for_timeout(300)
    assert (caught in watch.faults()[0].removesuffix(" ()")) if caught else watch.faults() == []
    watch.allowed.append(".")
    assert watch.faults() == []
    page.close()


def test_webgl_is_there(browser: Browser) -> None:
    page = browser.new_page()
    assert page.evaluate("document.createElement('canvas').getContext('webgl2') !== null")
    page.close()


def test_without_chromium_the_command_to_type(tmp_path: Path) -> None:
    """Where nothing is on the path but what the script needs itself, and no apt-get either."""
    for tool in ("cat", "id"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    command = ["/bin/sh", ROOT / "scripts" / "chromium.sh", "--install"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sudo apt-get install chromium" in done.stderr
    assert done.stdout == ""
