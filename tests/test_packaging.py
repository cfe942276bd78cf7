"""What is packed: the globe is built where it is missing, and goes along; who installs a wheel needs neither Node.js nor npm."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.test_contracts import files_of_the_repository

ROOT = Path(__file__).resolve().parents[1]
STATIC = Path("src/closedsky/server/static")
MOST_BYTES = 8_000_000


@pytest.fixture
def checkout(tmp_path):
    """A copy of the repository as git would hand it out: nothing is built."""
    copy = tmp_path / "checkout"
    for path in files_of_the_repository():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    assert not (copy / STATIC).exists()
    return copy


def programs(folder, **scripts):
    """A folder to be all of the path, with these shell scripts in it."""
    folder.mkdir()
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return str(folder)


def pack(where, path, target="wheel"):
    """What hatchling builds from a folder, and what it said."""
    out = where.parent / f"{where.name}-{target}"
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)]
    done = subprocess.run(command, cwd=where, env={"PATH": path}, capture_output=True, text=True, check=False)
    built = sorted(out.glob("closedsky-*")) if out.exists() else []
    return (built[0] if built else None), done


def test_without_node_one_clear_error(checkout, tmp_path):
    built, done = pack(checkout, programs(tmp_path / "bin"))
    assert built is None
    assert done.returncode != 0
    assert "there is no Node.js on the path. Install Node.js 20.19 or newer with npm" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("version", "answer"), [("v18.19.0", "Node.js is v18.19.0, too old"), ("v20.19.0", "there is no npm")])
def test_node_too_old_or_alone(checkout, tmp_path, version, answer):
    built, done = pack(checkout, programs(tmp_path / "bin", node=f"echo {version}"))
    assert built is None
    assert answer in done.stderr


@pytest.mark.parametrize(("version", "good"), [("v18.19.0", False), ("v20.18.3", False), ("v20.19.0", True), ("v22.12.0", True)])
def test_make_asks_for_the_same_node(tmp_path, version, good):
    path = programs(tmp_path / "bin", node=f"echo {version}", npm="echo 10.8.0")
    command = ["/bin/sh", ROOT / "scripts" / "node.sh"]
    done = subprocess.run(command, env={"PATH": f"{path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == good
    assert good or f"needs Node.js 20.19 or newer, and npm. Node.js is: {version}; npm is: 10.8.0." in done.stderr


def test_a_globe_that_does_not_build_packs_nothing(checkout, tmp_path):
    built, done = pack(checkout, programs(tmp_path / "bin", node="echo v22.1.0", npm='[ "$1" = ci ] || exit 7'))
    assert built is None
    assert "'npm run build' in" in done.stderr


def names_in(built):
    if built.suffix == ".whl":
        with zipfile.ZipFile(built) as archive:
            return archive.namelist()
    with tarfile.open(built) as archive:
        return archive.getnames()


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_the_globe_is_built_where_it_is_missing(checkout, tmp_path, target):
    """npm stands in for itself: it notes what it was asked for, and where."""
    notes, page = tmp_path / "notes", checkout / STATIC / "index.html"
    npm = f"""echo "$PWD $*" >> {notes}
    if [ "$1" = ci ]; then /bin/mkdir node_modules; echo tool > node_modules/tool.js
    else /bin/mkdir -p {page.parent}; echo globe > {page}; fi"""
    built, done = pack(checkout, programs(tmp_path / "bin", node="echo v22.1.0", npm=npm), target)
    assert done.returncode == 0, done.stderr
    where = checkout / "globe"
    assert notes.read_text().splitlines() == [f"{where} ci --include=dev --no-audit --no-fund", f"{where} run build"]
    names = names_in(built)
    assert any(name.endswith("closedsky/server/static/index.html") for name in names)
    if target == "sdist":
        assert any(name.endswith("/globe/package-lock.json") for name in names)
        assert not any("node_modules" in name for name in names)


def test_an_installation_for_development_needs_no_node(checkout, tmp_path):
    """What make demo does."""
    build = "import hatchling.build; hatchling.build.build_editable('.')"
    done = subprocess.run(
        [sys.executable, "-c", build],
        cwd=checkout,
        env={"PATH": programs(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (checkout / STATIC).exists()


@pytest.mark.slow
def test_a_wheel_from_the_source_distribution_serves_the_globe(checkout, tmp_path):
    """The globe that `make globe` built, packed, unpacked, packed again, installed and served, all without Node.js."""
    assert (ROOT / STATIC / "index.html").is_file(), "the globe is not built: make globe"
    shutil.copytree(ROOT / STATIC, checkout / STATIC)
    path = programs(tmp_path / "bin")
    packed, done = pack(checkout, path, "sdist")
    assert done.returncode == 0, done.stderr
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    wheel, done = pack(next((tmp_path / "unpacked").iterdir()), path)
    assert done.returncode == 0, done.stderr
    assert wheel.stat().st_size < MOST_BYTES
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True)
    built = {file.relative_to(ROOT / STATIC) for file in (ROOT / STATIC).rglob("*") if file.is_file()}
    assert built == {file.relative_to(site / STATIC.relative_to("src")) for file in (site / STATIC.relative_to("src")).rglob("*")
                     if file.is_file()}  # fmt: skip
    serves_the_globe(site, path)


def serves_the_globe(site, path):
    """`closedsky serve` of what was installed hands out its page and all that the page names."""
    command = [sys.executable, "-m", "closedsky", "serve", "--port", "0", "--no-browser"]
    env = {**os.environ, "PYTHONPATH": str(site), "PATH": path}
    with subprocess.Popen(command, cwd=site, env=env, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = urlsplit(server.stdout.readline().removeprefix("closedsky: ").strip())
            page = fetch(url, "/").decode()
            named = re.findall(r'(?:src|href)="\.?(/?[^":#]+)"', page)
            assert named
            for file in named:
                assert fetch(url, "/" + file.lstrip("/")) == (site / "closedsky/server/static" / file.lstrip("/")).read_bytes()
            assert b'"start"' in fetch(url, "/api/about")
        finally:
            server.terminate()


def fetch(url, path):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    assert answer.status == 200, (path, answer.status)
    return body
