"""One threat of a replayed trial: when it began and ended, where it was, who tracked it, which launches would have met it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from closedsky.engine.layout import (
    AT_IMPACT,
    EV_CAUSE,
    EV_EXPENDED,
    EV_FAILED,
    EV_IDENTIFIED,
    EV_KILLED,
    EV_LAUNCHED,
    EV_TRACK,
    FRIENDLY,
    HOSTILE,
    TICKS_PER_S,
    Floats,
    Records,
)
from closedsky.engine.tables import sight
from closedsky.raid.prepared import Prepared

ENDS = [EV_KILLED, EV_FAILED, EV_CAUSE, EV_EXPENDED]

Said = tuple[int, str]
"""Tick, and a sentence."""


@dataclass(frozen=True)
class Case:
    """A threat in a trial. Ticks are on the clock of the raid unless they are said to be the flight's."""

    prepared: Prepared
    log: Records
    threat: int

    @cached_property
    def mine(self) -> Records:
        """What the log has of the threat."""
        return np.asarray(self.log[self.log["threat"] == self.threat])

    @cached_property
    def flight(self) -> int:
        """Its flight."""
        return int(self.prepared.packed.raid.threats[self.threat]["flight"])

    @cached_property
    def base(self) -> int:
        """When it is launched."""
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
        """What its flight leads to, in words."""
        return "impact" if self.prepared.packed.raid.threats[self.threat]["endpoint"] == AT_IMPACT else "its release point"

    @cached_property
    def samples(self) -> Floats:
        """Its positions (`sight.trace`)."""
        return sight.trace(self.prepared.packed, self.prepared.terrain.ground, self.flight)

    def slant_km(self, radar: int, tick: int) -> float:
        """Its slant range from a radar, km."""
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
        """How long it has to go, in words."""
        return f"{(self.end - tick) / TICKS_PER_S:.0f} s before {self.endpoint}"
