"""The trial as a SimPy model, with which the engine is compared for speed and results.

It reads the same `Packed` and `Tables`, simulates the same engagement process, and returns launched, leakers, killed and rounds fired. It
omits everything else (causes, hits, value lost, logs), which is in its favour.

Each job, a threat in a network that can engage it, is a SimPy process. Channels, guidance and rounds are counted in `Unit` and `Magazine`;
jobs that wait for a unit are in its queue, a heap in the order of its network's policy. `simpy.Resource` is not used: a job needs a
channel, guidance for its salvo and rounds at the same time, from any unit that has them; requests to several resources of several units,
and the withdrawal of all but one, would cost many events per assignment.

It is optimised for speed: see README.md.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any, NamedTuple

from simpy import Environment, Event, Process, Timeout

from closedsky.engine.layout import FIRST_TRACKED, TICKS_PER_S, Packed, Tables

NEVER = 1 << 62
NORMAL = 1  # SimPy's priority of an ordinary event


class Counts(NamedTuple):
    """The result of one trial."""

    launched: int
    leakers: int
    killed: int
    rounds_fired: int


class Unit:
    """A fire unit."""

    __slots__ = (
        "assessment", "by_track", "channels", "channels_all", "false_kill", "false_survival", "guidance", "guidance_all", "guidance_binds",
        "interval", "judges_wrongly", "next_launch", "queue", "reaction",
    )  # fmt: skip

    def __init__(self, row: Any, by_track: bool) -> None:
        self.channels_all, self.guidance_all = int(row["channels"]), int(row["missiles_guided"])
        self.reaction, self.interval = int(row["reaction_ticks"]), int(row["launch_interval_ticks"])
        self.assessment = int(row["assessment_ticks"])
        self.false_kill, self.false_survival = float(row["false_kill"]), float(row["false_survival"])
        self.judges_wrongly = self.false_kill > 0.0 or self.false_survival > 0.0
        self.guidance_binds = bool(row["guidance_can_bind"])
        self.by_track = by_track
        self.reset()

    def reset(self) -> None:
        self.channels, self.guidance, self.next_launch = self.channels_all, self.guidance_all, -NEVER
        self.queue: list[tuple[int, int, Job]] = []


class Magazine:
    """Rounds of one missile in one unit: `stock` on the launchers, `free` of them not reserved."""

    __slots__ = ("free", "loaded", "stock")

    def __init__(self, rounds: int) -> None:
        self.loaded = rounds
        self.reset()

    def reset(self) -> None:
        self.stock = self.free = self.loaded


class Job:
    """One threat in one network. If it is not `waiting`, it holds a channel."""

    __slots__ = (
        "base", "end", "event", "fired", "last_unit", "misjudged", "number", "opened", "queued", "ready", "rounds", "threat", "tracked",
        "waiting", "window", "windows",
    )  # fmt: skip

    def __init__(self, number: int, threat: "Threat", windows: "Windows", base: int, end: int, tracked: int) -> None:
        self.number, self.threat, self.windows, self.base, self.end, self.tracked = number, threat, windows, base, end, tracked
        self.opened = self.fired = 0
        self.waiting = True
        self.misjudged = False
        self.last_unit: Unit | None = None
        self.queued: set[Unit] = set()


class Threat:
    """The state that the jobs of one threat share: when it fails, and when it is killed."""

    __slots__ = ("dies", "fails")

    def __init__(self, fails: int) -> None:
        self.fails, self.dies = fails, NEVER


class Windows(NamedTuple):
    """The launch windows of one network at one flight. A window is a tuple, which is faster to unpack than an object is to read:
    (index, unit, magazine, rank, opens, closes, points per tick, last point but one, curve, kill probability, salvo, most rounds, lock).
    A watch is what a radar may see of the flight while it can be fired at: (first look, revisit, hits, looks, detection probabilities).
    """

    every: tuple[Any, ...]
    assign: tuple[int, ...]
    of_unit: dict[Unit, tuple[Any, ...]]
    track_cdf: list[float]
    track_ticks: list[int]
    delay: int
    watches: tuple[tuple[int, int, int, int, list[float]], ...]


class Raid:
    """The model of one set of tables. `Raid(...)` converts the tables to lists once; `trial()` simulates one trial."""

    def __init__(self, packed: Packed, tables: Tables, seed: int) -> None:
        self.rng = random.Random(seed)
        networks = packed.defence.networks.size
        policy = [int(network["policy"]) == FIRST_TRACKED for network in packed.defence.networks]
        self.units = [Unit(row, policy[row["network"]]) for row in packed.defence.units]
        self.magazines = [Magazine(int(row["rounds"])) for row in packed.defence.magazines]
        self.correlation = float(packed.defence.salvo_correlation)
        flights = [
            [self._windows(packed, tables, f, g) for g in range(networks) if tables.pairings[f * networks + g]["openings"]]
            for f in range(packed.raid.flights.size)
        ]
        # (leads its group, start s, jitter s, mean gap s, reliability, duration, windows of its networks)
        self.threats = [
            (bool(row["leads_group"]), float(row["start_s"]), float(row["jitter_s"]), float(row["mean_gap_s"]), float(row["reliability"]),
             int(tables.duration_ticks[row["flight"]]), flights[row["flight"]])
            for row in packed.raid.threats
        ]  # fmt: skip

    def _windows(self, packed: Packed, tables: Tables, flight: int, network: int) -> Windows:
        pairing = tables.pairings[flight * packed.defence.networks.size + network]
        sight = tables.sights[flight * packed.defence.networks.size + network]
        locks: dict[int, tuple[int, int, list[float]]] = {}
        every = []
        assign = []
        for k in range(pairing["openings"]):
            row = tables.windows[tables.openings[pairing["first_opening"] + k]]
            assert row["fall_m2"] == 0.0, "no raid of the benchmarks manoeuvres"
            if int(row["lock"]) not in locks:
                lock = tables.locks[row["lock"]]
                misses = tables.lock_miss[lock["first"] : lock["first"] + lock["count"]].tolist()
                locks[int(row["lock"])] = (int(lock["origin_ticks"]), int(lock["dwell_ticks"]), misses)
            curve = tables.intercept_ticks[row["first"] : row["first"] + row["count"]].tolist()
            assign.append(int(row["assign_ticks"]))
            every.append((
                k, self.units[row["unit"]], self.magazines[row["magazine"]], int(row["rank"]),
                int(row["open_ticks"]), int(row["close_ticks"]), float(row["points_per_tick"]), len(curve) - 2, curve, float(row["pk"]),
                int(row["salvo"]), int(row["max_rounds"]), locks[int(row["lock"])],
            ))  # fmt: skip
        of_unit = {window[1]: tuple(other for other in every if other[1] is window[1]) for window in every}
        seen = slice(sight["first"], sight["first"] + sight["count"])
        return Windows(
            tuple(every), tuple(assign), of_unit, tables.track_cdf[seen].tolist(), tables.track_ticks[seen].tolist(),
            int(packed.defence.networks[network]["link_delay_ticks"]), self._watches(packed, tables, flight, network),
        )  # fmt: skip

    @staticmethod
    def _watches(packed: Packed, tables: Tables, flight: int, network: int) -> Any:
        rows = tables.watches[flight * packed.defence.radars.size : (flight + 1) * packed.defence.radars.size]
        return tuple(
            (int(row["origin_ticks"]), int(row["revisit_ticks"]), int(row["hits"]), int(row["looks"]),
             tables.look_pd[row["first"] : row["first"] + row["count"]].tolist())
            for row in rows if row["network"] == network and row["count"]
        )  # fmt: skip

    # ---------------------------------------------------------------- one trial

    def trial(self) -> Counts:
        """Simulate one trial to its last event."""
        chance = self.rng.random
        for unit in self.units:
            unit.reset()
        for magazine in self.magazines:
            magazine.reset()
        drawn: list[Threat] = []
        jobs: list[tuple[Job, int]] = []
        late_s = 0.0
        for leads, start_s, jitter_s, mean_gap_s, reliability, duration, flight in self.threats:
            if leads:
                late_s = 0.0
            if mean_gap_s:
                late_s -= math.log1p(-chance()) * mean_gap_s
                start_s += late_s
            if jitter_s:
                start_s += (2.0 * chance() - 1.0) * jitter_s
            base = math.floor(start_s * TICKS_PER_S + 0.5)
            threat = Threat(NEVER if chance() < reliability else base + int(chance() * duration))
            drawn.append(threat)
            end = base + duration
            lives = min(end, threat.fails)
            for windows in flight:
                look = bisect_right(windows.track_cdf, chance())
                if look < len(windows.track_ticks):
                    tracked = base + windows.track_ticks[look]
                    first = max(tracked + windows.delay, base + windows.assign[0])
                    if tracked < lives and first < lives:
                        jobs.append((Job(len(jobs), threat, windows, base, end, tracked), first))
        if jobs:
            began = min(first for _, first in jobs)
            env = self.env = Environment(began)
            for job, first in jobs:
                Process(env, self.defend(job, first - began))
            env.run()
        killed = 0
        leakers = 0
        for threat in drawn:
            if threat.dies < NEVER:
                killed += 1
            elif threat.fails == NEVER:
                leakers += 1
        return Counts(len(drawn), leakers, killed, sum(magazine.loaded - magazine.stock for magazine in self.magazines))

    def defend(self, job: Job, first: int) -> Generator[Event, Any, None]:
        """The process of one job. While it has no channel it waits for `job.event`, which `assign` triggers at the time of launch."""
        env, chance = self.env, self.rng.random
        threat, base = job.threat, job.base
        fails, end = threat.fails, job.end
        lives = min(fails, end)
        assigns, every = job.windows.assign, job.windows.every
        last = len(assigns)
        yield Timeout(env, first)
        now = env._now
        while True:
            # Waiting, unless a unit that was just served has assigned it. A waiting job considers only newly opened windows:
            # for all others it is in queues.
            since = 0
            while job.waiting:
                if lives <= now or (threat.dies <= now and not job.misjudged):
                    job.waiting = False
                    return
                opened = job.opened
                while opened < last and base + assigns[opened] <= now:
                    opened += 1
                job.opened = opened
                job.event = Event(env)
                window = self.choose(job, now, every[since:opened])
                if window is not None:
                    self.assign(job, now, window)
                else:
                    job.last_unit = None
                    if opened < last:
                        Timeout(env, base + assigns[opened] - now).callbacks.append(job_awake(job, job.event))
                    elif not job.queued:
                        return
                since = opened
                yield job.event
                now = env._now
            # Assigned: launch when locked and when a launcher is free.
            _, unit, magazine, _, opens, closes, slope, points, curve, pk, _, most, _ = job.window
            closes += base
            while job.ready <= now < unit.next_launch <= closes and lives > now and (threat.dies > now or job.misjudged):
                yield Timeout(env, unit.next_launch - now)
                now = env._now
            if job.ready > now or unit.next_launch > closes or lives <= now or (threat.dies <= now and not job.misjudged):
                unit.channels += 1
                unit.guidance += job.rounds
                magazine.free += job.rounds
                job.last_unit = None
                job.waiting = True
                if unit.queue:
                    job.event = Event(env)
                    self.serve(unit, now)
                    if not job.waiting:
                        yield job.event
                        now = env._now
                continue
            interval = unit.interval
            rounds = min(job.rounds, 1 + (closes - now) // max(interval, 1))
            magazine.free += job.rounds - rounds
            magazine.stock -= rounds
            unfired = job.rounds - rounds
            unit.guidance += unfired
            unit.next_launch = now + rounds * interval
            job.last_unit = unit
            job.fired += rounds
            # Fire: one draw for the whole salvo, or one each.
            as_one = rounds > 1 and chance() < self.correlation
            if as_one:
                draw = chance()
            launch = now - base
            for _ in range(rounds):
                at = (launch - opens) * slope
                k = int(at)
                if k > points:
                    k = points
                before = curve[k]
                meet = base + int(before + (curve[k + 1] - before) * min(at - k, 1.0) + 0.5)
                if not as_one:
                    draw = chance()
                if draw < pk and meet < fails and meet < threat.dies:
                    threat.dies = meet
                launch += interval
            if unfired and unit.queue:
                self.serve(unit, now)
            if unit.guidance_binds:
                yield Timeout(env, meet - now)
                unit.guidance += rounds
                if unit.queue:
                    self.serve(unit, env._now)
                yield Timeout(env, unit.assessment)
            else:
                yield Timeout(env, meet + unit.assessment - now)
                unit.guidance += rounds
            # Assess.
            now = env._now
            unit.channels += 1
            alive = fails > now
            killed = threat.dies <= now
            if alive and unit.judges_wrongly:
                alive = chance() < unit.false_survival if killed else chance() >= unit.false_kill
                job.misjudged = killed and alive
            else:
                alive = alive and not killed
            if job.fired >= most or end <= now or (not alive and (killed or fails <= now)):
                if unit.queue:
                    self.serve(unit, now)
                return
            if not alive:  # a survivor taken for dead waits again once it is tracked again
                if unit.queue:
                    self.serve(unit, now)
                tracked = self.tracked_again(job, now)
                if tracked == NEVER:
                    return
                yield Timeout(env, tracked + job.windows.delay - now)
                job.tracked, job.opened, job.last_unit, job.waiting = tracked, 0, None, True
                now = env._now
                continue
            job.waiting = True
            job.event = Event(env)
            self.wait_for(job, unit)
            self.serve(unit, now)
            if not job.waiting:
                yield job.event
                now = env._now

    def tracked_again(self, job: Job, now: int) -> int:
        """When a radar has confirmed the target anew by looks from `now` on; NEVER if none does."""
        found = NEVER
        for first, revisit, hits, looks, pd in job.windows.watches:
            origin = job.base + first
            recent: list[bool] = []
            for k in range(max(-((origin - now) // revisit), 0), len(pd)):
                if origin + k * revisit >= found:
                    break
                recent = [*recent, self.rng.random() < pd[k]][-looks:]
                if sum(recent) >= hits:
                    found = origin + k * revisit
        return found

    def wait_for(self, job: Job, unit: Unit) -> None:
        """Put `job` in the queue of `unit`, once."""
        if unit not in job.queued:
            job.queued.add(unit)
            heappush(unit.queue, (job.tracked if unit.by_track else job.end, job.number, job))

    def choose(self, job: Job, now: int, windows: Any) -> Any:
        """The best of `windows` for an engagement now: by order of missiles, then by earliest intercept; None if there is none.

        The job joins the queue of every unit that is busy.
        """
        best = None
        best_rank = best_meet = 0
        local = now - job.base
        last_unit = job.last_unit
        for window in windows:
            _, unit, magazine, rank, opens, closes, slope, points, curve, _, _, _, _ = window
            launch = local if unit is last_unit else local + unit.reaction
            if launch > closes or not magazine.stock:
                continue
            if not unit.channels or not unit.guidance or not magazine.free:
                self.wait_for(job, unit)
                continue
            if launch < opens:
                launch = opens
            busy = unit.next_launch - job.base
            if launch < busy:
                if busy > closes:
                    continue
                launch = busy
            if best is not None and rank > best_rank:
                continue
            at = (launch - opens) * slope
            k = int(at)
            if k > points:
                k = points
            before = curve[k]
            meet = before + (curve[k + 1] - before) * min(at - k, 1.0)
            if best is None or rank < best_rank or meet < best_meet:
                best, best_rank, best_meet = window, rank, meet
        return best

    def assign(self, job: Job, now: int, window: Any) -> None:
        """Reserve a channel, guidance and rounds, cue the radar, and wake the job when it can launch (or must give up)."""
        _, unit, magazine, _, opens, closes, _, _, _, _, salvo, most, lock = window
        rounds = min(salvo, most - job.fired, magazine.free, unit.guidance)
        unit.channels -= 1
        unit.guidance -= rounds
        magazine.free -= rounds
        job.rounds, job.window, job.waiting = rounds, window, False
        local = now - job.base
        if unit is job.last_unit:
            ready = local
        else:
            origin, dwell, misses = lock
            ready = NEVER
            draw, missed = self.rng.random(), 1.0
            for look in range((local - origin + dwell - 1) // dwell if local > origin else 0, len(misses)):
                missed *= misses[look]
                if missed <= draw:
                    ready = max(local + unit.reaction, origin + look * dwell)
                    break
        if ready < opens:
            ready = opens
        job.ready = ready + job.base
        event = job.event
        event._ok, event._value = True, None  # as Timeout does: already decided, due later
        self.env.schedule(event, NORMAL, min(ready, closes + 1) - local)

    def serve(self, unit: Unit, now: int) -> None:
        """Assign what `unit` has free to the jobs that wait for it."""
        queue = unit.queue
        unit.queue = aside = []  # for jobs that keep waiting because the rounds they need are not free
        while queue and unit.channels and unit.guidance:
            _, _, job = heappop(queue)
            job.queued.discard(unit)
            threat = job.threat
            if job.waiting and now < job.end and now < threat.fails and (now < threat.dies or job.misjudged):
                opened = job.opened
                window = self.choose(job, now, [window for window in job.windows.of_unit[unit] if window[0] < opened])
                if window is not None:
                    self.assign(job, now, window)
        for entry in aside:
            heappush(queue, entry)
        unit.queue = queue


def job_awake(job: Job, event: Event) -> Any:
    """A callback of the opening of a window: wakes the job, if it still waits for this `event`."""

    def wake(_: Event) -> None:
        if job.waiting and job.event is event:
            event.succeed()

    return wake
