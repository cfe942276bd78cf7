"""Aims ballistic flights in bulk: ground at both ends, launch elevation, azimuth and speed, and sampling step."""

import math

from closedsky.engine.layout import BALLISTIC, Earth, Floats, Records
from closedsky.physics.aiming import NO_START, aim_from
from closedsky.physics.flight import angle_for_apogee, ballistic_duration, launch_speed, minimum_energy_angle
from closedsky.physics.geodesy import bearing, central_angle
from closedsky.physics.ground import Ground, bilinear
from closedsky.physics.jit import kernel

_STEP_M = 200.0  # target spacing of samples along a path
_STEP_S = (0.25, 4.0)


@kernel
def sample_step_s(speed_mps: float, duration_s: float) -> float:
    """Time between samples, s: a whole fraction of the flight time, so that the last sample lies a full step after the one before."""
    step_s = min(max(_STEP_M / speed_mps, _STEP_S[0]), _STEP_S[1])
    return duration_s / math.ceil(duration_s / step_s)


@kernel
def stand_flights(flights: Records, ground: Ground) -> None:
    """Set the altitude of the ground at both ends of ballistic flights."""
    for f in range(flights.size):
        row = flights[f]
        row["ground0_m"] = bilinear(ground, row["lat0_rad"], row["lon0_rad"])
        row["ground1_m"] = bilinear(ground, row["lat1_rad"], row["lon1_rad"])


@kernel
def aim_flights(flights: Records, first: int, last: int, earth: Earth, apogee_m: float, starts: Floats) -> None:
    """Aim ballistic flights from `first` to before `last`, whose ends and missile are given, as `pack.raid.flights` does.

    `starts` are the turn, elevation and speed at which each search begins; a speed of zero leaves the start to the search. A flight that
    is not found has a duration of zero.
    """
    figure = earth.axis_m, earth.e2
    for f in range(first, last):
        row = flights[f]
        lat0, lon0, lat1, lon1, boost_s = row["lat0_rad"], row["lon0_rad"], row["lat1_rad"], row["lon1_rad"], row["boost_s"]
        angle = central_angle(lat0, lon0, lat1, lon1)
        if row["motion"] == BALLISTIC:
            gamma = minimum_energy_angle(angle) if math.isnan(apogee_m) else angle_for_apogee(angle, apogee_m)
            speed = launch_speed(angle, gamma)
            row["gamma_rad"], row["duration_s"] = gamma, ballistic_duration(angle, gamma, boost_s)
        else:
            start = starts[f, 0], starts[f, 1], starts[f, 2]
            ends = lat0, lon0, row["ground0_m"], lat1, lon1, row["ground1_m"]
            missile = apogee_m, boost_s, row["coefficient_kg_m2"], figure, earth.rotation_rad_s
            azimuth, gamma, speed, duration_s, found = aim_from(*ends, *missile, start)
            if not found and start[2] > 0.0:
                azimuth, gamma, speed, duration_s, found = aim_from(*ends, *missile, NO_START)
            row["azimuth_rad"], row["gamma_rad"], row["speed_mps"] = azimuth, gamma, speed
            row["duration_s"] = duration_s if found else math.nan
            starts[f, 0] = (azimuth - bearing(lat0, lon0, lat1, lon1) + math.pi) % (2.0 * math.pi) - math.pi
            starts[f, 1], starts[f, 2] = gamma, speed
        if row["duration_s"] > 0.0:
            row["step_s"] = sample_step_s(speed, row["duration_s"])
