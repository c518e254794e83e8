"""Forecasts made by hand for roll-ups: what is told, without the record of past Mondays."""

import pandas as pd

from oppnb.forecasting import Forecast, ForecastParts, forecast_parts
from oppnb.forecasting.backtest import ForecastBacktest
from oppnb.forecasting.chosen import ChosenForecast
from oppnb.forecasting.models import PointForecasts
from oppnb.forecasting.record import Record
from oppnb.history.book import PipelineBook
from tests.forecasting.hand_made import POINT, make_book


def told(parts: ForecastParts, *, width: float = 1.0, more: float = 0.0, target: float | None = None) -> Forecast:
    """A forecast wider than what deals say, and higher by an amount."""
    told = parts.distribution().told().widened(width, least=parts.won_already).shifted(more)
    said = PointForecasts(parts, {"win_curves": told}, (), width, {})
    chosen = ChosenForecast("win_curves", "too_few_periods", None, pd.DataFrame())
    return Forecast(parts.point, said, chosen, ForecastBacktest(pd.DataFrame(), Record(), parts.point.day), target)


def book_and_parts(*, n_deals: int = 400, seed: int = 1) -> tuple[PipelineBook, ForecastParts]:
    """A book and what its forecast is made of; some deals have no owner and no team."""
    book = make_book(n_deals=n_deals, seed=seed)
    for frame in (book.deals, book.open_rows):
        is_lost_track = frame["opportunity_id"].str.endswith("7")
        frame.loc[is_lost_track, "owner_id"] = None
        frame.loc[frame["opportunity_id"].str.endswith("77"), "team"] = None
    return book, forecast_parts(book, POINT)
