"""Deals without an amount count with what such deals were won for; a shared shock does not move what is expected."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.forecasting import Point
from oppnb.forecasting.growth import NO_GROWTH
from oppnb.forecasting.lattice import on_lattice
from oppnb.forecasting.mixture import SHOCKS, spread_out
from oppnb.forecasting.new_business import NO_NEW_BUSINESS
from oppnb.forecasting.parts import forecast_parts
from oppnb.forecasting.sums import PowerSums, cumulants_at
from oppnb.forecasting.typical_amounts import with_typical_amounts
from oppnb.history.book import PipelineBook
from oppnb.periods import parse_period
from oppnb.workspace import Workspace
from tests.forecasting.hand_made import POINT, make_book


def _book(amounts: dict[str, list[float]]) -> PipelineBook:
    won = [(product, amount) for product, values in amounts.items() for amount in values]
    deals = pd.DataFrame(
        {
            "opportunity_id": [str(number) for number in range(len(won))],
            "outcome": "won",
            "amount_base": [amount for _, amount in won],
            "process": "sales",
            "product": [product for product, _ in won],
        }
    )
    return PipelineBook(date(2024, 1, 7), deals, deals.iloc[:0], (), Workspace())


def _rows(*amounts: float, product: str = "large") -> pd.DataFrame:
    return pd.DataFrame({"amount_base": list(amounts), "process": "sales", "product": product})


def test_a_deal_without_an_amount_gets_nearly_the_mean_of_its_product() -> None:
    book = _book({"large": [1_000.0] * 95, "small": [10.0] * 95})
    found = with_typical_amounts(book, _rows(np.nan, 7.0))
    assert found["amount_base"].tolist() == [pytest.approx((95 * 1_000 + 5 * 505) / 100), 7.0]


def test_a_product_that_was_never_won_gets_the_mean_of_all() -> None:
    book = _book({"large": [1_000.0], "small": [10.0]})
    assert with_typical_amounts(book, _rows(np.nan, product="new"))["amount_base"].tolist() == [505.0]


def test_where_nothing_was_won_an_amount_stays_unknown() -> None:
    assert with_typical_amounts(_book({}), _rows(np.nan))["amount_base"].isna().all()


@pytest.mark.parametrize("shock", [0.1, 0.3, 0.5])
def test_a_shared_shock_leaves_the_expected_amount_where_it_is(shock: float) -> None:
    amount, chance = np.full(1_000, 10.0), np.full(1_000, 0.1)
    sums = PowerSums.of(amount, chance)
    shift = shock * SHOCKS - shock**2 / 2 * sums.bend
    smooth = spread_out(cumulants_at(sums, NO_GROWTH.moments, shift)[0])
    assert smooth.mean == pytest.approx(1_000, rel=0.02)
    few = on_lattice(amount[:50], chance[:50], growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=shock)
    assert few is not None
    assert few.mean == pytest.approx(50, rel=0.02)


def test_open_deals_without_a_chance_or_a_worth_are_said_and_bring_nothing() -> None:
    parts = forecast_parts(make_book(), POINT)
    assert parts.notes == ()
    deals = parts.deals.assign(chance=parts.deals["chance"].mask(np.arange(len(parts.deals)) < 2))
    deals["amount_base"] = deals["amount_base"].mask(np.arange(len(deals)) == 5)
    told = {note.code: note.values["n"] for note in parts.with_deals(deals).notes}
    assert told == {"forecast_deals_without_chance": 2, "forecast_deals_without_amount": 1}


def test_a_year_and_a_month_that_end_with_the_running_quarter_are_said_to_be_told_apart_from_it() -> None:
    parts = forecast_parts(make_book(n_deals=60), POINT)

    def told(name: str, day: date = POINT.day) -> list[tuple[str, str]]:
        notes = replace(parts, point=Point(day, parse_period(name))).notes
        return [tuple(note.values.values()) for note in notes if note.code == "forecast_told_apart"]

    assert told("2024") == [("FY2024", "2024Q4")]
    assert told("2024", date(2024, 8, 4)) == told("2024Q4") == told("2024-11") == told("2024-12") == []
    assert told("2024-12", date(2024, 12, 8)) == [("2024-12", "2024Q4")]
