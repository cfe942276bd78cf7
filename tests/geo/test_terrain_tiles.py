"""Copernicus tiles as ground: which a region needs, and the heights they make, against a formula."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from closedsky.errors import RequestError, TerrainError
from closedsky.geo.terrain import read_terrain
from closedsky.geo.terrain.info import describe, table
from closedsky.geo.terrain.region import Region, around, parse
from closedsky.geo.terrain.tiles import (
    LIST_FILE,
    PRODUCTS,
    Product,
    Tile,
    folder,
    listed,
    needed,
    parse_list,
    sha256,
    terrain_from_tiles,
)  # fmt: skip
from tests.geo.bucket import SMALL, cog
from tests.geo.rasters import Heights, height_at, plane

GLO90 = SMALL["glo90"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDSKY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(PRODUCTS, "glo90", GLO90)


def keep(tmp_path: Path, *tiles: Tile, product: Product = GLO90, heights: Heights = plane, lists: tuple[Tile, ...] = ()) -> None:
    """Put tiles in the cache as if they had been fetched, and a list of them and of others."""
    there = folder(product)
    there.mkdir(parents=True, exist_ok=True)
    for tile in tiles:
        path = there / f"{tile.name(product)}.tif"
        path.write_bytes(cog(tmp_path, product, tile, heights))
        path.with_suffix(".json").write_text(f'{{"size": {path.stat().st_size}, "sha256": "{sha256(path)}"}}')
    (there / LIST_FILE).write_text("\n".join(tile.name(product) for tile in (*tiles, *lists)))


# ---------------------------------------------------------------- names and needs


def test_names_and_corners_are_those_of_the_published_tiles() -> None:
    """gdalinfo of Copernicus_DSM_COG_10_S14_00_W172_00_DEM.tif, as the publishers' forum has it: 3600 by 3600, origin (-172.000138…,
    -12.999861…), so its first node is 13° S, 172° W.
    """
    glo30 = Product("glo30", 30, 3600, 10, "GLO-30")
    assert Tile(-14, -172).name(glo30) == "Copernicus_DSM_COG_10_S14_00_W172_00_DEM"
    assert needed(Region(-172.0, -13.0, -172.0, -13.0), glo30) == [Tile(-14, -172)]
    assert Tile(33, 44).name(GLO90) == "Copernicus_DSM_COG_30_N33_00_E044_00_DEM"
    assert Tile(0, 0).name(GLO90) == "Copernicus_DSM_COG_30_N00_00_E000_00_DEM"


def test_lists_are_read_in_either_form() -> None:
    names = ("30_N33_00_E044_00_DEM\r", "30_S01_00_W180_00_DEM.tif", "10_N01_00_E002_00_DEM")
    text = "\n".join(f"Copernicus_DSM_COG_{name}" for name in names)
    assert parse_list(text, GLO90) == {Tile(33, 44), Tile(-1, -180)}
    assert parse_list(text, SMALL["glo30"]) == {Tile(1, 2)}
    assert parse_list("nothing", GLO90) == frozenset()


@pytest.mark.parametrize(
    "region",
    [
        Region(44.1, 33.2, 44.9, 33.8), Region(44.0, 33.0, 45.0, 34.0), Region(-0.2, -0.2, 0.2, 0.2), Region(179.5, -18.4, 181.3, -17.0),
        Region(10.0, 49.5, 12.3, 61.5), Region(-180.0, 88.0, 180.0, 90.0), Region(44.99, 33.99, 45.0, 34.0),
    ],
)  # fmt: skip
def test_the_tiles_needed_are_those_that_hold_a_node_in_the_region_or_next_to_it(region: Region) -> None:
    """Node by node: tile (φ, λ) holds latitudes φ + 1 - i/n and longitudes λ + j w/n. Those within are had, those steps away are not."""
    n = GLO90.nodes
    found = set(needed(region, GLO90))
    step = 1.0 / n
    for south in range(max(-90, math.floor(region.south) - 3), min(90, math.ceil(region.north) + 3)):
        lat = south + 1 - step * np.arange(n)
        for west in range(-180, 180):
            wide = step * (1 if abs(south + (south < 0)) < 50 else 1.5 if abs(south + (south < 0)) < 60 else 3.0)
            lon = (west + wide * np.arange(round(1 / wide)) - region.west) % 360.0
            held = bool(((lat >= region.south) & (lat <= region.north)).any() and (lon <= region.east - region.west + 1e-9).any())
            near = bool(
                ((lat > region.south - 2 * step) & (lat < region.north + 2 * step)).any()
                and (((lon + 10 * step) % 360.0) < region.east - region.west + 20 * step).any()
            )
            if held:
                assert Tile(south, west) in found
            if not near:
                assert Tile(south, west) not in found


# ---------------------------------------------------------------- heights


def assert_heights(region: Region, heights: Heights, within_m: float = 1e-3) -> None:
    terrain = terrain_from_tiles(GLO90, region)
    rng = np.random.default_rng(4)
    for _ in range(200):
        lat, lon = rng.uniform(region.south, region.north), rng.uniform(region.west, region.east)
        assert terrain.covers(lat, lon)
        assert height_at(terrain, lat, lon) == pytest.approx(heights(lat, lon), abs=within_m)


def test_four_tiles_make_one_ground_to_the_edge(tmp_path: Path) -> None:
    """The nodes of 33° N and of 45° E belong to the neighbours."""
    keep(tmp_path, *(Tile(lat, lon) for lat in (32, 33) for lon in (44, 45)))
    assert_heights(Region(44.0, 33.0, 45.0, 34.0), plane)
    assert_heights(Region(44.3, 32.6, 45.7, 33.4), plane)
    terrain = terrain_from_tiles(GLO90, Region(44.3, 32.6, 45.7, 33.4))
    assert terrain.name == "Copernicus DEM GLO-90"
    assert terrain.void is None
    assert "produced using Copernicus WorldDEM-90 © DLR e.V. 2010-2014" in terrain.attribution


def test_bands_of_latitude_with_wider_columns_meet_without_a_seam(tmp_path: Path) -> None:
    keep(tmp_path, *(Tile(lat, lon) for lat in (48, 49, 50, 51, 59, 60) for lon in (9, 10, 11)))
    for south, north in ((49.2, 50.8), (59.4, 60.6), (49.98, 50.02)):
        assert_heights(Region(9.3, south, 11.6, north), plane)
    terrain = terrain_from_tiles(GLO90, Region(9.3, 50.2, 11.6, 51.4))
    assert math.degrees(terrain.lon_step_rad) == pytest.approx(1.5 / GLO90.nodes)
    assert math.degrees(terrain.lat_step_rad) == pytest.approx(1.0 / GLO90.nodes)


def test_tiles_across_the_date_line(tmp_path: Path) -> None:
    heights = lambda lat, lon: 200.0 + lat + 50.0 * ((lon % 360.0) - 180.0)  # noqa: E731
    keep(tmp_path, Tile(-18, 178), Tile(-18, 179), Tile(-18, -180), Tile(-18, -179), heights=heights)
    assert_heights(Region(178.6, -17.8, 181.4, -17.2), heights)


def test_where_there_is_no_tile_there_is_sea(tmp_path: Path) -> None:
    keep(tmp_path, Tile(33, 44))
    terrain = terrain_from_tiles(GLO90, Region(43.5, 33.2, 45.5, 33.8))
    assert height_at(terrain, 33.5, 43.6) == 0.0
    assert height_at(terrain, 33.5, 45.2) == 0.0
    assert height_at(terrain, 33.5, 44.5) == pytest.approx(plane(33.5, 44.5), abs=1e-3)
    assert terrain.knows(33.5, 43.6)  # sea is known, not missing
    sea = terrain_from_tiles(GLO90, Region(-30.0, 10.0, -29.0, 11.0))
    assert not sea.grid.any()


def test_up_to_the_pole_there_is_a_grid(tmp_path: Path) -> None:
    keep(tmp_path, Tile(33, 44))
    terrain = terrain_from_tiles(GLO90, Region(-180.0, 79.0, 180.0, 84.0))
    assert terrain.wraps
    assert terrain.covers(84.0, 180.0)


# ---------------------------------------------------------------- what is not there


def test_what_is_missing_is_said_with_the_command_to_type(tmp_path: Path) -> None:
    region = Region(44.1, 33.2, 45.9, 33.8)
    with pytest.raises(TerrainError, match="none of the tiles is here") as caught:
        read_terrain({"tiles": "glo90"}, region)
    assert caught.value.faults[0].fix == "fetch them: closedsky terrain fetch --region=44.1,33.2,45.9,33.8 --posting 90"
    keep(tmp_path, Tile(33, 44), lists=(Tile(33, 45),))
    with pytest.raises(
        TerrainError, match=r"1 of 2 tiles .*, 1 MB at most, are not here: Copernicus_DSM_COG_30_N33_00_E045_00_DEM"
    ):
        read_terrain({"tiles": "glo90"}, region)
    assert read_terrain({"tiles": "glo90"}, Region(44.1, 33.2, 44.9, 33.8)).posting_m > 0.0
    path = folder(GLO90) / f"{Tile(33, 44).name(GLO90)}.tif"
    path.with_suffix(".json").unlink()  # without its record it never came whole
    with pytest.raises(TerrainError, match="are not here"):
        read_terrain({"tiles": "glo90"}, Region(44.1, 33.2, 44.9, 33.8))


def test_damage_in_the_cache_is_noticed(tmp_path: Path) -> None:
    keep(tmp_path, Tile(33, 44))
    path = folder(GLO90) / f"{Tile(33, 44).name(GLO90)}.tif"
    content = bytearray(path.read_bytes())
    content[-20] ^= 255
    path.write_bytes(content)
    with pytest.raises(TerrainError, match="do not match their checksum"):
        read_terrain({"tiles": "glo90"}, Region(44.1, 33.2, 44.9, 33.8))
    path.write_bytes(content[: len(content) // 2])  # as a server's own damaged file, noted as it came
    path.with_suffix(".json").write_text(f'{{"size": {path.stat().st_size}, "sha256": "{sha256(path)}"}}')
    with pytest.raises(TerrainError, match=r"damaged or cut short|no raster") as caught:
        read_terrain({"tiles": "glo90"}, Region(44.1, 33.2, 44.9, 33.8))
    assert caught.value.faults[0].where == str(path)


def test_too_wide_a_region_is_refused_before_tiles_are_looked_for() -> None:
    wide = Product("glo30", 30, 3600, 10, "Copernicus DEM GLO-30")
    with pytest.raises(TerrainError, match=r"20.7 GB of memory; the most is 4 GB") as caught:
        terrain_from_tiles(wide, Region(30.0, 20.0, 50.0, 40.0))
    assert "{tiles: glo90}" in caught.value.faults[0].fix


def test_land_that_is_not_public_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRODUCTS, "glo30", SMALL["glo30"])
    keep(tmp_path, Tile(40, 43), product=SMALL["glo30"])
    keep(tmp_path, Tile(40, 43), Tile(40, 44))
    with pytest.raises(TerrainError, match="not released in Copernicus DEM GLO-30"):
        read_terrain({"tiles": "glo30"}, Region(43.5, 40.2, 44.5, 40.8))


def test_info_tells_what_is_in_the_cache(tmp_path: Path) -> None:
    assert describe("glo90")["tiles"] == {"whole": 0, "damaged": 0, "half_fetched": 0, "listed": 0}
    keep(tmp_path, Tile(33, 44), Tile(33, 45))
    shutil.copy(folder(GLO90) / f"{Tile(33, 44).name(GLO90)}.tif", folder(GLO90) / f"{Tile(33, 45).name(GLO90)}.tif")
    (folder(GLO90) / f"{Tile(33, 46).name(GLO90)}.tif.part").write_bytes(b"II")
    facts = describe("glo90")
    assert facts["tiles"] == {"whole": 1, "damaged": 1, "half_fetched": 1, "listed": 2}
    assert facts["extent_deg"] == {"west": 44, "south": 33, "east": 45, "north": 34}
    assert listed(GLO90) == {Tile(33, 44), Tile(33, 45)}
    assert any(label == "attribution" and "Copernicus WorldDEM-90" in told for label, told in table(facts).rows)


# ---------------------------------------------------------------- regions


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("38.7,29,48.7,37.4", (38.7, 29.0, 48.7, 37.4)),
        ("170,-20,-170,-10", (170.0, -20.0, 190.0, -10.0)),
        ("-180,-90,180,90", (-180.0, -90.0, 180.0, 90.0)),
        ("-10, 40, 5, 50", (-10.0, 40.0, 5.0, 50.0)),
    ],
)
def test_a_region_is_read_and_written_as_the_command_takes_it(text: str, region: tuple[float, ...]) -> None:
    assert parse(text) == region
    assert parse(str(parse(text))) == region


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "1,2,3,1", "0,0,0,91", "-190,0,0,1", "0,0,400,1", "1,2,nan,4", ""])
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"region|latitudes|longitudes"):
        parse(text)


def test_the_smallest_box_leaves_out_the_widest_gap() -> None:
    assert around([(179.0, 0.0, 179.0, 0.0), (-179.0, 1.0, -179.0, 1.0)]) == (179.0, 0.0, 181.0, 1.0)
    assert around([(10.0, 0.0, 20.0, 5.0), (30.0, -5.0, 30.0, 0.0)]) == (10.0, -5.0, 30.0, 5.0)
    assert around([(-170.0, 0.0, -160.0, 1.0), (160.0, 0.0, 195.0, 1.0)]) == (160.0, 0.0, 200.0, 1.0)
    assert around([(-180.0, 0.0, 60.0, 1.0), (50.0, 0.0, 185.0, 1.0)]) == (-180.0, 0.0, 180.0, 1.0)
    assert around([(5.0, 1.0, 5.0, 1.0)]) == (5.0, 1.0, 5.0, 1.0)
    assert Region(170.0, 0.0, 190.0, 10.0).grown(1.0, 2.0) == (168.0, -1.0, 192.0, 11.0)
    assert Region(-170.0, 80.0, 180.0, 89.5).grown(1.0, 20.0) == (-175.0, 79.0, 185.0, 90.0)
