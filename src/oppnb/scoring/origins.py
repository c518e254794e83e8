"""The days on which a model is trained anew in a backtest."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.watching import days_watched, known_ends, watch_rows

__all__ = ["Origin", "rolling_origins"]

Days = npt.NDArray[np.datetime64]

_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True)
class Origin:
    """A day of training, and the rows that its model is judged on.

    Attributes
    ----------
    day : date
        Everything that was known at its end may be learnt from.
    test : array of bool, shape (n,)
        Rows from this day on, before the next origin.
    """

    day: date
    test: npt.NDArray[np.bool_]


def rolling_origins(
    rows: ScoringRows, *, until: date, n_origins: int = 6, not_before: date | None = None
) -> tuple[Origin, ...]:
    """Days of training, evenly spread over the time in which a backtest can say something.

    It begins when a fifth of the closed deals were closed (and at least 20, five won and five lost; a young or thin
    history begins with fewer) and ends when a row was watched for the median time that a deal still takes, so that
    most ends are known.

    Parameters
    ----------
    rows : ScoringRows
        With days and ends.
    until : date
        The day of knowledge of the ends.
    n_origins : int
        At most so many.
    not_before : date, optional
        No origin lies before this day, and the first is this day or the next one with rows: the training day of a
        model that is judged as it is.

    Returns
    -------
    tuple of Origin
        In order; none where no day leaves something to learn from and something to judge.
    """
    as_of = rows.keys["as_of"].to_numpy(dtype="datetime64[us]")
    last = _last_test_day(rows, until)
    days = np.unique(as_of[as_of <= last])
    if not_before is not None:
        days = days[days >= np.datetime64(not_before, "us")]
    for wanted in [_WHOLE, _HALF, _ANY] if not_before is None else [_ANY]:
        enough = days[days > _first_day(rows, as_of, wanted)] if not_before is None else days
        if len(enough):
            return _spread(enough, as_of, last, n_origins)
    return ()


@dataclass(frozen=True)
class _Enough:
    share: float
    n_closed: int
    n_each: int


_WHOLE, _HALF, _ANY = _Enough(0.2, 20, 5), _Enough(0.1, 10, 2), _Enough(0.0, 2, 0)


def _last_test_day(rows: ScoringRows, until: date) -> np.datetime64:
    days = known_ends(rows)["days_to_end"].to_numpy(dtype="float64")
    median = watch_rows(days, rows.is_closed, row_weight=row_weights(rows)).median_days
    whole = float(days_watched(rows, until).max())
    needed = min(median if math.isfinite(median) else math.inf, whole / 2)
    return np.datetime64(until, "us") - np.timedelta64(max(math.ceil(needed), 1), "D")


def _first_day(rows: ScoringRows, as_of: Days, wanted: _Enough) -> np.datetime64:
    """The day by whose end enough deals were closed; a day never reached if there are not so many."""
    closed = pd.DataFrame(
        {
            "deal": rows.keys["opportunity_id"],
            "on": as_of
            + np.ceil(known_ends(rows)["days_to_end"].fillna(0).to_numpy(dtype="float64")).astype("int64") * _DAY,
            "won": rows.is_won,
        }
    )[rows.is_closed]
    closed = closed.groupby("deal", sort=True).agg({"on": "max", "won": "max"}).sort_values("on", kind="stable")
    n_needed = max(wanted.n_closed, math.ceil(wanted.share * len(closed)))
    reached = [_nth(closed["on"], n_needed)]
    reached += [_nth(closed.loc[closed["won"] == end, "on"], wanted.n_each) for end in (True, False)]
    return max(reached)


def _nth(days: pd.Series, n: int) -> np.datetime64:
    if n == 0:
        return np.datetime64("1900-01-01", "us")
    return days.to_numpy(dtype="datetime64[us]")[n - 1] if len(days) >= n else np.datetime64("2999-12-31", "us")


def _spread(days: Days, as_of: Days, last: np.datetime64, n_origins: int) -> tuple[Origin, ...]:
    wanted = days[0] + (last - days[0]) * np.arange(n_origins) / n_origins
    chosen = np.unique(days[np.minimum(np.searchsorted(days, wanted), len(days) - 1)])
    after = np.append(chosen[1:], last + _DAY)
    return tuple(
        Origin(pd.Timestamp(day).date(), (as_of >= day) & (as_of < end)) for day, end in zip(chosen, after, strict=True)
    )
