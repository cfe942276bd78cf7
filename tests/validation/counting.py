"""Probabilities by counting every outcome: the second path to the closed forms of salvos and repeated shots."""

import itertools
import math


def stopped_at_the_first_hit(p: float, most: int) -> tuple[float, float]:
    """Rounds spent and probability of kill over every row of hits and misses of `most` rounds, ended at its first hit."""
    shots = kill = 0.0
    for hits in itertools.product((True, False), repeat=most):
        chance = math.prod(p if hit else 1.0 - p for hit in hits)
        shots += chance * (hits.index(True) + 1 if any(hits) else most)
        kill += chance * any(hits)
    return shots, kill


def salvo_leak(p: float, rounds: int, correlation: float) -> float:
    """All rounds miss: those of a salvo that is as one (a share `correlation`) share a die, the others have one each."""
    leak = 0.0
    for as_one, *hits in itertools.product((True, False), repeat=rounds + 1):
        if as_one and len(set(hits)) > 1:
            continue
        dice = hits[:1] if as_one else hits
        chance = math.prod(p if hit else 1.0 - p for hit in dice)
        leak += (correlation if as_one else 1.0 - correlation) * chance * (not any(hits))
    return leak


def two_judged_shots(p: float, false_kill: float, false_survival: float) -> tuple[float, float]:
    """Leak and rounds of a shot, a judgement that may err, and another shot if the target is judged alive."""
    leak = rounds = 0.0
    for first, wrong, second in itertools.product((True, False), repeat=3):
        error = false_survival if first else false_kill
        chance = (p if first else 1.0 - p) * (error if wrong else 1.0 - error) * (p if second else 1.0 - p)
        again = first == wrong  # judged alive: a miss seen as one, or a hit that is not
        rounds += chance * (1 + again)
        leak += chance * (not first and not (again and second))
    return leak, rounds
