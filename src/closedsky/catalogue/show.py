"""The catalogue on a terminal: entries with the range, grade, sources and reason of every figure, readable at 80 columns."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from closedsky.catalogue.gaps import MANY, Gap, Pillar
from closedsky.catalogue.library import Catalogue, Entry, cite, figures, uncertain, used
from closedsky.catalogue.words import Row, describe, grades_in_words, number
from closedsky.model.figure import UNCERTAIN, Grade, Source
from closedsky.model.system import System

MARKS = {
    Grade.READ: "●",
    Grade.CITED: "○",
    Grade.COMPUTED: "=",
    Grade.GIVEN: "·",
    Grade.ESTIMATE: "*",
    Grade.UNVERIFIED: "?",
    Grade.ASSUMED: "~",
}
LEGEND = "● read   ○ cited by another   = computed   * estimate   ? unverified   ~ assumed"


def render_entry(entry: Entry, catalogue: Catalogue, width: int = 80) -> str:
    """The entry as plain text, no line longer than `width`."""
    return _text(entry_page(entry, catalogue), width)


def render_list(catalogue: Catalogue, width: int = 80) -> str:
    """The contents of the catalogue as plain text."""
    return _text(list_page(catalogue), width)


def render_gaps(found: list[Gap], pillars: list[Pillar], catalogue: Catalogue, width: int = 80) -> str:
    """The gaps of the catalogue, and the sources on which many figures rest, as plain text."""
    return _text(gaps_page(found, pillars, catalogue), width)


def gaps_page(found: list[Gap], pillars: list[Pillar], catalogue: Catalogue) -> RenderableType:
    """One paragraph per source on which many figures rest; one line per gap: parameter, value and range, grade, entries."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", expand=True)
    table.add_column("figure", ratio=1, overflow="fold")
    table.add_column("value", justify="right", width=11, overflow="fold")
    table.add_column("range", width=15, overflow="fold")
    table.add_column("", width=1)
    table.add_column("spread", justify="right", width=7)
    table.add_column("of", width=18, overflow="fold")
    for gap in found:
        entries = list(dict.fromkeys(path.split(".")[0] for path in gap.paths))
        of = entries[0] if len(entries) == 1 else f"{len(entries)} entries"
        value, ends, spread = gap.in_words()
        table.add_row(gap.parameter.strip(), value, ends, MARKS[gap.figure.grade], spread, Text(of, style="dim"))
    head = f"{len(found)} figures are assumed (~), unverified (?) or estimates (*): assumed ones first, and of those the least certain."
    parts: list[RenderableType] = [
        Text(head),
        Text("Spread is the high end of a range over its low end; --json has every path.", style="dim"),
    ]
    if pillars:
        parts += [Text(), Text(f"Sources that {MANY} figures or more name: one error there is an error in all of them.")]
        parts += [_item("-", _resting(pillar, catalogue)) for pillar in pillars]
    return Group(*parts, Text(), table)


def _resting(pillar: Pillar, catalogue: Catalogue) -> str:
    source = catalogue.sources[pillar.source]
    named = f"{source.title}, {source.publisher}" if source.publisher else source.title
    alone = f", {len(pillar.alone)} of them no other" if pillar.alone else ""
    return f"{named} ({pillar.source}): {len(pillar.paths)} figures{alone}; of {', '.join(pillar.entries)}"


def list_page(catalogue: Catalogue) -> RenderableType:
    """The contents of the catalogue: one line per entry, with its number of figures that are assumed, unverified or estimates."""
    parts: list[RenderableType] = []
    for title, shelf in (("Systems", catalogue.systems), ("Threats", catalogue.threats)):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left", header_style="bold")
        table.add_column(title, no_wrap=True)
        table.add_column("", ratio=1)
        table.add_column("figures", justify="right", no_wrap=True)
        table.add_column("assumed", justify="right", no_wrap=True)
        for key in shelf:
            found = figures(shelf[key])
            table.add_row(key, shelf[key].name, str(len(found)), str(len(uncertain(found))))
        parts += [table, Text()]
    parts.append(
        Text(
            f"Assumed counts unverified figures and estimates too. Catalogue {catalogue.version}, contents {catalogue.hash}.",
            style="dim",
        )
    )
    return Group(*parts)


