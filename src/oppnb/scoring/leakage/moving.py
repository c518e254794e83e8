"""Fields whose state at the close is far from what open deals show: they move until the outcome is clear."""

import numpy as np

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import Levels
from oppnb.scoring.leakage.sample import Sample
from oppnb.scoring.leakage.separation import level_scores
from oppnb.scoring.leakage.shares import Shares

__all__ = ["moves_until_the_close"]

LEAST_AUC = 0.7
LEAST_SHIFT = 0.25


def moves_until_the_close(levels: Levels, shares: Shares, sample: Sample, *, auc: float) -> Evidence | None:
    """The win rate that the field alone promises open deals lies far from that of earlier deals of the same age.

    Trained on the closed deals' final state, a model would be wrong by about as much on every open deal.
    """
    if not sample.n_open or auc < LEAST_AUC:
        return None
    scores = level_scores(levels, sample, np.ones(len(sample.won), dtype=bool))
    promised = float(shares.open_now @ scores)
    shifts = [promised - float(shares.closed @ scores), promised - float(shares.cohort @ scores)]
    shift = min(shifts, key=abs)
    if abs(shift) < LEAST_SHIFT or shifts[0] * shifts[1] <= 0:
        return None
    spread = float(shares.closed @ (scores - shares.closed @ scores) ** 2)
    error = np.sqrt(spread * (1 / max(shares.n_open, 1) + 1 / max(min(shares.n_closed, shares.n_cohort), 1)))
    if abs(shift) < 4 * error:
        return None
    return Evidence("moves_until_the_close", {"promised": promised, "usual": promised - shift, "auc": auc})
