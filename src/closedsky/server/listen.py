"""Listening socket, browser start and shutdown of the server."""

import contextlib
import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from closedsky.errors import Fault, RequestError
from closedsky.server.app import Served

PORT = 8765
_TRIED = 100
_PATIENCE_S = 1


def bound(address: str, port: int) -> socket.socket:
    """A socket that listens on a port, or on the next free one; 0 is any free port. Raises RequestError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for number in range(port, min(port + _TRIED, 65_536) if port else 1):
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address, number))
            listening.listen(128)
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRINUSE:
                continue
            raise RequestError(Fault(f"cannot listen at {address}: {error.strerror}", "--listen", "give another")) from None
        return listening
    raise RequestError(Fault(f"no port from {port} on is free", "--port", "give another, or 0 for any"))


def address_of(listening: socket.socket) -> str:
    """The URL for a browser on this machine."""
    host, port = listening.getsockname()[:2]
    ip = ipaddress.ip_address(host)
    if ip.is_unspecified:
        host = "127.0.0.1" if ip.version == 4 else "::1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def server_of(served: Served) -> uvicorn.Server:
    """A server whose `run(sockets=[…])` lasts until SIGINT or SIGTERM; open streams and waiting requests are then ended."""
    config = uvicorn.Config(
        served.app, http="h11", ws="none", log_config=None, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=_PATIENCE_S,
    )  # fmt: skip
    return _Server(config, served.stop)


class _Server(uvicorn.Server):
    """A server that stops without output, and stops the application before it awaits open responses."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals end the server; they are not raised again after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut off connections that are still open after a moment; this is no error."""
        self._stop()
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        await super().shutdown(sockets)


def open_browser(address: str) -> None:
    """Open the globe in a browser, if there is a display; a text browser would occupy the terminal."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
