"""Conversion table: of the money in a stage in the same week of earlier periods, how much was won by their end."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.baselines.point_forecast import PointForecast
from oppnb.forecasting.points import Point, past_points, since_first_close
from oppnb.forecasting.seen import followed, is_due
from oppnb.forecasting.typical_amounts import with_typical_amounts
from oppnb.history.book import PipelineBook

__all__ = ["conversion_table", "new_business_mean"]

Floats = npt.NDArray[np.float64]


def conversion_table(book: PipelineBook, point: Point) -> PointForecast | None:
    """Same stage, same week of the period, due inside it or not, last eight periods; and mean new business.

    What sales operations build by hand in a spreadsheet, and hard to beat. None without an earlier period to learn
    from. Periods that were over before anything was ever closed are left out. Deals without an amount count with what
    such deals were won for.
    """
    past = since_first_close(past_points(point, [day for day in book.days if day < point.day]), book)
    if not past:
        return None
    rows = with_typical_amounts(book, book.on(point.day))
    seen = with_typical_amounts(book, followed(book, past)).dropna(subset=["amount_base"])
    rates = _rates(seen)
    everywhere = float(seen["amount_won"].sum()) / max(float(seen["amount_base"].sum()), 1e-9)
    cells = _cells(rows, is_due(rows, point))
    share = cells.map(rates).fillna(everywhere).to_numpy(dtype="float64")
    of_deals = np.nan_to_num(rows["amount_base"].to_numpy(dtype="float64")) * share
    won = float(book.won_between(point.period.start, point.day)["amount_base"].sum())
    return PointForecast(won, of_deals, new_business_mean(book, past))


def _cells(rows: pd.DataFrame, due: npt.NDArray[np.bool_]) -> pd.Series:
    texts = rows[["process", "stage"]].fillna("").astype("str")
    return texts["process"] + "/" + texts["stage"] + np.where(due, "/due", "")


def _rates(seen: pd.DataFrame) -> pd.Series:
    sums = seen.groupby(_cells(seen, seen["due"].to_numpy(dtype=bool)))[["amount_won", "amount_base"]].sum()
    return (sums["amount_won"] / sums["amount_base"].where(sums["amount_base"] > 0)).dropna()


def new_business_mean(book: PipelineBook, past: list[Point]) -> float:
    """Mean over earlier periods of what was won inside them from deals created after the same point."""
    amounts = []
    for point in past:
        born = book.born_between(point.day, point.period.end)
        inside = (born["closed_on"] >= pd.Timestamp(point.period.start)) & (
            born["closed_on"] <= pd.Timestamp(point.period.end)
        )
        amounts.append(float(born.loc[(born["outcome"] == "won") & inside, "amount_base"].sum()))
    return float(np.mean(amounts)) if amounts else 0.0
