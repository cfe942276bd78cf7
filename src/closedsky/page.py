"""The one look of what commands print: paragraphs, items and tables as plain text, no line of it wider than the terminal.

A line breaks between words, and never between a number and its unit. Where a table is too wide its headings break first, then the cells
of columns that hold prose; columns that still find no room follow below, beside the first column once more.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

NOTHING: Final = "–"
"""What stands for a share of nothing, and for what there is none of."""
_GAP: Final = 2
_GLUE: Final = "\u00a0"
_BEFORE_UNIT: Final = re.compile(r" (?=±)|(?<=±) |(?<=\d) (?=[%°×]|(?:k?m[²³]?|m/s|s|h|dB|MHz|GHz|MB|kg|million)\b)")


class Column(NamedTuple):
    """A column: its heading, and whether it holds numbers (`right`), names (`left`) or text that may run over several lines (`prose`)."""

    head: str = ""
    holds: Literal["right", "left", "prose"] = "right"


@dataclass(frozen=True)
class Table:
    """Columns, and rows of one cell each; a row that is one text runs across all of them, as the heading of those below it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str] | str]


@dataclass(frozen=True)
class Item:
    """A paragraph with a mark before it, set in as far as the mark is wide."""

    text: str
    mark: str = "·"


Part = str | Item | Table


def printed(parts: Iterable[Part], width: int) -> str:
    """The parts one below the other, no line longer than `width`; an empty text is an empty line."""
    lines = (line.rstrip() for part in parts for line in _lines(part, width))
    return "".join(f"{line}\n" for line in lines)


def _lines(part: Part, width: int) -> Iterable[str]:
    if isinstance(part, Table):
        return _table(part, width)
    if isinstance(part, Item):
        indent = len(part.mark) + 1
        body = _wrapped(part.text, width - indent)
        return [f"{part.mark if n == 0 else '':<{indent}}{line}" for n, line in enumerate(body)]
    return _wrapped(part, width)


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines; spaces before it are kept."""
    flat = " ".join(text.split())
    indent = text[: len(text) - len(text.lstrip(" "))]
    room = max(width - len(indent), 1)
    words = (piece for word in _BEFORE_UNIT.sub(_GLUE, flat).split(" ") for piece in _pieces(word, room))
    lines = textwrap.wrap(" ".join(words), room, break_on_hyphens=False)
    return [indent + line.replace(_GLUE, " ") for line in lines] or [""]


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word, or if there is no room for it on a line, such as an address, its parts: each ends in a stroke, a dot or a dash."""
    while len(word) > room:
        cut = max(word.rfind(sign, 0, room) for sign in "/.-_?&=") + 1 or room
        yield word[:cut]
        word = word[cut:]
    yield word


# ---------------------------------------------------------------- tables


def _table(table: Table, width: int) -> Iterator[str]:
    """The table, in as many blocks as it takes."""
    cells = [row for row in table.rows if not isinstance(row, str)]
    natural = [max((len(row[n]) for row in cells), default=0) for n in range(len(table.columns))]
    least = [max(_longest_word(column.head), natural[n]) for n, column in enumerate(table.columns)]
    for n, column in enumerate(table.columns):
        if column.holds == "prose":
            least[n] = max(_longest_word(text) for text in (column.head, *(row[n] for row in cells)))
    blocks: list[list[int]] = [[0]]
    for n in range(1, len(table.columns)):
        if len(blocks[-1]) > 1 and sum(least[k] + _GAP for k in (*blocks[-1], n)) - _GAP > width:
            blocks.append([0])
        blocks[-1].append(n)
    for place, block in enumerate(blocks):
        if place:
            yield ""
        yield from _block(table, block, _widths(table, block, natural, least, width), width)


def _longest_word(text: str) -> int:
    """Length of the longest part of a text that stays on one line, with the spaces before the text."""
    return max(map(len, _BEFORE_UNIT.sub(_GLUE, text.strip()).split(" "))) + len(text) - len(text.lstrip(" "))


def _widths(table: Table, block: list[int], natural: list[int], least: list[int], width: int) -> dict[int, int]:
    """How wide the columns of a block are: what room is left goes to prose, then to headings."""
    widths = {n: least[n] for n in block}
    spare = width - sum(widths.values()) - _GAP * (len(block) - 1)
    for whole in (natural, [len(column.head) for column in table.columns]):
        for n in block:
            more = max(min(whole[n] - widths[n], spare), 0)
            widths[n] += more
            spare -= more
    for n in block:  # a heading that breaks all the same needs no more than its longest line
        widths[n] = max(min(widths[n], natural[n]), *map(len, _wrapped(table.columns[n].head, widths[n])))
    while sum(widths.values()) + _GAP * (len(block) - 1) > width and max(widths.values()) > 1:  # an address, or a narrow terminal
        widths[max(block, key=lambda n: widths[n])] -= 1
    return widths


def _block(table: Table, block: list[int], widths: dict[int, int], width: int) -> Iterator[str]:
    heads = {n: _wrapped(table.columns[n].head, widths[n]) for n in block}
    if any(heads[n] != [""] for n in block):
        deepest = max(map(len, heads.values()))
        yield from _across(table, widths, {n: [""] * (deepest - len(lines)) + lines for n, lines in heads.items()})
    for row in table.rows:
        if isinstance(row, str):
            yield from _wrapped(row, width)
        elif any(row[n] for n in block[1:]) or len(block) == 1 or not any(row[1:]):
            yield from _across(table, widths, {n: _wrapped(row[n], widths[n]) for n in block})


def _across(table: Table, widths: dict[int, int], cells: dict[int, list[str]]) -> Iterator[str]:
    """One row of a block, as many lines as its longest cell has."""
    for depth in range(max(map(len, cells.values()))):
        line = []
        for n, lines in cells.items():
            text = lines[depth] if depth < len(lines) else ""
            line.append(text.rjust(widths[n]) if table.columns[n].holds == "right" else text.ljust(widths[n]))
        yield (" " * _GAP).join(line)
