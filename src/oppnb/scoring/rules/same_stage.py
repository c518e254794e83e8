"""A rule's lift among deals of the same stage: one that holds late in the process would else get the stage's credit."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics.intervals import Z

__all__ = ["NOT_KNOWN", "same_stage_lift"]

Floats = npt.NDArray[np.float64]
NOT_KNOWN = (np.nan, np.nan, np.nan)
FEWEST = 10


def same_stage_lift(
    holds: Floats, won: npt.NDArray[np.bool_], deals: pd.Series, stage: pd.Series, shares: Floats
) -> tuple[float, float, float]:
    """Difference of win rates within each stage, averaged over stages as Mantel and Haenszel weigh them.

    Parameters
    ----------
    holds : array of float, shape (n_rows,)
        1 where the rule holds, 0 where it does not, null where that is not known.
    won, deals, stage : shape (n_rows,)
        How the row's deal ended, its key, the stage it stood in; rows whose stage is not known are a stage of their
        own.
    shares : array, shape (n_rows,)
        Each row's share of its deal.

    Returns
    -------
    tuple of float
        The lift and its 95 % interval, from the spread between deals; null with fewer than 10 deals that can be
        compared.

    References
    ----------
    .. [1] N. Mantel, W. Haenszel, "Statistical aspects of the analysis of data from retrospective studies of disease",
       Journal of the National Cancer Institute 22, 1959, pp. 719-748; for differences S. Greenland, J. M. Robins,
       Biometrics 41, 1985, pp. 55-68.
    """
    known = ~np.isnan(holds) & (shares > 0)
    names, place = np.unique(stage.fillna("").to_numpy(dtype=object)[known].astype(str), return_inverse=True)
    held, y, share = holds[known] > 0, won[known].astype("float64"), shares[known]
    with_n, without_n = (_sums(place, share * side, len(names)) for side in (held, ~held))
    weight = np.divide(with_n * without_n, with_n + without_n, out=np.zeros(len(names)), where=with_n + without_n > 0)
    if weight.sum() <= 0:
        return NOT_KNOWN
    weight = weight / weight.sum()
    lift, influence = 0.0, np.zeros(len(share))
    for side, n, sign in ((held, with_n, 1.0), (~held, without_n, -1.0)):
        rate = np.divide(_sums(place, share * side * y, len(names)), n, out=np.zeros(len(names)), where=n > 0)
        lift += sign * float((weight * rate).sum())
        each = np.divide(weight, n, out=np.zeros(len(names)), where=n > 0)
        influence += sign * each[place] * share * side * (y - rate[place])
    compared = weight[place] > 0
    keys = deals.to_numpy()[known]
    by_deal = pd.Series(influence[compared]).groupby(keys[compared]).sum().to_numpy(dtype="float64")
    if len(by_deal) < FEWEST:
        return NOT_KNOWN
    reach = Z * float(np.sqrt((by_deal**2).sum() * len(by_deal) / (len(by_deal) - 1)))
    return lift, max(lift - reach, -1.0), min(lift + reach, 1.0)


def _sums(place: npt.NDArray[np.int64], values: Floats, length: int) -> Floats:
    return np.asarray(np.bincount(place, weights=values, minlength=length), dtype="float64")
