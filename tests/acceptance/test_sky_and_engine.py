"""The sweep over a map against the engine's own tables: the first intercept on the same line over the same terrain.

The engine knows windows, flies routes and has distributions of track times; the map has cells, floors and the rule of opportunities. They
share the physics of a look, of an envelope and of a fly-out, and nothing in between.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import closedsky
from closedsky import api
from closedsky.coverage import answer
from closedsky.coverage.answer import Sky
from closedsky.coverage.worst import WorstHeading
from closedsky.engine.layout import TICKS_PER_S
from closedsky.engine.pack import pack
from closedsky.engine.sweep.approach import Lines
from closedsky.engine.sweep.headings import lines_on
from closedsky.engine.tables import geometry
from closedsky.engine.tables.sight import trace
from closedsky.scenario.load import terrain_of
from closedsky.scenario.situation import resolve

SITE = (34.3, 47.1)  # in the Zagros
SPEED_MPS = 250.0
CELL_M = 1_000.0
SYSTEM = "s-300pmu-2"


def one_way(monkeypatch: pytest.MonkeyPatch, line: Lines, altitude_m: float) -> Sky:
    """A closed sky to threats that fly along one line only."""
    monkeypatch.setattr(WorstHeading, "ways", lambda self, layer: [line])
    monkeypatch.setattr(answer, "sectored", lambda asked: [])  # the line is one of this map, not of those that compare headings
    loaded = closedsky.units(SYSTEM, [SITE])
    return closedsky.cover(
        loaded, altitudes_m=(altitude_m,), target={"speed_mps": SPEED_MPS}, cell_m=CELL_M, draws=0, relief=False
    )


def line_through(shape: tuple[int, int], aside: int, bearing_deg: float) -> Lines:
    """The line on a heading that passes the middle so many cells to the south."""
    rows, columns = shape
    lines = lines_on(math.radians(bearing_deg), rows, columns)
    middle = (rows // 2 + aside) * columns + columns // 2
    (n,) = (n for n in range(lines.base.size) if middle in cells_of(lines, n))
    return lines._replace(base=lines.base[n : n + 1], lead=lines.lead[n : n + 1], cells=lines.cells[n : n + 1])


def cells_of(lines: Lines, n: int = 0) -> npt.NDArray[np.int64]:
    """Flat indices of the cells of a line."""
    return lines.path[lines.lead[n] : lines.lead[n] + lines.cells[n]] + lines.base[n]


def raid_along(sky: Sky, line: Lines, altitude_m: float) -> dict[str, Any]:
    """A scenario in which one threat flies the line, by a waypoint each forty cells."""
    cells = cells_of(line)
    index = cells[np.append(np.arange(0, cells.size - 1, 40), cells.size - 1)]
    lat, lon = sky.cells.lat_deg.ravel()[index], sky.cells.lon_deg.ravel()[index]
    waypoints = [{"at": [a, b], "altitude_m": altitude_m} for a, b in zip(lat.tolist(), lon.tolist(), strict=True)]
    target = {
        "name": "target", "summary": "As the map asks for.", "target_class": "aircraft", "range_max": "20000 km", "reliability": 1.0,
        "signature": {"nose": "1 m2", "beam": "1 m2", "tail": "1 m2", "swerling": 1}, "endpoint": "impact", "cep": "0 m",
        "lethal_radius": "1 m",
    }  # fmt: skip
    motion = {"kind": "route", "waypoints": waypoints, "speed_mps": SPEED_MPS}
    return {
        "closedsky": 2, "name": "line", "title": "A line", "raid": [{"id": "one", "threat": "target", "motion": motion}],
        "defence": [{"id": "unit-1", "system": SYSTEM, "at": list(SITE), "heading_deg": 0.0}],
        "catalogue": {"threats": {"target": target}},
    }  # fmt: skip


def first_intercept(data: dict[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude of the first intercept that the engine's windows allow after the median track and the reaction."""

    loaded = api.load(data)
    situation_of = resolve(loaded.reference, loaded.catalogue)
    ground = terrain_of(loaded, next(iter(loaded.variants))).ground
    packed, _ = pack(situation_of, ground)
    packed.defence.radars["half_sector_rad"] = math.pi  # slews, as the map's does
    tables = geometry.build(packed, ground)
    sight = tables.sights[0]
    part = slice(sight["first"], sight["first"] + sight["count"])
    likely = np.flatnonzero(tables.track_cdf[part] >= 0.5)
    if likely.size == 0:
        return None
    ready = (
        tables.track_ticks[part][likely[0]]
        + packed.defence.networks[0]["link_delay_ticks"]
        + packed.defence.units[0]["reaction_ticks"]
    )
    meets = []
    for window in tables.windows:
        launch = max(int(ready), int(window["open_ticks"]))
        if launch <= window["close_ticks"]:
            curve = tables.intercept_ticks[window["first"] : window["first"] + window["count"]]
            grid = np.linspace(window["open_ticks"], window["close_ticks"], curve.size)
            meets.append(float(np.interp(launch, grid, curve)))
    if not meets:
        return None
    step_s = float(packed.raid.flights[0]["step_s"])
    samples = trace(packed, ground, 0)
    at = min(meets) / TICKS_PER_S / step_s
    k = int(at)
    lat, lon = samples[k, :2] + (at - k) * (samples[k + 1, :2] - samples[k, :2])
    return math.degrees(lat), math.degrees(lon)


def first_cell(sky: Sky, line: Lines) -> int | None:
    """The first cell of the line by which there was an opportunity."""
    closed = np.flatnonzero(sky.map.layers[0].opportunities.ravel()[cells_of(line)] >= 1)
    return int(closed[0]) if closed.size and closed[0] > 0 else None


@cache
def blank(altitude_m: float) -> Sky:
    """The sky that threats from everywhere find: it says which cells there are."""
    loaded = closedsky.units(SYSTEM, [SITE])
    return closedsky.cover(
        loaded, altitudes_m=(altitude_m,), target={"speed_mps": SPEED_MPS}, cell_m=CELL_M, draws=0, relief=False
    )


@pytest.mark.parametrize("heading", [90.0, 135.0, 242.0])
@pytest.mark.parametrize("aside", [-60, 5, 45])
@pytest.mark.parametrize("altitude_m", [3_500.0, 9_000.0])
def test_first_intercept_is_where_the_engine_has_it(
    heading: float, aside: int, altitude_m: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within what the map's rule of tracks may be off, a look of the search radar, and a cell and a half.

    The map takes the middle of the time that a track takes, the engine the median of its distribution, look by look. Every line is
    one on which both have an intercept: where neither has, they agree about nothing.
    """
    line = line_through(blank(altitude_m).cells.shape, aside, heading)
    sky = one_way(monkeypatch, line, altitude_m)
    cell = first_cell(sky, line)
    found = first_intercept(raid_along(sky, line, altitude_m))
    assert cell is not None
    assert found is not None
    revisit_s = closedsky.load_catalogue().system(SYSTEM).radars["64n6e2"].revisit.si
    index = cells_of(line)[cell]
    lat, lon = sky.cells.lat_deg.ravel()[index], sky.cells.lon_deg.ravel()[index]
    north = math.radians(found[0] - lat) * 6_371_000.0
    east = math.radians(found[1] - lon) * 6_371_000.0 * math.cos(math.radians(lat))
    assert math.hypot(north, east) <= revisit_s * SPEED_MPS + 1.5 * CELL_M * math.sqrt(2.0)
