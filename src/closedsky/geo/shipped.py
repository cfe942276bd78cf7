"""Shipped data files: one line of JSON as header, then the body, compressed and with a checksum."""

import hashlib
import json
import zlib
from importlib.resources import files
from typing import Any

from closedsky.errors import Fault, TerrainError


def read_shipped(name: str) -> tuple[dict[str, Any], bytes]:
    """The header and the body of a shipped file."""
    try:
        packed = files("closedsky.geo").joinpath("data", name).read_bytes()
    except OSError as error:
        raise _fault(name, f"cannot be read ({error})") from error
    return unwrap(packed, name)


def wrap(header: dict[str, Any], body: bytes) -> bytes:
    """A packed file for `unwrap`; the body's checksum is added to the header."""
    told = {**header, "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n" + zlib.compress(body, 9)


def unwrap(packed: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """The header and the body of a packed file; `name` names it in errors."""
    head, _, rest = packed.partition(b"\n")
    try:
        header: dict[str, Any] = json.loads(head)
        expected = str(header["sha256"])
        body = zlib.decompress(rest)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise _fault(name, f"is damaged ({error})") from error
    if hashlib.sha256(body).hexdigest() != expected:
        raise _fault(name, "does not match its checksum")
    return header, body


def _fault(name: str, complaint: str) -> TerrainError:
    return TerrainError(Fault(f"the shipped file {name} {complaint}", "installation", "install closedsky again"))
