"""Random draws: counter-based random numbers (Philox4x32-10, Salmon et al., SC 2011).

A draw is a pure function of (seed, trial, entity, purpose, draw), without state. It does not depend on the order of trials, on threads or
on earlier decisions, and two variants of a scenario share the draws of the entities that they share.
"""

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Floats
from closedsky.physics.jit import stage, step

U64 = np.uint64
_MASK = U64(0xFFFFFFFF)
_SHIFT = U64(32)
_M0 = U64(0xD2511F53)
_M1 = U64(0xCD9E8D57)
_W0 = U64(0x9E3779B9)
_W1 = U64(0xBB67AE85)
_TO_UNIT = 1.0 / 4294967296.0  # 2**-32

# Purposes of a draw, with the use of its four uniforms.
DRAW_THREAT = 1  # failure, its time or else the miss distance, launch jitter, random gap before it
DRAW_TRACK = 2  # track; after a misjudgement: four looks
DRAW_ENGAGEMENT = 3  # lock, whether the salvo is fully dependent, the draw of such a salvo, assessment
DRAW_ROUNDS = 4  # four rounds of an independent salvo
DRAW_LOOKS = 5  # four looks of a radar that need not be up all the time; the radar is the second entity
DRAW_SITE = 6  # whether a site is up
DRAW_IDENTITY = 7  # what a network takes a track for


@step
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Ten rounds of Philox4x32: four 32-bit words from a counter of four words and a key of two (each held in 64 bits)."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0 = (p1 >> _SHIFT) ^ c1 ^ k0
        c1 = p1 & _MASK
        c2 = (p0 >> _SHIFT) ^ c3 ^ k1
        c3 = p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@step
def uniforms(
    seed: np.uint64, trial: int, entity: np.uint64, purpose: int, count: int, other: np.uint64
) -> tuple[float, float, float, float]:
    """Four independent uniforms in [0, 1), 32 bits each: u < p is always true for p = 1 and never for p = 0.

    `seed` 64 bits; `trial`, `entity` and `other` (a second entity, or 0) 32 bits; `purpose` 8 bits, `count` of draws for it 24 bits.
    """
    counter = U64(purpose) | U64(count) << U64(8) & _MASK
    w0, w1, w2, w3 = philox(U64(trial) & _MASK, entity & _MASK, counter, other & _MASK, seed & _MASK, seed >> _SHIFT)
    return w0 * _TO_UNIT, w1 * _TO_UNIT, w2 * _TO_UNIT, w3 * _TO_UNIT


@stage
def fill(
    seed: np.uint64, trial: int, entities: npt.NDArray[np.uint64], purpose: int, others: npt.NDArray[np.uint64], out: Floats
) -> None:
    """The first draw of `purpose` for many entities, into the four rows of `out`; column i is `uniforms` of entity i.

    Drawing ahead lets the processor vectorise the draws and avoids waiting for one whose result decides a branch.
    """
    for i in range(entities.size):
        out[0, i], out[1, i], out[2, i], out[3, i] = uniforms(seed, trial, entities[i], purpose, 0, others[i])
