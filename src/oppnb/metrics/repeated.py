"""Cumulative incidence where one deal stands in several rows: the estimate with the influence of each row on it."""

import math

import numpy as np
import numpy.typing as npt

from oppnb.metrics.intervals import wilson
from oppnb.metrics.survival import log_log_limits

__all__ = ["clustered_limits", "incidence_and_influence"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def incidence_and_influence(days: Floats, end: Ints) -> tuple[float, Floats]:
    """Probability of ending in way 1 as far as anybody was followed, and how much each row weighs in it.

    The estimate is that of Aalen and Johansen. The influence of a row is the derivative of the estimate by the row's
    weight (infinitesimal jackknife): the influences add up to zero, and the square of their sum over the rows of one
    deal is what that deal adds to the variance, however alike its rows are.

    Parameters
    ----------
    days : array of float, shape (n,)
        How long each has lasted so far, >= 0; at least one row.
    end : array of int, shape (n,)
        0 not over yet (censored at `days`), 1 ended in the way of interest, 2 ended otherwise.

    Returns
    -------
    tuple of float and array of float, shape (n,)
        The probability in [0, 1], and the influences. Both are 0 where nothing has ended.

    References
    ----------
    .. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for nonhomogeneous Markov chains based on
       censored observations", Scandinavian Journal of Statistics 5, 1978, pp. 141-150.
    .. [2] T. M. Therneau, P. M. Grambsch, Modeling Survival Data, Springer, 2000, section 8.2 (rows that belong
       together).

    Examples
    --------
    >>> value, influence = incidence_and_influence(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 2, 1]))
    >>> value, influence.round(3).tolist()  # all are over: the share, and (one - share) / 4
    (0.5, [0.125, -0.125, -0.125, 0.125])
    """
    ended = end > 0
    times, at = np.unique(days[ended], return_inverse=True)
    if not len(times):
        return 0.0, np.zeros(len(days))
    n_ends = np.bincount(at, minlength=len(times)).astype("float64")
    n_first = np.asarray(np.bincount(at, weights=end[ended] == 1, minlength=len(times)), dtype="float64")
    at_risk = (len(days) - np.searchsorted(np.sort(days), times, side="left")).astype("float64")
    before = np.concatenate([[1.0], np.cumprod(1 - n_ends / at_risk)[:-1]])
    reached = np.cumsum(before * n_first / at_risk)
    left = at_risk - n_ends
    # What comes after a moment is lost to a row that ends there: nothing comes after the last, when nobody is left.
    lost = np.divide((reached[-1] - reached) * at_risk, left, out=np.zeros_like(left), where=left > 0)
    waited = np.concatenate([[0.0], np.cumsum((before * n_first - lost * n_ends) / at_risk**2)])
    influence = -waited[np.searchsorted(times, days, side="right")]
    influence[ended] += (before[at] * (end[ended] == 1) - lost[at]) / at_risk[at]
    return min(float(reached[-1]), 1.0), influence


def clustered_limits(value: float, influence: Floats, cluster: Ints, *, n_decided: int) -> tuple[float, float]:
    """95 % limits of a probability whose rows belong together in clusters.

    Parameters
    ----------
    value : float
        The probability, in [0, 1].
    influence : array of float, shape (n,)
        Of each row, from `incidence_and_influence`.
    cluster : array of int, shape (n,)
        The deal of each row, numbered from 0.
    n_decided : int
        Deals that are over, > 0: at 0 and at 1 no row moves the estimate, and Wilson's limits for so many stand in.

    Returns
    -------
    tuple of float
        Low and high, `0 <= low <= value <= high <= 1`: log-log limits with the variance that is the sum of squares of
        the influence of each deal, times n / (n - 1).

    Examples
    --------
    >>> influence = np.array([0.125, -0.125, -0.125, 0.125])
    >>> [round(limit, 2) for limit in clustered_limits(0.5, influence, np.arange(4), n_decided=4)]
    [0.03, 0.87]
    >>> twice, deals = np.repeat(influence, 2) / 2, np.repeat(np.arange(4), 2)  # each row told twice is no new deal
    >>> [round(limit, 2) for limit in clustered_limits(0.5, twice, deals, n_decided=4)]
    [0.03, 0.87]
    """
    of_deals = np.bincount(cluster, weights=influence)
    n = len(np.unique(cluster))
    variance = math.fsum((of_deals**2).tolist()) * n / max(n - 1, 1)
    if value <= 0 or value >= 1 or variance <= 0:
        return wilson(value * n_decided, n_decided)
    return log_log_limits(value, math.sqrt(variance))
