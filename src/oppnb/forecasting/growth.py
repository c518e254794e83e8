"""What becomes of an amount until the deal is won: the ratio of the final amount to the one on a day."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.book import PipelineBook

__all__ = ["NO_GROWTH", "Growth", "learn_growth"]

Floats = npt.NDArray[np.float64]

_N_ATOMS = 7
_PRIOR_DEALS = 10.0
_WEEKS_BETWEEN = 4
_WEEKS = 104
_LARGEST = 10.0


@dataclass(frozen=True)
class Growth:
    """The ratio as a few values with their shares.

    Attributes
    ----------
    ratios, shares : array, shape (n_values,)
        Ratios above 0; shares add up to 1. Money counts: what most of the money became.
    """

    ratios: Floats
    shares: Floats

    @property
    def moments(self) -> Floats:
        """Mean of the ratio and of its second to fourth power, shape (4,)."""
        found: Floats = np.array([float((self.shares * self.ratios**power).sum()) for power in range(1, 5)])
        return found

    def scaled(self, factor: float) -> "Growth":
        """All ratios times a factor."""
        return Growth(self.ratios * factor, self.shares)


NO_GROWTH = Growth(np.ones(1), np.ones(1))


def learn_growth(book: PipelineBook, *, days_ahead: int) -> Growth:
    """Learn the ratio from the deals of past days, four weeks apart, that were won within `days_ahead`.

    With few deals it is held near 1, as if ten more had kept their amount.
    """
    ratio, weight = _seen(book, days_ahead)
    if not len(ratio):
        return NO_GROWTH
    kept = float(weight.sum()) / (float(weight.sum()) + _PRIOR_DEALS * float(weight.mean()))
    order = np.argsort(ratio, kind="stable")
    ratio, weight = ratio[order], weight[order]
    part = np.minimum((np.cumsum(weight) - weight / 2) / weight.sum() * _N_ATOMS, _N_ATOMS - 1e-9).astype(np.int64)
    shares = np.bincount(part, weights=weight, minlength=_N_ATOMS)
    sums = np.bincount(part, weights=weight * ratio, minlength=_N_ATOMS)
    filled = shares > 0
    ratios, shares = sums[filled] / shares[filled], shares[filled] / shares.sum()
    return Growth(np.append(ratios, 1.0), np.append(kept * shares, 1.0 - kept))


def _seen(book: PipelineBook, days_ahead: int) -> tuple[Floats, Floats]:
    """Ratio and money of every deal and day."""
    first = book.known_on - timedelta(weeks=_WEEKS)
    days = [day for day in book.days[::-_WEEKS_BETWEEN] if first <= day < book.known_on]
    rows = book.open_rows[book.open_rows["as_of"].isin(pd.to_datetime(days))]
    ends = book.closed_after(rows)
    before, after = rows["amount_base"].to_numpy(dtype="float64"), ends["amount_won"].to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        won = np.asarray(ends["outcome"] == "won") & (ends["days_to_end"].to_numpy() <= days_ahead)
        won &= (before > 0) & (after > 0)
    return np.minimum(after[won] / before[won], _LARGEST), before[won]
