"""A slow engine for the tests, written against the model and not against the tables.

It is what `closedsky.engine` collapses: radars look, one look after the other, and each look hits or misses; a cued engagement radar looks
until it hits; a launch is allowed when the conditions hold at that launch, found by trying launch times; an intercept is a root. Of the
engine it takes the arrays of `pack`, the positions of `sight.trace` and the names of columns, nothing else; its draws come from numpy, and
its lines of sight from the ground's own nodes.

Times of flights are seconds on the threat's own clock; times of a trial are whole microseconds (ticks), so that ties are ties.
"""

import heapq
import math
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter, is_
from typing import Any

import numpy as np
from pyproj import Geod
from scipy.optimize import linear_sum_assignment

from closedsky.engine.layout import (
    AT_IMPACT,
    CAUSES,
    COUNTS,
    FIRST_TRACKED,
    FRIENDLY,
    GREEDY_VALUE,
    HOSTILE,
    INSIDE,
    OUTSIDE,
    STATIC_OPTIMAL,
    Earth,
    Outcomes,
    Packed,
    PackedEnvironment,
)
from closedsky.engine.tables.sight import NEGLIGIBLE_PD, TRACKING_PD, trace
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.gas import gas_loss_db
from closedsky.physics.geodesy import central_angle, look_angles
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.lethality import area_share
from closedsky.physics.propagation import clutter_loss, two_ray_factor
from closedsky.physics.radar import pd_look

TICKS = 1_000_000
NEVER = math.inf
SCAN_S = 0.2  # between two launch times tried, and between two moments at which a hold is asked for
PROFILE = 20  # samples of the ground under a line of sight from one of its nodes to the next
GRAZE_M = 1e-6
EDGE_S = 1e-4  # how well the ends of a launch interval are found
UNIDENTIFIED = -1
CAUSE = {name: order for order, name in enumerate(CAUSES)}

Metrics = dict[str, np.ndarray]
Vector = tuple[float, float, float]
"""Of single vectors NumPy's arithmetic takes longer than all around it."""


def ticks(seconds: float) -> int:
    return round(seconds * TICKS)


# ---------------------------------------------------------------- one flight, looked at


class FlightPath:
    """Where a flight is: straight between its samples, the last of which is its end."""

    def __init__(self, flight: Any, samples: np.ndarray):
        self.flight = {name: flight[name].item() for name in flight.dtype.names}
        self.step_s, self.duration_s = self.flight["step_s"], self.flight["duration_s"]
        self.times = [min(k * self.step_s, self.duration_s) for k in range(len(samples))]
        self.rows = samples.tolist()
        if self.times[-1] - self.times[-2] < 1e-6:
            self.times.pop()
            self.rows.pop()

    def before(self, t: float) -> int:
        return min(int(t / self.step_s), len(self.rows) - 2)

    def at(self, t: float) -> list[float]:
        """Latitude, longitude, altitude, x, y, z."""
        k = self.before(t)
        w = (t - self.times[k]) / (self.times[k + 1] - self.times[k])
        return [a + w * (b - a) for a, b in zip(self.rows[k], self.rows[k + 1])]  # noqa: B905 - this is called most of all

    def velocity(self, t: float) -> Vector:
        k = self.before(t)
        step_s = self.times[k + 1] - self.times[k]
        x, y, z = ((b - a) / step_s for a, b in zip(self.rows[k][3:], self.rows[k + 1][3:], strict=True))
        return x, y, z

    def from_radar(self, radar: dict[str, Any], t: float) -> float:
        x, y, z = self.at(t)[3:]
        return math.sqrt((x - radar["x_m"]) ** 2 + (y - radar["y_m"]) ** 2 + (z - radar["z_m"]) ** 2)


@dataclass(frozen=True)
class Look:
    pd: float
    line_of_sight: bool
    in_sector: bool


def look(packed: Packed, radar: dict[str, Any], path: FlightPath, screen: float, ground: Ground, t: float) -> Look:
    """One look of a radar at a flight, from the radar equation up; `screen` is what a jammer beside the target does to it."""
    lat, lon, alt, x, y, z = path.at(t)
    range_m, azimuth, elevation = look_angles(
        radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z
    )
    off_axis = abs((azimuth - radar["heading_rad"] + math.pi) % (2.0 * math.pi) - math.pi)
    in_sector = off_axis <= radar["half_sector_rad"] or radar["half_sector_rad"] >= math.pi
    k = packed.environment.refraction_k
    visible = sees(packed, ground, radar, lat, lon, alt)
    # a ray bends down by half the angle it spans on the ground, times the share of the Earth's curvature that refraction undoes
    elevation += range_m / (2.0 * EARTH_RADIUS_M) - range_m / (2.0 * k * EARTH_RADIUS_M)
    within = radar["range_min_m"] <= range_m <= radar["range_max_m"]
    line = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
    velocity = path.velocity(t)
    radial_mps = abs(dot(line, velocity)) / range_m
    seen = visible and within and radar["elevation_min_rad"] <= elevation <= radar["elevation_max_rad"]
    if not seen or radial_mps < radar["radial_speed_min_mps"]:
        return Look(0.0, visible, in_sector)
    aspect = math.degrees(arc_cosine(-dot(line, velocity) / (math.hypot(*line) * math.hypot(*velocity))))
    side = "nose" if aspect < 45.0 else "tail" if aspect > 135.0 else "beam"
    signal = (
        radar["anchor_snr"] * (path.flight[f"rcs_{side}_m2"] / radar["anchor_rcs_m2"]) / (range_m / radar["anchor_range_m"]) ** 4
    )
    signal_db = 10.0 * math.log10(signal)
    if radar["gas"] >= 0:
        table = [grids[radar["gas"]] for grids in packed.environment.gas]
        signal_db -= 2.0 * (gas_loss_db(*table, elevation, range_m) - radar["anchor_gas_db"])
    below_m = bilinear(ground, lat, lon)
    noise = clutter_loss(radar["clutter_loss"], alt - below_m, radar["clutter_height_m"], radial_mps, radar["clutter_speed_mps"])
    noise += screen / range_m**2
    for jam in packed.environment.jams[radar["first_jam"] : radar["first_jam"] + radar["jams"]]:
        apart = arc_cosine(dot(line, (jam["x"], jam["y"], jam["z"])) / range_m)
        main_lobe = 0.5 ** (2.0 * apart / radar["beamwidth_rad"]) ** 2  # half the power at half the width
        noise += jam["noise"] * max(main_lobe, radar["side_lobe"])
    signal_db -= 10.0 * math.log10(noise)
    if packed.environment.roughness_m >= 0.0 and radar["wavelength_m"] > 0.0:
        above_m = radar["antenna_alt_m"] - bilinear(ground, radar["lat_rad"], radar["lon_rad"])
        away_m = EARTH_RADIUS_M * central_angle(radar["lat_rad"], radar["lon_rad"], lat, lon)
        mirrored = two_ray_factor(above_m, alt - below_m, away_m, radar["wavelength_m"], packed.environment.roughness_m, k)
        signal_db += 10.0 * math.log10(max(mirrored, 1e-30))
    pd = pd_look(path.flight["swerling"], 10.0 ** (signal_db / 10.0), radar["pfa"], radar["pulses"])
    return Look(pd if pd > NEGLIGIBLE_PD else 0.0, visible, in_sector)


