"""Beyond this machine: nothing is told to who does not know the token, and the token is told to nobody."""

import contextlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from closedsky.server.app import Options
from tests.server.running import Answer, Running, running

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def locked(static: Path) -> Iterator[Running]:
    with running(Options(static=static, token=TOKEN)) as one:
        yield one


PATHS = [
    "/",
    "/index.html",
    "/assets/index-C0ffee42.js",
    "/api/about",
    "/api/relief/0/0/0",
    "/openapi.json",
    "/none",
    "/api/claims/no-navy/test",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_told_without_it(locked: Running, path: str) -> None:
    answer = locked.ask(path)
    assert answer.status == 401
    assert TOKEN not in str(answer)
    assert locked.ask(path, Authorization="Bearer wrong").status == 401


def test_a_post_without_it_is_not_read(locked: Running) -> None:
    assert locked.post("/api/quick", {}).status == 401


def test_a_bearer_is_let_in(locked: Running) -> None:
    assert locked.ask("/", Authorization=f"Bearer {TOKEN}").status == 200
    assert locked.ask("/api/relief/0/0/0", Authorization=f"bearer {TOKEN}").status == 200
    assert locked.ask("/", Authorization=f"Basic {TOKEN}").status == 401


def entered(locked: Running, token: str) -> Answer:
    return locked.ask(f"/?token={token}")


def test_the_address_with_it_opens_the_globe(locked: Running) -> None:
    answer = entered(locked, TOKEN)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    (cookie,) = answer.cookies
    value, *attributes = [part.strip() for part in cookie.split(";")]
    assert {part.lower() for part in attributes} >= {"httponly", "samesite=strict", "path=/"}
    assert TOKEN not in cookie
    assert locked.ask("/", Cookie=value).status == 200
    assert locked.ask("/api/relief/0/0/0", Cookie=f"other=1; {value}").status == 200
    assert locked.ask("/", Cookie=value[:-1] + ("0" if value[-1] != "0" else "1")).status == 401


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%00", "%ff", "é", "&token=" + TOKEN[:-1]])
def test_a_wrong_one_opens_nothing(locked: Running, token: str) -> None:
    answer = entered(locked, quote(token, safe="%&="))
    assert answer.status == 401
    assert not answer.cookies


def test_it_works_at_the_door_alone(locked: Running) -> None:
    """In the address of anything else it would stay in histories and logs."""
    assert locked.ask(f"/api/about?token={TOKEN}").status == 401
    assert locked.ask(f"/?token={TOKEN}", "POST", b"{}", Content_Type="application/json").status == 401


@pytest.mark.parametrize("cookie", ["NAME=", "NAME", ";;;", 'NAME="', f"NAME={TOKEN}", "NAME=é"])
def test_a_cookie_of_another_is_nothing(locked: Running, cookie: str) -> None:
    said = cookie.replace("NAME", f"closedsky-{locked.port}")
    assert locked.raw(f"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {said}\r\n\r\n".encode()).status == 401


def test_two_servers_of_one_machine_each_have_their_cookie(locked: Running, static: Path) -> None:
    """A browser sends both to both."""
    with running(Options(static=static, token=TOKEN[::-1])) as other:
        cookies = [one.cookies[0].split(";")[0] for one in (entered(locked, TOKEN), entered(other, TOKEN[::-1]))]
        assert {one.ask("/", Cookie="; ".join(cookies)).status for one in (locked, other)} == {200}
        assert locked.ask("/", Cookie=cookies[1]).status == 401


def test_strangers_are_turned_away_before_they_prove_anything(locked: Running) -> None:
    assert locked.ask("/", Host="evil.example", Authorization=f"Bearer {TOKEN}").status == 421
    assert locked.ask("/", Origin="http://evil.example", Authorization=f"Bearer {TOKEN}").status == 403


def test_it_is_in_no_log(static: Path, caplog: pytest.LogCaptureFixture) -> None:
    said = io.StringIO()
    with (
        caplog.at_level(logging.DEBUG),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        running(Options(static=static, token=TOKEN)) as server,
    ):
        entered(server, TOKEN)
        server.ask("/", Authorization=f"Bearer {TOKEN}")
        server.raw(f"GET /?token={TOKEN} HTTP/9.9\r\nnonsense\r\n\r\n".encode())
    assert TOKEN not in caplog.text + said.getvalue()