def entry_page(entry: Entry, catalogue: Catalogue) -> RenderableType:
    """An entry in full: figures by section, settings, reasons, alternative figures, sources, notes."""
    rows = describe(entry)
    sources = cite([entry], catalogue, beside=True)
    numbers = {key: number for number, (key, _, _) in enumerate(sources, 1)}
    reasons = _reasons(rows)
    counted = used(figures(entry))
    parts: list[RenderableType] = [
        Text(f"{entry.name}  ({entry.id})", style="bold"),
        Text(entry.summary),
        *([Text(f"A claim as a whole: {entry.claimed}", style="bold")] if isinstance(entry, System) and entry.claimed else []),
        Text(f"{counted.of} figures: {grades_in_words(counted.by_grade)}", style="dim"),
        Text(LEGEND, style="dim"),
        Text("Numbers are sources, letters are reasons; both stand below.", style="dim"),
    ]
    for section in dict.fromkeys(row.section for row in rows):
        parts += [Text(), _heading(entry, section), _figures((row for row in rows if row.section == section), numbers, reasons)]
    if isinstance(entry, System) and entry.prices:
        parts += [Text(), Text("What the prices buy", style="bold"), *(_item("-", line) for line in _scopes(entry))]
    if isinstance(entry, System):
        parts += [Text(), Text("Settings", style="bold"), *(_item("-", line) for line in _settings(entry))]
    beside = _beside(rows, numbers)
    if beside:
        parts += [Text(), Text("Figures not chosen", style="bold"), *(_item("-", line) for line in beside)]
    if reasons:
        parts += [Text(), Text("Reasons", style="bold"), *(_item(letter, why) for why, letter in reasons.items())]
    if entry.notes:
        parts += [Text(), Text("Notes", style="bold"), *(_item("-", note) for note in entry.notes)]
    if sources:
        parts += [Text(), Text("Sources", style="bold")]
        parts += [_item(str(numbers[key]), reference(source)) for key, source, _ in sources]
    return Group(*parts)


def reference(source: Source) -> str:
    """A source in the form of a bibliography."""
    named = ", ".join(str(part) for part in (source.title, source.publisher, source.year) if part is not None)
    note = f" ({source.note})" if source.note else ""
    address = f" {source.address}" if source.address else ""
    return f"{named}{note}.{address}"


def _heading(entry: Entry, section: str) -> Text:
    heading = Text(section, style="bold")
    if not isinstance(entry, System):
        ends = "a decoy" if entry.decoy else f"flight ends at {entry.endpoint}"
        return heading.append(f": {entry.target_class}, {ends}", style="not bold")
    for radar in entry.radars.values():
        if section == f"Radar {radar.name}":
            band = f", {radar.band} band" if radar.band else ""
            confirm = f", a track on {radar.confirm.hits} of {radar.confirm.looks} looks"
            heading.append(f": {radar.role}{band}{confirm}", style="not bold")
    if section == "Fire unit":
        heading.append(f": with {entry.engagement_radar.name}", style="not bold")
    return heading


def _figures(rows: Iterable[Row], numbers: dict[str, int], reasons: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False, expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", width=11, overflow="fold")
    table.add_column(width=15, overflow="fold")
    table.add_column(width=1)
    table.add_column(width=12, overflow="fold")
    for row in rows:
        space = "" if row.unit in ("", "°") else " "
        style = "yellow" if row.grade in UNCERTAIN else ""
        refs = ",".join(str(numbers[source]) for source in row.sources)
        refs = f"{refs} {reasons.get(row.why, '')}".strip()
        table.add_row(
            Text(f"  {row.parameter}"),
            Text(f"{row.value}{space}{row.unit}"),
            Text(row.range, style="dim"),
            Text(MARKS[row.grade], style=style),
            Text(refs, style="dim"),
        )
    return table


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


def _item(mark: str, text: str) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False, expand=True)
    table.add_column(width=2, justify="right")
    table.add_column(ratio=1, overflow="fold")
    table.add_row(Text(mark), Text(text))
    return Padding(table, (0, 0, 0, 1))


def _text(page: RenderableType, width: int) -> str:
    out = StringIO()
    Console(file=out, width=width, no_color=True, force_terminal=False, highlight=False, markup=False, emoji=False).print(page)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
