"""Ages of open deals counted as cycles are: day minus day, not to the end of the day of knowledge."""

from datetime import date

import pandas as pd

from oppnb.history.moments import local_day

__all__ = ["in_whole_days", "stays_in_whole_days"]


def in_whole_days(snapshot: pd.DataFrame, *, time_zone: str = "UTC") -> pd.DataFrame:
    """A snapshot whose open deals are as old as the calendar says.

    A snapshot knows the day to its end, so a deal created on the 1st is 30.0 days old on the 30th, and the same deal
    closed on the 30th took 29 days, where the CRM tells days only: two rulers. Here the age of an open deal is the day
    of knowledge minus the day of its creation, and its days in the stage likewise, in whole days; what is closed stays
    as it is.

    Parameters
    ----------
    snapshot : DataFrame
        Of `as_of` or `snapshots`, with `outcome`, `as_of`, `created_at`, `entered_stage_at`, `age_days`,
        `days_in_stage`.
    time_zone : str
        In which a day is a day.

    Returns
    -------
    DataFrame
        The same rows and columns.

    Examples
    --------
    >>> from oppnb.history import as_of
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Demo", "Won"], "outcome": ["open", "won"],
    ...     "created_at": pd.to_datetime(["2024-01-01", "2024-01-01"]),
    ...     "closed_at": pd.to_datetime([None, "2024-01-30"])})
    >>> known = as_of({"opportunities": deals}, "2024-01-30")
    >>> known["age_days"].tolist(), in_whole_days(known)["age_days"].tolist()
    ([30.0, 29.0], [29.0, 29.0])
    """
    is_open = snapshot["outcome"].eq("open").fillna(value=False).astype(bool)
    told = {
        days: snapshot[days].mask(is_open, _between(snapshot[since], snapshot["as_of"], time_zone))
        for since, days in (("created_at", "age_days"), ("entered_stage_at", "days_in_stage"))
    }
    return snapshot.assign(**told)


def stays_in_whole_days(spells: pd.DataFrame, day: date, *, time_zone: str = "UTC") -> pd.DataFrame:
    """Stays whose unfinished ones last as long as the calendar says: day of knowledge minus day of entry.

    Parameters
    ----------
    spells : DataFrame
        Of `oppnb.history.spells`, with `entered_at`, `is_finished`, `days`.
    day : date
        Of knowledge.
    time_zone : str
        In which a day is a day.

    Examples
    --------
    >>> stays = pd.DataFrame({"entered_at": pd.to_datetime(["2024-01-01"]), "is_finished": False, "days": [30.0]})
    >>> stays_in_whole_days(stays, date(2024, 1, 30))["days"].tolist()
    [29.0]
    """
    so_far = _between(spells["entered_at"], pd.Series(pd.Timestamp(day), index=spells.index), time_zone)
    return spells.assign(days=spells["days"].where(spells["is_finished"].astype(bool), so_far))


def _between(moments: pd.Series, days: pd.Series, time_zone: str) -> pd.Series:
    """Whole days from the local days of moments to days; null where a moment is not known."""
    return (days - local_day(moments.astype("datetime64[us]"), time_zone)).dt.days.astype("float64")
