"""The past repeated: the last period, and the same period of last year."""

import numpy as np

from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["last_period", "period_before", "same_period_last_year", "won_in"]

_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


def won_in(book: PipelineBook, period: Period) -> float | None:
    """Amount won in a period that is over and that the data cover; else None."""
    first = book.deals["closed_on"].min()
    if period.end > book.known_on or not first < np.datetime64(period.start):
        return None
    return float(book.won_between(period.start, period.end)["amount_base"].sum())


def period_before(point: Point, *, years: bool) -> Period:
    """The last period that is over on the point's day, or the same period of the last year of which that is true."""
    back = _A_YEAR[point.period.kind] if years else 1
    period = point.period.shift(-back)
    while period.end > point.day:
        period = period.shift(-back)
    return period


def last_period(book: PipelineBook, point: Point) -> PointForecast | None:
    """What was won in the last period that is over."""
    return _repeated(book, point, period_before(point, years=False))


def same_period_last_year(book: PipelineBook, point: Point) -> PointForecast | None:
    """What was won in the same period a year before."""
    return _repeated(book, point, period_before(point, years=True))


def _repeated(book: PipelineBook, point: Point, period: Period) -> PointForecast | None:
    amount = won_in(book, period)
    if amount is None:
        return None
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    return PointForecast(won, np.zeros(len(book.on(point.day))), max(amount - won, 0.0))
