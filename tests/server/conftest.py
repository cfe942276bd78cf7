from collections.abc import Iterator
from pathlib import Path

import pytest

from closedsky.server.app import Options
from closedsky.server.rate import Rates
from tests.server.running import Running, running

SECRET = "what lies beside the globe is nobody's affair"


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A globe of a few files, in a folder beside which lies something else."""
    outside = tmp_path_factory.mktemp("outside")
    folder = outside / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "cesium").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>globe</title>", encoding="utf-8")
    (folder / "assets" / "index-C0ffee42.js").write_text("export {}", encoding="utf-8")
    (folder / "cesium" / "worker.wasm").write_bytes(b"\0asm")
    (outside / "secret.txt").write_text(SECRET, encoding="utf-8")
    (folder / "link.txt").symlink_to(outside / "missing.txt")
    return folder


@pytest.fixture(scope="module")
def server(static: Path) -> Iterator[Running]:
    with running(Options(static=static, rates=Rates(heavy=(1e6, 1e6)))) as one:  # tests are in a hurry
        yield one
