"""The visibility floor: for one antenna, the lowest altitude in line of sight over every node of a grid, in one sweep.

Rays leave the antenna in all directions and run outward through four sectors, one a side of the grid, line by line. Each ray carries
the tangent of its horizon, the steepest that the ground behind it has risen; a node takes the horizon between its two nearest rays,
before its own line adds to it. Franklin and Ray (1994) call a sweep of such rays R2. Here

- rays are great circles. In the plane with azimuth and s = k R sin(d / (k R)) as polar coordinates, d the ground range, they are straight
  lines whatever the grid; a lattice of every sixteenth node says where the grid lies in that plane;
- where a ray cuts a line of the grid, of either family, the bilinear surface is read exactly. Between two cuts it is a parabola; what is
  missed there is seen larger the nearer it is, so near the antenna the parabolas' own maxima are taken as well.

With w = (h - h₁) k R / (k R + h) the tangent of `visibility.apparent_tangent` is w / s - tan(φ / 2): one division a sample.
"""

import math
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from closedsky.physics.jit import kernel
from closedsky.physics.visibility import steepest_in_cell

Reals = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]
Values = TypeVar("Values", Reals, Singles)

LATTICE = 16
"""Nodes between two points of the lattice that says where a grid lies: over 16 km a line bends by 5 m · tan(latitude)."""
_EXACT, _LEAST_EXACT = 1.0 / 25.0, 16
"""How far from the antenna, in shares of the sector and in lines, the ground is taken with its maxima between two cuts."""
DOUBLINGS = 1
"""How often rays are doubled on their way: at half of it, for one."""
_SHORT_M = 1_000.0
"""Lines closer than this need half of the lattice's points."""
_NOTHING = np.float32(-1e9)
_OVER = np.float32(1.0)
"""Nodes by which the slope at the grid's edge goes on; beyond, the ground is as it is there."""


class Sight(NamedTuple):
    """Whence, over what Earth and how far: altitude of the antenna, effective radius k R and the greatest s, all in m."""

    antenna_alt_m: float
    radius_m: float
    reach_m: float


class Sector(NamedTuple):
    """A side of the grid, with its lines across the direction of sweep; indices are of the flat grid.

    Lines are `line_stride` apart and nodes of a line `node_stride`; the antenna is at (`line`, `node`), in fractions, and nodes are counted
    from `origin`, the one before it. The sweep moves by `onward`, 1 or -1 line. `along` and `across` are points of the lattice in units
    of one line and one node at the antenna; `metric` makes s² of them: along² · m₀ + 2 along · across · m₁ + across² · m₂. `least` and
    `most` are the slopes, across / along, of the rays that cut a line of the lattice, or any that follows, on the grid: a great circle
    may leave the grid and come back.
    """

    lines: int
    nodes: int
    line_stride: int
    node_stride: int
    line: float
    node: float
    origin: int
    onward: int
    along: Reals
    across: Reals
    metric: tuple[float, float, float]
    least: Reals
    most: Reals


class Rays(NamedTuple):
    """A fan of rays within one block of lines, `ahead` lines from where the block starts.

    Ray i, of direction `slope`[i] = across / along, is there at node `node0`[i] + ahead · `drift`[i] of the line, counted from the sector's
    `origin`, and at s = `s0_m`[i] + ahead · `rate_m`[i]. `horizon` is the tangent of its horizon.
    """

    slope: Reals
    node0: Singles
    drift: Singles
    s0_m: Singles
    rate_m: Singles
    horizon: Singles


