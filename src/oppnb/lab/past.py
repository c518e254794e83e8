"""Jobs as the panel shows them: state, figures with their trend, and two of them compared."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError
from oppnb.lab.jobs import Job
from oppnb.lab.mistakes import SaidError
from oppnb.lab.places import Root
from oppnb.locale import Formats, Words
from oppnb.runs.comparing import FigureChange, changed_figures
from oppnb.runs.figure_words import figure_label, figure_text

__all__ = ["compared", "earlier", "job_view", "trends", "with_past"]

_MOST = 26
_SHOWN = ("template", "title", "workspace", "created_at", "locale", "values", "by_scheduler")
_MOST_CHANGES = 200


def job_view(job: Job, root: Root, *, place: Path, locale: str = "en") -> dict[str, Any]:
    """One job as the browser gets it: no path of this machine, no secret.

    Parameters
    ----------
    place : Path
        The job's own folder.
    locale : str
        Of the reader, who may not be the one who asked for it.

    Returns
    -------
    dict
        What a job was asked for, its state, files and figures. `is_replaced` says whether a later report of the same
        day took the place of this one, whose files are then not named.
    """
    asked, state = job.asked, job.state
    told = {
        name: state.get(name) for name in ("state", "step", "done", "total", "said", "exit_code", "as_of", "alerts")
    }
    times = {name: state.get(name) for name in ("started_at", "ended_at")}
    shown = {name: asked.get(name) for name in _SHOWN}
    shown["title"] = (asked.get("titles") or {}).get(locale) or shown["title"]
    is_replaced = _is_replaced(place, state)
    files = {} if is_replaced else _files(state, root)
    if told["said"]:  # paths as the browser knows them
        told["said"] = str(told["said"]).replace(f"{root.folder}{os.sep}", "")
    return {
        "id": job.id,
        **shown,
        **told,
        **times,
        "figures": _written(job, locale),
        "is_replaced": is_replaced,
        **files,
    }


def with_past(
    jobs: Sequence[Job], root: Root, *, place_of: Callable[[str], Path], locale: str = "en"
) -> list[dict[str, Any]]:
    """Jobs with `trends` of their figures, and in `earlier` the id of the report to compare with."""
    kinds = {job.id: _kind(job) for job in jobs}
    done: dict[tuple[str, str, str], list[Job]] = {}
    for job in jobs:
        if job.state.get("state") == "done":
            done.setdefault(kinds[job.id], []).append(job)
    found = []
    for job in jobs:
        alike = done.get(kinds[job.id], [])
        past = {"trends": trends(alike, job), "earlier": earlier(alike, job)}
        found.append({**job_view(job, root, place=place_of(job.id), locale=locale), **past})
    return found


def _is_replaced(place: Path, state: dict[str, Any]) -> bool:
    kept, there = place / "manifest.json", Path(str(state.get("folder"))) / "manifest.json"
    return kept.is_file() and not (there.is_file() and there.read_bytes() == kept.read_bytes())


def _files(state: dict[str, Any], root: Root) -> dict[str, str]:
    """The report's files, as far as they still are there and below the root."""
    if not state.get("folder"):
        return {}
    found = {}
    for name in ("report.html", "report.ipynb", "report.xlsx"):
        path = Path(state["folder"]) / name
        try:
            if path.is_file():
                found[name.replace(".", "_")] = root.name(path)
        except OppnbError:
            continue
    return found


def _written(job: Job, locale: str) -> list[dict[str, Any]]:
    """The main figures, with their value as a reader writes it."""
    formats, words = Formats(locale), Words(locale)
    return [
        {**one, "label": figure_label(str(one["id"]), words), "text": figure_text(one, formats)}
        for one in job.state.get("figures") or []
    ]


