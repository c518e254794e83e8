"""Curves by date as columns: `won_by_28` is the probability of being won within 28 days of the row's day."""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.close_pace import ClosePace

__all__ = ["curve_columns", "curve_name", "has_curve", "won_within"]

Floats = npt.NDArray[np.float64]
_NAME = re.compile(r"won_by_(\d+)")


def curve_name(days: float) -> str:
    """The column of a number of days.

    Examples
    --------
    >>> curve_name(28.0)
    'won_by_28'
    """
    return f"won_by_{round(days)}"


def curve_columns(columns: Iterable[object]) -> dict[str, float]:
    """The columns of a curve and their days, the nearest first.

    Examples
    --------
    >>> curve_columns(["as_of", "won_by_28", "won_by_7"])
    {'won_by_7': 7.0, 'won_by_28': 28.0}
    """
    found = {str(name): match for name in columns if (match := _NAME.fullmatch(str(name)))}
    return dict(sorted(((name, float(match[1])) for name, match in found.items()), key=lambda pair: pair[1]))


def has_curve(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether each row has a curve, all of it; shape (n,)."""
    names = list(curve_columns(rows.columns))
    if not names:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(rows[names].notna().all(axis="columns"))


def won_within(rows: pd.DataFrame, days: float | Floats, *, pace: ClosePace | None = None) -> Floats:
    """Probability of being won within so many days of the row's day; between two points of the curve day by day.

    Parameters
    ----------
    rows : DataFrame
        With curve columns.
    days : float or array, shape (n,)
        0 and less is 0; beyond the last point the curve stays where it is.
    pace : ClosePace, optional
        On which days deals are won; by default all days are alike. A quarter that ends on a Friday has all of its last
        week, not five sevenths of it; and of four weeks between two points those before the quarter's end have most.
        Needs `as_of`.

    Returns
    -------
    array, shape (n,)
        In [0, 1]; null where the row has no curve.

    Examples
    --------
    >>> won_within(pd.DataFrame({"won_by_7": [0.2], "won_by_14": [0.3]}), 10.5).tolist()
    [0.25]
    """
    columns = curve_columns(rows.columns)
    if not columns:
        return np.full(len(rows), np.nan)
    points = np.concatenate([[0.0], list(columns.values())])
    curves = np.concatenate([np.zeros((len(rows), 1)), rows[list(columns)].to_numpy(dtype="float64")], axis=1)
    wanted = np.clip(np.broadcast_to(np.asarray(days, dtype="float64"), (len(rows),)), 0.0, points[-1])
    right = np.clip(np.searchsorted(points, wanted, side="left"), 1, len(points) - 1)
    share = _share(rows, points[right - 1], wanted, points[right], pace)
    at = np.arange(len(rows))
    found: Floats = curves[at, right - 1] + share * (curves[at, right] - curves[at, right - 1])
    return np.where(has_curve(rows), found, np.nan)


def _share(rows: pd.DataFrame, first: Floats, wanted: Floats, last: Floats, pace: ClosePace | None) -> Floats:
    """How much of what happens between two points happens up to the wanted day."""
    if pace is None or not len(rows):
        return np.asarray((wanted - first) / (last - first))
    begin, upto, end = (np.zeros(len(rows)) for _ in range(3))
    days = rows["as_of"].to_numpy(dtype="datetime64[D]")
    for day in np.unique(days):
        mine = days == day
        weight = pace.upto(day.astype(object), int(np.ceil(last[mine].max())))
        ends = np.arange(len(weight))
        for into, asked in ((begin, first), (upto, wanted), (end, last)):
            into[mine] = np.interp(asked[mine], ends, weight)
    found: Floats = (upto - begin) / (end - begin)
    return found
