"""Run the reports that `oppnb.yaml` names: what is missing is made, a failure stops nobody else."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb import __version__
from oppnb.errors import OppnbError
from oppnb.reports.publishing import make_staging, remove, remove_dead
from oppnb.reports.redacting import redact
from oppnb.runs.catalogue import KILLED, RUNNING, found_all_there, is_whole, job_path, run_path, run_so_far, runs_in
from oppnb.runs.index_page import write_index
from oppnb.runs.jobs import Order
from oppnb.runs.keeping import forget_empty_runs, remove_old
from oppnb.runs.lock import lock
from oppnb.runs.outcome import ALL_DONE, SOME_FAILED, RunResult, exit_code_of, run_exit_code
from oppnb.runs.plan import Job, Plan, asked_run, make_plan
from oppnb.runs.read_once import keep_for_kernels, kept_place
from oppnb.runs.records import read_json, write_json
from oppnb.runs.sending import check_channels, send_reports
from oppnb.runs.setting_changes import flat_settings
from oppnb.runs.spreading import spread
from oppnb.runs.watching import News
from oppnb.stages.kept import offered
from oppnb.workspace import read_workspace

__all__ = ["Told", "run_reports"]

Told = Callable[[int, int, Mapping[str, Any]], None]
"""Called with (jobs ended, jobs in all, the record of the last one)."""
Notices = list[tuple[str, Mapping[str, Any]]]
_STAGED_IN = ("*", "*/*", "*/*/*", "*/reruns/*/*")
"""Where reports are half-made, below the folder for reports: of a command, of a run, and made again."""


@dataclass
class _Run:
    """A run while it is at work."""

    name: str
    folder: Path
    number: int
    id: str
    started: str
    begun: float
    forced: bool = False
    seconds_before: float = 0.0
    plan: Plan | None = None
    notices: Notices = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)

    def seconds(self) -> float:
        """Of all its parts, where it was resumed."""
        return round(self.seconds_before + time.monotonic() - self.begun, 3)


@dataclass(frozen=True)
class _How:
    """How a run is to be done."""

    force: bool
    dask: str | None
    workers: int | None
    progress: Told | None
    news: News | None


def run_reports(
    name: str,
    *,
    workspace: str | Path = "oppnb.yaml",
    out: str | Path = "reports",
    resume: bool = False,
    force: bool = False,
    dask: str | None = None,
    workers: int | None = None,
    progress: Told | None = None,
    news: News | None = None,
) -> RunResult:
    """Make the reports of a run.

    A report that was made before from the same data, parameters, workspace, model, template and code, and whose folder
    is whole, is not made again.

    Parameters
    ----------
    name : str
        A key of `reports:` in the workspace.
    workspace : path
        `oppnb.yaml`; data and templates are named as seen from it.
    out : path
        Reports come to `OUT/NAME/TEMPLATE/SLICE/AS_OF`.
    resume : bool
        Go on with the last run if it was killed or some reports failed: what is missing is made under its id.
    force : bool
        Make all of them; a run that is resumed makes those that it has not made yet.
    dask : str, optional
        Address of a Dask scheduler whose workers see the same folders; by default threads of this process.
    workers : int, optional
        How many reports at once, without `dask`; by default as many as there are cores.
    progress : callable, optional
        Called with (jobs ended, jobs in all, the record of the last one).
    news : callable, optional
        Called with a key of the catalogue and its values: the data is read; a report is at work for some seconds, and
        at which part of it. Reports on other machines tell nothing of this.

    Returns
    -------
    RunResult

    Raises
    ------
    UsageError
        If there is no such run or template, the folder cannot be written, or the run is at work already.
    WorkspaceError
        If `oppnb.yaml` cannot be used.
    DataError, NothingToReadError
        If the data is refused or is not there.
    ReportFailedError
        If the disk is full.
    """
    begun = time.monotonic()
    asked = asked_run(name, read_workspace(workspace))
    folder = Path(out) / name
    with lock(folder, name=name) as killed, kept_place(folder):
        remove(make_staging(folder))  # a folder that cannot hold a report is said before anything is read
        remove_dead(Path(out), *_STAGED_IN)
        run = _begin(name, folder, begun, resume=resume)
        _close_killed(run)
        if killed is not None:
            run.notices.append(("runs.killed", {key: killed.get(key) for key in ("pid", "host", "since")}))
        if news is not None:
            news("runs.reading", {"data": asked.data})
        try:
            run.plan = make_plan(name, workspace=workspace, out=out)
            run.notices += check_channels(run.plan)
        except OppnbError as error:
            _refused(run, error)
            raise
        how = _How(force=force, dask=dask, workers=workers, progress=progress, news=news)
        result = _work(run, run.plan, how)
        if _NOTHING not in result.notices:
            write_index(Path(out), locale=run.plan.workspace.locale, currency=run.plan.workspace.currency)
    return result


def _begin(name: str, folder: Path, begun: float, *, resume: bool) -> _Run:
    """The number of a run is one more than the last one's: a clock that jumps back turns nothing around."""
    now = datetime.now(UTC)
    earlier = runs_in(folder)
    last = earlier[-1] if earlier else None
    left = next((run for run in reversed(earlier) if not found_all_there(run)), None)
    goes_on = resume and left is not None and left["result"] != "done"
    if goes_on and left is not None:
        was_forced = bool(left.get("forced"))
        run = _Run(name, folder, int(left["number"]), str(left["id"]), str(left["started"]), begun, was_forced)
        run.seconds_before = float(run_so_far(left, folder)["seconds"])
        run.notices.append(("runs.resumed", {"id": run.id}))
    else:
        number = int(last["number"]) + 1 if last is not None else 1
        run = _Run(name, folder, number, f"{number:06d}-{now:%Y%m%dT%H%M%SZ}", f"{now:%Y-%m-%dT%H:%M:%SZ}", begun)
    if last is not None and str(last["started"]) > f"{now:%Y-%m-%dT%H:%M:%SZ}":
        run.notices.append(("runs.clock", {"now": f"{now:%Y-%m-%d %H:%M}", "last": last["started"]}))
    return run


