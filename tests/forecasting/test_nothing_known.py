"""From no data no interval of zero width: what cannot be said is not said."""

import pandas as pd
import pytest

from oppnb.forecasting import Forecast, forecast_frame, forecast_period
from oppnb.forecasting.told import forecast_json, tell_forecast
from oppnb.history.book import read_book
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period


def forecast_of(*, won: bool, curve: bool = False) -> Forecast:
    deals = pd.DataFrame(
        {
            "opportunity_id": ["1", "2", "3"],
            "amount": [300.0, 100.0, 50.0],
            "stage": ["Demo", "Demo", "Won" if won else "Demo"],
            "created_at": pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04"]),
            "closed_at": pd.to_datetime([None, None, "2024-02-28" if won else None]),
        }
    )
    book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    if curve:
        book = book.with_columns(book.open_rows[["opportunity_id", "as_of"]].assign(won_by_31=0.5))
    return forecast_period(book, parse_period("2024Q1"))


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_where_nothing_was_known_before_it_is_said_that_nothing_can_be_said(locale: str) -> None:
    forecast = forecast_of(won=False)
    assert forecast.is_unknown
    said = dict(tell_forecast(forecast, words=Words(locale), formats=Formats(locale)))
    words = Words(locale)
    assert said == {
        words("forecasting.expected"): words("forecasting.cannot_be_said"),
        words("forecasting.won_already"): "0",
    }
    told = forecast_json(forecast)
    assert told["cannot_be_said"] == "nothing_known_before"
    assert told["won_already"] == 0.0
    assert told["from_open_deals"] is told["from_new_business"] is None
    assert {value for row in told["models"] for key, value in row.items() if key not in ("model", "is_baseline")} == {
        None
    }
    assert set(forecast_frame(forecast)["quantity"]) == {"won_already"}


def test_with_a_curve_a_forecast_is_told() -> None:
    forecast = forecast_of(won=False, curve=True)
    assert not forecast.is_unknown
    assert forecast_json(forecast)["cannot_be_said"] is None
    assert forecast.distribution.sd > 0
