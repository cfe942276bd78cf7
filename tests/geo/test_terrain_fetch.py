"""Fetching tiles from a server on loopback that breaks off, lies, dawdles and vanishes."""

import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from closedsky.errors import TerrainError
from closedsky.geo.terrain import fetch as fetching
from closedsky.geo.terrain.fetch import Fetched, Way, fetch
from closedsky.geo.terrain.region import Region
from closedsky.geo.terrain.tiles import LIST_FILE, PRODUCTS, Tile, folder, is_whole
from closedsky.geo.terrain.transfer import Patience, part_of
from closedsky.progress import Progress
from tests.geo.bucket import SMALL, Bucket, cut_after, page, path_of, serving, silent, spoil, status

GLO90, GLO30 = SMALL["glo90"], SMALL["glo30"]
HERE, EAST = Tile(33, 44), Tile(33, 45)
INSIDE = Region(44.1, 33.2, 44.9, 33.8)
BOTH = Region(44.1, 33.2, 45.9, 33.8)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDSKY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv(fetching.URL_VARIABLE, raising=False)
    monkeypatch.setitem(PRODUCTS, "glo90", GLO90)
    monkeypatch.setitem(PRODUCTS, "glo30", GLO30)


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    made = Bucket()
    made.add(tmp_path, GLO90, HERE, EAST, noise=20.0)
    with serving(made):
        yield made


def way(bucket: Bucket, **how: float) -> Way:
    return Way(bucket.url, 2, Patience(how.get("timeout_s", 5.0), int(how.get("tries", 3)), 0.001))


def bring(bucket: Bucket, region: Region = INSIDE, **how: float) -> Fetched:
    return fetch(GLO90, region, way(bucket, **how))


def file_of(tile: Tile = HERE) -> Path:
    return folder(GLO90) / f"{tile.name(GLO90)}.tif"


def assert_whole(bucket: Bucket, *tiles: Tile) -> None:
    for tile in tiles:
        assert file_of(tile).read_bytes() == bucket.files[path_of(GLO90, tile)]
        assert is_whole(file_of(tile))
        assert not part_of(file_of(tile)).exists()
    left = {path.suffix for path in folder(GLO90).iterdir()}
    assert left <= {".tif", ".json", ".txt"}


def faults_of(bucket: Bucket, region: Region = INSIDE, **how: float) -> list[tuple[str, str, str]]:
    with pytest.raises(TerrainError) as caught:
        bring(bucket, region, **how)
    return [(fault.what, fault.where, fault.fix) for fault in caught.value.faults]


# ---------------------------------------------------------------- when all goes well


def test_a_region_comes_whole_and_only_once(bucket: Bucket) -> None:
    got = bring(bucket, Region(44.1, 33.2, 46.9, 33.8))
    assert got.fetched == (HERE.name(GLO90), EAST.name(GLO90))
    assert (got.cached, got.sea) == ((), 1)
    assert got.received_bytes == sum(len(bucket.files[path_of(GLO90, tile)]) for tile in (HERE, EAST))
    assert_whole(bucket, HERE, EAST)
    record = json.loads(file_of().with_suffix(".json").read_text())
    content = bucket.files[path_of(GLO90, HERE)]
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    assert record["etag"] == hashlib.md5(content).hexdigest()
    assert record["size"] == len(content)
    asked = len(bucket.requests)
    again = bring(bucket, BOTH)
    assert (again.fetched, len(again.cached), again.received_bytes) == ((), 2, 0)
    assert len(bucket.requests) == asked


def test_progress_is_told_in_tiles(bucket: Bucket) -> None:
    told: list[tuple[str, int, int]] = []
    fetch(GLO90, BOTH, way(bucket), lambda *what: told.append(what))
    assert told[-1][1:] == (2, 2)
    assert all(label.startswith("glo90: ") for label, _, _ in told)


def test_the_address_may_come_from_the_environment(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fetching.URL_VARIABLE, bucket.url + "/")
    assert len(fetch(GLO90, INSIDE).fetched) == 1
    assert Way("https://mirror/dem-{posting}").url(GLO30) == "https://mirror/dem-30"
    monkeypatch.delenv(fetching.URL_VARIABLE)
    assert Way().url(GLO90) == "https://copernicus-dem-90m.s3.amazonaws.com"
    with pytest.raises(TerrainError, match="is not an address"):
        fetch(GLO90, BOTH, Way("file:///etc"))


# ---------------------------------------------------------------- when it breaks off


