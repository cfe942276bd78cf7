"""Runs many trials in fixed chunks of trial numbers, on several threads, with outcomes in order of trial number.

Chunks and the stopping rule depend on trial numbers alone, so outcomes are the same for any number of threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import numpy as np

from closedsky.engine.layout import CAUSES, COUNTS, EVENT, Outcomes, Packed, Records, Tables
from closedsky.engine.trial.state import State, new_state
from closedsky.engine.trial.trial import run_trials

CHUNK = 500
_NO_LOG = np.zeros(0, EVENT)

Stop = Callable[[Outcomes], bool]
Report = Callable[[int, int], None]
"""Called with how many trials are done, and of how many."""


def blank(packed: Packed, trials: int) -> Outcomes:
    """Outcomes of `trials` trials, all zero."""
    return Outcomes(
        counts=np.zeros((trials, len(COUNTS)), np.int32),
        causes=np.zeros((trials, len(CAUSES)), np.int32),
        asset_impacts=np.zeros((trials, packed.defence.assets.size), np.int32),
        asset_hits=np.zeros((trials, packed.defence.assets.size), np.int32),
        rounds=np.zeros((trials, packed.defence.magazines.size), np.int32),
        value_lost=np.zeros(trials),
    )


def rows_of(outcomes: Outcomes, first: int, last: int) -> Outcomes:
    """Rows `first` to `last` (exclusive) of outcomes: a view."""
    return Outcomes._make(column[first:last] for column in outcomes)


def run(
    packed: Packed,
    tables: Tables,
    seed: int,
    trials: int,
    threads: int = 1,
    stop: Stop | None = None,
    progress: Report | None = None,
) -> Outcomes:
    """Outcomes of trials 0 to before `trials`, or of fewer if `stop` is true of those done so far (tested after 1, 2, 4, … chunks)."""
    out = blank(packed, trials)
    starts = range(0, trials, CHUNK)
    done = 0

    idle: list[State] = []  # states of finished chunks, for reuse

    def chunk(first: int) -> None:
        last = min(first + CHUNK, trials)
        try:
            state = idle.pop()
        except IndexError:
            state = new_state(packed, tables, _NO_LOG)
        run_trials(packed, tables, state, np.uint64(seed), first, last, rows_of(out, first, last))
        idle.append(state)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        while done < len(starts):
            batch = starts[done : max(2 * done, 1) if stop is not None else len(starts)]
            for first, _ in zip(batch, (pool.map if threads > 1 else map)(chunk, batch), strict=True):
                if progress is not None:
                    progress(min(first + CHUNK, trials), trials)
            done += len(batch)
            so_far = rows_of(out, 0, min(done * CHUNK, trials))
            if stop is not None and stop(so_far):
                return so_far
    return out


_READ = (
    "raid.threats", "defence.sites", "defence.units", "defence.magazines", "defence.networks", "defence.assets",
    "defence.salvo_correlation",
)  # fmt: skip
"""What trials read of a packed scenario; a test compares this with their source."""


def same_trials(packed: Packed, tables: Tables, other: Packed, of_other: Tables) -> bool:
    """Whether two scenarios have the same outcomes, trial by trial: they differ in nothing that a trial reads."""
    read = [(of(packed), of(other)) for of in map(attrgetter, _READ)] + list(zip(tables, of_other, strict=True))
    return all(np.asarray(one).tobytes() == np.asarray(two).tobytes() for one, two in read)


def replay(packed: Packed, tables: Tables, seed: int, first: int, last: int) -> tuple[Outcomes, list[Records]]:
    """Replay trials `first` to before `last`, each with its event log ordered by tick; their rows equal those of the run, bit for bit."""
    out = blank(packed, last - first)
    logs = []
    for trial in range(first, last):
        log = np.zeros(64 + 64 * packed.raid.threats.size * max(packed.defence.networks.size, 1), EVENT)
        row = trial - first
        written = _logged(packed, tables, seed, trial, rows_of(out, row, row + 1), log)
        while written == log.size:  # a full log may have lost events: repeat with a larger one
            for column in out:
                column[row : row + 1] = 0
            log = np.zeros(4 * log.size, EVENT)
            written = _logged(packed, tables, seed, trial, rows_of(out, row, row + 1), log)
        events = log[:written]
        logs.append(events[np.argsort(events["tick"], kind="stable")])
    return out, logs


def _logged(packed: Packed, tables: Tables, seed: int, trial: int, out: Outcomes, log: Records) -> int:
    """Run one trial with its event log; returns the number of events in the log."""
    return run_trials(packed, tables, new_state(packed, tables, log), np.uint64(seed), trial, trial + 1, out)
