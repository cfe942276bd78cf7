"""The report of a run: tables for a terminal, from the result alone."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from closedsky.catalogue.words import grades_in_words, uncertain_in_words
from closedsky.engine.layout import FRIENDLY, HOSTILE, UNKNOWN
from closedsky.engine.results import Event, Influence, Metric, Result, Spread, VariantResult
from closedsky.model.scenario import Reported, Scenario
from closedsky.page import NOTHING, Column, Item, Part, Table, printed

CAUSE_WORDS = {
    "no_defence": "no defence against it",
    "never_in_line_of_sight": "never in line of sight",
    "seen_too_weakly": "seen too weakly",
    "seen_no_track": "seen, no track",
    "outside_sector": "outside sector",
    "held_by_rules": "held by rules",
    "no_time": "no time",
    "not_identified": "not identified as hostile",
    "not_ready": "not ready",
    "no_channel": "no channel",
    "no_rounds": "no rounds",
    "engaged_and_missed": "engaged and missed",
}
METRIC_WORDS = {
    "leakage_per_launched": "leakage, of those launched",
    "leakage_per_arriving": "  of those that do not fail",
    "leakage_per_threatening": "  of those that would hit",
    "leakage_by_effect": "  by value lost",
    "impacts": "impacts",
    "releases": "weapon releases",
    "failed": "failed by themselves",
    "tracked": "tracked",
    "engaged": "engaged",
    "killed": "killed",
    "rounds_fired": "rounds fired",
    "decoys": "decoys",
    "decoys_engaged": "  engaged",
    "rounds_at_decoys": "  rounds fired at them",
    "friendly": "friendly flights",
    "friendly_engaged": "  engaged",
    "friendly_killed": "  shot down",
    "civil": "civil flights",
    "civil_engaged": "  engaged",
    "civil_killed": "  shot down",
    "rounds_at_others": "rounds at friendly and civil",
}
_BY_VALUE = (
    "By value lost: the share of the value of all assets that is destroyed. A hit destroys as much of its asset as lies within its lethal "
    "radius; weapons that are released are not followed, and destroy nothing here."
)
_ONLY_WHERE = {
    "releases": "releases",
    "impacts": "impacts",
    **dict.fromkeys(("decoys", "decoys_engaged", "rounds_at_decoys"), "decoys"),
    **dict.fromkeys(("friendly", "friendly_engaged", "friendly_killed"), "friendly"),
    **dict.fromkeys(("civil", "civil_engaged", "civil_killed"), "civil"),
    "rounds_at_others": "rounds_at_others",
}
"""Rows that are omitted if there is nothing to count, and cells that are empty; with the metric that says so."""


def render(result: Result, scenario: Scenario, terrain_label: str, width: int = 80, terrain_credit: str = "") -> str:
    """The whole report as plain text, no line longer than `width`; with the terrain's attribution, if required."""
    return printed(_page(result, scenario, terrain_label, terrain_credit), width)


def _page(result: Result, scenario: Scenario, terrain_label: str, terrain_credit: str) -> Iterator[Part]:
    yield scenario.title
    if scenario.summary:
        yield scenario.summary
    yield ""
    yield from _headlines(result)
    yield from _ranking(result)
    yield ""
    has_value = any(asset.value > 0.0 for asset in scenario.assets)
    yield _table(result.variants, {item.metric: item for item in scenario.reported}, has_value)
    yield ""
    if has_value:
        yield Item(_BY_VALUE)
    yield from _warnings(result)
    yield from _footing(result, terrain_label)
    if terrain_credit:
        yield Item(f"Terrain {terrain_credit}")
    if scenario.shows_not:
        yield ""
        yield "What this does not show"
        yield from (Item(text, "-") for text in scenario.shows_not)


def _headlines(result: Result) -> Iterator[Part]:
    """The answer in a sentence; of several variants then their leakages, side by side."""
    if len(result.variants) == 1:
        yield _sentence(result.variants[0])
        return
    least = _by_leakage(result)[0]
    yield f"Least gets through with {least.name}: {_sentence(least)}{_beside(result, least)}"
    yield ""
    columns = [Column("", "left"), Column("get through"), Column("as chosen")]
    if result.outer_draws:
        columns += [Column("5–95 % of the unknown"), Column("median")]
    rows = []
    for variant in result.variants:
        launched = variant.metric("leakage_per_launched")
        cells = [variant.name, _of(variant), f"{100 * launched.mean:.1f} %"]
        if _is_of_nothing(launched):
            cells = [variant.name, *[NOTHING] * (len(columns) - 1)]
        elif launched.bracket90 is not None and launched.median is not None:
            low, high = launched.bracket90
            cells += [f"{100 * low:.0f} to {_whole_percent(high)}", _whole_percent(launched.median)]
        rows.append([*cells, *[""] * (len(columns) - len(cells))])
    yield Table(columns, rows)


