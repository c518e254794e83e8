"""An imported score in the place of a model, so that it is judged on the same rows by the same measures."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from oppnb.scoring.engine.censoring import closed_weights
from oppnb.scoring.judged import logit
from oppnb.scoring.models.logistic_fit import LogisticFit, fit_logistic
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import ScoringRows

__all__ = ["PLACE", "ImportedScore", "RecalibratedScore"]

Floats = npt.NDArray[np.float64]

PLACE = "imported_place"
"""Column of the keys: the score as a probability, or its place between 0 and 1 where it is none."""


class ImportedScore:
    """Says what the export says; it has learnt nothing and tells no dates.

    Parameters
    ----------
    name : str
        Of the column.
    """

    is_baseline = False

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, rows: ScoringRows) -> Self:  # noqa: ARG002 - every model is called alike
        """Nothing is learnt."""
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        """The score as P(won ever); curves are null."""
        return _undated(_places(rows))

    def contributions(self, rows: ScoringRows) -> Contributions:
        """All of it is one column of the export."""
        return _whole(_places(rows))


class RecalibratedScore:
    """The score made a probability by a logistic curve, learnt from the deals closed before: what its order is worth.

    Parameters
    ----------
    name : str
        Of the column.
    is_probability : bool
        Then the curve is one over its log odds, else over its place.
    """

    is_baseline = False

    def __init__(self, name: str, *, is_probability: bool) -> None:
        self.name = f"{name}_recalibrated"
        self.is_probability = is_probability

    def fit(self, rows: ScoringRows) -> Self:
        """Learn the curve from closed rows, which stand for those not yet closed."""
        days = np.full(len(rows), np.nan) if rows.ends is None else rows.ends["days_to_end"].to_numpy(dtype="float64")
        weight = row_weights(rows) * closed_weights(days, rows.is_closed, np.ones(len(rows)))
        chosen = rows.is_closed
        # a won and a lost half row keep the curve finite where all were won, or all lost
        columns = np.concatenate([self._columns(rows)[chosen], np.zeros((2, 1))])
        won = np.concatenate([rows.is_won[chosen].astype("float64"), [0.0, 1.0]])
        weight = np.concatenate([weight[chosen], [0.5, 0.5]])
        self.fit_: LogisticFit = fit_logistic(columns, won, weight=weight, penalty=0.1)
        return self

    def _columns(self, rows: ScoringRows) -> Floats:
        place = _places(rows)
        return (logit(place, nearest=1e-3) if self.is_probability else 4.0 * (place - 0.5))[:, None]

    def predict(self, rows: ScoringRows) -> Prediction:
        """The curve at the score; dates are not told."""
        return _undated(np.asarray(expit(self.fit_.logits(self._columns(rows))), dtype="float64"))

    def contributions(self, rows: ScoringRows) -> Contributions:
        """All of it is one column of the export."""
        return _whole(self.predict(rows).won_ever)


def _places(rows: ScoringRows) -> Floats:
    return rows.keys[PLACE].to_numpy(dtype="float64")


def _undated(ever: Floats) -> Prediction:
    unknown = np.full((len(ever), len(LEAD_DAYS)), np.nan)
    return Prediction(LEAD_DAYS, unknown, unknown, ever)


def _whole(ever: Floats) -> Contributions:
    base = np.full(len(ever), ever.mean() if len(ever) else 0.0)
    return Contributions(base, (ever - base)[:, None], ("other",))
