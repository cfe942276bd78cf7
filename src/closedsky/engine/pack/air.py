"""Propagation between a radar and its targets: atmospheric loss, and jamming noise."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from closedsky.engine.layout import JAM, Earth, Floats, Gas, Records
from closedsky.engine.pack.defence import RadarSet, ratio
from closedsky.engine.pack.rows import Row, records
from closedsky.model.environment import Environment
from closedsky.model.scenario import Jamming
from closedsky.model.system import Radar
from closedsky.model.threat import Jammer
from closedsky.physics.constants import EARTH_RADIUS_M, LIGHT_SPEED_MPS
from closedsky.physics.gas import ALTITUDES, ELEVATIONS, RANGES, gas_grids, gas_loss_db, gas_profile, gas_table
from closedsky.physics.geodesy import bearing, ecef
from closedsky.physics.ground import Ground
from closedsky.physics.horizon import arc_scale
from closedsky.physics.jamming import jam_to_noise
from closedsky.physics.visibility import terrain_visible
from closedsky.scenario.situation import Situation

ANCHOR_ALTITUDE_M = 10_000.0
"""Target altitude at which published ranges are taken to hold, above the horizon: they include the atmospheric loss on that path."""
_SHARED_ALTITUDE_M = 50.0  # step of antenna altitude; antennas within one step share a table


# ---------------------------------------------------------------- atmospheric loss


def losses_in_air(environment: Environment, radars: RadarSet) -> Gas:
    """Tables of one-way atmospheric loss; sets the table of each radar, and the loss included in its anchor."""
    tables: dict[tuple[float, float], int] = {}
    found: list[Gas] = []
    anchored: list[tuple[Any, float, float]] = []
    for row, radar in zip(radars.rows, radars.kinds, strict=True):
        if environment.gas == "off" or radar.frequency is None:
            continue
        altitude_m = _SHARED_ALTITUDE_M * round(float(row["antenna_alt_m"]) / _SHARED_ALTITUDE_M)
        key = radar.frequency.si, altitude_m
        if key not in tables:
            tables[key] = len(found)
            found.append(_table(*key, environment.vapour_g_m3, environment.refraction_k))
        row["gas"] = tables[key]
        if radar.detection is not None:
            range_m = radar.detection.range.si
            anchored.append((row, _elevation_of_anchor(range_m, altitude_m, environment.refraction_k), range_m))
    if not found:
        return Gas(np.empty((0, ELEVATIONS)), np.empty((0, RANGES)), np.empty((0, ELEVATIONS, RANGES)))
    gas = Gas(*(np.stack(parts) for parts in zip(*found, strict=True)))
    for row, elevation_rad, range_m in anchored:
        i = row["gas"]
        row["anchor_gas_db"] = gas_loss_db(gas.elevation_rad[i], gas.range_m[i], gas.loss_db[i], elevation_rad, range_m)
    return gas


def _elevation_of_anchor(range_m: float, antenna_alt_m: float, refraction_k: float) -> float:
    rise = min(max((ANCHOR_ALTITUDE_M - antenna_alt_m) / range_m, -1.0), 1.0)
    return max(math.asin(rise) - range_m / (2.0 * refraction_k * EARTH_RADIUS_M), 0.0)


@lru_cache(maxsize=1024)
def _table(frequency_hz: float, antenna_alt_m: float, vapour_g_m3: float, refraction_k: float) -> Gas:
    """The grids and the losses of one antenna; cached, since variants of an outer draw share them."""
    altitudes, profile = np.empty(ALTITUDES), np.empty(ALTITUDES)
    elevations, ranges = np.empty(ELEVATIONS), np.empty(RANGES)
    losses = np.empty((ELEVATIONS, RANGES))
    gas_grids(antenna_alt_m, refraction_k, altitudes, elevations, ranges)
    gas_profile(frequency_hz, vapour_g_m3, altitudes, profile)
    gas_table(altitudes, profile, antenna_alt_m, refraction_k, elevations, ranges, losses)
    for part in (elevations, ranges, losses):
        part.flags.writeable = False
    return Gas(elevations, ranges, losses)


# ---------------------------------------------------------------- jamming


def jamming(situation: Situation, ground: Ground, earth: Earth, radars: RadarSet) -> tuple[Records, Floats]:
    """Stand-off jammers as seen by each radar (sets their indices in its record), and the noise of escort jammers by flight and radar."""
    scenario = situation.scenario
    jams: list[Row] = []
    for row, radar in zip(radars.rows, radars.kinds, strict=True):
        row["first_jam"] = len(jams)
        for station in scenario.jamming:
            jammer = situation.threats[station.threat].jammer
            if jammer is not None and _in_sight(row, station, ground, earth, scenario.environment.refraction_k):
                jams += _stand_off(row, radar, jammer, station, earth)
        row["jams"] = len(jams) - row["first_jam"]
    screens = np.zeros((len(scenario.raid), len(radars.kinds)))
    for f, group in enumerate(scenario.raid):
        for name in (group.threat, group.escort):
            jammer = situation.threats[name].jammer if name else None
            if jammer is not None:
                screens[f] += [_noise(radar, jammer, 1.0) for radar in radars.kinds]
    return records(JAM, jams), screens


def _noise(radar: Radar, jammer: Jammer, range_m: float) -> float:
    """Jamming-to-noise ratio at the centre of the radar's main lobe; zero outside the jammer's band."""
    if radar.frequency is None or radar.receiver is None:
        return 0.0
    if not jammer.frequency_min.si <= radar.frequency.si <= jammer.frequency_max.si:
        return 0.0
    gain, noise_k = ratio(radar.receiver.gain.si), radar.receiver.noise_temperature.si
    return float(jam_to_noise(jammer.power_density.si, range_m, gain, 1.0, LIGHT_SPEED_MPS / radar.frequency.si, noise_k, 1.0))


def _in_sight(row: Any, station: Jamming, ground: Ground, earth: Earth, refraction_k: float) -> bool:
    lat, lon = (math.radians(x) for x in station.at)
    scale = arc_scale(row["lat_rad"], bearing(row["lat_rad"], row["lon_rad"], lat, lon), earth.axis_m, earth.e2)
    antenna = row["lat_rad"], row["lon_rad"], row["antenna_alt_m"]
    return terrain_visible(ground, *antenna, lat, lon, station.altitude_m, refraction_k, scale)


def _stand_off(row: Any, radar: Radar, jammer: Jammer, station: Jamming, earth: Earth) -> list[Row]:
    lat, lon = (math.radians(x) for x in station.at)
    there = np.array(ecef(lat, lon, station.altitude_m, earth.axis_m, earth.e2))
    line = there - [row["x_m"], row["y_m"], row["z_m"]]
    range_m = float(np.linalg.norm(line))
    noise = _noise(radar, jammer, range_m)
    if noise <= 0.0:
        return []
    x, y, z = (float(value) for value in line / range_m)
    return [{"x": x, "y": y, "z": z, "noise": noise}]
