"""The day an export was made, as its own facts tell it."""

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

from oppnb.tables import CANONICAL

__all__ = ["latest_fact"]

# What lies ahead by nature says nothing about the day of the export.
_AHEAD = {"expected_close_on", "next_step_due_on", "due_on", "starts_on", "ends_on", "period_start", "period_end", "on"}


def latest_fact(frames: dict[str, pd.DataFrame], *, time_zone: str, now: pd.Timestamp | None = None) -> date | None:
    """Find the local day of the latest thing that happened, leaving out what lies after now.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Canonical tables.
    time_zone : str
        IANA name; moments are UTC.
    now : Timestamp, optional
        UTC without zone; a closing date after it is a slip of the pen or a plan, not a fact.

    Returns
    -------
    date or None
        None if no table holds a moment.

    Examples
    --------
    >>> deals = pd.DataFrame({"created_at": pd.to_datetime(["2024-03-31 22:30"]).as_unit("us")})
    >>> latest_fact({"opportunities": deals}, time_zone="Europe/Berlin")
    datetime.date(2024, 4, 1)
    """
    limit = now if now is not None else pd.Timestamp.now("UTC").tz_localize(None)
    days = [day for table in frames for day in _latest_days(table, frames[table], time_zone, limit)]
    return max(days, default=None)


def _latest_days(table: str, frame: pd.DataFrame, time_zone: str, limit: pd.Timestamp) -> list[date]:
    days = []
    for name, column in CANONICAL[table].columns.items():
        if name in _AHEAD or name not in frame.columns or column.kind not in ("moment", "day"):
            continue
        values = frame[name]
        last = values[values <= limit].max()
        if pd.notna(last):
            days.append(_local(last, time_zone) if column.kind == "moment" else last.date())
    return days


def _local(moment: pd.Timestamp, time_zone: str) -> date:
    return moment.tz_localize("UTC").tz_convert(ZoneInfo(time_zone)).date()