def _work(run: _Run, plan: Plan, how: _How) -> RunResult:
    run.notices += plan.notices
    made = {job.key: read_json(job_path(run.folder, job.key)) for job in plan.jobs}
    there = {key: record for key, record in made.items() if record is not None and is_whole(run.folder, record)}
    run.forced = run.forced or how.force
    old = {key for key, record in there.items() if run.forced and record.get("run") != run.id}
    missing = [job for job in plan.jobs if job.key not in there or job.key in old]
    if not missing and not run_path(run.folder, run.id).is_file():
        return _all_there(run, [there[job.key] for job in plan.jobs])
    write_json(_record(run, RUNNING, exit_code=None), run_path(run.folder, run.id))
    kept = keep_for_kernels(plan.read, run.folder)
    run.plan = plan = replace(plan, read=None)  # many slices take their time: the tables need not stay in memory
    with offered(kept):
        ended = _make(run, missing, how, kept=kept)
        run.jobs = [_ended(job, ended, there, run) for job in plan.jobs]
        unsent = send_reports(plan, run.jobs, folder=run.folder, run_id=run.id)
    run.notices += unsent
    _tidy(run, plan)
    code = run_exit_code(run.jobs) or (SOME_FAILED if any(key == "runs.not_sent" for key, _ in unsent) else ALL_DONE)
    write_json(_record(run, "failed" if code else "done", exit_code=code), run_path(run.folder, run.id))
    return RunResult(run.name, run.id, run.folder, tuple(run.jobs), code, run.seconds(), tuple(run.notices))


_NOTHING: tuple[str, Mapping[str, Any]] = ("runs.nothing_to_do", {})


def _all_there(run: _Run, there: list[dict[str, Any]]) -> RunResult:
    """Nothing is made; the catalogue gets a row, by which a schedule can be seen to work."""
    run.jobs = [{**record, "result": "skipped"} for record in there]
    run.notices.append(_NOTHING)
    write_json(_record(run, "done", exit_code=ALL_DONE), run_path(run.folder, run.id))
    forget_empty_runs(run.folder)
    return RunResult(run.name, run.id, run.folder, tuple(run.jobs), ALL_DONE, run.seconds(), tuple(run.notices))


def _make(run: _Run, missing: list[Job], how: _How, *, kept: Path | None) -> dict[str, dict[str, Any]]:
    ended: dict[str, dict[str, Any]] = {}
    order = Order(run.id, str(run.folder), str(Path.cwd()), None if kept is None else str(kept))
    for record in spread(missing, order, dask=how.dask, workers=how.workers, news=how.news):
        ended[str(record["key"])] = record
        if how.progress is not None:
            how.progress(len(ended), len(missing), record)
    return ended


def _ended(
    job: Job, ended: Mapping[str, dict[str, Any]], there: Mapping[str, dict[str, Any]], run: _Run
) -> dict[str, Any]:
    """A report that this run made before it was killed is done, one of an earlier run is skipped."""
    if job.key in ended:
        return ended[job.key]
    record = there[job.key]
    return record if record.get("run") == run.id else {**record, "result": "skipped"}


def _tidy(run: _Run, plan: Plan) -> None:
    if plan.asked.keep.reports is None and plan.asked.keep.days is None:
        return
    gone = [
        path for place in sorted({job.folder for job in plan.jobs}) for path in remove_old(Path(place), plan.asked.keep)
    ]
    if gone:
        run.notices.append(("runs.removed", {"n": len(gone)}))


def _close_killed(run: _Run) -> None:
    """Runs that say they are at work while this one holds the lock were killed."""
    for other in runs_in(run.folder):
        if other["result"] == RUNNING and other["id"] != run.id:
            told = {**run_so_far(other, run.folder), "result": KILLED}
            write_json(told, run_path(run.folder, str(other["id"])))


def _refused(run: _Run, error: OppnbError) -> None:
    if run_path(run.folder, run.id).is_file():
        return  # what the run that was to be resumed says of its reports stays
    with suppress(OppnbError):
        record = _record(run, "failed", exit_code=exit_code_of(error))
        write_json({**record, "said": redact(f"{type(error).__name__}: {error}")}, run_path(run.folder, run.id))


def _record(run: _Run, result: str, *, exit_code: int | None) -> dict[str, Any]:
    plan = run.plan
    return {
        "id": run.id,
        "name": run.name,
        "number": run.number,
        "started": run.started,
        "seconds": run.seconds(),
        "written": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "result": result,
        "exit_code": exit_code,
        "forced": run.forced,
        "as_of": _day_of(run),
        "data_hash": None if plan is None else plan.data_hash,
        "workspace_hash": None if plan is None else plan.workspace_hash,
        "settings": None if plan is None else flat_settings(plan.workspace),
        "versions": {"oppnb": __version__},
        "workspace": None if plan is None else str(plan.jobs[0].parameters.get("workspace", "")),
        "notices": [{"code": code, **values} for code, values in run.notices],
        "jobs": run.jobs,
    }


def _day_of(run: _Run) -> str | None:
    """The day of the reports; where none was made, the day that they would have been of."""
    made = {str(job["as_of"]) for job in run.jobs if job.get("as_of")}
    if made or run.plan is None:
        return max(made, default=None)
    asked = {str(day) for job in run.plan.jobs if (day := job.parameters.get("as_of"))}
    return max(asked, default=run.plan.as_of)
