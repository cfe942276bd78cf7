"""The footprint in a table: azimuths that are nearly alike share a row, with the range of each number; those that differ do not."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from closedsky.footprint.report import ALIKE, alike, footprint_text
from closedsky.model.figure import Grade
from closedsky.model.footprint import Defended, FootprintAnswer, FootprintThreat, FootprintUnit
from closedsky.model.used import FiguresUsed, MapTerrain

CELL_KM = 2.0


def defended(from_deg: float, area_km2: float, reach_km: float | None) -> Defended:
    why = "outside its sector" if reach_km is None else None
    reaches = dict.fromkeys(("ahead_km", "behind_km", "left_km", "right_km"), reach_km)
    return Defended(from_deg=from_deg, area_km2=area_km2, area_by_opportunities_km2=(area_km2,), why_none=why, **reaches)


def answer(rows: Sequence[tuple[float, float | None]]) -> FootprintAnswer:
    """An answer with an area and an extent for each of so many azimuths, the same at each end."""
    ends = tuple(defended(360.0 * n / len(rows), area, reach) for n, (area, reach) in enumerate(rows))
    return FootprintAnswer(
        unit=FootprintUnit(
            system="unit", name="Unit", at=(33.3, 44.4), sector_deg=360.0, heading_deg=None, intercept_range_km=60.0,
            brochure_km=100.0,
        ),
        threat=FootprintThreat(id="missile", name="Missile", range_km=300.0, apogee_km=None, arrival_mps=1000.0),
        opportunities=1, together=1, cell_km=CELL_KM, terrain=MapTerrain(name="flat", posting_m=0.0, upper_bound=False, label="flat"),
        catalogue_hash="0", assumed=FiguresUsed(count=0, of=1, by_grade={Grade.READ: 1}), left_as_chosen=(), warnings=(),
        low=ends, likely=ends, high=ends,
    )  # fmt: skip


def table(made: FootprintAnswer) -> list[list[str]]:
    """The cells of the table's rows."""
    lines = footprint_text(made).splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("from "))
    rows = lines[first + 1 : lines.index("", first)]
    return [line.split() for line in rows if "nothing is defended" not in line]


def test_azimuths_that_differ_by_little_are_one_row_with_its_range() -> None:
    assert table(answer([(1048.0, 60.0), (1060.0, 58.0), (1088.0, 60.0)])) == [
        ["all", "3", *["1,048–1,088"] * 3, *["58–60"] * 4]
    ]  # fmt: skip


def test_azimuths_that_differ_stand_apart() -> None:
    rows = table(answer([(1000.0, 60.0), (1060.0, 60.0), (1000.0, 60.0), (1060.0, 40.0)]))
    assert [row[0] for row in rows] == ["000°,", "090°", "270°"]
    assert rows[0][:2] == ["000°,", "180°"]


def test_what_is_not_defended_shares_no_row_with_what_is() -> None:
    rows = table(answer([(2.0, 1.0), (0.0, None), (0.0, None)]))
    assert [row[-1] for row in rows] == ["1", "–"]


@given(st.lists(st.tuples(st.floats(1.0, 2000.0), st.one_of(st.none(), st.floats(-10.0, 60.0))), min_size=1, max_size=12))
def test_within_a_row_no_number_differs_by_more_than_is_said(rows: list[tuple[float, float | None]]) -> None:
    groups = alike(answer(rows))
    assert sorted(ends[1].from_deg for group in groups for ends in group) == [360.0 * n / len(rows) for n in range(len(rows))]
    for group in groups:
        areas = [ends[1].area_km2 for ends in group]
        assert max(areas) - min(areas) <= max(ALIKE * max(areas), CELL_KM**2) + 1e-6
        reaches = [ends[1].ahead_km for ends in group]
        assert len({reach is None for reach in reaches}) == 1
        there = [reach for reach in reaches if reach is not None]
        if there:
            assert max(there) - min(there) <= max(ALIKE * max(map(abs, there)), CELL_KM) + 1e-6