def test_a_cut_connection_is_resumed_where_it_broke(bucket: Bucket) -> None:
    path = path_of(GLO90, HERE)
    bucket.answers[path] = [cut_after(300), cut_after(150)]
    assert bring(bucket).received_bytes == len(bucket.files[path])
    tag = f'"{hashlib.md5(bucket.files[path]).hexdigest()}"'
    assert [headers.get("Range") for headers in bucket.asked(path)] == [None, "bytes=300-", "bytes=450-"]
    assert [headers.get("If-Range") for headers in bucket.asked(path)] == [None, tag, tag]
    assert_whole(bucket, HERE)


def test_what_came_before_an_end_is_used_the_next_time(bucket: Bucket) -> None:
    path = path_of(GLO90, HERE)
    bucket.answers[path] = [cut_after(500), status(503), status(503)]
    what, where, fix = faults_of(bucket, tries=2)[0]
    assert "does not come: the server answers 503" in what
    assert where == bucket.url + path
    assert "can be reached" in fix
    assert part_of(file_of()).stat().st_size == 500
    assert not is_whole(file_of())
    bring(bucket)
    assert bucket.asked(path)[-1]["Range"] == "bytes=500-"
    assert_whole(bucket, HERE)


def test_tries_count_only_while_nothing_comes(bucket: Bucket) -> None:
    bucket.answers[path_of(GLO90, HERE)] = [cut_after(100) for _ in range(8)]
    bring(bucket, tries=2)
    assert len(bucket.asked(path_of(GLO90, HERE))) == 9
    assert_whole(bucket, HERE)


def test_a_server_that_ignores_ranges_sends_all_again(bucket: Bucket) -> None:
    bucket.ranges = False
    bucket.answers[path_of(GLO90, HERE)] = [cut_after(300)]
    bring(bucket)
    assert_whole(bucket, HERE)


def test_a_file_that_changed_meanwhile_is_begun_anew(bucket: Bucket, tmp_path: Path) -> None:
    path = path_of(GLO90, HERE)
    bucket.answers[path] = [cut_after(500), status(500), status(500)]
    faults_of(bucket, tries=2)
    other = Bucket()
    other.add(tmp_path, GLO90, HERE, noise=3.0)
    bucket.files[path] = other.files[path]
    bring(bucket)
    assert_whole(bucket, HERE)


def test_a_part_that_is_whole_already_is_kept_and_one_too_long_is_not(bucket: Bucket) -> None:
    content = bucket.files[path_of(GLO90, HERE)]
    folder(GLO90).mkdir(parents=True)
    part_of(file_of()).write_bytes(content)
    assert bring(bucket).received_bytes == 0
    assert_whole(bucket, HERE)
    part_of(file_of(EAST)).write_bytes(content * 5)
    bring(bucket, BOTH)
    assert_whole(bucket, HERE, EAST)


def test_interrupted_it_leaves_what_can_be_resumed(bucket: Bucket) -> None:
    path = path_of(GLO90, HERE)
    bucket.answers[path] = [cut_after(400), silent(1.0)]

    def interrupt(label: str, done: int, of: int) -> None:
        if part_of(file_of()).exists() and part_of(file_of()).stat().st_size == 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(GLO90, INSIDE, way(bucket), interrupt)
    assert part_of(file_of()).stat().st_size == 400
    bring(bucket)  # waits for the thread that still holds the part
    assert all(headers.get("Range") == "bytes=400-" for headers in bucket.asked(path)[1:])
    assert_whole(bucket, HERE)


