"""The horizon round one antenna: how steeply the ground rises, by azimuth and range. Worked out once, asked at every look.

It is the visibility floor in polar coordinates: what stands on the ground range d in azimuth α is hidden below the altitude whose
apparent tangent is the horizon's there. `floor` gives the same for every node of a grid.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.geodesy import destination
from closedsky.physics.ground import Ground, between, place
from closedsky.physics.jit import kernel, stage

Singles = npt.NDArray[np.float32]

OPEN = np.float32(-1e9)
"""Tangent of a horizon where nothing stands between."""
_FINER = 8.0
_WIDER = 32.0
_EVEN_RAD = 0.1


@stage
def arc_scale(lat_rad: float, azimuth_rad: float, axis_m: float, e2: float) -> float:
    """Length of a short arc on the ellipsoid over its length on the sphere of radius R, latitude taken as the sphere's.

    √((M cos α)² + (N sin α)²) / R, M and N the radii of curvature along the meridian and across it, α the great circle's azimuth. Good
    to 0.03 % at 400 km.
    """
    waist = 1.0 - e2 * math.sin(lat_rad) ** 2
    across_m = axis_m / math.sqrt(waist)
    along_m = across_m * (1.0 - e2) / waist
    return math.hypot(along_m * math.cos(azimuth_rad), across_m * math.sin(azimuth_rad)) / EARTH_RADIUS_M


@kernel
def horizon_table(
    ground: Ground,
    lat_rad: float,
    lon_rad: float,
    antenna_alt_m: float,
    k: float,
    figure: tuple[float, float],
    step_rad: float,
    sample_rad: float,
    out: Singles,
) -> None:
    """Tangent of the horizon of an antenna: `out[a, j]` in azimuth 2π a / A, by ground up to j steps of the great circle away.

    Angles in rad at the Earth's centre, `out` (A, J), J > 1. The ground is sampled every `sample_rad`, near the antenna more closely: there
    what is missed is seen larger. The antenna's own place counts for nothing.
    """
    for a in range(out.shape[0]):
        azimuth_rad = 2.0 * math.pi * a / out.shape[0]
        scale = arc_scale(lat_rad, azimuth_rad, figure[0], figure[1])
        steepest = -math.inf
        out[a, 0] = OPEN
        next_row, next_column = place(ground, lat_rad, lon_rad)
        for j in range(1, out.shape[1]):
            row, column = next_row, next_column
            lat, lon = destination(lat_rad, lon_rad, azimuth_rad, j * step_rad)
            next_row, next_column = place(ground, lat, lon)
            # the way to the next point is even in rows and columns, but for near a pole and where columns begin anew
            even = abs(next_column - column) * ground.east_step_rad < _EVEN_RAD
            since_rad = (j - 1) * step_rad
            parts = int(math.ceil(step_rad / min(sample_rad, max(since_rad / _WIDER, sample_rad / _FINER))))
            for part in range(1, parts + 1):
                share = part / parts
                here, there = row + share * (next_row - row), column + share * (next_column - column)
                angle_rad = since_rad + share * step_rad
                if not even:
                    lat, lon = destination(lat_rad, lon_rad, azimuth_rad, angle_rad)
                    here, there = place(ground, lat, lon)
                steepest = max(steepest, _tangent(between(ground, here, there), antenna_alt_m, scale * angle_rad / k, k))
            out[a, j] = np.float32(steepest)


@kernel
def _tangent(ground_m: float, antenna_alt_m: float, phi: float, k: float) -> float:
    """`visibility.apparent_tangent` for φ < 0.2 rad: ((h - h₁) / (k R + h)) / sin φ - tan(φ / 2), by their series, to 1e-9."""
    square = phi * phi
    sine = phi * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)))
    half = 0.5 * phi * (1.0 + square / 12.0 * (1.0 + square / 10.0))
    return (ground_m - antenna_alt_m) / ((k * EARTH_RADIUS_M + ground_m) * sine) - half


@stage
def horizon_at(table: Singles, first: int, azimuths: int, ranges: int, azimuth_rad: float, step: int) -> float:
    """Tangent of the horizon in an azimuth, by ground up to a number of steps away: linear between the table's azimuths.

    `table` holds tables one after the other, this one (azimuths, ranges) from `first`.
    """
    turn = azimuth_rad / (2.0 * math.pi) * azimuths
    left = int(math.floor(turn))
    share = turn - left
    here = float(table[first + left % azimuths * ranges + step])
    return here + share * (float(table[first + (left + 1) % azimuths * ranges + step]) - here)
