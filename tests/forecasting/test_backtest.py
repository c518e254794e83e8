"""The backtest: what a Monday says depends on nothing later; its record speaks only of periods that were over."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import (
    Distribution,
    ForecastBacktest,
    Point,
    backtest_forecasts,
    forecast_frame,
    forecast_parts,
    forecast_period,
    past_points,
    points_of,
)
from oppnb.forecasting.models import forecast_all
from oppnb.forecasting.record import Made, Record
from oppnb.forecasting.told import backtest_json, forecast_json
from oppnb.history.book import PipelineBook
from oppnb.periods import parse_period
from tests.forecasting.hand_made import DAY, POINT, make_book
from tests.forecasting.test_baselines import WORKSPACE

SPREAD = Distribution.of(np.linspace(50.0, 150.0, 101))


def made(
    name: str, *, actual: float, model: str = "m", weeks_left: int = 6, forecast: Distribution = SPREAD, won: float = 0
) -> Made:
    period = parse_period(name)
    return Made(model, Point(period.end - timedelta(weeks=weeks_left), period), forecast, actual, won)


NOW = Point(date(2024, 11, 19), parse_period("2024Q4"))  # six weeks left


def test_width_is_1_without_a_past_and_of_other_models() -> None:
    assert Record().width("m", NOW) == 1.0
    assert Record([made("2024Q3", actual=900.0, model="other")]).width("m", NOW) == 1.0


def test_misses_widen_and_hits_narrow() -> None:
    quarters = ("2024Q3", "2024Q2", "2024Q1", "2023Q4")
    far = Record([made(name, actual=100.0 + 3 * SPREAD.sd) for name in quarters])
    near = Record([made(name, actual=100.0) for name in quarters])
    assert far.width("m", NOW) == pytest.approx(np.sqrt((4 + 4 * 9) / 8))
    assert near.width("m", NOW) == pytest.approx(np.sqrt(4 / 8))


def test_width_knows_only_periods_that_were_over_by_the_day() -> None:
    record = Record([made("2024Q3", actual=100.0)])
    before = record.width("m", NOW)
    for name in ("2024Q4", "2025Q1"):
        record.add(made(name, actual=1e9))
    record.add(made("2024Q3", actual=1e9, weeks_left=1))  # another week of the quarter is not the same question
    assert record.width("m", NOW) == before
    running = Point(date(2024, 8, 18), parse_period("2024Q3"))
    assert record.width("m", running) == 1.0


def test_of_each_period_the_nearest_week_counts_once_and_old_ones_not_at_all() -> None:
    record = Record([made("2024Q3", actual=1.0, weeks_left=weeks) for weeks in (5, 6, 7)])
    record.add(made("2020Q3", actual=1.0))
    assert [one.point.weeks_left for one in record.near("m", NOW)] == [6]


def test_a_forecast_that_was_certain_and_wrong_does_not_widen_without_end() -> None:
    certain, nearly = Distribution.of([100.0, 100.0]), Distribution.of([100.0, 100.0 + 1e-9])
    tight = Distribution.of([99.0, 101.0])
    for forecast in (certain, nearly):
        assert Record([made("2024Q3", actual=1e6, forecast=forecast)]).width("m", NOW) == 1.0
    assert Record([made("2024Q3", actual=1e6, forecast=tight)]).width("m", NOW) < 6.0


def test_a_point_gets_the_spread_of_its_past_misses_and_never_less_than_is_won() -> None:
    fresh = Record().spread_of_point("m", NOW, total=100.0, won_already=0.0)
    assert fresh.mean == pytest.approx(100.0, rel=0.01)
    assert fresh.sd == pytest.approx(25.0, rel=0.02)
    sure = Record().spread_of_point("m", NOW, total=100.0, won_already=100.0)
    assert sure.interval(0.95) == (100.0, 100.0)
    held = Record().spread_of_point("m", NOW, total=100.0, won_already=90.0)
    assert held.values.min() >= 90.0
    assert held.sd < 3.0
    off = Record([made("2024Q3", actual=200.0)]).spread_of_point("m", NOW, total=100.0, won_already=0.0)
    assert off.sd > 1.5 * fresh.sd


def test_a_forecast_that_said_nothing_more_would_come_was_not_off_by_many_times_itself() -> None:
    nothing_more = Distribution.of([20.0, 20.0])
    past = [replace(made(f"202{year}Q3", actual=100.0, forecast=nothing_more), won_already=20.0) for year in (2, 3, 4)]
    told = Record(past).spread_of_point("m", NOW, total=100.0, won_already=0.0)
    assert told.quantile(0.5) > 0.0
    assert told.sd < 150.0  # of a miss four times itself; of one sixteen times it would be 280


def test_a_usual_miss_is_measured_by_what_the_forecast_still_expected() -> None:
    one = made("2024Q3", actual=150.0, forecast=Distribution.of([100.0, 100.0]))
    squares = 4 * 0.25**2 + 0.5**2
    told = Record([one]).spread_of_point("m", NOW, total=100.0, won_already=0.0)
    assert told.sd == pytest.approx(100 * (squares / 5) ** 0.5, rel=0.03)


@pytest.mark.parametrize("won_already", [0.0, 60.0, 99.0])
def test_the_mean_of_a_point_with_a_spread_is_the_point_however_far_it_was_off(won_already: float) -> None:
    far_off = [made(f"202{year}Q3", actual=900.0) for year in (2, 3, 4)]
    for record in (Record(), Record(far_off)):
        told = record.spread_of_point("m", NOW, total=100.0, won_already=won_already)
        assert told.mean == pytest.approx(100.0)
        assert told.values[0] >= won_already


def test_weights_add_up_and_follow_the_scores() -> None:
    quarters = ("2024Q3", "2024Q2", "2024Q1", "2023Q4")
    record = Record([made(name, actual=100.0, model="good") for name in quarters])
    assert record.skill_weights(("good", "bad"), NOW).tolist() == [0.5, 0.5]
    for name in quarters:
        record.add(made(name, actual=100.0, model="bad", forecast=SPREAD.shifted(200.0)))
    good, bad = record.skill_weights(("good", "bad"), NOW)
    assert good + bad == pytest.approx(1.0)
    assert good > 0.6
    perfect = Record([made("2024Q3", actual=5.0, model=one, forecast=Distribution.of([5.0])) for one in "ab"])
    assert perfect.skill_weights("ab", NOW).tolist() == pytest.approx([0.5, 0.5])


@pytest.fixture(scope="module")
def book() -> PipelineBook:
    return replace(make_book(n_deals=260), workspace=WORKSPACE)


@pytest.fixture(scope="module")
def points(book: PipelineBook) -> list[Point]:
    return points_of(book)[40::6]


@pytest.fixture(scope="module")
def backtest(book: PipelineBook, points: list[Point]) -> ForecastBacktest:
    return backtest_forecasts(book, points)


def test_points_are_days_of_periods_that_are_over(book: PipelineBook) -> None:
    found = points_of(book)
    assert all(one.period.start <= one.day + timedelta(days=1) <= one.period.end <= book.known_on for one in found)
    assert {one.day for one in found} == {day for day in book.days if day < date(2024, 9, 30)}
    months = points_of(book, kind="month", first=date(2024, 1, 1), last=date(2024, 2, 29))
    assert {one.period.name for one in months} == {"2024-01", "2024-02", "2024-03"} - {"2024-03"}


def test_a_row_for_each_day_and_model_with_quantiles_in_order(backtest: ForecastBacktest) -> None:
    frame = backtest.frame
    assert not frame.duplicated(["as_of", "model"]).any()
    quantiles = frame[[name for name in frame if str(name).startswith("q_")]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (frame["crps"] >= 0).all()
    for coverage, (low, high) in {"in_50": ("q_0.25", "q_0.75"), "in_95": ("q_0.025", "q_0.975")}.items():
        assert (frame[coverage] == ((frame[low] <= frame["actual"]) & (frame["actual"] <= frame[high]))).all()
    assert (frame["won_already"] <= frame["actual"] + 1e-6).all()
    assert (frame["q_0.025"] >= frame["won_already"] - 1e-6).all()


def test_actual_is_what_was_won_in_the_period(book: PipelineBook, backtest: ForecastBacktest) -> None:
    for name, rows in backtest.frame.groupby("period"):
        period = parse_period(str(name))
        won = book.deals[(book.deals["outcome"] == "won")]
        inside = won["closed_on"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
        assert rows["actual"].unique() == pytest.approx([won.loc[inside, "amount_base"].sum()])


def test_a_monday_says_the_same_whatever_comes_after_it(
    book: PipelineBook, points: list[Point], backtest: ForecastBacktest
) -> None:
    place = len(points) // 2
    day = points[place].day
    rng = np.random.default_rng(5)
    deals, rows = book.deals.copy(), book.open_rows.copy()
    later = (deals["closed_on"] > pd.Timestamp(day)) | deals["closed_on"].isna()
    n = int(later.sum())
    deals.loc[later, "closed_on"] = pd.Timestamp(day) + pd.to_timedelta(rng.integers(1, 100, n), unit="D")
    deals.loc[later, "outcome"] = rng.choice(["won", "lost"], n)
    deals.loc[later, "amount_base"] = rng.lognormal(12, 1, n)
    after = rows["as_of"] > pd.Timestamp(day)
    numbers = [name for name in rows if rows[name].dtype == "float64"]
    rows.loc[after, numbers] = rng.random((int(after.sum()), len(numbers)))
    other = backtest_forecasts(replace(book, deals=deals, open_rows=rows), points[: place + 1]).frame
    said = [name for name in other if name not in ("actual", "crps", "in_50", "in_80", "in_95")]
    mine = backtest.frame[backtest.frame["as_of"] == pd.Timestamp(day)][said].reset_index(drop=True)
    pd.testing.assert_frame_equal(other[other["as_of"] == pd.Timestamp(day)][said].reset_index(drop=True), mine)


def test_days_before_the_report_only_make_up_the_record(book: PipelineBook, points: list[Point]) -> None:
    cut = points[3].day
    whole = backtest_forecasts(book, points[:6])
    late = backtest_forecasts(book, points[:6], report_from=cut)
    kept = whole.frame[whole.frame["as_of"] >= pd.Timestamp(cut)].reset_index(drop=True)
    pd.testing.assert_frame_equal(late.frame, kept)


def test_without_points_there_are_columns_and_no_rows(book: PipelineBook) -> None:
    found = backtest_forecasts(book, [])
    assert len(found.frame) == 0
    told = backtest_json(found)
    assert told["models"] == told["by_weeks_left"] == told["days"] == []


def test_parts_add_up_to_the_forecast(book: PipelineBook) -> None:
    parts = forecast_parts(book, POINT)
    assert parts.distribution().mean == pytest.approx(parts.expected, rel=0.03)
    assert parts.expected == pytest.approx(parts.won_already + parts.expected_of_deals.sum() + parts.new.mean)
    assert ((parts.chance >= 0) & (parts.chance <= 1)).all()
    assert parts.won["closed_on"].max() <= pd.Timestamp(POINT.day)


def test_the_last_day_of_a_period_leaves_nothing_open(book: PipelineBook) -> None:
    last = Point(DAY, replace(parse_period("2024-11"), start=date(2024, 10, 28), end=DAY))
    parts = forecast_parts(book, last)
    assert parts.expected == parts.won_already
    assert parts.distribution().interval(0.95) == pytest.approx((parts.won_already, parts.won_already))


def test_told_models_are_those_of_the_forecast_and_probabilities_fit_quantiles(book: PipelineBook) -> None:
    targets = pd.DataFrame({"period_start": [], "amount_base": []})
    found = forecast_period(book, POINT.period, targets=targets)
    told = forecast_json(found)
    frame = forecast_frame(found)
    assert {row["model"] for row in told["models"]} == set(frame["model"]) == set(found.said.forecasts)
    assert told["chosen"] in set(frame["model"])
    assert told["target"] is None
    assert found.chance_of_target is None
    aimed = replace(found, target=found.distribution.quantile(0.5))
    assert aimed.chance_of_target == pytest.approx(0.5, abs=0.01)
    assert list(frame.columns) == ["as_of", "period", "node", "model", "quantity", "value"]


def test_a_period_that_is_over_and_a_day_that_was_not_read_are_told(book: PipelineBook) -> None:
    with pytest.raises(ParameterError, match=r"2024Q3 ended on 2024-09-30"):
        forecast_period(book, parse_period("2024Q3"))
    with pytest.raises(ParameterError, match="none of the days"):
        forecast_period(book, POINT.period, day=date(2024, 11, 1))


def test_a_forecast_looks_at_nothing_after_its_day(book: PipelineBook) -> None:
    day = book.days[60]
    point = Point(day, parse_period("2024Q1"))
    whole, cut = (forecast_all(one, point, Record()) for one in (book, book.known(day)))
    assert {name: one.mean for name, one in whole.forecasts.items()} == {
        name: one.mean for name, one in cut.forecasts.items()
    }


def test_past_points_lie_as_far_from_their_ends(book: PipelineBook) -> None:
    for past in past_points(POINT, book.days, around=0):
        assert abs(past.days_to_end - POINT.days_to_end) <= 4
        assert past.period.end <= POINT.day
    around = past_points(POINT, book.days, around=1)
    assert len({(one.day, one.period.name) for one in around}) == len(around)
