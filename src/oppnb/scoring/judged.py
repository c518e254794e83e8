"""Outcomes beside the probabilities that were stated: the rows that every measure takes."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.errors import ProbabilityError, UsageError

__all__ = ["Estimate", "Judged", "judged", "logit", "sigmoid"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_NEAREST = 1e-6


@dataclass(frozen=True)
class Judged:
    """Rows to judge; rows of weight 0 are already left out.

    Attributes
    ----------
    won : array of float, shape (n,)
        1 won, 0 lost.
    p : array of float, shape (n,)
        Probability stated, in [0, 1].
    weight : array of float, shape (n,)
        What the row counts for, above 0; 1 for each row unless some ends are not known yet.
    deal : array of int, shape (n,)
        The deal of the row, numbered from 0 without gaps: the rows of one deal are one piece of evidence.
    """

    won: Floats
    p: Floats
    weight: Floats
    deal: Ints

    @property
    def n_deals(self) -> int:
        """Distinct deals."""
        return int(self.deal.max()) + 1 if len(self.deal) else 0

    @property
    def n_effective(self) -> float:
        """Independent deals of equal weight that would say as much: (sum of weights)² / sum of squares by deal."""
        return effective_number(self.weight, self.deal)

    def take(self, chosen: npt.NDArray[np.bool_]) -> "Judged":
        """The chosen rows, deals numbered anew."""
        return Judged(self.won[chosen], self.p[chosen], self.weight[chosen], _codes(self.deal[chosen]))


@dataclass(frozen=True)
class Estimate:
    """A measure with the influence of each row on it (the derivative of the measure by the row's weight).

    The square of the influences' sum over the rows of a deal is what the deal adds to the variance, however alike its
    rows are (infinitesimal jackknife over deals): the bootstrap of deals without its draws.
    """

    value: float
    influence: Floats

    def standard_error(self, deal: Ints) -> float:
        """Standard error with the deal as the unit; NaN with fewer than two deals."""
        n_deals = int(deal.max()) + 1 if len(deal) else 0
        if n_deals < 2 or not math.isfinite(self.value):
            return math.nan
        of_deals = np.bincount(deal, weights=self.influence)
        return math.sqrt(math.fsum((of_deals**2).tolist()) * n_deals / (n_deals - 1))


def judged(
    won: npt.ArrayLike,
    win_probability: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> Judged:
    """Put outcomes and probabilities side by side.

    Parameters
    ----------
    won : array-like of bool, shape (n,)
        How each deal ended. A deal that is still open has no outcome: leave it out, or give it the weight 0.
    win_probability : array-like of float, shape (n,)
        The probability stated, in [0, 1]; same order.
    cluster : array-like, shape (n,), optional
        The deal of each row; by default each row is a deal of its own.
    weight : array-like of float, shape (n,), optional
        What each row counts for, at least 0; by default 1.

    Raises
    ------
    ProbabilityError
        If a probability is missing or outside [0, 1]; counts them and shows three.
    UsageError
        If the lengths differ.

    Examples
    --------
    >>> rows = judged([True, False, True], [0.8, 0.1, 0.6], cluster=["d1", "d2", "d1"])
    >>> rows.n_deals, round(rows.n_effective, 2)
    (2, 1.8)
    """
    outcome, stated = np.asarray(won, dtype="float64"), np.asarray(win_probability, dtype="float64")
    weights = np.ones(len(stated)) if weight is None else np.asarray(weight, dtype="float64")
    deals = np.arange(len(stated)) if cluster is None else np.asarray(cluster)
    if len({len(outcome), len(stated), len(weights), len(deals)}) != 1:
        raise UsageError(f"{len(outcome)} outcomes cannot be compared with {len(stated)} probabilities.")
    counts = weights > 0
    _check(stated[counts])
    return Judged(outcome[counts], stated[counts], weights[counts], _codes(deals[counts]))


def effective_number(weight: Floats, deal: Ints) -> float:
    """Kish's effective number with the deal as the unit; the outcome of a deal is the same in all of its rows."""
    if not len(weight):
        return 0.0
    of_deals = np.bincount(deal, weights=weight)
    return math.fsum(of_deals.tolist()) ** 2 / math.fsum((of_deals**2).tolist())


def logit(p: Floats, *, nearest: float = _NEAREST) -> Floats:
    """Log odds; a probability nearer to 0 or 1 than `nearest` counts as that near, so that no odds are infinite.

    Examples
    --------
    >>> logit(np.array([0.5, 0.9])).round(3).tolist()
    [0.0, 2.197]
    """
    inside = np.clip(p, nearest, 1 - nearest)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


def sigmoid(odds: Floats) -> Floats:
    """The probability of log odds, without overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0, -1000.0])).tolist()
    [0.5, 0.0]
    """
    small = np.exp(-np.abs(odds))
    found: Floats = np.where(odds >= 0, 1 / (1 + small), small / (1 + small))
    return found


def _codes(values: npt.NDArray[np.generic]) -> Ints:
    import pandas as pd

    return np.asarray(pd.factorize(values)[0], dtype="int64")


def _check(stated: Floats) -> None:
    wrong = ~((stated >= 0) & (stated <= 1))  # a missing one is wrong as well
    if wrong.any():
        shown = ", ".join(f"{value:g}" for value in stated[wrong][:3])
        raise ProbabilityError(
            f"{int(wrong.sum()):,} of {len(stated):,} probabilities are missing or outside 0 to 1, first: {shown}.\n"
            "Percentages are divided by 100 first; points and ranks are no probabilities: judge their order only."
        )
