"""Money by week: what adds up, what never comes earlier, what the future must not change, and what came in the end."""

from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import cash_by_week, forecast_cash
from oppnb.forecasting.wins_by_week import coming_wins, next_weeks
from oppnb.history import payments_known
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

LATE = {"due", "late", "from_open_deals", "from_new"}


@cache
def cash_table(**changed: object) -> pd.DataFrame:
    return cash_by_week(book(), pipeline().tables, day=DAY, **changed)  # type: ignore[arg-type]


def by_kind(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["week_start", "kind"])["expected"].unstack()  # noqa: PD010


def test_the_kinds_of_a_week_add_up_to_all_of_it() -> None:
    table = by_kind(cash_table())
    assert np.allclose(table[sorted(LATE)].sum(axis=1), table["all"], rtol=1e-9)


def test_expected_money_lies_between_low_and_high_in_weeks_with_much_of_it() -> None:
    frame = cash_table()
    frame = frame[frame["kind"] == "all"]
    assert (frame["low"] < frame["expected"]).all()
    assert (frame["expected"] < frame["high"]).all()


def test_a_longer_look_ahead_leaves_the_first_weeks_as_they_are() -> None:
    short, long = by_kind(cash_table(weeks=9)), by_kind(cash_table(weeks=26))
    assert np.allclose(short[["due", "late"]], long.loc[short.index, ["due", "late"]])
    assert np.allclose(short["from_open_deals"], long.loc[short.index, "from_open_deals"], rtol=0.02)


@pytest.mark.parametrize("later", [{"delay_days": 9}, {"delay_days": 60}])
def test_payments_put_off_never_bring_money_earlier(later: dict[str, int]) -> None:
    now, then = by_kind(cash_table()).cumsum(), by_kind(cash_table(**later)).cumsum()
    assert (then <= now + 1e-6).all(axis=None)
    assert then["all"].iloc[4] < now["all"].iloc[4]


def test_longer_terms_never_bring_the_money_of_coming_wins_earlier() -> None:
    bare = without(pipeline().tables, "payments")
    quick, slow = (
        by_kind(cash_by_week(book(), bare, day=DAY, terms_days=days)).cumsum()[["from_open_deals", "from_new"]]
        for days in (20, 75)
    )
    assert (slow <= quick + 1e-6).all(axis=None)


def test_stays_the_same_when_everything_after_the_day_comes_out_differently() -> None:
    other = with_another_future(pipeline().tables)
    assert not other["payments"].equals(pipeline().tables["payments"])
    pd.testing.assert_frame_equal(cash_by_week(book_of(other), other, day=DAY), cash_table())


def test_stays_the_same_for_a_book_that_knows_more() -> None:
    later = book_of(pipeline().tables, known_on=DAY + timedelta(days=300))
    pd.testing.assert_frame_equal(cash_by_week(later, pipeline().tables, day=DAY), cash_table())


def test_is_twice_as_much_where_every_amount_is() -> None:
    twice = pipeline().tables
    twice = with_frames(
        twice,
        opportunities=twice["opportunities"].assign(amount=2 * twice["opportunities"]["amount"]),
        opportunity_history=twice["opportunity_history"].assign(amount=2 * twice["opportunity_history"]["amount"]),
        payments=twice["payments"].assign(amount=2 * twice["payments"]["amount"]),
    )
    one, two = cash_table(), cash_by_week(book_of(twice), twice, day=DAY)
    due = one["kind"].isin(["due", "late"])
    assert np.allclose(two.loc[due, ["expected", "low", "high"]], 2 * one.loc[due, ["expected", "low", "high"]])
    # the level looks at amounts on a scale of logarithms that ends at 1, hardly felt
    assert np.allclose(two.loc[~due, "expected"], 2 * one.loc[~due, "expected"], rtol=1e-3)


def test_instalments_agreed_come_as_they_came_in_the_end() -> None:
    """Due and late money of 26 weeks against what was paid of exactly those instalments."""
    frame = cash_table()
    known = payments_known(pipeline().tables, DAY, workspace=workspace())
    later = payments_known(pipeline().tables, pipeline().settings.end, workspace=workspace())
    agreed = later["opportunity_id"].isin(known["opportunity_id"])
    end = pd.Timestamp(DAY) + pd.Timedelta(weeks=26)
    came = later[agreed & (later["paid_on"] > pd.Timestamp(DAY)) & (later["paid_on"] <= end)]["amount_base"].sum()
    expected = frame[frame["kind"].isin(["due", "late"])]["expected"].sum()
    assert expected == pytest.approx(came, rel=0.05)


