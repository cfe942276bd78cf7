"""How strongly a radar sees, and how often that makes a track."""

import math

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import BOLTZMANN
from closedsky.physics.jit import kernel

FloatArray = npt.NDArray[np.float64]

_FOUR_PI_CUBED = (4.0 * math.pi) ** 3


@kernel
def pd_one_look(swerling: int, snr: float, pfa: float) -> float:
    """Exact probability of detection of one look after a square-law detector.

    `snr` is the mean signal-to-noise ratio of the look (linear), `pfa` the probability of false alarm; with T = -ln pfa:

    - 0 (steady): Marcum's Q₁(√(2 snr), √(2 T));
    - 1 and 2 (one look cannot tell them apart): pfa^(1 / (1 + snr));
    - 3 and 4 (likewise): (1 + T (snr/2) / (1 + snr/2)²) exp(-T / (1 + snr/2)).

    Sources: Marcum 1947; Swerling 1954 (RAND RM-1217); DiFranco and Rubin, Radar Detection, ch. 9-11. Swerling 0 holds for
    pfa from 1e-100 and any snr.
    """
    if pfa >= 1.0:
        return 1.0
    if pfa <= 0.0:
        return 0.0
    threshold = -math.log(pfa)
    if snr <= 0.0:
        return pfa
    if swerling == 0:
        return _marcum_q1(snr, threshold)
    if swerling <= 2:
        return math.exp(-threshold / (1.0 + snr))
    half = 0.5 * snr
    return (1.0 + threshold * half / (1.0 + half) ** 2) * math.exp(-threshold / (1.0 + half))


@kernel
def _marcum_q1(snr: float, threshold: float) -> float:
    """Q₁(√(2 snr), √(2 threshold)) as Σ_k Poisson(k; snr) · P(Poisson(threshold) <= k): all terms positive, nothing cancels.

    1 - Q₁ <= exp(-(√snr - √threshold)²), so beyond a difference of 6.4 the result is 1 to double precision; this also keeps
    exp(-snr) far from underflow. The sum stops when a bound on its tail no longer matters.
    """
    if snr > threshold and math.sqrt(snr) - math.sqrt(threshold) > 6.4:
        return 1.0
    weight = math.exp(-snr)
    term = math.exp(-threshold)
    below = term
    total = weight * below
    k = 0
    while k + 1 <= snr or weight * (k + 1) > 1e-17 * total * (k + 1 - snr):
        k += 1
        weight *= snr / k
        term *= threshold / k
        below += term
        total += weight * below
    return min(1.0, total)


@kernel
def snr_for(swerling: int, pd: float, pfa: float) -> float:
    """Signal-to-noise ratio (linear) that gives `pd` in one look of one pulse: inverse of `pd_one_look`, as `snr_for_look` finds it."""
    return snr_for_look(swerling, pd, pfa, 1)


@kernel
def threshold(pfa: float, pulses: int) -> float:
    """Threshold T of a square-law detector that adds `pulses` (n) without phase, noise of mean 1 each: Q(n, T) = pfa.

    Q is the regularised upper incomplete gamma function. ln Q is concave in T, so Newton's steps on it, once past the root, fall towards
    it. Infinite for a pfa of 0, 0 for 1.
    """
    if pfa <= 0.0:
        return math.inf
    if pfa >= 1.0:
        return 0.0
    if pulses == 1:
        return -math.log(pfa)
    level = float(pulses)
    for _ in range(100):
        log_density = (pulses - 1) * math.log(level) - level - math.lgamma(pulses)
        # Q over its last term exp(-T) T^(n-1) / (n-1)!, summed downwards.
        ratio = 1.0
        term = 1.0
        for k in range(pulses - 1, 0, -1):
            term *= k / level
            ratio += term
            if term < 1e-17 * ratio:
                break
        step = (log_density + math.log(ratio) - math.log(pfa)) * ratio
        level = max(0.5 * level, level + step)
        if abs(step) <= 1e-14 * level:
            break
    return level


