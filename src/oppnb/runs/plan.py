"""What a run has to make: a job for each template and slice, with a key that changes when anything behind it does."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from oppnb import __version__
from oppnb.errors import NothingToReadError, ParameterError, UsageError, WorkspaceError, nearest, nearest_path
from oppnb.locale import Words
from oppnb.reports import check_parameters, find_template, read_parameters
from oppnb.reports.pdf import check_pdf
from oppnb.reports.template_check import check_template
from oppnb.runs.names import folder_names, not_a_name_here, safe_name
from oppnb.runs.prints import code_hash, hash_of, model_hash, template_hash, workspace_hash
from oppnb.runs.read_once import ReadOnce, read_once
from oppnb.runs.slicing import Slices, find_slices
from oppnb.stages import NO_DAY, OpenedData
from oppnb.workspace import ReportRun, TemplateUse, Workspace, read_workspace

__all__ = ["Job", "Plan", "asked_run", "make_plan"]

ALL = "all"
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SET_HERE = ("data", "workspace", "only")
_BROKEN = ("not Python", "this is no")


@dataclass(frozen=True)
class Job:
    """One report of a run; plain values, so that it can be sent to another machine.

    Attributes
    ----------
    key : str
        Hash over template, parameters, data, workspace, model, code and slice.
    template : str
        The notebook.
    slice : str or None
        The value of the run's column; None for all.
    folder : str
        Where the report's folder, named by its day, is made.
    parameters : dict
        As the template gets them.
    hashes : dict
        What the key is made of.
    problem : str or None
        Why it cannot be started.
    pdf : bool
        Whether `report.pdf` is printed as well.
    """

    key: str
    template: str
    slice: str | None
    folder: str
    parameters: dict[str, Any]
    hashes: dict[str, str | None]
    problem: str | None = None
    pdf: bool = False

    @property
    def name(self) -> str:
        """Template and slice in words."""
        return f"{Path(self.template).stem} · {self.slice}" if self.slice is not None else Path(self.template).stem


@dataclass(frozen=True)
class Plan:
    """All jobs of a run, in their order.

    Attributes
    ----------
    name : str
        Of the run.
    folder : Path
        `OUT/NAME`.
    workspace : Workspace
        The settings.
    asked : ReportRun
        What the workspace says of the run.
    jobs : tuple of Job
    data_hash, workspace_hash : str
    notices : tuple of (str, mapping)
        Keys of the catalogue with their values.
    read : ReadOnce or None
        The export as it was read for the plan, until it is kept for the kernels.
    as_of : str or None
        The day that the export is known to be of: that of its reports, unless their parameters name another.
    """

    name: str
    folder: Path
    workspace: Workspace
    asked: ReportRun
    jobs: tuple[Job, ...]
    data_hash: str
    workspace_hash: str
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    read: ReadOnce | None = None
    as_of: str | None = None


def make_plan(name: str, *, workspace: str | Path, out: str | Path) -> Plan:
    """Work out what a run has to make; nothing is written.

    Raises
    ------
    UsageError
        If there is no such run, template or parameter, or a template is not Python.
    WorkspaceError
        If `oppnb.yaml` cannot be used, or a variable it names is not set.
    DataError, NothingToReadError
        If the data is not there or is refused.
    ExtraMissingError
        If a PDF is wanted and there is no Chromium, or no Playwright.
    """
    file = Path(workspace)
    settings = read_workspace(file)
    asked = asked_run(name, settings)
    data = _data(asked.data, file=file, run=name)
    uses = [_use(use, file=file, run=name, asked=asked) for use in asked.templates]
    if _wants_pdf(asked, settings):
        check_pdf()
    read = read_once(data, settings)
    opened = read.opened
    data_print = read.data_hash
    folder = Path(out) / name
    slices = _slices(opened, asked, folder=folder)
    common = {"data": data_print, "workspace": workspace_hash(settings), "code": code_hash(), "version": __version__}
    given = {"data": str(data), "workspace": str(file)}
    jobs = _jobs(uses, slices, asked=asked, folder=folder, given=given, common=common, file=file, settings=settings)
    notices = _notices(slices, asked, opened)
    day = None if opened.as_of == NO_DAY else opened.as_of.isoformat()
    return Plan(name, folder, settings, asked, jobs, data_print, common["workspace"], notices, read, day)


def _wants_pdf(asked: ReportRun, settings: Workspace) -> bool:
    """Asked for, or attached to the messages of a channel that gets the reports."""
    named = [*asked.deliver, *(name for names in asked.deliver_each.values() for name in names)]
    known = settings.delivery.channels
    return asked.pdf or any("pdf" in known[name].attachments for name in named if name in known)


def _slices(opened: OpenedData, asked: ReportRun, *, folder: Path) -> Slices:
    if asked.for_each is None:
        return Slices((ALL,))
    reported = [one for one in asked.only or () if any(folder.glob(f"*/{escape(safe_name(one))}/*/report.html"))]
    return find_slices(opened, asked, run=folder.name, reported=reported)


def asked_run(name: str, settings: Workspace) -> ReportRun:
    """What the workspace says of a run.

    Raises
    ------
    UsageError
        If it says nothing of it; names the nearest.
    """
    if name in settings.reports:
        return settings.reports[name]
    words, near = Words(settings.locale), nearest(name, settings.reports)
    if near:
        hint = words("runs.did_you_mean", near=near)
    elif settings.reports:
        hint = words("runs.known_runs", names=", ".join(settings.reports))
    else:
        hint = words("runs.no_reports_section")
    raise UsageError(words("runs.no_such_run", name=name) + words("runs.between") + hint)


def _data(text: str, *, file: Path, run: str) -> Path:
    """The export; what it says is relative to `oppnb.yaml`."""

    def fill(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise WorkspaceError(f"reports.{run}.data: the environment variable {found[1]} is not set.")
        return os.environ[found[1]]

    filled = _VARIABLE.sub(fill, text)
    if "://" in filled:
        raise WorkspaceError(
            f"reports.{run}.data: an address cannot be read here; fetch the export into a folder first."
        )
    path = file.parent / Path(filled).expanduser()
    if not path.exists():
        raise NothingToReadError(
            f"The data of '{run}' is not there: '{text}', as seen from {file.name}.{_data_hint(path, file.parent)} "
            "Fetch the export first, or see whether the disk it lies on is mounted."
        )
    return path


def _data_hint(path: Path, folder: Path) -> str:
    """The nearest name there is, as `oppnb.yaml` would write it."""
    near = nearest_path(path)
    if near is None:
        return ""
    shown = near.relative_to(folder) if near.is_relative_to(folder) else near
    return f" Did you mean '{shown.as_posix()}'?"


def _use(use: TemplateUse, *, file: Path, run: str, asked: ReportRun) -> tuple[TemplateUse, Path]:
    is_path = use.template.endswith(".ipynb") or "/" in use.template or "\\" in use.template
    path = find_template(file.parent / use.template if is_path else use.template, workspace=file)
    schema = read_parameters(path)
    for name in _SET_HERE:
        if name in use.parameters:
            raise ParameterError(f"reports.{run}: the run sets '{name}' of {path.stem} itself; take it out.")
    if asked.for_each is not None and "only" not in schema:
        raise ParameterError(
            f"reports.{run}: {path.stem} has no parameter 'only', so it cannot be made for each {asked.for_each}."
        )
    check_parameters(schema, use.parameters)
    broken = [found for found in check_template(path) if found.said.startswith(_BROKEN)]
    if broken:
        raise UsageError(f"A template cannot be run:\n  {broken[0].text()}")
    return use, path


def _jobs(
    uses: list[tuple[TemplateUse, Path]],
    slices: Slices,
    *,
    asked: ReportRun,
    folder: Path,
    given: Mapping[str, str],
    common: Mapping[str, str],
    file: Path,
    settings: Workspace,
) -> tuple[Job, ...]:
    of_templates = _template_folders(uses)
    of_slices = folder_names([*slices.names, *slices.missing])
    pdf = _wants_pdf(asked, settings)
    made = []
    for (use, path), place in zip(uses, of_templates, strict=True):
        schema = read_parameters(path)
        for name in sorted(of_slices):
            cut = None if asked.for_each is None else name
            parameters: dict[str, Any] = {key: value for key, value in given.items() if key in schema}
            parameters |= use.parameters
            if asked.for_each is not None:
                parameters["only"] = {asked.for_each: name}
            behind = {**common, "template": template_hash(path), "folder": f"{place}/{of_slices[name]}"}
            hashes: dict[str, str | None] = {
                **behind,
                "parameters": hash_of({**use.parameters, "only": parameters.get("only")}),
                "model": model_hash(settings, file=file, parameters=use.parameters),
            }
            hashes |= {"pdf": "wanted"} if pdf else {}
            problem = slices.missing.get(name) or not_a_name_here(of_slices[name])
            target = folder / place / of_slices[name]
            made.append(Job(hash_of(hashes)[:24], str(path), cut, str(target), parameters, hashes, problem, pdf))
    return tuple(made)


def _template_folders(uses: list[tuple[TemplateUse, Path]]) -> list[str]:
    """A template that is used twice, with other parameters, has two folders."""
    found: list[str] = []
    for _, path in uses:
        wanted = folder = safe_name(path.stem)
        number = 1
        while folder.casefold() in {name.casefold() for name in found}:
            number += 1
            folder = f"{wanted}-{number}"
        found.append(folder)
    return found


def _notices(slices: Slices, asked: ReportRun, opened: OpenedData) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    if slices.n_without:
        found.append(("runs.without_slice", {"n": slices.n_without, "column": asked.for_each}))
    if opened.audit.findings:
        found.append(("runs.audited", {"n": len(opened.audit.findings)}))
    return tuple(found)
