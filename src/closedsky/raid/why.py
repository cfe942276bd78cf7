"""Why one threat of a replayed trial was met as it was, or was not: its story in sentences.

What happened is taken from the event log of the trial; what could have happened from the geometry on which the trial was decided: when
the threat comes into sight, and the launches that would meet it. Nothing is simulated again.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from closedsky.engine import results
from closedsky.engine.layout import (
    AT_IMPACT,
    EV_ASSIGNED,
    EV_CAUSE,
    EV_EXPENDED,
    EV_FAILED,
    EV_IDENTIFIED,
    EV_INTERCEPT,
    EV_JUDGED_ALIVE,
    EV_KILLED,
    EV_LAUNCHED,
    EV_MISSILE,
    EV_RELEASED,
    EV_TRACK,
    EV_WAITS,
    FRIENDLY,
    HOSTILE,
    LOOKS_AWAY,
    LOOKS_ELSEWHERE,
    NO_LAUNCHER,
    NOT_LOCKED,
    NOT_READY_YET,
    NOT_UP,
    RELOADING,
    SHORT_OF_CHANNELS,
    SHORT_OF_GUIDANCE,
    TICKS_PER_S,
    UNKNOWN,
    WITHOUT_ROUNDS,
    Floats,
    Records,
)
from closedsky.engine.tables import sight
from closedsky.errors import Fault, RequestError, did_you_mean
from closedsky.model.noun import Noun
from closedsky.model.scenario import SIDES
from closedsky.raid.prepared import Prepared
from closedsky.raid.report import clock, counted, sentence

Said = tuple[int, str]
"""Tick, and a sentence."""

ENDS = [EV_KILLED, EV_FAILED, EV_CAUSE, EV_EXPENDED]

MOST_WINDOWS = 3
"""Intervals of launch times that are listed one by one."""
MOST_NAMES = 6
"""Threats that are listed by name as served during a wait."""


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
    case = _Case(prepared, log, names.index(threat))
    could = [one for one in (*_seen(case), *_offered(case)) if one[0] <= case.gone]
    said = sorted([*_launched(case), *could, *_waits(case), *_happened(case)], key=lambda one: one[0])
    return tuple(
        Sentence(time_s=tick / TICKS_PER_S, left_s=max(case.end - tick, 0) / TICKS_PER_S, text=text) for tick, text in said
    )


@dataclass(frozen=True)
class _Case:
    """A threat in a trial. Ticks are on the clock of the raid unless they are said to be the flight's."""

    prepared: Prepared
    log: Records
    threat: int

    @cached_property
    def mine(self) -> Records:
        return np.asarray(self.log[self.log["threat"] == self.threat])

    @cached_property
    def flight(self) -> int:
        return int(self.prepared.packed.raid.threats[self.threat]["flight"])

    @cached_property
    def base(self) -> int:
        return int(self.mine["tick"][self.mine["kind"] == EV_LAUNCHED][0])

    @cached_property
    def end(self) -> int:
        """When it reaches its endpoint, if nothing stops it."""
        return self.base + int(self.prepared.tables.duration_ticks[self.flight])

    @cached_property
    def gone(self) -> int:
        """When it is killed, fails, or reaches its endpoint."""
        return int(self.mine["tick"][np.isin(self.mine["kind"], ENDS)][0])

    @property
    def endpoint(self) -> str:
        return "impact" if self.prepared.packed.raid.threats[self.threat]["endpoint"] == AT_IMPACT else "its release point"

    @cached_property
    def samples(self) -> Floats:
        return sight.trace(self.prepared.packed, self.prepared.terrain.ground, self.flight)

    def slant_km(self, radar: int, tick: int) -> float:
        packed = self.prepared.packed
        step_s = packed.raid.flights[self.flight]["step_s"]
        at = sight.place(self.samples, packed.environment.earth, step_s, (tick - self.base) / TICKS_PER_S)
        row = packed.defence.radars[radar]
        return math.dist(at[3:6], (row["x_m"], row["y_m"], row["z_m"])) / 1000.0

    def windows(self, network: int) -> Records:
        """The launch windows of a network at the flight."""
        tables, networks = self.prepared.tables, self.prepared.packed.defence.networks.size
        pairing = tables.pairings[self.flight * networks + network]
        first = pairing["first_opening"]
        return np.asarray(tables.windows[tables.openings[first : first + pairing["openings"]]])

    def tracked(self, network: int) -> int | None:
        """When a network first had a track."""
        found = self.mine["tick"][(self.mine["kind"] == EV_TRACK) & (self.mine["network"] == network)]
        return int(found[0]) if found.size else None

    def taken_for(self, network: int) -> int:
        """What a network takes the threat for: HOSTILE or FRIENDLY if it does not err, or what it identified."""
        said = self.mine["value"][(self.mine["kind"] == EV_IDENTIFIED) & (self.mine["network"] == network)]
        side = HOSTILE if self.prepared.packed.raid.threats[self.threat]["side"] == HOSTILE else FRIENDLY
        return int(said[0]) if said.size else side

    def left(self, tick: int) -> str:
        return f"{(self.end - tick) / TICKS_PER_S:.0f} s before {self.endpoint}"


