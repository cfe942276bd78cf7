"""Download of one file over HTTP: resumable, verified, atomic.

It is written to NAME.part under a lock of the operating system, so that two processes do not write to one; data received are kept when a
transfer breaks off or is interrupted. It is renamed to NAME once its size, its ETag (if that is an MD5) and its first bytes are right; a
JSON record beside it has size, sha256, ETag and URL.
"""

import contextlib
import hashlib
import http.client
import json
import os
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from closedsky.geo.terrain.tiles import is_whole

try:
    import fcntl
except ImportError:  # no such locks on this system: one process at a time there
    fcntl = None  # type: ignore[assignment]

_CHUNK: Final = 1 << 18
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_AGENT: Final = "closedsky"


class BrokenError(Exception):
    """A transfer that broke off: data received are kept, and a retry may resume."""


class RefusedError(Exception):
    """A response that a retry would not change."""


@dataclass(frozen=True)
class Patience:
    """Timeout of a response, number of tries without progress, and the first pause; each pause is twice the last."""

    timeout_s: float = 30.0
    tries: int = 5
    pause_s: float = 1.0


def bring(url: str, path: Path, patience: Patience, stop: threading.Event, received: Callable[[int], None]) -> None:
    """Download one GeoTIFF to a file: retry until it is complete, as long as tries make progress.

    Raises BrokenError with the last reason, RefusedError, or OSError if it cannot be stored. `received` is called with the bytes received.
    """
    with _held(path, stop) as part:
        if is_whole(path):  # another process was quicker
            return
        idle = 0
        while not stop.is_set():
            before = part.seek(0, os.SEEK_END)
            try:
                _keep(path, _transfer(url, part, path, patience.timeout_s, stop, received))
                return
            except BrokenError:
                idle = 0 if part.seek(0, os.SEEK_END) > before else idle + 1
                if idle >= patience.tries:
                    raise
            if idle:
                stop.wait(patience.pause_s * 2.0 ** (idle - 1))
    raise BrokenError("interrupted")


def read_text(url: str, patience: Patience) -> str:
    """A short ASCII text."""
    for attempt in range(1, patience.tries + 1):
        try:
            with _answer(url, 0, "", patience.timeout_s) as answer:
                raw = answer.read()
            return str(raw.decode("ascii", errors="replace"))
        except BrokenError:
            if attempt == patience.tries:
                raise
        time.sleep(patience.pause_s * 2.0 ** (attempt - 1))
    raise BrokenError("no try was made")


def part_of(path: Path) -> Path:
    """Name of a file during its download."""
    return path.with_name(path.name + ".part")


def _transfer(
    url: str, part: IO[bytes], path: Path, timeout_s: float, stop: threading.Event, received: Callable[[int], None]
) -> dict[str, Any]:
    """Resume a partial file to its end, and verify it."""
    have = part.seek(0, os.SEEK_END)
    tag_file = path.with_suffix(".tag")
    tag = tag_file.read_text("utf-8") if have and tag_file.exists() else ""
    with _answer(url, have, tag, timeout_s) as answer:
        if answer.status == 416:  # nothing beyond what we have: it is complete, or another file
            if (answer.headers.get("Content-Range") or "").endswith(f"*/{have}"):
                return _judge(part, url, tag, have)
            part.truncate(0)
            raise BrokenError("the server has a file of another size")
        begin = _begin(answer, have)
        part.truncate(begin)
        length = answer.headers.get("Content-Length")
        size = begin + int(length) if length and length.isdigit() else None
        tag = (answer.headers.get("ETag") or "").strip()
        tag_file.write_text(tag, "utf-8")
        _pour(answer, part, stop, received)
    found = part.seek(0, os.SEEK_END)
    if size is not None and found != size:
        raise BrokenError(f"{found:,} of {size:,} bytes came")
    return _judge(part, url, tag, found)


@contextlib.contextmanager
def _answer(url: str, have: int, tag: str, timeout_s: float) -> Iterator[Any]:
    """The server's response, from byte `have` on if it is still the same file; status 416 if there is nothing there."""
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
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
            raise BrokenError(f"the server answers {error.code} {error.reason}") from error
        else:
            raise RefusedError(f"the server answers {error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
        raise BrokenError(_reason(error)) from error


def _begin(answer: Any, have: int) -> int:
    """Byte at which a response begins: a server may ignore the range and send the whole file."""
    if answer.status != 206:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    if found is None or int(found[1]) > have:
        raise RefusedError("the server answers with another part than it was asked for")
    return int(found[1])


def _pour(answer: Any, part: IO[bytes], stop: threading.Event, received: Callable[[int], None]) -> None:
    while not stop.is_set():
        chunk = answer.read1(_CHUNK)
        if not chunk:
            return
        part.write(chunk)
        part.flush()
        received(len(chunk))
    raise BrokenError("interrupted")


def _judge(part: IO[bytes], url: str, tag: str, size: int) -> dict[str, Any]:
    """The record of a complete file; if it is not what the server meant to send, it is deleted and BrokenError raised."""
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
        raise BrokenError(fault)
    return {"url": url, "size": size, "etag": tag.strip('"'), "sha256": sha.hexdigest()}


def _keep(path: Path, record: dict[str, Any]) -> None:
    """Rename the part to the file. The record is written first: alone it has no effect, and the part still exists."""
    note = path.with_suffix(f".json-{os.getpid()}")
    note.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    note.replace(path.with_suffix(".json"))
    part_of(path).replace(path)
    path.with_suffix(".tag").unlink(missing_ok=True)


# ---------------------------------------------------------------- one writer at a time


@contextlib.contextmanager
def _held(path: Path, stop: threading.Event) -> Iterator[IO[bytes]]:
    """The part of a file, open and locked by this process; waits while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while not stop.is_set():
        with part_of(path).open("ab+") as part:
            if _locked(part) and _is_still(part, part_of(path)):
                try:
                    yield part
                finally:
                    if part.seek(0, os.SEEK_END) == 0 and _is_still(part, part_of(path)):
                        part_of(path).unlink()
                return
        stop.wait(0.1)
    raise BrokenError("interrupted")


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
    """Whether an open file still has that name: another process may have completed and renamed it."""
    try:
        return os.path.samestat(os.fstat(part.fileno()), path.stat())
    except OSError:
        return False


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "the server does not answer in time"
    if isinstance(cause, http.client.IncompleteRead):
        return "it broke off"
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__
