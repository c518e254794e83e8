"""Past forecasts judged node by node in a report: by which columns, and what is shown of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from oppnb.forecasting import (
    ForecastBacktest,
    measure_nodes,
    node_notes,
    tell_judged_nodes,
    tell_judged_table,
)
from oppnb.forecasting.checks import check_roll_up
from oppnb.reports.columns import header
from oppnb.reports.page import Page
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["judged_columns", "show_judged_nodes"]

_LOOK = TableLook(
    cards=True,
    limit=8,
    numbers=("n_won", "wape_share", "bias_share", "crps_share", "held_80", "against_baseline"),
)


def judged_columns(told: ToldForecast, by: str | Sequence[str] | None = None) -> tuple[str, ...]:
    """Columns that tell deals apart.

    Parameters
    ----------
    told : ToldForecast
        The forecast.
    by : str or sequence of str, optional
        Columns, as text with commas between them; by default the hierarchy of the workspace, less what deals do not
        have or have in common.

    Raises
    ------
    ColumnMissingError
        If deals have no such column, with the nearest.
    """
    if by is not None:
        asked = [name.strip() for name in by.split(",")] if isinstance(by, str) else list(by)
        found = tuple(name for name in asked if name)
        check_roll_up(told.book, found)
        return found
    deals = told.book.deals
    return tuple(name for name in told.workspace.forecast.hierarchy if name in deals and deals[name].nunique() > 1)


def show_judged_nodes(page: Page, told: ToldForecast, backtest: ForecastBacktest) -> None:
    """Show how good past forecasts were node by node, those with most won first; nothing where none was asked for.

    Parameters
    ----------
    page : Page
        The report.
    told : ToldForecast
        The forecast.
    backtest : ForecastBacktest
        Made by columns.
    """
    if backtest.nodes.empty:
        return
    page.section("judged", lead=page.words("forecast_nodes.lead"))
    columns, model = backtest.nodes["by"].drop_duplicates().tolist(), told.forecast.chosen.model
    for column in columns:
        reader: dict[str, Any] = {"words": page.words, "formats": page.formats}
        reader |= {"names": page.labels.get(column, {}), "told": model}
        page.subsection(page.words("report.by", name=header(column, page.words)))
        lines = tell_judged_nodes(backtest, column, **reader)
        if lines:
            page.points(lines)
        shown = tell_judged_table(backtest, column, **reader)
        measured = measure_nodes(backtest.nodes[backtest.nodes["by"] == column])
        page.table(f"judged_{column}", measured, shown=shown.rename(columns={"node": column}), look=_LOOK)
    notes = node_notes(told.book, backtest.frame["as_of"].dt.date.unique(), columns)
    if notes:
        page.points(page.words(f"note.{note.code}", **_written(page, note.values)) for note in notes)


def _written(page: Page, values: Mapping[str, object]) -> dict[str, object]:
    told = {name: page.formats.number(value) if isinstance(value, int) else value for name, value in values.items()}
    return told | {"column": header(str(values["column"]), page.words)}
