"""What is asked and answered: the server gives what the rooms behind it give, in the shapes it says, and names nothing of this machine."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import rasterio
import yaml

import closedsky
from closedsky import api
from closedsky.explore.explorer import Explorer
from closedsky.server.app import Options, make_app
from closedsky.server.rate import Rates
from closedsky.server.refusals import MOST_LETTERS, refusal
from tests.server.running import LOOK, Running, running

FOLDER = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|work|var|private)/|\.venv|site-packages")


@pytest.fixture(scope="module")
def schema(server: Running) -> dict[str, Any]:
    return server.ask("/openapi.json").json()  # type: ignore[no-any-return]


def validated(schema: dict[str, Any], name: str, data: Any) -> None:
    """Held against the schema by another library."""
    jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]}).validate(data)


# ---------------------------------------------------------------------------------------------------------------- the schema


def test_the_schema_is_whole(schema: dict[str, Any]) -> None:
    """Every route says what it answers, and how it refuses; every name that is referred to is there."""
    assert set(schema["paths"]) == {
        "/api/about", "/api/quick", "/api/answer", "/api/over-relief", "/api/scenario", "/api/footprint", "/api/lines",
        "/api/examples/{name}/request", "/api/examples/{name}/replay", "/api/claims/{claim}/test",
        "/api/relief/{z}/{x}/{y}", "/api/heights/{z}/{x}/{y}",
    }  # fmt: skip
    for path, methods in schema["paths"].items():
        for told in methods.values():
            assert set(told["responses"]) == {"200", "default"}, path
            assert told["responses"]["default"]["content"] == {
                "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}
            }
            (content,) = told["responses"]["200"]["content"].values()
            assert content["schema"] in ({"type": "string"},) or set(content["schema"]) == {"$ref"}, path
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert names <= set(schema["components"]["schemas"])
    assert {"MapRequest", "QuickAnswer", "SkyAnswer", "About", "Replay", "TestEvent", "FootprintMap", "Lines", "Refusal"} <= names


def test_it_is_the_same_without_a_server(schema: dict[str, Any]) -> None:
    """The types of the globe are made from this one."""
    assert make_app().openapi() == schema


# --------------------------------------------------------------------------------------------------------------------- looks


def test_a_quick_answer_is_what_the_explorer_gives(server: Running, schema: dict[str, Any]) -> None:
    answer = server.post("/api/quick", LOOK)
    assert answer.status == 200
    validated(schema, "QuickAnswer", answer.json())
    explorer: Explorer = server.served.explorer
    look = closedsky.model.globe.MapRequest.model_validate(LOOK)
    assert answer.json() == json.loads(explorer.quick(look).model_dump_json())


def test_full_answer_its_map_and_file_agree(server: Running, schema: dict[str, Any], tmp_path: Path) -> None:
    """The file is run as `closedsky cover` runs it, and gives the share that was shown, to the last digit."""
    full = server.post("/api/answer", LOOK).json()
    validated(schema, "FullAnswer", full)
    quick, answer = full["map"], full["answer"]
    told = server.post("/api/scenario", LOOK)
    assert told.headers["content-type"].startswith("text/yaml")
    file = tmp_path / "look.yaml"
    file.write_bytes(told.body)
    (run,) = (closedsky.cover(file, draws=0, relief=False),)
    (level,) = run.answer.levels
    assert level.closed_share.likely == quick["level"]["closed_share"] == answer["levels"][0]["closed_share"]["likely"]
    assert 0.0 < quick["level"]["closed_share"] < 1.0


def test_the_answer_over_relief_is_that_of_cover(server: Running, schema: dict[str, Any], tmp_path: Path) -> None:
    look = {**LOOK, "terrain": "world"}
    over = server.post("/api/over-relief", look).json()
    validated(schema, "SkyAnswer", over)
    file = tmp_path / "look.yaml"
    file.write_bytes(server.post("/api/scenario", look).body)
    run = closedsky.cover(file, draws=0)
    assert over["relief"] is not None
    assert over["levels"] == [level.model_dump(mode="json") for level in run.answer.levels]
    assert over["warnings"] == list(run.answer.warnings)


def test_about_has_all_there_is_to_choose_from(server: Running, schema: dict[str, Any]) -> None:
    about = server.ask("/api/about").json()
    validated(schema, "About", about)
    assert {one["name"] for one in about["examples"]} == set(api.examples())
    assert [one["id"] for one in about["terrains"]] == ["world", "flat"]
    assert server.ask("/api/about").json() == about


def test_a_footprint(server: Running, schema: dict[str, Any]) -> None:
    asked = {"system": "patriot-pac-3-mse", "at": [33.3, 44.4], "threat": "fateh-110", "from_deg": 90.0, "terrain": "flat"}
    answer = server.post("/api/footprint", asked)
    assert answer.status == 200
    validated(schema, "FootprintMap", answer.json())
    assert answer.json()["areas"]


# ------------------------------------------------------------------------------------------------------------------ examples


def test_requests_and_replays_of_examples(server: Running, schema: dict[str, Any]) -> None:
    for card in server.ask("/api/about").json()["examples"]:
        look = server.ask(f"/api/examples/{card['name']}/request")
        assert look.status == 200
        validated(schema, "MapRequest", look.json())
        played = server.ask(f"/api/examples/{card['name']}/replay?variant={card['variants'][-1]}&trial=3")
        assert played.status == (200 if card["has_raid"] else 422)
        if card["has_raid"]:
            validated(schema, "Replay", played.json())
            assert (played.json()["variant"], played.json()["trial"]) == (card["variants"][-1], 3)
            assert server.ask(f"/api/examples/{card['name']}/replay?variant={card['variants'][-1]}&trial=3").body == played.body


@pytest.mark.parametrize(
    "path",
    [
        "none/request", "none/replay", "first-battery/replay?variant=none", "first-battery/request?variant=none", "no-navy/replay",
        "first-battery/replay?trial=-1", "first-battery/replay?trial=x", "first-battery/replay?trial=99999999999999999999",
        "%2fetc%2fpasswd/replay", "..%2f..%2fsecret.yaml/request", "first-battery.yaml/replay", "first-battery%00/replay",
        ".%2ffirst-battery.yaml/look",
    ],
)  # fmt: skip
def test_what_is_no_example_is_refused(server: Running, path: str) -> None:
    """No file of anybody is named by a request."""
    answer = server.ask(f"/api/examples/{path}")
    assert answer.status in (404, 422)
    assert answer.faults()


# -------------------------------------------------------------------------------------------------------------------- ground


def test_tiles_are_octets_of_their_size(server: Running) -> None:
    relief, heights = server.ask("/api/relief/2/5/1"), server.ask("/api/heights/2/5/1")
    assert (len(relief.body), relief.headers["content-type"]) == (256 * 256 * 2, "application/octet-stream")
    assert (len(heights.body), heights.headers["content-type"]) == (65 * 65 * 4, "application/octet-stream")
    assert all(-500.0 < height < 9_000.0 for (height,) in struct.iter_unpack("<f", heights.body))


@pytest.mark.parametrize("tile", ["9/0/0", "0/2/0", "0/0/1", "-1/0/0", "0/-1/0", "x/0/0", "0/0/99999999999999999999", "0/0/0.5"])
@pytest.mark.parametrize("kind", ["relief", "heights"])
def test_tiles_that_do_not_exist_are_refused(server: Running, kind: str, tile: str) -> None:
    answer = server.ask(f"/api/{kind}/{tile}")
    assert answer.status == 422
    assert answer.faults()


def test_lines(server: Running, schema: dict[str, Any]) -> None:
    lines = server.ask("/api/lines").json()
    validated(schema, "Lines", lines)
    assert all(len(line) % 2 == 0 for line in lines["coasts"] + lines["borders"])


# ------------------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"units": [{"id": "a", "system": "s-999", "at": [33.3, 44.4]}]}, "defence[0].system", "s-999"),
        ({"units": [{"id": "a", "system": "s-400", "at": [133.3, 44.4]}]}, "units[0].at", "latitude"),
        ({"units": [{"id": "a", "system": "s-400"}]}, "units[0].at", "missing"),
        ({"level_m": "high"}, "level_m", "not a number"),
        ({"levelm": 1}, "levelm", "unknown field"),
        ({"terrain": "/etc/passwd"}, "terrain", "no terrain"),
        ({"terrain": "glo30"}, "terrain", "no terrain"),
        ({"country": "Atlantis"}, "country", "Atlantis"),
        ({"example": "../../x.yaml"}, "example", "no shipped example"),
        ({"example": "/etc/passwd"}, "example", "no shipped example"),
    ],
)
def test_a_wrong_look_is_told_what_where_and_how(server: Running, changes: dict[str, Any], where: str, what: str) -> None:
    answer = server.post("/api/quick", {**LOOK, **changes})
    assert answer.status == 422
    (fault,) = answer.faults()
    assert where in fault["where"]
    assert what in fault["what"]


def test_every_fault_is_told_at_once(server: Running) -> None:
    faults = server.post("/api/answer", {**LOOK, "level_m": "x", "together": 0, "cell_m": 1.0}).faults()
    assert {fault["where"] for fault in faults} == {"level_m", "together", "cell_m"}


def test_an_error_of_ours_is_no_secret_but_its_inside_is(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(look: object, step: object) -> object:
        raise ZeroDivisionError("inside /home/someone")

    monkeypatch.setattr(server.served.explorer, "quick", broken)
    answer = server.post("/api/quick", LOOK)
    assert answer.status == 500
    assert "inside" not in answer.body.decode()
    assert "Traceback" not in answer.body.decode()
    assert answer.faults()[0]["fix"].startswith("the terminal")
    assert "ZeroDivisionError: inside" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/home/me/data/hills.tif: not a raster", "hills.tif: not a raster"),
        ("cannot read '/a/b/c.tif' or /d/e", "cannot read 'c.tif' or e"),
        (r"C:\Users\me\hills.tif is none", "hills.tif is none"),
        ("300 km/h, and/or m²/s; api/about; 1/2", "300 km/h, and/or m²/s; api/about; 1/2"),
        ("\ud800", "?"),
        ("x" * 10_000, "x" * (MOST_LETTERS - 1) + "…"),
    ],
)
def test_folders_of_this_machine_are_not_told(said: str, told: str) -> None:
    (fault,) = refusal([closedsky.errors.Fault(said, "here", "so")]).faults
    assert fault.what == told


# ---------------------------------------------------------------------------------------------------------- a ground of one's own


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster of level ground, 300 m above the sea, around Baghdad."""
    path = tmp_path_factory.mktemp("ground") / "hills.tif"
    rows, columns, step = 241, 361, 0.05
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(step, 0.0, 36.0, 0.0, -step, 39.5),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, rows, columns), 300.0, np.float32))
    return path


