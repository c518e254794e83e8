"""The exact distribution of few deals: amounts on a fine grid, characteristic functions, one fast Fourier transform."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import Distribution
from oppnb.forecasting.growth import Growth
from oppnb.forecasting.new_business import NewBusiness
from oppnb.forecasting.sums import PowerSums

__all__ = ["FEW_DEALS", "POINTS", "is_lumpy", "on_lattice"]

Floats = npt.NDArray[np.float64]

FEW_DEALS = 100
_LARGE_SHARE = 0.2
POINTS = 8_192
_SHOCKS: Floats = np.linspace(-3.0, 3.0, 9)
_SHARES: Floats = np.exp(-(_SHOCKS**2) / 2) / np.exp(-(_SHOCKS**2) / 2).sum()
_FAR = 8.0
_LEAST_SHARE = 1e-9


def is_lumpy(amount: Floats, chance: Floats) -> bool:
    """Whether a smooth curve would not do: fewer than 100 deals, or one with a fifth of the variance."""
    variance = amount**2 * chance * (1 - chance)
    counted = int((variance > 0).sum())
    return counted > 0 and (counted < FEW_DEALS or float(variance.max()) > _LARGE_SHARE * float(variance.sum()))


def on_lattice(
    amount: Floats,
    chance: Floats,
    *,
    growth: Growth,
    new: NewBusiness,
    shock: float,
    most_deals: int = 400,
    points: int = POINTS,
) -> Distribution | None:
    """The distribution of the sum of deals and new business, exact but for rounding to 1/8192 of its range.

    Parameters
    ----------
    amount, chance : array, shape (n,)
        Of each deal; deals without an amount or without a chance bring nothing.
    growth : Growth
        What amounts become until they are won.
    new : NewBusiness
        Deals that are not created yet.
    shock : float
        Standard deviation in log odds of what all deals share.
    most_deals : int
        With more, None: it would take too long. None, too, where amounts are below zero: a credit note leads off the
        grid.
    points : int
        Into how many steps the range is cut; fewer are quicker.
    """
    counted = (amount != 0) & (chance > 0)
    amount, chance = amount[counted], chance[counted]
    below_zero = bool((amount < 0).any() or (new.amounts < 0).any() or (growth.ratios < 0).any())
    if len(amount) > most_deals or below_zero:
        return None
    top = _top(amount, growth, new)
    if top <= 0:
        return Distribution.of([0.0])
    step = top / (points - 1)
    frequency = 2 * np.pi * np.arange(points // 2 + 1) / points
    total = np.zeros(len(frequency), dtype="complex128")
    turns = _turns(amount, growth, step, frequency)
    odds = np.log(chance / (1 - np.minimum(chance, 1 - 1e-12)))
    fresh = _mean_turn(new.amounts, step, frequency) if len(new.amounts) else None
    centre = shock**2 / 2 * PowerSums.of(amount, chance).bend
    for value, share in zip(_SHOCKS * shock, _SHARES, strict=True):
        moved = 1 / (1 + np.exp(-np.clip(odds + value - centre, -40, 40)))
        one = np.prod(1 + moved[:, None] * (turns - 1), axis=0)
        if fresh is not None and new.expected > 0:
            one = one * _number(new.expected * np.exp(value - shock**2 / 2), new.spread, fresh)
        total += share * one
    shares = np.clip(np.fft.irfft(np.conj(total), n=points), 0.0, None)
    kept = shares > _LEAST_SHARE
    return Distribution.of(np.asarray(np.arange(points)[kept] * step, dtype="float64"), shares[kept])


def _top(amount: Floats, growth: Growth, new: NewBusiness) -> float:
    """An amount that is hardly ever exceeded."""
    variance = float(new.cumulants(np.ones(1))[0, 1])
    most_new = 2 * new.mean + _FAR * np.sqrt(max(variance, 0.0)) + (float(new.amounts.max()) if new.expected > 0 else 0)
    return float(amount.sum() * growth.ratios.max() + most_new)


def _turns(amount: Floats, growth: Growth, step: float, frequency: Floats) -> npt.NDArray[np.complex128]:
    """Characteristic function of each deal's amount if it is won, shape (n, n_frequencies)."""
    found = np.zeros((len(amount), len(frequency)), dtype="complex128")
    for ratio, share in zip(growth.ratios, growth.shares, strict=True):
        found += share * np.exp(1j * np.round(amount * ratio / step)[:, None] * frequency)
    return found


def _mean_turn(amounts: Floats, step: float, frequency: Floats) -> npt.NDArray[np.complex128]:
    places, counts = np.unique(np.round(amounts / step), return_counts=True)
    found = np.zeros(len(frequency), dtype="complex128")
    for place, count in zip(places, counts / counts.sum(), strict=True):
        found += count * np.exp(1j * place * frequency)
    return found


def _number(expected: float, spread: float, turn: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    """Generating function of a negative binomial number (Poisson without spread)."""
    if spread < 1e-6:
        found: npt.NDArray[np.complex128] = np.exp(expected * (turn - 1))
        return found
    return np.asarray((1 - expected * spread * (turn - 1)) ** (-1.0 / spread))
