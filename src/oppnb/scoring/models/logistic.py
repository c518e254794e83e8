"""Plain logistic regression on closed deals: what an analyst would try first."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from oppnb.scoring.models.contributions import profiles, shares_of
from oppnb.scoring.models.encoding import Encoder
from oppnb.scoring.models.logistic_fit import fit_logistic
from oppnb.scoring.models.seen import EndsSeen
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import GROUPS, ScoringRows

__all__ = ["Logistic"]

Floats = npt.NDArray[np.float64]

_MOST_ROWS = 200_000
_PENALTY = 20.0
"""1 / C with C = 0.05: with the usual C = 1 it would be a weak opponent, as the rows of a deal say much the same."""


class Logistic:
    """Logistic regression on the closed rows: numbers standardised, categories one-hot, C = 0.05.

    Open deals are left out, and nothing is clipped: an extreme value pulls. Beyond 200,000 closed rows every second,
    third, … is taken.

    Attributes
    ----------
    encoder_, fit_ : Encoder, LogisticFit
        Columns, and their coefficients.

    Examples
    --------
    >>> Logistic().name, Logistic().is_baseline
    ('logistic', True)
    """

    name = "logistic"
    is_baseline = True

    def fit(self, rows: ScoringRows) -> Self:
        """Learn from the closed rows."""
        closed = np.flatnonzero(rows.is_closed)
        taken = rows.take(closed[:: max(-(-len(closed) // _MOST_ROWS), 1)])
        self.encoder_ = Encoder(clip=False).fit(taken)
        # A little weight on the intercept: one class alone would drive it to infinity.
        self.fit_ = fit_logistic(
            self.encoder_.encode(taken),
            taken.is_won.astype("float64"),
            weight=row_weights(taken),
            penalty=_PENALTY,
            intercept_penalty=1e-3,
        )
        curve = EndsSeen.of(rows).part(np.ones(len(rows), dtype=bool)).curve
        self.won_by_, self.lost_by_ = curve.won, curve.lost
        self.profiles_ = profiles(rows, self._parts(rows))
        return self

    def _parts(self, rows: ScoringRows) -> Floats:
        weighed = self.encoder_.encode(rows) * self.fit_.coefficients[1:]
        parts = np.zeros((len(rows), len(GROUPS)))
        for group in range(len(GROUPS)):
            parts[:, group] = weighed[:, self.encoder_.group_of_ == group].sum(axis=1)
        return parts

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`: the probability x the time curve of all deals; null without dates."""
        ever = expit(self.fit_.coefficients[0] + self._parts(rows).sum(axis=1))
        won, lost = self.won_by_ * ever[:, None], self.lost_by_ * (1 - ever)[:, None]
        return Prediction(LEAD_DAYS, won, lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """By group."""
        return shares_of(rows, self._parts(rows), self.profiles_, intercept=float(self.fit_.coefficients[0]))
