"""The forecast of a review's period: made where the workspace asks for one, else a sentence how to get it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from oppnb.errors import DataError, OppnbError, ParameterError
from oppnb.locale import Formats, Words
from oppnb.reports.forecast_memory import of_whole_or_slice, remember, store_at
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["FORECASTS", "ReviewForecast", "forecast_review"]

AUTO, ON, OFF = FORECASTS = ("auto", "on", "off")
_SECTION = "forecast"


@dataclass(frozen=True, eq=False)
class ReviewForecast:
    """A forecast of the review's period, or why there is none.

    Attributes
    ----------
    is_asked : bool
        Whether the report speaks of a forecast at all.
    note : str
        Why there is none, or what the store remembers; empty with a forecast.
    told : ToldForecast or None
        The forecast.
    """

    is_asked: bool
    note: str = ""
    told: ToldForecast | None = None

    def figures(self) -> list[dict[str, Any]]:
        """Its figures; none without a forecast."""
        from oppnb.reports.forecast_figures import forecast_figures

        return [] if self.told is None else forecast_figures(self.told)


def forecast_review(review: Any, forecast: str = AUTO) -> ReviewForecast:
    """Forecast the period of a review.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    forecast : {'auto', 'on', 'off'}
        `auto`: where `oppnb.yaml` has a section `forecast`; else the last forecast of the store is named, if there is
        one: models must learn from the past first, which takes a minute or more. `on`: in any case.

    Returns
    -------
    ReviewForecast

    Raises
    ------
    ParameterError
        If `forecast` is another word.
    """
    if forecast not in FORECASTS:
        raise ParameterError(f"forecast is '{forecast}': write auto, on or off.")
    if forecast == OFF:
        return ReviewForecast(is_asked=False)
    words = review.words
    if review.period.end <= review.as_of:
        return ReviewForecast(True, words("report_forecast.period_over", period=review.period.name))
    if forecast == AUTO and _SECTION not in review.workspace.model_fields_set:
        return ReviewForecast(True, _remembered(review) or words("report_forecast.not_asked"))
    try:
        return ReviewForecast(True, "", _forecast(review))
    except DataError as error:
        why = " ".join(str(error).split())
        return ReviewForecast(True, words("report_forecast.not_forecast", why=why))


def _forecast(review: Any) -> ToldForecast:
    from oppnb.reports.open_forecast import forecast_pipeline

    found, made = forecast_pipeline(review.tables, as_of=review.as_of, period=review.period, workspace=review.workspace)
    remember(made, ledger=review.ledger, only=review.only)
    return ToldForecast(found, made, review.words, review.formats)


def _remembered(review: Any) -> str:
    """The last forecast of the period that the store knows, in one sentence; empty without one."""
    from oppnb.forecasting import forecasts_known

    try:
        store = store_at(review.ledger)
        if store is None:
            return ""
        known = forecasts_known(store, review.as_of + timedelta(days=1), only_last=True)
    except OppnbError:
        return ""
    rows = of_whole_or_slice(known[known["period"] == review.period.name], review.only)
    return _told(rows, review.words, review.formats, review.period.name)


def _told(rows: pd.DataFrame, words: Words, formats: Formats, period: str) -> str:
    for model in ("combination", "win_curves"):
        of_model = rows[rows["model"] == model]
        values = dict(zip(of_model["quantity"], of_model["value"].astype("float64"), strict=True))
        if set(_QUANTITIES.values()) <= set(values):
            money = {name: formats.money(values[key], short=True) for name, key in _QUANTITIES.items()}
            day = formats.day(pd.Timestamp(of_model["as_of"].max()))
            return words("report_forecast.remembered", period=period, day=day, **money)
    return ""


_QUANTITIES = {"expected": "expected", "low": "quantile_0.1", "high": "quantile_0.9"}
