"""`python -m oppnb.lab.worker FOLDER`: makes the report of one job, and writes down how far it is."""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, UsageError
from oppnb.lab.jobs import JobFolder
from oppnb.runs.lock import lock

__all__ = ["TAKEN", "main", "work", "work_now"]


TAKEN = 75
"""The exit code of a worker whose job somebody else has: two servers may look after one folder."""


def work(jobs: JobFolder, job_id: str) -> int:
    """Make the report; the exit code is that of the command line, or `TAKEN`."""
    try:
        with lock(jobs.place(job_id), name=job_id):
            return _make(jobs, job_id) if jobs.get(job_id).state["state"] == "queued" else TAKEN
    except UsageError:
        return TAKEN


def _make(jobs: JobFolder, job_id: str) -> int:
    from oppnb.lab.alerts import alerts_beside
    from oppnb.reports import run_report
    from oppnb.reports.redacting import redact

    job = jobs.get(job_id)
    jobs.tell(job_id, **_here(), started_at=_now())

    def progress(done: int, total: int) -> None:
        jobs.tell(job_id, done=done, total=total)

    try:
        made = run_report(
            job.asked["source"],
            job.asked["parameters"],
            out=job.asked["out"],
            folder=job.asked.get("folder"),  # a notebook of an earlier schedule names none
            progress=progress,
        )
        manifest = json.loads(made.manifest_json.read_text(encoding="utf-8"))
        told = _figures(made, manifest)
    except OppnbError as error:
        kept = getattr(error, "folder", None)
        folder = None if kept is None else str(kept.resolve())
        jobs.tell(job_id, state="failed", said=str(error), folder=folder, exit_code=error.exit_code, ended_at=_now())
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - told in the panel; a traceback would show data
        said = redact(f"{type(error).__name__}: {error}")[:500]
        jobs.tell(job_id, state="failed", said=said, exit_code=1, ended_at=_now())
        return 1
    for kept in (made.figures_json, made.manifest_json):  # the next report of this day takes the folder
        shutil.copy2(kept, jobs.place(job_id) / kept.name)
    jobs.tell(job_id, step="alerts", folder=str(made.folder.resolve()), **told)  # shown while its alerts are looked for
    alerts = alerts_beside(job.asked, manifest)
    jobs.tell(job_id, state="done", step=None, alerts=alerts, ended_at=_now())
    return 0


def work_now(jobs: JobFolder, asked: dict[str, Any]) -> str:
    """Make a report here and now, as the notebook of a schedule does, and have it in the list of the panel.

    Returns
    -------
    str
        The report's page.

    Raises
    ------
    ReportFailedError
        If it fails; the panel shows why, too.
    """
    from oppnb.errors import ReportFailedError

    job_id = jobs.add({**asked, "by_scheduler": True}, **_here()).id
    with lock(jobs.place(job_id), name=job_id):
        _make(jobs, job_id)
    state = jobs.get(job_id).state
    if state["state"] != "done":
        raise ReportFailedError(str(state.get("said")))
    return str(Path(state["folder"]) / "report.html")


def _here() -> dict[str, Any]:
    """That a job runs in this process, so that it can be found and stopped."""
    import psutil

    return {"state": "running", "pid": os.getpid(), "born": psutil.Process().create_time()}


def _figures(made: Any, manifest: dict[str, Any]) -> dict[str, Any]:
    from oppnb.runs.jobs import main_figures

    told = json.loads(made.figures_json.read_text(encoding="utf-8"))
    return {"figures": main_figures(told, period=manifest.get("period")), "as_of": manifest.get("as_of")}


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def main() -> None:
    """The job's folder is the only argument."""
    folder = Path(sys.argv[1])
    raise SystemExit(work(JobFolder(folder.parent), folder.name))


if __name__ == "__main__":
    main()
