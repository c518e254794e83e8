"""A forecast as a distribution: quantiles, the chance to reach a target, and how good it was in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LEVELS", "Distribution", "blended"]

Floats = npt.NDArray[np.float64]

LEVELS: Floats = (np.arange(400) + 0.5) / 400
"""Levels at which distributions are told and blended."""
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Distribution:
    """Values with their shares.

    Attributes
    ----------
    values : array, shape (n,)
        Rising; money in the base currency.
    shares : array, shape (n,)
        Probability of each, above 0, adding up to 1.

    Examples
    --------
    >>> coin = Distribution.of([0.0, 100.0])
    >>> coin.mean, coin.quantile(0.8), coin.chance_of(50.0), coin.crps(100.0)
    (50.0, 100.0, 0.5, 25.0)
    """

    values: Floats
    shares: Floats

    @classmethod
    def of(cls, values: Sequence[float] | Floats, shares: Floats | None = None) -> "Distribution":
        """From values in any order; without shares all count the same.

        Raises
        ------
        ValueError
            If there is no value, a null one, or no share above 0.
        """
        given = np.asarray(values, dtype="float64")
        weight = np.full(len(given), 1.0) if shares is None else np.asarray(shares, dtype="float64")
        if not (weight > 0).any() or np.isnan(given).any() or np.isnan(weight).any():
            raise ValueError("a distribution needs values, none of them null, and shares above 0")
        order = np.argsort(given, kind="stable")
        given, weight = given[order], weight[order]
        kept = weight > 0
        return cls(given[kept], weight[kept] / weight.sum())

    @property
    def mean(self) -> float:
        """Expected amount."""
        return float(self.values @ self.shares)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(max(float((self.values - self.mean) ** 2 @ self.shares), 0.0)))

    def quantile(self, level: float) -> float:
        """The amount that is not exceeded with probability `level`."""
        return float(self.quantiles(np.array([level]))[0])

    def quantiles(self, levels: Floats) -> Floats:
        """As `quantile`, of many levels."""
        upto = np.cumsum(self.shares)
        at = np.searchsorted(upto, np.asarray(levels) - 1e-12, side="left")
        found: Floats = self.values[np.minimum(at, len(self.values) - 1)]
        return found

    def interval(self, coverage: float) -> tuple[float, float]:
        """The middle part that holds the figure with probability `coverage`."""
        low, high = self.quantiles(np.array([0.5 - coverage / 2, 0.5 + coverage / 2]))
        return float(low), float(high)

    def chance_of(self, amount: float) -> float:
        """Probability of reaching `amount` or more."""
        reached = self.values >= amount - 1e-9
        return 1.0 if reached.all() else min(float(self.shares[reached].sum()), 1.0)

    def crps(self, actual: float) -> float:
        """Continuous ranked probability score of the figure that came, in money; lower is better, 0 is perfect.

        References
        ----------
        .. [1] T. Gneiting, A. E. Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", Journal of the
           American Statistical Association 102, 2007, pp. 359-378, equation 21.
        """
        far = float(np.abs(self.values - actual) @ self.shares)
        upto = np.cumsum(self.shares)
        gaps = np.diff(self.values)
        return far - float((upto[:-1] * (1 - upto[:-1])) @ gaps)

    def pinball(self, actual: float, level: float) -> float:
        """Pinball loss of one quantile, in money; lower is better."""
        miss = actual - self.quantile(level)
        return max(level * miss, (level - 1) * miss)

    def shifted(self, amount: float) -> "Distribution":
        """Every value plus an amount."""
        return Distribution(self.values + amount, self.shares)

    def widened(self, factor: float, *, least: float = -np.inf) -> "Distribution":
        """Distances from the mean times a factor, values not below `least`; the mean stays.

        What is added where values would lie below `least` is taken, in proportion, from what lies above it. Only a mean
        that lies below `least` moves, up to it.

        Examples
        --------
        >>> wide = Distribution.of([0.0, 10.0, 50.0]).widened(2.0, least=0.0)
        >>> wide.values.round(6).tolist(), round(wide.mean, 6)
        ([0.0, 0.0, 60.0], 20.0)
        """
        values = np.maximum(self.mean + factor * (self.values - self.mean), least)
        return Distribution(values, self.shares).with_mean(self.mean, least=least)

    def with_mean(self, mean: float, *, least: float = -np.inf) -> "Distribution":
        """Moved to a mean: distances from `least` times one factor, without a `least` by the same amount everywhere.

        A mean that is met already but for rounding changes nothing; one below `least` cannot be met: all is `least`.
        """
        own = self.mean
        if abs(own - mean) <= _ROUNDING * max(abs(own), abs(mean)):
            return self
        if not np.isfinite(least) or own <= least:
            return self.shifted(mean - own)
        factor = max(mean - least, 0.0) / (own - least)
        return Distribution(least + factor * (self.values - least), self.shares)

    def told(self) -> "Distribution":
        """The same with one value for each of `LEVELS`, small and quick to work with: the mean of each 400th part.

        So the mean is that of all; a value that takes up a whole part stands as it is.

        Examples
        --------
        >>> told = Distribution.of([0.0, 1000.0], np.array([0.999, 0.001])).told()
        >>> len(told.values), round(told.mean, 9), told.quantile(0.5)
        (400, 1.0, 0.0)
        """
        n = len(LEVELS)
        if len(self.values) == n and (self.shares == self.shares[0]).all():
            return self
        ends = np.arange(n + 1) / n
        upto = np.cumsum(self.shares)
        upto[-1] = 1.0
        at = np.minimum(np.searchsorted(upto, ends[:-1] + 1e-12, side="right"), len(upto) - 1)
        last = np.minimum(np.searchsorted(upto, ends[1:] - 1e-12, side="left"), len(upto) - 1)
        below = np.interp(ends, np.append(0.0, upto), np.append(0.0, np.cumsum(self.values * self.shares)))
        lowest, highest = self.values[np.minimum(at, last)], self.values[last]
        return Distribution.of(np.clip(n * np.diff(below), lowest, highest))


def blended(parts: Sequence[Distribution], weights: Sequence[float]) -> Distribution:
    """The mean of several forecasts, quantile by quantile; of told ones its mean is that of their means.

    Examples
    --------
    >>> blended([Distribution.of([0.0]), Distribution.of([10.0])], [0.5, 0.5]).quantile(0.5)
    5.0
    """
    share = np.asarray(weights, dtype="float64") / float(np.sum(weights))
    return Distribution.of(sum(part.quantiles(LEVELS) * one for part, one in zip(parts, share, strict=True)))
