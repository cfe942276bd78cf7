"""Why one threat of a replayed trial was met as it was, or was not: its story in sentences.

What happened is taken from the event log of the trial; what could have happened from the geometry on which the trial was decided: when
the threat comes into sight, and the launches that would meet it. Nothing is simulated again.
"""

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from closedsky.engine import results
from closedsky.engine.layout import (
    EV_ASSIGNED,
    EV_CAUSE,
    EV_FAILED,
    EV_IDENTIFIED,
    EV_JUDGED_ALIVE,
    EV_LAUNCHED,
    EV_MISSILE,
    EV_RELEASED,
    EV_TRACK,
    EV_WAITS,
    FRIENDLY,
    HOSTILE,
    LOOKS_AWAY,
    NO_LAUNCHER,
    NOT_LOCKED,
    TICKS_PER_S,
    UNKNOWN,
    Records,
)
from closedsky.engine.tables import sight
from closedsky.errors import Fault, RequestError, did_you_mean
from closedsky.model.noun import Noun
from closedsky.model.scenario import SIDES
from closedsky.raid.case import Case, Said
from closedsky.raid.prepared import Prepared
from closedsky.raid.report import clock, counted, sentence
from closedsky.raid.waits import waits

MOST_WINDOWS = 3
"""Intervals of launch times that are listed one by one."""


class Sentence(Noun):
    """A sentence about a threat, with its time in the trial and the time that is left until the threat's end by then."""

    time_s: float
    left_s: float
    text: str


def why(prepared: Prepared, log: Records, threat: str) -> tuple[Sentence, ...]:
    """The story of one threat in a replayed trial, with the reasons why it was not engaged, or not earlier.

    Parameters
    ----------
    prepared, log : as `replay` returns them
    threat : a threat by its name in the log: its group, and its number there from 1

    Returns
    -------
    tuple of Sentence
        In order of time: when it came into sight and was tracked, which units could have met it and until when, what it waited for, who
        fired, and how it ended.

    Raises
    ------
    RequestError
        If the raid has no such threat.

    Example
    -------
    >>> prepared, _, log = closedsky.replay("first-battery", 3)
    >>> [sentence.text for sentence in closedsky.why(prepared, log, "fighters/3")]
    """
    names = prepared.names.threats
    if threat not in names:
        few = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise RequestError(
            Fault(f"no threat '{threat}' in this raid", "--threat", f"{did_you_mean(threat, names)}threats: {few}")
        )
    case = Case(prepared, log, names.index(threat))
    could = [one for one in (*_seen(case), *_offered(case)) if one[0] <= case.gone]
    said = sorted([*_launched(case), *could, *waits(case), *_happened(case)], key=lambda one: one[0])
    return tuple(
        Sentence(time_s=tick / TICKS_PER_S, left_s=max(case.end - tick, 0) / TICKS_PER_S, text=text) for tick, text in said
    )


def _launched(case: Case) -> Iterator[Said]:
    row = case.prepared.packed.raid.threats[case.threat]
    if row["side"] != HOSTILE:
        yield case.base, f"begins its flight, {SIDES[row['side']]}"
    else:
        yield case.base, f"is launched{', a decoy' if row['decoy'] == 1 else ''}, {case.left(case.base)}"


def _seen(case: Case) -> Iterator[Said]:
    """When each network could see the threat, and how long it took to track it."""
    packed, names = case.prepared.packed, case.prepared.names
    for g, network in enumerate(names.networks):
        radars = np.flatnonzero((packed.defence.radars["network"] == g) & (packed.defence.radars["searches"] == 1))
        if not radars.size:
            yield case.base, f"{network} has no radar that searches"
            continue
        ground = case.prepared.terrain.ground
        first_s = [sight.comes_into_sight(packed, ground, int(r), case.flight, case.samples) for r in radars]
        if not math.isfinite(min(first_s)):
            yield case.base, f"never comes into line of sight of {network}"
            continue
        r, since_s = int(radars[int(np.argmin(first_s))]), min(first_s)
        seen = case.base + round(since_s * TICKS_PER_S)
        verb = "is in line of sight" if since_s == 0.0 else "comes into line of sight"
        yield seen, f"{verb} of {names.radars[r]}, {case.slant_km(r, seen):.0f} km away"
        tracked = case.tracked(g)
        if tracked is None:
            failed = np.any(case.mine["kind"] == EV_FAILED)
            yield seen, f"is not tracked by {network} {'before it fails' if failed else f'at all: {_untracked(case, g)}'}"
        else:
            late = f", {(tracked - seen) / TICKS_PER_S:.0f} s after it came into sight" if since_s > 0.0 else ""
            yield (
                tracked,
                f"is tracked by {network}{late}, {case.slant_km(r, tracked):.0f} km from {names.radars[r]}",
            )


