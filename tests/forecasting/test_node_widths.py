"""Nodes are told by their own record: nothing stays nothing, money and the company stay, later days change nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.forecasting import Distribution, Forecast, Point, forecast_period, points_of, roll_up
from oppnb.forecasting.coming import coming, kept_of
from oppnb.forecasting.node_curves import stretched
from oppnb.forecasting.node_widths import NodeWidth, WidthRecord
from oppnb.forecasting.nodes_of_new import still_there
from oppnb.forecasting.rollup import node_widths, told_scale
from oppnb.forecasting.rollup_parts import RolledParts
from oppnb.forecasting.rollup_told import tell_widths, widths_json
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period
from tests.forecasting.hand_made import POINT, make_book
from tests.forecasting.rolled_up import book_and_parts, told

LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])


def own(width: float) -> NodeWidth:
    return NodeWidth(width, 8, 80, is_own=True)


@pytest.fixture(scope="module")
def book() -> PipelineBook:
    return make_book(n_deals=260)


@pytest.fixture(scope="module")
def forecast(book: PipelineBook) -> Forecast:
    return forecast_period(book, POINT.period)


def quantiles(nodes: pd.DataFrame) -> pd.DataFrame:
    wide = nodes.pivot_table(index="node", columns="quantity", values="value", aggfunc="first")
    return wide.reindex(nodes["node"].drop_duplicates())


def test_a_larger_width_lays_more_beyond_every_amount() -> None:
    raw = Distribution.of([0.0, 50.0, 100.0, 400.0], np.array([0.7, 0.2, 0.07, 0.03]))
    found = [stretched(raw, room=30.0, width=width) for width in (0.4, 0.8, 1.0, 1.5, 2.5)]
    for amount in (10.0, 30.0, 90.0, 200.0):
        beyond = [float(np.maximum(one.values - amount, 0.0) @ one.shares) for one in found]
        assert (np.diff(beyond) >= -1e-9).all()
    assert (np.diff([one.sd for one in found]) > 0).all()


@pytest.mark.parametrize("width", [0.3, 0.8, 1.0, 1.4, 2.5])
def test_a_stretched_distribution_keeps_its_mean_and_its_chance_of_nothing(width: float) -> None:
    raw = Distribution.of([0.0, 50.0, 100.0, 400.0], np.array([0.4, 0.3, 0.2, 0.1]))
    found = stretched(raw, room=130.0, width=width)
    assert found.mean == pytest.approx(130.0)
    assert found.values[0] == 0.0
    assert found.shares[0] == pytest.approx(0.4)
    assert stretched(raw, room=raw.mean, width=1.0).values == pytest.approx(raw.values)


def test_a_larger_width_never_narrows_and_never_goes_below_what_is_certain() -> None:
    book, parts = book_and_parts()
    forecast = told(parts)
    before = None
    for width in (0.6, 0.8, 1.0, 1.2):
        widths = dict.fromkeys(("region", "owner_id"), own(width))
        nodes = quantiles(roll_up(forecast, book, by=["region", "owner_id"], widths=widths))
        inner = nodes["quantile_0.9"] - nodes["quantile_0.1"]
        assert (nodes["quantile_0.025"] >= nodes["won_already"] - 0.01).all()
        if before is not None:
            assert (
                inner >= before * 0.999 - 0.02
            ).mean() > 0.75  # a node that nearly always wins nothing has its rare wins further out
            assert inner.sum() > before.sum()
        before = inner


def test_the_company_and_all_means_are_the_same_whatever_the_widths() -> None:
    book, parts = book_and_parts()
    forecast = told(parts, width=0.8, more=5_000.0)
    first, second = (
        roll_up(forecast, book, by=["region", "owner_id"], widths={"region": own(one), "owner_id": own(one)})
        for one in (0.7, 1.9)
    )
    company = first["node"] == "company"
    pd.testing.assert_frame_equal(first[company], second[company])
    money = first["quantity"].isin(["won_already", "from_open_deals", "from_new_business", "expected"])
    pd.testing.assert_frame_equal(first[money], second[money])
    expected = first[first["quantity"] == "expected"]
    cents = (expected["value"] * 100).round().astype("int64")
    for level in ("region", "owner_id"):
        assert cents[expected["level"] == level].sum() == cents[expected["level"] == "company"].item()
    told_quantiles = first[company].set_index("quantity")["value"]
    for level in (0.1, 0.5, 0.9):
        assert told_quantiles[f"quantile_{level}"] == forecast.distribution.quantile(level)


def test_a_node_that_may_win_nothing_keeps_nothing_inside_its_interval() -> None:
    book, parts = book_and_parts()
    few = parts.with_deals(parts.deals.assign(chance=0.05))
    forecast = told(few, width=0.6)
    nodes = quantiles(roll_up(forecast, book, by=["owner_id"]))
    like = coming(book, POINT)
    rolled = RolledParts(few, like, ["owner_id"], kept=kept_of(book, POINT, like, ["owner_id"]))
    chances = rolled.chances(
        nodes["won_already"].to_numpy() + 0.02,
        rolled.told(told_scale(forecast), forecast.distribution, LEVELS),
    )
    is_often_none = (1 - chances > 0.12) & (np.arange(len(nodes)) > 0)
    assert is_often_none.any()
    low = (nodes["quantile_0.1"] - nodes["won_already"]).to_numpy()
    assert (low[is_often_none] <= 0.02).all()


def test_quantiles_and_chances_of_a_node_agree() -> None:
    book, parts = book_and_parts()
    forecast = told(parts, width=1.3, more=2_000.0)
    scale = replace(told_scale(forecast), of_columns={"region": 1.2})
    like = coming(book, POINT)
    rolled = RolledParts(parts, like, ["region"], kept=kept_of(book, POINT, like, ["region"]))
    nodes = rolled.told(scale, forecast.distribution, LEVELS)
    for place, level in enumerate(LEVELS):
        above = rolled.chances(nodes.quantiles[:, place], nodes)[1:]
        np.testing.assert_allclose(above, 1 - level, atol=0.02)
        one = rolled.spread(scale, forecast.distribution, 1, LEVELS)
        np.testing.assert_allclose(one, nodes.quantiles[1])


def test_without_two_earlier_periods_nodes_are_as_wide_as_the_company_and_say_so() -> None:
    book, parts = book_and_parts()
    widths = node_widths(told(parts, width=1.5), book, ["region"])
    assert not widths["region"].is_own
    assert widths["region"].width == pytest.approx(told_scale(told(parts, width=1.5)).of_company)
    for locale in ("en", "zh_CN"):
        (line,) = tell_widths(widths, words=Words(locale), formats=Formats(locale))
        assert Formats(locale).number(widths["region"].width, digits=2) in line
    record, point = WidthRecord(), Point(date(2024, 11, 3), parse_period("2024Q4"))
    record.add("m", Point(date(2024, 8, 4), parse_period("2024Q3")), (np.full(30, 4.0), np.ones(30)))
    assert record.width("m", point, 0.9) == NodeWidth(0.9, 1, 30, is_own=False)


def test_nodes_that_were_further_off_are_told_wider_and_only_by_periods_that_were_over() -> None:
    point = Point(date(2024, 11, 3), parse_period("2024Q4"))
    found = []
    for off in (0.5, 1.0, 4.0):
        record = WidthRecord()
        for name, day in (("2024Q2", date(2024, 5, 5)), ("2024Q3", date(2024, 8, 4))):
            record.add("m", Point(day, parse_period(name)), (np.full(40, off), np.ones(40)))
        record.add("m", point, (np.full(40, 9.0), np.ones(40)))
        found.append(record.width("m", point, 1.0).width)
    assert found == sorted(found)
    assert found[1] == pytest.approx(1.0)
    assert np.sqrt(0.5) < found[0] < 1.0 < found[2] < 2.0


def test_the_surprise_of_what_is_foretold_is_one_on_the_average() -> None:
    book, parts = book_and_parts()
    forecast = told(parts)
    like = coming(book, POINT)
    rolled = RolledParts(parts, like, ["owner_id"], kept=kept_of(book, POINT, like, ["owner_id"]))
    levels, scale = (np.arange(200) + 0.5) / 200, told_scale(forecast)
    scale = replace(scale, width=scale.level)  # level apart as wide as deals alone: what a surprise is held against
    nodes = rolled.told(scale, forecast.distribution, levels)
    pairs = [
        rolled.surprise(scale, forecast.distribution, nodes.quantiles[:, one] - nodes.amounts[:, 0])
        for one in range(200)
    ]
    squares, usual = (np.array([pair[side] for pair in pairs])[:, 1:] for side in (0, 1))
    np.testing.assert_allclose(squares.mean(axis=0), usual.mean(axis=0), atol=0.12)


def test_an_owner_who_has_left_gets_no_new_business() -> None:
    ages = np.concatenate([np.arange(400, 730, 15), np.arange(5, 730, 15), [10.0]]).astype("float64")
    leaf = np.repeat([0, 1, 2], [22, 49, 1])
    left, stayed, new = still_there(leaf, ages, 3)
    assert left < 0.01
    assert stayed > 0.9
    assert new == 1.0


def test_a_region_is_not_closed_after_a_quiet_fortnight_however_many_deals_it_had() -> None:
    busy = np.repeat(np.arange(13.0, 430.0), 5)
    quieter = np.repeat(np.arange(4.0, 430.0), 5)
    here, there = still_there(np.repeat([0, 1], [len(busy), len(quieter)]), np.concatenate([busy, quieter]), 2)
    assert min(here, there) > 0.95
    silent_for_months = np.repeat(np.arange(120.0, 430.0), 5)
    assert still_there(np.zeros(len(silent_for_months), dtype=int), silent_for_months, 1)[0] < 0.01


def test_the_roll_up_has_the_record_that_a_backtest_judges(book: PipelineBook, forecast: Forecast) -> None:
    assert forecast.backtest.said
    widths = node_widths(forecast, book, ["region", "owner_id"])
    assert all(one.is_own and one.n_periods >= 2 for one in widths.values())
    assert widths["owner_id"].n_forecasts > widths["region"].n_forecasts
    assert set(widths_json(widths)["node_widths"]) == {"region", "owner_id"}


def test_a_scrambled_future_changes_no_width(book: PipelineBook, forecast: Forecast) -> None:
    day = points_of(book)[-12].day
    period = parse_period("2024Q3")
    later = (book.deals["closed_on"] > pd.Timestamp(day)).to_numpy()
    assert later.sum() > 10
    deals = book.deals.copy()
    rng = np.random.default_rng(2)
    deals.loc[later, "outcome"] = rng.choice(["won", "lost"], later.sum())
    deals.loc[later, "amount_base"] = rng.uniform(1, 1e6, later.sum())
    found = []
    for one in (book, replace(book, deals=deals)):
        then = forecast_period(one, period, day=day)
        found.append(roll_up(then, one.known(day), by=["region"]))
    pd.testing.assert_frame_equal(*found)
