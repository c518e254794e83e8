"""Deals, not rows, in and out of bags and folds."""

import numpy as np
import numpy.typing as npt

__all__ = ["bag_weights", "clusters_of", "equal_weights", "folds_of", "pooled_sd"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def clusters_of(keys: npt.NDArray[np.object_]) -> Ints:
    """Number the deals 0, 1, … by their key."""
    return np.unique(keys.astype(str), return_inverse=True)[1].astype(np.int64)


def equal_weights(clusters: Ints) -> Floats:
    """1 / number of rows of the deal: every deal weighs the same."""
    return 1.0 / np.bincount(clusters)[clusters]


def bag_weights(clusters: Ints, *, n_bags: int, seed: int) -> list[Floats]:
    """Weights of the Bayesian bootstrap, one array of shape (n,) a bag: each deal's drawn once, mean 1.

    One bag is the deals as they are. Every deal is in every bag, so a thin level is never lost to a bag.
    """
    if n_bags == 1:
        return [np.ones(len(clusters))]
    n_deals = int(clusters.max()) + 1 if len(clusters) else 0
    drawn = np.random.default_rng([seed, 1]).exponential(size=(n_bags, n_deals))
    return [weights[clusters] for weights in drawn]


def folds_of(clusters: Ints, *, n_folds: int, seed: int) -> Ints:
    """Fold of each row, 0 to n_folds - 1; folds hold equally many deals."""
    n_deals = int(clusters.max()) + 1 if len(clusters) else 0
    return np.random.default_rng([seed, 2]).permutation(n_deals)[clusters] % n_folds


def pooled_sd(spread: Floats, *, weight: float = 4.0) -> Floats:
    """Standard deviation of each row over bags, drawn towards that of all rows, since a few bags say little of one row.

    Parameters
    ----------
    spread : array, shape (n, n_bags)
        The same number from each bag.
    weight : float
        How many bags the typical row counts for.
    """
    if spread.shape[1] < 2 or len(spread) == 0:
        return np.zeros(len(spread))
    variance = spread.var(axis=1, ddof=1)
    freedom = spread.shape[1] - 1
    pooled: Floats = np.sqrt((freedom * variance + weight * variance.mean()) / (freedom + weight))
    return pooled
