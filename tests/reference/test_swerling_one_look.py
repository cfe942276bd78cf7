"""Signal-to-noise ratio that one look needs, Swerling 0, 1 and 3."""

import math

import pytest

from closedsky.physics import radar
from tests.reference.tables import rows


@pytest.mark.parametrize("row", rows("swerling_one_look"), ids=lambda r: f"{r['swerling']}-{r['pd']}-{r['pfa']}")
def test_exact_table(row: dict[str, str]) -> None:
    found_db = 10.0 * math.log10(radar.snr_for(int(row["swerling"]), float(row["pd"]), float(row["pfa"])))
    # The model asks for 0.01 dB; the table holds three decimals, so half of the last one is what it can tell.
    assert found_db == pytest.approx(float(row["snr_db"]), abs=0.00051)


@pytest.mark.parametrize("row", rows("swerling_one_look"), ids=lambda r: f"{r['swerling']}-{r['pd']}-{r['pfa']}")
def test_exact_table_read_forwards(row: dict[str, str]) -> None:
    snr = 10.0 ** (float(row["snr_db"]) / 10.0)
    found = radar.pd_one_look(int(row["swerling"]), snr, float(row["pfa"]))
    # Half of the table's last decimal is 0.0005 dB; no slope of pd exceeds 0.25 per dB here.
    assert found == pytest.approx(float(row["pd"]), abs=2e-4)
