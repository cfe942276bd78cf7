"""A map of firing opportunities against ballistic missiles by aim point, refined adaptively so that only some cells are computed."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Packed, Records
from closedsky.engine.opportunities import NO_TRACK, NO_WINDOW, opportunities_on
from closedsky.engine.pack import pack
from closedsky.engine.pack.sites import geod_of
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
"""Counts at points, given as metres along an axis and metres to the right of it."""

_BATCH = 32, 1024
"""Least and most flights per batch: a batch is as large as the number already solved, which supply its starting values."""
_APART = 8
"""Of the flights that are asked for, every eighth is in the first batches: their starting values are to hold for the others too."""
_SHARE = 4
"""Least flights per task of a thread: few, so that no thread waits long for another at the end of a batch."""
_SPARE = 0.05
"""Margin, as a share of the envelope's range, of the test whether an aim point can be defended (`Aims.may_meet`)."""
_CLEAR_M = 1_000.0
"""Height above the site from which on the slope of a path is evaluated."""
_BALLISTIC = TARGET_CLASSES.index("ballistic")
_STRIDE = 4
"""Spacing, in cells, of the first lattice: an island or a hole smaller than this may be missed, except at the origin."""


@dataclass(frozen=True, eq=False)
class Survey:
    """Counts over square cells: `counts[i, j]` at a cell's centre, `along_m[i]` along the axis and `right_m[j]` to the right of it."""

    along_m: Floats
    right_m: Floats
    cell_m: float
    counts: Ints

    def area_m2(self, least: int) -> float:
        """Area, m², of the cells with a count of at least `least`."""
        return float(np.count_nonzero(self.counts >= least)) * self.cell_m**2

    def reach_m(self, least: int) -> tuple[float, float, float, float]:
        """Extent, m, of the cells with at least `least`, ahead of the origin, behind, left and right of it; negative if short of it.

        NaN if there are none.
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
    """The map over a box around the origin: a coarse lattice is computed first, then repeatedly all cells that differ from a neighbour.

    Cells for which `may_count` is false have a count of zero and are not computed.
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
    """Centres of cells from -before to after, m, with the origin on an edge between two."""
    return np.asarray((np.arange(-math.ceil(before_m / cell_m), math.ceil(after_m / cell_m)) + 0.5) * cell_m, np.float64)


def _differs(counts: Ints) -> Mask:
    """Cells that differ in count from one of their eight neighbours."""
    out = np.zeros(counts.shape, bool)
    padded = np.pad(counts, 1, mode="edge")
    rows, columns = counts.shape
    for i in range(3):
        for j in range(3):
            out |= padded[i : i + rows, j : j + columns] != counts
    return out


def _fill(counts: Ints, known: Mask, stride: int) -> None:
    """Fill the unknown cells of a lattice with the preceding values of the next coarser lattice."""
    fine = counts[::stride, ::stride]
    before = np.repeat(np.repeat(fine[::2, ::2], 2, axis=0), 2, axis=1)[: fine.shape[0], : fine.shape[1]]
    fine[...] = np.where(known[::stride, ::stride], fine, before)


# ---------------------------------------------------------------- ballistic missiles at aim points


class Starts:
    """Starting values of searches for flights over one range and azimuth: a polynomial of place and ground, fitted to earlier results.

    At third degree it leads within some centimetres of the aim point, so that most searches end with their first flight.
    """

    # degree, and flights required for it: twice the number of coefficients; more than _ENOUGH do not improve the fit
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
        """Fit to the solutions `found` for flights, rows of `where`."""
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
        """A starting value for each flight; zero, which means none, while too few are known."""
        if self._degree == 0:
            return np.zeros((len(where), 3))
        return np.ascontiguousarray(_powers(where / self._scale, self._degree) @ self._fit)


