"""Closed deals stand for those still open: one that takes long to close is seen closed less often, and counts more."""

import numpy as np
import numpy.typing as npt

__all__ = ["closed_weights"]

Floats = npt.NDArray[np.float64]

_LARGEST = 10.0


def closed_weights(days: Floats, is_closed: npt.NDArray[np.bool_], weight: Floats) -> Floats:
    """Inverse probability of having been followed until the close (Kaplan-Meier of being followed).

    Parameters
    ----------
    days : array, shape (n,)
        To the close, or followed so far; NaN everywhere for an export without dates.
    is_closed : array of bool, shape (n,)
    weight : array, shape (n,)
        How much each row counts among those that are followed.

    Returns
    -------
    array, shape (n,)
        0 for open rows, from 1 to 10 for closed ones, 1 throughout without dates.

    Examples
    --------
    >>> closed_weights(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]), np.ones(3)).tolist()
    [1.0, 0.0, 2.0]
    """
    if np.isnan(days).any():
        return is_closed.astype("float64")
    times = np.unique(days)
    at = np.searchsorted(times, days)
    open_mass = np.bincount(at, weights=weight * ~is_closed, minlength=len(times))
    at_risk = np.cumsum(np.bincount(at, weights=weight, minlength=len(times))[::-1])[::-1]
    closing = np.bincount(at, weights=weight * is_closed, minlength=len(times))
    # of equal times closes come first: they were followed until then
    left = np.divide(open_mass, at_risk - closing, out=np.zeros(len(times)), where=at_risk - closing > 0)
    followed = np.concatenate([[1.0], np.cumprod(1 - left)[:-1]])[at]
    return np.where(is_closed, 1 / np.maximum(followed, 1 / _LARGEST), 0.0)
