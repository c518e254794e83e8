"""Parts of an export without dates: nothing can be judged over time, and rows that are told twice stay together."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import ScoringRows

__all__ = ["grouped_folds"]

Ints = npt.NDArray[np.int64]


def grouped_folds(rows: ScoringRows, *, n_folds: int = 10, seed: int = 0) -> Ints:
    """The part of each row, numbered from 0.

    Rows with the same values in every feature are in the same part, as are the rows of a deal: a model must not be
    judged on a row that it has seen. Parts are as even as that allows.

    Parameters
    ----------
    rows : ScoringRows
        Any.
    n_folds : int
        Parts; at most one a group of rows.
    seed : int
        Of the shuffle.

    Returns
    -------
    array of int, shape (n,)
        In 0 … n_folds - 1.
    """
    group = _groups(rows)
    sizes = np.bincount(group)
    order = np.random.default_rng(seed).permutation(len(sizes))
    part = np.zeros(len(sizes), dtype="int64")
    filled = np.zeros(max(min(n_folds, len(sizes)), 1), dtype="int64")
    for one in order[np.argsort(-sizes[order], kind="stable")]:  # large groups first, each into the emptiest part
        part[one] = int(filled.argmin())
        filled[part[one]] += sizes[one]
    return part[group]


def _groups(rows: ScoringRows) -> Ints:
    """Rows of equal values are one group; so are the rows of one deal, by the values of its first row."""
    if rows.values.shape[1] == 0:
        return np.asarray(pd.factorize(rows.keys["opportunity_id"])[0], dtype="int64")
    values = pd.util.hash_pandas_object(rows.values, index=False)
    first = values.groupby(rows.keys["opportunity_id"].to_numpy(), sort=False).transform("first")
    return np.asarray(pd.factorize(first)[0], dtype="int64")
