"""Tiles over HTTPS into the cache: several at once, resumed where they broke off, checked, and never half there.

A tile comes into NAME.tif.part, held by a lock of the operating system so that two processes do not write into one; what has come stays
when a transfer breaks or is interrupted. It becomes NAME.tif once its size, its ETag (where that is an MD5) and its first bytes are right;
NAME.json beside it keeps size, sha256, tag and address.
"""

import contextlib
import hashlib
import http.client
import json
import os
import queue
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from closedsky.errors import Fault, TerrainError
from closedsky.io.terrain.region import Region
from closedsky.io.terrain.tiles import (
    LIST_FILE,
    PRODUCTS,
    Product,
    Tile,
    folder,
    is_whole,
    needed,
    parse_list,
    unreleased,
)

try:
    import fcntl
except ImportError:  # no such locks on this system: one process at a time there
    fcntl = None  # type: ignore[assignment]

BASE_URL: Final = "https://copernicus-dem-{posting}m.s3.amazonaws.com"
URL_VARIABLE: Final = "CLOSEDSKY_TILES_URL"
LIST_AGE_S: Final = 30 * 86_400.0
_CHUNK: Final = 1 << 18
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_AGENT: Final = "closedsky"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Way:
    """How to fetch: from where, how long to wait for an answer, how often to try without getting on, how many tiles at once."""

    base_url: str | None = None
    timeout_s: float = 30.0
    tries: int = 5
    pause_s: float = 1.0
    jobs: int = 4

    def url(self, product: Product) -> str:
        """Address of a product's bucket; `{posting}` in it stands for 90 or 30."""
        base = self.base_url or os.environ.get(URL_VARIABLE) or BASE_URL
        if not re.match(r"https?://", base):
            raise TerrainError(Fault(f"'{base}' is not an address", "--base-url", "begin it with https:// or http://"))
        return base.replace("{posting}", str(product.posting_m)).rstrip("/")


@dataclass(frozen=True)
class Fetched:
    """What fetching a region came to: tiles that came now, that were here before, and that are sea; bytes that came."""

    product: str
    region: Region
    fetched: tuple[str, ...]
    cached: tuple[str, ...]
    sea: int
    received_bytes: int


@dataclass
class _Job:
    """The tiles still to come, and what became of those that did."""

    product: Product
    way: Way
    total: int
    waiting: "queue.SimpleQueue[Tile]" = field(default_factory=queue.SimpleQueue)
    done: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    received: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)


class _BrokenError(Exception):
    """A transfer that broke off: what has come is kept, and another try may go on."""


class _RefusedError(Exception):
    """An answer that another try would not change."""


def fetch(product: Product, region: Region, way: Way | None = None, progress: Progress | None = None) -> Fetched:
    """Get the tiles that a region needs into the cache. Raises TerrainError with what is missing, if some do not come."""
    way = way or Way()
    wanted = needed(region, product)
    there = _list(product, way, wanted)
    if product.id == "glo30":  # whose list leaves out land that is not public: only the other list tells it from sea
        with contextlib.suppress(TerrainError):
            _list(PRODUCTS["glo90"], way, wanted)
    land = [tile for tile in wanted if tile in there]
    here = [tile for tile in land if is_whole(_path(product, tile))]
    held = set(here)
    missing = [tile for tile in land if tile not in held]
    secret = unreleased(product, wanted)
    job = _Job(product, way, len(missing))
    _work(job, missing, progress)
    if job.faults:
        raise TerrainError(*job.faults[:10], _what_is_there(product, region, len(land), len(here) + len(job.done)))
    if secret:
        names = ", ".join(tile.name(product) for tile in secret[:3])
        raise _fault(f"{len(secret)} tiles of land are not public in {product.title} ({names}); the others are here",
                     "for this region, fetch --posting 90 and use {tiles: glo90}")  # fmt: skip
    sea = len(wanted) - len(land)
    names_here = tuple(tile.name(product) for tile in here)
    return Fetched(product.id, region, tuple(sorted(job.done)), names_here, sea, job.received)


def _work(job: _Job, missing: Sequence[Tile], progress: Progress | None) -> None:
    """Fetch with several threads, and watch them; an interruption leaves at once what has come so far."""
    for tile in missing:
        job.waiting.put(tile)
    crew = [threading.Thread(target=_labour, args=(job,), daemon=True) for _ in range(min(job.way.jobs, len(missing)))]
    for one in crew:
        one.start()
    try:
        while any(one.is_alive() for one in crew):
            for one in crew:
                one.join(0.05)
            if progress is not None:
                progress(f"{job.product.id}: {job.received / 1e6:.0f} MB", len(job.done), job.total)
    finally:
        job.stop.set()


