"""Rows that are there more than once: repeated rows, and one key with different contents."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray, Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.schema import CANONICAL

__all__ = ["find_duplicates", "find_missing_values"]

# A quota stated twice in the same words is one quota; two calls or two payments of a day can both be true.
_ONCE_WITHOUT_KEY = ("targets",)
_FIRST_LOOK = ("opportunity_id", "account_id", "changed_at", "occurred_at", "due_on")


def find_missing_values(case: Case) -> Iterator[Breach]:
    """Rows without their key, and rows without another column their table cannot do without."""
    for table in case.tables:
        if not case.has(table):
            continue
        frame, schema = case.tables[table], CANONICAL[table]
        keys = [column for column in schema.key if column in frame.columns]
        yield from _rows_without(case, "key_is_there", table, keys)
        others = [column for column in schema.required if column not in keys]
        yield from _rows_without(case, "required_columns_are_filled", table, others)


def _rows_without(case: Case, rule: str, table: str, columns: list[str]) -> Iterator[Breach]:
    frame = case.tables[table]
    rows = frame[columns].isna().any(axis=1).to_numpy(dtype=bool) if columns else np.zeros(len(frame), dtype=bool)
    if rows.any():
        yield Breach(rule, table, rows, len(frame))


def find_duplicates(case: Case) -> Iterator[Breach]:
    """Repeated rows (all but the first), and rows of one key with several contents (all but the last)."""
    for table in case.tables:
        frame, keys = case.tables[table], CANONICAL[table].key
        if not case.has(table, *keys):
            continue
        repeated = _repeats(frame, _narrow(frame, keys))
        rule = "row_is_not_repeated" if keys or table in _ONCE_WITHOUT_KEY else "event_is_not_repeated"
        if repeated.any():
            yield Breach(rule, table, repeated, len(frame))
        if keys:
            yield from _conflicts(frame, table, list(keys), repeated)


def _narrow(frame: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Columns in which repeated rows must agree, to look at few rows in full."""
    return list(keys) or [column for column in _FIRST_LOOK if column in frame.columns]


def _repeats(frame: pd.DataFrame, narrow: list[str]) -> BoolArray:
    """Rows equal to an earlier one in every column; compared in full only where the narrow columns agree."""
    if not narrow:
        return frame.duplicated().to_numpy(dtype=bool)
    candidates = np.flatnonzero(_duplicated(frame[narrow], keep=False))
    rows = np.zeros(len(frame), dtype=bool)
    rows[candidates] = frame.iloc[candidates].duplicated().to_numpy(dtype=bool)
    return rows


def _conflicts(frame: pd.DataFrame, table: str, keys: list[str], repeated: BoolArray) -> Iterator[Breach]:
    asked = ~repeated & frame[keys].notna().all(axis=1).to_numpy(dtype=bool)
    rows = np.zeros(len(frame), dtype=bool)
    rows[asked] = _duplicated(frame.loc[asked, keys], keep="last")
    if rows.any():
        yield Breach("key_is_there_once", table, rows, int(np.count_nonzero(asked)))


def _duplicated(frame: pd.DataFrame, *, keep: str | bool) -> BoolArray:
    # One column as a Series: hashing it once is several times faster than DataFrame.duplicated on the same column.
    marked = frame.iloc[:, 0].duplicated(keep=keep) if frame.shape[1] == 1 else frame.duplicated(keep=keep)  # type: ignore[arg-type]
    return marked.to_numpy(dtype=bool)
