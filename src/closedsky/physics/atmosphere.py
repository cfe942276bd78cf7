"""The U.S. Standard Atmosphere 1976 (NOAA-S/T 76-1562, NASA-TM-X-74335): air at rest over geometric altitude.

To 86 km in seven layers of geopotential altitude H = r₀ z / (r₀ + z), in each of which the molecular-scale temperature is linear and the
pressure follows from the hydrostatic equation and the gas law (eqs. 18, 23, 33). Above, temperature by the standard's own formulae (eqs.
25 to 31), density and pressure by the logarithm, linear between values of its Table I.
"""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import GRAVITY0
from closedsky.physics.jit import kernel

FloatArray = npt.NDArray[np.float64]

GAS_CONSTANT_AIR = 8314.32 / 28.9644
"""R*/M₀ of the standard, J/(kg K)."""
HEAT_RATIO = 1.4
"""Ratio of specific heats of air (the standard, table 2)."""
_RADIUS_M = 6_356_766.0
_TOP_M = 86_000.0
_LAYER_H_M = np.array([0.0, 11_000.0, 20_000.0, 32_000.0, 47_000.0, 51_000.0, 71_000.0])
_LAYER_K = np.array([288.15, 216.65, 216.65, 228.65, 270.65, 270.65, 214.65])
_LAYER_K_PER_M = np.array([-6.5e-3, 0.0, 1e-3, 2.8e-3, 0.0, -2.8e-3, -2e-3])
_SEA_LEVEL_PA = 101_325.0
_DRAW_K_PER_M = GRAVITY0 / GAS_CONSTANT_AIR

# Table I of the standard: km, kg/m³.
_DENSITY_KM = np.array([
    86, 90, 95, 100, 104, 108, 110, 112, 114, 116, 118, 120, 122, 124, 128, 132, 136, 140, 146, 150, 160, 170, 180, 190, 200, 220, 240,
    260, 280, 300, 340, 380, 420, 460, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 1000,
], dtype=np.float64)  # fmt: skip
_LN_DENSITY = np.log(np.array([
    6.958e-6, 3.416e-6, 1.393e-6, 5.604e-7, 2.769e-7, 1.381e-7, 9.708e-8, 6.838e-8, 4.975e-8, 3.720e-8, 2.847e-8, 2.222e-8, 1.767e-8,
    1.428e-8, 9.717e-9, 6.904e-9, 5.074e-9, 3.831e-9, 2.618e-9, 2.076e-9, 1.233e-9, 7.815e-10, 5.194e-10, 3.581e-10, 2.541e-10,
    1.367e-10, 7.858e-11, 4.742e-11, 2.971e-11, 1.916e-11, 8.503e-12, 4.013e-12, 1.975e-12, 1.002e-12, 5.215e-13, 2.384e-13, 1.137e-13,
    5.712e-14, 3.070e-14, 1.788e-14, 1.136e-14, 7.824e-15, 5.759e-15, 4.453e-15, 3.561e-15,
]))  # fmt: skip
# Likewise: km, Pa.
_PRESSURE_KM = np.array([
    86, 90, 95, 100, 110, 120, 130, 140, 150, 160, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 1000,
], dtype=np.float64)  # fmt: skip
_LN_PRESSURE = np.log(np.array([
    0.37338, 0.18359, 7.5966e-2, 3.2011e-2, 7.1042e-3, 2.5382e-3, 1.2505e-3, 7.2028e-4, 4.5422e-4, 3.0395e-4, 8.4736e-5, 2.48e-5,
    8.7704e-6, 3.45e-6, 1.4518e-6, 6.45e-7, 3.0236e-7, 1.51e-7, 8.2130e-8, 4.89e-8, 3.19e-8, 2.2599e-8, 1.70e-8, 1.34e-8, 1.09e-8,
    8.98e-9, 7.5138e-9,
]))  # fmt: skip


def _falls_by(layer: int, geopotential_m: float) -> float:
    """Pressure at a geopotential altitude over that at the foot of its layer (eqs. 33a and 33b)."""
    rise_m = geopotential_m - _LAYER_H_M[layer]
    slope = _LAYER_K_PER_M[layer]
    foot_k = _LAYER_K[layer]
    if slope == 0.0:
        return math.exp(-_DRAW_K_PER_M * rise_m / foot_k)
    return float((1.0 + slope * rise_m / foot_k) ** (-_DRAW_K_PER_M / slope))


# Layer on layer, once: a flight asks for the density at each of its steps, and a power costs more than the rest of the step.
_FOOT_PA = np.empty(7)
_FOOT_PA[0] = _SEA_LEVEL_PA
for _layer in range(6):
    _FOOT_PA[_layer + 1] = _FOOT_PA[_layer] * _falls_by(_layer, _LAYER_H_M[_layer + 1])

_fall = kernel(_falls_by)


@kernel
def standard_air(alt_m: float) -> tuple[float, float, float]:
    """Temperature in K, pressure in Pa and density in kg/m³ at a geometric altitude in m.

    Exact to 86 km; below sea level the first layer goes on (the standard has it to -5 km). Between 80 and 86 km the temperature is the
    molecular-scale one, up to 0.04 % above the kinetic. From 86 to 1000 km the density is within 1.2 % of the standard's table and the
    pressure within 6 %; further up both go on falling as over the last 50 km.
    """
    if alt_m >= _TOP_M:
        alt_km = 1e-3 * alt_m
        pressure_pa = math.exp(_linear(_PRESSURE_KM, _LN_PRESSURE, alt_km))
        return _thermosphere_k(alt_km), pressure_pa, math.exp(_linear(_DENSITY_KM, _LN_DENSITY, alt_km))
    geopotential_m = _RADIUS_M * alt_m / (_RADIUS_M + alt_m)
    layer = 0
    while layer < 6 and geopotential_m > _LAYER_H_M[layer + 1]:
        layer += 1
    pressure_pa = _FOOT_PA[layer] * _fall(layer, geopotential_m)
    temperature_k = _LAYER_K[layer] + _LAYER_K_PER_M[layer] * (geopotential_m - _LAYER_H_M[layer])
    return temperature_k, pressure_pa, pressure_pa / (GAS_CONSTANT_AIR * temperature_k)


@kernel
def _thermosphere_k(alt_km: float) -> float:
    """Kinetic temperature in K from 86 km up: level, an ellipse, a line, and towards 1000 K (eqs. 25, 27, 29, 31)."""
    if alt_km <= 91.0:
        return 186.8673
    if alt_km <= 110.0:
        return 263.1905 - 76.3232 * math.sqrt(1.0 - ((alt_km - 91.0) / 19.9429) ** 2)
    if alt_km <= 120.0:
        return 240.0 + 12.0 * (alt_km - 110.0)
    radius_km = 1e-3 * _RADIUS_M
    return 1000.0 - 640.0 * math.exp(-0.01875 * (alt_km - 120.0) * (radius_km + 120.0) / (radius_km + alt_km))


@kernel
def _linear(x: FloatArray, y: FloatArray, at: float) -> float:
    """Linear between the points (x, y), x rising; outside, the first or last line goes on."""
    right = 1
    while right < x.shape[0] - 1 and x[right] < at:
        right += 1
    share = (at - x[right - 1]) / (x[right] - x[right - 1])
    return float((1.0 - share) * y[right - 1] + share * y[right])


@kernel
def sound_speed(temperature_k: float) -> float:
    """Speed of sound in m/s: √(γ R T / M), of air as below 86 km (eq. 50)."""
    return math.sqrt(HEAT_RATIO * GAS_CONSTANT_AIR * temperature_k)
