"""What a threat of a replayed trial waited for, who had it, and for how long, in sentences."""

from collections.abc import Iterator

import numpy as np

from closedsky.engine.layout import (
    EV_ASSIGNED,
    EV_INTERCEPT,
    EV_MISSILE,
    EV_RELEASED,
    EV_TRACK,
    EV_WAITS,
    LOOKS_ELSEWHERE,
    NOT_READY_YET,
    NOT_UP,
    RELOADING,
    SHORT_OF_CHANNELS,
    SHORT_OF_GUIDANCE,
    TICKS_PER_S,
    WITHOUT_ROUNDS,
)
from closedsky.raid.case import Case, Said
from closedsky.raid.report import counted

MOST_NAMES = 6
"""Threats that are listed by name as served during a wait."""


def waits(case: Case) -> Iterator[Said]:
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


def _wait(case: Case, place: int) -> str:
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


def _holders(case: Case, place: int, short_of: int) -> list[str]:
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
