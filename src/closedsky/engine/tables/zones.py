"""What zones leave of the launch windows of a flight: launches while it is where it may be fired at, that meet it where it may be met.

Between two samples a flight is straight in latitude, longitude and altitude, and so are the sides of a zone: where it enters or leaves
follows from the crossings of straight lines.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import ANYWHERE, INSIDE, Floats, Packed
from closedsky.engine.tables.sight import locate_all
from closedsky.engine.tables.windows import intercept_for, launch_for
from closedsky.physics.jit import kernel

Booleans = npt.NDArray[np.bool_]

_TURN = 2.0 * math.pi
_EVER_S = 1e9  # beyond the ends of any flight


def permitted(packed: Packed, f: int, samples: Floats, rows: Floats) -> Floats:
    """The rows of `launches` of flight `f`, cut to what the zones of their units permit; as they are where none applies."""
    defence = packed.defence
    zoned = defence.zoned[:, :, packed.raid.flights["target_class"][f]]
    if rows.size == 0 or not zoned.any():
        return rows
    locate_all(samples, packed.environment.earth)
    inside = [within(packed, z, f, samples) for z in range(defence.zones.size)]
    everything = np.array([[-_EVER_S, _EVER_S]])
    out = [np.empty((0, 5))]
    for row in rows:
        unit = defence.magazines["unit"][int(row[0])]
        mine = np.flatnonzero(zoned[:, unit])
        launch, meet = (
            _allowed(everything, [(defence.zones[what][z], inside[z]) for z in mine]) for what in ("launch", "intercept")
        )
        if launch is everything and meet is everything:
            out.append(row[None])
            continue
        ends = np.array([[*one, *other] for one in launch for other in meet]).reshape(-1, 4)
        cuts = np.empty((ends.shape[0], 5))
        out.append(cuts[: cut(packed, f, samples, row, ends, cuts)])
    return np.concatenate(out)


def _allowed(everything: Floats, zones: list[tuple[int, Floats]]) -> Floats:
    """Intervals of flight time that zones allow: inside at least one of those that ask for it, and outside all that forbid it."""
    insides = [times for which, times in zones if which == INSIDE]
    outsides = [times for which, times in zones if which not in (ANYWHERE, INSIDE)]
    if not insides and not outsides:
        return everything
    edges = np.unique(np.concatenate([everything.ravel(), *(times.ravel() for times in (*insides, *outsides))]))
    spans = np.column_stack([edges[:-1], edges[1:]])
    middle = spans.mean(axis=1)
    allowed = np.ones(middle.size, bool)
    if insides:
        allowed &= np.any([_in_any(middle, times) for times in insides], axis=0)
    for times in outsides:
        allowed &= ~_in_any(middle, times)
    return _joined(spans[allowed])


def _in_any(moments: Floats, intervals: Floats) -> Booleans:
    """Whether each moment lies in any of the intervals."""
    return np.asarray(np.any((moments[:, None] >= intervals[:, 0]) & (moments[:, None] <= intervals[:, 1]), axis=1))


def _joined(spans: Floats) -> Floats:
    """Intervals in order, those that touch made one."""
    if not spans.size:
        return spans
    apart = np.flatnonzero(spans[1:, 0] > spans[:-1, 1])
    return np.column_stack([spans[np.r_[0, apart + 1], 0], spans[np.r_[apart, len(spans) - 1], 1]])


def within(packed: Packed, z: int, f: int, samples: Floats) -> Floats:
    """Intervals of flight time, s, rows (from, to), in which flight `f` is inside zone `z`; all its samples have to be located."""
    zone, flight = packed.defence.zones[z], packed.raid.flights[f]
    corners = packed.defence.corners[zone["first"] : zone["first"] + zone["corners"]]
    north = corners[:, 0]
    east = np.unwrap(corners[:, 1])
    lat, alt = samples[:, 0], samples[:, 2]
    lon = np.unwrap(samples[:, 1])
    lon = lon - _TURN * np.round((lon.mean() - east.mean()) / _TURN)
    times = np.minimum(np.arange(len(samples)) * flight["step_s"], flight["duration_s"])
    cuts = [times]
    limits = [limit for limit in (zone["altitude_min_m"], zone["altitude_max_m"]) if math.isfinite(limit)]
    for limit in limits:
        cuts.append(_at_share(times, _share(alt[:-1] - limit, alt[1:] - limit)))
    for k in range(corners.shape[0]):
        cuts.append(_at_share(times, _crossing(lat, lon, (north[k], east[k]), (north[k - 1], east[k - 1]))))
    edges = np.unique(np.concatenate(cuts))
    spans = np.column_stack([edges[:-1], edges[1:]])
    middle = spans.mean(axis=1)
    here = [np.interp(middle, times, values) for values in (lat, lon, alt)]
    held = _in_outline(here[0], here[1], north, east)
    held &= (here[2] >= zone["altitude_min_m"]) & (here[2] <= zone["altitude_max_m"])
    return _joined(spans[held])


def _share(before: Floats, after: Floats) -> Floats:
    """For each step, the share of it at which a quantity that is linear in it is zero; NaN where it is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = before / (before - after)
    return np.where((share >= 0.0) & (share <= 1.0), share, np.nan)


def _crossing(lat: Floats, lon: Floats, one: tuple[float, float], other: tuple[float, float]) -> Floats:
    """For each step of a path, the share of it at which it crosses the line through two corners; NaN where it does not."""
    across = (other[1] - one[1]) * (lat - one[0]) - (other[0] - one[0]) * (lon - one[1])
    return _share(across[:-1], across[1:])


def _at_share(times: Floats, share: Floats) -> Floats:
    at = times[:-1] + share * np.diff(times)
    return np.asarray(at[~np.isnan(at)])


def _in_outline(lat: Floats, lon: Floats, north: Floats, east: Floats) -> Booleans:
    """Whether points lie inside a closed outline: a line to the east of each crosses it an odd number of times."""
    inside = np.zeros(lat.shape, bool)
    for k in range(north.size):
        a, b = (north[k], east[k]), (north[k - 1], east[k - 1])
        straddles = (a[0] > lat) != (b[0] > lat)
        if a[0] != b[0]:
            inside ^= straddles & (lon < a[1] + (lat - a[0]) / (b[0] - a[0]) * (b[1] - a[1]))
    return inside


@kernel
def cut(packed: Packed, f: int, samples: Floats, row: Floats, ends: Floats, out: Floats) -> int:
    """A row of `launches` within intervals of launch and intercept, rows (launch from, to, intercept from, to) of `ends`; how many."""
    step_s, m = packed.raid.flights[f]["step_s"], int(row[0])
    n = 0
    for i in range(ends.shape[0]):
        opens, closes, low, high = max(row[1], ends[i, 0]), min(row[2], ends[i, 1]), row[3], row[4]
        if closes <= opens:
            continue
        if opens > row[1]:
            low = intercept_for(packed, m, samples, step_s, opens, row[3], row[4])
        if closes < row[2]:
            high = intercept_for(packed, m, samples, step_s, closes, row[3], row[4])
        if ends[i, 2] > low:
            low = ends[i, 2]
            opens = launch_for(packed, m, samples, step_s, low)
        if ends[i, 3] < high:
            high = ends[i, 3]
            closes = launch_for(packed, m, samples, step_s, high)
        if low < high and opens < closes:
            out[n, 0], out[n, 1], out[n, 2], out[n, 3], out[n, 4] = row[0], opens, closes, low, high
            n += 1
    return n
