"""Reads the tables of this folder.

Column `basis`: retrieved (read at the source), computed (from the formula the source names, outside this package),
unverified (known, source not opened; anchors nothing).
"""

import csv
from pathlib import Path


def rows(name: str) -> list[dict[str, str]]:
    """Rows of one table, in which every row must name its source and a basis that can anchor a test."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert table
    for row in table:
        assert row["source"], row
        assert row["basis"] in {"retrieved", "computed"}, row
    return table