def test_all_money_of_a_win_comes_once() -> None:
    """Over two years everything that is won in the first quarter comes in, less what a year of lateness holds back."""
    frame = cash_table(weeks=104)
    wins = coming_wins(book(), DAY, next_weeks(104))
    won = float((wins.chance[:, :26].sum(axis=1) * wins.amount).sum() * wins.growth.moments[0])
    came = frame[(frame["kind"] == "from_open_deals")]["expected"].sum()
    assert won * 0.97 < came
    assert came < float((wins.chance.sum(axis=1) * wins.amount).sum() * wins.growth.moments[0]) + 1e-6


def test_wins_of_a_whole_quarter_are_those_of_the_forecast() -> None:
    from oppnb.forecasting import Point, forecast_parts
    from oppnb.periods import parse_period

    parts = forecast_parts(book(), Point(DAY, parse_period("2024Q3")))
    days = parts.point.days_to_end
    wins = coming_wins(book(), DAY, np.array([0, 30, days], dtype="int64"))
    assert np.allclose(wins.chance.sum(axis=1), parts.chance, atol=1e-9)
    assert wins.new_wins.sum() == pytest.approx(parts.new.expected)


def test_without_payments_stated_terms_are_used_and_said() -> None:
    found = forecast_cash(book(), without(pipeline().tables, "payments"), day=DAY, terms_days=45)
    assert found.lag is None
    assert found.terms.is_stated
    assert found.notes[0].code == "forecast_cash_no_payments"
    assert found.notes[0].values == {"terms_days": 45}
    won = book().deals[book().deals["outcome"] == "won"]
    recent = won[won["closed_on"] > pd.Timestamp(DAY) - pd.Timedelta(days=45)]["amount_base"].sum()
    due = found.weeks[found.weeks["kind"] == "due"]["expected"].sum()
    assert due == pytest.approx(recent)


def test_no_deal_at_all_means_no_money() -> None:
    tables = make_tables([], exported_on=DAY)
    empty = with_curves(read_book(tables, [DAY], known_on=DAY))
    frame = cash_by_week(empty, tables, day=DAY, weeks=4)
    assert len(frame) == 4 * 5
    assert (frame[["expected", "low", "high"]] == 0).all(axis=None)


def test_one_instalment_is_there_or_is_not() -> None:
    """One won deal, one instalment of 100 due in two weeks; nothing was ever paid, so the prior speaks."""
    tables = make_tables(
        [make_opportunity("1", stage="Won", closed_at="2024-06-10")],
        payments=[{"opportunity_id": "1", "due_on": "2024-07-10", "amount": 100.0}],
        exported_on=DAY,
    )
    found = cash_by_week(with_curves(read_book(tables, [DAY], known_on=DAY)), tables, day=DAY, weeks=13)
    due = found[found["kind"] == "due"]
    assert due["week_start"].dt.date.iloc[0] == DAY + timedelta(days=1)
    assert 50 < due["expected"].sum() <= 100
    first = due["expected"].to_numpy()[:2]
    assert first[0] == pytest.approx(0, abs=1e-9)
    assert first[1] > 40
    assert set(np.round(due["high"].unique(), 6)) <= {0.0, 100.0}


def test_a_day_that_is_not_in_the_book_is_refused_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="the nearest is 2024-06-30"):
        cash_by_week(book(), pipeline().tables, day=DAY + timedelta(days=2))


@pytest.mark.parametrize("wrong", [{"weeks": 0}, {"terms_days": -1}, {"delay_days": -1}, {"coverage": 1.0}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        cash_table(**wrong)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_note_and_heading_has_a_text(locale: str) -> None:
    words = Words(locale)
    found = forecast_cash(book(), pipeline().tables, day=DAY, delay_days=3)
    for note in found.notes:
        assert words(f"note.{note.code}", **note.values)
    for name in found.weeks.columns:
        assert words(f"forecast_cash.{name}")
    for kind in found.weeks["kind"].unique():
        assert words(f"forecast_cash.kind_{kind}")