def shares(many: int, threads: int) -> list[tuple[int, int]]:
    """0 to `many` in parts for `threads` threads: each half of what is left for a thread, and the last ones `_SHARE`."""
    out, first = [], 0
    while first < many:
        last = min(first + max((many - first) // (2 * threads), _SHARE), many)
        out.append((first, last))
        first = last
    return out


def _powers(x: Floats, degree: int) -> Floats:
    """All monomials of the columns up to `degree`."""
    columns = [np.ones(len(x))]
    for many in range(1, degree + 1):
        columns += [x[:, picked].prod(axis=1) for picked in map(list, combinations_with_replacement(range(x.shape[1]), many))]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Aims:
    """Ballistic missiles from one azimuth over one range at aim points around the single fire unit of a situation.

    `together` missiles fly each path at once; opportunities are counted up to `most`; `progress` takes the number of aim points computed.
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
        """The map of opportunities offered, before impact, to the missile with the fewest, by aim point."""
        return survey(self.count, *self.box(), cell_m, self.may_meet)

    def count(self, along_m: Floats, right_m: Floats) -> Ints:
        """Opportunities at aim points: metres from the unit towards the threat, and to the right as it faces it."""
        out = np.zeros(along_m.size, np.int64)
        order = np.argsort(np.arange(out.size) % _APART, kind="stable")  # the first batches are spread over the map
        first = 0
        while first < out.size:
            part = order[first : first + min(max(self.starts.known, _BATCH[0]), _BATCH[1])]
            out[part] = self._count(along_m[part], right_m[part])
            first += part.size
            if self.progress is not None:
                self.progress(part.size)
        return out

    def _count(self, along_m: Floats, right_m: Floats) -> Ints:
        """`count` of one batch, whose starting values come from earlier ones."""
        flights = self._flights(along_m, right_m)
        lone = self.lone
        packed = lone._replace(
            raid=lone.raid._replace(flights=flights),
            environment=lone.environment._replace(screens=np.repeat(lone.environment.screens, flights.size, axis=0)),
        )
        where = np.column_stack([along_m, right_m, flights["ground0_m"], flights["ground1_m"]])
        starts = self.starts.guess(where)
        apogee_m = math.nan if self.apogee_m is None else self.apogee_m
        out = np.zeros(flights.size, np.int64)

        def work(first: int, last: int) -> None:
            aim_flights(flights, first, last, packed.environment.earth, apogee_m, starts)
            if not np.all(flights["duration_s"][first:last] > 0.0):
                raise self._unflown()
            opportunities_on(packed, self.ground, first, last, self.together, self.most, out)

        self._spread(work, flights.size)
        self.starts.learn(where, starts)
        return np.maximum(out, 0)

    def _flights(self, along_m: Floats, right_m: Floats) -> Records:
        """A flight to each aim point: that to the unit's own site with other ends, yet to be aimed."""
        flights = np.repeat(self.lone.raid.flights, along_m.size)
        lat_rad, lon_rad = self._places(along_m, right_m)
        many = np.ones(along_m.size)
        away = geod_of(self.situation).fwd(
            lon_rad, lat_rad, math.radians(self.azimuth_deg) * many, self.range_m * many, radians=True
        )
        flights["lat0_rad"], flights["lon0_rad"], flights["lat1_rad"], flights["lon1_rad"] = away[1], away[0], lat_rad, lon_rad
        stand_flights(flights, self.ground)
        return flights

    def _places(self, along_m: Floats, right_m: Floats) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of aim points, rad."""
        lat, lon = self.situation.scenario.defence[0].at
        many = np.ones(along_m.size)
        bearing_deg = self.azimuth_deg + np.degrees(np.arctan2(right_m, along_m))
        east, north, _ = geod_of(self.situation).fwd(lon * many, lat * many, bearing_deg, np.hypot(along_m, right_m))
        return np.radians(north), np.radians(east)

    def _spread(self, work: Callable[[int, int], None], many: int) -> None:
        """Call `work` over 0 to `many` on `threads` threads, in parts that grow smaller."""
        if self.threads == 1:
            work(0, many)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(lambda share: work(*share), shares(many, self.threads)))

    def _unflown(self) -> RequestError:
        name, far_km = self.situation.threats[self.threat].name, self.range_m / 1000.0
        flag = "--range" if self.apogee_m is None else "--apogee"
        return RequestError(
            Fault(f"no flight of a {name} over {far_km:g} km leads to its target", flag,
                  "give another, or correct the missile's figures in a folder of your own, --catalogue DIR")
        )  # fmt: skip

    @cached_property
    def lone(self) -> Packed:
        """The unit with a flight to its own site, as arrays."""
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
        """Greatest distance ahead of, behind and beside the unit, m, of an aim point whose missile passes through the envelope."""
        range_m = self._envelope[0]
        _, to_go, aside = self._descent
        return range_m, float(np.max(aside + to_go, initial=range_m)), range_m

    def may_meet(self, along_m: Floats, right_m: Floats) -> Mask:
        """Aim points whose missiles may pass through the envelope; the others have no opportunities.

        The path to the unit's own site is shifted to each aim point. The margin is a share of the envelope's range, for the neglected
        curvature and rotation of the Earth, plus the horizontal shift of a path that ends higher or lower.
        """
        climb, to_go, aside = self._descent
        off_m = np.full(along_m.shape, math.inf)
        for way_m, reach_m in zip(to_go, aside, strict=True):
            np.minimum(off_m, np.hypot(along_m + way_m, right_m) - reach_m, out=off_m)
        flights = np.repeat(self.lone.raid.flights, along_m.size)
        flights["lat1_rad"], flights["lon1_rad"] = self._places(along_m, right_m)
        stand_flights(flights, self.ground)
        higher_m = np.abs(flights["ground1_m"] - self.lone.raid.flights["ground1_m"])
        clear = climb > _CLEAR_M
        flattest = float(np.max(to_go[clear] / climb[clear], initial=1.0))
        return np.asarray(off_m <= _SPARE * self._envelope[0] + flattest * higher_m, bool)

    @cached_property
    def _envelope(self) -> tuple[float, float]:
        """Greatest range and greatest ceiling of the unit's missiles, m."""
        envelopes = self.lone.defence.envelopes[:, _BALLISTIC]
        engaging = envelopes[envelopes["engages"] == 1]
        return float(engaging["range_max_m"].max()), float(engaging["altitude_max_m"].max())

    @cached_property
    def _descent(self) -> tuple[Floats, Floats, Floats]:
        """Samples of the path to the unit's own site inside the envelope, m: height above the site, ground distance to go, envelope radius.

        Descending samples only: an intercept of a missile that ascends over the unit defends ground far away, which is not considered.
        """
        path = trace(self.lone, self.ground, 0)
        path = path[np.argmax(path[:, 2]) :]
        range_m, ceiling_m = self._envelope
        low = path[:, 2] <= ceiling_m
        low[:-1] |= low[1:]  # and the sample just above the ceiling
        apart = np.linalg.norm(path[low, 3:] - path[-1, 3:], axis=1)
        climb = np.maximum(path[low, 2] - path[-1, 2], 0.0)
        to_go = np.sqrt(np.maximum(apart**2 - climb**2, 0.0))
        aside = np.sqrt(np.maximum(range_m**2 - climb**2, 0.0))
        reached = climb <= range_m
        return climb[reached], to_go[reached], aside[reached]

    def arrival_mps(self) -> float:
        """Speed, m/s, over the last step of the path to the unit's own site."""
        packed = self.lone
        path = trace(packed, self.ground, 0)
        return float(np.linalg.norm(path[-1, 3:] - path[-2, 3:]) / packed.raid.flights[0]["step_s"])

    def why_none(self) -> str:
        """The reason why the unit's own site is not defended: the first condition that fails."""
        packed = self.lone
        fastest_mps, arrival_mps = float(packed.defence.magazines["target_speed_max_mps"].max()), self.arrival_mps()
        offered = self._at_own_site(packed)
        if offered == NO_WINDOW:
            radars = packed.defence.radars.copy()
            radars["half_sector_rad"] = math.pi
            if self._at_own_site(packed._replace(defence=packed.defence._replace(radars=radars))) != NO_WINDOW:
                return "outside its sector"
            if arrival_mps > fastest_mps:
                return f"it arrives at {arrival_mps:.0f} m/s, faster than the missiles can meet ({fastest_mps:.0f} m/s)"
            return "never held by its radar inside the envelope"
        return "no track in time" if offered == NO_TRACK else "no time for so many opportunities"

    def _at_own_site(self, packed: Packed) -> int:
        """Opportunities, or why there is none, as of `opportunities_on`."""
        out = np.zeros(1, np.int64)
        opportunities_on(packed, self.ground, 0, 1, self.together, self.most, out)
        return int(out[0])