def _untracked(case: Case, network: int) -> str:
    """Why a network has no track, with the chance that it would have had one."""
    tables = case.prepared.tables
    row = tables.sights[case.flight * case.prepared.packed.defence.networks.size + network]
    varying = _detected_by_some(case, network)
    if varying and row["count"] == 0:
        return f"only {' and '.join(varying)} could detect it, and did not radiate in time, or did not confirm a track"
    if row["count"] == 0:
        if row["outside_sector"] == 1:
            return "it is outside the sectors of its radars"
        radars = case.prepared.packed.defence.radars
        ours = radars[(radars["network"] == network) & (radars["searches"] == 1)]
        nearest_m = [np.linalg.norm(case.samples[:, 3:6] - [one["x_m"], one["y_m"], one["z_m"]], axis=1).min() for one in ours]
        if np.all(nearest_m > ours["range_max_m"]):
            return "it stays beyond the range of its radars"
        return "it is too weak or too slow for its radars, or outside their range or elevation while in sight"
    chance = tables.track_cdf[row["first"] + row["count"] - 1]
    others = f"; {' and '.join(varying)} did not radiate in time, or did not confirm one" if varying else ""
    which = "those of its radars that are up detect" if varying else "its radars detect"
    return f"{which} it with a chance of {row['any_detection']:.0%} and confirm a track with one of {chance:.0%}{others}"


def _detected_by_some(case: Case, network: int) -> list[str]:
    """The radars of a network that need not be up all the time and could detect the threat if they are."""
    tables, radars = case.prepared.tables, case.prepared.packed.defence.radars
    found = []
    for r, name in enumerate(case.prepared.names.radars):
        watch = tables.watches[case.flight * radars.size + r]
        looks = tables.look_pd[watch["first"] : watch["first"] + watch["count"]]
        if watch["varies"] == 1 and radars["network"][r] == network and np.any(looks > 0.0):
            found.append(name)
    return found


def _offered(case: Case) -> Iterator[Said]:
    """Once it is tracked: the units that could meet it, and until when; and when no launch is left that would."""
    packed, names = case.prepared.packed, case.prepared.names
    last = None
    for g, network in enumerate(names.networks):
        tracked = case.tracked(g)
        if tracked is None:
            continue
        known = tracked + int(packed.defence.networks[g]["link_delay_ticks"] + packed.defence.networks[g]["identify_ticks"])
        if case.taken_for(g) == FRIENDLY:
            continue
        windows = case.windows(g)
        if not windows.size:
            yield known, f"no launch of {network} would meet it: {_no_window(case, g)}"
        for u in np.unique(windows["unit"].astype(np.int64)):
            for m in np.unique(windows["magazine"][windows["unit"] == u].astype(np.int64)):
                of = windows[windows["magazine"] == m]
                closes = case.base + int(of["close_ticks"].max())
                last = max(last or closes, closes)
                reaction = int(packed.defence.units[u]["reaction_ticks"])
                span = _span(case.base, np.sort(of, order="open_ticks"))
                late = f": too late, as it needs {reaction / TICKS_PER_S:.0f} s to react" if known + reaction > closes else ""
                yield known, f"{names.units[u]} would meet it with {names.magazines[m][1]} launched {span}{late}"
    if last is not None and np.any(case.mine["kind"] == EV_CAUSE):
        yield last, "no launch is left that would meet it"


def _span(base: int, windows: Records) -> str:
    """The launch times of windows, in words."""
    times = [[clock((base + int(one[name])) / TICKS_PER_S) for name in ("open_ticks", "close_ticks")] for one in windows]
    if len(times) > MOST_WINDOWS:
        return f"from {times[0][0]} to {times[-1][1]}, in {len(times)} intervals"
    return " and ".join(f"from {opens} to {closes}" for opens, closes in times)


