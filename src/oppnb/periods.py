"""Months, quarters and fiscal years as half-open ranges of days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from oppnb.errors import PeriodError

__all__ = ["Period", "parse_day", "parse_period", "period_of"]

_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """A month, quarter or fiscal year.

    Attributes
    ----------
    start : date
        First day.
    end : date
        Last day, inclusive.
    kind : str
        `month`, `quarter` or `year`.
    name : str
        `2017-08`, `2017Q3` or `FY2017`; a fiscal year is named after the calendar year in which it ends.
    """

    start: date
    end: date
    kind: str
    name: str
    fiscal_year_start: int = 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.name

    @property
    def n_days(self) -> int:
        """Days in the period."""
        return (self.end - self.start).days + 1

    def shift(self, count: int) -> "Period":
        """The period `count` steps later (earlier if negative).

        Examples
        --------
        >>> parse_period("2017Q3").shift(-2).name
        '2017Q1'
        """
        months = self.start.year * 12 + self.start.month - 1 + count * _MONTHS_IN[self.kind]
        return period_of(
            date(months // 12, months % 12 + 1, 1), kind=self.kind, fiscal_year_start=self.fiscal_year_start
        )


def period_of(day: date, *, kind: str = "quarter", fiscal_year_start: int = 1) -> Period:
    """Find the period that holds a day.

    Parameters
    ----------
    day : date
        Any day.
    kind : {'month', 'quarter', 'year'}
        What to return.
    fiscal_year_start : int
        Month (1-12) in which the fiscal year begins.

    Raises
    ------
    PeriodError
        If `kind` is none of the three.

    Examples
    --------
    >>> period_of(date(2017, 9, 30)).name
    '2017Q3'
    >>> period_of(date(2017, 9, 30), kind="year", fiscal_year_start=4).name
    'FY2018'
    """
    if kind not in _MONTHS_IN:
        raise PeriodError(f"A period is a month, a quarter or a year, not '{kind}'.")
    length = _MONTHS_IN[kind]
    offset = (day.month - fiscal_year_start) % 12
    first = day.year * 12 + day.month - 1 - offset % length
    start, after = _first_of(first), _first_of(first + length)
    fiscal_year = start.year + (1 if 1 < fiscal_year_start <= start.month else 0)
    quarter = (start.month - fiscal_year_start) % 12 // 3 + 1
    name = {"month": f"{start:%Y-%m}", "quarter": f"{fiscal_year}Q{quarter}", "year": f"FY{fiscal_year}"}[kind]
    return Period(start, after - timedelta(days=1), kind, name, fiscal_year_start)


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def parse_period(text: str, *, fiscal_year_start: int = 1) -> Period:
    """Read `2017Q3`, `2017-08` or `FY2017`.

    Raises
    ------
    PeriodError
        If the text is none of these, with an example of each.

    Examples
    --------
    >>> parse_period("2017Q3").end
    datetime.date(2017, 9, 30)
    """
    cleaned = text.strip().upper().replace(" ", "")
    if match := re.fullmatch(r"(\d{4})-?Q([1-4])", cleaned):
        year, quarter = int(match[1]), int(match[2])
        first_year = year - (1 if fiscal_year_start > 1 else 0)
        return period_of(
            _first_of(first_year * 12 + fiscal_year_start - 1 + (quarter - 1) * 3), fiscal_year_start=fiscal_year_start
        )
    if match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", cleaned):
        return period_of(date(int(match[1]), int(match[2]), 1), kind="month", fiscal_year_start=fiscal_year_start)
    if match := re.fullmatch(r"(?:FY)?(\d{4})", cleaned):
        year = int(match[1]) - (1 if fiscal_year_start > 1 else 0)
        return period_of(date(year, fiscal_year_start, 1), kind="year", fiscal_year_start=fiscal_year_start)
    raise PeriodError(
        f"'{text}' is not a period. Write a quarter (2017Q3), a month (2017-08) or a fiscal year (FY2017)."
    )


def parse_day(text: str | date) -> date:
    """Read an ISO day such as `2017-09-30`.

    Raises
    ------
    PeriodError
        If the text is not a day of the calendar.
    """
    if isinstance(text, date):
        return date(text.year, text.month, text.day)
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise PeriodError(f"'{text}' is not a day. Write year-month-day, for example 2017-09-30.") from error
