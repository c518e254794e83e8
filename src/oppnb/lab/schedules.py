"""A report every Monday at seven: the notebook that JupyterLab's scheduler runs, and what to ask it for."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oppnb.errors import ExtraMissingError
from oppnb.lab.office import Office
from oppnb.lab.requests import checked_report
from oppnb.locale import Words
from oppnb.reports import format_template

__all__ = ["has_scheduler", "make_schedule"]

MONDAY_SEVEN = "0 7 * * 1"
_CELL = """from oppnb.reports import run_report

made = run_report({source!r}, {parameters!r}, out={out!r})
made.report_html"""


def has_scheduler() -> bool:
    """Whether jupyter-scheduler is installed where this server runs."""
    return find_spec("jupyter_scheduler") is not None


def make_schedule(office: Office, *, timezone: str = "UTC", **asked: Any) -> dict[str, Any]:
    """Write the notebook of a scheduled report; the browser asks the scheduler, with JupyterLab's own login.

    A job of the scheduler runs a copy of the notebook elsewhere, so everything in it is named in full. A day of
    knowledge is left out: each report is of its own day.

    Parameters
    ----------
    office : Office
    timezone : str
        In which it is seven o'clock, e.g. `Europe/Berlin`.
    **asked
        As in `checked_report`.

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
        raise ExtraMissingError(Words(asked.get("locale", "en"))("lab.no_scheduler"))
    lasting = {name: value for name, value in asked["values"].items() if name != "as_of"}
    report = checked_report(office, **{**asked, "values": lasting})
    path = Path(report["out"]).parent / "schedules" / f"{report['template']}.ipynb"
    path.parent.mkdir(exist_ok=True)
    cell = _CELL.format(source=report["source"], parameters=report["parameters"], out=report["out"])
    said = {"cell_type": "markdown", "id": "about", "metadata": {}, "source": f"# {report['title']}"}
    code = {"cell_type": "code", "id": "run", "metadata": {}, "source": cell}
    path.write_text(format_template(json.dumps({"cells": [said, code]})), encoding="utf-8")
    return {
        "name": " · ".join(filter(None, (report["title"], report["workspace"]))),  # one schedule a report and workspace
        "input_uri": office.root.name(path),
        "runtime_environment_name": "python",
        "output_formats": ["ipynb"],
        "schedule": MONDAY_SEVEN,
        "timezone": timezone,
    }
