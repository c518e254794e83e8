"""Curves by date as columns: `won_by_28` is the probability of being won within 28 days of the row's day."""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

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


def won_within(rows: pd.DataFrame, days: float | Floats, *, weekdays: Floats | None = None) -> Floats:
    """Probability of being won within so many days of the row's day; between two points of the curve day by day.

    Parameters
    ----------
    rows : DataFrame
        With curve columns.
    days : float or array, shape (n,)
        0 and less is 0; beyond the last point the curve stays where it is.
    weekdays : array, shape (7,), optional
        How much of what is won is won on a Monday, a Tuesday, …; by default all days are alike. A quarter that ends on
        a Friday has all of its last week, not five sevenths of it. Needs `as_of`.

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
    share = _share(rows, points[right - 1], wanted, points[right], weekdays)
    at = np.arange(len(rows))
    found: Floats = curves[at, right - 1] + share * (curves[at, right] - curves[at, right - 1])
    return np.where(has_curve(rows), found, np.nan)


def _share(rows: pd.DataFrame, first: Floats, wanted: Floats, last: Floats, weekdays: Floats | None) -> Floats:
    """How much of what happens between two points happens up to the wanted day."""
    if weekdays is None:
        return np.asarray((wanted - first) / (last - first))
    day = rows["as_of"].dt.day_of_week.to_numpy(dtype=np.int64)
    begin, upto, end = (_weight(day, days, weekdays) for days in (first, wanted, last))
    found: Floats = (upto - begin) / (end - begin)
    return found


def _weight(day: npt.NDArray[np.int64], days: Floats, weekdays: Floats) -> Floats:
    """Weight of so many days after a weekday (0 is Monday); a part of a day counts in part."""
    after = np.array([[0.0, *np.cumsum(np.roll(weekdays, -1 - start))] for start in range(7)])
    whole = np.floor(days).astype(np.int64)
    weeks, left = np.divmod(whole, 7)
    found: Floats = weeks * weekdays.sum() + after[day, left]
    return np.asarray(found + (days - whole) * weekdays[(day + whole + 1) % 7])
