"""The roll-up of `oppnb forecast`: node by node, the categories beside it, and the deals it hangs on."""

from typing import TYPE_CHECKING, Any

import typer

from oppnb.cli.tables_out import aligned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from oppnb.forecasting import Forecast, ForecastBacktest
    from oppnb.forecasting.node_widths import NodeWidth
    from oppnb.locale import Formats, Words
    from oppnb.reports.open_forecast import OpenedForecast

__all__ = ["columns_asked", "nodes_json", "print_judged_nodes", "print_nodes", "rolled_up"]


def columns_asked(by: str | None) -> list[str] | None:
    """`region,owner_id` as a list; None where nothing was asked."""
    return None if by is None else [name.strip() for name in by.split(",") if name.strip()]


def rolled_up(
    opened: "OpenedForecast",
    found: "Forecast",
    by: "Sequence[str] | None",
    widths: "Mapping[str, NodeWidth] | None" = None,
) -> "pd.DataFrame":
    """The roll-up with the quotas of the data."""
    from oppnb.forecasting import roll_up
    from oppnb.review.quotas import targets_in_base

    point = found.point
    targets = targets_in_base(
        opened.opened.tables, workspace=opened.opened.workspace, as_of=point.day, period=point.period
    )
    nodes = roll_up(found, opened.book, by=by, targets=targets, widths=widths)
    return nodes[nodes["quantity"].isin(["won_already", "target"])] if found.is_unknown else nodes


def nodes_json(opened: "OpenedForecast", found: "Forecast", by: "Sequence[str] | None") -> dict[str, Any]:
    """`nodes`, `node_widths`, `categories` and `influence`."""
    from oppnb.forecasting import categories, influence, predicted_slips
    from oppnb.forecasting.rollup import node_widths
    from oppnb.forecasting.rollup_told import rollup_json, widths_json

    widths = node_widths(found, opened.book, by)
    nodes = rolled_up(opened, found, by, widths)
    told = rollup_json(nodes, categories(found, opened.book, by=by), influence(found), predicted_slips(found))
    if found.is_unknown:
        told["categories"] = [row | {"expected": None} for row in told["categories"]]
        told["influence"] = None
    return told | widths_json(widths)


def print_nodes(
    opened: "OpenedForecast", found: "Forecast", by: "Sequence[str]", *, words: "Words", formats: "Formats"
) -> None:
    """Tables and sentences."""
    from oppnb.forecasting import categories, influence, predicted_slips
    from oppnb.forecasting.beyond_interval import tell_beyond_interval
    from oppnb.forecasting.rollup import node_widths
    from oppnb.forecasting.rollup_told import tell_categories, tell_influence, tell_nodes, tell_slips, tell_widths
    from oppnb.forecasting.untold_nodes import tell_untold_nodes

    names = words("forecast_scenarios.comma").join(words.get(f"column.{name}", name) for name in by)
    typer.echo("\n" + words("forecast_rollup.title", columns=names))
    widths = node_widths(found, opened.book, by)
    nodes = rolled_up(opened, found, by, widths)
    typer.echo(_left(tell_nodes(nodes, words=words, formats=formats)))
    of = nodes.pivot_table(index="node", columns="quantity", values="value", aggfunc="first")
    for sentence in tell_beyond_interval(of["expected"], of["quantile_0.9"], words=words, formats=formats):
        typer.echo(f"  {sentence}")
    untold = tell_untold_nodes(found.parts.deals, by, point=found.point, words=words, formats=formats)
    for sentence in [*untold, *tell_widths(widths, words=words, formats=formats)]:
        typer.echo(f"  {sentence}")
    typer.echo("\n" + words("forecast_rollup.categories"))
    typer.echo(_left(tell_categories(categories(found, opened.book, by=by), words=words, formats=formats)))
    typer.echo("\n" + words("forecast_rollup.influence"))
    for sentence in tell_influence(influence(found), words=words, formats=formats):
        typer.echo(f"  {sentence}")
    typer.echo("  " + tell_slips(predicted_slips(found), words=words, formats=formats))


def print_judged_nodes(found: "ForecastBacktest", by: "Sequence[str]", locale: str) -> None:
    """How good forecasts were at the nodes of some columns."""
    from oppnb.forecasting import tell_judged_nodes, tell_judged_table
    from oppnb.locale import Formats, Words

    words, formats = Words(locale), Formats(locale)
    for column in by if len(found.nodes) else ():
        typer.echo("\n" + words("forecast_nodes.title", column=words.get(f"column.{column}", column)))
        table = tell_judged_table(found, column, words=words, formats=formats)
        typer.echo(_left(table.rename(columns={name: words(f"forecast_nodes.{name}") for name in table})))
        for sentence in tell_judged_nodes(found, column, words=words, formats=formats):
            typer.echo(f"  {sentence}")


def _left(frame: "pd.DataFrame") -> str:
    """With the names of nodes at the left, moved in as they are."""
    from unicodedata import east_asian_width

    def width(text: str) -> int:
        return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)

    first = frame.columns[0]
    widest = max(width(text) for text in [*frame[first], first])
    filled = [text + " " * (widest - width(text)) for text in frame[first]]
    return aligned(frame.assign(**{first: filled}).rename(columns={first: first + " " * (widest - width(first))}))
