"""Sums of deals by cumulants and on the lattice: against every outcome counted out, and against draws."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.growth import NO_GROWTH, Growth
from oppnb.forecasting.lattice import is_lumpy, on_lattice
from oppnb.forecasting.mixture import SHOCKS, spread_out
from oppnb.forecasting.new_business import NO_NEW_BUSINESS, NewBusiness
from oppnb.forecasting.sums import PowerSums, cumulants_at

Floats = npt.NDArray[np.float64]
NOW = np.zeros(1)
GROWTH = Growth(np.array([0.5, 1.0, 1.5]), np.array([0.2, 0.5, 0.3]))
DEALS = st.lists(st.tuples(st.floats(1.0, 500.0), st.floats(0.01, 0.99)), min_size=1, max_size=5)


def logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


def every_outcome(amount: Floats, chance: Floats, growth: Growth) -> tuple[Floats, Floats]:
    """All sums with their probabilities: each deal lost, or won at one of the ratios."""
    sums, shares = np.zeros(1), np.ones(1)
    for money, one in zip(amount, chance, strict=True):
        moves = np.concatenate([[0.0], money * growth.ratios])
        weights = np.concatenate([[1 - one], one * growth.shares])
        sums = (sums[:, None] + moves[None, :]).ravel()
        shares = (shares[:, None] * weights[None, :]).ravel()
    return sums, shares


def cumulants_of(values: Floats, shares: Floats) -> Floats:
    mean = values @ shares
    second, third, fourth = (((values - mean) ** power) @ shares for power in (2, 3, 4))
    return np.array([mean, second, third, fourth - 3 * second**2])


def smooth(amount: Floats, chance: Floats, shock: float, new: NewBusiness, growth: Growth = NO_GROWTH) -> Distribution:
    sums = PowerSums.of(amount, chance)
    of_deals = cumulants_at(sums, growth.moments, shock * SHOCKS - shock**2 / 2 * sums.bend)[0]
    return spread_out(of_deals + new.cumulants(np.exp(shock * SHOCKS - shock**2 / 2)))


@settings(max_examples=40, deadline=None)
@given(DEALS, st.sampled_from([NO_GROWTH, GROWTH]))
def test_cumulants_are_those_of_every_outcome_counted_out(deals: list[tuple[float, float]], growth: Growth) -> None:
    amount, chance = np.array(deals).T
    found = cumulants_at(PowerSums.of(amount, chance), growth.moments, NOW)[0, 0]
    scale = amount.sum() ** np.arange(1, 5)
    assert found / scale == pytest.approx(cumulants_of(*every_outcome(amount, chance, growth)) / scale, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(DEALS, DEALS)
def test_what_is_summed_of_two_groups_is_that_of_both(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    amount, chance = np.array([*first, *second]).T
    groups = np.array([0] * len(first) + [1] * len(second))
    shifts = np.array([-0.3, 0.0, 0.4])
    apart = PowerSums.of(amount, chance, groups, 2)
    both = cumulants_at(PowerSums.of(amount, chance), GROWTH.moments, shifts)[0]
    assert np.allclose(cumulants_at(apart, GROWTH.moments, shifts).sum(axis=0), both, rtol=1e-9, atol=1e-9)
    assert np.allclose(apart.together().sums, PowerSums.of(amount, chance).sums)
    assert apart.expected.sum() == pytest.approx(amount @ chance)


def test_a_group_without_deals_brings_nothing() -> None:
    sums = PowerSums.of(np.array([10.0]), np.array([0.5]), np.array([2]), 3)
    assert cumulants_at(sums, NO_GROWTH.moments, NOW)[:, 0, 0].tolist() == [0.0, 0.0, 5.0]


def test_unknown_amounts_and_chances_bring_nothing() -> None:
    sums = PowerSums.of(np.array([10.0, np.nan, 7.0]), np.array([0.5, 0.5, np.nan]))
    assert sums.sums == pytest.approx(PowerSums.of(np.array([10.0]), np.array([0.5])).sums)


@pytest.mark.parametrize(("shift", "near"), [(0.1, 2e-6), (-0.3, 5e-4), (0.5, 6e-3), (-0.8, 5e-2)])
def test_a_shift_of_all_log_odds_is_followed(shift: float, near: float) -> None:
    rng = np.random.default_rng(3)
    amount, chance = rng.lognormal(3, 0.5, 50), rng.uniform(0.02, 0.95, 50)
    moved = logistic(np.log(chance / (1 - chance)) + shift)
    found = cumulants_at(PowerSums.of(amount, chance), GROWTH.moments, np.array([shift]))[0, 0]
    exact = cumulants_at(PowerSums.of(amount, moved), GROWTH.moments, NOW)[0, 0]
    assert found[0] == pytest.approx(exact[0], rel=near)
    assert np.sqrt(found[1]) == pytest.approx(np.sqrt(exact[1]), rel=4 * near)


def test_draws_agree_with_the_mixture_over_the_shock() -> None:
    rng = np.random.default_rng(8)
    amount, chance, shock = rng.lognormal(4, 0.6, 300), rng.uniform(0.02, 0.6, 300), 0.3
    new = NewBusiness(12.0, 0.1, rng.lognormal(4, 0.6, 60), 8)
    found = smooth(amount, chance, shock, new, GROWTH)
    n = 20_000
    shocks = rng.normal(0.0, shock, n)
    logit = np.log(chance / (1 - chance)) - shock**2 / 2 * PowerSums.of(amount, chance).bend
    drawn = np.zeros(n)
    for start in range(0, n, 2_000):
        part = slice(start, start + 2_000)
        won = rng.random((2_000, 300)) < logistic(logit[None, :] + shocks[part, None])
        drawn[part] = (won * rng.choice(GROWTH.ratios, (2_000, 300), p=GROWTH.shares)) @ amount
    rate = rng.gamma(1 / new.spread, new.spread, n) * new.expected * np.exp(shocks - shock**2 / 2)
    number = rng.poisson(rate)
    drawn += np.array([rng.choice(new.amounts, count).sum() for count in number])
    assert found.mean == pytest.approx(drawn.mean(), rel=0.01)
    assert found.sd == pytest.approx(drawn.std(), rel=0.03)
    for level in (0.025, 0.1, 0.5, 0.9, 0.975):
        assert found.quantile(level) == pytest.approx(np.quantile(drawn, level), abs=0.06 * drawn.std())


@pytest.mark.parametrize("growth", [NO_GROWTH, GROWTH])
def test_the_lattice_is_every_outcome_of_ten_deals(growth: Growth) -> None:
    rng = np.random.default_rng(2)
    n = 10 if growth is NO_GROWTH else 6
    amount, chance = np.round(rng.lognormal(4, 1, n)), rng.uniform(0.05, 0.9, n)
    found = on_lattice(amount, chance, growth=growth, new=NO_NEW_BUSINESS, shock=0.0)
    assert found is not None
    sums, shares = every_outcome(amount, chance, growth)
    step = amount.sum() * growth.ratios.max() / 8191
    assert found.mean == pytest.approx(sums @ shares, rel=1e-3)
    assert found.sd == pytest.approx(np.sqrt(cumulants_of(sums, shares)[1]), rel=1e-3)
    for target in np.linspace(0.1, 0.9, 17) * amount.sum():
        low, high = (shares[sums >= target + side * n * step].sum() for side in (1, -1))
        assert low - 1e-6 <= found.chance_of(target) <= high + 1e-6


def test_the_lattice_knows_deals_that_do_not_exist_yet() -> None:
    rng = np.random.default_rng(4)
    new = NewBusiness(3.0, 0.2, np.array([50.0, 100.0, 400.0]), 8)
    found = on_lattice(np.array([300.0, 80.0]), np.array([0.4, 0.7]), growth=NO_GROWTH, new=new, shock=0.0)
    assert found is not None
    number = rng.poisson(rng.gamma(1 / 0.2, 0.2, 40_000) * 3.0)
    drawn = np.array([rng.choice(new.amounts, count).sum() for count in number])
    drawn += 300.0 * (rng.random(40_000) < 0.4) + 80.0 * (rng.random(40_000) < 0.7)
    assert found.mean == pytest.approx(300 * 0.4 + 80 * 0.7 + new.mean, rel=2e-3)
    assert found.sd == pytest.approx(drawn.std(), rel=0.02)
    for target in (50.0, 200.0, 500.0, 1000.0):
        assert found.chance_of(target) == pytest.approx((drawn >= target).mean(), abs=0.012)


def test_the_mean_number_of_new_deals_does_not_depend_on_the_shock() -> None:
    new = NewBusiness(5.0, 0.05, np.array([100.0, 200.0]), 8)
    means = [
        on_lattice(np.array([1.0]), np.array([0.5]), growth=NO_GROWTH, new=new, shock=shock).mean  # type: ignore[union-attr]
        for shock in (0.0, 0.2, 0.5)
    ]
    assert means == pytest.approx([means[0]] * 3, rel=5e-3)


@pytest.mark.parametrize("shock", [0.05, 0.3])
def test_many_deals_are_told_alike_by_the_lattice_and_by_cumulants(shock: float) -> None:
    rng = np.random.default_rng(6)
    amount, chance = rng.lognormal(4, 0.5, 200), rng.uniform(0.05, 0.6, 200)
    new = NewBusiness(6.0, 0.05, rng.lognormal(4, 0.5, 50), 8)
    exact = on_lattice(amount, chance, growth=GROWTH, new=new, shock=shock)
    near = smooth(amount, chance, shock, new, GROWTH)
    assert exact is not None
    assert near.mean == pytest.approx(exact.mean, rel=3e-3)
    assert near.sd == pytest.approx(exact.sd, rel=0.03)
    for level in (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975):
        assert near.quantile(level) == pytest.approx(exact.quantile(level), abs=0.05 * exact.sd)


def test_too_many_deals_are_not_for_the_lattice() -> None:
    many = np.ones(401)
    assert on_lattice(many, many / 2, growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.0) is None


def test_amounts_below_zero_are_not_for_the_lattice_which_begins_at_zero() -> None:
    new = NewBusiness(3.0, 0.2, np.array([-50.0, 100.0]), 8)
    one = np.array([100.0])
    assert on_lattice(one, one / 200, growth=NO_GROWTH, new=new, shock=0.0) is None
    assert on_lattice(-one, one / 200, growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.0) is None


def test_one_giant_or_few_deals_are_lumpy_and_certain_ones_are_not() -> None:
    many = np.full(500, 10.0)
    assert not is_lumpy(many, np.full(500, 0.3))
    assert is_lumpy(np.append(many, 5_000.0), np.full(501, 0.3))
    assert is_lumpy(many[:20], np.full(20, 0.3))
    assert not is_lumpy(many, np.zeros(500))
    assert not is_lumpy(np.zeros(0), np.zeros(0))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e12])
def test_the_unit_of_money_makes_no_difference(scale: float) -> None:
    amount, chance = np.array([3.0, 7.0, 20.0]), np.array([0.2, 0.5, 0.7])
    small = on_lattice(amount, chance, growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.1)
    large = on_lattice(amount * scale, chance, growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.1)
    assert small is not None
    assert large is not None
    assert large.quantile(0.7) == pytest.approx(small.quantile(0.7) * scale)
    assert large.mean == pytest.approx(small.mean * scale)
    many, chances = np.tile(amount, 100), np.tile(chance, 100)
    unit, scaled = (smooth(many * one, chances, 0.1, NO_NEW_BUSINESS) for one in (1.0, scale))
    assert scaled.quantile(0.9) == pytest.approx(unit.quantile(0.9) * scale, rel=1e-6)


def test_nothing_at_all_is_certain_to_be_nothing() -> None:
    nothing = smooth(np.zeros(3), np.full(3, 0.5), 0.2, NO_NEW_BUSINESS)
    assert nothing.interval(0.95) == pytest.approx((0.0, 0.0), abs=1e-6)
    lattice = on_lattice(np.zeros(3), np.full(3, 0.5), growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.2)
    assert lattice is not None
    assert lattice.interval(0.95) == (0.0, 0.0)


def test_certain_deals_are_certain() -> None:
    found = on_lattice(np.array([30.0, 12.0]), np.ones(2), growth=NO_GROWTH, new=NO_NEW_BUSINESS, shock=0.3)
    assert found is not None
    assert found.mean == pytest.approx(42.0)
    assert found.sd < 0.1
