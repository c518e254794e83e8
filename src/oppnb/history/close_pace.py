"""On which days deals close: of a week, and of a quarter, whose last weeks hold most."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.periods import Period, period_of

__all__ = ["EVEN_PACE", "WEEKS_OF_A_QUARTER", "ClosePace", "close_pace"]

Floats = npt.NDArray[np.float64]

WEEKS_OF_A_QUARTER = 14
_QUARTERS = 8
_PRIOR_DEALS = 8.0
_A_WEEK = 7


@dataclass(frozen=True, eq=False)
class ClosePace:
    """How much of what is closed is closed on a day; a curve between two of its points rises as this says.

    Attributes
    ----------
    weekdays : array, shape (7,)
        Share of a Monday, a Tuesday, …; not negative, their sum above 0.
    weeks : array, shape (14,)
        Factor of days that lie 7 k to 7 k + 6 days before their quarter's last day; above 0, 1 is as usual.
    fiscal_year_start : int
        Month (1-12), by which quarters are told.
    """

    weekdays: Floats
    weeks: Floats
    fiscal_year_start: int = 1

    def upto(self, day: date, n_days: int) -> Floats:
        """Weight of the days after `day` up to the n-th, shape (n_days + 1,): 0 first, never falling.

        Examples
        --------
        >>> working = ClosePace(np.array([1.0, 1, 1, 1, 1, 0, 0]), np.ones(14))
        >>> working.upto(date(2024, 3, 3), 8).tolist()  # a Sunday
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 6.0]
        """
        weekday = (day.weekday() + 1 + np.arange(n_days)) % _A_WEEK
        weight = self.weekdays[weekday] * self.weeks[_weeks_left(day, n_days, self.fiscal_year_start)]
        found: Floats = np.concatenate([[0.0], np.cumsum(weight)])
        return found


EVEN_PACE = ClosePace(np.full(_A_WEEK, 1 / _A_WEEK), np.ones(WEEKS_OF_A_QUARTER))
"""All days alike."""


def close_pace(closed_on: pd.Series, *, known_on: date, fiscal_year_start: int = 1) -> ClosePace:
    """Learn it from the days on which deals were closed.

    Weekdays: all of them, with one more on each day. Weeks of a quarter: those of the last eight quarters that are
    over, from the first close on, beside what their weekdays would have brought, both held together by eight deals a
    week, so that few deals leave all weeks alike.

    Parameters
    ----------
    closed_on : Series of datetime
        One a deal; null is left out.
    known_on : date
        The day of knowledge.
    fiscal_year_start : int
        Month (1-12) in which the fiscal year begins.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-03-28", "2024-03-29", "2024-06-27", "2024-06-28"] * 20))
    >>> close_pace(days, known_on=date(2024, 7, 31)).weeks.round(1).tolist()[:2]
    [4.3, 0.7]
    """
    closed = closed_on.dropna()
    counts = np.bincount(closed.dt.day_of_week.to_numpy(dtype=np.int64), minlength=_A_WEEK) + 1.0
    weekdays = counts / counts.sum()
    came, usual = np.zeros(WEEKS_OF_A_QUARTER), np.zeros(WEEKS_OF_A_QUARTER)
    for quarter in _quarters(known_on, None if closed.empty else closed.min().date(), fiscal_year_start):
        eve = quarter.start - timedelta(days=1)
        week = _weeks_left(eve, quarter.n_days, fiscal_year_start)
        after = (closed - pd.Timestamp(quarter.start)).dt.days.to_numpy(dtype=np.int64)
        inside = after[(after >= 0) & (after < quarter.n_days)]
        came += np.bincount(week[inside], minlength=WEEKS_OF_A_QUARTER)
        days = (quarter.start.weekday() + np.arange(quarter.n_days)) % _A_WEEK
        usual += np.bincount(week, weights=weekdays[days], minlength=WEEKS_OF_A_QUARTER)
    if came.sum() <= 0:
        return ClosePace(weekdays, np.ones(WEEKS_OF_A_QUARTER), fiscal_year_start)
    expected = usual * came.sum() / usual.sum()
    return ClosePace(weekdays, (came + _PRIOR_DEALS) / (expected + _PRIOR_DEALS), fiscal_year_start)


def _quarters(known_on: date, first: date | None, fiscal_year_start: int) -> Iterator[Period]:
    """The last quarters that are over, the latest first, none that began before the first close."""
    quarter = period_of(known_on + timedelta(days=1), fiscal_year_start=fiscal_year_start)
    for back in range(1, _QUARTERS + 1):
        past = quarter.shift(-back)
        if first is None or past.start < first.replace(day=1):
            return
        yield past


def _weeks_left(day: date, n_days: int, fiscal_year_start: int) -> npt.NDArray[np.int64]:
    """Whole weeks from each of the days after `day` to the last day of its quarter, shape (n_days,)."""
    found: list[npt.NDArray[np.int64]] = []
    first, last = day + timedelta(days=1), day + timedelta(days=n_days)
    while first <= last:
        end = period_of(first, fiscal_year_start=fiscal_year_start).end
        upto = min(end, last)
        left = (end - first).days - np.arange((upto - first).days + 1)
        found.append(np.minimum(left // _A_WEEK, WEEKS_OF_A_QUARTER - 1).astype(np.int64))
        first = upto + timedelta(days=1)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
