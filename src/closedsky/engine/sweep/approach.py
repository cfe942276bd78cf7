"""Line sweep: counts a defence's firing opportunities against threats that fly along a line of map cells, at every cell.

Threats fly at constant speed from one end of the line to the other. The count of a cell is the number of opportunities offered by the time
they arrive there, so one sweep gives all cells of a line, and a heading takes one set of parallel lines that share out all cells of a map.

A searching radar that sees the threats without a break for (hits - 1/2) looks has a track; the network's track is the earliest. Timing
follows `engine.rules`: a unit that is ready launches a salvo as soon as its intercept lies inside the envelope, with the engagement radar
holding the target from launch to intercept (an active round: at launch). Among units the earliest intercept goes first; among threats
the one with the fewest opportunities so far.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import TICKS_PER_S, Floats, Ints, PackedDefence
from closedsky.engine.rules import busy_until, launchers_free_at, ready_at
from closedsky.engine.sweep.line import LineSweep, clear, into_play, out_of_play
from closedsky.engine.sweep.sky import NONE, ONE, WORD, Bits, Level, Marks, Probe, from_radar
from closedsky.engine.tables.windows import in_envelope, time_to_s
from closedsky.physics.jit import part, stage, step
from closedsky.physics.lethality import pk_at_range

Counts = npt.NDArray[np.uint8]
_BEGIN_S = 1.0e6
"""Time at which threats arrive at the first cell where a radar sees them: long after time 0, from which everything is free and loaded."""


class Lines(NamedTuple):
    """Parallel lines of cells along which threats fly on one heading; each cell of the map lies on exactly one.

    All are shifts of one `path` across the map, a list of flat indices: cell i of line n is `path[lead[n] + i] + base[n]`, of `cells[n]`.
    On the heading, one cell `ahead` (a flat stride) goes with `slope` cells `aside`, 0 to 1; the path takes the nearest whole cells.
    """

    base: Ints
    lead: Ints
    cells: Ints
    path: Ints
    ahead: int
    aside: int
    slope: float
    columns: int


class Wave(NamedTuple):
    """The number of threats that arrive together, and the number of opportunities at which counting stops."""

    together: int
    enough: int


class Row(NamedTuple):
    """The cells of a level, flattened."""

    ground_m: Any
    alt_m: Any
    place_m: Floats
    clear: Bits
    always: Bits
    watched: Marks


def flat(level: Level) -> Row:
    """The cells of a level, flattened row by row."""
    words = level.clear.shape[2]
    return Row(
        level.ground_m.reshape(-1), level.alt_m.reshape(-1), level.place_m.reshape(-1, 3), level.clear.reshape(-1, words),
        level.always.reshape(-1, words), level.watched.reshape(-1),
    )  # fmt: skip


@stage
def sweep_lines(
    defence: PackedDefence, probe: Probe, sweep: LineSweep, wave: Wave, sky: Row, lines: Lines, first: int, last: int, out: Counts
) -> None:
    """Sweep the lines from `first` to before `last`; `out`, flat, takes the minimum of itself and each line's count at its cells.

    Counts are `wave.enough` at most; cells from where each threat has had that many are left unchanged.
    """
    for n in range(first, last):
        first_seen, last_seen, last_open = _stretch(sky.watched, out, lines, n)
        for i in range(min(first_seen, last_open + 1)):
            out[cell_of(lines, n, i)] = 0
        if first_seen > last_open:
            continue
        clear(defence, sweep)
        t_s, fewest = _BEGIN_S, 0
        for i in range(first_seen, last_open + 1):
            cell = cell_of(lines, n, i)
            if i <= last_seen or sweep.last_seen_s[0] > -math.inf:  # else no more opportunities arise
                fewest, step_s = _step(defence, probe, sweep, wave, sky, lines, cell, i, t_s)
                if fewest >= wave.enough:
                    break
                t_s += step_s
            out[cell] = min(out[cell], np.uint8(fewest))


@part
def cell_of(lines: Lines, n: int, i: int) -> int:
    """Flat index of cell `i` of line `n`."""
    return int(lines.path[lines.lead[n] + i] + lines.base[n])


@step
def _stretch(watched: Marks, counts: Counts, lines: Lines, n: int) -> tuple[int, int, int]:
    """The first and the last cell of a line in which any radar sees the threats, and the last whose count may still fall.

    Where there is none: the number of cells, and -1.
    """
    cells = lines.cells[n]
    last_open = cells - 1
    while last_open >= 0 and counts[cell_of(lines, n, last_open)] == 0:
        last_open -= 1
    first_seen = 0
    while first_seen <= last_open and watched[cell_of(lines, n, first_seen)] == 0:
        first_seen += 1
    if first_seen > last_open:
        return cells, -1, last_open
    last_seen = last_open
    while watched[cell_of(lines, n, last_seen)] == 0:
        last_seen -= 1
    return first_seen, last_seen, last_open


@stage
def sweep_to_ends(
    defence: PackedDefence, probe: Probe, sweep: LineSweep, wave: Wave, sky: Row, lines: Lines, first: int, last: int, fewest_of: Counts,
    alive: Floats,
) -> None:  # fmt: skip
    """Sweep lines to their ends: by line, the fewest opportunities of a threat, and the share of threats that survives.

    A threat survives with the probability that every salvo offered to it misses. Kills do not free channels for other threats: where they
    would, the share is an upper bound.
    """
    for n in range(first, last):
        clear(defence, sweep)
        t_s, fewest = 0.0, 0
        for i in range(lines.cells[n]):
            fewest, step_s = _step(defence, probe, sweep, wave, sky, lines, cell_of(lines, n, i), i, t_s)
            t_s += step_s
        fewest_of[n] = fewest
        alive[n] = 0.0
        for j in range(wave.together):
            alive[n] += sweep.threats[j]["alive"] / wave.together


@step
def _step(
    defence: PackedDefence, probe: Probe, sweep: LineSweep, wave: Wave, sky: Row, lines: Lines, cell: int, i: int, t_s: float
) -> tuple[int, float]:
    """Move the threats to a cell, number `i` of its line, at `t_s`; returns the fewest opportunities so far, and the time to the next."""
    velocity, step_s = _pace(sky.place_m, lines, cell, probe.speed_mps)
    before_s = step_s if i > 0 else 0.0
    watched = NONE
    for w in range(sweep.before.size):
        watched |= sweep.before[w] | sky.clear[cell, w]
    place_m = sky.place_m[cell]
    if watched != NONE:
        _watch(defence, sweep, place_m, velocity, sky.clear[cell], sky.always[cell], t_s, 0.5 * before_s)
        sweep.last_seen_s[0] = t_s
    if t_s - sweep.last_seen_s[0] <= sweep.linger_s:
        alt_m, height_m = np.float64(sky.alt_m[cell]), np.float64(sky.alt_m[cell] - sky.ground_m[cell])
        if _meet(defence, probe, sweep, place_m, velocity, alt_m, height_m, t_s, before_s):
            _serve(defence, probe, sweep, wave.enough, t_s)
    elif sweep.last_seen_s[0] > -math.inf:
        sweep.last_seen_s[0] = -math.inf
        out_of_play(sweep)
    fewest = wave.enough
    for j in range(sweep.threats.size):
        fewest = min(fewest, sweep.threats[j]["opportunities"])
    return fewest, step_s


@step
def _pace(place_m: Floats, lines: Lines, cell: int, speed_mps: float) -> tuple[tuple[float, float, float], float]:
    """Velocity on the heading, and the time to the next cell, s."""
    dx, dy, dz = _onward(place_m, lines, cell, lines.ahead)
    if lines.slope > 0.0:
        aside_x, aside_y, aside_z = _onward(place_m, lines, cell, lines.aside)
        dx, dy, dz = dx + lines.slope * aside_x, dy + lines.slope * aside_y, dz + lines.slope * aside_z
    length_m = math.sqrt(dx * dx + dy * dy + dz * dz)
    scale = speed_mps / length_m
    return (dx * scale, dy * scale, dz * scale), length_m / speed_mps


@step
def _onward(place_m: Floats, lines: Lines, cell: int, stride: int) -> tuple[float, float, float]:
    """The vector from a cell to the one a stride on, ECEF, m; on the last row or column, to it from the one before."""
    to = cell + stride
    if to < 0 or to >= place_m.shape[0] or (abs(stride) == 1 and to // lines.columns != cell // lines.columns):
        to, cell = cell, cell - stride
    return place_m[to, 0] - place_m[cell, 0], place_m[to, 1] - place_m[cell, 1], place_m[to, 2] - place_m[cell, 2]


@step
def _watch(
    defence: PackedDefence, sweep: LineSweep, place_m: Floats, velocity: tuple[float, float, float], clear: Bits, always: Bits,
    t_s: float, half_s: float,
) -> None:  # fmt: skip
    """Update which radars see the threats and since when: half a step before the first cell in which they are seen."""
    for w in range(clear.size):
        was, bits = sweep.before[w], clear[w]
        if was | bits == NONE:
            continue
        now = NONE
        both = was | bits
        r = w * WORD
        while both != NONE:
            if both & ONE != NONE:
                bit = ONE << np.uint64(r % WORD)
                if bits & bit != NONE and _passes(defence, r, place_m, velocity, always[w] & bit != NONE):
                    now |= bit
                    if was & bit == NONE:
                        seen = sweep.seen[r]
                        seen["before_from_s"], seen["before_until_s"] = seen["from_s"], seen["until_s"]
                        seen["since_s"] = seen["from_s"] = t_s - half_s
                        seen["until_s"] = math.inf
                        into_play(defence, sweep, r)
                    _confirm(defence, sweep, r, t_s)
                elif was & bit != NONE:
                    sweep.seen[r]["since_s"], sweep.seen[r]["until_s"] = math.inf, t_s - half_s
            both >>= ONE
            r += 1
        sweep.before[w] = now


@step
def _passes(defence: PackedDefence, r: int, place_m: Floats, velocity: tuple[float, float, float], in_clutter: bool) -> bool:
    """Whether a threat's radial speed passes the radar's filter and, unless it is seen in clutter, exceeds that of clutter."""
    radar = defence.radars[r]
    least_mps = radar["radial_speed_min_mps"] if in_clutter else max(radar["radial_speed_min_mps"], radar["clutter_speed_mps"])
    if least_mps <= 0.0:
        return True
    x, y, z = from_radar(defence, r, place_m)
    radial = velocity[0] * x + velocity[1] * y + velocity[2] * z
    return bool(radial * radial >= least_mps * least_mps * (x * x + y * y + z * z))


@step
def _confirm(defence: PackedDefence, sweep: LineSweep, r: int, t_s: float) -> None:
    radar = defence.radars[r]
    if radar["searches"] == 0:
        return
    confirmed_s = sweep.seen[r]["since_s"] + (radar["hits"] - 0.5) * radar["revisit_s"]
    if confirmed_s <= t_s and confirmed_s < sweep.tracked_s[radar["network"]]:
        sweep.tracked_s[radar["network"]] = confirmed_s


@step
def _meet(
    defence: PackedDefence, probe: Probe, sweep: LineSweep, place_m: Floats, velocity: tuple[float, float, float], alt_m: float,
    height_m: float, t_s: float, step_s: float,
) -> bool:  # fmt: skip
    """For each magazine in play: whether it can intercept the threats here and the launch time for that, and the start of the interval
    before. Returns whether any can.
    """
    any_inside = False
    for n in range(sweep.in_play_count[0]):
        m = sweep.in_play[n]
        magazine, meeting = defence.magazines[m], sweep.meetings[m]
        u = magazine["unit"]
        unit = sweep.units[u]
        was_inside, meeting["inside"] = meeting["inside"], 0
        x, y, z = from_radar(defence, defence.units[u]["radar"], place_m)
        square_m2 = x * x + y * y + z * z
        if square_m2 > unit["widest_m"] ** 2 or meeting["rounds"] < 1:
            continue
        if sweep.tracked_s[defence.units[u]["network"]] + defence.units[u]["reaction_ticks"] / TICKS_PER_S > t_s + step_s:
            continue  # no launch is possible yet
        if height_m < defence.envelopes[m, probe.target_class]["height_min_m"]:
            continue
        if not in_envelope(defence, m, probe.target_class, False, alt_m, (x, y, z), velocity):
            continue
        range_m = math.sqrt(square_m2)
        flight_s = time_to_s(defence, m, range_m, alt_m - defence.radars[defence.units[u]["radar"]]["antenna_alt_m"])
        if not math.isfinite(flight_s):
            continue
        launch_s = t_s - flight_s
        if was_inside == 1:
            meeting["entry_s"], meeting["was_s"] = t_s - step_s, meeting["launch_s"]
        else:
            meeting["entry_s"] = _entry_s(defence, probe, m, range_m, (x, y, z), velocity, t_s, step_s)
            meeting["was_s"] = launch_s - (t_s - meeting["entry_s"])
        meeting["launch_s"], meeting["inside"], meeting["range_m"] = launch_s, 1, range_m
        any_inside = True
    return any_inside


@step
def _entry_s(
    defence: PackedDefence, probe: Probe, m: int, range_m: float, from_unit_m: tuple[float, float, float],
    velocity: tuple[float, float, float], t_s: float, step_s: float,
) -> float:  # fmt: skip
    """Time within the last step at which threats entered an envelope: by range if that was the limit, else half-way."""
    x, y, z = from_unit_m
    closing_mps = -(x * velocity[0] + y * velocity[1] + z * velocity[2]) / range_m
    if closing_mps > 0.0:
        since_s = (defence.envelopes[m, probe.target_class]["range_max_m"] - range_m) / closing_mps
        if since_s < step_s:
            return float(t_s - since_s)
    return t_s - 0.5 * step_s


@step
def _serve(defence: PackedDefence, probe: Probe, sweep: LineSweep, enough: int, t_s: float) -> None:
    """Use all opportunities with an intercept up to `t_s`, earliest first."""
    while True:
        best_s, best_launch_s, best_m, best_j = math.inf, 0.0, -1, -1
        for n in range(sweep.in_play_count[0]):
            m = sweep.in_play[n]
            meeting = sweep.meetings[m]
            if meeting["inside"] == 0 or meeting["rounds"] < 1 or meeting["launch_s"] <= meeting["was_s"]:
                continue
            j, ready_s = _next_threat(defence, sweep, m, enough, meeting["launch_s"])
            if j < 0:
                continue
            launch_s = max(ready_s, meeting["was_s"])
            if not _guided(defence, sweep, m, launch_s):
                continue
            share = (launch_s - meeting["was_s"]) / (meeting["launch_s"] - meeting["was_s"])
            meet_s = meeting["entry_s"] + share * (t_s - meeting["entry_s"])
            if meet_s < best_s:
                best_s, best_launch_s, best_m, best_j = meet_s, launch_s, m, j
        if best_m < 0:
            break
        _take(defence, probe, sweep, best_m, best_j, best_launch_s, best_s)


@step
def _next_threat(defence: PackedDefence, sweep: LineSweep, m: int, enough: int, latest_s: float) -> tuple[int, float]:
    """The threat with the fewest opportunities at which magazine `m` can launch by `latest_s`, and the earliest launch; -1 if none."""
    u = defence.magazines[m]["unit"]
    unit = sweep.units[u]
    network = defence.units[u]["network"]
    channel_s = math.inf
    for c in range(unit["first_channel"], unit["first_channel"] + unit["channels"]):
        channel_s = min(channel_s, sweep.channels[c])
    known_s = sweep.tracked_s[network] + defence.networks[network]["link_delay_ticks"] / TICKS_PER_S
    reaction_s = defence.units[u]["reaction_ticks"] / TICKS_PER_S
    best, best_s, fewest = -1, math.inf, enough - 1
    for j in range(sweep.threats.size):
        threat = sweep.threats[j]
        if threat["opportunities"] > fewest:
            continue
        free_s = max(known_s, channel_s, threat["free_s"])
        ready_s = max(ready_at(free_s, threat["last_unit"] == u, reaction_s), unit["next_launch_s"])
        ready_s = max(ready_s, _held_from_s(defence, sweep, m, ready_s))
        if ready_s <= latest_s and (threat["opportunities"] < fewest or ready_s < best_s):
            best, best_s, fewest = j, ready_s, threat["opportunities"]
    return best, best_s


@step
def _held_from_s(defence: PackedDefence, sweep: LineSweep, m: int, ready_s: float) -> float:
    """Start of the interval in which the unit's radar holds the threats; for an active round possibly that of the interval before."""
    magazine = defence.magazines[m]
    seen = sweep.seen[defence.units[magazine["unit"]]["radar"]]
    if magazine["guided_to_intercept"] == 0:
        launch_s = max(ready_s, sweep.meetings[m]["was_s"])
        if max(launch_s, seen["before_from_s"]) <= seen["before_until_s"]:
            return float(seen["before_from_s"])
    return float(seen["from_s"])


