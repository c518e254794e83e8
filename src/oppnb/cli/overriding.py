"""`oppnb override`: what people put in place of the model's number: add one, list them, take one back."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data
from oppnb.cli.tables_out import aligned
from oppnb.errors import ParameterError, UsageError, WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.forecasting import Override
    from oppnb.history.book import PipelineBook
    from oppnb.locale import Words
    from oppnb.store import Store
    from oppnb.workspace import Workspace

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


@override.command()
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

    settings, store, words = _opened(workspace, locale)
    figures = {"amount": amount, "chance": chance, "expected_close_on": _day(closes_on)}
    said = _override(deal, node, figures, period=period, who=who, why=why, when=_moment(when, settings))
    _refuse_past_period(said, settings)
    book = _book(data, workspace, _local_day(said, settings), is_given=when is not None)
    written = append_override(store, said, book=book)
    rows = override_rows(store)
    _print_one(rows[rows["override_id"] == Path(written).stem], "added", settings, words, as_json=as_json)


@override.command("list")
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

    settings, store, words = _opened(workspace, locale)
    until = _day(as_of) or _today(settings)
    rows = override_rows(store, until)
    rows = rows if everything else rows[rows["standing"] == IN_FORCE]
    if period is not None:
        name = _period(period, settings)
        rows = rows[rows["period"].isna() | (rows["period"] == name)]
    if as_json:
        typer.echo(json.dumps(_records(rows), ensure_ascii=False, indent=1))
    elif rows.empty:
        key = "none" if period is None else "none_of_period"
        typer.echo(words(f"override.{key}", day=Formats(words.locale).day(until), period=period))
    else:
        typer.echo(aligned(_in_words(rows, settings, words, standing=everything)))


@override.command()
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

    settings, store, words = _opened(workspace, locale)
    zone = settings.calendar.time_zone
    moment = _moment(when, settings)
    rows = withdraw_by_id(store, override_id, who=who, why=why, when=moment, time_zone=zone)
    _print_one(rows.assign(standing="taken_back"), "withdrawn", settings, words, as_json=as_json)


def _opened(path: Path, locale: str | None) -> "tuple[Workspace, Store, Words]":
    """The workspace, its store and the reader's language."""
    from oppnb.locale import Words
    from oppnb.store import open_store
    from oppnb.workspace import read_workspace

    settings = read_workspace(path)
    if settings.store is None:
        raise WorkspaceError(
            f"'{path}' has no store, so nothing could remember an override. Write a line such as  store: memory/"
        )
    return settings, open_store(settings.store), Words(locale or settings.locale)


def _override(deal: str | None, node: str | None, figures: dict[str, Any], **said: Any) -> "Override":
    """The override, with what is unclear told in the words of the options."""
    from oppnb.forecasting import Override
    from oppnb.forecasting.nodes import COMPANY, node_parts

    if (deal is None) == (node is None):
        raise UsageError("Say what the number is of: --deal ID, or --node column=value such as region=North.")
    given = [name for name, value in figures.items() if value is not None]
    if deal is not None:
        if not given:
            raise UsageError("Say what is put in place of the model's number: --amount, --chance or --closes-on.")
        return Override(opportunity_id=deal, **figures, **said)
    by, value = node_parts(str(node))
    if by != COMPANY and not value:
        raise UsageError(f"--node is '{node}': write column=value, such as region=North, or {COMPANY}.")
    if given != ["amount"] or said["period"] is None:
        raise UsageError("The number of a part is the amount won in a period: give --amount and --period, no other.")
    return Override(by=by, node=value, **figures, **said)


def _book(data: str, workspace: Path, said_on: date, *, is_given: bool) -> "PipelineBook":
    """The deals as they were known on the day of the word, or of the export; nothing learns."""
    from oppnb.history import open_source
    from oppnb.history.book import read_book
    from oppnb.stages import open_data

    opened = open_data(data, as_of=said_on if is_given else None, workspace=workspace, default_day=said_on)
    day = opened.as_of
    return read_book(open_source(opened.tables), [day], known_on=day, workspace=opened.workspace)


