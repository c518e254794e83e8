"""Jobs as the panel shows them: state, what they are about, figures with their trend."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError
from oppnb.lab.jobs import Job
from oppnb.lab.places import Root
from oppnb.lab.reasons import reason_for_reader
from oppnb.locale import Formats, Words
from oppnb.runs.figure_words import figure_label, figure_text

__all__ = ["earlier", "job_view", "trends", "with_past"]

_MOST = 26
_SHOWN = ("template", "title", "workspace", "created_at", "locale", "values", "by_scheduler")
_ABOUT = ("period", "seller", "only", "by", "data")
"""What of a form tells entries of the same template apart, beside the day."""


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
        What a job was asked for, its state, files and figures. `as_of` is the day asked for until the report says its
        own; `about` are the period, seller, slice, columns and data asked for, as text. `is_replaced` says whether a
        later report of the same day took the place of this one, whose files are then not named.
    """
    asked, state = job.asked, job.state
    told = {
        name: state.get(name) for name in ("state", "step", "done", "total", "said", "exit_code", "as_of", "alerts")
    }
    times = {name: state.get(name) for name in ("started_at", "ended_at")}
    shown = {name: asked.get(name) for name in _SHOWN}
    shown["title"] = (asked.get("titles") or {}).get(locale) or shown["title"]
    told["as_of"] = told["as_of"] or (asked.get("values") or {}).get("as_of")
    is_replaced = _is_replaced(place, state)
    files = {} if is_replaced else _files(state, root)
    if told["said"]:
        told["said"] = reason_for_reader(str(told["said"]), root, Words(locale))
    return {
        "id": job.id,
        **shown,
        **told,
        **times,
        "about": _about(asked.get("values") or {}),
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


def _about(values: dict[str, Any]) -> list[str]:
    """Period, seller, slice, columns and data, as far as they were asked for."""
    asked = [values[name] for name in _ABOUT if values.get(name)]
    return [
        ", ".join(f"{column}={value}" for column, value in one.items()) if isinstance(one, dict) else str(one)
        for one in asked
    ]


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
