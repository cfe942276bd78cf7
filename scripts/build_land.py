"""Build the shipped coastlines and borders from Natural Earth.

    python scripts/build_land.py PATH_TO_countries-50m.json            writes src/closedsky/geo/data/land-50m.bin
    python scripts/build_land.py PATH_TO_countries-50m.json --check    compares what it would write with what is shipped

The input is a file of the npm package ``world-atlas``, version 2.0.2 (``npm pack world-atlas@2.0.2``): the countries of Natural Earth
4.1.0 at 1:50 million, admin 0, in the public domain, as TopoJSON. Its points lie on a lattice of 100,000 by 100,000 over the world
(0.0036 by 0.0017 degrees, 400 by 193 m at the equator); each stretch of line between two junctions is one arc, told once.

What is written: those arcs as they are (whole numbers, first point and steps), and of each country its ISO 3166-1 alpha-3 code, its
name and its polygons, as lists of rings of arcs (~k is arc k backwards). Codes come from the numeric ones of the input by
``iso3166.csv`` (ISO 3166-1, as Debian's iso-codes 4.15 lists it). Kosovo, Northern Cyprus, Somaliland, the Siachen Glacier and Natural
Earth's Indian Ocean Territories have no code in the input and keep their names alone; Ashmore and Cartier Islands, which bear
Australia's, join it. A ring that runs along the South Pole itself, left from a flat map, is dropped. Lines that cross the antimeridian
run on across it: the lattice's first and last column are one meridian.
"""

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

from closedsky.geo.land import LAND_FILE, unpack
from closedsky.geo.shipped import unwrap, wrap

TARGET = Path(__file__).resolve().parent.parent / "src" / "closedsky" / "io" / "data" / LAND_FILE
CODES = Path(__file__).resolve().with_name("iso3166.csv")
HEADER = {
    "name": "Natural Earth 1:50m",
    "source": "Natural Earth 4.1.0, 1:50m admin 0 countries, by way of npm world-atlas 2.0.2",
    "attribution": "Coastlines and borders: Natural Earth 4.1.0, 1:50 million, public domain; borders as they are held on the ground, "
    "which is no statement about whose they are.",
}

Polygons = list[list[list[int]]]


def countries(topology: dict[str, Any], codes: dict[str, str]) -> dict[tuple[str, str], Polygons]:
    """(alpha-3 code or nothing, name) to polygons, in the order of code and name."""
    found: dict[tuple[str, str], Polygons] = {}
    keys: dict[str, tuple[str, str]] = {}
    shapes = topology["objects"]["countries"]["geometries"]
    for shape in sorted(shapes, key=lambda shape: -len(json.dumps(shape["arcs"]))):  # the largest of a code gives it its name
        name, number = shape["properties"]["name"], shape.get("id")
        key = keys.setdefault(number or name, (codes[number] if number else "", name))
        polygons = {"Polygon": [shape["arcs"]], "MultiPolygon": shape["arcs"]}[shape["type"]]
        for rings in polygons:
            found.setdefault(key, []).append([ring for ring in rings if not _along_the_pole(topology["arcs"], ring)])
    return dict(sorted(found.items()))


def _along_the_pole(arcs: list[list[list[int]]], ring: list[int]) -> bool:
    """True where no point of a ring leaves the lattice's lowest row."""
    return all(y == 0 for k in ring for y in _rows(arcs[max(k, ~k)]))


def _rows(arc: list[list[int]]) -> list[int]:
    total, rows = 0, []
    for _, step in arc:
        total += step
        rows.append(total)
    return rows


def pack(topology: dict[str, Any], codes: dict[str, str]) -> bytes:
    """The bytes that ``closedsky.geo.land.unpack`` reads."""
    known = [{"iso3": iso3, "name": name, "polygons": polygons} for (iso3, name), polygons in countries(topology, codes).items()]
    used = sorted({max(k, ~k) for country in known for rings in country["polygons"] for ring in rings for k in ring})
    place = {old: new for new, old in enumerate(used)}
    for country in known:
        country["polygons"] = [
            [[place[k] if k >= 0 else ~place[~k] for k in ring] for ring in rings] for rings in country["polygons"]
        ]
    body = {"transform": topology["transform"], "arcs": [topology["arcs"][k] for k in used], "countries": known}
    return wrap(HEADER, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def main(arguments: list[str] | None = None) -> int:
    """Build, or with ``--check`` compare; 0 when done or equal, 1 when the shipped lines differ."""
    parser = argparse.ArgumentParser(description="Build the shipped coastlines and borders from Natural Earth.")
    parser.add_argument("topology", type=Path, help="countries-50m.json of npm's world-atlas 2.0.2")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the shipped file")
    parser.add_argument("--target", type=Path, default=TARGET, help="the file to write or compare (default: the shipped one)")
    options = parser.parse_args(arguments)
    topology = json.loads(options.topology.read_text(encoding="utf-8"))
    if topology.get("type") != "Topology" or "countries" not in topology.get("objects", {}):
        raise SystemExit("not the topology this script knows: it has no object 'countries'")
    codes = {row["numeric"]: row["alpha3"] for row in csv.DictReader(CODES.read_text(encoding="utf-8").splitlines())}
    packed = pack(topology, codes)
    if options.check:
        same = unwrap(options.target.read_bytes(), LAND_FILE) == unwrap(packed, LAND_FILE)
        print("the shipped lines are those of the input" if same else "the shipped lines DIFFER from the input")
        return 0 if same else 1
    land = unpack(*unwrap(packed, LAND_FILE))
    options.target.write_bytes(packed)
    print(f"{options.target.name}: {len(land.countries)} countries, {len(land.coasts)} coastlines, {len(packed):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
