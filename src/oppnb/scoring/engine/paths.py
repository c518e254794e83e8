"""Parts of a probability, by Aumann and Shapley.

Walk straight from the typical deal to this one, and add up what each group of features moves on the way.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["logistic", "parts_along_logit", "spread_rest"]

Floats = npt.NDArray[np.float64]


def logistic(score: Floats) -> Floats:
    """1 / (1 + exp(-score)), without overflow.

    Examples
    --------
    >>> logistic(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(score))
    found: Floats = np.where(score >= 0, 1.0, small) / (1.0 + small)
    return found


def parts_along_logit(base_score: Floats, moves: Floats) -> tuple[Floats, Floats]:
    """Parts of logistic(base_score + sum of moves).

    For a function of a sum the path's integral has a closed form: each part is the whole difference times the move's
    share of all moves.

    Parameters
    ----------
    base_score : array, shape (n,)
    moves : array, shape (n, n_groups)

    Returns
    -------
    base : array, shape (n,)
        logistic(base_score).
    parts : array, shape (n, n_groups)
        base + parts.sum(axis=1) is the probability.

    References
    ----------
    .. [1] R. J. Aumann, L. S. Shapley, "Values of Non-Atomic Games", Princeton University Press, 1974.

    Examples
    --------
    >>> base, parts = parts_along_logit(np.array([0.0]), np.array([[2.0, -1.0]]))
    >>> base.round(3).tolist(), parts.round(3).tolist()  # logistic(1) = 0.731
    ([0.5], [[0.462, -0.231]])
    """
    move = moves.sum(axis=1)
    base = logistic(base_score)
    whole = logistic(base_score + move) - base
    # where groups cancel out, the limit of whole / move is the slope
    is_small = np.abs(move) < 1e-6
    slope = np.where(is_small, base * (1 - base), whole / np.where(is_small, 1.0, move))
    parts = moves * slope[:, None]
    return base, spread_rest(parts, whole)


def spread_rest(parts: Floats, whole: Floats) -> Floats:
    """Give each row's small rest (whole - sum of parts) to its parts by their size, so that they add up exactly."""
    rest = whole - parts.sum(axis=1)
    sizes = np.abs(parts)
    total = sizes.sum(axis=1, keepdims=True)
    shares = np.divide(sizes, total, out=np.full_like(parts, 1 / max(parts.shape[1], 1)), where=total > 0)
    found: Floats = parts + shares * rest[:, None]
    return found
