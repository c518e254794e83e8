"""The baselines against the same sums written out again, deal by deal, on a pipeline that is told in full."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.forecasting import Point
from oppnb.forecasting.baselines import BASELINES
from oppnb.forecasting.simple_chances import without_curves
from oppnb.history.book import PipelineBook
from oppnb.periods import parse_period
from oppnb.workspace import parse_workspace
from tests.forecasting.hand_made import POINT, make_book

WORKSPACE = parse_workspace(
    """
currency: EUR
processes:
  - name: new
    stages:
      - {name: Lead, odds: 0.1}
      - {name: Demo, odds: 0.4}
      - {name: Offer, odds: 0.7}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
"""
)


@pytest.fixture(scope="module")
def book() -> PipelineBook:
    return replace(make_book(n_deals=500), workspace=WORKSPACE)


def between(frame: pd.DataFrame, column: str, first: date, last: date) -> pd.Series:
    return (frame[column] >= pd.Timestamp(first)) & (frame[column] <= pd.Timestamp(last))


def won_sum(book: PipelineBook, first: date, last: date) -> float:
    deals = book.deals[(book.deals["outcome"] == "won") & between(book.deals, "closed_on", first, last)]
    return float(deals["amount_base"].sum())


def open_on(book: PipelineBook, day: date) -> pd.DataFrame:
    return book.open_rows[book.open_rows["as_of"] == pd.Timestamp(day)]


def test_conversion_table_is_the_one_made_by_hand(book: PipelineBook) -> None:
    """Sum over cells of (money won of it in the quarter / money in it), eight quarters back; and mean new wins."""
    left = (POINT.period.end - POINT.day).days
    stood, new = [], []
    for name in ("2024Q3", "2024Q2", "2024Q1", "2023Q4", "2023Q3", "2023Q2", "2023Q1", "2022Q4"):
        period = parse_period(name)
        day = min(book.days, key=lambda one: abs((one - (period.end - timedelta(days=left))).days))
        if abs((day - (period.end - timedelta(days=left))).days) > 4:
            continue
        for row in open_on(book, day).to_dict("records"):
            deal = book.deals[book.deals["opportunity_id"] == row["opportunity_id"]].iloc[0]
            is_won = deal["outcome"] == "won" and deal["closed_on"] <= pd.Timestamp(period.end)
            due = row["expected_close_on"] <= pd.Timestamp(period.end)
            amount_won = deal["amount_base"] if is_won else 0.0
            stood.append((row["process"], row["stage"], due, row["amount_base"], amount_won))
        later = book.deals[book.deals["created_on"] > pd.Timestamp(day)]
        won = later[(later["outcome"] == "won") & between(later, "closed_on", period.start, period.end)]
        new.append(won["amount_base"].sum())
    cells = pd.DataFrame(stood, columns=["process", "stage", "due", "stood", "won"])
    rates = cells.groupby(["process", "stage", "due"])[["stood", "won"]].sum()
    rates = rates["won"] / rates["stood"]
    total = won_sum(book, POINT.period.start, POINT.day) + float(np.mean(new))
    for row in open_on(book, POINT.day).to_dict("records"):
        due = row["expected_close_on"] <= pd.Timestamp(POINT.period.end)
        share = rates.get((row["process"], row["stage"], due), cells["won"].sum() / cells["stood"].sum())
        total += share * row["amount_base"]
    found = BASELINES["conversion_table"](book, POINT)
    assert found is not None
    assert len(new) >= 6
    assert found.total == pytest.approx(total, rel=1e-9)
    assert found.new == pytest.approx(float(np.mean(new)))


def test_periods_before_the_first_close_teach_the_conversion_table_nothing(book: PipelineBook) -> None:
    """Records that begin with open deals only do not say that nothing was won then."""
    first = pd.Timestamp("2024-01-01")
    early = book.deals.loc[book.deals["closed_on"] < first, "opportunity_id"]
    begun = replace(
        book,
        deals=book.deals[~book.deals["opportunity_id"].isin(early)],
        open_rows=book.open_rows[~book.open_rows["opportunity_id"].isin(early)],
    )
    later = replace(
        begun,
        open_rows=begun.open_rows[begun.open_rows["as_of"] >= first],
        days=tuple(day for day in begun.days if day >= first.date()),
    )
    found, wanted = (BASELINES["conversion_table"](one, POINT) for one in (begun, later))
    assert found is not None
    assert wanted is not None
    assert found.total == pytest.approx(wanted.total, rel=1e-12)
    assert found.new == pytest.approx(wanted.new, rel=1e-12)


@pytest.mark.parametrize(("name", "first_due"), [("2024Q4", None), ("2025Q1", date(2025, 1, 1))])
def test_set_odds_and_commit_count_what_is_due_in_the_period(
    book: PipelineBook, name: str, first_due: date | None
) -> None:
    point = Point(POINT.day, parse_period(name))
    odds = {"Lead": 0.1, "Demo": 0.4, "Offer": 0.7}
    weighted = committed = won_sum(book, point.period.start, point.day)
    for row in open_on(book, point.day).to_dict("records"):
        is_due = row["expected_close_on"] <= pd.Timestamp(point.period.end)
        if is_due and (first_due is None or row["expected_close_on"] >= pd.Timestamp(first_due)):
            weighted += odds[row["stage"]] * row["amount_base"]
            committed += row["amount_base"] * (row["forecast_category"] == "commit")
    by_odds, by_rep = BASELINES["set_odds"](book, point), BASELINES["commit"](book, point)
    assert by_odds is not None
    assert by_rep is not None
    assert by_odds.total == pytest.approx(weighted)
    assert by_rep.total == pytest.approx(committed)


def test_observed_odds_are_shares_of_the_deals_that_stood_in_a_stage(book: PipelineBook) -> None:
    ends = book.deals.set_index("opportunity_id")["outcome"]
    stood: dict[str, set[str]] = {}
    for row in book.open_rows[book.open_rows["as_of"] < pd.Timestamp(POINT.day)].to_dict("records"):
        if ends[row["opportunity_id"]] != "open":
            stood.setdefault(row["stage"], set()).add(row["opportunity_id"])
    odds = {stage: np.mean([ends[one] == "won" for one in ids]) for stage, ids in stood.items()}
    total = won_sum(book, POINT.period.start, POINT.day)
    for row in open_on(book, POINT.day).to_dict("records"):
        if row["expected_close_on"] <= pd.Timestamp(POINT.period.end):
            total += odds[row["stage"]] * row["amount_base"]
    found = BASELINES["observed_odds"](book, POINT)
    assert found is not None
    assert found.total == pytest.approx(total)


def test_the_past_repeated_is_at_least_what_is_won_already(book: PipelineBook) -> None:
    won = won_sum(book, POINT.period.start, POINT.day)
    last = max(won_sum(book, date(2024, 7, 1), date(2024, 9, 30)), won)
    year = max(won_sum(book, date(2023, 10, 1), date(2023, 12, 31)), won)
    found = {name: BASELINES[name](book, POINT) for name in ("last_period", "same_period_last_year")}
    assert {name: one and one.total for name, one in found.items()} == pytest.approx(
        {"last_period": last, "same_period_last_year": year}
    )


def test_a_period_two_ahead_repeats_the_last_that_is_over(book: PipelineBook) -> None:
    ahead = Point(POINT.day, parse_period("2025Q4"))
    last, year = (BASELINES[name](book, ahead) for name in ("last_period", "same_period_last_year"))
    assert last is not None
    assert year is not None
    assert last.total == pytest.approx(won_sum(book, date(2024, 7, 1), date(2024, 9, 30)))
    assert year.total == pytest.approx(won_sum(book, date(2023, 10, 1), date(2023, 12, 31)))


def test_the_time_series_lies_among_its_past(book: PipelineBook) -> None:
    months = [parse_period(f"{year}-{month:02d}") for year in (2023, 2024) for month in range(1, 13)]
    past = [won_sum(book, one.start, one.end) for one in months[1:22]]
    found = BASELINES["top_down"](book, Point(date(2024, 10, 27), parse_period("2024-11")))
    assert found is not None
    assert min(past) < found.total < max(past)


def test_the_time_series_continues_a_line() -> None:
    months = pd.date_range("2022-01-15", "2024-09-15", freq="MS") + pd.Timedelta(days=14)
    amounts = 1_000.0 + 50.0 * np.arange(len(months))
    deals = pd.DataFrame({"created_on": months, "closed_on": months, "outcome": "won", "amount_base": amounts})
    deals["opportunity_id"] = [f"{number:03d}" for number in range(len(deals))]
    day = date(2024, 9, 30)
    rows = make_book(n_deals=10).open_rows.iloc[:0]
    book = PipelineBook(day, deals, rows, (day,), WORKSPACE)
    found = BASELINES["top_down"](book, Point(day, parse_period("2024-10")))
    assert found is not None
    assert found.total == pytest.approx(amounts[-1] + 50.0, rel=0.02)


def test_baselines_that_the_data_do_not_carry_are_none() -> None:
    full = make_book(n_deals=60)
    bare = replace(
        full,
        open_rows=full.open_rows.assign(
            forecast_category=pd.Series([None] * len(full.open_rows), dtype="str"), expected_close_on=pd.NaT
        ),
    )
    assert {name for name, one in BASELINES.items() if one(bare, POINT) is None} >= {
        "set_odds",
        "commit",
        "observed_odds",
    }
    young = Point(full.days[3], parse_period("2023Q1"))
    known = full.known(young.day)
    nobody = {name for name, one in BASELINES.items() if one(known, young) is None}
    assert nobody >= {"conversion_table", "last_period", "same_period_last_year", "top_down", "set_odds"}


@pytest.mark.parametrize("name", list(BASELINES))
def test_no_baseline_looks_past_the_day(book: PipelineBook, name: str) -> None:
    day = book.days[70]
    point = Point(day, parse_period("2024Q2"))
    rng = np.random.default_rng(0)
    later = book.deals["closed_on"] > pd.Timestamp(day)
    deals = book.deals.assign(
        amount_base=book.deals["amount_base"].where(~later, 7.0),
        outcome=book.deals["outcome"].where(~later, pd.Series(rng.choice(["won", "lost"], len(later)))),
    )
    rows = book.open_rows
    rows = rows.assign(amount_base=rows["amount_base"].where(rows["as_of"] <= pd.Timestamp(day), 1.0))
    other = replace(book, deals=deals, open_rows=rows).known(day)
    first, second = BASELINES[name](book.known(day), point), BASELINES[name](other, point)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert first.total == second.total


def test_deals_without_a_curve_get_the_share_of_their_stage(book: PipelineBook) -> None:
    rows = book.on(POINT.day)
    unknown = np.full(len(rows), np.nan)
    by_odds = without_curves(book, rows, POINT, [], unknown)
    odds = rows["stage"].map({"Lead": 0.1, "Demo": 0.4, "Offer": 0.7})
    due = rows["expected_close_on"] <= pd.Timestamp(POINT.period.end)
    assert by_odds == pytest.approx(odds.where(due, 0.0).to_numpy())
    past = [Point(POINT.day - timedelta(weeks=13), parse_period("2024Q3"))]
    by_share = without_curves(book, rows, POINT, past, unknown)
    assert ((by_share >= 0) & (by_share <= 1)).all()
    known = np.full(len(rows), 0.3)
    assert without_curves(book, rows, POINT, past, known) is known


def test_on_the_last_day_deals_without_a_curve_bring_nothing_either(book: PipelineBook) -> None:
    period = parse_period("2024-10")
    ended = Point(period.end, period)
    rows = book.on(POINT.day).assign(as_of=pd.Timestamp(ended.day))
    assert without_curves(book, rows, ended, [], np.full(len(rows), np.nan)).tolist() == [0.0] * len(rows)
