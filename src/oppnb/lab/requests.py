"""What the routes do, without the web around it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, ParameterError
from oppnb.lab.bodies import ReportBody
from oppnb.lab.forms import checked_values, data_errors, data_notes, field_errors, template_forms
from oppnb.lab.office import Office
from oppnb.lab.past import job_view, with_past
from oppnb.lab.report_folders import folder_of, folder_slug
from oppnb.locale import Words
from oppnb.reports import find_template, read_parameters
from oppnb.reports.declarations import read_declaration
from oppnb.workspace import read_workspace

__all__ = ["ask_again", "ask_report", "check", "checked_report", "choices", "forms", "list_jobs", "show_job"]

_MOST = 60
_MOST_OF_A_COLUMN, _MOST_SLICES = 60, 300
_USUAL = ("region", "team", "process", "source", "product", "industry", "owner_id")
_NO_SLICE = (
    "stage",
    "outcome",
    "currency",
    "forecast_category",
    "lost_reason",
    "next_step",
    "crm_score",
    "crm_score_kind",
)


def forms(office: Office, *, workspace: str, locale: str) -> dict[str, Any]:
    """Templates of a workspace (or of the package alone) as forms; `problem` says what is wrong with its settings."""
    file = _file(office, workspace)
    return {"templates": template_forms(file, words=Words(locale)), "problem": _problem(office, file, Words(locale))}


def check(office: Office, asked: ReportBody) -> dict[str, Any]:
    """`errors`: by parameter (and of the workspace), what is wrong; empty if it can be run. `notes`: what is odd."""
    words, file = Words(asked.locale), _file(office, asked.workspace)
    problem = _problem(office, file, words)
    if problem:
        return {"errors": {"workspace": problem}, "notes": {}}
    given: dict[str, Any] = {"root": office.root, "workspace": file, "words": words}
    errors = field_errors(asked.template, asked.values, **given)
    errors = errors or data_errors(asked.values, office.facts, **given)
    return {"errors": errors, "notes": {} if errors else data_notes(asked.values, office.facts, **given)}


def choices(office: Office, *, data: str, workspace: str) -> dict[str, Any]:
    """What an export offers: `sellers` by id, `columns` and `slices`; nothing of one that cannot be read."""
    known = office.facts.of(office.root.data(data), _file(office, workspace)) or {"sellers": {}, "columns": {}}
    columns = known["columns"]
    return {"sellers": known["sellers"], "columns": sorted(columns), "slices": _slices(columns)}


def _slices(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """`column=value` of the columns with few values: those that reports are usually cut by first."""
    few = {name for name, values in columns.items() if 2 <= len(values) <= _MOST_OF_A_COLUMN}
    ordered = [name for name in _USUAL if name in few] + sorted(few - set(_USUAL) - set(_NO_SLICE))
    return [f"{name}={value}" for name in ordered for value in columns[name]][:_MOST_SLICES]


def _problem(office: Office, file: Path | None, words: Words) -> str | None:
    """Why an `oppnb.yaml` cannot be used; None where it can, or there is none."""
    if file is None:
        return None
    try:
        read_workspace(file)
    except OppnbError as error:
        return words("lab.workspace_broken", said=str(error).replace(f"{office.root.folder}{os.sep}", ""))
    return None


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
    declared, out = read_declaration(source), _out(office, file)
    slug = folder_slug(asked.values, read_parameters(source))
    return {
        **asked.model_dump(include={"template", "values", "locale"}),
        "title": declared.title_in(Words(asked.locale)) if declared else asked.template,
        "titles": dict(declared.title) if declared else {},
        "source": str(source),
        "workspace": asked.workspace or None,
        "parameters": checked_values(
            asked.template, asked.values, root=office.root, workspace=file, locale=asked.locale
        ),
        "out": str(out),
        "folder": str(folder_of(out, source.stem, slug, office.root)),
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


def list_jobs(office: Office, *, locale: str = "en") -> dict[str, Any]:
    """The latest jobs, each with how its figures moved and what it can be compared with."""
    jobs = office.jobs.latest(_MOST)
    office.notice(jobs)
    return {"jobs": with_past(jobs, office.root, place_of=office.jobs.place, locale=locale)}


def _file(office: Office, workspace: str) -> Path | None:
    return office.root.workspace(workspace) if workspace else None


def _out(office: Office, file: Path | None) -> Path:
    """`reports/` beside the workspace, where that is no link that leads out."""
    place = (file.parent if file else office.root.folder) / "reports"
    return office.root.path(place.relative_to(office.root.folder).as_posix(), must_exist=False)
