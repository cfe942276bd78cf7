"""Whom the server answers: by Host, by Origin, by what the request is like. Each refusal is of a request that differs in one thing
from one that is answered."""

import json
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from closedsky.server.app import Options
from closedsky.server.guard import HEADERS, MOST_BYTES, host_check
from closedsky.server.refusals import RefusedError
from tests.server.conftest import SECRET
from tests.server.running import LOOK, Running, running

JSON = "application/json"


# ---------------------------------------------------------------------------------------------------------------- its host


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:{port}", "localhost:9000", "[::1]:{port}"]
)
def test_names_of_this_machine_are_answered(server: Running, host: str) -> None:
    """With another port too: ports are forwarded."""
    assert server.ask("/", Host=host.format(port=server.port)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example@127.0.0.1",
        "127.0.0.1:{port}:80", "127.0.0.1/", "localhost, evil.example", "192.168.1.5:{port}", "[::2]", "", "0.0.0.0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/about"])
def test_other_names_are_misdirected(server: Running, host: str, path: str) -> None:
    """DNS rebinding: the attacker's name resolves to 127.0.0.1, but the browser still says the attacker's name."""
    answer = server.ask(path, Host=host.format(port=server.port))
    assert answer.status == 421
    assert "--host-name" in answer.faults()[0]["fix"]


def test_the_address_that_a_request_came_to_is_answered() -> None:
    """Where all addresses are listened at, each is its own name; that of another machine is none."""
    check = host_check(())
    scope = {"server": ("192.168.1.5", 8765)}
    check(scope, Headers({"host": "192.168.1.5:8765"}))
    with pytest.raises(RefusedError):
        check(scope, Headers({"host": "192.168.1.6:8765"}))


def test_a_request_without_host_is_misdirected(server: Running) -> None:
    assert server.raw(b"GET / HTTP/1.0\r\n\r\n").status == 421


def test_a_name_that_was_given_is_answered(static: Path) -> None:
    with running(Options(static=static, token="0123456789abcdef", host_names=("Globe.Example",))) as named:
        bearer = "Bearer 0123456789abcdef"
        assert named.ask("/", Host=f"globe.example:{named.port}", Authorization=bearer).status == 200
        assert named.ask("/", Host="other.example", Authorization=bearer).status == 421


# -------------------------------------------------------------------------------------------------------------- its origin


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:{port}", "file://", "http://127.0.0.1", ""]
)
@pytest.mark.parametrize(
    ("path", "method"), [("/", "GET"), ("/api/about", "GET"), ("/api/quick", "POST"), ("/api/quick", "OPTIONS")]
)
def test_pages_of_other_origins_are_refused(server: Running, origin: str, path: str, method: str) -> None:
    """Another port of this machine is another origin too, and so is another name of it."""
    body = json.dumps(LOOK).encode() if method == "POST" else None
    answer = server.ask(path, method, body, Content_Type=JSON, Origin=origin.format(port=server.port))
    assert answer.status == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/api/about", "/api/relief/0/0/0", "/api/claims/no-navy/test"])
def test_what_browsers_say_of_the_site_counts(server: Running, site: str, path: str) -> None:
    """An image or a script of another page sends no Origin; browsers say where it comes from all the same."""
    assert server.ask(path, Sec_Fetch_Site=site).status == 403


def test_a_link_elsewhere_may_lead_to_the_globe(server: Running) -> None:
    assert server.ask("/", Sec_Fetch_Site="cross-site").status == 200


def test_our_own_page_is_answered(server: Running) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    answer = server.post("/api/quick", LOOK, Origin=origin, Sec_Fetch_Site="same-origin")
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
)
def test_only_json_is_posted(server: Running, kind: str) -> None:
    """What a form, or a script that asks nobody's leave, can post to another origin is not JSON."""
    body = json.dumps(LOOK).encode()
    assert server.ask("/api/quick", "POST", body, Content_Type=kind).status == 415
    assert server.ask("/api/quick", "POST", body, Content_Type="Application/JSON; charset=utf-8").status == 200


# ---------------------------------------------------------------------------------------------------------------- its path


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "/..\\secret.txt",
        "/assets/..%252f..%252fsecret.txt", "//etc/passwd", "/%2fetc/passwd", "/etc/passwd", "/./../secret.txt", "/.%00./secret.txt",
        "/secret.txt%00", "/index.html%00.txt", "/index.html/", "/assets", "/assets/", "/link.txt", "/%c0%ae%c0%ae/secret.txt",
        "/....//secret.txt", "/api/../../secret.txt", "/INDEX.HTML", "/static/index.html", "/__init__.py", "/../app.py",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_globe(server: Running, path: str) -> None:
    """Sent as they are: a client would have made them tidy."""
    answer = server.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.status in (400, 404)
    assert SECRET.encode() not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize("path", ["/\0", "/\0/../secret.txt", "http://localhost/../secret.txt", "*"])
