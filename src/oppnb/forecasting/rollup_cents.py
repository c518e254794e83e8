"""Amounts in whole cents that add up exactly."""

import numpy as np
import numpy.typing as npt

from oppnb.errors import DataError

__all__ = ["cents_of", "in_cents"]

_MOST_CENTS = 2**62
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def cents_of(amount: float) -> int:
    """The amount in whole cents, the nearest.

    Examples
    --------
    >>> cents_of(10.009)
    1001
    """
    return round(100 * float(amount))


def in_cents(amounts: Floats, total: int) -> Ints:
    """Amounts in whole cents whose sum is the total: all rounded down, the largest remainders up by one.

    Parameters
    ----------
    amounts : array, shape (n,)
        Their sum is nearly the total; what is missing beyond a cent each is spread evenly.
    total : int
        In cents. Without amounts there is nothing to spread it over.

    Raises
    ------
    DataError
        If the total is larger than can be counted in cents.

    Examples
    --------
    >>> in_cents(np.array([3.333, 3.333, 3.334]), 1000).tolist()
    [333, 333, 334]
    """
    if abs(total) > _MOST_CENTS:
        raise DataError(
            f"The forecast adds up to {total / 100:.3g}: an amount of an open or won deal cannot be right. "
            "`oppnb audit` names it (amount_is_of_the_usual_size); mend it, or set such rows aside in oppnb.yaml."
        )
    exact = 100 * np.nan_to_num(np.asarray(amounts, dtype="float64"))
    found: Ints = np.floor(exact).astype(np.int64)
    if not len(found):
        return found
    each, left = divmod(total - int(found.sum()), len(found))
    order = np.argsort(-(exact - np.floor(exact)), kind="stable")
    found += each
    found[order[:left]] += 1
    return found
