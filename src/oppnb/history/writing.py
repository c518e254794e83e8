"""Snapshots straight into a Parquet file, for more rows than should be in memory at once."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.history.coverage import read_coverage
from oppnb.history.moments import as_days
from oppnb.history.rates import read_rates
from oppnb.history.snapshots import Data, Day, day_groups, finish, snapshot_expression, snapshots
from oppnb.history.source import Source, open_source
from oppnb.workspace import Workspace

__all__ = ["write_snapshots"]

ROWS_AT_ONCE = 100_000
# a dictionary of values that hardly repeat makes the file larger and takes a third of the time of writing
ALL_DIFFERENT = (
    "opportunity_id",
    "name",
    "amount",
    "amount_base",
    "created_at",
    "closed_at",
    "entered_stage_at",
    "days_in_stage",
    "age_days",
    "days_since_last_activity",
)


def write_snapshots(
    tables: Data,
    days: Iterable[Day],
    path: str | Path,
    *,
    workspace: Workspace | None = None,
    only_open: bool = False,
) -> int:
    """Write what `snapshots` returns into a Parquet file, a part at a time.

    Parameters
    ----------
    tables, days, workspace, only_open
        As in `snapshots`.
    path : str or Path
        File to write; it appears when it is complete, under a temporary name before.

    Returns
    -------
    int
        Number of rows.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1"], "stage": ["Demo"], "created_at": pd.to_datetime(["2024-01-02"])})
    >>> with TemporaryDirectory() as folder:
    ...     n = write_snapshots({"opportunities": deals}, ["2024-01-31", "2024-02-29"], Path(folder) / "s.parquet")
    >>> n
    2
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = Path(path)
    unfinished = target.with_name(target.name + ".part")
    source, workspace = open_source(tables), workspace or Workspace()
    parts = _parts(source, list(as_days(days)), workspace, only_open=only_open)
    first = next(parts, None)
    if first is None:
        first = snapshots(source, [], workspace=workspace)
    schema = pa.Schema.from_pandas(first, preserve_index=False)
    repeating = [name for name in schema.names if name not in ALL_DIFFERENT]
    with pq.ParquetWriter(unfinished, schema, use_dictionary=repeating) as writer:
        rows = (pa.Table.from_pandas(part, schema=schema, preserve_index=False) for part in chain([first], parts))
        n_rows = _write_beside(writer.write_table, rows)
    unfinished.replace(target)
    return n_rows


def _write_beside(write: Callable[[Any], None], parts: Iterable[Any]) -> int:
    """Write each part in a thread while the next is made; count the rows."""
    n_rows, written = 0, None
    with ThreadPoolExecutor(max_workers=1) as beside:
        for part in parts:
            if written is not None:
                # never more than one waits: memory holds two parts
                written.result()
            written = beside.submit(write, part)
            n_rows += part.num_rows
        if written is not None:
            written.result()
    return n_rows


def _parts(source: Source, days: list[Any], workspace: Workspace, *, only_open: bool) -> Iterator[pd.DataFrame]:
    coverage, rates = read_coverage(source, workspace), read_rates(source)
    for group in day_groups(days, only_open=only_open):
        if not source.orders_by_bytes:
            # rows of the group have to be put in order, so they are needed together
            yield snapshots(source, group, workspace=workspace, only_open=only_open)
            continue
        with source.keeping() as keep:
            expression = snapshot_expression(source, coverage, group, workspace, only_open=only_open, keep=keep)
            for rows in source.batches(expression, n_rows=ROWS_AT_ONCE):
                yield finish(rows, source, rates, workspace)
