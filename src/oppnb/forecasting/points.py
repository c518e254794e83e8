"""A day in a period, and the days of earlier periods that lie as far from their ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from oppnb.history.book import PipelineBook
from oppnb.periods import Period, period_of

__all__ = ["PAST_PERIODS", "Point", "nearest_past", "past_points", "points_of", "since_first_close"]

PAST_PERIODS = {"month": 12, "quarter": 8, "year": 4}
"""How many periods of each kind are looked back at."""

_FURTHEST = 4
_WEEKS_NEAR = 1


@dataclass(frozen=True)
class Point:
    """A day of knowledge and the period that is forecast on it.

    Attributes
    ----------
    day : date
        The day of knowledge.
    period : Period
        May have begun, or lie ahead.
    """

    day: date
    period: Period

    @property
    def days_to_end(self) -> int:
        """Days from the end of the day to the end of the period; 0 on its last day."""
        return (self.period.end - self.day).days

    @property
    def days_to_start(self) -> int:
        """Days from the end of the day to the start of the period; 0 if it has begun, or begins the next day."""
        return max((self.period.start - self.day).days - 1, 0)

    @property
    def week(self) -> int:
        """Whole weeks since the period began: 0 in its first week and before it."""
        return max((self.day - self.period.start).days + 1, 0) // 7

    @property
    def weeks_left(self) -> int:
        """Whole weeks from the day to the end of the period."""
        return self.days_to_end // 7


def past_points(point: Point, days: Sequence[date], *, around: int = 0, most: int | None = None) -> list[Point]:
    """The same point of earlier periods, which were over by the day; the latest first.

    Parameters
    ----------
    point : Point
        Where we stand.
    days : sequence of date
        Days that are known, in order.
    around : int
        Also so many weeks before and after, where the period is the same.
    most : int, optional
        Periods at most; by default `PAST_PERIODS`.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> days = [date(2024, 1, 7) + timedelta(weeks=week) for week in range(40)]
    >>> [(past.day.isoformat(), past.period.name) for past in past_points(
    ...     Point(date(2024, 8, 4), parse_period("2024Q3")), days)]
    [('2024-05-05', '2024Q2'), ('2024-02-04', '2024Q1')]
    """
    most = PAST_PERIODS[point.period.kind] if most is None else most
    found = []
    for back in range(1, most + 1):
        period = point.period.shift(-back)
        if period.end > point.day:
            continue
        wanted = period.end - timedelta(days=point.days_to_end)
        near = {_nearest(days, wanted + timedelta(weeks=week)) for week in range(-around, around + 1)}
        chosen = sorted(day for day in near if day is not None)
        found += [Point(day, period) for day in chosen if day < period.end]
    return found


def since_first_close(points: Sequence[Point], book: PipelineBook) -> list[Point]:
    """Without those whose period was over before any deal was closed: they tell when the records began, no more."""
    first = book.deals["closed_on"].min()
    return [point for point in points if first <= pd.Timestamp(point.period.end)]


def _nearest(days: Sequence[date], wanted: date) -> date | None:
    near = min(days, key=lambda day: (abs((day - wanted).days), day), default=None)
    return near if near is not None and abs((near - wanted).days) <= _FURTHEST else None


def nearest_past(points: Sequence[Point], point: Point) -> list[int]:
    """Of each of the last periods that were over by the point's day, the place of the point nearest to the same week.

    Parameters
    ----------
    points : sequence of Point
        Where forecasts were made; those more than a week from the point's are left out.
    point : Point
        Where we stand.

    Returns
    -------
    list of int
        The earliest period first.
    """
    first = point.period.shift(-PAST_PERIODS[point.period.kind]).start
    found: dict[date, int] = {}
    for place, one in enumerate(points):
        if one.period.end > point.day or one.period.start < first:
            continue
        far = abs(one.weeks_left - point.weeks_left)
        kept = found.get(one.period.start)
        if far <= _WEEKS_NEAR and (kept is None or far < abs(points[kept].weeks_left - point.weeks_left)):
            found[one.period.start] = place
    return [found[start] for start in sorted(found)]


def points_of(
    book: PipelineBook, *, kind: str = "quarter", first: date | None = None, last: date | None = None
) -> list[Point]:
    """Every day of the book in the period that holds the day after it, where that period is over."""
    start = book.workspace.calendar.fiscal_year_start
    found = []
    for day in book.days:
        if (first is not None and day < first) or (last is not None and day > last):
            continue
        period = period_of(day + timedelta(days=1), kind=kind, fiscal_year_start=start)
        if period.end <= book.known_on:
            found.append(Point(day, period))
    return found
