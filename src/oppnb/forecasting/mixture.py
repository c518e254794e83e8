"""Distributions of groups of deals from what adds up: a shared shock, and Cornish-Fisher for the rest."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.distribution import Distribution

__all__ = ["SHOCKS", "shock_shares", "spread_out"]

Floats = npt.NDArray[np.float64]

_Z: Floats = np.linspace(-4.5, 4.5, 73)
SHOCKS: Floats = np.linspace(-4.0, 4.0, 33)
"""Values of the shared shock, in standard deviations, over which groups are mixed."""
_FINEST = 24
_MOST_SKEW = 1.2
_MOST_KURTOSIS = 4.0


def shock_shares() -> Floats:
    """Probability of each of `SHOCKS`; adds up to 1."""
    return _normal(SHOCKS)


def _normal(points: Floats) -> Floats:
    found: Floats = np.exp(-(points**2) / 2)
    return np.asarray(found / found.sum())


def spread_out(cumulants: Floats) -> Distribution:
    """The distribution of a group whose cumulants are known for each value of the shock.

    Parameters
    ----------
    cumulants : array, shape (n_shocks, 4)
        At `SHOCKS`.

    References
    ----------
    .. [1] E. A. Cornish, R. A. Fisher, "Moments and Cumulants in the Specification of Distributions", Revue de
       l'Institut International de Statistique 5, 1938, pp. 307-320.
    """
    shocks, cumulants = _as_fine_as_needed(cumulants)
    mean, variance, third, fourth = cumulants.T
    sd = np.sqrt(np.maximum(variance, 0.0))
    safe = np.where(sd > 0, sd, 1.0)
    skew = np.clip(third / safe**3, -_MOST_SKEW, _MOST_SKEW)[:, None]
    kurtosis = np.clip(fourth / safe**4, -1.0, _MOST_KURTOSIS)[:, None]
    z = _Z[None, :]
    bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * kurtosis / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    values = mean[:, None] + sd[:, None] * np.maximum.accumulate(bent, axis=1)
    shares = _normal(shocks)[:, None] * _normal(_Z)[None, :]
    return Distribution.of(np.maximum(values, 0.0).ravel(), shares.ravel())


def _as_fine_as_needed(cumulants: Floats) -> tuple[Floats, Floats]:
    """Where the shock outweighs the rest, steps between its values would show: more of them, along a smooth curve."""
    apart = float(np.abs(np.diff(cumulants[:, 0])).max(initial=0.0))
    narrow = float(np.sqrt(max(cumulants[:, 1].min(initial=0.0), 0.0)))
    times = int(min(np.ceil(2 * apart / narrow), _FINEST)) if narrow > 0 else 1
    if times <= 1:
        return SHOCKS, cumulants
    from scipy.interpolate import CubicSpline

    shocks: Floats = np.linspace(SHOCKS[0], SHOCKS[-1], (len(SHOCKS) - 1) * times + 1)
    found: Floats = CubicSpline(SHOCKS, cumulants, axis=0)(shocks)
    return shocks, found