def _by_leakage(result: Result) -> list[VariantResult]:
    return sorted(result.variants, key=lambda variant: variant.metric("leakage_per_launched").mean)


def _of(variant: VariantResult) -> str:
    leak, launched = variant.metric("leakers"), variant.metric("leakage_per_launched")
    total = leak.mean / launched.mean if launched.mean > 0 else 0.0
    return f"{leak.mean:.1f}{f' of {total:.0f}' if total else ''}"


def _sentence(variant: VariantResult) -> str:
    launched = variant.metric("leakage_per_launched")
    if variant.metric("decoys").mean > 0 and _is_of_nothing(launched):
        return f"nothing but decoys; {variant.metric('rounds_fired').mean:.1f} rounds fired at them."
    return f"{_of(variant)} get through, {_percent(launched)}."


def _beside(result: Result, least: VariantResult) -> str:
    """Which other variants cannot be told from the one with the least leakage."""
    alike = [
        pair.higher if pair.lower == least.name else pair.lower
        for pair in result.comparisons
        if least.name in (pair.lower, pair.higher) and not pair.separable
    ]
    return f" Not separable from it: {', '.join(alike)}." if alike else ""


def _ranking(result: Result) -> Iterator[Part]:
    """How neighbours compare, the least leakage first."""
    order = _by_leakage(result)
    if result.comparisons:
        yield ""
        yield f"Neighbours in that order, in {result.outer_draws} paired draws of the unknown"
    for one, other in pairwise(order):
        pair = next((item for item in result.comparisons if {item.lower, item.higher} == {one.name, other.name}), None)
        if pair is None:
            continue
        if pair.separable:
            text = f"{pair.lower} lets less through than {pair.higher} in {_whole_percent(pair.share)} of draws."
        elif pair.share == 0.0:
            text = f"{one.name} and {other.name} are the same in every draw."
        else:
            text = f"{one.name} and {other.name} are not separable: {pair.lower} less in {_whole_percent(pair.share)} of draws."
        if pair.break_even is not None:
            turn = pair.break_even
            text += f" As chosen, the order turns at {_plain(turn.value)} {turn.unit} of {turn.figure} (chosen {turn.chosen:g})."
        yield Item(text)


def _table(variants: Sequence[VariantResult], reported: Mapping[str, Reported], has_value: bool) -> Table:
    """Every number of every variant; what happened stands beside the first, which models it. `has_value`: whether an asset has any."""
    interval = "5–95 % of draws" if variants[0].unknown is not None else "95 %, luck"
    first, *others = (Column(variant.name) for variant in variants)
    columns = [Column(f"mean ({interval})", "left"), first, *([Column("reported")] if reported else []), *others]

    def row(words: str, cells: Sequence[str], happened: str = "") -> list[str]:
        return [words, cells[0], *([happened] if reported else []), *cells[1:]]

    rows: list[Sequence[str] | str] = []
    for metric_id, words in _metrics(variants):
        is_of_nothing = metric_id == "leakage_by_effect" and not has_value
        cells = [NOTHING if is_of_nothing else _cell(variant, metric_id) for variant in variants]
        rows.append(row(words, cells, _reported_cell(reported.get(metric_id))))
        if metric_id == "leakage_per_launched" and variants[0].unknown is not None:
            rows.append(row("    luck alone, 95 %", [_interval(variant.metric(metric_id)) for variant in variants]))
        if metric_id in reported:  # a real event is compared with single trials, not with the mean
            rows.append(row("    in 95 % of trials", [_trials_cell(variants[0].metric(metric_id)), *[""] * len(others)]))
    rows += ["", "why it got through"]
    for cause in CAUSE_WORDS:
        spreads = [variant.why_no_shot[cause] for variant in variants]
        if any(spread.mean > 0 for spread in spreads):
            rows.append(row(f"  {CAUSE_WORDS[cause]}", [_spread_cell(spread) if spread.mean > 0 else "" for spread in spreads]))
    rounds = list(dict.fromkeys((item.unit, item.missile) for variant in variants for item in variant.rounds))
    if rounds:
        rows += ["", "rounds fired, of loaded"]
    for unit, missile in rounds:
        cells = []
        for variant in variants:
            found = [item for item in variant.rounds if (item.unit, item.missile) == (unit, missile)]
            cells.append(f"{found[0].mean:.1f} of {found[0].loaded}" if found else "")
        rows.append(row(f"  {unit} {missile}", cells))
    return Table(columns, rows)


