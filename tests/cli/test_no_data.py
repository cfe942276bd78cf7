"""A unit where the raster has no data: every command that puts something on the ground says so."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closedsky.catalogue.library import load_catalogue
from closedsky.explore.explorer import Explorer
from closedsky.geo.floor import without_ground
from closedsky.geo.terrain import read_raster
from closedsky.model.globe import MapRequest, UnitAt
from tests.command import closedsky
from tests.geo.rasters import degrees, plane

HOLE, OUTSIDE = (33.5, 44.5), (33.7, 44.5)
SAYS = "no data of the ground"


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """A plane of 4 degrees with a hole of four kilometres."""

    def heights(lat: Any, lon: Any) -> Any:
        return np.where((np.abs(lat - HOLE[0]) < 0.025) & (np.abs(lon - HOLE[1]) < 0.025), -9999.0, plane(lat, lon))

    return degrees(tmp_path / "dem.tif", 36.0, 42.0, 0.01, (501, 501), heights, nodata=-9999.0)


def scenario(folder: Path, at: tuple[float, float]) -> Path:
    path = folder / f"unit-at-{at[0]}.yaml"
    data = {
        "closedsky": 2, "name": "holed", "title": "A hole", "environment": {"terrain": {"file": "dem.tif"}},
        "assets": [{"id": "asset", "at": list(OUTSIDE)}],
        "defence": [{"id": "unit", "system": "pantsir-s1", "at": list(at)}],
        "raid": [{"id": "raid", "threat": "tomahawk", "count": 1, "motion": {
            "kind": "route", "waypoints": [{"at": [33.9, 44.9], "height_m": 50}], "target": "asset"}}],
        "cover": {"heights_m": [1000], "cell_m": 2000, "country": "IRQ"},
    }  # fmt: skip
    path.write_text(json.dumps(data))
    return path


def claim(folder: Path, file: Path) -> Path:
    path = folder / "claim.yaml"
    data = {
        "closedsky": 1, "id": "it-is-closed", "said": "It is closed.", "words": "quotation",
        "speaker": "Somebody", "date": "2020-01-10", "grade": "read",
        "source": ["a-book"], "means": "95 %.", "sources": {"a-book": {"title": "A book"}},
        "tests": [{"scenario": file.name, "level_m": 1000}],
    }  # fmt: skip
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(("at", "is_told"), [(HOLE, True), (OUTSIDE, False)])
def test_every_command_tells_of_a_unit_on_no_data(tmp_path: Path, holed: Path, at: tuple[float, float], is_told: bool) -> None:
    file, place = str(scenario(tmp_path, at)), f"--at={at[0]},{at[1]}"
    ground = ("--terrain", str(holed))
    for arguments in (
        ("check", file),
        ("run", file, "--trials", "10", "--json"),
        ("cover", file, "--draws=0", "--no-relief", "--json"),
        ("cover", "pantsir-s1", place, "--height", "1000", "--draws=0", "--no-relief", "--cell", "2000", *ground),
        ("footprint", "patriot-pac-3-mse", place, "--range", "60", "--from", "0", "--cell", "20", *ground, "--json"),
        (
            "terrain",
            "floor",
            str(holed),
            place,
            "--height",
            "20",
            "--radius",
            "9000",
            "--out",
            str(tmp_path / "floor.tif"),
            "--force",
        ),
        ("claims", str(claim(tmp_path, Path(file))), "--json"),
    ):
        done = closedsky(*arguments)
        assert done.returncode == 0, done.stderr
        assert (SAYS in " ".join(done.stdout.split())) == is_told, arguments


def test_the_globe_tells_too(holed: Path) -> None:
    explorer = Explorer(load_catalogue(), {"dem": str(holed)})
    units = (UnitAt(id="unit", system="pantsir-s1", at=HOLE), UnitAt(id="other", system="pantsir-s1", at=OUTSIDE))
    quick = explorer.quick(MapRequest(units=units, terrain="dem", cell_m=2000.0, level_m=1000.0))
    (told,) = (text for text in quick.warnings if SAYS in text)
    assert "defence: unit: at" in told
    assert "other" not in told


def test_a_place_between_a_node_with_data_and_one_without_has_none(holed: Path) -> None:
    raster = read_raster(holed)
    assert without_ground(raster, [HOLE, OUTSIDE]) == ["no data of the ground at 33.5, 44.5, taken as at sea level"]
    assert without_ground(raster, [(33.525, 44.5)]) != []
    assert without_ground(raster, [(33.531, 44.5)]) == []
