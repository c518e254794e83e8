"""Ready notebooks for the launcher: a few cells with the reader's data in them, in the reader's language."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, nearest
from oppnb.lab.facts import Facts
from oppnb.lab.mistakes import SaidError
from oppnb.lab.places import Root
from oppnb.locale import Words
from oppnb.reports import format_template
from oppnb.workspace import read_workspace

__all__ = ["KINDS", "make_starter"]

_HEAD = """data: str = {data!r}  # {data_help}
workspace: str | None = {workspace!r}  # {workspace_help}
locale: str = {locale!r}"""
_STORE = "store: str | None = {store!r}  # {store_help}"
_ASK = "if not data:\n    raise ValueError({said!r})"
_MAP = """from oppnb.widgets import MappingEditor

editor = MappingEditor(data, workspace=workspace, locale=locale)
editor"""
_READ = """from oppnb.sources import read_tables

read_tables(data, workspace=workspace).tables["opportunities"].head()"""
_STAGES = """from oppnb.widgets import StageConfigurator

configurator = StageConfigurator(data, workspace=workspace, locale=locale)
configurator"""
_SCORE = """from oppnb.widgets import cell_progress

with cell_progress(locale) as progress:
    from oppnb.scoring import score_pipeline

    scores = score_pipeline(data, workspace=workspace, locale=locale, progress=progress)"""
_SCORES = """from oppnb.widgets import ScoreExplorer

ScoreExplorer(scores, locale=locale)"""
_FORECAST = """from oppnb.widgets import cell_progress

with cell_progress(locale) as progress:
    from oppnb.opening import forecast_pipeline

    opened, forecast = forecast_pipeline(data, workspace=workspace, progress=progress)"""
_FORECASTS = """from oppnb.widgets import ForecastExplorer

ForecastExplorer((opened, forecast), save_to=workspace, store=store, locale=locale)"""
_REVIEW = """from oppnb.review import open_review
from oppnb.widgets import FunnelExplorer, PipelineBridge, Selection

