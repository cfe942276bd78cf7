"""Standard output and standard error for any encoding and any device.

Characters that the stream's encoding lacks are written in ASCII; a device that takes no more is one OutputError, and standard error that
takes no more is ignored.
"""

import codecs
import io
import json
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import Final

from closedsky.errors import Fault, OutputError

_HANDLER: Final = "closedsky.ascii"
_STAND_INS: Final = {
    **dict.fromkeys("–—−‐‑─━═╌", "-"),  # noqa: RUF001  (dashes and lines that look like a hyphen are what this is about)
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("·•●", "*"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‘’‚′", "'"),  # noqa: RUF001
    "○": "o", "×": "x", "±": "+-", "≤": "<=", "≥": ">=", "≈": "~", "≠": "!=", "→": "->", "←": "<-", "√": "sqrt ", "∞": "inf",
    "°": " deg", "©": "(c)", "®": "(r)", "µ": "u", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L", "đ": "d",
    "∮": "integral ", "§": "section ", "█": "#", "▌": "#",
}  # fmt: skip
"""In ASCII what decomposition does not give."""
_BOX: Final = range(0x2500, 0x2580)


class _Stream(io.TextIOWrapper):
    """A stream of the process, in its own encoding. `holds_all` if that has every character.

    ASCII is told as UTF-8, and kept to here: typer takes ASCII for a mistake, and would write UTF-8 past this class.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        name = codecs.lookup(stream.encoding).name
        self.holds_all = name.startswith("utf")
        self._is_ascii = name == "ascii"
        encoding = "utf-8" if self._is_ascii else stream.encoding
        at_once = stream.line_buffering, stream.write_through
        super().__init__(stream.detach(), encoding, _HANDLER, None, *at_once)

    def write(self, text: str) -> int:
        """Write text; writing none never fails."""
        if text == "":
            return 0
        if self._is_ascii and isinstance(text, str):
            text = text.encode("ascii", _HANDLER).decode("ascii")
        try:
            return super().write(text)
        except OSError as error:
            self._fail(error)
            return len(text)

    def flush(self) -> None:
        """Write what is still held."""
        try:
            super().flush()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        """Discard the rest: Python would try to write it once more at its end. Standard error fails in silence: there is nobody to tell."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


class NoReaderError(Exception):
    """Nobody reads standard output any more; no OSError, which typer would take for its own."""


class _Output(_Stream):
    """Standard output, whose failure is an OutputError, or NoReaderError where it is a closed pipe."""

    def _fail(self, error: OSError) -> None:
        super()._fail(error)
        if isinstance(error, BrokenPipeError):
            raise NoReaderError from error
        reason = error.strerror or str(error)
        raise OutputError(
            Fault(f"it cannot be written ({reason})", "standard output", "free some space, or write elsewhere")
        ) from error


def settle() -> None:
    """Replace both streams of the process; others (a test's, a notebook's) are left alone."""
    codecs.register_error(_HANDLER, _in_ascii)
    for name, kind in (("stdout", _Output), ("stderr", _Stream)):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started the process
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (until the process ends)
        elif type(stream) is io.TextIOWrapper:
            setattr(sys, name, kind(stream))


def write_json(text: str) -> None:
    """Write JSON on standard output; characters that the encoding may lack are escaped, and no reader loses them."""
    if not getattr(sys.stdout, "holds_all", True):
        text = re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)
    sys.stdout.write(text)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """The stand-ins of characters that cannot be encoded, as `codecs.register_error` wants them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(stand_in, error.object[error.start : error.end])), error.end


def stand_in(sign: str) -> str:
    """A character in ASCII: a likeness, a name, or a question mark."""
    if sign in _STAND_INS:
        return _STAND_INS[sign]
    if ord(sign) in _BOX:
        return "+"
    plain = unicodedata.normalize("NFKD", sign)
    if plain != sign:
        return "".join(stand_in(part) if not part.isascii() else part for part in plain if not unicodedata.combining(part))
    if unicodedata.combining(sign):
        return ""
    name = unicodedata.name(sign, "").split()
    if name[:1] == ["GREEK"]:
        word = name[-1].lower()
        return word.capitalize() if "CAPITAL" in name else word
    return "?"