@kernel
def floor_fan(
    grid: Singles, out: Singles, sector: Sector, sight: Sight, first_slope: float, step: float, count: int, closed: bool
) -> None:
    """The floor in m over the nodes between the first and the last of `count` rays of a sector: those on the last ray only if `closed`.

    `grid` and `out` are flat, altitudes in m. Ray i leaves with across / along = first_slope + i · step; rays are doubled as they part, so
    that those of the outer half are `DOUBLINGS` times closer. Nodes out of reach are left as they are.
    """
    rays = _fan(sector, first_slope, step, count)
    room = np.empty((4, sector.nodes + 2 + (count << DOUBLINGS)), np.float32)
    left = np.empty(room.shape[1], np.int32)
    start, onward = sector.line, sector.onward
    line = int(math.floor(start)) + 1 if onward > 0 else int(math.ceil(start)) - 1
    far = sector.lines - 1 - line if onward > 0 else line
    hop = LATTICE * (2 if sector.metric[0] < _SHORT_M * _SHORT_M else 1)
    edge = LATTICE * (sector.along.shape[0] - 1)
    doublings = 0
    while 0 <= line < sector.lines:
        knot = min((line + hop - 1) // hop * hop, edge) if onward > 0 else line // hop * hop
        span = abs(knot - start)
        while doublings < DOUBLINGS and abs(start - sector.line) * (1 << (DOUBLINGS - doublings)) > far:
            rays = _doubled(rays)
            doublings += 1
        low, high = _within(sector, sight, rays, start)
        if high - low < 2:
            return
        rays = _cut(rays, low, high)
        _aim(sector, rays, knot, span)
        behind = 0.0
        while 0 <= line < sector.lines and (knot - line) * onward >= 0:
            ahead = abs(line - start)
            deep = abs(line - sector.line)
            if deep < max(_LEAST_EXACT, _EXACT * far):
                _rise_between(grid, sector, sight, rays, line, behind, ahead)
            n = rays.slope.size
            node, s_m = room[0, :n], room[1, :n]
            _place(rays, np.float32(ahead), node, s_m)
            _settle(grid, out, sector, sight, rays.horizon, line, node, s_m, closed, room[2], room[0, n:], left)
            _rise_on(grid, sector, sight, rays, line, node, s_m, room[2, :n], room[3, :n], left[:n])
            behind = ahead
            line += onward
        start = float(knot)
        _place(rays, np.float32(span), rays.node0, rays.s0_m)


@kernel
def _fan(sector: Sector, first_slope: float, step: float, count: int) -> Rays:
    """Rays at the antenna, their horizons unknown."""
    slope = np.empty(count)
    for i in range(count):
        slope[i] = first_slope + i * step
    node0 = np.full(count, np.float32(sector.node - sector.origin))
    drift, s0_m, rate_m = np.zeros(count, np.float32), np.zeros(count, np.float32), np.zeros(count, np.float32)
    return Rays(slope, node0, drift, s0_m, rate_m, np.full(count, _NOTHING))


@kernel
def _doubled(rays: Rays) -> Rays:
    """A ray more between any two, half way in everything."""
    return Rays(
        _halved(rays.slope), _halved(rays.node0), _halved(rays.drift), _halved(rays.s0_m), _halved(rays.rate_m),
        _halved(rays.horizon),
    )  # fmt: skip


@kernel
def _halved(values: Values) -> Values:
    """Values with their means between them."""
    out = np.empty(2 * values.size - 1, values.dtype)
    for i in range(values.size - 1):
        out[2 * i] = values[i]
        out[2 * i + 1] = values.dtype.type(0.5) * (values[i] + values[i + 1])
    out[-1] = values[-1]
    return out


@kernel
def _cut(rays: Rays, low: int, high: int) -> Rays:
    """Rays low, …, high - 1."""
    return Rays(
        rays.slope[low:high], rays.node0[low:high], rays.drift[low:high], rays.s0_m[low:high], rays.rate_m[low:high],
        rays.horizon[low:high],
    )  # fmt: skip


@kernel
def _aim(sector: Sector, rays: Rays, knot: int, span: float) -> None:
    """Drift and rate of the rays to where they cut a line of the lattice, `span` lines ahead; between its points the line is straight.

    across = slope · along holds between points J and J + 1 where across - slope · along changes sign; J grows with the slope.
    """
    along, across = sector.along[knot // LATTICE], sector.across[knot // LATTICE]
    m0, m1, m2 = sector.metric
    last = along.shape[0] - 2
    j = 0
    for i in range(rays.slope.size):
        slope = rays.slope[i]
        while j < last and across[j + 1] <= slope * along[j + 1]:
            j += 1
        before = across[j] - slope * along[j]
        after = across[j + 1] - slope * along[j + 1]
        share = before / (before - after)
        out = along[j] + share * (along[j + 1] - along[j])
        aside = slope * out
        node = LATTICE * (j + share) - sector.origin
        s_m = math.sqrt(out * out * m0 + 2.0 * out * aside * m1 + aside * aside * m2)
        rays.drift[i] = np.float32((node - float(rays.node0[i])) / span)
        rays.rate_m[i] = np.float32((s_m - float(rays.s0_m[i])) / span)


@kernel
def _within(sector: Sector, sight: Sight, rays: Rays, start: float) -> tuple[int, int]:
    """First and past the last of the rays that still matter, with one more either side: not out of reach, and on the grid here or later."""
    line = int(math.floor(start)) // LATTICE if sector.onward > 0 else (int(math.ceil(start)) + LATTICE - 1) // LATTICE
    least, most = sector.least[line], sector.most[line]
    low, high = 0, rays.slope.size
    while high - low > 1 and (rays.slope[low + 1] < least or rays.s0_m[low + 1] > sight.reach_m):
        low += 1
    while high - low > 1 and (rays.slope[high - 2] > most or rays.s0_m[high - 2] > sight.reach_m):
        high -= 1
    return low, high


@kernel
def _place(rays: Rays, ahead: np.float32, node: Singles, s_m: Singles) -> None:
    """Node and s of the rays on a line."""
    node0, drift, s0_m, rate_m = rays.node0, rays.drift, rays.s0_m, rays.rate_m
    for i in range(node.size):
        node[i] = node0[i] + ahead * drift[i]
        s_m[i] = s0_m[i] + ahead * rate_m[i]


@kernel
def _settle(
    grid: Singles,
    out: Singles,
    sector: Sector,
    sight: Sight,
    horizon: Singles,
    line: int,
    node: Singles,
    s_m: Singles,
    closed: bool,
    tangents: Singles,
    distances: Singles,
    left: Indices,
) -> None:
    """The floor at the nodes of a line: where the horizon between the two nearest rays puts it, or the ground.

    Which two follows from a parabola through the first, the middle and the last ray: rays part evenly, or nearly.
    h = (w + h₁) / (1 - w / (k R)), w = s (T + tan(φ / 2)).
    """
    last = node.size - 1
    first = max(int(math.ceil(node[0])), -sector.origin)
    end = int(math.floor(node[last])) + 1 if closed else int(math.ceil(node[last]))
    count = min(end, sector.nodes - sector.origin) - first
    if count <= 0:
        return
    middle = last // 2
    even = np.float32(last) / (node[last] - node[0])
    guess = (node[middle] - node[0]) * even
    bend = (np.float32(middle) - guess) / (guess * (np.float32(last) - guess)) if middle > 0 else np.float32(0.0)
    offset, most = np.float32(first) - node[0], np.float32(last) - np.float32(0.001)
    shares = tangents[:count]
    for i in range(count):
        at = (offset + np.float32(i)) * even
        at += bend * at * (np.float32(last) - at)
        at = at if at > np.float32(0.0) else np.float32(0.0)  # no number neither
        at = at if at < most else most
        ray = np.int32(at)
        left[i] = ray
        shares[i] = at - np.float32(ray)
    for i in range(count):
        before = np.uint64(left[i])
        after = before + np.uint64(1)
        share = shares[i]
        distances[i] = s_m[before] + share * (s_m[after] - s_m[before])
        tangents[i] = horizon[before] + share * (horizon[after] - horizon[before])
    base = sector.line_stride * line + sector.node_stride * (sector.origin + first)
    _write(grid, out, base, sector.node_stride, tangents[:count], distances[:count], sight)


@kernel
def _write(grid: Singles, out: Singles, base: int, stride: int, tangents: Singles, distances: Singles, sight: Sight) -> None:
    """Floors of nodes a stride apart, from the tangents of their horizons and their s; none beyond reach."""
    per_radius, antenna_m, reach_m = np.float32(1.0 / sight.radius_m), np.float32(sight.antenna_alt_m), np.float32(sight.reach_m)
    half, one, quarter, nothing = np.float32(0.5), np.float32(1.0), np.float32(0.25), np.float32(math.nan)
    for i in range(tangents.size):
        sine = distances[i] * per_radius
        w_m = distances[i] * (tangents[i] + half * sine * (one + quarter * sine * sine))
        floor_m = (w_m + antenna_m) / (one - w_m * per_radius)
        tangents[i] = floor_m if distances[i] <= reach_m else nothing
    if stride == 1:
        ground_m, found = grid[base : base + tangents.size], out[base : base + tangents.size]
        for i in range(tangents.size):
            found[i] = ground_m[i] if ground_m[i] > tangents[i] else tangents[i]
    else:
        for i in range(tangents.size):
            here = np.uint64(base + stride * i)
            out[here] = grid[here] if grid[here] > tangents[i] else tangents[i]


@kernel
def _rise_on(
    grid: Singles,
    sector: Sector,
    sight: Sight,
    rays: Rays,
    line: int,
    node: Singles,
    s_m: Singles,
    ground_m: Singles,
    beside_m: Singles,
    left: Indices,
) -> None:
    """Horizons of the rays, with the ground where they cut a line, and where they cut the other family before they come to the next.

    On a line the ground is linear between its nodes `left` and the next; across, between one of the two and its like on the next line.
    """
    west, east = np.int32(-sector.origin), np.int32(sector.nodes - 2 - sector.origin)
    drift, rate_m, horizon = rays.drift, rays.rate_m, rays.horizon
    for i in range(node.size):
        at = np.int32(node[i])
        at -= np.int32(node[i] < np.float32(at))
        at = min(max(at, west), east)
        left[i] = at
        ground_m[i] = min(max(node[i] - np.float32(at), -_OVER), np.float32(1.0) + _OVER)
    stride = np.uint64(sector.node_stride)
    base = sector.line_stride * line + sector.node_stride * sector.origin
    last = not 0 <= line + sector.onward < sector.lines
    onward = 0 if last else sector.line_stride * sector.onward
    zero, one = np.float32(0.0), np.float32(1.0)
    for i in range(node.size):
        here = base + sector.node_stride * left[i]
        near, far = grid[np.uint64(here)], grid[np.uint64(here) + stride]
        share = ground_m[i]
        ground_m[i] = near + share * (far - near)
        right = drift[i] > zero
        edge = far if right else near
        part = ((one if right else zero) - share) / (drift[i] if drift[i] != zero else np.float32(1e-30))
        beyond = grid[np.uint64(here + onward) + (stride if right else np.uint64(0))]
        beside_m[i] = edge + part * (beyond - edge)
        node[i] = part if part >= zero else one  # not needed any more: now the part of the way to the next line
    per_radius, antenna_m = np.float32(1.0 / sight.radius_m), np.float32(sight.antenna_alt_m)
    half, quarter = np.float32(0.5), np.float32(0.25)
    for i in range(node.size):
        sine = s_m[i] * per_radius
        tangent = (ground_m[i] - antenna_m) * (one - ground_m[i] * per_radius) / s_m[i] - half * sine * (
            one + quarter * sine * sine
        )
        horizon[i] = tangent if tangent > horizon[i] else horizon[i]
    if last:
        return
    for i in range(node.size):
        part = node[i] if node[i] < one else zero  # else it comes to the next line first
        away_m = s_m[i] + part * rate_m[i]
        sine = away_m * per_radius
        tangent = (beside_m[i] - antenna_m) * (one - beside_m[i] * per_radius) / away_m - half * sine * (
            one + quarter * sine * sine
        )
        horizon[i] = tangent if node[i] < one and tangent > horizon[i] else horizon[i]


@kernel
def _rise_between(grid: Singles, sector: Sector, sight: Sight, rays: Rays, line: int, behind: float, ahead: float) -> None:
    """Horizons of the rays, with all the ground between the line before, or the antenna, and a line.

    `behind` and `ahead` say how far those two are from the start of the block.
    """
    stride = sector.node_stride
    far = sector.line_stride * line + stride * sector.origin
    near = far - sector.line_stride * sector.onward
    before = 1.0 - (ahead - behind)  # how far the start is from the line before: not nought at the antenna only
    for i in range(rays.slope.size):
        drift, rate_m = float(rays.drift[i]), float(rays.rate_m[i])
        at, end = float(rays.node0[i]) + behind * drift, float(rays.node0[i]) + ahead * drift
        done = 0.0
        while done < ahead - behind:
            left = math.floor(at) if drift >= 0.0 else math.ceil(at) - 1.0
            left = min(max(left, -float(sector.origin)), float(sector.nodes - 2 - sector.origin))
            edge = left + 1.0 if drift >= 0.0 else left
            part = (edge - at) / drift if drift != 0.0 else math.inf
            last = not (0.0 < part < ahead - behind - done)
            part = ahead - behind - done if last else part
            here = int(left) * stride
            corners = (
                float(grid[near + here]),
                float(grid[near + here + stride]),
                float(grid[far + here]),
                float(grid[far + here + stride]),
            )
            s_m = float(rays.s0_m[i]) + (behind + done) * rate_m
            tangent = steepest_in_cell(
                corners, before + done, at - left, part, drift, s_m, rate_m, sight.antenna_alt_m, sight.radius_m, last
            )
            if tangent > rays.horizon[i]:
                rays.horizon[i] = np.float32(tangent)
            done += part
            at = end if last else edge
