"""95 % intervals: how far a rate, a mean or a median could be off by chance alone."""

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["LEVEL", "Z", "mean_interval", "median_interval", "weighted_share", "wilson"]

LEVEL = 0.95
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
"""Standard deviations to either side that hold 95 % of a normal distribution."""

Floats = npt.NDArray[np.float64]


def wilson(count: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate.

    Parameters
    ----------
    count, n : float
        Successes of trials, `0 <= count <= n`, `n > 0`. May be fractional (an effective number).

    Returns
    -------
    tuple of float
        Low and high, in [0, 1], around `count / n`.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
       American Statistical Association 22, 1927, pp. 209-212.

    Examples
    --------
    >>> [round(limit, 3) for limit in wilson(3, 10)]
    [0.108, 0.603]
    """
    rate = count / n
    centre = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z / (1 + Z**2 / n) * math.sqrt(max(rate * (1 - rate), 0.0) / n + Z**2 / (4 * n**2))
    # At 0 and 1 the formula is exact but its floating-point result is not: the rate itself is the limit.
    return min(max(centre - reach, 0.0), rate), max(min(centre + reach, 1.0), rate)


def weighted_share(flags: Floats, weights: Floats) -> tuple[float, float, float] | None:
    """Share of the weight that lies on true flags, with an interval; None if the weights add to zero.

    The interval is Wilson's with the effective number of rows, (Σw)² / Σw² (Kish): a rate by value that rests on
    one large deal and twenty small ones rests on little more than one. It holds where amount and outcome are
    unrelated, and was seen to hold the truth 95 to 97 times in 100 for 30 to 1,000 lognormal amounts, also where the
    larger half is won at a third of the other's rate.

    References
    ----------
    .. [1] L. Kish, Survey Sampling, Wiley, 1965, section 11.7.

    Examples
    --------
    >>> value, low, high = weighted_share(np.array([1.0, 0.0, 0.0]), np.array([80.0, 10.0, 10.0]))
    >>> round(value, 3), round(low, 2), round(high, 2)
    (0.8, 0.18, 0.99)
    """
    whole = math.fsum(weights.tolist())
    if whole <= 0:
        return None
    scaled = weights / weights.max()  # squares of very large or small amounts stay finite
    effective = math.fsum(scaled.tolist()) ** 2 / math.fsum((scaled**2).tolist())
    value = min(max(math.fsum((flags * weights).tolist()) / whole, 0.0), 1.0)
    low, high = wilson(value * effective, effective)
    return value, min(low, value), max(high, value)  # the product may be a rounding away from the share


def mean_interval(values: Floats) -> tuple[float | None, float | None]:
    """Student's 95 % interval of a mean; null with fewer than two values. Skewed values need more than a few dozen.

    Examples
    --------
    >>> [round(limit, 2) for limit in mean_interval(np.array([1.0, 2.0, 3.0]))]
    [-0.48, 4.48]
    """
    n = len(values)
    if n < 2:
        return None, None
    from scipy.special import stdtrit

    mean = math.fsum(values.tolist()) / n
    spread = math.sqrt(math.fsum(((values - mean) ** 2).tolist()) / (n - 1))
    reach = float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * spread / math.sqrt(n)
    return mean - reach, mean + reach


def median_interval(values: Floats) -> tuple[float | None, float | None]:
    """Distribution-free interval of a median, at least 95 %; null where too few values carry one (below six).

    References
    ----------
    .. [1] W. J. Conover, Practical Nonparametric Statistics, 3rd ed., Wiley, 1999, section 3.2.

    Examples
    --------
    >>> median_interval(np.arange(1.0, 11.0))
    (2.0, 9.0)
    >>> median_interval(np.array([1.0, 2.0]))
    (None, None)
    """
    from scipy.special import bdtr

    n = len(values)
    if n == 0:
        return None, None
    below = bdtr(np.arange(n // 2 + 1), n, 0.5)
    rank = int(np.searchsorted(below, (1 - LEVEL) / 2, side="right"))  # largest r with P(X <= r - 1) <= 2.5 %
    if rank == 0:
        return None, None
    ordered = np.sort(values)
    return float(ordered[rank - 1]), float(ordered[n - rank])
