"""The coverage answer as text for a terminal, from the answer alone."""

from collections.abc import Iterable, Iterator, Sequence

from closedsky.catalogue.words import grades_in_words, uncertain_in_words
from closedsky.coverage.worst import MOST
from closedsky.model.sky import Bracket, DrawsUsed, LevelAnswer, Rose, SkyAnswer, SkyAnswers
from closedsky.page import NOTHING, Column, Item, Part, Table, printed

_KINDS = {"aircraft": "aircraft", "cruise": "cruise missile", "drone": "drone"}


_SEEN = {"tracked": "tracked", "engageable": "engageable", "closed": "closed"}
_BESIDE = {"coarse_closed": "closed on coarse terrain", "closed_staring": "closed, staring", "behind_fence": "behind the fence"}
"""Measures of a level, and the heads of their columns: those of the first table, and what stands beside closed in the second."""


def render_skies(answers: SkyAnswers, title: str, terrain_label: str, width: int = 80, credits: Sequence[str] = ()) -> str:
    """The answer as plain text, no line longer than `width`, with the attributions that its data require."""
    page = _page if len(answers.variants) == 1 else _variants
    return printed(page(answers.variants, title, terrain_label, credits), width)


def target_line(answer: SkyAnswer) -> str:
    """The target, the number of threats, and the definition of closed."""
    target = answer.target
    each = "a threat" if answer.together == 1 else f"each of {answer.together} threats together"
    chances = "one firing opportunity" if answer.opportunities == 1 else f"{answer.opportunities} firing opportunities"
    way = answer.headings if answer.levels[0].headings == 1 else "on the worst heading"
    return f"{_KINDS[target.kind]} of {target.rcs_m2:g} m² at {target.speed_mps:g} m/s; closed: {chances} at {each}, {way}"


def level_words(answer: SkyAnswer, level: LevelAnswer) -> str:
    """A height or an altitude in words."""
    kilometres = level.level_m >= 1000.0 and level.level_m % 1000.0 == 0.0
    words = f"{level.level_m / 1000.0:g} km" if kilometres else f"{level.level_m:g} m"
    return words + (" above sea" if answer.above == "sea" else "")


def share_words(share: Bracket | None, digits: int = 1) -> str:
    """A share with its range, per cent; empty without a share."""
    if share is None:
        return ""
    likely, low, high = (f"{100 * value:.{digits}f}" for value in (share.likely, share.low, share.high))
    return f"{likely} % ({low}–{high})"


def _heading(answer: SkyAnswer, title: str) -> str:
    area = answer.area
    over = f", of {area.name} ({area.km2:,.0f} km²)" if area is not None else ""
    return f"{title}: the sky that is closed{over}"


def _variants(answers: Sequence[SkyAnswer], title: str, terrain_label: str, credits: Sequence[str]) -> Iterator[Part]:
    """A comparison of variants: the share or area closed at each level, and within the brochure circles."""
    first = answers[0]
    yield _heading(first, title)
    targets = {target_line(one): one.variant for one in answers}
    yield target_line(first)
    for line, variant in targets.items():
        if line != target_line(first):
            yield f"{variant}: {line}"
    yield ""
    levels = dict.fromkeys(level.level_m for one in answers for level in one.levels)
    rows = []
    for one in answers:
        found = {level.level_m: _closed_words(level) for level in one.levels}
        circle = f"{one.circles_km2:,.0f} km²" if one.circles_share is None else f"{100 * one.circles_share:.0f} %"
        rows.append([one.variant, str(len(one.circles)), *(found.get(level_m, "") for level_m in levels), circle])
    heads = "units", *(f"{level_m:,g} m" for level_m in levels), "circles"
    yield Table([Column("", "left"), *map(Column, heads)], rows)
    yield ""
    for one in answers:
        if one.draws is not None:
            words = ((f"{level.level_m:,g} m", *over_draws_words(one, level)) for level in one.levels)
            brackets = "; ".join(f"{height} {bracket} (coarse cells {more})" for height, bracket, _, more in words)
            yield Item(f"{one.variant}, closed in 5 to 95 % of {one.draws.count} draws: {brackets}.")
    for text in dict.fromkeys(text for one in answers for text in one.warnings):
        yield Item(text, "!")
    yield from _footing(first, terrain_label)
    for text in credits:
        yield Item(text)


def _closed_words(level: LevelAnswer) -> str:
    if level.closed_share is None:
        return _km2_words(level.closed_km2, " km²")
    likely, low, high = (
        f"{100 * value:.0f}" for value in (level.closed_share.likely, level.closed_share.low, level.closed_share.high)
    )
    return f"{likely} % ({low}–{high})"


