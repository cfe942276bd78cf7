"""The radar horizon: the parabola against its table, and the exact arc against the parabola where that is exact enough."""

import pytest

from closedsky.physics import visibility
from closedsky.physics.constants import EARTH_RADIUS_M, K_REFRACTION
from tests.reference.tables import rows


@pytest.mark.parametrize("row", rows("horizon"), ids=lambda r: f"{r['antenna_m']}-{r['target_m']}")
def test_table(row: dict[str, str]) -> None:
    k = float(row["effective_radius_m"]) / EARTH_RADIUS_M if row["effective_radius_m"] else K_REFRACTION
    antenna_m, target_m = float(row["antenna_m"]), float(row["target_m"])
    # The tables give km with two decimals (10 m) or metres (1 m).
    tolerance_m = float(row["tolerance_m"])
    assert visibility.horizon_range_parabola(antenna_m, target_m, k) == pytest.approx(float(row["expected_m"]), abs=tolerance_m)
    # acos(1 / (1 + x)) = sqrt(2 x) (1 - 5 x / 12 + ...): below 100 m the exact arc is under 0.3 m short of the parabola.
    exact_m = visibility.horizon_range(antenna_m, target_m, k)
    assert exact_m == pytest.approx(float(row["expected_m"]), abs=tolerance_m + 0.3)