def _moment(text: str | None, settings: "Workspace") -> datetime:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ParameterError(f"'{text}' is not a moment: write 2025-11-02, or 2025-11-02T09:30.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(settings.calendar.time_zone))


def _local_day(said: "Override", settings: "Workspace") -> date:
    from zoneinfo import ZoneInfo

    return said.when.astimezone(ZoneInfo(settings.calendar.time_zone)).date()


def _today(settings: "Workspace") -> date:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(settings.calendar.time_zone)).date()


def _day(text: str | None) -> date | None:
    from oppnb.periods import parse_day

    return None if text is None else parse_day(text)


def _period(text: str, settings: "Workspace") -> str:
    from oppnb.periods import parse_period

    return parse_period(text, fiscal_year_start=settings.calendar.fiscal_year_start).name


def _refuse_past_period(said: "Override", settings: "Workspace") -> None:
    from oppnb.forecasting.checks import check_period
    from oppnb.periods import parse_period

    if said.period is not None:
        start = settings.calendar.fiscal_year_start
        check_period(parse_period(said.period, fiscal_year_start=start), _local_day(said, settings))


def _print_one(rows: "pd.DataFrame", key: str, settings: "Workspace", words: "Words", *, as_json: bool) -> None:
    from oppnb.forecasting.withdrawing import short_id

    if as_json:
        typer.echo(json.dumps(_records(rows), ensure_ascii=False, indent=1))
        return
    first = rows.iloc[0]
    figures = words("override.comma").join(_figure(row, settings, words) for row in rows.to_dict("records"))
    period = first["period"]
    whole = "said" if not isinstance(period, str) else "said_period"
    said = words(f"override.{whole}", of=_of(rows, words).iloc[0], period=period, figures=figures)
    typer.echo(words(f"override.{key}", id=short_id(first["override_id"]), said=said))


def _figure(row: Any, settings: "Workspace", words: "Words") -> str:
    from oppnb.locale import Formats

    formats, figure = Formats(words.locale, currency=settings.currency), row["figure"]
    if figure == "expected_close_on":
        value = formats.day(row["day"])
    else:
        value = formats.share(row["value"]) if figure == "chance" else formats.money(row["value"])
    return words(f"override.figure_{figure}", value=value)


def _of(rows: "pd.DataFrame", words: "Words") -> "pd.Series":
    """The deal, or the part by its column and value."""
    of = rows["opportunity_id"].where(rows["opportunity_id"].notna(), rows["node"])
    return of.where(of != "company", words("override.company"))


def _in_words(rows: "pd.DataFrame", settings: "Workspace", words: "Words", *, standing: bool) -> "pd.DataFrame":
    import pandas as pd

    from oppnb.forecasting.withdrawing import short_id

    zone = settings.calendar.time_zone
    shown = {
        "id": rows["override_id"].map(short_id),
        "of": _of(rows, words),
        "period": rows["period"].astype("object").where(rows["period"].notna(), words("override.any_period")),
        "figure": [_figure(row, settings, words) for row in rows.to_dict("records")],
        "who": rows["who"],
        "said_at": rows["said_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M"),
        "why": rows["why"],
    }
    if standing:
        shown["standing"] = [words(f"override.standing_{one}") for one in rows["standing"]]
    return pd.DataFrame({words(f"override.{name}"): values for name, values in shown.items()}, index=rows.index)


def _records(rows: "pd.DataFrame") -> list[dict[str, Any]]:
    """One mapping a figure; moments in UTC."""
    from oppnb.cli.tables_out import as_records

    columns = ["override_id", "opportunity_id", "node", "period", "figure", "value", "day", "who", "why", "standing"]
    moments = [f"{moment.isoformat(timespec='seconds')}Z" for moment in rows["said_at"]]
    found = as_records(rows[columns].astype({"value": "float64"}).astype("object").where(rows[columns].notna(), None))
    return [{**row, "said_at": moment} for row, moment in zip(found, moments, strict=True)]
