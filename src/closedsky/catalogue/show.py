"""The catalogue on a terminal: entries with the range, grade, sources and reason of every figure, readable at 80 columns."""

from collections.abc import Iterable, Iterator, Sequence

from closedsky.catalogue.figures import figures, uncertain, used
from closedsky.catalogue.gaps import MANY, Gap, Pillar
from closedsky.catalogue.library import Catalogue, Entry, cite
from closedsky.catalogue.words import Row, describe, grades_in_words, number
from closedsky.model.figure import Grade, Source
from closedsky.model.system import System
from closedsky.page import Column, Item, Part, Table, printed

MARKS = {
    Grade.READ: "●",
    Grade.CITED: "○",
    Grade.COMPUTED: "=",
    Grade.GIVEN: "·",
    Grade.ESTIMATE: "*",
    Grade.UNVERIFIED: "?",
    Grade.ASSUMED: "~",
}
LEGEND = "● read, ○ cited by another, = computed, * estimate, ? unverified, ~ assumed"


def render_entry(entry: Entry, catalogue: Catalogue, width: int = 80) -> str:
    """The entry as plain text, no line longer than `width`."""
    return printed(_entry(entry, catalogue), width)


def render_list(catalogue: Catalogue, width: int = 80) -> str:
    """The contents of the catalogue as plain text."""
    return printed(_list(catalogue), width)


def render_gaps(found: list[Gap], pillars: list[Pillar], catalogue: Catalogue, width: int = 80) -> str:
    """The gaps of the catalogue, and the sources on which many figures rest, as plain text."""
    return printed(_gaps(found, pillars, catalogue), width)


def _gaps(found: list[Gap], pillars: list[Pillar], catalogue: Catalogue) -> Iterator[Part]:
    """One paragraph per source on which many figures rest; one line per gap: parameter, value and range, grade, entries."""
    yield f"{len(found)} figures are assumed (~), unverified (?) or estimates (*): assumed ones first, and of those the least certain."
    yield "Spread is the high end of a range over its low end; --json has every path."
    if pillars:
        yield ""
        yield f"Sources that {MANY} figures or more name: one error there is an error in all of them."
        yield from (Item(_resting(pillar, catalogue), "-") for pillar in pillars)
    yield ""
    rows = []
    for gap in found:
        entries = list(dict.fromkeys(path.split(".")[0] for path in gap.paths))
        of = entries[0] if len(entries) == 1 else f"{len(entries)} entries"
        value, ends, spread = gap.in_words()
        rows.append([gap.parameter.strip(), value, ends, MARKS[gap.figure.grade], spread, of])
    columns = [Column("figure", "prose"), Column("value"), Column("range", "left"), Column("", "left"), Column("spread")]
    yield Table([*columns, Column("of", "left")], rows)


def _resting(pillar: Pillar, catalogue: Catalogue) -> str:
    source = catalogue.sources[pillar.source]
    named = f"{source.title}, {source.publisher}" if source.publisher else source.title
    alone = f", {len(pillar.alone)} of them no other" if pillar.alone else ""
    return f"{named} ({pillar.source}): {len(pillar.paths)} figures{alone}; of {', '.join(pillar.entries)}"


def _list(catalogue: Catalogue) -> Iterator[Part]:
    """The contents of the catalogue: one line per entry, with its number of figures that are assumed, unverified or estimates."""
    rows: list[Sequence[str] | str] = []
    for title, shelf in (("Systems", catalogue.systems), ("Threats", catalogue.threats)):
        rows += [title]
        for key in shelf:
            found = figures(shelf[key])
            rows.append([key, shelf[key].name, str(len(found)), str(len(uncertain(found)))])
        rows += [""]
    yield Table([Column("", "left"), Column("", "prose"), Column("figures"), Column("assumed")], rows)
    yield f"Assumed counts unverified figures and estimates too. Catalogue {catalogue.version}, contents {catalogue.hash}."


