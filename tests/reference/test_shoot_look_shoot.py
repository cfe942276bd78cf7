"""Shoot-look-shoot: rounds spent and probability of kill."""

import pytest

from closedsky.physics import lethality
from tests.reference.tables import rows
from tests.validation.book import Agrees
from tests.validation.counting import stopped_at_the_first_hit


@pytest.mark.parametrize("row", rows("shoot_look_shoot"), ids=lambda r: f"{r['kill_probability']}-{r['most_shots']}")
def test_table(row: dict[str, str], agrees: Agrees) -> None:
    p, n = float(row["kill_probability"]), int(row["most_shots"])
    shots, kill = stopped_at_the_first_hit(p, n)
    for what, column, ours, second in (
        ("rounds spent", "expected_shots", lethality.shots_expected(p, n), shots),
        ("kill", "kill", lethality.salvo_kill(p, n, 0.0), kill),
    ):
        agrees(
            part="salvo, shoot-look-shoot",
            authority="geometric distribution",
            quantity=f"{what}, p {p}, {n} at most",
            theirs=float(row[column]),
            ours=ours,
            tolerance=1e-12,  # the table's values are exact decimals
            second=("all outcomes counted", second),
            source=row["source"],
        )
