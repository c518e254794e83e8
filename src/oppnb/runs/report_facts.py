"""What a report that is there says of itself: whom it is of, as its own page is titled."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["is_of_more_than_its_slice", "page_title", "parameters_apart", "words_of"]

_HEAD = 8192
"""Bytes at the beginning of a page, in which its title stands."""
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_DAY = re.compile(r" · \d{4}-\d{2}-\d{2}$")
_PLACES = ("data", "workspace", "only")


def page_title(report: Path) -> str:
    """The title of a report's page without its day; empty where there is none.

    Parameters
    ----------
    report : Path
        The report's folder.

    Examples
    --------
    >>> page_title(Path("no/such/folder"))
    ''
    """
    try:
        with (report / "report.html").open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", errors="ignore")
    except OSError:
        return ""
    found = _TITLE.search(head)
    return "" if found is None else _DAY.sub("", " ".join(html.unescape(found[1]).split()))


def is_of_more_than_its_slice(report: Path, job: Mapping[str, Any]) -> bool:
    """Whether a report is of one of something that its run does not cut by, as a talk with a seller is."""
    try:
        told = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    only = told.get("only") if isinstance(told, dict) else None
    cut = (job.get("parameters") or {}).get("only") or {}
    return isinstance(only, dict) and any(column not in cut for column in only)


def words_of(job: Mapping[str, Any]) -> str:
    """The texts that a report was asked for with, such as the name of a seller or a period.

    Examples
    --------
    >>> words_of({"parameters": {"data": "data/export", "seller": "Ann", "only": {"region": "North"}}})
    'Ann'
    """
    asked = job.get("parameters") or {}
    return " ".join(text for name, text in sorted(asked.items()) if name not in _PLACES and isinstance(text, str))


def parameters_apart(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By which parameters reports of one template are told apart: of each, those that it sets and not all have alike.

    Examples
    --------
    >>> parameters_apart([{"parameters": {"data": "a"}}, {"parameters": {"data": "a", "locale": "zh_CN"}}])
    [{}, {'locale': 'zh_CN'}]
    """
    asked = [{key: value for key, value in (job.get("parameters") or {}).items() if key not in _PLACES} for job in jobs]
    names = sorted({name for one in asked for name in one if any(one[name] != other.get(name) for other in asked)})
    return [{name: one[name] for name in names if one.get(name) is not None} for one in asked]
