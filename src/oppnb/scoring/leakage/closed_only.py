"""Values that deals have once they are closed, won and lost alike, and open deals of the same age have not."""

import numpy as np

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import BLANK
from oppnb.scoring.leakage.sample import Sample
from oppnb.scoring.leakage.shares import ALPHA, Shares, lack

__all__ = ["filled_at_the_close", "values_of_closed_deals"]

RATIO = 0.5
LEAST_GAP = 0.1
LEAST_MASS = 0.5
LEAST_SHARE = 0.05
FADED = 0.2


def filled_at_the_close(shares: Shares, sample: Sample) -> Evidence | None:
    """Filled in whatever the outcome, and open deals of the same age have it at most half as often.

    A model cannot use such a field even if it says nothing of the outcome: the deals to score do not have it.
    """
    if not sample.n_open:
        return None
    filled = 1.0 - np.array([shares.closed[BLANK], shares.cohort[BLANK], shares.won[BLANK], shares.lost[BLANK]])
    if min(sample.n_won, sample.n_deals - sample.n_won) == 0:
        filled = filled[:2]
    least, opened = float(filled.min()), float(1.0 - shares.open_now[BLANK])
    if opened > RATIO * least or least - opened < LEAST_GAP:
        return None
    if lack(least, min(shares.n_closed, shares.n_cohort), opened, shares.n_open) > ALPHA:
        return None
    return Evidence("filled_at_the_close", {"closed": float(filled[0]), "open": opened, "n_open": shares.n_open})


def values_of_closed_deals(shares: Shares, sample: Sample) -> Evidence | None:
    """Values that most closed deals carry, won and lost alike, and hardly any open one: the field says "closed"."""
    if not sample.n_open:
        return None
    usual = np.minimum(np.minimum(shares.closed, shares.cohort), np.minimum(shares.won, shares.lost))
    if min(sample.n_won, sample.n_deals - sample.n_won) == 0:
        usual = np.minimum(shares.closed, shares.cohort)
    usual[BLANK] = 0.0  # what was left blank formerly and is filled today was not filled at the close
    gone = (usual >= LEAST_SHARE) & (shares.open_now <= FADED * usual)
    sure = [
        level
        for level in np.flatnonzero(gone)
        if lack(float(usual[level]), shares.n_closed, float(shares.open_now[level]), shares.n_open) < ALPHA
    ]
    mass = float(usual[sure].sum())
    if mass < LEAST_MASS:
        return None
    values = {"closed": float(shares.closed[sure].sum()), "open": float(shares.open_now[sure].sum())}
    return Evidence("says_closed", {**values, "n_open": shares.n_open})
