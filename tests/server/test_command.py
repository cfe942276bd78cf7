"""`closedsky serve` as it is typed: where it listens, what it refuses to do, how it stops."""

import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from closedsky.errors import RequestError
from closedsky.server import listen
from closedsky.server.files import STATIC

COMMAND = [sys.executable, "-m", "closedsky", "serve"]
PATIENCE_S = 300
built = pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the globe has not been built: make globe")


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command and the address that its first line says."""
    command = [*COMMAND, "--no-browser", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            readable, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
            line = process.stdout.readline() if readable else ""
            told = re.fullmatch(r"closedsky: (http://127\.0\.0\.1:\d+/)\n", line)
            assert told, f"{line!r} {process.stderr.read() if process.poll() is not None and process.stderr else ''}"
            yield process, told[1]
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], how: int = signal.SIGINT) -> str:
    """Its last words. It has to end by itself, at once or nearly so; a claim's test alone would keep it for a minute."""
    process.send_signal(how)
    process.wait(timeout=10)
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Error" not in said
    return said


def ask(url: str, path: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
    connection.request("GET", f"/{path}")
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def refused(*arguments: str, command: list[str] | None = None, **environment: str) -> str:
    """What it says where it cannot start: one fault, exit code 2."""
    done = subprocess.run(
        [*(command or COMMAND), "--no-browser", "--port", "0", *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("fix:") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


# -------------------------------------------------------------------------------------------------------------- it stops


@built
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_stops(how: int) -> None:
    with started("--port", "0") as (process, url):
        assert ask(url) == (200, (STATIC / "index.html").read_bytes())
        assert ask(url, "api/about")[0] == 200
        stopped(process, how)


@built
def test_it_stops_at_once_after_its_first_words() -> None:
    """While kernels are being loaded."""
    with started("--port", "0") as (process, _):
        stopped(process)


@built
def test_it_stops_while_a_claim_is_tested_and_half_a_request_is_there() -> None:
    with started("--port", "0") as (process, url):
        stream = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
        stream.request("GET", "/api/claims/close-the-sky-iran/test")
        events = stream.getresponse()
        assert b'"step"' in events.readline()
        half = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
        half.putrequest("POST", "/api/quick")
        half.putheader("Content-Type", "application/json")
        half.putheader("Content-Length", "100")
        half.endheaders(b"{")
        stopped(process)
        events.close()
        for one in (stream, half):
            one.close()


# ------------------------------------------------------------------------------------------------------------ where it listens


@built
def test_a_second_server_takes_the_next_port() -> None:
    with started("--port", "0") as (_, url):
        port = urlsplit(url).port
        assert port is not None
        with started("--port", str(port)) as (_, second):
            other = urlsplit(second).port
            assert other is not None
            assert port < other <= port + 100
            assert ask(url)[0] == ask(second)[0] == 200


def test_the_next_free_port_is_found() -> None:
    with listen.bound("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with listen.bound("127.0.0.1", port) as second:
            assert second.getsockname()[1] > port
    with listen.bound("127.0.0.1", port) as again:
        assert again.getsockname()[1] == port


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(RequestError, match=r"cannot listen at 192\.0\.2\.1"):
        listen.bound("192.0.2.1", 0)  # RFC 5737: nobody's


def has_ipv6() -> bool:
    """Asked of the system alone: that closedsky cannot listen there is what the test is to find out."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("address", "url"), [("127.0.0.1", "http://127.0.0.1"), ("0.0.0.0", "http://127.0.0.1"), ("::1", "http://[::1]")]
)
def test_the_address_is_one_that_a_browser_here_can_open(address: str, url: str) -> None:
    if ":" in address and not has_ipv6():
        pytest.skip("this machine has no IPv6: nothing can listen at ::1")
    with listen.bound(address, 0) as listening:
        assert listen.address_of(listening) == f"{url}:{listening.getsockname()[1]}/"


# ---------------------------------------------------------------------------------------------------------------- how it runs


@built
def test_garbage_is_collected() -> None:
    """Short commands do without; a server would grow."""
    code = (
        "import gc; from closedsky.server import listen; from closedsky.cli.app import main; "
        "listen.server_of = lambda served: type('Server', (), {'run': lambda self, sockets: print('gc', gc.isenabled())})(); main()"
    )
    command = [sys.executable, "-c", code, "serve", "--no-browser", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.stdout.splitlines()[1:] == ["gc True"], done.stderr


def test_a_browser_is_opened_where_there_is_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda address: opened.set() if address == "http://here/" else None)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    listen.open_browser("http://here/")
    assert not opened.wait(0.2)
    monkeypatch.setenv("DISPLAY", ":0")
    listen.open_browser("http://here/")
    assert opened.wait(30)


# -------------------------------------------------------------------------------------------------------------- what it refuses

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "10.0.0.1"])
def test_beyond_this_machine_only_with_a_token(address: str) -> None:
    said = refused("--listen", address)
    assert "--token" in said
    assert "secrets.token_urlsafe" in said


def test_a_name_for_others_needs_one_too() -> None:
    """It is meant to be reached from elsewhere, through a proxy of this machine."""
    assert "--token" in refused("--host-name", "globe.example")


@pytest.mark.parametrize("token", ["short", TOKEN[:-1], "", "with a space in it", "süßer-als-sechzehn"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    said = refused("--listen", "0.0.0.0", "--token", token)
    assert "--token" in said
    assert not token or token not in said


@built
def test_a_token_is_asked_for_and_not_told() -> None:
    with started("--port", "0", "--token", TOKEN) as (process, url):
        assert ask(url)[0] == 401
        assert ask(url, f"?token={TOKEN}")[0] == 303
        said = stopped(process)
        assert process.stdout is not None
        assert TOKEN not in said + process.stdout.read()
        assert "?token=SECRET" in said


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--listen", "nowhere"), "--listen"), (("--listen", "evil.example"), "--listen"), (("--terrain", "none.tif"), "--terrain"),
        (("--terrain", "."), "--terrain"), (("--terrain", __file__), "test_command.py"), (("--threads", "99999"), "--threads"),
        (("--host-name", "a b", "--token", "x" * 20), "--host-name"),
        (("--threads", "0"), "--threads"), (("--port", "70000"), "--port"), (("--port", "-1"), "--port"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], where: str) -> None:
    assert where in refused(*arguments)


def test_without_fastapi_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['fastapi'] = None; sys.argv[0] = 'closedsky'; from closedsky.cli.app import main; main()"
    assert "pip install 'closedsky[serve]'" in refused(command=[sys.executable, "-c", code, "serve"])


def test_without_the_built_globe_it_says_how_to_build_it() -> None:
    code = (
        "import pathlib, sys; from closedsky.server import files; files.STATIC = pathlib.Path('nowhere'); "
        "from closedsky.cli.app import main; main()"
    )
    assert "make globe" in refused(command=[sys.executable, "-c", code, "serve"])
