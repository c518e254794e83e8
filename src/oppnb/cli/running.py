"""`oppnb run`, `oppnb runs`, `oppnb rerun`, `oppnb diff`: reports by name, for a scheduler, and what came of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson
from oppnb.cli.tables_out import aligned
from oppnb.errors import OppnbError, ReportFailedError

if TYPE_CHECKING:
    from oppnb.locale import Words
    from oppnb.runs import ReportDiff, RunResult

__all__ = ["diff", "rerun", "run", "runs"]

Out = Annotated[Path, typer.Option(help="Folder for reports.")]
Settings = Annotated[Path, typer.Option("--workspace", "-w", help="oppnb.yaml; its section `reports` names the runs.")]
Locale = Annotated[str, typer.Option(help="en or zh_CN.")]
RunId = Annotated[str, typer.Argument(help="Number or id of a run, NAME/NUMBER, or a job's key.", metavar="ID")]


def run(
    name: Annotated[str, typer.Argument(help="A key of `reports` in oppnb.yaml.", metavar="NAME")],
    workspace: Settings = Path("oppnb.yaml"),
    out: Out = Path("reports"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was killed or failed in part.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Make all reports, also those that are there.")] = False,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, e.g. tcp://10.0.0.5:8786.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the reports that oppnb.yaml names, for each slice; those that are there and still hold are not made again.

    Exit codes: 0 all; 1 some failed; 2 bad configuration, or the run cannot start; 3 the data is refused or not there.
    """
    from oppnb.locale import Words
    from oppnb.runs import exit_code_of, run_reports
    from oppnb.workspace import read_workspace

    try:
        words = Words(read_workspace(workspace).locale)
        progress = None if as_json else _teller(words)
        done = run_reports(name, workspace=workspace, out=out, resume=resume, force=force, dask=dask, progress=progress)
    except OppnbError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(exit_code_of(error)) from error
    _tell(done, words, out=out, as_json=as_json)
    raise typer.Exit(done.exit_code)


def runs(
    out: Out = Path("reports"),
    name: Annotated[str | None, typer.Option(help="Only runs of this name.")] = None,
    locale: Locale = "en",
    as_json: AsJson = False,
) -> None:
    """List the runs that a folder of reports remembers, the latest first."""
    import pandas as pd

    from oppnb.locale import Words
    from oppnb.runs import list_runs

    words, found = Words(locale), list_runs(out, name=name)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        typer.echo(words("runs.no_runs", out=out))
        return
    rows = [_row(one, words) for one in found]
    typer.echo(aligned(pd.DataFrame(rows)))


def rerun(run_id: RunId, out: Out = Path("reports"), locale: Locale = "en", as_json: AsJson = False) -> None:
    """Make the reports of an earlier run again and compare their figures byte for byte; exit code 6 if they differ."""
    from oppnb import __version__
    from oppnb.locale import Words
    from oppnb.runs import rerun as make_again

    words, found = Words(locale), make_again(run_id, out=out)
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=1))
    for one in () if as_json else found:
        said = {"before": one.version, "now": __version__}
        why = " ".join(words(f"runs.rerun_{reason}", **said) for reason in one.reasons or ("unknown",))
        figures = ", ".join(one.changed[:3])
        same = words("runs.rerun_same", name=one.name)
        typer.echo(same if one.is_same else words("runs.rerun_other", name=one.name, figures=figures, why=why))
    other = [one.name for one in found if not one.is_same]
    if other:
        raise ReportFailedError(f"{len(other)} of {len(found)} reports came out with other figures.")


def diff(
    first: Annotated[str, typer.Argument(help="Number or id of a run, NAME/NUMBER, or a job's key.", metavar="A")],
    second: Annotated[str, typer.Argument(help="The other one.", metavar="B")],
    out: Out = Path("reports"),
    locale: Locale = "en",
    as_json: AsJson = False,
) -> None:
    """Explain each figure that differs between two runs: data, configuration, model or code."""
    from oppnb.locale import Words
    from oppnb.runs import diff_runs

    words, found = Words(locale), diff_runs(first, second, out=out)
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        typer.echo(_diff_text(one, words))


def _teller(words: "Words") -> Any:
    def tell(done: int, total: int, job: Mapping[str, Any]) -> None:
        typer.echo(f"{done}/{total}  {_job_text(job, words)}", err=True)

    return tell


def _job_text(job: Mapping[str, Any], words: "Words") -> str:
    name = job["template"] if job.get("slice") is None else f"{job['template']} · {job['slice']}"
    if job["result"] == "failed":
        return words("runs.job_failed", name=name, said=job.get("said"))
    return words("runs.job_done", name=name, folder=job["folder"], seconds=job["seconds"])


def _tell(done: "RunResult", words: "Words", *, out: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(done.to_dict(), ensure_ascii=False, indent=1))
        return
    for code, values in done.notices:
        typer.echo(words(code, **values))
    typer.echo(words("runs.summary", name=done.name, seconds=f"{done.seconds:.1f}", **done.counts))
    for job in done.jobs:
        if job["result"] == "failed":
            typer.echo(f"  {_job_text(job, words)}")
    if (out / "index.html").is_file():
        typer.echo(words("runs.index_at", place=(out / "index.html").resolve().as_uri()))


def _row(one: Mapping[str, Any], words: "Words") -> dict[str, Any]:
    results = [job["result"] for job in one["jobs"]]
    counts = {kind: results.count(kind) for kind in ("done", "skipped", "failed")}
    told = {
        "id": f"{one['name']}/{one['number']}",
        "started": one["started"],
        "as_of": one["as_of"] or "",
        "result": words(f"runs.result_{one['result']}"),
        "reports": words("runs.reports_counted", **counts),
        "seconds": one["seconds"],
    }
    return {words(f"runs.column_{key}"): value for key, value in told.items()}


def _diff_text(one: "ReportDiff", words: "Words") -> str:
    if one.only_in is not None:
        return words("runs.diff_only_in", name=one.name, id=one.only_in)
    if not one.changes:
        return words("runs.diff_same", name=one.name)
    causes = [words(f"runs.cause_{cause}") for cause in one.causes]
    if len(causes) == 1:
        why = words("runs.diff_one", cause=causes[0])
    else:
        why = words("runs.diff_several", causes=", ".join(causes)) if causes else words("runs.diff_none")
    lines = [words("runs.diff_figures", name=one.name, n=len(one.changes), why=why)]
    return "\n".join([*lines, *(f"  {change.figure}: {change.before} -> {change.after}" for change in one.changes)])
