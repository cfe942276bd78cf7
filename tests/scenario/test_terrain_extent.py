"""The ground of a scenario: the region it needs, what lies outside it, and runs over rasters against runs over the same as a word."""

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closedsky import api
from closedsky.errors import ClosedskyError, TerrainError
from closedsky.geo.terrain.region import Region
from closedsky.geo.terrain.tiles import PRODUCTS, Tile
from closedsky.model.scenario import Scenario
from closedsky.scenario import terrain_extent
from closedsky.scenario.load import terrain_of
from closedsky.yaml import read_yaml
from tests.geo.bucket import SMALL
from tests.geo.rasters import degrees, north_up, write
from tests.geo.test_terrain_tiles import keep

BASE: dict[str, Any] = dict(read_yaml(api.examples()["first-battery"]).data)
WAYPOINTS = {"kind": "route", "target": "power-station"}


def scenario(terrain: Any = "flat", **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BASE), "environment": {"terrain": terrain}, **fields}


def route(*waypoints: dict[str, Any], **motion: Any) -> list[dict[str, Any]]:
    return [
        {"id": "cruise", "threat": "tomahawk", "count": 2, "motion": {"kind": "route", "waypoints": list(waypoints), **motion}}
    ]


def region_of(**fields: Any) -> Region:
    return terrain_extent.region([Scenario.model_validate(scenario(**fields))])


def level(path: Path, altitude_m: float, north: float = 35.2, west: float = 43.7, rows: int = 520, cols: int = 640) -> Path:
    """Level ground, wide enough for the example, 0.005° from node to node."""
    return degrees(path, north, west, 0.005, (rows, cols), lambda lat, lon: np.full(lat.shape, altitude_m))


# ---------------------------------------------------------------- which region


def test_the_region_holds_everything_low_with_a_margin() -> None:
    assert region_of() == pytest.approx((44.0 - 0.1, 33.0 - 0.1, 46.5 + 0.1, 34.8 + 0.1))


def test_a_leg_along_a_great_circle_bulges_towards_the_pole() -> None:
    """From 60 N 20 E to 60 N 80 E the great circle reaches the latitude whose tangent is tan 60° / cos 30°: 63.4°."""
    region = region_of(raid=route({"at": [60, 20], "height_m": 100}, {"at": [60, 80], "height_m": 100}))
    assert region.north == pytest.approx(
        math.degrees(math.atan(math.tan(math.radians(60)) / math.cos(math.radians(30)))) + 0.1, abs=0.02
    )


def test_towards_what_is_high_and_far_it_reaches_300_km() -> None:
    """One degree of latitude is 111 km. A launch site 900 km to the south adds 300 km there and nothing elsewhere."""
    low = route({"at": [33.5, 44.5], "height_m": 100}, target="power-station")
    missile = {
        "id": "scud",
        "threat": "scud-b",
        "motion": {"kind": "ballistic", "origin": [25.0, 44.5], "target": "power-station"},
    }
    alone, threatened = region_of(raid=low), region_of(raid=[*low, missile])
    assert threatened.north == alone.north
    assert (threatened.west, threatened.east) == (alone.west, alone.east)
    assert (alone.south - threatened.south) * 111.2 == pytest.approx(300.0, abs=1.0)
    near = copy.deepcopy(missile)
    near["motion"]["origin"] = [32.0, 46.0]
    assert region_of(raid=[*low, near])[1:3] == (32.0, 46.0)


def test_a_region_may_cross_the_date_line() -> None:
    assets = [{"id": "power-station", "at": [-18.0, 179.9]}]
    defence = [{**BASE["defence"][0], "at": [-18.0, -179.9]}]
    region = region_of(
        assets=assets, defence=defence, raid=route({"at": [-17.0, -179.0], "height_m": 50}, target="power-station")
    )
    assert region == pytest.approx((179.8, -18.1, 181.1, -16.9))


# ---------------------------------------------------------------- runs over it


def outcome(data: dict[str, Any] | Path) -> Any:
    return api.run(data, trials=300, seed=5, threads=1)


def test_level_ground_from_a_raster_gives_the_answer_of_the_word(tmp_path: Path) -> None:
    """A grid of one altitude is that altitude everywhere: bilinear between equal nodes, to the last bit."""
    path = level(tmp_path / "level.tif", 300.0)
    raster, word = outcome(scenario({"file": str(path)})), outcome(scenario({"flat": 300}))
    assert raster.variants[0].metrics == word.variants[0].metrics
    assert raster.variants[0].why_no_shot == word.variants[0].why_no_shot
    assert raster.terrain.name == "level.tif"
    assert raster.terrain.posting_m == pytest.approx(556.0, abs=0.5)  # 0.005° of a meridian of 6,371 km


def test_a_wall_on_the_raster_hides_what_flies_low_behind_it(tmp_path: Path) -> None:
    wall = lambda lat, lon: np.where((lon > 44.3) & (lon < 44.35), 2000.0, 0.0)  # noqa: E731
    path = degrees(tmp_path / "wall.tif", 35.2, 43.7, 0.005, (520, 640), wall)
    low = scenario(
        {"file": str(path)}, raid=route({"at": [33.1, 46.0], "altitude_m": 300}, {"at": [33.05, 44.4], "altitude_m": 300})
    )
    seen = outcome({**low, "environment": {"terrain": "flat"}}).variants[0].metric("rounds_fired").mean
    assert seen > 0.0
    assert outcome(low).variants[0].metric("rounds_fired").mean == 0.0


