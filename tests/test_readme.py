"""What the README says is what the program says: its answer word for word, its headline numbers computed anew."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import closedsky
from closedsky.cli.app import app
from closedsky.coverage.answer import closed_sky
from closedsky.coverage.request import asked
from closedsky.model.sky import SkyAnswer
from closedsky.raid.report import render
from closedsky.scenario.load import Loaded

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WIDTH = "100"


def blocks(text: str) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


COMMANDS = sorted({name for block in blocks(README) for name in re.findall(r"^closedsky (\w+)", block, re.MULTILINE)})


def test_it_fits_its_first_page() -> None:
    assert README.count("\n") <= 150


def printed(scenario: str) -> list[str]:
    """What a run prints, line by line."""
    told = CliRunner().invoke(app, ["run", scenario], env={"COLUMNS": WIDTH})
    assert told.exit_code == 0, told.output
    return told.stdout.splitlines()


def shown(begins: str) -> list[str]:
    """The lines of the block that begins so."""
    (block,) = [block for block in blocks(README) if block.startswith(begins)]
    return block.splitlines()


def test_the_answer_it_shows_is_the_answer() -> None:
    said, told = shown("One battery"), printed("first-battery")
    assert 20 <= len(said) <= 30
    assert told[: len(said)] == said


def test_the_comparison_it_shows_is_the_answer() -> None:
    loaded = closedsky.load("al-asad-erbil-2020")
    result = closedsky.run(loaded)
    said, told = shown("Least gets through"), render(result, loaded.reference, "", int(WIDTH)).splitlines()
    first = told.index(said[0])
    assert told[first : first + len(said)] == said
    systems = {"s-300pmu-2", "s-400", "pac-3-mse", "km-sam-2"}
    compared = [pair for pair in result.comparisons if {pair.lower, pair.higher} <= systems]
    assert len(compared) == 6
    assert not any(pair.separable or pair.share >= 0.9 for pair in compared), "the README says that no two are separable"


def without_staring(loaded: Loaded, variant: str | None = None, **changes: Any) -> SkyAnswer:
    """`closedsky.cover`, without what is closed where radars keep one sector, which would be computed over relief as well."""
    return closed_sky(asked(loaded, variant, changes=changes), draws=0, stare=False).answer


def test_its_headline_is_computed() -> None:
    """Circle and closed share of one S-400 at Baghdad, at 1 km against 1 m²: on the terrain as it is, over relief, and staring."""
    caption = " ".join(README.split("![")[1].split("](", 1)[1].split())
    said = (
        r"(\d+) % of Iraq\..* (\d+) % of Iraq on .* closes (\d+) %: (\d+) to (\d+) % in nine of ten draws .*"
        r" (\d+) to (\d+) % with every figure .* (\d+) % if its radar keeps"
    )
    found = re.search(said, caption)
    assert found is not None
    sky = closedsky.cover(closedsky.units("s-400", [(33.3, 44.4)]), country="IRQ", heights_m=(1000.0,)).answer
    (level,) = sky.levels
    assert sky.target.rcs_m2 == 1.0
    assert sky.circles_share is not None
    assert level.closed_share is not None
    assert level.coarse_closed_share is not None
    assert level.closed_staring_share is not None
    assert level.closed_over_draws is not None
    share = level.closed_share
    shares = (
        sky.circles_share,
        level.coarse_closed_share.likely,
        share.likely,
        *level.closed_over_draws.bracket90,
        share.low,
        share.high,
        level.closed_staring_share.likely,
    )
    assert [int(number) for number in found.groups()] == [round(100 * share) for share in shares]
    said = re.search(r"on masts of (\d+) m it closes (\d+) %", caption)
    assert said is not None
    height_m, closed = map(int, said.groups())
    data = closedsky.units("s-400", [(33.3, 44.4)]).reference.model_dump(mode="json", exclude_unset=True)
    data["defence"][0]["antenna_height_m"] = height_m
    (level,) = without_staring(closedsky.load(data), country="IRQ", heights_m=(1000.0,)).levels
    assert level.closed_share is not None
    assert closed == round(100 * level.closed_share.likely)


_COLUMNS = {5: (0, 1, 3), 6: (0, 2, 4)}
"""Where tracked, closed, and closed on coarse terrain stand, in tables of so many columns."""


@pytest.mark.slow
def test_its_table_of_iran_is_computed() -> None:
    """The row of 1 km, but for staring, whose headings are chosen over all levels: the other rows would take as long again each."""
    (level,) = without_staring(closedsky.load("close-the-sky-iran"), "s-400-20", heights_m=(1000,)).levels
    brackets = level.tracked_share, level.closed_share, level.coarse_closed_share
    computed = [100 * share for one in brackets if one is not None for share in (one.likely, one.low, one.high)]
    for page in (README, (ROOT / "docs" / "cover.md").read_text(encoding="utf-8")):
        (row,) = re.findall(r"^\| 1 km \| (.*) \|$", page, re.MULTILINE)
        cells = row.split(" | ")
        said = [float(number) for k in _COLUMNS[len(cells)] for number in re.findall(r"[\d.]+", cells[k])]
        # The page's row is of a map of five heights, whose frame is larger: its cells lie elsewhere, which moves a share by hundredths.
        assert said == pytest.approx(computed, abs=0.11)
