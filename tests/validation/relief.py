"""Statistical relief beside the truth and the coarse ground, over ten areas: the rows of docs/relief.csv, and its tables on the page.

    python -m tests.validation.relief            writes docs/relief.csv and the tables of docs/relief.md; ten minutes

Every area is answered by constants fitted without its region, and its lower bound by the errors of the other regions alone.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from tests.reference.masking import (
    HEIGHTS_M,
    REGIONS,
    SITINGS,
    areas,
    error_odds,
    left_out,
    seen_over_coarse,
    seen_over_relief,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS, PAGE = DOCS / "relief.csv", DOCS / "relief.md"
SEEDS = range(101, 109)
"""Others than those of the fit."""
FIRST, LAST = "<!-- tables: python -m tests.validation.relief -->", "<!-- end of tables -->"


@dataclass(frozen=True)
class Row:
    """Share of an area seen from its sites by one rule at one height above ground, %; `low` to `high` is the bracket."""

    area: str
    siting: str
    height_m: int
    truth: float
    coarse: float
    low: float
    likely: float

    @property
    def high(self) -> float:
        """The coarse ground as it is."""
        return self.coarse

    @property
    def held(self) -> bool:
        """Whether the bracket holds the truth, to the tenth of a per cent that is printed."""
        return self.low <= self.truth <= self.high

    @property
    def error(self) -> float:
        """Logarithm of likely over truth."""
        return float(np.log(self.likely / self.truth))


def computed() -> list[Row]:
    """All rows."""
    laws, ten = left_out(), areas()
    truth = np.array([area.truth for area in ten])
    likely = np.array([seen_over_relief(area, laws[REGIONS[area.name]], SEEDS).mean(axis=0) for area in ten])
    coarse = np.array([seen_over_coarse(area) for area in ten])
    rows = []
    for i, area in enumerate(ten):
        others = [j for j, other in enumerate(ten) if REGIONS[other.name] != REGIONS[area.name]]
        factor = error_odds(truth[others], likely[others])[:, None]
        low = factor * likely[i] / (1.0 - (1.0 - factor) * likely[i])
        for s, siting in enumerate(SITINGS):
            for h, height_m in enumerate(HEIGHTS_M):
                figures = (round(100.0 * float(values[s, h]), 1) for values in (truth[i], coarse[i], low, likely[i]))
                rows.append(Row(area.name, siting, height_m, *figures))
    return rows


def written() -> list[Row]:
    """The rows of docs/relief.csv."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                row["area"],
                row["siting"],
                int(row["height_m"]),
                *(float(row[name]) for name in ("truth", "coarse", "low", "likely")),
            )
            for row in csv.DictReader(file)
        ]


def root_mean_square(rows: Iterable[Row]) -> float:
    """Of the errors."""
    return float(np.sqrt(np.mean([row.error**2 for row in rows])))


def factors() -> dict[str, float]:
    """`TENTH` by all ten areas, each answered without its region; from the rows written."""
    truth, likely = (
        np.array([getattr(row, name) / 100.0 for row in written()]).reshape(len(REGIONS), len(SITINGS), len(HEIGHTS_M))
        for name in ("truth", "likely")
    )
    return dict(zip(SITINGS, error_odds(truth, likely).tolist(), strict=True))


def tables(rows: Sequence[Row]) -> str:
    """The tables of the page."""
    lines = [
        "| sites | height | held | likely / truth, mean | error, r.m.s. of ln | bracket, high / low, mean | coarse / truth, mean |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for siting in SITINGS:
        for height_m in HEIGHTS_M:
            some = _of(rows, siting, height_m)
            wide = np.exp(np.mean([np.log(row.high / row.low) for row in some]))
            flattered = np.exp(np.mean([np.log(row.coarse / row.truth) for row in some]))
            mean = np.exp(np.mean([row.error for row in some]))
            lines.append(
                f"| {siting} | {height_m:,} m | {sum(row.held for row in some)} of {len(some)} | {mean:.2f} | "
                f"{root_mean_square(some):.2f} | {wide:.1f} | {flattered:.1f} |"
            )
    for siting in SITINGS:
        lines += [
            "",
            f"Sites {siting}, % seen: truth, **likely** (low to high, which is the coarse ground as it is); ✗ where the bracket misses.",
            "",
        ]
        lines += [
            "| area | " + " | ".join(f"{height_m:,} m" for height_m in HEIGHTS_M) + " |",
            "|---|" + "---:|" * len(HEIGHTS_M),
        ]
        for area in REGIONS:
            cells = [_cell(row) for row in rows if (row.area, row.siting) == (area, siting)]
            lines.append(f"| {area} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(rows: Iterable[Row], siting: str, height_m: int) -> list[Row]:
    return [row for row in rows if (row.siting, row.height_m) == (siting, height_m)]


def _cell(row: Row) -> str:
    miss = "" if row.held else " ✗"
    return f"{row.truth:.1f} **{row.likely:.1f}** ({row.low:.1f} to {row.high:.1f}){miss}"


def main() -> None:
    """Write both."""
    rows = computed()
    with ROWS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(FIRST)
    PAGE.write_text(f"{before}{FIRST}\n\n{tables(rows)}\n\n{LAST}{rest.split(LAST)[1]}", encoding="utf-8")
    print("TENTH by these rows:", factors())


if __name__ == "__main__":
    main()
