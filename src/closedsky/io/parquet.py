"""Outcomes and events as Parquet files, for pandas, Polars, DuckDB and R."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from closedsky.engine.layout import CAUSES, COUNTS, Outcomes
from closedsky.engine.results import Event
from closedsky.errors import Fault, OutputError


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        fault = Fault("Parquet files need pyarrow, which is not installed", "--out", "pip install 'closedsky[study]'")
        raise OutputError(fault) from error
    return pyarrow, pyarrow.parquet


def write_trials(path: Path, runs: Sequence[tuple[str, Outcomes, Sequence[str], Sequence[tuple[str, str]]]]) -> None:
    """One row a variant and trial. Each run is (variant, outcomes, asset ids, (unit, missile) of each magazine)."""
    pa, pq = _pyarrow()
    tables = []
    for variant, outcomes, assets, magazines in runs:
        trials = outcomes.counts.shape[0]
        columns = {"variant": np.full(trials, variant), "trial": np.arange(trials, dtype=np.int64)}
        columns |= {name: outcomes.counts[:, i] for i, name in enumerate(COUNTS)}
        columns |= {"value_lost": outcomes.value_lost}
        columns |= {f"why.{name}": outcomes.causes[:, i] for i, name in enumerate(CAUSES)}
        columns |= {f"impacts.{name}": outcomes.asset_impacts[:, i] for i, name in enumerate(assets)}
        columns |= {f"hits.{name}": outcomes.asset_hits[:, i] for i, name in enumerate(assets)}
        columns |= {f"rounds.{unit}.{missile}": outcomes.rounds[:, i] for i, (unit, missile) in enumerate(magazines)}
        tables.append(pa.table(columns))
    pq.write_table(pa.concat_tables(tables, promote_options="default"), path)


def write_events(path: Path, stories: Sequence[tuple[str, int, Sequence[Event]]]) -> None:
    """One row an event. Each story is (variant, trial, events)."""
    pa, pq = _pyarrow()
    rows = [{"variant": variant, "trial": trial, **event.model_dump()} for variant, trial, events in stories for event in events]
    schema = pa.schema([("variant", pa.string()), ("trial", pa.int64()), ("time_s", pa.float64()), ("event", pa.string()),
                        ("threat", pa.string()), ("network", pa.string()), ("unit", pa.string()), ("missile", pa.string()),
                        ("value", pa.float64())])  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
