"""Times that are not over yet: hand-made tables, scipy's opinion, and how often the intervals hold the truth."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from oppnb.metrics import cumulative_incidence, median_survival

DAYS = np.array([10.0, 15.0, 20.0, 30.0, 40.0, 60.0])
END = np.array([1, 0, 2, 1, 0, 2])
cases = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=60)


def test_cumulative_incidence_of_six_deals() -> None:
    # Day 10: 6 at risk, 1 won: F = 1/6, S = 5/6. Day 15: one leaves unseen. Day 20: 4 at risk, 1 lost: S = 5/8.
    # Day 30: 3 at risk, 1 won: F = 1/6 + 5/8 x 1/3 = 9/24.
    assert cumulative_incidence(DAYS, END, horizon=30)[0] == pytest.approx(9 / 24)
    assert cumulative_incidence(DAYS, END, horizon=29.9)[0] == pytest.approx(1 / 6)


def test_median_of_six_stays() -> None:
    # S falls to 5/6 (day 10), 5/8 (day 20), 5/12 (day 30): the median is day 30.
    assert median_survival(DAYS, END > 0)[0] == 30


def test_an_open_deal_is_neither_lost_nor_left_out() -> None:
    days, end = np.array([10.0, 10.0, 100.0]), np.array([1, 0, 0])
    # As lost: 1/3. Left out: 1. Followed as far as it goes: of three at risk on day 10 one is won.
    assert cumulative_incidence(days, end, horizon=50)[0] == pytest.approx(1 / 3)


@given(cases, st.integers(0, 60))
def test_probability_lies_within_its_interval_in_zero_to_one(rows: list[tuple[int, int]], horizon: int) -> None:
    days, end = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    found = cumulative_incidence(days, end, horizon=horizon)
    assert found is None or 0 <= found[1] <= found[0] <= found[2] <= 1


@given(cases)
def test_probability_never_falls_with_a_longer_horizon(rows: list[tuple[int, int]]) -> None:
    days, end = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    values = [found[0] for day in range(61) if (found := cumulative_incidence(days, end, horizon=day))]
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(values))


@given(cases, st.integers(0, 60))
def test_won_lost_and_still_open_add_up_to_one(rows: list[tuple[int, int]], horizon: int) -> None:
    days, end = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    won = cumulative_incidence(days, end, horizon=horizon)
    lost = cumulative_incidence(days, np.array([0, 2, 1])[end], horizon=horizon)
    either = cumulative_incidence(days, (end > 0).astype(int), horizon=horizon)
    if won is not None:
        assert won[0] + lost[0] == pytest.approx(either[0], abs=1e-9)


@given(cases, st.integers(0, 60))
def test_without_a_competing_end_it_is_one_minus_scipys_kaplan_meier(rows: list[tuple[int, int]], horizon: int) -> None:
    days, is_over = np.array([row[0] for row in rows], dtype=float), np.array([row[1] > 0 for row in rows])
    found = cumulative_incidence(days, is_over.astype(int), horizon=horizon)
    if found is not None:
        curve = stats.ecdf(stats.CensoredData(uncensored=days[is_over], right=days[~is_over])).cdf
        assert found[0] == pytest.approx(float(curve.evaluate(horizon)), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 2)), min_size=1, max_size=60), st.integers(0, 60))
def test_without_censoring_it_is_the_plain_share(rows: list[tuple[int, int]], horizon: int) -> None:
    days, end = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    value, *_ = cumulative_incidence(days, end, horizon=horizon)
    assert value == pytest.approx(np.mean((end == 1) & (days <= horizon)), abs=1e-9)


def test_a_horizon_that_nobody_has_reached_has_no_probability() -> None:
    assert cumulative_incidence(np.array([5.0, 9.0]), np.array([1, 0]), horizon=30) is None


def test_a_curve_above_one_half_has_no_median() -> None:
    # One of three has ended, on day 1: the median may lie there or anywhere beyond.
    assert median_survival(np.array([1.0, 2.0, 3.0]), np.array([True, False, False])) == (None, 1.0, None)
    assert median_survival(np.array([1.0, 2.0]), np.array([False, False])) == (None, None, None)


@given(cases)
def test_the_median_lies_within_its_interval(rows: list[tuple[int, int]]) -> None:
    days, is_over = np.array([row[0] for row in rows], dtype=float), np.array([row[1] > 0 for row in rows])
    value, low, high = median_survival(days, is_over)
    assert value is None or (low <= value and (high is None or value <= high))


def test_the_published_median_of_the_leukaemia_trial() -> None:
    # Freireich et al., Blood 21, 1963, the 6-MP arm that textbooks use: 21 patients, 9 relapses, median 23 weeks;
    # log-log limits from 13 weeks on, without an upper one.
    over = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    days = np.array(over + still, dtype=float)
    assert median_survival(days, np.repeat([True, False], [9, 12])) == (23, 13, None)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    # Exponential winning (1 a 100 days) and losing (1 a 50 days), watched for 20 to 200 days.
    rng = np.random.default_rng(5)
    truth = (1 / 3) * (1 - np.exp(-60 * 3 / 100))
    median = np.log(2) * 100 / 3
    in_probability, in_median = [], []
    for _ in range(1200):
        won, lost, watched = rng.exponential(100, 150), rng.exponential(50, 150), rng.uniform(20, 200, 150)
        days = np.minimum(np.minimum(won, lost), watched)
        end = np.where(days == watched, 0, np.where(won < lost, 1, 2))
        _, low, high = cumulative_incidence(days, end, horizon=60)
        in_probability.append(low <= truth <= high)
        _, low, high = median_survival(days, end > 0)
        in_median.append(low <= median <= (high or np.inf))
    assert 0.93 <= np.mean(in_probability) <= 0.97
    assert 0.93 <= np.mean(in_median) <= 0.975
