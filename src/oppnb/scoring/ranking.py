"""How good an order was: lift by decile, and how many of those one had time for were won."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import weighted_share, wilson
from oppnb.scoring.judged import Floats, Judged, judged
from oppnb.scoring.measures import equal_bins

__all__ = ["best_that_fit", "lift_by_decile", "precision_at_capacity", "rounds_of"]

_ROUND_DAYS = 28
_COLUMNS = {
    "decile": "int64",
    "n": "int64",
    "n_deals": "int64",
    "observed": "float64",
    "lift": "float64",
    "lift_low": "float64",
    "lift_high": "float64",
    "share_of_wins": "float64",
}


def lift_by_decile(
    won: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Win rate of each tenth of the deals, best score first, against that of all.

    Parameters
    ----------
    won, cluster, weight
        See `oppnb.scoring.judged.judged`.
    score : array-like of float, shape (n,)
        Higher is better; need not be a probability.

    Returns
    -------
    DataFrame
        One row a tenth (fewer where many scores are the same): `decile` (1 holds the best scores), `n`, `n_deals`,
        `observed` (share won), `lift` (against the share of all; 1 is no better), `lift_low`, `lift_high` (from
        Wilson's 95 % interval of the share with the deal as the unit, the share of all taken as known),
        `share_of_wins` (of all wins that lie in this tenth and the better ones, 0-1).

    Examples
    --------
    >>> lift_by_decile([True, True, False, False, False], [5, 4, 3, 2, 1])[["lift", "share_of_wins"]].values.tolist()
    [[2.5, 0.5], [2.5, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    """
    rows = ranked(won, score, cluster=cluster, weight=weight)
    tenths = equal_bins(-rows.p, rows.weight, 10)
    wins = float((rows.won * rows.weight).sum())
    share, found, above = wins / max(float(rows.weight.sum()), 1e-300), [], 0.0
    for number in range(int(tenths.max(initial=-1)) + 1):
        part = rows.take(tenths == number)
        above += float((part.won * part.weight).sum())
        found.append(_tenth(part, number + 1, share) | {"share_of_wins": above / wins if wins else math.nan})
    return pd.DataFrame(found, columns=list(_COLUMNS)).astype(_COLUMNS)


def _tenth(rows: Judged, number: int, share: float) -> dict[str, float]:
    observed = min(float(np.average(rows.won, weights=rows.weight)), 1.0)
    low, high = wilson(observed * rows.n_effective, rows.n_effective)
    lift, lift_low, lift_high = (value / share if share else math.nan for value in (observed, low, high))
    told = {"decile": number, "n": len(rows.p), "n_deals": rows.n_deals, "observed": observed}
    return told | {"lift": lift, "lift_low": lift_low, "lift_high": lift_high}


