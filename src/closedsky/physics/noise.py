"""Gaussian noise on the globe that depends on the seed and the place alone, with the spectrum of land.

Octaves of lattice noise are added. Each is a cubic lattice in the three dimensions of space with a number at every point, a hash of the
seed, the octave and the point. Between points the numbers are blended by quadratic B-splines and divided by the root of the sum of the
squared weights, so that the variance is the same everywhere. The surface of the globe cuts through the lattices: there is no seam, no
projection and no frame, and what lies around a place never depends on what else is asked for. A Fourier transform over a frame, the usual
way to such noise, gives every frame other hills. Lattice noise: Perlin (1985), Lewis (1989).
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.jit import kernel, part

Reals = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
U64 = np.uint64

HURST: Final = 0.6
"""H: differences of height over a distance d grow as d^H."""
LONGEST_M: Final = 20_000.0
"""1 / k₀: waves longer than this carry no more than this one."""
SPACINGS_M: Final = tuple(500.0 * 2.0**octave for octave in range(6))
"""Distance between the lattice points of each octave. Quadratic B-splines pass waves longer than some four of it."""
_WAVE = 4.0

_MASK, _BYTE = U64(0xFFFFFFFF), U64(0xFF)
_M0, _M1 = U64(0x7FEB352D), U64(0x846CA68B)
_S8, _S15, _S16, _S24, _S32 = U64(8), U64(15), U64(16), U64(24), U64(32)
_MEAN, _DEVIATION = 4.0 * 127.5, math.sqrt(4.0 * (256.0**2 - 1.0) / 12.0)  # of the sum of four bytes
_NOWHERE = 1 << 40


def noise(seed: int, lat_rad: Reals, lon_rad: Reals) -> Singles:
    """Noise of mean 0 and variance 1 at the nodes of a grid: latitudes × longitudes, rad.

    Its power goes as (k² + k₀²)^-(H + 1), k in waves per metre (von Kármán), to 0.15 of the decimal logarithm for waves of 1 km and more.
    `seed` is a whole number from 0 to 2⁶⁴ - 1.
    """
    power = [_octave(1.0 / (_WAVE * spacing_m)) for spacing_m in SPACINGS_M]
    amplitudes = np.sqrt(np.array(power) / sum(power))
    out = np.zeros((lat_rad.size, lon_rad.size), np.float32)
    for octave, (spacing_m, amplitude) in enumerate(zip(SPACINGS_M, amplitudes.tolist(), strict=True)):
        _add_octave(U64(seed), octave, spacing_m, amplitude, lat_rad, lon_rad, out)
    return out


def _octave(k: float) -> float:
    """Variance of the octave about a wave number, to a factor: k² times the spectrum."""
    return float(k * k * (k * k + LONGEST_M**-2) ** -(HURST + 1.0))


@kernel
def _add_octave(
    seed: np.uint64, octave: int, spacing_m: float, amplitude: float, lat_rad: Reals, lon_rad: Reals, out: Singles
) -> None:
    """Add noise of one octave to `out`. Neighbours mostly have the same 27 lattice points, whose numbers are kept."""
    key = _mixed(_mixed((seed & _MASK) ^ U64(octave + 1)) ^ (seed >> _S32))
    scale = EARTH_RADIUS_M / spacing_m
    numbers, weights = np.empty(27), np.empty((3, 3))
    sines, cosines = np.empty(lon_rad.size), np.empty(lon_rad.size)
    for j in range(lon_rad.size):
        sines[j], cosines[j] = math.sin(lon_rad[j]), math.cos(lon_rad[j])
    for i in range(lat_rad.size):
        z, from_axis = scale * math.sin(lat_rad[i]), scale * math.cos(lat_rad[i])
        plane = _spline(z, weights, 0)
        squared_z = _squared(weights, 0)
        line, point = _NOWHERE, _NOWHERE
        for j in range(lon_rad.size):
            y = _spline(from_axis * sines[j], weights, 1)
            x = _spline(from_axis * cosines[j], weights, 2)
            if y != line or x != point:
                line, point = y, x
                _fill(key, plane, line, point, numbers)
            spread = math.sqrt(squared_z * _squared(weights, 1) * _squared(weights, 2))
            out[i, j] += np.float32(amplitude * _blend(numbers, weights) / spread)


@part
def _spline(at: float, weights: Reals, axis: int) -> int:
    """The lattice point nearest to a coordinate; into `weights` those of the one before, itself and the one after."""
    middle = int(math.floor(at + 0.5))
    off = at - middle
    weights[axis, 0] = 0.5 * (0.5 - off) * (0.5 - off)
    weights[axis, 1] = 0.75 - off * off
    weights[axis, 2] = 0.5 * (0.5 + off) * (0.5 + off)
    return middle


@part
def _squared(weights: Reals, axis: int) -> float:
    """The sum of the squared weights of an axis."""
    before, middle, after = weights[axis, 0], weights[axis, 1], weights[axis, 2]
    return float(before * before + middle * middle + after * after)


@part
def _blend(numbers: Reals, weights: Reals) -> float:
    """The weighted sum of the numbers of 27 lattice points."""
    total = 0.0
    for a in range(3):
        for b in range(3):
            at = 9 * a + 3 * b
            row = weights[2, 0] * numbers[at] + weights[2, 1] * numbers[at + 1] + weights[2, 2] * numbers[at + 2]
            total += weights[0, a] * weights[1, b] * row
    return total


@kernel
def _fill(key: np.uint64, plane: int, line: int, point: int, numbers: Reals) -> None:
    """The numbers of the 27 lattice points around one: sums of four bytes, near enough to normal, of mean 0 and variance 1."""
    for a in range(3):
        of_plane = _mixed(key ^ _word(plane + a - 1))
        for b in range(3):
            of_line = _mixed(of_plane ^ _word(line + b - 1))
            for c in range(3):
                bits = _mixed(of_line ^ _word(point + c - 1))
                total = (bits & _BYTE) + ((bits >> _S8) & _BYTE) + ((bits >> _S16) & _BYTE) + (bits >> _S24)
                numbers[9 * a + 3 * b + c] = (float(total) - _MEAN) / _DEVIATION


@part
def _word(index: int) -> np.uint64:
    """An index of a lattice as 32 bits; it may be negative."""
    return U64(index + 0x40000000)


@part
def _mixed(word: np.uint64) -> np.uint64:
    """A hash of 32 bits, in which each bit of the word turns about half of the others (Wellons, *Prospecting for hash functions*, 2018)."""
    word = word ^ (word >> _S16)
    word = (word * _M0) & _MASK
    word = word ^ (word >> _S15)
    word = (word * _M1) & _MASK
    return word ^ (word >> _S16)
