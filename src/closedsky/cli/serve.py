"""`closedsky serve`: the globe in a browser."""

import os
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from closedsky.cli.frame import OWN, THREADS, compile_first

LEAST_TOKEN = 16
_SHIPPED = ("world", "flat")
_TILES = ("glo90", "glo30")


def serve(
    port: Annotated[int | None, typer.Option(help="Port; by default 8765 or the next free one; 0: any free port.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    terrain: Annotated[
        list[str] | None,
        typer.Option(metavar="glo90|glo30|PATH", help="Terrain to choose from, besides world and flat. May be repeated."),
    ] = None,
    listen: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on; other than this machine only with --token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(metavar="SECRET", envvar="CLOSEDSKY_TOKEN", help="Required of every client.", show_envvar=True),
    ] = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Host name of this machine for remote browsers. May be repeated."),
    ] = None,
    threads: THREADS = None,
    catalogue: OWN = None,
) -> None:
    """The globe in a browser: place and drag units, and see their coverage. Offline; Ctrl-C stops it.

    Example: closedsky serve --port 8000
    """
    import gc

    from closedsky.errors import Fault, RequestError

    address = _address(listen, bool(host_name), token)
    for name in host_name or []:
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise RequestError(
                Fault(f"'{name}' is no name of a machine", "--host-name", "give one such as lab.example, without port")
            )
    if port is not None and not 0 <= port <= 65_535:
        raise RequestError(Fault(f"{port} is no port", "--port", "give one from 1 to 65535, or 0 for any"))
    terrains = _terrains(terrain or [])
    _refuse_missing()
    gc.freeze()
    gc.enable()
    from closedsky.server import listen as room
    from closedsky.server.app import Options, make

    served = make(Options(terrains, catalogue, threads, token, tuple(host_name or ())))
    listening = room.bound(address, room.PORT if port is None else port)
    url = room.address_of(listening)
    heard = _heard_interrupts()
    try:
        print(f"closedsky: {url}", flush=True)
        _say_how(url, token)
        compile_first("serve")
        if not no_browser and token is None:
            room.open_browser(url)
        served.warm_up()
        if heard:
            raise KeyboardInterrupt
        room.server_of(served).run(sockets=[listening])
    except KeyboardInterrupt:  # before the server handles signals itself
        pass
    _end()


def _address(listen: str, named: bool, token: str | None) -> str:
    """The address to listen on. Raises RequestError if it can be reached from other machines and no token is set."""
    import ipaddress

    from closedsky.errors import Fault, RequestError

    how = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(24))"'
    try:
        address = ipaddress.ip_address("127.0.0.1" if listen == "localhost" else listen.strip("[]"))
    except ValueError:
        fix = "give one of this machine's, such as 192.168.1.5, or 0.0.0.0 for all"
        raise RequestError(Fault(f"'{listen}' is no IP address", "--listen", fix)) from None
    if token is None and (named or not address.is_loopback):
        flag = "--host-name" if address.is_loopback else "--listen"
        raise RequestError(Fault("others could reach it", flag, f"give --token SECRET as well; {how}"))
    if token is not None and (len(token) < LEAST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token):
        raise RequestError(Fault(f"the token has to have {LEAST_TOKEN} letters or digits at least", "--token", how))
    return str(address)


def _terrains(given: list[str]) -> dict[str, str]:
    """Terrain to choose from, by name: a file by its name without folder and extension."""
    from closedsky.errors import Fault, RequestError
    from closedsky.geo.terrain.files import opened

    terrains = {name: name for name in _SHIPPED}
    for one in given:
        if one in (*_SHIPPED, *_TILES):
            terrains[one] = one
            continue
        path = Path(one)
        if not path.is_file():
            raise RequestError(Fault(f"there is no file {one}", "--terrain", "give world, flat, glo90, glo30 or a raster"))
        with opened(path):  # or TerrainError, at start-up rather than at the first request
            pass
        name = path.stem[:60]
        if name in terrains:
            raise RequestError(Fault(f"two terrains would be called '{name}'", "--terrain", "rename one of the files"))
        terrains[name] = str(path.absolute())
    return terrains


def _refuse_missing() -> None:
    """Raise RequestError if a package or the built globe is missing."""
    from importlib.util import find_spec

    from closedsky.errors import Fault, RequestError

    for needed in ("fastapi", "uvicorn"):
        if find_spec(needed) is None:
            raise RequestError(Fault(f"{needed} is not installed", "closedsky serve", "pip install 'closedsky[serve]'"))
    from closedsky.server.files import STATIC

    if not (STATIC / "index.html").is_file():
        raise RequestError(Fault("the globe has not been built", "closedsky serve", "make globe (it needs Node.js)"))


def _say_how(url: str, token: str | None) -> None:
    if token is not None:
        print(f"closedsky: open {url}?token=SECRET once, with your token", file=sys.stderr, flush=True)


def _heard_interrupts() -> list[int]:
    """Interrupts from now on: each also raises KeyboardInterrupt, which libraries may swallow while they are imported."""
    heard: list[int] = []

    def interrupted(number: int, _: object) -> NoReturn:
        heard.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)
    return heard


def _end() -> NoReturn:
    """End the process without waiting for a running kernel: its result is not needed, and no file is half-written."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
