"""Two runs side by side: which figures differ, and whether data, configuration, model or code can be why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError
from oppnb.runs.catalogue import figures_of, find_records

__all__ = ["CAUSES", "FigureChange", "ReportDiff", "causes_of", "changed_figures", "diff_runs"]

CAUSES = {
    "data": ("data",),
    "configuration": ("workspace", "parameters"),
    "model": ("model",),
    "code": ("code", "version", "template"),
}
"""What may be why, and the hashes that show it."""


@dataclass(frozen=True)
class FigureChange:
    """A figure that differs.

    Attributes
    ----------
    figure : str
        Its id, with the slice inside the report where it has one.
    before, after : float, str or None
        None where one of the reports does not have it, or does not know it.
    """

    figure: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ReportDiff:
    """One report in two runs.

    Attributes
    ----------
    name : str
        Template and slice.
    changes : tuple of FigureChange
        Sorted by figure.
    causes : tuple of str
        Of `data`, `configuration`, `model`, `code`, those that changed: each can be why; empty if none did.
    only_in : str or None
        The run that alone has this report.
    """

    name: str
    changes: tuple[FigureChange, ...]
    causes: tuple[str, ...]
    only_in: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.__dict__, "changes": [change.__dict__ for change in self.changes], "causes": list(self.causes)}


def diff_runs(first: str, second: str, *, out: str | Path = "reports") -> list[ReportDiff]:
    """Explain each figure that differs between two runs.

    Parameters
    ----------
    first, second : str
        Id or number of a run, `NAME/NUMBER`, or the beginning of a job's key.
    out : path
        The folder for reports.

    Returns
    -------
    list of ReportDiff
        One a template and slice, sorted.

    Raises
    ------
    UsageError
        If there is no such run, or its figures were removed.
    """
    folder_a, run_a, jobs_a = find_records(out, first)
    folder_b, run_b, jobs_b = find_records(out, second)
    a, b = _by_place(jobs_a), _by_place(jobs_b)
    found = []
    for place in sorted({*a, *b}):
        if place not in a or place not in b:
            lone, run = (a[place], run_a) if place in a else (b[place], run_b)
            found.append(ReportDiff(_name(lone), (), (), only_in=str(run["id"])))
            continue
        changes = changed_figures(_figures(folder_a, a[place], run_a), _figures(folder_b, b[place], run_b))
        found.append(ReportDiff(_name(a[place]), tuple(changes), causes_of(a[place]["hashes"], b[place]["hashes"])))
    return found


def causes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What changed between two jobs.

    Examples
    --------
    >>> causes_of({"data": "a", "code": "c"}, {"data": "b", "code": "c"})
    ('data',)
    """
    return tuple(cause for cause, hashes in CAUSES.items() if any(before.get(one) != after.get(one) for one in hashes))


def changed_figures(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[FigureChange]:
    """The figures whose value differs, sorted; those of one report alone too.

    Examples
    --------
    >>> changed_figures([{"id": "won_count", "value": 3}], [{"id": "won_count", "value": 4}])
    [FigureChange(figure='won_count', before=3, after=4)]
    """
    a, b = _named(before), _named(after)
    return [FigureChange(name, a.get(name), b.get(name)) for name in sorted({*a, *b}) if _differ(a, b, name)]


def _differ(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> bool:
    return (name in a) != (name in b) or a.get(name) != b.get(name)


def _named(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in figures:
        name = str(one["id"])
        if one.get("slice") is not None:
            name += f" [{_slice_text(one['slice'])}]"
        number = 1
        unique = name
        while unique in found:  # e.g. of several horizons
            number += 1
            unique = f"{name} #{number}"
        found[unique] = one.get("value")
    return found


def _slice_text(told: Any) -> str:
    if isinstance(told, Mapping):
        return ", ".join(f"{key}={value}" for key, value in sorted(told.items()))
    return str(told)


def _by_place(jobs: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(job["hashes"]["folder"]): job for job in jobs if job["result"] != "failed"}


def _figures(folder: Path, job: dict[str, Any], run: Mapping[str, Any]) -> list[dict[str, Any]]:
    packed = figures_of(folder, job)
    if packed is None:
        raise UsageError(f"The figures of '{_name(job)}' in run {run['id']} are no longer there.")
    return list(json.loads(packed))


def _name(job: Mapping[str, Any]) -> str:
    return str(job["template"]) if job.get("slice") is None else f"{job['template']} · {job['slice']}"