# ---------------------------------------------------------------- lines of sight


def sees(packed: Packed, ground: Ground, radar: dict[str, Any], lat: float, lon: float, alt: float) -> bool:
    """Whether the straight line on a sphere of radius k R, from antenna to target, clears the bilinear ground between them."""
    start, end = (radar["lat_rad"], radar["lon_rad"]), (lat, lon)
    radius_m = packed.environment.refraction_k * EARTH_RADIUS_M
    range_m = figure_of(packed.environment.earth).inv(start[1], start[0], lon, lat, radians=True)[2]
    if range_m < 1.0:
        return True
    angle = range_m / radius_m
    near_m, far_m = radius_m + radar["antenna_alt_m"], radius_m + alt
    lowest = math.atan2(near_m - far_m * math.cos(angle), far_m * math.sin(angle)) / angle  # nearest to the Earth's centre
    nearest = [lowest] if 0.0 < lowest < 1.0 else []
    if is_level(ground):
        share = np.array([0.0, 1.0, *nearest])
    else:
        samples = math.ceil(range_m * PROFILE / (EARTH_RADIUS_M * ground.south_step_rad))
        share = (np.arange(samples) + 0.5) / samples
        share = np.concatenate([share, creases(ground, share, *between(start, end, share)), nearest])
    ray_m = near_m * far_m * math.sin(angle) / (near_m * np.sin(share * angle) + far_m * np.sin((1.0 - share) * angle)) - radius_m
    return not np.any(ground_under(ground, *between(start, end, share)) > ray_m + GRAZE_M)


def is_level(ground: Ground) -> bool:
    return ground.grid.size <= 100 and bool(np.ptp(ground.grid) == 0.0)


@lru_cache
def figure_of(earth: Earth) -> Geod:
    return Geod(a=earth.axis_m, es=earth.e2)


