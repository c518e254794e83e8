"""How good forecasts of nodes were, and whether they were better than the best baseline there."""

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd

from oppnb.forecasting.measures import compare_forecasts, measure_forecasts
from oppnb.forecasting.models import COMBINATION, MODEL
from oppnb.forecasting.node_places import Places
from oppnb.history.book import PipelineBook
from oppnb.history.tenures import OF_OWNER
from oppnb.tables import Note

__all__ = ["measure_columns", "measure_nodes", "node_notes"]

_AGAINST = ["against", "difference", "difference_low", "difference_high", "is_better", "is_worse"]


def measure_nodes(nodes: pd.DataFrame) -> pd.DataFrame:
    """Measures of each node and model, and of our own how far they are from the best baseline of the node.

    Parameters
    ----------
    nodes : DataFrame
        Of `ForecastBacktest`.

    Returns
    -------
    DataFrame
        `by`, `node`, the columns of `measure_forecasts`, `n_won` (deals won in the periods judged), `actual` (what was
        won in them), and for our own forecasts `against` (the baseline with the best score there), `difference` of the
        score (over the mean of what came; below 0: ours is nearer), `difference_low`, `difference_high` (95 %, periods
        drawn with replacement; null with fewer than four), `is_better`, `is_worse`.
    """
    return _measured(nodes, ["by", "node"])


def measure_columns(nodes: pd.DataFrame) -> pd.DataFrame:
    """As `measure_nodes`, of each column: errors and scores of its nodes added up."""
    return _measured(nodes, ["by"])


def _measured(nodes: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    found = measure_forecasts(nodes, by=keys)
    if found.empty:
        return found.assign(**dict.fromkeys(["n_won", "actual", *_AGAINST], pd.Series(dtype="object")))
    of_periods = nodes.groupby([*keys, "model", "period", "as_of"], sort=True)[["n_won", "actual"]].sum()
    of_periods = of_periods.groupby(level=[*keys, "model", "period"]).mean().groupby(level=[*keys, "model"]).sum()
    found = found.merge(of_periods.round({"n_won": 0, "actual": 2}).reset_index(), on=[*keys, "model"], how="left")
    against = _against(nodes, keys)
    found = found.merge(against, on=[*keys, "model"], how="left")
    return found.sort_values(keys, kind="stable", ignore_index=True)


def _against(nodes: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Each of our own against the baseline that comes nearest, or is better."""
    summed = nodes.groupby([*keys, "as_of", "period", "model", "is_baseline"], as_index=False, sort=True)[
        ["crps", "actual", "forecast"]
    ].sum()
    rows = []
    for key, group in summed.groupby(keys, sort=True):
        for model in (MODEL, COMBINATION):
            compared = compare_forecasts(group[group["is_baseline"] | (group["model"] == model)], model)
            if len(compared):
                best = compared.sort_values("difference", ascending=False, kind="stable").iloc[0]
                told = best.rename({"low": "difference_low", "high": "difference_high"})[_AGAINST]
                row: dict[str, object] = dict(zip(keys, key, strict=True))
                row |= {"model": model, **{str(name): value for name, value in told.items()}}
                rows.append(row)
    return pd.DataFrame(rows, columns=[*keys, "model", *_AGAINST])


def node_notes(book: PipelineBook, days: Iterable[date], by: Sequence[str]) -> tuple[Note, ...]:
    """What of the past owners, teams and regions is not known, so that the export's are taken."""
    rows = book.open_rows[book.open_rows["as_of"].isin([pd.Timestamp(day) for day in days])]
    found = []
    for column in by:
        if column not in rows:
            continue
        if column not in OF_OWNER:
            found.append(Note("forecast_nodes_as_exported", {"column": column}))
            continue
        untold = rows.loc[rows["owner_id"].isna(), "opportunity_id"].nunique()
        known = Places.of(book, column)
        if untold and len(known.nodes) > 1:
            n = rows["opportunity_id"].nunique()
            found.append(Note("forecast_nodes_owner_not_told", {"column": column, "untold": untold, "deals": n}))
            found += _of_nobody(book, column)
    return tuple(found)


def _of_nobody(book: PipelineBook, column: str) -> list[Note]:
    """The deals still open whose owner the export of a later day does not tell: forecasts of them are of no node."""
    still_open = book.deals[~book.deals["outcome"].isin(["won", "lost"])]
    n = int(still_open[column].isna().sum())
    told = {"column": column, "n": n, "n_open": len(still_open)}
    return [Note("forecast_nodes_of_nobody", told)] if 2 * n > len(still_open) else []
