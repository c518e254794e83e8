"""Deals that are not created yet, shared out to the nodes of a roll-up."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.new_business import NewBusiness

__all__ = ["new_cumulants", "new_shares"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_PRIOR_DEALS = 10.0


def new_shares(past: Floats, leaf: Ints, open_amount: Floats) -> Floats:
    """Share of each leaf in what is not created yet: as in the past, held near its share of the amount open now.

    Parameters
    ----------
    past : array, shape (n_deals,)
        How much each past win counts (number or money), at least 0.
    leaf : array of int, shape (n_deals,)
        Its leaf.
    open_amount : array, shape (n_leaves,)
        Amount open now, at least 0. It counts as ten more past wins; where nothing is open, not at all.

    Returns
    -------
    array, shape (n_leaves,)
        Adds up to 1.

    Examples
    --------
    >>> new_shares(np.ones(30), np.array([0] * 30), np.array([50.0, 50.0])).tolist()
    [0.875, 0.125]
    """
    found = np.bincount(leaf, weights=past, minlength=len(open_amount)).astype("float64")
    counted = int((past > 0).sum())
    if open_amount.sum() > 0 and counted:
        found += _PRIOR_DEALS * found.sum() / counted * open_amount / open_amount.sum()
    elif open_amount.sum() > 0:
        found = open_amount.astype("float64")
    total = float(found.sum())
    return found / total if total > 0 else np.full(len(found), 1.0 / max(len(found), 1))


def new_cumulants(new: NewBusiness, number: Floats, money: Floats, factor: Floats) -> Floats:
    """First four cumulants of each node's new business, the expected number times each factor.

    What the nodes share, a good or a bad season for all, is in each of them: their cumulants do not add up.

    Parameters
    ----------
    new : NewBusiness
        Of the company.
    number, money : array, shape (n_nodes,)
        Shares of the number and of the money.
    factor : array, shape (n_factors,)

    Returns
    -------
    array, shape (n_nodes, n_factors, 4)
    """
    # A cumulant is a polynomial of the fourth degree in the expected number, without a constant: four points tell it.
    points = np.array([0.25, 0.5, 0.75, 1.0])
    coefficients = np.linalg.solve(points[:, None] ** np.arange(1, 5), new.cumulants(points))
    expected = number[:, None, None] * factor[None, :, None]
    counted = (expected ** np.arange(1, 5)) @ coefficients
    size = np.divide(money, number, out=np.zeros_like(money), where=number > 0)
    found: Floats = counted * size[:, None, None] ** np.arange(1, 5)
    return found
