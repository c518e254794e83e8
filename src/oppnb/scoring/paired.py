"""Whether one model is better than another on the same deals, beyond noise."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.judged import Estimate, Floats, Ints
from oppnb.scoring.measures import row_log_loss

__all__ = ["Difference", "log_loss_difference", "paired_difference"]


_FEWEST_BLOCKS = 3


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
    least : float
        A mean difference of less counts for nothing.
    """

    value: float
    low: float
    high: float
    n: int
    n_deals: int
    least: float = 0.0

    @property
    def is_better(self) -> bool:
        """The one is better beyond noise, by `least` at least."""
        return self.high < 0 and self.value <= -self.least

    @property
    def is_worse(self) -> bool:
        """The other is better beyond noise, by `least` at least."""
        return self.low > 0 and self.value >= self.least


def paired_difference(
    loss: Floats,
    other: Floats,
    *,
    weight: Floats,
    deal: Ints,
    block: Ints | None = None,
    level: float = 0.9,
    least: float = 0.0,
) -> Difference:
    """Weighted mean of loss - other over the same rows, with limits that take the deal as the unit.

    Deals of a quarter share its fortune, and a model that states more than another gains on all of them at once in a
    good one. So where three blocks of time or more are told, the limits are also worked out with the block as the unit,
    and the wider ones hold.

    Parameters
    ----------
    loss, other : array of float, shape (n,)
        Losses of the two models, row by row.
    weight : array of float, shape (n,)
        Rows of weight 0 do not count, whatever their loss.
    deal : array of int, shape (n,)
        The deal of each row.
    block : array of int, shape (n,), optional
        The stretch of time of each row.
    level : float
        One-sided: 0.9 by default.
    least : float
        The smallest mean difference that counts as better or worse.

    Examples
    --------
    >>> found = paired_difference(np.array([0.2, 0.3, 0.1]), np.array([0.5, 0.4, 0.4]), weight=np.ones(3),
    ...     deal=np.array([0, 1, 2]))
    >>> round(found.value, 3), round(found.high, 3), found.is_better
    (-0.233, -0.108, True)
    """
    counts = weight > 0
    step, mass = (loss - other)[counts], weight[counts]
    n, n_deals, total = int(counts.sum()), len(np.unique(deal[counts])), float(mass.sum())
    if total <= 0:
        return Difference(math.nan, math.nan, math.nan, 0, 0, least)
    value = math.fsum((step * mass).tolist()) / total
    estimate = Estimate(value, mass * (step - value) / total)
    reach = _reach(estimate, deal[counts], level)
    if block is not None and len(np.unique(block[counts])) >= _FEWEST_BLOCKS:
        reach = max(reach, _reach(estimate, block[counts], level))
    return Difference(value, value - reach, value + reach, n, n_deals, least)


def _reach(estimate: Estimate, unit: Ints, level: float) -> float:
    """How far the limit lies from the value; NaN with fewer than two units."""
    _, code = np.unique(unit, return_inverse=True)
    error = estimate.standard_error(np.asarray(code, dtype="int64"))
    if not math.isfinite(error):
        return math.nan
    from scipy.special import stdtrit

    return float(stdtrit(int(code.max()), level)) * error


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
