"""Whether one model is better than another on the same deals, beyond noise."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.judged import Estimate, Floats, Ints
from oppnb.scoring.measures import row_log_loss

__all__ = ["Difference", "log_loss_difference", "paired_difference"]


@dataclass(frozen=True)
class Difference:
    """Mean loss of the one less that of the other; below 0 the one is better.

    Attributes
    ----------
    value : float
        NaN without rows.
    low, high : float
        One-sided limits at the level asked for: `high` below 0 says that the one is better beyond noise, `low` above 0
        that the other is. NaN with fewer than two deals.
    n, n_deals : int
        Rows and distinct deals.
    """

    value: float
    low: float
    high: float
    n: int
    n_deals: int

    @property
    def is_better(self) -> bool:
        """The one is better beyond noise."""
        return self.high < 0

    @property
    def is_worse(self) -> bool:
        """The other is better beyond noise."""
        return self.low > 0


def paired_difference(loss: Floats, other: Floats, *, weight: Floats, deal: Ints, level: float = 0.9) -> Difference:
    """Weighted mean of loss - other over the same rows, with limits that take the deal as the unit.

    Parameters
    ----------
    loss, other : array of float, shape (n,)
        Losses of the two models, row by row.
    weight : array of float, shape (n,)
        Rows of weight 0 do not count, whatever their loss.
    deal : array of int, shape (n,)
        The deal of each row.
    level : float
        One-sided: 0.9 by default.

    Examples
    --------
    >>> found = paired_difference(np.array([0.2, 0.3, 0.1]), np.array([0.5, 0.4, 0.4]), weight=np.ones(3),
    ...     deal=np.array([0, 1, 2]))
    >>> round(found.value, 3), round(found.high, 3), found.is_better
    (-0.233, -0.108, True)
    """
    counts = weight > 0
    step, mass = (loss - other)[counts], weight[counts]
    deals = np.unique(deal[counts], return_inverse=True)[1]
    n_deals = int(deals.max(initial=-1)) + 1
    total = float(mass.sum())
    if total <= 0:
        return Difference(math.nan, math.nan, math.nan, 0, 0)
    value = math.fsum((step * mass).tolist()) / total
    error = Estimate(value, mass * (step - value) / total).standard_error(np.asarray(deals, dtype="int64"))
    if not math.isfinite(error):
        return Difference(value, math.nan, math.nan, int(counts.sum()), n_deals)
    from scipy.special import stdtrit

    reach = float(stdtrit(n_deals - 1, level)) * error
    return Difference(value, value - reach, value + reach, int(counts.sum()), n_deals)


def log_loss_difference(
    won: npt.ArrayLike,
    win_probability: npt.ArrayLike,
    other: npt.ArrayLike,
    *,
    weight: npt.ArrayLike,
    deal: Ints,
    level: float = 0.9,
) -> Difference:
    """`paired_difference` of the log losses of two sets of probabilities for the same outcomes."""
    outcome = np.asarray(won, dtype="float64")
    losses = (row_log_loss(outcome, np.asarray(p, dtype="float64")) for p in (win_probability, other))
    return paired_difference(*losses, weight=np.asarray(weight, dtype="float64"), deal=deal, level=level)
