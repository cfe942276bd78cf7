"""The shipped geoid against NGA's own test points, and the way it is packed against itself."""

import importlib.util
import struct
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from closedsky.errors import TerrainError
from closedsky.geo import geoid
from closedsky.geo.geoid import bilinear, undulation_m, unpack
from closedsky.geo.shipped import read_shipped, unwrap, wrap
from tests.reference.tables import rows

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_geoid.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_geoid", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("row", rows("egm96"), ids=lambda row: f"{row['lat_deg']}-{row['lon_deg']}")
def test_points_of_the_authority(row: dict[str, str]) -> None:
    # 99 of 100 nodes of the 15' grid are within 0.54 m of what is interpolated between the nodes kept (the script prints it).
    ours = undulation_m(float(row["lat_deg"]), float(row["lon_deg"]))
    assert float(ours) == pytest.approx(float(row["undulation_m"]), abs=0.54)


def test_the_shape_of_the_world() -> None:
    """The geoid is lowest south of India, at -106 to -107 m, and highest over New Guinea, at 85 m (NIMA TR8350.2)."""
    lat, lon = np.mgrid[-90:90.5:0.5, -180:180:0.5]
    height = undulation_m(lat, lon)
    low, high = np.unravel_index(height.argmin(), height.shape), np.unravel_index(height.argmax(), height.shape)
    assert (lat[low], lon[low]) == (pytest.approx(4.5, abs=1.0), pytest.approx(78.75, abs=1.0))
    assert (lat[high], lon[high]) == (pytest.approx(-8.25, abs=1.0), pytest.approx(147.25, abs=1.0))
    # 1 m: published in whole metres, and an extreme may fall between the nodes kept
    assert height.min() == pytest.approx(-107.0, abs=1.0)
    assert height.max() == pytest.approx(85.0, abs=1.0)


def test_it_wraps_and_takes_shapes() -> None:
    assert undulation_m(12.3, 180.0) == undulation_m(12.3, -180.0)
    assert undulation_m(12.3, 179.9) == pytest.approx(undulation_m(12.3, -180.1), abs=1e-9)
    assert undulation_m(12.3, -179.75) == pytest.approx(undulation_m(12.3, 540.25), abs=1e-9)
    assert undulation_m(90.0, 3.0) == undulation_m(90.0, -77.3)
    assert undulation_m(-90.0, 3.0) == undulation_m(-90.0, 179.9)
    assert undulation_m(np.zeros((3, 1)), np.zeros(4)).shape == (3, 4)
    assert np.isnan(undulation_m([90.1, np.nan, 0.0, 0.0], [0.0, 0.0, np.nan, np.inf])).all()


def test_between_nodes_it_is_bilinear() -> None:
    rows_, cols = 5, 8
    nodes = np.arange(rows_ * cols, dtype=np.int16).reshape(rows_, cols)  # 8 cm a row southward, 1 cm a column eastward
    lat, lon = np.linspace(90.0, -90.0, 37), np.linspace(-180.0, 134.9, 37)
    plane = 0.08 * (90.0 - lat) / 45.0 + 0.01 * (lon + 180.0) / 45.0
    np.testing.assert_allclose(bilinear(nodes, lat, lon), plane, atol=1e-12)
    # from the last column back to the first: 7 to 0 cm along the northern row
    assert bilinear(nodes, 90.0, 157.5) == pytest.approx(0.035)


def gtx(path: Path, heights: np.ndarray, south: float = -90.0) -> Path:
    head = struct.pack(">4d2i", south, -180.0, 0.25, 0.25, *heights.shape)
    path.write_bytes(head + heights[::-1].astype(">f4").tobytes())
    return path


def test_the_script_keeps_every_second_node(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heights = np.random.default_rng(1).uniform(-107.0, 86.0, (721, 1440))
    target = tmp_path / "geoid.bin"
    given = gtx(tmp_path / "egm.gtx", heights)
    assert script.main([str(given), "--target", str(target)]) == 0
    kept = unpack(*unwrap(target.read_bytes(), "geoid.bin"))
    np.testing.assert_allclose(kept / 100.0, heights[::2, ::2], atol=0.0051)
    assert script.main([str(given), "--target", str(target), "--check"]) == 0
    heights[0, 0] += 1.0
    assert script.main([str(gtx(given, heights)), "--target", str(target), "--check"]) == 1
    assert "DIFFER" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="not the geoid"):
        script.main([str(gtx(given, heights, south=0.0)), "--target", str(target)])


def test_what_is_shipped() -> None:
    header, body = read_shipped(geoid.GEOID_FILE)
    assert unpack(header, body).shape == (361, 720)
    assert "EGM96" in header["source"]
    assert "public domain" in header["attribution"]


def test_a_damaged_file_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    good = wrap({"name": "x"}, b"body")
    assert unwrap(good, "x.bin") == (unwrap(good, "x.bin")[0], b"body")
    head, _, rest = good.partition(b"\n")
    other = wrap({"name": "x"}, b"bodY").partition(b"\n")[2]
    for bad, what in ((b"", "damaged"), (head, "damaged"), (b"{}\n" + rest, "damaged"), (head + b"\n" + other, "checksum")):
        with pytest.raises(TerrainError, match=what) as caught:
            unwrap(bad, "x.bin")
        assert "x.bin" in caught.value.faults[0].what
    with pytest.raises(TerrainError, match="cannot be read"):
        read_shipped("nothing.bin")
