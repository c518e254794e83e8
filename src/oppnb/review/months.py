"""What was won month by month."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.history.moments import local_day
from oppnb.periods import Period, period_of
from oppnb.review.cents import to_cents

__all__ = ["first_close", "is_known_throughout", "months_of", "won_by_month"]

TRAILING_MONTHS = 12
_LATE = 10


def months_of(period: Period, *, as_of: date) -> tuple[Period, ...]:
    """The twelve months up to the last known day of the period, and the period's own, in order; none in the future.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> months = months_of(parse_period("2017Q3"), as_of=date(2017, 8, 15))
    >>> months[0].name, months[-1].name, len(months)
    ('2016-09', '2017-08', 12)
    """
    last = period_of(min(period.end, as_of), kind="month")
    months = [last.shift(-step) for step in range(TRAILING_MONTHS)]
    first = period_of(period.start, kind="month")
    while months[-1].start > first.start:
        months.append(months[-1].shift(-1))
    return tuple(reversed(months))


def first_close(snapshot: pd.DataFrame, *, time_zone: str = "UTC") -> date | None:
    """The local day from which on closed deals are known; None without any."""
    closed = local_day(snapshot["closed_at"], time_zone).dropna()
    return None if closed.empty else closed.min().date()


def is_known_throughout(period: Period, first: date | None) -> bool:
    """Whether the first close that is known lies before a period, or in its first tenth.

    What was won in a period of which only the end is known is no yardstick for one that is known from its first day.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> is_known_throughout(parse_period("2017Q1"), date(2017, 3, 1))
    False
    >>> is_known_throughout(parse_period("2017Q2"), date(2017, 3, 1))
    True
    """
    return first is not None and first <= period.start + timedelta(days=period.n_days // _LATE)


def won_by_month(snapshot: pd.DataFrame, months: tuple[Period, ...], *, time_zone: str = "UTC") -> pd.DataFrame:
    """Deals won in each month, by the local day they closed, as known on the snapshot's day.

    Returns
    -------
    DataFrame
        `month` (`2017-08`), `won_count`, `won_amount` (null if no won deal of the month has an amount).
    """
    won = snapshot[snapshot["outcome"] == "won"]
    month = local_day(won["closed_at"], time_zone).dt.strftime("%Y-%m")
    cents = to_cents(won["amount_base"]).groupby(month).sum()
    with_amount = won["amount_base"].notna().groupby(month).sum()
    counts = month.value_counts()
    names = pd.Index([one.name for one in months])
    n = counts.reindex(names, fill_value=0).to_numpy(dtype="int64")
    amount = cents.reindex(names, fill_value=0).to_numpy(dtype="float64") / 100
    unknown = (n > 0) & (with_amount.reindex(names, fill_value=0).to_numpy(dtype="int64") == 0)
    return pd.DataFrame(
        {"month": pd.Series(names, dtype="str"), "won_count": n, "won_amount": np.where(unknown, np.nan, amount)}
    )