def test_nor_does_what_is_no_path(server: Running, path: str) -> None:
    answer = server.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.status in (400, 404)
    assert SECRET.encode() not in answer.body


# ---------------------------------------------------------------------------------------------------------------- its body

HEAD = b"POST /api/quick HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_a_body_as_large_as_it_may_be_is_read(server: Running) -> None:
    assert server.post("/api/quick", {**LOOK, "country": "x" * (MOST_BYTES - 400)}).status == 422


def test_a_large_body_is_refused_by_what_it_says_of_itself(server: Running) -> None:
    """Before any of it has come."""
    answer = server.raw(HEAD + f"Content-Length: {MOST_BYTES + 1}\r\n\r\n".encode())
    assert answer.status == 413
    assert "256 KiB" in answer.faults()[0]["what"]


def test_a_length_of_many_digits_is_refused(server: Running) -> None:
    assert server.raw(HEAD + b"Content-Length: " + b"9" * 15 + b"\r\n\r\n").status == 413


def test_a_large_body_in_chunks_is_refused_while_it_comes(server: Running) -> None:
    """It says nothing of its length; the chunk that is too much is answered though more is to come."""
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    answer = server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (MOST_BYTES // 0x8000) + b"1\r\n \r\n")
    assert answer.status == 413


def test_a_body_longer_than_it_said_is_cut_off(server: Running) -> None:
    """What is beyond its length is another request, if it is one."""
    body = json.dumps(LOOK).encode()
    answer = server.raw(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body + b" " * 1000)
    assert answer.status == 200


def test_a_body_with_two_lengths_is_refused(server: Running) -> None:
    assert server.raw(HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nnull").status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"7", b'"x"', b"[" * 100_000, b'{"a":' * 40_000, b"9" * 10_000, b"\xff\xfe{}", b'{"level_m": NaN}',
        b'{"level_m": 1e999}', b'{"level_m": ' + b"9" * 5_000 + b"}", b'{"\\ud800": 1}', b'{"country": "\\ud800"}', b"{}{}",
        b'{"units": [' + b"{}," * 5_000 + b"{}]}", b'{"' + b"x" * 200_000 + b'": 1}', b'{"' + b"/x" * 100_000 + b'": 1}',
        b"{" + b",".join(b'"k%d": 1' % i for i in range(15_000)) + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/quick", "/api/footprint"])
def test_what_is_no_look_is_one_refusal(server: Running, body: bytes, path: str) -> None:
    answer = server.ask(path, "POST", body, Content_Type=JSON)
    assert answer.status == 422
    assert len(answer.faults()) <= 20
    assert len(answer.body) < 20_000


# ------------------------------------------------------------------------------------------------------------- its answers


def test_every_answer_has_the_headers(server: Running) -> None:
    answers = [
        server.ask("/"), server.ask("/none"), server.ask("/", Host="evil.example"), server.ask("/", Origin="null"),
        server.ask("/", "PUT"), server.ask("/", "HEAD"), server.ask("/api/about"), server.ask("/api/none"),
        server.post("/api/quick", {"a": 1}), server.ask("/api/quick"),
        server.raw(HEAD + b"Content-Length: 999999\r\n\r\n"), server.ask("/openapi.json"),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [200, 404, 421, 403, 405, 200, 200, 404, 422, 404, 413, 200]
    for answer in answers:
        assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS
        assert "server" not in answer.headers


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    own = {"'self'", "'none'", "blob:", "data:", "'wasm-unsafe-eval'", "'unsafe-inline'"}
    assert {source for sources in policy.values() for source in sources.split()} <= own
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["frame-ancestors"] == "'none'"


def test_what_may_be_kept(server: Running) -> None:
    assert "immutable" in server.ask("/assets/index-C0ffee42.js").headers["cache-control"]
    assert server.ask("/").headers["cache-control"] == "no-cache"
    assert server.ask("/cesium/worker.wasm").headers["cache-control"] == "no-cache"
    assert server.ask("/api/about").headers["cache-control"] == "no-store"
    assert server.ask("/api/none").headers["cache-control"] == "no-store"
    again = server.ask("/", If_None_Match=server.ask("/").headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_scripts_and_kernels_are_of_their_types(server: Running) -> None:
    """With `nosniff`, browsers take nothing else."""
    assert server.ask("/assets/index-C0ffee42.js").headers["content-type"].startswith("text/javascript")
    assert server.ask("/cesium/worker.wasm").headers["content-type"] == "application/wasm"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_pages_that_load_from_elsewhere_are_off(server: Running, path: str) -> None:
    assert server.ask(path).status == 404
