"""Launch windows: intervals of launch times at which a missile intercepts a flight inside its envelope, as its guidance allows."""

import math

import numpy as np

from closedsky.engine.layout import TICKS_PER_S, Floats, Ints, Packed, PackedDefence
from closedsky.engine.tables.sight import guides_at, place
from closedsky.physics.flyout import time_of_flight
from closedsky.physics.geodesy import enu
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jit import kernel, part, stage, step
from closedsky.physics.trajectory import locate

_BISECTIONS = 26
_SOON_S = 0.1  # time step of the test whether a later launch gives a later intercept


@stage
def flight_time_s(packed: Packed, m: int, samples: Floats, step_s: float, t_s: float) -> float:
    """Fly-out time of a missile of magazine `m` to the position of the flight at `t_s`, s; infinite where it cannot reach it."""
    radar = packed.defence.radars[packed.defence.units[packed.defence.magazines[m]["unit"]]["radar"]]
    _, _, alt, x, y, z, _ = place(samples, packed.environment.earth, step_s, t_s)
    range_m = math.sqrt((x - radar["x_m"]) ** 2 + (y - radar["y_m"]) ** 2 + (z - radar["z_m"]) ** 2)
    return time_to_s(packed.defence, m, range_m, alt - radar["antenna_alt_m"])


@stage
def slant_range_m(packed: Packed, m: int, samples: Floats, step_s: float, t_s: float) -> float:
    """Slant range from the unit of magazine `m` to the position of the flight at `t_s`, m."""
    radar = packed.defence.radars[packed.defence.units[packed.defence.magazines[m]["unit"]]["radar"]]
    _, _, _, x, y, z, _ = place(samples, packed.environment.earth, step_s, t_s)
    return math.sqrt((x - radar["x_m"]) ** 2 + (y - radar["y_m"]) ** 2 + (z - radar["z_m"]) ** 2)


@stage
def time_to_s(defence: PackedDefence, m: int, range_m: float, climb_m: float) -> float:
    """Fly-out time of a missile of magazine `m` to a slant range and climb, s; infinite where its fly-out does not get there."""
    magazine = defence.magazines[m]
    table = defence.fly_out[magazine["fly_out"]]
    return time_of_flight(table, magazine["range_most_m"], magazine["speed_least_mps"], range_m, climb_m)


@stage
def launch_for(packed: Packed, m: int, samples: Floats, step_s: float, t_s: float) -> float:
    """Launch time of a missile of magazine `m` that intercepts the flight at `t_s`."""
    return t_s - flight_time_s(packed, m, samples, step_s, t_s)


@stage
def crossing_m(lat_rad: float, lon_rad: float, dx: float, dy: float, dz: float, vx: float, vy: float, vz: float) -> float:
    """Crossing offset of a target's course from the unit, in the horizontal plane of the unit, m.

    |p × v| / |v|, with p its position relative to the unit (dx, dy, dz) and v its velocity; zero for a vertical descent.
    """
    east, north, _ = enu(lat_rad, lon_rad, dx, dy, dz)
    speed_east, speed_north, _ = enu(lat_rad, lon_rad, vx, vy, vz)
    speed = math.sqrt(speed_east * speed_east + speed_north * speed_north)
    return abs(east * speed_north - north * speed_east) / speed if speed > 0.0 else 0.0


