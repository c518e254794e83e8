"""Quantiles from what adds up: true for sums of deals whose ends bend, beside a sum worked out in full."""

import numpy as np
import pytest

from oppnb.forecasting.mixture import SHOCKS, mixed_quantiles, shares_above

LEVELS = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


def summed(amounts: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Share of each whole amount that independent deals come to, by adding them one by one."""
    shares = np.zeros(int(amounts.sum()) + 1)
    shares[0] = 1.0
    for amount, chance in zip(amounts.astype(int), chances, strict=True):
        moved = np.zeros_like(shares)
        moved[amount:] = shares[: len(shares) - amount]
        shares = (1 - chance) * shares + chance * moved
    return shares


def cumulants_of(shares: np.ndarray) -> np.ndarray:
    values = np.arange(len(shares))
    mean = float(values @ shares)
    second, third, fourth = (float((values - mean) ** power @ shares) for power in (2, 3, 4))
    return np.tile([mean, second, third, fourth - 3 * second**2], (1, len(SHOCKS), 1))


GROUPS = {
    "a coin among small deals": (np.concatenate([[30], np.ones(120)]), np.concatenate([[0.5], np.full(120, 0.3)])),
    "a few rather unlikely deals of one size": (np.full(14, 10.0), np.full(14, 0.08)),
    "likely deals, one of them large": (np.concatenate([[60], np.full(40, 4.0)]), np.full(41, 0.8)),
    "many alike": (np.full(200, 3.0), np.full(200, 0.4)),
}


@pytest.mark.parametrize("group", GROUPS)
def test_quantiles_are_near_those_of_the_sum_worked_out_in_full(group):
    shares = summed(*GROUPS[group])
    cumulants = cumulants_of(shares)
    sd = float(np.sqrt(cumulants[0, 0, 1]))
    true = np.searchsorted(np.cumsum(shares), LEVELS)
    assert mixed_quantiles(cumulants, LEVELS)[0] == pytest.approx(true, abs=0.75 * sd)
    assert mixed_quantiles(cumulants, np.array([0.5]))[0] == pytest.approx(cumulants[0, 0, 0], abs=0.35 * sd)


@pytest.mark.parametrize("skew", [-1.2, -0.6, 0.0, 0.3, 0.8, 1.2, 2.0])
@pytest.mark.parametrize("kurtosis", [-1.2, -0.55, 0.0, 1.0, 4.0])
def test_whatever_the_bend_the_middle_stays_in_the_middle(skew, kurtosis):
    cumulants = np.tile([1_000.0, 100.0**2, skew * 100.0**3, kurtosis * 100.0**4], (1, len(SHOCKS), 1))
    low, middle, high = mixed_quantiles(cumulants, np.array([0.1, 0.5, 0.9]))[0]
    assert low < middle < high
    assert 1_000 - middle == pytest.approx(min(max(skew, -1.2), 1.2) * 100 / 6, abs=1.0)  # as Cornish and Fisher say
    assert low < 1_000 < high
    assert shares_above(cumulants, np.array([middle]))[0] == pytest.approx(0.5, abs=1e-3)
