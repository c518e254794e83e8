"""The conversion table over four years instead of two: more to learn from, the last years counting more."""

import numpy as np

from oppnb.forecasting.baselines.conversion_table import converted
from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.new_business import learn_new_business
from oppnb.forecasting.points import PAST_PERIODS, Point, past_points
from oppnb.forecasting.seen import followed
from oppnb.history.book import PipelineBook

__all__ = ["long_conversion"]

_MOST = {"month": 48, "quarter": 16, "year": 4}


def long_conversion(book: PipelineBook, point: Point) -> PointForecast | None:
    """As `conversion_table`, of the periods of four years, each counting half of one two years after it.

    With new business as our own forecast learns it. None where no more periods are known than the conversion table
    has: it would be the same table.
    """
    days = [day for day in book.days if day < point.day]
    past = past_points(point, days, most=_MOST[point.period.kind])
    if len(past) <= PAST_PERIODS[point.period.kind]:
        return None
    seen = followed(book, past)
    starts = sorted({one.period.start for one in past}, reverse=True)
    ages = seen["period"].dt.date.map({start: age for age, start in enumerate(starts)}).to_numpy(dtype="float64")
    counts = 0.5 ** (ages / (_MOST[point.period.kind] / 2))
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    new = learn_new_business(book, point, past_points(point, days))
    return PointForecast(won, converted(book, point, seen.assign(counts=np.asarray(counts))), new.mean)
