"""The tables of the store, and which columns each row must have."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.errors import StoreError, nearest

__all__ = ["ADDED", "STORED", "StoredTable", "check_rows", "empty_rows", "stored_table"]

ADDED = {"run_id": "str", "seen_at": "datetime64[us]"}
"""Columns the store adds to each row: the run that wrote it, and the UTC moment at which it did."""


@dataclass(frozen=True)
class StoredTable:
    """A table of the store.

    Attributes
    ----------
    meaning : str
        What one row is.
    columns : mapping of str to str
        Columns that each row must have, with their pandas types; any others may stand beside them.
    """

    meaning: str
    columns: Mapping[str, str]


_DEAL_ON_DAY = {"opportunity_id": "str", "as_of": "datetime64[us]"}

STORED: Mapping[str, StoredTable] = {
    "snapshots": StoredTable("An opportunity as an export showed it, where that was new", _DEAL_ON_DAY),
    "exports": StoredTable("An export that was read and remembered", {"as_of": "datetime64[us]", "states_hash": "str"}),
    "scores": StoredTable("A score that was published", {**_DEAL_ON_DAY, "win_probability": "float64"}),
    "forecasts": StoredTable(
        "A forecast that was published",
        {
            "as_of": "datetime64[us]",
            **dict.fromkeys(("period", "node", "model", "quantity"), "str"),
            "value": "float64",
        },
    ),
    "overrides": StoredTable(
        "A number that a person put in place of ours: who, why, when",
        {"as_of": "datetime64[us]", "figure": "str", "value": "float64", "who": "str", "why": "str"},
    ),
    "proposals": StoredTable(
        "A change that was proposed, and what a person decided: who, when",
        {
            "as_of": "datetime64[us]",
            "proposal_id": "str",
            "kind": "str",
            "target": "str",
            "after": "float64",
            "status": "str",
            "who": "str",
        },
    ),
    "alerts": StoredTable(
        "An alert that was sent to a channel, or went away: so that it is sent once",
        {"as_of": "datetime64[us]", **dict.fromkeys(("alert_id", "channel", "status", "scope"), "str")},
    ),
    "audits": StoredTable(
        "A finding of an audit that was reported; the row without a rule says that there was one",
        {"as_of": "datetime64[us]", **dict.fromkeys(("data_hash", "rule", "table"), "str"), "n_rows": "float64"},
    ),
    "runs": StoredTable("A report or command that ran", {"as_of": "datetime64[us]", "kind": "str"}),
}


def stored_table(name: str) -> StoredTable:
    """The table of that name.

    Raises
    ------
    StoreError
        If the store has none, with the nearest.
    """
    if name not in STORED:
        near = nearest(name, STORED)
        raise StoreError(
            f"The store has no table '{name}'."
            + (f" Did you mean '{near}'?" if near else f" It has {', '.join(STORED)}.")
        )
    return STORED[name]


def check_rows(name: str, rows: pd.DataFrame) -> None:
    """Refuse rows that lack a column every row of the table must have, or in which it is null."""
    wanted = stored_table(name).columns
    missing = [column for column in wanted if column not in rows.columns]
    if missing:
        raise StoreError(f"Rows for '{name}' of the store lack the column '{missing[0]}'.")
    taken = [column for column in ADDED if column in rows.columns]
    if taken:
        raise StoreError(f"Rows for '{name}' of the store may not have a column '{taken[0]}': the store fills it.")
    if not rows.columns.is_unique:
        double = rows.columns[rows.columns.duplicated()][0]
        raise StoreError(f"Rows for '{name}' of the store have the column '{double}' twice.")
    keys = [column for column in wanted if wanted[column] != "float64"]
    for column in keys:
        n_null = int(rows[column].isna().sum())
        if n_null:
            raise StoreError(f"Rows for '{name}' of the store: {n_null:,} of {len(rows):,} have no '{column}'.")


def empty_rows(name: str) -> pd.DataFrame:
    """No rows, with the columns every row has."""
    columns = {**stored_table(name).columns, **ADDED}
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in columns.items()})
