#!/usr/bin/env python3
"""Whether two checkouts give the same answers: every example and some requests, seeds fixed, through the command line.

    python scripts/same_answers.py record CHECKOUT FOLDER     write a checkout's answers to a folder
    python scripts/same_answers.py compare FOLDER FOLDER      compare two such folders; exit 1 if they differ

`record` runs this interpreter's packages on CHECKOUT/src. Of `run` the bytes of the JSON are compared; of `cover` and `footprint` the
answer and every array of every raster, and the footprints' outlines.
"""

import filecmp
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

REQUESTS = {
    "run-first-battery": "run first-battery --trials 2000 --seed 7 --json",
    "run-al-asad-erbil-2020": "run al-asad-erbil-2020 --trials 2000 --seed 7 --json",
    "run-noise-and-decoys": "run noise-and-decoys --trials 1000 --seed 7 --json",
    "cover-no-navy": "cover no-navy --json --out",
    "cover-close-the-sky-iraq": "cover close-the-sky-iraq --json --out",
    "cover-close-the-sky-iran": "cover close-the-sky-iran --json --out",
    "cover-s-400": "cover s-400 --at 33.3,44.4 --heading 90 --height 100,3000 --json --out",
    "cover-patriot": "cover patriot-pac-3-mse --at 46.9,10.9 --altitude 3000,8000 --rcs 0.1 --json --out",
    "footprint-s-400": "footprint s-400 --at 33.3,44.4 --range 300 --from 0,90,200 --json --out",
    "footprint-s-300v4": "footprint s-300v4 --at 35.7,51.4 --threat scud-b --from 300 --heading 280 --json --out",
    "footprint-patriot": "footprint patriot-pac-3-mse --at 33.8,42.4 --threat fateh-110 --from 45,120 --opportunities 2 --json --out",
    "claims": "claims --json",
}


def record(checkout: Path, folder: Path) -> None:
    """Write a checkout's answers to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "PYTHONPATH": str(checkout.absolute() / "src")}
    for name, request in REQUESTS.items():
        arguments = request.split()
        if arguments[-1] == "--out":
            arguments += [str(folder.absolute() / name), "--force"]
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", "from closedsky.cli import main; main()", *arguments], env=env, capture_output=True, text=True
        )
        print(f"{name}: exit {done.returncode}, {time.perf_counter() - begun:.1f} s", flush=True)
        if done.returncode:
            print(done.stderr[-2000:], flush=True)
        (folder / f"{name}.json").write_text(done.stdout, encoding="utf-8")


def compare(old: Path, new: Path) -> int:
    """Say what differs between two folders of answers."""
    differing = 0
    for name in REQUESTS:
        answers = [folder / f"{name}.json" for folder in (old, new)]
        said = "same bytes" if filecmp.cmp(*answers, shallow=False) else _differences(*answers)
        print(f"{name}: {said}")
        differing += said != "same bytes"
        for file in sorted((old / name).glob("*.tif")) if (old / name).is_dir() else []:
            said = _rasters(file, new / name / file.name)
            print(f"  {file.name}: {said}")
            differing += not said.startswith("same")
        for file in sorted((old / name).glob("*.geojson")) if (old / name).is_dir() else []:
            there = new / name / file.name
            same = there.exists() and json.loads(file.read_text()) == json.loads(there.read_text())
            print(f"  {file.name}: {'same' if same else 'DIFFERS' if there.exists() else 'MISSING'}")
            differing += not same
    print("everything is the same" if not differing else f"{differing} differences")
    return 1 if differing else 0


def _rasters(old: Path, new: Path) -> str:
    import rasterio

    if not new.exists():
        return "MISSING"
    with rasterio.open(old) as one, rasterio.open(new) as other:
        a, b = one.read(), other.read()
        if one.transform != other.transform or a.shape != b.shape:
            return "DIFFERS in place or shape"
    apart = ~((a == b) | (np.isnan(a.astype(float)) & np.isnan(b.astype(float))))
    return f"same {a.shape}" if not apart.any() else f"DIFFERS in {int(apart.sum())} of {a.size}"


def _differences(old: Path, new: Path) -> str:
    try:
        a, b = (json.loads(file.read_text()) for file in (old, new))
    except json.JSONDecodeError as error:
        return f"NO JSON: {error}"
    found = list(_walk(a, b, ""))
    return "DIFFERS: " + "; ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")


def _walk(a: object, b: object, path: str):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a.keys() | b.keys():
            yield from _walk(a.get(key), b.get(key), f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _walk(x, y, f"{path}[{i}]")
    elif a != b:
        yield f"{path} {a!r} -> {b!r}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", checkout, folder]:
            record(Path(checkout), Path(folder))
        case ["compare", old, new]:
            sys.exit(compare(Path(old), Path(new)))
        case _:
            sys.exit(__doc__)
