"""One job of a run: make the report, then write down that it is made."""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, UsageError
from oppnb.reports import run_report
from oppnb.reports.publishing import remove
from oppnb.reports.redacting import redact
from oppnb.runs.catalogue import job_path, kept_files
from oppnb.runs.names import safe_name
from oppnb.runs.plan import Job
from oppnb.runs.records import write_json, write_packed
from oppnb.stages.kept import offered

__all__ = ["Order", "main_figures", "run_job"]

_MAIN = ("open_amount", "weighted_amount", "won_amount", "win_rate", "coverage", "open_count")
_MOST = 4


@dataclass(frozen=True)
class Order:
    """What a worker has to know beside the job.

    Attributes
    ----------
    run_id : str
        For the record.
    folder : str
        `OUT/NAME`.
    stand_in : str
        Where the run was started: relative paths mean that place, on another machine too.
    kept : str or None
        Where the kernels find what the run has read and audited for all of them.
    """

    run_id: str
    folder: str
    stand_in: str
    kept: str | None = None


def run_job(job: Job, order: Order, *, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Make one report and its record; a failure is a record too, and stops nobody else.

    Parameters
    ----------
    job : Job
    order : Order
    progress : callable, optional
        Called with (cells done, cells in all).

    Returns
    -------
    dict
        The record.
    """
    if Path(order.stand_in) != Path.cwd():  # a worker on another machine; it works for this run alone
        os.chdir(order.stand_in)
    begun, started = time.monotonic(), datetime.now(UTC)
    record: dict[str, Any] = {
        "key": job.key,
        "run": order.run_id,
        "template": Path(job.template).stem,
        "template_path": job.template,
        "slice": job.slice,
        "hashes": dict(job.hashes),
        "parameters": job.parameters,
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
    }
    try:
        with offered(None if order.kept is None else Path(order.kept)):
            record |= _made(job, order, progress)
    except OppnbError as error:
        record |= {"result": "failed", "exit_code": error.exit_code, "said": redact(f"{type(error).__name__}: {error}")}
    except Exception as error:  # noqa: BLE001 - a defect in one report must not stop the others; it is told in full
        record |= {"result": "failed", "exit_code": 1, "said": redact(f"{type(error).__name__}: {error}")}
    record["seconds"] = round(time.monotonic() - begun, 3)
    if record["result"] == "done":
        _write_down(record, Path(order.folder))
    return record


def _made(job: Job, order: Order, progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    if job.problem is not None:
        raise UsageError(job.problem)
    parent, folder = Path(job.folder), Path(order.folder)
    _sweep(parent)
    result = run_report(Path(job.template), job.parameters, folder=parent, pdf=job.pdf, progress=progress)
    figures = result.figures_json.read_bytes()
    manifest = json.loads(result.manifest_json.read_bytes())
    write_packed(figures, folder / "jobs" / f"{safe_name(job.key)}.figures.gz")
    return {
        "result": "done",
        "exit_code": 0,
        "folder": result.folder.relative_to(folder).as_posix(),
        "files": kept_files(result.folder),
        "as_of": manifest.get("as_of"),
        "model_id": manifest.get("model_id"),
        "versions": {"python": manifest["python"], **manifest["versions"]},
        "figures": main_figures(json.loads(figures), period=manifest.get("period")),
    }


def _write_down(record: dict[str, Any], folder: Path) -> None:
    try:
        write_json(record, job_path(folder, str(record["key"])))
    except OppnbError as error:
        record |= {"result": "failed", "exit_code": error.exit_code, "said": str(error)}


def _sweep(parent: Path) -> None:
    """What a killed run left half-made; the lock says that no other run is at work here."""
    for left in parent.glob(".tmp-*"):
        with suppress(OSError):
            remove(left)


def main_figures(figures: Iterable[Mapping[str, Any]], *, period: str | None = None) -> list[dict[str, Any]]:
    """The few figures by which a reader knows a report: pipeline, won, win rate; else the first ones.

    Parameters
    ----------
    figures : iterable of mapping
        Those of `figures.json`.
    period : str, optional
        The report's own. Figures of other periods, such as the months of a table, are not those of the report.

    Examples
    --------
    >>> main_figures([{"id": "open_amount", "value": 5.0, "unit": "money", "slice": None}])
    [{'id': 'open_amount', 'unit': 'money', 'value': 5.0}]
    >>> won = [{"id": "won_amount", "period": one, "value": value} for one, value in (("2025-09", 1), ("2025Q3", 3))]
    >>> main_figures(won, period="2025Q3")
    [{'id': 'won_amount', 'unit': None, 'value': 3}]
    """
    whole = [one for one in figures if one.get("slice") is None and isinstance(one.get("value"), (int, float))]
    own = [one for one in whole if one.get("period") in (None, period)] if period else whole
    first = {str(one["id"]): one for one in reversed(own)}
    chosen = [first[name] for name in _MAIN if name in first] or [first[name] for name in sorted(first)]
    return [{"id": one["id"], "unit": one.get("unit"), "value": one["value"]} for one in chosen[:_MOST]]
