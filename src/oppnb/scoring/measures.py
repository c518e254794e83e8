"""How good probabilities were: AUC, log loss, Brier score and skill, calibration, each with an interval over deals."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from oppnb.scoring.judged import Estimate, Floats, Judged, judged, logit, sigmoid

__all__ = [
    "MEASURES",
    "auc",
    "brier",
    "brier_skill",
    "calibration_intercept",
    "calibration_slope",
    "ece",
    "log_loss",
    "measure_predictions",
    "recalibration",
]

_MAX_STEPS = 50
_N_BINS = 10


def auc(won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None) -> float:
    """Probability that a won deal was given more than a lost one; a tie counts one half.

    Parameters
    ----------
    won, win_probability, weight
        See `oppnb.scoring.judged.judged`.

    Returns
    -------
    float
        1 for perfect order, 0.5 for none. Higher is better. NaN unless deals were both won and lost.

    References
    ----------
    .. [1] J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
       curve", Radiology 143, 1982, pp. 29-36.

    Examples
    --------
    >>> auc([True, False, True, False], [0.8, 0.1, 0.6, 0.6])
    0.875
    """
    return auc_estimate(judged(won, win_probability, weight=weight)).value


def log_loss(won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None) -> float:
    """Mean of -log of the probability that was given to what happened.

    A probability nearer to 0 or 1 than one in a million counts as one in a million, so that a single certain mistake
    costs 13.8 and not infinity.

    Returns
    -------
    float
        0 for perfect foresight, 0.693 for always one half. Lower is better. NaN without rows.

    Examples
    --------
    >>> round(log_loss([True, False], [0.8, 0.4]), 3)
    0.367
    """
    return log_loss_estimate(judged(won, win_probability, weight=weight)).value


def brier(won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None) -> float:
    """Mean squared distance between the probability and what happened (1 won, 0 lost).

    Returns
    -------
    float
        0 for perfect foresight, 0.25 for always one half. Lower is better. NaN without rows.

    References
    ----------
    .. [1] G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78(1),
       1950, pp. 1-3.

    Examples
    --------
    >>> round(brier([True, False], [0.8, 0.4]), 3)
    0.1
    """
    return brier_estimate(judged(won, win_probability, weight=weight)).value


def brier_skill(
    won: npt.ArrayLike,
    win_probability: npt.ArrayLike,
    *,
    base_rate: float | npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> float:
    """Share of the base rate's Brier score that the predictions remove.

    Parameters
    ----------
    won, win_probability, weight
        See `oppnb.scoring.judged.judged`.
    base_rate : float or array-like of shape (n,), optional
        Win rate of the reference, in [0, 1]. By default the mean of `won`, which looks at the outcomes being judged:
        pass the training window's rate when you compare models over time.

    Returns
    -------
    float
        1 for perfect foresight, 0 for no better than the base rate, below 0 for worse. Higher is better.

    Examples
    --------
    >>> round(brier_skill([True, False, True, False], [0.8, 0.1, 0.6, 0.3]), 3)
    0.7
    """
    rows = judged(won, win_probability, weight=weight)
    return skill_estimate(rows, _reference(base_rate, won, weight)).value


def ece(
    won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None, n_bins: int = _N_BINS
) -> float:
    """Expected calibration error: mean distance between stated and observed share over bins of equal weight.

    It is never 0 for a finite number of deals, not even for perfect probabilities, and grows with the number of bins:
    see `ece_by_chance` of `measure_predictions` before you read anything into it.

    Returns
    -------
    float
        In [0, 1]. Lower is better.

    Examples
    --------
    >>> round(ece([True, True, False, False], [0.9, 0.7, 0.3, 0.1], n_bins=2), 3)
    0.2
    """
    return _ece(judged(won, win_probability, weight=weight), n_bins)[0]


def calibration_slope(
    won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> float:
    """Slope of the log odds of winning on the log odds stated.

    Returns
    -------
    float
        1 is right; below 1 the probabilities are too far from each other (overconfident), above 1 too near. NaN where
        it cannot be told: all won or all lost, all probabilities the same, or won and lost fully apart.

    References
    ----------
    .. [1] D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45, 1958, pp. 562-565.

    Examples
    --------
    >>> round(calibration_slope([True, False, True, False, False, True], [0.8, 0.7, 0.6, 0.4, 0.3, 0.2]), 2)
    0.29
    """
    return recalibration(judged(won, win_probability, weight=weight))[1].value


def calibration_intercept(
    won: npt.ArrayLike, win_probability: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> float:
    """Shift in log odds that makes the stated probabilities right on the whole (calibration in the large).

    Returns
    -------
    float
        0 is right; above 0 more was won than stated. NaN if all were won or all lost.

    References
    ----------
    .. [1] B. Van Calster et al., "Calibration: the Achilles heel of predictive analytics", BMC Medicine 17, 2019, 230.

    Examples
    --------
    >>> round(calibration_intercept([True, True, True, False], [0.5, 0.5, 0.5, 0.5]), 3)  # log odds of 3 to 1
    1.099
    """
    return intercept_estimate(judged(won, win_probability, weight=weight)).value


def measure_predictions(
    won: npt.ArrayLike,
    win_probability: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    base_rate: float | npt.ArrayLike | None = None,
    level: float = 0.95,
) -> dict[str, float]:
    """All measures of probabilities against outcomes, with intervals that take the deal as the unit.

    Parameters
    ----------
    won, win_probability, cluster, weight
        See `oppnb.scoring.judged.judged`.
    base_rate : float or array-like of shape (n,), optional
        Reference of the skill, see `brier_skill`.
    level : float
        Of the intervals, 0.95 by default.

    Returns
    -------
    dict
        `n` (rows with a known end), `n_deals`, `n_effective`; each of `MEASURES` and its `_low`, `_high` (Student's
        limits from the infinitesimal jackknife over deals; null with fewer than two deals); `ece` and `ece_by_chance`,
        what the ECE of perfect probabilities would be on average with so many deals.

    Examples
    --------
    >>> told = measure_predictions([True, False, True, False] * 25, [0.8, 0.1, 0.6, 0.3] * 25)
    >>> told["auc"], round(told["log_loss"], 3), round(told["log_loss_low"], 3), round(told["log_loss_high"], 3)
    (1.0, 0.299, 0.269, 0.329)
    """
    rows = judged(won, win_probability, cluster=cluster, weight=weight)
    found: dict[str, float] = {"n": len(rows.p), "n_deals": rows.n_deals, "n_effective": rows.n_effective}
    reference = _reference(base_rate, won, weight)
    for name, estimate_of in MEASURES.items():
        estimate = skill_estimate(rows, reference) if name == "brier_skill" else estimate_of(rows)
        low, high = limits(name, estimate, rows, level=level)
        found |= {name: estimate.value, f"{name}_low": low, f"{name}_high": high}
    found["ece"], found["ece_by_chance"] = _ece(rows, _N_BINS)
    return found


def limits(name: str, estimate: Estimate, rows: Judged, *, level: float) -> tuple[float, float]:
    """Limits of a measure; those of the AUC are made on its log odds and those of a loss are not below 0."""
    error = estimate.standard_error(rows.deal)
    if not math.isfinite(error):
        return math.nan, math.nan
    from scipy.special import stdtrit

    reach = float(stdtrit(rows.n_deals - 1, 0.5 + level / 2))
    if name == "auc":
        return _auc_limits(estimate.value, error, rows, reach)
    low, high = estimate.value - reach * error, estimate.value + reach * error
    return (max(low, 0.0), high) if name in {"log_loss", "brier"} else (low, high)


def _auc_limits(value: float, error: float, rows: Judged, reach: float) -> tuple[float, float]:
    if value in {0.0, 1.0}:  # no row moves it: rule of three with the rarer end
        n_ends = [len(np.unique(rows.deal[rows.won == end])) for end in (0.0, 1.0)]
        edge = min(3.0 / min(n_ends), 1.0)
        return (1 - edge, 1.0) if value == 1.0 else (0.0, edge)
    odds = math.log(value / (1 - value))
    step = reach * error / (value * (1 - value))
    low, high = sigmoid(np.array([odds - step, odds + step])).tolist()
    return low, high


def auc_estimate(rows: Judged) -> Estimate:
    """AUC from weighted mid-ranks, with DeLong's components as influences."""
    total = [float(rows.weight[rows.won == end].sum()) for end in (0.0, 1.0)]
    if min(total) <= 0:
        return Estimate(math.nan, np.zeros(len(rows.p)))
    _, at = np.unique(rows.p, return_inverse=True)
    lost = np.bincount(at, weights=rows.weight * (1 - rows.won))
    won = np.bincount(at, weights=rows.weight * rows.won)
    lost_below = (np.cumsum(lost) - lost / 2) / total[0]
    won_above = 1 - (np.cumsum(won) - won / 2) / total[1]
    value = min(max(math.fsum((won * lost_below).tolist()) / total[1], 0.0), 1.0)
    share = np.where(rows.won == 1, lost_below[at], won_above[at]) - value
    return Estimate(value, rows.weight * share / np.where(rows.won == 1, total[1], total[0]))