def _entry(entry: Entry, catalogue: Catalogue) -> Iterator[Part]:
    """An entry in full: figures by section, settings, reasons, alternative figures, sources, notes."""
    rows = describe(entry)
    sources = cite([entry], catalogue, beside=True)
    numbers = {key: number for number, (key, _, _) in enumerate(sources, 1)}
    reasons = _reasons(rows)
    counted = used(figures(entry))
    yield f"{entry.name}  ({entry.id})"
    yield entry.summary
    if isinstance(entry, System) and entry.claimed:
        yield f"A claim as a whole: {entry.claimed}"
    yield f"{counted.of} figures: {grades_in_words(counted.by_grade)}"
    yield LEGEND
    yield "Numbers are sources, letters are reasons; both stand below."
    yield _figures(entry, rows, numbers, reasons)
    if isinstance(entry, System) and entry.prices:
        yield from _list_of("What the prices buy", (Item(line, "-") for line in _scopes(entry)))
    if isinstance(entry, System):
        yield from _list_of("Settings", (Item(line, "-") for line in _settings(entry)))
    beside = _beside(rows, numbers)
    if beside:
        yield from _list_of("Figures not chosen", (Item(line, "-") for line in beside))
    if reasons:
        yield from _list_of("Reasons", (Item(why, f"{letter:>2}") for why, letter in reasons.items()))
    if entry.notes:
        yield from _list_of("Notes", (Item(note, "-") for note in entry.notes))
    if sources:
        yield from _list_of("Sources", (Item(reference(source), f"{numbers[key]:>2}") for key, source, _ in sources))


def _list_of(title: str, items: Iterable[Item]) -> Iterator[Part]:
    yield ""
    yield title
    yield from items


def reference(source: Source) -> str:
    """A source in the form of a bibliography."""
    named = ", ".join(str(part) for part in (source.title, source.publisher, source.year) if part is not None)
    note = f" ({source.note})" if source.note else ""
    address = f" {source.address}" if source.address else ""
    return f"{named}{note}.{address}"


def _heading(entry: Entry, section: str) -> str:
    if not isinstance(entry, System):
        ends = "a decoy" if entry.decoy else f"flight ends at {entry.endpoint}"
        return f"{section}: {entry.target_class}, {ends}"
    for radar in entry.radars.values():
        if section == f"Radar {radar.name}":
            band = f", {radar.band} band" if radar.band else ""
            confirm = f", a track on {radar.confirm.hits} of {radar.confirm.looks} looks"
            return f"{section}: {radar.role}{band}{confirm}"
    if section == "Fire unit":
        return f"{section}: with {entry.engagement_radar.name}"
    return section


def _figures(entry: Entry, rows: Sequence[Row], numbers: dict[str, int], reasons: dict[str, str]) -> Table:
    """Every figure, section by section: value, range, the mark of its grade, sources and reasons."""
    lines: list[Sequence[str] | str] = []
    for section in dict.fromkeys(row.section for row in rows):
        lines += ["", _heading(entry, section)]
        for row in (row for row in rows if row.section == section):
            space = "" if row.unit in ("", "°") else " "
            refs = ",".join(str(numbers[source]) for source in row.sources)
            refs = f"{refs} {reasons.get(row.why, '')}".strip()
            lines.append([f"  {row.parameter}", f"{row.value}{space}{row.unit}", row.range, MARKS[row.grade], refs])
    return Table([Column("", "prose"), Column(), Column("", "left"), Column("", "left"), Column("", "prose")], lines)


def _settings(entry: System) -> list[str]:
    unit = entry.fire_unit
    lines = ["load: " + ", ".join(f"{entry.missiles[key].name} {share:.0%}" for key, share in unit.load.items())]
    if entry.platform == "ship":
        lines.append("on a ship")
    if entry.package.sensors:
        lines.append("comes with: " + ", ".join(entry.radars[key].name for key in entry.package.sensors))
    if entry.package.command_post:
        lines.append(f"commanded by: {entry.package.command_post}")
    for target, doctrine in unit.doctrine.items():
        most = "while time and stock last" if doctrine.max_rounds is None else f"at most {doctrine.max_rounds}"
        how = "holds fire" if doctrine.hold else f"{doctrine.salvo} at once, {most}"
        lines.append(f"against {target}: {how}")
    return lines


def _scopes(entry: System) -> list[str]:
    return [f"{price.what}{f', {price.year}' if price.year else ''}: {price.scope}" for price in entry.prices.values()]


def _beside(rows: list[Row], numbers: dict[str, int]) -> list[str]:
    lines = []
    for row in rows:
        for other in row.others:
            space = "" if row.unit in ("", "°") else " "
            refs = f" [{','.join(str(numbers[source]) for source in other.source)}]" if other.source else ""
            note = f", {other.note}" if other.note else ""
            lines.append(f"{row.section}, {row.parameter.strip()}: {number(other.value)}{space}{row.unit}{note}{refs}")
    return lines


def _reasons(rows: list[Row]) -> dict[str, str]:
    """Each distinct reason with its letters: a to z, then aa, ab and so on."""
    reasons: dict[str, str] = {}
    for row in rows:
        if row.why and row.why not in reasons:
            first, second = divmod(len(reasons), 26)
            reasons[row.why] = (chr(ord("a") + first - 1) if first else "") + chr(ord("a") + second)
    return reasons
