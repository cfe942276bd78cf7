"""`python -m benchmarks`: compares the engine's trials with the same trials in SimPy, in one run. README.md explains the tables."""

import argparse
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import closedsky
from benchmarks import raids, simpy_model
from benchmarks.machine import machine
from closedsky import api
from closedsky.engine import run as engine
from closedsky.engine.layout import KILLED, LEAKERS, ROUNDS_FIRED
from closedsky.physics.jit import cache_is_cold

LOADS = (1, 4)
PANOPTICON_S = 17.0
"""Time of a trial of the size of raid P in Panopticon, measured separately on another day; it is not run here."""
COMPARED = {"leakers": LEAKERS, "killed": KILLED, "rounds_fired": ROUNDS_FIRED}
WIDEST_Z = 4.0
FEWEST = 30
"""Least number of SimPy trials for a meaningful z; with fewer it is shown only."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--raid", nargs="+", choices=sorted(raids.SIZES), default=sorted(raids.SIZES))
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one slice of one side")
    parser.add_argument("--pairs", type=int, default=5, help="slices of each side, one pair after the other")
    parser.add_argument("--no-start", action="store_true", help="leave out the start of the command line")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    args = parser.parse_args()

    report: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": machine("numba", "numpy", "simpy"),
        "seconds": args.seconds,
        "pairs": args.pairs,
    }
    for name, value in report["machine"].items():
        print(f"{name:<12}{value}" + (" (other work lowers every rate, SimPy's most)" if name == "load" else ""))
    print(
        "\nCompiling, if it has to be done: none of it is in the figures below."
        if cache_is_cold("trial.run_trials")
        else "\nKernels are compiled."
    )
    report["raids"] = []
    for name in args.raid:
        for rounds in LOADS:
            row = measure(name, rounds, args.seconds, args.pairs)
            report["raids"].append(row)
            show(row, header=len(report["raids"]) == 1)
    print(CAPTION)
    report["set_up"] = []
    for name in args.raid:
        report["set_up"].append(set_up(name, LOADS[-1]))
        show_set_up(report["set_up"][-1], header=len(report["set_up"]) == 1)
    if not args.no_start:
        report["start"] = start_up()
        print()
        for what, seconds in report["start"].items():
            print(f"{what:<46}{'no command line here' if seconds is None else f'{seconds:.3f} s'}")
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    apart = [
        f"{row['raid']} x{row['rounds']}"
        for row in report["raids"]
        if row["trials"][1] >= FEWEST and any(abs(z) > WIDEST_Z for z in row["z"].values())
    ]
    if apart:
        sys.exit(f"The two engines disagree on raid {', '.join(apart)}: the ratios there compare unlike things.")


# ---------------------------------------------------------------- trials


def measure(name: str, rounds: int, seconds: float, pairs: int) -> dict[str, Any]:
    """All measurements of one raid at one load."""
    prepared = api.prepare(api.load(raids.raid(name, rounds)), threads=2)
    packed, tables = prepared.packed, prepared.tables

    def ours(seed: int, trials: int, threads: int) -> tuple[float, Any]:
        began = time.perf_counter()
        outcomes = engine.run(packed, tables, seed, trials, threads)
        return trials / (time.perf_counter() - began), outcomes.counts

    peer = simpy_model.Raid(packed, tables, seed=1)
    theirs_counts: list[simpy_model.Counts] = []

    def theirs() -> float:
        done, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds or not done:
            theirs_counts.append(peer.trial())
            done += 1
        return done / took

    ours(0, engine.CHUNK, 1)
    peer.trial()
    # A slice of whole chunks, an even number of them, so that two threads can share it evenly.
    trials = 2 * engine.CHUNK * max(round(ours(0, 2 * engine.CHUNK, 1)[0] * seconds / (2 * engine.CHUNK)), 1)
    ours_rate, theirs_rate, two_rate, cores_had, ours_counts = [], [], [], [], []
    for seed in range(1, pairs + 1):
        if seed % 2:  # the order alternates, so that a machine that slows down favours neither side
            one, counts = ours(seed, trials, 1)
            peer_rate = theirs()
        else:
            peer_rate = theirs()
            one, counts = ours(seed, trials, 1)
        used = time.process_time()
        two, again = ours(seed, trials, 2)
        cores_had.append((time.process_time() - used) * two / trials)
        assert np.array_equal(counts, again), "two threads changed the outcomes"
        ours_rate.append(one)
        theirs_rate.append(peer_rate)
        two_rate.append(two)
        ours_counts.append(counts)
    mine = np.concatenate(ours_counts)
    other = np.array(theirs_counts, np.float64)
    columns = {
        what: (mine[:, column].astype(np.float64), other[:, simpy_model.Counts._fields.index(what)])
        for what, column in COMPARED.items()
    }
    return {
        "raid": name,
        "rounds": rounds,
        "threats": int(packed.raid.threats.size),
        "units": int(packed.defence.units.size),
        "trials": [len(mine), len(other)],
        "ours_per_s": spread(ours_rate),
        "simpy_per_s": spread(theirs_rate),
        "ratio": spread([a / b for a, b in zip(ours_rate, theirs_rate, strict=True)]),
        "two_threads_per_s": spread(two_rate),
        "cores_had": statistics.median(cores_had),
        "two_over_one": spread([b / a for a, b in zip(ours_rate, two_rate, strict=True)]),
        "means": {what: [float(a.mean()), float(b.mean())] for what, (a, b) in columns.items()},
        "z": {what: two_sample_z(a, b) for what, (a, b) in columns.items()},
    }


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def two_sample_z(a: Any, b: Any) -> float:
    """The difference of two means divided by its standard error."""
    error = math.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size) if min(a.size, b.size) > 1 else math.inf
    difference = float(a.mean() - b.mean())
    return difference / error if error > 0.0 else math.copysign(math.inf, difference) if difference else 0.0


CAPTION = """
trials/s: median of the slices; closedsky with one thread. ratio, 2 threads: medians of the pairs, and their least and most.
z: (closedsky - SimPy) / standard error, of the means per trial of leakers, killed, rounds fired; beyond 4 they would disagree.
ms: of one thread, a trial. cores had: processor time over wall time of the slices of two threads; other work takes the rest.
SimPy reads the same tables; making lists of them is not timed."""


def show(row: dict[str, Any], header: bool) -> None:
    """One line of the table."""
    if header:
        print(
            f"\n{'raid':<6}{'rounds':>7}{'closedsky':>12}{'ms':>9}{'2 threads':>12}{'over 1':>20}{'cores':>7}{'SimPy':>10}{'ratio':>18}"
            f"{'leakers':>18}{'z':>18}"
            f"\n{'':<6}{'':>7}{'trials/s':>12}{'':>9}{'trials/s':>12}{'':>20}{'had':>7}{'trials/s':>10}{'':>18}{'ours':>9}{'SimPy':>9}"
        )
    ratio, two, mine = row["ratio"], row["two_over_one"], row["ours_per_s"]["median"]
    print(
        f"{row['raid']:<6}{'x' + str(row['rounds']):>7}{mine:>12,.0f}{1e3 / mine:>9.3f}{row['two_threads_per_s']['median']:>12,.0f}"
        + f"{two['median']:.2f} ({two['least']:.2f}-{two['most']:.2f})".rjust(20)
        + f"{row['cores_had']:>7.2f}{row['simpy_per_s']['median']:>10,.1f}"
        + f"{ratio['median']:.0f} ({ratio['least']:.0f}-{ratio['most']:.0f})".rjust(18)
        + f"{row['means']['leakers'][0]:>9.2f}{row['means']['leakers'][1]:>9.2f}"
        + " ".join(f"{z:.1f}" for z in row["z"].values()).rjust(18),
        flush=True,
    )


def set_up(name: str, rounds: int) -> dict[str, Any]:
    """Time and memory up to the first trial, and the content of a trial, measured by `benchmarks.setup` in a separate process."""
    command = [sys.executable, "-m", "benchmarks.setup", name, str(rounds)]
    paths = [str(Path(closedsky.__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    answer: dict[str, Any] = json.loads(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout)
    return answer


def show_set_up(row: dict[str, Any], header: bool) -> None:
    """One line of the second table; for raid P with the time of Panopticon."""
    if header:
        print(
            f"\n{'raid':<6}{'set-up, 2 threads':>19}{'processor':>11}{'peak memory':>13}{'threats':>9}{'engaged':>9}{'killed':>8}"
            f"{'rounds':>8}{'of':>8}"
        )
    print(
        f"{row['raid']:<6}{row['wall_s']:>17.2f} s{row['processor_s']:>9.2f} s{row['peak_mb']:>10.0f} MB{row['threats']:>9}"
        f"{row['engaged']:>9.1f}{row['killed']:>8.1f}{row['rounds_fired']:>8.1f}{row['loaded']:>8}",
        flush=True,
    )
    if row["raid"] == "P":
        print(
            f"      Panopticon takes about {PANOPTICON_S:.0f} s for a trial of this size (its figure, not measured in this run)."
        )


# ---------------------------------------------------------------- the command line


def start_up() -> dict[str, float | None]:
    """Wall time of the command line: the help, and a complete run of the first example with compiled kernels."""
    commands = {"closedsky --help": (["--help"], 5), "closedsky run first-battery (second time)": (["run", "first-battery"], 3)}
    if importlib.util.find_spec("closedsky.cli.app") is None:
        return dict.fromkeys(commands)
    program = "import sys; sys.argv[0] = 'closedsky'; from closedsky.cli.app import main; main()"
    env = os.environ | {"PYTHONPATH": str(Path(closedsky.__file__).resolve().parent.parent)}
    out: dict[str, float | None] = {}
    for what, (arguments, times) in commands.items():
        took = []
        for _ in range(times + 1):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", program, *arguments], cwd=folder, env=env, check=True, capture_output=True)
                took.append(time.perf_counter() - began)
        out[what] = statistics.median(took[1:])
    return out


if __name__ == "__main__":
    main()