def test_a_raster_goes_by_its_name_alone(static: Path, hills: Path, tmp_path: Path) -> None:
    """It is used, and its folder is not told, in answers or in the file, which is read where the raster lies beside it."""
    look = {**LOOK, "terrain": "hills", "country": None}
    options = Options({"world": "world", "flat": "flat", "hills": str(hills)}, static=static, rates=Rates(heavy=(1e6, 1e6)))
    with running(options) as server:
        answers = [server.ask("/api/about"), *(server.post(f"/api/{kind}", look) for kind in ("quick", "answer", "scenario"))]
        answers.append(server.post("/api/quick", {**look, "units": [{"id": "a", "system": "s-400", "at": [0.0, 0.0]}]}))
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 422]
    for answer in answers:
        assert not FOLDER.search(answer.body.decode())
        assert str(hills.parent) not in answer.body.decode()
    assert "hills" in answers[1].json()["terrain_label"]
    told = yaml.safe_load(answers[3].body)
    assert told["environment"]["terrain"] == {"file": "hills.tif"}
    (hills.parent / "look.yaml").write_bytes(answers[3].body)
    (level,) = closedsky.cover(hills.parent / "look.yaml", draws=0, relief=False).answer.levels
    assert level.closed_km2.likely == answers[1].json()["level"]["closed_km2"]
