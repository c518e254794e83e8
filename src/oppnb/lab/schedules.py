"""A report every Monday at seven: the notebook that JupyterLab's scheduler runs, and what to ask it for."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oppnb.errors import ExtraMissingError
from oppnb.lab.bodies import ScheduleBody
from oppnb.lab.office import Office
from oppnb.lab.requests import checked_report
from oppnb.locale import Words
from oppnb.reports import format_template, read_parameters

__all__ = ["TAG", "has_scheduler", "list_schedules", "make_schedule", "next_run"]

MONDAY_SEVEN = "0 7 * * 1"
TAG = "oppnb"
"""By which the scheduler's jobs of this panel are known among all others."""
_WEEKLY = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3]) \* \* ([0-7])")
_CELL = """from pathlib import Path

from oppnb.lab.jobs import JobFolder
from oppnb.lab.worker import work_now

work_now(JobFolder(Path({folder!r})), {asked!r})"""


def has_scheduler() -> bool:
    """Whether jupyter-scheduler is installed where this server runs."""
    return find_spec("jupyter_scheduler") is not None


def list_schedules(definitions: Sequence[tuple[str, str]], *, now: datetime | None = None) -> dict[str, Any]:
    """Whether there is a scheduler, and when it runs each of what the browser found in it.

    Parameters
    ----------
    definitions : sequence of (schedule, time zone)
        As the scheduler tells them.
    now : datetime, optional
        By default the clock.
    """
    moment = now or datetime.now(UTC)
    return {"has_scheduler": has_scheduler(), "next": [next_run(*one, now=moment) for one in definitions]}


def next_run(schedule: str, timezone: str, *, now: datetime) -> str | None:
    """When the scheduler runs a weekly job next; None for any other schedule, which it alone can tell.

    Parameters
    ----------
    schedule : str
        Minute, hour, `*`, `*`, day of the week (0 or 7 is Sunday), as cron writes it.
    timezone : str
        Whose clock; empty for UTC, as the scheduler takes it.
    now : datetime
        With a time zone.

    Returns
    -------
    str or None
        ISO 8601, in UTC.

    Examples
    --------
    >>> next_run("0 7 * * 1", "Europe/Berlin", now=datetime(2026, 10, 23, tzinfo=UTC))
    '2026-10-26T06:00:00Z'
    """
    found = _WEEKLY.fullmatch(schedule.strip())
    try:
        local = now.astimezone(ZoneInfo(timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    if found is None:
        return None
    minute, hour, weekday = map(int, found.groups())
    for ahead in range(8):
        day = local + timedelta(days=ahead)
        moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if moment > local and moment.isoweekday() % 7 == weekday % 7:
            return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return None


def make_schedule(office: Office, asked: ScheduleBody) -> dict[str, Any]:
    """Write the notebook of a scheduled report; the browser asks the scheduler, with JupyterLab's own login.

    A job of the scheduler runs a copy of the notebook elsewhere, so everything in it is named in full. A day of
    knowledge is left out: each report is of its own day. What it makes is in the panel's list like any other.

    Returns
    -------
    dict
        The body for `scheduler/job_definitions`.

    Raises
    ------
    ParameterError
        If a value is wrong.
    ExtraMissingError
        If there is no scheduler.
    """
    if not has_scheduler():
        raise ExtraMissingError(Words(asked.locale)("lab.no_scheduler"))
    lasting = {name: value for name, value in asked.values.items() if name != "as_of"}
    report = checked_report(office, asked.model_copy(update={"values": lasting}))
    asks = read_parameters(Path(report["source"]))
    apart = {name: value for name, value in lasting.items() if name != "data" and value != asks[name].default}
    mark = _mark(asked, apart)
    name = f"{asked.template}-{mark[:6]}" if apart else asked.template
    path = Path(report["out"]).parent / "schedules" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    is_own = Path(report["source"]).is_relative_to(office.root.folder)
    source = report["source"] if is_own else asked.template  # the package's may lie elsewhere after an update
    cell = _CELL.format(folder=str(office.jobs.folder), asked={**report, "source": source})
    said = {"cell_type": "markdown", "id": "about", "metadata": {}, "source": f"# {report['title']}"}
    code = {"cell_type": "code", "id": "run", "metadata": {}, "source": cell}
    path.write_text(format_template(json.dumps({"cells": [said, code]})), encoding="utf-8")
    return {
        "name": " · ".join(filter(None, (report["title"], report["workspace"], *map(str, apart.values())))),
        "input_uri": office.root.name(path),
        "runtime_environment_name": "python",
        "output_formats": ["ipynb"],
        "schedule": MONDAY_SEVEN,
        "timezone": asked.timezone,
        "tags": [TAG, f"{TAG}-{mark}"],  # the second: the same report again, which takes the place of the first
    }


def _mark(asked: ScheduleBody, apart: dict[str, Any]) -> str:
    """The same for the same report of a workspace, whatever its data."""
    told = json.dumps([asked.template, asked.workspace, apart], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
