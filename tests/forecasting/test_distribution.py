"""Distributions as values with shares: the score against its definition, quantiles against chances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.forecasting.distribution import LEVELS, Distribution, blended

MONEY = st.floats(0.0, 1e6)
SOME = st.lists(st.tuples(MONEY, st.floats(0.01, 1.0)), min_size=1, max_size=12)


def make(pairs: list[tuple[float, float]]) -> Distribution:
    return Distribution.of([value for value, _ in pairs], np.array([share for _, share in pairs]))


def crps_by_pairs(found: Distribution, actual: float) -> float:
    """E|X - y| - E|X - X'| / 2, every pair counted out."""
    apart = np.abs(found.values[:, None] - found.values[None, :])
    return float(np.abs(found.values - actual) @ found.shares - found.shares @ apart @ found.shares / 2)


@settings(max_examples=80, deadline=None)
@given(SOME, MONEY)
def test_the_score_is_that_of_every_pair_counted_out(pairs: list[tuple[float, float]], actual: float) -> None:
    found = make(pairs)
    assert found.crps(actual) == pytest.approx(crps_by_pairs(found, actual), abs=1e-6, rel=1e-9)
    assert found.crps(actual) >= -1e-9


def test_the_score_of_a_normal_is_its_formula() -> None:
    from scipy.stats import norm

    fine = (np.arange(20_000) + 0.5) / 20_000
    found = Distribution.of(100 + 15 * norm.ppf(fine))
    for actual in (60.0, 100.0, 131.0):
        z = (actual - 100) / 15
        closed = 15 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
        assert found.crps(actual) == pytest.approx(closed, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(SOME, MONEY)
def test_the_score_is_twice_the_pinball_loss_over_all_levels(pairs: list[tuple[float, float]], actual: float) -> None:
    found = make(pairs)
    levels = (np.arange(4_000) + 0.5) / 4_000
    miss = actual - found.quantiles(levels)
    loss = np.maximum(levels * miss, (levels - 1) * miss)
    spread = float(found.values.max() - found.values.min()) + abs(actual - float(found.mean))
    assert 2 * loss.mean() == pytest.approx(found.crps(actual), abs=2e-3 * spread + 1e-6)
    assert found.pinball(actual, 0.5) == pytest.approx(abs(actual - found.quantile(0.5)) / 2)


@settings(max_examples=60, deadline=None)
@given(SOME, st.floats(0.005, 0.995))
def test_a_quantile_is_the_least_value_that_is_not_exceeded_so_often(
    pairs: list[tuple[float, float]], level: float
) -> None:
    found = make(pairs)
    value = found.quantile(level)
    assert found.shares[found.values <= value].sum() >= level - 1e-9
    assert found.shares[found.values < value].sum() <= level + 1e-9
    assert found.chance_of(value) >= 1 - level - 1e-9


@settings(max_examples=40, deadline=None)
@given(SOME)
def test_quantiles_rise_and_chances_fall(pairs: list[tuple[float, float]]) -> None:
    found = make(pairs)
    assert (np.diff(found.quantiles(LEVELS)) >= 0).all()
    chances = [found.chance_of(amount) for amount in np.linspace(-1.0, 1e6 + 1, 50)]
    assert (np.diff(chances) <= 1e-12).all()
    assert chances[0] == pytest.approx(1.0)
    assert chances[-1] == 0.0
    low, high = found.interval(0.8)
    assert low == found.quantile(0.1)
    assert high == found.quantile(0.9)


@settings(max_examples=40, deadline=None)
@given(SOME, st.floats(-1e5, 1e5), st.floats(0.2, 3.0))
def test_moved_and_widened_ones_keep_what_they_should(
    pairs: list[tuple[float, float]], amount: float, factor: float
) -> None:
    found = make(pairs)
    assert found.shifted(amount).mean == pytest.approx(found.mean + amount, abs=1e-4)
    assert found.shifted(amount).sd == pytest.approx(found.sd, abs=1e-4)
    wide = found.widened(factor)
    assert wide.mean == pytest.approx(found.mean, abs=1e-4)
    assert wide.sd == pytest.approx(factor * found.sd, abs=1e-4)
    held = found.widened(3.0, least=float(found.values[0]))
    assert held.values.min() >= found.values[0]
    assert (np.diff(held.values) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(SOME)
def test_the_short_form_tells_the_same(pairs: list[tuple[float, float]]) -> None:
    found = make(pairs)
    told = found.told()
    assert told.mean == pytest.approx(found.mean, abs=1e-6)
    assert len(told.values) == len(LEVELS)
    for level in LEVELS[::37]:
        half = 0.5 / len(LEVELS) + 1e-9
        assert found.quantile(level - half) - 1e-6 <= told.quantile(level) <= found.quantile(level + half) + 1e-6


@settings(max_examples=40, deadline=None)
@given(SOME, SOME, st.floats(0.1, 5.0))
def test_blended_quantiles_lie_between_and_one_alone_is_itself(
    first: list[tuple[float, float]], second: list[tuple[float, float]], weight: float
) -> None:
    one, two = make(first).told(), make(second).told()
    mixed = blended([one, two], [weight, 1.0])
    low, high = (
        np.minimum(one.quantiles(LEVELS), two.quantiles(LEVELS)),
        np.maximum(one.quantiles(LEVELS), two.quantiles(LEVELS)),
    )
    said = mixed.quantiles(LEVELS)
    assert (said >= low - 1e-6).all()
    assert (said <= high + 1e-6).all()
    assert mixed.mean == pytest.approx((weight * one.mean + two.mean) / (weight + 1), abs=1e-6)
    alone = blended([one, two], [1.0, 0.0])
    assert alone.quantiles(LEVELS) == pytest.approx(one.quantiles(LEVELS))


def test_one_value_is_certain() -> None:
    found = Distribution.of([250.0])
    assert (found.mean, found.sd, found.quantile(0.01), found.interval(0.95)) == (250.0, 0.0, 250.0, (250.0, 250.0))
    assert (found.chance_of(250.0), found.chance_of(250.01), found.crps(240.0)) == (1.0, 0.0, 10.0)


def test_values_in_any_order_and_without_a_share_are_set_right() -> None:
    found = Distribution.of([30.0, 10.0, 20.0], np.array([1.0, 2.0, 0.0]))
    assert found.values.tolist() == [10.0, 30.0]
    assert found.shares.tolist() == pytest.approx([2 / 3, 1 / 3])


def test_a_chance_of_a_large_amount_counts_that_amount() -> None:
    found = Distribution.of([1e15, 3e15]).shifted(0.1)
    assert found.chance_of(float(found.values[1])) == 0.5


@pytest.mark.parametrize(("values", "shares"), [([], None), ([1.0], [0.0]), ([1.0, np.nan], None), ([1.0], [np.nan])])
def test_nothing_and_nulls_are_no_distribution(values: list[float], shares: list[float] | None) -> None:
    with pytest.raises(ValueError, match="distribution"):
        Distribution.of(values, None if shares is None else np.array(shares))
