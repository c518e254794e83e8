"""The deals that stood longest in a stage: beyond the longest stay of a closed deal nothing was ever observed."""

from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from oppnb.metrics import cumulative_incidence

__all__ = ["LongestStays", "longest_stays"]

N_LONGEST = 30
"""Closed deals that stood longest, whose odds bound those of deals that have stood longer than any of them."""

_DAY = 86_400.0


@dataclass(frozen=True)
class LongestStays:
    """How long closed deals stood in a stage, and what became of those that stood longest.

    Attributes
    ----------
    days : float
        The longest stay there of a deal that is closed: no deal that stood longer has a known end. NaN: none is closed.
    until_night : float
        The same, each stay counted to the end of the day on which it ended, as stays that last are: a deal as many days
        old as the oldest closed one has stood no longer. NaN: none is closed.
    odds : float
        Probability of being won of the deals that stood there for `from_days` or longer, from that day on, as far as
        they are followed; those that stand there still have not ended. 0-1, NaN where none is closed.
    low, high : float
        95 % interval.
    from_days : float
        The longest stay that 30 closed deals reached; the shortest of all where fewer are closed.
    n : int
        Closed deals among them.
    """

    days: float
    until_night: float
    odds: float
    low: float
    high: float
    from_days: float
    n: int


def longest_stays(stays: pd.DataFrame, *, now: np.datetime64, time_zone: str = "UTC") -> LongestStays:
    """The longest stays in one stage.

    Where deals are not won more often the longer they stand, those that have stood longer than any closed deal are won
    at most as often as these.

    Parameters
    ----------
    stays : DataFrame
        Of one stage: `deal`, `entered_at`, `left_at` (null: stands there), `closed_at`, `end` (of the deal: 0 open,
        1 won, 2 lost).
    now : datetime64
        The end of the day of knowledge.
    time_zone : str
        Where days end.

    Returns
    -------
    LongestStays

    Examples
    --------
    >>> begun = pd.Timestamp("2024-01-01")
    >>> closed = [begun + pd.Timedelta(days=days) for days in (10, 20, 30, 40)]
    >>> stays = pd.DataFrame({"deal": range(6), "entered_at": begun, "left_at": [*closed, pd.NaT, pd.NaT],
    ...     "closed_at": [*closed, pd.NaT, pd.NaT], "end": [1, 1, 2, 2, 0, 0]})
    >>> found = longest_stays(stays, now=np.datetime64("2024-07-01"))
    >>> found.days, found.from_days, found.n, round(found.odds, 3)
    (40.0, 10.0, 4, 0.333)
    """
    told = _with_days(stays, now, time_zone)
    closed = told[told["end"] > 0].groupby("deal")[["days", "nights"]].max().sort_values("nights", ascending=False)
    if closed.empty:
        return LongestStays(nan, nan, nan, nan, nan, nan, 0)
    longest = closed.head(N_LONGEST)
    from_days = float(longest["days"].min())
    group = (
        told[told["nights"] >= float(longest["nights"].min())]
        .sort_values(["deal", "entered_at"], kind="stable")
        .drop_duplicates("deal")
    )
    followed = (group["followed"] - from_days).clip(lower=0.0).to_numpy(dtype="float64")
    end = group["end"].to_numpy(dtype="int64")
    told_by = cumulative_incidence(followed, end, horizon=float(followed.max()))
    odds, low, high = (nan, nan, nan) if told_by is None else told_by
    days, until_night = (float(longest[name].max()) for name in ("days", "nights"))
    return LongestStays(days, until_night, odds, low, high, from_days, int((end > 0).sum()))


def _with_days(stays: pd.DataFrame, now: np.datetime64, time_zone: str) -> pd.DataFrame:
    """`days` of the stay, `nights` to the end of its last day, `followed` from its beginning to the close or now."""
    until = stays["closed_at"].where(stays["end"] > 0, pd.Timestamp(now))
    left = stays["left_at"].fillna(until)
    left = left.where(left < until, until)
    days, followed = _days(stays["entered_at"], left), _days(stays["entered_at"], until)
    night = _night(left, time_zone)
    nights = _days(stays["entered_at"], night.where(night < pd.Timestamp(now), pd.Timestamp(now)))
    told = stays.assign(days=days, nights=nights, followed=followed)
    kept: pd.DataFrame = told[told["days"] >= 0]
    return kept


def _night(moments: "pd.Series[pd.Timestamp]", time_zone: str) -> "pd.Series[pd.Timestamp]":
    """The end of the day of each moment; the moments, and the ends, are UTC."""
    midnight = moments.dt.tz_localize("UTC").dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()
    ends = (midnight + pd.Timedelta(days=1)).dt.tz_localize(time_zone, ambiguous=True, nonexistent="shift_forward")
    return ends.dt.tz_convert("UTC").dt.tz_localize(None)


def _days(begun: "pd.Series[pd.Timestamp]", ended: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    return (ended - begun).dt.total_seconds() / _DAY
