"""Standard air by integration: the second path to the U.S. Standard Atmosphere below 86 km."""

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

# The standard's table 4: geopotential altitude in km, molecular-scale temperature in K.
LAYERS = (
    (0.0, 288.15),
    (11.0, 216.65),
    (20.0, 216.65),
    (32.0, 228.65),
    (47.0, 270.65),
    (51.0, 270.65),
    (71.0, 214.65),
    (84.852, 186.946),
)


def _temperature(alt_m: float) -> float:
    geopotential_km = 6356.766 * alt_m / (6_356_766.0 + alt_m)
    if geopotential_km < 0.0:
        return 288.15 - 6.5 * geopotential_km
    return float(np.interp(geopotential_km, *zip(*LAYERS, strict=True)))


@functools.cache
def _log_pressure(to_m: float) -> Callable[[float], np.ndarray]:
    def fall(z: float, log_pressure: np.ndarray) -> np.ndarray:
        gravity = 9.80665 * (6_356_766.0 / (6_356_766.0 + z)) ** 2
        return np.full_like(log_pressure, -gravity * 28.9644e-3 / (8.31432 * _temperature(z)))

    solved = solve_ivp(fall, (0.0, to_m), [math.log(101_325.0)], rtol=1e-11, atol=1e-11, max_step=250.0, dense_output=True)
    found: Callable[[float], np.ndarray] = solved.sol
    return found


def air(alt_m: float) -> tuple[float, float]:
    """Temperature in K and pressure in hPa: dp/dz = -g p M / (R T) from the ground, g falling by the inverse square; -5 to 86 km."""
    log_pressure = _log_pressure(-5_000.0 if alt_m < 0.0 else 86_000.0)
    return _temperature(alt_m), 0.01 * math.exp(float(log_pressure(alt_m)[0]))