def _labour(job: _Job) -> None:
    while not job.stop.is_set():
        try:
            tile = job.waiting.get_nowait()
        except queue.Empty:
            return
        try:
            _fetch_tile(job, tile)
            with job.lock:
                job.done.append(tile.name(job.product))
        except TerrainError as error:
            _note(job, error.faults, stop=not isinstance(error.__cause__, _RefusedError))
        except OSError as error:
            fix = "free some space, or set CLOSEDSKY_CACHE to another folder"
            _note(job, [Fault(f"cannot keep tiles here ({error})", str(folder(job.product)), fix)], stop=True)


def _note(job: _Job, faults: Sequence[Fault], stop: bool) -> None:
    """Keep what went wrong; with `stop`, the other tiles would fare no better."""
    with job.lock:
        job.faults.extend(faults)
    if stop:
        job.stop.set()


def _fetch_tile(job: _Job, tile: Tile) -> None:
    """One tile: try until it is whole, as long as tries bring it further."""
    path = _path(job.product, tile)
    name = tile.name(job.product)
    url = f"{job.way.url(job.product)}/{name}/{name}.tif"
    with _held(path, job) as part:
        if is_whole(path):  # another process was quicker
            return
        idle, reason = 0, ""
        while idle < job.way.tries and not job.stop.is_set():
            before = part.seek(0, os.SEEK_END)
            try:
                record = _transfer(url, part, path, job)
                _keep(path, record)
                return
            except _RefusedError as error:
                raise _fault(f"{name}: {error}", f"{url}: try later, or another address with --base-url") from error
            except _BrokenError as error:
                reason = str(error)
            idle = 0 if part.seek(0, os.SEEK_END) > before else idle + 1
            if 0 < idle < job.way.tries:
                job.stop.wait(job.way.pause_s * 2.0 ** (idle - 1))
        if not job.stop.is_set():
            raise _fault(
                f"{name} does not come: {reason}", f"see whether {url} can be reached from here, then repeat the command"
            )


def _transfer(url: str, part: IO[bytes], path: Path, job: _Job) -> dict[str, Any]:
    """Go on with a part to its end, and judge it. Raises _BrokenError for what another try may mend, and _RefusedError."""
    have = part.seek(0, os.SEEK_END)
    tag_file = path.with_suffix(".tag")
    with _answer(url, have, tag_file, job.way.timeout_s) as answer:
        if answer.status == 416:  # nothing beyond what we have: it is all there, or another file
            if (answer.headers.get("Content-Range") or "").endswith(f"*/{have}"):
                return _judge(part, url, tag_file.read_text("utf-8") if tag_file.exists() else "", have)
            part.truncate(0)
            raise _BrokenError("the server has another size")
        begin = _begin(answer, have)
        if begin != have:
            part.truncate(begin)
            part.seek(begin)
        length = answer.headers.get("Content-Length")
        size = begin + int(length) if length and length.isdigit() else None
        tag = (answer.headers.get("ETag") or "").strip()
        tag_file.write_text(tag, "utf-8")
        _pour(answer, part, job)
    found = part.seek(0, os.SEEK_END)
    if size is not None and found != size:
        raise _BrokenError(f"{found:,} of {size:,} bytes came")
    return _judge(part, url, tag, found)


