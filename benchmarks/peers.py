"""`python -m benchmarks.peers`: compares time and error of the visibility floor with GDAL and GRASS, in one run.

README.md explains the tables.
"""

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import closedsky
from benchmarks.machine import machine
from closedsky import api
from closedsky.geo.terrain import read_raster, write_raster
from tests.reference import profile, relief
from tests.reference.profile import Reals, Surface, Whole

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "tests" / "reference" / "floor_peers.csv"
INSTALL = "apt-get install -y gdal-bin python3-gdal grass-core"
MODES = ("edge", "diagonal", "max", "min")
MAST_M = 20.0
TARGETS_M = (100, 300)
SMALL = 1200
TOUCHED, PIECE = 1 << 30, 1 << 24
"""Bytes: each side uses 0.8 GB of memory, and files of half a GB."""
FALL = 0.75 * 6_378_137.0 / profile.EARTH_RADIUS_M
"""Curvature less refraction, 1 - 1/4, scaled for an effective radius of 4/3 · 6,371 km: GDAL, GRASS use the equatorial radius of WGS84."""


class Task(NamedTuple):
    """One antenna, at a node, on one raster file."""

    land: Surface
    file: Path
    lat_deg: float
    lon_deg: float
    x: float
    y: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--size", type=int, default=8000, help="rows and columns of the raster that is timed")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side, by turns")
    parser.add_argument("--nodes", type=int, default=20_000, help="nodes with an exact profile")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    parser.add_argument("--table", action="store_true", help=f"write {TABLE.name} of the tests anew, and nothing else")
    args = parser.parse_args()
    python = installed()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.table:
            write_table(task(folder, SMALL), python)
            return
        report: dict[str, Any] = {
            "date": date.today().isoformat(),
            "machine": machine("numba", "numpy", "rasterio"),
            "versions": versions(python),
        }
        for what, value in (report["machine"] | report["versions"]).items():
            print(f"{what:<12}{value}")
        wide, small = task(folder, args.size), task(folder, SMALL)
        report["seconds"] = timed(wide, args.rounds)
        report["errors"] = {f"{args.size:,}²": errors(wide, args.nodes, python, grass=False)}
        report["errors"][f"{SMALL:,}²"] = errors(small, args.nodes, python, grass=True)
        for size, table in report["errors"].items():
            show_errors(size, table)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


# ---------------------------------------------------------------- set-up


def installed() -> str:
    """An interpreter with GDAL's bindings; ends the run with instructions if GDAL or GRASS is missing."""
    pythons = [path for path in ("/usr/bin/python3", shutil.which("python3")) if path and Path(path).exists()]
    python = next((path for path in pythons if has_gdal(path)), None)
    missing = [name for name in ("gdal_viewshed", "grass") if shutil.which(name) is None]
    missing += [] if python else ["GDAL's Python bindings"]
    if missing or python is None:
        sys.exit(f"Not installed: {', '.join(missing)}. On Debian and Ubuntu: {INSTALL}")
    return python


def has_gdal(python: str) -> bool:
    return subprocess.run([python, "-c", "from osgeo import gdal"], capture_output=True, check=False).returncode == 0


