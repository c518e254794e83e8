"""The forecast rolled up: of every node what is won, what is open, what is to come, how sure, and its target."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.coming import coming, kept_of
from oppnb.forecasting.forecast import TOLD_LEVELS, Forecast
from oppnb.forecasting.node_widths import NodeWidth
from oppnb.forecasting.own_widths import widths_of_nodes
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.rollup_parts import RolledParts, Told, scale_of
from oppnb.forecasting.rollup_targets import targets_of_nodes
from oppnb.forecasting.rollup_tree import RollUpTree, columns_of
from oppnb.history.book import PipelineBook

__all__ = ["Told", "hierarchy_of", "node_widths", "roll_up", "tell_rolled", "told_scale"]

Floats = npt.NDArray[np.float64]

PARTS = ("won_already", "from_open_deals", "from_new_business", "expected")


def told_scale(forecast: Forecast) -> Told:
    """How the told forecast differs from that of the deals: combined with a baseline, widened by its record."""
    return scale_of(forecast.parts, forecast.distribution)


def node_widths(forecast: Forecast, book: PipelineBook, by: Sequence[str] | None = None) -> dict[str, NodeWidth]:
    """How wide the nodes of each column are told, and from how much that was learnt.

    A column's nodes have few deals each, so they are pooled: what came at all of them at the same point of earlier
    periods, beside what was said. Parameters as in `roll_up`.
    """
    return widths_of_nodes(forecast, book, hierarchy_of(forecast.parts, book, by), told_scale(forecast))


def hierarchy_of(parts: ForecastParts, book: PipelineBook, by: Sequence[str] | None) -> tuple[str, ...]:
    """The columns asked for; by default those of the workspace's hierarchy of which deals have any value."""
    if by is not None:
        return columns_of(parts, [by] if isinstance(by, str) else by)
    return tuple(
        name
        for name in book.workspace.forecast.hierarchy
        if any(name in frame and frame[name].notna().any() for frame in (parts.deals, parts.won))
        and name in parts.deals
        and name in parts.won
    )


def roll_up(
    forecast: Forecast,
    book: PipelineBook,
    *,
    by: Sequence[str] | None = None,
    targets: pd.DataFrame | None = None,
    levels: Sequence[float] = TOLD_LEVELS,
    widths: Mapping[str, NodeWidth] | None = None,
) -> pd.DataFrame:
    """The forecast of every node of a hierarchy; money adds up to the cent at every level.

    What is won stands as it is. The told forecast may be another than that of the deals alone (a mean with a baseline,
    an interval widened by its record): what open deals and new business bring is multiplied by one factor, so that the
    nodes add up to what is told. How wide nodes are told is learnt from their own record, column by column (see
    `node_widths`); without one they are as wide as the company's record says. What is certain stays: a node that may
    win nothing keeps that chance. New business goes to nodes as past wins did, held near the amount open there; where
    no deals are created any more there is none, and from the top of the workspace's hierarchy down: what an owner who
    has left would have brought is brought by the others of his region. So a region or an owner is told the same,
    whichever of the hierarchy's columns are asked for. Each amount is in whole
    cents: those of the lowest nodes by largest remainder, all others are their sums.

    Quantiles of nodes do not add up: not all of them have a bad quarter at once. Those of nodes with fewer than a
    hundred deals are exact (beyond 60 nodes in larger steps, up to 600); the others are by cumulants.

    Parameters
    ----------
    forecast : Forecast
        Of `oppnb.forecasting.forecast_period`.
    book : PipelineBook
        That it was made from.
    by : sequence of str, optional
        Columns of the deals, the highest first; by default the workspace's (`forecast: hierarchy:`), less those of
        which no deal has a value.
    targets : DataFrame, optional
        The table `targets`, with `amount_base` or in the base currency.
    levels : sequence of float
        Of the quantiles.
    widths : mapping of str to NodeWidth, optional
        Of `node_widths`; worked out where not given.

    Returns
    -------
    DataFrame
        `as_of`, `period`, `node` (`company`, then `East`, `East / North`, …; `not known` where a deal has no value),
        `level` (`company` or the column), `parent` (null for the company), `quantity` (`won_already`,
        `from_open_deals`, `from_new_business`, `expected`, `quantile_0.025` …, and where there is a quota `target`,
        `chance_of_target`), `value` (money in the base currency, or a probability). Each node stands above those
        below it.

    Raises
    ------
    ColumnMissingError
        If deals have no such column, with the nearest.
    ParameterError
        If a column stands twice.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.forecasting import forecast_period
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "amount": [300.0, 100.0], "stage": ["Demo", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-03"]), "region": ["East", "West"]})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> curve = book.open_rows[["opportunity_id", "as_of"]].assign(won_by_31=0.5)
    >>> book = book.with_columns(curve)
    >>> nodes = roll_up(forecast_period(book, parse_period("2024Q1")), book, by=["region"])
    >>> nodes[nodes["quantity"] == "expected"].set_index("node")["value"].to_dict()
    {'company': 200.0, 'East': 150.0, 'West': 50.0}
    """
    parts = forecast.parts
    by = hierarchy_of(parts, book, by)
    like = coming(book, forecast.point)
    rolled = RolledParts(parts, like, by, kept=kept_of(book, forecast.point, like, by))
    if widths is None:
        widths = node_widths(forecast, book, by) if len(levels) or targets is not None else {}
    return tell_rolled(forecast, rolled, widths=widths, targets=targets, levels=levels)


def tell_rolled(
    forecast: Forecast,
    rolled: RolledParts,
    *,
    widths: Mapping[str, NodeWidth] = MappingProxyType({}),
    targets: pd.DataFrame | None = None,
    levels: Sequence[float] = TOLD_LEVELS,
) -> pd.DataFrame:
    """As `roll_up`, of parts that are rolled up already, and with the widths of `node_widths`."""
    parts = forecast.parts
    scale = replace(told_scale(forecast), of_columns={column: one.width for column, one in widths.items()})
    told = rolled.told(scale, forecast.distribution, np.asarray(levels, dtype="float64"))
    columns = dict(zip(PARTS, told.amounts.T, strict=True))
    columns |= {f"quantile_{level:g}": told.quantiles[:, place] for place, level in enumerate(levels)}
    goal = targets_of_nodes(targets, forecast.point.period, rolled.tree, [parts.deals, parts.won])
    goal[0] = np.nan if forecast.target is None else forecast.target
    chance = rolled.chances(goal, told)
    chance[0] = np.nan if forecast.chance_of_target is None else forecast.chance_of_target
    return _long(forecast, rolled.tree, columns | {"target": goal, "chance_of_target": chance})


def _long(forecast: Forecast, tree: RollUpTree, columns: dict[str, Floats]) -> pd.DataFrame:
    names = list(columns)
    frame = tree.frame()
    found = frame.loc[frame.index.repeat(len(names))].reset_index(drop=True)
    found["quantity"] = pd.Series(names * len(frame), dtype="str")
    found["value"] = np.stack([columns[name] for name in names], axis=1).ravel()
    found.insert(0, "as_of", pd.Timestamp(forecast.point.day))
    found.insert(1, "period", forecast.point.period.name)
    return found[found["value"].notna()].reset_index(drop=True)
