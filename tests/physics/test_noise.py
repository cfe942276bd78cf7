"""Lattice noise: its variance, its spectrum, and that it depends on seed and place alone."""

import math
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.noise import HURST, LONGEST_M, noise

STEP_RAD = math.radians(5.0 / 60.0 / 19.0)


def square(seed: int, lat_deg: float, lon_deg: float, nodes: int) -> np.ndarray:
    """Noise over a square of nodes 488 m apart both ways."""
    lat = math.radians(lat_deg)
    down, right = np.arange(nodes) * STEP_RAD, np.arange(nodes) * STEP_RAD / math.cos(lat)
    return noise(seed, lat - down + 0.5 * nodes * STEP_RAD, math.radians(lon_deg) + right).astype(np.float64)


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(0.0, 0.0), (34.0, 44.0), (-45.0, -180.0), (65.0, 101.0)])
def test_mean_and_variance(lat_deg: float, lon_deg: float) -> None:
    """Twelve squares of 122 km: some 400 independent features of the longest octave."""
    found = np.array([square(seed, lat_deg, lon_deg, 250) for seed in range(12)])
    assert abs(found.mean()) < 0.1
    assert found.var() == pytest.approx(1.0, abs=0.1)
    assert (found**4).mean() / found.var() ** 2 == pytest.approx(3.0, abs=0.25)


def test_spectrum() -> None:
    """Power against (k² + k₀²)^-(H + 1) in bands of half an octave, and its slope where that is a straight line."""
    nodes = 500
    window = np.hanning(nodes)[:, None] * np.hanning(nodes)
    power = sum(np.abs(np.fft.fft2(square(seed, 37.0, 45.0, nodes) * window)) ** 2 for seed in range(6))
    along = np.fft.fftfreq(nodes, EARTH_RADIUS_M * STEP_RAD)
    k = np.hypot(along[:, None], along)
    edges = 1.0 / np.geomspace(40_000.0, 1_000.0, 12)
    bands = [(k >= low) & (k < high) for low, high in pairwise(edges)]
    middle = np.array([math.exp(np.log(k[band]).mean()) for band in bands])
    found = np.array([np.mean(power[band]) for band in bands])
    ratio = np.log10(found * (middle**2 + LONGEST_M**-2) ** (HURST + 1.0))
    assert np.ptp(ratio) < 0.3
    steep = (middle > 1.0 / 6_000.0) & (middle < 1.0 / 1_500.0)
    assert np.polyfit(np.log(middle[steep]), np.log(found[steep]), 1)[0] == pytest.approx(-2.0 * (HURST + 1.0), abs=0.2)


def test_alike_in_all_directions() -> None:
    """Mean squared difference over 5 km northward, eastward and between, at a place where the lattices lie askew."""
    found = np.array([square(seed, 50.0, 20.0, 250) for seed in range(12)])
    north, east = ((found[:, 10:] - found[:, :-10]) ** 2).mean(), ((found[:, :, 10:] - found[:, :, :-10]) ** 2).mean()
    aslant = ((found[:, 7:, 7:] - found[:, :-7, :-7]) ** 2).mean()
    assert east == pytest.approx(north, rel=0.08)
    assert aslant == pytest.approx(north, rel=0.08)


def test_seed_and_place_alone() -> None:
    lat, lon = np.radians(np.linspace(35.0, 34.0, 60)), np.radians(np.linspace(44.0, 45.0, 50))
    whole = noise(3, lat, lon)
    assert np.array_equal(noise(3, lat[10:20], lon[7:9]), whole[10:20, 7:9])
    assert np.array_equal(noise(3, lat, lon), whole)
    assert abs(np.corrcoef(noise(4, lat, lon).ravel(), whole.ravel())[0, 1]) < 0.5
    assert not np.array_equal(noise(3 + 2**32, lat, lon), whole)
    assert np.isfinite(noise(2**64 - 1, lat, lon)).all()


def test_no_seam() -> None:
    """Across the date line, and at a pole."""
    lat = np.radians(np.linspace(20.0, 19.9, 20))
    assert np.allclose(noise(1, lat, np.array([math.pi])), noise(1, lat, np.array([-math.pi])), atol=1e-5)
    assert np.ptp(noise(1, np.array([0.5 * math.pi]), np.linspace(0.0, 6.0, 9))) < 1e-5


def test_same_without_compiling() -> None:
    """As plain Python, bit for bit."""
    program = (
        "import sys, numpy as np; from closedsky.physics.noise import noise\n"
        "lat, lon = np.radians([34.0, 33.99]), np.radians([-44.0, -43.99, 10.0])\n"
        "sys.stdout.write(noise(2**63 + 5, lat, lon).tobytes().hex())"
    )
    found = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env={**os.environ, "NUMBA_DISABLE_JIT": off, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for off in "01"
    ]  # fmt: skip
    assert found[0] == found[1]
    assert len(found[0]) == 48
