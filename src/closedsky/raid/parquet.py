"""Outcomes and events as Parquet files, for pandas, Polars, DuckDB and R."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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


def write_trials(path: Path, runs: Sequence[tuple[str, Mapping[str, npt.NDArray[Any]]]]) -> None:
    """Write one row per variant and trial: for each variant, its outcome columns (`engine.results.columns`)."""
    pa, pq = _pyarrow()
    tables = []
    for variant, columns in runs:
        trials = len(next(iter(columns.values())))
        tables.append(pa.table({"variant": [variant] * trials, "trial": np.arange(trials, dtype=np.int64), **columns}))
    pq.write_table(pa.concat_tables(tables, promote_options="default"), path)


def write_events(path: Path, stories: Sequence[tuple[str, int, Sequence[Event]]]) -> None:
    """Write one row per event. Each story is (variant, trial, events)."""
    pa, pq = _pyarrow()
    rows = [{"variant": variant, "trial": trial, **event.model_dump()} for variant, trial, events in stories for event in events]
    schema = pa.schema([("variant", pa.string()), ("trial", pa.int64()), ("time_s", pa.float64()), ("event", pa.string()),
                        ("threat", pa.string()), ("network", pa.string()), ("unit", pa.string()), ("missile", pa.string()),
                        ("cause", pa.string()), ("value", pa.float64())])  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
