"""Weighted pipeline: the amounts that are due in the period times the odds of their stages; and the rep's commit."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.points import Point
from oppnb.forecasting.seen import is_due
from oppnb.history.book import PipelineBook
from oppnb.workspace import Workspace

__all__ = ["commit", "observed_odds", "set_odds", "stage_setting"]

Floats = npt.NDArray[np.float64]

_LEAST_CLOSED = 5


def set_odds(book: PipelineBook, point: Point) -> PointForecast | None:
    """Weighted pipeline with the odds of the configuration: what a CRM shows. None where no odds are set."""
    rows = book.on(point.day)
    odds = stage_setting(rows, book.workspace, "odds").astype("float64")
    return None if odds.notna().sum() == 0 else _of_due(book, point, rows, odds.to_numpy(dtype="float64"))


def observed_odds(book: PipelineBook, point: Point) -> PointForecast | None:
    """Weighted pipeline with the share of deals that stood in the stage and were won, among those that are closed."""
    known = book.open_rows[book.open_rows["as_of"] < pd.Timestamp(point.day)]
    ends = book.closed_after(known)
    closed = (ends["outcome"] != "open").to_numpy(dtype=bool)
    won = (ends["outcome"] == "won").to_numpy(dtype=bool)[closed]
    deals = known.loc[closed, ["opportunity_id", "process", "stage"]].assign(won=won)
    deals = deals.drop_duplicates(["opportunity_id", "process", "stage"])
    if len(deals) < _LEAST_CLOSED:
        return None
    rates = deals.groupby(["process", "stage"], dropna=False)["won"].mean()
    rows = book.on(point.day)
    keys = pd.MultiIndex.from_frame(rows[["process", "stage"]])
    found = rates.reindex(keys).fillna(float(deals["won"].mean())).to_numpy(dtype="float64")
    return _of_due(book, point, rows, found)


def commit(book: PipelineBook, point: Point) -> PointForecast | None:
    """What is won and what its owners committed to. None where no deal was ever in the category commit."""
    if not (book.open_rows["forecast_category"] == "commit").any():
        return None
    rows = book.on(point.day)
    return _of_due(book, point, rows, np.asarray(rows["forecast_category"] == "commit", dtype="float64"))


def _of_due(book: PipelineBook, point: Point, rows: pd.DataFrame, odds: Any) -> PointForecast | None:
    """The deals that are due by the end of the period; None where nothing says when deals are expected to close."""
    if not rows["expected_close_on"].notna().any():
        return None
    due = is_due(rows, point)
    late = np.asarray(rows["expected_close_on"] < pd.Timestamp(point.period.start))
    due = due & ~late if point.days_to_start > 0 else due
    amount = np.nan_to_num(rows["amount_base"].to_numpy(dtype="float64"))
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    return PointForecast(won, amount * np.nan_to_num(odds) * due, 0.0)


def stage_setting(rows: pd.DataFrame, workspace: Workspace, setting: str) -> pd.Series:
    """What the configuration says of the stage in which each deal stands; null where it says nothing."""
    told: dict[tuple[str, str], Any] = {
        (process.name, stage.name): getattr(stage, setting)
        for process in workspace.processes
        for stage in process.stages
    }
    keys = zip(rows["process"], rows["stage"], strict=True)
    return pd.Series([told.get(key) for key in keys], index=rows.index, dtype="object")
