"""What the simplest baselines share: one curve for all deals, and a number that belongs to the stage."""

from typing import Self

import numpy as np
import numpy.typing as npt

from oppnb.scoring.models.contributions import logit, profiles, shares_of
from oppnb.scoring.models.seen import EndsSeen
from oppnb.scoring.models.stage_rates import in_stage_group
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import ScoringRows

__all__ = ["PooledBaseline", "share_won"]

Floats = npt.NDArray[np.float64]

_EDGE = 0.01


def share_won(won: float, n: float) -> float:
    """Share of closed rows that are won, between 1 % and 99 %; one half where none is closed."""
    return min(max(won / n, _EDGE), 1 - _EDGE) if n > 0 else 0.5


class PooledBaseline:
    """A probability of being won ever, over time as all deals end. Subclasses say which probability.

    Attributes
    ----------
    base_rate_ : float
        Share won of the closed rows.
    """

    name = "pooled_baseline"
    is_baseline = True

    def fit(self, rows: ScoringRows) -> Self:
        """Learn the base rate, the curve of all deals, and what the subclass learns."""
        weight = row_weights(rows)
        self.base_rate_ = share_won(float(weight[rows.is_won].sum()), float(weight[rows.is_closed].sum()))
        curve = EndsSeen.of(rows).part(np.ones(len(rows), dtype=bool)).curve
        self.won_by_, self.lost_by_ = curve.won, curve.lost
        self._learn(rows)
        self.profiles_ = profiles(rows, in_stage_group(logit(self.win_rate(rows))))
        return self

    def _learn(self, rows: ScoringRows) -> None:
        """What more there is to learn."""

    def win_rate(self, rows: ScoringRows) -> Floats:
        """P(won ever) of each row."""
        return np.full(len(rows), self.base_rate_)

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`: the probability x the time curve of all deals; null without dates."""
        ever = self.win_rate(rows)
        won, lost = self.won_by_ * ever[:, None], self.lost_by_ * (1 - ever)[:, None]
        return Prediction(LEAD_DAYS, won, lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """All of it is the stage's, against the mean of the recent deals of the process."""
        return shares_of(rows, in_stage_group(logit(self.win_rate(rows))), self.profiles_)
