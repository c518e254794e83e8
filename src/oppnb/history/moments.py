"""Days of knowledge as moments: a day ends at local midnight, and what happened before that moment was known on it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from oppnb.workspace import Workspace

__all__ = ["as_day", "as_days", "counting_from", "cutoff", "local_day"]

WINDOWS = (7, 30, 90)


def as_day(day: date | datetime | str | pd.Timestamp) -> date:
    """The calendar day that `day` names, without its time.

    Examples
    --------
    >>> as_day("2017-09-30")
    datetime.date(2017, 9, 30)
    """
    return pd.Timestamp(day).date()


def as_days(days: Iterable[date | datetime | str | pd.Timestamp]) -> list[date]:
    """The days in order, each once."""
    return sorted({as_day(day) for day in days})


def cutoff(day: date, time_zone: str = "UTC") -> pd.Timestamp:
    """The end of `day` in `time_zone`, as a moment in UTC without a zone; what happened before it was known.

    Parameters
    ----------
    day : date
        The day of knowledge.
    time_zone : str
        IANA name; days with a change of the clock are 23 or 25 hours long.

    Returns
    -------
    Timestamp
        Midnight after `day`, in UTC.

    Examples
    --------
    >>> cutoff(date(2024, 3, 10), "America/New_York")
    Timestamp('2024-03-11 04:00:00')
    """
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(time_zone))
    return pd.Timestamp(midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)).as_unit("us")


def local_day(moments: pd.Series, time_zone: str = "UTC") -> pd.Series:
    """The local day (midnight, `datetime64[us]`) on which each UTC moment fell.

    Examples
    --------
    >>> local_day(pd.Series(pd.to_datetime(["2024-03-11 03:00"])), "America/New_York").dt.date.tolist()
    [datetime.date(2024, 3, 10)]
    """
    local = moments.dt.tz_localize("UTC").dt.tz_convert(time_zone).dt.tz_localize(None)
    days: pd.Series = local.dt.normalize().astype("datetime64[us]")
    return days


def counting_from(workspace: Workspace) -> pd.Timestamp | None:
    """The moment from which changes are counted: the start of the day on which field tracking was switched on."""
    begins_on = workspace.sources.history_begins_on
    return None if begins_on is None else cutoff(begins_on - timedelta(days=1), workspace.calendar.time_zone)