@kernel
def pd_above(swerling: int, snr: float, level: float, pulses: int) -> float:
    """`pd_look` at a `threshold` already known: exact, for it is the same for every look of a radar.

    Given the energy of the echo, the sum passes T unless a Poisson number J of mean T reaches n more than a Poisson number K of that
    energy: K is Poisson itself for a steady target, of mean n snr, and negative binomial of shape 1, n, 2 or 2n for Swerling 1 to 4. The
    chance of a miss, Σ_j P(J = j) P(K <= j - n), has no term below 0 and ends where J does; the result is good to 1e-13.
    """
    if level == math.inf:
        return 0.0
    mean = pulses * max(0.0, snr)
    shape = _shape(swerling, pulses)
    odds = mean / (shape + mean) if shape > 0.0 else mean
    log_weight = -mean if shape == 0.0 else -shape * math.log1p(mean / shape)
    weight = math.exp(log_weight)
    noise = math.exp(pulses * math.log(level) - level - math.lgamma(pulses + 1.0)) if level > 0.0 else 0.0
    below = 0.0
    missed = 0.0
    k = 0
    while k + pulses <= level or noise > 1e-18:
        below += weight
        missed += noise * below
        ratio = odds * (shape + k if shape > 0.0 else 1.0) / (k + 1.0)
        if weight < 1e-290 and ratio > 1.0:  # rising, from too small a number to go on from
            log_weight += math.log(ratio)
            weight = math.exp(log_weight)
        else:
            weight *= ratio
        k += 1
        noise *= level / (pulses + k)
    return min(1.0, max(0.0, 1.0 - missed))


@kernel
def _shape(swerling: int, pulses: int) -> float:
    """Shape of the gamma distribution of the echo's energy over a look; 0 stands for a steady one."""
    if swerling == 1:
        return 1.0
    if swerling == 2:
        return float(pulses)
    if swerling == 3:
        return 2.0
    if swerling == 4:
        return 2.0 * pulses
    return 0.0


@kernel
def pd_look(swerling: int, snr: float, pfa: float, pulses: int) -> float:
    """Exact probability of detection of one look of `pulses` added without phase after a square-law detector.

    `snr` is the mean signal-to-noise ratio of one pulse (linear). Swerling 1 and 3: the level is the same for the whole look; 2 and 4:
    it is new with every pulse. One pulse: `pd_one_look`. (Marcum 1947; Swerling 1954, RAND RM-1217; DiFranco and Rubin, ch. 9-11.)
    """
    if pulses <= 1 or pfa >= 1.0 or pfa <= 0.0:
        return pd_one_look(swerling, snr, pfa)
    return pd_above(swerling, snr, threshold(pfa, pulses), pulses)


@kernel
def snr_for_look(swerling: int, pd: float, pfa: float, pulses: int) -> float:
    """Signal-to-noise ratio of one pulse (linear) that gives `pd` in one look: inverse of `pd_look`, by bisection to 1e-12 relative.

    0 where `pd` does not exceed `pfa`; infinite for certainty, and where no ratio below 1e18 is enough.
    """
    if pd <= pfa:
        return 0.0
    if pd >= 1.0:
        return math.inf
    level = threshold(pfa, pulses)
    high = 1.0
    while _pd_at(swerling, high, pfa, level, pulses) < pd:
        high *= 2.0
        if high > 1e18:
            return math.inf
    low = 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if _pd_at(swerling, middle, pfa, level, pulses) < pd:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * high:
            break
    return 0.5 * (low + high)


@kernel
def _pd_at(swerling: int, snr: float, pfa: float, level: float, pulses: int) -> float:
    """`pd_look` with its threshold at hand."""
    return pd_above(swerling, snr, level, pulses) if pulses > 1 else pd_one_look(swerling, snr, pfa)


@kernel
def snr_anchored(reference_snr: float, reference_range_m: float, reference_rcs_m2: float, range_m: float, rcs_m2: float) -> float:
    """Signal-to-noise ratio (linear) scaled from a published point: S₀ (σ/σ₀) (R₀/R)⁴, ranges in m, cross-sections in m²."""
    if range_m <= 0.0:
        return math.inf
    return reference_snr * (rcs_m2 / reference_rcs_m2) * (reference_range_m / range_m) ** 4


