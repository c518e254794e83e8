"""Ridge logistic regression with weights and an offset, by Newton's method: plain arrays in, plain arrays out."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from oppnb.errors import ExtraMissingError

__all__ = ["LogisticFit", "fit_logistic", "shift_to_mean"]

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 50
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class LogisticFit:
    """What was learned.

    Attributes
    ----------
    coefficients : array, shape (1 + n_columns,)
        The intercept first.
    covariance : array, shape (1 + n_columns, 1 + n_columns)
        Inverse of the curvature of the penalised loss at its lowest point: the spread of the coefficients if the
        penalty is read as what was believed before.
    """

    coefficients: Floats
    covariance: Floats

    def moved(self, shift: float) -> "LogisticFit":
        """The same with another intercept."""
        return LogisticFit(np.concatenate([self.coefficients[:1] + shift, self.coefficients[1:]]), self.covariance)

    def logits(self, columns: Floats) -> Floats:
        """Intercept + columns x coefficients."""
        found: Floats = self.coefficients[0] + columns @ self.coefficients[1:]
        return found

    def variances(self, columns: Floats) -> Floats:
        """Variance of the logit of each row."""
        design = np.concatenate([np.ones((len(columns), 1)), columns], axis=1)
        found: Floats = np.einsum("ij,ij->i", design @ self.covariance, design)
        return found


def fit_logistic(
    columns: Floats,
    won: Floats,
    *,
    weight: Floats,
    penalty: float,
    intercept_penalty: float = 1e-6,
    offset: Floats | None = None,
) -> LogisticFit:
    """Find the coefficients with the least weighted log loss + penalty / 2 x sum of their squares.

    Parameters
    ----------
    columns : array of float, shape (n, p)
        Nothing missing.
    won : array of float, shape (n,)
        0 or 1, or between them where it is not known for certain.
    weight : array of float, shape (n,)
        At least 0.
    penalty, intercept_penalty : float
        Above 0; `penalty` is 1 / C of scikit-learn.
    offset : array of float, shape (n,), optional
        Logit that is there already; what is learned is added to it.

    Returns
    -------
    LogisticFit
        The same for the same input. Without rows, all zero.

    Raises
    ------
    ExtraMissingError
        If scikit-learn, with what sets the number of threads, is not installed.

    Examples
    --------
    >>> fit = fit_logistic(np.array([[0.0], [1.0]]), np.array([0.0, 1.0]), weight=np.ones(2), penalty=1.0)
    >>> fit.coefficients.round(3).tolist()
    [-0.222, 0.445]
    """
    with _one_thread():
        return _newton(columns, won, weight, (penalty, intercept_penalty), offset)


def _newton(
    columns: Floats, won: Floats, weight: Floats, penalties: tuple[float, float], offset: Floats | None
) -> LogisticFit:
    penalty, intercept_penalty = penalties
    design = np.concatenate([np.ones((len(columns), 1)), columns], axis=1)
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = intercept_penalty
    start = np.zeros(len(design)) if offset is None else offset
    beta = np.zeros(design.shape[1])
    loss, logits = _loss(beta, design, won, weight, ridge, start)
    for _ in range(_MOST_STEPS):
        chance = expit(logits)
        slope = design.T @ (weight * (chance - won)) + ridge * beta
        step = np.linalg.solve(_curvature(design, chance, weight, ridge), slope)
        lower, found = _descend(beta, step, loss, (design, won, weight, ridge, start))
        if found is None:
            break
        gain, (loss, logits), beta = loss - lower, found[1], found[0]
        if gain <= 1e-10 * (1 + abs(loss)):
            break
    covariance = np.linalg.inv(_curvature(design, expit(logits), weight, ridge))
    return LogisticFit(beta, np.asarray(covariance, dtype="float64"))


def _curvature(design: Floats, chance: Floats, weight: Floats, ridge: Floats) -> Floats:
    spread = np.sqrt(weight * chance * (1 - chance))[:, None]
    found: Floats = np.diag(ridge).astype("float64")
    for start in range(0, len(design), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        scaled = design[part] * spread[part]
        found += scaled.T @ scaled
    return found


def _one_thread() -> AbstractContextManager[object]:
    """One thread for the products of matrices: as many as the machine has give other last digits on each machine."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError as error:
        raise ExtraMissingError.for_extra("scoring", what="Logistic regression") from error
    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def _loss(
    beta: Floats, design: Floats, won: Floats, weight: Floats, ridge: Floats, start: Floats
) -> tuple[float, Floats]:
    logits = start + design @ beta
    data = weight * (np.logaddexp(0.0, logits) - won * logits)
    return float(data.sum() + 0.5 * (ridge * beta**2).sum()), logits


Problem = tuple[Floats, Floats, Floats, Floats, Floats]


def _descend(
    beta: Floats, step: Floats, loss: float, problem: Problem
) -> tuple[float, tuple[Floats, tuple[float, Floats]] | None]:
    """Go the whole step, or half of it, a quarter, … until the loss falls."""
    for halvings in range(20):
        there = beta - step / 2**halvings
        found = _loss(there, *problem)
        if found[0] < loss:
            return found[0], (there, found)
    return loss, None


def shift_to_mean(logits: Floats, mean: float, *, weight: Floats) -> float:
    """The number to add to every logit so that the mean probability is `mean`.

    Examples
    --------
    >>> round(shift_to_mean(np.array([-1.0, 1.0]), 0.5, weight=np.ones(2)), 6)
    0.0
    """
    from scipy.optimize import brentq

    if not len(logits) or not 0 < mean < 1:
        return 0.0
    total = weight.sum()
    return float(brentq(lambda shift: (weight * expit(logits + shift)).sum() / total - mean, -30.0, 30.0, xtol=1e-10))