def log_loss_estimate(rows: Judged) -> Estimate:
    """Mean log loss."""
    return _mean(row_log_loss(rows.won, rows.p), rows)


def row_log_loss(won: Floats, p: Floats) -> Floats:
    """Log loss of each row."""
    odds = logit(p)
    found: Floats = np.logaddexp(0.0, np.where(won == 1, -odds, odds))
    return found


def brier_estimate(rows: Judged) -> Estimate:
    """Mean squared distance."""
    return _mean((rows.won - rows.p) ** 2, rows)


def skill_estimate(rows: Judged, reference: Floats | None = None) -> Estimate:
    """1 - Brier / Brier of the reference (by default the mean of the outcomes, whose own influence is then 0)."""
    if not len(rows.p):
        return Estimate(math.nan, np.zeros(0))
    base = np.full(len(rows.p), np.average(rows.won, weights=rows.weight)) if reference is None else reference
    own, other = brier_estimate(rows), _mean((rows.won - base) ** 2, rows)
    if other.value <= 0:
        return Estimate(math.nan, np.zeros(len(rows.p)))
    share = own.value / other.value
    return Estimate(1 - share, -(own.influence - share * other.influence) / other.value)


def slope_estimate(rows: Judged) -> Estimate:
    """Slope of the logistic recalibration."""
    return recalibration(rows)[1]


