"""Checks before every request: Host, rate, origin, token, content type, size of the body."""

import asyncio
import hmac
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closedsky.errors import Fault
from closedsky.server.rate import Rates
from closedsky.server.refusals import RefusedError, our_fault

MOST_BYTES = 256 * 1024
_BODY_S = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")

POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")

Check = Callable[[Scope, Headers], Response | None]
"""Passes a request (None), answers it, or raises RefusedError."""


class Guard:
    """Runs the checks in order, then the application; adds the security headers to every response, and hides internal errors."""

    def __init__(self, app: ASGIApp, checks: Sequence[Check]) -> None:
        self.app, self.checks = app, checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await (self.app(scope, receive, send) if scope["type"] == "lifespan" else send({"type": "websocket.close"}))
            return
        begun = False

        async def headed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        try:
            passed = await self._passed(scope, receive)
            await (passed(scope, receive, headed) if isinstance(passed, Response) else self.app(scope, passed, headed))
        except RefusedError as refused:
            await refused.answer()(scope, receive, headed)
        except Exception as error:
            answer = our_fault(error)
            if not begun:
                await answer(scope, receive, headed)

    async def _passed(self, scope: Scope, receive: Receive) -> Response | Receive:
        """A response, or the body for the application to read. Raises RefusedError."""
        headers = Headers(scope=scope)
        for check in self.checks:
            answer = check(scope, headers)
            if answer is not None:
                return answer
        return await _body(headers, receive) if scope["method"] == "POST" else receive


def _add_headers(headers: MutableHeaders, path: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if path.startswith("/api/"):
        headers["Cache-Control"] = "no-store"


# -------------------------------------------------------------------------------------------------------------------------- Host


def host_check(names: Sequence[str]) -> Check:
    """Require a Host that is the address of the connection or one of these names; any port, since ports may be forwarded.

    Another site may resolve its own name to this address (DNS rebinding), and the browser then lets it read the responses; but its
    requests carry that name.
    """
    known = {name.lower() for name in (*LOOPBACK, *names)}

    def check(scope: Scope, headers: Headers) -> None:
        told = _HOST.fullmatch(headers.get("host", "").lower())
        if told is None or told[1].strip("[]") not in known | {(scope.get("server") or ("",))[0]}:
            fix = "closedsky serve prints its address; a name of yours has to be given to it: --host-name NAME"
            raise RefusedError(421, Fault("this server does not go by that name", "Host", fix))

    return check


def origin_check(scope: Scope, headers: Headers) -> None:
    """Refuse requests of other sites, by the origin that the browser states."""
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    strange = origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}")
    if strange or (_computes_or_tells(scope) and headers.get("sec-fetch-site", "none") not in ("same-origin", "none")):
        raise RefusedError(403, Fault("a page of another origin asks", "Origin", "open the address that closedsky serve prints"))


def _computes_or_tells(scope: Scope) -> bool:
    return str(scope["path"]).startswith(("/api/", "/openapi.json"))


# -------------------------------------------------------------------------------------------------------------------------- rate


def rate_check(rates: Rates) -> Check:
    """Limit the requests per client, and more strictly those that need computing."""

    def check(scope: Scope, headers: Headers) -> None:
        client, path = (scope.get("client") or ("",))[0], str(scope["path"])
        heavy = scope["method"] == "POST" or path.startswith(("/api/examples/", "/api/claims/"))
        wait_s = rates.wait_s(client, heavy)
        if wait_s > 0.0:
            raise RefusedError(
                429, Fault("too many requests", "closedsky", "ask less often"), after_s=max(1, round(wait_s + 0.5))
            )

    return check


# ------------------------------------------------------------------------------------------------------------------------- token


def token_check(token: str) -> Check:
    """Require proof of the token in a cookie or header; `/?token=…` sets the cookie."""
    proof = hmac.new(token.encode(), b"closedsky cookie", sha256).hexdigest()

    def check(scope: Scope, headers: Headers) -> Response | None:
        if scope["path"] == "/" and scope["method"] == "GET":
            given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8).get("token", [""])[0]
            if _same(given, token):
                answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
                answer.set_cookie(_cookie_name(scope), proof, httponly=True, samesite="strict")
                return answer
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if _same(_cookie(headers, _cookie_name(scope)), proof) or (scheme.lower() == "bearer" and _same(bearer.strip(), token)):
            return None
        fix = "open /?token=SECRET once with the token that was given to closedsky serve, or send Authorization: Bearer SECRET"
        raise RefusedError(401, Fault("the token is missing or wrong", "token", fix))

    return check


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def _cookie_name(scope: Scope) -> str:
    """Cookies belong to a host, whatever the port: two servers must not overwrite each other's."""
    return f"closedsky-{(scope.get('server') or ('', 0))[1]}"


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


# -------------------------------------------------------------------------------------------------------------------------- body


def type_check(scope: Scope, headers: Headers) -> None:
    """Require the content type JSON for POST: a form of another site cannot have it."""
    if scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, Fault("what is posted here is JSON", "Content-Type", "send Content-Type: application/json"))


async def _body(headers: Headers, receive: Receive) -> Receive:
    """The body, read and counted whatever its Content-Length says, for the application to read again. Raises RefusedError."""
    large = Fault(f"more than {MOST_BYTES // 1024} KiB", "body", "ask for less: fewer units, or an outline of fewer corners")
    if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")[:20]) > MOST_BYTES:
        raise RefusedError(413, large)
    parts, size = [], 0
    try:
        async with asyncio.timeout(_BODY_S):
            while (message := await receive())["type"] == "http.request":
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MOST_BYTES:
                    raise RefusedError(413, large)
                if not message.get("more_body"):
                    break
    except TimeoutError:
        raise RefusedError(408, Fault("the body did not come in time", "body", "send it again")) from None
    first: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again