@kernel
def snr_by_parameters(
    power_w: float,
    pulse_s: float,
    gain: float,
    wavelength_m: float,
    rcs_m2: float,
    range_m: float,
    temperature_k: float,
    loss: float,
) -> float:
    """Signal-to-noise ratio (linear) of one pulse of a monostatic radar with a matched filter.

    snr = P τ G² λ² σ / ((4π)³ k T R⁴ L), power in W, pulse in s, gain and loss linear (loss >= 1), temperature in K
    (Barton, Radar Equations for Modern Radar, ch. 1).
    """
    if range_m <= 0.0:
        return math.inf
    strength = power_w * pulse_s * gain * gain * wavelength_m * wavelength_m * rcs_m2
    return strength / (_FOUR_PI_CUBED * BOLTZMANN * temperature_k * loss) / range_m**4


@kernel
def range_by_parameters(
    power_w: float,
    pulse_s: float,
    gain: float,
    wavelength_m: float,
    rcs_m2: float,
    snr: float,
    temperature_k: float,
    loss: float,
) -> float:
    """Range in m at which `snr_by_parameters` gives `snr` (linear); same units."""
    at_one_metre = snr_by_parameters(power_w, pulse_s, gain, wavelength_m, rcs_m2, 1.0, temperature_k, loss)
    return math.sqrt(math.sqrt(at_one_metre / snr))


@kernel
def power_by_parameters(
    range_m: float,
    pulse_s: float,
    gain: float,
    wavelength_m: float,
    rcs_m2: float,
    snr: float,
    temperature_k: float,
    loss: float,
) -> float:
    """Peak power in W with which `snr_by_parameters` gives `snr` (linear) at `range_m`; same units."""
    return snr / snr_by_parameters(1.0, pulse_s, gain, wavelength_m, rcs_m2, range_m, temperature_k, loss)


@kernel
def first_confirmation(pd: FloatArray, hits: int, looks: int, out: FloatArray) -> None:
    """Distribution of the first confirmation of a track on `hits` hits in `looks` successive looks (M of N, 1 <= M <= N <= 8).

    `pd[k]` is the probability that look k detects, looks independent; `out[k]` (same shape) becomes the probability that the track is
    confirmed at or before look k. Exact: a Markov chain on the last N - 1 outcomes (newest in the lowest bit) with confirmation
    absorbing; looks before the first count as misses. After N - 1 certain misses the chain is back in its empty state,
    and looks with pd = 0 cost nothing.
    """
    states = 1 << (looks - 1)
    here = np.zeros(states)
    following = np.zeros(states)
    here[0] = 1.0
    confirmed = 0.0
    certain_misses = looks
    for k in range(pd.shape[0]):
        if pd[k] > 0.0:
            certain_misses = 0
        else:
            certain_misses += 1
        if certain_misses < looks:
            confirmed += _step(here, following, pd[k], hits)
            here, following = following, here
        out[k] = min(1.0, confirmed)


@kernel
def _step(here: FloatArray, following: FloatArray, pd: float, hits: int) -> float:
    """Moves the chain of `first_confirmation` by one look; returns the probability that this look confirms."""
    states = here.shape[0]
    following[:] = 0.0
    confirming = 0.0
    for mask in range(states):
        if here[mask] == 0.0:
            continue
        pushed = (mask << 1) & (states - 1)
        following[pushed] += here[mask] * (1.0 - pd)
        if hits_in(mask) + 1 >= hits:
            confirming += here[mask] * pd
        elif states > 1:
            following[pushed | 1] += here[mask] * pd
    return confirming


@kernel
def hits_in(mask: int) -> int:
    """Number of bits set."""
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@kernel
def albersheim_db(pd: float, pfa: float, pulses: int) -> float:
    """Albersheim's estimate of the signal-to-noise ratio per pulse, dB, for a steady target and `pulses` added without phase.

    -5 lg n + (6.2 + 4.54 / √(n + 0.44)) lg(A + 0.12 A B + 1.7 B),  A = ln(0.62 / pfa),  B = ln(pd / (1 - pd)).
    Published as within 0.2 dB for pd 0.1 to 0.9, pfa 1e-7 to 1e-3, n 1 to 8096 (Albersheim 1981); for n = 1 that holds from pd 0.4
    on, at 0.1 it is 0.75 dB and more too low. For teaching and as a check: the engine uses `pd_one_look`.
    """
    a = math.log(0.62 / pfa)
    b = math.log(pd / (1.0 - pd))
    factor = 6.2 + 4.54 / math.sqrt(pulses + 0.44)
    return -5.0 * math.log10(pulses) + factor * math.log10(a + 0.12 * a * b + 1.7 * b)
