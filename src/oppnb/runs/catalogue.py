"""The run catalogue: one JSON file a run and a job, under `OUT/NAME/runs` and `OUT/NAME/jobs`."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError
from oppnb.runs.lock import is_held
from oppnb.runs.names import safe_name
from oppnb.runs.records import read_json, read_packed

__all__ = [
    "KILLED",
    "RUNNING",
    "figures_of",
    "find_records",
    "found_all_there",
    "is_whole",
    "job_path",
    "jobs_of",
    "kept_files",
    "list_runs",
    "run_path",
    "run_so_far",
    "runs_in",
]

KILLED, RUNNING = "killed", "running"
_NEEDED = ("figures.json", "manifest.json", "report.html", "report.ipynb", "report.xlsx")


def run_path(folder: Path, run_id: str) -> Path:
    """Where the record of a run is."""
    return folder / "runs" / f"{run_id}.json"


def job_path(folder: Path, key: str) -> Path:
    """Where the record of a job is."""
    return folder / "jobs" / f"{key}.json"


def runs_in(folder: Path) -> list[dict[str, Any]]:
    """The runs of one name, the earliest first: by their number, which no clock can turn around."""
    read = (read_json(path) for path in sorted((folder / "runs").glob("*.json")))
    return sorted((run for run in read if run is not None), key=lambda run: int(run["number"]))


def jobs_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of a run as they ended."""
    return list(run.get("jobs", []))


def found_all_there(run: dict[str, Any]) -> bool:
    """Whether a run found every report as it was, and so made none.

    Examples
    --------
    >>> found_all_there({"result": "done", "jobs": [{"result": "skipped"}]})
    True
    """
    jobs = jobs_of(run)
    return run["result"] == "done" and bool(jobs) and all(job["result"] == "skipped" for job in jobs)


def list_runs(out: str | Path = "reports", *, name: str | None = None) -> list[dict[str, Any]]:
    """All runs that a folder of reports remembers, the latest first.

    Parameters
    ----------
    out : path
        The folder for reports.
    name : str, optional
        Only runs of this name.

    Returns
    -------
    list of dict
        One a run, also for one that found every report as it was (all its jobs are `skipped`; of these the latest
        hundred of a name are kept).
        `id`, `name`, `number`, `started`, `seconds` (of a run that was resumed, of all its parts), `result` (done,
        failed, running, killed: its process is dead; of these two, `jobs` are the reports that it made so far),
        `exit_code`, `forced`, `as_of` (of a run that made no report, the day that its reports would have been of),
        `data_hash`, `workspace_hash`, `settings` (keys of `oppnb.yaml`, without secrets), `versions`, and `jobs`.

    Examples
    --------
    >>> list_runs("no/such/folder")
    []
    """
    folders = [Path(out) / name] if name is not None else _named(Path(out))
    found = [run_so_far(run, folder) for folder in folders for run in runs_in(folder)]
    return sorted(found, key=lambda run: (str(run["started"]), str(run["name"]), int(run["number"])), reverse=True)


def run_so_far(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A run as it is: one that did not come to its end with the reports that it made, its time until the last of them.

    Parameters
    ----------
    run : dict
        Its record.
    folder : Path
        `OUT/NAME`.

    Examples
    --------
    >>> run_so_far({"id": "000001-x", "result": "running", "seconds": 2.5}, Path("no/such/folder"))
    {'id': '000001-x', 'result': 'killed', 'seconds': 2.5, 'jobs': []}
    """
    if run["result"] not in (RUNNING, KILLED):
        return run
    made = jobs_of(run) or _made_by(str(run["id"]), folder)
    if run["result"] == KILLED:
        return {**run, "jobs": made}
    days = [str(job["as_of"]) for job in made if job.get("as_of")]
    return {
        **run,
        "result": RUNNING if is_held(folder) else KILLED,
        "seconds": _seconds_so_far(run, made),
        "jobs": made,
        **({"as_of": max(days)} if days else {}),
    }


def _made_by(run_id: str, folder: Path) -> list[dict[str, Any]]:
    read = (read_json(path) for path in sorted((folder / "jobs").glob("*.json")))
    made = [job for job in read if job is not None and job.get("run") == run_id]
    return sorted(made, key=lambda job: (str(job.get("template")), str(job.get("slice") or "")))


def _seconds_so_far(run: dict[str, Any], made: list[dict[str, Any]]) -> float:
    """What the record says of the time before it was written, and from then to the end of the last report."""
    before = float(run["seconds"])
    written = _moment(run.get("written"))
    ends = [began + float(job["seconds"]) for job in made if (began := _moment(job.get("started"))) is not None]
    return before if written is None or not ends else round(before + max(0.0, max(ends) - written), 3)


def _moment(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def _named(out: Path) -> list[Path]:
    return sorted(path.parent for path in out.glob("*/runs") if path.is_dir())


def find_records(out: str | Path, wanted: str) -> tuple[Path, dict[str, Any], list[dict[str, Any]]]:
    """Find a run, or one job of it, by what a user says.

    Parameters
    ----------
    out : path
        The folder for reports.
    wanted : str
        The id of a run, its number, `NAME/NUMBER`, or the beginning of a job's key (six letters or more).

    Returns
    -------
    folder : Path
        `OUT/NAME`.
    run : dict
    jobs : list of dict
        Of the run that made or took over a report: all, or the one.

    Raises
    ------
    UsageError
        If there is none, or several.
    """
    name, _, number = wanted.rpartition("/")
    runs = [(Path(out) / str(run["name"]), run) for run in list_runs(out) if not name or run["name"] == name]
    same = [(folder, run) for folder, run in runs if number in (run["id"], str(run["number"]))]
    if len(same) > 1:
        names = " or ".join(f"{run['name']}/{number}" for _, run in same)
        raise UsageError(f"'{wanted}' are several runs: write {names}.")
    if same:
        return *same[0], jobs_of(same[0][1])
    if len(number) >= 6:
        for folder, run in runs:
            jobs = [job for job in jobs_of(run) if str(job["key"]).startswith(number)]
            if jobs:
                return folder, run, jobs[:1]
    raise UsageError(f"There is no run '{wanted}' in '{out}'. `oppnb runs --out {out}` lists them.")


def kept_files(report: Path) -> dict[str, str]:
    """What a complete report holds: name -> hash of figures and manifest, size of the others."""
    return {name: _print(report / name) for name in _files(report)}


def _files(report: Path) -> Iterator[str]:
    for path in sorted(report.rglob("*")):
        if path.is_file():
            yield path.relative_to(report).as_posix()


def _print(path: Path) -> str:
    if path.name in ("figures.json", "manifest.json"):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return str(path.stat().st_size)


def is_whole(folder: Path, job: dict[str, Any] | None) -> bool:
    """Whether the report that a record speaks of is still there, complete and that of this job."""
    if job is None or job.get("result") != "done" or not job.get("folder"):
        return False
    report, files = folder / job["folder"], job.get("files") or {}
    try:
        return all(name in files for name in _NEEDED) and all(
            _print(report / name) == seen for name, seen in files.items()
        )
    except OSError:
        return False


def figures_of(folder: Path, job: dict[str, Any]) -> bytes | None:
    """The figures of a job, also after another report came to its place; None where they were removed."""
    return read_packed(folder / "jobs" / f"{safe_name(str(job['key']))}.figures.gz")
