"""Two runs side by side: which figures differ, and whether data, configuration, model, template or code can be why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError
from oppnb.runs.catalogue import figures_of, find_records
from oppnb.runs.setting_changes import DAY, SettingChange, changed_keys, changed_parameters

__all__ = ["CAUSES", "FigureChange", "ReportDiff", "causes_of", "changed_figures", "diff_runs"]

CAUSES = {
    "data": ("data",),
    "configuration": ("workspace", "parameters"),
    "model": ("model",),
    "template": ("template",),
    "code": ("code", "version"),
}
"""What may be why, and the hashes that show it."""
_Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FigureChange:
    """A figure that differs.

    Attributes
    ----------
    figure : str
        Its id, with the slice inside the report where it has one, and the period where there is one of each period.
    before, after : float, str or None
        None where one of the reports does not have it, or does not know it.
    is_told_before, is_told_after : bool
        Whether the report has it at all.
    told : mapping
        `id`, `unit`, `slice`, `period` of the figure; a period only where it tells this figure from others.
    """

    figure: str
    before: Any
    after: Any
    is_told_before: bool = field(default=True, repr=False)
    is_told_after: bool = field(default=True, repr=False)
    told: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        kind = {key: self.told.get(key) for key in ("unit", "slice", "period")}
        return {"figure": self.figure, "before": self.before, "after": self.after, **kind}


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
        Of `data`, `day` (a report was asked for as of another), `configuration`, `model`, `template`, `code`, those
        that changed, whether or not a figure did: each can be why; empty if none did.
    only_in : str or None
        The run that alone has this report.
    settings : tuple of SettingChange
        The day of knowledge, parameters and keys of `oppnb.yaml` that differ.
    are_keys_known : bool
        False where `oppnb.yaml` differs and it was not kept in what: a run of an earlier version, or a secret.
    """

    name: str
    changes: tuple[FigureChange, ...]
    causes: tuple[str, ...]
    only_in: str | None = None
    settings: tuple[SettingChange, ...] = ()
    are_keys_known: bool = True

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        lists = {"changes": [change.to_dict() for change in self.changes], "causes": list(self.causes)}
        return {**self.__dict__, **lists, "settings": [dict(one.__dict__) for one in self.settings]}


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
        keys = _keys((run_a, a[place]), (run_b, b[place]))
        settings = (*changed_parameters(a[place], b[place]), *(keys or ()))
        causes = _causes(a[place], b[place], settings)
        found.append(
            ReportDiff(_name(a[place]), tuple(changes), causes, settings=settings, are_keys_known=keys is not None)
        )
    return found


def _keys(*sides: tuple[Mapping[str, Any], Mapping[str, Any]]) -> list[SettingChange] | None:
    """The keys of `oppnb.yaml` that differ; None where they do and it is not known which."""
    prints = [job["hashes"].get("workspace") for _, job in sides]
    if prints[0] == prints[1]:
        return []
    kept = [run.get("settings") for run, _ in sides]
    are_theirs = all(run.get("workspace_hash") == seen for (run, _), seen in zip(sides, prints, strict=True))
    if kept[0] is None or kept[1] is None or not are_theirs:
        return None
    return changed_keys(kept[0], kept[1]) or None


def _causes(a: Mapping[str, Any], b: Mapping[str, Any], settings: Sequence[SettingChange]) -> tuple[str, ...]:
    """An as-of day that was asked for is a cause of its own; one that moved with the data is the data's."""
    found = causes_of(a["hashes"], b["hashes"])
    asked = [(job.get("parameters") or {}).get("as_of") for job in (a, b)]
    if asked[0] == asked[1] or not any(one.kind == DAY for one in settings):
        return found
    is_all = a["hashes"].get("workspace") == b["hashes"].get("workspace") and all(one.kind == DAY for one in settings)
    kept = [cause for cause in found if not (is_all and cause == "configuration")]
    place = 1 if "data" in kept else 0
    return (*kept[:place], DAY, *kept[place:])


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

    A figure that a report tells of several periods, such as months, is held against that of the same period.

    Examples
    --------
    >>> changed_figures([{"id": "won_count", "value": 3}], [{"id": "won_count", "value": 4}])
    [FigureChange(figure='won_count', before=3, after=4)]
    """
    repeated = _repeated(before) | _repeated(after)
    a, b = _named(before, repeated), _named(after, repeated)
    return [_change(name, a, b, repeated) for name in sorted({*a, *b}) if _differ(a, b, name)]


def _change(name: str, a: _Figures, b: _Figures, repeated: set[str]) -> FigureChange:
    one = b.get(name) or a[name]
    told = {key: one.get(key) for key in ("id", "unit", "slice")}
    told["period"] = one.get("period") if _place(one) in repeated else None
    return FigureChange(name, _value(a, name), _value(b, name), name in a, name in b, told)


def _differ(a: _Figures, b: _Figures, name: str) -> bool:
    return (name in a) != (name in b) or _value(a, name) != _value(b, name)


def _value(figures: _Figures, name: str) -> Any:
    return figures[name].get("value") if name in figures else None


def _place(one: Mapping[str, Any]) -> str:
    """A figure's id with its slice."""
    return str(one["id"]) + ("" if one.get("slice") is None else f" [{_slice_text(one['slice'])}]")


def _repeated(figures: Sequence[Mapping[str, Any]]) -> set[str]:
    """Those that a report tells of more than one period."""
    periods: dict[str, set[str]] = {}
    for one in figures:
        periods.setdefault(_place(one), set()).add(str(one.get("period")))
    return {place for place, found in periods.items() if len(found) > 1}


def _named(figures: Sequence[Mapping[str, Any]], repeated: set[str]) -> _Figures:
    found: dict[str, Mapping[str, Any]] = {}
    for one in figures:
        place = _place(one)
        name = f"{place} {one['period']}" if place in repeated and one.get("period") else place
        number = 1
        unique = name
        while unique in found:  # e.g. of several horizons
            number += 1
            unique = f"{name} #{number}"
        found[unique] = one
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
