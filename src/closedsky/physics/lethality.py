"""What a shot and a hit do."""

import math

from closedsky.physics.jit import kernel

_CEP_PER_SIGMA = math.sqrt(2.0 * math.log(2.0))


@kernel
def salvo_kill(kill_probability: float, rounds: int, correlation: float) -> float:
    """Probability that a salvo kills, when the outcomes of its rounds hang together.

    1 - (ρ (1 - p) + (1 - ρ) (1 - p)ⁿ): with probability ρ all rounds share one outcome (a common cause), else they are independent. Each
    round alone kills with p, and ρ is the correlation of any two outcomes.
    """
    if rounds <= 0:
        return 0.0
    miss = 1.0 - kill_probability
    return 1.0 - (correlation * miss + (1.0 - correlation) * miss**rounds)


@kernel
def pk_at_range(pk: float, fall_m2: float, range_squared_m2: float) -> float:
    """Kill probability of a round at a slant range: p (1 - f r²), not below 0; `fall_m2` is f, 1/m².

    A round that coasts loses the speed that it turns with to drag, which takes kinetic energy in proportion to the distance flown; f is
    stated as the share of p that is lost at the edge of the envelope over the square of its range.
    """
    return max(pk * (1.0 - fall_m2 * range_squared_m2), 0.0)


@kernel
def shots_expected(kill_probability: float, most_shots: int) -> float:
    """Mean number of rounds of shoot-look-shoot: (1 - (1 - p)ⁿ) / p, stopping at the first kill or after n rounds, looks without error."""
    if kill_probability <= 0.0:
        return float(most_shots)
    return (1.0 - (1.0 - kill_probability) ** most_shots) / kill_probability


@kernel
def cep_sigma(cep_m: float) -> float:
    """Standard deviation in m of each of the two axes of a circular normal scatter with that CEP: CEP / √(2 ln 2)."""
    return cep_m / _CEP_PER_SIGMA


@kernel
def area_share(lethal_radius_m: float, asset_radius_m: float) -> float:
    """Share of a round asset that one hit inside it destroys: min(1, (r / R)²), radii in m; 1 for a point asset (R = 0)."""
    if asset_radius_m <= 0.0 or lethal_radius_m >= asset_radius_m:
        return 1.0
    return (lethal_radius_m / asset_radius_m) ** 2


@kernel
def damage_share(hits: int, share: float) -> float:
    """Expected share of an asset destroyed by hits that fall on it independently, each destroying `share`: 1 - (1 - a)^hits."""
    if hits <= 0:
        return 0.0
    return 1.0 - (1.0 - share) ** hits


@kernel
def hit_share(radius_m: float, cep_m: float) -> float:
    """Share of shots at a CEP (m) that fall within a radius (m) of the aim point: 1 − exp(−r² / 2σ²), circular normal."""
    sigma_m = cep_sigma(cep_m)
    if sigma_m <= 0.0:
        return 1.0
    return -math.expm1(-0.5 * (radius_m / sigma_m) ** 2)
