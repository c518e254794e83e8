"""Times that are not over yet: Kaplan-Meier medians and cumulative incidence with a competing end."""

import math
import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics.figure import Figure, FigureOf, column_of
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.intervals import Z, wilson

__all__ = [
    "cumulative_incidence",
    "incidence_in_the_end",
    "incidence_within",
    "kaplan_meier_median",
    "log_log_limits",
    "median_survival",
    "survival_quantile",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def median_survival(days: Floats, is_over: Bools) -> tuple[float | None, float | None, float | None]:
    """Kaplan-Meier median of durations of which some still run, with its 95 % interval.

    Parameters
    ----------
    days : array of float, shape (n,)
        How long each has lasted so far, >= 0.
    is_over : array of bool, shape (n,)
        Whether it has ended; the others are censored at `days`.

    Returns
    -------
    tuple of float or None
        Median, low, high. A limit is None where the curve (or its band) never falls to one half.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American
       Statistical Association 53, 1958, pp. 457-481.
    .. [2] R. Brookmeyer, J. Crowley, "A confidence interval for the median survival time", Biometrics 38, 1982,
       pp. 29-41 (with log-log limits).

    Examples
    --------
    >>> median_survival(np.array([1.0, 2.0, 3.0, 4.0, 10.0]), np.array([True, True, True, True, False]))
    (3.0, 1.0, None)
    """
    if not is_over.any():
        return None, None, None
    from scipy import stats

    survival = stats.ecdf(stats.CensoredData(uncensored=days[is_over], right=days[~is_over])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # scipy warns that log-log limits do not exist where the curve is at 1 or 0; both are handled below.
        warnings.simplefilter("ignore", RuntimeWarning)
        band = survival.confidence_interval(method="log-log")
    curve = np.asarray(survival.probabilities)
    low = np.where(curve <= 0, 0.0, np.nan_to_num(band.low.probabilities, nan=1.0))
    high = np.nan_to_num(band.high.probabilities, nan=1.0)
    times = np.asarray(survival.quantiles)
    return _first_at_half(times, curve), _first_at_half(times, low), _first_at_half(times, high)


def survival_quantile(days: Floats, is_over: Bools, share: float) -> float | None:
    """Days within which that share has ended, by Kaplan and Meier; None where so many never ended.

    Parameters
    ----------
    days : array of float, shape (n,)
        How long each has lasted so far, >= 0.
    is_over : array of bool, shape (n,)
        Whether it has ended; the others are censored at `days`.
    share : float
        In (0, 1): 0.5 for the median, 0.8 for what four of five do not exceed.

    Examples
    --------
    >>> survival_quantile(np.array([1.0, 2.0, 3.0, 4.0, 10.0]), np.array([True, True, True, True, False]), 0.8)
    4.0
    """
    if not is_over.any():
        return None
    from scipy import stats

    survival = stats.ecdf(stats.CensoredData(uncensored=days[is_over], right=days[~is_over])).sf
    reached = np.flatnonzero(np.asarray(survival.probabilities) <= 1 - share + 1e-12)
    return float(survival.quantiles[reached[0]]) if len(reached) else None


def _first_at_half(times: Floats, curve: Floats) -> float | None:
    reached = np.flatnonzero(curve <= 0.5 + 1e-12)
    return float(times[reached[0]]) if len(reached) else None


def kaplan_meier_median(days: str, is_over: str) -> FigureOf:
    """Make a figure for the median of the column `days`, rows whose `is_over` is false being censored."""

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        lasted, over = column_of(rows, days), rows[is_over].to_numpy(dtype=bool)
        usable = lasted >= 0
        n, n_missing, n_open = int(usable.sum()), int((~usable).sum()), int((~over[usable]).sum())
        if n == 0:
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        value, low, high = median_survival(lasted[usable], over[usable])
        note = "median_not_reached" if value is None else None
        return Figure(value, n, low, high, n_missing, n_open, note)

    return figure


def cumulative_incidence(
    days: Floats, end: npt.NDArray[np.int_], *, horizon: float
) -> tuple[float, float, float] | None:
    """Probability of ending in way 1 within a horizon while way 2 may come first (Aalen-Johansen).

    Parameters
    ----------
    days : array of float, shape (n,)
        How long each has lasted so far, >= 0.
    end : array of int, shape (n,)
        0 not over yet (censored at `days`), 1 ended in the way of interest, 2 ended otherwise.
    horizon : float
        Days; an end on the horizon counts.

    Returns
    -------
    tuple of float, or None
        Probability, low, high in [0, 1]; None if nobody was followed to the horizon while some had not ended.
        Low and high are log-log limits with the delta-method variance; without a single event (or with nothing
        but events) they are Wilson's limits for those followed that far.

    References
    ----------
    .. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for nonhomogeneous Markov chains based on
       censored observations", Scandinavian Journal of Statistics 5, 1978, pp. 141-150.
    .. [2] E. Marubini, M. G. Valsecchi, Analysing Survival Data from Clinical Trials and Observational Studies,
       Wiley, 1995, section 10.2 (variance).

    Examples
    --------
    >>> value, low, high = cumulative_incidence(
    ...     np.array([10.0, 20.0, 30.0, 40.0, 50.0]), np.array([1, 2, 1, 0, 2]), horizon=30
    ... )
    >>> round(value, 3)
    0.4
    """
    if len(days) == 0:
        return None
    ended = (end > 0) & (days <= horizon)
    n_followed = int((ended | (days >= horizon)).sum())
    if not (days >= horizon).any() and not _all_ended(days, end):
        return None
    times, at = np.unique(days[ended], return_inverse=True)
    n_ways = np.asarray(np.bincount(at, minlength=len(times)), dtype="float64")
    n_first = np.asarray(np.bincount(at, weights=end[ended] == 1, minlength=len(times)), dtype="float64")
    at_risk: Floats = len(days) - np.searchsorted(np.sort(days), times, side="left").astype(np.float64)
    value, variance = _incidence_and_variance(at_risk, n_ways, n_first)
    if value <= 0 or value >= 1:
        edge = 0.0 if value <= 0 else 1.0
        return edge, *wilson(edge * n_followed, n_followed)
    return value, *log_log_limits(value, math.sqrt(variance))


def _all_ended(days: Floats, end: npt.NDArray[np.int_]) -> bool:
    """Whether the curve runs to the end: the longest of all is over, so nobody is left to follow."""
    return bool((end[days == days.max()] > 0).all())


def _incidence_and_variance(at_risk: Floats, n_ways: Floats, n_first: Floats) -> tuple[float, float]:
    if not len(at_risk):
        return 0.0, 0.0
    before = np.concatenate([[1.0], np.cumprod(1 - n_ways / at_risk)[:-1]])
    reached = np.cumsum(before * n_first / at_risk)
    ahead = reached[-1] - reached
    left = at_risk * (at_risk - n_ways)
    hazard = np.divide(n_ways, left, out=np.zeros_like(left), where=left > 0)
    variance = (
        ahead**2 * hazard
        + before**2 * (at_risk - n_first) * n_first / at_risk**3
        - 2 * ahead * before * n_first / at_risk**2
    )
    return min(float(reached[-1]), 1.0), max(math.fsum(variance.tolist()), 0.0)


def log_log_limits(value: float, error: float) -> tuple[float, float]:
    """95 % limits of a probability inside (0, 1) with its standard error; they stay inside.

    Examples
    --------
    >>> [round(limit, 2) for limit in log_log_limits(0.5, 0.1)]
    [0.3, 0.67]
    """
    reach = Z * error / (value * abs(math.log(value)))
    return float(value ** math.exp(min(reach, 700.0))), float(value ** math.exp(-min(reach, 700.0)))


def incidence_within(days: str, end: str, *, horizon: float) -> FigureOf:
    """Make a figure for the probability of ending in way 1 within `horizon` days."""

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        lasted, ends = column_of(rows, days), rows[end].to_numpy(dtype="int64")
        usable = lasted >= 0
        n, n_missing = int(usable.sum()), int((~usable).sum())
        if n == 0:
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        n_open = int(((ends == 0) & (lasted < horizon) & usable).sum())
        found = cumulative_incidence(lasted[usable], ends[usable], horizon=horizon)
        if found is None:
            return Figure(None, n, n_missing=n_missing, n_open=n_open, note="horizon_not_reached")
        return Figure(found[0], n, found[1], found[2], n_missing, n_open)

    return figure


def incidence_in_the_end(days: str, end: str) -> FigureOf:
    """Make a figure for the probability of ending in way 1 sooner or later, as far as anybody was followed.

    Those not over yet are counted as undecided (`n_open`) and censored, neither left out nor taken for a failure.
    """

    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        lasted, ends = column_of(rows, days), rows[end].to_numpy(dtype="int64")
        usable = lasted >= 0
        n, n_missing, n_open = int(usable.sum()), int((~usable).sum()), int((ends[usable] == 0).sum())
        if n == 0:
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        found = cumulative_incidence(lasted[usable], ends[usable], horizon=float(lasted[usable].max()))
        if found is None or n_open == n:
            return Figure(None, n, n_missing=n_missing, n_open=n_open, note="nothing_decided")
        return Figure(found[0], n, found[1], found[2], n_missing, n_open)

    return figure
