"""Noise jamming: how far a jammer raises the noise of a radar, and where the radar sees through it."""

import math

from closedsky.physics.constants import BOLTZMANN
from closedsky.physics.jit import kernel

_FOUR_PI_SQUARED = (4.0 * math.pi) ** 2
_FOUR_LN_2 = 4.0 * math.log(2.0)


@kernel
def jam_to_noise(
    erp_w_per_hz: float,
    range_m: float,
    gain: float,
    gain_off: float,
    wavelength_m: float,
    noise_temperature_k: float,
    losses: float,
) -> float:
    """Ratio J/N (linear) of jamming to noise in a receiver whose band the jammer covers: E G g λ² / ((4π)² R² k T L).

    E is the jammer's effective radiated power density in W/Hz, G the radar's gain in its main lobe and g (`gain_off`, up to 1) the part
    of it towards the jammer, `lobe_gain` with a gain of 1; T the noise temperature in K and L (from 1) the losses of the one way:
    polarisation, receiver, gases. Bandwidth cancels. (Barton, Radar Equations for Modern Radar, ch. 2; Adamy, EW 101, ch. 9.)
    """
    if range_m <= 0.0:
        return math.inf
    received = erp_w_per_hz * gain * gain_off * wavelength_m * wavelength_m / (_FOUR_PI_SQUARED * range_m * range_m)
    return received / (BOLTZMANN * noise_temperature_k * losses)


@kernel
def lobe_gain(off_axis_rad: float, beamwidth_rad: float, gain: float, sidelobe: float) -> float:
    """Gain (linear) at an angle off the axis: G exp(-4 ln 2 (θ / θ₃)²), in the side lobes G times `sidelobe`, whichever is more.

    θ₃ (`beamwidth_rad`) is the full width at half power, `sidelobe` (up to 1) the level of the side lobes over the main one. Real side
    lobes fall on and have gaps; their mean is one figure here.
    """
    share = off_axis_rad / beamwidth_rad
    return gain * max(math.exp(-_FOUR_LN_2 * share * share), sidelobe)


@kernel
def signal_to_noise(snr: float, clutter: float, jamming: float) -> float:
    """Signal over all noise (linear), from that over the receiver's own.

    `clutter` is the noise of receiver and clutter over the receiver's alone (1: no clutter), `jamming` is J/N.
    """
    return snr / (clutter + jamming)


@kernel
def burn_through_range(clear_range_m: float, own_jam_to_noise: float, other_jam_to_noise: float) -> float:
    """Range in m at which a radar that sees a target at R₀ (`clear_range_m`) without jamming sees it with.

    `own_jam_to_noise` is the J/N of a jammer carried by the target, j at R₀, that grows as R falls; `other_jam_to_noise` that of
    stand-off jammers, J at any range. The echo needs (R₀/R)⁴ = 1 + J + j (R₀/R)²: a quadratic in (R/R₀)², with the root

        (R/R₀)² = 2 / (j + √(j² + 4 (1 + J)))

    so for stand-off jamming alone R = R₀ (1 + J)^(-1/4). Losses in the air are left out.
    """
    own, other = own_jam_to_noise, other_jam_to_noise
    if own == math.inf or other == math.inf:
        return 0.0
    return clear_range_m * math.sqrt(2.0 / (own + math.sqrt(own * own + 4.0 * (1.0 + other))))
