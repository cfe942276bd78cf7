"""Fetch the tiles of a region into the cache, several at once; report the missing ones."""

import contextlib
import os
import queue
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain.region import Region
from closedsky.geo.terrain.tiles import LIST_FILE, PRODUCTS, Product, Tile, folder, is_whole, needed, parse_list, unreleased
from closedsky.geo.terrain.transfer import BrokenError, Patience, RefusedError, bring, read_text
from closedsky.progress import Progress

BASE_URL: Final = "https://copernicus-dem-{posting}m.s3.amazonaws.com"
URL_VARIABLE: Final = "CLOSEDSKY_TILES_URL"
LIST_AGE_S: Final = 30 * 86_400.0
_MOST_TOLD: Final = 10


@dataclass(frozen=True)
class Way:
    """Fetch options: base URL (`{posting}` in it stands for 90 or 30), number of simultaneous transfers, patience."""

    base_url: str | None = None
    jobs: int = 4
    patience: Patience = field(default_factory=Patience)

    def url(self, product: Product) -> str:
        """URL of the folder that holds a product's list and tiles."""
        base = self.base_url or os.environ.get(URL_VARIABLE) or BASE_URL
        if not re.match(r"https?://", base):
            raise TerrainError(Fault(f"'{base}' is not an address", "--base-url", "begin it with https:// or http://"))
        return base.replace("{posting}", str(product.posting_m)).rstrip("/")


@dataclass(frozen=True)
class Fetched:
    """Result of a fetch: tiles fetched, tiles already cached, number of sea tiles, bytes received."""

    product: str
    region: Region
    fetched: tuple[str, ...]
    cached: tuple[str, ...]
    sea: int
    received_bytes: int


@dataclass
class _Job:
    """Tiles to be fetched, and the results of those done."""

    product: Product
    way: Way
    total: int
    waiting: "queue.SimpleQueue[Tile]" = field(default_factory=queue.SimpleQueue)
    done: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    received: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    def count(self, received: int) -> None:
        with self.lock:
            self.received += received


def fetch(product: Product, region: Region, way: Way | None = None, progress: Progress | None = None) -> Fetched:
    """Fetch the tiles that a region needs into the cache. Raises TerrainError with the missing ones, if some cannot be fetched."""
    way = way or Way()
    way.url(product)  # refuse a bad URL before anything else
    wanted = needed(region, product)
    there = _list(product, way, wanted)
    if product.id == "glo30":  # whose list leaves out land that is not public: only the other list distinguishes it from sea
        with contextlib.suppress(TerrainError):
            _list(PRODUCTS["glo90"], way, wanted)
    land = [tile for tile in wanted if tile in there]
    here = {tile for tile in land if is_whole(_path(product, tile))}
    job = _Job(product, way, len(land) - len(here))
    _work(job, [tile for tile in land if tile not in here], progress)
    if job.faults:
        raise TerrainError(*job.faults[:_MOST_TOLD], _what_is_there(product, region, len(land), len(here) + len(job.done)))
    _refuse_unreleased(product, wanted)
    names = tuple(tile.name(product) for tile in sorted(here))
    return Fetched(product.id, region, tuple(sorted(job.done)), names, len(wanted) - len(land), job.received)


def _work(job: _Job, missing: Sequence[Tile], progress: Progress | None) -> None:
    """Fetch with several threads, and wait for them. An interruption ends the wait at once; data received so far are kept."""
    for tile in missing:
        job.waiting.put(tile)
    crew = [threading.Thread(target=_labour, args=(job,), daemon=True) for _ in range(min(job.way.jobs, len(missing)))]
    for one in crew:
        one.start()
    try:
        while any(one.is_alive() for one in crew):
            crew[0].join(0.05)
            crew.sort(key=threading.Thread.is_alive, reverse=True)
            _tell(job, progress)
        _tell(job, progress)
    finally:
        job.stop.set()