@stage
def in_envelope(
    defence: PackedDefence, m: int, target_class: int, manoeuvres: bool, alt_m: float, from_unit_m: tuple[float, float, float],
    velocity_mps: tuple[float, float, float],
) -> bool:  # fmt: skip
    """Whether a target is inside the envelope of magazine `m`, minimum height not considered.

    Position relative to the unit and velocity are in ECEF. The ceiling is an altitude.
    """
    magazine = defence.magazines[m]
    envelope = defence.envelopes[m, target_class]
    if envelope["engages"] == 0 or alt_m > envelope["altitude_max_m"]:
        return False
    dx, dy, dz = from_unit_m
    range_m = math.sqrt(dx * dx + dy * dy + dz * dz)
    if range_m < magazine["range_min_m"] or range_m > envelope["range_max_m"]:
        return False
    if manoeuvres and range_m > envelope["manoeuvring_max_m"]:
        return False
    vx, vy, vz = velocity_mps
    if vx * vx + vy * vy + vz * vz > magazine["target_speed_max_mps"] ** 2:
        return False
    if vx * dx + vy * dy + vz * dz > 0.0 and range_m > envelope["receding_max_m"]:
        return False
    if not math.isfinite(envelope["crossing_max_m"]):
        return True
    radar = defence.radars[defence.units[magazine["unit"]]["radar"]]
    return bool(crossing_m(radar["lat_rad"], radar["lon_rad"], dx, dy, dz, vx, vy, vz) <= envelope["crossing_max_m"])


@stage
def reachable(packed: Packed, ground: Ground, m: int, f: int, samples: Floats, t_s: float) -> bool:
    """Whether the flight is inside the envelope of magazine `m` at `t_s`, and does not draw away from a missile that meets it there.

    It does where a little later it is farther from the launcher, in time of flight, by as much as it is later: a missile launched no
    earlier would never meet it. The minimum is a height, above the ground under the target.
    """
    flight = packed.raid.flights[f]
    magazine = packed.defence.magazines[m]
    step_s = flight["step_s"]
    lat, lon, alt, x, y, z, k = place(samples, packed.environment.earth, step_s, t_s)
    radar = packed.defence.radars[packed.defence.units[magazine["unit"]]["radar"]]
    dx, dy, dz = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
    vx = (samples[k + 1, 3] - samples[k, 3]) / step_s
    vy = (samples[k + 1, 4] - samples[k, 4]) / step_s
    vz = (samples[k + 1, 5] - samples[k, 5]) / step_s
    if not in_envelope(packed.defence, m, flight["target_class"], flight["manoeuvres"] == 1, alt, (dx, dy, dz), (vx, vy, vz)):
        return False
    if alt - bilinear(ground, lat, lon) < packed.defence.envelopes[m, flight["target_class"]]["height_min_m"]:
        return False
    here_s = time_to_s(packed.defence, m, math.sqrt(dx * dx + dy * dy + dz * dz), alt - radar["antenna_alt_m"])  # `flight_time_s`
    if not math.isfinite(here_s):
        return False
    return bool(flight_time_s(packed, m, samples, step_s, t_s + _SOON_S) - here_s < 0.98 * _SOON_S)


# conditions of `intervals`
REACHED, GUIDED, GUIDED_IN_ANY_SECTOR = 0, 1, 2


@stage
def holds(packed: Packed, ground: Ground, what: int, m: int, f: int, samples: Floats, t_s: float) -> bool:
    """Whether flight `f` at `t_s` is inside the envelope of magazine `m` (REACHED), or held by its unit's engagement radar."""
    if what == REACHED:
        return reachable(packed, ground, m, f, samples, t_s)
    return guides_at(packed, ground, packed.defence.magazines[m]["unit"], f, samples, t_s, what == GUIDED_IN_ANY_SECTOR) > 0.0


@step
def near_enough(packed: Packed, m: int, f: int, samples: Floats) -> tuple[float, float]:
    """Flight times, s, outside which flight `f` is too far or too high for magazine `m`; the second before the first if it always is.

    Tested at samples, with a margin of a metre, to exclude most of a long flight from closer tests.
    """
    radar = packed.defence.radars[packed.defence.units[packed.defence.magazines[m]["unit"]]["radar"]]
    envelope = packed.defence.envelopes[m, packed.raid.flights[f]["target_class"]]
    ceiling_m, square = envelope["altitude_max_m"] + 1.0, (envelope["range_max_m"] + 1.0) ** 2
    first, last = samples.shape[0], -1
    for k in range(samples.shape[0]):
        dx, dy, dz = samples[k, 3] - radar["x_m"], samples[k, 4] - radar["y_m"], samples[k, 5] - radar["z_m"]
        if dx * dx + dy * dy + dz * dz <= square:
            locate(samples, k, (packed.environment.earth.axis_m, packed.environment.earth.e2))
            if samples[k, 2] <= ceiling_m:
                first, last = min(first, k), k
    step_s = packed.raid.flights[f]["step_s"]
    if last < 0:
        return math.inf, -math.inf
    return max(first - 1, 0) * step_s, (last + 1) * step_s if last < samples.shape[0] - 2 else math.inf


