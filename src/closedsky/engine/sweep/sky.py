"""Kernels on the cells of one level: positions, the radars that see a target at each cell, and engageable cells."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Floats, Packed, PackedDefence
from closedsky.engine.tables.sight import free_echo, mirrored, standoff_noise
from closedsky.engine.tables.windows import in_envelope
from closedsky.physics.geodesy import angle_between, ecef, look_angles
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jamming import signal_to_noise
from closedsky.physics.jit import kernel, stage
from closedsky.physics.propagation import clutter_loss
from closedsky.physics.visibility import apparent_elevation

Bits = npt.NDArray[np.uint64]
Singles = npt.NDArray[np.float32]
Marks = npt.NDArray[np.uint8]

WORD = 64
ONE, NONE = np.uint64(1), np.uint64(0)


class Probe(NamedTuple):
    """The target: class, radar cross-section in m², the same for all aspects, and speed over ground in m/s."""

    target_class: int
    rcs_m2: float
    speed_mps: float


class Level(NamedTuple):
    """The cells of a map, (rows, columns), at one level: positions, and the radars that see a target at each.

    `ground_m` and `alt_m` are altitudes above mean sea level; `place_m` is ECEF, (rows, columns, 3). Bit r of a cell's words stands for
    radar r: in `clear` it detects a target whose radial speed takes it out of clutter, in `always` any target that its filter passes.
    `watched` is 1 where any radar detects a target.
    """

    lat_rad: Floats
    lon_rad: Floats
    ground_m: Singles
    alt_m: Singles
    place_m: Floats
    clear: Bits
    always: Bits
    watched: Marks


@kernel
def put_in_place(level: Level, figure: tuple[float, float], first_row: int, last_row: int) -> None:
    """ECEF coordinates of the cells of some rows at their altitudes; `figure` is semi-major axis in m and first eccentricity squared."""
    for i in range(first_row, last_row):
        for j in range(level.lat_rad.shape[1]):
            x, y, z = ecef(level.lat_rad[i, j], level.lon_rad[i, j], np.float64(level.alt_m[i, j]), figure[0], figure[1])
            level.place_m[i, j, 0], level.place_m[i, j, 1], level.place_m[i, j, 2] = x, y, z


@kernel
def sample(surface: Ground, lat_rad: Floats, lon_rad: Floats, out: Singles, first_row: int, last_row: int) -> None:
    """Interpolate a surface, such as the ground or a floor, at the cells of some rows."""
    for i in range(first_row, last_row):
        for j in range(out.shape[1]):
            out[i, j] = bilinear(surface, lat_rad[i, j], lon_rad[i, j])


@kernel
def near(lat_rad: Floats, lon_rad: Floats, discs: Floats, out: npt.NDArray[np.bool_], first_row: int, last_row: int) -> None:
    """Set the cells of some rows that lie within any disc on a sphere, by haversines; discs are rows of latitude, longitude, arc, rad."""
    for d in range(discs.shape[0]):
        lat, lon, arc = discs[d, 0], discs[d, 1], discs[d, 2]
        cos_lat, enough = math.cos(lat), math.sin(0.5 * arc) ** 2
        for i in range(first_row, last_row):
            for j in range(lat_rad.shape[1]):
                if out[i, j] or not abs(lat_rad[i, j] - lat) <= arc:
                    continue
                north, east = math.sin(0.5 * (lat_rad[i, j] - lat)), math.sin(0.5 * (lon_rad[i, j] - lon))
                out[i, j] = north * north + math.cos(lat_rad[i, j]) * cos_lat * east * east <= enough


@kernel
def mark(
    packed: Packed, ground: Ground, r: int, probe: Probe, needed_snr: float, floor_m: Singles, level: Level,
    corner: tuple[int, int], first_row: int, last_row: int,
) -> None:  # fmt: skip
    """Set the bit of radar `r` in the cells of some rows where the signal-to-noise ratio is at least `needed_snr`.

    A target slower than the radar's filter passes is never seen; one slower than clutter only where the echo exceeds the clutter loss.
    `floor_m` is the radar's visibility floor over a part of the map that starts at `corner`, NaN out of reach; rows are those of the map.
    """
    word, bit = r // WORD, ONE << np.uint64(r % WORD)
    if probe.speed_mps < packed.defence.radars[r]["radial_speed_min_mps"]:
        return
    in_clutter = probe.speed_mps < packed.defence.radars[r]["clutter_speed_mps"]
    for i in range(max(first_row, corner[0]), min(last_row, corner[0] + floor_m.shape[0])):
        for j in range(corner[1], corner[1] + floor_m.shape[1]):
            if not level.alt_m[i, j] >= floor_m[i - corner[0], j - corner[1]]:
                continue
            snr, cluttered_snr = _echoes(packed, ground, r, probe, level, i, j)
            if (cluttered_snr if in_clutter else snr) >= needed_snr:
                level.clear[i, j, word] |= bit
                level.watched[i, j] = 1
                if cluttered_snr >= needed_snr:
                    level.always[i, j, word] |= bit


@stage
def _echoes(packed: Packed, ground: Ground, r: int, probe: Probe, level: Level, i: int, j: int) -> tuple[float, float]:
    """Signal-to-noise ratio of one pulse from a target at a cell, out of clutter and in clutter; zero where the radar does not look."""
    radar = packed.defence.radars[r]
    x, y, z = level.place_m[i, j, 0], level.place_m[i, j, 1], level.place_m[i, j, 2]
    dx, dy, dz = x - radar["x_m"], y - radar["y_m"], z - radar["z_m"]
    square_m2 = dx * dx + dy * dy + dz * dz
    if not radar["range_min_m"] ** 2 <= square_m2 <= radar["range_max_m"] ** 2:
        return 0.0, 0.0
    range_m, azimuth, elevation = look_angles(
        radar["lat_rad"], radar["lon_rad"], radar["x_m"], radar["y_m"], radar["z_m"], x, y, z
    )
    elevation = apparent_elevation(elevation, range_m, packed.environment.refraction_k)
    if not radar["elevation_min_rad"] <= elevation <= radar["elevation_max_rad"]:
        return 0.0, 0.0
    if angle_between(azimuth, radar["heading_rad"]) > radar["half_sector_rad"]:
        return 0.0, 0.0
    alt_m, height_m = np.float64(level.alt_m[i, j]), np.float64(level.alt_m[i, j] - level.ground_m[i, j])
    snr = free_echo(packed, r, probe.rcs_m2, range_m, elevation)
    snr *= mirrored(packed, ground, r, level.lat_rad[i, j], level.lon_rad[i, j], alt_m)
    jamming = standoff_noise(packed, r, dx, dy, dz) if radar["jams"] > 0 else 0.0
    clutter = clutter_loss(radar["clutter_loss"], height_m, radar["clutter_height_m"], 0.0, radar["clutter_speed_mps"])
    return signal_to_noise(snr, 1.0, jamming), signal_to_noise(snr, clutter, jamming)


def searching(defence: PackedDefence, words: int) -> Bits:
    """The radars of each network that search, as the bits of a cell's words: (networks, words)."""
    found = np.zeros((defence.networks.size, words), np.uint64)
    for r in np.flatnonzero(defence.radars["searches"] == 1):
        found[defence.radars[r]["network"], r // WORD] |= ONE << np.uint64(r % WORD)
    return found


@kernel
def engageable(
    defence: PackedDefence, probe: Probe, level: Level, searches: Bits, out: npt.NDArray[np.bool_], first_row: int, last_row: int
) -> None:
    """Set the engageable cells of some rows: tracked by a unit's network, inside its envelope for a target that approaches it, and held
    by its radar. `searches` are the searching radars of each network.
    """
    for i in range(first_row, last_row):
        for j in range(out.shape[1]):
            out[i, j] = False
            for m in range(defence.magazines.size):
                u = defence.magazines[m]["unit"]
                r = defence.units[u]["radar"]
                if defence.doctrine[u, probe.target_class]["hold"] == 1 or defence.magazines[m]["rounds"] < 1:
                    continue
                if level.clear[i, j, r // WORD] & (ONE << np.uint64(r % WORD)) == NONE:
                    continue
                if not _any_of(level.clear[i, j], searches[defence.units[u]["network"]]):
                    continue
                x, y, z = from_radar(defence, r, level.place_m[i, j])
                towards = -probe.speed_mps / math.sqrt(x * x + y * y + z * z)
                velocity = (towards * x, towards * y, towards * z)
                height_m = level.alt_m[i, j] - level.ground_m[i, j]
                if height_m >= defence.envelopes[m, probe.target_class]["height_min_m"] and in_envelope(
                    defence, m, probe.target_class, False, np.float64(level.alt_m[i, j]), (x, y, z), velocity
                ):
                    out[i, j] = True
                    break


@stage
def _any_of(words: Bits, mask: Bits) -> bool:
    """Whether two sets of radars have one in common."""
    common = NONE
    for w in range(words.size):
        common |= words[w] & mask[w]
    return bool(common != NONE)


@stage
def from_radar(defence: PackedDefence, r: int, place_m: Floats) -> tuple[float, float, float]:
    """The vector from radar `r` to a place, ECEF, m."""
    radar = defence.radars[r]
    return place_m[0] - radar["x_m"], place_m[1] - radar["y_m"], place_m[2] - radar["z_m"]
