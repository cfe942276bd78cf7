"""A bucket of tiles on loopback, with the faults that networks have; tiles are small Cloud-Optimised GeoTIFFs of a formula's heights."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.shutil
from rasterio.transform import Affine

from closedsky.geo.terrain.tiles import Product, Tile
from tests.geo.rasters import Heights, plane, write

SMALL = {
    "glo90": Product("glo90", 90, 24, 30, "Copernicus DEM GLO-90"),
    "glo30": Product("glo30", 30, 72, 10, "Copernicus DEM GLO-30"),
}
"""The two products with few nodes to a degree: numbers that 1.5, 2 and 3 divide."""

Answer = Callable[["Handler", bytes], bool]
"""What a server does with one request for a file: True where it has answered, False where it answers as a good one does."""


def cog(folder: Path, product: Product, tile: Tile, heights: Heights = plane, noise: float = 0.0) -> bytes:
    """One tile as Copernicus lays them: rows from its northern edge, columns from its western one, wider apart in the north."""
    equatorward = tile.south if tile.south >= 0 else -tile.south - 1
    wider = {0: 1.0, 5: 1.5, 6: 2.0, 7: 3.0}[equatorward // 10 if equatorward >= 50 else 0]
    across, down = wider / product.nodes, 1.0 / product.nodes
    lat, lon = np.meshgrid(
        tile.south + 1 - down * np.arange(product.nodes),
        tile.west + across * np.arange(round(product.nodes / wider)),
        indexing="ij",
    )
    grid = np.asarray(heights(lat, lon) + noise * np.random.default_rng(1).normal(size=lat.shape), dtype=np.float32)
    plain = write(folder / "plain.tif", grid, Affine(across, 0, tile.west - across / 2, 0, -down, tile.south + 1 + down / 2))
    rasterio.shutil.copy(plain, folder / "cog.tif", driver="COG", compress="deflate")
    return (folder / "cog.tif").read_bytes()


@dataclass
class Bucket:
    """The files of a server by path, how it answers (path -> answers, one a request), and the requests that came: path and headers."""

    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tags: bool = True
    ranges: bool = True
    url: str = ""

    def add(self, folder: Path, product: Product, *tiles: Tile, **how: Any) -> None:
        """Put tiles in, and list them."""
        for tile in tiles:
            name = tile.name(product)
            self.files[path_of(product, tile)] = cog(folder, product, tile, **how)
            listed = self.files.get("/tileList.txt", b"")
            self.files["/tileList.txt"] = listed + f"{name}\r\n".encode()

    def asked(self, path: str) -> list[dict[str, str]]:
        """Headers of the requests for a path."""
        return [headers for asked, headers in self.requests if asked == path]


def path_of(product: Product, tile: Tile) -> str:
    return f"/{tile.name(product)}/{tile.name(product)}.tif"


class Handler(BaseHTTPRequestHandler):
    """Answers GET as object stores do: ETag is the MD5 in quotes, Range and If-Range are heeded."""

    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        bucket = self.bucket
        bucket.requests.append((self.path, dict(self.headers)))
        content = bucket.files.get(self.path)
        waiting = bucket.answers.get(self.path) or bucket.answers.get("*") or []
        if waiting:
            answer = waiting.pop(0) if len(waiting) > 1 or waiting[0] is not ALWAYS else waiting[0]
            if answer(self, content or b""):
                return
        if content is None:
            self.send_error(404)
            return
        self.good(content)

    def good(self, content: bytes, cut: int | None = None) -> None:
        """The whole, or from where it is asked for; with `cut`, the connection ends after so many bytes of it."""
        tag = f'"{hashlib.md5(content).hexdigest()}"' if self.bucket.tags else None
        begin, total = 0, len(content)
        asked = self.headers.get("Range")
        if asked and self.bucket.ranges and self.headers.get("If-Range", tag) == tag:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        if begin >= total:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(total - begin))
        self.end_headers()
        self.wfile.write(content[begin:] if cut is None else content[begin : begin + cut])
        if cut is not None:
            self.close_connection = True


def ALWAYS(handler: Handler, content: bytes) -> bool:  # noqa: N802
    """As a good server, for ever."""
    return False


def cut_after(count: int) -> Answer:
    """Break off after so many bytes."""
    return lambda handler, content: handler.good(content, cut=count) is None


def spoil(handler: Handler, content: bytes) -> bool:
    """The tag of the true file, and another file."""
    spoilt = content[:200] + bytes(50) + content[250:]
    handler.send_response(200)
    handler.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
    handler.send_header("Content-Length", str(len(spoilt)))
    handler.end_headers()
    handler.wfile.write(spoilt)
    return True


def page(handler: Handler, content: bytes) -> bool:
    """The page of a hotel's network."""
    body = b"<html>Please log in</html>"
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
    return True


def status(code: int) -> Answer:
    """Another status."""
    return lambda handler, content: handler.send_error(code) is None


def silent(seconds: float) -> Answer:
    """Nothing for a while; then as a good server does."""

    def answer(handler: Handler, content: bytes) -> bool:
        time.sleep(seconds)
        return False

    return answer


@contextmanager
def serving(bucket: Bucket) -> Iterator[Bucket]:
    """The bucket, served on a port of loopback."""
    handler = type("BucketHandler", (Handler,), {"bucket": bucket})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]  # a client that hangs up is what is tested
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield bucket
        finally:
            server.shutdown()
