"""How many opportunities a fire unit has at ballistic missiles, by aim point: a map of which only some cells are asked."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import NEVER, Packed, Records
from closedsky.engine.opportunities import median_tracks, opportunities_on
from closedsky.engine.pack import pack
from closedsky.engine.pack.sites import geod_of
from closedsky.engine.tables import geometry
from closedsky.engine.tables.aim import aim_flights, stand_flights
from closedsky.engine.tables.sight import trace
from closedsky.errors import Fault, RequestError, ScenarioError
from closedsky.model.scenario import Asset, Ballistic, Group
from closedsky.model.system import TARGET_CLASSES
from closedsky.physics.ground import Ground
from closedsky.scenario.situation import Situation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Count = Callable[[Floats, Floats], Ints]
"""The counts at points: metres along an axis, metres to the right of it."""

_BATCH = 32, 1024
"""Flights worked out at once, least and most: as many as are known, so that all but the first begin where those before them ended."""
_SHARE = 8
"""Flights that a thread takes at a time."""
_SPARE = 0.05
"""Share of the envelope's range by which an aim point may lie outside what the path to the unit's own site says is reached."""
_CLEAR_M = 1_000.0
"""Climb above the site from which on a path has a slope."""
_BALLISTIC = TARGET_CLASSES.index("ballistic")
_STRIDE = 4
"""Cells between those that are asked first: an island or a hole that is smaller than this may be missed, but for one at the origin."""


@dataclass(frozen=True, eq=False)
class Survey:
    """Counts over square cells: `counts[i, j]` in the middle of a cell, `along_m[i]` from the origin along its axis, `right_m[j]` aside."""

    along_m: Floats
    right_m: Floats
    cell_m: float
    counts: Ints

    def area_m2(self, least: int) -> float:
        """Area of the cells with at least so many."""
        return float(np.count_nonzero(self.counts >= least)) * self.cell_m**2

    def reach_m(self, least: int) -> tuple[float, float, float, float]:
        """How far cells with at least so many reach ahead of the origin, behind it, to its left and to its right; negative if short of it.

        Not a number if there are none.
        """
        rows, columns = np.nonzero(self.counts >= least)
        if rows.size == 0:
            return math.nan, math.nan, math.nan, math.nan
        along, right, half = self.along_m[rows], self.right_m[columns], 0.5 * self.cell_m
        ahead, behind, left, right_of = (float(end) + half for end in (along.max(), -along.min(), -right.min(), right.max()))
        return ahead, behind, left, right_of


def survey(
    count: Count, ahead_m: float, behind_m: float, side_m: float, cell_m: float, may_count: Callable[[Floats, Floats], Mask] | None = None
) -> Survey:  # fmt: skip
    """The map over a box round the origin: cells every few are asked, and from there on all those that differ from a neighbour.

    Those for which `may_count` has no hope have nought, unasked.
    """
    along, right = _middles(behind_m, ahead_m, cell_m), _middles(side_m, side_m, cell_m)
    counts, known = np.zeros((along.size, right.size), np.int64), np.zeros((along.size, right.size), bool)
    if may_count is not None:
        known[...] = ~may_count(np.repeat(along, right.size), np.tile(right, along.size)).reshape(known.shape)

    def ask(where: Mask) -> None:
        rows, columns = np.nonzero(where & ~known)
        if rows.size:
            counts[rows, columns] = count(along[rows], right[columns])
            known[rows, columns] = True

    first = np.zeros(known.shape, bool)
    first[::_STRIDE, ::_STRIDE] = True
    first[np.ix_(np.abs(along) < cell_m, np.abs(right) < cell_m)] = True
    ask(first)
    stride = _STRIDE
    while True:
        lattice = (slice(None, None, stride), slice(None, None, stride))
        while True:
            wanted = np.zeros(known.shape, bool)
            wanted[lattice] = _differs(counts[lattice]) & ~known[lattice]
            if not wanted.any():
                break
            ask(wanted)
        if stride == 1:
            return Survey(along, right, cell_m, counts)
        stride //= 2
        _fill(counts, known, stride)


def _middles(before_m: float, after_m: float, cell_m: float) -> Floats:
    """Middles of cells from -before to after, the origin on an edge between two."""
    return np.asarray((np.arange(-math.ceil(before_m / cell_m), math.ceil(after_m / cell_m)) + 0.5) * cell_m, np.float64)


def _differs(counts: Ints) -> Mask:
    """Cells one of whose eight neighbours has another count."""
    out = np.zeros(counts.shape, bool)
    padded = np.pad(counts, 1, mode="edge")
    rows, columns = counts.shape
    for i in range(3):
        for j in range(3):
            out |= padded[i : i + rows, j : j + columns] != counts
    return out


def _fill(counts: Ints, known: Mask, stride: int) -> None:
    """Give the unknown cells of a lattice what the next coarser one has before them."""
    fine = counts[::stride, ::stride]
    before = np.repeat(np.repeat(fine[::2, ::2], 2, axis=0), 2, axis=1)[: fine.shape[0], : fine.shape[1]]
    fine[...] = np.where(known[::stride, ::stride], fine, before)


# ---------------------------------------------------------------- ballistic missiles at aim points


class Starts:
    """Where searches for flights over one range and azimuth begin: by what was found before, a polynomial of place and ground.

    Of the third degree, it leads within some centimetres of the aim point, so that most searches end with their first flight.
    """

    # a polynomial so steep takes twice as many flights as it has coefficients; more than enough teach it nothing
    _DEGREES = (3, 70), (2, 30)
    _ENOUGH = 256

    def __init__(self) -> None:
        self.known = 0
        self._where: Floats = np.empty((0, 4))
        self._found: Floats = np.empty((0, 3))
        self._scale: Floats = np.empty(0)
        self._fit: Floats = np.empty(0)
        self._degree = 0

    def learn(self, where: Floats, found: Floats) -> None:
        """Take in the starts that would have been right for flights, rows of `where`."""
        taught = self.known >= self._ENOUGH
        self.known += len(where)
        if taught:
            return
        self._where, self._found = np.concatenate([self._where, where]), np.concatenate([self._found, found])
        self._degree = next((degree for degree, least in self._DEGREES if self.known >= least), 0)
        self._scale = np.asarray(np.maximum(np.abs(self._where).max(axis=0), 1e-9), np.float64)
        fit = np.linalg.lstsq(_powers(self._where / self._scale, self._degree), self._found, rcond=None)[0]
        self._fit = fit.astype(np.float64, copy=False)

    def guess(self, where: Floats) -> Floats:
        """A start each for flights; nought, which is none, while too few are known."""
        if self._degree == 0:
            return np.zeros((len(where), 3))
        return np.ascontiguousarray(_powers(where / self._scale, self._degree) @ self._fit)


def _powers(x: Floats, degree: int) -> Floats:
    """Every product of up to `degree` of the columns."""
    columns = [np.ones(len(x))]
    for many in range(1, degree + 1):
        columns += [x[:, picked].prod(axis=1) for picked in map(list, combinations_with_replacement(range(x.shape[1]), many))]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Aims:
    """Ballistic missiles from one azimuth over one range at aim points round the one fire unit of a situation.

    `together` of them fly each path at once; `most` is how many opportunities are counted. `progress` is told how many aim points are done.
    """

    situation: Situation
    ground: Ground
    threat: str
    azimuth_deg: float
    range_m: float
    apogee_m: float | None
    together: int
    most: int
    threads: int
    progress: Callable[[int], None] | None = None
    starts: Starts = field(default_factory=Starts)

    def survey(self, cell_m: float) -> Survey:
        """Opportunities that the worst served is offered before its impact, aim point by aim point."""
        return survey(self.count, *self.box(), cell_m, self.may_meet)

    def count(self, along_m: Floats, right_m: Floats) -> Ints:
        """Opportunities at aim points: metres from the unit towards the threat, and to the right as it faces it."""
        out = np.zeros(along_m.size, np.int64)
        order = np.argsort(np.arange(out.size) % _SHARE, kind="stable")  # the first few lie all over the map
        first = 0
        while first < out.size:
            part = order[first : first + min(max(self.starts.known, _BATCH[0]), _BATCH[1])]
            out[part] = self._offered(self.flights(along_m[part], right_m[part]))
            first += part.size
            if self.progress is not None:
                self.progress(part.size)
        return out

    def _offered(self, flights: Records) -> Ints:
        packed = self.lone._replace(flights=flights, screens=np.repeat(self.lone.screens, flights.size, axis=0))
        out = np.zeros(flights.size, np.int64)
        self._spread(lambda a, b: opportunities_on(packed, self.ground, a, b, self.together, self.most, out), flights.size)
        return out

    def flights(self, along_m: Floats, right_m: Floats) -> Records:
        """A flight to each aim point: the one to the unit's own site, but for its ends and how it is aimed."""
        flights = np.repeat(self.lone.flights, along_m.size)
        lat_rad, lon_rad = self._places(along_m, right_m)
        many = np.ones(along_m.size)
        away = geod_of(self.situation).fwd(
            lon_rad, lat_rad, math.radians(self.azimuth_deg) * many, self.range_m * many, radians=True
        )
        flights["lat0_rad"], flights["lon0_rad"], flights["lat1_rad"], flights["lon1_rad"] = away[1], away[0], lat_rad, lon_rad
        stand_flights(flights, self.ground)
        where = np.column_stack([along_m, right_m, flights["ground0_m"], flights["ground1_m"]])
        starts = self.starts.guess(where)
        apogee_m = math.nan if self.apogee_m is None else self.apogee_m
        self._spread(lambda a, b: aim_flights(flights, a, b, self.lone.earth, apogee_m, starts), flights.size)
        if not np.all(flights["duration_s"] > 0.0):
            raise self._unflown()
        self.starts.learn(where, starts)
        return flights

    def _places(self, along_m: Floats, right_m: Floats) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of aim points, rad."""
        lat, lon = self.situation.scenario.defence[0].at
        many = np.ones(along_m.size)
        bearing_deg = self.azimuth_deg + np.degrees(np.arctan2(right_m, along_m))
        east, north, _ = geod_of(self.situation).fwd(lon * many, lat * many, bearing_deg, np.hypot(along_m, right_m))
        return np.radians(north), np.radians(east)

    def _spread(self, work: Callable[[int, int], None], many: int) -> None:
        """Have `work` done from 0 to `many`, a share at a time, by as many threads as were given."""
        shares = [(first, min(first + _SHARE, many)) for first in range(0, many, _SHARE)]
        if self.threads == 1:
            for share in shares:
                work(*share)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(lambda share: work(*share), shares))

    def _unflown(self) -> RequestError:
        name, far_km = self.situation.threats[self.threat].name, self.range_m / 1000.0
        flag = "--range" if self.apogee_m is None else "--apogee"
        return RequestError(
            Fault(f"no flight of a {name} over {far_km:g} km leads to its target", flag,
                  "give another, or correct the missile's figures in a folder of your own, --catalogue DIR")
        )  # fmt: skip

    @cached_property
    def lone(self) -> Packed:
        """The unit, and a flight to its own site."""
        scenario = self.situation.scenario
        lat, lon = scenario.defence[0].at
        from_lon, from_lat, _ = geod_of(self.situation).fwd(lon, lat, self.azimuth_deg, self.range_m)
        motion = Ballistic(kind="ballistic", origin=(from_lat, from_lon), target="aim", apogee_m=self.apogee_m)
        alone = {"assets": (Asset(id="aim", at=(lat, lon)),), "raid": (Group(id="flight", threat=self.threat, motion=motion),)}
        try:
            return pack(replace(self.situation, scenario=scenario.model_copy(update=alone)), self.ground, self.threads)[0]
        except ScenarioError as error:
            raise self._unflown() from error

    def box(self) -> tuple[float, float, float]:
        """How far ahead, behind and aside of the unit an aim point can be whose missile passes through the envelope, m."""
        range_m = self._envelope[0]
        _, to_go, aside = self._descent
        return range_m, float(np.max(aside + to_go, initial=range_m)), range_m

    def may_meet(self, along_m: Floats, right_m: Floats) -> Mask:
        """Aim points whose missiles may pass through the envelope: of the others there is nothing to ask.

        The path to the unit's own site is moved to each. To spare are a share of the envelope's range, for what is left out (that the
        Earth is round, and turns), and as far as a path moves if its end stands so much higher or lower.
        """
        climb, to_go, aside = self._descent
        off_m = np.full(along_m.shape, math.inf)
        for way_m, reach_m in zip(to_go, aside, strict=True):
            np.minimum(off_m, np.hypot(along_m + way_m, right_m) - reach_m, out=off_m)
        flights = np.repeat(self.lone.flights, along_m.size)
        flights["lat1_rad"], flights["lon1_rad"] = self._places(along_m, right_m)
        stand_flights(flights, self.ground)
        higher_m = np.abs(flights["ground1_m"] - self.lone.flights["ground1_m"])
        clear = climb > _CLEAR_M
        flattest = float(np.max(to_go[clear] / climb[clear], initial=1.0))
        return np.asarray(off_m <= _SPARE * self._envelope[0] + flattest * higher_m, bool)

    @cached_property
    def _envelope(self) -> tuple[float, float]:
        """Range and ceiling of the unit's missiles, m: of each the greatest."""
        engaging = self.lone.envelopes[self.lone.envelopes[:, _BALLISTIC]["engages"] == 1, _BALLISTIC]
        return float(engaging["range_max_m"].max()), float(engaging["altitude_max_m"].max())

    @cached_property
    def _descent(self) -> tuple[Floats, Floats, Floats]:
        """Sample by sample of the path to the unit's own site, inside the envelope, m: its climb above the site, how far it has to go, and
        how far the envelope reaches aside of the unit up there.

        Only what comes down counts: a missile shot at as it rises over the unit defends ground far from it, and is not what is asked.
        """
        path = trace(self.lone, self.ground, 0)
        path = path[np.argmax(path[:, 2]) :]
        range_m, ceiling_m = self._envelope
        low = path[:, 2] <= ceiling_m
        low[:-1] |= low[1:]  # the sample above the ceiling too
        apart = np.linalg.norm(path[low, 3:] - path[-1, 3:], axis=1)
        climb = np.maximum(path[low, 2] - path[-1, 2], 0.0)
        to_go = np.sqrt(np.maximum(apart**2 - climb**2, 0.0))
        aside = np.sqrt(np.maximum(range_m**2 - climb**2, 0.0))
        reached = climb <= range_m
        return climb[reached], to_go[reached], aside[reached]

    def arrival_mps(self) -> float:
        """Speed of the missile that is aimed at the unit's own site, over the last sample of its path."""
        packed = self.lone
        path = trace(packed, self.ground, 0)
        return float(np.linalg.norm(path[-1, 3:] - path[-2, 3:]) / packed.flights[0]["step_s"])

    def why_none(self) -> str:
        """Why the unit's own site is not defended, in the order in which it fails."""
        packed = self.lone
        tables = geometry.build(packed, self.ground, 1)
        tracks = np.empty(packed.networks.size, np.int64)
        median_tracks(packed, tables, 0, tracks)
        fastest_mps, arrival_mps = float(packed.magazines["target_speed_max_mps"].max()), self.arrival_mps()
        if tables.pairings[0]["outside_sector"]:
            return "outside its sector"
        if tables.pairings[0]["windows"] == 0 and arrival_mps > fastest_mps:
            return f"it arrives at {arrival_mps:.0f} m/s, faster than the missiles can meet ({fastest_mps:.0f} m/s)"
        if tables.pairings[0]["windows"] == 0:
            return "never held by its radar inside the envelope"
        return "no track in time" if tracks[0] == NEVER else "no time for so many opportunities"
