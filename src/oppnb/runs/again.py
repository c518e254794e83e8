"""Make the reports of an earlier run again and hold their figures against those of then, byte for byte."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppnb import __version__
from oppnb.errors import DataError, UsageError
from oppnb.reports import find_template, run_report
from oppnb.runs.catalogue import figures_of, find_records
from oppnb.runs.comparing import changed_figures
from oppnb.runs.prints import code_hash, model_hash, template_hash, workspace_hash
from oppnb.sources import find_files
from oppnb.sources.hashing import data_hash
from oppnb.workspace import read_workspace

__all__ = ["RerunResult", "rerun"]


@dataclass(frozen=True)
class RerunResult:
    """A report that was made again.

    Attributes
    ----------
    name : str
        Template and slice.
    folder : Path
        Where the new report is.
    is_same : bool
        Whether `figures.json` is the same byte for byte.
    changed : tuple of str
        Ids of the figures that differ.
    reasons : tuple of str
        What is other than then: `code`, `template`, `workspace`, `model`.
    version : str
        Of oppnb when the report was first made.
    """

    name: str
    folder: Path
    is_same: bool
    changed: tuple[str, ...]
    reasons: tuple[str, ...]
    version: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.__dict__, "folder": str(self.folder), "version_now": __version__}


def rerun(run: str, *, out: str | Path = "reports") -> list[RerunResult]:
    """Make the reports of a run again from what its record says.

    Parameters
    ----------
    run : str
        Id or number of a run, `NAME/NUMBER`, or the beginning of a job's key; `oppnb runs` lists them.
    out : path
        The folder for reports. New ones come to `OUT/NAME/reruns/…`; those of the run are left as they are.

    Returns
    -------
    list of RerunResult

    Raises
    ------
    UsageError
        If there is no such run, or it made no report.
    DataError
        If the data is no longer that of the run.
    """
    folder, record, jobs = find_records(out, run)
    good = [job for job in jobs if job["result"] != "failed"]
    if not good:
        raise UsageError(f"Run '{run}' made no report that could be made again.")
    return [_again(job, record, folder) for job in good]


def _again(job: Mapping[str, Any], record: Mapping[str, Any], folder: Path) -> RerunResult:
    then = figures_of(folder, dict(job))
    name = job["template"] if job.get("slice") is None else f"{job['template']} · {job['slice']}"
    if then is None:
        raise UsageError(f"The figures of '{name}' in run {record['id']} are no longer there.")
    parameters = dict(job["parameters"])
    _check_data(parameters, job, record)
    file = Path(str(record["workspace"]))
    template = find_template(str(job["template_path"]), workspace=file)
    place = folder / "reruns" / str(job["hashes"]["folder"])
    made = run_report(template, parameters, folder=place)
    now = made.figures_json.read_bytes()
    changed = tuple(change.figure for change in changed_figures(json.loads(then), json.loads(now)))
    reasons = _reasons(job, template, file)
    return RerunResult(str(name), made.folder, now == then, changed, reasons, str(job["hashes"].get("version")))


def _check_data(parameters: Mapping[str, Any], job: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    if data_hash(find_files(str(parameters["data"]))) != job["hashes"]["data"]:
        raise DataError(
            f"'{parameters['data']}' is no longer the data of run {record['id']}: its hash differs. "
            "Put the export of that day back to make the same report again."
        )


def _reasons(job: Mapping[str, Any], template: Path, file: Path) -> tuple[str, ...]:
    hashes, settings = job["hashes"], read_workspace(file)
    now = {
        "code": code_hash(),
        "template": template_hash(template),
        "workspace": workspace_hash(settings),
        "model": model_hash(settings, file=file, parameters=job["parameters"]),
    }
    return tuple(kind for kind, value in now.items() if hashes.get(kind) != value)
