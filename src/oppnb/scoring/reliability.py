"""Is 60 % stated won 60 times in 100? Stated against observed share, by bins of the probability."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import wilson
from oppnb.scoring.judged import Judged, judged
from oppnb.scoring.measures import equal_bins

__all__ = ["reliability_table"]

_DEALS_A_BIN = 10

_COLUMNS = {
    "bin": "int64",
    "lowest": "float64",
    "highest": "float64",
    "n": "int64",
    "n_deals": "int64",
    "stated": "float64",
    "observed": "float64",
    "low": "float64",
    "high": "float64",
}


def reliability_table(
    won: npt.ArrayLike,
    win_probability: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    n_bins: int = 10,
) -> pd.DataFrame:
    """Stated and observed win rate in bins of about equal weight.

    Parameters
    ----------
    won, win_probability, cluster, weight
        See `oppnb.scoring.judged.judged`.
    n_bins : int
        Bins at most; fewer with fewer than ten deals a bin, and where many probabilities are the same.

    Returns
    -------
    DataFrame
        One row a bin, rising: `bin` (from 1), `lowest`, `highest` (probability stated), `n` (rows), `n_deals`,
        `stated` (mean probability), `observed` (share won), `low`, `high` (Wilson's 95 % interval of the observed
        share for the effective number of deals: the rows of one deal count as one, as they end alike).

    Examples
    --------
    >>> table = reliability_table([True] * 6 + [False] * 14, [0.5] * 10 + [0.1] * 10)
    >>> table[["n", "stated", "observed", "low", "high"]].round(2).values.tolist()
    [[10.0, 0.1, 0.0, 0.0, 0.28], [10.0, 0.5, 0.6, 0.31, 0.83]]
    """
    rows = judged(won, win_probability, cluster=cluster, weight=weight)
    wanted = max(1, min(n_bins, rows.n_deals // _DEALS_A_BIN))
    bins = equal_bins(rows.p, rows.weight, wanted)
    found = [_bin(rows.take(bins == number), number + 1) for number in range(int(bins.max(initial=-1)) + 1)]
    return pd.DataFrame(found, columns=list(_COLUMNS)).astype(_COLUMNS)


def _bin(rows: Judged, number: int) -> dict[str, float]:
    total = math.fsum(rows.weight.tolist())
    stated = math.fsum((rows.p * rows.weight).tolist()) / total
    observed = min(math.fsum((rows.won * rows.weight).tolist()) / total, 1.0)
    low, high = wilson(observed * rows.n_effective, rows.n_effective)
    return {
        "bin": number,
        "lowest": float(np.min(rows.p)),
        "highest": float(np.max(rows.p)),
        "n": len(rows.p),
        "n_deals": rows.n_deals,
        "stated": stated,
        "observed": observed,
        "low": low,
        "high": high,
    }
