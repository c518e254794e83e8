"""The days asked about, one row each, with what the source as a whole could know on them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from oppnb.history.coverage import Coverage
from oppnb.history.moments import WINDOWS, cutoff
from oppnb.workspace import Workspace

__all__ = ["FACTS", "day_rows"]

FACTS = (
    "is_export_known",
    "is_stage_tracked",
    "is_amount_tracked",
    "is_close_tracked",
    "is_owner_tracked",
    "is_closing_tracked",
    "is_counting",
    "amount_stands",
    "close_stands",
    "owner_stands",
)
TRACKED = {"stage": "stage", "amount": "amount", "expected_close_on": "close", "owner_id": "owner"}


def day_rows(days: Sequence[date], *, coverage: Coverage, workspace: Workspace) -> pd.DataFrame:
    """One row a day.

    Returns
    -------
    DataFrame
        `day_no` (0, 1, …), `as_of` (midnight), `cutoff` (UTC moment the day ends), `since_7`, `since_30`, `since_90`
        (moments from which an activity is that recent), `is_export_known`, `is_stage_tracked`, `is_amount_tracked`,
        `is_close_tracked`, `is_owner_tracked` (the history names the column by then, for any deal: nothing later is
        looked at), `is_closing_tracked`, `is_counting` (field tracking had begun), `amount_stands`, `close_stands`,
        `owner_stands` (no history of the data itself names the column by then: a closed deal stands as exported).
    """
    zone = workspace.calendar.time_zone
    begins_on = workspace.sources.history_begins_on
    rows = []
    for number, day in enumerate(days):
        ends = cutoff(day, zone)
        row: dict[str, object] = {"day_no": number, "as_of": pd.Timestamp(day), "cutoff": ends}
        row |= {f"since_{window}": cutoff(day - timedelta(days=window), zone) for window in WINDOWS}
        row["is_export_known"] = day >= coverage.exported_on
        for column, name in TRACKED.items():
            row[f"is_{name}_tracked"] = _is_named(coverage.first_at, column, ends)
            if column != "stage":
                row[f"{name}_stands"] = not _is_named(coverage.own_first_at, column, ends)
        row["is_closing_tracked"] = coverage.closings_at is not None and coverage.closings_at < ends
        row["is_counting"] = begins_on is None or day >= begins_on
        rows.append(row)
    frame = pd.DataFrame(rows)
    moments = ["as_of", "cutoff", *(f"since_{window}" for window in WINDOWS)]
    return frame.astype(dict.fromkeys(moments, "datetime64[us]") | dict.fromkeys(FACTS, "bool") | {"day_no": "int64"})


def _is_named(first_at: Mapping[str, pd.Timestamp], column: str, ends: pd.Timestamp) -> bool:
    return column in first_at and first_at[column] < ends
