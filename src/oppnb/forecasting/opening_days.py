"""The day on which a period was opened: the last one that is known from before it began."""

from datetime import date

from oppnb.errors import PeriodError
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["opening_point"]


def opening_point(book: PipelineBook, period: Period, *, opening_day: date | None = None) -> Point:
    """Where one stood when a period was opened.

    Parameters
    ----------
    book : PipelineBook
        Its weekly days are looked through.
    period : Period
        The period.
    opening_day : date, optional
        The last of the book's days up to this one is taken; by default the last before the period begins or, where
        none is known, the first inside it.

    Raises
    ------
    PeriodError
        If the book has no such day.

    Examples
    --------
    >>> import pandas as pd
    >>> from oppnb.periods import parse_period
    >>> from oppnb.workspace import Workspace
    >>> days = (date(2024, 3, 24), date(2024, 3, 31), date(2024, 4, 7))
    >>> book = PipelineBook(date(2024, 4, 7), pd.DataFrame(), pd.DataFrame(), days, Workspace())
    >>> opening_point(book, parse_period("2024Q2")).day
    datetime.date(2024, 3, 31)
    """
    if opening_day is None:
        before = [day for day in book.days if day < period.start]
        days = before[-1:] or [day for day in book.days if day in period][:1]
    else:
        days = [day for day in book.days if day <= min(opening_day, period.end)][-1:]
    if not days:
        known = f"from {book.days[0]} to {book.days[-1]}" if book.days else "of no day"
        raise PeriodError(
            f"Of no day at the opening of {period.name} the open deals are known; they are known {known}.\n"
            "Choose a later period, or read the book with earlier days."
        )
    return Point(days[0], period)
