"""Detection of a steady target by several pulses added after a square law, against an independent library."""

import math

import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from closedsky.physics import radar
from tests.reference.tables import rows
from tests.validation.book import Agrees

TABLE = rows("sdr_square_law")


def _by_scipy(snr: float, pfa: float, pulses: int) -> float:
    """n squares of noise are chi-square with 2 n degrees of freedom; with a steady signal, noncentral by 2 n snr."""
    return float(ncx2.sf(chi2.isf(pfa, 2 * pulses), 2 * pulses, 2.0 * pulses * snr))


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['snr_db']}-{r['pfa']}-{r['pulses']}")
def test_detection(row: dict[str, str], agrees: Agrees) -> None:
    snr = 10.0 ** (float(row["snr_db"]) / 10.0)
    pfa, pulses = float(row["pfa"]), int(row["pulses"])
    agrees(
        part="Pd",
        authority="sdr, square-law detector",
        quantity=f"pd for {row['snr_db']} dB, pfa {row['pfa']}, n = {pulses}",
        theirs=float(row["pd"]),
        ours=radar.pd_look(0, snr, pfa, pulses),
        tolerance=1e-9,  # the library's chi-square quantiles and tails are good to some 1e-11
        second=("SciPy, chi2 and ncx2", _by_scipy(snr, pfa, pulses)),
        source=row["source"],
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['snr_db']}-{r['pfa']}-{r['pulses']}")
def test_ratio_needed(row: dict[str, str], agrees: Agrees) -> None:
    pd, pfa, pulses = float(row["pd"]), float(row["pfa"]), int(row["pulses"])
    by_scipy_db = brentq(lambda db: _by_scipy(10.0 ** (db / 10.0), pfa, pulses) - pd, -30.0, 30.0, xtol=1e-12)
    agrees(
        part="Pd",
        authority="sdr, read backwards",
        quantity=f"signal for the pd of {row['snr_db']} dB, pfa {row['pfa']}, n = {pulses}",
        theirs=float(row["snr_db"]),
        ours=10.0 * math.log10(radar.snr_for_look(0, pd, pfa, pulses)),
        tolerance=1e-5,  # the model asks for 0.01 dB; where pd is nearly 1 its own digits allow no more
        unit="dB",
        second=("SciPy, chi2 and ncx2 inverted", float(by_scipy_db)),
        source=row["source"],
    )
