"""Intervals: laws, published figures, a second opinion, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from oppnb.metrics import mean_interval, median_interval, weighted_share, wilson

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
weights = st.lists(st.floats(0, 1e9), min_size=1, max_size=40)


@given(counts)
def test_wilson_lies_within_zero_and_one_around_the_rate(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


@given(counts)
def test_wilson_agrees_with_scipy(pair: tuple[int, int]) -> None:
    expected = stats.binomtest(*pair).proportion_ci(method="wilson")
    assert wilson(*pair) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(counts)
def test_wilson_of_losses_is_that_of_wins_turned_round(pair: tuple[int, int]) -> None:
    won, n = pair
    low, high = wilson(won, n)
    assert wilson(n - won, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize(
    ("won", "n", "low", "high"),
    [(3, 10, 0.11, 0.60), (12, 40, 0.18, 0.45), (30, 100, 0.22, 0.40), (81, 263, 0.255, 0.366)],
)
def test_wilson_gives_the_published_limits(won: int, n: int, low: float, high: float) -> None:
    # The last line: R. G. Newcombe, Statistics in Medicine 17, 1998, table I (81 of 263: 0.2553 to 0.3662).
    assert wilson(won, n) == pytest.approx((low, high), abs=0.005)


@given(weights, st.randoms(use_true_random=False))
def test_a_rate_by_value_lies_within_its_interval(amounts: list[float], random: object) -> None:
    flags = np.array([float(random.random() < 0.5) for _ in amounts])  # type: ignore[attr-defined]
    found = weighted_share(flags, np.array(amounts))
    if sum(amounts) <= 0:
        assert found is None
    else:
        value, low, high = found
        assert 0 <= low <= value <= high <= 1


@given(counts)
def test_equal_amounts_give_the_interval_by_count(pair: tuple[int, int]) -> None:
    won, n = pair[0] % 50, min(pair[1], 50) + 49
    flags = np.repeat([1.0, 0.0], [won, n - won])
    assert weighted_share(flags, np.full(n, 250.0)) == pytest.approx((won / n, *wilson(won, n)), rel=1e-9)


def test_wilson_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    # Over rates from 10 to 90 %: at one single rate the coverage of any interval of counts goes up and down with n.
    rates = rng.uniform(0.1, 0.9, 4000)
    held = [_share_within(wilson(rng.binomial(60, rate), 60), rate) for rate in rates]
    assert 0.94 <= np.mean(held) <= 0.96


@pytest.mark.parametrize(("tilt", "least"), [(0.0, 0.93), (-0.3, 0.90)])
def test_a_rate_by_value_holds_the_truth_about_as_often_as_it_says(tilt: float, least: float) -> None:
    # Lognormal amounts (sigma 1); with a tilt, deals above the median are won less often than the others.
    rng = np.random.default_rng(2)
    held = []
    population = rng.lognormal(0, 1, 400_000)
    truth = np.average(0.45 + tilt * (population > 1), weights=population)
    for _ in range(1500):
        amounts = rng.lognormal(0, 1, 120)
        won = rng.random(120) < 0.45 + tilt * (amounts > 1)
        held.append(_share_within(weighted_share(won.astype(float), amounts)[1:], truth))
    assert least <= np.mean(held) <= 0.985


def _share_within(limits: tuple[float, float], truth: float) -> bool:
    return limits[0] <= truth <= limits[1]


@pytest.mark.parametrize("n", [6, 7, 10, 25, 100, 351])
def test_the_interval_of_a_median_agrees_with_scipy(n: int) -> None:
    values = np.random.default_rng(n).exponential(10, n)
    expected = stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
    assert median_interval(values) == pytest.approx((expected.low, expected.high))


def test_a_median_of_fewer_than_six_has_no_interval() -> None:
    # Five values lie all on one side of the median once in sixteen times: not 95 %.
    assert median_interval(np.arange(5.0)) == (None, None)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_the_interval_of_a_median_lies_around_it(values: list[float]) -> None:
    low, high = median_interval(np.array(values))
    assert low is None or low <= np.median(values) <= high


def test_the_interval_of_a_median_holds_the_truth_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = [_share_within(median_interval(rng.exponential(1, 40)), np.log(2)) for _ in range(3000)]
    assert 0.945 <= np.mean(held) <= 0.98


def test_the_interval_of_a_mean_agrees_with_scipy() -> None:
    values = np.array([3.0, 9.0, 27.0, 1.0])
    expected = stats.t.interval(0.95, 3, loc=values.mean(), scale=stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)
    assert mean_interval(values[:1]) == (None, None)
