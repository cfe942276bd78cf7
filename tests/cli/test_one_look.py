"""Every command prints through `closedsky.page`, within 80 columns, and no word, number or cell of what it prints is broken."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from closedsky import page
from tests.claims.square import write
from tests.command import closedsky

COLUMNS = 80
FEW = ("--trials", "20", "--draws", "19")
COARSE = ("--no-relief", "--draws", "0")
BAGHDAD = "--at=33.3,44.4"
COMMANDS = [
    ("run", "first-battery", *FEW),
    ("run", "first-battery", "--trials", "20", "--luck-only"),
    ("run", "al-asad-erbil-2020", *FEW),
    ("run", "noise-and-decoys", *FEW),
    ("run", "al-asad-erbil-2020", "--variant", "pac-3-mse", "--trial", "1"),
    ("cover", "s-400", BAGHDAD, "--country", "IRQ", "--height", "100,1000", "--cell", "40000", "--asset=33.3,44.4", *COARSE),
    ("cover", "s-400", BAGHDAD, "--altitude", "1000,20000", "--cell", "40000", "--volume", "--draws", "19", "--no-relief"),
    ("cover", "close-the-sky-iraq", "--cell", "50000", *COARSE),
    ("footprint", "s-400", BAGHDAD, "--range", "300", "--from", "0,90", "--cell", "8", "--heading", "0"),
    ("footprint", "patriot-pac-3-mse", BAGHDAD, "--range", "700", "--from", "0,90", "--cell", "6", "--together", "4"),
    ("claims",),
    ("claims", "claim.yaml"),
    ("systems",),
    ("systems", "s-400"),
    ("systems", "s-300v4"),
    ("systems", "standoff-jammer"),
    ("systems", "--gaps"),
    ("check", "no-navy"),
    ("check", "al-asad-erbil-2020"),
    ("cite", "al-asad-erbil-2020"),
    ("cite", "close-the-sky-iran"),
    ("examples",),
    ("examples", "copy", "first-battery"),
    ("terrain", "info", "world"),
    ("terrain", "floor", "world", "--at=33.3,44.4", "--height", "20", "--radius", "60000", "--out", "floor.tif"),
]  # fmt: skip


def whole(part: page.Part) -> Iterator[str]:
    """What has to stand on one line each: cells of names and numbers, and elsewhere the words, numbers with their units."""
    if isinstance(part, page.Item | str):
        yield from words(part if isinstance(part, str) else part.text)
        return
    for row in part.rows:
        if isinstance(row, str):
            yield from words(row)
            continue
        for column, cell in zip(part.columns, row, strict=True):
            yield from words(cell) if column.holds == "prose" else [cell.strip()]
    for column in part.columns:
        yield from words(column.head)


def words(text: str) -> Iterable[str]:
    """Those of a text; an address may be longer than a line."""
    return [word.replace("\u00a0", " ") for word in page._BEFORE_UNIT.sub("\u00a0", text).split(" ") if len(word) < COLUMNS // 2]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_it_has_the_one_look(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 100.0, what_if=[{"title": "four tenths are enough", "at_least": 0.4}])
    laid_out = page._lines
    printed: list[tuple[page.Part, list[str]]] = []

    def recorded(part: page.Part, width: int) -> list[str]:
        printed.append((part, [line.rstrip() for line in laid_out(part, width)]))
        return printed[-1][1]

    monkeypatch.setattr(page, "_lines", recorded)
    done = closedsky(*arguments, columns=COLUMNS, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [line for _, lines in printed for line in lines], "something is printed another way"
    assert done.stdout.strip()
    assert max(map(len, done.stdout.splitlines())) <= COLUMNS
    for part, lines in printed:
        padded = [f" {' '.join(line.split())} " for line in lines]
        for one in filter(None, whole(part)):
            assert any(f" {' '.join(one.split())} " in line for line in padded), one


def test_without_a_terminal_there_are_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    from closedsky.cli.frame import terminal_width

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda _: (_ for _ in ()).throw(OSError))
    assert terminal_width() == COLUMNS
