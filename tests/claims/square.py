"""A claim about a square around one unit, small enough to be assessed in seconds, in a file beside its scenario."""

import json
import math
from pathlib import Path
from typing import Any

from tests.acceptance.sandbox import HOME, Tree, radar, system

DEG_KM = 111.2
"""A degree of latitude at 50 N; of the square's area the exact figure is taken."""

CLAIM: Tree = {
    "closedsky": 1, "id": "it-is-closed", "said": "It is closed.", "words": "quotation", "speaker": "Somebody",
    "date": "2020-01-10", "grade": "read",
    "source": ["a-book"], "means": "95 % of a square.", "sources": {"a-book": {"title": "A book"}},
}  # fmt: skip


def square(half_km: float) -> list[list[float]]:
    north, east = half_km / DEG_KM, half_km / DEG_KM / math.cos(math.radians(HOME[0]))
    return [[HOME[0] + y * north, HOME[1] + x * east] for y, x in ((-1, -1), (-1, 1), (1, 1), (1, -1))]


def write(folder: Path, half_km: float, terrain: str = "flat", named: str = "square.yaml", **claim: Any) -> Path:
    """The claim's file. JSON is YAML.

    The scenario is `named` beside it: a name without an ending is found there before a shipped one. Over coarse terrain the radar sees
    less far, since relief is made up as far as it sees.
    """
    eye = radar(instrumented_range="600 km" if terrain == "flat" else "90 km")
    unit = system(reach_m=50_000.0, radars={"eye": eye})
    unit["missiles"]["round"]["targets"]["cruise"]["range_max"] = {"value": 50, "low": 20, "high": 80, "unit": "km"}
    scenario = {
        "closedsky": 2, "name": "square", "title": "A square", "environment": {"terrain": terrain},
        "networks": {"air-defence": {"link_delay_s": 0.0}},
        "defence": [{"id": "unit", "system": "ideal", "at": list(HOME)}], "catalogue": {"systems": {"ideal": unit}},
        "cover": {"target": {"kind": "cruise"}, "outline": square(half_km), "cell_m": 1000},
    }  # fmt: skip
    (folder / named).write_text(json.dumps(scenario))
    path = folder / "claim.yaml"
    path.write_text(json.dumps(CLAIM | {"tests": [{"scenario": named, "level_m": 1000}]} | claim))
    return path


def ledger_of_it(package: Path) -> Path:
    """A package folder whose ledger has one claim, refuted over statistical relief, and a what-if that is not; the path of the claim.

    The globe shows the shipped example that the claim names; what is tested is the square, which has its name and lies beside the claim.
    """
    folder = package / "ledger"
    folder.mkdir()
    tests = [{"scenario": "no-navy", "level_m": level} for level in (1000, 3000)]
    what_ifs = [{"title": "a tenth is enough", "at_least": 0.1}, {"title": "it is faster", "speed_mps": 300}]
    return write(folder, 100.0, "world", "no-navy", tests=tests, what_if=what_ifs)
