"""What is told of each node that somebody spoke of: that, and no other, is set beside their figures."""

import pandas as pd

from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.nodes import COMPANY, node_name, node_parts
from oppnb.forecasting.rollup import roll_up
from oppnb.forecasting.rollup_tree import node_path
from oppnb.history.book import PipelineBook

__all__ = ["told_figures"]


def told_figures(forecast: Forecast, book: PipelineBook, spoken: pd.DataFrame) -> dict[str, float]:
    """The told expected amount by node, for `figures` of `oppnb.forecasting.with_overrides`.

    Parameters
    ----------
    forecast : Forecast
        That is told.
    book : PipelineBook
        That it was made from.
    spoken : DataFrame
        Of `oppnb.forecasting.overrides_known`; those of other periods are not looked at.
    """
    figures = {COMPANY: forecast.distribution.mean}
    names = spoken.loc[spoken["period"] == forecast.point.period.name, "node"].dropna()
    for by in sorted({node_parts(str(name))[0] for name in names} - {COMPANY}):
        nodes = roll_up(forecast, book, by=[by], levels=())
        of = nodes[(nodes["level"] == by) & (nodes["quantity"] == "expected")].set_index("node")["value"]
        figures |= {node_name(by, value): float(of.get(node_path([value]), 0.0)) for value in _values(names, by)}
    return figures


def _values(names: pd.Series, by: str) -> list[str]:
    parts = [node_parts(str(name)) for name in names]
    return sorted({str(value) for column, value in parts if column == by})