def test_two_at_once_share_the_work(bucket: Bucket) -> None:
    """Locks belong to open files, so two threads stand for two processes."""
    for tile in (HERE, EAST):
        bucket.answers[path_of(GLO90, tile)] = [silent(0.2)]
    both = [threading.Thread(target=bring, args=(bucket, BOTH)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert_whole(bucket, HERE, EAST)
    assert [len(bucket.asked(path_of(GLO90, tile))) for tile in (HERE, EAST)] == [1, 1]


# ---------------------------------------------------------------- when it lies


def test_a_wrong_checksum_is_noticed_and_the_tile_fetched_again(bucket: Bucket) -> None:
    bucket.answers[path_of(GLO90, HERE)] = [spoil]
    bring(bucket)
    assert len(bucket.asked(path_of(GLO90, HERE))) == 2
    assert_whole(bucket, HERE)


@pytest.mark.parametrize(("lie", "said"), [(spoil, "its checksum is wrong"), (page, "what came is no GeoTIFF")])
def test_a_server_that_goes_on_lying_is_given_up(bucket: Bucket, lie: Progress, said: str) -> None:
    bucket.answers[path_of(GLO90, HERE)] = [lie] * 3  # type: ignore[list-item]
    faults = faults_of(bucket)
    assert said in faults[0][0]
    assert "0 of 1 tiles" in faults[1][0]
    assert f"closedsky terrain fetch --region={INSIDE} --posting 90" in faults[1][2]
    assert not file_of().exists()
    assert not part_of(file_of()).exists()


def test_a_listed_tile_that_is_not_there_is_an_error_and_the_others_come(bucket: Bucket) -> None:
    del bucket.files[path_of(GLO90, HERE)]
    faults = faults_of(bucket, BOTH)
    assert f"{HERE.name(GLO90)}: the server answers 404" in faults[0][0]
    assert "1 of 2 tiles" in faults[1][0]
    assert len(bucket.asked(path_of(GLO90, HERE))) == 1
    assert_whole(bucket, EAST)


def test_a_list_of_something_else_is_refused(bucket: Bucket) -> None:
    bucket.files["/tileList.txt"] = b"<html>Please log in</html>"
    assert "lists no tile of Copernicus DEM GLO-90" in faults_of(bucket)[0][0]
    assert not (folder(GLO90) / LIST_FILE).exists()


def test_a_tile_that_rotted_in_the_cache_is_fetched_again(bucket: Bucket) -> None:
    bring(bucket)
    rotten = bytearray(file_of().read_bytes())
    rotten[len(rotten) // 2] ^= 1
    file_of().write_bytes(rotten)
    assert not is_whole(file_of())
    assert len(bring(bucket).fetched) == 1
    assert_whole(bucket, HERE)


# ---------------------------------------------------------------- when it dawdles, or is not there


def test_an_overloaded_server_is_asked_again(bucket: Bucket) -> None:
    bucket.answers[path_of(GLO90, HERE)] = [status(503), status(429)]
    bucket.answers["/tileList.txt"] = [status(500)]
    bring(bucket)
    assert_whole(bucket, HERE)


def test_a_slow_server_is_asked_again_after_the_time_set(bucket: Bucket) -> None:
    bucket.answers[path_of(GLO90, HERE)] = [silent(1.0)]
    bring(bucket, timeout_s=0.1)
    assert len(bucket.asked(path_of(GLO90, HERE))) == 2
    bucket.answers[path_of(GLO90, EAST)] = [silent(1.0)] * 2
    assert "does not answer in time" in faults_of(bucket, BOTH, timeout_s=0.1, tries=2)[0][0]


def test_offline_says_what_is_here_and_what_to_type(bucket: Bucket) -> None:
    nobody = Bucket(url="http://127.0.0.1:9")
    ((what, where, fix),) = faults_of(nobody)
    assert "the list of tiles cannot be fetched: Connection refused; 0 of the 1 tiles" in what
    assert where == "http://127.0.0.1:9/tileList.txt"
    assert "go online and repeat the command" in fix
    bring(bucket)
    assert len(bring(nobody).cached) == 1  # nothing is missing: nobody is asked
    faults = faults_of(nobody, BOTH)
    assert f"{EAST.name(GLO90)} does not come: Connection refused" in faults[0][0]
    assert "1 of 2 tiles of Copernicus DEM GLO-90 are in the cache" in faults[1][0]
    assert f"--region={BOTH} --posting 90" in faults[1][2]


def test_an_old_list_is_renewed_and_serves_where_the_server_is_silent(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(bucket)
    assert len(bucket.asked("/tileList.txt")) == 1
    monkeypatch.setattr(fetching, "LIST_AGE_S", -1.0)
    bring(bucket)
    assert len(bucket.asked("/tileList.txt")) == 2
    assert len(bring(Bucket(url="http://127.0.0.1:9")).cached) == 1


def test_a_cache_that_cannot_be_written_is_said(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("CLOSEDSKY_CACHE", str(tmp_path / "taken"))
    ((what, _, fix),) = faults_of(bucket)
    assert "cannot be kept here" in what
    assert "CLOSEDSKY_CACHE" in fix


def test_land_that_is_not_public_is_not_taken_for_sea(tmp_path: Path) -> None:
    fine, coarse = Bucket(), Bucket()
    fine.add(tmp_path, GLO30, HERE)
    coarse.add(tmp_path, GLO90, HERE, EAST)
    fine.files["/tileList.txt"] += coarse.files["/tileList.txt"]
    with serving(fine), pytest.raises(TerrainError) as caught:
        fetch(GLO30, BOTH, way(fine))
    (fault,) = caught.value.faults
    assert f"1 tiles of land are not public in Copernicus DEM GLO-30 ({EAST.name(GLO30)})" in fault.what
    assert "{tiles: glo90}" in fault.fix
