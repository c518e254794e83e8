"""What people put into the forecast categories, beside what is expected of the same deals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.rollup import hierarchy_of, told_scale
from oppnb.forecasting.rollup_cents import cents_of, in_cents
from oppnb.forecasting.rollup_tree import RollUpTree
from oppnb.history.book import PipelineBook
from oppnb.workspace import Workspace

__all__ = ["CATEGORIES", "categories"]

Floats = npt.NDArray[np.float64]

CATEGORIES = ("closed", "commit", "best_case", "pipeline", "omitted")
"""From certain to left out; a cumulative amount holds all categories up to its own."""
_NOT_DUE = "not_due"


def categories(forecast: Forecast, book: PipelineBook, *, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Amounts by forecast category and node, single and cumulative; they add up to the cent at every level.

    Closed is what was won in the period by the day. The other categories hold open deals expected to close by the
    period's end, those overdue too. A deal without a category of its own has that of its stage in the workspace, and
    without one it is pipeline; an open deal that is called closed is commit.

    Parameters
    ----------
    forecast : Forecast
    book : PipelineBook
        That the forecast was made from.
    by : sequence of str, optional
        As in `roll_up`.

    Returns
    -------
    DataFrame
        `as_of`, `period`, `node`, `level`, `parent`, `category` (`closed`, `commit`, `best_case`, `pipeline`,
        `omitted`; `not_due`: open deals nobody expects to close in time), `n_deals`, `amount`, `cumulative` (null for
        omitted and not due, which no call holds), `expected` (what the told forecast expects of the same deals).

    Raises
    ------
    ColumnMissingError, ParameterError
        As `roll_up`.
    """
    parts = forecast.parts
    tree = RollUpTree.of([parts.won, parts.deals], hierarchy_of(parts, book, by))
    names = (*CATEGORIES, _NOT_DUE)
    place = _places(parts.deals, book.workspace)
    cell = np.concatenate([tree.codes(parts.won) * len(names), tree.codes(parts.deals) * len(names) + place])
    won = parts.won["amount_base"].fillna(0.0).to_numpy(dtype="float64")
    amount = np.concatenate([won, parts.amount])
    expected = np.concatenate([won, parts.expected_of_deals * told_scale(forecast).level])
    n_cells = len(tree.leaves) * len(names)
    counts = np.bincount(cell, minlength=n_cells).reshape(-1, len(names))
    rolled = [np.asarray(tree.rolled(one)) for one in (counts, *(_cents(v, cell, counts) for v in (amount, expected)))]
    cumulative = np.cumsum(rolled[1], axis=1) / 100
    cumulative[:, names.index("omitted") :] = np.nan
    found = tree.frame().loc[np.repeat(np.arange(len(tree.nodes)), len(names))].reset_index(drop=True)
    found["category"] = pd.Series(list(names) * len(tree.nodes), dtype="str")
    found["n_deals"] = rolled[0].ravel()
    found["amount"], found["cumulative"] = rolled[1].ravel() / 100, cumulative.ravel()
    found["expected"] = rolled[2].ravel() / 100
    found.insert(0, "as_of", pd.Timestamp(forecast.point.day))
    found.insert(1, "period", forecast.point.period.name)
    return found


def _cents(values: Floats, cell: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of every leaf and category; each category adds up to its own total, and closed is what it is in the roll-up."""
    sums = np.bincount(cell, weights=values, minlength=counts.size).reshape(counts.shape)
    return np.stack([in_cents(one, cents_of(float(one.sum()))) for one in sums.T], axis=1)


def _places(deals: pd.DataFrame, workspace: Workspace) -> npt.NDArray[np.int64]:
    """Position of each open deal's category."""
    of_stage = {
        (process.name, stage.name): stage.forecast_category
        for process in workspace.processes
        for stage in process.stages
        if stage.forecast_category
    }
    first = workspace.processes[0].name if workspace.processes else None
    process = deals["process"].fillna(first) if first else deals["process"]
    pairs = list(zip(process, deals["stage"], strict=True))
    fallback = pd.Series([of_stage.get(pair, "pipeline") for pair in pairs], index=deals.index, dtype="object")
    said = deals["forecast_category"].astype("object")
    said = said.map(lambda text: "_".join(str(text).lower().replace("-", " ").split()), na_action="ignore")
    named = said.where(said.isin(CATEGORIES), fallback).replace("closed", "commit")
    found = named.map({name: place for place, name in enumerate(CATEGORIES)}).to_numpy(dtype=np.int64)
    return np.where(deals["due"].to_numpy(dtype=bool), found, len(CATEGORIES))
