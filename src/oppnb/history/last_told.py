"""What was last said of each deal by a day: a dated value that is not a canonical column."""

import numpy as np
import pandas as pd

from oppnb.errors import ColumnMissingError
from oppnb.history.ends import cutoffs_of
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["history_values", "last_told"]

_SECONDS_A_DAY = 86_400.0


def history_values(tables: Tables, column: str) -> pd.DataFrame | None:
    """Every value that the history of opportunities tells of a column that is not canonical.

    Returns
    -------
    DataFrame or None
        `opportunity_id`, `told_at`, `value`; None where the history has no such column, or says nothing in it.
    """
    if "opportunity_history" not in tables or column not in tables["opportunity_history"].columns:
        return None
    rows = tables["opportunity_history"][["opportunity_id", "changed_at", column]]
    found = rows.set_axis(["opportunity_id", "told_at", "value"], axis="columns").dropna().reset_index(drop=True)
    return found if len(found) else None


def last_told(
    told: pd.DataFrame, rows: pd.DataFrame, *, within_days: float | None = None, workspace: Workspace | None = None
) -> pd.Series:
    """The value that was last told of each deal by the end of each row's day.

    Parameters
    ----------
    told : DataFrame
        `opportunity_id`, `value`, and when: `told_at` (UTC moment), or `as_of` (a day: known at its end).
    rows : DataFrame
        `opportunity_id` and `as_of`.
    within_days : float, optional
        What was told more than so many days before the end of the row's day is not taken.
    workspace : Workspace, optional
        Its calendar says when days end.

    Returns
    -------
    Series
        With the index of `rows`; null where nothing had been told. Of two values of one moment the later row counts.

    Raises
    ------
    ColumnMissingError
        If `told` does not say when.

    Examples
    --------
    >>> told = pd.DataFrame({"opportunity_id": ["1", "1"], "as_of": pd.to_datetime(["2024-01-07", "2024-01-14"]),
    ...     "value": [40.0, 90.0]})
    >>> days = pd.to_datetime(["2024-01-06", "2024-01-10", "2024-01-14"])
    >>> rows = pd.DataFrame({"opportunity_id": ["1"] * 3, "as_of": days})
    >>> last_told(told, rows).tolist()
    [nan, 40.0, 90.0]
    """
    zone = (workspace or Workspace()).calendar.time_zone
    if not {"told_at", "as_of"} & set(told.columns):
        raise ColumnMissingError("Values that were told have no column 'told_at' or 'as_of': nobody can say when.")
    at = told["told_at"] if "told_at" in told else pd.Series(cutoffs_of(told["as_of"], zone) - np.timedelta64(1, "us"))
    said = pd.DataFrame(
        {
            "opportunity_id": told["opportunity_id"].astype("str").to_numpy(),
            "told_at": at.to_numpy(dtype="datetime64[us]"),
            "value": told["value"].to_numpy(),
        }
    )
    asked = pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"].astype("str").to_numpy(),
            "end": cutoffs_of(rows["as_of"], zone),
            "place": np.arange(len(rows)),
        }
    )
    dated = asked.dropna(subset=["end"]).sort_values("end", kind="stable")
    said = said.dropna(subset=["told_at"]).sort_values("told_at", kind="stable")
    found = pd.merge_asof(
        dated, said, left_on="end", right_on="told_at", by="opportunity_id", allow_exact_matches=False
    )
    if within_days is not None:
        is_old = (found["end"] - found["told_at"]).dt.total_seconds() > within_days * _SECONDS_A_DAY
        found["value"] = found["value"].where(~is_old)
    return found.set_index("place")["value"].reindex(range(len(rows))).set_axis(rows.index)
