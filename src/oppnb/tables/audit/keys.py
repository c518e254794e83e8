"""Keys of rows for findings and for the rows set aside."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import BoolArray
from oppnb.tables.schema import CANONICAL

__all__ = ["first_row_keys", "key_columns", "row_keys"]

_WITHOUT_KEY = {
    "targets": ("period_start", "period_end", "owner_id", "team", "region", "process"),
    "activities": ("opportunity_id", "account_id"),
}


def key_columns(table: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that tell a reader which row is meant."""
    there = set(columns)
    wanted = CANONICAL[table].key or _WITHOUT_KEY.get(table, ("opportunity_id",))
    return tuple(column for column in wanted if column in there)


def row_keys(frame: pd.DataFrame, table: str) -> pd.Series:
    """The key of each row as text; parts that are missing are left out, none at all gives `row N` (1 is the first).

    Examples
    --------
    >>> rates = pd.DataFrame({"currency": ["EUR", None], "on": [pd.Timestamp("2025-01-31"), pd.NaT]}, index=[4, 5])
    >>> row_keys(rates, "exchange_rates").tolist()
    ['EUR/2025-01-31', 'row 6']
    """
    keys = pd.Series("", index=frame.index, dtype="str")
    for column in key_columns(table, [str(name) for name in frame.columns]):
        text = _as_text(frame[column])
        both = (keys != "") & (text != "")
        keys = keys + np.where(both, "/", "") + text
    return keys.where(keys != "", "row " + (frame.index.to_series() + 1).astype("str"))


def first_row_keys(frame: pd.DataFrame, table: str, rows: BoolArray, count: int = 3) -> tuple[str, ...]:
    """Different keys of the first rows marked, at most `count`, each cut at 40 characters."""
    places = np.flatnonzero(rows)[: count * 20]
    keys = dict.fromkeys(row_keys(frame.iloc[places], table).tolist())
    return tuple(key if len(key) <= 40 else key[:39] + "…" for key in list(keys)[:count])


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%d")
    return values.astype("str").fillna("")
