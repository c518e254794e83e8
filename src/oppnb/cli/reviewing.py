"""`oppnb review`: the pipeline review of an export, as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only, reader_settings
from oppnb.cli.at_work import at_work

if TYPE_CHECKING:
    from oppnb.locale import Words
    from oppnb.reports import ReportResult

__all__ = ["print_result", "reader_words", "retrospective", "review"]

Day = Annotated[str | None, typer.Option(help="Day of knowledge, e.g. 2017-09-30; by default the export's day.")]
PeriodName = Annotated[
    str | None, typer.Option(help="2017Q3, 2017-08 or FY2017; by default the (fiscal) quarter of that day.")
]
Earlier = Annotated[str | None, typer.Option(help="Day of the last review; by default seven days earlier.")]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]
Scoring = Annotated[
    str, typer.Option(help="Win probabilities: auto (the model the workspace names), off, on (train), or a model file.")
]
Forecasting = Annotated[
    str,
    typer.Option("--forecast", help="A forecast of the period: auto (if oppnb.yaml has a section forecast), on, off."),
]
Pdf = Annotated[bool, typer.Option("--pdf", help="Print report.pdf as well; needs Chromium and the extra pdf.")]
Out = Annotated[Path, typer.Option(help="Folder for reports; one folder a template and day is made in it.")]


def review(
    data: Data,
    as_of: Day = None,
    period: PeriodName = None,
    compare_to: Earlier = None,
    workspace: WorkspaceFile = None,
    locale: Locale = None,
    scoring: Scoring = "auto",
    forecast: Forecasting = "auto",
    only: Only = None,
    out: Out = Path("reports"),
    pdf: Pdf = False,
    as_json: AsJson = False,
) -> None:
    """Make the pipeline review: report.html, report.ipynb, report.xlsx, figures.json and manifest.json."""
    from oppnb.reports import run_review

    words = reader_words(locale, workspace)
    with at_work(words, "pipeline_review", workspace=workspace) as progress:
        result = run_review(
            data,
            as_of=as_of,
            period=period,
            compare_to=compare_to,
            workspace=workspace,
            locale=locale,
            scoring=scoring,
            forecast=forecast,
            only=read_only(only),
            out=out,
            pdf=pdf,
            progress=progress,
        )
    print_result(result, words, as_json=as_json)


def retrospective(
    data: Data,
    period: Annotated[str, typer.Option(help="2025Q3, 2025-09 or FY2025; over by the day of the export.")],
    workspace: WorkspaceFile = None,
    locale: Locale = None,
    only: Only = None,
    out: Out = Path("reports"),
    pdf: Pdf = False,
    as_json: AsJson = False,
) -> None:
    """Look back at a period: the opening forecast against the result, why, what to set otherwise, what helped."""
    from oppnb.reports import run_retrospective
    from oppnb.reports.retrospective_json import RETROSPECTIVE_JSON

    words = reader_words(locale, workspace)
    with at_work(words, "retrospective", workspace=workspace) as progress:
        result = run_retrospective(
            data,
            period=period,
            workspace=workspace,
            locale=locale,
            only=read_only(only),
            out=out,
            pdf=pdf,
            progress=progress,
        )
    if as_json:
        figures = _figures_of(result.folder / RETROSPECTIVE_JSON)
        typer.echo(json.dumps(figures | {"files": _files(result)}, ensure_ascii=False, indent=1))
        return
    print_result(result, words, as_json=False, name="retrospective")


def _figures_of(path: Path) -> dict[str, Any]:
    """What the report wrote for machines; nothing where a template of one's own writes none."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def reader_words(locale: str | None, workspace: Path | None) -> "Words":
    """The language asked for, else that of the workspace."""
    from oppnb.locale import Words

    return Words(locale or reader_settings(workspace).locale)


def print_result(result: "ReportResult", words: "Words", *, as_json: bool, name: str = "review") -> None:
    """Say where the report is."""
    if as_json:
        typer.echo(json.dumps(_files(result), ensure_ascii=False, indent=1))
        return
    typer.echo(words(f"runs.made_{name}", folder=result.folder))
    typer.echo(words("runs.open_it", place=result.report_html.resolve().as_uri()))


def _files(result: "ReportResult") -> dict[str, str]:
    """Where a report and its parts are."""
    files = ("report_html", "report_ipynb", "report_xlsx", "figures_json", "manifest_json")
    return {"folder": str(result.folder), **{name: str(getattr(result, name)) for name in files}}