@stage
def intervals(
    packed: Packed, ground: Ground, what: int, m: int, f: int, samples: Floats, since_s: float, until_s: float, out: Floats
) -> int:
    """Intervals of flight time over which `what` holds, rows (from, to) of `out` in s, with ends found by bisection between samples.

    Only the range between the samples around `since_s` and `until_s` is tested; a condition that holds at its ends begins or ends there.
    """
    flight = packed.raid.flights[f]
    step_s, duration_s = flight["step_s"], flight["duration_s"]
    first = max(int(math.floor(since_s / step_s)), 0)
    last = int(math.ceil(min(until_s, duration_s) / step_s))
    n = 0
    inside = False
    for k in range(first, last + 1):
        t_s = first * step_s if k == first else min(k * step_s, duration_s)
        now = holds(packed, ground, what, m, f, samples, t_s)
        if now == inside:
            continue
        low, high = (k - 1) * step_s, t_s
        for _ in range(_BISECTIONS if k > first else 0):
            middle = 0.5 * (low + high)
            if holds(packed, ground, what, m, f, samples, middle) == inside:
                low = middle
            else:
                high = middle
        if now:
            out[n, 0] = high
        else:
            out[n, 1] = low
            n += 1
        inside = now
    if inside:
        out[n, 1] = min(last * step_s, duration_s)
        n += 1
    return n


@stage
def intercept_for(packed: Packed, m: int, samples: Floats, step_s: float, launch_s: float, low: float, high: float) -> float:
    """Intercept time between `low` and `high` of a missile launched at `launch_s` (`launch_for` increases there)."""
    for _ in range(_BISECTIONS + 14):
        middle = 0.5 * (low + high)
        if launch_for(packed, m, samples, step_s, middle) < launch_s:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@step
def launch_windows(packed: Packed, m: int, f: int, samples: Floats, reach: Floats, seen: Floats, out: Floats) -> int:
    """Launch windows of magazine `m` at flight `f`: rows (magazine, open, close, earliest intercept, latest intercept), s.

    A round guided to the intercept requires that the target is held from launch to intercept; an active round at its launch only.
    """
    step_s = packed.raid.flights[f]["step_s"]
    guided = packed.defence.magazines[m]["guided_to_intercept"] == 1
    n = 0
    for i in range(reach.shape[0]):
        for j in range(seen.shape[0]):
            low, high = reach[i, 0], reach[i, 1]
            if guided:
                low, high = max(low, seen[j, 0]), min(high, seen[j, 1])
            if high <= low:
                continue
            first_launch, last_launch = launch_for(packed, m, samples, step_s, low), launch_for(packed, m, samples, step_s, high)
            if last_launch < seen[j, 0] or first_launch > seen[j, 1] or last_launch <= first_launch:
                continue
            if first_launch < seen[j, 0]:
                low = intercept_for(packed, m, samples, step_s, seen[j, 0], low, high)
                first_launch = seen[j, 0]
            if last_launch > seen[j, 1]:
                high = intercept_for(packed, m, samples, step_s, seen[j, 1], low, high)
                last_launch = seen[j, 1]
            out[n, 0], out[n, 1], out[n, 2], out[n, 3], out[n, 4] = m, first_launch, last_launch, low, high
            n += 1
    return n


