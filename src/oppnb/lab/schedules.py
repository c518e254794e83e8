"""A report every Monday at seven: the notebook that JupyterLab's scheduler runs, and what to ask it for."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oppnb.errors import ExtraMissingError
from oppnb.lab.bodies import ScheduleBody
from oppnb.lab.office import Office
from oppnb.lab.requests import checked_report
from oppnb.locale import Words
from oppnb.reports import format_template

__all__ = ["has_scheduler", "make_schedule"]

MONDAY_SEVEN = "0 7 * * 1"
_CELL = """from oppnb.reports import run_report

made = run_report({template!r}, {parameters!r}, out={out!r})
made.report_html"""


def has_scheduler() -> bool:
    """Whether jupyter-scheduler is installed where this server runs."""
    return find_spec("jupyter_scheduler") is not None


def make_schedule(office: Office, asked: ScheduleBody) -> dict[str, Any]:
    """Write the notebook of a scheduled report; the browser asks the scheduler, with JupyterLab's own login.

    A job of the scheduler runs a copy of the notebook elsewhere, so everything in it is named in full. A day of
    knowledge is left out: each report is of its own day.

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
    path = Path(report["out"]).parent / "schedules" / f"{asked.template}.ipynb"
    path.parent.mkdir(exist_ok=True)
    is_own = Path(report["source"]).is_relative_to(office.root.folder)
    template = report["source"] if is_own else asked.template  # the package's may lie elsewhere after an update
    cell = _CELL.format(template=template, parameters=report["parameters"], out=report["out"])
    said = {"cell_type": "markdown", "id": "about", "metadata": {}, "source": f"# {report['title']}"}
    code = {"cell_type": "code", "id": "run", "metadata": {}, "source": cell}
    path.write_text(format_template(json.dumps({"cells": [said, code]})), encoding="utf-8")
    return {
        "name": " · ".join(filter(None, (report["title"], report["workspace"]))),  # one a report and workspace
        "input_uri": office.root.name(path),
        "runtime_environment_name": "python",
        "output_formats": ["ipynb"],
        "schedule": MONDAY_SEVEN,
        "timezone": asked.timezone,
    }
