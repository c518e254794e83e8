"""Tables for tests: one default each, overridden by name.

>>> tables = make_tables([make_opportunity("1", stage="Demo")], history=[make_change("1", "2024-01-02", stage="Demo")])
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb.tables import CANONICAL, Tables

DTYPE = {
    "key": "str",
    "text": "str",
    "currency": "str",
    "moment": "datetime64[us]",
    "day": "datetime64[us]",
    "money": "float64",
    "number": "float64",
    "share": "float64",
    "flag": "boolean",
}
Row = Mapping[str, Any]


def make_opportunity(opportunity_id: str = "1", **columns: Any) -> dict[str, Any]:
    """An opportunity opened on 2024-01-01 in the stage Lead."""
    return {"opportunity_id": opportunity_id, "stage": "Lead", "amount": 100.0, "created_at": "2024-01-01"} | columns


def make_change(opportunity_id: str = "1", changed_at: str = "2024-01-01", **columns: Any) -> dict[str, Any]:
    """A row of the history; columns not given are null, that is, as before."""
    return {"opportunity_id": opportunity_id, "changed_at": changed_at} | columns


def make_activity(opportunity_id: str | None = "1", occurred_at: str = "2024-01-10", **columns: Any) -> dict[str, Any]:
    """A call with an opportunity."""
    return {"opportunity_id": opportunity_id, "kind": "call", "occurred_at": occurred_at} | columns


def make_table(name: str, rows: Iterable[Row] | pd.DataFrame) -> pd.DataFrame:
    """Rows as a canonical table with the canonical types; only the columns that a row names."""
    frame = rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    for column, meant in CANONICAL[name].columns.items():
        if column not in frame.columns:
            if meant.required:
                frame[column] = pd.Series(dtype=DTYPE[meant.kind])
            continue
        frame[column] = _typed(frame[column], meant.kind)
    return frame


def _typed(values: pd.Series, kind: str) -> pd.Series:
    if kind in ("moment", "day"):
        return pd.to_datetime(values, format="ISO8601").astype("datetime64[us]")
    return values.astype(DTYPE[kind])


def make_tables(
    opportunities: Iterable[Row] | pd.DataFrame,
    *,
    history: Iterable[Row] | pd.DataFrame | None = None,
    activities: Iterable[Row] | pd.DataFrame | None = None,
    exported_on: date | None = date(2025, 12, 31),
    **others: Iterable[Row] | pd.DataFrame,
) -> Tables:
    """Canonical tables from rows; `history` is `opportunity_history`, every other table goes by its name."""
    rows = {"opportunities": opportunities, "opportunity_history": history, "activities": activities, **others}
    frames = {name: make_table(name, given) for name, given in rows.items() if given is not None}
    return Tables(frames, exported_on=exported_on)
