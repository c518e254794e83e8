"""What fields that history tells became in the end: never used, only to say what it would have been worth."""

from collections.abc import Mapping

import pandas as pd

from oppnb.history import as_of
from oppnb.scoring.leakage.sample import Sample
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["final_fields", "final_values"]

FIELDS = ("stage", "amount_base", "expected_close_on", "forecast_category", "owner_id", "next_step")


def final_fields(tables: Tables, *, workspace: Workspace | None = None) -> pd.DataFrame:
    """State of the fields that history tells, as the export shows them, one row an opportunity.

    Parameters
    ----------
    tables : Tables
        What the CRM exported.
    workspace : Workspace, optional
        Processes and calendar.

    Returns
    -------
    DataFrame
        Index `opportunity_id`; stage, amount_base, expected_close_on, forecast_category, owner_id, next_step, as far
        as the data has them. Empty for data without a day of export.
    """
    if tables.exported_on is None:
        return pd.DataFrame(index=pd.Index([], name="opportunity_id"))
    snapshot = as_of(tables, tables.exported_on, workspace=workspace)
    return snapshot.set_index("opportunity_id")[[name for name in FIELDS if name in snapshot]]


def final_values(final: pd.DataFrame | None, sample: Sample) -> Mapping[str, pd.Series]:
    """The final state for each row of the closed deals; days as days from the day of the row."""
    if final is None or final.empty:
        return {}
    found = final.reindex(sample.closed.keys["opportunity_id"])
    found.index = sample.closed.keys.index
    columns = {}
    for name in found.columns:
        values = found[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = (values - sample.closed.keys["as_of"]).dt.total_seconds() / 86_400.0
        if values.notna().any():
            columns[str(name)] = values
    return columns