@contextlib.contextmanager
def _answer(url: str, have: int, tag_file: Path, timeout_s: float) -> Iterator[Any]:
    """The server's answer, from byte `have` on if that is the same file still; status 416 where it has nothing there."""
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        tag = tag_file.read_text("utf-8") if tag_file.exists() else ""
        if tag and not tag.startswith("W/"):
            headers["If-Range"] = tag
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout_s) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            yield error
        elif error.code in (408, 429) or error.code >= 500:
            raise _BrokenError(f"the server answers {error.code} {error.reason}") from error
        else:
            raise _RefusedError(f"the server answers {error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
        raise _BrokenError(_reason(error)) from error


def _begin(answer: Any, have: int) -> int:
    """Byte at which an answer begins: a server may ignore what was asked and send all."""
    if answer.status != 206:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    begin = int(found[1]) if found else have
    return begin if begin <= have else 0


def _pour(answer: Any, part: IO[bytes], job: _Job) -> None:
    while not job.stop.is_set():
        chunk = answer.read1(_CHUNK)
        if not chunk:
            return
        part.write(chunk)
        part.flush()
        with job.lock:
            job.received += len(chunk)
    raise _BrokenError("interrupted")


def _judge(part: IO[bytes], url: str, tag: str, size: int) -> dict[str, Any]:
    """What is to be noted of a whole file; if it is not what the server meant to send, it goes, and _BrokenError is raised."""
    part.seek(0)
    md5, sha, head = hashlib.md5(usedforsecurity=False), hashlib.sha256(), part.read(4)
    part.seek(0)
    while chunk := part.read(1 << 20):
        md5.update(chunk)
        sha.update(chunk)
    meant = re.fullmatch(r'"([0-9a-f]{32})"', tag)
    fault = (
        "what came is no GeoTIFF"
        if head not in _TIFF
        else "its checksum is wrong"
        if meant and meant[1] != md5.hexdigest()
        else ""
    )
    if fault:
        part.truncate(0)
        raise _BrokenError(fault)
    return {"url": url, "size": size, "etag": tag.strip('"'), "sha256": sha.hexdigest()}


def _keep(path: Path, record: dict[str, Any]) -> None:
    """The part becomes the tile. Its record goes first: a record without its tile is no whole tile, and the part is still there."""
    note = path.with_suffix(f".json-{os.getpid()}")
    note.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    note.replace(path.with_suffix(".json"))
    part_of(path).replace(path)
    path.with_suffix(".tag").unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """Where a tile is while it comes."""
    return path.with_name(path.name + ".part")


@contextlib.contextmanager
def _held(path: Path, job: _Job) -> Iterator[IO[bytes]]:
    """The part of a tile, open and held by this process alone; waits while another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        part = part_of(path).open("ab+")
        try:
            if _locked(part) and _is_still(part, part_of(path)):
                yield part
                return
        finally:
            part.close()
            if part_of(path).exists() and part_of(path).stat().st_size == 0 and is_whole(path, thorough=False):
                part_of(path).unlink(missing_ok=True)
        if job.stop.wait(0.1):
            raise _fault("interrupted", "repeat the command")


def _locked(part: IO[bytes]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_still(part: IO[bytes], path: Path) -> bool:
    """Whether an open file is still the one of that name: another process may have finished and renamed it."""
    try:
        return os.path.samestat(os.fstat(part.fileno()), path.stat())
    except OSError:
        return False


# ---------------------------------------------------------------- the list of tiles


def _list(product: Product, way: Way, wanted: Sequence[Tile]) -> frozenset[Tile]:
    """The tiles there are: from the cache while the list there is young, else from the server; an old list serves where that is silent."""
    path = folder(product) / LIST_FILE
    kept = path.read_text("ascii", errors="replace") if path.exists() else None
    if kept is not None and time.time() - path.stat().st_mtime < LIST_AGE_S:
        return parse_list(kept, product)
    url = f"{way.url(product)}/{LIST_FILE}"
    try:
        text = _read_text(url, way)
    except (_BrokenError, _RefusedError) as error:
        if kept is not None and isinstance(error, _BrokenError):
            return parse_list(kept, product)
        have = sum(is_whole(_path(product, tile), thorough=False) for tile in wanted)
        raise _fault(
            f"the list of tiles cannot be fetched from {url}: {error}. {have} of the {len(wanted)} tiles of this region are in the cache",
            "go online and repeat the command, or name another address with --base-url; `world` and `flat` need none",
        ) from error
    found = parse_list(text, product)
    if not found:
        raise _fault(f"{url} lists no tile of {product.title}", "correct --base-url: it is the folder that holds tileList.txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{LIST_FILE}-{os.getpid()}")
    scratch.write_text(text, "ascii", errors="replace")
    scratch.replace(path)
    return found


def _read_text(url: str, way: Way) -> str:
    for attempt in range(way.tries):
        try:
            with _answer(url, 0, Path(), way.timeout_s) as answer:
                raw = answer.read()
                if len(raw) == int(answer.headers.get("Content-Length") or len(raw)):
                    return str(raw.decode("ascii", errors="replace"))
                raise _BrokenError("it broke off")
        except _BrokenError:
            if attempt == way.tries - 1:
                raise
            time.sleep(way.pause_s * 2.0**attempt)
    raise _BrokenError("no try was made")


def _path(product: Product, tile: Tile) -> Path:
    return folder(product) / f"{tile.name(product)}.tif"


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "the server does not answer in time"
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__


def _what_is_there(product: Product, region: Region, of: int, here: int) -> Fault:
    command = f"closedsky terrain fetch --region={region} --posting {product.posting_m}"
    return Fault(
        f"{here} of {of} tiles of {product.title} are in the cache; what has come of the others is kept",
        str(folder(product)), f"once the server can be reached, repeat: {command}",
    )  # fmt: skip


def _fault(what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, "terrain fetch", fix))
