"""Ratios of many groups, each held near that of all as far as its own rows do not speak."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ShrunkRatios", "shrunk_ratios"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_GRID = 80
_WIDEST = 2.0


@dataclass(frozen=True)
class ShrunkRatios:
    """One value a group.

    Attributes
    ----------
    whole : float
        Ratio of all rows.
    ratio, low, high, own_share : array, shape (n_groups,)
        The shrunk ratio, its 95 % interval, and the part in [0, 1] that the group's own rows have in it.
    """

    whole: float
    ratio: Floats
    low: Floats
    high: Floats
    own_share: Floats


def shrunk_ratios(stated: Floats, came: Floats, groups: Ints, n_groups: int) -> ShrunkRatios:
    """What came over what was stated, group by group, by empirical Bayes.

    Each row's ratio varies around that of its group, and those of the groups around that of all. How far groups lie
    apart is not known: the result is a mean over what it may be, each weighed by how well it explains the groups, so
    that few groups do not all end at the same value, nor with intervals that are too narrow.

    Parameters
    ----------
    stated, came : array, shape (n,)
        `stated` is above 0; `came` is at least 0.
    groups : array of int, shape (n,)
        Position of each row's group.
    n_groups : int
        Number of groups; one without rows gets the ratio of all.

    References
    ----------
    .. [1] A. Gelman, J. B. Carlin, H. S. Stern, D. B. Rubin, "Bayesian Data Analysis", 2nd ed., Chapman & Hall 2004,
       section 5.4.

    Examples
    --------
    >>> found = shrunk_ratios(np.ones(6), np.array([1.0, 1, 0, 0, 1, 0]), np.array([0, 0, 0, 1, 1, 1]), 2)
    >>> bool(found.whole < found.ratio[0] < 2 / 3)
    True
    """
    total = np.bincount(groups, stated, minlength=n_groups)
    sums = np.bincount(groups, came, minlength=n_groups)
    whole = float(came.sum() / stated.sum())
    has = total > 0
    own = np.where(has, sums / np.where(has, total, 1.0), whole)
    squares = np.bincount(groups, stated**2, minlength=n_groups)
    spread = _spread(stated, came, groups, own)
    doubt = np.where(has, spread * squares / np.where(has, total, 1.0) ** 2, np.inf)
    return _over_distances(whole, own, doubt)


def _spread(stated: Floats, came: Floats, groups: Ints, own: Floats) -> float:
    """Variance of a row's ratio around its group's, pooled over groups; rows count by what was stated, squared."""
    rest = came - stated * own[groups]
    weight = stated**2
    n_free = max(len(stated) - len(np.unique(groups)), 1)
    return max(float((rest**2).sum() / weight.sum()) * len(stated) / n_free, 1e-9)


def _over_distances(whole: float, own: Floats, doubt: Floats) -> ShrunkRatios:
    """Mean and variance of each group's ratio over how far groups may lie apart."""
    has = np.isfinite(doubt)
    widest = _WIDEST * max(float(np.ptp(own[has])), float(np.sqrt(doubt[has].min())), 1e-6)
    apart = (np.arange(_GRID) + 0.5) / _GRID * widest
    variance = apart[:, None] ** 2 + doubt[None, has]
    precision = 1 / variance
    centre = (precision * own[has]).sum(axis=1) / precision.sum(axis=1)
    fit = -0.5 * (np.log(variance) + (own[has] - centre[:, None]) ** 2 * precision).sum(axis=1)
    fit -= 0.5 * np.log(precision.sum(axis=1))
    weight = np.exp(fit - fit.max())
    weight = (weight / weight.sum())[:, None]
    share = np.where(has, apart[:, None] ** 2 / (apart[:, None] ** 2 + np.where(has, doubt, 1.0)), 0.0)
    mean = share * own + (1 - share) * centre[:, None]
    inside = share * np.where(has, doubt, 0.0) + (1 - share) ** 2 / precision.sum(axis=1)[:, None]
    inside += np.where(has, 0.0, apart[:, None] ** 2)
    middle = (weight * mean).sum(axis=0)
    sd = np.sqrt((weight * (inside + (mean - middle) ** 2)).sum(axis=0))
    return ShrunkRatios(whole, middle, middle - 1.96 * sd, middle + 1.96 * sd, (weight * share).sum(axis=0))
