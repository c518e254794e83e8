"""What the routes do, without the web around it."""

from pathlib import Path
from typing import Any

from oppnb.errors import ParameterError
from oppnb.lab.forms import checked_values, field_errors, template_forms
from oppnb.lab.office import Office
from oppnb.lab.past import earlier, job_view, trends
from oppnb.locale import Words
from oppnb.reports import find_template
from oppnb.reports.declarations import read_declaration

__all__ = ["ask_again", "ask_report", "check", "checked_report", "forms", "list_jobs"]

_MOST = 200


def forms(office: Office, *, workspace: str, locale: str) -> dict[str, Any]:
    """Templates of a workspace (or of the package alone) as forms."""
    file = office.root.workspace(workspace) if workspace else None
    return {"templates": template_forms(file, words=Words(locale))}


def check(
    office: Office, *, template: str, values: dict[str, Any], workspace: str = "", locale: str = "en"
) -> dict[str, Any]:
    """`errors`: by parameter, what is wrong; empty if it can be run."""
    file = office.root.workspace(workspace) if workspace else None
    if not isinstance(values, dict):
        raise ParameterError("The values of a form are an object: parameter and value.")
    words = Words(locale)
    found = field_errors(_name(template), values, root=office.root, workspace=file)
    return {"errors": {name: words("lab.needed") if said == "needed" else said for name, said in found.items()}}


def checked_report(
    office: Office, *, template: str, values: dict[str, Any], workspace: str = "", locale: str = "en"
) -> dict[str, Any]:
    """What a job is asked for, with everything checked.

    Raises
    ------
    ParameterError
        If a value is wrong.
    """
    errors = check(office, template=template, values=values, workspace=workspace, locale=locale)["errors"]
    if errors:
        raise ParameterError("\n".join(errors.values()))
    file = office.root.workspace(workspace) if workspace else None
    source = find_template(_name(template), workspace=file)
    declared = read_declaration(source)
    return {
        "template": template,
        "title": declared.title_in(Words(locale)) if declared else template,
        "source": str(source),
        "workspace": workspace or None,
        "values": values,
        "parameters": checked_values(template, values, root=office.root, workspace=file),
        "out": str(_out(office, file)),
        "locale": locale,
    }


def ask_report(office: Office, **asked: Any) -> dict[str, Any]:
    """Take a report as a job; takes what `checked_report` takes."""
    return job_view(office.add(checked_report(office, **asked)), office.root)


def ask_again(office: Office, job_id: str) -> dict[str, Any]:
    """The same report once more, of what the files say now."""
    asked = office.jobs.get(job_id).asked
    same = {name: asked[name] for name in ("template", "values", "locale")}
    return ask_report(office, workspace=asked.get("workspace") or "", **same)


def list_jobs(office: Office) -> dict[str, Any]:
    """The latest jobs, each with the trend of its figures."""
    found = office.jobs.all()[:_MOST]
    return {
        "jobs": [
            {
                **job_view(one, office.root, place=office.jobs.place(one.id)),
                "trends": trends(found, one),
                "earlier": earlier(found, one),
            }
            for one in found
        ]
    }


def _out(office: Office, file: Path | None) -> Path:
    """`reports/` beside the workspace, where that is no link that leads out."""
    place = (file.parent if file else office.root.folder) / "reports"
    return office.root.path(place.relative_to(office.root.folder).as_posix(), must_exist=False)


def _name(template: Any) -> str:
    """Only names of templates are taken, no paths."""
    if not isinstance(template, str) or not template.replace("_", "").replace("-", "").isalnum():
        raise ParameterError("A template is named, not given by a path.")
    return template
