"""`oppnb forecast`, `oppnb backtest`: how much will be won, how sure that is, and whether it was right before."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only
from oppnb.cli.tables_out import SUFFIXES, aligned, check_suffix, write_frame
from oppnb.cli.writable import check_writable
from oppnb.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from oppnb.forecasting import Forecast, ForecastBacktest
    from oppnb.history.book import PipelineBook
    from oppnb.reports.open_forecast import OpenedForecast, Ready
    from oppnb.stages import OpenedData
    from oppnb.tables import Note

__all__ = ["backtest", "forecast"]

KINDS = ("month", "quarter", "year")

AsOf = Annotated[str | None, typer.Option(help="Day of knowledge, e.g. 2017-09-30; by default the export's day.")]
PeriodName = Annotated[
    str | None, typer.Option(help="2026Q4, 2026-11 or FY2026; by default the one that holds the next day.")
]
Kind = Annotated[str | None, typer.Option("--period", help="month, quarter or year; by default the workspace's.")]
First = Annotated[
    str | None,
    typer.Option(
        "--from", help="First day to stand on (Sunday evenings, before each Monday); by default as early as can be."
    ),
]
Last = Annotated[str | None, typer.Option("--to", help="Last day to stand on.")]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]
Out = Annotated[Path | None, typer.Option("--out", help="File for the table: .csv, .parquet, .json or .xlsx.")]
Report = Annotated[
    Path | None,
    typer.Option(help="Folder for reports: the forecast review is made in it, as HTML, workbook and figures."),
]
By = Annotated[str | None, typer.Option(help="Columns to roll up by, the highest first, e.g. region,owner_id.")]
ByNodes = Annotated[
    str | None, typer.Option("--by", help="Also judge by these columns, each apart, e.g. region,owner_id.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="File for the figures, as JSON; - prints them.")]


def forecast(
    data: Data,
    as_of: AsOf = None,
    period: PeriodName = None,
    workspace: WorkspaceFile = None,
    by: By = None,
    out: Out = None,
    locale: Locale = None,
    report: Report = None,
    only: Only = None,
    as_json: AsJson = False,
) -> None:
    """Forecast a period: the distribution, what it is made of, the chance of the target, the baselines beside it."""
    from oppnb.cli.forecast_nodes import columns_asked, nodes_json
    from oppnb.cli.forecast_overrides import overrides_json
    from oppnb.forecasting.data_faults import faults_json, find_data_faults
    from oppnb.forecasting.told import forecast_json
    from oppnb.opening.forecast import after_export
    from oppnb.periods import parse_period
    from oppnb.reports.open_forecast import forecast_pipeline

    if report is not None:
        if out is not None:
            raise UsageError("--report makes a whole report and --out one table: give one of them.")
        if by is not None:
            raise UsageError("--by is for the table; the report rolls up by  forecast: hierarchy:  in oppnb.yaml.")
        asked = {"as_of": as_of, "period": period, "workspace": workspace, "locale": locale, "only": read_only(only)}
        _make_report(data, out=report, as_json=as_json, **asked)
        return
    check_suffix(out, SUFFIXES)
    check_writable(out)
    if period is not None:
        parse_period(period)  # a misspelt one is told before models learn for minutes
    columns = columns_asked(by)
    opened, found = forecast_pipeline(
        data,
        as_of=as_of,
        period=period,
        workspace=workspace,
        progress=_progress(locale, workspace),
        ready=_ready_for(columns, locale),
        only=read_only(only),
    )
    said = locale or opened.opened.workspace.locale
    notes = [note for note in opened.notes if note not in after_export(opened.opened)]  # it was told at once
    _print_notes((*opened.opened.notes, *notes, *found.parts.notes), said)
    _remember(opened, found, said)
    if out is not None:
        write_frame(_table_of(opened, found, columns), out, locale=said)
    if as_json:
        figures = forecast_json(found) | faults_json(find_data_faults(found, opened.book))
        figures |= nodes_json(opened, found, columns) | overrides_json(opened, found)
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _print_forecast(opened, found, said, columns)


def _table_of(opened: "OpenedForecast", found: "Forecast", columns: "Sequence[str] | None") -> "pd.DataFrame":
    """Every model of the whole; with columns the nodes of the one that is told, which is named beside each."""
    from oppnb.cli.forecast_nodes import rolled_up
    from oppnb.forecasting.forecast import forecast_frame

    if columns is None:
        return forecast_frame(found)
    nodes = rolled_up(opened, found, columns)
    nodes.insert(list(nodes.columns).index("node") + 1, "model", found.told_model)
    return nodes


def _ready_for(columns: "Sequence[str] | None", locale: str | None) -> "Ready":
    """What can be refused is refused, and what makes the work vain is told, before models learn for minutes."""

    def ready(opened: "OpenedData", book: "PipelineBook") -> None:
        from oppnb.forecasting.checks import check_roll_up
        from oppnb.opening.forecast import after_export
        from oppnb.reports.forecast_memory import check_memory

        check_roll_up(book, columns or ())
        check_memory(opened, book)
        _print_notes(after_export(opened), locale or opened.workspace.locale)

    return ready


def _make_report(data: str, *, out: Path, as_json: bool, **asked: Any) -> None:
    from oppnb.cli.at_work import at_work
    from oppnb.cli.reviewing import print_result, reader_words
    from oppnb.reports import run_forecast_review

    words = reader_words(asked.get("locale"), asked.get("workspace"))
    with at_work(words, "forecast_review", workspace=asked.get("workspace")) as progress:
        result = run_forecast_review(data, out=out, progress=progress, **asked)
    print_result(result, words, as_json=as_json, name="forecast_review")


def backtest(
    data: Data,
    period: Kind = None,
    first: First = None,
    last: Last = None,
    workspace: WorkspaceFile = None,
    by: ByNodes = None,
    json_file: JsonFile = None,
    out: Out = None,
    locale: Locale = None,
    only: Only = None,
) -> None:
    """Stand on the Sunday evening before each Monday, forecast with what was known then, and compare with what came."""
    from oppnb.cli.forecast_nodes import columns_asked, print_judged_nodes
    from oppnb.forecasting import backtest_forecasts, node_notes, points_of
    from oppnb.forecasting.checks import check_backtest_days, check_roll_up
    from oppnb.forecasting.told import backtest_json
    from oppnb.periods import parse_day
    from oppnb.reports.open_forecast import open_forecast

    check_suffix(out, SUFFIXES)
    if period is not None and period not in KINDS:
        raise UsageError(f"--period is '{period}': write {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    start, end = (parse_day(text) if text else None for text in (first, last))
    if start is not None and end is not None and start > end:
        raise UsageError(f"--from {start} lies after --to {end}: there is no day between them.")
    check_writable(out, None if str(json_file) == "-" else json_file)

    columns = columns_asked(by) or []

    def ready(_: "OpenedData", book: "PipelineBook") -> None:
        check_roll_up(book, columns)
        check_backtest_days(book, kind=period or book.workspace.forecast.period, first=start, last=end)

    opened = open_forecast(
        data,
        workspace=workspace,
        weekday=0,
        weeks=_ALL_WEEKS,
        progress=_progress(locale, workspace),
        ready=ready,
        only=read_only(only),
    )
    said = locale or opened.opened.workspace.locale
    kind = period or opened.opened.workspace.forecast.period
    points = points_of(opened.book, kind=kind, last=end)
    _print_notes(
        (*opened.opened.notes, *opened.notes, *node_notes(opened.book, [one.day for one in points], columns)), said
    )
    found = backtest_forecasts(opened.book, points, report_from=start, by=columns)
    figures = backtest_json(found)
    if out is not None:
        write_frame(found.nodes if columns else found.frame, out, locale=said)
    if json_file is not None and str(json_file) != "-":
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if json_file is not None and str(json_file) == "-":
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _print_backtest(found, kind, said)
        print_judged_nodes(found, columns, said)


_ALL_WEEKS = 520


def _progress(locale: str | None, workspace: Path | None) -> "Callable[[int, int], None]":
    from oppnb.cli.reviewing import reader_words

    words = reader_words(locale, workspace)

    def told(done: int, n: int) -> None:
        typer.echo(words("forecasting.learning", done=done, n=n), err=True)

    return told


def _print_notes(notes: "Sequence[Note]", locale: str) -> None:
    from oppnb.locale import Words

    words = Words(locale)
    for note in notes:
        typer.echo(words(f"note.{note.code}", **note.values), err=True)


def _print_forecast(
    opened: "OpenedForecast", found: "Forecast", locale: str, columns: "Sequence[str] | None" = None
) -> None:
    from oppnb.cli.forecast_nodes import print_nodes
    from oppnb.cli.forecast_overrides import print_overrides
    from oppnb.forecasting.data_faults import find_data_faults, tell_data_faults
    from oppnb.forecasting.told import tell_choice, tell_forecast, tell_width
    from oppnb.locale import Formats, Words
    from oppnb.stages import only_currency

    words = Words(locale)
    currency = opened.opened.workspace.currency or only_currency(opened.opened.tables)
    formats = Formats(locale, currency=currency)
    typer.echo(words("forecasting.title", period=found.point.period.name, day=formats.day(found.point.day)))
    for heading, value in tell_forecast(found, words=words, formats=formats):
        typer.echo(f"  {heading}: {value}")
    for line in tell_data_faults(find_data_faults(found, opened.book), words=words, formats=formats):
        typer.echo(line)
    if found.is_unknown:
        print_overrides(opened, found, words=words, formats=formats)
        return
    typer.echo(tell_choice(found.chosen, words=words))
    typer.echo(tell_width(found.said.width, words=words, formats=formats))
    rows = [
        {
            words("forecasting.model"): words(f"forecasting.model_{name}"),
            words("forecasting.expected"): formats.money(one.mean),
            words("forecasting.interval_80"): " – ".join(formats.money(end) for end in one.interval(0.8)),
        }
        for name, one in found.said.forecasts.items()
    ]
    _print_rows(rows)
    if columns is not None:
        print_nodes(opened, found, columns, words=words, formats=formats)
    print_overrides(opened, found, words=words, formats=formats)


def _print_backtest(found: "ForecastBacktest", kind: str, locale: str) -> None:
    from oppnb.forecasting import choose_forecast, measure_forecasts
    from oppnb.forecasting.told import tell_choice
    from oppnb.locale import Formats, Words

    words, formats = Words(locale), Formats(locale)
    frame = found.frame
    if frame.empty:
        typer.echo(words("forecasting.nothing_to_judge"))
        return
    days = frame["as_of"].drop_duplicates()
    typer.echo(
        words(
            "forecasting.backtest_title",
            kind=words(f"forecasting.kind_{kind}"),
            first=formats.day(days.min()),
            last=formats.day(days.max()),
            n=len(days),
            n_periods=frame["period"].nunique(),
        )
    )
    _print_measures(measure_forecasts(frame), words=words, formats=formats)
    typer.echo(tell_choice(choose_forecast(frame), words=words))


def _print_measures(measures: "pd.DataFrame", *, words: Any, formats: Any) -> None:
    rows = []
    for row in measures.to_dict("records"):
        told = {words("forecasting.model"): words(f"forecasting.model_{row['model']}")}
        for name in ("n", "n_periods"):
            told[words(f"forecasting.{name}")] = formats.number(row[name])
        for name in ("wape", "bias", "crps"):
            told[words(f"forecasting.{name}")] = formats.share(row[name], digits=1)
        for name in ("coverage_50", "coverage_80", "coverage_95"):
            told[words(f"forecasting.{name}")] = formats.share(row[name])
        rows.append(told)
    _print_rows(rows)


def _print_rows(rows: "Sequence[dict[str, str]]") -> None:
    import pandas as pd

    typer.echo(aligned(pd.DataFrame(rows)))


def _remember(opened: "OpenedForecast", found: "Forecast", locale: str) -> None:
    from oppnb.locale import Words
    from oppnb.reports.forecast_memory import remember

    if opened.opened.ledger is not None:
        written = remember(found, ledger=opened.opened.ledger, only=opened.opened.only)
        key = "remembered" if written else "remembered_already"
        typer.echo(Words(locale)(f"forecasting.{key}", written=written), err=True)
