"""Shoot-look-shoot: rounds spent and probability of kill."""

import pytest

from closedsky.physics import lethality
from tests.reference.tables import rows


@pytest.mark.parametrize("row", rows("shoot_look_shoot"), ids=lambda r: f"{r['kill_probability']}-{r['most_shots']}")
def test_table(row: dict[str, str]) -> None:
    p, n = float(row["kill_probability"]), int(row["most_shots"])
    # The table's values are exact decimals.
    assert lethality.shots_expected(p, n) == pytest.approx(float(row["expected_shots"]), abs=1e-12)
    assert lethality.salvo_kill(p, n, 0.0) == pytest.approx(float(row["kill"]), abs=1e-12)
