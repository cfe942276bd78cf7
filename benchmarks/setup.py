"""`python -m benchmarks.setup RAID ROUNDS`: measures one raid in a separate process, up to its first trials; prints one line of JSON.

Time: from the scenario's data to the tables that trials read, on two threads, with kernels compiled and loaded. Memory: the peak of the
process, including interpreter, libraries and kernels, with 200 trials.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.raids import raid
from closedsky import api
from closedsky.engine import run as engine
from closedsky.engine.layout import ENGAGED, KILLED, ROUNDS_FIRED

TRIALS = 200


def measure(name: str, rounds: int) -> dict[str, Any]:
    """Time and memory to set up a raid, and the mean content of its trials."""
    small = api.prepare(api.load("first-battery"), threads=1)
    engine.run(small.packed, small.tables, 1, 1)
    began, used = time.perf_counter(), time.process_time()
    prepared = api.prepare(api.load(raid(name, rounds)), threads=2)
    took, used = time.perf_counter() - began, time.process_time() - used
    counts = engine.run(prepared.packed, prepared.tables, 1, TRIALS, threads=2).counts.mean(axis=0)
    return {
        "raid": name, "rounds": rounds, "wall_s": took, "processor_s": used,
        "peak_mb": peak_mb(),
        "threats": int(prepared.packed.raid.threats.size), "loaded": sum(prepared.loaded),
        "engaged": float(counts[ENGAGED]), "killed": float(counts[KILLED]), "rounds_fired": float(counts[ROUNDS_FIRED]),
    }  # fmt: skip


def peak_mb() -> float:
    """Peak memory of this process; not from `getrusage`, which on Linux includes that of the parent process."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024.0
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1048576.0 if sys.platform == "darwin" else 1024.0)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