def trends(alike: Sequence[Job], job: Job) -> dict[str, list[dict[str, Any]]]:
    """How figures moved up to a job's own day, the earliest first; of several reports of one day the last counts.

    Parameters
    ----------
    alike : sequence of Job
        Done ones of the same template, workspace and values.
    """
    by_day: dict[str, Job] = {}
    for one in sorted(alike, key=lambda one: one.id):
        if _day(one) < _day(job) or (_day(one) == _day(job) and one.id <= job.id):
            by_day[_day(one)] = one
    found: dict[str, list[dict[str, Any]]] = {}
    for day, one in sorted(by_day.items())[-_MOST:]:
        for figure in one.state.get("figures") or []:
            if isinstance(figure.get("value"), (int, float)):
                found.setdefault(str(figure["id"]), []).append({"day": day, "value": figure["value"]})
    return found


def earlier(alike: Sequence[Job], job: Job) -> str | None:
    """Id of the report to compare a done one with: that before it for the same day, else that of the day before."""
    if job.state.get("state") != "done":
        return None
    same = [one for one in alike if _day(one) == _day(job) and one.id < job.id]
    before = [one for one in alike if _day(one) < _day(job)]
    found = max(same or before, key=lambda one: (_day(one), one.id), default=None)
    return None if found is None else found.id


def _day(job: Job) -> str:
    return str(job.state.get("as_of"))


def _kind(job: Job) -> tuple[str, str, str]:
    """What makes two jobs the same report: all but the day and the data it was made of."""
    values = {key: value for key, value in (job.asked.get("values") or {}).items() if key not in ("as_of", "data")}
    return str(job.asked["template"]), str(job.asked.get("workspace")), json.dumps(values, sort_keys=True)


def compared(first: Path, second: Path, *, words: Words) -> dict[str, Any]:
    """Each figure that differs between two reports, and what else does: day, data, configuration, model or code.

    Parameters
    ----------
    first, second : Path
        Folders of their jobs, which keep figures and manifest. Of reports by different templates only the figures that
        both have are told.
    words : Words
        Of the reader.

    Returns
    -------
    dict
        `n` figures that differ; `changes`, the first ones: `figure`, `label`, `before`, `after`, `before_text`,
        `after_text`; `causes`.

    Raises
    ------
    SaidError
        If one of them has no figures any more.
    """
    figures = [_read(one, "figures.json") for one in (first, second)]
    before, after = _read(first, "manifest.json"), _read(second, "manifest.json")
    changes = changed_figures(*figures)
    if before.get("template") != after.get("template"):
        changes = [one for one in changes if one.before is not None and one.after is not None]
    causes = [name for name, keys in _CAUSES.items() if any(_told(before, key) != _told(after, key) for key in keys)]
    units = {str(one["id"]): one.get("unit") for told in figures for one in told}
    formats = Formats(words.locale)
    return {
        "n": len(changes),
        "changes": [_change(one, units, words, formats) for one in changes[:_MOST_CHANGES]],
        "causes": causes,
    }


def _change(one: FigureChange, units: Mapping[str, Any], words: Words, formats: Formats) -> dict[str, Any]:
    """A figure's id may carry a slice or a number behind it: `won_amount [region=North] #2`."""
    figure_id = _ID.match(one.figure)[0]  # type: ignore[index]
    rest = one.figure.removeprefix(figure_id)
    return {
        "figure": one.figure,
        "label": figure_label(figure_id, words) + rest,
        "before": one.before,
        "after": one.after,
        "before_text": _text(one.before, units.get(figure_id), formats),
        "after_text": _text(one.after, units.get(figure_id), formats),
    }


def _text(value: Any, unit: Any, formats: Formats) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    return figure_text({"value": value, "unit": unit}, formats)


_ID = re.compile(r"\S*")


def _told(manifest: Mapping[str, Any], key: str) -> Any:
    """What a manifest says; the day of knowledge is a cause of its own, no setting."""
    found = manifest.get(key)
    return {name: value for name, value in found.items() if name != "as_of"} if key == "parameters" and found else found


_CAUSES = {
    "day": ("as_of",),
    "data": ("data_hash",),
    "configuration": ("workspace_hash", "parameters"),
    "model": ("model_id",),
    "code": ("template_hash", "versions"),
}


def _read(job: Path, name: str) -> Any:
    try:
        return json.loads((job / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SaidError("no_figures") from error
