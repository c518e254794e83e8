"""Send what a run has made to the channels that its entry in `oppnb.yaml` names, each report once."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppnb.errors import OppnbError, WorkspaceError, nearest
from oppnb.reports.redacting import redact
from oppnb.runs.catalogue import job_path
from oppnb.runs.plan import Job, Plan
from oppnb.runs.records import write_json
from oppnb.runs.slicing import LOOKS_LIKE

if TYPE_CHECKING:
    from oppnb.delivery import Findings

__all__ = ["check_channels", "send_reports"]

Notices = list[tuple[str, Mapping[str, Any]]]


def check_channels(plan: Plan) -> Notices:
    """Refuse a run that names a channel or a slice which is not there, before anything is made.

    A slice that today has no report is no mistake, unless it looks like one that has a report but no channel.

    Returns
    -------
    list of (str, mapping)
        Slices with a channel and without a report.

    Raises
    ------
    WorkspaceError
        With the nearest name.
    """
    asked, known = plan.asked, plan.workspace.delivery.channels
    for name in [*asked.deliver, *(one for names in asked.deliver_each.values() for one in names)]:
        if name not in known:
            near = nearest(name, known)
            hint = f" Did you mean '{near}'?" if near else f" It has {', '.join(known) or 'none'}."
            raise WorkspaceError(
                f"oppnb.yaml: the run '{plan.name}' delivers to '{name}', no channel under delivery:.{hint}"
            )
    slices = {job.slice for job in plan.jobs if job.slice is not None}
    absent = [name for name in asked.deliver_each if name not in slices]
    for name in absent:
        near_slices = get_close_matches(name, sorted(slices - set(asked.deliver_each)), n=1, cutoff=LOOKS_LIKE)
        if near_slices:
            raise WorkspaceError(
                f"reports.{plan.name}.deliver_each: no deal has the {asked.for_each} '{name}'. "
                f"Did you mean '{near_slices[0]}'?"
            )
    return [("runs.no_report_for_channel", {"names": ", ".join(absent)})] if absent else []


def send_reports(plan: Plan, jobs: list[dict[str, Any]], *, folder: Path, run_id: str) -> Notices:
    """Send the reports of this run to the channels that have not got them, and each slice's alerts with its first one.

    A channel that is down stops neither the others nor the run: it is in the notices, and gets the report with the
    next `--resume`, it alone. What was sent where is written into the record of the job.

    Returns
    -------
    list of (str, mapping)
        Keys of the catalogue with their values.
    """
    notices: Notices = []
    of_keys = {job.key: job for job in plan.jobs}
    told: set[str | None] = set()
    for record in jobs:
        job = of_keys[str(record["key"])]
        channels = plan.asked.channels_of(job.slice)
        left = [name for name in channels if name not in record.get("sent", [])]
        is_done = not left and not record.get("alerts_left")
        if not channels or record.get("run") != run_id or record["result"] != "done" or is_done:
            continue
        sent, failed = _send(plan, job, folder / str(record["folder"]), left, with_alerts=job.slice not in told)
        told.add(job.slice)
        record["sent"] = [*record.get("sent", []), *sent]
        record["alerts_left"] = failed is not None and set(sent) == set(left)
        write_json(record, job_path(folder, job.key))
        if failed is not None:
            notices.append(("runs.not_sent", {"name": job.name, "said": failed}))
    mine = [record for record in jobs if record.get("run") == run_id and record.get("sent")]
    if mine:
        used = {name for record in mine for name in record["sent"]}
        ordered = [name for name in plan.workspace.delivery.channels if name in used]
        notices.append(("runs.sent", {"n": len(mine), "channels": ", ".join(ordered)}))
    return notices


def _send(
    plan: Plan, job: Job, report: Path, channels: list[str], *, with_alerts: bool
) -> tuple[list[str], str | None]:
    """The channels that took the report, and what went wrong, in words; None if all of it was sent."""
    from oppnb.delivery import deliver
    from oppnb.locale import Words

    place = Path(str(job.parameters["workspace"])).parent
    sent: list[str] = []
    try:
        alerts = _alerts(plan, job) if with_alerts and plan.workspace.alerts else None
        done = deliver(report if channels else None, alerts, workspace=plan.workspace, channels=channels, folder=place)
        sent = [one.channel for one in done.outcomes if one.status == "sent" and one.channel in channels]
        done.raise_for_failure(Words(plan.workspace.locale))
    except OppnbError as error:
        return sent, redact(str(error))
    return sent, None


def _alerts(plan: Plan, job: Job) -> "Findings":
    from oppnb.delivery import find_alerts, open_memory

    place = Path(str(job.parameters["workspace"]))
    memory = open_memory(plan.workspace, beside=place.parent)
    return find_alerts(str(job.parameters["data"]), workspace=place, only=job.parameters.get("only"), memory=memory)