def _page(answers: Sequence[SkyAnswer], title: str, terrain_label: str, credits: Sequence[str]) -> Iterator[Part]:
    answer = answers[0]
    yield _heading(answer, title)
    yield target_line(answer)
    yield ""
    yield _table(answer)
    yield ""
    yield _beside(answer)
    yield ""
    if answer.draws is not None:
        yield _over_draws(answer, answer.draws)
        yield ""
    for rose in answer.roses:
        yield from _rose(answer, rose)
        yield ""
    if answer.volume is not None:
        volume = answer.volume
        yield Item(
            f"Closed volume up to {volume.ceiling_m / 1000:g} km: {volume.closed_km3.likely / 1e6:.2f} of {volume.circles_km3 / 1e6:.2f} "
            f"million km³ within the brochure circles, {share_words(volume.ratio, 0) if volume.circles_km3 > 0.0 else NOTHING}."
        )
    for text in answer.warnings:
        yield Item(text, "!")
    yield from _footing(answer, terrain_label)
    if answer.draws is not None:
        yield from _carriers(answer, answer.draws)
    for text in credits:
        yield Item(text)


def _over_draws(answer: SkyAnswer, draws: DrawsUsed) -> Table:
    """What is closed over the outer draws, level by level, and what their coarse cells add to the likely answer."""
    heads = f"closed, 5 to 95 % of {draws.count} draws", "median", "coarse cells"
    rows = [(f"{level.level_m:,g} m", *over_draws_words(answer, level)) for level in answer.levels]
    return Table([Column("altitude" if answer.above == "sea" else "height", "left"), *map(Column, heads)], rows)


def over_draws_words(answer: SkyAnswer, level: LevelAnswer) -> tuple[str, str, str]:
    """The bracket over the outer draws, their median, and what coarse cells add to the likely answer; empty without draws."""
    over = level.closed_over_draws
    if over is None:
        return "", "", ""
    low, high = over.bracket90
    if answer.area is None:
        return f"{low:,.0f}–{high:,.0f} km²", f"{over.median:,.0f} km²", f"{round(over.coarsening) + 0.0:+,.0f} km²"
    return (
        f"{100 * low:.1f}–{100 * high:.1f} %",
        f"{100 * over.median:.1f} %",
        f"{round(100 * over.coarsening, 1) + 0.0:+.1f} points",
    )


def _table(answer: SkyAnswer) -> Table:
    """What is tracked, engageable and closed, level by level, and within the brochure circles."""
    heads = [*_SEEN.values(), *(["closed, km²"] if answer.area is not None else [])]
    under = any(level.underground_share > 0.0 for level in answer.levels)
    rows = []
    for level in answer.levels:
        row = [f"{level.level_m:,g} m", *_measured(answer, level, _SEEN)]
        if answer.area is not None:
            open_km2 = answer.area.km2 * (1.0 - level.underground_share)
            row.append(f"{open_km2 * level.closed_share.likely:,.0f}" if level.closed_share is not None else "")
        rows.append([*row, *([f"{100 * level.underground_share:.1f} %"] if under else [])])
    row = ["brochure circles" if len(answer.circles) > 1 else "brochure circle", "", ""]
    if answer.area is None or answer.circles_share is None:
        row.append(f"{answer.circles_km2:,.0f} km²")
    else:
        row += [f"{100 * answer.circles_share:.1f} %", f"{answer.circles_share * answer.area.km2:,.0f}"]
    heads += ["underground"] if under else []
    return _by_level(answer, heads, [*rows, [*row, *[""] * (len(heads) + 1 - len(row))]])


def _beside(answer: SkyAnswer) -> Table:
    """What stands beside closed: without relief, in one sector, and what is only behind the fence."""
    names = {name: head for name, head in _BESIDE.items() if any(getattr(level, f"{name}_km2") for level in answer.levels)}
    rows = [[f"{level.level_m:,g} m", *_measured(answer, level, names)] for level in answer.levels]
    return _by_level(answer, names.values(), rows)


