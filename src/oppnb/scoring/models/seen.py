"""What became of the deals of a group of rows: share won, deals behind it, and when."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from oppnb.scoring.models.curves import EndShares, TimeCurve, end_shares, time_curve
from oppnb.scoring.models.weighing import deal_codes, effective_deals, followed_days, row_weights
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import ScoringRows

__all__ = ["EndsSeen", "SeenRate"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WON, _LOST = 1, 2


@dataclass(frozen=True)
class SeenRate:
    """Of a group of rows.

    Attributes
    ----------
    rate : float
        Share won in the end; means nothing where n is 0.
    n : float
        Closed deals behind it, those with many rows counting more (`effective_deals`).
    shares : EndShares or None
        How they ended over time; None without dates.
    curve : TimeCurve
        When; null without dates.
    """

    rate: float
    n: float
    shares: EndShares | None
    curve: TimeCurve


@dataclass(frozen=True)
class EndsSeen:
    """Ends of rows, ready to be asked for any group of them."""

    days: Floats | None
    end: Ints
    weight: Floats
    deal: Ints

    @classmethod
    def of(cls, rows: ScoringRows) -> Self:
        """Take from rows with ends."""
        end = np.where(rows.is_won, _WON, np.where(rows.is_lost, _LOST, 0)).astype("int64")
        return cls(followed_days(rows), end, row_weights(rows), deal_codes(rows))

    def part(self, mine: Bools, *, like: SeenRate | None = None) -> SeenRate:
        """Share won and curve of the chosen rows; what is open late is taken to end `like` in a larger group."""
        n, n_won, n_lost = (self._n(mine & chosen) for chosen in (self.end > 0, self.end == _WON, self.end == _LOST))
        if self.days is None:
            unknown = np.full(len(LEAD_DAYS), np.nan)
            return SeenRate(self._share_won(mine), n, None, TimeCurve(unknown, unknown, 0.0, 0.0))
        shares = end_shares(
            self.days[mine],
            self.end[mine],
            weight=self.weight[mine],
            deal_weight=_one_a_deal(self.deal[mine]),
            like=None if like is None else like.shares,
        )
        return SeenRate(shares.won_ever, n, shares, time_curve(shares, n_won=n_won, n_lost=n_lost))

    def _n(self, chosen: Bools) -> float:
        return effective_deals(self.deal[chosen], self.weight[chosen])

    def _share_won(self, mine: Bools) -> float:
        closed = mine & (self.end > 0)
        total = float(self.weight[closed].sum())
        return float(self.weight[closed & (self.end == _WON)].sum()) / total if total > 0 else 0.5


def _one_a_deal(deal: Ints) -> Floats:
    """1 / rows of the deal."""
    if not len(deal):
        return np.zeros(0)
    _, place, count = np.unique(deal, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[place], dtype="float64")
