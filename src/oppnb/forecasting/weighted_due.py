"""What people's own figures say of a period: set odds times the amounts of deals expected to close in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.stages import find_process, find_stage

__all__ = ["Change", "Comparison", "compare_changes", "weighted_due"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """A change of the figures that people set.

    Attributes
    ----------
    kind : str
        `stage_odds`: the set odds of a stage are `value`. `source_cycle`, `owner_slip`: the expected closes of deals of
        a source, of an owner are moved by `value` days.
    process : str
        Of the stage; empty for the other kinds.
    target : str
        Stage, source or `owner_id`.
    value : float
        Odds, or days (below 0: earlier).
    """

    kind: str
    process: str
    target: str
    value: float


_COLUMN = {"source_cycle": "source", "owner_slip": "owner_id"}


def weighted_due(book: PipelineBook, point: Point, changes: Sequence[Change] = ()) -> pd.Series:
    """Weighted amount of each open deal that is expected to close by the period's end, 0 of the others.

    Parameters
    ----------
    book : PipelineBook
        Its workspace has the set odds; stages without any count 0.
    point : Point
        The day whose open deals are taken, and the period.
    changes : sequence of Change
        As if these had been made.

    Returns
    -------
    Series
        By row of `book.on(point.day)`.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.periods import parse_period
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> rows = pd.DataFrame({"as_of": pd.Timestamp("2024-03-31"), "process": "p", "stage": "Demo",
    ...     "amount_base": [100.0, 40.0], "expected_close_on": pd.to_datetime(["2024-06-01", "2024-06-20"]),
    ...     "source": ["web", "partner"], "owner_id": "u1"})
    >>> day = date(2024, 3, 31)
    >>> book, point = PipelineBook(day, pd.DataFrame(), rows, (day,), workspace), Point(day, parse_period("2024Q2"))
    >>> weighted_due(book, point).tolist()
    [50.0, 20.0]
    >>> changes = [Change("stage_odds", "p", "Demo", 0.2), Change("source_cycle", "", "partner", 14.0)]
    >>> weighted_due(book, point, changes).tolist()
    [20.0, 0.0]
    """
    rows = book.on(point.day)
    new = {(one.process, one.target): one.value for one in changes if one.kind == "stage_odds"}
    days = np.zeros(len(rows))
    for one in changes:
        if one.kind in _COLUMN:
            days += np.where(rows[_COLUMN[one.kind]] == one.target, one.value, 0.0)
    expected = rows["expected_close_on"] + pd.to_timedelta(days, unit="D")
    due = np.asarray(expected <= pd.Timestamp(point.period.end))
    amount = rows["amount_base"].fillna(0.0).to_numpy(dtype="float64")
    return pd.Series(np.where(due, amount * _odds(book, rows, new), 0.0), index=rows.index)


@dataclass(frozen=True)
class Comparison:
    """The weighted figure of the deals that a change moves, without it and with it, against what came.

    Attributes
    ----------
    n : int
        Deals whose figure it moves.
    expected_without, expected_with, actual : float
        Money; the last is what was won of them in the period.
    """

    n: int
    expected_without: float
    expected_with: float
    actual: float

    @property
    def error_without(self) -> float:
        """Absolute error without the change."""
        return abs(self.expected_without - self.actual)

    @property
    def error_with(self) -> float:
        """Absolute error with it."""
        return abs(self.expected_with - self.actual)


def compare_changes(book: PipelineBook, point: Point, *, without: Change, changed: Change) -> Comparison:
    """Hold two settings against what came in a period that is over.

    Parameters
    ----------
    book : PipelineBook
        As known now; the figures use only what was known on the point's day.
    point : Point
        One of the book's days, and the period.
    without, changed : Change
        What was set, and what would have been.
    """
    known = book.known(point.day)
    before, after = weighted_due(known, point, [without]), weighted_due(known, point, [changed])
    moved = before != after
    ends = book.closed_after(book.on(point.day)[moved])
    inside = (ends["days_to_end"] > point.days_to_start) & (ends["days_to_end"] <= point.days_to_end)
    won = ends.loc[inside & (ends["outcome"] == "won"), "amount_won"].fillna(0.0)
    return Comparison(int(moved.sum()), math.fsum(before[moved]), math.fsum(after[moved]), math.fsum(won))


def _odds(book: PipelineBook, rows: pd.DataFrame, new: dict[tuple[str, str], float]) -> Floats:
    found = {}
    pairs = rows[["process", "stage"]].astype("object")
    pairs = pairs.where(pairs.notna(), None)
    keys = list(zip(pairs["process"], pairs["stage"], strict=True))
    for process, stage in set(keys):
        place, known = find_process(book.workspace, process), find_stage(book.workspace, process, stage)
        set_odds = None if known is None else known.odds
        name = "" if place is None else place.name
        found[process, stage] = new.get((name, str(stage)), 0.0 if set_odds is None else set_odds)
    return np.array([found[key] for key in keys], dtype="float64")
