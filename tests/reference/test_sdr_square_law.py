"""Detection of a steady target by several pulses added after a square law, against an independent library."""

import math

import pytest

from closedsky.physics import radar
from tests.reference.tables import rows

TABLE = rows("sdr_square_law")


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['snr_db']}-{r['pfa']}-{r['pulses']}")
def test_detection(row: dict[str, str]) -> None:
    snr = 10.0 ** (float(row["snr_db"]) / 10.0)
    # The library's chi-square quantiles and tails are good to some 1e-11.
    assert radar.pd_look(0, snr, float(row["pfa"]), int(row["pulses"])) == pytest.approx(float(row["pd"]), abs=1e-9)


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r['snr_db']}-{r['pfa']}-{r['pulses']}")
def test_ratio_needed(row: dict[str, str]) -> None:
    found_db = 10.0 * math.log10(radar.snr_for_look(0, float(row["pd"]), float(row["pfa"]), int(row["pulses"])))
    # The model asks for 0.01 dB. Where pd is nearly 1 its own digits allow no more than 1e-5 dB.
    assert found_db == pytest.approx(float(row["snr_db"]), abs=1e-5)
