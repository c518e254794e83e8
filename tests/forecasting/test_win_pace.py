"""On which days deals are won: weekdays, and the weeks of a quarter."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.forecasting.curves import won_within
from oppnb.forecasting.win_pace import learn_pace
from oppnb.history.book import PipelineBook
from oppnb.history.close_pace import EVEN_PACE, WEEKS_OF_A_QUARTER, ClosePace
from oppnb.workspace import Workspace

WEIGHTS = st.lists(st.floats(0.05, 5.0), min_size=7, max_size=7).map(np.array)
FACTORS = st.lists(st.floats(0.2, 5.0), min_size=WEEKS_OF_A_QUARTER, max_size=WEEKS_OF_A_QUARTER).map(np.array)
DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))


def won_on(days: list[date], *, known_on: date = date(2024, 1, 10)) -> PipelineBook:
    """A book of which nothing is known but when deals were won."""
    deals = pd.DataFrame({"outcome": "won", "closed_on": pd.to_datetime(days)})
    return PipelineBook(known_on, deals, deals.iloc[:0], (), Workspace())


@settings(max_examples=60, deadline=None)
@given(WEIGHTS, FACTORS, DAYS, st.integers(1, 12), st.integers(0, 200), st.integers(1, 100))
def test_days_add_up_wherever_one_begins_to_count(weekdays, weeks, day, first_month, before, n_days):
    pace = ClosePace(weekdays, weeks, first_month)
    whole = pace.upto(day, before + n_days)
    rest = pace.upto(day + timedelta(days=before), n_days)
    assert whole[before:] - whole[before] == pytest.approx(rest)
    assert (np.diff(whole) > 0).all()


def test_the_week_of_a_day_is_counted_back_from_the_end_of_its_own_quarter():
    weeks = np.arange(1.0, WEEKS_OF_A_QUARTER + 1)
    steps = np.diff(ClosePace(np.ones(7), weeks).upto(date(2024, 3, 24), 9))  # Monday 25 March to Tuesday 2 April
    assert steps.tolist() == [1.0] * 7 + [13.0, 13.0]  # 90 and 89 days are left of the second quarter
    shifted = np.diff(ClosePace(np.ones(7), weeks, fiscal_year_start=2).upto(date(2024, 4, 23), 8))
    assert shifted.tolist() == [1.0] * 7 + [14.0]  # 92 days from May to July


def test_a_month_between_two_points_falls_where_wins_fall():
    """Three of four wins come in the last week of a quarter: a curve with one point a month knows nothing of that."""
    weeks = np.ones(WEEKS_OF_A_QUARTER)
    weeks[0] = 9.0
    rows = pd.DataFrame({"won_by_91": [0.2], "won_by_119": [0.3], "as_of": [pd.Timestamp("2023-12-24")]})
    upto_march = (date(2024, 3, 31) - date(2023, 12, 24)).days
    assert upto_march == 98
    said = won_within(rows, upto_march, pace=ClosePace(np.ones(7), weeks))[0]
    assert said == pytest.approx(0.2 + 0.1 * 9 / (9 + 3))
    assert won_within(rows, upto_march)[0] == pytest.approx(0.2 + 0.1 / 4)


def test_what_is_learnt_is_what_happened():
    quarters = pd.period_range("2022Q1", "2023Q4", freq="Q")
    last = [one.end_time.date() for one in quarters]
    days = [end - timedelta(days=back) for end in last for back in [*range(91), *[0, 1, 2, 3, 4, 5, 6] * 6]]
    pace = learn_pace(won_on(days))
    assert pace.weeks[0] / pace.weeks[5] == pytest.approx(7.0, rel=0.15)
    assert pace.weeks[1:12] == pytest.approx(np.full(11, pace.weeks[5]), rel=0.05)


def test_nothing_is_learnt_from_the_quarter_that_runs_or_from_few_wins():
    running = [date(2024, 1, day) for day in range(2, 8)] * 50
    assert learn_pace(won_on(running)).weeks.tolist() == [1.0] * 14
    few = [date(2023, 11, 1), date(2023, 12, 29), date(2023, 12, 30)]
    assert np.abs(learn_pace(won_on(few)).weeks - 1.0).max() < 0.35
    nobody = won_on([])
    assert learn_pace(nobody).weekdays == pytest.approx(EVEN_PACE.weekdays)
