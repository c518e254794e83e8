"""Deals that are not created yet, shared out to the nodes of a roll-up."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.new_business import NewBusiness

__all__ = ["new_cumulants", "new_shares", "still_coming", "still_there"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_PRIOR_DEALS = 10.0
_STAYS = 20.0
_DOUBT_DAYS = 7.0
_HOLIDAY_DAYS = 14.0
_WEEK = 7
_MOST_INHERITED = 4.0
_FURTHEST_LOG = 50.0


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


def still_there(leaf: Ints, ages: Floats, n_leaves: int) -> Floats:
    """Chance of each leaf that deals are still created there: an owner who has left brings no new business.

    A leaf where deals came at a steady pace and none has come for long is probably closed; after each deal it may have
    been the last one, once in twenty times and less often the more there were [1]_. Deals come in batches and with the
    season, so what counts are weeks with a deal, and two weeks without one say nothing: a region with five deals a day
    is not closed after Christmas. With fewer than two such weeks nothing is known, and it counts as there.

    Parameters
    ----------
    leaf : array of int, shape (n_deals,)
        Of deals that were created lately.
    ages : array, shape (n_deals,)
        Days since each was created, at least 0.
    n_leaves : int

    Returns
    -------
    array, shape (n_leaves,)
        In [0, 1].

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers the Easy Way", Marketing Science 24, 2005,
       pp. 275-284, equation 8 with the rate known.

    Examples
    --------
    >>> ages = np.array([700.0, 650.0, 600.0, 550.0, 500.0, 700.0, 550.0, 400.0, 250.0, 20.0])
    >>> still_there(np.array([0] * 5 + [1] * 5), ages, 2).round(2).tolist()
    [0.19, 0.96]
    """
    weeks = np.unique(np.stack([leaf, (ages // _WEEK).astype(np.int64)]), axis=1)[0]
    more = np.bincount(weeks, minlength=n_leaves) - 1.0
    first, last = np.zeros(n_leaves), np.full(n_leaves, np.inf)
    np.maximum.at(first, leaf, ages)
    np.minimum.at(last, leaf, ages)
    known, last = more > 0, np.maximum(last - _HOLIDAY_DAYS, 0.0)
    more, first, last = (np.where(known, values, 0.0) for values in (more, first, last))
    silence = more * np.log((_DOUBT_DAYS + first) / (_DOUBT_DAYS + first - last))
    odds = np.exp(np.minimum(silence, _FURTHEST_LOG)) / (_STAYS + more)
    return np.where(known, 1.0 / (1.0 + odds), 1.0)


def still_coming(
    like: pd.DataFrame, born: pd.DataFrame, *, hierarchy: Sequence[str], by: Sequence[str]
) -> dict[str, Floats]:
    """What each past win counts for what is to come, where deals may no longer be created at its node.

    From the top of the hierarchy down: what an owner who has left would have brought is brought by the others of his
    region. So a region has the same new business whether it is asked for alone or with its owners, and an owner the
    same whether his region is told or not. Columns that are not of the hierarchy move it only among the nodes of those
    asked for that are.

    Parameters
    ----------
    like : DataFrame
        Past wins with `weight` and `money`, of `oppnb.forecasting.coming.coming`.
    born : DataFrame
        The deals created lately, with `age`, of `oppnb.forecasting.coming.born_lately`.
    hierarchy : sequence of str
        The usual columns, the highest first; those that deals do not have are left out.
    by : sequence of str
        The columns asked for.

    Returns
    -------
    dict of str to array, shape (n_wins,)
        Factors on `weight` and on `money`, at least 0. Neither sum changes, but where those who are still there brought
        less than a quarter: they are not held to bring more than four times what they did.

    Examples
    --------
    >>> ages = [700.0, 650.0, 600.0, 550.0, 500.0, 700.0, 550.0, 400.0, 250.0, 20.0]
    >>> born = pd.DataFrame({"owner_id": ["left"] * 5 + ["here"] * 5, "age": ages})
    >>> like = pd.DataFrame({"owner_id": ["left", "here"], "weight": [1.0, 1.0], "money": [50.0, 10.0]})
    >>> still_coming(like, born, hierarchy=["owner_id"], by=[])["weight"].round(2).tolist()
    [0.33, 1.67]
    """
    usual = [name for name in hierarchy if name in like and name in born]
    others = [name for name in by if name not in usual]
    steps = [(usual[:depth], usual[: depth + 1]) for depth in range(len(usual))]
    if others:
        steps.append(([name for name in by if name in usual], list(by)))
    found = {name: np.ones(len(like)) for name in ("weight", "money")}
    ages = born["age"].to_numpy(dtype="float64")
    for above, below in steps:
        parent, _ = _places(like, born, above)
        node, of_born = _places(like, born, below)
        there = still_there(of_born, ages, int(max(node.max(initial=-1), of_born.max(initial=-1))) + 1)[node]
        for name, factor in found.items():
            counted = like[name].to_numpy(dtype="float64") * factor
            before, after = (np.bincount(parent, weights=counted * kept) for kept in (1.0, there))
            ratio = np.divide(before, after, out=np.full_like(before, _MOST_INHERITED), where=after > 0)
            found[name] = factor * there * np.minimum(ratio, _MOST_INHERITED)[parent]
    return found


def _places(like: pd.DataFrame, born: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Node of each past win, and of each deal created lately, by some columns; without columns all are one."""
    codes = np.zeros(len(like) + len(born), dtype=np.int64)
    if columns:
        names = list(columns)
        both = pd.concat([like[names], born[names]], ignore_index=True)
        codes = np.asarray(both.groupby(names, dropna=False, sort=False).ngroup(), dtype=np.int64)
    return codes[: len(like)], codes[len(like) :]


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