def precision_at_capacity(
    won: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    capacity: int,
    day: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> float:
    """Share won among the deals that are looked after, if there is time for so many of the best scores on each day.

    Parameters
    ----------
    won, weight
        See `oppnb.scoring.judged.judged`.
    score : array-like of float, shape (n,)
        Higher is better. Deals of the same score share the last places.
    capacity : int
        Deals that there is time for on a day, at least 1. A day with fewer takes them all.
    day : array-like, shape (n,), optional
        The day of each row; by default all are of one day.

    Returns
    -------
    float
        In [0, 1], over all places of all days. Higher is better; random choice gives the win rate. NaN without rows.

    Examples
    --------
    >>> precision_at_capacity([True, False, True, False], [0.9, 0.8, 0.7, 0.1], capacity=2)
    0.5
    >>> precision_at_capacity([True, False, True], [0.9, 0.8, 0.8], capacity=2)  # the second place is shared
    0.75
    """
    outcome, worth = np.asarray(won, dtype="float64"), np.asarray(score, dtype="float64")
    weights = np.ones(len(worth)) if weight is None else np.asarray(weight, dtype="float64")
    taken = _taken(worth, capacity, np.zeros(len(worth)) if day is None else np.asarray(day))
    total = math.fsum((taken * weights).tolist())
    return math.fsum((taken * weights * outcome).tolist()) / total if total > 0 else math.nan


def best_that_fit(
    won: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    capacity: int | None = None,
    day: pd.Series | None = None,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """`precision_at_capacity` of rows in which each deal is looked at every fourth week, with its interval.

    The places are given to the best of all deals of such a round of four weeks: on a single day of it only a quarter
    of the open deals has a row.

    Parameters
    ----------
    won, score, cluster, weight
        As in `lift_by_decile`.
    capacity : int, optional
        Deals that there is time for at once; by default a tenth of those of a round.
    day : Series of datetime, optional
        The day of each row; by default, or where days are not known, all rows are one round.

    Returns
    -------
    dict
        `capacity`, `is_declared` (False for a tenth), `precision` with `low`, `high` (95 %, the deal as the unit),
        `win_rate` of all rows (what choosing at random gives), `n_rounds`, `n_open` (deals of a round, on average),
        `n_closed` (deals that the precision rests on).

    Examples
    --------
    >>> found = best_that_fit([True, False, True, False], [0.9, 0.8, 0.7, 0.1], capacity=2)
    >>> found["precision"], found["win_rate"], found["n_rounds"]
    (0.5, 0.5, 1)
    """
    worth = np.asarray(score, dtype="float64")
    outcome = np.asarray(won, dtype="float64")
    weights = np.ones(len(worth)) if weight is None else np.asarray(weight, dtype="float64")
    deals = np.arange(len(worth)) if cluster is None else pd.factorize(np.asarray(cluster))[0]
    rounds = np.zeros(len(worth), dtype="int64") if day is None else rounds_of(day)
    n_rounds = len(np.unique(rounds))
    n_open = len(worth) / max(n_rounds, 1)
    places = capacity or max(1, round(n_open / 10))
    shares = _taken(worth, places, rounds) * weights
    by_deal = np.bincount(deals, weights=shares, minlength=1).astype("float64")
    is_won = np.bincount(deals, weights=outcome, minlength=1) > 0
    precision, low, high = weighted_share(is_won.astype("float64"), by_deal) or (math.nan,) * 3
    total = math.fsum(weights.tolist())
    return {
        "capacity": places,
        "is_declared": capacity is not None,
        "precision": precision,
        "low": low,
        "high": high,
        "win_rate": math.fsum((weights * outcome).tolist()) / total if total > 0 else math.nan,
        "n_rounds": n_rounds,
        "n_open": n_open,
        "n_closed": int((by_deal > 0).sum()),
    }


def rounds_of(day: pd.Series) -> npt.NDArray[np.int64]:
    """The round of four weeks in which each day lies, from 0; all 0 where days are not known.

    Examples
    --------
    >>> rounds_of(pd.Series(pd.to_datetime(["2024-01-05", "2024-01-26", "2024-02-02"]))).tolist()
    [0, 0, 1]
    """
    if day.isna().any() or not len(day):
        return np.zeros(len(day), dtype="int64")
    found: npt.NDArray[np.int64] = ((day - day.min()).dt.days // _ROUND_DAYS).to_numpy(dtype="int64")
    return found


def _taken(score: Floats, capacity: int, day: npt.NDArray[Any]) -> Floats:
    """The share of a place that each row gets."""
    taken = np.zeros(len(score))
    for one in pd.unique(day):
        mine = np.flatnonzero(day == one)
        taken[mine] = _places(score[mine], capacity)
    return taken


def _places(score: Floats, capacity: int) -> Floats:
    """The share of a place that each gets: 1 above the last score that fits, the rest spread over that score."""
    if len(score) <= capacity:
        return np.ones(len(score))
    last = np.sort(score)[::-1][capacity - 1]
    above, equal = score > last, score == last
    found: Floats = np.where(above, 1.0, np.where(equal, (capacity - above.sum()) / equal.sum(), 0.0))
    return found


def ranked(
    won: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
) -> Judged:
    """Outcomes beside scores of any scale, for measures of the order only: `p` is the rank, between 0 and 1."""
    worth = np.asarray(score, dtype="float64")
    _, at = np.unique(worth, return_inverse=True)
    place = (at + 1.0) / (float(at.max(initial=0)) + 2.0)
    return judged(won, np.where(np.isnan(worth), np.nan, place), cluster=cluster, weight=weight)
