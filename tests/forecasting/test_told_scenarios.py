"""Scenarios start from the forecast that is told; widening and shortening do not move its mean."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from oppnb.forecasting import Forecast, forecast_period, tell_scenarios
from oppnb.forecasting.distribution import LEVELS, Distribution
from oppnb.forecasting.explored import ExploredForecast
from oppnb.locale import Formats, Words
from oppnb.workspace import Scenario, ScenarioChange
from tests.forecasting.hand_made import POINT, make_book

BOOK = make_book()
UP = Scenario(name="up", changes=[ScenarioChange(amount=1.1)])


@cache
def told(model: str) -> Forecast:
    """The forecast, told by a model of its own."""
    made = made_once()
    return replace(made, chosen=replace(made.chosen, model=model))


@cache
def made_once() -> Forecast:
    """The forecast of the hand-made book."""
    return forecast_period(BOOK, POINT.period)


@pytest.mark.parametrize("model", ["win_curves", "combination"])
def test_no_change_is_what_is_told_to_the_bit(model: str) -> None:
    forecast = told(model)
    compared = ExploredForecast(forecast, BOOK, by=()).compare([Scenario(name="same"), UP])
    for row in compared.iloc[:2].to_dict("records"):
        assert row["expected"] == forecast.distribution.mean
        assert (row["quantile_10"], row["quantile_90"]) == forecast.distribution.interval(0.8)
        assert row["change"] == 0
    parts = compared[["won", "open_deals", "new_business"]].sum(axis="columns")
    assert parts.to_numpy() == pytest.approx(compared["expected"].to_numpy())
    won = forecast.parts.won_already
    assert compared["expected"].iloc[2] - won == pytest.approx(1.1 * (forecast.distribution.mean - won))
    said = tell_scenarios(compared, [Scenario(name="same"), UP], words=Words("en"), formats=Formats("en"))
    assert said[0].startswith("same: as the forecast")


def test_win_curves_as_told_expect_what_their_parts_add_up_to() -> None:
    forecast = made_once()
    assert forecast.said.forecasts["win_curves"].mean == pytest.approx(forecast.parts.expected, rel=1e-12)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.7, 6.0])
def test_neither_widening_nor_the_short_form_moves_the_mean(factor: float) -> None:
    values = np.append(np.zeros(3000), np.random.default_rng(5).lognormal(size=7000))
    found = Distribution.of(5.0 + values)
    short = found.told()
    assert len(short.values) == len(LEVELS)
    assert short.mean == pytest.approx(found.mean, rel=1e-12)
    assert short.quantile(0.2) == 5.0
    wide = short.widened(factor, least=5.0)
    assert wide.mean == pytest.approx(found.mean, rel=1e-12)
    assert wide.values.min() >= 5.0


def test_a_mean_below_what_is_certain_is_raised_to_it() -> None:
    assert Distribution.of([1.0, 3.0]).with_mean(0.0, least=1.0).values.tolist() == [1.0, 1.0]
