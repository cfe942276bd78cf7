"""The application in a real server in this process, and clients that say exactly what a test wants said."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from closedsky.server.app import Options, Served, make
from closedsky.server.listen import bound, server_of

LOOK: dict[str, Any] = {
    "units": [{"id": "battery", "system": "s-400", "at": [33.3, 44.4]}],
    "terrain": "flat",
    "cell_m": 20_000.0,
    "country": "IRQ",
}

PATIENCE_S = 900.0
"""For an answer, kernels being compiled meanwhile; nothing is said about how long it should take."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    def json(self) -> Any:
        return json.loads(self.body)

    def faults(self) -> list[dict[str, str]]:
        """Those of a refusal, which has nothing but them."""
        told = self.json()
        assert set(told) == {"faults"}
        assert told["faults"]
        assert all(set(fault) == {"what", "where", "fix"} and all(fault.values()) for fault in told["faults"]), told
        return told["faults"]  # type: ignore[no-any-return]


@dataclass
class Running:
    served: Served
    port: int

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request. Header names are written with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            return read(connection.getresponse())
        finally:
            connection.close()

    def post(self, path: str, data: Any, **headers: str) -> Answer:
        return self.ask(path, "POST", json.dumps(data).encode(), **{"Content_Type": "application/json", **headers})

    def raw(self, request: bytes) -> Answer:
        """Octets as they are: clients tidy up what they send."""
        with self.connected() as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return read(answer)

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            yield connection


def read(answer: http.client.HTTPResponse) -> Answer:
    with answer:
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read(), answer.headers.get_all("set-cookie") or [])


@contextmanager
def running(options: Options | None = None, served: Served | None = None) -> Iterator[Running]:
    """A server on a free port, until the block is left."""
    served = served or make(options or Options())
    listening = bound("127.0.0.1", 0)
    server = server_of(served)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Running(served, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listening.close()
        assert not thread.is_alive()
