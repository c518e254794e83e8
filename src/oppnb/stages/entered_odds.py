"""Odds of some deals that entered a stage, with what is needed to hold them against those of others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import cumulative_incidence, incidence_and_influence

__all__ = ["EnteredOdds", "beyond_noise", "entered_odds"]

SURE = 0.05
"""The chance that any of the differences told at once is none."""


@dataclass(frozen=True)
class EnteredOdds:
    """Probability of being won in the end, of deals that entered a stage.

    Attributes
    ----------
    value : float
        0-1; NaN where no deal is closed.
    error : float
        Standard error, at least that of Agresti and Coull: few deals of which nearly all were won or lost tell less
        than they seem to; NaN where no deal is closed.
    low, high : float
        95 % interval, as `oppnb.stages.observed_odds` tells it.
    n, n_won, n_open : int
        Closed deals, those of them that were won, and those still open.
    """

    value: float
    error: float
    low: float
    high: float
    n: int
    n_won: int
    n_open: int


def entered_odds(entries: pd.DataFrame) -> EnteredOdds:
    """The odds of entries (`days`, `end`) as of `oppnb.stages.odds.first_entries`: Aalen-Johansen, open ones followed.

    Examples
    --------
    >>> entries = pd.DataFrame({"days": [10.0, 20.0, 30.0, 40.0], "end": [1, 2, 2, 1]})
    >>> found = entered_odds(entries)
    >>> found.value, found.n, found.n_won, round(found.error, 3)
    (0.5, 4, 2, 0.289)
    """
    dated = entries[entries["days"] >= 0]
    days, end = dated["days"].to_numpy(dtype="float64"), dated["end"].to_numpy(dtype="int64")
    n, n_won = int((end > 0).sum()), int((end == 1).sum())
    told = cumulative_incidence(days, end, horizon=float(days.max())) if n else None
    if told is None:
        return EnteredOdds(math.nan, math.nan, math.nan, math.nan, n, n_won, len(dated) - n)
    _, influence = incidence_and_influence(days, end)
    n_all = len(dated)
    variance = math.fsum((influence**2).tolist()) * n_all / max(n_all - 1, 1)
    drawn = (n_won + 2) / (n + 4)
    least = drawn * (1 - drawn) / (n + 4)
    return EnteredOdds(told[0], math.sqrt(max(variance, least)), told[1], told[2], n, n_won, n_all - n)


def beyond_noise(p_values: Sequence[float] | npt.NDArray[np.float64], *, sure: float = SURE) -> npt.NDArray[np.bool_]:
    """Which of several differences are more than chance explains, all of them looked at together (Holm).

    Whoever looks at twenty differences that are none finds one of them at 5 %. Holm's steps hold the chance of a single
    false one among all at 5 %, however the differences hang together. What is not known (NaN) is none.

    References
    ----------
    .. [1] S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6,
       1979, pp. 65-70.

    Examples
    --------
    >>> beyond_noise([0.001, 0.04, 0.03, float("nan")]).tolist()  # 0.03 is above 0.05 / 2
    [True, False, False, False]
    """
    values = np.asarray(p_values, dtype="float64")
    found = np.zeros(len(values), dtype=bool)
    known = np.flatnonzero(np.isfinite(values))
    for step, place in enumerate(known[np.argsort(values[known], kind="stable")]):
        if values[place] > sure / (len(known) - step):
            break
        found[place] = True
    return found
