"""The past repeated: the last period, and the same period of last year."""

import numpy as np

from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["last_period", "same_period_last_year", "won_in"]

_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


def won_in(book: PipelineBook, period: Period) -> float | None:
    """Amount won in a period that is over and that the data cover; else None."""
    first = book.deals["closed_on"].min()
    if period.end > book.known_on or not first < np.datetime64(period.start):
        return None
    return float(book.won_between(period.start, period.end)["amount_base"].sum())


def last_period(book: PipelineBook, point: Point) -> PointForecast | None:
    """What was won in the last period that is over."""
    period = point.period.shift(-1)
    while period.end > point.day:
        period = period.shift(-1)
    return _repeated(book, point, period)


def same_period_last_year(book: PipelineBook, point: Point) -> PointForecast | None:
    """What was won in the same period a year before."""
    period = point.period.shift(-_A_YEAR[point.period.kind])
    while period.end > point.day:
        period = period.shift(-_A_YEAR[point.period.kind])
    return _repeated(book, point, period)


def _repeated(book: PipelineBook, point: Point, period: Period) -> PointForecast | None:
    amount = won_in(book, period)
    if amount is None:
        return None
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    return PointForecast(won, np.zeros(len(book.on(point.day))), max(amount - won, 0.0))
