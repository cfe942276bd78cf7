"""Statistical relief against ten areas of real land, each by constants fitted without its region."""

from dataclasses import replace

import numpy as np
import pytest

from closedsky.geo.relief import LAW, TENTH, lower_bound
from closedsky.geo.terrain import world
from tests.reference.masking import HEIGHTS_M, REGIONS, SITINGS, areas, left_out, seen_over_coarse, seen_over_relief, shape
from tests.validation.relief import FIRST, LAST, PAGE, SEEDS, Row, computed, factors, root_mean_square, tables, written

RECIPE = {"low": (0.59, 0.39), "high": (0.29, 0.08)}
"""Root mean square of ln(likely / truth) at 100 and at 3,000 m that the recipe reached before; between them by the logarithm of height."""


@pytest.mark.parametrize("siting", SITINGS)
@pytest.mark.parametrize("height_m", HEIGHTS_M)
def test_bracket_and_error(siting: str, height_m: int) -> None:
    rows = [row for row in written() if (row.siting, row.height_m) == (siting, height_m)]
    assert {row.area for row in rows} == set(REGIONS)
    assert sum(row.held for row in rows) >= 8
    allowed = np.interp(np.log(height_m), np.log([100.0, 3000.0]), RECIPE[siting])
    assert root_mean_square(rows) <= allowed + 0.005


def test_page_and_constants_are_those_of_the_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.split(FIRST)[1].split(LAST)[0].strip() == tables(written())
    assert pytest.approx(factors(), abs=0.012) == TENTH
    assert left_out()["none"] == LAW


@pytest.mark.parametrize("name", ["oetztal", "texas"])
def test_rows_of_the_small_areas(name: str) -> None:
    """The mountains and the plain, computed anew."""
    area = next(area for area in areas() if area.name == name)
    rows = [row for row in written() if row.area == name]
    likely = seen_over_relief(area, left_out()[REGIONS[name]], SEEDS).mean(axis=0)
    assert 100.0 * likely.ravel() == pytest.approx([row.likely for row in rows], abs=0.3)
    assert 100.0 * seen_over_coarse(area).ravel() == pytest.approx([row.coarse for row in rows], abs=0.3)
    assert 100.0 * area.truth.ravel() == pytest.approx([row.truth for row in rows], abs=0.06)


@pytest.mark.slow
def test_rows() -> None:
    """All of them."""
    for row, again in zip(written(), computed(), strict=True):
        assert (row.area, row.siting, row.height_m) == (again.area, again.siting, again.height_m)
        assert (again.low, again.likely, again.coarse) == pytest.approx((row.low, row.likely, row.coarse), abs=0.5), row


@pytest.mark.slow
def test_on_the_shipped_world() -> None:
    """Its nodes are those of another survey: the shipped law is no further from the truth on it than on means of the fine land."""
    found = [
        np.log(seen_over_relief(replace(area, coarse=world()), LAW, range(1, 5)).mean(axis=0) / area.truth) for area in areas()
    ]
    error = np.sqrt(np.mean(np.square(found), axis=0))
    for siting, reached in zip(SITINGS, error, strict=True):
        assert (reached <= np.interp(np.log(HEIGHTS_M), np.log([100.0, 3000.0]), RECIPE[siting]) + 0.01).all()


def test_coarse_ground_measured_elsewhere() -> None:
    """Floor, places and heights are those of the truth: the coarse ground of two areas, as it was measured beside the truth.

    Low and high sites, % at 100, 300, 1,000 and 3,000 m. The two differ in the posting to which the coarse surface was brought.
    """
    theirs = {
        "N36W121": ((40.2, 52.5, 72.3, 97.3), (41.8, 52.7, 72.2, 97.4)),
        "N39W124": ((34.6, 59.5, 91.2, 98.2), (38.3, 61.1, 93.4, 99.9)),
    }
    for area in areas():
        if area.name in theirs:
            assert 100.0 * seen_over_coarse(area) == pytest.approx(np.array(theirs[area.name]), abs=1.5)


def test_shape_by_hand() -> None:
    """S and G of the relief are those that their definition gives."""
    from closedsky.geo.relief import Law, _log_sigma, _Span

    for area in areas():
        spread, skewness = shape(area.coarse)
        rows, columns = (_Span(0, size - 1) for size in area.coarse.grid.shape)
        assert _log_sigma(area.coarse, rows, columns, Law(0.0, 1.0, 0.0)) == pytest.approx(np.log(spread + 10.0), abs=1e-6)
        assert _log_sigma(area.coarse, rows, columns, Law(0.0, 0.0, 1.0)) == pytest.approx(-skewness, abs=1e-6)


def test_a_miss_is_a_miss() -> None:
    row = Row("a", "low", 100, truth=10.0, coarse=30.0, low=11.0, likely=20.0)
    assert not row.held
    assert Row("a", "low", 100, truth=10.0, coarse=30.0, low=10.0, likely=20.0).held
    assert row.error == pytest.approx(np.log(2.0))


def test_lower_bound() -> None:
    for siting in SITINGS:
        assert lower_bound(0.5, siting) == pytest.approx(TENTH[siting] / (1.0 + TENTH[siting]))
        assert (lower_bound(0.0, siting), lower_bound(1.0, siting)) == (0.0, 1.0)
        assert lower_bound(0.01, siting) == pytest.approx(0.01 * TENTH[siting], rel=0.02)
