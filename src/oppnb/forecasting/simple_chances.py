"""Chances of deals of which no model has a curve: shares of earlier periods, else the odds of the configuration."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.baselines.weighted_pipeline import stage_setting
from oppnb.forecasting.points import Point
from oppnb.forecasting.seen import followed, is_due
from oppnb.history.book import PipelineBook

__all__ = ["without_curves"]

Floats = npt.NDArray[np.float64]

_PRIOR_DEALS = 10.0


def without_curves(book: PipelineBook, rows: pd.DataFrame, point: Point, past: list[Point], chance: Floats) -> Floats:
    """The chances, those that are not known filled.

    By the share of deals that stood in the same stage at the same point of earlier periods, due or not, and were won
    inside them; cells with few deals are held near that of all. Where no earlier period is known, by the stage's set
    odds for deals that are due inside the period and 0 for others; null where the configuration says nothing. On the
    period's last day 0.
    """
    if not np.isnan(chance).any():
        return chance
    if point.days_to_end <= 0:
        return np.where(np.isnan(chance), 0.0, chance)
    seen = followed(book, past) if past else rows.iloc[:0]
    found = _shares(seen, rows, point) if len(seen) else _set_odds(book, rows, point)
    return np.where(np.isnan(chance), found, chance)


def _shares(seen: pd.DataFrame, rows: pd.DataFrame, point: Point) -> Floats:
    everywhere = float(seen["is_won"].mean())
    cells = seen.groupby(_cells(seen, seen["due"].to_numpy(dtype=bool)))["is_won"].agg(["sum", "size"])
    shares = (cells["sum"] + _PRIOR_DEALS * everywhere) / (cells["size"] + _PRIOR_DEALS)
    return np.asarray(_cells(rows, is_due(rows, point)).map(shares).fillna(everywhere), dtype="float64")


def _cells(rows: pd.DataFrame, due: npt.NDArray[np.bool_]) -> pd.Series:
    texts = rows[["process", "stage"]].fillna("").astype("str")
    return texts["process"] + "/" + texts["stage"] + np.where(due, "/due", "")


def _set_odds(book: PipelineBook, rows: pd.DataFrame, point: Point) -> Floats:
    odds = stage_setting(rows, book.workspace, "odds").astype("float64").to_numpy()
    return np.asarray(np.where(is_due(rows, point), odds, np.where(np.isnan(odds), np.nan, 0.0)), dtype="float64")