review = open_review(data, workspace=workspace, locale=locale)
print(*review.summary(), sep="\\n")"""
_BRIDGE = """chosen = Selection()
PipelineBridge(review, selection=chosen)"""
_FUNNEL = "FunnelExplorer(review, selection=chosen)"
_DATA = (".csv", ".xlsx", ".parquet", ".zip")
_MEMORY = "memory"
_NOT_EXPORTS = ("reports", "notebooks", "templates", "schedules", _MEMORY)
KINDS: dict[str, Sequence[str]] = {
    "data": (_MAP, _READ),
    "stages": (_STAGES,),
    "scoring": (_SCORE, _SCORES),
    "forecast": (_FORECAST, _FORECASTS),
    "review": (_REVIEW, _BRIDGE, _FUNNEL),
}
"""Code cells of each kind, after the cell that names the data; a test runs them."""


def make_starter(
    root: Root,
    *,
    kind: str,
    folder: str = "",
    data: str = "",
    workspace: str = "",
    locale: str = "en",
    facts: Facts | None = None,
) -> dict[str, Any]:
    """Write a notebook (or, for `workspace`, an `oppnb.yaml` with comments) that nobody has yet.

    Parameters
    ----------
    root : Root
        What JupyterLab shows.
    kind : str
        `workspace`, or one of `KINDS`.
    folder : str
        Where to write; by default the root.
    data, workspace : str
        Below the root. By default the only export in the folder, else what the reports of `oppnb.yaml` are made of,
        else the only export beside it; and the nearest `oppnb.yaml` in or above the folder. Where there is no export
        the first cell asks for it.
    locale : str
        `en` or `zh_CN`.
    facts : Facts, optional
        A file that cannot be opened alone, such as a list of owners, is then not taken for the export, unless its
        columns are to be mapped; without it any is.

    Returns
    -------
    dict
        `path` of what was made, below the root; `is_ready`, whether it is a notebook that can be run as it is.

    Raises
    ------
    SaidError
        If there is no such kind (names the nearest), or the folder cannot be written.
    """
    words = Words(locale)
    if kind != "workspace" and kind not in KINDS:
        near = nearest(kind, [*KINDS, "workspace"]) or ", ".join(KINDS)
        raise SaidError("no_starter", kind=kind[:40], near=near)
    place = root.path(folder) if folder else root.folder
    try:
        workspace = workspace or _workspace_for(place, root)
        if kind != "data" and facts is not None and not _is_export(data, workspace, root, facts):
            data = ""
        data = data or next(filter(None, _exports(place, workspace, root)), "")
        given = {"data": _seen_from(place, root, data), "file": _seen_from(place, root, workspace)}
        given["store"] = _store_beside(root.workspace(workspace) if workspace else None, given["file"])
        made = _workspace(place, words) if kind == "workspace" else _notebook(place, kind, words, **given)
    except OSError as error:
        raise SaidError("not_written", folder=folder or "/", why=error.strerror or error) from error
    return {"path": root.name(made), "is_ready": bool(given["data"]) and kind != "workspace"}


def _is_export(data: str, workspace: str, root: Root, facts: Facts) -> bool:
    """Whether a file that is selected tells of opportunities; folders and archives are taken at their word."""
    if not data.lower().endswith((".csv", ".xlsx", ".parquet")):
        return True
    return facts.of(root.data(data), root.workspace(workspace) if workspace else None) is not None


def _exports(place: Path, workspace: str, root: Root) -> Iterator[str]:
    """What can be the export, the likeliest first; empty texts are none."""
    yield _export_in(place, root)
    if workspace:
        file = root.workspace(workspace)
        if place != file.parent and place.is_relative_to(file.parent) and _holds_data(place):
            yield root.name(place)
        yield _export_of_reports(file, root)
        yield _export_in(file.parent, root)


def _export_of_reports(file: Path, root: Root) -> str:
    """The one export that all runs of `oppnb.yaml` are made of, if it is there."""
    try:
        told = {run.data for run in read_workspace(file).reports.values()}
        if len(told) != 1 or not (found := file.parent / told.pop()).exists():
            return ""
        root.data(root.name(found))  # nothing hidden, no link that leads out
        return root.name(found)
    except OppnbError:
        return ""


def _holds_data(folder: Path) -> bool:
    return any(one.suffix.lower() in _DATA for one in folder.iterdir())


def _export_in(place: Path, root: Root) -> str:
    """The only file or folder in `place` that can be an export; empty if there are several or none."""
    shown = [
        path for path in sorted(place.iterdir()) if not path.name.startswith(".") and path.name not in _NOT_EXPORTS
    ]
    files = [path for path in shown if path.suffix.lower() in _DATA]
    folders = [path for path in shown if path.is_dir() and _holds_data(path)]
    found = files if len(files) == 1 else folders if not files and len(folders) == 1 else []
    return root.name(found[0]) if found else ""


def _workspace_for(place: Path, root: Root) -> str:
    for folder in (place, *place.parents):
        if (folder / "oppnb.yaml").is_file():
            return root.name(folder / "oppnb.yaml")
        if folder == root.folder:
            break
    return ""


def _seen_from(place: Path, root: Root, text: str) -> str:
    """A path as a notebook in `place` names it."""
    if not text:
        return ""
    target = root.path(text)
    steps = 0
    base = place
    while not target.is_relative_to(base):
        base, steps = base.parent, steps + 1
    return "/".join([".."] * steps + [target.relative_to(base).as_posix()])


def _store_beside(workspace: Path | None, seen: str) -> str:
    """Where a notebook keeps numbers of people: beside `oppnb.yaml` or itself; empty if `oppnb.yaml` says where."""
    try:
        is_named = workspace is not None and read_workspace(workspace).store is not None
    except OppnbError:
        is_named = False  # what is wrong with it is told when it is opened
    return "" if is_named else f"{seen.removesuffix('oppnb.yaml')}{_MEMORY}"


def _workspace(place: Path, words: Words) -> Path:
    folder = _free(place / words("lab.workspace_folder"), "")
    folder.mkdir()
    (folder / "data").mkdir()
    file = folder / "oppnb.yaml"
    file.write_text(words("lab.workspace_file", locale=words.locale), encoding="utf-8")
    return file


def _notebook(place: Path, kind: str, words: Words, *, data: str, file: str, store: str) -> Path:
    path = _free(place / words(f"lab.start_{kind}"), ".ipynb")
    head = _HEAD.format(
        data=data,
        workspace=file or None,
        locale=words.locale,
        data_help=words("lab.data_help" if data else "lab.data_wanted"),
        workspace_help=words("lab.workspace_help"),
    )
    if kind == "forecast":
        head += f"\n{_STORE.format(store=store or None, store_help=words('lab.store_help'))}"
    head += "" if data else f"\n{_ASK.format(said=words('lab.data_wanted'))}"
    said = f"# {words(f'lab.start_{kind}')}\n\n{words(f'lab.starter_{kind}')}"
    cells = [_cell("markdown", "head", said), _cell("code", "parameters", head)]
    cells += [_cell("code", f"step-{number}", source) for number, source in enumerate(KINDS[kind], start=1)]
    path.write_text(format_template(json.dumps({"cells": cells})), encoding="utf-8")
    return path


def _free(path: Path, suffix: str) -> Path:
    """The path with the first number that nobody has."""
    number = 1
    found = path.with_name(f"{path.name}{suffix}")
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name} {number}{suffix}")
    return found


def _cell(kind: str, name: str, source: str) -> dict[str, Any]:
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source}
