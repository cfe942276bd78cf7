"""The globe's files: none imports in a circle, types included; none is long."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "globe" / "src"
WRITTEN = "openapi.d.ts"
"""Made from the server's schema, as long as that is."""
MOST_LINES = 400

_IMPORTED = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.[^"']*)["']""")
"""`import … from`, `export … from`, `import "…"` and `import("…")`, of values and of types."""


def imports() -> dict[str, set[str]]:
    """File of the globe -> files of the globe that it imports."""
    table: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.ts"):
        told = _IMPORTED.findall(file.read_text(encoding="utf-8"))
        table[_name(file)] = {_name(found) for name in told if (found := _source(file.parent / name))}
    return table


def _name(file: Path) -> str:
    return file.resolve().relative_to(SOURCE).as_posix()


def _source(named: Path) -> Path | None:
    """The TypeScript that an import means; a style sheet is none."""
    if named.suffix == ".css":
        return None
    return next(file for end in (".ts", ".d.ts", "/index.ts") if (file := Path(f"{named}{end}")).is_file())


def circle(table: dict[str, set[str]]) -> list[str]:
    """Files that are left when those that import none of the rest are taken away, again and again."""
    left = {file: set(imported) for file, imported in table.items()}
    while free := [file for file, imported in left.items() if not imported & left.keys()]:
        for file in free:
            del left[file]
    return sorted(left)


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]
    assert _IMPORTED.findall(
        'import type { App } from "../app";\nimport "./x";\ntype A = import("./y").A;\nexport * from "./z";'
    ) == [
        "../app",
        "./x",
        "./y",
        "./z",
    ]


def test_no_file_of_the_globe_imports_in_a_circle() -> None:
    table = imports()
    assert {"api.ts", "state.ts"} <= table["app.ts"] | table["main.ts"], "imports are not read"
    assert circle(table) == []


def test_no_file_of_the_globe_is_long() -> None:
    long = {
        _name(file): lines
        for file in SOURCE.rglob("*.ts")
        if (lines := file.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    long.pop(WRITTEN)
    assert not long
