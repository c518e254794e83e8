"""`oppnb override`: what people put in place of the model's number: add one, list them, take one back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from oppnb.cli.arguments import AsJson, Data
from oppnb.cli.mistakes import NotingCommand
from oppnb.cli.override_asked import (
    book_of,
    day_asked,
    day_said,
    moment_asked,
    opened_store,
    override_asked,
    period_asked,
    refuse_past_period,
    today_in,
)
from oppnb.cli.override_told import in_words, print_one, records
from oppnb.cli.tables_out import aligned

__all__ = ["override"]

override = typer.Typer(
    help="Put your own number beside the model's, for a deal or a part of the company: add, list, withdraw.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Settings = Annotated[Path, typer.Option("--workspace", "-w", help="oppnb.yaml, with store: where overrides are kept.")]
Deal = Annotated[str | None, typer.Option(help="Id of an open deal.")]
Node = Annotated[str | None, typer.Option(help="A part, as column=value, e.g. region=North; or company.")]
OfPeriod = Annotated[str | None, typer.Option("--period", help="2026Q4, 2026-11 or FY2026; a part needs one.")]
Amount = Annotated[
    float | None,
    typer.Option(help="Of a deal: what it is won for. Of a part: the amount won in the period. Base currency."),
]
Chance = Annotated[float | None, typer.Option(help="Of a deal, 0-1: of being won in --period; without one, at all.")]
ClosesOn = Annotated[str | None, typer.Option(help="Of a deal: the day on which it closes, e.g. 2025-12-15.")]
Who = Annotated[str, typer.Option(help="Whose number it is, e.g. the owner's id.")]
Why = Annotated[str, typer.Option(help="The reason; it is read when the number is judged later.")]
When = Annotated[
    str | None,
    typer.Option(help="When it was said, e.g. 2025-11-02 or 2025-11-02T09:30 in the workspace's time zone; now."),
]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]


@override.command(cls=NotingCommand)
def add(
    data: Data,
    workspace: Settings,
    who: Who,
    why: Why,
    deal: Deal = None,
    node: Node = None,
    period: OfPeriod = None,
    amount: Amount = None,
    chance: Chance = None,
    closes_on: ClosesOn = None,
    when: When = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Add a number of a person for a deal or a part; the model's number stays, and the two stand side by side."""
    from oppnb.forecasting import append_override
    from oppnb.forecasting.overrides import override_rows

    settings, store, words = opened_store(workspace, locale)
    figures = {"amount": amount, "chance": chance, "expected_close_on": day_asked(closes_on)}
    said = override_asked(deal, node, figures, period=period, who=who, why=why, when=moment_asked(when, settings))
    refuse_past_period(said, settings)
    book = book_of(data, workspace, day_said(said, settings), is_given=when is not None)
    written = append_override(store, said, book=book)
    rows = override_rows(store)
    print_one(rows[rows["override_id"] == Path(written).stem], "added", settings, words, as_json=as_json)


@override.command("list", cls=NotingCommand)
def list_overrides(
    workspace: Settings,
    as_of: Annotated[str | None, typer.Option(help="As known at the end of this day; by default today.")] = None,
    period: Annotated[str | None, typer.Option(help="Only those that count for this period, e.g. 2026Q4.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were replaced or taken back, and by what.")
    ] = False,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """List the overrides in force: of what, which number, who, when and why."""
    from oppnb.forecasting.overrides import IN_FORCE, override_rows
    from oppnb.locale import Formats

    settings, store, words = opened_store(workspace, locale)
    until = day_asked(as_of) or today_in(settings)
    rows = override_rows(store, until)
    rows = rows if everything else rows[rows["standing"] == IN_FORCE]
    if period is not None:
        name = period_asked(period, settings)
        rows = rows[rows["period"].isna() | (rows["period"] == name)]
    if as_json:
        typer.echo(json.dumps(records(rows), ensure_ascii=False, indent=1))
    elif rows.empty:
        key = "none" if period is None else "none_of_period"
        typer.echo(words(f"override.{key}", day=Formats(words.locale).day(until), period=period))
    else:
        typer.echo(aligned(in_words(rows, settings, words, standing=everything)))


@override.command(cls=NotingCommand)
def withdraw(
    override_id: Annotated[str, typer.Argument(help="Id of an override, as the list shows it.", metavar="ID")],
    workspace: Settings,
    who: Who,
    why: Why,
    when: When = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Take an override back, from a moment on; both stay in the store."""
    from oppnb.forecasting.withdrawing import withdraw_by_id

    settings, store, words = opened_store(workspace, locale)
    zone = settings.calendar.time_zone
    moment = moment_asked(when, settings)
    rows = withdraw_by_id(store, override_id, who=who, why=why, when=moment, time_zone=zone)
    print_one(rows.assign(standing="taken_back"), "withdrawn", settings, words, as_json=as_json)
