"""Medians of groups against that of all, held near it as far as they may be luck."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["shrunk_medians"]

Floats = npt.NDArray[np.float64]


def shrunk_medians(values: pd.Series, groups: pd.Series, *, least: int = 20) -> pd.DataFrame:
    """How far the median of each group lies from that of all values.

    The standard error of a median is read off the order statistics around it. The spread between groups beyond luck is
    estimated by the method of moments; each difference is then shrunk towards 0 by what share of it may be luck.

    Parameters
    ----------
    values : Series of float
        Nulls are left out.
    groups : Series
        Same rows; values without a group count for all only.
    least : int
        Groups with fewer values are not told.

    Returns
    -------
    DataFrame
        One row a group, sorted: `group`, `n`, `median`, `median_of_all`, `difference` (shrunk), `low`, `high` (its 95 %
        interval).

    References
    ----------
    .. [1] R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7, 1986,
       pp. 177-188.

    Examples
    --------
    >>> values = pd.Series([*range(100), *range(40, 140)], dtype="float64")
    >>> groups = pd.Series(["web"] * 100 + ["partner"] * 100)
    >>> shrunk_medians(values, groups)[["group", "n", "median", "difference"]].round(1).values.tolist()
    [['partner', 100, 89.5, 19.4], ['web', 100, 49.5, -19.4]]
    """
    known = values[values.notna()]
    of_all = float(known.median()) if len(known) else np.nan
    parts = {str(name): np.sort(part.to_numpy()) for name, part in known.groupby(groups[known.index], sort=True)}
    parts = {name: part for name, part in parts.items() if len(part) >= least}
    medians = np.array([float(np.median(part)) for part in parts.values()])
    errors = np.array([_standard_error(part) for part in parts.values()])
    difference, spread = _shrunk(medians - of_all, errors)
    return pd.DataFrame(
        {
            "group": pd.Series(list(parts), dtype="str"),
            "n": pd.Series([len(part) for part in parts.values()], dtype="int64"),
            "median": medians,
            "median_of_all": of_all,
            "difference": difference,
            "low": difference - 1.96 * spread,
            "high": difference + 1.96 * spread,
        }
    )


def _standard_error(ordered: Floats) -> float:
    """Half the width of the 95 % interval of the median, in standard errors; never quite 0."""
    n = len(ordered)
    reach = 0.98 / np.sqrt(n)
    low, high = np.quantile(ordered, [max(0.5 - reach, 0.0), min(0.5 + reach, 1.0)])
    return max(float(high - low) / (2 * 1.96), 0.01 * float(np.std(ordered)), 1e-9)


def _shrunk(difference: Floats, error: Floats) -> tuple[Floats, Floats]:
    """The differences shrunk, and the standard deviation that is left of each."""
    if len(difference) < 2:
        return np.zeros(len(difference)), np.zeros(len(difference))
    weight = 1 / error**2
    centre = float((weight * difference).sum() / weight.sum())
    beyond = float((weight * (difference - centre) ** 2).sum()) - (len(difference) - 1)
    room = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max(beyond / room, 0.0) if room > 0 else 0.0
    if between == 0.0:
        return np.zeros(len(difference)), np.zeros(len(difference))
    kept = between / (between + error**2)
    return kept * difference, np.sqrt(kept) * error
