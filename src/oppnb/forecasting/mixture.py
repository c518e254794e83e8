"""Distributions of groups of deals from what adds up: a shared shock, and Cornish-Fisher for the rest.

For each value of the shock a group's amount has cumulants, and by Cornish and Fisher a curve from normal to actual
quantiles. The share of the group's amounts below x is the mean, over the shocks, of the normal share below the place
of x on that curve; quantiles solve that for all groups and levels at once. Nothing is drawn, and nothing is stepped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import Distribution

__all__ = ["SHOCKS", "mixed_quantiles", "shares_above", "shock_shares", "spread_out"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SHOCKS: Floats = np.linspace(-5.0, 5.0, 41)
"""Values of the shared shock, in standard deviations, over which groups are mixed."""
_STRIDES = (4, 2)
_TIMES = (1, 2, 4, 8, 16, 32)
_LARGEST_STEP = 0.9
_MOST_SKEW = 1.2
_MOST_KURTOSIS = 4.0
_TABLE: Floats = np.linspace(-6.0, 6.0, 49)
_APART = 1e3
_FAR = 25.0
_STEPS = 60
_NEAR = 1e-6
_SHORT = 0.004
_TOLD: Floats = np.linspace(-4.5, 4.5, 145)
_FINE: Floats = np.linspace(-4.5, 4.5, 6001)


def shock_shares(shocks: Floats = SHOCKS) -> Floats:
    """Probability of each value of the shock; adds up to 1."""
    found: Floats = np.exp(-(shocks**2) / 2)
    return np.asarray(found / found.sum())


def spread_out(cumulants: Floats) -> Distribution:
    """The distribution of a group whose cumulants are known for each value of the shock.

    Parameters
    ----------
    cumulants : array, shape (n_shocks, 4)
        At `SHOCKS`.

    References
    ----------
    .. [1] E. A. Cornish, R. A. Fisher, "Moments and Cumulants in the Specification of Distributions", Revue de
       l'Institut International de Statistique 5, 1938, pp. 307-320.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.special import ndtr

    values = mixed_quantiles(cumulants[None], ndtr(_TOLD))[0]
    between = (_FINE[1:] + _FINE[:-1]) / 2
    curve = PchipInterpolator(_TOLD, np.maximum.accumulate(values))(between)
    return Distribution.of(np.maximum(curve, 0.0), np.diff(ndtr(_FINE)))


def mixed_quantiles(cumulants: Floats, levels: Floats) -> Floats:
    """Quantiles of many groups at once.

    Parameters
    ----------
    cumulants : array, shape (n_groups, n_shocks, 4)
        At `SHOCKS`.
    levels : array, shape (n_levels,)
        Between 0 and 1.

    Returns
    -------
    array, shape (n_groups, n_levels)
        Money, at least 0.

    Examples
    --------
    >>> coins = np.tile([500.0, 250.0, 0.0, -125.0], (1, len(SHOCKS), 1))  # 1,000 coins without a shared shock
    >>> mixed_quantiles(coins, np.array([0.1, 0.5, 0.9])).round(2).tolist()
    [[479.73, 500.0, 520.27]]
    """
    found = np.zeros((len(cumulants), len(levels)))
    for rows, mixture in _mixtures(cumulants):
        found[rows] = _solved(mixture, np.asarray(levels, dtype="float64"))
    return np.maximum(found, 0.0)


def shares_above(cumulants: Floats, amounts: Floats) -> Floats:
    """Probability of each group to reach its amount.

    Parameters
    ----------
    cumulants : array, shape (n_groups, n_shocks, 4)
        At `SHOCKS`.
    amounts : array, shape (n_groups,)
        Null gives null.
    """
    found = np.full(len(cumulants), np.nan)
    for rows, mixture in _mixtures(cumulants):
        found[rows] = 1.0 - mixture.below(np.asarray(amounts, dtype="float64")[rows][:, None])[0][:, 0]
    return np.where(np.isnan(amounts), np.nan, np.where(np.asarray(amounts) <= 0, 1.0, found))