@part
def launches(packed: Packed, ground: Ground, f: int, samples: Floats, units: Ints, what: int) -> Floats:
    """Launch windows of some units at flight `f`, unit by unit: rows (magazine, open, close, earliest intercept, latest intercept), s.

    Whether a unit's radar holds the target (`what`) is tested only from the earliest possible launch to the latest possible intercept.
    """
    most = samples.shape[0] // 2 + 2
    reach, seen = np.empty((most * packed.defence.magazines.size, 2)), np.empty((most, 2))
    ends = np.zeros(packed.defence.magazines.size + 1, np.int64)
    out = np.empty((64, 5))
    n = 0
    for u in units:
        first, last = magazines_of(packed.defence, u)
        reached, since_s, until_s = 0, math.inf, 0.0
        for m in range(first, last):
            since_s, until_s, more = _reaches(packed, ground, m, f, samples, since_s, until_s, reach[reached:])
            reached += more
            ends[m - first + 1] = reached
        if reached == 0:
            continue
        held = seen[: intervals(packed, ground, what, first, f, samples, since_s, until_s, seen)]
        if n + reached * held.shape[0] > out.shape[0]:
            out = _with_room(out, n, 2 * out.shape[0] + reached * held.shape[0])
        for m in range(first, last):
            n += launch_windows(packed, m, f, samples, reach[ends[m - first] : ends[m - first + 1]], held, out[n:])
    return out[:n]


@kernel
def _with_room(rows: Floats, used: int, room: int) -> Floats:
    """An array with the used rows and room for more."""
    out = np.empty((room, rows.shape[1]))
    for i in range(used):
        for k in range(rows.shape[1]):
            out[i, k] = rows[i, k]
    return out


@step
def _reaches(
    packed: Packed, ground: Ground, m: int, f: int, samples: Floats, since_s: float, until_s: float, out: Floats
) -> tuple[float, float, int]:
    """Intervals in which magazine `m` reaches the flight, into `out`; returns first launch and last intercept so far, and their number."""
    flight = packed.raid.flights[f]
    if packed.defence.envelopes[m, flight["target_class"]]["engages"] == 0:
        return since_s, until_s, 0
    near_s, far_s = near_enough(packed, m, f, samples)
    if near_s >= far_s:
        return since_s, until_s, 0
    n = intervals(packed, ground, REACHED, m, f, samples, near_s, far_s, out)
    for i in range(n):
        since_s = min(since_s, launch_for(packed, m, samples, flight["step_s"], out[i, 0]))
        until_s = max(until_s, out[i, 1])
    return since_s, until_s, n


@step
def magazines_of(defence: PackedDefence, u: int) -> tuple[int, int]:
    """The magazines of a unit, which are contiguous: the first, and one after the last."""
    first, last = 0, 0
    for m in range(defence.magazines.size):
        if defence.magazines[m]["unit"] == u:
            first, last = (m if last == 0 else first), m + 1
    return first, last


@stage
def curves(packed: Packed, f: int, samples: Floats, rows: Floats, first: Ints, ticks: Floats, square_m2: Floats) -> None:
    """Intercepts on uniform grids of launch times, one grid per row of `launches`: that of row i is [first[i]:first[i + 1]].

    `ticks` takes their times, `square_m2` the squares of their slant ranges.
    """
    step_s = packed.raid.flights[f]["step_s"]
    for i in range(rows.shape[0]):
        m, opens, closes, low, last = int(rows[i, 0]), rows[i, 1], rows[i, 2], rows[i, 3], rows[i, 4]
        count = first[i + 1] - first[i]
        for k in range(count):
            launch_s = opens + (closes - opens) * k / (count - 1)
            low = intercept_for(packed, m, samples, step_s, launch_s, low, last)
            at_s = rows[i, 3] if k == 0 else last if k == count - 1 else low
            ticks[first[i] + k] = at_s * TICKS_PER_S
            square_m2[first[i] + k] = slant_range_m(packed, m, samples, step_s, at_s) ** 2