def _by_level(answer: SkyAnswer, heads: Iterable[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table([Column("altitude" if answer.above == "sea" else "height", "left"), *map(Column, heads)], rows)


def _measured(answer: SkyAnswer, level: LevelAnswer, names: Iterable[str]) -> list[str]:
    """Measures of a level with their ranges: shares of the area, or areas without one."""
    if level.underground_share >= 1.0:
        return [NOTHING for _ in names]
    if answer.area is None:
        return [_km2_words(getattr(level, f"{name}_km2"), " km²") for name in names]
    return [share_words(getattr(level, f"{name}_share")) for name in names]


def _rose(answer: SkyAnswer, rose: Rose) -> Iterator[Part]:
    """The protection of an asset: the weakest direction and the mean, for each level and raid size."""
    yield f"Approaches to {rose.asset}"
    heads = ("together", "opportunities: fewest", "from", "mean", "leakage: greatest", "mean")
    rows = []
    for approach in rose.approaches:
        worst = max(range(len(rose.azimuths_deg)), key=lambda n: (approach.leakage[n].likely, -approach.opportunities[n]))
        mean = sum(approach.opportunities) / len(approach.opportunities)
        leaks = {end: [getattr(one, end) for one in approach.leakage] for end in ("low", "likely", "high")}
        greatest = Bracket(**{end: max(values) for end, values in leaks.items()})
        average = Bracket(**{end: sum(values) / len(values) for end, values in leaks.items()})
        rows.append(
            [
                f"{approach.level_m:,g} m", str(approach.together), str(min(approach.opportunities)),
                f"{rose.azimuths_deg[worst]:03.0f}°", f"{mean:.1f}", _leakage_words(greatest), _leakage_words(average),
            ]
        )  # fmt: skip
    yield _by_level(answer, heads, rows)


def _leakage_words(leakage: Bracket) -> str:
    """Leakage with its range; the end `low`, which favours the attacker, is the greater number."""
    return f"{100 * leakage.likely:.0f} % ({100 * leakage.low:.0f}–{100 * leakage.high:.0f})"


def _km2_words(area: Bracket, unit: str) -> str:
    return f"{area.likely:,.0f}{unit} ({area.low:,.0f}–{area.high:,.0f})"


def _footing(answer: SkyAnswer, terrain_label: str) -> Iterator[Part]:
    named = dict.fromkeys(f"{one.system}: {one.missile}, {one.range_km:g} km" for one in answer.circles)
    if named:
        yield Item(f"Brochure circle: longest range against aircraft ({'; '.join(named)}).")
    most = max(level.headings for level in answer.levels)
    if most > 1:
        last = f" {MOST} are the most that are tried: there the shares may still fall by half a point." if most == MOST else ""
        yield Item(f"{answer.headings[0].upper()}{answer.headings[1:]}, as many as it takes.{last}")
    yield Item("In brackets: every figure at its end favouring the attacker, and the defender.")
    if answer.relief is not None:
        yield Item(
            "Over relief: the lower end has units sited low, less the relief's own error; the upper is the coarse terrain as it is.",
        )
    if any(level.closed_staring_km2 is not None for level in answer.levels):
        yield Item("Staring: closed if each unit without a heading keeps the one sector in which it closes most by itself.")
    if any(level.behind_fence_km2.likely > 0.0 for level in answer.levels):
        yield Item(
            "Behind the fence: nobody can engage a threat there, but no straight line leads there unshot. No part of closed."
        )
    yield Item(f"Terrain: {terrain_label}. Cells of {answer.cell_m:g} m. Catalogue {answer.catalogue_hash}.")
    assumed = answer.assumed
    yield Item(uncertain_in_words(assumed))
    yield Item(f"By grade: {grades_in_words(assumed.by_grade)}.")
    if answer.draws is not None:
        yield _how_drawn(answer, answer.draws)


def _how_drawn(answer: SkyAnswer, draws: DrawsUsed) -> Item:
    over = f"take turns on {draws.grounds} made-up grounds and sitings; the relief's own error is in none of them"
    if draws.grounds == 1:
        over = "are over the coarse terrain as it is and leave out relief" if answer.terrain.upper_bound else ""
    return Item(
        f"Draws: {draws.count} of every figure with a range (seed {draws.seed}), on cells of {draws.cell_m / 1000:.1f} km. "
        "Coarse cells: the likely answer on such cells, less the likely answer." + (f" The draws {over}." if over else ""),
    )


def _carriers(answer: SkyAnswer, draws: DrawsUsed) -> Iterator[Part]:
    """What carries most of the spread over the draws."""
    found, rest = answer.assumed.most_influential, ""
    if draws.grounds_share is not None:
        rest = " rest"
        ground = f"{100 * draws.grounds_share:.0f} % of the variance over the draws, of the mean over the levels,"
        yield Item(f"{ground} is the ground and the siting.")
    if not found:
        yield Item(f"No single figure stands out as carrying the{rest or ' variance'} in {draws.count} draws.")
        return
    carry = f"Figures that carry most of the{rest or ' variance'}"
    yield Item(f"{carry}, and what is closed at their low and high ends, the others drawn:")
    for item in found:
        low, high = (f"{end:,.0f} km²" if answer.area is None else f"{100 * end:.1f} %" for end in (item.low, item.high))
        share = f"{100 * item.share:.0f} ± {100 * item.error:.0f} %"
        yield Item(f"{item.figure} ({item.grade}): {share} of it; {low} to {high}", "   ")
