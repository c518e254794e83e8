"""A time series of the amounts won, which knows nothing of deals: exponential smoothing, its form chosen by AICc."""

import warnings
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.baselines.repeated import won_in
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import period_of

__all__ = ["top_down"]

Floats = npt.NDArray[np.float64]

_SEASONS = {"month": 12, "quarter": 4, "year": 1}
_LEAST = 6


def top_down(book: PipelineBook, point: Point) -> PointForecast | None:
    """Exponential smoothing of the periods that are over. None with fewer than six of them, or without statsmodels.

    Level, trend and damped trend, each with and without seasons (where three years are known), additive errors; the
    form with the lowest AICc.

    References
    ----------
    .. [1] R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Forecasting with Exponential Smoothing", 2008.
    """
    series, steps = _series(book, point)
    if len(series) < _LEAST:
        return None
    amount = _forecast(series, steps, _SEASONS[point.period.kind])
    if amount is None:
        return None
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    return PointForecast(won, np.zeros(len(book.on(point.day))), max(amount - won, 0.0))


def _series(book: PipelineBook, point: Point) -> tuple[Floats, int]:
    """Amounts of the periods that are over, the earliest first, and how many periods ahead the wanted one lies."""
    first: date | None = None if book.deals["closed_on"].isna().all() else book.deals["closed_on"].min().date()
    if first is None:
        return np.zeros(0), 1
    kind, start = point.period.kind, point.period.fiscal_year_start
    period = period_of(first, kind=kind, fiscal_year_start=start).shift(1)
    found = []
    while period.end <= point.day:
        found.append(won_in(book, period) or 0.0)
        period = period.shift(1)
    steps = 1
    while period.start < point.period.start:
        period, steps = period.shift(1), steps + 1
    return np.array(found), steps


def _forecast(series: Floats, steps: int, seasons: int) -> float | None:
    try:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    except ImportError:
        return None
    scale = float(series.mean()) or 1.0
    best: tuple[float, Any] | None = None
    for form in _forms(len(series), seasons):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = ETSModel(series / scale, error="add", **form).fit(disp=False)
            except (ValueError, np.linalg.LinAlgError):
                continue
        if np.isfinite(fitted.aicc) and (best is None or fitted.aicc < best[0]):
            best = (float(fitted.aicc), fitted)
    return None if best is None else float(best[1].forecast(steps)[-1]) * scale


def _forms(n: int, seasons: int) -> list[dict[str, Any]]:
    forms: list[dict[str, Any]] = [{"trend": None}, {"trend": "add"}, {"trend": "add", "damped_trend": True}]
    if seasons > 1 and n >= 3 * seasons:
        forms += [{**form, "seasonal": "add", "seasonal_periods": seasons} for form in forms[:2]]
    return forms
