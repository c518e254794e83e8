"""Past wins as examples of the deals that are not created yet: their segments, and how long they take."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.nodes_of_new import still_coming
from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook

__all__ = ["born_lately", "coming", "kept_of", "room_in"]

Floats = npt.NDArray[np.float64]

_DAYS = 730


def coming(book: PipelineBook, point: Point) -> pd.DataFrame:
    """Deals won in the two years up to the day, weighed by how much room the period has for one that takes as long.

    Parameters
    ----------
    book : PipelineBook
        As known on the point's day or later; what came later is not looked at.
    point : Point
        The day and the period.

    Returns
    -------
    DataFrame
        The deals, with `days` (from creation to the win), `weight` (see `room_in`) and `money` (`weight` times what the
        deal was won for). Without one that fits, a single row that belongs to no segment.
    """
    known = book.known(point.day)
    won = known.won_between(point.day - timedelta(days=_DAYS), point.day)
    days = np.asarray((won["closed_on"] - won["created_on"]).dt.days, dtype="float64")
    found = won.assign(days=days, weight=room_in(point, days))
    found = found[(found["weight"] > 0) & (found["amount_base"] > 0)].reset_index(drop=True)
    if found.empty:
        room = float(room_in(point, np.zeros(1))[0])
        found = won.iloc[:0].reindex([0]).assign(days=0.0, weight=max(room, 1.0), amount_base=1.0)
    return found.assign(money=found["weight"] * found["amount_base"])


def born_lately(book: PipelineBook, point: Point) -> pd.DataFrame:
    """Deals created in the two years up to the day, with `age` in days: where new business still comes from."""
    found = book.known(point.day).born_between(point.day - timedelta(days=_DAYS), point.day)
    return found.assign(age=(pd.Timestamp(point.day) - found["created_on"]).dt.days.astype("float64"))


def kept_of(book: PipelineBook, point: Point, like: pd.DataFrame, by: Sequence[str]) -> dict[str, Floats]:
    """`still_coming` of the past wins of `coming`, by the hierarchy of the book's workspace."""
    return still_coming(like, born_lately(book, point), hierarchy=book.workspace.forecast.hierarchy, by=by)


def room_in(point: Point, days: Floats) -> Floats:
    """In how many days a deal that takes so long can be created, after the point's day, to be won inside its period.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.periods import parse_period
    >>> room_in(Point(date(2024, 6, 20), parse_period("2024Q2")), np.array([3.0, 30.0])).tolist()
    [7.0, 0.0]
    """
    found: Floats = np.maximum(point.days_to_end - days, 0.0) - np.maximum(point.days_to_start - days, 0.0)
    return np.nan_to_num(found)
