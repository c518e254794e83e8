"""Where in a quarter wins fall, beside what the curves say: contracts are signed in its last weeks."""

import numpy as np
import numpy.typing as npt

from oppnb.forecasting.curves import won_within
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["learn_rush", "rush_of"]

Floats = npt.NDArray[np.float64]

_WEEKS = 14
_QUARTERS = 8
_PRIOR_WINS = 8.0


def learn_rush(book: PipelineBook, period: Period) -> Floats:
    """Factors of the chance by week before the end of a quarter, 1 throughout where nothing is known.

    The deals open at the start of each of the last eight quarters that are over are followed to its end: wins of each
    week over wins that the curves expected there, both held together by eight wins a week, and set so that they leave
    the quarters' expected wins as they are.

    Parameters
    ----------
    book : PipelineBook
        As known on the day.
    period : Period
        The quarter we stand in, or the next one.

    Returns
    -------
    array, shape (14,)
        Entry k for days that lie 7 k to 7 k + 6 days before the quarter's last day; above 0.
    """
    stated, actual = np.zeros(_WEEKS), np.zeros(_WEEKS)
    for back in range(1, _QUARTERS + 1):
        past = period.shift(-back)
        near = [day for day in book.days if abs((past.start - day).days - 1) <= 3]
        if past.end > book.known_on or not near:
            continue
        expected, came = _by_week(book, Point(near[0], past))
        stated, actual = stated + expected, actual + came
    if stated.sum() <= 0 or actual.sum() <= 0:
        return np.ones(_WEEKS)
    level = stated * actual.sum() / stated.sum()
    found = (actual + _PRIOR_WINS) / (level + _PRIOR_WINS)
    factor: Floats = found * level.sum() / float((found * level).sum())
    return factor


def _by_week(book: PipelineBook, point: Point) -> tuple[Floats, Floats]:
    rows = book.on(point.day)
    to_end = point.days_to_end
    ends = book.closed_after(rows)
    days = ends["days_to_end"].to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        inside = np.asarray(ends["outcome"] == "won") & (days > 0) & (days <= to_end)
    came = np.bincount(_week(to_end - days[inside]), minlength=_WEEKS).astype("float64")
    edges = np.clip(to_end - 7 * np.arange(_WEEKS, -1, -1), 0, None)
    curve = np.array([float(np.nan_to_num(won_within(rows, float(edge))).sum()) for edge in edges])
    return np.diff(curve)[::-1], came


def _week(left: Floats) -> npt.NDArray[np.int64]:
    return np.clip(left // 7, 0, _WEEKS - 1).astype(np.int64)


def rush_of(rush: Floats, point: Point, edges: npt.NDArray[np.int64]) -> Floats:
    """The factor of each span between edges (days after the point's day), at the middle of its part of the quarter."""
    left = point.days_to_end - (edges[:-1] + 1 + edges[1:]) / 2
    found: Floats = rush[_week(np.maximum(left, 0.0))]
    return found
