"""Random numbers: the published known answers, and that draws behave as independent uniforms whatever they are keyed by."""

import numpy as np
import pytest
from scipy import stats

from closedsky.engine.trial import draws as chance
from closedsky.engine.trial.draws import philox, uniforms
from closedsky.physics.jit import kernel

U64 = np.uint64


@kernel
def fill(seed: np.uint64, trials: int, entities: int, purpose: int, draws: int, out: np.ndarray) -> None:
    """All uniforms of every (trial, entity, draw)."""
    for t in range(trials):
        for e in range(entities):
            for d in range(draws):
                out[t, e, d, 0], out[t, e, d, 1], out[t, e, d, 2], out[t, e, d, 3] = uniforms(seed, t, U64(e), purpose, d, U64(0))


def table(seed: int, trials: int, entities: int, purpose: int, draws: int) -> np.ndarray:
    out = np.empty((trials, entities, draws, 4))
    fill(U64(seed), trials, entities, purpose, draws, out)
    return out


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_known_answers(counter: str, key: str, words: str) -> None:
    """Philox4x32-10, file kat_vectors of Random123 (Salmon, Moraes, Dror, Shaw, SC 2011)."""
    given = [U64(int(word, 16)) for word in (*counter.split(), *key.split())]
    assert " ".join(f"{int(word):08x}" for word in philox(*given)) == words


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**63 + 11])
def test_moments_and_spread(seed: int) -> None:
    """Mean 1/2, variance 1/12, and 4 million uniforms even over 4096 cells (chi-squared, far from both ends)."""
    u = table(seed, 1000, 100, 5, 10).ravel()
    n = u.size
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert abs(u.mean() - 0.5) < 4.0 / np.sqrt(12.0 * n)
    assert abs(u.var() - 1.0 / 12.0) < 4.0 / np.sqrt(180.0 * n)
    p = stats.chisquare(np.bincount((u * 4096).astype(int), minlength=4096)).pvalue
    assert 1e-5 < p < 1.0 - 1e-5


@pytest.mark.parametrize("axis", [0, 1, 2, 3], ids=["trial", "entity", "draw", "word"])
def test_neighbours_are_independent(axis: int) -> None:
    """Neighbours in any one of the keys: a 32 x 32 table of pairs is even."""
    u = table(7, 200, 100, 3, 50)
    size = u.shape[axis]
    one = np.take(u, range(0, size - 1, 2), axis).ravel()
    other = np.take(u, range(1, size, 2), axis).ravel()
    cells = np.bincount((one * 32).astype(int) * 32 + (other * 32).astype(int), minlength=1024)
    assert 1e-5 < stats.chisquare(cells).pvalue < 1.0 - 1e-5
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(one.size)


def test_purposes_and_seeds_are_streams_of_their_own() -> None:
    streams = [table(seed, 100, 100, purpose, 4).ravel() for seed in (1, 2, 1 << 40) for purpose in (1, 2, 3, 4)]
    for i, one in enumerate(streams):
        for other in streams[:i]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 5.0 / np.sqrt(one.size)
            assert not np.any(one == other)


def test_every_key_counts() -> None:
    """Each of the keys, in its lowest and in its highest bit, changes the draw; the same keys give it again."""
    base = {"seed": U64(5), "trial": 5, "entity": U64(5), "purpose": 5, "count": 5, "other": U64(5)}
    first = uniforms(*base.values())
    assert uniforms(*base.values()) == first
    for name, bits in {"seed": 64, "trial": 32, "entity": 32, "purpose": 8, "count": 24, "other": 32}.items():
        for bit in (0, bits - 1):
            turned = int(base[name]) ^ (1 << bit)
            changed = base | {name: U64(turned) if isinstance(base[name], np.uint64) else turned}
            assert not set(uniforms(*changed.values())) & set(first), (name, bit)


def test_uniforms_are_the_words_and_never_reach_one() -> None:
    """Each word over 2^32: the largest is 1 - 2^-32, so what is certain never fails; and nought is not below nought."""
    words = philox(U64(3), U64(1), U64(2 | 7 << 8), U64(4), U64(9), U64(0))
    assert uniforms(U64(9), 3, U64(1), 2, 7, U64(4)) == tuple(int(word) / 2**32 for word in words)
    assert 0xFFFFFFFF / 2**32 < 1.0


def test_draws_made_side_by_side_are_the_same_draws() -> None:
    entities = np.arange(1000, 1037, dtype=np.uint64)
    others = np.arange(37, dtype=np.uint64) * U64(11)
    out = np.empty((4, 37))
    chance.fill(U64(9), 3, entities, chance.DRAW_ENGAGEMENT, others, out)
    for i in range(37):
        assert tuple(out[:, i]) == uniforms(U64(9), 3, entities[i], chance.DRAW_ENGAGEMENT, 0, others[i])
