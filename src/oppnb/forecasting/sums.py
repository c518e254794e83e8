"""What of many deals adds up: sums of powers, from which the distribution of any group of deals follows.

A deal brings amount x ratio with probability p and nothing else. The cumulants of its amount are polynomials in p, and
cumulants of independent deals add up. A shock that all deals share moves every p along its log odds; how a power of p
moves is again a polynomial in p. So the sums of amount^k x p^m of a group say all that is needed, and the sums of two
groups together are those of both.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["PowerSums", "cumulants_at"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ORDER = 4
_N_POWERS = 4 + _ORDER


@dataclass(frozen=True)
class PowerSums:
    """Sums over the deals of each group.

    Attributes
    ----------
    sums : array, shape (n_groups, 4, 8)
        Of amount^k x p^m for k = 1 to 4 and m = 1 to 8; where m > k + 4 it is not needed and 0.
    """

    sums: Floats

    @classmethod
    def of(cls, amount: Floats, chance: Floats, groups: Ints | None = None, n_groups: int = 1) -> "PowerSums":
        """Add up deals.

        Parameters
        ----------
        amount, chance : array, shape (n,)
            Null counts as 0.
        groups : array of int, shape (n,), optional
            Position of each deal's group; by default all are in one.
        n_groups : int
            Number of groups.
        """
        amount, chance = np.nan_to_num(np.asarray(amount, dtype="float64")), np.nan_to_num(chance)
        found = np.zeros((n_groups, 4, _N_POWERS))
        money = np.ones_like(amount)
        for k in range(4):
            money = money * amount
            term = money
            for m in range(k + 1 + _ORDER):
                term = term * chance
                found[:, k, m] = term.sum() if groups is None else np.bincount(groups, term, minlength=n_groups)
        return cls(found)

    def together(self) -> "PowerSums":
        """All groups as one."""
        return PowerSums(self.sums.sum(axis=0, keepdims=True))

    @property
    def bend(self) -> float:
        """Mean of 1 - 2 p over the first group, by how far a shock moves each deal.

        Where most chances are small it is near 1: a shock up brings more than a shock down takes, so the shocks have to
        be centred this many half variances lower for the expected amount to stay.
        """
        one, two, three = (float(self.sums[0, 0, power]) for power in range(3))
        return (one - 3 * two + 2 * three) / (one - two) if one - two > 1e-9 * max(one, 1e-300) else 0.0

    @property
    def expected(self) -> Floats:
        """Expected amount of each group before growth, shape (n_groups,)."""
        found: Floats = self.sums[:, 0, 0]
        return found


def cumulants_at(sums: PowerSums, moments: Floats, shift: Floats) -> Floats:
    """First four cumulants of each group's amount, where all log odds are moved by a shift.

    Parameters
    ----------
    sums : PowerSums
    moments : array, shape (4,)
        Of the ratio of final to current amount.
    shift : array, shape (n_shifts,)
        In log odds, small: chances are followed to the fourth order, good to about 1.

    Returns
    -------
    array, shape (n_groups, n_shifts, 4)
    """
    moved = _moved(sums.sums, shift)
    g1, g2, g3, g4 = moments
    one, two, three, four = (moved[:, :, k, :] for k in range(4))
    first = g1 * one[..., 0]
    second = g2 * two[..., 0] - g1**2 * two[..., 1]
    third = g3 * three[..., 0] - 3 * g1 * g2 * three[..., 1] + 2 * g1**3 * three[..., 2]
    fourth = (
        g4 * four[..., 0]
        - (4 * g1 * g3 + 3 * g2**2) * four[..., 1]
        + 12 * g1**2 * g2 * four[..., 2]
        - 6 * g1**4 * four[..., 3]
    )
    return np.stack([first, second, third, fourth], axis=-1)


def _moved(sums: Floats, shift: Floats) -> Floats:
    """Sums of amount^k x p^m, m = 1 to 4, after the shift; shape (n_groups, n_shifts, 4, 4)."""
    current, factor = sums, np.ones_like(shift)
    derivatives, factors = [], []
    for order in range(_ORDER + 1):
        derivatives.append(current[:, :, :4])
        factors.append(factor)
        current = _derived(current)
        factor = factor * shift / (order + 1)
    found = np.stack(factors, axis=1) @ np.stack(derivatives).reshape(_ORDER + 1, -1)
    return np.ascontiguousarray(np.moveaxis(found.reshape(len(shift), len(sums), 4, 4), 0, 1))


def _derived(sums: Floats) -> Floats:
    """Derivative by the log odds: that of p^m is m (p^m - p^(m+1))."""
    powers = np.arange(1.0, sums.shape[2] + 1)
    following = np.concatenate([sums[:, :, 1:], np.zeros_like(sums[:, :, :1])], axis=2)
    found: Floats = powers * (sums - following)
    return found