def _launched(case: _Case) -> Iterator[Said]:
    row = case.prepared.packed.raid.threats[case.threat]
    if row["side"] != HOSTILE:
        yield case.base, f"begins its flight, {SIDES[row['side']]}"
    else:
        yield case.base, f"is launched{', a decoy' if row['decoy'] == 1 else ''}, {case.left(case.base)}"


def _seen(case: _Case) -> Iterator[Said]:
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


def _untracked(case: _Case, network: int) -> str:
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


def _detected_by_some(case: _Case, network: int) -> list[str]:
    """The radars of a network that need not be up all the time and could detect the threat if they are."""
    tables, radars = case.prepared.tables, case.prepared.packed.defence.radars
    found = []
    for r, name in enumerate(case.prepared.names.radars):
        watch = tables.watches[case.flight * radars.size + r]
        looks = tables.look_pd[watch["first"] : watch["first"] + watch["count"]]
        if watch["varies"] == 1 and radars["network"][r] == network and np.any(looks > 0.0):
            found.append(name)
    return found


def _offered(case: _Case) -> Iterator[Said]:
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


def _no_window(case: _Case, network: int) -> str:
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


def _waits(case: _Case) -> Iterator[Said]:
    """What a unit that could fire was short of, who had it, and for how long it was waited for.

    One sentence for each lack of a unit between two changes of the threat's own state, however often the unit was asked.
    """
    said: set[tuple[int, int, int]] = set()
    changes = 0
    for place in np.flatnonzero(case.log["threat"] == case.threat):
        row = case.log[place]
        if row["kind"] in (EV_TRACK, EV_ASSIGNED):
            changes += 1
        lack = changes, int(row["unit"]), int(row["value"])
        if row["kind"] == EV_WAITS and lack not in said:
            said.add(lack)
            yield int(row["tick"]), _wait(case, int(place))