@step
def _guided(defence: PackedDefence, sweep: LineSweep, m: int, launch_s: float) -> bool:
    """Whether the unit's radar holds the threats as guidance requires: from launch until now, or at launch for an active round."""
    magazine = defence.magazines[m]
    seen = sweep.seen[defence.units[magazine["unit"]]["radar"]]
    if magazine["guided_to_intercept"] == 1:
        return bool(seen["since_s"] <= launch_s)
    return bool(seen["from_s"] <= launch_s <= seen["until_s"] or seen["before_from_s"] <= launch_s <= seen["before_until_s"])


@step
def _take(defence: PackedDefence, probe: Probe, sweep: LineSweep, m: int, j: int, launch_s: float, meet_s: float) -> None:
    """Fire a salvo of magazine `m` at threat `j`, and update when channel, launchers and threat are free again."""
    u = defence.magazines[m]["unit"]
    unit, orders = defence.units[u], defence.doctrine[u, probe.target_class]
    interval_s = unit["launch_interval_ticks"] / TICKS_PER_S
    salvo = min(orders["salvo"], sweep.meetings[m]["rounds"])
    busy_s = busy_until(meet_s, salvo, interval_s, unit["assessment_ticks"] / TICKS_PER_S)
    sweep.meetings[m]["rounds"] -= salvo
    sweep.units[u]["next_launch_s"] = launchers_free_at(launch_s, salvo, interval_s)
    soonest = sweep.units[u]["first_channel"]
    for c in range(soonest, soonest + sweep.units[u]["channels"]):
        if sweep.channels[c] < sweep.channels[soonest]:
            soonest = c
    sweep.channels[soonest] = busy_s
    threat = sweep.threats[j]
    threat["opportunities"] += 1
    threat["free_s"], threat["last_unit"] = busy_s, u
    envelope, as_one = defence.envelopes[m, probe.target_class], defence.salvo_correlation
    pk = pk_at_range(envelope["pk"], envelope["fall_m2"], sweep.meetings[m]["range_m"] ** 2)
    threat["alive"] *= as_one * (1.0 - pk) + (1.0 - as_one) * (1.0 - pk) ** salvo
