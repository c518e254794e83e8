"""Send what a run has made to the channels that its entry in `oppnb.yaml` names, each report once."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppnb.errors import OppnbError, WorkspaceError, nearest
from oppnb.reports.redacting import redact
from oppnb.runs.catalogue import job_path
from oppnb.runs.plan import Job, Plan
from oppnb.runs.records import write_json

if TYPE_CHECKING:
    from oppnb.delivery import Findings

__all__ = ["check_channels", "send_reports"]

Notices = list[tuple[str, Mapping[str, Any]]]


def check_channels(plan: Plan) -> None:
    """Refuse a run that names a channel which is not there, before anything is made.

    Raises
    ------
    WorkspaceError
        With the nearest name.
    """
    known = plan.workspace.delivery.channels
    for name in plan.asked.deliver:
        if name not in known:
            near = nearest(name, known)
            hint = f" Did you mean '{near}'?" if near else f" It has {', '.join(known) or 'none'}."
            raise WorkspaceError(
                f"oppnb.yaml: the run '{plan.name}' delivers to '{name}', no channel under delivery:.{hint}"
            )


def send_reports(plan: Plan, jobs: list[dict[str, Any]], *, folder: Path, run_id: str) -> Notices:
    """Send the reports that this run made and that were not sent yet, and the alerts of each slice with its first one.

    A channel that is down stops neither the others nor the run: it is in the notices, and the report is sent by the
    next `--resume`. What was sent is written into the record of the job.

    Returns
    -------
    list of (str, mapping)
        Keys of the catalogue with their values.
    """
    if not plan.asked.deliver:
        return []
    notices: Notices = []
    of_keys = {job.key: job for job in plan.jobs}
    told: set[str | None] = set()
    for record in jobs:
        job = of_keys[str(record["key"])]
        if record.get("run") != run_id or record["result"] != "done" or record.get("sent"):
            continue
        failed = _send(plan, job, folder / str(record["folder"]), with_alerts=job.slice not in told)
        told.add(job.slice)
        if failed:
            notices.append(("runs.not_sent", {"name": job.name, "said": failed}))
        else:
            record["sent"] = list(plan.asked.deliver)
            write_json(record, job_path(folder, job.key))
    n_sent = sum(bool(record.get("sent")) for record in jobs if record.get("run") == run_id)
    if n_sent:
        notices.append(("runs.sent", {"n": n_sent, "channels": ", ".join(plan.asked.deliver)}))
    return notices


def _send(plan: Plan, job: Job, report: Path, *, with_alerts: bool) -> str | None:
    """What went wrong, in words; None if all of it was sent."""
    from oppnb.delivery import deliver
    from oppnb.locale import Words

    place = Path(str(job.parameters["workspace"])).parent
    try:
        alerts = _alerts(plan, job) if with_alerts and plan.workspace.alerts else None
        done = deliver(report, alerts, workspace=plan.workspace, channels=plan.asked.deliver, folder=place)
        done.raise_for_failure(Words(plan.workspace.locale))
    except OppnbError as error:
        return redact(str(error))
    return None


def _alerts(plan: Plan, job: Job) -> "Findings":
    from oppnb.delivery import find_alerts, open_memory

    place = Path(str(job.parameters["workspace"]))
    memory = open_memory(plan.workspace, beside=place.parent)
    return find_alerts(str(job.parameters["data"]), workspace=place, only=job.parameters.get("only"), memory=memory)
