"""Curves between their points: never falling, whole weeks of weights, null where nobody said anything."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.forecasting import Point
from oppnb.forecasting.curves import curve_columns, has_curve, won_within
from oppnb.forecasting.seen import chance_in
from oppnb.history.close_pace import EVEN_PACE, WEEKS_OF_A_QUARTER, ClosePace
from oppnb.periods import parse_period

DAYS = (7, 14, 28, 91)
WEIGHTS = st.lists(st.floats(0.05, 5.0), min_size=7, max_size=7).map(np.array)
STEPS = st.lists(st.floats(0.0, 0.25), min_size=4, max_size=4).map(np.cumsum)


def by_weekday(weights: np.ndarray) -> ClosePace:
    return ClosePace(weights, np.ones(WEEKS_OF_A_QUARTER))


def make_rows(*curves: np.ndarray | list[float], as_of: str = "2024-03-03") -> pd.DataFrame:
    """One row a curve at `DAYS`."""
    frame = pd.DataFrame({f"won_by_{days}": [one[at] for one in curves] for at, days in enumerate(DAYS)})
    return frame.assign(as_of=pd.Timestamp(as_of))


@settings(max_examples=60, deadline=None)
@given(STEPS, WEIGHTS, st.integers(0, 6))
def test_a_chance_never_falls_with_more_days(curve: np.ndarray, weights: np.ndarray, shift: int) -> None:
    rows = make_rows(curve, as_of=str(date(2024, 3, 3) + timedelta(days=shift)))
    for pace in (None, by_weekday(weights)):
        said = [won_within(rows, days, pace=pace)[0] for days in np.arange(-2.0, 100.0, 0.5)]
        assert (np.diff(said) >= -1e-12).all()
        assert said[0] == 0.0
        assert said[-1] == pytest.approx(curve[-1])


@settings(max_examples=40, deadline=None)
@given(STEPS, WEIGHTS, st.integers(0, 6))
def test_the_points_themselves_are_kept_whatever_the_pace(curve: np.ndarray, weights: np.ndarray, shift: int) -> None:
    rows = make_rows(curve, as_of=str(date(2024, 3, 3) + timedelta(days=shift)))
    for at, days in enumerate(DAYS):
        assert won_within(rows, days, pace=by_weekday(weights))[0] == pytest.approx(curve[at])


@settings(max_examples=40, deadline=None)
@given(STEPS, st.floats(0.0, 120.0), st.integers(0, 6))
def test_equal_weekdays_are_a_straight_line(curve: np.ndarray, days: float, shift: int) -> None:
    rows = make_rows(curve, as_of=str(date(2024, 3, 3) + timedelta(days=shift)))
    straight = np.interp(days, [0.0, *DAYS], [0.0, *curve])
    assert won_within(rows, days)[0] == pytest.approx(straight)
    assert won_within(rows, days, pace=EVEN_PACE)[0] == pytest.approx(straight)


@settings(max_examples=40, deadline=None)
@given(WEIGHTS, st.integers(0, 6))
def test_the_days_of_a_week_share_it_by_their_weights(weights: np.ndarray, shift: int) -> None:
    start = date(2024, 3, 3) + timedelta(days=shift)
    rows = make_rows([0.7, 0.7, 0.7, 0.7], as_of=str(start))
    said = np.array([won_within(rows, days, pace=by_weekday(weights))[0] for days in range(8)])
    wanted = [weights[(start + timedelta(days=day)).weekday()] for day in range(1, 8)]
    assert np.diff(said) == pytest.approx(0.7 * np.array(wanted) / weights.sum())


def test_a_quarter_that_ends_on_a_friday_has_all_of_its_last_week() -> None:
    sunday = make_rows([0.5, 0.6, 0.7, 0.8], as_of="2024-03-24")
    working = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert won_within(sunday, 5, pace=by_weekday(working))[0] == pytest.approx(0.5)
    assert won_within(sunday, 5)[0] == pytest.approx(0.5 * 5 / 7)


def test_each_row_may_ask_for_other_days() -> None:
    rows = make_rows([0.1, 0.2, 0.3, 0.4], [0.2, 0.2, 0.2, 0.2])
    assert won_within(rows, np.array([10.5, 3.5])).tolist() == pytest.approx([0.15, 0.1])


def test_a_row_with_a_hole_in_its_curve_has_none() -> None:
    rows = make_rows([0.1, 0.2, 0.3, 0.4], [0.1, np.nan, 0.3, 0.4], [np.nan] * 4)
    assert has_curve(rows).tolist() == [True, False, False]
    assert np.isnan(won_within(rows, 7.0)).tolist() == [False, True, True]


def test_without_columns_and_without_rows_nothing_is_said() -> None:
    assert np.isnan(won_within(pd.DataFrame({"stage": ["Demo"]}), 7.0)).all()
    assert len(won_within(make_rows().iloc[:0], 7.0, pace=EVEN_PACE)) == 0
    assert not has_curve(pd.DataFrame({"stage": ["Demo"]})).any()


def test_columns_are_found_by_their_whole_name_and_told_by_days() -> None:
    assert list(curve_columns(["won_by_119", "won_by_7", "xwon_by_3", "won_by_7_old", 3])) == ["won_by_7", "won_by_119"]


def test_the_chance_of_a_period_ahead_leaves_out_what_is_won_before_it() -> None:
    rows = make_rows([0.1, 0.2, 0.4, 0.8], as_of="2024-03-03")  # 28 days to the end of March, 119 to that of June
    ahead = Point(date(2024, 3, 3), parse_period("2024Q2"))
    said = chance_in(rows, ahead, EVEN_PACE)
    assert (ahead.days_to_start, ahead.days_to_end) == (28, 119)
    assert said[0] == pytest.approx(0.8 - 0.4)
    now = chance_in(rows, Point(date(2024, 3, 3), parse_period("2024Q1")), EVEN_PACE)
    assert now[0] == pytest.approx(0.4)


@pytest.mark.parametrize("name", ["2024-03", "2024Q1", "FY2024"])
def test_on_the_last_day_of_a_period_nothing_more_is_won_in_it(name: str) -> None:
    period = parse_period(name)
    rows = make_rows([0.1, 0.2, 0.3, 0.4], as_of=str(period.end))
    assert chance_in(rows, Point(period.end, period), EVEN_PACE).tolist() == [0.0]
