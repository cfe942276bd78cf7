"""`closedsky terrain` as a user meets it: each call is a process of its own, the server is on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from closedsky.geo.terrain.tiles import PRODUCTS, Tile
from tests.geo.bucket import Bucket, Handler, path_of, serving
from tests.geo.rasters import degrees, north_up, write

GLO90, HERE = PRODUCTS["glo90"], Tile(33, 44)
REGION = "--region=44.2,33.2,44.8,33.8"


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    made = Bucket()
    made.add(tmp_path, GLO90, HERE)
    with serving(made):
        yield made


def command(tmp_path: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    env = {**os.environ, "CLOSEDSKY_CACHE": str(tmp_path / "cache"), "COLUMNS": "200", "NO_PROXY": "127.0.0.1"}
    return [sys.executable, "-m", "closedsky", "terrain", *arguments], env


def terrain(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, env = command(tmp_path, *arguments)
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_fetch_then_info(tmp_path: Path, bucket: Bucket) -> None:
    first = terrain(tmp_path, "fetch", REGION, "--base-url", bucket.url)
    assert first.returncode == 0, first.stderr
    assert "Copernicus DEM GLO-90, 44.2,33.2,44.8,33.8: 1 tiles fetched" in first.stdout
    assert "produced using Copernicus WorldDEM-90 ©" in first.stdout
    again = json.loads(terrain(tmp_path, "fetch", REGION, "--base-url", bucket.url, "--json").stdout)
    assert (again["fetched"], again["cached"], again["sea"]) == ([], [HERE.name(GLO90)], 0)
    facts = json.loads(terrain(tmp_path, "info", "glo90", "--json").stdout)
    assert facts["tiles"] == {"whole": 1, "damaged": 0, "half_fetched": 0, "listed": 1}
    assert facts["size_bytes"] == len(bucket.files[path_of(GLO90, HERE)])


def test_a_country_is_a_region(tmp_path: Path) -> None:
    """Iraq lies from 38.8 to 48.6° E and from 29.1 to 37.4° N (any atlas): eleven degrees by nine are touched."""
    said = refused(terrain(tmp_path, "fetch", "--region", "irq", "--base-url", "http://127.0.0.1:9", "--tries", "1"))
    assert "0 of the 99 tiles of this region" in said
    assert "did you mean" in refused(terrain(tmp_path, "fetch", "--region", "irk"))


def test_bad_input_is_refused(tmp_path: Path) -> None:
    assert "give 90 or 30" in refused(terrain(tmp_path, "fetch", REGION, "--posting", "60"))
    assert "S below N" in refused(terrain(tmp_path, "fetch", "--region=44,34,45,33"))
    assert "begin it with https://" in refused(terrain(tmp_path, "fetch", REGION, "--base-url", "ftp://x"))
    offline = refused(terrain(tmp_path, "fetch", REGION, "--base-url", "http://127.0.0.1:9", "--tries", "1"))
    assert "cannot be fetched: Connection refused" in offline
    assert not (tmp_path / "cache" / "closedsky" / "terrain").exists()
    assert "no such file" in refused(terrain(tmp_path, "info", "nowhere.tif"))


def test_interrupted_it_exits_with_130_and_goes_on_the_next_time(tmp_path: Path, bucket: Bucket) -> None:
    def half(handler: Handler, content: bytes) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        time.sleep(20)
        return True

    bucket.answers[path_of(GLO90, HERE)] = [half]
    line, env = command(tmp_path, "fetch", REGION, "--base-url", bucket.url)

    def hearing() -> None:  # a shell's background jobs are deaf to an interruption, and so are their children
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, env=env, text=True, preexec_fn=hearing, **pipes) as going:
        part = tmp_path / "cache" / "closedsky" / "terrain" / "glo90" / f"{HERE.name(GLO90)}.tif.part"
        wanted = len(bucket.files[path_of(GLO90, HERE)]) // 2
        while going.poll() is None and not (part.exists() and part.stat().st_size == wanted):
            time.sleep(0.01)
        going.send_signal(signal.SIGINT)
        _, said = going.communicate()
    assert going.returncode == 130
    assert "Traceback" not in said
    assert terrain(tmp_path, "fetch", REGION, "--base-url", bucket.url).returncode == 0
    assert bucket.asked(path_of(GLO90, HERE))[-1]["Range"] == f"bytes={wanted}-"
    assert part.with_suffix("").read_bytes() == bucket.files[path_of(GLO90, HERE)]


def test_info_of_a_raster_tells_what_it_holds(tmp_path: Path) -> None:
    heights = np.full((40, 50), 100.0, np.float32)
    heights[:10] = -9999.0
    heights[30, 30] = 812.5
    path = write(
        tmp_path / "dem.tif", heights, north_up(44.0, 34.0, 0.01, 0.01), nodata=-9999.0, tags={"TIFFTAG_COPYRIGHT": "© Survey"}
    )
    facts = json.loads(terrain(tmp_path, "info", str(path), "--json").stdout)
    assert facts["heights_m"] == {"lowest": 100.0, "highest": 812.5}
    assert facts["no_data_share"] == 0.25
    assert facts["nodes"] == {"rows": 40, "columns": 50}
    assert facts["extent_deg"] == {"west": 44.005, "south": 33.605, "east": 44.495, "north": 33.995}
    assert facts["upper_bound"]
    assert facts["attribution"] == "© Survey"
    text = terrain(tmp_path, "info", str(path)).stdout
    assert re.search(r"^no data share +0\.25$", text, re.MULTILINE)
    assert "lowest 100, highest 812.5" in text
    ellipsoid = degrees(tmp_path / "e.tif", 34.0, 44.0, 0.01, (5, 5), crs="EPSG:4979")
    assert json.loads(terrain(tmp_path, "info", str(ellipsoid), "--json").stdout)["vertical"] == "heights above the ellipsoid"
    assert "world (ETOPO5)" in terrain(tmp_path, "info").stdout
