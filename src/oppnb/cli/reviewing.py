"""`oppnb review`: the pipeline review of an export, as files."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only

if TYPE_CHECKING:
    from oppnb.reports import ReportResult

__all__ = ["print_result", "retrospective", "review", "show_progress"]

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
        progress=show_progress,
    )
    print_result(result, as_json=as_json)


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

    result = run_retrospective(
        data,
        period=period,
        workspace=workspace,
        locale=locale,
        only=read_only(only),
        out=out,
        pdf=pdf,
        progress=show_progress,
    )
    print_result(result, as_json=as_json, name="retrospective")


def print_result(result: "ReportResult", *, as_json: bool, name: str = "review") -> None:
    """Say where the report is."""
    if as_json:
        files = ("report_html", "report_ipynb", "report_xlsx", "figures_json", "manifest_json")
        found = {"folder": str(result.folder), **{name: str(getattr(result, name)) for name in files}}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    typer.echo(f"The {name} is in {result.folder}")
    typer.echo(f"Open it:  {result.report_html.resolve().as_uri()}")


def show_progress(done: int, total: int) -> None:
    """Count the notebook's cells on standard error, on one line where it is a terminal."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        typer.echo(f"\rrunning the report: cell {done} of {total}{end}", err=True, nl=False)
    elif done in (0, total):
        typer.echo(f"running the report: {done} of {total} cells", err=True)
