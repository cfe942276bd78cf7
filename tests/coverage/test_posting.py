"""The same sky over the same ground: one bilinear surface gives the same cells whatever the posting of the file it is read from."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

import closedsky
from closedsky.coverage import answer, maps
from closedsky.coverage import request as coverage_request
from closedsky.scenario.sides import End, situation_at
from tests.acceptance.sandbox import radar, system

MIDDLE = (34.0, 44.0)
NODES = 33
Grid = npt.NDArray[np.float64]


def divided(grid: Grid, parts: int) -> Grid:
    """The bilinear surface through the same nodes, on nodes `parts` times as close."""
    at = np.arange((NODES - 1) * parts + 1) / parts
    low = np.minimum(at.astype(int), NODES - 2)
    share = at - low
    rows = grid[low] + share[:, None] * (grid[low + 1] - grid[low])
    return np.asarray(rows[:, low] + share * (rows[:, low + 1] - rows[:, low]))


def written(path: Path, grid: Grid, step_deg: float) -> str:
    """A raster about the middle, a little off it by the same on every posting, so that the unit stands on no node."""
    wide = step_deg * (grid.shape[0] - 1)
    west = MIDDLE[1] - (0.5 + 0.3 / (NODES - 1)) * wide - 0.5 * step_deg
    north = MIDDLE[0] + (0.5 + 0.2 / (NODES - 1)) * wide + 0.5 * step_deg
    with rasterio.open(
        path, "w", driver="GTiff", height=grid.shape[0], width=grid.shape[1], count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(step_deg, 0.0, west, 0.0, -step_deg, north),
    ) as file:  # fmt: skip
        file.write(grid.astype(np.float32), 1)
    return str(path)


def map_on(terrain: str, reach_km: float, height_m: float, cell_m: float, end: End) -> maps.Map:
    """What a radar of a given range against 1 m² tracks, at one end of its figures, and the rest of the map."""
    anchor = {"range": f"{reach_km} km", "rcs": "1 m2", "pd": 0.5, "pfa": 1e-6, "swerling": 1}
    data = {
        "closedsky": 2, "name": "posting", "title": "Posting",
        "environment": {"terrain": terrain if terrain in ("world", "flat") else {"file": terrain}},
        "defence": [{"id": "unit", "system": "ideal", "at": list(MIDDLE)}],
        "catalogue": {"systems": {"ideal": system(radars={"eye": radar(detection=anchor)}, reach_m=500.0 * reach_km)}},
        "cover": {},
    }  # fmt: skip
    changes = {"target": {"kind": "cruise"}, "heights_m": (height_m,), "cell_m": cell_m}
    asked = coverage_request.asked(closedsky.load(data), changes=changes)
    start = answer.seen(asked)
    return maps.map_of(situation_at(asked.situation, end), asked.terrain, start.cells, asked.levels_m, "ground", headings=(16,))


def edge_cells(mask: npt.NDArray[np.bool_]) -> int:
    """How many cells lie along the outside of a mask's edge."""
    return int(np.count_nonzero(binary_dilation(mask, np.ones((3, 3), np.bool_)) & ~mask))


def same_on_both(seed: int, step_deg: float, share: float, height_m: float, relief_m: float, folder: Path) -> None:
    """A radar that sees a share of the way to the edge of the ground; the file has that ground on its own nodes, or closer.

    One cell along the whole edge would be the tolerance of a rasterised outline. A quarter of it is allowed: a floor is linear
    between nodes, whose spacing is not quite the same on the two postings, and a crest may hide or show a single cell.
    """
    reach_km = share * 0.5 * step_deg * (NODES - 1) * 90.0
    grid = np.random.default_rng(seed).uniform(0.0, relief_m, (NODES, NODES))
    own = written(folder / "own.tif", grid, step_deg)
    fine = written(folder / "fine.tif", divided(grid, 4), step_deg / 4.0)
    cell_m = max(20.0 * reach_km, 60.0)
    for end in ("low", "likely", "high"):
        one, other = (map_on(name, reach_km, height_m, cell_m, end) for name in (own, fine))
        for mask, like in ((one.layers[0].tracked, other.layers[0].tracked), (one.closed(0), other.closed(0))):
            differing = np.count_nonzero(mask ^ like)
            assert differing <= 2 + 0.25 * edge_cells(mask), (end, differing, np.count_nonzero(mask), np.count_nonzero(like))


GROUNDS = (
    st.integers(0, 1000), st.sampled_from((1 / 1200, 1 / 120, 1 / 30, 1 / 12)), st.floats(0.3, 0.9),
    st.sampled_from((50.0, 500.0, 3_000.0)), st.sampled_from((0.0, 100.0, 600.0)),
)  # fmt: skip


def same_everywhere(grounds: int, folder: Path) -> None:
    @settings(max_examples=grounds)
    @given(*GROUNDS)
    def holds(seed: int, step_deg: float, share: float, height_m: float, relief_m: float) -> None:
        same_on_both(seed, step_deg, share, height_m, relief_m, folder)

    holds()


def test_any_posting_gives_the_same_sky(tmp_path: Path) -> None:
    same_everywhere(6, tmp_path)


@pytest.mark.slow
def test_so_it_is_for_fifty_radars(tmp_path: Path) -> None:
    same_everywhere(50, tmp_path)


def test_the_world_over_open_sea_is_flat() -> None:
    """A Pantsir off Malta: to 1 %, where it used to lose a ring as wide as the terrain's posting."""
    answers = [
        closedsky.cover(
            closedsky.units("pantsir-s1", [(36.0, 19.0)], terrain=name, offshore=True), heights_m=(100, 1000), draws=0,
            relief=False,
        ).answer
        for name in ("world", "flat")
    ]  # fmt: skip
    for sea, level in zip(answers[0].levels, answers[1].levels, strict=True):
        for name in ("tracked_km2", "engageable_km2", "closed_km2"):
            for end in ("low", "likely", "high"):
                assert getattr(getattr(sea, name), end) == pytest.approx(getattr(getattr(level, name), end), rel=0.01)
