"""`oppnb run`, `oppnb runs`, `oppnb rerun`, `oppnb diff`: reports by name, for a scheduler, and what came of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Locale, reader_settings
from oppnb.cli.mistakes import mistake_text, reader_of
from oppnb.cli.section_words import part_text
from oppnb.cli.tables_out import aligned
from oppnb.errors import OppnbError, ReportFailedError, nearest_path
from oppnb.locale.mistakes import in_words, lead_of

if TYPE_CHECKING:
    from oppnb.locale import Formats, Words
    from oppnb.runs import ReportDiff, RunResult

__all__ = ["diff", "rerun", "run", "runs"]

Out = Annotated[Path, typer.Option(help="Folder for reports.")]
Settings = Annotated[Path, typer.Option("--workspace", "-w", help="oppnb.yaml; its section `reports` names the runs.")]
_HERE = Path("oppnb.yaml")
_MOST_LETTERS = 200
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
        done = run_reports(
            name,
            workspace=workspace,
            out=out,
            resume=resume,
            force=force,
            dask=dask,
            progress=None if as_json else _teller(words),
            news=None if as_json else lambda key, values: typer.echo(_news_text(key, values, words), err=True),
        )
    except OppnbError as error:
        code = exit_code_of(error)
        typer.echo(mistake_text(error, reader_of({"workspace": workspace}), run_code=code), err=True)
        raise typer.Exit(code) from error
    _tell(done, words, out=out, as_json=as_json)
    raise typer.Exit(done.exit_code)


def runs(
    out: Out = Path("reports"),
    name: Annotated[str | None, typer.Option(help="Only runs of this name.")] = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """List the runs that a folder of reports remembers, the latest first."""
    import pandas as pd

    from oppnb.runs import list_runs

    found = list_runs(out, name=name)
    words, _ = _reader(locale, out, found)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        near = None if out.exists() else nearest_path(out)
        is_meant = near is not None and any(near.glob("*/runs"))
        hint = words("runs.between") + words("runs.did_you_mean", near=near) if is_meant else ""
        typer.echo(words("runs.no_runs", out=out) + hint)
        return
    head, *rows = aligned(pd.DataFrame([_row(one, words) for one in found])).splitlines()
    typer.echo(head)
    for row, one in zip(rows, found, strict=True):
        typer.echo("\n".join([row, *_why(one, words)]))


def rerun(run_id: RunId, out: Out = Path("reports"), locale: Locale = None, as_json: AsJson = False) -> None:
    """Make the reports of an earlier run again and compare their figures byte for byte; exit code 6 if they differ."""
    from oppnb import __version__
    from oppnb.runs import list_runs
    from oppnb.runs import rerun as make_again

    words, _ = _reader(locale, out, list_runs(out))
    found = make_again(run_id, out=out)
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
        raise ReportFailedError(words.counted("runs.rerun_failed", n=len(other), total=len(found)))


def diff(
    first: Annotated[str, typer.Argument(help="Number or id of a run, NAME/NUMBER, or a job's key.", metavar="A")],
    second: Annotated[str, typer.Argument(help="The other one.", metavar="B")],
    out: Out = Path("reports"),
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Explain each figure that differs between two runs: data, configuration, model or code."""
    from oppnb.runs import diff_runs, list_runs

    words, formats = _reader(locale, out, list_runs(out))
    found = diff_runs(first, second, out=out)
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=1))
        return
    for line in _keys_text(found, words):
        typer.echo(line)
    for one in found:
        typer.echo("\n".join([_diff_text(one, words), *_figures_text(one, words, formats)]))


def _reader(locale: str | None, out: Path, known: Sequence[Mapping[str, Any]]) -> "tuple[Words, Formats]":
    """Language and currency of who reads: those of oppnb.yaml here, beside the reports, or of the last run."""
    from oppnb.locale import Formats, Words

    named = next((str(one["workspace"]) for one in known if one.get("workspace")), None)
    settings = reader_settings(_HERE, out.resolve().parent / _HERE, None if named is None else Path(named))
    words = Words(locale or settings.locale)
    return words, Formats(words.locale, currency=settings.currency)