def _metrics(variants: Sequence[VariantResult]) -> Iterator[tuple[str, str]]:
    sites = [metric.id for metric in variants[0].metrics if metric.id.startswith("impacts.")]
    for metric_id, words in METRIC_WORDS.items():
        if metric_id in _ONLY_WHERE and all(variant.metric(_ONLY_WHERE[metric_id]).mean == 0 for variant in variants):
            continue
        yield metric_id, words
        if metric_id == "impacts":
            yield from ((site, f"  at {site.removeprefix('impacts.')}") for site in sites)


def _percent(metric: Metric) -> str:
    if metric.bracket90 is not None:
        low, high = metric.bracket90
        return f"{100 * metric.mean:.1f} % as chosen; 5 to 95 % of the unknown: {100 * low:.0f} to {_whole_percent(high)}"
    low, high = metric.ci95
    return f"{100 * metric.mean:.1f} % (luck alone, 95 %: {100 * low:.1f} to {100 * high:.1f})"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _is_of_nothing(metric: Metric) -> bool:
    """Whether it is a share of nothing, of which no trial tells anything."""
    return metric.unit == "share" and metric.mean == 0.0 and metric.ci95 == (0.0, 1.0)


def _interval(metric: Metric) -> str:
    if _is_of_nothing(metric):
        return NOTHING
    return f"{_share(metric.ci95[0])}–{_share(metric.ci95[1])} %"


def _share(value: float) -> str:
    return "100" if value > 0.9995 else f"{100 * value:.1f}"


def _cell(variant: VariantResult, metric_id: str) -> str:
    """A metric of a variant; empty where the variant has none of what it counts, such as decoys."""
    if metric_id in _ONLY_WHERE and variant.metric(_ONLY_WHERE[metric_id]).mean == 0.0:
        return ""
    return _metric_cell(variant.metric(metric_id))


def _metric_cell(metric: Metric) -> str:
    low, high = metric.ci95 if metric.bracket90 is None else metric.bracket90
    if _is_of_nothing(metric):
        return NOTHING
    if metric.unit == "share":
        return f"{_share(metric.mean)} ({_share(low)}–{_share(high)}) %"
    return _spread_cell(metric, (low, high))


def _trials_cell(metric: Metric) -> str:
    if metric.trials95 is None:
        return ""
    low, high = metric.trials95
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _spread_cell(spread: Metric | Spread, interval: tuple[float, float] | None = None) -> str:
    low, high = interval or spread.ci95
    if low == high:
        return f"{spread.mean:g}"
    return f"{spread.mean:.2f} ({low:.2f}–{high:.2f})" if spread.mean < 10 else f"{spread.mean:.1f} ({low:.1f}–{high:.1f})"


def _reported_cell(reported: Reported | None) -> str:
    if reported is None:
        return ""
    if reported.low is None or reported.high is None or reported.low == reported.high:
        return f"{reported.value:g}"
    return f"{reported.value:g} ({reported.low:g}–{reported.high:g})"


def _warnings(result: Result) -> Iterator[Part]:
    said: dict[str, list[str]] = {}
    for variant in result.variants:
        for text in variant.warnings:
            said.setdefault(text, []).append(variant.name)
    for text, names in said.items():
        where = "" if len(names) == len(result.variants) else f"{', '.join(names)}: "
        yield Item(f"{where}{text}", "!")


