"""Results of geometry that are taken over when some figures change, each kept by all that it depends on.

Most figures leave a flight as it was, or how it is detected; of those that change what meets it, most leave its launch windows, or what
cued looks at it miss.
"""

from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from closedsky.engine.layout import Floats, Opened, Packed, Records


class Seen(NamedTuple):
    """Detection of a flight by each network; rows index the other two arrays, counted from the flight's own first element."""

    sights: Records
    track_s: Floats
    track_cdf: Floats


class Met(NamedTuple):
    """Launch windows and locks of a flight, and its directions from units that slew; rows index curves, misses and directions, counted from
    the flight's own first element.
    """

    locks: Records
    lock_miss: Floats
    pairings: Records
    opened: Opened
    bearings: Records
    bearing_rad: Floats


class Watched(NamedTuple):
    """Looks in search at a flight while it can be fired at; rows index the probabilities, counted from the flight's own first element."""

    watches: Records
    look_pd: Floats


class Known(NamedTuple):
    """Earlier results by flight, each under its key in `Keys`; all over the same ground."""

    flown: dict[bytes, Floats]
    seen: dict[bytes, Seen]
    met: dict[bytes, Met]
    watched: dict[bytes, Watched]
    opened: dict[bytes, Opened]
    """What `windows_of` makes of the rows of `launches`."""
    missed: dict[bytes, dict[int, Floats]]
    """Of each unit with a window, the miss probability of every look that it could have at the flight."""


_OF_ECHO = {"swerling", "rcs_nose_m2", "rcs_beam_m2", "rcs_tail_m2"}
"""Figures of a flight on which its path does not depend."""
_OF_TRIALS = {
    "revisit_s", "rounds", "spare", "load", "load_ticks", "slew_ticks_per_rad", "pk", "fall_m2", "fall_manoeuvring_m2", "kept", "tight",
    "channels", "missiles_guided", "launch_interval_ticks", "assessment_ticks", "false_kill", "false_survival", "guidance_can_bind",
}  # fmt: skip
"""Figures of a unit, its radar, magazines, envelopes and doctrine on which launch windows and locks do not depend."""
_OF_COMMAND = {"link_delay_ticks", "policy", "fire_from_ticks", "identify_ticks", "identified", "misidentified"}
"""Figures of a network on which no geometry depends."""
_OF_SEARCH = {"revisit_s", "hits", "looks"}
"""Figures of a radar on which a single look does not depend."""
_OF_LAUNCHER = "x_m", "y_m", "z_m", "antenna_alt_m"
"""Figures of a unit's radar on which the fly-out of its missiles depends: whence they fly."""


class Keys:
    """Everything that the results for each flight of a packed scenario depend on except the ground, as bytes."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._firing = packed.defence.units["radar"].astype(np.int64)
        self._way = lru_cache(self._path)

    def flown(self, f: int) -> bytes:
        """Key of a path."""
        return _joined(
            repr(self._packed.environment.earth).encode(), _but(self._packed.raid.flights[f : f + 1], _OF_ECHO), self._legs(f)
        )

    def seen(self, f: int) -> bytes:
        """Key of the detection of a flight."""
        return _joined(self._way(f), self._searching)

    def met(self, f: int) -> bytes:
        """Key of the launch windows and locks of a flight."""
        of_class = self._packed.raid.flights["target_class"][f]
        envelopes = _but(self._packed.defence.envelopes[:, of_class], _OF_TRIALS)
        defence = self._packed.defence
        zones = defence.zones, defence.corners, defence.zoned[:, :, of_class]
        return _joined(self._way(f), self._meeting, envelopes, _but(defence.doctrine[:, of_class], _OF_TRIALS), *zones)

    def watched(self, f: int) -> bytes:
        """Key of the looks in search at a flight while it can be fired at."""
        return _joined(self.seen(f), self.met(f), self._packed.defence.units["false_kill"] > 0.0)

    def opened(self, f: int, pairings: Records, rows: Floats) -> bytes:
        """Key of the windows that come of rows of `launches`."""
        orders = self._packed.defence.doctrine[:, self._packed.raid.flights["target_class"][f]]
        return _joined(self.flown(f), self._flying_out, orders, pairings, rows)

    def missed(self, f: int) -> bytes:
        """Key of what the cued looks of every unit at a flight miss."""
        return _joined(self._way(f), self._looking)

    def _legs(self, f: int) -> Records:
        flight = self._packed.raid.flights[f]
        first = int(flight["first_waypoint"])
        return self._packed.raid.waypoints[first : first + int(flight["waypoints"])]

    def _path(self, f: int) -> bytes:
        """A flight and what lies between it and any radar."""
        return _joined(self._around, self._packed.raid.flights[f : f + 1], self._legs(f), self._packed.environment.screens[f])

    @cached_property
    def _around(self) -> bytes:
        packed = self._packed
        lasting = repr((packed.environment.earth, packed.environment.roughness_m, packed.environment.refraction_k)).encode()
        return _joined(
            lasting,
            packed.environment.jams,
            _but(packed.defence.networks, _OF_COMMAND),
            blake2b(packed.environment.horizons.tobytes()).digest(),
        )

    def _air(self, radars: Records) -> bytes:
        """Atmospheric losses of some radars."""
        gas = radars["gas"]
        return _joined(*(table[gas[gas >= 0]] for table in self._packed.environment.gas))

    @cached_property
    def _searching(self) -> bytes:
        searching = np.flatnonzero(self._packed.defence.radars["searches"] == 1)
        radars = self._packed.defence.radars[searching]
        return _joined(searching, radars, self._air(radars))

    @cached_property
    def _meeting(self) -> bytes:
        packed, radars = self._packed, self._packed.defence.radars[self._firing]
        rows = (_but(part, _OF_TRIALS) for part in (radars, packed.defence.units, packed.defence.magazines))
        return _joined(self._firing, *rows, self._air(radars), packed.defence.fly_out)

    @cached_property
    def _looking(self) -> bytes:
        radars = self._packed.defence.radars[self._firing]
        return _joined(self._firing, _but(radars, _OF_SEARCH), self._packed.defence.units["slews"], self._air(radars))

    @cached_property
    def _flying_out(self) -> bytes:
        packed, radars = self._packed, self._packed.defence.radars[self._firing]
        whence = (radars[name] for name in _OF_LAUNCHER)
        return _joined(
            *whence, packed.defence.units["reaction_ticks"], _but(packed.defence.magazines, _OF_TRIALS), packed.defence.fly_out
        )


def _joined(*parts: Any) -> bytes:
    return b"|".join(part if isinstance(part, bytes) else part.tobytes() for part in parts)


def _but(rows: Records, names: set[str]) -> Records:
    """A copy of records in which some fields, where they have them, are zero."""
    out = rows.copy()
    for name in names.intersection(rows.dtype.names or ()):
        out[name] = 0
    return out
