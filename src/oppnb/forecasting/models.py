"""All forecasts of one point: our own, the baselines, and the mean of the best two."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oppnb.forecasting.baselines import BASELINES, PointForecast
from oppnb.forecasting.distribution import Distribution, blended
from oppnb.forecasting.parts import ForecastParts, forecast_parts
from oppnb.forecasting.points import Point
from oppnb.forecasting.record import Made, Record
from oppnb.history.book import PipelineBook

__all__ = ["COMBINATION", "MODEL", "PointForecasts", "forecast_all"]

MODEL = "win_curves"
COMBINATION = "combination"
_COMBINED = (MODEL, "conversion_table")


@dataclass(frozen=True)
class PointForecasts:
    """What each model says on a day of a period.

    Attributes
    ----------
    parts : ForecastParts
        What our own is made of.
    forecasts : mapping of str to Distribution
        By model; those that the data do not carry are missing.
    made : tuple of Made
        The same before the record widened or narrowed them, to be remembered; actual is null.
    width : float
        The factor that our own record asked for.
    weights : mapping of str to float
        Of the models in the combination.
    points : mapping of str to PointForecast
        The baselines' numbers, and how they are made up.
    """

    parts: ForecastParts
    forecasts: Mapping[str, Distribution]
    made: tuple[Made, ...]
    width: float
    weights: Mapping[str, float]
    points: Mapping[str, PointForecast] = field(default_factory=dict)


def forecast_all(book: PipelineBook, point: Point, record: Record) -> PointForecasts:
    """Ask every model, with what was known on the point's day.

    Parameters
    ----------
    book : PipelineBook
        With curves; the point's day is one of its days.
    point : Point
    record : Record
        Of earlier forecasts.
    """
    known = book.known(point.day)
    parts = forecast_parts(known, point)
    won = parts.won_already
    raw = parts.distribution().told().with_mean(parts.expected, least=won)
    made = [Made(MODEL, point, raw, float("nan"), won)]
    width = record.width(MODEL, point)
    forecasts = {MODEL: raw.widened(width, least=won)}
    points: dict[str, PointForecast] = {}
    for name, baseline in BASELINES.items():
        told = baseline(known, point)
        if told is None:
            continue
        points[name] = told
        forecasts[name] = record.spread_of_point(name, point, total=told.total, won_already=told.won_already)
        made.append(Made(name, point, forecasts[name], float("nan"), told.won_already))
    weights: dict[str, float] = {}
    if all(name in forecasts for name in _COMBINED):
        share = record.skill_weights(_COMBINED, point)
        weights = dict(zip(_COMBINED, share.tolist(), strict=True))
        mixed = blended([raw, forecasts[_COMBINED[1]]], share.tolist())
        forecasts[COMBINATION] = mixed.widened(record.width(COMBINATION, point), least=won)
        made.append(Made(COMBINATION, point, mixed, float("nan"), won))
    return PointForecasts(parts, forecasts, tuple(made), width, weights, points)