def versions(python: str) -> dict[str, str]:
    asked = [python, "-c", "from osgeo import gdal; print(gdal.__version__)"]
    gdal = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    grass = subprocess.run(["grass", "--config", "version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"gdal": gdal, "grass": grass}


def task(folder: Path, size: int) -> Task:
    """Fractal terrain in UTM, with an antenna on the highest node of its central part."""
    land = relief.utm(relief.fractal(size, 1))
    lat_deg, lon_deg = relief.site(land, "summit")
    row, column = (round(float(at)) for at in land.place(lon_deg, lat_deg))
    file = relief.write(folder / f"land-{size}.tif", land)
    return Task(land, file, lat_deg, lon_deg, land.left + column * land.dx, land.top - row * land.dy)


# ---------------------------------------------------------------- time


def timed(task: Task, rounds: int) -> dict[str, Any]:
    """Times of complete commands, and of both sides without interpreter start; the order alternates."""
    folder = task.file.parent
    ours = [sys.executable, "-c", "from closedsky.cli.app import main; main()", "terrain", "floor", str(task.file)]
    ours += ["--at", f"{task.lat_deg},{task.lon_deg}", "--height", str(MAST_M), "--out", str(folder / "ours.tif")]
    theirs = ["gdal_viewshed", "-q", "-om", "GROUND", "-ox", str(task.x), "-oy", str(task.y), "-oz", str(MAST_M)]
    theirs += ["-cc", str(FALL), str(task.file), str(folder / "gdal.tif")]
    sides: dict[str, Callable[[], dict[str, float]]] = {
        "closedsky, command": lambda: command(ours),
        "closedsky, called": lambda: called(task, folder / "called.tif"),
        "gdal_viewshed": lambda: command(theirs),
    }
    for side in sides.values():
        side()  # warm-up: compiles kernels and reads the file into memory
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name in list(sides)[:: 1 if turn % 2 else -1]:
            for made in ("ours.tif", "called.tif", "gdal.tif"):
                (folder / made).unlink(missing_ok=True)
            bring_memory(folder)
            runs[name].append(sides[name]())
    print(f"\n{'':<22}{'wall s':>20}{'GDAL over it':>22}{'processor s':>14}{'peak MB':>10}")
    for name, found in runs.items():
        wall = [run["wall_s"] for run in found]
        ratio = [peer["wall_s"] / run["wall_s"] for peer, run in zip(runs["gdal_viewshed"], found, strict=True)]
        print(
            f"{name:<22}{spread(wall, 2):>20}{spread(ratio, 2):>22}{statistics.median(run['processor_s'] for run in found):>14.2f}"
            f"{max(run['peak_mb'] for run in found):>10.0f}"
        )
    return runs


def bring_memory(folder: Path) -> None:
    """Touch as much memory as a run needs, including its files, and free it again.

    A virtual machine returns freed pages to its host and is slow to get them back (256 MB of a file: 0.6 s instead of 0.08 s); otherwise
    the side that runs second would pay for this.
    """
    subprocess.run([sys.executable, "-c", f"bytearray(b'x') * {TOUCHED}"], check=True)
    scratch = folder / "scratch"
    with scratch.open("wb") as file:
        for _ in range(TOUCHED // PIECE):
            file.write(bytes(PIECE))
    scratch.unlink()


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def command(words: list[str]) -> dict[str, float]:
    """Wall time, processor time and memory of a command."""
    paths = [str(Path(closedsky.__file__).resolve().parent.parent), str(HERE.parent)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    began, peak_mb, done = time.perf_counter(), 0.0, 0
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)
    while not done:
        peak_mb = max(peak_mb, held_mb(process.pid))
        time.sleep(0.005)
        done, status, used = os.wait4(process.pid, os.WNOHANG)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)}: exit {process.returncode}")
    return {"wall_s": took, "processor_s": used.ru_utime + used.ru_stime, "peak_mb": peak_mb}


def held_mb(pid: int) -> float:
    """Peak memory of a process so far; `getrusage` would include that of its parent at the start."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024.0
    except (OSError, StopIteration):
        return 0.0


def called(task: Task, out: Path) -> dict[str, float]:
    """The same work by the functions that the command calls, in this process."""
    began, used = time.perf_counter(), time.process_time()
    raster = read_raster(task.file)
    floor = api.floor(raster, task.lat_deg, task.lon_deg, MAST_M, threads=2)
    write_raster(out, raster, floor, {}, compress=False)
    return {"wall_s": time.perf_counter() - began, "processor_s": time.process_time() - used, "peak_mb": float("nan")}


# ---------------------------------------------------------------- error


def by_gdal(task: Task, python: str, rows: Whole, columns: Whole) -> dict[str, Reals]:
    """Least visible height above ground, by mode."""
    given = {"source": str(task.file), "target": str(task.file.with_suffix("")), "x": task.x, "y": task.y}
    given |= {"height_m": MAST_M, "curvature": FALL, "modes": MODES}
    subprocess.run([python, str(HERE / "gdal_modes.py"), json.dumps(given)], check=True, capture_output=True)
    return {mode: values(f"{given['target']}-{mode}.tif", rows, columns) for mode in MODES}


def by_grass(task: Task, target_m: int, rows: Whole, columns: Whole) -> Reals:
    """1 where a target is visible."""
    out = task.file.with_name("grass.tif")
    numbers = (task.x, task.y, MAST_M, target_m, 1.0 - FALL)
    words = ["grass", "--tmp-location", str(task.file), "--exec", "sh", str(HERE / "grass_seen.sh"), str(task.file)]
    subprocess.run([*words, *map(repr, numbers), str(out)], check=True, capture_output=True)
    return (values(out, rows, columns) == 1.0).astype(np.float64)


def values(file: str | Path, rows: Whole, columns: Whole) -> Reals:
    import rasterio

    with rasterio.open(file) as raster:
        return np.asarray(raster.read(1)[rows, columns], np.float64)


def nodes_of(task: Task, count: int) -> tuple[Whole, Whole]:
    rows, columns = np.random.default_rng(7).integers(0, len(task.land.heights), (2, count))
    return rows, columns


def errors(task: Task, count: int, python: str, grass: bool) -> dict[str, dict[str, float]]:
    """Quantiles of the absolute error of each tool, and the share of nodes with a wrong visibility of a target."""
    rows, columns = nodes_of(task, count)
    ground = task.land.heights[rows, columns].astype(np.float64)
    antenna = profile.antenna(task.land, task.lat_deg, task.lon_deg, MAST_M)
    plane = profile.PlaneAntenna(antenna.lon_deg, antenna.lat_deg, antenna.alt_m)
    exact = profile.floor(task.land, antenna, rows, columns) - ground
    exact_plane = profile.floor(task.land, plane, rows, columns) - ground
    raster = read_raster(task.file)
    ours = api.floor(raster, task.lat_deg, task.lon_deg, MAST_M, threads=2)[rows, columns] - ground
    table = {"closedsky": wrong(ours, exact)}
    for mode, found in by_gdal(task, python, rows, columns).items():
        table[f"GDAL, {mode}"] = wrong(found, exact)
        table[f"GDAL, {mode}, own model"] = wrong(found, exact_plane)
    if grass:
        seen = {target: by_grass(task, target, rows, columns) for target in TARGETS_M}
        for name, truth in (("GRASS", exact), ("GRASS, own model", exact_plane)):
            table[name] = {f"seen {t}": float(np.mean((truth <= t) != (seen[t] == 1.0))) for t in TARGETS_M}
    return table


def wrong(found: Reals, exact: Reals) -> dict[str, float]:
    error = np.abs(found - exact)
    quantiles = {
        "median": np.median(error),
        "95 %": np.quantile(error, 0.95),
        "99 %": np.quantile(error, 0.99),
        "most": error.max(),
    }
    seen = {f"seen {target}": np.mean((found <= target) != (exact <= target)) for target in TARGETS_M}
    return {what: float(value) for what, value in (quantiles | seen).items()}


def show_errors(size: str, table: dict[str, dict[str, float]]) -> None:
    heads = ("median", "95 %", "99 %", "most")
    print(
        f"\n{size + ', error in m':<28}"
        + "".join(f"{head:>10}" for head in heads)
        + f"  seen or not, wrongly, at {TARGETS_M[0]} m, {TARGETS_M[1]} m"
    )
    for name, row in table.items():
        cells = "".join(f"{row[head]:>10.2f}" if head in row else f"{'-':>10}" for head in heads)
        print(f"{name:<28}{cells}" + "".join(f"{row[f'seen {target}']:>10.2%}" for target in TARGETS_M))


# ---------------------------------------------------------------- table for the tests


def write_table(task: Task, python: str) -> None:
    """Write results of the peers at a thousand nodes of the small raster, as heights above ground."""
    rows, columns = nodes_of(task, 1000)
    found = by_gdal(task, python, rows, columns)
    seen = {f"grass_{target}": by_grass(task, target, rows, columns) for target in TARGETS_M}
    source = "; ".join(f"{name.upper()} {version}" for name, version in versions(python).items())
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "column", "ground_m", *(f"gdal_{mode}" for mode in MODES), *seen, "basis", "source"])
        for node, (row, column) in enumerate(zip(rows, columns, strict=True)):
            heights = [f"{task.land.heights[row, column]:.2f}", *(f"{found[mode][node]:.2f}" for mode in MODES)]
            writer.writerow([row, column, *heights, *(f"{at[node]:.0f}" for at in seen.values()), "computed", source])
    print(f"{TABLE}: {len(rows)} rows, {source}")


if __name__ == "__main__":
    main()
