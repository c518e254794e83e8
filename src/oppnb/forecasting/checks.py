"""What a forecast cannot do, told from the book alone: before models learn, which takes minutes."""

from collections.abc import Sequence
from datetime import date

from oppnb.errors import ColumnMissingError, ParameterError, nearest
from oppnb.forecasting.points import points_of
from oppnb.forecasting.scenarios import check_scenarios
from oppnb.forecasting.segments import known_columns
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["check_backtest_days", "check_columns", "check_period", "check_roll_up", "check_scenarios"]


def check_period(period: Period, day: date) -> None:
    """Refuse to forecast a period that was over before a day.

    Raises
    ------
    ParameterError
        With the period's end.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> check_period(parse_period("2024Q1"), date(2024, 5, 10))
    Traceback (most recent call last):
    ...
    oppnb.errors.ParameterError: 2024Q1 ended on 2024-03-31, before 2024-05-10: there is nothing left to forecast.
    """
    if period.end < day:
        raise ParameterError(f"{period.name} ended on {period.end}, before {day}: there is nothing left to forecast.")


def check_roll_up(book: PipelineBook, by: Sequence[str]) -> None:
    """Refuse columns that a forecast of this book cannot be rolled up by; raises as `check_columns`."""
    check_columns(by, known_columns(book.open_rows, book.deals))


def check_columns(by: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a hierarchy of columns that deals do not have.

    Raises
    ------
    ParameterError
        If one stands twice.
    ColumnMissingError
        If deals have no such column, with the nearest.
    """
    for place, name in enumerate(by):
        if name in by[:place]:
            raise ParameterError(f"'{name}' stands twice in the hierarchy {', '.join(by)}.")
        if name not in known:
            near = nearest(name, known)
            hint = f" Did you mean '{near}'?" if near else ""
            raise ColumnMissingError(f"Deals have no column '{name}' to roll up by.{hint}")


def check_backtest_days(book: PipelineBook, *, kind: str, first: date | None, last: date | None) -> None:
    """Refuse bounds between which there is no day that a backtest could stand on.

    Nothing is refused where there is no such day at all: that is the data's, not the caller's.

    Raises
    ------
    ParameterError
        With the first and the last day there is.
    """
    days = [point.day for point in points_of(book, kind=kind)]
    if not days or points_of(book, kind=kind, first=first, last=last):
        return
    said = " ".join(f"{name} {day}" for name, day in (("from", first), ("to", last)) if day is not None)
    raise ParameterError(
        f"There is no day {said} that can be judged: days in a {kind} that is over go from {days[0]} to {days[-1]}."
    )