def test_paths_count_from_the_scenarios_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "maps").mkdir()
    level(tmp_path / "maps" / "a.tif", 0.0, cols=320)
    level(tmp_path / "maps" / "b.tif", 0.0, west=45.3, cols=320)
    text = api.examples()["first-battery"].read_text().replace("terrain: flat", "terrain: {file: [maps/a.tif, maps/b.tif]}")
    (tmp_path / "own.yaml").write_text(text)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert api.prepare(api.load(tmp_path / "own.yaml"), threads=1).terrain.name == "a.tif and 1 more"
    assert api.prepare(api.load(Path("../own.yaml")), threads=1).terrain.name == "a.tif and 1 more"
    assert (
        any("brought" in text or "a.tif" in text for text in api.check(tmp_path / "own.yaml"))
        or api.check(tmp_path / "own.yaml") == []
    )


def test_variants_share_the_ground_and_may_change_it(tmp_path: Path) -> None:
    level(tmp_path / "level.tif", 0.0)
    data = scenario({"file": str(tmp_path / "level.tif")})
    data["variants"] = {"as-is": {}, "other": {"settings": {"seed": 9}}, "word": {"environment": {"terrain": "flat"}}}
    loaded = api.load(data)
    first, second, third = (terrain_of(loaded, name) for name in loaded.variants)
    assert first is second
    assert third.name == "flat at 0 m"


def test_tiles_in_the_cache_are_ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDSKY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(PRODUCTS, "glo90", SMALL["glo90"])
    loaded = api.load(scenario({"tiles": "glo90"}))
    with pytest.raises(TerrainError, match="none of the tiles is here") as caught:
        terrain_of(loaded, "as-given")
    assert "closedsky terrain fetch --region=43.9,32.9,46.6,34.9 --posting 90" in caught.value.faults[0].fix
    keep(tmp_path, *(Tile(lat, lon) for lat in (32, 33, 34) for lon in (43, 44, 45, 46)))
    terrain = terrain_of(loaded, "as-given")
    assert terrain.name == "Copernicus DEM GLO-90"
    assert terrain_extent.credit(loaded.reference, terrain).startswith("produced using Copernicus WorldDEM-90 ©")


# ---------------------------------------------------------------- what does not fit


def faults_of(data: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ClosedskyError) as caught:
        api.check(data)
    return [(fault.where, fault.what) for fault in caught.value.faults]


def test_everything_outside_the_raster_is_named_with_its_field(tmp_path: Path) -> None:
    path = level(tmp_path / "small.tif", 0.0, north=33.05, west=43.95, rows=60, cols=60)
    faults = faults_of(scenario({"file": str(path)}))
    assert [where for where, _ in faults] == [
        "raid: cruise: motion.waypoints[0]", "raid: fighters: motion.waypoints[0]", "raid: fighters: motion.waypoints[1]",
    ]  # fmt: skip
    assert faults[0][1] == "33.1, 46.5 is outside small.tif, which has 32.89 to 33.05 N, 43.95 to 44.25 E of the region needed"
    ((where, what),) = faults_of(scenario({"file": str(level(tmp_path / "far.tif", 0.0, north=10.0))}))
    assert where == str(tmp_path / "far.tif")
    assert "no part of it lies in the region of the scenario" in what


def test_a_missing_file_is_found_by_check() -> None:
    ((where, what),) = faults_of(scenario({"file": "nowhere/dem.tif"}))
    assert where.endswith("nowhere/dem.tif")
    assert what == "there is no such file"


def test_gaps_under_what_is_low_and_edges_before_what_is_high_are_warned_of(tmp_path: Path) -> None:
    heights = np.full((520, 640), 50.0, np.float32)
    heights[420:460, 40:80] = -9999.0  # 32.9 to 33.1 N, 43.9 to 44.1 E: the battery and what it defends
    path = write(tmp_path / "gap.tif", heights, north_up(43.6975, 35.2025, 0.005, 0.005), nodata=-9999.0)
    missile = {
        "id": "scud",
        "threat": "scud-b",
        "motion": {"kind": "ballistic", "origin": [31.0, 42.0], "target": "power-station"},
    }
    said = api.check(scenario({"file": str(path)}, raid=[*BASE["raid"], missile]))
    assert any("have no data and stand at sea level" in text for text in said)
    assert "no data of the ground, taken as at sea level: assets: power-station: at, defence: battery: at" in said
    assert "outside the terrain, where the ground goes on as at its edge: raid: scud: origin" in said
    assert not any("outside the terrain" in text for text in api.check(scenario({"file": str(path)})))


@pytest.mark.parametrize(
    ("terrain", "said"),
    [
        ({"file": []}, "the list has 0 items"),
        ({"fil": "x"}, "unknown field 'fil'"),
        ({"tiles": "glo91"}, "'glo91' is not one of the allowed values"),
        ({"file": "x", "vertical": "moon"}, "'moon' is not one of the allowed values"),
        ({"flat": 1, "file": "x"}, "flat and file are two grounds"),
        ({}, "'file' is missing"),
        ("wrld", "'wrld' is not one of the allowed values"),
    ],
)
def test_a_ground_that_cannot_be_meant_is_one_fault(terrain: Any, said: str) -> None:
    ((where, what),) = faults_of(scenario(terrain))
    assert said in what
    assert where.startswith("<scenario>:1: environment.terrain")