def _news_text(key: str, values: Mapping[str, Any], words: "Words") -> str:
    told = dict(values)
    if "section" in told:
        told["section"] = part_text(str(told["template"]), str(told["section"]), words)
    return words(key, **told)


def _teller(words: "Words") -> Any:
    def tell(done: int, total: int, job: Mapping[str, Any]) -> None:
        is_failed = job["result"] == "failed"  # why is told once, at the end
        said = words("runs.job_failed_here", name=_job_name(job)) if is_failed else _job_text(job, words)
        typer.echo(f"{done}/{total}  {said}", err=True)

    return tell


def _job_name(job: Mapping[str, Any]) -> str:
    return str(job["template"]) if job.get("slice") is None else f"{job['template']} · {job['slice']}"


def _job_text(job: Mapping[str, Any], words: "Words") -> str:
    name = _job_name(job)
    if job["result"] == "failed":
        said = str(job.get("said") or "")
        return words("runs.job_failed", name=name, said=lead_of(said, words) + _own_words(said, words))
    return words("runs.job_done", name=name, folder=job["folder"], seconds=job["seconds"])


def _own_words(said: str, words: "Words") -> str:
    return said if words.locale == "en" else in_words(said, words)


def _tell(done: "RunResult", words: "Words", *, out: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(done.to_dict(), ensure_ascii=False, indent=1))
        return
    for code, values in done.notices:
        typer.echo(words.counted(code, **values))
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
        "as_of": one["as_of"] or "–",
        "result": words(f"runs.result_{one['result']}"),
        "reports": words("runs.reports_counted", **counts) if results or not one.get("said") else "–",
        "seconds": one["seconds"],
    }
    return {words(f"runs.column_{key}"): value for key, value in told.items()}


def _why(one: Mapping[str, Any], words: "Words") -> list[str]:
    """Why a run failed, in short: what refused it, else its first report that failed, and how many more did."""
    from oppnb.runs import told_reason

    failed = [job for job in one["jobs"] if job["result"] == "failed"]
    said = str(one.get("said") or (failed[0].get("said") if failed else None) or "")
    if not said:
        return []
    reason = told_reason(said, words)
    short = reason if len(reason) <= _MOST_LETTERS else f"{reason[:_MOST_LETTERS].rstrip()}…"
    if one.get("said") or not failed:
        return [f"    {short}"]
    told = words("runs.failed_why", name=_job_name(failed[0]), said=short)
    more = len(failed) - 1
    return [f"    {told}" + (words.counted("runs.failed_more", n=more) if more else "")]


def _diff_text(one: "ReportDiff", words: "Words") -> str:
    if one.only_in is not None:
        return words("runs.diff_only_in", name=one.name, id=one.only_in)
    causes = [words(f"runs.cause_{cause}") for cause in one.causes]
    if not one.changes:
        key = "runs.diff_same_but" if causes else "runs.diff_same"
        return words(key, name=one.name, causes=words("runs.comma").join(causes))
    if len(causes) == 1:
        why = words("runs.diff_one", cause=causes[0])
    else:
        why = words("runs.diff_several", causes=words("runs.comma").join(causes)) if causes else words("runs.diff_none")
    return words.counted("runs.diff_figures", name=one.name, n=len(one.changes), why=why)


def _figures_text(one: "ReportDiff", words: "Words", formats: "Formats") -> list[str]:
    """Below a report: what was asked of it otherwise, then its figures that differ."""
    from oppnb.runs.figure_words import change_text
    from oppnb.runs.setting_changes import setting_text

    asked = [setting_text(setting, words) for setting in one.settings if setting.kind != "workspace"]
    return [
        f"  {line}" for line in [*asked, *(change_text(change, words=words, formats=formats) for change in one.changes)]
    ]


def _keys_text(found: "Sequence[ReportDiff]", words: "Words") -> list[str]:
    """What differs in oppnb.yaml: once for all reports."""
    from oppnb.runs.setting_changes import setting_text

    keys = [setting_text(setting, words) for one in found for setting in one.settings if setting.kind == "workspace"]
    unknown = [] if all(one.are_keys_known for one in found) else [words("runs.setting_keys_unknown")]
    return [*dict.fromkeys(keys), *unknown]