def _footing(result: Result, terrain_label: str) -> Iterator[Part]:
    trials = sorted({variant.trials for variant in result.variants})
    spread = " to ".join(str(n) for n in (trials[0], trials[-1])[: len(trials)])
    yield Item(f"As chosen: {spread} trials, seed {result.seed}.{_drawn(result)}")
    yield Item(f"Terrain: {terrain_label}. Catalogue {result.catalogue_hash}.")
    assumed = result.assumed
    yield Item(uncertain_in_words(assumed))
    own = f"of the scenario: {assumed.of_scenario}, {assumed.of_scenario_ranged} with a range"
    yield Item(f"By grade: {grades_in_words(assumed.by_grade)}; {own}.")
    if assumed.most_influential is None:
        return
    several = len(result.variants) > 1
    luck = [
        f"{f'{variant.name} ' if several else ''}{_whole_percent(variant.unknown.luck_share)}"
        for variant in result.variants
        if variant.unknown
    ]
    yield Item(f"Of the spread of single raids luck is {', '.join(luck)}; the rest is the unknown.")
    if not assumed.most_influential:
        yield Item(f"No single figure stands out as carrying the rest in {result.outer_draws} draws.")
    else:
        yield from _carriers(assumed.most_influential, several)
    for variant in result.variants:
        yield from _total_effects(variant, several)


def _total_effects(variant: VariantResult, several: bool) -> Iterator[Part]:
    if variant.unknown is None or not variant.unknown.total_effects:
        return
    of = f" in {variant.name}" if several else ""
    yield Item(f"Total effects{of}, share of that variance with all that figures do together (± standard error):")
    for item in variant.unknown.total_effects:
        yield Item(f"{_whole_percent(item.share)} ± {100 * item.error:.0f}  {item.figure} ({item.grade})", "   ")


def _carriers(carriers: Sequence[Influence], several: bool) -> Iterator[Part]:
    yield Item("To find out next, since they carry most of the rest (share of its variance ± standard error):")
    for item in carriers:
        yield Item(
            f"{item.figure} ({item.grade}){f', in {item.variant}' if several else ''}: "
            f"{_whole_percent(item.share)} ± {100 * item.error:.0f}, "
            f"leakage {_whole_percent(item.low)} to {_whole_percent(item.high)} over its range",
            "   ",
        )


def _drawn(result: Result) -> str:
    if not result.outer_draws:
        return " Intervals are of luck only."
    return f" The unknown: {result.outer_draws} draws of every figure with a range, {result.trials_a_draw} trials each."


# ---------------------------------------------------------------- one trial

_SAID = {
    "launched": "is launched",
    "track": "tracked{again} by {network}",
    "assigned": "assigned to {unit}: {rounds} of {missile}",
    "released": "{unit} has a channel free again",
    "missile_launch": "{unit} launches {missile}",
    "intercept": "{missile} of {unit} meets it: {outcome}",
    "assessed_killed": "{unit} judges it killed{wrongly}",
    "assessed_alive": "{unit} judges it alive{wrongly}",
    "failed": "fails by itself",
    "killed": "is killed",
    "impact": "comes down, {value:.0f} m from its aim point",
    "release": "reaches its release point",
    "hit": "hits",
    "cause": "gets through: {cause}",
    "expended": "{spent}",
    "waits": "has to wait for {unit}",
    "identified": "{identity} by {network}",
}


_IDENTITIES = {HOSTILE: "identified as hostile", FRIENDLY: "identified as friendly or civil", UNKNOWN: "not identified"}


def sentence(event: Event) -> str:
    """One event in words."""
    return _SAID[event.event].format(
        network=event.network,
        unit=event.unit,
        missile=event.missile,
        value=event.value,
        rounds=counted(int(event.value), "round"),
        outcome="kill" if event.value > 0 else "miss",
        again=" again" if event.value > 0 else "",
        wrongly=", wrongly" if event.value > 0 else "",
        cause=CAUSE_WORDS.get(event.cause or "", ""),
        spent="flies on" if event.value > 0 else "was a decoy, and is spent",
        identity=_IDENTITIES.get(int(event.value), "") if event.event == "identified" else "",
    )


def story_table(events: Sequence[Event]) -> Table:
    """A trial, one event a row: time, threat, what happens."""
    rows = [(clock(event.time_s), event.threat, sentence(event)) for event in events if event.event != "waits"]
    return Table([Column("", "right"), Column("", "left"), Column("", "prose")], rows)


def why_table(sentences: Sequence[tuple[float, float, str]]) -> Table:
    """The story of one threat: time, time left until its end, sentence."""
    rows = [(clock(time_s), clock(left_s), text) for time_s, left_s, text in sentences]
    return Table([Column("", "right"), Column("to go", "right"), Column("", "prose")], rows)


def clock(time_s: float) -> str:
    """Minutes, seconds and tenths of a trial's clock."""
    minutes, tenths = divmod(round(abs(time_s) * 10.0), 600)
    return f"{'-' if time_s < 0 else ''}{minutes}:{tenths // 10:02d}.{tenths % 10}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 round, 2 rounds."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
