"""What the bridge is asked: two days, a slice, which deals are due; checked before anything is worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from oppnb.errors import ColumnMissingError, ParameterError, nearest
from oppnb.periods import Period, parse_day, parse_period
from oppnb.review import Review
from oppnb.widgets.slice_values import check_values, known_on

__all__ = ["ALL_DEALS", "Question", "check_question"]

ALL_DEALS = "all"
"""Instead of a period: every open deal, whenever it is expected to close."""


@dataclass(frozen=True)
class Question:
    """Two days, a slice and a period.

    Attributes
    ----------
    start, end : date
        `start` before `end`.
    slice : tuple of (column, value)
        Empty: every deal.
    period : Period or None
        None: every open deal.
    """

    start: date
    end: date
    slice: tuple[tuple[str, str], ...]
    period: Period | None


def check_question(
    review: Review,
    *,
    start: date | str,
    end: date | str,
    slice: Mapping[str, str] | None,  # noqa: A002 - the word of the field
    period: Period | str | None,
) -> Question:
    """The question, if it can be asked.

    Raises
    ------
    ParameterError
        If the days stand in the wrong order, the later one lies after what the review knows, or no deal has the value
        that the slice names; names the nearest.
    PeriodError
        If a day or a period cannot be read.
    ColumnMissingError
        If the deals have no such column to slice by; names the nearest.
    """
    first, last = parse_day(start), parse_day(end)
    if first >= last:
        raise ParameterError(f"The first day ({first}) must be before the second ({last}).")
    if last > review.as_of:
        raise ParameterError(f"The second day ({last}) is after the day of knowledge ({review.as_of}).")
    columns = [str(name) for name in review.snapshot.columns]
    for column in slice or {}:
        if column not in columns:
            near = nearest(column, columns)
            hint = f" The nearest is '{near}'." if near else ""
            raise ColumnMissingError(f"The deals have no column '{column}' to slice by.{hint}")
    check_values(slice or {}, known_on(review, first, last))
    return Question(first, last, tuple((slice or {}).items()), _period(period, review))


def _period(period: Period | str | None, review: Review) -> Period | None:
    if period == ALL_DEALS:
        return None
    if period is None or isinstance(period, Period):
        return period or review.period
    return parse_period(period, fiscal_year_start=review.workspace.calendar.fiscal_year_start)
