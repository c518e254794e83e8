"""A model's own doubt about a probability, in log odds."""

import numpy as np
import numpy.typing as npt

from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows

__all__ = ["logit_sd"]

Floats = npt.NDArray[np.float64]


def logit_sd(model: WinModel, rows: ScoringRows) -> Floats:
    """Standard deviation of the log odds of P(won ever), from how few deals the model has learnt.

    A model tells it by a method `logit_sd(rows)`, or by `posterior(rows)`, the two parameters of a beta distribution
    for each row; NaN for a model that tells neither.
    """
    own = getattr(model, "logit_sd", None)
    if callable(own):
        return np.asarray(own(rows), dtype="float64")
    posterior = getattr(model, "posterior", None)
    if not callable(posterior):
        return np.full(len(rows), np.nan)
    from scipy.special import polygamma

    won, lost = (np.asarray(part, dtype="float64") for part in posterior(rows))
    return np.asarray(np.sqrt(polygamma(1, won) + polygamma(1, lost)), dtype="float64")