def _wait(case: _Case, place: int) -> str:
    """The sentence of the wait in a row of the log."""
    names, row = case.prepared.names, case.log[place]
    unit, missile, short_of = names.units[row["unit"]], names.magazines[row["magazine"]][1], int(row["value"])
    if short_of == NOT_UP:
        return f"{unit} is not up in this trial"
    if short_of == WITHOUT_ROUNDS:
        kept = int(
            case.windows(int(row["network"]))["kept"][case.windows(int(row["network"]))["magazine"] == row["magazine"]].max()
        )
        return f"{unit} has no {missile} left" + (f" but the {kept} that are kept for others" if kept else "")
    after = case.log[place:]
    after = after[after["kind"] == EV_ASSIGNED]
    mine = after[(after["threat"] == case.threat) & (after["network"] == row["network"])]
    defence = case.prepared.packed.defence.units[row["unit"]]
    windows = case.windows(int(row["network"]))
    closes = int(windows["close_ticks"][windows["unit"] == row["unit"]].max())
    ends = [
        (case.gone, " until it is gone"),
        (case.base + closes - int(defence["reaction_ticks"]), " until no launch would be in time"),
    ]
    if mine.size:
        taken = mine["unit"][0] == row["unit"]
        ends.append((int(mine["tick"][0]), "" if taken else f" until {names.units[mine['unit'][0]]} takes it"))
    again = case.mine[(case.mine["kind"] == EV_WAITS) & (case.mine["unit"] == row["unit"]) & (case.mine["tick"] > row["tick"])]
    other = again["tick"][again["value"] != row["value"]]
    if other.size:
        ends.append((int(other[0]), " until it lacks something else"))
    until, how = min(ends)
    what = {
        SHORT_OF_CHANNELS: f"its {counted(int(defence['channels']), 'channel')} busy with",
        LOOKS_ELSEWHERE: "its radar looks elsewhere, at",
        SHORT_OF_GUIDANCE: f"the {counted(int(defence['missiles_guided']), 'missile')} it can guide in use for",
    }.get(short_of, f"its last {missile} reserved for")
    served = after["threat"][(after["unit"] == row["unit"]) & (after["tick"] <= until) & (after["threat"] != case.threat)]
    then = list(dict.fromkeys(names.threats[i] for i in served))
    more = [*then[:MOST_NAMES], f"{len(then) - MOST_NAMES} more"] if len(then) > MOST_NAMES else then
    length = f"{max(until - int(row['tick']), 0) / TICKS_PER_S:.0f} s"
    plain = {
        NOT_READY_YET: "it is not ready to fire yet",
        RELOADING: f"it has no {missile} on its launchers until it is reloaded",
    }.get(short_of)
    if plain:
        return f"waits {length} for {unit}{how}: {plain}"
    holders = ", ".join(_holders(case, place, short_of))
    return f"waits {length} for {unit}{how}: {what} {holders}" + (f"; then {', '.join(more)}" if more else "")


def _holders(case: _Case, place: int, short_of: int) -> list[str]:
    """The threats that have what a unit lacks in a row of the log, in the order of their numbers.

    A channel is held until it is released, guidance until the last round has met the target, rounds are reserved until they are launched.
    """
    log, tick, unit = case.log, case.log[place]["tick"], case.log[place]["unit"]
    before = log[:place]
    held: dict[int, bool] = {}  # threat: whether a round has been launched at it in this engagement
    for one in before[before["unit"] == unit]:
        if one["kind"] == EV_ASSIGNED:
            held[int(one["threat"])] = False
        elif one["kind"] == EV_MISSILE:
            held[int(one["threat"])] = True
        elif one["kind"] == EV_RELEASED:
            held.pop(int(one["threat"]), None)
    flying = set(log["threat"][(log["unit"] == unit) & (log["kind"] == EV_INTERCEPT) & (log["tick"] >= tick)].tolist())
    if short_of == SHORT_OF_GUIDANCE:
        held = {threat: launched for threat, launched in held.items() if not launched or threat in flying}
    elif short_of not in (SHORT_OF_CHANNELS, LOOKS_ELSEWHERE):
        held = {threat: launched for threat, launched in held.items() if not launched}
    return [case.prepared.names.threats[i] for i in sorted(held)]


def _happened(case: _Case) -> Iterator[Said]:
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


def _not_fired_at(case: _Case, network: int, identity: int) -> str:
    """What follows for the units of a network from what it takes the threat for, if that forbids fire."""
    if identity == FRIENDLY:
        return ", and not fired at"
    windows = case.windows(network)
    tight = np.unique(windows["unit"][windows["tight"] == 1].astype(np.int64))
    names = " and ".join(case.prepared.names.units[u] for u in tight)
    return f": weapons of {names} are tight, for hostile targets only" if identity == UNKNOWN and tight.size else ""


def _late(case: _Case, unit: int, assigned: int, launched: int) -> str:
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
