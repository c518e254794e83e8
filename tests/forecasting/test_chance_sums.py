"""Sums of amounts that come or do not come: against every outcome counted out, and against the law of many."""

from itertools import product

import numpy as np
import pytest

from oppnb.forecasting.chance_sums import Chances, SpanSums
from oppnb.forecasting.new_business import NewBusiness


def test_few_amounts_have_the_distribution_of_all_their_outcomes() -> None:
    chance, size = np.array([0.2, 0.5, 0.9]), np.array([100.0, 30.0, 7.0])
    found = SpanSums(Chances(chance[:, None], size[:, None]), (), 0.0).distributions()[0]
    outcomes = {
        sum(size[at] for at, one in enumerate(came) if one): np.prod(np.where(came, chance, 1 - chance))
        for came in product([False, True], repeat=3)
    }
    for amount, share in outcomes.items():
        assert found.chance_of(amount - 0.5) - found.chance_of(amount + 0.5) == pytest.approx(share, abs=1e-6)
    assert found.mean == pytest.approx(float((chance * size).sum()))


def test_a_span_without_anything_brings_nothing_for_certain() -> None:
    found = SpanSums(Chances(np.zeros((2, 1)), np.ones((2, 1))), (), 0.1).distributions()[0]
    assert (found.quantile(0.01), found.quantile(0.99)) == (0.0, 0.0)


@pytest.mark.parametrize("n_deals", [100, 4_000])
def test_mean_and_spread_are_those_of_independent_amounts_where_nothing_is_shared(n_deals: int) -> None:
    rng = np.random.default_rng(5)
    chance, size = rng.uniform(0.01, 0.3, n_deals), rng.lognormal(3, 0.7, n_deals)
    fresh = NewBusiness(4.0, 0.0, rng.lognormal(3, 0.7, 30), 8)
    found = SpanSums(Chances(chance[:, None], size[:, None]), (fresh,), 0.0).distributions()[0]
    variance = (size**2 * chance * (1 - chance)).sum() + 4.0 * (fresh.amounts**2).mean()
    assert found.mean == pytest.approx((chance * size).sum() + fresh.mean, rel=2e-3)
    assert found.sd == pytest.approx(np.sqrt(variance), rel=0.01)


def test_a_shared_shock_widens_and_spans_add_up() -> None:
    chance, size = np.full((50, 3), 0.2), np.full((50, 3), 10.0)
    calm, shaken = (SpanSums(Chances(chance, size), (), shock) for shock in (0.0, 0.5))
    assert all(wide.sd > narrow.sd for wide, narrow in zip(shaken.distributions(), calm.distributions(), strict=True))
    assert np.allclose(calm.together(shaken).expected, calm.expected + shaken.expected)


def test_given_moments_are_kept() -> None:
    first, second = np.array([[3.0, 0.0]]), np.array([[30.0, 0.0]])
    made = Chances.of_moments(first, second)
    assert np.allclose(made.expected, first[0])
    assert np.allclose(made.chance * made.size**2, second)


@pytest.mark.parametrize("n_deals", [100, 4_000])
def test_a_shared_shock_does_not_lift_what_is_expected(n_deals: int) -> None:
    rng = np.random.default_rng(6)
    chance, size = rng.uniform(0.01, 0.3, (n_deals, 2)), rng.lognormal(3, 0.7, (n_deals, 2))
    found = SpanSums(Chances(chance, size), (), 0.4).distributions()
    assert [one.mean for one in found] == pytest.approx((chance * size).sum(axis=0).tolist(), rel=5e-3)
