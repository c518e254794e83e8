"""What fields that history tells became in the end: never used, only to say what it would have been worth."""

from dataclasses import replace

import pandas as pd

from oppnb.history import as_of
from oppnb.scoring.rows import Feature, Group, ScoringRows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["FINAL", "final_fields", "with_final"]

FIELDS: dict[str, Group] = {
    "stage": "stage",
    "amount": "amount",
    "expected_close_on": "timing",
    "forecast_category": "people",
    "next_step": "activity",
    "competitor": "qualification",
    "lost_reason": "other",
    "crm_score": "other",
}
FINAL = "_as_exported"
SECONDS_A_DAY = 86_400.0


def final_fields(tables: Tables, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """State of the fields that change, as the export shows them on its own day, one row an opportunity.

    Parameters
    ----------
    tables : Tables
        What the CRM exported.
    workspace : Workspace, optional
        Processes and calendar.

    Returns
    -------
    DataFrame
        Index `opportunity_id`; those of stage, amount, expected_close_on, forecast_category, next_step, competitor,
        lost_reason and crm_score that the data has, each with `_as_exported` after its name. Empty for data without
        a day of export.

    Examples
    --------
    >>> import datetime as dt
    >>> from oppnb.tables import Tables
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Won"], "amount": [0.0],
    ...     "created_at": pd.to_datetime(["2024-01-02"]), "closed_at": pd.to_datetime(["2024-02-02"])})
    >>> list(final_fields(Tables({"opportunities": deals}, exported_on=dt.date(2024, 3, 1))).columns)
    ['stage_as_exported', 'amount_as_exported']
    """
    if tables.exported_on is None:
        return pd.DataFrame(index=pd.Index([], name="opportunity_id"))
    snapshot = as_of(tables, tables.exported_on, workspace=workspace).set_index("opportunity_id")
    filled = [name for name in FIELDS if name in snapshot and snapshot[name].notna().any()]
    return snapshot[filled].add_suffix(FINAL)


def with_final(rows: ScoringRows, final: pd.DataFrame | None) -> ScoringRows:
    """The rows with the final state as further fields that are the same on every day."""
    if final is None or final.empty:
        return rows
    found = final.reindex(rows.keys["opportunity_id"]).set_axis(rows.keys.index)
    columns, features = rows.values.copy(), list(rows.features)
    for name in final.columns:
        values = found[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = (values - rows.keys["as_of"]).dt.total_seconds() / SECONDS_A_DAY
        kind = "number" if pd.api.types.is_numeric_dtype(final[name]) else "category"
        if pd.api.types.is_datetime64_any_dtype(final[name]):
            kind = "number"
        columns[name] = values
        group = FIELDS.get(str(name).removesuffix(FINAL), "other")
        features.append(Feature(str(name), group, "number" if kind == "number" else "category", is_dated=False))
    return replace(rows, values=columns, features=tuple(features))