@dataclass(frozen=True)
class _Mixture:
    """Groups that are mixed over the same shocks; arrays of shape (n_groups, n_shocks) but the last two.

    Attributes
    ----------
    mean, sd, skew, kurtosis : array
        Given the shock; sd above 0.
    shares : array, shape (n_shocks,)
    curves : array, shape (n_groups, n_shocks, len(_TABLE))
        From normal to actual quantiles at `_TABLE`, in standard deviations, never falling.
    """

    mean: Floats
    sd: Floats
    skew: Floats
    kurtosis: Floats
    shares: Floats
    curves: Floats

    @classmethod
    def of(cls, cumulants: Floats, shocks: Floats) -> "_Mixture":
        mean, variance, third, fourth = np.moveaxis(cumulants, -1, 0)
        step = np.abs(np.gradient(mean, axis=1)) if len(shocks) > 1 else np.zeros_like(mean)
        scale = np.abs(mean).max(axis=1, keepdims=True, initial=0.0)
        sd = np.maximum(np.sqrt(np.maximum(variance, 0.0)), np.maximum(step / 2, 1e-9 * scale + 1e-12))
        skew = np.clip(third / sd**3, -_MOST_SKEW, _MOST_SKEW)
        kurtosis = np.clip(fourth / sd**4, -1.0, _MOST_KURTOSIS)
        bent = _rising(_bent(_TABLE, skew[..., None], kurtosis[..., None]))
        return cls(mean, sd, skew, kurtosis, shock_shares(shocks), np.clip(bent, -_APART / 4, _APART / 4))

    def take(self, rows: Bools) -> "_Mixture":
        """Some of the groups."""
        return _Mixture(
            self.mean[rows], self.sd[rows], self.skew[rows], self.kurtosis[rows], self.shares, self.curves[rows]
        )

    def below(self, amounts: Floats) -> tuple[Floats, Floats]:
        """Share below each amount, and its density; amounts and both of shape (n_groups, n_levels)."""
        from scipy.special import ndtr

        place = (amounts[:, None, :] - self.mean[..., None]) / self.sd[..., None]
        z, slope = self._normal_place(place)
        density = np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * slope * self.sd[..., None])
        return np.einsum("s,gsl->gl", self.shares, ndtr(z)), np.einsum("s,gsl->gl", self.shares, density)

    def _normal_place(self, place: Floats) -> tuple[Floats, Floats]:
        """Where on the normal scale the curves pass through some places, and how steep they are there."""
        n, width = self.mean.size, len(_TABLE)
        held = np.clip(place, -_APART / 4, _APART / 4).reshape(n, -1)
        row = np.arange(n)[:, None]
        # Each curve is lifted above the one before, so that one search serves all of them.
        curves = self.curves.reshape(n, width)
        at = np.searchsorted((curves + _APART * row).ravel(), (held + _APART * row).ravel()).reshape(held.shape)
        at = np.clip(at, row * width + 1, (row + 1) * width - 1)
        low, high = curves.ravel()[at - 1], curves.ravel()[at]
        step = _TABLE[1] - _TABLE[0]
        gap = np.maximum(high - low, 1e-12)
        z = _TABLE[at - row * width - 1] + step * np.clip((held - low) / gap, 0.0, 1.0)
        skew, kurtosis = self.skew.reshape(n, 1), self.kurtosis.reshape(n, 1)
        slope = _slope(z, skew, kurtosis)
        # Between two points of the table the curve itself is followed, where it rises.
        moved = z - np.clip((_bent(z, skew, kurtosis) - held) / np.maximum(slope, 0.2), -step / 4, step / 4)
        is_smooth = (slope > 0.2) & (np.abs(z) < _TABLE[-1])
        z, slope = np.where(is_smooth, moved, z), np.where(is_smooth, slope, np.maximum(gap / step, 1e-6))
        return z.reshape(place.shape), slope.reshape(place.shape)


def _bent(z: Floats, skew: Floats, kurtosis: Floats) -> Floats:
    """Quantile in standard deviations, from the normal one."""
    square = z * z
    found: Floats = (
        z + (square - 1) * (skew / 6) + z * ((square - 3) * (kurtosis / 24) - (2 * square - 5) * (skew**2 / 36))
    )
    return found


def _rising(curves: Floats) -> Floats:
    """The same from the middle outwards as far as they rise; beyond, where the series is no longer true, flat.

    Flat from the left end instead would lift all of a curve whose left end bends up: that of a coin among small deals.
    """
    middle = curves.shape[-1] // 2
    right = np.maximum.accumulate(curves[..., middle:], axis=-1)
    left = np.minimum.accumulate(curves[..., middle::-1], axis=-1)[..., ::-1]
    return np.concatenate([left[..., :-1], right], axis=-1)


def _slope(z: Floats, skew: Floats, kurtosis: Floats) -> Floats:
    square = z * z
    found: Floats = 1 + z * (skew / 3) + (square - 1) * (kurtosis / 8) - (6 * square - 5) * (skew**2 / 36)
    return found