def _tell(job: _Job, progress: Progress | None) -> None:
    if progress is not None and job.total:
        progress(f"{job.product.id}: {job.received / 1e6:.0f} MB", len(job.done), job.total)


def _labour(job: _Job) -> None:
    while not job.stop.is_set():
        try:
            tile = job.waiting.get_nowait()
        except queue.Empty:
            return
        name = tile.name(job.product)
        url = f"{job.way.url(job.product)}/{name}/{name}.tif"
        try:
            bring(url, _path(job.product, tile), job.way.patience, job.stop, job.count)
            with job.lock:
                job.done.append(name)
        except RefusedError as error:
            _note(job, f"{name}: {error}", url, "try another day, or another address with --base-url", stop=False)
        except BrokenError as error:
            if not job.stop.is_set():
                _note(job, f"{name} does not come: {error}", url, "see whether this address can be reached from here", stop=True)
        except OSError as error:
            place, fix = str(folder(job.product)), "free some space, or set CLOSEDSKY_CACHE to another folder"
            _note(job, f"tiles cannot be kept here ({error})", place, fix, stop=True)


def _note(job: _Job, what: str, where: str, fix: str, stop: bool) -> None:
    """Record a failure; with `stop`, the other tiles would fail too."""
    with job.lock:
        job.faults.append(Fault(what, where, fix))
    if stop:
        job.stop.set()


def _list(product: Product, way: Way, wanted: Sequence[Tile]) -> frozenset[Tile]:
    """The list of tiles: cached while it is recent, else from the server; an old list is used if the server does not respond."""
    path = folder(product) / LIST_FILE
    kept = parse_list(path.read_text("ascii", errors="replace"), product) if path.exists() else None
    if kept and time.time() - path.stat().st_mtime < LIST_AGE_S:
        return kept
    url = f"{way.url(product)}/{LIST_FILE}"
    try:
        text = read_text(url, way.patience)
    except (BrokenError, RefusedError) as error:
        if kept and isinstance(error, BrokenError):
            return kept
        have = sum(is_whole(_path(product, tile), thorough=False) for tile in wanted)
        raise TerrainError(
            Fault(
                f"the list of tiles cannot be fetched: {error}; {have} of the {len(wanted)} tiles of this region are in the cache",
                url,
                "go online and repeat the command, or name another address with --base-url; `world` and `flat` need none",
            )
        ) from error
    found = parse_list(text, product)
    if not found:
        raise TerrainError(Fault(f"this lists no tile of {product.title}", url, "give the folder of tileList.txt as --base-url"))
    # A tile in any list is land: a mirror of a few tiles must not turn the others into sea.
    lines = set(text.splitlines()) | (set(path.read_text("ascii", errors="replace").splitlines()) if path.exists() else set())
    _write(path, "\n".join(sorted(lines)) + "\n")
    return found


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(text, "ascii", errors="replace")
        scratch.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise TerrainError(
            Fault(f"tiles cannot be kept here ({error.strerror})", str(path.parent), "set CLOSEDSKY_CACHE to a folder of yours")
        ) from error


def _path(product: Product, tile: Tile) -> Path:
    return folder(product) / f"{tile.name(product)}.tif"


def _what_is_there(product: Product, region: Region, of: int, here: int) -> Fault:
    command = f"closedsky terrain fetch --region={region} --posting {product.posting_m}"
    return Fault(
        f"{here} of {of} tiles of {product.title} are in the cache; what has come of the others is kept",
        str(folder(product)),
        f"once the server can be reached, repeat: {command}",
    )


def _refuse_unreleased(product: Product, wanted: Sequence[Tile]) -> None:
    secret = unreleased(product, wanted)
    if secret:
        names = ", ".join(tile.name(product) for tile in secret[:3])
        raise TerrainError(
            Fault(
                f"{len(secret)} tiles of land are not public in {product.title} ({names}); the others are here",
                "terrain fetch",
                "for this region, fetch --posting 90 and use {tiles: glo90}",
            )
        )