def intercept_estimate(rows: Judged) -> Estimate:
    """Intercept with the slope held at 1."""
    return _logistic(rows, np.ones((len(rows.p), 1)), offset=logit(rows.p))[0]


def recalibration(rows: Judged) -> tuple[Estimate, Estimate]:
    """Intercept and slope of the logistic recalibration, fitted together: log odds = intercept + slope x stated."""
    odds = logit(rows.p)
    if len(rows.p) and float(np.ptp(odds)) < 1e-9:
        nothing = Estimate(math.nan, np.zeros(len(rows.p)))
        return nothing, nothing
    intercept, slope = _logistic(rows, np.column_stack([np.ones(len(rows.p)), odds]), offset=np.zeros(len(rows.p)))
    return intercept, slope


def _logistic(rows: Judged, x: Floats, *, offset: Floats) -> list[Estimate]:
    """Weighted logistic regression by Newton's method; NaN where it has no finite solution."""
    n_columns = x.shape[1]
    nothing = [Estimate(math.nan, np.zeros(len(rows.p)))] * n_columns
    if len(np.unique(rows.won)) < 2:
        return nothing
    beta, scale = np.zeros(n_columns), float(rows.weight.sum())
    for _ in range(_MAX_STEPS):
        p = sigmoid(x @ beta + offset)
        score = x * ((rows.won - p) * rows.weight)[:, None]
        information = (x * (p * (1 - p) * rows.weight)[:, None]).T @ x
        if np.linalg.cond(information) > 1e12:
            return nothing
        step = np.linalg.solve(information, score.sum(axis=0))
        largest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / max(largest, 1e-300))
        if largest < 1e-9:
            break
    else:
        return nothing
    if float(np.abs(score.sum(axis=0)).max()) > 1e-6 * scale or float(np.abs(beta).max()) > 100:
        return nothing
    influence = np.linalg.solve(information, score.T)
    return [Estimate(float(beta[i]), influence[i]) for i in range(n_columns)]


def _mean(values: Floats, rows: Judged) -> Estimate:
    total = math.fsum(rows.weight.tolist())
    if total <= 0:
        return Estimate(math.nan, np.zeros(len(values)))
    value = math.fsum((values * rows.weight).tolist()) / total
    return Estimate(value, rows.weight * (values - value) / total)


def equal_bins(p: Floats, weight: Floats, n_bins: int) -> npt.NDArray[np.int64]:
    """Bins of about equal weight by rising probability, numbered from 0; equal probabilities stay together."""
    values, at = np.unique(p, return_inverse=True)
    of_values = np.bincount(at, weights=weight, minlength=len(values))
    middle = np.cumsum(of_values) - of_values / 2
    raw = np.minimum((n_bins * middle / max(of_values.sum(), 1e-300)).astype("int64"), n_bins - 1)
    return np.asarray(np.unique(raw, return_inverse=True)[1][at], dtype="int64")


def _ece(rows: Judged, n_bins: int) -> tuple[float, float]:
    """The ECE, and what it would be on average if each bin's stated mean were the truth."""
    if not len(rows.p):
        return math.nan, math.nan
    bins = equal_bins(rows.p, rows.weight, n_bins)
    total, found, by_chance = float(rows.weight.sum()), 0.0, 0.0
    for number in range(int(bins.max()) + 1):
        part = rows.take(bins == number)
        share = float(part.weight.sum()) / total
        stated, observed = (float(np.average(values, weights=part.weight)) for values in (part.p, part.won))
        found += share * abs(observed - stated)
        by_chance += share * math.sqrt(2 / math.pi * stated * (1 - stated) / part.n_effective)
    return found, by_chance


def _reference(
    base_rate: float | npt.ArrayLike | None, won: npt.ArrayLike, weight: npt.ArrayLike | None
) -> Floats | None:
    """The reference's probability for the rows that count."""
    if base_rate is None:
        return None
    n = len(np.asarray(won))
    every = np.broadcast_to(np.asarray(base_rate, dtype="float64"), (n,))
    return every if weight is None else every[np.asarray(weight, dtype="float64") > 0]


MEASURES: dict[str, Callable[[Judged], Estimate]] = {
    "auc": auc_estimate,
    "log_loss": log_loss_estimate,
    "brier": brier_estimate,
    "brier_skill": skill_estimate,
    "calibration_slope": slope_estimate,
    "calibration_intercept": intercept_estimate,
}
"""Measures that have an interval, by the name of their column."""