def _mixtures(cumulants: Floats) -> Iterator[tuple[Ints, _Mixture]]:
    """Groups by how many shocks they need: where the shock outweighs the rest, coarse steps of it would show."""
    apart = np.abs(np.diff(cumulants[..., 0], axis=1)).max(axis=1, initial=0.0)
    narrow = np.sqrt(np.maximum(cumulants[..., 1].min(axis=1, initial=np.inf), 0.0))
    needed = apart / np.maximum(_LARGEST_STEP * narrow, 1e-12)
    # 0: there is no shock; then every fourth value of it is enough, every second, all, twice as many, …
    edges = [0.0, *(1.0 / stride for stride in _STRIDES), *map(float, _TIMES[:-1])]
    fineness = np.searchsorted(edges, needed, side="left")
    for one in np.unique(fineness):
        rows = np.flatnonzero(fineness == one)
        yield rows, _Mixture.of(*_with_fineness(cumulants[rows], int(one)))


def _with_fineness(cumulants: Floats, fineness: int) -> tuple[Floats, Floats]:
    """Cumulants at fewer or more values of the shock, along a smooth curve."""
    if fineness == 0:
        return cumulants[:, :1], SHOCKS[:1]
    if fineness <= len(_STRIDES):
        stride = _STRIDES[fineness - 1]
        return cumulants[:, ::stride], SHOCKS[::stride]
    times = _TIMES[fineness - 1 - len(_STRIDES)]
    if times == 1:
        return cumulants, SHOCKS
    from scipy.interpolate import CubicSpline

    shocks: Floats = np.linspace(SHOCKS[0], SHOCKS[-1], (len(SHOCKS) - 1) * times + 1)
    return np.asarray(CubicSpline(SHOCKS, cumulants, axis=1)(shocks)), shocks


def _solved(mixture: _Mixture, levels: Floats) -> Floats:
    """Newton's method from the quantiles by the mixture's own cumulants, held between ends that move in."""
    found = np.zeros((len(mixture.mean), len(levels)))
    left = np.arange(len(found))
    low = (mixture.mean - _FAR * mixture.sd).min(axis=1)[:, None] + np.zeros_like(levels)
    high = (mixture.mean + _FAR * mixture.sd).max(axis=1)[:, None] + np.zeros_like(levels)
    guess, sd = _first_guess(mixture, levels)
    guess = np.clip(guess, low, high)
    for _ in range(_STEPS):
        below, density = mixture.below(guess)
        off = below - levels
        low, high = np.where(off < 0, guess, low), np.where(off > 0, guess, high)
        moved = guess - off / np.maximum(density, 1e-300)
        is_inside = (moved > low) & (moved < high)
        # After a step so short the next one, by its square, would not be seen.
        is_done = (
            (np.abs(off) < _NEAR) | (is_inside & (np.abs(moved - guess) < _SHORT * sd)) | (high - low < _NEAR * sd)
        )
        guess = np.where(is_inside, moved, np.where(is_done, guess, (low + high) / 2))
        is_open: Bools = np.asarray(~is_done.all(axis=1))
        found[left] = guess
        if not is_open.any():
            break
        left, mixture, sd = left[is_open], mixture.take(is_open), sd[is_open]
        low, high, guess = low[is_open], high[is_open], guess[is_open]
    return found


def _first_guess(mixture: _Mixture, levels: Floats) -> tuple[Floats, Floats]:
    """Cornish-Fisher with the cumulants of the whole mixture; and its standard deviation, shape (n_groups, 1)."""
    from scipy.special import ndtri

    variance = mixture.sd**2
    third, fourth = mixture.skew * mixture.sd**3, mixture.kurtosis * variance**2
    mean = mixture.mean @ mixture.shares
    off = mixture.mean - mean[:, None]
    sd = np.sqrt((variance + off**2) @ mixture.shares)
    skew = (third + 3 * off * variance + off**3) @ mixture.shares / sd**3
    square = fourth + 3 * variance**2 + 4 * off * third + 6 * off**2 * variance + off**4
    kurtosis = square @ mixture.shares / sd**4 - 3
    bent = _bent(ndtri(levels)[None, :], np.clip(skew, -1, 1)[:, None], np.clip(kurtosis, -1, 3)[:, None])
    return np.asarray(mean[:, None] + sd[:, None] * bent), sd[:, None]
