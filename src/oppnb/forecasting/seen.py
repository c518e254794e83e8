"""Open deals of past days beside what became of them in their period: what a level is learnt from."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.curves import won_within
from oppnb.forecasting.points import Point
from oppnb.forecasting.win_pace import learn_pace
from oppnb.history.book import PipelineBook
from oppnb.history.close_pace import ClosePace

__all__ = ["chance_in", "followed", "is_due"]

Floats = npt.NDArray[np.float64]


def chance_in(rows: pd.DataFrame, point: Point, pace: ClosePace) -> Floats:
    """Probability of being won inside the point's period, as the curves say; null without a curve."""
    upto = won_within(rows, point.days_to_end, pace=pace)
    found: Floats = upto - won_within(rows, point.days_to_start, pace=pace)
    return found


def is_due(rows: pd.DataFrame, point: Point) -> npt.NDArray[np.bool_]:
    """Whether each deal is expected to close by the period's end; False where nobody said."""
    return np.asarray(rows["expected_close_on"] <= pd.Timestamp(point.period.end))


def followed(book: PipelineBook, points: list[Point]) -> pd.DataFrame:
    """The deals open at past points, with what became of them.

    Parameters
    ----------
    book : PipelineBook
        As it is known; the points' periods are over.
    points : list of Point
        See `past_points`.

    Returns
    -------
    DataFrame
        The open rows with `chance` (see `chance_in`), `due`, `is_won` (inside the period, 1 or 0), `amount_won` (inside
        the period, else 0), `period` (start), `weight` (1 / points of the period), `week`.
    """
    counts = pd.Series([one.period.start for one in points], dtype="object").value_counts()
    parts = []
    pace = learn_pace(book, fiscal_year_start=points[0].period.fiscal_year_start if points else 1)
    for point in points:
        rows = book.on(point.day)
        ends = book.closed_after(rows)
        days = ends["days_to_end"].to_numpy(dtype="float64")
        with np.errstate(invalid="ignore"):
            inside = (days <= point.days_to_end) & (days > point.days_to_start)
        won = np.asarray(ends["outcome"] == "won") & inside
        parts.append(
            rows.assign(
                chance=chance_in(rows, point, pace),
                due=is_due(rows, point),
                is_won=won.astype("float64"),
                amount_won=np.where(won, ends["amount_won"].to_numpy(dtype="float64"), 0.0),
                period=pd.Timestamp(point.period.start),
                weight=1.0 / counts[point.period.start],
                week=point.week,
            )
        )
    filled = [part for part in parts if len(part)]
    if not filled:
        return book.open_rows.iloc[:0].assign(
            chance=0.0, due=False, is_won=0.0, amount_won=0.0, period=pd.Timestamp(0), weight=0.0, week=0
        )
    return pd.concat(filled, ignore_index=True)
