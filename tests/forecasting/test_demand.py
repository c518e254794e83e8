"""Units per product and month: what adds up, what is certain, what the future must not change."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import DemandForecast, demand_by_product, forecast_demand
from oppnb.history import lines_known
from oppnb.history.book import read_book
from oppnb.locale import Words
from tests.builders import make_opportunity, make_tables
from tests.forecasting.cash_tables import (
    DAY,
    book,
    book_of,
    pipeline,
    with_another_future,
    with_curves,
    with_frames,
    without,
    workspace,
)


@cache
def demand() -> DemandForecast:
    return forecast_demand(book(), pipeline().tables, day=DAY)


def test_the_three_sources_add_up_to_what_is_expected() -> None:
    frame = demand().months
    assert np.allclose(frame[["from_won", "from_open", "from_new"]].sum(axis=1), frame["expected"], rtol=1e-9)
    assert (frame["low"] <= frame["median"]).all()
    assert (frame["median"] <= frame["high"]).all()
    assert frame["month"].dt.day.eq(1).all()


def test_what_is_won_and_not_started_is_certain_and_in_the_month_of_its_start() -> None:
    lines = pipeline().tables["line_items"]
    won = book().deals[book().deals["outcome"] == "won"]
    lines = lines[lines["opportunity_id"].isin(won["opportunity_id"]) & (lines["starts_on"] > pd.Timestamp(DAY))]
    month = lines["starts_on"].dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")
    truth = lines.groupby([month, lines["product"]])["quantity"].sum()
    found = demand().months.set_index(["month", "product"])["from_won"]
    assert np.allclose(found, truth.reindex(found.index).fillna(0.0))


def test_stays_the_same_when_everything_after_the_day_comes_out_differently() -> None:
    other = with_another_future(pipeline().tables)
    assert not other["line_items"].equals(pipeline().tables["line_items"])
    pd.testing.assert_frame_equal(demand_by_product(book_of(other), other, day=DAY), demand().months)


def test_lines_of_open_deals_are_not_known_before_the_export_unless_they_are_dated() -> None:
    known = lines_known(pipeline().tables, DAY, workspace=workspace())
    assert set(known["outcome"]) == {"won"}
    dated = pipeline().tables["line_items"].assign(recorded_at=pd.Timestamp("2022-01-01"))
    tables = with_frames(pipeline().tables, line_items=dated)
    assert set(lines_known(tables, DAY, workspace=workspace())["outcome"]) == {"open", "won"}
    later = with_frames(tables, line_items=dated.assign(recorded_at=pd.Timestamp(DAY) + pd.Timedelta(days=1)))
    assert lines_known(later, DAY, workspace=workspace()).empty


def test_a_known_line_of_an_open_deal_is_not_needed_before_its_planned_start() -> None:
    tables = make_tables(
        [make_opportunity("1")],
        line_items=[{"opportunity_id": "1", "product": "Pump", "quantity": 8.0, "starts_on": "2024-09-15"}],
        exported_on=DAY,
    )
    deals = read_book(tables, [DAY], known_on=DAY)
    curves = deals.open_rows[["opportunity_id", "as_of"]].assign(won_by_91=0.5, won_by_364=0.5)
    frame = demand_by_product(deals.with_columns(curves), tables, day=DAY)
    asked = frame.set_index("month")["from_open"]
    assert (asked[asked.index < "2024-09-01"] == 0).all()
    assert asked["2024-09-01"] == pytest.approx(8 * 0.5, abs=0.1)
    assert frame.set_index("month")["high"]["2024-09-01"] == pytest.approx(8.0)
    assert frame["n_deals"].tolist() == [0, 0, 1, 0, 0, 0]


def test_is_twice_as_much_where_every_quantity_is() -> None:
    lines = pipeline().tables["line_items"]
    twice = with_frames(pipeline().tables, line_items=lines.assign(quantity=2 * lines["quantity"]))
    found = demand_by_product(book(), twice, day=DAY)
    numbers = ["expected", "low", "median", "high", "from_won", "from_open", "from_new"]
    assert np.allclose(found[numbers], 2 * demand().months[numbers])


def test_over_all_products_it_comes_near_what_was_asked_for_in_the_end() -> None:
    """The curves of this book are by hand, so only roughly; six months, all products together."""
    lines = pipeline().tables["line_items"]
    final = lines_known(pipeline().tables, pipeline().settings.end, workspace=workspace())
    lines = final[final["outcome"] == "won"].merge(
        pipeline().tables["opportunities"][["opportunity_id", "closed_at"]], on="opportunity_id"
    )
    needed = lines[["starts_on", "closed_at"]].max(axis=1)
    inside = (needed > pd.Timestamp(DAY) + pd.Timedelta(days=1)) & (needed < pd.Timestamp("2025-01-01"))
    assert demand().months["expected"].sum() == pytest.approx(lines.loc[inside, "quantity"].sum(), rel=0.25)


def test_without_lines_a_deal_counts_as_one_unit_of_its_product_and_this_is_said() -> None:
    found = forecast_demand(book(), without(pipeline().tables, "line_items"), day=DAY)
    assert [note.code for note in found.notes] == ["forecast_cash_no_lines"]
    assert set(found.months["product"]) == set(book().deals["product"])
    assert found.months["from_won"].sum() == 0
    assert found.months["from_open"].sum() > 0


def test_no_deal_at_all_asks_for_nothing() -> None:
    tables = make_tables([], exported_on=DAY)
    assert demand_by_product(with_curves(read_book(tables, [DAY], known_on=DAY)), tables, day=DAY).empty


def test_a_number_of_months_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="months is 0"):
        demand_by_product(book(), pipeline().tables, day=DAY, months=0)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_note_and_heading_has_a_text(locale: str) -> None:
    words = Words(locale)
    for note in demand().notes:
        assert words(f"note.{note.code}", **note.values)
    for name in demand().months.columns:
        assert words(f"forecast_cash.{name}")