def between(start: tuple[float, float], end: tuple[float, float], share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Latitudes and longitudes at shares of the way along the great circle."""
    one, other = ((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)) for lat, lon in (start, end))
    angle = math.atan2(math.hypot(*cross(one, other)), sum(a * b for a, b in zip(one, other, strict=True)))
    here, there = np.sin((1.0 - share) * angle) / math.sin(angle), np.sin(share * angle) / math.sin(angle)
    x, y, z = (a * here + b * there for a, b in zip(one, other, strict=True))
    return np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x)


def dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def arc_cosine(cosine: float) -> float:
    return math.acos(min(max(cosine, -1.0), 1.0))


def cross(one: Any, other: Any) -> Vector:
    """The vector product."""
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x


def creases(ground: Ground, share: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Shares of the way at which it cuts lines of the grid: there the ground has its ridges. Between two samples it is straight."""
    found = [np.empty(0)]
    for line in rows_and_columns(ground, lat, lon):
        before = np.flatnonzero(np.floor(line[1:]) != np.floor(line[:-1]))
        edge = np.floor(np.maximum(line[before], line[before + 1]))
        part = (edge - line[before]) / (line[before + 1] - line[before])
        found.append(share[before] + part * (share[before + 1] - share[before]))
    return np.concatenate(found)


def rows_and_columns(ground: Ground, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points lie on the grid, in fractions of its rows and columns."""
    circle = 2.0 * math.pi / ground.east_step_rad
    column = (lon - ground.west_rad) / ground.east_step_rad
    column -= circle * np.floor((column - 0.5 * (ground.grid.shape[1] - 1)) / circle + 0.5)
    return (ground.north_rad - lat) / ground.south_step_rad, column


def ground_under(ground: Ground, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Altitude of the ground, bilinear between its nodes; beyond the outermost it goes on as they are."""
    rows, columns = ground.grid.shape
    row, column = rows_and_columns(ground, lat, lon)
    row = np.clip(row, 0.0, rows - 1.0)
    round_the_earth = abs(columns - 2.0 * math.pi / ground.east_step_rad) < 0.5
    column = column if round_the_earth else np.clip(column, 0.0, columns - 1.0)
    up, left = np.floor(row).astype(int), np.floor(column).astype(int)
    down = np.minimum(up + 1, rows - 1)
    right = (left + 1) % columns if round_the_earth else np.minimum(left + 1, columns - 1)
    south, east = row - up, column - left
    left_again = left % columns
    corners = (ground.grid[i, j].astype(float) for i in (up, down) for j in (left_again, right))
    top_left, top_right, bottom_left, bottom_right = corners
    top, bottom = (1.0 - east) * top_left + east * top_right, (1.0 - east) * bottom_left + east * bottom_right
    return np.asarray((1.0 - south) * top + south * bottom)


def amid(table: list[list[float]], i: int, j: int, down: float, across: float) -> float:
    """Bilinear between four nodes of a table."""
    upper = (1.0 - across) * table[i][j] + across * table[i][j + 1]
    return (1.0 - down) * upper + down * ((1.0 - across) * table[i + 1][j] + across * table[i + 1][j + 1])


def level(one: Vector, up: Vector) -> Vector:
    """The part of a vector at right angles to a unit vector."""
    rise = dot(one, up)
    return one[0] - rise * up[0], one[1] - rise * up[1], one[2] - rise * up[2]


# ---------------------------------------------------------------- what is possible, without chance


@dataclass(frozen=True)
class Window:
    """Launch times (ticks) between which every launch of a magazine meets the flight as its guidance asks."""

    unit: int
    magazine: int
    rank: int
    opens: int
    closes: int
    up: int  # from when on it is worth assigning: reaction before it opens
    pk: float


LOOKED_WITH = attrgetter(
    "raid.flights", "raid.waypoints", "defence.radars", *(f"environment.{name}" for name in PackedEnvironment._fields)
)
"""What of `Packed` a look depends on."""


class Sky:
    """Every flight as every radar and magazine finds it: looks, cued looks and launch intervals, no chance.

    Looks are remembered, since many launches are tried at the same moments; and taken over from another sky with the very same radars,
    flights and air.
    """

    def __init__(self, packed: Packed, ground: Ground, other: "Sky | None" = None):
        same = other and other.ground is ground and all(map(is_, LOOKED_WITH(packed), LOOKED_WITH(other.packed)))
        self.glances: dict[tuple[int, int, float], Look] = other.glances if other and same else {}
        self.packed, self.ground = packed, ground
        self.radars = [
            {name: row[name].item() for name in row.dtype.names} | {"number": r} for r, row in enumerate(packed.defence.radars)
        ]
        self.units = [{name: row[name].item() for name in row.dtype.names} for row in packed.defence.units]
        self.magazines = [{name: row[name].item() for name in row.dtype.names} for row in packed.defence.magazines]
        self.fly_outs = packed.defence.fly_out.tolist()
        self.paths = [FlightPath(packed.raid.flights[f], trace(packed, ground, f)) for f in range(packed.raid.flights.size)]
        self.tried: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        self.azimuths: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        flights = range(packed.raid.flights.size)
        self.looks = {(f, r): self.search(f, r) for f in flights for r, radar in enumerate(self.radars) if radar["searches"]}
        self.cued = {(f, u): self.cued_looks(f, u) for f in flights for u in range(len(self.units))}
        self.windows: dict[tuple[int, int], list[Window]] = {}
        self.none_because: dict[tuple[int, int], str] = {}
        for f in flights:
            for g in range(packed.defence.networks.size):
                self.windows[f, g], self.none_because[f, g] = self.pair(f, g)

    def glance(self, f: int, r: int, t: float) -> Look:
        known = self.glances.get((f, r, t))
        if known is None:
            known = look(self.packed, self.radars[r], self.paths[f], float(self.packed.environment.screens[f, r]), self.ground, t)
            self.glances[f, r, t] = known
        return known

    def search(self, f: int, r: int) -> list[Look]:
        revisit_s = self.radars[r]["revisit_s"]
        return [self.glance(f, r, (k + 0.5) * revisit_s) for k in range(int(self.paths[f].duration_s / revisit_s + 0.5))]

    def held(self, f: int, u: int, t: float, any_sector: bool = False) -> float:
        """Detection probability of a cued look, if it is good enough to guide on; a radar that turns is taken to face the flight."""
        seen = self.glance(f, self.units[u]["radar"], t)
        anywhere = any_sector or self.units[u]["slews"]
        return seen.pd if seen.pd >= TRACKING_PD and (seen.in_sector or anywhere) else 0.0

    def directions(self, f: int, u: int, since_s: float, until_s: float) -> np.ndarray:
        """Where the flight is from a unit between two moments, rad, without jumps of a turn."""
        if (f, u) not in self.azimuths:
            times = np.append(np.arange(0.0, self.paths[f].duration_s, SCAN_S), self.paths[f].duration_s)
            self.azimuths[f, u] = times, np.unwrap([self.azimuth(f, u, t) for t in times])
        times, azimuths = self.azimuths[f, u]
        ends = np.interp([since_s, until_s], times, azimuths)
        return np.concatenate([ends, azimuths[(times > since_s) & (times < until_s)]])

    def azimuth(self, f: int, u: int, t: float) -> float:
        radar = self.radars[self.units[u]["radar"]]
        lat, lon = radar["lat_rad"], radar["lon_rad"]
        x, y, z = (a - radar[f"{axis}_m"] for a, axis in zip(self.paths[f].at(t)[3:], "xyz", strict=True))
        east = math.cos(lon) * y - math.sin(lon) * x
        north = math.cos(lat) * z - math.sin(lat) * (math.cos(lon) * x + math.sin(lon) * y)
        return math.atan2(east, north)

    def cued_looks(self, f: int, u: int) -> list[tuple[int, float]]:
        """(tick, probability) of each cued look at which the target is held."""
        dwell_s = self.radars[self.units[u]["radar"]]["dwell_s"]
        looks = ((k + 0.5) * dwell_s for k in range(int(self.paths[f].duration_s / dwell_s + 0.5)))
        return [(ticks(t), pd) for t in looks if (pd := self.held(f, u, t)) > 0.0]

    def flight_s(self, f: int, m: int, t: float) -> float:
        """How long a missile takes to where the flight is at `t`."""
        magazine = self.magazines[m]
        radar = self.radars[self.units[magazine["unit"]]["radar"]]
        _, _, alt, x, y, z = self.paths[f].at(t)
        range_m = math.hypot(x - radar["x_m"], y - radar["y_m"], z - radar["z_m"])
        means, speeds = self.fly_outs[magazine["fly_out"]]
        climb_m = max(alt - radar["antenna_alt_m"], 0.0)
        if range_m > magazine["range_most_m"]:
            return NEVER
        # Nodes lie at the squares of equal steps, in range and in the sine of the elevation.
        along = math.sqrt(range_m / magazine["range_most_m"]) * (len(means) - 1)
        up = math.sqrt(climb_m / range_m) * (len(means[0]) - 1)
        i, j = min(int(along), len(means) - 2), min(int(up), len(means[0]) - 2)
        if not (speeds[i][j] and speeds[i][j + 1] and speeds[i + 1][j] and speeds[i + 1][j + 1]):
            return NEVER
        if amid(speeds, i, j, along - i, up - j) < magazine["speed_least_mps"]:
            return NEVER
        return range_m / amid(means, i, j, along - i, up - j)

    def meeting(self, f: int, m: int, launch_s: float) -> float | None:
        """When a missile launched at `launch_s` meets the flight: the last moment before which it would come too late."""
        if (f, m) not in self.tried:
            times = np.append(np.arange(0.0, self.paths[f].duration_s, SCAN_S), self.paths[f].duration_s)
            self.tried[f, m] = times, times - [self.flight_s(f, m, t) for t in times]
        times, launched_s = self.tried[f, m]
        later = np.flatnonzero((launched_s >= launch_s) & (times >= launch_s))
        if later.size == 0:
            return None
        low, high = max(launch_s, float(times[max(later[0] - 1, 0)])), float(times[later[0]])
        while high - low > 1e-7:
            middle = 0.5 * (low + high)
            if middle - launch_s < self.flight_s(f, m, middle):
                low = middle
            else:
                high = middle
        meets = abs(high - launch_s - self.flight_s(f, m, high)) < 1e-4  # or else the target is only coming within reach
        return high if meets else None

    def in_envelope(self, f: int, m: int, t: float) -> bool:
        path, magazine = self.paths[f], self.magazines[m]
        envelope = self.packed.defence.envelopes[m, path.flight["target_class"]]
        radar = self.radars[self.units[magazine["unit"]]["radar"]]
        lat, lon, alt, x, y, z = path.at(t)
        line = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
        range_m = math.hypot(*line)
        velocity = path.velocity(t)
        away_mps = dot(velocity, line) / range_m
        furthest = [envelope["range_max_m"]]
        furthest += [envelope["receding_max_m"]] if away_mps > 0.0 else []
        furthest += [envelope["manoeuvring_max_m"]] if path.flight["manoeuvres"] else []
        catches = self.flight_s(f, m, t + 0.1) - self.flight_s(f, m, t) < 0.098
        return (
            alt <= envelope["altitude_max_m"]
            and alt - bilinear(self.ground, lat, lon) >= envelope["height_min_m"]
            and magazine["range_min_m"] <= range_m <= min(furthest)
            and math.hypot(*velocity) <= magazine["target_speed_max_mps"]
            and self.passes_by(radar, line, velocity) <= envelope["crossing_max_m"]
            and catches
        )

    def passes_by(self, radar: dict[str, Any], line: Vector, velocity: Vector) -> float:
        """Distance in the unit's horizontal plane between the unit and the straight course of the flight."""
        lat, lon = radar["lat_rad"], radar["lon_rad"]
        up = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
        course, place = level(velocity, up), level(line, up)
        return math.hypot(*cross(place, course)) / math.hypot(*course)

    def inside(self, z: int, f: int, t: float) -> bool:
        """Whether the flight is in a zone: the corners, seen from it on the map, go all the way round it."""
        zone = self.packed.defence.zones[z]
        lat, lon, alt = self.paths[f].at(t)[:3]
        around = 0.0
        corners = self.packed.defence.corners[zone["first"] : zone["first"] + zone["corners"]]
        bearings = [math.atan2(math.remainder(east - lon, 2.0 * math.pi), north - lat) for north, east in corners]
        for one, other in zip(bearings, [*bearings[1:], bearings[0]], strict=True):
            around += math.remainder(other - one, 2.0 * math.pi)
        return abs(around) > math.pi and bool(zone["altitude_min_m"] <= alt <= zone["altitude_max_m"])

    def allowed(self, f: int, u: int, what: str, t: float) -> bool:
        """Whether the zones of a unit allow a launch at the flight, or an intercept, while it is where it is."""
        kind = self.paths[f].flight["target_class"]
        mine = [z for z in range(self.packed.defence.zones.size) if self.packed.defence.zoned[z, u, kind]]
        asks = {z: self.packed.defence.zones[z][what] for z in mine}
        wanted = [z for z in mine if asks[z] == INSIDE]
        if any(asks[z] == OUTSIDE and self.inside(z, f, t) for z in mine):
            return False
        return not wanted or any(self.inside(z, f, t) for z in wanted)

    def launch_intervals(self, f: int, m: int, any_sector: bool, anywhere: bool = False) -> list[tuple[float, float]]:
        """Intervals of launch times, by trying one every `SCAN_S`; their ends to `EDGE_S`. Zones do not count `anywhere`."""
        u, guided = self.magazines[m]["unit"], self.magazines[m]["guided_to_intercept"] == 1
        moments = [k * SCAN_S for k in range(int(self.paths[f].duration_s / SCAN_S) + 1)]
        lost = [t for t in moments if self.held(f, u, t, any_sector) == 0.0]

        def possible(launch_s: float) -> bool:
            if self.held(f, u, launch_s, any_sector) == 0.0:
                return False
            meet_s = self.meeting(f, m, launch_s)
            if meet_s is None or not self.in_envelope(f, m, meet_s):
                return False
            if not anywhere and not (self.allowed(f, u, "launch", launch_s) and self.allowed(f, u, "intercept", meet_s)):
                return False
            if not guided:
                return True
            before, after = bisect_left(lost, launch_s), bisect_left(lost, meet_s)
            return before == after and self.held(f, u, meet_s, any_sector) > 0.0

        def edge(no: float, yes: float) -> float:
            while abs(yes - no) > EDGE_S:
                middle = 0.5 * (no + yes)
                no, yes = (no, middle) if possible(middle) else (middle, yes)
            return yes

        out: list[tuple[float, float]] = []
        opened = None
        for k, t in enumerate(moments):
            now = possible(t)
            if now and opened is None:
                opened = t if k == 0 else edge(moments[k - 1], t)
            elif not now and opened is not None:
                out.append((opened, edge(t, moments[k - 1])))
                opened = None
        return out if opened is None else [*out, (opened, moments[-1])]

    def pair(self, f: int, g: int) -> tuple[list[Window], str]:
        """The windows of a network on a flight; and if there are none, what a threat that is tracked gets through for."""
        target_class = self.paths[f].flight["target_class"]
        windows, outside, forbidden, ever = [], False, False, False
        for m, magazine in enumerate(self.magazines):
            u, envelope = magazine["unit"], self.packed.defence.envelopes[m, target_class]
            if self.units[u]["network"] != g or not envelope["engages"]:
                continue
            if self.packed.defence.doctrine[u, target_class]["hold"]:
                forbidden = forbidden or bool(self.launch_intervals(f, m, False, anywhere=True))
                continue
            found = self.launch_intervals(f, m, False)
            for opens, closes in found:
                up = ticks(opens) - self.units[u]["reaction_ticks"]
                windows.append(Window(u, m, magazine["rank"], ticks(opens), ticks(closes), up, envelope["pk"].item()))
            unzoned = found or self.launch_intervals(f, m, False, anywhere=True)
            ever, forbidden = ever or bool(unzoned), forbidden or (bool(unzoned) and not found)
            outside = outside or (not unzoned and bool(self.launch_intervals(f, m, True, anywhere=True)))
        cause = "outside_sector" if outside and not ever else "held_by_rules" if forbidden else "no_time"
        return sorted(windows, key=lambda w: w.up), "no_time" if windows else cause


# ---------------------------------------------------------------- one trial

WAITING, READY, FLYING, ASSESSING, UNTRACKED, DONE = "waiting", "ready", "flying", "assessing", "untracked", "done"


@dataclass
class Target:
    """A threat in one trial."""

    index: int
    row: Any
    base: int
    end: int
    fails: float = NEVER
    dies: float = NEVER


@dataclass
class Job:
    """A threat as one network sees it."""

    index: int
    target: Target
    network: int
    state: str = WAITING
    cause: int = CAUSE["never_in_line_of_sight"]
    tracked: float = NEVER
    glimpses: set[str] = field(default_factory=set)
    identity: int = HOSTILE
    asked: bool = False  # the first decision has been taken
    fresh: bool = False  # there is something to say if it is not engaged now
    window: Window | None = None
    rounds: int = 0
    ready: float = NEVER
    locked_by: int = -1  # the unit that has just fired at it, until the job has to wait
    misjudged: bool = False
    fired: int = 0
    due: float = NEVER

    def blame(self, name: str) -> None:
        self.cause = max(self.cause, CAUSE[name])


@dataclass
class Trial:
    """One trial, event by event."""

    sky: Sky
    rng: np.random.Generator
    targets: list[Target] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    events: list[tuple[float, int]] = field(default_factory=list)

    def play(self) -> None:
        sky = self.sky
        self.channels = [unit["channels"] for unit in sky.units]
        self.guidance = [unit["missiles_guided"] for unit in sky.units]
        self.next_launch = [-NEVER] * len(sky.units)
        self.stock = [magazine["rounds"] for magazine in sky.magazines]
        self.reserved = [0] * len(sky.magazines)
        self.spare = [magazine["spare"] for magazine in sky.magazines]
        self.loading = [0] * len(sky.magazines)
        self.brought = [0] * len(sky.magazines)
        self.heading = [unit["heading_rad"] for unit in sky.units]
        self.turned = [-NEVER] * len(sky.units)
        self.draw_raid()
        for target in self.targets:
            for g in range(sky.packed.defence.networks.size):
                self.jobs.append(Job(len(self.jobs), target, g))
        self.come_up()
        for job in self.jobs:
            self.begin(job)
        self.able = []
        for u, unit in enumerate(sky.units):
            self.able.append(max(self.up[unit["site"]], float(sky.packed.defence.networks[unit["network"]]["fire_from_ticks"])))
            if -(10**15) < self.able[u] < NEVER:
                heapq.heappush(self.events, (self.able[u], len(self.jobs) + u))
        act = {
            WAITING: self.decide, READY: self.launch, FLYING: self.land, ASSESSING: self.assess, UNTRACKED: self.find_again,
        }  # fmt: skip
        self.to_weigh: set[int] = set()
        now = -NEVER
        while self.events or self.to_weigh:
            if self.to_weigh and (not self.events or self.events[0][0] > now):
                self.weigh(self.to_weigh.pop(), now)
                continue
            now, index = heapq.heappop(self.events)
            if index >= len(self.jobs) + len(sky.units):
                self.loaded(index - len(self.jobs) - len(sky.units), now)
            elif index >= len(self.jobs):
                self.serve(index - len(self.jobs), now, everyone=True)
            elif (job := self.jobs[index]).due == now:
                job.due = NEVER
                act[job.state](job, now)

    def at(self, job: Job, tick: float) -> None:
        job.due = tick
        heapq.heappush(self.events, (tick, job.index))

    def draw_raid(self) -> None:
        late_s = 0.0
        for i, row in enumerate(self.sky.packed.raid.threats):
            late_s = 0.0 if row["leads_group"] else late_s
            late_s += self.rng.exponential(row["mean_gap_s"])
            base = ticks(row["start_s"] + late_s + self.rng.uniform(-1.0, 1.0) * row["jitter_s"])
            duration = ticks(self.sky.paths[row["flight"]].duration_s)
            target = Target(i, row, base, base + duration)
            if self.rng.random() >= row["reliability"]:
                target.fails = base + self.rng.uniform(0.0, duration)
            self.targets.append(target)

    def come_up(self) -> None:
        """Draw which sites are up; let their radars look; then those of silent sites, once the others have tracked something."""
        sites = self.sky.packed.defence.sites
        is_up = [self.rng.random() < site["probability"] for site in sites]
        self.up = [
            float(site["from_ticks"]) if there and not site["silent"] else NEVER for site, there in zip(sites, is_up, strict=True)
        ]
        for job in self.jobs:
            self.watch(job, silent=False)
        for i, site in enumerate(sites):
            if is_up[i] and site["silent"]:
                cue = min((job.tracked for job in self.jobs if job.network == site["network"]), default=NEVER)
                self.up[i] = cue + float(site["come_up_ticks"])
        for job in self.jobs:
            self.watch(job, silent=True)

    def watch(self, job: Job, silent: bool) -> None:
        """Every radar of the network that searches, of sites that are silent or of the others, looks at the threat from when it is up until
        that fails or arrives; the first to confirm gives the track."""
        sky, target, f = self.sky, job.target, job.target.row["flight"]
        over = min(target.fails, target.end)
        found = NEVER
        for r, radar in enumerate(sky.radars):
            site = sky.packed.defence.sites[radar["site"]]
            if radar["network"] != job.network or not radar["searches"] or site["silent"] != silent:
                continue
            hits: list[int] = []
            confirmed = False
            for k, one in enumerate(sky.looks[f, r]):
                tick = target.base + ticks((k + 0.5) * radar["revisit_s"])
                job.glimpses |= {"visible"} if one.line_of_sight else set()
                if one.pd == 0.0 or not one.in_sector:
                    job.glimpses |= {"off sector"} if one.pd > 0.0 else set()
                    continue
                up = tick >= self.up[radar["site"]]
                if tick < over:
                    job.glimpses.add("could hit" if up else "not radiating")
                elif not radar["varies"]:
                    job.glimpses.add("could hit")
                if confirmed or not up or tick >= over or self.rng.random() >= one.pd:
                    continue
                job.glimpses.add("hit")
                hits.append(k)
                if len(hits) >= radar["hits"] and k - hits[-radar["hits"]] < radar["looks"]:
                    found = min(found, tick)
                    confirmed = True
        job.tracked = min(job.tracked, found)

    def begin(self, job: Job) -> None:
        """What the track is taken for, and when it is first decided upon; or why there is no track."""
        sky, f = self.sky, job.target.row["flight"]
        network, windows = sky.packed.defence.networks[job.network], sky.windows[f, job.network]
        if job.tracked < NEVER:
            job.blame(sky.none_because[f, job.network])
            draw = self.rng.random()
            own, opposite = (HOSTILE, FRIENDLY) if job.target.row["side"] == HOSTILE else (FRIENDLY, HOSTILE)
            right, wrong = network["identified"], network["misidentified"]
            job.identity = own if draw < right else opposite if draw < right + wrong else UNIDENTIFIED
            if windows and job.identity == FRIENDLY:
                job.blame("not_identified")
            elif windows:
                known = job.tracked + int(network["link_delay_ticks"]) + int(network["identify_ticks"])
                self.at(job, max(known, job.target.base + windows[0].up))
        elif "not radiating" in job.glimpses:
            job.blame("not_ready")
        elif "hit" in job.glimpses:
            job.blame("seen_no_track")
        elif "visible" in job.glimpses:
            job.blame("outside_sector" if "off sector" in job.glimpses and "could hit" not in job.glimpses else "seen_too_weakly")

    # ---- decide

    def is_gone(self, job: Job, now: float) -> bool:
        target = job.target
        return target.fails <= now or target.end <= now or (target.dies <= now and not job.misjudged)

    def orders(self, job: Job, u: int) -> Any:
        return self.sky.packed.defence.doctrine[u, self.sky.paths[job.target.row["flight"]].flight["target_class"]]

    def meeting(self, job: Job, window: Window, launch: float) -> int:
        base = job.target.base
        within = min(max((launch - base), window.opens), window.closes) / TICKS
        meet_s = self.sky.meeting(job.target.row["flight"], window.magazine, within)
        return base + ticks(meet_s if meet_s is not None else self.sky.paths[job.target.row["flight"]].duration_s)

    def choose(self, job: Job, now: float, units: range) -> Window | None:
        """The first-choice missile, then the earliest intercept, of what is up and free now."""
        best, best_key = None, None
        base = job.target.base
        for window in self.sky.windows[job.target.row["flight"], job.network]:
            u, m = window.unit, window.magazine
            unit = self.sky.units[u]
            if base + window.up > now or u not in units or job.fired >= self.orders(job, u)["max_rounds"]:
                continue
            ready = now if u == job.locked_by else now + unit["reaction_ticks"]
            if ready > base + window.closes:
                continue
            kind = self.sky.paths[job.target.row["flight"]].flight["target_class"]
            kept = self.sky.packed.defence.envelopes[m, kind]["kept"]
            if job.identity == UNIDENTIFIED and self.orders(job, u)["tight"]:
                job.blame("not_identified")
            elif self.able[u] > now:
                job.blame("not_ready")
            elif self.stock[m] <= kept:
                job.blame("no_rounds")
            elif self.channels[u] == 0 or self.guidance[u] == 0:
                job.blame("no_channel")
            elif self.stock[m] - self.reserved[m] <= kept:
                job.blame("no_rounds")
            else:
                launch = max(ready, self.next_launch[u], base + window.opens)
                if unit["slews"]:
                    turn = self.turn(job, window, launch, now)
                    launch = turn[0] if turn else NEVER
                    if turn is None and self.channels[u] < unit["channels"]:
                        job.blame("no_channel")
                if launch <= base + window.closes:
                    key = (window.rank, self.meeting(job, window, launch))
                    if best_key is None or key < best_key:
                        best, best_key = window, key
        return best

    def decide(self, job: Job, now: float) -> None:
        """A waiting job takes what it can have from any unit; if nothing, it waits to be served, or for its next window."""
        job.asked = True
        if self.is_gone(job, now):
            job.state = DONE
        elif self.policy(job.network) in (GREEDY_VALUE, STATIC_OPTIMAL):
            job.fresh = True
            self.to_weigh.add(job.network)
            self.at_next_window(job, now)
        elif window := self.choose(job, now, range(len(self.sky.units))):
            self.assign(job, now, window)
        else:
            job.locked_by = -1
            self.at_next_window(job, now)

    def at_next_window(self, job: Job, now: float) -> None:
        base = job.target.base
        later = [base + w.up for w in self.sky.windows[job.target.row["flight"], job.network] if base + w.up > now]
        if later:
            self.at(job, min(later))

    def policy(self, network: int) -> int:
        return int(self.sky.packed.defence.networks[network]["policy"])

    def weigh(self, network: int, now: float) -> None:
        """All waiting jobs and free channels of a network at once: the most valuable assignment first, or the greatest total."""
        waiting = [j for j in self.jobs if j.network == network and j.state == WAITING and j.asked and not self.is_gone(j, now)]
        while True:
            slots = [
                u for u, unit in enumerate(self.sky.units) if unit["network"] == network and self.able[u] <= now
                for _ in range(min(self.channels[u], self.guidance[u]))
            ]  # fmt: skip
            todo = [job for job in waiting if job.state == WAITING]
            value = np.zeros((len(todo), len(slots)))
            known: dict[tuple[int, int], float] = {}
            for i, job in enumerate(todo):
                for c, u in enumerate(slots):
                    if (i, u) not in known:
                        window = self.choose(job, now, range(u, u + 1))
                        known[i, u] = self.value(job, window, now) if window else 0.0
                    value[i, c] = known[i, u]
                job.fresh = job.fresh or bool(value[i].any())
            if not value.any():
                break
            if self.policy(network) == STATIC_OPTIMAL:
                pairs = list(zip(*linear_sum_assignment(value, maximize=True), strict=True))
            else:
                pairs, left = [], value.copy()
                while left.any():
                    pairs.append(np.unravel_index(left.argmax(), left.shape))
                    left[pairs[-1][0], :] = left[:, pairs[-1][1]] = 0.0
            made = 0
            for i, c in sorted((pair for pair in pairs if value[pair] > 0.0), key=lambda pair: -value[pair]):
                u = slots[c]
                if self.channels[u] and self.guidance[u] and (window := self.choose(todo[i], now, range(u, u + 1))):
                    self.assign(todo[i], now, window)
                    todo[i].fresh = False
                    made += 1
            if made == 0:
                break
        for job in waiting:
            if job.state == WAITING:
                if job.fresh:
                    self.choose(job, now, range(len(self.sky.units)))
                job.fresh, job.locked_by = False, -1

    def value(self, job: Job, window: Window, now: float) -> float:
        """What the threat is expected to destroy, times the probability that the salvo kills it; a little more for what is urgent."""
        u, m, target = window.unit, window.magazine, job.target
        kind = self.sky.paths[target.row["flight"]].flight["target_class"]
        orders, kept = self.orders(job, u), self.sky.packed.defence.envelopes[m, kind]["kept"]
        rounds = min(orders["salvo"], orders["max_rounds"] - job.fired, self.stock[m] - self.reserved[m] - kept, self.guidance[u])
        ready = now if u == job.locked_by else now + self.sky.units[u]["reaction_ticks"]
        launch = max(ready, self.next_launch[u], target.base + window.opens)
        if self.sky.units[u]["slews"] and (turn := self.turn(job, window, launch, now)):
            launch = turn[0]
        meet = self.meeting(job, window, launch)
        survives = 1.0 - self.kills(job, window, meet)
        as_one = self.sky.packed.defence.salvo_correlation
        kill = 1.0 - as_one * survives - (1.0 - as_one) * survives**rounds
        urgent = 1e-6 / (1.0 + (target.end - now) / TICKS) + 1e-9 / (1.0 + (meet - now) / TICKS)
        return float(max(target.row["worth"] * kill, 1e-12) * (1.0 + urgent))

    def assign(self, job: Job, now: float, window: Window) -> None:
        """Reserve channel, guidance and rounds; turn the engagement radar, and cue it: it looks until it hits."""
        u, m, base = window.unit, window.magazine, job.target.base
        faced = now
        if self.sky.units[u]["slews"]:
            reaction = 0 if u == job.locked_by else self.sky.units[u]["reaction_ticks"]
            turn = self.turn(job, window, max(now + reaction, self.next_launch[u], base + window.opens), now)
            assert turn is not None
            _, self.heading[u], self.turned[u] = turn
            faced = max(self.turned[u], now)
        orders = self.orders(job, u)
        kind = self.sky.paths[job.target.row["flight"]].flight["target_class"]
        free = self.stock[m] - self.reserved[m] - self.sky.packed.defence.envelopes[m, kind]["kept"]
        job.rounds = int(min(orders["salvo"], orders["max_rounds"] - job.fired, free, self.guidance[u]))
        self.channels[u] -= 1
        self.guidance[u] -= job.rounds
        self.reserved[m] += job.rounds
        job.state, job.window = READY, window
        ready = now
        if u != job.locked_by:
            lock = NEVER
            looks = self.sky.cued[job.target.row["flight"], u]
            for tick, pd in looks[bisect_left(looks, (faced - base, 0.0)) :]:
                if self.rng.random() < pd:
                    lock = base + tick
                    break
            ready = max(now + self.sky.units[u]["reaction_ticks"], lock)
        job.ready = max(ready, base + window.opens, faced)
        self.at(job, min(job.ready, base + window.closes + 1))

    def turn(self, job: Job, window: Window, launch: float, now: float) -> tuple[float, float, float] | None:
        """The earliest salvo, not before `launch`, that the radar can face from its first launch to its last intercept.

        Its launch, the heading, and from when on the radar faces there. It turns only while the unit engages nothing, to the middle of what
        it has to face.
        """
        u, base = window.unit, job.target.base
        unit, half = self.sky.units[u], self.sky.units[u]["half_sector_rad"]
        heading, since = self.heading[u], self.turned[u]
        for _ in range(3):
            at = max(launch, since)
            if at > base + window.closes:
                return None
            seen = self.sky.directions(job.target.row["flight"], u, (at - base) / TICKS, self.faced_until(job, window, at, None))
            if np.all(np.abs((seen - heading + math.pi) % (2.0 * math.pi) - math.pi) <= half) and np.ptp(seen) <= 2.0 * half:
                return at, heading, since
            if self.channels[u] < unit["channels"]:
                return None
            heading = math.remainder(0.5 * (seen.min() + seen.max()), 2.0 * math.pi)
            by = abs(math.remainder(heading - self.heading[u], 2.0 * math.pi))
            since = max(now, self.turned[u]) + int(by * unit["slew_ticks_per_rad"])
        return None

    def faced_until(self, job: Job, window: Window, launch: float, rounds: int | None) -> float:
        """When the last round of a salvo meets the target, or for active rounds is launched; seconds of the flight."""
        u, m, base = window.unit, window.magazine, job.target.base
        if rounds is None:
            orders, kind = self.orders(job, u), self.sky.paths[job.target.row["flight"]].flight["target_class"]
            free = self.stock[m] - self.reserved[m] - self.sky.packed.defence.envelopes[m, kind]["kept"]
            rounds = int(min(orders["salvo"], orders["max_rounds"] - job.fired, free, self.guidance[u]))
        last = min(launch + (rounds - 1) * self.sky.units[u]["launch_interval_ticks"], base + window.closes)
        guided = self.sky.magazines[m]["guided_to_intercept"]
        return ((self.meeting(job, window, last) if guided else last) - base) / TICKS

    def looks_away(self, job: Job, now: float) -> bool:
        """Whether the radar of the unit would lose the target of a salvo that is launched now."""
        window = job.window
        assert window is not None
        u = window.unit
        if not self.sky.units[u]["slews"]:
            return False
        until_s = self.faced_until(job, window, now, job.rounds)
        seen = self.sky.directions(job.target.row["flight"], u, (now - job.target.base) / TICKS, until_s)
        off = np.abs((seen - self.heading[u] + math.pi) % (2.0 * math.pi) - math.pi)
        return bool(np.any(off > self.sky.units[u]["half_sector_rad"]))

    def reload(self, m: int, now: float) -> None:
        """Begin a load if its places are empty."""
        magazine = self.sky.magazines[m]
        load = min(magazine["load"], self.spare[m])
        if load and not self.loading[m] and magazine["rounds"] - self.stock[m] >= load:
            self.loading[m] = load
            self.spare[m] -= load
            heapq.heappush(self.events, (now + magazine["load_ticks"], len(self.jobs) + len(self.sky.units) + m))

    def loaded(self, m: int, now: float) -> None:
        """A load is on the launchers."""
        self.stock[m] += self.loading[m]
        self.brought[m] += self.loading[m]
        self.loading[m] = 0
        self.reload(m, now)
        self.serve(self.sky.magazines[m]["unit"], now, everyone=True)

    def serve(self, u: int, now: float, but: Job | None = None, everyone: bool = False) -> None:
        """What unit `u` has free goes to the jobs that wait, in the order of the policy; the rest are told why if `everyone` is."""
        network = self.sky.units[u]["network"]
        if self.policy(network) in (GREEDY_VALUE, STATIC_OPTIMAL):
            self.to_weigh.add(network)
            return
        by_track = self.sky.packed.defence.networks[network]["policy"] == FIRST_TRACKED
        waiting = [j for j in self.jobs if j.network == network and j.state == WAITING and j.asked and j is not but]
        waiting.sort(key=lambda j: (j.tracked if by_track else j.target.end, j.index))
        for job in waiting:
            if not everyone and (self.channels[u] == 0 or self.guidance[u] == 0):
                return
            if not self.is_gone(job, now) and (window := self.choose(job, now, range(u, u + 1))):
                self.assign(job, now, window)

    # ---- launch, intercept, assess

    def launch(self, job: Job, now: float) -> None:
        """Fire the salvo, wait for the launchers, or give up."""
        window, target = job.window, job.target
        assert window is not None
        u, m, closes = window.unit, window.magazine, target.base + window.closes
        interval = self.sky.units[u]["launch_interval_ticks"]
        if self.is_gone(job, now) or job.ready > now or self.looks_away(job, now) or self.next_launch[u] > closes:
            self.channels[u] += 1
            self.guidance[u] += job.rounds
            self.reserved[m] -= job.rounds
            job.rounds, job.locked_by, job.state = 0, -1, WAITING
            self.serve(u, now, but=job)
            self.decide(job, now)
            return
        if self.next_launch[u] > now:
            self.at(job, self.next_launch[u])
            return
        fits = sum(now + k * interval <= closes for k in range(job.rounds))
        reserved = job.rounds
        self.reserved[m] -= reserved
        self.guidance[u] += reserved - fits
        self.stock[m] -= fits
        job.rounds = fits
        as_one = self.rng.random() < self.sky.packed.defence.salvo_correlation
        shared = self.rng.random()
        meet = now
        for k in range(fits):
            meet = self.meeting(job, window, now + k * interval)
            draw = shared if as_one else self.rng.random()
            if draw < self.kills(job, window, meet) and meet < target.fails:
                target.dies = min(target.dies, meet)
        job.fired += fits
        job.blame("engaged_and_missed")
        job.locked_by, job.state = u, FLYING
        self.next_launch[u] = now + fits * interval
        self.reload(m, now)
        self.at(job, meet)
        if fits < reserved:
            self.serve(u, now)

    def land(self, job: Job, now: float) -> None:
        """The last round has met the target: its guidance is free, the assessment begins."""
        assert job.window is not None
        u = job.window.unit
        self.guidance[u] += job.rounds
        job.state = ASSESSING
        self.at(job, now + self.sky.units[u]["assessment_ticks"])
        self.serve(u, now)

    def assess(self, job: Job, now: float) -> None:
        """Judge what the salvo did; the judgement can be wrong unless the target has failed by itself."""
        assert job.window is not None
        u, target = job.window.unit, job.target
        unit = self.sky.units[u]
        self.channels[u] += 1
        alive = False
        if target.fails > now:
            dead = target.dies <= now
            wrong = self.rng.random() < (unit["false_survival"] if dead else unit["false_kill"])
            alive = dead == wrong
            job.misjudged = dead and wrong
        over = job.fired >= self.orders(job, u)["max_rounds"] or target.end <= now
        job.state = DONE if over or not alive else WAITING
        if not over and not alive and min(target.fails, target.dies) > now:
            job.state = UNTRACKED
            self.watch_again(job, now)
        self.serve(u, now)
        if job.state == WAITING:
            self.decide(job, now)

    def watch_again(self, job: Job, now: float) -> None:
        """Every radar of the network that searches starts anew on a target that was taken for dead."""
        sky, target, f = self.sky, job.target, job.target.row["flight"]
        found = NEVER
        for r, radar in enumerate(sky.radars):
            if radar["network"] != job.network or not radar["searches"]:
                continue
            hits: list[int] = []
            for k, one in enumerate(sky.looks[f, r]):
                tick = target.base + ticks((k + 0.5) * radar["revisit_s"])
                if tick < max(now, self.up[radar["site"]]) or not one.in_sector or self.rng.random() >= one.pd:
                    continue
                hits.append(k)
                if len(hits) >= radar["hits"] and k - hits[-radar["hits"]] < radar["looks"]:
                    found = min(found, tick)
                    break
        if found < NEVER:
            self.at(job, found + int(sky.packed.defence.networks[job.network]["link_delay_ticks"]))

    def find_again(self, job: Job, now: float) -> None:
        """The picture has it again, unless it is gone by now."""
        job.state, job.locked_by = WAITING, -1
        job.tracked = now - int(self.sky.packed.defence.networks[job.network]["link_delay_ticks"])
        self.decide(job, now)

    def kills(self, job: Job, window: Window, meet: float) -> float:
        """The kill probability of a round at the distance at which it meets the target."""
        sky, f = self.sky, job.target.row["flight"]
        unit, path = sky.units[window.unit], sky.paths[f]
        envelope = sky.packed.defence.envelopes[window.magazine, path.flight["target_class"]]
        fall = envelope["fall_manoeuvring_m2" if path.flight["manoeuvres"] else "fall_m2"]
        range_m = path.from_radar(sky.radars[unit["radar"]], min((meet - job.target.base) / TICKS, path.duration_s))
        return max(window.pk * (1.0 - fall * range_m**2), 0.0)

    # ---- what it came to

    def score(self, into: Metrics, row: int) -> None:
        packed = self.sky.packed
        intact = [1.0] * packed.defence.assets.size
        networks = packed.defence.networks.size

        def add(name: str, amount: float = 1.0) -> None:
            into[name][row] += amount

        for i, target in enumerate(self.targets):
            jobs = self.jobs[i * networks : (i + 1) * networks]
            asset, would_fail = int(target.row["asset"]), target.fails < NEVER
            strikes = target.row["endpoint"] == AT_IMPACT
            hits = asset >= 0
            if hits and strikes:
                miss_m = math.hypot(*self.rng.normal(0.0, target.row["miss_sigma_m"], 2))
                hits = miss_m <= packed.defence.assets[asset]["radius_m"] + target.row["lethal_radius_m"]
            if target.row["side"] != HOSTILE:
                fired = sum(job.fired for job in jobs)
                kind = "friendly" if target.row["side"] == FRIENDLY else "civil"
                add(kind)
                add(f"{kind}_engaged", fired > 0)
                add(f"{kind}_killed", target.dies < NEVER)
                add("rounds_at_others", fired)
                add("rounds_fired", fired)
                continue
            if target.row["decoy"]:
                fired = sum(job.fired for job in jobs)
                add("decoys")
                add("decoys_engaged", fired > 0)
                add("rounds_at_decoys", fired)
                add("rounds_fired", fired)
                continue
            add("launched")
            add("would_fail", would_fail)
            add("tracked", any(job.tracked < NEVER for job in jobs))
            add("engaged", any(job.fired for job in jobs))
            add("rounds_fired", sum(job.fired for job in jobs))
            add("threatening", hits and not would_fail)
            if target.dies < NEVER:
                add("killed")
            elif would_fail:
                add("failed")
            else:
                add("leakers")
                add("threatening_leakers", hits)
                against = packed.defence.envelopes["engages"][:, self.sky.paths[target.row["flight"]].flight["target_class"]]
                add(CAUSES[max((job.cause for job in jobs), default=0)] if against.any() else "no_defence")
                add("impacts" if strikes else "releases")
                if strikes and asset >= 0:
                    add(f"impacts on {asset}")
                    if hits:
                        add("hits")
                        add(f"hits on {asset}")
                        intact[asset] *= 1.0 - area_share(target.row["lethal_radius_m"], packed.defence.assets[asset]["radius_m"])
        for m, magazine in enumerate(self.sky.magazines):
            add(f"rounds of {m}", magazine["rounds"] + self.brought[m] - self.stock[m])
        for a, left in enumerate(intact):
            add("value_lost", packed.defence.assets[a]["value"] * (1.0 - left))


def metric_names(packed: Packed) -> list[str]:
    assets = [f"{what} on {a}" for what in ("impacts", "hits") for a in range(packed.defence.assets.size)]
    return [*COUNTS, *CAUSES, *assets, *(f"rounds of {m}" for m in range(packed.defence.magazines.size)), "value_lost"]


def simulate(sky: Sky, trials: int, seed: int) -> Metrics:
    """Every metric of so many trials, a value each."""
    rng = np.random.default_rng(seed)
    into = {name: np.zeros(trials) for name in metric_names(sky.packed)}
    for row in range(trials):
        trial = Trial(sky, rng)
        trial.play()
        trial.score(into, row)
    return into


def as_metrics(packed: Packed, out: Outcomes) -> Metrics:
    """The engine's outcomes under the same names."""
    columns = np.hstack([out.counts, out.causes, out.asset_impacts, out.asset_hits, out.rounds, out.value_lost[:, None]])
    return dict(zip(metric_names(packed), columns.astype(float).T, strict=True))


# ---------------------------------------------------------------- do they agree


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """How many standard errors apart two sets of trials are in the mean, as samples of one distribution.

    Where neither scatters they are the same (0) or not (infinite). For rare events, half an event of the smaller set is added to the error:
    two of them in a few hundred trials prove nothing against none in thousands.
    """
    both = np.concatenate([one, other])
    usual = np.median(both)
    odd = np.abs(both - usual)
    if odd.max() < 1e-9:
        return 0.0
    if np.ptp(one) < 1e-9 and np.ptp(other) < 1e-9:
        return math.inf
    variance = (one.size * one.var() + other.size * other.var()) / both.size
    least = min(one.size, other.size)
    error = math.sqrt(variance * (1.0 / one.size + 1.0 / other.size) + (0.5 * odd[odd > 1e-9].min() / least) ** 2)
    return abs(float(one.mean() - other.mean())) / error
