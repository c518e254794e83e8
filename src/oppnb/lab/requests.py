"""What the routes do, without the web around it."""

from pathlib import Path
from typing import Any

from oppnb.errors import ParameterError
from oppnb.lab.bodies import ReportBody
from oppnb.lab.forms import checked_values, field_errors, template_forms
from oppnb.lab.office import Office
from oppnb.lab.past import job_view, with_past
from oppnb.locale import Words
from oppnb.reports import find_template
from oppnb.reports.declarations import read_declaration

__all__ = ["ask_again", "ask_report", "check", "checked_report", "forms", "list_jobs", "show_job"]

_MOST = 60


def forms(office: Office, *, workspace: str, locale: str) -> dict[str, Any]:
    """Templates of a workspace (or of the package alone) as forms."""
    return {"templates": template_forms(_file(office, workspace), words=Words(locale))}


def check(office: Office, asked: ReportBody) -> dict[str, Any]:
    """`errors`: by parameter, what is wrong; empty if it can be run."""
    words = Words(asked.locale)
    file = _file(office, asked.workspace)
    return {"errors": field_errors(asked.template, asked.values, root=office.root, workspace=file, words=words)}


def checked_report(office: Office, asked: ReportBody) -> dict[str, Any]:
    """What a job is asked for, with everything checked.

    Raises
    ------
    ParameterError
        If a value is wrong.
    """
    errors = check(office, asked)["errors"]
    if errors:
        raise ParameterError("\n".join(errors.values()))
    file = _file(office, asked.workspace)
    source = find_template(asked.template, workspace=file)
    declared = read_declaration(source)
    return {
        **asked.model_dump(include={"template", "values", "locale"}),
        "title": declared.title_in(Words(asked.locale)) if declared else asked.template,
        "source": str(source),
        "workspace": asked.workspace or None,
        "parameters": checked_values(asked.template, asked.values, root=office.root, workspace=file),
        "out": str(_out(office, file)),
    }


def ask_report(office: Office, asked: ReportBody) -> dict[str, Any]:
    """Take a report as a job."""
    return show_job(office, office.add(checked_report(office, asked)).id)


def ask_again(office: Office, job_id: str) -> dict[str, Any]:
    """The same report once more, of what the files say now."""
    asked = office.jobs.get(job_id).asked
    same = {name: asked[name] for name in ("template", "values", "locale")}
    return ask_report(office, ReportBody(workspace=asked.get("workspace") or "", **same))


def show_job(office: Office, job_id: str) -> dict[str, Any]:
    """One job, without its past."""
    return job_view(office.jobs.get(job_id), office.root, place=office.jobs.place(job_id))


def list_jobs(office: Office) -> dict[str, Any]:
    """The latest jobs, each with how its figures moved and what it can be compared with."""
    return {"jobs": with_past(office.jobs.latest(_MOST), office.root, place_of=office.jobs.place)}


def _file(office: Office, workspace: str) -> Path | None:
    return office.root.workspace(workspace) if workspace else None


def _out(office: Office, file: Path | None) -> Path:
    """`reports/` beside the workspace, where that is no link that leads out."""
    place = (file.parent if file else office.root.folder) / "reports"
    return office.root.path(place.relative_to(office.root.folder).as_posix(), must_exist=False)
