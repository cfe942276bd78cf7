"""The validation page: the rows of the book as a reader wants them."""

from collections.abc import Iterable
from itertools import groupby

from tests.validation.book import PARTS, Row

LONGEST = 12
OPENING = """# Validation

Each table holds closedsky against an authority outside it: what the authority says, what closedsky says, the difference, the tolerance
that a test asserts, and the same figure by a second, independent path (another library, a numerical solution, a derivation in the test's
docstring), which must agree as well. A long series is given by its worst row; every row, with its source and the test that asserts it, is
in [validation.csv](validation.csv). `make docs` writes both from the tests, and the tests fail where they are out of date.

**Not validated.** There are no combat data here. Kill probabilities, ranges, reaction times and other figures of systems and threats are
claims of their makers or estimates of others: nothing on this page says that they are true, and an answer is no better than they are. How
crews decide, how often a unit is ready, what jamming and decoys do to a particular radar is assumed, not measured. What is shown is that
the mathematics between a claim and an answer is right. A row in standard errors is statistical, with a fixed seed: with another, each
would be beyond its four once in some sixteen thousand times by chance.

What coarse terrain hides, and the statistical relief that stands in for it, against ten areas of real land, misses included:
[relief.md](relief.md).
"""

HEADINGS = {
    "radar equation": "Radar equation",
    "Pd": "Probability of detection",
    "gas loss": "Loss in air",
    "horizon": "Radar horizon",
    "floor": "Line of sight over terrain",
    "air": "Standard air",
    "trajectories": "Ballistic trajectories",
    "salvo, shoot-look-shoot": "Salvo, and shoot-look-shoot",
    "channels": "Channels as servers of a queue",
    "one barrage": "One barrage",
    "closed sky": "The closed sky",
}
NOTES = {
    "floor": "On the bilinear surface between the posts of the grid. The altitude from which a target is seen, found by halving from the "
    "kernel's yes and no. Rays are sampled every half posting, 2 km at most: a crest between two samples is missed by its slope times half "
    "their distance, and the tolerances are that. Rows in UTM or degrees, of fractal land and of the distance at which a target is lost "
    "are of the floor of a whole raster instead: closed forms to 0.1 m + 0.1 % of the height above ground, and on fractal land 95 % of "
    "nodes within 3 m of exact profiles, 99 % within 6 m ([how true it is](floor.md)).",
    "salvo, shoot-look-shoot": "Rows in standard errors are outcomes of the public `run`: the share of trials, against the formula.",
    "channels": "Outcomes of the public `run` alone, with Poisson-timed threats: fire units as servers, threats that cannot wait "
    "(Erlang's loss system) or wait a fixed time (M/M/c with deterministic patience). Ours is above Barrer's by 0.1 to 1.1 %: a threat "
    "that waited is locked at the next cued look, which lengthens its service and takes off its patience; by the formula itself that "
    "accounts for 0.3 to 0.7 %.",
    "closed sky": "How far from one unit over a level sphere a threat that comes straight in can first have been met: the mean of north, "
    "east, south and west on a map of `closedsky cover`, read off to half a cell ([the rule](cover.md)).",
    "one barrage": "W threats at once, n rounds for each, channels for all; outcomes of the public `run`.",
}


def page(rows: Iterable[Row]) -> str:
    """The whole page."""
    sections = [OPENING]
    by_part = {part: list(group) for part, group in groupby(rows, key=lambda row: row.part)}
    sections += [_section(part, by_part[part]) for part in PARTS if part in by_part]
    return "\n".join(sections)


def _section(part: str, rows: list[Row]) -> str:
    lines = [f"## {HEADINGS[part]}", ""]
    if part in NOTES:
        lines += [NOTES[part], ""]
    lines += [
        "| authority | quantity | theirs | ours | difference | tolerance | second path |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    sources: dict[str, list[str]] = {}
    for authority, found in groupby(rows, key=lambda row: row.authority):
        group = list(found)
        lines += _summary(group) if len(group) > LONGEST else [_line(row, row.quantity) for row in group]
        sources[authority] = list(dict.fromkeys(row.source for row in group))
    lines += ["", *(f"- {authority}: {'; '.join(named)}" for authority, named in sources.items()), ""]
    return "\n".join(lines)


def _summary(group: list[Row]) -> list[str]:
    worst = max(group, key=lambda row: (float(row.used), row.quantity))
    return [_line(worst, f"worst of {len(group)}: {worst.quantity}")]


def _line(row: Row, quantity: str) -> str:
    unit = f" {row.unit}" if row.unit else ""
    apart = row.difference if row.tolerance.endswith("errors") else f"{row.difference}{unit}"
    tolerance = row.tolerance if " " in row.tolerance else f"{row.tolerance}{unit}"
    cells = (
        row.authority, quantity, f"{row.theirs}{unit}", f"{row.ours}{unit}", apart, tolerance, f"{row.second_path}: {row.second}{unit}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"
