"""In which settings two runs differ: parameters of a report, keys of `oppnb.yaml`, the day of knowledge."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oppnb.locale import Words
from oppnb.reports.redacting import redact_tree
from oppnb.runs.prints import settings_tree
from oppnb.workspace import Workspace

__all__ = ["DAY", "SettingChange", "changed_keys", "changed_parameters", "flat_settings", "setting_text"]

DAY, PARAMETER, WORKSPACE = "day", "parameter", "workspace"
_SET_BY_THE_RUN = ("data", "workspace")
_NAMED_BY = ("name", "table")
_MOST_LETTERS = 120


@dataclass(frozen=True)
class SettingChange:
    """A setting that differs.

    Attributes
    ----------
    kind : str
        `day`: the day of knowledge; `parameter`: of the template; `workspace`: a key of `oppnb.yaml`.
    name : str
        Of the parameter, or the place of the key, such as `processes.sales.stages.Demo.odds`.
    before, after : any
        None where it is not set.
    """

    kind: str
    name: str
    before: Any
    after: Any


def flat_settings(workspace: Workspace) -> dict[str, Any]:
    """What `oppnb.yaml` says that a report can show, one entry a key: without secrets, the store's place and channels.

    Parts of a list go by their names, and the list itself tells which there are, in their order.

    Examples
    --------
    >>> told = flat_settings(Workspace(currency="EUR", store="postgresql://ann:pw@db/crm"))
    >>> told["currency"], told["store"]
    ('EUR', True)
    """
    return dict(_flat(redact_tree(settings_tree(workspace)), ""))


def _flat(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _flat(value, f"{place}.{key}" if place else str(key))
    elif isinstance(node, list) and any(isinstance(one, dict) for one in node):
        names = _names(node)
        yield place, names
        for name, one in zip(names, node, strict=True):
            yield from _flat(one, f"{place}.{name}")
    elif node is not None:
        yield place, node


def _names(parts: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for number, one in enumerate(parts, start=1):
        keys = one if isinstance(one, dict) else {}
        name = next((str(keys[key]) for key in _NAMED_BY if keys.get(key)), str(number))
        found.append(f"{name} #{number}" if name in found else name)
    return found


def changed_parameters(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SettingChange]:
    """The day of knowledge, if it differs, and each parameter that does, of one report in two runs.

    Parameters
    ----------
    before, after : mapping
        Records of the two jobs.

    Examples
    --------
    >>> changed_parameters({"parameters": {}}, {"parameters": {"by": "x"}})
    [SettingChange(kind='parameter', name='by', before=None, after='x')]
    """
    a, b = (dict(job.get("parameters") or {}) for job in (before, after))
    days = [job.get("as_of") for job in (before, after)]
    found = []
    if days[0] != days[1]:
        found = [SettingChange(DAY, "as_of", *days)]
        a.pop("as_of", None), b.pop("as_of", None)
    names = sorted(name for name in {*a, *b} if name not in _SET_BY_THE_RUN and a.get(name) != b.get(name))
    return found + [
        SettingChange(PARAMETER, name, redact_tree(a.get(name)), redact_tree(b.get(name))) for name in names
    ]


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SettingChange]:
    """The keys of `oppnb.yaml` that differ between two flat maps of settings, sorted.

    Examples
    --------
    >>> changed_keys({"currency": "EUR"}, {"currency": "USD"})
    [SettingChange(kind='workspace', name='currency', before='EUR', after='USD')]
    """
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [SettingChange(WORKSPACE, name, before.get(name), after.get(name)) for name in names]


def setting_text(change: SettingChange, words: Words) -> str:
    """A setting that differs, as a reader writes it.

    Examples
    --------
    >>> setting_text(SettingChange("parameter", "by", None, "region"), Words("en"))
    'parameter by: not set -> region'
    """
    before, after = (_value(value, words) for value in (change.before, change.after))
    return words(f"runs.setting_{change.kind}", name=change.name, before=before, after=after)


def _value(value: Any, words: Words) -> str:
    if value is None:
        return words("runs.setting_unset")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS].rstrip()}…"