def _no_window(case: Case, network: int) -> str:
    packed = case.prepared.packed
    pairing = case.prepared.tables.pairings[case.flight * packed.defence.networks.size + network]
    if pairing["outside_sector"] == 1:
        return "it is outside the sectors of the engagement radars"
    of_class = packed.raid.flights[case.flight]["target_class"]
    units = np.flatnonzero(packed.defence.units["network"] == network)
    if pairing["held_by_rules"] == 1:
        on_hold = packed.defence.doctrine["hold"][units, of_class].all()
        return "weapons are on hold against such targets" if on_hold else "zones or doctrine forbid every launch that would"
    ours = np.isin(packed.defence.magazines["unit"], units)
    if not packed.defence.envelopes["engages"][ours, of_class].any():
        return "it has no missile against such targets"
    return "it is never inside an envelope while the radar that has to guide holds it"


def _happened(case: Case) -> Iterator[Said]:
    """What the log says of the threat, but for what is said above; what delayed a launch, and what doctrine forbids."""
    assigned: dict[int, int] = {}  # unit: when it was assigned, until it launches
    fired = Counter[int]()  # network: rounds
    for row, event in zip(case.mine, results.story(case.mine, case.prepared.names), strict=True):
        kind, tick, unit, network = row["kind"], int(row["tick"]), int(row["unit"]), int(row["network"])
        if kind in (EV_LAUNCHED, EV_WAITS) or (kind == EV_TRACK and row["value"] == 0):
            continue
        if kind == EV_IDENTIFIED:
            if tick <= case.gone:
                yield tick, sentence(event) + _not_fired_at(case, network, int(row["value"]))
            continue
        if kind == EV_RELEASED:
            if assigned.pop(unit, None) is not None:
                reason = {
                    NOT_LOCKED: "its radar has not locked it in time", NO_LAUNCHER: "no launcher is free in time",
                    LOOKS_AWAY: "its radar would lose it before the salvo has met it",
                }  # fmt: skip
                yield tick, f"{event.unit} launches nothing: {reason.get(int(row['value']), 'the target is gone')}"
            continue
        if kind == EV_ASSIGNED:
            assigned[unit] = tick
        late = ""
        if kind == EV_MISSILE:
            fired[network] += 1
            if unit in assigned:
                late = _late(case, unit, assigned.pop(unit), tick)
        yield tick, sentence(event) + late
        if kind == EV_JUDGED_ALIVE:
            windows = case.windows(network)
            most = int(windows["max_rounds"][windows["unit"] == unit].max())
            if fired[network] >= most:
                yield (
                    tick,
                    f"{event.network} has fired the {counted(most, 'round')} that the doctrine of {event.unit} allows at one target",
                )


def _not_fired_at(case: Case, network: int, identity: int) -> str:
    """What follows for the units of a network from what it takes the threat for, if that forbids fire."""
    if identity == FRIENDLY:
        return ", and not fired at"
    windows = case.windows(network)
    tight = np.unique(windows["unit"][windows["tight"] == 1].astype(np.int64))
    names = " and ".join(case.prepared.names.units[u] for u in tight)
    return f": weapons of {names} are tight, for hostile targets only" if identity == UNKNOWN and tight.size else ""


def _late(case: Case, unit: int, assigned: int, launched: int) -> str:
    """What kept the first launch of a salvo back beyond the unit's reaction, if anything did."""
    row = case.prepared.packed.defence.units[unit]
    if launched < assigned + row["reaction_ticks"] + TICKS_PER_S:  # less is the wait for a look of its radar
        return ""
    others = case.log["tick"][(case.log["unit"] == unit) & (case.log["kind"] == EV_MISSILE) & (case.log["tick"] < launched)]
    if others.size and others.max() + row["launch_interval_ticks"] == launched:
        return ", as soon as a launcher is free"
    windows = np.concatenate([case.windows(g) for g in range(case.prepared.packed.defence.networks.size)])
    if np.any((windows["unit"] == unit) & (windows["open_ticks"] + case.base == launched)):
        return ", as soon as that would meet it"
    return ", as soon as its radar has locked it"
